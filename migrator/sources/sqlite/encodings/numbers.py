"""Numbers: integers, reals, and decimals that are stored as either.

SQLite stores numbers as 64-bit integers or IEEE 754 doubles, whatever the column is declared as
(https://sqlite.org/datatype3.html).
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from migrator.model.types import Kind, LogicalType
from migrator.sources.sqlite.encodings.base import (
    Canonical,
    Facts,
    Hazardous,
    Misfit,
    NotColumnar,
    accept,
    require,
)
from migrator.sources.sqlite.values import SqliteValue

EXACT_INTEGER = 2**53
"""Every integer up to here is exact in a double."""
EXACT_DIGITS = 10**15
"""Below this many units, a decimal and the double nearest to it determine each other (DBL_DIG is 15)."""

LEAST_NORMAL = 2.2250738585072014e-308
"""The least double above 0 that is not subnormal (DBL_MIN)."""

RANGES = {Kind.INT16: 2**15, Kind.INT32: 2**31, Kind.INT64: 2**63}
"""An integer type holds what is less than this, and not less than its negative."""


class Integer(Facts):
    """Integers stored as integers, for every width of integer type."""

    kind: ClassVar[Kind] = Kind.INT64
    probe: ClassVar[str | None] = "0"

    def decode(self, value: SqliteValue) -> Canonical:
        """The integer itself."""
        if not isinstance(value, int):
            raise Misfit("not an integer")
        limit = RANGES[self.type.kind]
        if not -limit <= value < limit:
            raise Misfit(f"outside the range of {self.type}")
        return value

    def encode(self, value: Canonical) -> SqliteValue:
        """The integer itself."""
        assert isinstance(value, int)
        return value

    def vector(self, array: pa.Array) -> pa.Array:
        """A cast that raises outside the range."""
        return require(array, pa.int64()).cast(self.type.arrow)

    def number(self, sql: str) -> str:
        """The column itself."""
        return sql


class WholeNumber(Integer):
    """Integers, some or all of them stored as reals without a fraction, as a column of REAL affinity does."""

    probe: ClassVar[str | None] = "0.0"

    def decode(self, value: SqliteValue) -> Canonical:
        """The integer that the number is."""
        if isinstance(value, float) and not value.is_integer():
            raise Misfit("not a whole number")
        return super().decode(int(value) if isinstance(value, float) else value)

    def vector(self, array: pa.Array) -> pa.Array:
        """A cast that raises outside the range and on fractions."""
        return require(array, pa.float64()).cast(self.type.arrow)

    def guard(self, sql: str) -> str:
        """ADBC rounds large integers to doubles without a word."""
        return rounded_integer(sql)

    def number(self, sql: str) -> str:
        """A cast, which is exact for whole numbers."""
        return f"CAST({sql} AS INTEGER)"


class Real(Facts):
    """Doubles. Integers among them are held as long as a double is exact, infinities always."""

    kind: ClassVar[Kind] = Kind.FLOAT64
    probe: ClassVar[str | None] = "0.0"

    def decode(self, value: SqliteValue) -> Canonical:
        """The double, or the integer as a double."""
        if isinstance(value, float):
            return self._held(value)
        if not isinstance(value, int):
            raise Misfit("not a number")
        if abs(value) > EXACT_INTEGER:
            raise Misfit("an integer that no float holds exactly")
        return float(value)

    def _held(self, value: float) -> float:
        """The double, if it is none of those that are refused."""
        if "float-infinite" in self.refused and math.isinf(value):
            raise Hazardous("float-infinite", "an infinite number")
        if "float-subnormal" in self.refused and 0 < abs(value) < LEAST_NORMAL:
            raise Hazardous("float-subnormal", "a number too near to 0")
        return value

    def encode(self, value: Canonical) -> SqliteValue:
        """The double itself; a column of numeric affinity stores an integral one as an integer again."""
        assert isinstance(value, float)
        return value

    def vector(self, array: pa.Array) -> pa.Array:
        """The array itself."""
        doubles = require(array, pa.float64())
        self._accept(doubles)
        return doubles

    def _accept(self, doubles: pa.Array) -> None:
        """Raise NotColumnar if a double is one of those that are refused."""
        sizes = pc.abs(doubles)
        if "float-infinite" in self.refused:
            accept(not pc.any(pc.is_inf(sizes)).as_py(), "an infinite number")
        if "float-subnormal" in self.refused:
            small = pc.and_(pc.greater(sizes, 0.0), pc.less(sizes, LEAST_NORMAL))
            accept(not pc.any(small).as_py(), "a number too near to 0")

    def guard(self, sql: str) -> str:
        """ADBC rounds large integers to doubles without a word."""
        return rounded_integer(sql)


class NumberDecimal(Facts):
    """Decimals stored as integers and reals; a real stands for the shortest decimal that reads back to it."""

    kind: ClassVar[Kind] = Kind.DECIMAL
    probe: ClassVar[str | None] = "0.0"

    def __init__(self, name: str, type: LogicalType) -> None:
        super().__init__(name, type)
        self.scale = type.scale or 0
        self.limit = Decimal(10) ** ((type.precision or 0) - self.scale)

    def decode(self, value: SqliteValue) -> Canonical:
        """The decimal that the number spells."""
        number = as_decimal(value)
        if abs(number) >= self.limit or fraction_digits(number) > self.scale:
            raise Misfit(f"more digits than {self.type} holds")
        return number

    def encode(self, value: Canonical) -> SqliteValue:
        """An integer where it is one that SQLite stores, else the nearest double."""
        assert isinstance(value, Decimal)
        whole = value == value.to_integral_value() and abs(value) < RANGES[Kind.INT64]
        return int(value) if whole else float(value)

    def vector(self, array: pa.Array) -> pa.Array:
        """Units of the last digit, proven by dividing back: both operations round correctly."""
        doubles = require(array, pa.float64())
        values = doubles.fill_null(0.0).to_numpy(zero_copy_only=False)
        power = 10.0**self.scale
        with np.errstate(over="ignore"):
            units = np.rint(values * power)
        limit = min(EXACT_DIGITS, 10 ** (self.type.precision or 0))
        if self.scale > 15 or not (np.all(np.abs(units) < limit) and np.all(units / power == values)):
            raise NotColumnar("a decimal of more than 15 digits")
        return decimals_of(units.astype(np.int64), doubles, self.type.arrow)

    def number(self, sql: str) -> str:
        """Units of the last digit."""
        return f"CAST(round({sql} * 1e{self.scale}) AS INTEGER)"

    def inexact(self, sql: str) -> str:
        """SQLite computes with doubles, so only up to 15 digits."""
        return f"abs({sql} * 1e{self.scale}) >= {EXACT_DIGITS}"


def rounded_integer(sql: str) -> str:
    """SQL that is true for integers which a double may not hold."""
    return f"typeof({sql}) = 'integer' AND {sql} NOT BETWEEN -{EXACT_INTEGER} AND {EXACT_INTEGER}"


def as_decimal(value: SqliteValue) -> Decimal:
    """The decimal a number spells: an integer itself, a real its shortest text. Raises Misfit."""
    if isinstance(value, int):
        return Decimal(value)
    if not isinstance(value, float):
        raise Misfit("not a number")
    if not math.isfinite(value):
        raise Misfit("an infinite number")
    return Decimal(repr(value))


def fraction_digits(number: Decimal) -> int:
    """Digits after the point, without trailing zeros."""
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if exponent >= 0:
        return 0
    trailing = 0
    while trailing < min(-exponent, len(digits)) and digits[-1 - trailing] == 0:
        trailing += 1
    return 0 if not any(digits) else -exponent - trailing


def decimals_of(
    units: np.ndarray[tuple[int], np.dtype[np.int64]], nulls_of: pa.Array, type: pa.DataType
) -> pa.Array:
    """A decimal128 array from unscaled 64-bit integers: two little-endian words each."""
    words = np.empty((len(units), 2), dtype=np.int64)
    words[:, 0] = units
    words[:, 1] = units >> 63
    valid = pc.is_valid(nulls_of)
    bitmap = valid.buffers()[1] if nulls_of.null_count else None
    return pa.Array.from_buffers(type, len(units), [bitmap, pa.py_buffer(words)])
