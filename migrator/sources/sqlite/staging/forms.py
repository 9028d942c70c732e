"""How the columns that a transform returns are stored: each Arrow type in a form that keeps every value exact and
that the profile recognises.

What SQLite has no class for is text: moments as ISO 8601, nested values as JSON, decimals beyond what numbers tell
exactly as their digits. Nothing is rounded; what has no form raises Unstorable.
"""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from migrator.sources.sqlite.encodings.iso import DAY, EPOCH, FIRST, LAST

Stored = int | float | str | bytes | None


class Form(StrEnum):
    """How a column's values are stored; the value is how the column is declared."""

    NULL = ""
    BOOL = "BOOLEAN"
    INTEGER = "INTEGER"
    REAL = "REAL"
    DECIMAL = "DECIMAL"
    TEXT = "TEXT"
    BLOB = "BLOB"
    DATE = "DATE"
    TIME = "TIME"
    TIMESTAMP = "TIMESTAMP"
    TIMESTAMPTZ = "TIMESTAMPTZ"
    JSON = "JSON"
    UUID = "UUID"


class Unstorable(ValueError):
    """A value or a type that has no form; the message goes on after "holds", and quotes no value. `at` is the row
    of the value, None where the type is to blame."""

    def __init__(self, what: str, at: int | None = None) -> None:
        super().__init__(what)
        self.at = at


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """One column of a batch, as SQLite stores it."""

    form: Form
    values: list[Stored]


def stored(field: pa.Field, array: pa.Array) -> StoredColumn:
    """The values of a column, and their form. The field's metadata may name a logical type of that Arrow type.

    Raises:
        Unstorable: A value or the type cannot be stored exactly.
    """
    plain = _plain(array)
    form, convert = _converter(plain.type)
    values = convert(plain)
    return StoredColumn(_logical(form, field), values)


_LOGICAL = {(Form.TEXT, b"json"), (Form.TEXT, b"json_text"), (Form.BLOB, b"uuid")}
_FORMS = {b"json": Form.JSON, b"json_text": Form.JSON, b"uuid": Form.UUID}


def _logical(form: Form, field: pa.Field) -> Form:
    """The form by the canonical batch's metadata, or by an extension type's name, where that says more."""
    named = (field.metadata or {}).get(b"logical", b"")
    if isinstance(field.type, pa.BaseExtensionType):
        named = field.type.extension_name.removeprefix("arrow.").encode()
    return _FORMS[named] if (form, named) in _LOGICAL else form


def _plain(array: pa.Array) -> pa.Array:
    """The array without what only says how Arrow keeps it."""
    if isinstance(array, pa.ExtensionArray):
        return _plain(array.storage)
    if pa.types.is_dictionary(array.type):
        return _plain(array.dictionary_decode())
    if pa.types.is_run_end_encoded(array.type):
        return _plain(pc.run_end_decode(array))
    return array


Convert = Callable[[pa.Array], list[Stored]]


def _converter(type: pa.DataType) -> tuple[Form, Convert]:
    for is_type, form, convert in _CONVERTERS:
        if is_type(type):
            return form, convert
    raise Unstorable(f"values of the type {type}, for which SQLite has no form")


def _same(array: pa.Array) -> list[Stored]:
    return array.to_pylist()  # type: ignore[no-any-return]


def _bools(array: pa.Array) -> list[Stored]:
    return _same(array.cast(pa.int8()))


def _integers(array: pa.Array) -> list[Stored]:
    return _each(array.to_pylist(), _integer)


def _integer(value: int) -> Stored:
    if not -(2**63) <= value < 2**63:
        raise Unstorable("an integer beyond 64 bits with a sign")
    return value


def _reals(array: pa.Array) -> list[Stored]:
    return _each(array.to_pylist(), _real)


def _real(value: float) -> Stored:
    if math.isnan(value):
        raise Unstorable("NaN, for which SQLite has no value")
    return value


_DIGITS = 38
"""Of a decimal as it can be declared, see `storage.declaration`."""


def _decimals(array: pa.Array) -> list[Stored]:
    return _each(array.to_pylist(), _decimal)


def _decimal(value: Decimal) -> Stored:
    """A number where it spells the decimal, as applications store decimals, else digits."""
    if value == value.to_integral_value() and -(2**63) <= value < 2**63:
        return int(value)
    number = float(value)
    spelt = Decimal(repr(number)) == value and -_DIGITS <= value.adjusted() < _DIGITS
    return number if spelt else _digits(value)


def digits(value: int | float) -> str:
    """A number that stands for a decimal, as its digits."""
    return _digits(Decimal(repr(value)))


def _digits(value: Decimal) -> str:
    """Without zeros that end the fraction."""
    text = f"{value:f}"
    return text.rstrip("0").removesuffix(".") if "." in text else text


def _dates(array: pa.Array) -> list[Stored]:
    try:
        days = array.cast(pa.date32()).cast(pa.int32())
    except pa.ArrowInvalid as error:
        raise Unstorable("a date with a time of day") from error
    return _each(days.to_pylist(), _date)


def _date(days: int) -> str:
    if not FIRST <= days * DAY <= LAST:
        raise Unstorable("a date beyond the years 1 to 9999")
    return datetime.date.fromordinal(days + EPOCH).isoformat()


