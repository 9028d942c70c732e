"""Stage: the journal's undos, newest first.

Undoing is itself journalled: each undo and its mark commit together, so an undo that is killed can be
continued. It drops exactly what the run made, never anything that depends on it.
"""

from __future__ import annotations

from migrator.journal import DONE, STARTED, UNDONE, Journal
from migrator.loader import quarantine_table
from migrator.model.plan import QUARANTINE, Phase, Plan, Step
from migrator.model.result import Status
from migrator.report.progress import Progress
from migrator.schema import revert, send
from migrator.targets import Server


def undo_run(server: Server, journal: Journal, run_id: str, plan: Plan, progress: Progress) -> None:
    """Take back every step of the run that was done, and mark the run as rolled back.

    Raises:
        DataError: Something that the run did not make depends on what it made.
        EnvironmentFailure: The server went away or refuses.
    """
    progress.phase("rollback")
    journal.set_status(run_id, Status.ROLLING_BACK)
    done = _touched(journal, run_id, plan)
    if any(step.id in done and step.object == f"{plan.schema}.{QUARANTINE}" for step in plan.steps):
        _empty_quarantine(server, plan, run_id)
    for step in reversed(plan.steps):
        if step.id in done:
            _undo_step(server, journal, run_id, plan, step)
    with server.engine.begin() as connection:
        journal.forget_chunks(connection, run_id)
    journal.set_status(run_id, Status.ROLLED_BACK)
    journal.remove()


def _touched(journal: Journal, run_id: str, plan: Plan) -> frozenset[int]:
    """The steps that left something in the target: those that are done, and data steps that were begun, because
    their chunks commit one by one."""
    data = {step.id for step in plan.steps if step.phase is Phase.DATA}
    return journal.steps_in(run_id, DONE) | (journal.steps_in(run_id, STARTED) & data)


def _empty_quarantine(server: Server, plan: Plan, run_id: str) -> None:
    """Remove the run's own rows; the step's undo drops the table only when no other run's are left."""
    quarantine = quarantine_table(plan.schema)
    with server.errors("emptying the quarantine"), server.engine.begin() as connection:
        connection.execute(quarantine.delete().where(quarantine.c.run_id == run_id))


def _undo_step(server: Server, journal: Journal, run_id: str, plan: Plan, step: Step) -> None:
    with (
        server.errors(f"undoing {step.phase.value}: {step.object}"),
        server.engine.begin() as connection,
    ):
        if step.phase is Phase.DATA:
            send(connection, step.undo)
        else:
            revert(connection, run_id, step, previous_ddl(plan, step))
        journal.finish_step(connection, run_id, step.id, UNDONE)


def previous_ddl(plan: Plan, step: Step) -> int | None:
    """The id of the DDL step before this one, None when it is the first."""
    # Steps are numbered from 1 in their order; only the data steps of a plan stand in between.
    before = (plan.steps[at - 1] for at in range(step.id - 1, 0, -1))
    return next((other.id for other in before if other.phase is not Phase.DATA), None)
