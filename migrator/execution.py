"""Stage: carry out a plan step by step, each journalled before it acts, and prove the result."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from migrator.errors import DataError, EnvironmentFailure, MigratorError, TransientFailure
from migrator.journal import DONE, Journal, RunLock
from migrator.loader import load_table
from migrator.model.findings import Finding, finding
from migrator.model.plan import Phase, Plan, Step, TablePlan
from migrator.model.result import Mismatch, TableResult
from migrator.preparation import stage_as_planned
from migrator.report.progress import Progress
from migrator.schema import apply
from migrator.sources import Source
from migrator.targets import Server
from migrator.undo import previous_ddl, undo_run
from migrator.verifier import verify_table

PAUSES = (1.0, 3.0, 9.0, 27.0, 60.0)
"""Seconds to wait before a step is tried again. Azure asks for ten seconds and more when it is busy:
https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-connectivity-issues"""

AFTER_PROOF = frozenset({Phase.STATISTICS})
"""Phases that change no row and nothing of the schema."""


@dataclass(slots=True)
class Stopwatch:
    """Seconds per phase, in the order in which they were first entered."""

    seconds: dict[str, float] = field(default_factory=dict)
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    _began: float = field(default_factory=time.monotonic)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time spent inside to the phase."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - began

    def report(self) -> dict[str, float]:
        """Seconds per phase, rounded to milliseconds, and `total` last."""
        total = time.monotonic() - self._began
        return {name: round(seconds, 3) for name, seconds in {**self.seconds, "total": total}.items()}


@dataclass(frozen=True, slots=True)
class Execution:
    """A run under way. `target` is what the user called the target, without password."""

    run_id: str
    target: str
    plan: Plan
    sources: Mapping[str, Source]
    server: Server
    journal: Journal
    progress: Progress
    watch: Stopwatch
    lock: RunLock | None = None
    """Held while it is carried out."""
    found: list[Finding] = field(default_factory=list)
    """What came up meanwhile that the plan could not know."""

    def carry_out(self) -> None:
        """Do every step that is not done yet, in order, but for those that wait for the proof."""
        prepare_sources(self.sources, self.plan.tables)
        self.progress.expect((table.name, table.rows) for table in self.plan.tables)
        self._carry_out(step for step in self.plan.steps if step.phase not in AFTER_PROOF)

    def optimise(self) -> None:
        """Do the steps that make the target fast, once it is proven. One that fails takes nothing back: every row
        is where it belongs, and what is left to do is a finding."""
        for step in self.plan.steps:
            if step.phase in AFTER_PROOF:
                try:
                    self._carry_out([step])
                except (DataError, EnvironmentFailure) as failure:
                    self.server.engine.dispose()
                    self.found.append(_not_optimised(step, failure))

    def _carry_out(self, steps: Iterable[Step]) -> None:
        done = self.journal.steps_in(self.run_id, DONE)
        entered: Phase | None = None
        for step in steps:
            if step.id in done:
                continue
            if step.phase is not entered:
                entered = step.phase
                self.progress.phase(entered.value)
            with self.watch.phase(step.phase.value):
                self._persist(step)

    def _persist(self, step: Step) -> None:
        """Do a step, and again after a pause where the server says no just now. What it did is in the journal, so
        that nothing is done twice."""
        failed = False
        for pause in (*PAUSES, None):
            try:
                with self.server.errors(f"{step.phase.value}: {step.object}"):
                    if failed and self.lock is not None:
                        self.lock.renew()
                    if step.id not in self.journal.steps_in(self.run_id, DONE):
                        self._do(step)
                    return
            except TransientFailure as failure:
                if pause is None:
                    raise
                failed = True
                self.progress.note(f"{failure.what} Trying again in {pause:g} s.")
            time.sleep(pause)

    def _do(self, step: Step) -> None:
        self.journal.start_step(self.run_id, step)
        if step.phase is Phase.DATA:
            self._load(step)
            return
        with self.server.engine.begin() as connection:
            apply(connection, self.run_id, step, previous_ddl(self.plan, step))
            self.journal.finish_step(connection, self.run_id, step.id, DONE)

    def _load(self, step: Step) -> None:
        table = next(table for table in self.plan.tables if table.name == step.table)
        self.progress.table_start(table.name, table.rows)
        load_table(
            self.sources[table.database], self.server, self.journal, self.run_id, step, table, self.progress
        )
        self.progress.table_done(table.name)

    def prove(self) -> tuple[tuple[TableResult, ...], tuple[Mismatch, ...]]:
        """Verify every table: the results in the plan's order, and all mismatches. Transforms are applied
        again."""
        with self.watch.phase("verify"), self.server.errors("verification"):
            self._transform_again()
            return self._prove()

    def _transform_again(self) -> None:
        if any(table.rules is not None and table.rules.transform for table in self.plan.tables):
            stage_as_planned(self.sources, self.plan)
            prepare_sources(self.sources, self.plan.tables)

    def _prove(self) -> tuple[tuple[TableResult, ...], tuple[Mismatch, ...]]:
        self.progress.expect((table.name, table.rows) for table in self.plan.tables)
        self.progress.phase("verify")
        results: list[TableResult] = []
        mismatches: list[Mismatch] = []
        for table in self.plan.tables:
            self.progress.table_start(table.name, table.rows)
            source = self.sources[table.database]
            proof = verify_table(self.run_id, source, self.server, table, self.progress.advance)
            self.progress.table_done(table.name)
            results.append(proof.result)
            mismatches.extend(proof.mismatches)
        return tuple(results), tuple(mismatches)

    def undo(self) -> None:
        """Take back what was done so far."""
        with self.server.errors("rollback"), self.watch.phase("rollback"):
            undo_run(self.server, self.journal, self.run_id, self.plan, self.progress)


def _not_optimised(step: Step, failure: MigratorError) -> Finding:
    todo = "; ".join(step.do)
    return finding("statistics-missing", f"{step.comment} failed: {failure.what} To do: {todo}", table=step.object)


def prepare_sources(sources: Mapping[str, Source], tables: Sequence[TablePlan]) -> None:
    """Tell every source which rows its plan leaves out, before anything is read."""
    for name, source in sources.items():
        source.prepare(tuple(table for table in tables if table.database == name))
