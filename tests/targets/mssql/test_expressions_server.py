"""Translated SQL runs on SQL Server and gives what SQLite gives on the same rows."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT64,
    JSON_TEXT,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    LogicalType,
    decimal,
)
from migrator.sources.sqlite.expressions import neutral, neutral_query
from migrator.targets import Relation, Scope, Untranslatable
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql import expressions
from migrator.targets.mssql.collations import EXACT
from migrator.targets.mssql.expressions.collating import CHARACTERS
from migrator.targets.mssql.expressions.constants import spelling
from migrator.targets.mssql.expressions.terms import text as text_constant
from tests.targets.mssql.expression_cases import COLUMNS, CONDITIONS, GENERATED, QUERIES, REFUSED, ROWS, VALUES
from tests.targets.postgresql.test_expressions_server import comparable, equal

SCOPE = Scope({name: (name, type) for name, (_, type) in COLUMNS.items()})
RELATIONS = {"t": Relation("dbo", "t", SCOPE)}


SUBSTITUTES = (
    (
        f"SELECT LEN(N'😀' COLLATE {CHARACTERS})",
        1,
        re.escape(CHARACTERS),
        EXACT,
    ),
    ("SELECT 1.5E0 / 10", 0.15, r"(?<![\w.'])(\d+(?:\.\d+)?E[+-]?\d+)", r"CAST(\1 AS float(53))"),
)
"""What a server that only speaks T-SQL may not know: a query, its answer in SQL Server, and what is asked instead
where the answer is another one. A collation that counts characters, and constants that are floats."""


LACKS: tuple[tuple[str, str, object, str], ...] = (
    (
        "binary values as hexadecimal text",
        "SELECT CONVERT(varchar(4), 0x00ff, 2)",
        "00FF",
        r", 2\) AS nvarchar|, 2\), 9",
    ),
    (
        "national characters out of CASE",
        "SELECT CASE WHEN 1 = 1 THEN N'한' END",
        "한",
        r"(THEN|ELSE) \[t\]\.\[s\]",
    ),
    (
        "brackets with escapes",
        r"SELECT CHARINDEX(N'1', N'1') WHERE N']' LIKE N'[\]]' ESCAPE N'\'",
        1,
        r"ESCAPE N'\\'",
    ),
    ("brackets by code point", f"SELECT 1 WHERE N'Ö' COLLATE {EXACT} LIKE N'[^a-zA-Z]'", 1, r"\[\^[^\]]*-"),
    (
        "decimals that keep their zeros",
        "SELECT CAST(CAST(COALESCE(CAST(NULL AS decimal(4,2)), 0) AS decimal(38,2)) AS nvarchar(9))",
        "0.00",
        r"decimal\(38,2\)\) AS nvarchar",
    ),
    (
        "TRY_CONVERT to datetimeoffset",
        "SELECT CONVERT(nvarchar(19), CAST(TRY_CONVERT(datetimeoffset(7), N'2024-02-29') AS datetime2(7)), 120)",
        "2024-02-29 00:00:00",
        "TRY_CONVERT",
    ),
    (
        "style 121 with zeros",
        "SELECT CONVERT(nvarchar(23), CONVERT(datetime2(7), N'2024-02-29T01:02:03', 126), 121)",
        "2024-02-29 01:02:03.000",
        "nvarchar\\(23\\)",
    ),
    ("CRYPT_GEN_RANDOM", "SELECT DATALENGTH(CRYPT_GEN_RANDOM(4))", 4, "CRYPT_GEN_RANDOM"),
    ("null for null in JSON", "SELECT JSON_VALUE(N'{\"a\":null}', N'$.a')", None, "JSON_VALUE"),
    (
        "groups by collated text in HAVING",
        "SELECT COUNT(*) FROM (SELECT N'a' AS x) AS v GROUP BY x COLLATE "
        + EXACT
        + " HAVING x COLLATE "
        + EXACT
        + " <> N'b'",
        1,
        "HAVING .* COLLATE",
    ),
    ("ROUND of floats to floats", "SELECT ROUND(CAST(2.5 AS float(53)), 0)", 3.0, r"ROUND\([^()]*\) /"),
)
"""What a server that only speaks T-SQL may not know either: its name, a query, its answer in SQL Server, and a
pattern of the SQL that is then not asked."""


PERSISTED = {
    "columns": "ALTER TABLE persisted ADD g AS (CAST(CONVERT(nvarchar(7), d, 120) AS nvarchar(7))) PERSISTED",
    "predicates": "CREATE INDEX i ON persisted (id) WHERE d > CONVERT(datetime2(7), N'2020-01-01T10:00:00', 126)",
}


@dataclass(frozen=True)
class Both:
    """The same table in SQLite and in SQL Server."""

    source: sqlite3.Connection
    target: Engine
    substitutes: dict[str, str] = field(default_factory=dict, repr=False)
    lacking: dict[str, str] = field(default_factory=dict, repr=False)
    persists: list[str] = field(default_factory=list, repr=False)
    """Of "columns" and "predicates", where functions that the documentation calls deterministic may stand."""

    def read(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            return self.source.execute(sql).fetchall()
        except sqlite3.OperationalError as error:
            if "no such function" in str(error):
                pytest.skip(f"SQLite {sqlite3.sqlite_version} has {error}")
            raise

    def columns(self, sql: str) -> list[str]:
        """What SQLite calls the columns of a view."""
        self.source.execute(f"CREATE TEMP VIEW named AS {sql}")
        names = [name for (name,) in self.read("SELECT name FROM pragma_table_info('named')")]
        self.source.execute("DROP VIEW named")
        return names

    def probe(self) -> None:
        """Find out which substitutes this server needs."""
        for query, answer, wanted, instead in SUBSTITUTES:
            if not self._answers(query, answer):
                self.substitutes[wanted] = instead
        for what, query, answer, pattern in LACKS:
            if not self._answers(query, answer):
                self.lacking[pattern] = what

        for name, statement in PERSISTED.items():
            try:
                self.run("CREATE TABLE persisted (id int, d datetime2(7))")
                self.run(statement)
                self.persists.append(name)
            except DBAPIError:
                continue
            finally:
                self.run("DROP TABLE persisted")

    def _answers(self, query: str, answer: object) -> bool:
        try:
            rows = self.ask(query)
        except DBAPIError:
            return False
        return [(type(value), value) for (value,) in rows] == [(type(answer), answer)]

    def lacks(self, sql: str) -> str:
        """What this server would need for the SQL, and has not; '' where there is nothing."""
        return next((what for pattern, what in self.lacking.items() if re.search(pattern, sql)), "")

    def said(self, sql: str) -> str:
        """The SQL as this server takes it."""
        if self.lacks(sql):
            pytest.skip(f"this server has no {self.lacks(sql)}")
        for wanted, instead in self.substitutes.items():
            sql = re.sub(wanted, instead, sql)
        return sql

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self.target.connect() as connection:
            return [tuple(row) for row in execute(connection, self.said(sql))]

    def run(self, sql: str) -> None:
        with self.target.connect() as connection:
            execute(connection, self.said(sql))


def constant(value: object) -> str:
    """A value of `ROWS` in T-SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    return text_constant(value) if isinstance(value, str) else repr(value)


