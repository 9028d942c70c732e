"""PostgreSQL's statements for each step of a run, rendered by Alembic's operations.

Pure: no connection.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.dialects import postgresql

from migrator.model.plan import (
    QUARANTINE,
    CheckPlan,
    ColumnPlan,
    ForeignKeyPlan,
    IndexPlan,
    KeyPlan,
    TablePlan,
    ViewPlan,
)
from migrator.targets.common.names import as_is
from migrator.targets.common.rendering import Renderer, verbatim
from migrator.targets.common.steps import SCHEMA_MARK, Change
from migrator.targets.common.tables import Spellings, Tables, quarantine_table
from migrator.targets.postgresql.blocks import block
from migrator.targets.postgresql.given import emptied, given_numbers
from migrator.targets.postgresql.identity import first_number, set_used_up
from migrator.targets.postgresql.names import literal, qualified, quote
from migrator.targets.postgresql.types import fact

_PLAIN = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]

SPELLINGS = Spellings(
    type=lambda type: fact(type).build(type),
    now="now()",
    identity=lambda _table, _column: None,
    where="postgresql_where",
    unvalidated={"postgresql_not_valid": True},
)
"""A column becomes an identity after the load: its sequence then starts behind the rows."""


class PostgreSQLStatements:
    """Satisfies `migrator.targets.common.steps.Statements`."""

    def __init__(self, plans: tuple[TablePlan, ...]) -> None:
        self._render = Renderer("postgresql+psycopg://", _PLAIN)
        self._tables = Tables(plans, SPELLINGS)

    def schema(self, name: str) -> Change:
        """See `Statements.schema`."""
        quoted, mark = quote(name), literal(SCHEMA_MARK)
        do = block(
            f"IF to_regnamespace({literal(quoted)}) IS NULL THEN",
            f"    CREATE SCHEMA {quoted};",
            f"    COMMENT ON SCHEMA {quoted} IS {mark};",
            "END IF;",
        )
        undo = block(
            f"IF obj_description(to_regnamespace({literal(quoted)}), 'pg_namespace') = {mark} THEN",
            f"    DROP SCHEMA {quoted};",
            "END IF;",
            exception="EXCEPTION WHEN dependent_objects_still_exist THEN NULL;",
        )
        return Change((do,), (undo,))

    def quarantine(self, schema: str) -> Change:
        """The table may be there from an earlier run; it goes with the last row in it."""
        operation = ops.CreateTableOp.from_table(quarantine_table(schema, SPELLINGS))
        operation.if_not_exists = True
        name = qualified(schema, QUARANTINE)
        undo = block(
            f"IF to_regclass({literal(name)}) IS NOT NULL THEN",
            f"    IF NOT EXISTS (SELECT FROM {name}) THEN",
            f"        DROP TABLE {name};",
            "    END IF;",
            "END IF;",
        )
        return Change(self._render.do(operation), (undo,))

    def table(self, plan: TablePlan) -> Change:
        """See `Statements.table`."""
        return self._change(ops.CreateTableOp.from_table(self._tables.table(plan)))

    def emptied(self, plan: TablePlan) -> tuple[str, ...]:
        """See `given.emptied`."""
        return (emptied(plan),)

    def primary_key(self, plan: TablePlan, key: KeyPlan) -> Change:
        """See `Statements.primary_key`."""
        return self._change(ops.AddConstraintOp.from_constraint(self._tables.primary_key(plan, key)))

    def unique(self, plan: TablePlan, key: KeyPlan) -> Change:
        """See `Statements.unique`."""
        return self._change(ops.AddConstraintOp.from_constraint(self._tables.unique(plan, key)))

    def check(self, plan: TablePlan, check: CheckPlan) -> Change:
        """See `Statements.check`."""
        return self._change(ops.AddConstraintOp.from_constraint(self._tables.check(plan, check)))

    def index(self, plan: TablePlan, index: IndexPlan) -> Change:
        """See `Statements.index`."""
        return self._change(ops.CreateIndexOp.from_index(self._tables.index(plan, index)))

    def foreign_keys(self, plan: TablePlan) -> Iterator[tuple[ForeignKeyPlan, sa.Constraint]]:
        """See `Tables.foreign_keys`."""
        return self._tables.foreign_keys(plan)

    def foreign_key(self, plan: TablePlan, key: ForeignKeyPlan, made: sa.Constraint) -> Change:
        """See `Statements.foreign_key`."""
        drop = ops.DropConstraintOp(as_is(key.name), as_is(plan.target), "foreignkey", schema=as_is(plan.schema))
        return Change(self._render.foreign_key(made), self._tolerant(drop))

    def identity(self, plan: TablePlan, column: ColumnPlan, next_number: int) -> Change:
        """See `Statements.identity`."""
        first = first_number(column.type.kind, next_number)
        if plan.given:
            # A sequence counts from 1, whatever the rows hold: https://www.postgresql.org/docs/current/sql-createsequence.html
            return Change(*given_numbers(plan, column.target, max(first, 1), used=first < next_number))
        table = self._tables.table(plan)
        operation = ops.AlterColumnOp(
            table.name,
            as_is(column.target),
            schema=table.schema,
            modify_server_default=sa.Identity(start=first, minvalue=first if first < 1 else None),
            existing_server_default=None,
        )
        do = self._render.do(operation)
        if first < next_number:
            do += self._render.do(verbatim(set_used_up(plan.schema, plan.target, column.target, first)))
        return Change(do, self._tolerant(operation.reverse()))

    def view(self, view: ViewPlan) -> Change:
        """See `Statements.view`."""
        name = qualified(view.schema, view.target)
        do = self._render.do(verbatim(f"CREATE VIEW {name} AS {view.sql}"))
        return Change(do, self._render.do(verbatim(f"DROP VIEW IF EXISTS {name}")))

    def statistics(self, plan: TablePlan) -> tuple[str, ...]:
        """https://www.postgresql.org/docs/current/sql-analyze.html"""
        return self._render.do(verbatim(f"ANALYZE {qualified(plan.schema, plan.target)}"))

    def _change(self, operation: ops.MigrateOperation) -> Change:
        return Change(self._render.do(operation), self._tolerant(operation.reverse()))

    def _tolerant(self, operation: ops.MigrateOperation) -> tuple[str, ...]:
        return tuple(_tolerant(statement) for statement in self._render.dropping(operation))


def _tolerant(statement: str) -> str:
    """IF EXISTS for the two places where Alembic has no option for it."""
    alter, drop = "ALTER TABLE ", " DROP IDENTITY"
    if statement.startswith(alter):
        statement = f"{alter}IF EXISTS {statement.removeprefix(alter)}"
    return f"{statement} IF EXISTS" if statement.endswith(drop) else statement
