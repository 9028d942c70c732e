"""SQLite's SQL that SQL Server can say with the same result: PostgreSQL's cases over the same table, what of them
is refused with the reason, and what is SQL Server's own."""

from __future__ import annotations

from migrator.model.types import INT32, INT64, JSON, JSON_TEXT, TEXT, LogicalType, binary, decimal, text
from migrator.targets import Relation, Scope
from tests.targets.postgresql import expression_cases as common
from tests.targets.postgresql.expression_cases import ROWS, separated

__all__ = ["COLUMNS", "CONDITIONS", "GENERATED", "QUERIES", "REFUSED", "ROWS", "SCOPE", "VALUES", "whole"]

COLUMNS: dict[str, tuple[str, LogicalType]] = {
    name: (declared, JSON_TEXT if type == JSON else type) for name, (declared, type) in common.COLUMNS.items()
}
"""Column → its declaration in SQLite and its type in SQL Server, which keeps JSON as text."""

SCOPE = Scope(
    {name: (name, type) for name, (_, type) in COLUMNS.items()}
    | {
        "i": ("i", INT32),
        "big": ("big", decimal(38, 10)),
        "long": ("long", text(4000)),
        "vb": ("vb", binary(8)),
    },
    exact=frozenset({"c"}),
)
RELATIONS = {
    "t": Relation("dbo", "t", SCOPE),
    "v": Relation("app", "view", Scope({"x": ("x", None), "n": ("n", INT64)})),
}


def whole(sql: str) -> str:
    """SQL in which `B2` and `SC` stand for the collations that go by code points and by characters."""
    return sql.replace("COLLATE B2", "COLLATE Latin1_General_100_BIN2").replace(
        "COLLATE SC", "COLLATE Latin1_General_100_CI_AS_SC"
    )


REFUSED = {
    "lower(hex(s))": "has no UTF-8",
    "cast(c as real)": "the number a text begins with",
    "cast(s as blob)": "has no UTF-8",
    "json_extract(doc, '$.n') > 0": "apart",
    "json_extract(doc, '$.a')": "apart",
    next(sql for sql in common.QUERIES.splitlines() if "nth_value" in sql): "nthvalue",
    next(
        line for line in common.QUERIES.replace("\\\n", "").splitlines() if "GROUP BY json_extract" in line
    ): "no query in GROUP BY",
}
"""What has no equal in SQL Server, and a word of why."""

