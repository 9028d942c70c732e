"""What the server says when it refuses, as this tool's errors.

Only the primary message and the SQLSTATE are used. DETAIL, CONTEXT and the statement carry values, and so do
some primary messages; those are masked.
"""

from __future__ import annotations

import re

import psycopg
from adbc_driver_manager import AdbcStatusCode
from adbc_driver_manager import Error as AdbcError
from sqlalchemy.exc import DBAPIError

from migrator.errors import ConnectionFailure, DataError, EnvironmentFailure, MigratorError
from migrator.model.secrets import MASK

_QUOTED_VALUE = re.compile(r'".*"', re.DOTALL)
_ENCODING_ERROR = "22021"
"""`invalid byte sequence for encoding "UTF8"` quotes no value."""

_ENVIRONMENT: tuple[tuple[str, str, str], ...] = (
    ("53100", "The server's disk is full.", "Free space on the server, then run `migrator resume`."),
    (
        "53200",
        "The server ran out of memory.",
        "Raise max_locks_per_transaction (or the memory) on the server, or move fewer tables in one run.",
    ),
    ("53300", "The server has no connection left.", "Close others, or raise max_connections on the server."),
    (
        "42501",
        "The login lacks a permission.",
        "Grant it, or connect as the owner of the database.",
    ),
    (
        "25006",
        "The server is read-only.",
        "Connect to the primary server, not to a replica, and check default_transaction_read_only.",
    ),
    (
        "55P03",
        "Another session holds a lock on what the run needs.",
        "Find it in pg_stat_activity, let it finish or end it, then try again.",
    ),
    ("57014", "The server cancelled the statement.", "Find out who cancelled it, then run `migrator resume`."),
    ("53", "The server is short of a resource.", "Look at the server's log and limits, then try again."),
    ("58", "The server met a system error.", "Look at the server's log and disks, then try again."),
    ("XX", "The server met an internal error.", "Look at the server's log."),
)
"""SQLSTATE or its class, the longer ones first, what it means, and what to do.
https://www.postgresql.org/docs/current/errcodes-appendix.html"""

_GONE = ("08", "57P01", "57P02", "57P03", "57P05", "25P03")


def primary_message(error: BaseException) -> str:
    """The server's own words without values, on one line; '' when the error is not the server's."""
    if not isinstance(error, psycopg.Error):
        return ""
    message = error.diag.message_primary or ""
    state = error.sqlstate or ""
    if state.startswith("22") and state != _ENCODING_ERROR:
        message = _QUOTED_VALUE.sub(f'"{MASK}"', message)
    return " ".join(message.split())


def explain(error: DBAPIError | psycopg.Error, where: str, column: str = "") -> MigratorError:
    """The error of this tool for an error of the driver or the server.

    `where` names the object at work. `what` quotes the server's primary message and SQLSTATE.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None) or ""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    place = f"{where}, column {column}" if column else where
    return _by_state(state, primary_message(cause) if cause else "", place, lost=lost or _is_lost(cause))


def explain_read(error: AdbcError, where: str) -> MigratorError:
    """The same for an error of ADBC, whose message quotes the statement and so is not shown."""
    state = error.sqlstate or ""
    return _by_state(state, "", where, lost=not state and error.status_code == AdbcStatusCode.IO)


def _is_lost(cause: BaseException | None) -> bool:
    """libpq reports a connection that broke without any SQLSTATE."""
    return isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None


def _by_state(state: str, message: str, where: str, *, lost: bool) -> MigratorError:
    words = f"{message.rstrip('.')} " if message else ""
    code = f"(SQLSTATE {state})" if state else ""
    said = f" The server says: {words}{code}." if code else ""
    if lost or state.startswith(_GONE):
        return ConnectionFailure(
            f"The connection to the server was lost.{said}",
            where=where,
            hint="See that the server runs and is reachable, then run `migrator resume`.",
        )
    for known, what, hint in _ENVIRONMENT:
        if state.startswith(known):
            return EnvironmentFailure(what + said, where=where, hint=hint)
    return DataError(
        f"The server refuses it: {words}{code}." if words else f"The server refuses it {code}".rstrip() + ".",
        where=where,
        hint="Change the type, or the rule, that the message names in migrator.toml, then plan again.",
    )
