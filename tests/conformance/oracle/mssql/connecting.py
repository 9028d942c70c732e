"""Connections of a driver's own to SQL Server."""

from __future__ import annotations

import importlib
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import mssql_python
from sqlalchemy.engine import URL, make_url

try:
    import pyodbc
except ImportError:  # its wheel needs the system's unixODBC
    pyodbc = None

ERRORS: tuple[type[Exception], ...] = (mssql_python.Error, *([pyodbc.Error] if pyodbc else []))
"""What the drivers raise."""
_SETTINGS = "SET NOCOUNT ON; SET QUOTED_IDENTIFIER ON; SET ANSI_NULLS ON; SET DATEFORMAT ymd"
_DATETIMEOFFSET = -155
"""https://learn.microsoft.com/sql/relational-databases/native-client-odbc-date-time/data-type-support-for-odbc-date-and-time-improvements"""


def pyodbc_missing() -> bool:
    """Whether pyodbc or a driver for it is missing on this machine."""
    return pyodbc is None or not odbc_driver()


def odbc_driver() -> str:
    """The driver that comes with the wheel of mssql-python, by its path; '' where there is none.

    The wheel has one for each family of Linux, all alike, and one for Windows and macOS each.
    """
    with suppress(ImportError):
        package = importlib.import_module("mssql_python_odbc")
        libraries = Path(str(package.__file__)).parent / "libs"
        for pattern in ("**/debian_ubuntu/*/*/libmsodbcsql*", "**/libmsodbcsql*.dylib", "**/msodbcsql*.dll"):
            found = sorted(libraries.glob(pattern))
            if found:
                return str(found[-1])
    return ""


def connection_string(url: URL) -> str:
    """The URL for a driver; `driver` and what is SQLAlchemy's own are left out."""
    parts = {
        "Server": f"{url.host},{url.port or 1433}",
        "Database": url.database,
        "UID": url.username,
        "PWD": url.password,
    }
    query = {name: str(value) for name, value in url.query.items() if name.lower() != "driver"}
    return ";".join(f"{name}={_braced(value)}" for name, value in (parts | query).items() if value)


def _braced(value: str) -> str:
    special = any(character in value for character in ";{}[]()=?*!@")
    return "{" + value.replace("}", "}}") + "}" if special else value


_IDLE: dict[str, Any] = {}
"""A connection of each URL, kept for the next who asks: a session's first look at the catalogue may be slow."""


@contextmanager
def target(url: str, autocommit: bool = False) -> Iterator[Any]:
    """A connection to a SQLAlchemy URL, through the driver that the URL does not name."""
    connection = _idle(url) or _connect(make_url(url))
    try:
        connection.autocommit = autocommit
        yield connection
        if not autocommit:
            connection.commit()
    except BaseException:
        connection.close()
        raise
    _IDLE[url] = connection


def _idle(url: str) -> Any:
    """The connection kept, if its session still lives; None otherwise."""
    kept = _IDLE.pop(url, None)
    if kept is not None:
        try:
            kept.autocommit = True
            kept.cursor().execute(_SETTINGS)
        except ERRORS:
            return None
    return kept


def _connect(url: URL) -> Any:
    if url.drivername == "mssql+pyodbc" or pyodbc_missing():
        made = mssql_python.connect(connection_string(url), autocommit=True)
    else:
        pyodbc.pooling = False
        made = pyodbc.connect(f"Driver={{{odbc_driver()}}};{connection_string(url)}", autocommit=True)
        made.add_output_converter(_DATETIMEOFFSET, _moment)
    made.cursor().execute(_SETTINGS)
    return made


def _moment(raw: bytes) -> datetime:
    """SQL_SS_TIMESTAMPOFFSET_STRUCT."""
    year, month, day, hour, minute, second, nanoseconds, hours, minutes = struct.unpack("<6hI2h", raw)
    zone = timezone(timedelta(hours=hours, minutes=minutes))
    return datetime(year, month, day, hour, minute, second, nanoseconds // 1000, zone)


def fetched(connection: Any, statement: str) -> list[tuple[Any, ...]]:
    """The rows of the last result of a batch that has any."""
    cursor = connection.cursor()
    cursor.execute(statement)
    rows: list[tuple[Any, ...]] = []
    while True:
        if cursor.description is not None:
            rows = [tuple(row) for row in cursor.fetchall()]
        if not cursor.nextset():
            break
    cursor.close()
    return rows
