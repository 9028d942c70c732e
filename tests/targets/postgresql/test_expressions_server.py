"""Translated SQL runs on PostgreSQL and gives what SQLite gives on the same rows."""

from __future__ import annotations

import json
import math
import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import URL

from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT64,
    JSON,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    LogicalType,
    decimal,
)
from migrator.sources.sqlite.expressions import neutral, neutral_query
from migrator.targets import Relation, Scope
from migrator.targets.postgresql import expressions
from migrator.targets.postgresql.expressions.constants import spelling
from tests.targets.postgresql.expression_cases import (
    COLUMNS,
    CONDITIONS,
    GENERATED,
    QUERIES,
    ROWS,
    VALUES,
    separated,
)

SCOPE = Scope({name: (name, type) for name, (_, type) in COLUMNS.items()})
RELATIONS = {"t": Relation("public", "t", SCOPE)}


@dataclass(frozen=True)
class Both:
    """The same table in SQLite and in PostgreSQL."""

    source: sqlite3.Connection
    target: psycopg.Connection[Any]

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

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.target.execute(sql.encode()).fetchall()

    def run(self, sql: str) -> None:
        self.target.execute(sql.encode())


@pytest.fixture(scope="module")
def both(module_database: URL) -> Iterator[Both]:
    url = module_database.set(drivername="postgresql").render_as_string(hide_password=False)
    source = sqlite3.connect(":memory:")
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as target:
        source.execute(f"CREATE TABLE t ({', '.join(f'{name} {sql}' for name, (sql, _) in COLUMNS.items())})")
        source.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(COLUMNS))})", ROWS)
        types = {name: spelling(type) for name, (_, type) in COLUMNS.items()}
        target.execute(f"CREATE TABLE t ({', '.join(f'{name} {type}' for name, type in types.items())})".encode())
        insert = f"INSERT INTO t VALUES ({', '.join(f'%s::{type}' for type in types.values())})"
        for row in ROWS:
            target.execute(
                insert.encode(), [_stored(name, value) for name, value in zip(COLUMNS, row, strict=True)]
            )
        yield Both(source, target)
    source.close()


def _stored(name: str, value: object) -> object:
    return bool(value) if name == "b" and value is not None else value


def comparable(value: Any) -> Any:
    """A value of either database in SQLite's form."""
    if isinstance(value, (bool, Decimal)):
        return float(value) if isinstance(value, Decimal) else int(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value) if isinstance(value, uuid.UUID) else value


def equal(expected: Any, found: Any) -> bool:
    expected, found = comparable(expected), comparable(found)
    if isinstance(expected, (int, float)) and isinstance(found, (int, float)):
        return math.isclose(expected, found, rel_tol=1e-14, abs_tol=1e-14)
    return bool(expected == found)


def assert_same(expected: list[tuple[Any, ...]], found: list[tuple[Any, ...]]) -> None:
    assert len(expected) == len(found)
    for left, right in zip(expected, found, strict=True):
        assert all(map(equal, left, right)), f"SQLite {left}\nPostgreSQL {tuple(map(comparable, right))}"


def translated(both: Both, sql: str) -> str:
    both.read(sql)
    text, _ = neutral_query(f"CREATE VIEW v AS {sql}", {"t": COLUMNS, "v": both.columns(sql)})
    assert text is not None
    return expressions.query(text, RELATIONS)


@pytest.mark.parametrize("sql", separated(VALUES))
def test_value_is_the_same(both: Both, sql: str) -> None:
    query = f"SELECT id, {sql} AS x FROM t ORDER BY id"
    assert_same(both.read(query), both.ask(translated(both, query)))


@pytest.mark.parametrize("sql", QUERIES.strip().splitlines())
def test_view_gives_the_same_rows(both: Both, sql: str) -> None:
    query = translated(both, sql)
    both.run(f"CREATE OR REPLACE TEMPORARY VIEW v_{uuid.uuid4().hex} AS {query}")
    assert_same(both.read(sql), both.ask(query))


