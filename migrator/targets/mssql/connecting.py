"""From a URL to an engine whose connections all have the same settings, and what to say when it fails.

Two drivers can do it: `mssql-python`, which brings Microsoft's ODBC driver with it, and pyodbc with a driver of
the system's. A URL without a driver takes what works. Nothing here reads the environment. TLS with a checked
certificate is the rule; trusting whatever certificate the server shows is the user's explicit choice.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from migrator.errors import ConfigurationError, ConnectionFailure, MigratorError
from migrator.targets import ConnectOptions
from migrator.targets.common.urls import display_url, without_secrets
from migrator.targets.mssql.failures import said

APPLICATION = "migrator"
PACKET_SIZE = "8192"
"""Bytes of a network packet: twice the usual. With TLS, a packet and what goes with it have to fit into 16 KB.
https://learn.microsoft.com/sql/database-engine/configure-windows/configure-the-network-packet-size-server-configuration-option"""

MSSQL_PYTHON, PYODBC = "mssql+mssqlpython", "mssql+pyodbc"
_LOGIN_TIMEOUT = 103
"""SQL_ATTR_LOGIN_TIMEOUT, https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetconnectattr-function."""

SETTINGS = (
    "SET LANGUAGE us_english",
    "SET DATEFORMAT ymd",
    "SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER ON",
    "SET NUMERIC_ROUNDABORT OFF",
    "SET TEXTSIZE 2147483647",
    "SET LOCK_TIMEOUT 30000",
)
"""What every session is set to, whatever the server, the database or the login have as default: filtered indexes
and indexed computed columns need the third and fourth
(https://learn.microsoft.com/sql/t-sql/statements/set-statements-transact-sql), messages are matched in English."""

_KEYWORDS = {
    "encrypt": "Encrypt",
    "trustservercertificate": "TrustServerCertificate",
    "packetsize": "PacketSize",
    "packet size": "PacketSize",
    "authentication": "authentication",
    "trusted_connection": "Trusted_Connection",
    "driver": "driver",
    "app": "APP",
}
"""Spellings of keywords that are looked at here, or by SQLAlchemy; ODBC does not care for case."""

_MICROSOFT = re.compile(r"ODBC Driver (\d+) for SQL Server")


@dataclass(frozen=True, slots=True)
class Way:
    """How to connect: SQLAlchemy's name of it, the ODBC driver for pyodbc, and what people should know."""

    drivername: str
    odbc: str | None = None
    notes: tuple[str, ...] = ()


def way(url: URL) -> Way:
    """How the URL's database is reached.

    Raises:
        ConfigurationError: The URL names another driver, or one that is not installed.
    """
    if url.drivername == MSSQL_PYTHON:
        _imported("mssql_python", "mssql-python", url)
        return Way(MSSQL_PYTHON)
    if url.drivername == PYODBC:
        return _through_pyodbc(url)
    if url.drivername != "mssql":
        raise ConfigurationError(
            f"{url.drivername!r} is not how this tool connects to SQL Server.",
            where=display_url(url),
            hint="Write mssql://, mssql+mssqlpython:// or mssql+pyodbc://user@host:1433/database.",
        )
    try:
        _imported("mssql_python", "mssql-python", url)
    except ConfigurationError as problem:
        try:
            return _through_pyodbc(url)
        except ConfigurationError:
            raise problem from None
    return Way(MSSQL_PYTHON)


def _imported(module: str, package: str, url: URL) -> ModuleType:
    """A driver's module: imported only when it is used, because what it links to may be missing."""
    try:
        return importlib.import_module(module)
    except (ImportError, OSError) as error:
        raise ConfigurationError(
            f"The driver {package} cannot be loaded: {' '.join(str(error).split())}.",
            where=display_url(url),
            hint=f"pip install {package}. pyodbc also needs unixODBC: apt install unixodbc on Debian and Ubuntu, "
            "dnf install unixODBC on Red Hat, brew install unixodbc on macOS. `migrator doctor` says more.",
        ) from None


def _through_pyodbc(url: URL) -> Way:
    pyodbc: Any = _imported("pyodbc", "pyodbc", url)
    named = _query(url).get("driver")
    if named is None and "odbc_connect" not in url.query and url.host:
        named = _installed(tuple(pyodbc.drivers())) or wheel_driver()
        if named is None:
            raise ConfigurationError(
                "No ODBC driver for SQL Server is installed.",
                where=display_url(url),
                hint="Install Microsoft's ODBC Driver 18, or pip install mssql-python, which brings it; or name "
                "one with ?driver=.",
            )
    notes = ("FreeTDS is slower and less exact; use Microsoft's ODBC Driver 18, or mssql+mssqlpython://.",)
    return Way(PYODBC, named, notes if named is not None and is_freetds(named) else ())


def is_freetds(driver: str) -> bool:
    """Whether an ODBC driver is FreeTDS, by its name or library."""
    return "freetds" in driver.lower() or "libtdsodbc" in driver.lower()


def _installed(names: tuple[str, ...]) -> str | None:
    """The newest of Microsoft's drivers, else FreeTDS."""
    found = {int(match[1]): name for name in names if (match := _MICROSOFT.fullmatch(name))}
    usable = [version for version in found if version >= 17]
    if usable:
        return found[max(usable)]
    return next((name for name in names if is_freetds(name)), None)


