"""SQLite's SQL that PostgreSQL can say with the same result, over one table `t` that both databases hold."""

from __future__ import annotations

from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT64,
    JSON,
    JSON_TEXT,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    LogicalType,
    decimal,
    text,
)

COLUMNS: dict[str, tuple[str, LogicalType]] = {
    "id": ("INTEGER PRIMARY KEY", INT64),
    "n": ("INTEGER", INT64),
    "m": ("INTEGER", INT64),
    "f": ("REAL", FLOAT64),
    "d": ("DECIMAL(10,2)", decimal(10, 2)),
    "s": ("TEXT", TEXT),
    "c": ("VARCHAR(20)", text(20)),
    "b": ("BOOLEAN", BOOL),
    "blob": ("BLOB", BINARY),
    "day": ("DATE", DATE),
    "ts": ("DATETIME", TIMESTAMP),
    "tz": ("DATETIME", TIMESTAMPTZ),
    "tm": ("TIME", TIME),
    "doc": ("JSON", JSON),
    "jt": ("TEXT", JSON_TEXT),
    "u": ("CHAR(36)", UUID),
    "sd": ("TEXT", TEXT),
}
"""Column → its declaration in SQLite and its type in the target. `sd` holds times as text."""

_UUID = "6ba7b81{}-9dad-11d1-80b4-00c04fd430c8"

ROWS: list[tuple[object, ...]] = [
    (1, 5, 2, 1.5, 10.25, "Abc@x.de", "open", 1, b"\x00\xff", "2024-01-31", "2024-01-31 10:20:30",
     "2024-01-31 10:20:30+00:00", "10:20:30", '{"a":"x","n":5,"l":[1,2],"t":true,"z":null,"o":{"k":"v"}}',
     '{"a": 1}', _UUID.format(0), "2024-02-29 23:59:59"),
    (2, -7, 3, -2.5, -0.75, "straße ÄÖ", "OPEN", 0, b"y", "2023-12-31", "2023-12-31 23:59:59",
     "2023-12-31 23:59:59+00:00", "23:59:59", '{"a":"y","n":7.5,"t":false}', "{}", _UUID.format(1), "2024-01-01"),
    (3, *(None,) * 16),
    (4, 0, -2, 2.675, 100, "", "x_y%z", 1, b"abc", "2020-02-29", "2020-02-29 00:00:01",
     "2020-02-29 00:00:01+00:00", "00:00:00", '{"a":"5","n":0,"l":[]}', "[]", _UUID.format(2), "nonsense"),
    (5, 1000000, 7, 1e10, 12345.67, "it's 5\n", "closed", 0, b"x", "1999-07-04", "1999-07-04 12:00:00",
     "1999-07-04 12:00:00+00:00", "12:00:00", '{"a":null,"n":"txt"}', '{"x":[1]}', _UUID.format(3),
     "2023-06-15T08:30:00Z"),
    (6, 3, 3, 0.1, 3.10, "한국어", "Ärger", 1, b"zz", "2024-12-30", "2024-12-30 01:02:03",
     "2024-12-30 01:02:03+00:00", "01:02:03", '{"a":"z"}', '{"q":"ü"}', _UUID.format(4),
     "2023-06-15 08:30:00+09:00"),
]  # fmt: skip

