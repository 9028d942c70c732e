"""Making the target's database where it is missing, and dropping it again when nothing is left in it.

A database that a run made carries a mark as an extended property; no other is ever dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from migrator.errors import EnvironmentFailure
from migrator.targets import ConnectOptions
from migrator.targets.common.urls import display_url
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.connecting import Way, connect_failure, make_engine
from migrator.targets.mssql.ddl import MARK_NAME
from migrator.targets.mssql.failures import said
from migrator.targets.mssql.names import literal, quote

MARK = "Created by migrator, which drops it again when the last run in it is taken back."
MAINTENANCE = "master"
"""https://learn.microsoft.com/sql/relational-databases/databases/master-database"""
AZURE_DATABASE = 5
"""The engine's edition of Azure SQL Database, where a database is something to be paid for.
https://learn.microsoft.com/sql/t-sql/functions/serverproperty-transact-sql"""

_FACTS = sa.text(f"""
    SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,
           CAST(SERVERPROPERTY('EngineEdition') AS int) AS edition,
           CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128)) AS collation_name,
           (SELECT COUNT(*) FROM sys.extended_properties
            WHERE class = 0 AND name = {literal(MARK_NAME)}
              AND CAST(value AS nvarchar(4000)) = {literal(MARK)}) AS made
""")
_EMPTY = sa.text("""
    SELECT CASE WHEN EXISTS (SELECT 1 FROM sys.objects WHERE is_ms_shipped = 0)
                  OR EXISTS (SELECT 1 FROM sys.types WHERE is_user_defined = 1)
                  OR EXISTS (SELECT 1 FROM sys.schemas AS own
                             WHERE own.schema_id BETWEEN 5 AND 16383) THEN 0 ELSE 1 END
""")
"""Schemas with numbers below 5 and from 16384 on are the server's own.
https://learn.microsoft.com/sql/relational-databases/system-catalog-views/schemas-catalog-views-sys-schemas"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is asked of every server first. `version` is the product's, such as `16.0.4135.4`; `edition` the
    engine's number; `made_by_run` whether a run made the database."""

    version: str
    edition: int
    collation: str
    made_by_run: bool


def facts(engine: Engine) -> Facts:
    """The facts. Raises DBAPIError."""
    with engine.connect() as connection:
        row = connection.execute(_FACTS).one()
    return Facts(str(row.version), int(row.edition), str(row.collation_name), bool(row.made))


def is_missing(error: DBAPIError) -> bool:
    """Whether a connection failed because its database does not exist, or is not for this login: the server says
    the same of both. https://learn.microsoft.com/sql/relational-databases/errors-events/mssqlserver-4060-database-engine-error
    """
    words = said(error).words
    return "Cannot open database" in words or ("database" in words and "does not exist" in words)


def create(url: URL, options: ConnectOptions, by: Way) -> None:
    """Make the database of the URL and mark it.

    Raises:
        EnvironmentFailure: The login may not, cannot reach the database every server has, or it would cost money.
    """
    name = url.database or ""
    engine = make_engine(url.set(database=MAINTENANCE), options, by, autocommit=True)
    try:
        edition = facts(engine).edition
        if edition == AZURE_DATABASE:
            raise _not_created("Azure SQL Database has prices", name, url)
        with engine.connect() as connection:
            execute(connection, f"CREATE DATABASE {quote(name)}")
    except DBAPIError as error:
        if error.connection_invalidated or is_missing(error):
            raise connect_failure(error, url) from None
        raise _not_created(said(error).words.rstrip(".") or "no reason is given", name, url) from None
    finally:
        engine.dispose()
    _mark(url, options, by)


def _mark(url: URL, options: ConnectOptions, by: Way) -> None:
    engine = make_engine(url, options, by)
    try:
        with engine.begin() as connection:
            execute(connection, f"EXEC sys.sp_addextendedproperty {literal(MARK_NAME)}, {literal(MARK)}")
    except DBAPIError as error:
        raise connect_failure(error, url) from None
    finally:
        engine.dispose()


def _not_created(reason: str, name: str, url: URL) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"The database does not exist, and is not created: {reason}.",
        where=display_url(url),
        hint=f"Let somebody who may run: CREATE DATABASE {quote(name)}, or correct the name.",
    )


def drop_if_empty(engine: Engine, options: ConnectOptions, by: Way) -> bool:
    """Drop the engine's database, which a run made, if nothing is in it; whether it is gone. The engine has no
    connection left then. When others are connected, it stays.

    Raises:
        DBAPIError: The server cannot be asked.
    """
    with engine.connect() as connection:
        if not connection.execute(_EMPTY).scalar_one():
            return False
    engine.dispose()
    maintenance = make_engine(engine.url.set(database=MAINTENANCE), options, by, autocommit=True)
    try:
        with maintenance.connect() as connection:
            execute(connection, f"DROP DATABASE {quote(engine.url.database or '')}")
    except DBAPIError as error:
        if "in use" in said(error).words or "being accessed" in said(error).words:
            return False
        raise
    finally:
        maintenance.dispose()
    return True
