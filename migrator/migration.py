"""The public verbs that move data: plan, run, resume.

Each takes plain values, opens what it needs, calls the stages in order and returns the objects that `--json`
prints. What goes wrong is raised as a `MigratorError`; after the target was touched, as a `RunFailedError`
that carries the result so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from migrator.connections import Target, open_target, without_password
from migrator.environment import Settings
from migrator.errors import (
    Interrupted,
    JournalError,
    MigratorError,
    RunFailedError,
    UndecidedError,
    VerificationError,
)
from migrator.execution import Execution, Stopwatch
from migrator.journal import Journal, JournalRun, run_lock
from migrator.model.options import ANY_SOURCE, Options, SourceAccess
from migrator.model.plan import Plan
from migrator.model.result import Mismatch, RunResult, Status, TableResult
from migrator.outcome import UNFINISHED, next_step, outcome
from migrator.preparation import (
    AnySource,
    OpenSource,
    by_name,
    check_fingerprints,
    opened_sources,
    prepare,
    reopened_sources,
    require_sources,
    stage_as_planned,
    tool,
)
from migrator.report.progress import Progress, Silent
from migrator.report.serialize import dumps, loads_plan
from migrator.targets import ConnectOptions, Server
from migrator.workspace import DEFAULT, Workspace, new_run_id


def plan(
    sources: Sequence[AnySource],
    target: Target,
    *,
    options: Options | None = None,
    work: Path = DEFAULT,
    progress: Progress | None = None,
    access: SourceAccess = ANY_SOURCE,
) -> Plan:
    """What a run would do, and what stands in its way. Writes nothing to the target.

    Args:
        sources: Paths or URLs, each perhaps with a name.
        target: A SQLAlchemy URL, or `embedded`.
        options: The user's choices.
        work: The folder for snapshots and the embedded server.
        progress: Told what happens.
        access: The passwords of sources, and whether links are followed.

    Raises:
        MigratorError: See `migrator.errors`.
    """
    require_sources(sources)
    workspace, name = Workspace(work), new_run_id()
    try:
        with (
            open_target(target, work) as server,
            opened_sources(sources, workspace.snapshots(name), access) as opened,
        ):
            return _prepare(opened, target, server, options, progress or Silent(), Stopwatch())
    finally:
        workspace.drop_snapshots(name)


def _prepare(
    opened: Sequence[OpenSource],
    target: Target,
    server: Server,
    options: Options | None,
    progress: Progress,
    watch: Stopwatch,
) -> Plan:
    with watch.phase("profile"), server.errors("planning"):
        progress.phase("profile")
        return prepare(opened, without_password(str(target)), server, options or Options(), progress)


def run(
    sources: Sequence[AnySource],
    target: Target,
    *,
    options: Options | None = None,
    saved: Plan | None = None,
    work: Path = DEFAULT,
    progress: Progress | None = None,
    settings: Settings | None = None,
    access: SourceAccess = ANY_SOURCE,
) -> RunResult:
    """Plan, load, verify. Returns only when everything arrived and is proven.

    Args:
        saved: A plan made earlier, to be run as it is; `options` is then not used.
        settings: What applications need afterwards, and where to write it.
        sources, target, options, work, progress, access: See `plan`.

    Raises:
        UndecidedError: A finding needs a decision; nothing was written.
        RunFailedError: The run failed; its result says whether the target is as it was.
        MigratorError: Anything else that stops it before the target is touched.
    """
    require_sources(sources)
    workspace, run_id, watch = Workspace(work), new_run_id(), Stopwatch()
    shown = progress or Silent()
    keep_snapshots = False
    try:
        with ExitStack() as stack:
            with watch.phase("connect"):
                shown.phase("connect")
                server = stack.enter_context(open_target(target, work, ConnectOptions(create=True)))
            with watch.phase("snapshot"):
                shown.phase("snapshot")
                opened = stack.enter_context(opened_sources(sources, workspace.snapshots(run_id), access))
            chosen = saved or _prepare(opened, target, server, options, shown, watch)
            check_fingerprints(chosen, opened)
            _refuse_undecided(chosen)
            if saved is not None:
                stage_as_planned(by_name(opened), chosen)
            execution = _started(run_id, target, chosen, opened, server, shown, watch)
            keep_snapshots = True
            result = _finish(execution, workspace, target, settings or Settings())
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
    return _under_way(run_id, target, chosen, opened, server, progress, watch)


def _finish(execution: Execution, workspace: Workspace, target: Target, settings: Settings) -> RunResult:
    """Carry out and prove; undo on failure. The journal knows the run already."""
    settled = False
    # Before anything is written: a template that cannot be filled is a mistake of the user's.
    configuration = settings.values(target, execution.plan.schema)
    with (
        execution.server.errors("the run's lock"),
        run_lock(execution.server.engine, execution.run_id, execution.server.try_lock) as lock,
    ):
        execution = replace(execution, lock=lock)
        _refuse_settled(execution.journal.run(execution.run_id, ()))
        try:
            execution.journal.set_status(execution.run_id, Status.RUNNING)
            execution.carry_out()
            tables, mismatches = execution.prove()
            _refuse_mismatches(tables, mismatches)
            execution.optimise()
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
                execution.undo()
            execution.progress.finish()
    with execution.watch.phase("configuration"):
        result = replace(outcome(execution, Status.SUCCEEDED, tables), configuration=configuration)
        workspace.save(result)
        settings.write(configuration)
    return replace(result, seconds=execution.watch.report())


def _refuse_settled(found: JournalRun) -> None:
    """Raise if a run needs nothing more, or can only be taken back: perhaps since another process had it."""
    if found.status not in UNFINISHED:
        raise JournalError(
            f"The run is {found.status.value.replace('_', ' ')} and cannot be resumed.",
            where=f"run {found.run_id}",
            hint=next_step(found),
        )


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
        execution.undo()
    except MigratorError as trouble:
        error.hint = (
            f"The run could not be undone now: {trouble.what} Once that is mended, "
            f"`migrator rollback {execution.run_id}` takes it back, `migrator resume {execution.run_id}` goes on."
        )
        return _failure(execution, workspace, error, Status.FAILED)
    return _failure(execution, workspace, error, Status.ROLLED_BACK)


def _failure(execution: Execution, workspace: Workspace, cause: MigratorError, status: Status) -> RunFailedError:
    result = outcome(execution, status, error=cause)
    workspace.save(result)
    return RunFailedError(cause, result)


def resume(
    run_id: str | None = None,
    *,
    target: Target,
    work: Path = DEFAULT,
    progress: Progress | None = None,
    settings: Settings | None = None,
) -> RunResult:
    """Finish a run that was interrupted, killed or cut off, from where its journal says it stopped.

    Args:
        run_id: The run; None for the newest unfinished one.
        target, work, progress: See `plan`; `work` must be the folder in which the run was started.
        settings: See `run`.

    Raises:
        JournalError: There is no such run, it is finished or being taken back, or another process works on it.
        ConfigurationError: The run's snapshot of the source is gone.
        RunFailedError: As in `run`.
    """
    workspace, shown, watch = Workspace(work), progress or Silent(), Stopwatch()
    with open_target(target, work) as server, server.errors("resume"):
        found = Journal(server.engine).run(run_id, UNFINISHED)
        _refuse_settled(found)
        with reopened_sources(found.snapshots) as opened:
            chosen = loads_plan(found.plan, "the journal's plan")
            check_fingerprints(chosen, opened)
            stage_as_planned(by_name(opened), chosen)
            execution = _under_way(found.run_id, target, chosen, opened, server, shown, watch)
            result = _finish(execution, workspace, target, settings or Settings())
    workspace.drop_snapshots(found.run_id)
    return result


def _under_way(
    run_id: str,
    target: Target,
    chosen: Plan,
    opened: Sequence[OpenSource],
    server: Server,
    progress: Progress,
    watch: Stopwatch,
) -> Execution:
    called = without_password(str(target))
    return Execution(run_id, called, chosen, by_name(opened), server, Journal(server.engine), progress, watch)
