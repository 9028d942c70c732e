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


def numbered(plan: ColumnPlan) -> sa.Identity | None:
    """The numbering with which a column is created: it cannot be added later. It begins with the number that comes
    next, so that a table that stays empty needs nothing more."""
    if plan.next_identity is None:
        return None
    return sa.Identity(start=min(plan.next_identity, HIGHEST[plan.type.kind]), increment=1)


def go_on(plan: TablePlan, next_number: int) -> str:
    """A statement after which a table with rows goes on with that number, the one after what it is told."""
    name = qualified(plan.schema, plan.target)
    return f"IF EXISTS (SELECT 1 FROM {name}) {reseed(name, next_number - 1)}"


def reseed(name: str, last: int | str) -> str:
    """A statement that tells a table which number was given out last."""
    return f"DBCC CHECKIDENT ({literal(name)}, RESEED, {last}) WITH NO_INFOMSGS"


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
