"""How SQL Server behaves when it refuses a statement of a rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from migrator.targets.common.rehearsing import Manners
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.catalog import check_schema
from migrator.targets.mssql.failures import explain, primary_message, said

_MISSING = ("42S02", "Base table or view not found")
"""Error 208 as ODBC's SQLSTATE, and what `mssql-python` makes of that.
https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-a-odbc-error-codes"""


def _is_missing(error: DBAPIError) -> bool:
    return said(error).state in _MISSING


def _alive(connection: Connection) -> bool:
    """Some refusals end the transaction, or leave one that can only be rolled back.
    https://learn.microsoft.com/sql/t-sql/functions/xact-state-transact-sql"""
    try:
        return bool(execute(connection, "SELECT XACT_STATE()").scalar_one() == 1)
    except DBAPIError as error:
        raise explain(error, "rehearsal") from None


def manners(key: Callable[[str], str]) -> Manners:
    """How it behaves, where names are the same when their `key` is."""
    checked = partial(check_schema, key=key, numbers=False)
    return Manners("SET LOCK_TIMEOUT 5000", explain, primary_message, _is_missing, _alive, checked)
