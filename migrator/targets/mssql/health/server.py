"""A SQL Server database as a run needs it: version, collation, TLS, login, permissions, state, space and log.

Each part is a query and a pure function of its rows. What the login may not see is passed over, and said; nothing
here writes. Names of columns avoid T-SQL's keywords.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.engine import URL

from migrator.model.health import Check, State
from migrator.model.plan import JOURNAL_SCHEMA
from migrator.targets.mssql.names import literal, quote

MAINTENANCE = "master"
"""The database every server has."""

OLDEST = 13
"""SQL Server 2016."""
_YEARS = {13: "2016", 14: "2017", 15: "2019", 16: "2022", 17: "2025"}
"""https://learn.microsoft.com/troubleshoot/sql/releases/download-and-install-latest-updates"""
LEVEL = 130
"""The compatibility level of SQL Server 2016."""

_EXPRESS, _AZURE, _MANAGED, _FABRIC = 4, 5, 8, 12
_UNSUPPORTED = {6: "Azure Synapse", 11: "Azure Synapse serverless"}
_CLOUD = {_AZURE: "Azure SQL Database", _MANAGED: "Azure SQL Managed Instance", _FABRIC: "SQL database in Fabric"}
"""`EngineEdition`: https://learn.microsoft.com/sql/t-sql/functions/serverproperty-transact-sql. The product
version of the services in the cloud stays at 12 and says nothing."""

_EXPRESS_LIMITS = {17: 50 << 30}
_EXPRESS_LIMIT = 10 << 30
"""Bytes of data that a database of the Express edition holds, 50 GB since SQL Server 2025:
https://learn.microsoft.com/sql/sql-server/editions-and-components-of-sql-server-2025"""
GROWTH = 2
"""How much larger than its source a database may get: text takes two bytes a character, and indexes come to it."""

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
    yield version(facts)
    yield from login(facts)
    yield from tls(connection, facts)
    yield from state(connection, facts)
    yield collation(facts)
    yield from permissions(connection, facts, schema)
    yield from space(connection, facts, needed)


def version(facts: Row[Any]) -> Check:
    """Whether the server is one of those supported."""
    engine, number = facts.engine, str(facts.product_version)
    if engine in _UNSUPPORTED:
        return _failed(
            "version", f"This is {_UNSUPPORTED[engine]}, which lacks keys and types that a run needs.", _ANOTHER
        )
    if engine in _CLOUD:
        return _ok("version", f"{_CLOUD[engine]}, {facts.edition_name}.")
    major = int(number.partition(".")[0])
    if major < OLDEST:
        return _failed(
            "version", f"The server is SQL Server {number}; version 13 (2016) or later is needed.", _ANOTHER
        )
    year = _YEARS.get(major, "of a later version")
    return _ok("version", f"SQL Server {year} ({number}), {facts.edition_name}.")


_ANOTHER = "Use SQL Server 2016 or later, Azure SQL Database or Managed Instance."


def login(facts: Row[Any]) -> Iterator[Check]:
    """Who is logged in where."""
    scheme = {"SQL": "SQL Server authentication", "NTLM": "Windows (NTLM)", "KERBEROS": "Kerberos"}
    how = scheme.get(str(facts.auth_scheme or "").upper(), facts.auth_scheme)
    yield _ok("login", f"Logged in as {facts.login_name}{f' by {how}' if how else ''}.")
    yield _ok("database", f"{facts.database_name}, as its user {facts.user_name}.")


# TLS

_MAY_SEE = """
    SELECT MAX(HAS_PERMS_BY_NAME(NULL, NULL, wanted.permission))
    FROM (VALUES (N'VIEW SERVER STATE'), ({})) AS wanted (permission)
"""
"""NULL for a permission that the version does not know: `VIEW SERVER STATE` was divided in SQL Server 2022.
https://learn.microsoft.com/sql/t-sql/functions/has-perms-by-name-transact-sql"""
_SECURITY, _PERFORMANCE = "VIEW SERVER SECURITY STATE", "VIEW SERVER PERFORMANCE STATE"

