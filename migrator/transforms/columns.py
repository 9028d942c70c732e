"""A column of any pandas dtype as a canonical one.

Every value arrives as an equal value or the column is refused. A column that the transform was given keeps its
type where all its values still fit, so that one chunk does not say `int32` and the next `int64`.

| returned | becomes |
| --- | --- |
| bool, integers, floats of any dtype | bool, int16/32/64 (decimal beyond 64 bits), float64 |
| `Decimal` objects, Arrow decimals | decimal, up to 38 digits |
| strings of any dtype, `str` objects | text; JSON where the column was, and still holds nothing but documents |
| `bytes`, `date`, `time`, `datetime`, `UUID` objects; datetime64; Arrow's types for them | the same |
| `dict`, `list`, Arrow's lists and structs | JSON |
| categories | what the categories are |
| NULL alone | what the column was, else what the dtype says, else text |
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT16,
    INT32,
    INT64,
    MAX_DECIMAL_PRECISION,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    Kind,
    LogicalType,
    decimal,
)
from migrator.transforms.canonical import Column, Unusable
from migrator.transforms.objects import column_of_objects


def column_of(series: pd.Series[Any], given: Column | None) -> Column:
    """A series in canonical form. `given` is the column of the same name before the transform.

    Raises:
        Unusable: It holds values that a column cannot hold, or that pandas may have rounded.
    """
    column = _in_range(_of_series(series))
    if given is None:
        return column
    if given.array.type == column.array.type and given.array.equals(column.array):
        return given
    return _settled(column, given)


def _of_series(series: pd.Series[Any]) -> Column:
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _of_categories(series)
    if series.dtype == object:
        return _of_objects(series)
    try:
        array = pa.array(series, from_pandas=True)  # NaN means NULL in a NumPy array, and NaN in an Arrow one
    except (pa.ArrowException, ValueError):
        return _of_objects(series)
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return _of_array(whole) or _of_objects(series)


def _of_categories(series: pd.Series[Any]) -> Column:
    categories = _of_series(series.cat.categories.to_series())
    codes = series.cat.codes.to_numpy()
    taken = categories.array.take(pa.array(codes, mask=codes < 0))
    return Column(taken, categories.type)


def _of_objects(series: pd.Series[Any]) -> Column:
    missing = list(series.isna())
    values = list(series)
    return column_of_objects([None if none else value for value, none in zip(values, missing, strict=True)])


_TYPES: tuple[tuple[Callable[[pa.DataType], bool], LogicalType], ...] = (
    (pa.types.is_boolean, BOOL),
    (lambda type: type in (pa.int8(), pa.int16(), pa.uint8()), INT16),
    (lambda type: type in (pa.int32(), pa.uint16()), INT32),
    (lambda type: type in (pa.int64(), pa.uint32()), INT64),
    (pa.types.is_uint64, decimal(20, 0)),
    (pa.types.is_floating, FLOAT64),
    (lambda type: type in (pa.string(), pa.large_string(), pa.string_view(), pa.null()), TEXT),
    (lambda type: type in (pa.binary(), pa.large_binary(), pa.binary_view()), BINARY),
    (pa.types.is_fixed_size_binary, BINARY),
    (pa.types.is_date, DATE),
    (pa.types.is_time, TIME),
    (lambda type: pa.types.is_timestamp(type) and type.tz is None, TIMESTAMP),
    (pa.types.is_timestamp, TIMESTAMPTZ),
)
"""The narrowest logical type for every value of an Arrow type."""

_HINTS = {
    Kind.TIMESTAMP: 'Timestamps are of the years 1 to 9999 and end with microseconds: see .dt.floor("us").',
    Kind.TIMESTAMPTZ: 'Timestamps are of the years 1 to 9999 and end with microseconds: see .dt.floor("us").',
    Kind.DATE: "Dates are of the years 1 to 9999.",
    Kind.TIME: "Times end with microseconds, and the last one is 23:59:59.999999.",
}
_HINT = "Return values that a column of this type can hold, or return them as text."


def _of_array(array: pa.Array) -> Column | None:
    """An Arrow array in canonical form, None for types whose values only Python can tell."""
    if pa.types.is_decimal(array.type):
        return _of_decimals(array)
    if pa.types.is_dictionary(array.type):
        return _of_array(array.dictionary_decode())
    if array.type == pa.uuid():
        return Column(array.storage, UUID)
    for fits, type in _TYPES:
        if fits(array.type):
            return _narrowed(_cast(array, type))
    return None


def _of_decimals(array: pa.Array) -> Column:
    scale = max(0, array.type.scale)
    precision = array.type.precision + scale - array.type.scale
    return _cast(array, decimal(min(precision, MAX_DECIMAL_PRECISION), min(scale, MAX_DECIMAL_PRECISION)))


def _narrowed(column: Column) -> Column:
    """Unsigned integers as signed ones, as far as they fit."""
    if column.type.kind is not Kind.DECIMAL:
        return column
    return _if_castable(column, INT64) or column


def _cast(array: pa.Array, type: LogicalType) -> Column:
    try:
        return Column(array.cast(type.arrow), type)
    except pa.ArrowInvalid as error:
        raise _too_much(type) from error


def _too_much(type: LogicalType) -> Unusable:
    return Unusable(f"holds values that {type} cannot hold exactly", _HINTS.get(type.kind, _HINT))


def _if_castable(column: Column, type: LogicalType) -> Column | None:
    try:
        return Column(column.array.cast(type.arrow), type)
    except pa.ArrowInvalid:
        return None


_DAY = 86_400_000_000
"""Microseconds."""
_RANGES = {
    Kind.DATE: (-719_162, 2_932_896),
    Kind.TIME: (0, _DAY - 1),
    Kind.TIMESTAMP: (-719_162 * _DAY, 2_932_897 * _DAY - 1),
    Kind.TIMESTAMPTZ: (-719_162 * _DAY, 2_932_897 * _DAY - 1),
}
"""The first and the last value, in days or microseconds since 1970 or midnight: 0001-01-01 to 9999-12-31."""


def _in_range(column: Column) -> Column:
    if column.type.kind in _RANGES and column.array.null_count < len(column.array):
        first, last = _RANGES[column.type.kind]
        numbers = column.array.cast(pa.int32() if column.type.kind is Kind.DATE else pa.int64())
        least, most = pc.min_max(numbers).as_py().values()
        if least < first or most > last:
            raise _too_much(column.type)
    return column


_INTEGERS = frozenset({Kind.INT16, Kind.INT32, Kind.INT64})
_JSON = frozenset({Kind.JSON, Kind.JSON_TEXT})


def _settled(column: Column, given: Column) -> Column:
    """The column with the type it had before the transform, where its values fit that exactly and differ from
    it only in what a dtype cannot say."""
    mine, its = column.type.kind, given.type.kind
    if column.array.null_count == len(column.array):
        return Column(pa.nulls(len(column.array), given.type.arrow), given.type)
    if mine is Kind.FLOAT64 and its in _INTEGERS:
        return _unfloated(column, given)
    if (mine in _INTEGERS and its in _INTEGERS) or mine is its is Kind.DECIMAL:
        return _if_castable(column, given.type) or column
    if mine is its is Kind.TEXT and _fits(column.array, given.type.length):
        return Column(column.array, given.type)
    if its in _JSON and (mine in _JSON or (mine is Kind.TEXT and _documents(column.array))):
        return Column(column.array, given.type)
    return column


def _fits(array: pa.Array, length: int | None) -> bool:
    return length is None or pc.max(pc.utf8_length(array)).as_py() <= length


def _documents(array: pa.Array) -> bool:
    """Whether every value is a JSON document."""
    try:
        for text in array.drop_null().to_pylist():
            json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        return False
    return True


def _refused(constant: str) -> None:
    """NaN and Infinity, which Python reads, are no JSON (RFC 8259, section 6)."""
    raise ValueError(constant)


_EXACT = 2**53
"""Below it every integer is a double of its own; from there on another integer may have been rounded to one."""


def _unfloated(column: Column, given: Column) -> Column:
    """Integers that came back as floats, as pandas makes them where a value is missing
    (https://pandas.pydata.org/docs/user_guide/gotchas.html, "Choice of NA representation"). Floats that are not
    whole, or where nothing is missing, are meant."""
    values = column.array.drop_null()
    missing = column.array.null_count or given.array.null_count
    whole = pc.and_(pc.equal(pc.floor(values), values), pc.is_finite(values))
    if not missing or not pc.all(whole).as_py():
        return column
    if pc.any(pc.greater_equal(pc.abs(values), float(_EXACT))).as_py():
        raise Unusable(
            f"holds integers as floats, which pandas may have rounded: there are some from {_EXACT:,} on",
            "Where values are missing, use .astype(object).map(…, na_action='ignore'), which keeps integers.",
        )
    return _if_castable(column, given.type) or _if_castable(column, INT64) or column