VALUES = """
n + m * 2 | n - m | n / m | n % m | f / m | n / 2.0 | n * 1.5 | d * 2 | d / 4 | n / d | d / 2.0
round(d, 1) / 4 | d + f | -n | n - -3 | - -5 | -(-n)
~n | n & 6 | n << 2 | n >> 1 | n|8 = 13 | 10 / 4 | 10 / 4.0 | 7 % 3 | 2147483647 + 1 | 1000000 * 1000000
n = 5 | n > 3 AND m < 5 | n OR b | n AND m | NOT n | NOT b | b AND n | n IS NULL | n IS NOT NULL | n IS m
n IS NOT m | b IS TRUE | n IS NOT TRUE | n NOT BETWEEN 0 AND 10 | n BETWEEN 0 AND 10 | (n > 3) + (m > 2)
n > 3 IS TRUE | n = '5' | n = 'abc' | n <> 'abc' | n IN (1, '5', 'x') | n NOT IN (1, 2) | (n, m) = (5, 2)
(n, m) IN ((5, 2), (3, 3)) | f = 1.5 | f IN (0.1, 1.5) | d = 10.25 | d > 3 | n IN () | n NOT IN ()
b | b = 1 | b <> 0 | b IS 1 | b IN (0, 1) | b + n | b = TRUE | b > 0 | b = 2 | coalesce(b, 0)
s || '-' || n | s || d | n || m | s || b | c = 'open' | c <> 'open' | c < 'closed' | c > 'X' | s = s | s <> ''
c BETWEEN 'a' AND 'p' | c IN ('open', 'closed') | c = 5 | c COLLATE NOCASE = 'Open'
c = 'OPEN' COLLATE NOCASE
c COLLATE NOCASE IN ('OPEN', 'CLOSED') | blob = x'616263' | blob IN (x'78', x'79')
c LIKE 'open' | c NOT LIKE 'o%' | s LIKE '%ä%' | s LIKE '%Ä%' | c LIKE 'x_y%z' | n LIKE '1%' | s LIKE c
c LIKE '%\\_y%' ESCAPE '\\' | c LIKE '%!%%' ESCAPE '!' | c LIKE '\\'
c GLOB 'o*' | c GLOB '[a-o]*' | c GLOB '[^a-o]*' | c GLOB '*_y%?' | s GLOB '*[0-9]*' | s GLOB '*[]x]*'
s GLOB '*.*'
s GLOB 'A[b]c@x.de' | s GLOB '*[' | s GLOB '*' | c NOT GLOB 'o*'
length(s) | length(n) | length(blob) | length(d) | upper(s) | lower(s) | trim('  ' || c || ' ')
ltrim(c, 'o')
rtrim(c, 'dn') | instr(s, '@') | replace(s, 'A', 'b') | unicode(s) | char(65, 66) | hex(blob)
lower(hex(s)) | hex(n)
substr(s, 1, 3) | substr(s, 2) | substr(s, -3) | substr(s, -3, 2) | substr(s, 0, 3) | substr(s, n, 2)
substr(s, 2, n)
substr(s, n, m) | substr(s, instr(s, '@') + 1) | substr(s, 1, instr(s, '@') - 1) | substr(s, 1000)
substr(s, -1000, 998)
substr(s, -1, 1) | substr(blob, 1, 1)
abs(n) | abs(f) | round(f) | round(f, 1) | round(f, 2) | round(n) | round(d, 1) | round(f * 100) / 100
coalesce(n, 0) | coalesce(s, 'none') | ifnull(c, n) | coalesce(f, 0) | coalesce(d, 0) | nullif(n, 0)
nullif(s, '')
max(n, m) | min(n, m, 1) | max(c, 'm') | iif(n > 0, 'pos', 'neg') | typeof(n) | typeof(s)
typeof(n) = 'integer'
CASE WHEN n > 0 THEN 1 WHEN n < 0 THEN -1 ELSE 0 END | CASE b WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END
CASE WHEN b THEN n ELSE 0 END | CASE c WHEN 'open' THEN 1.5 ELSE 0 END | CASE WHEN n THEN s END
cast(n as text) | cast(f as integer) | cast(d as integer) | cast(s as integer) | cast(c as real)
cast(sd as integer)
cast('12abc' as integer) | cast(json_extract(doc, '$.n') as integer) | cast(n as real) | cast(s as blob)
cast(b as integer) | cast(n as numeric)
printf('%d-%s', n, c) | printf('%05d', n) | printf('%.2f', d) | printf('%03d%%', m) | printf('%s', s)
json_extract(doc, '$.a') | doc ->> 'a' | doc ->> '$.o.k' | json_extract(doc, '$.n') = 5
json_extract(doc, '$.n') > 5 | json_extract(doc, '$.n') < 5 | json_extract(doc, '$.t') > 0
json_extract(doc, '$.a') = 'x' | json_extract(doc, '$.a') <> 'x'
json_extract(doc, '$.a') IS NULL | json_extract(doc, '$.z') IS NOT NULL
json_extract(doc, '$.a') IN ('x', 'y')
json_extract(doc, '$.t') = 1 | json_extract(doc, '$.t') = 0 | json_extract(doc, '$.t') <> 1
json_extract(doc, '$.t') IS 1 | json_extract(doc, '$.a') || '!' | json_extract(doc, '$.a') > 'x'
json_array_length(json_extract(doc, '$.l')) | doc = '{}' | doc <> '' | jt = '{}' | length(jt)
date(ts) | datetime(ts) | time(ts) | date(day) | date(sd) | datetime(sd) | strftime('%Y-%m', ts)
strftime('%Y-%m', day)
strftime('%Y-%m', sd) | strftime('%Y', tz) | strftime('%s', ts) | strftime('%w', ts) | strftime('%j', ts)
strftime('%d.%m.%Y um %H:%M', ts) | strftime('%H:%M:%f', ts) | strftime('%Y week %w', ts)
strftime('%Y', ts) = '2024'
cast(strftime('%Y', ts) as integer) | cast(strftime('%s', sd) as integer) | strftime('%Y', ts) + 1
strftime('%s', tz)
julianday(ts) | julianday(ts) - julianday(day) | cast(julianday('2024-05-01') - julianday(ts) as integer)
date(ts, '+1 day') | date(ts, '+1 month') | date(ts, '-1 month') | date(ts, 'start of month')
date(ts, '+1 year')
date(ts, 'start of month', '+1 month', '-1 day') | datetime(ts, '-90 minutes') | datetime(n, 'unixepoch')
date(sd, '+1 month') | datetime('2024-01-31 10:00:00', '+1 month') | strftime('%m', date(ts))
ts > '2020-03-01' | ts >= '2024-01-31 10:20:30' | ts BETWEEN '2020-01-01' AND '2023-12-31 23:59:59'
day = '2024-01-31' | day > '2024-01-01' | day <> '' | day = '' | day IN ('2024-01-31', '2020-02-29')
day BETWEEN '2020-01-01' AND '2024-01-31' | ts > day | date(ts) = day | day = date(ts)
date(ts) = '2024-01-31'
ts > datetime('2000-01-01') | ts < datetime('now') | day < date('now', '-7 days') | ts < CURRENT_TIMESTAMP
substr(ts, 1, 10) | substr(ts, 1, 4) | substr(day, 1, 7) | substr(day, 1, 4) = '2024' | day || ''
day LIKE '2024-%'
ts LIKE '2024-01%' | ts LIKE '2024%' | length(day) | tm > '10:00:00' | tm = '12:00:00'
u | u = '6ba7b810-9dad-11d1-80b4-00c04fd430c8' | u IN ('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'x') | u <> ''
coalesce(day, '2000-01-01') | coalesce(day, '') | coalesce(date(ts), 'never') | coalesce(u, '')
1 | 'x' | 1.5 | NULL | TRUE | x'ff' | n > 3 | 'it''s'
n IN (SELECT m FROM t) | (SELECT max(n) FROM t) | (SELECT x.s FROM t x WHERE x.id = t.m)
EXISTS (SELECT 1 FROM t x WHERE x.n > t.n)
"""
"""Value expressions, between ` | `; bitwise OR is written without blanks."""