@pytest.mark.parametrize("sql", separated(CONDITIONS))
def test_condition_is_the_same_and_can_be_a_check(both: Both, sql: str) -> None:
    text = neutral(sql, COLUMNS)
    assert text is not None
    condition = expressions.condition(text, SCOPE)
    truth = [
        (None if value is None else bool(value),) for (value,) in both.read(f"SELECT {sql} FROM t ORDER BY id")
    ]
    assert_same(truth, both.ask(f"SELECT {condition} FROM t ORDER BY id"))
    both.run("CREATE TEMPORARY TABLE checked (LIKE t)")
    both.run(f"ALTER TABLE checked ADD CHECK ({condition})")
    both.run("DROP TABLE checked")


@pytest.mark.parametrize("sql", [sql for sql in separated(CONDITIONS) if "sd" not in sql])
def test_condition_can_be_an_index_predicate(both: Both, sql: str) -> None:
    both.run(f"CREATE INDEX partial ON t (id) WHERE {expressions.condition(neutral(sql, COLUMNS) or '', SCOPE)}")
    both.run("DROP INDEX partial")


@pytest.mark.parametrize(("sql", "type"), GENERATED, ids=[f"{sql}: {type}" for sql, type in GENERATED])
def test_generated_column_has_the_same_values(both: Both, sql: str, type: LogicalType) -> None:
    text = neutral(sql, COLUMNS)
    assert text is not None
    expression = expressions.expression(text, SCOPE, type)
    both.run("CREATE TEMPORARY TABLE computed (LIKE t)")
    both.run(f"ALTER TABLE computed ADD g {spelling(type)} GENERATED ALWAYS AS ({expression}) STORED")
    both.run("INSERT INTO computed SELECT * FROM t")
    found = both.ask("SELECT g FROM computed ORDER BY id")
    both.run("DROP TABLE computed")
    assert_same(both.read(f"SELECT {sql} FROM t ORDER BY id"), found)


@pytest.mark.parametrize(
    "sql",
    ["lower(c)", "c COLLATE NOCASE", "coalesce(c, '')", "json_extract(doc, '$.a')", "n + m", "n > m", "day"],
)
def test_expression_can_be_indexed(both: Both, sql: str) -> None:
    both.run(f"CREATE INDEX ON t (({expressions.expression(neutral(sql, COLUMNS) or '', SCOPE, None)}))")


DEFAULTS: list[tuple[str, LogicalType]] = [
    *[(sql, BOOL) for sql in ("0", "1", "TRUE", "(1 = 1)")],
    *[
        (sql, INT64)
        for sql in ("0", "'0'", "-1", "1.0", "9223372036854775807", "-9223372036854775808", "(1+1)", "0x1F")
    ],
    *[(sql, INT64) for sql in ("(abs(-5))", "(10 / 4)", "(strftime('%Y', 'now'))", "(length('abc'))")],
    *[(sql, FLOAT64) for sql in ("1.5", "1", "'2.5'", "1e999", "(10 / 4.0)", "-0.25")],
    *[(sql, decimal(5, 2)) for sql in ("1.5", "'10'", "0", "-999.99")],
    *[
        (sql, TEXT)
        for sql in ("0", "1.0", "1e100", "TRUE", "''", "'null'", "'it''s'", "abc", '"abc"', "'체크'", "'a%b:c'")
    ],
    *[(sql, TEXT) for sql in ("'back\\slash'", "('a' || 'b')", "(1+1)", "(upper('é'))", "'x' COLLATE NOCASE")],
    *[(sql, BINARY) for sql in ("x'00'", "x''", "(zeroblob(3))")],
    *[(sql, DATE) for sql in ("'2024-01-31'", "CURRENT_DATE", "(date('now'))", "(date('now', 'start of month'))")],
    *[(sql, TIMESTAMP) for sql in ("'2024-01-31 10:00:00'", "(datetime('2024-01-31', '+1 month'))")],
    ("'10:20:30'", TIME),
    ("'2024-01-31 10:00:00'", TIMESTAMPTZ),
    *[(sql, JSON) for sql in ("'{}'", "'[1,2]'", "(json_array())", "(json_object())", "(json('{\"a\":1}'))")],
    ("'6ba7b810-9dad-11d1-80b4-00c04fd430c8'", UUID),
    *[(sql, TEXT) for sql in ("CURRENT_DATE", "(date('now'))", "(strftime('%Y%m%d', 'now'))")],
]

