"""Translated expressions run on PostgreSQL and give what Access gives on the same rows."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from migrator.model.types import BOOL, DATE, TIMESTAMP, LogicalType
from migrator.sources.access.sql import calculated, translate_default, translate_rule
from migrator.sources.access.types import Type
from migrator.targets import Relation, Scope
from migrator.targets.mssql import DIALECT as MSSQL
from migrator.targets.postgresql import DIALECT as POSTGRESQL
from tests.sources.access.sql.cases import COLUMNS, CONDITIONS, ROWS, TYPES, VALUES

SCOPE = Scope({name: (name, type) for name, (_, type) in COLUMNS.items()})
RELATIONS = {"t": Relation("access_sql", "t", SCOPE)}
ORDER = 'ORDER BY array_position(ARRAY[1, 2, -7, 4], "ID")'


def asked(server: psycopg.Connection[Any], sql: str) -> list[Any]:
    return [value for (value,) in server.execute(f"SELECT {sql} FROM t {ORDER}".encode())]


@pytest.mark.parametrize(("rule", "expected"), CONDITIONS)
def test_condition_is_true_for_the_same_rows(
    server: psycopg.Connection[Any], rule: str, expected: list[bool | None]
) -> None:
    found = translate_rule(rule, TYPES, None)
    assert found.expression.neutral is not None, found.reason
    if "LOCALTIMESTAMP" in found.expression.neutral:  # no constraint may ask for the time, but a view
        query = selected(f"CASE WHEN {found.expression.neutral} THEN 1 ELSE 0 END")
        rows = server.execute(POSTGRESQL.query(query, RELATIONS).encode()).fetchall()
        assert [value for (value,) in rows] == [int(bool(value)) for value in expected]
        assert MSSQL.query(query, RELATIONS)
    else:
        assert asked(server, POSTGRESQL.condition(found.expression.neutral, SCOPE)) == expected
        assert MSSQL.condition(found.expression.neutral, SCOPE)


def selected(neutral: str) -> str:
    """A query of an expression, in which columns have to be qualified."""
    for name in COLUMNS:
        neutral = neutral.replace(f'"{name}"', f'"t"."{name}"')
    return f'SELECT {neutral} AS "x" FROM "t" AS "t"'


@pytest.mark.parametrize(("written", "expected"), VALUES)
def test_calculated_value_is_the_same(server: psycopg.Connection[Any], written: str, expected: list[Any]) -> None:
    found = calculated(written, TYPES)
    assert found.expression.neutral is not None, found.reason
    assert asked(server, POSTGRESQL.expression(found.expression.neutral, SCOPE, None)) == expected
    assert MSSQL.query(selected(found.expression.neutral), RELATIONS)


@pytest.mark.parametrize(
    ("rule", "column", "expected"),
    [
        (">=0 And <100", "ID", [True, True, False, True]),
        ("Is Null Or >0", "Price", [True, False, False, True]),
        ('In ("apple", "pear")', "Name", [True, True, False, None]),
        ('Like "*e"', "Name", [True, False, False, None]),
        ('Not Like "*e"', "Name", [False, True, True, None]),
        ('"apple" Or "MÜNCHEN"', "Name", [True, True, True, None]),
        ("4", "ID", [False, False, False, True]),
        ("Not 4", "ID", [True, True, True, False]),
        ("<>4 And Not Between -10 And 0", "ID", [True, True, False, False]),
        ("Not In (1, 2)", "ID", [False, False, True, True]),
        ("Is Not Null", "Name", [True, True, True, False]),
        ("Len([Name]) > 5", "Name", [False, True, True, None]),
        (">#1/1/2000#", "Due", [True, False, True, None]),
        ("True", "Active", [True, False, True, False]),
        ('<>"apple" And Is Not Null', "Name", [False, False, True, False]),
    ],
)
def test_rule_of_a_column_may_leave_the_column_out(
    server: psycopg.Connection[Any], rule: str, column: str, expected: list[bool | None]
) -> None:
    found = translate_rule(rule, TYPES, column)
    assert found.expression.neutral is not None, found.reason
    assert asked(server, POSTGRESQL.condition(found.expression.neutral, SCOPE)) == expected
    assert MSSQL.condition(found.expression.neutral, SCOPE)


@pytest.mark.parametrize(
    ("written", "type", "logical", "expected"),
    [
        ("0", Type.LONG, COLUMNS["ID"][1], "0"),
        ("=-1", Type.LONG, COLUMNS["ID"][1], "-1"),
        ('"0"', Type.LONG, COLUMNS["ID"][1], "0"),
        ("True", Type.LONG, COLUMNS["ID"][1], "-1"),
        ("0.5", Type.CURRENCY, COLUMNS["Price"][1], "0.5"),
        ("0.1", Type.SINGLE, COLUMNS["Small"][1], "0.10000000149011612"),
        ("No", Type.YES_NO, BOOL, "false"),
        ("-1", Type.YES_NO, BOOL, "true"),
        ("0", Type.YES_NO, BOOL, "false"),
        ('"it""s"', Type.SHORT_TEXT, COLUMNS["Name"][1], "'it\"s'"),
        ('"a" & "b"', Type.SHORT_TEXT, COLUMNS["Name"][1], "'ab'"),
        ("5", Type.SHORT_TEXT, COLUMNS["Name"][1], "'5'"),
        ("#1/2/2020#", Type.DATE_TIME, TIMESTAMP, "TIMESTAMP '2020-01-02 00:00:00'"),
        ("=Date()", Type.DATE_TIME, TIMESTAMP, "date_trunc('day', LOCALTIMESTAMP)"),
        ("Date()", Type.DATE_TIME, DATE, "CURRENT_DATE"),
        ("Now()", Type.DATE_TIME, TIMESTAMP, "date_trunc('second', LOCALTIMESTAMP)"),
        ("Date()+7", Type.DATE_TIME, TIMESTAMP, "date_trunc('day', LOCALTIMESTAMP) + INTERVAL '7 days'"),
    ],
)
def test_default_gives_the_same_value(
    server: psycopg.Connection[Any], written: str, type: Type, logical: LogicalType, expected: str
) -> None:
    found = translate_default(written, type)
    assert found is not None
    assert found.expression.neutral is not None, found.reason
    default = POSTGRESQL.default(found.expression.neutral, logical)
    same = server.execute(f"SELECT ({default}) = ({expected})".encode()).fetchone()
    assert same == (True,), default
    assert MSSQL.default(found.expression.neutral, logical)


def test_cases_cover_every_row() -> None:
    assert all(len(expected) == len(ROWS) for _, expected in [*CONDITIONS, *VALUES])
