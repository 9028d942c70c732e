"""How a value of each Access type is stored in SQLite, and which logical type every value of it has.

Each form is one that the SQLite source reads back exactly: moments as ISO 8601 text, decimals as numbers as long
as a double tells them and as their digits beyond, GUIDs as text. Nothing is rounded.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from migrator.errors import DataError
from migrator.model.types import (
    BINARY,
    BOOL,
    FLOAT64,
    INT16,
    INT32,
    INT64,
    MAX_DECIMAL_PRECISION,
    TEXT,
    TIMESTAMP,
    UUID,
    LogicalType,
    decimal,
    text,
)
from migrator.sources.access import decoding
from migrator.sources.access.blocks import Block
from migrator.sources.access.decoding import Codec
from migrator.sources.access.schema import Column
from migrator.sources.access.types import Type
from migrator.sources.sqlite.storage import Affinity

SqlValue = int | float | str | bytes | None

_EXACT_UNITS = 10**15
"""Below this many units, a decimal and the double nearest to it determine each other (DBL_DIG is 15)."""
_EXACT_POWER = 22
"""Powers of ten up to here are exact doubles, so that a division by them rounds correctly."""


@dataclass(frozen=True, slots=True)
class Form:
    """How Access calls a type, which logical type its values have, and the affinity that converts none of them."""

    name: str
    type: LogicalType | None
    stored: Affinity = Affinity.BLOB


FORMS: dict[Type | None, Form] = {
    Type.YES_NO: Form("Yes/No", BOOL, Affinity.INTEGER),
    Type.BYTE: Form("Byte", INT16, Affinity.INTEGER),
    Type.INTEGER: Form("Integer", INT16, Affinity.INTEGER),
    Type.LONG: Form("Long Integer", INT32, Affinity.INTEGER),
    Type.LARGE_NUMBER: Form("Large Number", INT64, Affinity.INTEGER),
    # Not REAL: SQLite would store -0.0 as the integer 0 (https://sqlite.org/datatype3.html, note on REAL).
    Type.SINGLE: Form("Single", FLOAT64),
    Type.DOUBLE: Form("Double", FLOAT64),
    Type.CURRENCY: Form("Currency", decimal(19, 4)),
    Type.DATE_TIME: Form("Date/Time", TIMESTAMP, Affinity.TEXT),
    Type.DATE_TIME_EXTENDED: Form("Date/Time Extended", TIMESTAMP, Affinity.TEXT),
    Type.BINARY: Form("Binary", BINARY),
    Type.OLE_OBJECT: Form("OLE Object", BINARY),
    Type.LONG_TEXT: Form("Long Text", TEXT, Affinity.TEXT),
    Type.GUID: Form("Replication ID", UUID, Affinity.TEXT),
}


def form(column: Column) -> Form:
    """How a column is stored."""
    if column.type is Type.SHORT_TEXT:
        length = f"({column.length})" if column.length else ""
        return Form(f"Short Text{length}", text(column.length or None), Affinity.TEXT)
    if column.type is Type.DECIMAL:
        return _decimal_form(column)
    if column.type is Type.COMPLEX:
        return FORMS[Type.LONG]
    if column.type is Type.LONG and column.autonumber:
        return Form("AutoNumber", INT32, Affinity.INTEGER)
    if column.hyperlink or column.rich_text:
        return Form(f"Long Text ({'Hyperlink' if column.hyperlink else 'Rich Text'})", TEXT, Affinity.TEXT)
    return FORMS.get(column.type) or Form(f"Unknown type of {column.name}", BINARY)


def _decimal_form(column: Column) -> Form:
    """A calculated decimal has a scale of its own in every value, so its values decide."""
    if column.calculated:
        return Form("Decimal", None)
    precision = min(max(column.precision, column.scale, 1), MAX_DECIMAL_PRECISION)
    return Form(f"Decimal({precision},{column.scale})", decimal(precision, column.scale))


def values(codec: Codec, block: Block) -> list[Any]:
    """A column's values in a block, as SQLite stores them. Text that is no valid Unicode comes as its UTF-8 with
    surrogates, and goes into SQLite with `CAST(? AS TEXT)`.

    Raises:
        SourceDamagedError: A value is not one of the column's type.
    """
    try:
        array = decoding.array(codec, block)
    except DataError:
        return [_encoded(each) for each in decoding.objects(codec, block)]
    convert = _CONVERSIONS.get(codec.type)
    return convert(array) if convert else array.to_pylist()


def _encoded(value: str | None) -> str | bytes | None:
    """Text, or its bytes where it is none."""
    if value is None:
        return None
    encoded = value.encode("utf-8", "surrogatepass")
    return value if encoded == value.encode("utf-8", "replace") else encoded


def _bools(array: pa.Array) -> list[Any]:
    return array.cast(pa.int8()).to_pylist()  # type: ignore[no-any-return]


def floats(array: pa.Array) -> list[Any]:
    """SQLite has no NaN: it would store NULL (https://sqlite.org/floatingpoint.html)."""
    found = array.cast(pa.float64()).to_pylist()
    if pc.any(pc.is_nan(array)).as_py():
        return ["NaN" if value is not None and math.isnan(value) else value for value in found]
    return found  # type: ignore[no-any-return]


def decimals(array: pa.Array) -> list[Any]:
    """Decimals as doubles where those determine them, else as their digits."""
    if not pa.types.is_decimal128(array.type) or array.type.scale > _EXACT_POWER:
        return [number(value) for value in array.to_pylist()]
    words = np.frombuffer(array.buffers()[1], np.int64, len(array) * 2, array.offset * 16).reshape(-1, 2)
    units, high = words[:, 0], words[:, 1]
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    if np.any(valid & ((high != units >> 63) | (units >= _EXACT_UNITS) | (units <= -_EXACT_UNITS))):
        return [number(value) for value in array.to_pylist()]
    found = units / 10.0**array.type.scale
    return [value if known else None for value, known in zip(found.tolist(), valid.tolist(), strict=True)]


def number(value: Decimal | None) -> int | float | str | None:
    """One decimal as SQLite stores it."""
    if value is None:
        return None
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if int("".join(map(str, digits)) or 0) < _EXACT_UNITS:
        return int(value) if value == value.to_integral_value() else float(value)
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


_ZERO_FRACTION = r"\.000000$"


def _dates(array: pa.Array) -> list[Any]:
    """ISO 8601 text, the fraction left out when it is zero."""
    return pc.replace_substring_regex(array.cast(pa.string()), _ZERO_FRACTION, "").to_pylist()  # type: ignore[no-any-return]


def _extended(array: pa.Array) -> list[Any]:
    """The same, with a seventh digit where it is not zero."""
    spaced = pc.replace_substring(array, "T", " ")
    micros = pc.replace_substring_regex(spaced, r"(\.\d{6})0$", r"\1")
    return pc.replace_substring_regex(micros, _ZERO_FRACTION, "").to_pylist()  # type: ignore[no-any-return]


def _guids(array: pa.Array) -> list[Any]:
    return [None if value is None else _guid(value.hex()) for value in array.to_pylist()]


def _guid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_CONVERSIONS: dict[Type | None, Callable[[pa.Array], list[Any]]] = {
    Type.YES_NO: _bools,
    Type.SINGLE: floats,
    Type.DOUBLE: floats,
    Type.CURRENCY: decimals,
    Type.DECIMAL: decimals,
    Type.DATE_TIME: _dates,
    Type.DATE_TIME_EXTENDED: _extended,
    Type.GUID: _guids,
}


def plain(value: Any) -> SqlValue:
    """One value as Python has it, as SQLite stores it; see `values`."""
    match value:
        case bool():
            return int(value)
        case float():
            return "NaN" if math.isnan(value) else value
        case Decimal():
            return number(value)
        case datetime():
            return value.isoformat(" ")
        case uuid.UUID():
            return str(value)
        case str():
            return _encoded(value)
    return value  # type: ignore[no-any-return]
