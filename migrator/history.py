"""The verbs for what was run before: verify, rollback, status."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from migrator.connections import Target, open_target, without_password
from migrator.errors import ChangedSinceError, JournalError, RunFailedError, VerificationError
from migrator.execution import Execution, Stopwatch, prepare_sources
from migrator.journal import DONE, Journal, JournalRun, run_lock
from migrator.model.options import ANY_SOURCE, NamedSource, SourceAccess
from migrator.model.plan import Phase, Plan
from migrator.model.result import Mismatch, RunResult, RunStatus, Status, TableResult
from migrator.outcome import UNFINISHED, next_step, outcome
from migrator.preparation import AnySource, by_name, check_fingerprints, opened_sources, stage_as_planned
from migrator.report.progress import Progress, Silent
from migrator.report.serialize import loads_plan
from migrator.targets import Server
from migrator.verifier import target_digest
from migrator.workspace import DEFAULT, Workspace, new_run_id


def rollback(
    run_id: str | None = None,
    *,
    target: Target,
    force: bool = False,
    work: Path = DEFAULT,
    progress: Progress | None = None,
) -> RunResult:
    """Take a run back: drop exactly what it made.

    Args:
        run_id: The run; None for the newest one that is not taken back yet.
        force: Take it back although rows changed since it finished; they go.
        target, work, progress: See `plan`.

    Raises:
        ChangedSinceError: Rows changed since the run finished; nothing was undone.
        DataError: Something that the run did not make depends on what it made.
        JournalError: There is no such run, or another process works on it.
    """
    shown, watch = progress or Silent(), Stopwatch()
    with open_target(target, work) as server, server.errors("rollback"):
        journal = Journal(server.engine)
        found = journal.run(run_id, (*UNFINISHED, Status.SUCCEEDED, Status.ROLLING_BACK))
        chosen = loads_plan(found.plan, "the journal's plan")
        called = without_password(str(target))
        execution = Execution(found.run_id, called, chosen, {}, server, journal, shown, watch)
        with run_lock(server.engine, found.run_id, server.try_lock):
            found = journal.run(found.run_id, ())  # another process may have had it until now
            if found.status is Status.SUCCEEDED and not force:
                _refuse_changed(server, chosen, found, shown)
            execution.undo()
        shown.finish()
        result = outcome(execution, Status.ROLLED_BACK)
    workspace = Workspace(work)
    workspace.drop_snapshots(found.run_id)
    workspace.save(result)
    return result


def _refuse_changed(server: Server, chosen: Plan, found: JournalRun, progress: Progress) -> None:
    """Raise unless every table still has the digest with which the run finished."""
    progress.phase("compare")
    changed = []
    for table in chosen.tables:
        progress.table_start(table.name, table.rows)
        now = target_digest(server, table)
        progress.table_done(table.name)
        before = found.digests.get(table.name)
        if now.hexadecimal != before:
            was = int(before[-8:], 16) if before else 0
            changed.append(f"{table.name} ({was:,} rows then, {now.rows:,} now)")
    if changed:
        raise ChangedSinceError(
            "Rows changed since the run finished; taking it back would lose them.",
            where=", ".join(changed),
            hint=f"`migrator rollback {found.run_id} --force` takes it back all the same: these tables go, with "
            "everything that was written to them.",
        )


def verify(
    sources: Sequence[AnySource] = (),
    *,
    target: Target,
    run_id: str | None = None,
    work: Path = DEFAULT,
    progress: Progress | None = None,
    access: SourceAccess = ANY_SOURCE,
) -> RunResult:
    """Prove a migrated target again, against its sources as they are now.

    Args:
        sources: Paths or URLs; () for those of the run.
        run_id: The run; None for the newest finished one.
        target, work, progress, access: See `plan`.

    Raises:
        RunFailedError: Something differs; its result names the rows and columns. Nothing is changed.
        ConfigurationError: The source's schema is not the one that was moved.
    """
    workspace, shown, watch = Workspace(work), progress or Silent(), Stopwatch()
    name = new_run_id()
    try:
        with open_target(target, work) as server, server.errors("verification"):
            found = Journal(server.engine).run(run_id, (Status.SUCCEEDED,))
            if found.status is not Status.SUCCEEDED:
                raise JournalError(
                    f"The run is {found.status.value.replace('_', ' ')}; only a finished one can be verified.",
                    where=f"run {found.run_id}",
                    hint=next_step(found),
                )
            chosen = loads_plan(found.plan, "the journal's plan")
            given = sources or [NamedSource(each.name, each.original) for each in found.snapshots]
            with opened_sources(given, workspace.snapshots(name), access) as opened:
                check_fingerprints(chosen, opened)
                stage_as_planned(by_name(opened), chosen)
                called = without_password(str(target))
                execution = Execution(
                    found.run_id, called, chosen, by_name(opened), server, Journal(server.engine), shown, watch
                )
                prepare_sources(execution.sources, chosen.tables)
                tables, mismatches = execution.prove()
                shown.finish()
                return _verified(execution, tables, mismatches)
    finally:
        workspace.drop_snapshots(name)


def _verified(
    execution: Execution, tables: tuple[TableResult, ...], mismatches: tuple[Mismatch, ...]
) -> RunResult:
    if not mismatches:
        return outcome(execution, Status.SUCCEEDED, tables)
    cause = VerificationError(
        f"The target is not what the source is now: {mismatches[0].message}",
        where=", ".join(dict.fromkeys(m.table for m in mismatches)),
        hint="The report names the rows. Did an application write to the source or the target since the run?",
        tables=tables,
        mismatches=mismatches,
    )
    raise RunFailedError(cause, outcome(execution, Status.FAILED, error=cause))


def status(*, target: Target, work: Path = DEFAULT) -> tuple[RunStatus, ...]:
    """Every run in the target's journal, oldest first."""
    with open_target(target, work) as server, server.errors("status"):
        journal = Journal(server.engine)
        return tuple(_status(server, journal, found) for found in journal.runs())


def _status(server: Server, journal: Journal, found: JournalRun) -> RunStatus:
    chosen = loads_plan(found.plan, "the journal's plan")
    done = journal.steps_in(found.run_id, DONE)
    data = [step for step in chosen.steps if step.phase is Phase.DATA]
    return RunStatus(
        run_id=found.run_id,
        status=_seen(server, found),
        started=found.started.isoformat(timespec="seconds"),
        finished=found.finished.isoformat(timespec="seconds") if found.finished else None,
        sources=tuple(source.url for source in chosen.sources),
        tables=len(chosen.tables),
        tables_loaded=sum(step.id in done for step in data),
        rows=sum(journal.written(found.run_id, step.id).rows for step in data),
        rows_planned=chosen.estimate.rows,
        next=next_step(found),
    )


def _seen(server: Server, found: JournalRun) -> Status:
    """A run marked as running whose lock is free belongs to a process that is gone."""
    if found.status is not Status.RUNNING:
        return found.status
    try:
        with run_lock(server.engine, found.run_id, server.try_lock, patience=0):
            return Status.INTERRUPTED
    except JournalError:
        return Status.RUNNING