QUERIES = """
SELECT count(*), count(n), count(DISTINCT b) FROM t
SELECT sum(n), sum(f), sum(d), sum(b), avg(n), avg(f), avg(d), avg(b), total(n), total(f) FROM t
SELECT min(n), max(n), min(s), max(s), min(day), max(ts), min(b), max(d), max(f) FROM t
SELECT sum(n > 0), sum(b = 1), sum(CASE WHEN b THEN n ELSE 0 END), count(*) FILTER (WHERE b) FROM t
SELECT b, count(*) AS k FROM t GROUP BY b ORDER BY b
SELECT b, count(*) AS k FROM t GROUP BY 1 HAVING k > 1 ORDER BY k DESC
SELECT group_concat(n) FROM (SELECT n FROM t ORDER BY id)
SELECT group_concat(c, '; ') FROM (SELECT c FROM t ORDER BY id)
SELECT strftime('%Y', ts) AS y, count(*) FROM t GROUP BY y ORDER BY y
SELECT strftime('%Y-%m', ts) AS m, sum(n) AS total FROM t GROUP BY strftime('%Y-%m', ts) ORDER BY m DESC
SELECT date(ts) AS d, count(*) AS n FROM t GROUP BY date(ts) ORDER BY 1 DESC LIMIT 3
SELECT a.id, b.id FROM t a JOIN t b ON a.n = b.m ORDER BY 1, 2
SELECT a.id, b.s FROM t a LEFT JOIN t b ON a.n = b.m ORDER BY a.id, b.s
SELECT a.id AS x, b.id AS y FROM t a, t b WHERE a.n = b.m AND b.b ORDER BY x, y
SELECT a.id, b.id FROM t a JOIN t b USING (id) ORDER BY 1
SELECT t.id FROM t LEFT JOIN t u ON u.id = t.m AND u.b = 1 WHERE u.id IS NULL ORDER BY t.id
SELECT a.*, a.n + 1 AS next FROM (SELECT id, n, b FROM t) a WHERE b ORDER BY n DESC
SELECT id FROM t WHERE b = 1 AND c LIKE 'O%' ORDER BY c
SELECT DISTINCT c FROM t ORDER BY c
SELECT DISTINCT b FROM t ORDER BY b DESC
SELECT c FROM t ORDER BY c COLLATE NOCASE, id
SELECT c FROM t ORDER BY c DESC NULLS FIRST
SELECT n FROM t ORDER BY n NULLS LAST
SELECT n FROM t UNION SELECT m FROM t ORDER BY 1
SELECT c FROM t UNION ALL SELECT s FROM t ORDER BY 1 DESC LIMIT 4
SELECT b FROM t UNION SELECT 0 ORDER BY 1
SELECT day FROM t UNION SELECT '2024-05-05' ORDER BY 1
SELECT n FROM t UNION SELECT 1.5 ORDER BY 1
SELECT n AS x FROM t WHERE n > 0 EXCEPT SELECT m FROM t ORDER BY x
SELECT n FROM t INTERSECT SELECT m FROM t ORDER BY 1
SELECT n FROM t UNION SELECT m FROM t INTERSECT SELECT 3 ORDER BY 1
SELECT NULL AS x, id FROM t UNION ALL SELECT NULL, 1 UNION ALL SELECT 'a', 2 ORDER BY 2, 1
WITH RECURSIVE k(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM k WHERE x < 5) SELECT x FROM k
WITH k(x, p) AS (SELECT 1, 'a' UNION ALL SELECT x + 1, p || '/' || x FROM k WHERE x < 5) SELECT x, p FROM k \
ORDER BY x
WITH g AS (SELECT id, c AS p FROM t WHERE id = 1 UNION ALL SELECT t.id, g.p || coalesce(t.c, '?') FROM t \
JOIN g ON t.id = g.id + 1) SELECT id, p FROM g ORDER BY id
WITH x AS (SELECT id, b FROM t), y AS (SELECT count(*) AS k FROM x WHERE b = 1) SELECT x.id, y.k FROM x, y \
WHERE x.b = 0 ORDER BY x.id
WITH v(a, b) AS (VALUES (1, 'x'), (2, 'y')) SELECT * FROM v ORDER BY a
SELECT id, row_number() OVER (ORDER BY n), rank() OVER (ORDER BY b), dense_rank() OVER (ORDER BY b DESC) \
FROM t ORDER BY id
SELECT id, sum(n) OVER (ORDER BY id), sum(n) OVER (PARTITION BY b ORDER BY id ROWS BETWEEN 1 PRECEDING AND \
CURRENT ROW) FROM t ORDER BY id
SELECT id, lag(n) OVER (ORDER BY id), lag(n, 1, 0) OVER (ORDER BY id), lead(c, 2, '-') OVER (ORDER BY id) \
FROM t ORDER BY id
SELECT id, first_value(c) OVER w, last_value(n) OVER w, nth_value(n, 2) OVER w, ntile(2) OVER w FROM t \
WINDOW w AS (ORDER BY id) ORDER BY id
SELECT id, avg(f) OVER (PARTITION BY b), count(*) OVER (), cume_dist() OVER (ORDER BY id) FROM t ORDER BY id
SELECT id FROM t WHERE n = (SELECT max(n) FROM t)
SELECT id, (SELECT count(*) FROM t x WHERE x.b = t.b) AS k FROM t ORDER BY id
SELECT id, (SELECT x.c FROM t x WHERE x.b = t.b ORDER BY x.id) AS k FROM t ORDER BY id
SELECT id FROM t WHERE id IN (SELECT m FROM t WHERE b) ORDER BY id
SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM t x WHERE x.m = t.id) ORDER BY id
SELECT k FROM (SELECT b, count(*) AS k FROM t GROUP BY b) WHERE b = 1
SELECT a.id FROM t a JOIN (SELECT max(id) AS id FROM t GROUP BY b) g ON a.id = g.id ORDER BY 1
SELECT json_extract(doc, '$.a') AS a, sum(json_extract(jt, '$.a')) AS k FROM t WHERE jt <> '[]' \
GROUP BY json_extract(doc, '$.a') ORDER BY count(*), min(id)
SELECT round(avg(f), 2), round(sum(n) * 100.0 / count(*), 1), 100 * sum(b) / count(*), 100.0 * sum(b) / \
count(*) FROM t
SELECT id FROM t ORDER BY id LIMIT 1, 2
SELECT id FROM t ORDER BY id LIMIT -1 OFFSET 3
SELECT "id", [n], `m` FROM t WHERE "c" = "open" ORDER BY 1
SELECT id, CASE WHEN ts >= date('2024-01-01') THEN 'new' ELSE 'old' END AS age FROM t ORDER BY id
SELECT id FROM t WHERE ts >= date('2024-01-31', '-7 days') ORDER BY id
SELECT id FROM t WHERE date(ts) BETWEEN '2020-01-01' AND '2024-12-31' ORDER BY id
SELECT 1 AS one, 'x' AS two, count(*) AS k FROM t GROUP BY one, two
SELECT id, ifnull(sum(n), 0) AS total FROM t GROUP BY id ORDER BY total, id
SELECT min(c) FILTER (WHERE n > 0), max(c) FILTER (WHERE b = 0) FROM t
SELECT sum(n) AS s, b FROM t WHERE b IS NOT NULL GROUP BY b UNION ALL SELECT sum(n), 2 FROM t ORDER BY s
SELECT datetime(max(ts)), min(date(day)), julianday(max(ts)) - julianday(min(ts)), avg(julianday(ts) - \
julianday(day)) FROM t
"""

