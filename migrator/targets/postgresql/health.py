"""What `migrator doctor` asks about PostgreSQL: the drivers here, and a server and database there.

It only looks: no statement here changes anything. The server does not tell how much room its disk has.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib import metadata
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.engine import URL

from migrator.model.health import Check, Driver, failed, passed, warned
from migrator.model.plan import JOURNAL_SCHEMA
from migrator.targets.postgresql.databases import MAINTENANCE
from migrator.targets.postgresql.names import quote
from migrator.targets.postgresql.preflight import OLDEST

TITLE = "PostgreSQL"

DEFAULT_PORT = 5432
"""https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-PORT"""

_ELSEWHERE = frozenset({"host", "hostaddr", "service", "port"})
"""Parts of the query by which libpq goes another way than the URL's host says:
https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS"""


def address(url: URL) -> tuple[str, int] | None:
    """The host and port that a connection goes to; None where it goes through a socket, to one of several hosts,
    or where libpq's own settings say."""
    host = url.host or ""
    if not host or host.startswith(("/", "@")) or "," in host or _ELSEWHERE & url.query.keys():
        return None
    return host, url.port or DEFAULT_PORT


# Drivers

_PACKAGES = (
    ("psycopg", "psycopg", "schema, COPY and everything else"),
    ("pgpq", "pgpq", "rows in the binary form of COPY"),
    ("adbc-driver-postgresql", "adbc_driver_postgresql", "rows read back for the proof"),
)


def drivers() -> tuple[Driver, ...]:
    """The packages that speak to PostgreSQL, and the libpq that psycopg uses."""
    return tuple(_package(*each) for each in _PACKAGES)


def own_architecture() -> str:
    """Nothing here depends on it: the packages bring libraries for the processor they were installed on."""
    return ""


def _package(package: str, module: str, purpose: str) -> Driver:
    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        return Driver(package, "python", False, remark="not installed", fix=f"pip install {package}", needed=True)
    try:
        importlib.import_module(module)
    except (ImportError, OSError) as error:
        return Driver(
            package,
            "python",
            False,
            version,
            remark=f"cannot be imported: {error}",
            fix=f"pip install --force-reinstall {package}",
            needed=True,
        )
    remark = f"{purpose}; {_libpq()}" if module == "psycopg" else purpose
    return Driver(package, "python", True, version, remark=remark, needed=True)


def _libpq() -> str:
    """libpq's version, and whether it is that of the wheel `psycopg-binary` or the system's."""
    from psycopg import pq

    origin = "the wheel's" if pq.__impl__ == "binary" else "the system's"
    return f"libpq {_dotted(pq.version())}, {origin}"


def _dotted(number: int) -> str:
    """170004 as 17.4. https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQSERVERVERSION"""
    return f"{number // 10000}.{number % 10000}"


# The server