_ENCRYPTED = sa.text("SELECT TOP (1) encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID")


def tls(connection: Connection, facts: Row[Any]) -> Iterator[Check]:
    """Whether the connection is encrypted, and whether the server's certificate is checked."""
    if facts.engine in (_AZURE, _FABRIC):
        # https://learn.microsoft.com/azure/azure-sql/database/security-overview
        yield _ok("tls", f"The connection is encrypted: {_CLOUD[facts.engine]} takes no other.")
    elif may_see(connection, _SECURITY):
        yield encryption(str(connection.execute(_ENCRYPTED).scalar_one()))
    else:
        yield asked_encryption(connection.engine.url)
    if _said(connection.engine.url, "TrustServerCertificate") in _YES:
        yield Check(
            "",
            "certificate",
            State.WARNING,
            "The server's certificate is not checked: the URL, or MSSQL_TRUST_CERTIFICATE, says so.",
            "Give the server a certificate that this machine trusts, and take TrustServerCertificate out.",
        )


def may_see(connection: Connection, permission: str) -> bool:
    """Whether the login has VIEW SERVER STATE, or the part of it that is called so since 2022."""
    return bool(connection.execute(sa.text(_MAY_SEE.format(literal(permission)))).scalar())


def encryption(option: str) -> Check:
    """`encrypt_option` of the connection: TRUE or FALSE."""
    if option.upper() == "TRUE":
        return _ok("tls", "The connection is encrypted.")
    return Check("", "tls", State.WARNING, "The connection is not encrypted.", _ENCRYPT)


_ENCRYPT = "Put Encrypt=yes into the URL (MSSQL_ENCRYPT=yes), or take Encrypt=no out."
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0", "optional")


def asked_encryption(url: URL) -> Check:
    """What the URL asks for, where the login may not see what it got. Microsoft's driver 18 encrypts by default:
    https://learn.microsoft.com/sql/connect/odbc/dsn-connection-string-attribute#encrypt"""
    unseen = "The login may not see how it is connected (VIEW SERVER STATE)"
    if _said(url, "Encrypt") in _NO:
        return Check("", "tls", State.WARNING, f"{unseen}, and the URL says Encrypt=no.", _ENCRYPT)
    return Check("", "tls", State.NOTE, f"{unseen}; the URL does not refuse encryption, which is the default.")


def _said(url: URL, name: str) -> str:
    found = {key.lower().replace(" ", ""): value for key, value in url.query.items()}.get(name.lower(), "")
    return found.lower() if isinstance(found, str) else ""


# State, compatibility, recovery