CONDITIONS = """
b IN (0, 1) | b IN (0, 1, NULL) | n >= 0 | length(c) <= 20 | c IN ('open', 'closed') | n & 1 | n | b | NOT b
typeof(n) = 'integer' | typeof(n) IN ('integer', 'null') | typeof(s) = 'text' | typeof(n) <> 'text'
typeof(d) IN ('integer', 'real', 'null') | typeof(ts) = 'text' OR ts IS NULL | typeof(blob) = 'blob'
c GLOB '[a-z]*' | c NOT GLOB '*[^A-Za-z]*' | s LIKE '%@%.%' | day IS date(day) | date(day) = day
day = strftime('%Y-%m-%d', day) | date(sd) IS NOT NULL | ts >= '2000-01-01' | length(day) = 10 | u <> ''
doc <> ''
day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' | (n IS NULL) <> (s IS NULL) | (n IS NULL) = (m IS NULL)
(n IS NOT NULL) + (m IS NOT NULL) = 1 | c = lower(c) | trim(c) <> '' | d BETWEEN 0 AND 100 | round(d, 2) = d
d >= 0.0
abs(f) < 1e6 | n % 2 = 0 | CASE WHEN b THEN n > 0 ELSE 1 END | hex(blob) <> '' | blob IS NOT x''
ts IS NULL OR ts <> ''
strftime('%H', ts) < '20' | CAST(strftime('%Y', ts) AS INTEGER) > 2000
julianday(ts) > julianday('2000-01-01')
tm < '20:00' | tz >= '2000-01-01T00:00:00Z' | c COLLATE NOCASE = 'open' | json_extract(doc, '$.n') > 0
length(jt) > 2
n <= 9223372036854775807 | n > -9223372036854775808 | max(n, m) > 2 | n > '3' | substr(c, 1, 1) IN ('o', 'c')
coalesce(n, 0) >= 0 | c <> '' AND c NOT LIKE '% %' | instr(c, '_') = 0 | f = 0.1 OR f IS NULL
unlikely(n > 5)
"""

