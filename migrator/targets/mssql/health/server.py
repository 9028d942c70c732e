"""A SQL Server database as a run needs it: version, collation, TLS, login, permissions, state, space and log.

Each part is a query and a pure function of its rows. What the login may not see is passed over, and said; nothing
here writes. Names of columns avoid T-SQL's keywords.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.engine import URL

from migrator.model.health import Check, failed, noted, passed, warned
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.connecting import PYODBC, is_freetds
from migrator.targets.mssql.databases import AZURE_DATABASE
from migrator.targets.mssql.health.permissions import SECURITY, may_see, permissions
from migrator.targets.mssql.health.space import space
from migrator.targets.mssql.names import literal, quote
from migrator.targets.mssql.preflight import CLOUD, OLDEST

LEVEL = 130
"""The compatibility level of SQL Server 2016."""

_FABRIC = 12
SERVICES = {5: "Azure SQL Database", 8: "Azure SQL Managed Instance", _FABRIC: "SQL database in Fabric"}
_UNSUPPORTED = {6: "Azure Synapse", 11: "Azure Synapse serverless"}
"""`EngineEdition`: https://learn.microsoft.com/sql/t-sql/functions/serverproperty-transact-sql"""

_FACTS = sa.text("""
    SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS product_version,
           CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition_name,
           CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine,
           CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128)) AS collation_name,
           CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(128)) AS updateability,
           CAST(CONNECTIONPROPERTY('auth_scheme') AS nvarchar(128)) AS auth_scheme,
           DB_NAME() AS database_name,
           SUSER_SNAME() AS login_name,
           USER_NAME() AS user_name
""")


def health(connection: Connection, schema: str, needed: int) -> Iterator[Check]:
    """Everything about the connection's database. `needed` is the size of what is to be moved, in bytes.

    Raises:
        DBAPIError: The server cannot be asked.
    """
    facts = connection.execute(_FACTS).one()
    yield driver(connection.engine.url)
    yield version(facts)
    yield from login(facts)
    yield from tls(connection, facts)
    yield from state(connection, facts)
    yield collation(facts)
    yield from permissions(connection, facts, schema)
    yield from space(connection, facts, needed)


def driver(url: URL) -> Check:
    """By which driver the connection was made: a URL that names none takes what works."""
    if url.drivername != PYODBC:
        return passed("driver", "By mssql-python, with the ODBC driver that comes with it.")
    named = url.query.get("driver")
    name = named if isinstance(named, str) else "the data source's driver"
    if not is_freetds(name):
        return passed("driver", f"By pyodbc, through {name}.")
    return warned(
        "driver",
        f"By pyodbc, through {name}, which is slower and less exact than Microsoft's driver.",
        "Use Microsoft's ODBC Driver 18, or mssql+mssqlpython://.",
    )


def version(facts: Row[Any]) -> Check:
    """Whether the server is one of those supported."""
    engine, number = facts.engine, str(facts.product_version)
    if engine in _UNSUPPORTED:
        return failed(
            "version", f"This is {_UNSUPPORTED[engine]}, which lacks keys and types that a run needs.", _ANOTHER
        )
    if engine in CLOUD:
        return passed("version", f"{SERVICES[engine]}, {facts.edition_name}.")
    major = int(number.partition(".")[0])
    if major < OLDEST:
        return failed(
            "version", f"The server is SQL Server {number}; version 13 (2016) or later is needed.", _ANOTHER
        )
    from migrator.targets.mssql.server import YEARS  # drivers are looked at without all that a server needs

    year = YEARS.get(major, "of a later version")
    return passed("version", f"SQL Server {year} ({number}), {facts.edition_name}.")


_ANOTHER = "Use SQL Server 2016 or later, Azure SQL Database or Managed Instance."


def login(facts: Row[Any]) -> Iterator[Check]:
    """Who is logged in where."""
    scheme = {"SQL": "SQL Server authentication", "NTLM": "Windows (NTLM)", "KERBEROS": "Kerberos"}
    how = scheme.get(str(facts.auth_scheme or "").upper(), facts.auth_scheme)
    yield passed("login", f"Logged in as {facts.login_name}{f' by {how}' if how else ''}.")
    yield passed("database", f"{facts.database_name}, as its user {facts.user_name}.")


# TLS

_ENCRYPTED = sa.text("SELECT TOP (1) encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID")


def tls(connection: Connection, facts: Row[Any]) -> Iterator[Check]:
    """Whether the connection is encrypted, and whether the server's certificate is checked."""
    if facts.engine in (AZURE_DATABASE, _FABRIC):
        # https://learn.microsoft.com/azure/azure-sql/database/security-overview
        yield passed("tls", f"The connection is encrypted: {SERVICES[facts.engine]} takes no other.")
    elif may_see(connection, SECURITY):
        yield encryption(str(connection.execute(_ENCRYPTED).scalar_one()))
    else:
        yield asked_encryption(connection.engine.url)
    if _said(connection.engine.url, "TrustServerCertificate") in _YES:
        yield warned(
            "certificate",
            "The server's certificate is not checked: the URL, or MSSQL_TRUST_CERTIFICATE, says so.",
            "Give the server a certificate that this machine trusts, and take TrustServerCertificate out.",
        )


def encryption(option: str) -> Check:
    """`encrypt_option` of the connection: TRUE or FALSE."""
    if option.upper() == "TRUE":
        return passed("tls", "The connection is encrypted.")
    return warned("tls", "The connection is not encrypted.", _ENCRYPT)


_ENCRYPT = "Put Encrypt=yes into the URL (MSSQL_ENCRYPT=yes), or take Encrypt=no out."
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0", "optional")


