"""The type table, names and the facts of the dialect."""

from __future__ import annotations

import pytest
from sqlalchemy import text as sql
from sqlalchemy.engine import make_url

from migrator.model.types import Kind, LogicalType
from migrator.targets import dialect_of
from migrator.targets.postgresql import DIALECT
from migrator.targets.postgresql.server import PostgreSQLServer
from migrator.targets.postgresql.types import BOUNDED_TEXT, TYPES, fact
from tests.targets.postgresql.plans import WEIRD, apply, column, plan, table

SPELLINGS = [
    ("bool", "boolean", "BOOLEAN", "boolean"),
    ("int16", "smallint", "SMALLINT", "smallint"),
    ("int32", "integer", "INTEGER", "integer"),
    ("int64", "bigint", "BIGINT", "bigint"),
    ("float64", "double precision", "DOUBLE PRECISION", "double precision"),
    ("decimal(18,4)", "numeric(18,4)", "NUMERIC(18, 4)", "numeric(18,4)"),
    ("decimal(38,38)", "numeric(38,38)", "NUMERIC(38, 38)", "numeric(38,38)"),
    ("decimal(5,0)", "numeric(5,0)", "NUMERIC(5, 0)", "numeric(5,0)"),
    ("text", "text", "TEXT", "text"),
    ("text(150)", "varchar(150)", "VARCHAR(150)", "character varying(150)"),
    ("binary", "bytea", "BYTEA", "bytea"),
    ("date", "date", "DATE", "date"),
    ("time", "time", "TIME WITHOUT TIME ZONE", "time without time zone"),
    ("timestamp", "timestamp", "TIMESTAMP WITHOUT TIME ZONE", "timestamp without time zone"),
    ("timestamptz", "timestamptz", "TIMESTAMP WITH TIME ZONE", "timestamp with time zone"),
    ("uuid", "uuid", "UUID", "uuid"),
    ("json", "jsonb", "JSONB", "jsonb"),
    ("json_text", "json", "JSON", "json"),
]


@pytest.mark.parametrize(("logical", "name", "ddl", "catalogue"), SPELLINGS)
def test_each_type_has_one_name_one_ddl_and_one_catalogue_spelling(
    logical: str, name: str, ddl: str, catalogue: str
) -> None:
    type = LogicalType.parse(logical)
    assert DIALECT.type_name(type) == name
    assert f'"c" {ddl}\n' in plan(table("t", column("c", type))).steps[0].do[0]
    assert fact(type).catalogued(type) == catalogue
    assert DIALECT.column_type(type) == type


def test_every_kind_has_a_type() -> None:
    assert set(TYPES) == set(Kind)
    assert {fact(LogicalType.parse(logical)) for logical, *_ in SPELLINGS} == {*TYPES.values(), BOUNDED_TEXT}


def test_the_server_knows_the_types_by_these_names(server: PostgreSQLServer) -> None:
    types = [LogicalType.parse(logical) for logical, *_ in SPELLINGS]
    target = table("t", *(column(str(type), type) for type in types))
    apply(server.engine, plan(target).steps)
    assert server.check_schema(target) == ()
    with server.engine.connect() as connection:
        for type in types:
            connection.execute(sql(f"SELECT NULL::{DIALECT.type_name(type)}"))


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("text(0)", "text"),
        ("text(1)", "text(1)"),
        ("text(10485760)", "text(10485760)"),
        ("text(10485761)", "text"),
    ],
)
def test_lengths_that_varchar_cannot_have_become_unbounded(given: str, stored: str) -> None:
    assert str(DIALECT.column_type(LogicalType.parse(given))) == stored


@pytest.mark.parametrize(("name", "length"), [("a" * 63, 63), ("한", 3), ("🙂", 4), ("", 0)])
def test_names_are_measured_in_bytes(name: str, length: int) -> None:
    assert DIALECT.identifier_length(name) == length


@pytest.mark.parametrize("name", ["a", "Select", 'a"b', "a.b", "a%b", "한글 x", WEIRD, "a\\b", "a'b", "n" * 63])
def test_quoted_names_come_back_unchanged(server: PostgreSQLServer, name: str) -> None:
    with server.engine.connect() as connection:
        verbatim = connection.execution_options(no_parameters=True)
        cursor = verbatim.exec_driver_sql(f"SELECT 1 AS {DIALECT.quote(name)}")
        assert list(cursor.keys()) == [name]


def test_the_limits_are_the_servers_own(server: PostgreSQLServer) -> None:
    with server.engine.connect() as connection:
        assert connection.execute(sql("SHOW max_identifier_length")).scalar() == str(DIALECT.max_identifier)
        found = connection.execute(
            sql("SELECT attname FROM pg_attribute WHERE attrelid = 'pg_class'::regclass AND attnum < 0")
        )
        assert {row.attname for row in found} == DIALECT.reserved_columns
    widest = table("t", *(column(f"c{n}", LogicalType(Kind.BOOL)) for n in range(DIALECT.max_columns)))
    apply(server.engine, plan(widest).steps)
    assert server.count(widest) == 0


@pytest.mark.parametrize(("one", "other", "same"), [("Ab", "aB", True), ("É", "é", False), ("a", "b", False)])
def test_fold_case_folds_ascii_letters_only(server: PostgreSQLServer, one: str, other: str, same: bool) -> None:
    folded = DIALECT.fold_case('c"')
    query = sql(f'SELECT count(DISTINCT {folded}) FROM (VALUES (:one), (:other)) AS v ("c""")')
    with server.engine.connect() as connection:
        assert connection.execute(query, {"one": one, "other": other}).scalar() == (1 if same else 2)


@pytest.mark.parametrize("url", ["postgresql://h/d", "postgresql+psycopg://h/d", "postgres://h/d"])
def test_urls_that_people_have_lead_to_this_dialect(url: str) -> None:
    assert dialect_of(make_url(url)) is DIALECT
