"""Identity columns: what a table begins with, and what it numbers next.

https://learn.microsoft.com/sql/t-sql/database-console-commands/dbcc-checkident-transact-sql
"""

from __future__ import annotations

import sqlalchemy as sa

from migrator.model.plan import ColumnPlan, TablePlan
from migrator.model.types import Kind
from migrator.targets.mssql.names import literal, qualified

HIGHEST = {Kind.INT16: 2**15 - 1, Kind.INT32: 2**31 - 1, Kind.INT64: 2**63 - 1}
"""The last number of each type."""


def numbered(table: TablePlan, plan: ColumnPlan) -> sa.Identity | None:
    """The numbering with which a column is created: it cannot be added later. An empty table begins with the
    number that comes next, so that nothing more is needed; any other is told once its rows are there."""
    if plan.next_identity is None:
        return None
    return sa.Identity(start=1 if table.rows else _possible(plan, plan.next_identity), increment=1)


def _possible(plan: ColumnPlan, number: int) -> int:
    """The number, or the last of the type."""
    return min(number, HIGHEST[plan.type.kind])


def go_on(plan: TablePlan, column: ColumnPlan, next_number: int) -> str | None:
    """A statement after which a table goes on with that number; None for one that begins with it."""
    if not plan.rows:
        return None
    name = qualified(plan.schema, plan.target)
    told, first = reseed(name, next_number - 1), reseed(name, _possible(column, next_number))
    return f"IF EXISTS (SELECT 1 FROM {name}) {told}\nELSE {first}"


def reseed(name: str, last: int | str) -> str:
    """A statement that tells a table which number was given out last; one that never had a row gives out that
    number itself."""
    return f"DBCC CHECKIDENT ({literal(name)}, RESEED, {last})"


def go_on_given(plan: TablePlan, next_number: int) -> tuple[str, str]:
    """The same for a table that was there before, and a statement after which it numbers as if it were new.

    A table that never numbered a row gives out the number it is told itself, any other the one after it.
    """
    name = qualified(plan.schema, plan.target)
    here = f"FROM sys.identity_columns WHERE object_id = OBJECT_ID({literal(name)})"
    do = (
        f"IF EXISTS (SELECT 1 {here} AND last_value IS NULL) {reseed(name, next_number)}\n"
        f"ELSE {reseed(name, next_number - 1)}"
    )
    undo = (
        "DECLARE @last bigint\n"
        "SELECT @last = CAST(seed_value AS bigint) - CAST(increment_value AS bigint)"
        f" {here} AND last_value IS NOT NULL\n"
        f"IF @last IS NOT NULL {reseed(name, '@last')}"
    )
    return do, undo