_DATABASE = sa.text("""
    SELECT compatibility_level AS level, recovery_model_desc AS recovery, log_reuse_wait_desc AS waits_for,
           user_access_desc AS access, is_auto_close_on AS closes
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
    if facts.updateability != "READ_WRITE":
        yield _failed(
            "writable",
            "The database is read-only.",
            f"Connect to the primary replica; or, if it was set so: ALTER DATABASE {name} SET READ_WRITE.",
        )
    elif found.access == "SINGLE_USER":
        yield _failed(
            "writable",
            "The database takes a single connection, and a run needs several.",
            f"ALTER DATABASE {name} SET MULTI_USER",
        )
    else:
        yield _ok("writable", "The database can be written.")


def compatibility(facts: Row[Any], found: Row[Any]) -> Check:
    """Below the level of 2016 the server answers as an older one does."""
    if found.level >= LEVEL:
        return _ok("compatibility", f"Compatibility level {found.level}.")
    return Check(
        "",
        "compatibility",
        State.WARNING,
        f"The compatibility level is {found.level}, older than SQL Server 2016.",
        f"ALTER DATABASE {quote(facts.database_name)} SET COMPATIBILITY_LEVEL = {LEVEL}",
    )


_FREE = frozenset({"NOTHING", "CHECKPOINT", "OLDEST_PAGE", "LOG_BACKUP"})
"""Reasons for which the log is kept that go by themselves or with the next backup:
https://learn.microsoft.com/sql/relational-databases/logs/the-transaction-log-sql-server#FactorsThatDelayTruncation"""


def recovery(facts: Row[Any], found: Row[Any]) -> Check:
    """What becomes of the log while rows are loaded."""
    if facts.engine in _CLOUD:
        return _ok("log", f"Recovery model {found.recovery}; the service keeps the log.")
    if found.waits_for not in _FREE:
        return Check(
            "",
            "log",
            State.WARNING,
            f"Recovery model {found.recovery}; the log cannot be reused now, because of {found.waits_for}.",
            "Find what holds it (DBCC OPENTRAN, replication, availability groups), and let that end first.",
        )
    if found.recovery == "SIMPLE":
        return _ok("log", "Recovery model SIMPLE: the log is reused while rows are loaded.")
    return Check(
        "",
        "log",
        State.NOTE,
        f"Recovery model {found.recovery}: the log keeps every row until its next backup, and grows by as much.",
        "Back the log up during a large run, or see that its disk has room for the whole of it.",
    )


def collation(facts: Row[Any]) -> Check:
    """The collation decides which keys are equal; the planner tests the keys themselves."""
    name = str(facts.collation_name)
    if "_CI" in name.upper():
        return Check(
            "",
            "collation",
            State.NOTE,
            f"{name}, for which 'a' and 'A' are equal: keys that differ in case only would collide.",
            "`migrator plan` says whether any do; --collation chooses another one.",
        )
    return _ok("collation", f"{name}.")


# Permissions

_PERMISSIONS = sa.text("""
    SELECT wanted.permission,
           COALESCE(HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', wanted.permission),
                    HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', wanted.permission), 0) AS granted
    FROM (VALUES (N'CREATE TABLE'), (N'CREATE VIEW'), (N'CREATE SCHEMA')) AS wanted (permission)
""")
_IN_SCHEMA = ("ALTER", "SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES")
"""Tables belong to the owner of their schema and not to who makes them, so that making them is not enough:
https://learn.microsoft.com/sql/t-sql/statements/create-table-transact-sql#permissions-1"""
_SCHEMA = """
    SELECT wanted.permission, COALESCE(HAS_PERMS_BY_NAME({schema}, N'SCHEMA', wanted.permission), 0) AS granted
    FROM (VALUES {permissions}) AS wanted (permission)
"""
_OWNS = """
    SELECT CASE WHEN IS_ROLEMEMBER(N'db_owner') = 1 OR IS_ROLEMEMBER(N'db_ddladmin') = 1
                  OR IS_SRVROLEMEMBER(N'sysadmin') = 1
                  OR EXISTS (SELECT 1 FROM sys.schemas
                             WHERE name = {schema} AND principal_id = DATABASE_PRINCIPAL_ID())
                THEN 1 ELSE 0 END
"""
"""Who may set the next identity value (DBCC CHECKIDENT):
https://learn.microsoft.com/sql/t-sql/database-console-commands/dbcc-checkident-transact-sql#permissions"""


def permissions(connection: Connection, facts: Row[Any], schema: str) -> Iterator[Check]:
    """What a run must be allowed: tables and views in its schema, and the journal's schema."""
    granted = {row.permission: bool(row.granted) for row in connection.execute(_PERMISSIONS)}
    missing = [each for each in ("CREATE TABLE", "CREATE VIEW") if not granted[each]]
    user = quote(facts.user_name)
    if missing:
        yield _failed(
            "permissions",
            f"The user {facts.user_name} lacks {' and '.join(missing)}.",
            f"Let an administrator run: GRANT {', '.join(missing)} TO {user}",
        )
    else:
        yield _ok("permissions", f"The user {facts.user_name} may create tables and views.")
    for name in dict.fromkeys((schema, JOURNAL_SCHEMA)):
        yield _schema(connection, facts, name, granted["CREATE SCHEMA"])


def _schema(connection: Connection, facts: Row[Any], name: str, may_create: bool) -> Check:
    if connection.execute(sa.text(f"SELECT SCHEMA_ID({literal(name)})")).scalar() is None:
        return missing_schema(facts, name, may_create)
    wanted = ", ".join(f"({literal(each)})" for each in _IN_SCHEMA)
    rows = connection.execute(sa.text(_SCHEMA.format(schema=literal(quote(name)), permissions=wanted)))
    lacking = [row.permission for row in rows if not row.granted]
    reseeds = bool(connection.execute(sa.text(_OWNS.format(schema=literal(name)))).scalar())
    return usable_schema(facts, name, lacking, reseeds)


def missing_schema(facts: Row[Any], name: str, may_create: bool) -> Check:
    """A run makes a schema that is missing, where it may."""
    if may_create:
        return _ok(f"schema {name}", f"The schema {name} is not there yet; the run makes it.")
    return _failed(
        f"schema {name}",
        f"The schema {name} is missing, and the user {facts.user_name} may not create schemas.",
        f"Let an administrator run: GRANT CREATE SCHEMA TO {quote(facts.user_name)}",
    )


def usable_schema(facts: Row[Any], name: str, lacking: Sequence[str], reseeds: bool) -> Check:
    """A schema that is there must let the user change, fill and read its tables."""
    user = quote(facts.user_name)
    if lacking:
        return _failed(
            f"schema {name}",
            f"The user {facts.user_name} lacks {', '.join(lacking)} on the schema {name}.",
            f"Let an administrator run: GRANT {', '.join(lacking)} ON SCHEMA::{quote(name)} TO {user}",
        )
    if not reseeds:
        return _failed(
            f"schema {name}",
            f"The user {facts.user_name} may not set the next identity value of tables in the schema {name}.",
            f"Let an administrator run: ALTER ROLE db_ddladmin ADD MEMBER {user}",
        )
    return _ok(f"schema {name}", f"The user {facts.user_name} may change, fill and read tables of {name}.")


# Space

_FILES = sa.text("""
    SELECT file_id, type AS kind, growth AS grows,
           CAST(size AS bigint) AS pages, CAST(max_size AS bigint) AS most_pages,
           CAST(FILEPROPERTY(name, 'SpaceUsed') AS bigint) AS used_pages
    FROM sys.database_files WHERE type IN (0, 1)
""")
"""Sizes are pages of 8 kB; `max_size` is -1 for up to the disk, 0 for never, 268435456 for a log of 2 TB:
https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-database-files-transact-sql"""
_DISKS = sa.text("""
    SELECT files.file_id, disks.volume_mount_point AS volume, disks.available_bytes AS free_bytes
    FROM sys.database_files AS files CROSS APPLY sys.dm_os_volume_stats(DB_ID(), files.file_id) AS disks
    WHERE files.type IN (0, 1)
""")
_LIMIT = sa.text("SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'MaxSizeInBytes') AS bigint)")
_PAGE = 8192
_DATA, _LOG = 0, 1


def space(connection: Connection, facts: Row[Any], needed: int) -> Iterator[Check]:
    """How much more the database can hold, as far as the login may see."""
    files = connection.execute(_FILES).all()
    free = _free_by_file(connection) if facts.engine not in _CLOUD and may_see(connection, _PERFORMANCE) else {}
    limit = _limit(connection, facts)
    yield enough("space", room(files, _DATA, free, limit), needed, "data files", seen=bool(free))
    if facts.engine not in _CLOUD:
        yield enough("log space", room(files, _LOG, free, None), needed, "log", seen=bool(free))


def _free_by_file(connection: Connection) -> dict[int, int]:
    """Bytes free on the disk of each file."""
    return {row.file_id: int(row.free_bytes) for row in connection.execute(_DISKS)}


def _limit(connection: Connection, facts: Row[Any]) -> int | None:
    """The most bytes of data that the edition or the service lets the database hold."""
    if facts.engine == _EXPRESS:
        return _EXPRESS_LIMITS.get(int(str(facts.product_version).partition(".")[0]), _EXPRESS_LIMIT)
    if facts.engine in (_AZURE, _FABRIC):
        found = connection.execute(_LIMIT).scalar()
        return int(found) if found and found > 0 else None
    return None


def room(files: Sequence[Any], kind: int, free: dict[int, int], limit: int | None) -> int | None:
    """Bytes that the files of a kind can still take; None where nothing is known to bound them. Files that share a
    disk share its room, so the fullest view of it counts once."""
    chosen = [file for file in files if file.kind == kind]
    inside = sum(file.pages - (file.used_pages or 0) for file in chosen) * _PAGE
    growth = [_growth(file) for file in chosen]
    bounds = []
    if all(each is not None for each in growth):
        bounds.append(inside + sum(each or 0 for each in growth))
    if free and any(each != 0 for each in growth):
        bounds.append(inside + max(free.get(file.file_id, 0) for file in chosen))
    if limit is not None:
        bounds.append(max(0, limit - sum(file.used_pages or 0 for file in chosen) * _PAGE))
    return min(bounds, default=None)


_LOG_PAGES = 268435456
"""2 TB, what the log of a database without a limit of its own shows."""


def _growth(file: Any) -> int | None:
    """Bytes by which a file may grow; None for up to the disk."""
    if file.grows == 0 or file.most_pages == 0:
        return 0
    if file.most_pages in (-1, _LOG_PAGES):
        return None
    return int(max(0, file.most_pages - file.pages)) * _PAGE


def enough(name: str, left: int | None, needed: int, what: str, *, seen: bool) -> Check:
    """Whether there is room for what is to be moved."""
    if left is None:
        unseen = "" if seen else " How full their disk is, the login may not see (VIEW SERVER STATE)."
        return Check("", name, State.NOTE, f"The {what} may grow up to the disk.{unseen}")
    if left < GROWTH * needed:
        return Check(
            "",
            name,
            State.WARNING,
            f"There is room for {_mega(left)} more in the {what}; the sources are {_mega(needed)}, and may take "
            f"{GROWTH} times as much here.",
            "Make room on the server's disk, or raise the size that the files may have, before the run.",
        )
    return _ok(name, f"There is room for {_mega(left)} more in the {what}.")


def _mega(octets: int) -> str:
    return f"{octets / 1e6:,.1f} MB"


# Where the database is missing

_CREATION = """
    SELECT (SELECT COUNT(*) FROM sys.databases WHERE name = {name}) AS found,
           COALESCE(HAS_PERMS_BY_NAME(NULL, NULL, N'CREATE ANY DATABASE'), 0) AS may_create,
           SUSER_SNAME() AS login_name
"""


def creation(connection: Connection, database: str) -> Check | None:
    """Asked in `MAINTENANCE` when the database itself does not open: whether it is missing, and whether the login
    may make it. None where it is there, so that something else is the matter."""
    facts = connection.execute(sa.text(_CREATION.format(name=literal(database)))).one()
    return None if facts.found else missing_database(database, str(facts.login_name), bool(facts.may_create))


def missing_database(database: str, login: str, may_create: bool) -> Check:
    """A run makes a database that is missing, where it may."""
    if may_create:
        return Check(
            "",
            "database",
            State.WARNING,
            f"There is no database {database} yet; the login {login} may create it, and `migrator run` does.",
            "Nothing, if the name is right.",
        )
    return _failed(
        "database",
        f"There is no database {database}, and the login {login} may not create it.",
        f"Correct the name, or let an administrator run: CREATE DATABASE {quote(database)}",
    )


def _ok(name: str, what: str) -> Check:
    return Check("", name, State.OK, what)


def _failed(name: str, what: str, fix: str) -> Check:
    return Check("", name, State.FAILED, what, fix)
