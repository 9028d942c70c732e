"""Array INSERTs within the connection's transaction: what `pyodbc` has, and what works where bulk copy cannot.

https://github.com/mkleehammer/pyodbc/wiki/Features-beyond-the-DB-API#fast_executemany
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from migrator.errors import ConnectionFailure
from migrator.model.plan import ColumnPlan, TablePlan
from migrator.model.types import Kind
from migrator.targets.mssql.failures import explain
from migrator.targets.mssql.names import literal, qualified, quote
from migrator.targets.mssql.tuples import check, textual
from migrator.targets.mssql.types import fact

BUFFER_OCTETS = 16 << 20
"""About how much a driver lays out for one statement's parameters: rows times the widest value of every column."""

_BIT, _BIGINT, _DOUBLE, _VARBINARY, _WVARCHAR = -7, -5, 8, -3, -9
"""https://learn.microsoft.com/sql/odbc/reference/appendixes/sql-data-types"""
_DECLARED: dict[Kind, tuple[int, int]] = {
    Kind.BOOL: (_BIT, 1),
    Kind.INT16: (_BIGINT, 19),
    Kind.INT32: (_BIGINT, 19),
    Kind.INT64: (_BIGINT, 19),
    Kind.FLOAT64: (_DOUBLE, 53),
    Kind.DECIMAL: (_WVARCHAR, 41),
    Kind.DATE: (_WVARCHAR, 10),
    Kind.TIME: (_WVARCHAR, 15),
    Kind.TIMESTAMP: (_WVARCHAR, 26),
    Kind.TIMESTAMPTZ: (_WVARCHAR, 33),
    Kind.UUID: (_WVARCHAR, 36),
}
"""How parameters are declared. What ODBC has no exact C type for, or one whose precision the driver would take
from the first row, is text that the server converts.
https://learn.microsoft.com/sql/t-sql/functions/cast-and-convert-transact-sql"""
_SIZED = frozenset({Kind.TEXT, Kind.JSON, Kind.JSON_TEXT, Kind.BINARY})
"""Kinds that are declared as long as the longest value."""
_LONG = {_WVARCHAR: -10, _VARBINARY: -4}
"""The types for what is longer than any other type holds."""
_DRIVER_NAME = 6
"""SQL_DRIVER_NAME of SQLGetInfo."""

InputSize = tuple[int, int, int]
"""ODBC type, size and digits of a parameter."""


def insert(connection: Connection, table: TablePlan, batch: pa.RecordBatch) -> int:
    """Insert a batch. Rows with a wide value go one by one, the others in arrays of a bounded size.

    Raises: see `load`.
    """
    check(table, batch)
    raw: Any = connection.connection.driver_connection
    driver = _driver(connection.dialect.driver, raw)
    wide = _wide_rows(table, batch, driver)
    try:
        with _identity_inserts(connection, raw, table):
            _insert_rows(raw, table, batch.filter(pc.invert(wide)), driver, wide=False)
            _insert_rows(raw, table, batch.filter(wide), driver, wide=True)
    except connection.dialect.loaded_dbapi.Error as error:
        explained = explain(error, table.name)
        if isinstance(explained, ConnectionFailure):
            connection.invalidate()  # so that nobody tries to roll back on it
        raise explained from None
    return int(batch.num_rows)


@dataclass(frozen=True, slots=True)
class _Driver:
    """What a driver can do: lay out arrays of parameters; how long text and bytes can be that it binds (it sends
    longer ones in pieces); and how it is told of those, None where it must find the types row by row."""

    arrays: bool
    characters: int
    octets: int
    unlimited: Callable[[InputSize], InputSize] | None


_MSSQL_PYTHON = _Driver(True, 4_000, 8_000, None)
_PYODBC = _Driver(True, 4_000, 8_000, lambda size: (size[0], 0, 0))
"""With Microsoft's ODBC driver a size of 0 means a (max) type."""
_OTHER_ODBC = _Driver(False, 2_000, 4_000, lambda size: (_LONG[size[0]], size[1], 0))
"""FreeTDS takes no arrays, and in pieces only what is declared as of a long type."""


def _driver(name: str, raw: Any) -> _Driver:
    if name != "pyodbc":
        return _MSSQL_PYTHON
    return _PYODBC if "msodbcsql" in raw.getinfo(_DRIVER_NAME) else _OTHER_ODBC


