"""Stage: apply a plan's DDL steps, and their undos, through Alembic.

Each step is one Alembic revision, named `<run>.<step>`, and each run a branch of its own; Alembic's version
table lives in the schema `migrator` of the target, because sources often bring an `alembic_version` of their
own. The caller owns the transaction, so a step, its version and its journal entry commit together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alembic.migration import MigrationContext, MigrationStep, StampStep
from alembic.script.revision import RevisionMap
from sqlalchemy import Connection

from migrator.model.plan import JOURNAL_SCHEMA, Step


def send(connection: Connection, statements: Iterable[str]) -> None:
    """Execute statements as they are: no parameters, so that `%` and `:` in names mean themselves."""
    for sql in statements:
        connection.exec_driver_sql(sql, execution_options={"no_parameters": True})


def revision(run_id: str, step: int) -> str:
    """The Alembic revision of a run's step."""
    return f"{run_id}.{step}"


def apply(connection: Connection, run_id: str, step: Step, previous: int | None) -> None:
    """Do a step within the caller's transaction. `previous` is the id of the DDL step applied before it,
    None for the first."""
    before = () if previous is None else (revision(run_id, previous),)
    _migrate(connection, before, (revision(run_id, step.id),), step.do, upgrade=True)


def revert(connection: Connection, run_id: str, step: Step, previous: int | None) -> None:
    """Undo a step within the caller's transaction; `previous` as in `apply`."""
    before = () if previous is None else (revision(run_id, previous),)
    _migrate(connection, (revision(run_id, step.id),), before, step.undo, upgrade=False)


def _migrate(
    connection: Connection,
    from_: tuple[str, ...],
    to: tuple[str, ...],
    statements: tuple[str, ...],
    *,
    upgrade: bool,
) -> None:
    step = StampStep(from_, to, upgrade, branch_move=not (from_ and to), revision_map=RevisionMap(tuple))

    def migrate(**_: Any) -> None:
        send(connection, statements)

    def steps(_heads: tuple[str, ...], _context: MigrationContext) -> Iterable[MigrationStep]:
        step.migration_fn = migrate
        return [step]

    context = MigrationContext.configure(
        connection, opts={"fn": steps, "version_table_schema": JOURNAL_SCHEMA, "transactional_ddl": True}
    )
    context.run_migrations()