def wheel_driver() -> str | None:
    """The library of the driver that the wheel `mssql-python-odbc` carries, None where there is none."""
    found = importlib.util.find_spec("mssql_python_odbc")
    if found is None or found.origin is None:
        return None
    libraries = sorted(Path(found.origin).parent.joinpath("libs").rglob("*msodbcsql*"))
    usable = (each for each in libraries if each.is_file() and re.search(r"\.(so|dylib|dll)", each.name))
    return next((str(each) for each in usable), None)


def _query(url: URL) -> dict[str, str]:
    """The parts of the query under the keywords' usual spelling; of several values the last one."""
    plain = {key: value if isinstance(value, str) else value[-1] for key, value in url.query.items()}
    return {_KEYWORDS.get(key.lower(), key): value for key, value in plain.items()}


def make_engine(url: URL, options: ConnectOptions, by: Way, *, autocommit: bool = False) -> Engine:
    """An engine; it connects later. With `autocommit`, for statements that no transaction may hold."""
    query = {"Encrypt": "yes", "PacketSize": PACKET_SIZE} | _query(url)
    if by.odbc is not None:
        query["driver"] = by.odbc
    if by.odbc is not None and is_freetds(by.odbc):
        # It would not find a port that follows the host's name.
        query = {"TDS_Version": "7.4", "ClientCharset": "UTF-8", "port": str(url.port or 1433)} | query
    if by.drivername == PYODBC:  # the other driver gives a name of its own, SQLAlchemy trusts by itself here
        query = {"APP": APPLICATION} | query
    elif not url.username and "authentication" not in query:
        query.setdefault("Trusted_Connection", "yes")
    engine = sa.create_engine(
        url.set(drivername=by.drivername, query=query),
        connect_args=dict(_ARGUMENTS[by.drivername](options.timeout)),
        hide_parameters=True,
        deprecate_large_types=True,
        **({"isolation_level": "AUTOCOMMIT"} if autocommit else {}),
    )
    sa.event.listen(engine, "connect", _configure)
    return engine


_ARGUMENTS: Mapping[str, Callable[[int], Mapping[str, Any]]] = {
    MSSQL_PYTHON: lambda timeout: {"attrs_before": {_LOGIN_TIMEOUT: timeout}},
    PYODBC: lambda timeout: {"timeout": timeout},
}


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for statement in SETTINGS:
        cursor.execute(statement)
    cursor.close()
    connection.commit()


_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"Login failed|18456|Cannot authenticate|authentication failed|AADSTS",
        "The server does not accept the login.",
        "Check the user and password in the URL (percent-encode special characters in the password), and that the "
        "server allows SQL logins; else leave the user out for Windows or Kerberos, or say ?Authentication=….",
    ),
    (
        r"certificate verify failed|certificate chain|self.signed|not trusted|hostname mismatch|certificate's CN",
        "The server's certificate cannot be trusted.",
        "Let it have one that this machine's authorities signed for its host name. On a network you trust, say "
        "?TrustServerCertificate=yes.",
    ),
    (
        r"SSL Provider|TLS|encryption",
        "The TLS connection cannot be made.",
        "Check what the server offers, and Encrypt and TrustServerCertificate in the URL.",
    ),
    (
        r"Cannot open database|requested by the login|database .* does not exist",
        "The database does not exist, or the login may not use it.",
        "`migrator run` creates it where the login may. Or create it (CREATE DATABASE …), or correct its name.",
    ),
    (
        r"Name or service not known|getaddrinfo|No such host|not resolve|Server is not found|0x2AF9",
        "The host name is unknown, or no server answers there.",
        "Check host and port in the URL, that SQL Server runs, has TCP/IP enabled, and the network.",
    ),
    (
        r"Connection refused|actively refused|0x2749|could not open a connection|Unable to connect|0x274D",
        "No server answers there.",
        "See that SQL Server runs, has TCP/IP enabled, and listens on that host and port.",
    ),
    (
        r"[Tt]imeout|timed out",
        "The server did not answer in time.",
        "Check host, port and firewall.",
    ),
    (
        r"keyword|[Cc]onnection string",
        "The URL has a part that the driver does not know.",
        "Known parts: https://learn.microsoft.com/sql/connect/odbc/dsn-connection-string-attribute",
    ),
)
"""Words of the driver; connecting fails before there is a number."""


def misunderstood(by: Way) -> tuple[type[Exception], ...]:
    """What a driver raises, before it connects, for a connection string that it does not understand."""
    if by.drivername != MSSQL_PYTHON:
        return (ValueError, RuntimeError)
    exceptions = importlib.import_module("mssql_python.exceptions")
    return (ValueError, RuntimeError, exceptions.ConnectionStringParseError)


def connect_failure(error: BaseException, url: URL) -> MigratorError:
    """What to say when connecting failed. The driver's words are quoted without the password."""
    where = display_url(url)
    told = without_secrets(" ".join(f"{said(error).words} {_more(error)}".split()), url).rstrip(".?")
    for pattern, what, hint in _CAUSES:
        if re.search(pattern, told):
            kind = ConfigurationError if "part that the driver" in what else ConnectionFailure
            return kind(f"{what} The driver says: {told}.", where=where, hint=hint)
    return ConnectionFailure(
        f"Cannot connect: {told}.", where=where, hint="Check the URL and the server, then try again."
    )


def _more(error: BaseException) -> str:
    """What a driver says of itself beside the server's words."""
    original = getattr(error, "orig", error)
    driver, own = getattr(original, "driver_error", ""), getattr(original, "ddbc_error", "")
    return "" if own else str(driver)
