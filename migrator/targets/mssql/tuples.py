"""Arrow batches as Python rows, for a driver that takes nothing else; and what SQL Server's types cannot hold.

Column by column, with conversions that Arrow and numpy do in native code. Nothing here rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from migrator.errors import DataError
from migrator.model.plan import ColumnPlan, TablePlan, arrow_schema
from migrator.model.types import Kind, LogicalType

Row = tuple[Any, ...]
Values = list[Any]

DAYS = (-719_162, 2_932_896)
"""0001-01-01 and 9999-12-31, the first and the last day of SQL Server's types.
https://learn.microsoft.com/sql/t-sql/data-types/date-transact-sql"""
_MICROSECONDS_A_DAY = 86_400_000_000
MOMENTS = (DAYS[0] * _MICROSECONDS_A_DAY, (DAYS[1] + 1) * _MICROSECONDS_A_DAY - 1)
"""The same in microseconds."""


def check(table: TablePlan, batch: pa.RecordBatch) -> None:
    """See that a batch is of the plan's columns and in the range of SQL Server's types.

    Raises:
        DataError: A date is not between the years 1 and 9999.
        TypeError: The batch has other columns than the plan.
    """
    columns = table.loaded
    if not batch.schema.equals(arrow_schema(columns)):
        raise TypeError(f"{table.name}: the batch is {batch.schema}, not {arrow_schema(columns)}")
    for column, array in zip(columns, batch.columns, strict=True):
        if not _in_range(column.type, array):
            raise DataError(
                "A value is outside the range of SQL Server's types.",
                where=f"{table.name}, column {column.target}",
                hint="Give the column another type in migrator.toml, then plan again.",
            )


def textual(columns: tuple[ColumnPlan, ...], batch: pa.RecordBatch) -> list[Row]:
    """The rows, with whatever ODBC has no exact C type for as text, in the one spelling that the server reads the
    same under every language and date format.
    https://learn.microsoft.com/sql/t-sql/data-types/datetime2-transact-sql"""
    values = (
        _TEXTUAL.get(column.type.kind, _as_python)(array)
        for column, array in zip(columns, batch.columns, strict=True)
    )
    return list(zip(*values, strict=True))


def _in_range(type: LogicalType, array: pa.Array) -> bool:
    limits = {Kind.DATE: DAYS, Kind.TIMESTAMP: MOMENTS, Kind.TIMESTAMPTZ: MOMENTS}.get(type.kind)
    if limits is None:
        return True
    found = pc.min_max(array.cast(pa.int32() if type.kind is Kind.DATE else pa.int64()))
    least, greatest = found["min"].as_py(), found["max"].as_py()
    return least is None or bool(limits[0] <= least and greatest <= limits[1])


def _as_python(array: pa.Array) -> Values:
    found: Values = array.to_pylist()
    return found


def _through_numpy(array: pa.Array) -> Values:
    """Less than half of what `to_pylist` takes."""
    found: Values = array.to_numpy(zero_copy_only=False).tolist()
    return found


def _as_text(array: pa.Array) -> Values:
    found: Values = array.cast(pa.string()).to_pylist()
    return found


def _digits(array: pa.Array) -> Values:
    """Without an exponent, which conversions from text to decimal do not know.
    https://learn.microsoft.com/sql/t-sql/data-types/decimal-and-numeric-transact-sql"""
    return [value if value is None else f"{value:f}" for value in _through_numpy(array)]


def _offset_text(array: pa.Array) -> Values:
    moments = array.cast(pa.timestamp("us")).cast(pa.string())
    found: Values = pc.binary_join_element_wise(moments, "+00:00", " ").to_pylist()
    return found


def _hyphenated(array: pa.Array) -> Values:
    digits = (value if value is None else value.hex() for value in _through_numpy(array))
    return [each and f"{each[:8]}-{each[8:12]}-{each[12:16]}-{each[16:20]}-{each[20:]}" for each in digits]


_TEXTUAL: Mapping[Kind, Callable[[pa.Array], Values]] = {
    Kind.BINARY: _through_numpy,
    Kind.DECIMAL: _digits,
    Kind.DATE: _as_text,
    Kind.TIME: _as_text,
    Kind.TIMESTAMP: _as_text,
    Kind.TIMESTAMPTZ: _offset_text,
    Kind.UUID: _hyphenated,
}
"""How the values of each kind are converted; those not named are what Arrow makes of them."""
