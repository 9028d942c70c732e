"""The public verbs: plan, run, verify, resume, rollback, status.

Each takes plain values, opens what it needs, calls the stages in order and returns the objects that `--json`
prints. What goes wrong is raised as a `MigratorError`; after the target was touched, as a `RunFailedError`
that carries the result so far.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import URL

from migrator.connections import open_target, without_password
from migrator.errors import (
    ChangedSinceError,
    ConnectionFailure,
    Interrupted,
    JournalError,
    MigratorError,
    RunFailedError,
    UndecidedError,
    VerificationError,
)
from migrator.execution import Execution, Stopwatch, prepare_sources
from migrator.journal import DONE, Journal, JournalRun, run_lock
from migrator.model.options import Options
from migrator.model.plan import Phase, Plan
from migrator.model.result import Mismatch, RunResult, RunStatus, Status, TableResult
from migrator.preparation import (
    OpenSource,
    check_fingerprints,
    opened_sources,
    prepare,
    reopened_sources,
    tool,
)
from migrator.report.progress import Progress, Silent
from migrator.report.serialize import dumps, loads_plan
from migrator.targets import Server
from migrator.undo import undo_run
from migrator.verifier import target_digest
from migrator.workspace import DEFAULT, Workspace, new_run_id

UNFINISHED = (Status.RUNNING, Status.INTERRUPTED, Status.FAILED)
Target = str | URL


def plan(
    sources: Sequence[str],
    target: Target,
    *,
    options: Options | None = None,
    work: Path = DEFAULT,
    progress: Progress | None = None,
) -> Plan:
    """What a run would do, and what stands in its way. Writes nothing to the target.

    Args:
        sources: Paths or URLs.
        target: A SQLAlchemy URL, or `embedded`.
        options: The user's choices.
        work: The folder for snapshots and the embedded server.
        progress: Told what happens.

    Raises:
        MigratorError: See `migrator.errors`.
    """
    workspace, name = Workspace(work), new_run_id()
    try:
        with open_target(target, work) as server, opened_sources(sources, workspace.snapshots(name)) as opened:
            return _prepare(opened, server, options, progress or Silent(), Stopwatch())
    finally:
        workspace.drop_snapshots(name)


def _prepare(
    opened: Sequence[OpenSource],
    server: Server,
    options: Options | None,
    progress: Progress,
    watch: Stopwatch,
) -> Plan:
    with watch.phase("profile"), server.errors("planning"):
        progress.phase("profile")
        return prepare(opened, server, options or Options(), progress)


def run(
    sources: Sequence[str],
    target: Target,
    *,
    options: Options | None = None,
    saved: Plan | None = None,
    work: Path = DEFAULT,
    progress: Progress | None = None,
) -> RunResult:
    """Plan, load, verify. Returns only when everything arrived and is proven.

    Args:
        saved: A plan made earlier, to be run as it is; `options` is then not used.
        sources, target, options, work, progress: See `plan`.

    Raises:
        UndecidedError: A finding needs a decision; nothing was written.
        RunFailedError: The run failed; its result says whether the target is as it was.
        MigratorError: Anything else that stops it before the target is touched.
    """
    workspace, run_id, watch = Workspace(work), new_run_id(), Stopwatch()
    shown = progress or Silent()
    keep_snapshots = False
    try:
        with open_target(target, work) as server:
            with watch.phase("snapshot"):
                shown.phase("snapshot")
                context = opened_sources(sources, workspace.snapshots(run_id))
            with context as opened:
                chosen = saved or _prepare(opened, server, options, shown, watch)
                check_fingerprints(chosen, opened)
                _refuse_undecided(chosen)
                execution = _started(run_id, target, chosen, opened, server, shown, watch)
                keep_snapshots = True
                result = _finish(execution, workspace)
                keep_snapshots = False
                return result
    except RunFailedError as error:
        keep_snapshots = _status_of(error) in UNFINISHED
        raise
    finally:
        if not keep_snapshots:
            workspace.drop_snapshots(run_id)


def _status_of(error: RunFailedError) -> Status:
    assert isinstance(error.result, RunResult)
    return error.result.status


def _refuse_undecided(chosen: Plan) -> None:
    undecided = chosen.open_decisions
    if undecided:
        places = ", ".join(dict.fromkeys(f"{f.table}.{f.column}" if f.column else f"{f.table}" for f in undecided))
        raise UndecidedError(
            f"{len(undecided)} finding(s) need a decision first; nothing was written.",
            where=places,
            hint="Choose a resolution for each, as listed with it, and run again.",
            plan=chosen,
        )


def _started(
    run_id: str,
    target: Target,
    chosen: Plan,
    opened: Sequence[OpenSource],
    server: Server,
    progress: Progress,
    watch: Stopwatch,
) -> Execution:
    journal = Journal(server.engine)
    with watch.phase("preflight"), server.errors("preflight"):
        server.check(chosen)
        journal.create()
        journal.add_run(run_id, tool(), dumps(chosen), [each.snapshot for each in opened])
    return _execution(run_id, target, chosen, opened, server, progress, watch)


def _execution(
    run_id: str,
    target: Target,
    chosen: Plan,
    opened: Sequence[OpenSource],
    server: Server,
    progress: Progress,
    watch: Stopwatch,
) -> Execution:
    sources = {each.snapshot.name: each.source for each in opened}
    called = without_password(str(target))
    return Execution(run_id, called, chosen, sources, server, Journal(server.engine), progress, watch)


def _finish(execution: Execution, workspace: Workspace) -> RunResult:
    """Carry out and prove; undo on failure. The journal knows the run already."""
    settled = False
    with (
        execution.server.errors("the run's lock"),
        run_lock(execution.server.engine, execution.run_id, execution.server.try_lock),
    ):
        try:
            execution.journal.set_status(execution.run_id, Status.RUNNING)
            execution.carry_out()
            tables, mismatches = execution.prove()
            _refuse_mismatches(tables, mismatches)
            digests = {table.target: table.digest or "" for table in tables}
            execution.journal.set_status(execution.run_id, Status.SUCCEEDED, digests=digests)
            settled = True
        except KeyboardInterrupt:
            settled = True
            raise _interrupted(execution, workspace) from None
        except MigratorError as error:
            settled = True
            raise _failed(execution, workspace, error) from error
        finally:
            if not settled:  # a fault of this program: the target is taken back all the same
                _undo(execution)
            execution.progress.finish()
    result = _result(execution, Status.SUCCEEDED, tables)
    workspace.save(result)
    return result


def _refuse_mismatches(tables: tuple[TableResult, ...], mismatches: tuple[Mismatch, ...]) -> None:
    if not mismatches:
        return
    places = dict.fromkeys(m.table + (f".{m.column}" if m.column else "") for m in mismatches)
    raise VerificationError(
        f"What arrived is not what left: {mismatches[0].message}",
        where=", ".join(places),
        hint="The report names the rows. Nothing of the run is kept; please report it with the saved plan.",
        tables=tables,
        mismatches=mismatches,
    )


def _interrupted(execution: Execution, workspace: Workspace) -> RunFailedError:
    run_id = execution.run_id
    cause = Interrupted(
        "Interrupted; the journal is intact.",
        where=f"run {run_id}",
        hint=f"`migrator resume {run_id}` goes on, `migrator rollback {run_id}` takes it back.",
    )
    execution.journal.set_status(run_id, Status.INTERRUPTED, error=cause.what)
    return _failure(execution, workspace, cause, Status.INTERRUPTED)


def _failed(execution: Execution, workspace: Workspace, error: MigratorError) -> RunFailedError:
    """Undo the run; if that cannot be done now, say how it is done later."""
    try:
        _undo(execution)
    except MigratorError as trouble:
        error.hint = (
            f"The run could not be undone now: {trouble.what} Once that is mended, "
            f"`migrator rollback {execution.run_id}` takes it back, `migrator resume {execution.run_id}` goes on."
        )
        return _failure(execution, workspace, error, Status.FAILED)
    return _failure(execution, workspace, error, Status.ROLLED_BACK)


def _undo(execution: Execution) -> None:
    with execution.server.errors("rollback"), execution.watch.phase("rollback"):
        undo_run(execution.server, execution.journal, execution.run_id, execution.plan, execution.progress)


def _failure(execution: Execution, workspace: Workspace, cause: MigratorError, status: Status) -> RunFailedError:
    result = _result(execution, status, error=cause)
    workspace.save(result)
    return RunFailedError(cause, result)


def _result(
    execution: Execution,
    status: Status,
    tables: tuple[TableResult, ...] = (),
    error: MigratorError | None = None,
) -> RunResult:
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
        findings=plan.findings,
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


def resume(
    run_id: str | None = None,
    *,
    target: Target,
    work: Path = DEFAULT,
    progress: Progress | None = None,
) -> RunResult:
    """Finish a run that was interrupted, killed or cut off, from where its journal says it stopped.

    Args:
        run_id: The run; None for the newest unfinished one.
        target, work, progress: See `plan`; `work` must be the folder in which the run was started.

    Raises:
        JournalError: There is no such run, it is finished or being taken back, or another process works on it.
        ConfigurationError: The run's snapshot of the source is gone.
        RunFailedError: As in `run`.
    """
    workspace, shown, watch = Workspace(work), progress or Silent(), Stopwatch()
    with open_target(target, work) as server, server.errors("resume"):
        found = Journal(server.engine).run(run_id, UNFINISHED)
        if found.status not in UNFINISHED:
            raise JournalError(
                f"The run is {found.status.value.replace('_', ' ')} and cannot be resumed.",
                where=f"run {found.run_id}",
                hint=_next(found),
            )
        with reopened_sources(found.snapshots) as opened:
            chosen = loads_plan(found.plan, "the journal's plan")
            check_fingerprints(chosen, opened)
            execution = _execution(found.run_id, target, chosen, opened, server, shown, watch)
            result = _finish(execution, workspace)
    workspace.drop_snapshots(found.run_id)
    return result


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
            if found.status is Status.SUCCEEDED and not force:
                _refuse_changed(server, chosen, found, shown)
            _undo(execution)
        shown.finish()
        result = _result(execution, Status.ROLLED_BACK)
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
    sources: Sequence[str] = (),
    *,
    target: Target,
    run_id: str | None = None,
    work: Path = DEFAULT,
    progress: Progress | None = None,
) -> RunResult:
    """Prove a migrated target again, against its sources as they are now.

    Args:
        sources: Paths or URLs; () for those of the run.
        run_id: The run; None for the newest finished one.
        target, work, progress: See `plan`.

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
                    hint=_next(found),
                )
            chosen = loads_plan(found.plan, "the journal's plan")
            given = sources or [snapshot.original for snapshot in found.snapshots]
            with opened_sources(given, workspace.snapshots(name)) as opened:
                check_fingerprints(chosen, opened)
                execution = _execution(found.run_id, target, chosen, opened, server, shown, watch)
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
        return _result(execution, Status.SUCCEEDED, tables)
    cause = VerificationError(
        f"The target is not what the source is now: {mismatches[0].message}",
        where=", ".join(dict.fromkeys(m.table for m in mismatches)),
        hint="The report names the rows. Did an application write to the source or the target since the run?",
        tables=tables,
        mismatches=mismatches,
    )
    raise RunFailedError(cause, _result(execution, Status.FAILED, error=cause))


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
        next=_next(found),
    )


def _seen(server: Server, found: JournalRun) -> Status:
    """A run marked as running whose lock is free belongs to a process that is gone."""
    if found.status is not Status.RUNNING:
        return found.status
    try:
        with run_lock(server.engine, found.run_id, server.try_lock):
            return Status.INTERRUPTED
    except JournalError:
        return Status.RUNNING


def _next(found: JournalRun) -> str:
    """What the user can do with a run now."""
    if found.status is Status.SUCCEEDED:
        return f"`migrator verify` proves it again, `migrator rollback {found.run_id}` takes it back."
    if found.status in UNFINISHED:
        return f"`migrator resume {found.run_id}` goes on, `migrator rollback {found.run_id}` takes it back."
    if found.status is Status.ROLLING_BACK:
        return f"`migrator rollback {found.run_id}` goes on taking it back."
    return "Nothing is left of it; start a new run."
