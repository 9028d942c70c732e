"""From options to rules, and what is said about them; and tables without the columns that stay behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model.options import ColumnOptions, Options, TableOptions, TransformOptions
from migrator.model.rules import ColumnRule, RuleEffect, Staged, TableRules, Transform
from migrator.model.schema import Check, Column, Expression, ForeignKey, Index, IndexPart, Key, Schema, Table
from migrator.planner.rules import rule_findings, table_rules
from migrator.planner.selection import selection_findings, skipped_columns, without_columns

TABLE = Table(
    "t",
    (Column("id", "INTEGER"), Column("a", "TEXT"), Column("b", "TEXT")),
    primary_key=Key(("id",)),
    uniques=(Key(("a", "b")),),
    foreign_keys=(ForeignKey(("b",), "t", ("id",)),),
    checks=(
        Check(Expression("a > 'x'", "\"a\" > 'x'")),
        Check(Expression("b > 'x'", "\"b\" > 'x'")),
        Check(Expression("odd(a)", None)),
    ),
    indexes=(
        Index("one", (IndexPart("a"),)),
        Index("two", (IndexPart("a"),), where=Expression("b = 1", '"b" = 1')),
        Index("three", (IndexPart(expression=Expression("lower(b)", 'LOWER("b")')),)),
    ),
)
SCHEMA = Schema((TABLE, Table("u", (Column("x", ""),))))
FUNCTION = TransformOptions(Path("t.py"), "clean")
TRANSFORM = Transform("/t.py", "clean", "00")


def options(columns: dict[str, ColumnOptions] | None = None, **table: object) -> Options:
    return Options(tables={"t": TableOptions(columns=columns or {}, **table)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param(options(), (), id="no rule at all"),
        pytest.param(options(skip=True, trim=True), (), id="a table that does not move"),
        pytest.param(options({"a": ColumnOptions(target="z", secret=True)}), (), id="no rule about values"),
        pytest.param(options(where="id > 1"), (TableRules("t", "id > 1"),), id="rows"),
        pytest.param(
            options({"a": ColumnOptions(trim=False)}, trim=True),
            (TableRules("t", None, (ColumnRule("id", trim=True), ColumnRule("b", trim=True))),),
            id="the column wins over the table",
        ),
        pytest.param(
            options({"n": ColumnOptions(value=1), "a": ColumnOptions(compute="b", map={"x": True})}),
            (TableRules("t", None, (ColumnRule("a", compute="b", map=(("x", True),)), ColumnRule("n", 1))),),
            id="new columns come after the table's own",
        ),
        pytest.param(
            options(
                {"a": ColumnOptions(skip=True, trim=True), "made": ColumnOptions(secret=True)}, transform=FUNCTION
            ),
            (TableRules("t", None, (), TRANSFORM),),
            id="what stays behind, and what only the transform makes, has no rule",
        ),
    ],
)
def test_rules_come_from_the_options(chosen: Options, expected: tuple[TableRules, ...]) -> None:
    transforms = {"t": TRANSFORM} if chosen.tables["t"].transform else {}
    assert table_rules("db", SCHEMA, chosen, transforms) == expected


def test_what_rules_did_is_told_with_counts() -> None:
    staged = Staged("t", 10, 3, (RuleEffect("a", "trim", 2), RuleEffect("b", "map", 0)))
    found = rule_findings("db", [staged], [TableRules("t", "id > 1", (), TRANSFORM)])
    assert [(each.code, each.column, each.count) for each in found] == [
        ("rule-applied", "a", 2),
        ("rows-filtered", None, 3),
        ("transformed", None, 0),
    ]
    assert "3 of 10 rows" in found[1].message and "id > 1" in found[1].message


def test_a_column_left_out_takes_with_it_what_needs_it() -> None:
    chosen = options({"b": ColumnOptions(skip=True)})
    gone = skipped_columns("db", TABLE, chosen)
    kept = without_columns(TABLE, gone)
    assert [column.name for column in kept.columns] == ["id", "a"]
    assert kept.primary_key == Key(("id",)) and kept.uniques == () and kept.foreign_keys == ()
    assert [check.expression.sql for check in kept.checks] == ["a > 'x'"]
    assert [index.name for index in kept.indexes] == ["one"]
    assert [each.code for each in selection_findings("db", TABLE, gone)] == [
        "column-skipped",
        "key-not-moved",
        "foreign-key-not-moved",
        "check-not-moved",
        "check-not-moved",
        "index-not-moved",
        "index-not-moved",
    ]


def test_without_skipped_columns_a_table_stays_as_it_is() -> None:
    assert without_columns(TABLE, frozenset()) is TABLE
    assert list(selection_findings("db", TABLE, frozenset())) == []