AFFINITIES = {BOOL: "BOOLEAN", INT64: "INTEGER", FLOAT64: "REAL", decimal(5, 2): "NUMERIC", BINARY: "BLOB"}


def defaulted(both: Both, sql: str, type: LogicalType) -> tuple[Any, Any]:
    """What a new row gets in SQLite and in PostgreSQL."""
    both.source.execute(f"CREATE TABLE defaulted (id INTEGER, x {AFFINITIES.get(type, 'TEXT')} DEFAULT {sql})")
    given = both.read("SELECT dflt_value FROM pragma_table_info('defaulted') WHERE name = 'x'")[0][0]
    text = neutral(given, ())
    assert text is not None
    both.run(
        f"CREATE TEMPORARY TABLE defaulted (id int, x {spelling(type)} DEFAULT {expressions.default(text, type)})"
    )
    both.source.execute("INSERT INTO defaulted (id) VALUES (1)")
    both.run("INSERT INTO defaulted (id) VALUES (1)")
    try:
        return both.read("SELECT x FROM defaulted")[0][0], both.ask("SELECT x FROM defaulted")[0][0]
    finally:
        both.source.execute("DROP TABLE defaulted")
        both.run("DROP TABLE defaulted")


@pytest.mark.parametrize(("sql", "type"), DEFAULTS, ids=[f"{sql}: {type}" for sql, type in DEFAULTS])
def test_default_gives_the_same_value(both: Both, sql: str, type: LogicalType) -> None:
    expected, found = defaulted(both, sql, type)
    if type == TIMESTAMPTZ:
        expected = expected.removesuffix("+00:00")
    assert equal(expected, found)


@pytest.mark.parametrize(
    ("sql", "type"),
    [
        ("CURRENT_TIMESTAMP", TEXT),
        ("(datetime('now'))", TEXT),
        ("CURRENT_TIMESTAMP", TIMESTAMP),
        ("(datetime('now', '+1 day'))", TIMESTAMP),
        ("CURRENT_TIMESTAMP", TIMESTAMPTZ),
        ("(datetime('now', 'localtime'))", TIMESTAMP),
        ("(strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))", TEXT),
    ],
)
def test_default_of_the_current_moment_has_whole_seconds(both: Both, sql: str, type: LogicalType) -> None:
    expected, found = (comparable(value) for value in defaulted(both, sql, type))
    if "localtime" in sql:
        return
    moments = [datetime.fromisoformat(value).replace(tzinfo=None) for value in (expected, found)]
    assert abs((moments[0] - moments[1]).total_seconds()) <= 2 and moments[1].microsecond == 0
    assert len(expected) == len(found)


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
        ("(randomblob(3))", BINARY, 3),
    ],
)
def test_random_default_has_the_length_and_no_fixed_bits(
    both: Both, sql: str, type: LogicalType, length: int
) -> None:
    default = expressions.default(neutral(sql, ()) or "", type)
    found = [value for (value,) in both.ask(f"SELECT {default} FROM generate_series(1, 200)")]
    assert len(set(found)) == 200 and all(len(value) == length for value in found)
    numbers = [value if isinstance(value, bytes) else bytes.fromhex(value) for value in found]
    bits = [int.from_bytes(number, "big") for number in numbers]
    width = len(numbers[0]) * 8
    assert all(0 < sum(value >> bit & 1 for value in bits) < 200 for bit in range(width))
    if type is TEXT:
        assert all(value == (value.upper() if "lower" not in sql else value.lower()) for value in found)


def test_random_uuid_idiom_gives_version_4(both: Both) -> None:
    sql = (
        "lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || "
        "substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', abs(random()) % 4 + 1, 1) || "
        "substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)))"
    )
    ((found,),) = both.ask(f"SELECT {expressions.default(neutral(sql, ()) or '', UUID)}")
    assert found.version == 4


