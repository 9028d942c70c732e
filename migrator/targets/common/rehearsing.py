"""Trying every statement of a plan in one transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, NestedTransaction
from sqlalchemy.exc import DBAPIError

from migrator.errors import DataError, MigratorError
from migrator.model.plan import Phase, Step, TablePlan
from migrator.model.result import Mismatch
from migrator.targets import Refusal, Rehearsal
from migrator.targets.common.verbatim import execute

_NOT_TRIED = frozenset({Phase.DATA, Phase.STATISTICS})
_AFTER_TABLES = frozenset({Phase.FOREIGN_KEYS, Phase.VIEWS})
"""What may be about a table that is refused, and so is tried in the next rehearsal."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a server behaves when it refuses something."""

    before: str
    """A statement at the start: not to wait long for what others hold."""
    explain: Callable[[DBAPIError, str], MigratorError]
    message: Callable[[BaseException], str]
    """The server's words without values."""
    is_missing: Callable[[DBAPIError], bool]
    """Whether it is refused because a table or view is not there."""
    alive: Callable[[Connection], bool]
    """Whether the transaction goes on after a refusal, with what was done before."""
    check_schema: Callable[[Connection, TablePlan], tuple[Mismatch, ...]]


def rehearse(
    engine: Engine, steps: tuple[Step, ...], given: tuple[TablePlan, ...], where: str, manners: Manners
) -> Rehearsal:
    """See `Server.rehearse`.

    When a table or view is refused, what only fails because it is missing is not named as well; it comes up in
    the next rehearsal if it fails on its own. A refusal that ends the transaction is met by beginning again
    without the refused step.

    Raises:
        ConnectionFailure: The connection broke.
        EnvironmentFailure: A lock, a permission or a resource of the server is missing.
    """
    trial = _Trial(where, manners)
    while not trial.over(engine, steps, given):
        pass
    return Rehearsal(tuple(trial.refusals), trial.differences)


@dataclass(slots=True)
class _Trial:
    """What was refused so far."""

    where: str
    manners: Manners
    refusals: list[Refusal] = field(default_factory=list)
    passed_over: set[int] = field(default_factory=set)
    """Steps that fail only because something else was refused."""
    differences: tuple[Mismatch, ...] = ()

    def over(self, engine: Engine, steps: tuple[Step, ...], given: tuple[TablePlan, ...]) -> bool:
        """Try all steps that are not refused yet in one transaction; False when a refusal ended it."""
        with engine.connect() as connection:
            execute(connection, self.manners.before)
            for step in steps:
                if self._is_settled(step):
                    continue
                savepoint = connection.begin_nested()
                error = self._try(connection, step)
                if error is None:
                    savepoint.commit()
                    continue
                self._note(step, error)
                if not self._taken_back(connection, savepoint):
                    connection.rollback()
                    return False
            if not self.refusals:
                check = self.manners.check_schema
                self.differences = tuple(each for table in given for each in check(connection, table))
            connection.rollback()
        return True

    def _is_settled(self, step: Step) -> bool:
        tables = {each.step.object for each in self.refusals if each.step.phase is Phase.TABLES}
        refused = any(each.step.id == step.id for each in self.refusals)
        waits = bool(tables) and step.phase in _AFTER_TABLES
        return step.phase in _NOT_TRIED or refused or waits or step.id in self.passed_over or step.table in tables

    def _try(self, connection: Connection, step: Step) -> DBAPIError | None:
        try:
            for statement in step.do:
                execute(connection, statement)
        except DBAPIError as error:
            return error
        return None

    def _taken_back(self, connection: Connection, savepoint: NestedTransaction) -> bool:
        """Whether the transaction goes on from the savepoint."""
        if not self.manners.alive(connection):
            return False
        try:
            savepoint.rollback()
        except DBAPIError:  # it ended all the same
            return False
        return True

    def _note(self, step: Step, error: DBAPIError) -> None:
        """A refusal, if it is about the statement. Raises what is wrong with the server instead."""
        if self.manners.is_missing(error) and any(
            each.step.phase in (Phase.TABLES, Phase.VIEWS) for each in self.refusals
        ):
            self.passed_over.add(step.id)
            return
        explained = self.manners.explain(error, f"{self.where}, {step.object}")
        if not isinstance(explained, DataError):
            raise explained from None
        self.refusals.append(Refusal(step, self.manners.message(error.orig) if error.orig else ""))