_FACTS = sa.text("""
    SELECT current_setting('server_version') AS version,
           current_setting('server_version_num')::int / 10000 AS major,
           current_setting('server_encoding') AS encoding,
           (SELECT datcollate FROM pg_database WHERE datname = current_database()) AS collation,
           current_setting('transaction_read_only') = 'on' AS read_only,
           pg_is_in_recovery() AS standby,
           current_user AS login,
           current_database() AS database,
           inet_server_addr() IS NULL AS by_socket,
           has_database_privilege(current_database(), 'CREATE') AS may_create_schemas
""")
_TLS = sa.text("SELECT ssl, version AS protocol, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
"""Every session may see its own: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-SSL-VIEW"""
_SCHEMAS = sa.text("""
    SELECT nspname AS name,
           has_schema_privilege(oid, 'USAGE') AS usable, has_schema_privilege(oid, 'CREATE') AS fillable
    FROM pg_namespace WHERE nspname = ANY (:names)
""")


def health(connection: Connection, schema: str, _needed: int) -> Iterator[Check]:
    """Everything about the connection's database. How much room it has, the server does not tell.

    Raises:
        DBAPIError: The server cannot be asked.
    """
    facts = connection.execute(_FACTS).one()
    yield version(facts)
    yield passed("login", f"Logged in as {facts.login}.")
    yield passed("database", f"{facts.database}.")
    yield tls(facts, connection.execute(_TLS).one_or_none())
    yield writable(facts)
    yield encoding(facts)
    names = list(dict.fromkeys((schema, JOURNAL_SCHEMA)))
    found = {row.name: row for row in connection.execute(_SCHEMAS, {"names": names})}
    for name in names:
        yield permission(facts, name, found.get(name))


def version(facts: Row[Any]) -> Check:
    """Whether the server is one of those supported."""
    if facts.major >= OLDEST:
        return passed("version", f"PostgreSQL {facts.version}.")
    return failed(
        "version",
        f"The server is PostgreSQL {facts.version}; version {OLDEST} or later is needed.",
        "Upgrade the server, or choose another one.",
    )


def tls(facts: Row[Any], found: Row[Any] | None) -> Check:
    """Whether the connection is encrypted; one through a socket needs no encryption."""
    if found is not None and found.ssl:
        return passed("tls", f"The connection is encrypted ({found.protocol}, {found.cipher}).")
    if facts.by_socket:
        return passed("tls", "The connection goes through a socket of this machine, which needs no encryption.")
    return warned(
        "tls",
        "The connection is not encrypted.",
        "Enable ssl on the server, and put ?sslmode=verify-full into the URL. On a trusted network this is fine.",
    )


def writable(facts: Row[Any]) -> Check:
    """Whether anything can be written."""
    if facts.standby:
        return failed("writable", "The server is a replica, which is read-only.", "Connect to the primary server.")
    if facts.read_only:
        return failed(
            "writable",
            "Transactions are read-only here.",
            f"ALTER DATABASE {quote(facts.database)} RESET default_transaction_read_only, or the role.",
        )
    return passed("writable", "The database can be written.")


def encoding(facts: Row[Any]) -> Check:
    """Only UTF-8 holds every text."""
    if facts.encoding == "UTF8":
        return passed("encoding", f"UTF8, collation {facts.collation}.")
    return failed(
        "encoding",
        f"The database's encoding is {facts.encoding}, which cannot hold every text.",
        "Make a database with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
    )


def permission(facts: Row[Any], name: str, found: Row[Any] | None) -> Check:
    """Whether the login can make a schema and fill it."""
    subject, login = f"schema {name}", quote(facts.login)
    if found is None and facts.may_create_schemas:
        return passed(subject, f"The schema {name} is not there yet; the run makes it.")
    if found is None:
        return failed(
            subject,
            f"The schema {name} is missing, and the login {facts.login} may not create schemas.",
            f"Let the owner run: GRANT CREATE ON DATABASE {quote(facts.database)} TO {login}",
        )
    lacking = [word for word, has in (("USAGE", found.usable), ("CREATE", found.fillable)) if not has]
    if lacking:
        return failed(
            subject,
            f"The login {facts.login} lacks {' and '.join(lacking)} on the schema {name}.",
            f"Let its owner run: GRANT {', '.join(lacking)} ON SCHEMA {quote(name)} TO {login}",
        )
    return passed(subject, f"The login {facts.login} may create tables and views in {name}.")


# Where the database is missing

_CREATION = sa.text("""
    SELECT EXISTS (SELECT FROM pg_database WHERE datname = :database) AS found,
           (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user) AS may_create,
           current_user AS login
""")


def creation(connection: Connection, database: str) -> Check | None:
    """Asked in `MAINTENANCE` when the database itself does not open: whether it is missing, and whether the login
    may make it. None where it is there, so that something else is the matter."""
    facts = connection.execute(_CREATION, {"database": database}).one()
    return None if facts.found else missing_database(database, facts.login, bool(facts.may_create))


def missing_database(database: str, login: str, may_create: bool) -> Check:
    """A run makes a database that is missing, where it may."""
    if may_create:
        return warned(
            "database",
            f"There is no database {database} yet; the login {login} may create it, and `migrator run` does.",
            "Nothing, if the name is right.",
        )
    return failed(
        "database",
        f"There is no database {database}, and the login {login} may not create it.",
        f"Correct the name, or let somebody who may run: CREATE DATABASE {quote(database)} ENCODING 'UTF8' "
        "TEMPLATE template0",
    )


__all__ = ["MAINTENANCE", "TITLE", "address", "creation", "drivers", "health", "own_architecture"]