@pytest.fixture(scope="module")
def both(mssql_database: URL) -> Iterator[Both]:
    source = sqlite3.connect(":memory:")
    source.execute(
        f"CREATE TABLE t ({', '.join(f'{name} {declared}' for name, (declared, _) in COLUMNS.items())})"
    )
    source.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(COLUMNS))})", ROWS)
    engine = sa.create_engine(mssql_database, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    both = Both(source, engine)
    types = {name: spelling(type) for name, (_, type) in COLUMNS.items()}
    with closing(source):
        try:
            both.probe()
            both.run(f"CREATE TABLE t ({', '.join(f'[{name}] {type} NULL' for name, type in types.items())})")
            for row in ROWS:
                pairs = zip(row, types.values(), strict=True)
                values = (f"CAST({constant(value)} AS {type})" for value, type in pairs)
                both.run(f"INSERT INTO t VALUES ({', '.join(values)})")
            yield both
        finally:
            engine.dispose()


def assert_same(expected: list[tuple[Any, ...]], found: list[tuple[Any, ...]]) -> None:
    assert len(expected) == len(found)
    for left, right in zip(expected, found, strict=True):
        assert all(map(equal, left, right)), f"SQLite {left}\nSQL Server {tuple(map(comparable, right))}"


def translated(both: Both, sql: str) -> str:
    both.read(sql)
    text, _ = neutral_query(f"CREATE VIEW v AS {sql}", {"t": COLUMNS, "v": both.columns(sql)})
    assert text is not None
    return expressions.query(text, RELATIONS)


def refused(sql: str, translate: Callable[[], str]) -> bool:
    """Whether the case is one that SQL Server has no equal of; then it is tested that it says so."""
    if sql not in REFUSED:
        return False
    with pytest.raises(Untranslatable) as caught:
        translate()
    assert REFUSED[sql] in caught.value.what
    return True


@pytest.mark.parametrize("sql", VALUES)
def test_value_is_the_same(both: Both, sql: str) -> None:
    query = f"SELECT id, {sql} AS x FROM t ORDER BY id"
    if sql.startswith("json_extract(doc, '$.a')") or not refused(sql, lambda: translated(both, query)):
        assert_same(both.read(query), both.ask(translated(both, query)))


@pytest.mark.parametrize("sql", QUERIES)
def test_view_gives_the_same_rows(both: Both, sql: str) -> None:
    if refused(sql, lambda: translated(both, sql)):
        return
    name = f"v_{uuid.uuid4().hex}"
    both.run(f"CREATE VIEW {name} AS {translated(both, sql)}")
    found = both.ask(f"SELECT * FROM {name}") if "ORDER BY" not in sql else both.ask(translated(both, sql))
    both.run(f"DROP VIEW {name}")
    assert_same(both.read(sql), found)


@pytest.mark.parametrize("sql", CONDITIONS)
def test_condition_is_the_same_and_can_be_a_check(both: Both, sql: str) -> None:
    text = neutral(sql, COLUMNS)
    assert text is not None
    if refused(sql, lambda: expressions.condition(text, SCOPE)):
        return
    condition = expressions.condition(text, SCOPE)
    truth = [
        (None if value is None else bool(value),) for (value,) in both.read(f"SELECT {sql} FROM t ORDER BY id")
    ]
    value = f"CASE WHEN {condition} THEN 1 WHEN NOT ({condition}) THEN 0 END"
    assert_same(truth, both.ask(f"SELECT {value} FROM t ORDER BY id"))
    both.run("SELECT * INTO checked FROM t WHERE 1 = 0")
    try:
        both.run(f"ALTER TABLE checked ADD CHECK ({condition})")
    finally:
        both.run("DROP TABLE checked")


@pytest.mark.parametrize(("sql", "type"), GENERATED, ids=[f"{sql}: {type}" for sql, type in GENERATED])
def test_generated_column_has_the_same_values(both: Both, sql: str, type: LogicalType) -> None:
    text = neutral(sql, COLUMNS)
    assert text is not None
    if refused(sql, lambda: expressions.expression(text, SCOPE, type)):
        return
    expression = expressions.expression(text, SCOPE, type)
    expected = both.read(f"SELECT {sql} FROM t ORDER BY id")
    assert_same(expected, both.ask(f"SELECT {expression} FROM t ORDER BY id"))
    if "columns" not in both.persists:
        return
    both.run("SELECT * INTO computed FROM t")
    try:
        both.run(f"ALTER TABLE computed ADD g AS ({expression}) PERSISTED")
        found = both.ask("SELECT g FROM computed ORDER BY id")
    finally:
        both.run("DROP TABLE computed")
    assert_same(expected, found)


@pytest.mark.parametrize(
    "day", ["1900-01-01", "1999-01-03", "2000-02-29", "2018-12-31", "2020-12-31", "2021-01-01"]
)
def test_iso_weeks_are_as_in_the_calendar(both: Both, day: str) -> None:
    sql = expressions.default(f"TIME_TO_STR('{day}', '%G-%V-%u-%w-%j')", TEXT)
    year, week, weekday = date.fromisoformat(day).isocalendar()
    number = date.fromisoformat(day).timetuple().tm_yday
    assert both.ask(f"SELECT {sql}") == [(f"{year:04}-{week:02}-{weekday}-{weekday % 7}-{number:03}",)]


@pytest.mark.parametrize("sql", ["lower(c)", "c COLLATE NOCASE", "coalesce(c, '')", "n + m", "n > m", "day"])
def test_expression_can_be_indexed(both: Both, sql: str) -> None:
    key = expressions.expression(neutral(sql, COLUMNS) or "", SCOPE, None)
    both.run("SELECT * INTO keyed FROM t")
    try:
        both.run(f"ALTER TABLE keyed ADD k AS ({key}) PERSISTED")
        both.run("CREATE INDEX i ON keyed (k)")
    finally:
        both.run("DROP TABLE keyed")


def test_folded_case_is_unique_as_nocase_is(both: Both) -> None:
    both.run("CREATE TABLE folded (c nvarchar(20) COLLATE Latin1_General_100_BIN2)")
    try:
        both.run(f"ALTER TABLE folded ADD k AS ({expressions.fold_case('[c]')}) PERSISTED")
        both.run("CREATE UNIQUE INDEX i ON folded (k)")
        both.run("INSERT INTO folded VALUES (N'Äb'), (N'äb'), (N'İ'), (N'i'), (N'ſ'), (N's')")
        with pytest.raises(DBAPIError):
            both.run("INSERT INTO folded VALUES (N'ÄB')")
    finally:
        both.run("DROP TABLE folded")


PREDICATES = [
    "b = 1",
    "n > 3 AND n < 100",
    "n BETWEEN 0 AND 10",
    "c IS NOT NULL",
    "c = 'open'",
    "c IN ('open', 'closed')",
    "n NOT IN (1, 5)",
    "day >= '2020-01-01'",
    "ts > '2020-01-01 10:00:00'",
    "d >= 1.5",
    "typeof(n) = 'integer'",
    "u = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
]


@pytest.mark.parametrize("sql", PREDICATES)
def test_predicate_chooses_the_same_rows_and_can_filter_an_index(both: Both, sql: str) -> None:
    scope = Scope(SCOPE.columns, frozenset({"c"}))
    predicate = expressions.predicate(neutral(sql, COLUMNS) or "", scope, unique=True)
    both.run("CREATE TABLE filtered (id bigint, n bigint, c nvarchar(20) COLLATE Latin1_General_100_BIN2, b bit, "
             "d decimal(10,2), day date, ts datetime2(7), u uniqueidentifier)")  # fmt: skip
    try:
        both.run("INSERT INTO filtered SELECT id, n, c, b, d, [day], ts, u FROM t")
        if "predicates" in both.persists or "CONVERT" not in predicate:
            both.run(f"CREATE INDEX i ON filtered (id) WHERE {predicate}")
        found = both.ask(f"SELECT id FROM filtered WHERE {predicate} ORDER BY id")
    finally:
        both.run("DROP TABLE filtered")
    assert_same(both.read(f"SELECT id FROM t WHERE {sql} ORDER BY id"), found)


DEFAULTS: list[tuple[str, LogicalType]] = [
    *[(sql, BOOL) for sql in ("0", "1", "TRUE", "(1 = 1)")],
    *[
        (sql, INT64)
        for sql in ("0", "'0'", "-1", "1.0", "9223372036854775807", "-9223372036854775808", "(1+1)", "0x1F")
    ],
    *[(sql, INT64) for sql in ("(abs(-5))", "(10 / 4)", "(strftime('%Y', 'now'))", "(length('abc'))")],
    *[(sql, FLOAT64) for sql in ("1.5", "1", "'2.5'", "1e100", "(10 / 4.0)", "-0.25")],
    *[(sql, decimal(5, 2)) for sql in ("1.5", "'10'", "0", "-999.99")],
    *[
        (sql, TEXT)
        for sql in ("0", "1.0", "1e100", "TRUE", "''", "'null'", "'it''s'", "abc", '"abc"', "'체크'", "'a%b:c?'")
    ],
    *[
        (sql, TEXT)
        for sql in ("'back\\slash'", "('a' || 'b')", "(1+1)", "(upper('é'))", "'x' COLLATE NOCASE", "' '")
    ],
    *[(sql, BINARY) for sql in ("x'00'", "x''", "(zeroblob(3))")],
    *[(sql, DATE) for sql in ("'2024-01-31'", "CURRENT_DATE", "(date('now'))", "(date('now', 'start of month'))")],
    *[(sql, TIMESTAMP) for sql in ("'2024-01-31 10:00:00'", "(datetime('2024-01-31', '+1 month'))")],
    ("'10:20:30'", TIME),
    ("'2024-01-31 10:00:00'", TIMESTAMPTZ),
    *[(sql, JSON_TEXT) for sql in ("'{}'", "'[1,2]'", "(json_array())", "(json_object())")],
    ("'6ba7b810-9dad-11d1-80b4-00c04fd430c8'", UUID),
    *[(sql, TEXT) for sql in ("CURRENT_DATE", "(date('now'))", "(strftime('%Y%m%d', 'now'))")],
]

AFFINITIES = {BOOL: "BOOLEAN", INT64: "INTEGER", FLOAT64: "REAL", decimal(5, 2): "NUMERIC", BINARY: "BLOB"}


def defaulted(both: Both, sql: str, type: LogicalType) -> tuple[Any, Any]:
    """What a new row gets in SQLite and in SQL Server."""
    both.source.execute(f"CREATE TABLE defaulted (id INTEGER, x {AFFINITIES.get(type, 'TEXT')} DEFAULT {sql})")
    given = both.read("SELECT dflt_value FROM pragma_table_info('defaulted') WHERE name = 'x'")[0][0]
    text = neutral(given, ())
    assert text is not None
    both.source.execute("INSERT INTO defaulted (id) VALUES (1)")
    ((expected,),) = both.read("SELECT x FROM defaulted")
    both.source.execute("DROP TABLE defaulted")
    both.run("DROP TABLE IF EXISTS defaulted")
    both.run(f"CREATE TABLE defaulted (id int, x {spelling(type)} DEFAULT {expressions.default(text, type)})")
    both.run("INSERT INTO defaulted (id) VALUES (1)")
    ((found,),) = both.ask("SELECT x FROM defaulted")
    return expected, found


@pytest.mark.parametrize(("sql", "type"), DEFAULTS, ids=[f"{sql}: {type}" for sql, type in DEFAULTS])
def test_default_gives_the_same_value(both: Both, sql: str, type: LogicalType) -> None:
    expected, found = defaulted(both, sql, type)
    if type == TIMESTAMPTZ:
        expected = expected.removesuffix("+00:00")
    if isinstance(found, uuid.UUID):
        found = str(found)
    assert equal(expected, found)


@pytest.mark.parametrize(
    ("sql", "type"),
    [
        ("CURRENT_TIMESTAMP", TEXT),
        ("(datetime('now'))", TEXT),
        ("(strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))", TEXT),
        ("CURRENT_TIMESTAMP", TIMESTAMP),
        ("(datetime('now', '+1 day'))", TIMESTAMP),
        ("CURRENT_TIMESTAMP", TIMESTAMPTZ),
    ],
)
def test_default_of_the_current_moment_has_whole_seconds(both: Both, sql: str, type: LogicalType) -> None:
    expected, found = (str(comparable(value)) for value in defaulted(both, sql, type))
    assert len(expected) == len(found)
    ((distance,),) = both.read(f"SELECT unixepoch('{expected}') - unixepoch('{found}')")
    assert abs(distance) <= 2


@pytest.mark.parametrize("sql", ["(strftime('%s', 'now'))", "(cast(strftime('%s', 'now') as int))"])
def test_default_of_unix_time_is_a_number(both: Both, sql: str) -> None:
    expected, found = defaulted(both, sql, INT64)
    assert abs(int(expected) - found) <= 2


@pytest.mark.parametrize(
    ("sql", "type", "length"),
    [
        ("(lower(hex(randomblob(4))))", TEXT, 8),
        ("(hex(randomblob(16)))", TEXT, 32),
        ("(randomblob(16))", BINARY, 16),
    ],
)
def test_random_default_has_the_length_and_differs(both: Both, sql: str, type: LogicalType, length: int) -> None:
    default = expressions.default(neutral(sql, ()) or "", type)
    found = [both.ask(f"SELECT {default}")[0][0] for _ in range(20)]
    assert len(set(found)) == 20 and all(len(value) == length for value in found)
    if type is TEXT:
        assert all(value == (value.upper() if "lower" not in sql else value.lower()) for value in found)


def test_random_uuid_idiom_gives_version_4(both: Both) -> None:
    sql = (
        "lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || "
        "substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', abs(random()) % 4 + 1, 1) || "
        "substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)))"
    )
    ((found,),) = both.ask(f"SELECT {expressions.default(neutral(sql, ()) or '', UUID)}")
    assert uuid.UUID(str(found)).version == 4


def test_view_on_a_view_knows_its_types(both: Both) -> None:
    outer = "SELECT active, strftime('%Y', made) AS y, total / 2 AS half FROM v1 WHERE active = 1 ORDER BY y, half"
    inner = "SELECT b AS active, ts AS made, sum(n) AS total FROM t GROUP BY b, ts"
    both.source.execute(f"CREATE TEMP VIEW v1 AS {inner}")
    text, _ = neutral_query(f"CREATE VIEW v1 AS {inner}", {"t": COLUMNS, "v1": ("active", "made", "total")})
    assert text is not None
    both.run(f"CREATE VIEW v1 AS {expressions.query(text, RELATIONS)}")
    types = expressions.query_columns(text, RELATIONS)
    assert types == {"active": BOOL, "made": TIMESTAMP, "total": INT64}
    relations = {"v1": Relation("dbo", "v1", Scope({name: (name, type) for name, type in types.items()}))}
    text, _ = neutral_query(f"CREATE VIEW v2 AS {outer}", {"v1": types, "v2": ("active", "y", "half")})
    assert text is not None
    found = both.ask(expressions.query(text, relations))
    both.run("DROP VIEW v1")
    assert_same(both.read(outer), found)


PATTERNS = st.text("ab[]^-*?\\.%_Aä\n", max_size=7)
FEW = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@FEW
@given(st.sampled_from(["GLOB", "LIKE"]), PATTERNS, PATTERNS)
def test_any_pattern_matches_the_same(both: Both, operator: str, pattern: str, value: str) -> None:
    text = neutral(f"x {operator} '{pattern}'", ["x"])
    assert text is not None
    condition = expressions.condition(text, Scope({"x": ("x", TEXT)}))
    ((matched,),) = both.read(f"SELECT {_quoted(value)} {operator} {_quoted(pattern)}")
    assume(not both.lacks(condition))
    row = f"(SELECT CAST({text_constant(value)} AS nvarchar(max)) AS x) v"
    found = both.ask(f"SELECT CASE WHEN {condition} THEN 1 WHEN NOT ({condition}) THEN 0 END FROM {row}")
    assert found == [(matched,)]


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)


@FEW
@given(TEXTS)
def test_any_text_default_keeps_its_value(both: Both, value: str) -> None:
    default = expressions.default(neutral(_quoted(value), ()) or "", TEXT)
    assert both.ask(f"SELECT {default}") == [(value,)]


@FEW
@given(TEXTS, st.integers(-12, 12), st.integers(-12, 12))
def test_any_substring_is_the_same(both: Both, value: str, start: int, length: int) -> None:
    query = f"SELECT substr(x, {start}, {length}) AS a, substr(x, {start} + n) AS b FROM v"
    text, _ = neutral_query(f"CREATE VIEW w AS {query}", {"v": ("x", "n"), "w": ("a", "b")})
    assert text is not None
    relations = {"v": Relation("dbo", "v", Scope({"x": ("x", TEXT), "n": ("n", INT64)}))}
    row = f"(SELECT CAST({text_constant(value)} AS nvarchar(max)) AS x, 0 AS n)"
    found = both.ask(expressions.query(text, relations).replace("[dbo].[v]", row))
    assert found == both.read(query.replace("FROM v", f"FROM (SELECT {_quoted(value)} AS x, 0 AS n)"))
