"""Reading a target table back as canonical Arrow batches: `mssql-python`'s own Arrow fetch, or rows of `pyodbc`.
Neither shares anything with the load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from migrator.errors import ConnectionFailure, DataError
from migrator.model.plan import ColumnPlan, TablePlan, arrow_schema
from migrator.model.types import Kind, LogicalType
from migrator.targets.mssql.failures import explain
from migrator.targets.mssql.names import qualified, quote

BATCH_OCTETS = 64 << 20
"""How much is fetched at a time at most; one row larger than that still comes whole."""
NARROW_OCTETS = 4_000
"""Values of (max) types come one by one, others in arrays; so what is no longer is read as `nvarchar` or
`varbinary` of that length. In no encoding has it more characters.
https://learn.microsoft.com/sql/t-sql/data-types/nchar-and-nvarchar-transact-sql"""
NARROW_ROW_OCTETS = 64_000
"""How much of them a row has at most: an array has room for the longest in each of its rows."""
FIXED_OCTETS = 64
"""What a value of any other type takes at most, while it is fetched."""

_TEXTS = frozenset({Kind.TEXT, Kind.JSON, Kind.JSON_TEXT})
_MICROSECONDS = frozenset({Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ})
_ELAPSED = {
    Kind.DATE: "DATEDIFF_BIG(day, CAST('1970-01-01' AS date), {})",
    Kind.TIME: "DATEDIFF_BIG(microsecond, CAST('00:00:00' AS time(7)), {})",
    Kind.TIMESTAMP: "DATEDIFF_BIG(microsecond, CAST('1970-01-01T00:00:00' AS datetime2(7)), {})",
    Kind.TIMESTAMPTZ: ("DATEDIFF_BIG(microsecond, CAST('1970-01-01T00:00:00+00:00' AS datetimeoffset(7)), {})"),
}
"""Moments come as integers: the drivers' own forms cut them to microseconds without a word, or need a converter.
https://learn.microsoft.com/sql/t-sql/functions/datediff-big-transact-sql"""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the table's rows: the query for it, and how many rows to fetch at a time."""

    query: str
    at_once: int


def read(engine: Engine, table: TablePlan, max_rows: int) -> Iterator[pa.RecordBatch]:
    """See `Server.read`. The rows are streamed over a connection that nobody else uses meanwhile: first those
    whose values are all short, then the others, a few at a time.

    Raises:
        DataError: A value is not of the planned type, so the table was changed since.
        ConnectionFailure: The connection broke.
    """
    try:
        with engine.connect() as connection:
            yield from _read(connection, table, max_rows)
    except DBAPIError as error:
        raise explain(error, table.name) from None


def _read(connection: Connection, table: TablePlan, max_rows: int) -> Iterator[pa.RecordBatch]:
    schema = arrow_schema(table.columns)
    raw: Any = connection.connection.driver_connection
    try:
        for part in _parts(raw, table, max_rows):
            with closing(raw.cursor()) as cursor:
                cursor.execute(part.query)
                for arrays in _FETCH[connection.dialect.driver](cursor, table, part.at_once):
                    yield pa.RecordBatch.from_arrays(_canonical(table, arrays, schema), schema=schema)
    except (connection.dialect.loaded_dbapi.Error, RuntimeError) as error:  # the latter from Arrow's own fetch
        explained = explain(error, table.name)
        if isinstance(explained, ConnectionFailure):
            connection.invalidate()  # so that nobody tries to roll back on it
        raise explained from None


