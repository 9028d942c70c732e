"""How PostgreSQL behaves when it refuses a statement of a rehearsal."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from migrator.targets.common.rehearsing import Manners
from migrator.targets.postgresql.catalog import check_schema
from migrator.targets.postgresql.failures import explain, primary_message

_UNDEFINED_TABLE = "42P01"


def _is_missing(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE


def _alive(_connection: Connection) -> bool:
    """A savepoint undoes every refusal. https://www.postgresql.org/docs/current/sql-savepoint.html"""
    return True


MANNERS = Manners("SET LOCAL lock_timeout = '5s'", explain, primary_message, _is_missing, _alive, check_schema)
