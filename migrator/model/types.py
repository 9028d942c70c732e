"""Logical types: what a value is, apart from how any database spells it.

A logical type maps to exactly one canonical Arrow type, the currency of export, load and verification.
Nothing here knows a dialect.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa


class Kind(StrEnum):
    """The families of logical types."""

    BOOL = "bool"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT64 = "float64"
    DECIMAL = "decimal"
    TEXT = "text"
    BINARY = "binary"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamptz"
    UUID = "uuid"
    JSON = "json"
    """A JSON document: equal when the parsed documents are equal."""
    JSON_TEXT = "json_text"
    """A JSON document whose exact text matters: duplicate keys, escapes that a parsed form cannot hold."""


MAX_DECIMAL_PRECISION = 38
"""Digits of `decimal128`, and of SQL Server's widest decimal."""

_SPELLING = re.compile(r"(?P<kind>[a-z0-9_]+)(?:\((?P<a>\d+)(?:,\s*(?P<b>\d+))?\))?")


@dataclass(frozen=True, slots=True)
class LogicalType:
    """One logical type with its parameters.

    `length` belongs to text, in characters, and to binary, in bytes; None means unbounded. `precision` (total
    decimal digits, 1 to 38) and `scale` (digits after the point, 0 to `precision`) belong to decimal.
    """

    kind: Kind
    length: int | None = None
    precision: int | None = None
    scale: int | None = None

    def __str__(self) -> str:
        if self.kind is Kind.DECIMAL:
            return f"decimal({self.precision},{self.scale})"
        return self.kind.value if self.length is None else f"{self.kind.value}({self.length})"

    @classmethod
    def parse(cls, spelling: str) -> LogicalType:
        """The inverse of `str`: `"decimal(18,4)"`, `"text(150)"`, `"timestamptz"`.

        Raises:
            ValueError: The spelling names no logical type, or lacks or exceeds its parameters.
        """
        match = _SPELLING.fullmatch(spelling.strip())
        if match is None or match["kind"] not in set(Kind):
            raise ValueError(f"{spelling!r} is not a logical type; known are {', '.join(Kind)}")
        kind, first, second = Kind(match["kind"]), match["a"], match["b"]
        if kind is Kind.DECIMAL and first is not None and second is not None:
            return decimal(int(first), int(second))
        if kind in (Kind.TEXT, Kind.BINARY) and second is None:
            return cls(kind, int(first) if first is not None else None)
        if kind is Kind.DECIMAL or first is not None:
            raise ValueError(f"{spelling!r} has the wrong parameters; write decimal(p,s), text(n) or text")
        return cls(kind)

    @property
    def arrow(self) -> pa.DataType:
        """The canonical Arrow type. Every batch between stages uses exactly this type for the column."""
        if self.kind is Kind.DECIMAL:
            assert self.precision is not None and self.scale is not None
            return pa.decimal128(self.precision, self.scale)
        return _ARROW[self.kind]


_ARROW: dict[Kind, pa.DataType] = {
    Kind.BOOL: pa.bool_(),
    Kind.INT16: pa.int16(),
    Kind.INT32: pa.int32(),
    Kind.INT64: pa.int64(),
    Kind.FLOAT64: pa.float64(),
    Kind.TEXT: pa.string(),
    Kind.BINARY: pa.binary(),
    Kind.DATE: pa.date32(),
    Kind.TIME: pa.time64("us"),
    Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.TIMESTAMPTZ: pa.timestamp("us", tz="UTC"),
    Kind.UUID: pa.binary(16),
    Kind.JSON: pa.string(),
    Kind.JSON_TEXT: pa.string(),
}

BOOL = LogicalType(Kind.BOOL)
INT16 = LogicalType(Kind.INT16)
INT32 = LogicalType(Kind.INT32)
INT64 = LogicalType(Kind.INT64)
FLOAT64 = LogicalType(Kind.FLOAT64)
TEXT = LogicalType(Kind.TEXT)
BINARY = LogicalType(Kind.BINARY)
DATE = LogicalType(Kind.DATE)
TIME = LogicalType(Kind.TIME)
TIMESTAMP = LogicalType(Kind.TIMESTAMP)
TIMESTAMPTZ = LogicalType(Kind.TIMESTAMPTZ)
UUID = LogicalType(Kind.UUID)
JSON = LogicalType(Kind.JSON)
JSON_TEXT = LogicalType(Kind.JSON_TEXT)


def decimal(precision: int, scale: int) -> LogicalType:
    """A decimal of `precision` digits in all, `scale` of them after the point.

    Raises:
        ValueError: `precision` is not 1 to 38, or `scale` is not 0 to `precision`.
    """
    if not 1 <= precision <= MAX_DECIMAL_PRECISION or not 0 <= scale <= precision:
        raise ValueError(f"decimal({precision},{scale}): precision is 1 to 38, scale 0 to precision")
    return LogicalType(Kind.DECIMAL, precision=precision, scale=scale)


def text(length: int | None = None) -> LogicalType:
    """Text of at most `length` characters, or unbounded."""
    return LogicalType(Kind.TEXT, length=length)


def binary(length: int | None = None) -> LogicalType:
    """Bytes, at most `length` of them, or unbounded."""
    return LogicalType(Kind.BINARY, length=length)