def _parts(raw: Any, table: TablePlan, max_rows: int) -> Iterator[_Part]:
    """The rows without a long value, then those with one, if there are any."""
    unbounded = [column for column in table.columns if _is_unbounded(column.type)]
    narrow = min(NARROW_OCTETS, NARROW_ROW_OCTETS // max(1, len(unbounded)))
    at_once = BATCH_OCTETS // sum(_octets(column.type, narrow) for column in table.columns)
    lengths = [f"DATALENGTH({_plain(column)})" for column in unbounded]
    is_long = " OR ".join(f"{length} > {narrow}" for length in lengths)
    where = f"CASE WHEN {is_long} THEN 1 ELSE 0 END = " if unbounded else ""
    yield _Part(_query(table, where and f"{where}0", narrow), max(1, min(at_once, max_rows)))
    if unbounded:
        total = " + ".join(f"ISNULL({length}, 0)" for length in lengths)
        largest = _scalar(raw, f"SELECT MAX({total}) FROM {_name(table)} WHERE {where}1")
        if largest is not None:
            yield _Part(_query(table, f"{where}1", None), max(1, min(BATCH_OCTETS // largest, max_rows)))


def _is_unbounded(type: LogicalType) -> bool:
    return type.kind in _TEXTS | {Kind.BINARY} and type.length is None


def _octets(type: LogicalType, narrow: int) -> int:
    if _is_unbounded(type):
        return narrow
    return FIXED_OCTETS if type.length is None else FIXED_OCTETS + 2 * type.length


def _query(table: TablePlan, where: str, narrow: int | None) -> str:
    """The columns, and at the end the number of one whose value has digits beyond microseconds."""
    outputs = [_output(column, narrow) for column in table.columns]
    doubts = [
        f"WHEN DATEPART(nanosecond, {quote(column.target)}) % 1000 <> 0 THEN {position}"
        for position, column in enumerate(table.columns)
        if column.type.kind in _MICROSECONDS
    ]
    doubtful = f"CASE {' '.join(doubts)} END" if doubts else "CAST(NULL AS int)"
    query = f"SELECT {', '.join((*outputs, doubtful))} FROM {_name(table)}"
    return f"{query} WHERE {where}" if where else query


def _output(column: ColumnPlan, narrow: int | None) -> str:
    if column.type.kind in _ELAPSED:
        return _ELAPSED[column.type.kind].format(quote(column.target))
    if narrow is None or not _is_unbounded(column.type):
        return _plain(column)
    type = "varbinary" if column.type.kind is Kind.BINARY else "nvarchar"
    return f"CAST({_plain(column)} AS {type}({narrow}))"


def _plain(column: ColumnPlan) -> str:
    """A document may be of a type of its own, which is text to nobody else."""
    name = quote(column.target)
    return f"CAST({name} AS nvarchar(max))" if column.type.kind in (Kind.JSON, Kind.JSON_TEXT) else name


def _name(table: TablePlan) -> str:
    return qualified(table.schema, table.target)


def _scalar(raw: Any, query: str) -> int | None:
    with closing(raw.cursor()) as cursor:
        cursor.execute(query)
        value = cursor.fetchone()[0]
    return None if value is None else int(value)


def _arrow_batches(cursor: Any, _: TablePlan, at_once: int) -> Iterator[list[pa.Array]]:
    while (batch := cursor.arrow_batch(at_once)).num_rows:
        yield batch.columns


def _row_batches(cursor: Any, table: TablePlan, at_once: int) -> Iterator[list[pa.Array]]:
    while rows := cursor.fetchmany(at_once):
        columns = zip(*rows, strict=True)
        arrays = [_array(table, column, values) for column, values in zip(table.columns, columns, strict=False)]
        yield [*arrays, pa.array([row[-1] for row in rows], pa.int32())]


_FETCH: Mapping[str, Callable[[Any, TablePlan, int], Iterator[list[pa.Array]]]] = {
    "mssqlpython": _arrow_batches,
    "pyodbc": _row_batches,
}
"""By SQLAlchemy's name for the driver: the columns as they are fetched, and the doubtful ones."""


def _array(table: TablePlan, column: ColumnPlan, values: tuple[Any, ...]) -> pa.Array:
    kind = column.type.kind
    fetched = pa.int64() if kind in _ELAPSED else pa.string() if kind is Kind.UUID else column.type.arrow
    try:
        return pa.array(values, fetched)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise _changed(table, column) from None


def _canonical(table: TablePlan, arrays: list[pa.Array], schema: pa.Schema) -> list[pa.Array]:
    *values, doubtful = arrays
    if doubtful.null_count < len(doubtful):
        raise _changed(table, table.columns[doubtful.drop_null()[0].as_py()])
    converted = []
    for column, field, array in zip(table.columns, schema, values, strict=True):
        try:
            converted.append(_CONVERSIONS.get(column.type.kind, pa.Array.cast)(array, field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError):
            raise _changed(table, column) from None
    return converted


def _changed(table: TablePlan, column: ColumnPlan) -> DataError:
    return DataError(
        f"The target holds a value that is no {column.type}.",
        where=f"{table.name}, column {column.target}",
        hint="The column or its values were changed since the run.",
    )


def _date(array: pa.Array, type: pa.DataType) -> pa.Array:
    return array.cast(pa.int32()).cast(type)


_NIL = "0" * 32


def _uuid(array: pa.Array, type: pa.DataType) -> pa.Array:
    """From text. All digits are decoded at once."""
    digits = pc.replace_substring(array.cast(pa.string()), "-", "")
    octets = bytes.fromhex("".join(digits.fill_null(_NIL).to_pylist()))
    if len(octets) != 16 * len(array):
        raise ValueError("not every text has 32 digits")
    found = pa.FixedSizeBinaryArray.from_buffers(type, len(array), [None, pa.py_buffer(octets)])
    return pc.if_else(array.is_null(), pa.scalar(None, type), found) if array.null_count else found


_CONVERSIONS: Mapping[Kind, Callable[[pa.Array, pa.DataType], pa.Array]] = {Kind.DATE: _date, Kind.UUID: _uuid}
"""From what is fetched to the canonical type, where that is no plain cast."""
