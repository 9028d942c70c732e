"""Rows through Microsoft's own engine: the source `access+odbc:///file`, where its ODBC driver is installed.

The driver knows nothing of relationships, rules, AutoNumber or queries, so everything but rows comes from the
reader of this project. So do the rows of tables with a column that the driver shows in another form than Access
keeps it.
"""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import numpy as np

from migrator.errors import EnvironmentFailure, SourceDamagedError, SourceError
from migrator.sources.access import dates, storing
from migrator.sources.access.database import Database
from migrator.sources.access.filling import Part
from migrator.sources.access.schema import Column
from migrator.sources.access.table import Table
from migrator.sources.access.types import Type

SCHEME = "access+odbc"
DRIVER = "Microsoft Access Driver (*.mdb, *.accdb)"
"""What the ACE engine's driver is called, in Office and in the redistributable alike."""

_PLAIN = f"Give the path alone, without {SCHEME}://, and no driver is needed."
_BATCH = 5_000
"""Rows fetched at once."""

_EXACT = frozenset(
    {
        Type.YES_NO,
        Type.BYTE,
        Type.INTEGER,
        Type.LONG,
        Type.LARGE_NUMBER,
        Type.CURRENCY,
        Type.SINGLE,
        Type.DOUBLE,
        Type.DECIMAL,
        Type.DATE_TIME,
        Type.GUID,
        Type.SHORT_TEXT,
        Type.LONG_TEXT,
        Type.OLE_OBJECT,
    }
)
"""Types whose values the driver gives as they are kept
(https://learn.microsoft.com/sql/odbc/microsoft/microsoft-access-data-types)."""


class Connection:
    """An open file. Use `connected`."""

    def __init__(self, connection: Any, error: type[Exception], database: Database) -> None:
        self._connection = connection
        self._error = error
        self._database = database

    def reads(self, table: Table) -> bool:
        """Whether a table's rows can come through the driver."""
        here = any(table is each for each in self._database.tables)
        return here and all(column.type in _EXACT and not column.calculated for column in table.columns)

    def parts(self, table: Table) -> Iterator[Part]:
        """A table's rows, some at a time.

        Raises:
            SourceError: The driver cannot read them.
            SourceDamagedError: A moment lies beyond the years that Access has.
        """
        where = f"{self._database.path}, table {table.name!r}"
        try:
            cursor = self._connection.execute(select(table.columns, table.name))
            while rows := cursor.fetchmany(_BATCH):
                columns = zip(table.columns, zip(*rows, strict=True), strict=True)
                yield _part([(column, list(values)) for column, values in columns], where)
        except (self._error, UnicodeDecodeError) as error:
            raise _unreadable(where, error) from error


def select(columns: Sequence[Column], table: str) -> str:
    """The query for a table's rows. The driver's moments have whole seconds, so the number of days that Access
    keeps is asked for: a Date/Time times a number is a Double."""
    listed = (f"[{each.name}]{'*1' if each.type is Type.DATE_TIME else ''}" for each in columns)
    return f"SELECT {', '.join(listed)} FROM [{table}]"


@contextmanager
def connected(database: Database, password: str | None) -> Iterator[Connection]:
    """Open the file of a database through the driver too.

    Raises:
        EnvironmentFailure: pyodbc or the driver is not installed.
        SourceError: The driver cannot open the file, such as one of Access 97.
    """
    pyodbc = _pyodbc()
    if DRIVER not in pyodbc.drivers():
        raise EnvironmentFailure(
            "The Access ODBC driver is not installed.",
            where=DRIVER,
            hint="Install Microsoft's Access Database Engine for the same architecture as this Python. " + _PLAIN,
        )
    parts = {"DRIVER": DRIVER, "DBQ": str(database.path), "READONLY": "1"} | (
        {"PWD": password} if password else {}
    )
    try:
        connection = pyodbc.connect(
            "".join(f"{key}={_braced(value)};" for key, value in parts.items()), autocommit=True
        )
    except pyodbc.Error as error:
        raise _unreadable(str(database.path), error) from error
    try:
        yield Connection(connection, pyodbc.Error, database)
    finally:
        connection.close()


def _pyodbc() -> Any:
    """The module: imported only when it is used, because what it links to may be missing."""
    try:
        return importlib.import_module("pyodbc")
    except ImportError as error:
        raise EnvironmentFailure(
            f"The package pyodbc cannot be loaded: {' '.join(str(error).split())}.",
            where=f"{SCHEME}://",
            hint="pip install 'migrator[odbc]'. " + _PLAIN,
        ) from error


def _braced(value: str) -> str:
    """A value for a connection string, where only a closing brace means something."""
    return "{" + value.replace("}", "}}") + "}"


def _unreadable(where: str, error: Exception) -> SourceError:
    said = " ".join(str(error.args[-1] if error.args else error).split())
    return SourceError(f"The Access ODBC driver cannot read it: {said}.", where=where, hint=_PLAIN)


def _part(columns: list[tuple[Column, list[Any]]], where: str) -> Part:
    finer = {}
    stored = []
    for column, values in columns:
        if column.type is Type.DATE_TIME:
            values, finer[column.name] = _moments(values, f"{where}, column {column.name!r}")
        stored.append([_CONVERSIONS.get(column.type, storing.plain)(value) for value in values])
    return Part(stored, finer)


def _moments(days: list[float | None], where: str) -> tuple[list[datetime | None], int]:
    """Moments by their days, and how many of them are told to the nearest microsecond only."""
    known = np.array([0.0 if each is None else each for each in days], np.float64)
    if not dates.acceptable(known).all():
        raise SourceDamagedError("A Date/Time is none that Access has.", where=where, hint=_PLAIN)
    found = dates.microseconds(known).view("M8[us]").tolist()
    made = [None if each is None else moment for each, moment in zip(days, found, strict=True)]
    return made, int(dates.finer(known).sum())


def _guid(value: str | None) -> str | None:
    return None if value is None else str(uuid.UUID(value))


def _bytes(value: bytes | bytearray | None) -> bytes | None:
    return None if value is None else bytes(value)


_CONVERSIONS: dict[Type | None, Callable[[Any], storing.SqlValue]] = {Type.GUID: _guid, Type.OLE_OBJECT: _bytes}
