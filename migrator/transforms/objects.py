"""Python values as a canonical column: all of one type, each as an equal value.

Nothing is turned into text, rounded or cut to make it fit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa

from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT64,
    JSON,
    MAX_DECIMAL_PRECISION,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    LogicalType,
    decimal,
)
from migrator.model.types import UUID as UUID_TYPE
from migrator.transforms.canonical import Column, Unusable

Values = list[Any]
"""With None for NULL."""


def column_of_objects(values: Values) -> Column:
    """Values, None being NULL, as a column; of text when all are NULL.

    Raises:
        Unusable: They are of several types, or of one that no column can hold.
    """
    classes = list(dict.fromkeys(type(value) for value in values if value is not None))
    if not classes:
        return _plain(values, TEXT)
    try:
        return _reader(classes)(values)
    except (OverflowError, UnicodeEncodeError, pa.ArrowException) as error:
        raise Unusable(f"holds {classes[0].__name__} values that no column type can hold", _HINT) from error


def _reader(classes: Sequence[type]) -> Reader:
    families = [_family(each) for each in classes]
    first = families[0]
    wider = {_INTEGERS, _FLOATS}, {_INTEGERS, _DECIMALS}
    if set(families) in wider:
        return _FLOATS.read if _FLOATS in families else _DECIMALS.read
    for other, its in zip(families, classes, strict=True):
        if other is not first:
            raise Unusable(
                f"holds values of the types {classes[0].__name__} and {its.__name__}",
                "Make them all of one type: a value is never converted by itself.",
            )
    return first.read


_HINT = (
    "Columns can hold bool, int of 38 digits, float, Decimal of 38 digits, str, bytes, date, time, datetime, "
    "UUID, and dict or list as JSON."
)


def _family(cls: type) -> Family:
    for family in _FAMILIES:
        if issubclass(cls, family.classes):
            return family
    raise Unusable(f"holds values of the type {cls.__name__}, which no column type can hold", _HINT)


def _plain(values: Iterable[Any], type: LogicalType) -> Column:
    return Column(pa.array(values, type.arrow), type)


def _converted(values: Values, convert: Callable[[Any], Any]) -> Values:
    return [None if value is None else convert(value) for value in values]


def _booleans(values: Values) -> Column:
    return _plain(_converted(values, bool), BOOL)


def _integers(values: Values) -> Column:
    """64 bits, or a decimal when one needs more."""
    whole = _converted(values, int)
    if all(value is None or -(2**63) <= value < 2**63 for value in whole):
        return _plain(whole, INT64)
    return _decimals(whole)


def _floats(values: Values) -> Column:
    floats = _converted(values, float)
    if any(value is not None and float_ != value for float_, value in zip(floats, values, strict=True)):
        raise Unusable(
            "holds float and int values, of which an int would be rounded as a float",
            "Make them all int, or all Decimal.",
        )
    return _plain(floats, FLOAT64)


def _decimals(values: Values) -> Column:
    """A decimal with as many digits on both sides of the point as any value has."""
    decimals = _converted(values, Decimal)
    present = [value for value in decimals if value is not None]
    if not all(value.is_finite() for value in present):
        raise Unusable("holds a Decimal that is no number", "Return None for what has no value.")
    tuples = [value.as_tuple() for value in present]
    scale = max(max(0, -int(each.exponent)) for each in tuples)
    whole = max(max(0, len(each.digits) + int(each.exponent)) for each in tuples)
    if scale + whole > MAX_DECIMAL_PRECISION:
        raise Unusable(
            f"holds numbers of {scale + whole} digits, of which a column can hold {MAX_DECIMAL_PRECISION}",
            "Return them as text, or with fewer digits.",
        )
    return _plain(decimals, decimal(max(1, scale + whole), scale))


def _texts(values: Values) -> Column:
    return _plain(_converted(values, str.__str__), TEXT)  # str() of a member of an Enum is its name


def _binaries(values: Values) -> Column:
    return _plain(_converted(values, bytes), BINARY)


def _moments(values: Values) -> Column:
    zones = {value.tzinfo is not None for value in values if value is not None}
    if len(zones) > 1:
        raise Unusable(
            "holds values of the types datetime with and datetime without a time zone",
            "Give all of them a time zone, or none.",
        )
    if any(getattr(value, "nanosecond", 0) for value in values if value is not None):
        raise Unusable("holds timestamps with digits below the microsecond", "Round them to microseconds.")
    return _plain(values, TIMESTAMPTZ if zones == {True} else TIMESTAMP)


def _dates(values: Values) -> Column:
    return _plain(values, DATE)


def _times(values: Values) -> Column:
    if any(value.tzinfo is not None for value in values if value is not None):
        raise Unusable("holds times with a time zone", "Return timestamps, or times without a time zone.")
    return _plain(values, TIME)


def _uuids(values: Values) -> Column:
    return _plain(_converted(values, lambda value: value.bytes), UUID_TYPE)


def _documents(values: Values) -> Column:
    return _plain(_converted(values, _document), JSON)


def _document(value: Any) -> str:
    """JSON that reads back as an equal value: a key that is no text, a tuple or NaN would not."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        if json.loads(text) == value:
            return text
    except (TypeError, ValueError, RecursionError):
        pass  # json's own words would quote the value
    raise Unusable(
        f"holds a {type(value).__name__} that JSON cannot hold",
        "Use dict with str keys, list, str, int, float, bool and None within it, and nothing else.",
    )


Reader = Callable[[Values], Column]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Python types that stand for the same kind of value, and what makes a column of them."""

    classes: tuple[type, ...]
    read: Reader


_INTEGERS = Family((int, np.integer), _integers)
_FLOATS = Family((float, np.float16, np.float32), _floats)
_DECIMALS = Family((Decimal,), _decimals)
_FAMILIES = (
    Family((bool, np.bool_), _booleans),  # before the integers, for bool is a subclass of int
    _INTEGERS,
    _FLOATS,
    _DECIMALS,
    Family((str,), _texts),
    Family((bytes, bytearray), _binaries),
    Family((datetime,), _moments),  # before the dates, for datetime is a subclass of date
    Family((date,), _dates),
    Family((time,), _times),
    Family((UUID,), _uuids),
    Family((dict, list), _documents),
)
