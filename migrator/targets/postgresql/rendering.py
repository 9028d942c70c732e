"""Alembic operations as the SQL they would run, without a connection.

Alembic's own offline mode replaces every tab in a statement by blanks, inside literals and names too
(`DefaultImpl._exec`). So its online mode runs here over SQLAlchemy's mock engine, which hands over each
construct to be compiled as it is.
"""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations, ops
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ClauseElement

_PLAIN = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
"""A driver's `format` style would double every percent sign in a name or literal."""


class Renderer:
    """Turns operations into statements, without trailing semicolons."""

    def __init__(self) -> None:
        self._statements: list[str] = []
        engine = sa.create_mock_engine("postgresql+psycopg://", self._record)
        self._operations = Operations(MigrationContext.configure(connection=cast(Connection, engine)))

    def _record(self, construct: ClauseElement, *_: Any, **__: Any) -> None:
        self._statements.append(str(construct.compile(dialect=_PLAIN)).strip())

    def do(self, *operations: ops.MigrateOperation) -> tuple[str, ...]:
        """The statements of the operations, in order."""
        self._statements.clear()
        for operation in operations:
            self._operations.invoke(operation)
        return tuple(self._statements)

    def foreign_key(self, constraint: sa.Constraint) -> tuple[str, ...]:
        """The statement that adds a foreign key. Alembic's operation names the parent's columns in text with dots,
        and so loses those that have a dot in their own name."""
        return (str(sa.schema.AddConstraint(constraint).compile(dialect=_PLAIN)).strip(),)

    def undo(self, operation: ops.MigrateOperation) -> tuple[str, ...]:
        """The statements that take the operation back, see `tolerant`."""
        return self.tolerant(operation.reverse())

    def tolerant(self, operation: ops.MigrateOperation) -> tuple[str, ...]:
        """The statements of an operation that drops something.

        They pass over what is gone already, so that a run of which somebody dropped a part can still be taken
        back.
        """
        return tuple(_tolerant(statement) for statement in self.do(_if_exists(operation)))


def _if_exists(operation: ops.MigrateOperation) -> ops.MigrateOperation:
    if isinstance(operation, (ops.DropTableOp, ops.DropIndexOp, ops.DropConstraintOp)):
        operation.if_exists = True
    return operation


def _tolerant(statement: str) -> str:
    """The same for the two places where Alembic has no option for it."""
    alter, drop = "ALTER TABLE ", " DROP IDENTITY"
    if statement.startswith(alter):
        statement = f"{alter}IF EXISTS {statement.removeprefix(alter)}"
    return f"{statement} IF EXISTS" if statement.endswith(drop) else statement


def verbatim(sql: str) -> ops.ExecuteSQLOp:
    """An operation that runs `sql` as it is. `DDL` formats its text with `%`, so percent signs are doubled."""
    return ops.ExecuteSQLOp(sa.DDL(sql.replace("%", "%%")))  # type: ignore[no-untyped-call]
