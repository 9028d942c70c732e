"""Rules and queries of an Access database in the schema, and whether the snapshot can evaluate them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from migrator.sources import access
from migrator.sources.access import translations
from migrator.sources.access.schema import Column
from tests.sources.access import expected

SHOP = expected.FIXTURES / "shop.accdb"


@pytest.mark.parametrize(
    ("rule", "breaks"),
    [
        (">=0 And <100", ["-1", "100"]),
        ("Between 1 And 10", ["-1", "0", "99", "100"]),
        ("<>5", ["5"]),
        ("In (1,2,3)", ["-1", "0", "4", "5", "10", "99", "100"]),
        ("Is Null Or >0", ["-1", "0"]),
    ],
)
def test_the_snapshot_evaluates_a_rule_as_access_does(rule: str, breaks: list[str]) -> None:
    with access.open(SHOP) as database:
        table = database.table("Order Details")
        ruled = tuple(_with(each, rule) if each.name == "Qty" else each for each in table.columns)
        (check,) = translations.rules(table, ruled)
    assert check.expression.neutral is not None
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute('CREATE TABLE t ("Qty" INTEGER)')
        values = ["-1", "0", "1", "3", "4", "5", "10", "99", "100", "NULL"]
        connection.execute(f"INSERT INTO t VALUES {', '.join(f'({each})' for each in values)}")
        found = connection.execute(f'SELECT "Qty" FROM t WHERE NOT ({check.expression.sql})').fetchall()
    assert [str(value) for (value,) in found] == breaks


def test_a_rule_that_cannot_be_kept_shows_its_own_text() -> None:
    with access.open(SHOP) as database:
        table = database.table("Order Details")
        ruled = tuple(_with(each, "Format([Qty], 'x')='a'") for each in table.columns if each.name == "Qty")
        (check,) = translations.rules(table, ruled)
    assert check.expression.neutral is None
    assert check.expression.sql == "Format([Qty], 'x')='a'"


def _with(column: Column, rule: str) -> Column:
    return replace(column, properties={**column.properties, "ValidationRule": rule})