GENERATED: list[tuple[str, LogicalType]] = [
    ("n + m", INT64),
    ("n / m", INT64),
    ("n % m", INT64),
    ("n > 3", BOOL),
    ("n > 3", INT64),
    ("d * 2 - n", decimal(12, 2)),
    ("round(d * 1.1, 2)", decimal(12, 2)),
    ("round(f, 2)", FLOAT64),
    ("f * 2", FLOAT64),
    ("1.0 * n / m", FLOAT64),
    ("c || ' ' || s", TEXT),
    ("upper(c) || '-' || n", TEXT),
    ("substr(c, 1, 2)", TEXT),
    ("substr(ts, 1, 7)", TEXT),
    ("strftime('%Y-%m', ts)", TEXT),
    ("strftime('%d.%m.%Y %H:%M:%S', ts)", TEXT),
    ("strftime('%j %w %f', ts)", TEXT),
    ("CAST(strftime('%Y', ts) AS INTEGER)", INT64),
    ("date(ts)", DATE),
    ("date(ts)", TEXT),
    ("date(tz)", TEXT),
    ("datetime(ts, '+1 day')", TIMESTAMP),
    ("julianday(ts)", FLOAT64),
    ("strftime('%s', ts)", TEXT),
    ("json_extract(doc, '$.a')", TEXT),
    ("iif(b, 'y', 'n')", TEXT),
    ("coalesce(d, 0)", decimal(10, 2)),
    ("hex(blob)", TEXT),
    ("printf('%04d-%02d', n, m)", TEXT),
    ("instr(s, '@')", INT64),
    ("max(n, m)", INT64),
    ("day || ' ' || c", TEXT),
    ("CAST(s AS INTEGER)", INT64),
    ("typeof(n)", TEXT),
]


def separated(block: str) -> list[str]:
    """The expressions of a block, over lines and between ` | `."""
    return [part.strip() for line in block.strip().splitlines() for part in line.split(" | ") if part.strip()]