_PER_MICROSECOND = {"s": (1_000_000, 1), "ms": (1_000, 1), "us": (1, 1), "ns": (1, 1_000)}
"""Of each unit: the factor, and the divisor, that make microseconds."""


def _microseconds(unit: str) -> Callable[[int], int]:
    factor, divisor = _PER_MICROSECOND[unit]

    def convert(value: int) -> int:
        whole, rest = divmod(value * factor, divisor)
        if rest:
            raise Unstorable("a time with nanoseconds that are no whole microseconds")
        return whole

    return convert


def _times(array: pa.Array) -> list[Stored]:
    whole, counts = (
        _microseconds(array.type.unit),
        array.cast(pa.int32() if array.type.bit_width == 32 else pa.int64()),
    )
    return _each(counts.to_pylist(), lambda count: _time(whole(count)))


def _time(micros: int) -> str:
    if not 0 <= micros < DAY:
        raise Unstorable("a time of day beyond 24 hours")
    seconds, fraction = divmod(micros, 1_000_000)
    return datetime.time(seconds // 3600, seconds // 60 % 60, seconds % 60, fraction).isoformat()


def _timestamps(array: pa.Array) -> list[Stored]:
    whole, zone = _microseconds(array.type.unit), "+00:00" if array.type.tz is not None else ""
    return _each(array.cast(pa.int64()).to_pylist(), lambda count: _timestamp(whole(count)) + zone)


def _timestamp(micros: int) -> str:
    if not FIRST <= micros <= LAST:
        raise Unstorable("a timestamp beyond the years 1 to 9999")
    days, rest = divmod(micros, DAY)
    return f"{_date(days)} {_time(rest)}"


def _documents(array: pa.Array) -> list[Stored]:
    try:
        values = array.to_pylist(maps_as_pydicts="strict")
    except (KeyError, ValueError, OverflowError) as error:
        raise Unstorable("nested values with a name twice, or moments that Python does not have") from error
    return _each(values, _json)


def _json(value: Any) -> str:
    """A JSON document in which numbers keep all their digits."""
    match value:
        case None | bool() | int() | str():
            return json.dumps(value, ensure_ascii=False)
        case float() if math.isfinite(value):
            return repr(value)
        case Decimal():
            return f"{value:f}"
        case dict():
            if not all(isinstance(name, str) for name in value):
                raise Unstorable("a map with keys that are no text, which JSON does not have")
            return "{" + ", ".join(f"{_json(name)}: {_json(part)}" for name, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_json, value)) + "]"
        case datetime.date() | datetime.time() if not getattr(value, "nanosecond", 0):
            return json.dumps(value.isoformat())
    raise Unstorable(f"a nested value ({type(value).__name__}) that JSON does not have")


def _each(values: Iterable[Any], convert: Callable[[Any], Stored]) -> list[Stored]:
    found: list[Stored] = []
    for at, value in enumerate(values):
        try:
            found.append(None if value is None else convert(value))
        except Unstorable as error:
            raise Unstorable(str(error), at) from error
    return found


def _any_of(*tests: Callable[[pa.DataType], bool]) -> Callable[[pa.DataType], bool]:
    return lambda type: any(test(type) for test in tests)


_CONVERTERS: tuple[tuple[Callable[[pa.DataType], bool], Form, Convert], ...] = (
    (pa.types.is_null, Form.NULL, _same),
    (pa.types.is_boolean, Form.BOOL, _bools),
    (pa.types.is_integer, Form.INTEGER, _integers),
    (pa.types.is_floating, Form.REAL, _reals),
    (pa.types.is_decimal, Form.DECIMAL, _decimals),
    (_any_of(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view), Form.TEXT, _same),
    (
        _any_of(
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_binary_view,
            pa.types.is_fixed_size_binary,
        ),
        Form.BLOB,
        _same,
    ),
    (pa.types.is_date, Form.DATE, _dates),
    (pa.types.is_time, Form.TIME, _times),
    (lambda type: pa.types.is_timestamp(type) and type.tz is None, Form.TIMESTAMP, _timestamps),
    (pa.types.is_timestamp, Form.TIMESTAMPTZ, _timestamps),
    (
        _any_of(
            pa.types.is_struct,
            pa.types.is_list,
            pa.types.is_large_list,
            pa.types.is_fixed_size_list,
            pa.types.is_list_view,
            pa.types.is_large_list_view,
            pa.types.is_map,
        ),
        Form.JSON,
        _documents,
    ),
)


def declared_decimal(types: Sequence[pa.DataType], *, textual: bool) -> str:
    """How a column of decimals is declared; as digits with the affinity that keeps SQLite from making numbers of
    them (https://sqlite.org/datatype3.html#determination_of_column_affinity)."""
    scale = max(0, *(type.scale for type in types))
    precision = scale + max(type.precision - type.scale for type in types)
    parameters = f"({precision},{scale})" if precision <= _DIGITS else ""
    return f"DECIMAL{parameters}{' TEXT' if textual else ''}"


def declared(forms: Sequence[Form]) -> str:
    """How a column is declared that had these forms in its chunks; without a type where they differ, so that its
    values alone decide."""
    kinds = set(forms) - {Form.NULL}
    return next(iter(kinds)).value if len(kinds) == 1 else ""