def _wide_rows(table: TablePlan, batch: pa.RecordBatch, driver: _Driver) -> pa.Array:
    """Which rows have a value that is sent in pieces."""
    wide = pa.repeat(pa.scalar(False), batch.num_rows)
    for column, array in zip(table.loaded, batch.columns, strict=True):
        if column.type.kind in _SIZED:
            longest = driver.octets if column.type.kind is Kind.BINARY else driver.characters
            wide = pc.or_(wide, pc.greater(_lengths(column, array), longest).fill_null(False))
    return wide


def _lengths(column: ColumnPlan, array: pa.Array) -> pa.Array:
    """Bytes, or UTF-16 code units at most: a character has at most two, and never more than its bytes in UTF-8."""
    octets = pc.binary_length(array)
    if column.type.kind is Kind.BINARY:
        return octets
    return pc.min_element_wise(octets, pc.multiply(pc.utf8_length(array), 2))


def _insert_rows(raw: Any, table: TablePlan, batch: pa.RecordBatch, driver: _Driver, *, wide: bool) -> None:
    if not batch.num_rows:
        return
    sizes = [_input_size(column, array) for column, array in zip(table.loaded, batch.columns, strict=True)]
    arrays = driver.arrays and not wide
    at_once = max(1, BUFFER_OCTETS // sum(2 * size + 8 for _, size, _ in sizes)) if arrays else batch.num_rows
    told = [_told(size, driver) for size in sizes] if not wide or driver.unlimited else None
    with closing(raw.cursor()) as cursor:
        if driver is not _MSSQL_PYTHON:
            cursor.fast_executemany = arrays
        for start in range(0, batch.num_rows, at_once):
            if told:
                cursor.setinputsizes(told)
            cursor.executemany(_statement(table), textual(table.loaded, batch.slice(start, at_once)))


def _told(size: InputSize, driver: _Driver) -> InputSize:
    type, length, _ = size
    longest = {_WVARCHAR: driver.characters, _VARBINARY: driver.octets}.get(type, length)
    return driver.unlimited(size) if driver.unlimited and length > longest else size


def _input_size(column: ColumnPlan, array: pa.Array) -> InputSize:
    kind = column.type.kind
    if kind not in _SIZED:
        return (*_DECLARED[kind], 0)
    longest = pc.max(_lengths(column, array)).as_py() or 1
    return (_VARBINARY if kind is Kind.BINARY else _WVARCHAR), longest, 0


def _statement(table: TablePlan) -> str:
    names = ", ".join(quote(column.target) for column in table.loaded)
    markers = ", ".join(map(_marker, table.loaded))
    return f"INSERT INTO {qualified(table.schema, table.target)} ({names}) VALUES ({markers})"


def _marker(column: ColumnPlan) -> str:
    kind, type = column.type.kind, column.type
    return f"CAST(? AS {fact(type).spelling(type)})" if _DECLARED.get(kind, (0, 0))[0] == _WVARCHAR else "?"


@contextmanager
def _identity_inserts(connection: Connection, raw: Any, table: TablePlan) -> Iterator[None]:
    """Let the rows bring their own numbers, which a session may do for one table at a time.
    https://learn.microsoft.com/sql/t-sql/statements/set-identity-insert-transact-sql"""
    if not _brings_numbers(raw, table):
        yield
        return
    _execute(raw, _identity_insert(table, "ON"))
    try:
        yield
    except BaseException:
        with suppress(connection.dialect.loaded_dbapi.Error):  # the first error is the one to tell
            _execute(raw, _identity_insert(table, "OFF"))
        raise
    _execute(raw, _identity_insert(table, "OFF"))


def _brings_numbers(raw: Any, table: TablePlan) -> bool:
    """Whether one of the loaded columns is the table's identity column, which only the server knows of a given
    table. https://learn.microsoft.com/sql/t-sql/functions/columnproperty-transact-sql"""
    object_id = f"OBJECT_ID({literal(qualified(table.schema, table.target))})"
    asked = (f"COLUMNPROPERTY({object_id}, {literal(column.target)}, 'IsIdentity')" for column in table.loaded)
    with closing(raw.cursor()) as cursor:
        cursor.execute(f"SELECT {', '.join(asked)}")
        return 1 in cursor.fetchone()


def _identity_insert(table: TablePlan, state: str) -> str:
    return f"SET IDENTITY_INSERT {qualified(table.schema, table.target)} {state}"


def _execute(raw: Any, statement: str) -> None:
    with closing(raw.cursor()) as cursor:
        cursor.execute(statement)
