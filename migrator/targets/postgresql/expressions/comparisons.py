"""Comparisons: both sides brought to one type as SQLite's affinity rules do, and text compared by its bytes.

https://www.sqlite.org/datatype3.html#comparison_expressions
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from migrator.model.types import TEXT, TIMESTAMP, Kind, LogicalType
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions import constants, documents
from migrator.targets.postgresql.expressions.constants import spelling
from migrator.targets.postgresql.expressions.conversions import as_text, count, counted, fit, resolution
from migrator.targets.postgresql.expressions.terms import (
    INSTANTS,
    INTEGERS,
    NUMBERS,
    Level,
    Term,
    as_int,
    constant,
    truth,
)

_ORDERED: Final = frozenset({"<", "<=", ">", ">="})
EQUAL, DIFFERENT = "=", "<>"
SAME, DISTINCT = "IS NOT DISTINCT FROM", "IS DISTINCT FROM"

Pair = tuple[Term, Term]


def compared(operator: str, left: Term, right: Term) -> Term:
    """A comparison.

    Raises:
        Untranslatable: SQLite compares values of different kinds here, which PostgreSQL cannot.
    """
    found = documents.compared(operator, left, right)
    if found is not None:
        return found
    pair = aligned(left, right)
    if pair is None:
        return _never_equal(operator, left, right)
    level = Level.IS if operator in (SAME, DISTINCT) else Level.COMPARISON
    first, second = pair
    if operator in _ORDERED:
        first = bytewise(first)
    return truth(f"{first.at(Level.PATTERN)} {operator} {second.at(Level.PATTERN)}", level)


def bytewise(term: Term) -> Term:
    """Text under the C collation, which orders by bytes as SQLite does; anything else as it is.

    Raises:
        Untranslatable: The value comes from JSON: SQLite orders it as a number or a text, whatever it is.
    """
    if term.document is not None:
        raise Untranslatable("SQLite orders values taken from JSON by their kinds, PostgreSQL as text.")
    if term.kind is not Kind.TEXT or (term.constant is not None and term.null):
        return term
    return Term(f'{term.at(Level.COLLATE)} COLLATE "C"', term.type, Level.COLLATE, affine=term.affine)


def aligned(left: Term, right: Term) -> Pair | None:
    """Both sides as one type, None when values of the two kinds are never equal.

    Raises:
        Untranslatable: It depends on values that PostgreSQL stores in another form.
    """
    if left.null or right.null or left.unknown or right.unknown:
        return left, right
    if left.constant is not None and right.constant is None:
        pair = _with_constant(right, left)
        return (pair[1], pair[0]) if pair else None
    if right.constant is not None and left.constant is None:
        return _with_constant(left, right)
    return _expressions(left, right)


def _with_constant(term: Term, value: Term) -> Pair | None:
    """An expression and a constant."""
    assert value.constant is not None and term.type is not None
    textual = isinstance(value.constant.value, str)
    if term.kind in NUMBERS:
        return _number_with_constant(term, value, textual)
    if term.kind is Kind.TEXT:
        return _text_with_constant(term, value, textual)
    if term.kind in INSTANTS and not textual:
        raise Untranslatable(f"SQLite compares a column that is {_spelt(term)} in PostgreSQL with a number.")
    if term.kind is Kind.JSON_TEXT and textual:  # `json` has no equality
        return as_text(term), value
    if term.kind is Kind.BINARY and textual:
        raise Untranslatable("SQLite compares binary values with text.")
    converted = constants.converted(value, term.type) if not (term.truth and textual) else None
    if converted is not None:
        return term, converted
    return (as_int(term), value) if term.kind is Kind.BOOL and not textual else None


def _number_with_constant(term: Term, value: Term, textual: bool) -> Pair | None:
    if not textual:
        return (term, as_int(value)) if value.kind is not Kind.BINARY else None
    assert value.constant is not None
    found = constants.number(str(value.constant.value)) if term.affine else None
    return (term, constant(found)) if found is not None else None


def _text_with_constant(term: Term, value: Term, textual: bool) -> Pair | None:
    """A text column makes SQLite read the number as text, a computed text does not."""
    if textual:
        return term, value
    if value.kind is Kind.BINARY or not term.affine:
        return None
    return term, constants.required(value, TEXT)


def _expressions(left: Term, right: Term) -> Pair | None:
    """Two terms that are no constants, or two constants."""
    if left.constant is not None and (left.kind is Kind.TEXT) != (right.kind is Kind.TEXT):
        return None
    if left.kind is right.kind or (left.kind in NUMBERS and right.kind in NUMBERS):
        return left, right
    if Kind.BOOL in (left.kind, right.kind) and {left.kind, right.kind} <= NUMBERS | {Kind.BOOL}:
        return as_int(left), as_int(right)
    for one, other, swapped in ((left, right, False), (right, left, True)):
        pair = _different(one, other)
        if pair is not None:
            return (pair[1], pair[0]) if swapped else pair
    raise Untranslatable(f"SQLite compares columns that are {_spelt(left)} and {_spelt(right)} in PostgreSQL.")


def _different(one: Term, other: Term) -> Pair | None:
    """Terms of two kinds, where SQLite's text of `other` is known to spell a value of `one`'s kind."""
    if one.kind in INSTANTS and other.kind in INSTANTS:
        return fit_instant(one), fit_instant(other)
    if other.moment is not None and one.kind in INSTANTS | {Kind.TIME}:
        return one, fit(other, _instant_type(one, other))
    if one.kind in INTEGERS and one.affine and counted(other):
        return one, count(other)
    if one.kind in (Kind.DATE, Kind.JSON_TEXT) and other.kind is Kind.TEXT:
        return as_text(one), other
    return None


def _instant_type(one: Term, other: Term) -> LogicalType:
    """A date compares with a moment that has a clock as the timestamp it begins."""
    assert one.type is not None
    return TIMESTAMP if one.kind is Kind.DATE and resolution(other.layout) != "day" else one.type


def fit_instant(term: Term) -> Term:
    """A date or time as a timestamp in UTC, so that different ones compare."""
    if term.kind is Kind.TIMESTAMPTZ:
        return Term(f"{term.at(Level.ATOM)} AT TIME ZONE 'UTC'", TIMESTAMP, Level.COLLATE)
    return term


def _spelt(term: Term) -> str:
    return spelling(term.type) if term.type is not None else "of an unknown type"


def _never_equal(operator: str, left: Term, right: Term) -> Term:
    """What a comparison of values that are never equal gives: NULL for NULL as any comparison."""
    if operator in (SAME, DISTINCT):
        return constant(operator == DISTINCT)
    if operator in _ORDERED:
        raise Untranslatable(
            f"SQLite orders {left.code} and {right.code} by their kinds, which PostgreSQL does not."
        )
    term = left if left.constant is None else right
    if term.constant is not None:
        return constant(operator == DIFFERENT)
    value = term.at(Level.PATTERN)
    if operator == EQUAL:
        return truth(f"{value} IS NULL AND NULL", Level.AND)
    return truth(f"{value} IS NOT NULL OR NULL", Level.OR)


def any_equal(term: Term, values: Sequence[Term]) -> Term:
    """`term IN (values)`. Each value is compared for itself, as SQLite does, so they may be of several kinds."""
    usable: list[Term] = []
    first = term
    for value in values:
        pair = aligned(term, value) if term.document is None and value.document is None else None
        if pair is None or pair[0] != term:
            return _one_by_one(term, values)
        first, converted = pair
        usable.append(converted)
    listed = ", ".join(value.sql for value in usable)
    return truth(f"{first.at(Level.OTHER)} IN ({listed})", Level.PATTERN)


def _one_by_one(term: Term, values: Sequence[Term]) -> Term:
    parts = [compared(EQUAL, term, value) for value in values]
    if len(parts) == 1:
        return parts[0]
    return truth(" OR ".join(part.at(Level.AND) for part in parts), Level.OR)
