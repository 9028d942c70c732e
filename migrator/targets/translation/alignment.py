"""Comparisons: both sides brought to one type as SQLite's affinity rules do.

https://www.sqlite.org/datatype3.html#comparison_expressions
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from migrator.model.types import TEXT, TIMESTAMP, Kind, LogicalType
from migrator.targets import Untranslatable
from migrator.targets.translation import constants
from migrator.targets.translation.speech import Speech
from migrator.targets.translation.terms import INSTANTS, INTEGERS, NUMBERS, Level, Term, known, truth
from migrator.targets.translation.unifying import counted, resolution

ORDERED: Final = frozenset({"<", "<=", ">", ">="})
EQUAL, DIFFERENT = "=", "<>"
SAME, DISTINCT = "IS NOT DISTINCT FROM", "IS DISTINCT FROM"

MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="} | {
    same: same for same in (EQUAL, DIFFERENT, SAME, DISTINCT)
}
"""The operator that says the same with its sides exchanged."""

Pair = tuple[Term, Term]


def aligned(left: Term, right: Term, speech: Speech) -> Pair | None:
    """Both sides as one type, None when values of the two kinds are never equal.

    Raises:
        Untranslatable: It depends on values that the target stores in another form.
    """
    if left.null or right.null or left.unknown or right.unknown:
        return left, right
    if left.constant is not None and right.constant is None:
        pair = _with_constant(right, left, speech)
        return (pair[1], pair[0]) if pair else None
    if right.constant is not None and left.constant is None:
        return _with_constant(left, right, speech)
    return _expressions(left, right, speech)


def _with_constant(term: Term, value: Term, speech: Speech) -> Pair | None:
    """An expression and a constant."""
    assert value.constant is not None
    textual = isinstance(value.constant.value, str)
    if term.kind in NUMBERS:
        return _number_with_constant(term, value, textual, speech)
    if term.kind is Kind.TEXT:
        return _text_with_constant(term, value, textual, speech)
    if term.kind in INSTANTS and not textual:
        raise Untranslatable(
            f"SQLite compares a column that is {_spelt(term, speech)} in {speech.product} with a number."
        )
    if term.kind is Kind.JSON_TEXT and textual:  # documents have no equality as such
        return speech.as_text(term), value
    if term.kind is Kind.BINARY and textual:
        raise Untranslatable("SQLite compares binary values with text.")
    converted = speech.converted(value, known(term)) if not (term.truth and textual) else None
    if converted is not None:
        return term, converted
    return (speech.as_int(term), value) if term.kind is Kind.BOOL and not textual else None


def _number_with_constant(term: Term, value: Term, textual: bool, speech: Speech) -> Pair | None:
    if not textual:
        return (term, speech.as_int(value)) if value.kind is not Kind.BINARY else None
    assert value.constant is not None
    found = constants.number(str(value.constant.value)) if term.affine else None
    return (term, speech.constant(found)) if found is not None else None


def _text_with_constant(term: Term, value: Term, textual: bool, speech: Speech) -> Pair | None:
    """A text column makes SQLite read the number as text, a computed text does not."""
    if textual:
        return term, value
    if value.kind is Kind.BINARY or not term.affine:
        return None
    return term, speech.required(value, TEXT)


def _expressions(left: Term, right: Term, speech: Speech) -> Pair | None:
    """Two terms that are no constants, or two constants."""
    if left.constant is not None and (left.kind is Kind.TEXT) != (right.kind is Kind.TEXT):
        return None
    if left.kind is right.kind or (left.kind in NUMBERS and right.kind in NUMBERS):
        return left, right
    if Kind.BOOL in (left.kind, right.kind) and {left.kind, right.kind} <= NUMBERS | {Kind.BOOL}:
        return speech.as_int(left), speech.as_int(right)
    for one, other, swapped in ((left, right, False), (right, left, True)):
        pair = _different(one, other, speech)
        if pair is not None:
            return (pair[1], pair[0]) if swapped else pair
    raise Untranslatable(
        f"SQLite compares columns that are {_spelt(left, speech)} and {_spelt(right, speech)} in {speech.product}."
    )


def _different(one: Term, other: Term, speech: Speech) -> Pair | None:
    """Terms of two kinds, where SQLite's text of `other` is known to spell a value of `one`'s kind."""
    if one.kind in INSTANTS and other.kind in INSTANTS:
        return speech.instant(one), speech.instant(other)
    if other.moment is not None and one.kind in INSTANTS | {Kind.TIME}:
        return one, speech.fit(other, _instant_type(one, other))
    if one.kind in INTEGERS and one.affine and counted(other):
        return one, speech.count(other)
    if one.kind in (Kind.DATE, Kind.JSON_TEXT) and other.kind is Kind.TEXT:
        return speech.as_text(one), other
    return None


def _instant_type(one: Term, other: Term) -> LogicalType:
    """A date compares with a moment that has a clock as the timestamp it begins."""
    return TIMESTAMP if one.kind is Kind.DATE and resolution(other.layout) != "day" else known(one)


def _spelt(term: Term, speech: Speech) -> str:
    return speech.spelling(term.type) if term.type is not None else "of an unknown type"


def never_equal(operator: str, left: Term, right: Term, speech: Speech) -> Term:
    """What a comparison of values that are never equal gives: NULL for NULL as any comparison."""
    if operator in (SAME, DISTINCT):
        return speech.constant(operator == DISTINCT)
    if operator in ORDERED:
        raise Untranslatable(
            f"SQLite orders {left.code} and {right.code} by their kinds, which {speech.product} does not."
        )
    term = left if left.constant is None else right
    if term.constant is not None:
        return speech.constant(operator == DIFFERENT)
    return truth(*speech.is_unknown(term, otherwise=operator == DIFFERENT))


def one_by_one(term: Term, values: Sequence[Term], compared: Callable[[str, Term, Term], Term]) -> Term:
    """`term IN (values)` as a chain of comparisons, because the values are of several kinds."""
    return any_of([compared(EQUAL, term, value) for value in values])


def any_of(parts: Sequence[Term]) -> Term:
    """Whether any of some conditions holds."""
    return parts[0] if len(parts) == 1 else truth(" OR ".join(part.at(Level.AND) for part in parts), Level.OR)


def all_of(parts: Sequence[Term]) -> Term:
    """Whether all of some conditions hold."""
    return truth(" AND ".join(part.at(Level.AND) for part in parts), Level.AND)
