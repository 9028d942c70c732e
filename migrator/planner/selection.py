"""Tables without the columns that the user leaves out, and without what depends on them.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from migrator.model.findings import Finding, finding
from migrator.model.options import Options
from migrator.model.schema import Check, Expression, ForeignKey, Index, Key, Schema, Table


def skipped_columns(database: str, table: Table, options: Options) -> frozenset[str]:
    """The columns that do not move."""
    chosen = options.table(database, table.name).columns
    return frozenset(column.name for column in table.columns if column.name in chosen and chosen[column.name].skip)


def without_columns(table: Table, gone: frozenset[str]) -> Table:
    """The table without these columns and the keys, checks and indexes over them. Foreign keys that point to
    them have a problem then, which the planner finds."""
    if not gone:
        return table
    key = table.primary_key
    return replace(
        table,
        columns=tuple(column for column in table.columns if column.name not in gone),
        primary_key=key if key is None or gone.isdisjoint(key.columns) else None,
        uniques=tuple(each for each in table.uniques if gone.isdisjoint(each.columns)),
        foreign_keys=tuple(each for each in table.foreign_keys if gone.isdisjoint(each.columns)),
        checks=tuple(each for each in table.checks if not _reads(each.expression, gone)),
        indexes=tuple(each for each in table.indexes if not _over(each, gone)),
    )


def selection_findings(database: str, table: Table, gone: frozenset[str]) -> Iterator[Finding]:
    """What leaving the columns out means."""
    kept = without_columns(table, gone)
    for column in sorted(gone):
        yield finding(
            "column-skipped", "The column does not move.", database=database, table=table.name, column=column
        )
    for code, what in _lost(table, kept):
        text = f"{what} is not moved: a column of it is left out."
        yield finding(code, text, database=database, table=table.name)


def _lost(table: Table, kept: Table) -> Iterator[tuple[str, str]]:
    if table.primary_key is not None and kept.primary_key is None:
        yield "key-not-moved", _named("The primary key", table.primary_key)
    for each in table.uniques:
        if each not in kept.uniques:
            yield "key-not-moved", _named("The unique constraint", each)
    for key in table.foreign_keys:
        if key not in kept.foreign_keys:
            yield "foreign-key-not-moved", _named("The foreign key", key)
    for check in table.checks:
        if check not in kept.checks:
            yield "check-not-moved", f"CHECK {_sql(check)!r}"
    for index in table.indexes:
        if index not in kept.indexes:
            yield "index-not-moved", f"Index {index.name!r}"


def _named(what: str, key: Key | ForeignKey) -> str:
    return f"{what} ({', '.join(key.columns)})"


def _sql(check: Check) -> str:
    return check.expression.sql


def _reads(expression: Expression | None, gone: frozenset[str]) -> bool:
    """Whether an expression names one of the columns. Identifiers of the neutral form are quoted; of what has no
    neutral form nothing is known."""
    if expression is None:
        return False
    text = expression.neutral if expression.neutral is not None else expression.sql
    return any(_quoted(column) in text for column in gone) or expression.neutral is None


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _over(index: Index, gone: frozenset[str]) -> bool:
    return (
        any(part.column in gone for part in index.parts)
        or any(_reads(part.expression, gone) for part in index.parts)
        or _reads(index.where, gone)
    )


def selected(database: str, schema: Schema, options: Options) -> tuple[Table, ...]:
    """The tables that move, without the columns that do not."""
    return tuple(
        without_columns(table, skipped_columns(database, table, options))
        for table in schema.tables
        if not options.table(database, table.name).skip
    )
