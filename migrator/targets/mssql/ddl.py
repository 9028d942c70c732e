"""SQL Server's statements for each step of a run, rendered by Alembic's operations.

Pure: no connection. What has to be the only statement of a batch (CREATE SCHEMA, CREATE VIEW) stands alone, or in
a batch of its own within.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.dialects import mssql

from migrator.model.plan import (
    QUARANTINE,
    CheckPlan,
    ColumnPlan,
    ForeignKeyPlan,
    IndexPartPlan,
    IndexPlan,
    KeyPlan,
    TablePlan,
    ViewPlan,
)
from migrator.targets.common.names import as_is
from migrator.targets.common.rendering import Renderer, verbatim
from migrator.targets.common.steps import SCHEMA_MARK, Change
from migrator.targets.common.tables import Spellings, Tables, quarantine_table
from migrator.targets.mssql.identity import go_on, go_on_given, numbered
from migrator.targets.mssql.names import literal, qualified, quote
from migrator.targets.mssql.types import fact

MARK_NAME = "migrator"
"""The extended property under which a run marks a database or schema that it created.
https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-addextendedproperty-transact-sql"""

_PLAIN = mssql.dialect(paramstyle="named", deprecate_large_types=True)  # type: ignore[no-untyped-call]

SPELLINGS = Spellings(
    type=lambda type: fact(type).build(type),
    now="SYSDATETIMEOFFSET()",
    identity=numbered,
    where="mssql_where",
    apart={"mssql_clustered": False},
)
MAX_NAME = 128


class SQLServerStatements:
    """Satisfies `migrator.targets.common.steps.Statements`."""

    def __init__(self, plans: tuple[TablePlan, ...]) -> None:
        self._render = Renderer("mssql+mssqlpython://", _PLAIN)
        self._tables = Tables(plans, SPELLINGS)

    def schema(self, name: str) -> Change:
        """A schema that something is in stays."""
        text, mark, create = literal(name), literal(MARK_NAME), literal(f"CREATE SCHEMA {quote(name)}")
        do = (
            f"IF SCHEMA_ID({text}) IS NULL\nBEGIN\n"
            f"    EXEC ({create})\n"
            f"    EXEC sys.sp_addextendedproperty {mark}, {literal(SCHEMA_MARK)}, N'SCHEMA', {text}\n"
            "END"
        )
        marked = (
            f"SELECT 1 FROM sys.extended_properties WHERE class = 3 AND major_id = SCHEMA_ID({text})"
            f" AND name = {mark}"
        )
        used = [
            f"SELECT 1 FROM sys.{view} WHERE schema_id = SCHEMA_ID({text})"
            for view in ("objects", "types", "xml_schema_collections")
        ]
        undo = (
            f"IF EXISTS ({marked}) AND NOT EXISTS ({') AND NOT EXISTS ('.join(used)})\nBEGIN\n"
            f"    EXEC sys.sp_dropextendedproperty {mark}, N'SCHEMA', {text}\n"
            f"    EXEC ({literal(f'DROP SCHEMA {quote(name)}')})\n"
            "END"
        )
        return Change((do,), (undo,))

    def quarantine(self, schema: str) -> Change:
        """The table may be there from an earlier run; it goes with the last row in it."""
        (create,) = self._render.do(ops.CreateTableOp.from_table(quarantine_table(schema, SPELLINGS)))
        name = qualified(schema, QUARANTINE)
        there = f"OBJECT_ID({literal(name)})"
        undo = f"IF {there} IS NOT NULL\nBEGIN\n    IF NOT EXISTS (SELECT 1 FROM {name}) DROP TABLE {name}\nEND"
        return Change((f"IF {there} IS NULL\n{create}",), (undo,))

    def table(self, plan: TablePlan) -> Change:
        """See `Statements.table`. Comments go with the table."""
        operation = ops.CreateTableOp.from_table(self._tables.table(plan))
        return Change(self._render.do(operation), (f"DROP TABLE IF EXISTS {qualified(plan.schema, plan.target)}",))

    def emptied(self, plan: TablePlan) -> tuple[str, ...]:
        """TRUNCATE is refused where a foreign key of another table points here, even when that is empty.
        https://learn.microsoft.com/sql/t-sql/statements/truncate-table-transact-sql"""
        name = qualified(plan.schema, plan.target)
        there = f"OBJECT_ID({literal(name)})"
        pointed = (
            f"SELECT 1 FROM sys.foreign_keys WHERE referenced_object_id = {there}"
            " AND parent_object_id <> referenced_object_id"
        )
        return (
            f"IF {there} IS NOT NULL\nBEGIN\n"
            f"    IF EXISTS ({pointed}) DELETE FROM {name}\n"
            f"    ELSE TRUNCATE TABLE {name}\n"
            "END",
        )

    def primary_key(self, plan: TablePlan, key: KeyPlan) -> Change:
        """See `Statements.primary_key`."""
        return self._constraint(plan, key.name, self._tables.primary_key(plan, key))

    def unique(self, plan: TablePlan, key: KeyPlan) -> Change:
        """See `Statements.unique`."""
        return self._constraint(plan, key.name, self._tables.unique(plan, key))

    def check(self, plan: TablePlan, check: CheckPlan) -> Change:
        """See `Statements.check`."""
        return self._constraint(plan, check.name, self._tables.check(plan, check), validated=check.validated)

    def index(self, plan: TablePlan, index: IndexPlan) -> Change:
        """An expression becomes a stored computed column first, which the index is over."""
        added = added_columns(index)
        name = qualified(plan.schema, plan.target)
        columns = tuple(
            f"ALTER TABLE {name} ADD {quote(column)} AS ({expression}) PERSISTED"
            for column, expression in added.items()
        )
        made = self._index(plan, index, added) if added else self._tables.index(plan, index)
        do = (*columns, *self._render.do(ops.CreateIndexOp.from_index(made)))
        dropped = tuple(f"ALTER TABLE {name} DROP COLUMN IF EXISTS {quote(column)}" for column in reversed(added))
        undo = (
            f"IF OBJECT_ID({literal(name)}) IS NOT NULL\n    DROP INDEX IF EXISTS {quote(index.name)} ON {name}",
        )
        return Change(do, (*undo, *(_if_table(name, each) for each in dropped)))

    def _index(self, plan: TablePlan, index: IndexPlan, added: dict[str, str]) -> sa.Index:
        """An index of which some parts are the columns added for it, over a table that has them."""
        names = {expression: column for column, expression in added.items()}
        parts = [
            part if part.column is not None else IndexPartPlan(names[part.expression or ""], None, part.descending)
            for part in index.parts
        ]
        table = sa.Table(
            as_is(plan.target),
            sa.MetaData(),
            *(sa.Column(as_is(part.column or ""), sa.Integer) for part in dict.fromkeys(parts)),
            schema=as_is(plan.schema),
        )
        columns = (table.c[part.column or ""] for part in parts)
        listed = [
            column.desc() if part.descending else column for column, part in zip(columns, parts, strict=True)
        ]
        where: sa.ColumnElement[bool] | None = None if index.where is None else sa.literal_column(index.where)
        options: dict[str, Any] = {SPELLINGS.where: where}
        return sa.Index(as_is(index.name), *listed, unique=index.unique, _table=table, **options)

    def foreign_keys(self, plan: TablePlan) -> Iterator[tuple[ForeignKeyPlan, sa.Constraint]]:
        """See `Tables.foreign_keys`."""
        return self._tables.foreign_keys(plan)

    def foreign_key(self, plan: TablePlan, key: ForeignKeyPlan, made: sa.Constraint) -> Change:
        """See `Statements.foreign_key`."""
        return self._constraint(plan, key.name, made, validated=key.validated)

    def identity(self, plan: TablePlan, column: ColumnPlan, next_number: int) -> Change:
        """A table of the run's own has its numbering from the start, and takes it along when it goes."""
        if plan.given:
            do, undo = go_on_given(plan, next_number)
            return Change((do,), (_if_table(qualified(plan.schema, plan.target), undo),))
        told = go_on(plan, column, next_number)
        return Change((told,) if told is not None else ())

    def view(self, view: ViewPlan) -> Change:
        """See `Statements.view`."""
        name = qualified(view.schema, view.target)
        do = self._render.do(verbatim(f"CREATE VIEW {name} AS {view.sql}"))
        return Change(do, self._render.do(verbatim(f"DROP VIEW IF EXISTS {name}")))

    def statistics(self, plan: TablePlan) -> tuple[str, ...]:
        """Indexes that are built over rows have statistics of all of them; only those that were there during the
        load have none. https://learn.microsoft.com/sql/relational-databases/statistics/statistics"""
        return (f"UPDATE STATISTICS {qualified(plan.schema, plan.target)}",) if plan.given else ()

    def _constraint(self, plan: TablePlan, name: str, made: sa.Constraint, *, validated: bool = True) -> Change:
        """Add a constraint. WITH NOCHECK leaves the rows there are untested.
        https://learn.microsoft.com/sql/t-sql/statements/alter-table-table-constraint-transact-sql"""
        table = qualified(plan.schema, plan.target)
        (add,) = self._render.foreign_key(made)
        if not validated:
            add = add.replace(f"ALTER TABLE {table} ADD", f"ALTER TABLE {table} WITH NOCHECK ADD", 1)
        drop = f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {quote(name)}"
        return Change((add,), (_if_table(table, drop),))


def _if_table(name: str, statement: str) -> str:
    """A statement for a table that may be gone."""
    return f"IF OBJECT_ID({literal(name)}) IS NOT NULL\nBEGIN\n{statement}\nEND"


def added_columns(index: IndexPlan) -> dict[str, str]:
    """The computed columns that an index over expressions needs, in order, with their expressions."""
    expressions = dict.fromkeys(part.expression for part in index.parts if part.expression is not None)
    return {
        f"{_shortened(index.name)}_key{number}": expression
        for number, expression in enumerate(expressions, start=1)
    }


def _shortened(name: str) -> str:
    """A name with room for what comes behind it; lengths are in UTF-16 code units."""
    return name.encode("utf-16-le")[: 2 * (MAX_NAME - 10)].decode("utf-16-le", "ignore")
