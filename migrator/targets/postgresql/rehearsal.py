"""Trying every statement of a plan in one transaction that is rolled back."""

from __future__ import annotations

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from migrator.errors import DataError
from migrator.model.plan import Phase, Step, TablePlan
from migrator.targets import Refusal, Rehearsal
from migrator.targets.common.verbatim import execute
from migrator.targets.postgresql.catalog import check_schema
from migrator.targets.postgresql.failures import explain, primary_message

_NOT_TRIED = frozenset({Phase.DATA, Phase.STATISTICS})
_UNDEFINED_TABLE = "42P01"
_LOCK_WAIT = "SET LOCAL lock_timeout = '5s'"


def rehearse(engine: Engine, steps: tuple[Step, ...], given: tuple[TablePlan, ...], where: str) -> Rehearsal:
    """See `Server.rehearse`.

    When a table or view is refused, what only fails because it is missing is not named as well; it comes up in
    the next rehearsal if it fails on its own.

    Raises:
        ConnectionFailure: The connection broke.
        EnvironmentFailure: A lock, a permission or a resource of the server is missing.
    """
    refusals: list[Refusal] = []
    with engine.connect() as connection, connection.begin() as transaction:
        execute(connection, _LOCK_WAIT)
        for step in steps:
            if step.phase in _NOT_TRIED or _belongs_to_refused(step, refusals):
                continue
            error = _try(connection, step)
            if error is None or (_is_missing(error) and _relation_refused(refusals)):
                continue
            refusals.append(_refusal(step, error, where))
        differences = (
            () if refusals else tuple(each for table in given for each in check_schema(connection, table))
        )
        transaction.rollback()
    return Rehearsal(tuple(refusals), differences)


def _try(connection: Connection, step: Step) -> DBAPIError | None:
    try:
        with connection.begin_nested():
            for statement in step.do:
                execute(connection, statement)
    except DBAPIError as error:
        return error
    return None


def _refusal(step: Step, error: DBAPIError, where: str) -> Refusal:
    """A refusal, if it is about the statement. Raises what is wrong with the server instead."""
    explained = explain(error, f"{where}, {step.object}")
    if not isinstance(explained, DataError):
        raise explained from None
    return Refusal(step, primary_message(error.orig) if error.orig else "")


def _belongs_to_refused(step: Step, refusals: list[Refusal]) -> bool:
    return any(refusal.step.phase is Phase.TABLES and refusal.step.object == step.table for refusal in refusals)


def _relation_refused(refusals: list[Refusal]) -> bool:
    return any(refusal.step.phase in (Phase.TABLES, Phase.VIEWS) for refusal in refusals)


def _is_missing(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE
