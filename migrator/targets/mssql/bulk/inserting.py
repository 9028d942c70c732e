"""Array INSERTs within the connection's transaction: what `pyodbc` has, and what works where bulk copy cannot.

https://github.com/mkleehammer/pyodbc/wiki/Features-beyond-the-DB-API#fast_executemany
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
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

_TEXTS = frozenset({Kind.TEXT, Kind.JSON, Kind.JSON_TEXT})

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
_LONGEST = {_WVARCHAR: 4_000, _VARBINARY: 8_000}
"""In UTF-16 code units and bytes. Longer values are of the (max) types, which are sent in pieces."""
_WIDEST = dict.fromkeys(_TEXTS, _LONGEST[_WVARCHAR]) | {Kind.BINARY: _LONGEST[_VARBINARY]}
_DRIVER_NAME = 6
"""SQL_DRIVER_NAME of SQLGetInfo."""

InputSize = tuple[int, int, int]
"""ODBC type, size and digits of a parameter."""


def insert(connection: Connection, table: TablePlan, batch: pa.RecordBatch) -> int:
    """Insert a batch. Rows with a wide value go one by one, the others in arrays of a bounded size.

    Raises: see `load`.
    """
    check(table, batch)
    wide = _wide_rows(table, batch)
    raw: Any = connection.connection.driver_connection
    try:
        with _identity_inserts(connection, raw, table):
            _insert_rows(raw, table, batch.filter(pc.invert(wide)), arrays=True)
            _insert_rows(raw, table, batch.filter(wide), arrays=False)
    except connection.dialect.loaded_dbapi.Error as error:
        explained = explain(error, table.name)
        if isinstance(explained, ConnectionFailure):
            connection.invalidate()  # so that nobody tries to roll back on it
        raise explained from None
    return int(batch.num_rows)


def _wide_rows(table: TablePlan, batch: pa.RecordBatch) -> pa.Array:
    """Which rows have a value that is too long for an array."""
    wide = pa.repeat(pa.scalar(False), batch.num_rows)
    for column, array in zip(table.loaded, batch.columns, strict=True):
        if column.type.kind in _WIDEST:
            too_long = pc.greater(_lengths(column, array), _WIDEST[column.type.kind])
            wide = pc.or_(wide, too_long.fill_null(False))
    return wide


def _lengths(column: ColumnPlan, array: pa.Array) -> pa.Array:
    """Bytes, or UTF-16 code units at most: a character has at most two, and never more than its bytes in UTF-8."""
    octets = pc.binary_length(array)
    if column.type.kind is Kind.BINARY:
        return octets
    return pc.min_element_wise(octets, pc.multiply(pc.utf8_length(array), 2))


def _insert_rows(raw: Any, table: TablePlan, batch: pa.RecordBatch, *, arrays: bool) -> None:
    if not batch.num_rows:
        return
    with closing(raw.cursor()) as cursor:
        arrays = _choose(raw, cursor, arrays=arrays)
        sizes = [_input_size(column, array) for column, array in zip(table.loaded, batch.columns, strict=True)]
        at_once = max(1, BUFFER_OCTETS // sum(2 * size + 8 for _, size, _ in sizes)) if arrays else batch.num_rows
        for start in range(0, batch.num_rows, at_once):
            if arrays or hasattr(cursor, "fast_executemany"):  # else `mssql-python` finds the types row by row
                cursor.setinputsizes([_unlimited(size) for size in sizes])
            cursor.executemany(_statement(table), textual(table.loaded, batch.slice(start, at_once)))


def _choose(raw: Any, cursor: Any, *, arrays: bool) -> bool:
    """Turn `pyodbc`'s arrays on or off. Only Microsoft's driver is known to take them; `mssql-python` always has
    them, except for values it sends in pieces."""
    if hasattr(cursor, "fast_executemany"):
        arrays = arrays and "msodbcsql" in raw.getinfo(_DRIVER_NAME)
        cursor.fast_executemany = arrays
    return arrays


def _input_size(column: ColumnPlan, array: pa.Array) -> InputSize:
    kind = column.type.kind
    if kind not in _WIDEST:
        return (*_DECLARED[kind], 0)
    longest = pc.max(_lengths(column, array)).as_py() or 1
    return (_VARBINARY if kind is Kind.BINARY else _WVARCHAR), longest, 0


def _unlimited(size: InputSize) -> InputSize:
    """What is longer than the widest type is of a (max) type, which `pyodbc` knows by a size of 0."""
    type, length, _ = size
    return (type, 0, 0) if length > _LONGEST.get(type, length) else size


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
