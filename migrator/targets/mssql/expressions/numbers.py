"""Arithmetic: integers in 64 bits, decimals as far as they stay exact, everything else as floats.

https://learn.microsoft.com/sql/t-sql/data-types/precision-scale-and-length-transact-sql says when the result of
decimals would be rounded; then the calculation is done with floats, as SQLite does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from migrator.model.types import FLOAT64, INT32, INT64, MAX_DECIMAL_PRECISION, Kind, LogicalType
from migrator.targets.mssql.expressions.terms import as_decimal
from migrator.targets.translation.terms import INTEGERS, Level, Term, cast

_INTEGRAL: Final = {Kind.INT16: 5, Kind.INT32: 10, Kind.INT64: 19}
"""Digits of an integer where it meets a decimal."""
_KEPT: Final = 6
"""Digits after the point that a product keeps even where the digits before it leave no room."""


def calculated(symbol: str, level: Level, left: Term, right: Term) -> Term:
    """`left symbol right`, both of them numbers."""
    if left.unknown or right.unknown:
        return _operation(symbol, level, left, right, None)
    kinds = {side.kind for side in (left, right) if side.constant is None}
    if Kind.FLOAT64 in kinds or (Kind.DECIMAL not in kinds and Kind.FLOAT64 in (left.kind, right.kind)):
        return _operation(symbol, level, left, right, FLOAT64)
    if Kind.DECIMAL in kinds:
        return _decimals(symbol, level, as_decimal(left), as_decimal(right))
    return _integers(symbol, level, left, right)


def _operation(symbol: str, level: Level, left: Term, right: Term, type: LogicalType | None) -> Term:
    return Term(f"{left.at(level)} {symbol} {right.at(Level(level + 1))}", type, level)


def _integers(symbol: str, level: Level, left: Term, right: Term) -> Term:
    """In 64 bits, except where adding to a length or a position cannot leave 32 bits."""
    small = any(map(_small, (left, right))) and all(_small(side) for side in (left, right) if side.constant)
    if small and {left.kind, right.kind} == {Kind.INT32} and not (left.affine or right.affine):
        return _operation(symbol, level, left, right, INT32)
    if Kind.INT64 not in (left.kind, right.kind):
        left = cast(left, "bigint", INT64)
    return _operation(symbol, level, left, right, INT64)


def _small(side: Term) -> bool:
    value = side.constant.value if side.constant is not None else None
    return isinstance(value, int) and abs(value) < 2**16


def _decimals(symbol: str, level: Level, left: Term, right: Term) -> Term:
    real = any(side.real or _is_point(side) for side in (left, right))
    if symbol == "/":
        return _divided(left, right, real)
    type = _exact_type(symbol, left, right)
    if type is None:
        return _operation(symbol, level, as_float(left), as_float(right), FLOAT64)
    return replace(_operation(symbol, level, left, right, type), real=real)


def _is_point(term: Term) -> bool:
    return term.constant is not None and isinstance(term.constant.value, Decimal)


def _divided(left: Term, right: Term, real: bool) -> Term:
    """A quotient. SQLite stores whole decimals as integers, which it divides without remainder
    (https://www.sqlite.org/datatype3.html#type_affinity)."""
    quotient = _operation("/", Level.PRODUCT, as_float(left), right, FLOAT64)
    parts = [side for side in (left, right) if side.kind is Kind.DECIMAL and size(side)[1]]
    if real:
        return quotient
    truncated = f"ROUND({quotient.sql}, 0, 1)"
    if not parts:
        return Term(truncated, FLOAT64)
    whole = " AND ".join(f"{side.at(Level.PRODUCT)} % 1 = 0" for side in parts)
    return Term(f"CASE WHEN {whole} THEN {truncated} ELSE {quotient.sql} END", FLOAT64)


def as_float(term: Term) -> Term:
    """A number as a float."""
    if term.kind is Kind.FLOAT64 and not _is_point(term):
        return term
    return Term(f"CAST({term.sql} AS float(53))", FLOAT64, affine=term.affine)


def size(term: Term) -> tuple[int, int]:
    """How many digits a number has before and after the point at most, as T-SQL types it."""
    value = term.constant.value if term.constant is not None else None
    if isinstance(value, Decimal):
        digits = len(value.as_tuple().digits)
        exponent = int(value.as_tuple().exponent)
        return max(digits + exponent, 0), max(-exponent, 0)
    if term.kind in INTEGERS:
        return _INTEGRAL[term.kind], 0
    assert term.type is not None and term.type.precision is not None and term.type.scale is not None
    return term.type.precision - term.type.scale, term.type.scale


def _exact_type(symbol: str, left: Term, right: Term) -> LogicalType | None:
    """The type of a sum or product, None where T-SQL would round it."""
    (left_integral, left_scale), (right_integral, right_scale) = size(left), size(right)
    if symbol == "*":
        scale = left_scale + right_scale
        precision = left_integral + right_integral + scale + 1
        exact = precision <= MAX_DECIMAL_PRECISION or scale <= _KEPT
    else:
        scale = max(left_scale, right_scale)
        integral = max(left_integral, right_integral)
        precision = integral + scale + 1
        exact = integral + scale <= MAX_DECIMAL_PRECISION
    precision = min(precision, MAX_DECIMAL_PRECISION)
    return LogicalType(Kind.DECIMAL, precision=precision, scale=scale) if exact else None


def widest(terms: Sequence[Term]) -> LogicalType:
    """The decimal that holds every one of some numbers, as far as 38 digits go."""
    sizes = [size(term) for term in terms]
    integral, scale = max(size[0] for size in sizes), max(size[1] for size in sizes)
    return LogicalType(Kind.DECIMAL, precision=min(integral + scale, MAX_DECIMAL_PRECISION), scale=scale)
