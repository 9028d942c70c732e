"""Constants as values of a type: what SQLite would store or compare, and how it writes numbers.

Everything is checked here, in Python, so that no constant reaches a server in a form its type refuses.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final, TypeVar
from uuid import UUID

from migrator.model.types import Kind, LogicalType
from migrator.targets.translation.terms import Value

Stored = bool | int | float | Decimal | str | bytes | date | datetime | UUID
"""A constant as its type holds it; times and JSON are text that has been checked."""

_Temporal = TypeVar("_Temporal", date, time, datetime)

_NUMBER: Final = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_PREFIX: Final = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK: Final = re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?", re.ASCII)
_INSTANT: Final = re.compile(rf"({_DATE.pattern})(?:[ T]({_CLOCK.pattern})(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_TRUTH: Final = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}
_RANGES: Final = {Kind.INT16: 15, Kind.INT32: 31, Kind.INT64: 63}


def number(text: str) -> int | Decimal | None:
    """The number a text is, as SQLite's numeric affinity reads it; None when it is not one."""
    return _number(text.strip()) if _NUMBER.fullmatch(text) else None


def leading_number(text: str) -> int | Decimal:
    """The number a text begins with, 0 if there is none: what a CAST reads."""
    match = _PREFIX.match(text)
    return _number(match[1]) if match else 0


def _number(text: str) -> int | Decimal:
    return int(text) if re.fullmatch(r"[+-]?\d+", text, re.ASCII) else Decimal(text)


def digits(value: int | Decimal) -> str:
    """A number as SQLite writes it as text: floats with 15 digits and always a point."""
    if isinstance(value, int):
        return str(int(value))
    text = format(float(value), ".15g")
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}"
    return text if "." in text or "inf" in text else f"{text}.0"


def stored(value: Value, type: LogicalType) -> Stored | None:
    """A constant that is not NULL as a value of `type`, None when the type has no equal value."""
    return _CONVERSIONS[type.kind](value, type)


def _bool(value: Value, _type: LogicalType) -> bool | None:
    return _TRUTH.get(value.strip().lower()) if isinstance(value, str) else _as_bit(value)


def _as_bit(value: Value) -> bool | None:
    return bool(value) if isinstance(value, (int, Decimal)) and value in (0, 1) else None


def _numeric(value: Value) -> int | Decimal | None:
    if isinstance(value, str):
        return number(value)
    return int(value) if isinstance(value, bool) else value if isinstance(value, (int, Decimal)) else None


def _integer(value: Value, type: LogicalType) -> int | None:
    found = _numeric(value)
    if found is None or found != int(found) or not -(2 ** _RANGES[type.kind]) <= found < 2 ** _RANGES[type.kind]:
        return None
    return int(found)


def _float(value: Value, _type: LogicalType) -> float | None:
    found = _numeric(value)
    return None if found is None else float(found)


def _decimal(value: Value, type: LogicalType) -> int | Decimal | None:
    found = _numeric(value)
    if found is None or type.precision is None or type.scale is None:
        return found
    whole = Decimal(found)
    fits = abs(whole) < Decimal(10) ** (type.precision - type.scale)
    return whole if fits and whole == round(whole, type.scale) else None


def spelt(value: Value) -> str:
    """A text, or a number as text."""
    found = _numeric(value) if not isinstance(value, str) else None
    return digits(found) if found is not None else str(value)


def _text(value: Value, type: LogicalType) -> str | None:
    if isinstance(value, bytes):
        return None
    found = spelt(value)
    return found if type.length is None or len(found) <= type.length else None


def _binary(value: Value, _type: LogicalType) -> bytes:
    return value if isinstance(value, bytes) else spelt(value).encode()


def _date(value: Value, _type: LogicalType) -> date | None:
    return _parsed(date, value) if isinstance(value, str) and _DATE.fullmatch(value) else None


def _time(value: Value, _type: LogicalType) -> str | None:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value) or _parsed(time, value) is None:
        return None
    return value


def _timestamp(value: Value, _type: LogicalType) -> datetime | None:
    found = _instant(value)
    return found if found is None or found.tzinfo is None else None


def _timestamptz(value: Value, _type: LogicalType) -> datetime | None:
    found = _instant(value)
    return found if found is None or found.tzinfo is not None else found.replace(tzinfo=UTC)


def _instant(value: Value) -> datetime | None:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    return _parsed(datetime, value)


def _parsed(kind: type[_Temporal], text: str) -> _Temporal | None:
    try:
        return kind.fromisoformat(text)
    except ValueError:
        return None


def _uuid(value: Value, _type: LogicalType) -> UUID | None:
    if isinstance(value, bytes):
        return UUID(bytes=value) if len(value) == 16 else None
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-fA-F-]{32,36}", value):
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def _json(value: Value, _type: LogicalType) -> str | None:
    found = _numeric(value) if not isinstance(value, str) else None
    text = value if isinstance(value, str) else digits(found) if found is not None else ""
    try:
        json.loads(text, parse_constant=_no_constant)
    except ValueError:
        return None
    return text


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_CONVERSIONS = {
    Kind.BOOL: _bool,
    Kind.INT16: _integer,
    Kind.INT32: _integer,
    Kind.INT64: _integer,
    Kind.FLOAT64: _float,
    Kind.DECIMAL: _decimal,
    Kind.TEXT: _text,
    Kind.BINARY: _binary,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.TIMESTAMP: _timestamp,
    Kind.TIMESTAMPTZ: _timestamptz,
    Kind.UUID: _uuid,
    Kind.JSON: _json,
    Kind.JSON_TEXT: _json,
}
