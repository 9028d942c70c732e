"""Constants and truth values as PostgreSQL's terms; what operators and functions make of terms is in the modules
beside."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from migrator.model.types import BOOL, INT32, TEXT, Kind, LogicalType
from migrator.targets import Untranslatable
from migrator.targets.postgresql.names import literal
from migrator.targets.translation.terms import NUMBERS, Constant, Level, Term, Value, cast, truth

NUMERIC = LogicalType(Kind.DECIMAL)
"""`numeric` of no stated precision: what arithmetic on decimals gives. One with a `scale` has at most so many
digits after the point."""


def constant(value: Value) -> Term:
    """A constant as it stands in neutral SQL."""
    if value is None:
        return Term("NULL", constant=Constant(None))
    if isinstance(value, bool):
        return Term("TRUE" if value else "FALSE", BOOL, constant=Constant(value), truth=True)
    if isinstance(value, int):
        small = -(2**31) <= value < 2**31
        type = INT32 if small else LogicalType(Kind.INT64)
        return Term(str(value), type, Level.SIGN if value < 0 else Level.ATOM, Constant(value))
    if isinstance(value, Decimal):
        level = Level.SIGN if value < 0 else Level.ATOM
        text = str(value)
        whole = text.removeprefix("-").isdigit()
        return Term(f"{text}.0" if whole else text, LogicalType(Kind.FLOAT64), level, Constant(value))
    if isinstance(value, bytes):
        return Term(f"CAST('\\x{value.hex()}' AS bytea)", LogicalType(Kind.BINARY), constant=Constant(value))
    if "\0" in value:
        raise Untranslatable("PostgreSQL's text cannot hold the NUL character.")
    return Term(literal(value), TEXT, constant=Constant(value))


def as_int(term: Term) -> Term:
    """A truth value as 1 or 0; anything else as it is."""
    if term.kind is not Kind.BOOL:
        return term
    if term.constant is not None:
        return constant(int(bool(term.constant.value)))
    return cast(term, "integer", INT32)


def as_value(term: Term) -> Term:
    """What a query outputs: SQLite's truth values are numbers, its numbers with a point are floats."""
    if term.truth:
        return as_int(term)
    if term.constant is not None and isinstance(term.constant.value, Decimal):
        return replace(cast(term, "double precision", LogicalType(Kind.FLOAT64)), constant=term.constant)
    return term


def as_condition(term: Term) -> Term:
    """A term where a truth value is needed: a number is true when it is not zero.

    Raises:
        Untranslatable: It is neither a truth value nor a number.
    """
    if term.null or term.unknown or term.kind is Kind.BOOL:
        return term
    if term.kind not in NUMBERS:
        raise Untranslatable(f"A {term.type} cannot be a condition in PostgreSQL.")
    if term.constant is not None:
        return constant(bool(term.constant.value))
    return truth(f"{term.at(Level.PATTERN)} <> 0", Level.COMPARISON)