def asked_encryption(url: URL) -> Check:
    """What the URL asks for, where the login may not see what it got. Microsoft's driver 18 encrypts by default:
    https://learn.microsoft.com/sql/connect/odbc/dsn-connection-string-attribute#encrypt"""
    unseen = "The login may not see how it is connected (VIEW SERVER STATE)"
    if _said(url, "Encrypt") in _NO:
        return warned("tls", f"{unseen}, and the URL says Encrypt=no.", _ENCRYPT)
    return noted("tls", f"{unseen}; the URL does not refuse encryption, which is the default.")


def _said(url: URL, name: str) -> str:
    found = {key.lower().replace(" ", ""): value for key, value in url.query.items()}.get(name.lower(), "")
    return found.lower() if isinstance(found, str) else ""


# State, compatibility, recovery

_DATABASE = sa.text("""
    SELECT compatibility_level AS level, recovery_model_desc AS recovery, log_reuse_wait_desc AS waits_for,
           user_access_desc AS access
    FROM sys.databases WHERE database_id = DB_ID()
""")
"""The database one is connected to can always be seen:
https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-databases-transact-sql"""


def state(connection: Connection, facts: Row[Any]) -> Iterator[Check]:
    """Whether the database can be written, by more than one connection, and how its log behaves."""
    found = connection.execute(_DATABASE).one()
    yield from writable(facts, found)
    yield compatibility(facts, found)
    yield recovery(facts, found)


def writable(facts: Row[Any], found: Row[Any]) -> Iterator[Check]:
    """A run needs several connections that write."""
    name = quote(facts.database_name)
    if facts.updateability == "READ_ONLY":
        yield failed(
            "writable",
            "The database is read-only.",
            f"Connect to the primary replica; or, if it was set so: ALTER DATABASE {name} SET READ_WRITE.",
        )
    elif found.access == "SINGLE_USER":
        yield failed(
            "writable",
            "The database takes a single connection, and a run needs several.",
            f"ALTER DATABASE {name} SET MULTI_USER",
        )
    else:
        yield passed("writable", "The database can be written.")


def compatibility(facts: Row[Any], found: Row[Any]) -> Check:
    """Below the level of 2016 the server answers as an older one does."""
    if found.level >= LEVEL:
        return passed("compatibility", f"Compatibility level {found.level}.")
    return warned(
        "compatibility",
        f"The compatibility level is {found.level}, older than SQL Server 2016.",
        f"ALTER DATABASE {quote(facts.database_name)} SET COMPATIBILITY_LEVEL = {LEVEL}",
    )


_FREE = frozenset({"NOTHING", "CHECKPOINT", "OLDEST_PAGE", "LOG_BACKUP"})
"""Reasons for which the log is kept that go by themselves or with the next backup:
https://learn.microsoft.com/sql/relational-databases/logs/the-transaction-log-sql-server#FactorsThatDelayTruncation"""


def recovery(facts: Row[Any], found: Row[Any]) -> Check:
    """What becomes of the log while rows are loaded."""
    if facts.engine in CLOUD:
        return passed("log", f"Recovery model {found.recovery}; the service keeps the log.")
    if found.waits_for not in _FREE:
        return warned(
            "log",
            f"Recovery model {found.recovery}; the log cannot be reused now, because of {found.waits_for}.",
            "Find what holds it (DBCC OPENTRAN, replication, availability groups), and let that end first.",
        )
    if found.recovery == "SIMPLE":
        return passed("log", "Recovery model SIMPLE: the log is reused while rows are loaded.")
    return noted(
        "log",
        f"Recovery model {found.recovery}: the log keeps every row until its next backup, and grows by as much.",
        "Back the log up during a large run, or see that its disk has room for the whole of it.",
    )


def collation(facts: Row[Any]) -> Check:
    """The collation decides which keys are equal; the planner tests the keys themselves."""
    name = str(facts.collation_name)
    if "_CI" in name.upper():
        return noted(
            "collation",
            f"{name}, for which 'a' and 'A' are equal: keys that differ in case only would collide.",
            "`migrator plan` says whether any do; --collation chooses another one.",
        )
    return passed("collation", f"{name}.")


# Where the database is missing

_CREATION = """
    SELECT (SELECT COUNT(*) FROM sys.databases WHERE name = {name}) AS found,
           CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine,
           CASE WHEN HAS_PERMS_BY_NAME(NULL, NULL, N'CREATE ANY DATABASE') = 1
                  OR HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'CREATE DATABASE') = 1
                THEN 1 ELSE 0 END AS may_create,
           SUSER_SNAME() AS login_name
"""


def creation(connection: Connection, database: str) -> Check | None:
    """Asked in `MAINTENANCE` when the database itself does not open: whether it is missing, and whether a run
    makes it. None where it is there, so that something else is the matter."""
    facts = execute(connection, _CREATION.format(name=literal(database))).one()
    return None if facts.found else missing_database(database, facts)


def missing_database(database: str, facts: Row[Any]) -> Check:
    """A run makes a database that is missing where the login may, but none that has to be paid for."""
    login = facts.login_name
    fix = f"Correct the name, or let an administrator run: CREATE DATABASE {quote(database)}"
    if facts.engine == AZURE_DATABASE:
        return failed(
            "database", f"There is no database {database}, and a run makes none in Azure: it costs.", fix
        )
    if facts.may_create:
        return warned(
            "database",
            f"There is no database {database} yet; the login {login} may create it, and `migrator run` does.",
            "Nothing, if the name is right.",
        )
    return failed("database", f"There is no database {database}, and the login {login} may not create it.", fix)
