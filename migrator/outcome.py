"""What a run came to, as the object that the API returns and every output shows."""

from __future__ import annotations

import platform

from migrator.errors import ConnectionFailure, MigratorError, VerificationError
from migrator.execution import Execution
from migrator.journal import JournalRun
from migrator.model.result import Mismatch, RunResult, Status, TableResult
from migrator.preparation import tool

UNFINISHED = (Status.RUNNING, Status.INTERRUPTED, Status.FAILED)
"""Where `resume` can go on."""


def outcome(
    execution: Execution,
    status: Status,
    tables: tuple[TableResult, ...] = (),
    error: MigratorError | None = None,
) -> RunResult:
    """The result of an execution that ended with `status`, by `error` if anything went wrong."""
    plan = execution.plan
    mismatches: tuple[Mismatch, ...] = ()
    if isinstance(error, VerificationError):
        tables, mismatches = error.tables, error.mismatches
    gone = status is Status.FAILED and isinstance(error, ConnectionFailure)
    return RunResult(
        run_id=execution.run_id,
        status=status,
        target=execution.target,
        tables=tables,
        findings=(*plan.findings, *execution.found),
        seconds=execution.watch.report(),
        mismatches=mismatches,
        unmoved=plan.unmoved,
        sources=tuple(source.url for source in plan.sources),
        started=execution.watch.started,
        error=str(error) if error else None,
        plans=plan.tables,
        environment={
            "tool": tool(),
            "python": platform.python_version(),
            "server": "unreachable" if gone else execution.server.version(),
        },
    )


def next_step(found: JournalRun) -> str:
    """What the user can do with a run now."""
    if found.status is Status.SUCCEEDED:
        return f"`migrator verify` proves it again, `migrator rollback {found.run_id}` takes it back."
    if found.status in UNFINISHED:
        return f"`migrator resume {found.run_id}` goes on, `migrator rollback {found.run_id}` takes it back."
    if found.status is Status.ROLLING_BACK:
        return f"`migrator rollback {found.run_id}` goes on taking it back."
    return "Nothing is left of it; start a new run."
