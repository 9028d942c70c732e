"""Making the target's database where it is missing, and dropping it again when nothing is left in it.

A database that a run made carries a mark as its comment; no other is ever dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from migrator.errors import EnvironmentFailure, MigratorError
from migrator.targets import ConnectOptions
from migrator.targets.common.urls import display_url
from migrator.targets.common.verbatim import execute
from migrator.targets.postgresql.connecting import connect_failure, make_engine
from migrator.targets.postgresql.names import literal, quote

MARK = "Created by migrator, which drops it again when the last run in it is taken back."
MAINTENANCE = "postgres"
"""The database every server has, https://www.postgresql.org/docs/current/manage-ag-templatedbs.html."""
MISSING = "3D000"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html: invalid_catalog_name."""

_FACTS = sa.text("""
    SELECT current_setting('server_version'), shobj_description(oid, 'pg_database') IS NOT DISTINCT FROM :mark
    FROM pg_database WHERE datname = current_database()
""")
_EMPTY = sa.text("""
    SELECT NOT EXISTS (SELECT FROM pg_class WHERE oid >= 16384 AND relnamespace >= 2200)
       AND NOT EXISTS (SELECT FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_')
       AND NOT EXISTS (SELECT FROM pg_proc WHERE oid >= 16384)
       AND NOT EXISTS (SELECT FROM pg_type WHERE oid >= 16384)
""")
"""Objects that are not the server's own have numbers from 16384 on:
https://www.postgresql.org/docs/current/system-catalog-initial-data.html#SYSTEM-CATALOG-OID-ASSIGNMENT"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is asked of every server first: its version, and whether a run made the database."""

    version: str
    made_by_run: bool


def facts(engine: Engine) -> Facts:
    """The facts. Raises DBAPIError."""
    with engine.connect() as connection:
        version, made = connection.execute(_FACTS, {"mark": MARK}).one()
    return Facts(str(version).split()[0], bool(made))


def is_missing(error: DBAPIError) -> bool:
    """Whether a connection failed because its database does not exist. The server says so in words only: the
    state does not reach the client while it connects."""
    original = error.orig
    return isinstance(original, psycopg.OperationalError) and (
        original.sqlstate == MISSING or ("database" in str(original) and "does not exist" in str(original))
    )


def create(url: URL, options: ConnectOptions) -> None:
    """Make the database of the URL, in UTF-8, and mark it.

    Raises:
        EnvironmentFailure: The login may not, or cannot reach the database every server has.
    """
    assert url.database is not None
    name = quote(url.database)
    engine = make_engine(url.set(database=MAINTENANCE), options)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            execute(connection, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
            execute(connection, f"COMMENT ON DATABASE {name} IS {literal(MARK)}")
    except DBAPIError as error:
        raise _not_created(error, url) from None
    finally:
        engine.dispose()


def _not_created(error: DBAPIError, url: URL) -> MigratorError:
    reason = error.orig.diag.message_primary if isinstance(error.orig, psycopg.Error) else None
    if reason is None and isinstance(error.orig, psycopg.Error):
        return connect_failure(error.orig, url)
    return EnvironmentFailure(
        f"The database does not exist, and cannot be created: {reason or 'no reason is given'}.",
        where=display_url(url),
        hint=f"Let somebody who may run: CREATE DATABASE {quote(url.database or '')} ENCODING 'UTF8' "
        "TEMPLATE template0, or correct the name.",
    )


def drop_if_empty(engine: Engine, options: ConnectOptions) -> bool:
    """Drop the engine's database, which a run made, if nothing is in it; whether it is gone. The engine has no
    connection left then. When others are connected, it stays.

    Raises:
        DBAPIError: The server cannot be asked.
    """
    with engine.connect() as connection:
        if not connection.execute(_EMPTY).scalar_one():
            return False
    engine.dispose()
    maintenance = make_engine(engine.url.set(database=MAINTENANCE), options)
    try:
        with maintenance.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            execute(connection, f"DROP DATABASE {quote(engine.url.database or '')}")
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.ObjectInUse):
            return False
        raise
    finally:
        maintenance.dispose()
    return True