VALUES = [
    *separated(common.VALUES),
    *separated("""
b IS FALSE | NOT b IS TRUE | (n > m) = b | n IS 5 | c IS 'open' | c IS NOT NULL AND NOT c IS 'open'
c = 'open ' | c || ' ' = 'open ' | c || ' ' = c | c || ' ' <> c | c IN ('open', '') | s = '' | blob <> x''
blob = x'61626300' | c = s | c <> s | c IS s
n<<0 | n >> 3 | -n & 6 | n * -1 | - (n + m) | n - (-m)
d * d | d - n | d * 1.25 | d / d | n / (d * 2) | d > f | d = 10.250
trim(c, 'opn') | ltrim(c, 'x_') | rtrim(s, ' 5e') | replace(s, '', 'x') | replace(s, 'ß', 'ss')
instr(s, '') | instr(s, c) | instr('a😀b😀', 'b') | length('a😀b') | length('a  ') | length('')
substr('a😀b', 2, 1) | substr('a😀b', 3) | unicode('😀') | upper('äb') | substr(c || '  ', 2) || '.'
c LIKE '%[%' | c LIKE '%^%' | s GLOB '*[^a-zA-Z]' | s GLOB '*[^-a]*' | c GLOB '*[_%]*' | n LIKE '%0%'
max(c, s) | min(n, m) | sqrt(abs(n)) | sign(f) | coalesce(NULL, NULL) | coalesce(NULL, 'a') | nullif(NULL, 1)
nullif(c, 'open') | nullif(d, 100) | nullif(f, 1.5) | CASE WHEN n > 3 THEN NULL END
cast('-7x' as integer) | cast(c || 'x' as integer) | cast('  12 ' || c as integer) | cast(d as text)
strftime('100%%', ts) | strftime('%Y%m%d%H%M%S', ts)
time(ts, '+1.5 hours') | datetime(ts, '+0.25 days') | date(ts, 'start of year') | datetime(ts, '-13 months')
date(day, '+2 years') | datetime(tz) | tz > '2020-01-01' | unixepoch(ts) | date(n, 'unixepoch')
json_extract(doc, '$.l[1]') = 2 | json_extract(doc, '$.n') = n
json_extract(doc, '$.a') = c | json_array_length(doc) | json_extract(doc, '$.n') IN (0, 5)
json_extract(doc, '$.t') + 1
json_extract(doc, '$.a') = '' | json_extract(doc, '$.a') IS NOT 'x'
c IN (SELECT s FROM t) | c || ' ' IN (SELECT c FROM t) | (SELECT n FROM t ORDER BY n DESC) | typeof(blob)
u > '6ba7b811-9dad-11d1-80b4-00c04fd430c8'
u BETWEEN '6ba7b810-9dad-11d1-80b4-00c04fd430c8' AND '6ba7b812-9dad-11d1-80b4-00c04fd430c8'
'back\\' || char(10) || 'slash' | 'a' || char(10) || 'b'
"""),
]
QUERIES = [
    *common.QUERIES.strip().replace("\\\n", "").splitlines(),
    *"""
SELECT min(u), max(u) FROM t
SELECT u FROM t ORDER BY u DESC
SELECT DISTINCT u FROM t ORDER BY u
SELECT DISTINCT c FROM t ORDER BY c NULLS LAST
SELECT count(DISTINCT c), count(DISTINCT n) FROM t
SELECT c, count(*) FROM t GROUP BY c HAVING c <> 'open' ORDER BY c
SELECT lower(c) AS l, count(*) AS k, group_concat(id) FROM t GROUP BY lower(c) ORDER BY 2, 1
SELECT n > 1 AS big, count(*) FROM t GROUP BY n > 1 ORDER BY 1
SELECT id, rank() OVER w, sum(n) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t WINDOW w AS \
(PARTITION BY b ORDER BY id) ORDER BY id
SELECT id, first_value(c) OVER w, last_value(n) OVER w, ntile(2) OVER w FROM t WINDOW w AS (ORDER BY id) \
ORDER BY id
SELECT id FROM t ORDER BY id LIMIT 0
SELECT id FROM t ORDER BY id, id DESC, n
SELECT n FROM t WHERE id < 3 UNION ALL SELECT m FROM t WHERE id < 3 ORDER BY 1 LIMIT 2 OFFSET 1
SELECT sum(d) / count(*), sum(d) * 2, avg(n), sum(n) / count(n) FROM t
SELECT sum(n) FILTER (WHERE b), avg(f) FILTER (WHERE n > 0), total(d) FROM t
SELECT id, count(*) FILTER (WHERE n > 0) OVER (ORDER BY id) FROM t ORDER BY id
SELECT a.id, b.id FROM t a JOIN t b ON a.c = b.c ORDER BY 1, 2
""".strip()
    .replace("\\\n", "")
    .splitlines(),
]

CONDITIONS = [
    *separated(common.CONDITIONS),
    *separated("""
json_extract(doc, '$.a') = 'x' OR doc IS NULL | json_extract(doc, '$.a') <> 'x' OR doc IS NULL
json_extract(doc, '$.q') IS NULL | c IS NOT s OR c IS NULL | b IS NOT FALSE | trim(c, 'o') <> ''
"""),
]

GENERATED: list[tuple[str, LogicalType]] = [
    *common.GENERATED,
    ("c || '-' || n", text(41)),
    ("substr(c, 2)", text(20)),
    ("lower(c)", text(20)),
    ("coalesce(c, '')", text(20)),
    ("trim(c, 'o')", text(20)),
    ("d * 1.5", decimal(12, 3)),
    ("n >> 2", INT64),
    ("length(s)", INT64),
    ("instr(c, 'p')", INT64),
    ("replace(c, 'o', '00')", TEXT),
    ("printf('%s/%03d', c, m)", TEXT),
]
