"""From a URL to an engine whose connections all have the same settings, and what to say when it fails.

Nothing here reads the environment; libpq itself honours `PGPASSWORD`, `~/.pgpass` and the like, and its
`sslmode` stays at `prefer` unless the URL says more: TLS where the server offers it.
"""

from __future__ import annotations

import re

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from migrator.errors import ConfigurationError, ConnectionFailure, MigratorError
from migrator.targets import ConnectOptions
from migrator.targets.common.urls import display_url, without_secrets

APPLICATION = "migrator"

_DRIVER = "postgresql+psycopg"
_ACCEPTED = ("postgresql", "postgres", _DRIVER)

SETTINGS: tuple[tuple[str, str], ...] = (
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("standard_conforming_strings", "on"),
    ("statement_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    ("idle_session_timeout", "0"),
    ("transaction_timeout", "0"),
    ("lock_timeout", "30s"),
    ("jit", "off"),
)
"""What every session is set to, whatever the server, the database or the role have as default. Settings
that the server does not have are passed over. Compiling a query of hundreds of aggregates takes longer than
running it, hence no JIT."""

_APPLY = (
    "SELECT set_config(name, value, false) FROM pg_settings JOIN (VALUES {}) AS wanted (name, value) USING (name)"
)


def settings_statement() -> str:
    """One statement that applies `SETTINGS`."""
    return _APPLY.format(", ".join(f"('{name}', '{value}')" for name, value in SETTINGS))


def make_engine(url: URL, options: ConnectOptions) -> Engine:
    """An engine; it connects later.

    Raises:
        ConfigurationError: The URL names another driver.
    """
    if url.drivername not in _ACCEPTED:
        raise ConfigurationError(
            f"{url.drivername!r} is not how this tool connects to PostgreSQL: it uses psycopg 3.",
            where=display_url(url),
            hint="Write the URL as postgresql://user@host/database.",
        )
    defaults = {"application_name": APPLICATION, "connect_timeout": str(options.timeout)}
    query = defaults | dict(url.query) | {"client_encoding": "utf8"}
    engine = sa.create_engine(
        url.set(drivername=_DRIVER, query=query),
        connect_args={"prepare_threshold": None},  # connection poolers in between may lose prepared statements
        hide_parameters=True,
        use_native_hstore=False,
    )
    sa.event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(settings_statement())
    cursor.close()
    connection.commit()


def conninfo(engine: Engine) -> str:
    """libpq's connection string for the same server, with the password: never show it. `context` is psycopg's
    own and not libpq's."""
    positional, named = engine.dialect.create_connect_args(engine.url)
    return make_conninfo(*positional, **{name: value for name, value in named.items() if name != "context"})


_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"password authentication failed|no password supplied|authentication failed for user",
        "The server does not accept the login.",
        "Check the user and password in the URL (percent-encode special characters in the password).",
    ),
    (
        r"^(?!.*SSL encryption).*no pg_hba\.conf entry.*(no encryption|SSL off)|requires? (SSL|TLS)",
        "The server takes only encrypted connections.",
        "Leave sslmode out of the URL or set sslmode=require; else allow this client in pg_hba.conf.",
    ),
    (
        r"no pg_hba\.conf entry|pg_hba\.conf rejects",
        "The server does not allow this client, user and database.",
        "Add a line for them to the server's pg_hba.conf and reload it.",
    ),
    (
        r'database ".*" does not exist',
        "The database does not exist.",
        "`migrator run` creates it where the login may. Or create it (CREATE DATABASE … ENCODING 'UTF8'), or "
        "correct its name in the URL.",
    ),
    (r'role "[^"]*" does not exist', "The user does not exist.", "Create the role, or correct the URL."),
    (
        r"server does not support SSL",
        "The URL demands TLS and the server does not offer it.",
        "Enable ssl on the server, or leave out sslmode if the network is trusted.",
    ),
    (
        r"certificate|SSL error|SSL SYSCALL",
        "The TLS connection cannot be made.",
        "Check sslmode, sslrootcert, sslcert and sslkey in the URL against the server's certificate.",
    ),
    (
        r"could not translate host name|failed to resolve host|Name or service not known|getaddrinfo",
        "The host name is unknown.",
        "Check the host in the URL, and the network.",
    ),
    (
        r"Connection refused|No such file or directory|could not connect",
        "No server answers there.",
        "See that PostgreSQL runs and listens on that host and port.",
    ),
    (
        r"timeout expired|timed out",
        "The server did not answer in time.",
        "Check host, port and firewall.",
    ),
    (
        r"too many (connections|clients)|connection slots",
        "The server has no connection left.",
        "Close other connections, or raise max_connections on the server.",
    ),
    (
        r"the database system is (starting up|shutting down|in recovery)",
        "The server is starting or stopping.",
        "Wait a moment, then try again.",
    ),
)
"""Login failures carry no SQLSTATE through libpq, so its words are all there is."""


def connect_failure(error: psycopg.Error, url: URL) -> MigratorError:
    """What to say when connecting failed. The driver's words are quoted without the password."""
    where, message = display_url(url), " ".join(str(error).split()).rstrip(".?")
    said = without_secrets(message, url)
    if isinstance(error, psycopg.ProgrammingError):
        return ConfigurationError(
            f"The URL has a part that PostgreSQL's client does not know: {said}.",
            where=where,
            hint="Known parts: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS",
        )
    for pattern, what, hint in _CAUSES:
        if re.search(pattern, message):
            return ConnectionFailure(f"{what} The client says: {said}.", where=where, hint=hint)
    return ConnectionFailure(
        f"Cannot connect: {said}.", where=where, hint="Check the URL and the server, then try again."
    )