def test_names_are_those_of_the_target(both: Both) -> None:
    both.run(
        'CREATE TEMPORARY TABLE "we""ird" ("a.b" bigint, "ÖÄ %s" boolean); INSERT INTO "we""ird" VALUES (1, true)'
    )
    scope = Scope({"A": ("a.b", INT64), 'q"t': ("ÖÄ %s", BOOL)})
    condition = expressions.condition(neutral('a = 1 AND "q""t" = 1', scope.columns) or "", scope)
    assert both.ask(f'SELECT {condition} FROM "we""ird"') == [(True,)]
    relations = {"Kunde": Relation("pg_temp", 'we"ird', scope)}
    text, reads = neutral_query(
        'CREATE VIEW v AS SELECT *, a + 1 FROM kunde WHERE "q""t"',
        {"Kunde": scope.columns, "v": ("A", 'q"t', "a + 1")},
    )
    assert reads == ("Kunde",) and text is not None
    assert both.ask(expressions.query(text, relations)) == [(1, True, 2)]


def test_view_on_a_view_knows_its_types(both: Both) -> None:
    outer = "SELECT active, strftime('%Y', made) AS y, total / 2 AS half FROM v1 WHERE active = 1 ORDER BY y, half"
    inner = "SELECT b AS active, ts AS made, sum(n) AS total FROM t GROUP BY b, ts"
    both.source.execute(f"CREATE TEMP VIEW v1 AS {inner}")
    text, _ = neutral_query(f"CREATE VIEW v1 AS {inner}", {"t": COLUMNS, "v1": ("active", "made", "total")})
    assert text is not None
    both.run(f"CREATE VIEW v1 AS {expressions.query(text, RELATIONS)}")
    types = expressions.query_columns(text, RELATIONS)
    assert types == {"active": BOOL, "made": TIMESTAMP, "total": INT64}
    relations = {"v1": Relation("public", "v1", Scope({name: (name, type) for name, type in types.items()}))}
    text, _ = neutral_query(f"CREATE VIEW v2 AS {outer}", {"v1": types, "v2": ("active", "y", "half")})
    assert text is not None
    assert_same(both.read(outer), both.ask(expressions.query(text, relations)))


PATTERNS = st.text("ab[]^-*?\\.%_Aä\n", max_size=7)


@settings(max_examples=300)
@given(st.sampled_from(["GLOB", "LIKE"]), PATTERNS, PATTERNS)
def test_any_pattern_matches_the_same(both: Both, operator: str, pattern: str, value: str) -> None:
    text = neutral(f"x {operator} '{pattern}'", ["x"])
    assert text is not None
    condition = expressions.condition(text, Scope({"x": ("x", TEXT)}))
    ((matched,),) = both.read(f"SELECT {_quoted(value)} {operator} {_quoted(pattern)}")
    assert both.ask(f"SELECT {condition} FROM (SELECT CAST({_quoted(value)} AS text) AS x) v") == [
        (bool(matched),)
    ]


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@settings(max_examples=200)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20))
def test_any_text_default_keeps_its_value(both: Both, value: str) -> None:
    default = expressions.default(neutral(_quoted(value), ()) or "", TEXT)
    assert both.ask(f"SELECT {default}") == [(value,)]


@settings(max_examples=200)
@given(st.text(max_size=8), st.integers(-12, 12), st.integers(-12, 12))
def test_any_substring_is_the_same(both: Both, value: str, start: int, length: int) -> None:
    text = "".join(character for character in value if character != "\0" and not 0xD800 <= ord(character) < 0xE000)
    sql = f"substr({_quoted(text)}, {start}, {length})"
    computed = f"substr({_quoted(text)}, {start} + 0, {length} + 0)"
    expected = both.read(f"SELECT {sql}")
    for form in (sql, computed):
        assert both.ask(f"SELECT {expressions.default(neutral(form, ()) or '', TEXT)}") == expected
