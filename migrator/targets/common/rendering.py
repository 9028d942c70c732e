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
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.sql import ClauseElement


class Renderer:
    """Turns operations into statements of a dialect, without trailing semicolons.

    Args:
        url: Of any database that speaks the dialect; nobody connects to it.
        plain: The dialect with `named` parameters: a driver's own style would double every percent sign in a name
            or literal.
    """

    def __init__(self, url: str, plain: Dialect) -> None:
        self._plain = plain
        self._statements: list[str] = []
        engine = sa.create_mock_engine(url, self._record)
        self._operations = Operations(MigrationContext.configure(connection=cast(Connection, engine)))

    def _record(self, construct: ClauseElement, *_: Any, **__: Any) -> None:
        self._statements.append(self.compiled(construct))

    def compiled(self, construct: ClauseElement) -> str:
        """One construct as a statement."""
        return str(construct.compile(dialect=self._plain)).strip()

    def do(self, *operations: ops.MigrateOperation) -> tuple[str, ...]:
        """The statements of the operations, in order."""
        self._statements.clear()
        for operation in operations:
            self._operations.invoke(operation)
        return tuple(self._statements)

    def dropping(self, operation: ops.MigrateOperation) -> tuple[str, ...]:
        """The statements of an operation that drops something. They pass over what is gone already: a run of
        which somebody dropped a part can still be taken back."""
        if isinstance(operation, (ops.DropTableOp, ops.DropIndexOp, ops.DropConstraintOp)):
            operation.if_exists = True
        return self.do(operation)

    def foreign_key(self, constraint: sa.Constraint) -> tuple[str, ...]:
        """The statement that adds a foreign key. Alembic's operation names the parent's columns in text with dots,
        and so loses those that have a dot in their own name."""
        return (self.compiled(sa.schema.AddConstraint(constraint)),)


def verbatim(sql: str) -> ops.ExecuteSQLOp:
    """An operation that runs `sql` as it is. `DDL` formats its text with `%`, so percent signs are doubled."""
    return ops.ExecuteSQLOp(sa.DDL(sql.replace("%", "%%")))  # type: ignore[no-untyped-call]
