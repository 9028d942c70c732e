"""Numbers that are stored as text: integers, decimals and floats as their decimal digits.

Text counts as a number only where its value is certain: no blanks, no plus sign, no leading zeros, no comma.
Numbers among such texts are read as well. No column gets these encodings unless its type is fixed by somebody
else: digits may be item codes.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from migrator.model.types import LogicalType
from migrator.sources.sqlite.encodings.base import Canonical, Misfit, accept, require
from migrator.sources.sqlite.encodings.numbers import NumberDecimal, Real, WholeNumber, fraction_digits
from migrator.sources.sqlite.values import SqliteValue

_INTEGER = r"0|-?[1-9][0-9]{0,18}"
_DECIMAL = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
_FLOAT = re.compile(rf"{_DECIMAL}(?:[eE][+-]?[0-9]{{1,3}})?")
_PROVABLE = 15
"""Characters up to which a decimal and the double nearest to it determine each other (DBL_DIG is 15)."""
_EXACT = 18
"""Digits of any 64-bit integer."""


class DigitsInteger(WholeNumber):
    """Integers as text, the way SQLite writes them."""

    probe: ClassVar[str | None] = "''"

    def decode(self, value: SqliteValue) -> Canonical:
        """The integer that the digits are."""
        if not isinstance(value, str):
            return super().decode(value)
        if not re.fullmatch(_INTEGER, value):
            raise Misfit("not the digits of an integer")
        return super().decode(int(value))

    def encode(self, value: Canonical) -> SqliteValue:
        """The digits."""
        return str(value)

    def vector(self, array: pa.Array) -> pa.Array:
        """Casts that raise outside the range."""
        return _matching(array, _INTEGER).cast(pa.int64()).cast(self.type.arrow)

    def guard(self, sql: str) -> str:
        """ADBC spells numbers as text, reals with six digits."""
        return _not_text(sql)


class DigitsDecimal(NumberDecimal):
    """Decimals as text; `digits:2` writes two digits after the point at least, `digits` as few as it takes."""

    probe: ClassVar[str | None] = "''"

    def __init__(self, name: str, type: LogicalType) -> None:
        super().__init__(name, type)
        places = name.removeprefix("digits").removeprefix(":")
        if places and not places.isdecimal():
            raise ValueError(name)
        self.places = int(places or 0)

    def decode(self, value: SqliteValue) -> Canonical:
        """The decimal that the digits are, without trailing zeros."""
        if not isinstance(value, str):
            return super().decode(value)
        if not re.fullmatch(_DECIMAL, value):
            raise Misfit("not the digits of a decimal")
        number = Decimal(_shortest(value))
        if not number and value.startswith("-"):
            raise Misfit("a negative zero")
        # abs() would round to the 28 digits of Python's context.
        if number.copy_abs() >= self.limit or fraction_digits(number) > self.scale:
            raise Misfit(f"more digits than {self.type} holds")
        return number

    def encode(self, value: Canonical) -> SqliteValue:
        """The digits."""
        assert isinstance(value, Decimal)
        whole, _, fraction = f"{value:f}".partition(".")
        fraction = fraction.rstrip("0").ljust(self.places, "0")
        return f"{whole}.{fraction}" if fraction else whole

    def vector(self, array: pa.Array) -> pa.Array:
        """A cast that raises when a digit would be lost."""
        texts = _matching(array, _DECIMAL)
        accept(not pc.any(pc.match_substring_regex(texts, r"\A-0(?:\.0+)?\z")).as_py(), "a negative zero")
        return texts.cast(self.type.arrow)

    def guard(self, sql: str) -> str:
        """ADBC spells numbers as text, reals with six digits."""
        return _not_text(sql)

    def number(self, sql: str) -> str:
        """The digits without the point, filled up to the scale."""
        return f"CAST({self._units(sql)} AS INTEGER)"

    def inexact(self, sql: str) -> str:
        """Reals are spelt with 15 digits by SQLite, and its integers end at 64 bits."""
        return f"typeof({sql}) = 'real' OR length({self._units(sql)}) > {_EXACT}"

    def _units(self, sql: str) -> str:
        point = f"instr({sql}, '.')"
        whole = f"CASE {point} WHEN 0 THEN {sql} ELSE substr({sql}, 1, {point} - 1) END"
        fraction = f"CASE {point} WHEN 0 THEN '' ELSE substr({sql}, {point} + 1) END"
        return f"(({whole}) || substr(({fraction}) || '{'0' * self.scale}', 1, {self.scale}))"


class DigitsFloat(Real):
    """Floats as text, as long as the shortest spelling of the double is the same decimal number."""

    probe: ClassVar[str | None] = "''"

    def decode(self, value: SqliteValue) -> Canonical:
        """The double."""
        if not isinstance(value, str):
            return super().decode(value)
        if not _FLOAT.fullmatch(value):
            raise Misfit("not the digits of a number")
        number = float(value)
        if not math.isfinite(number) or Decimal(repr(number)) != Decimal(value):
            raise Misfit("more digits than a float holds")
        return self._held(number)

    def encode(self, value: Canonical) -> SqliteValue:
        """The shortest digits; infinity has none."""
        assert isinstance(value, float)
        return repr(value).removesuffix(".0") if math.isfinite(value) else value

    def vector(self, array: pa.Array) -> pa.Array:
        """A cast, which rounds correctly, of texts with so few digits that nothing is lost."""
        texts = _matching(array, _DECIMAL)
        longest = pc.max(pc.binary_length(texts)).as_py()
        accept(longest is None or longest <= _PROVABLE, "too many digits to tell")
        doubles = texts.cast(pa.float64())
        self._accept(doubles)
        return doubles

    def guard(self, sql: str) -> str:
        """ADBC spells numbers as text, reals with six digits."""
        return _not_text(sql)

    def inexact(self, sql: str) -> str:
        """SQLite does not promise to round fractions in text correctly, but whole numbers are exact."""
        return f"typeof({sql}) = 'text' AND (length({sql}) > {_PROVABLE} OR {sql} GLOB '*[^-0-9]*')"


def _shortest(digits: str) -> str:
    """Without zeros that end the fraction."""
    return digits.rstrip("0").removesuffix(".") if "." in digits else digits


def _matching(array: pa.Array, pattern: str) -> pa.Array:
    """The array, if it holds texts of that form only. Raises NotColumnar."""
    texts = require(array, pa.string())
    accept(pc.all(pc.match_substring_regex(texts, rf"\A(?:{pattern})\z")).as_py(), "another form")
    return texts


def _not_text(sql: str) -> str:
    return f"typeof({sql}) NOT IN ('null', 'text')"
