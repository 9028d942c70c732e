"""Comparisons in T-SQL: text by its code points, and blanks at its end where they decide.

SQL Server compares texts as if the shorter one ended in blanks, under every collation, and bytes likewise with
zeros (https://learn.microsoft.com/sql/t-sql/language-elements/string-comparison-assignment). For `=` and `<>` that
is made up for, except with a constant that does not end in a blank: then a text that only has more blanks counts
as equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from migrator.model.types import Kind
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions import documents
from migrator.targets.mssql.expressions.collating import exactly
from migrator.targets.mssql.expressions.conversions import SPEECH, as_text
from migrator.targets.mssql.expressions.terms import as_condition, as_decimal, as_value, negated
from migrator.targets.translation import alignment
from migrator.targets.translation.alignment import (
    DIFFERENT,
    DISTINCT,
    EQUAL,
    ORDERED,
    SAME,
    Pair,
    all_of,
    any_of,
)
from migrator.targets.translation.terms import Level, Term, Value, truth

_PADDED: Final = frozenset({Kind.TEXT, Kind.BINARY})


def compared(operator: str, left: Term, right: Term) -> Term:
    """A comparison.

    Raises:
        Untranslatable: SQLite compares values of different kinds here, which SQL Server cannot.
    """
    found = documents.compared(operator, left, right) or _truth_itself(operator, left, right)
    if found is not None:
        return found
    pair = aligned(left, right)
    if pair is None:
        return alignment.never_equal(operator, as_value(left), as_value(right), SPEECH)
    if operator in (SAME, DISTINCT):
        return _same(operator, *pair)
    return _operation(operator, *pair)


def _truth_itself(operator: str, left: Term, right: Term) -> Term | None:
    """`(a > b) = 1` is the predicate, `(a > b) = 0` its opposite; None for any other comparison."""
    if operator not in (EQUAL, DIFFERENT) or not left.truth or left.constant is not None or right.constant is None:
        return None
    value = right.constant.value
    if isinstance(value, str) or value not in (0, 1):
        return None
    return left if bool(value) is (operator == EQUAL) else negated(left)


def aligned(left: Term, right: Term) -> Pair | None:
    """See `alignment.aligned`: both sides as values of one type."""
    pair = alignment.aligned(as_value(left), as_value(right), SPEECH)
    if pair is None:
        return None
    first, second = pair
    if Kind.FLOAT64 in {side.kind for side in pair if side.constant is None}:
        return pair
    return (first, as_decimal(second)) if first.constant is None else (as_decimal(first), second)


def _operation(operator: str, left: Term, right: Term) -> Term:
    if operator in ORDERED:
        left, right = bytewise(left), _comparable(right)
    elif left.kind in _PADDED and right.kind in _PADDED:
        return _unpadded(operator, left, right)
    return truth(f"{left.at(Level.OTHER)} {operator} {right.at(Level.OTHER)}", Level.COMPARISON)


def bytewise(term: Term) -> Term:
    """What is ordered as SQLite orders it: text by its code points, a UUID by its text.

    Raises:
        Untranslatable: The value comes from JSON: SQLite orders it as a number or a text, whatever it is.
    """
    if term.document is not None:
        raise Untranslatable("SQLite orders values taken from JSON by their kinds, SQL Server as text.")
    return exactly(_comparable(term))


def _comparable(term: Term) -> Term:
    """A uniqueidentifier is ordered by its last bytes first."""
    return as_text(replace(term, constant=None)) if term.kind is Kind.UUID and not term.null else term


def _unpadded(operator: str, left: Term, right: Term) -> Term:
    """`=` or `<>` of two texts or two binary values, with as many blanks or zeros at their end."""
    if left.constant is not None:
        left, right = right, left
    plain = truth(f"{exactly(left).at(Level.OTHER)} {operator} {right.at(Level.OTHER)}", Level.COMPARISON)
    if right.constant is not None and not _ends_in_padding(right.constant.value):
        return plain
    if right.constant is not None and not right.constant.value:
        empty = "=" if operator == EQUAL else ">"
        return truth(f"DATALENGTH({left.sql}) {empty} 0", Level.COMPARISON)
    lengths = f"DATALENGTH({left.sql}) {operator} DATALENGTH({right.sql})"
    both = [plain, truth(lengths, Level.COMPARISON)]
    return all_of(both) if operator == EQUAL else any_of(both)


def _ends_in_padding(value: Value) -> bool:
    """Whether a constant may be equal to something shorter or longer: any binary one may."""
    return not isinstance(value, str) or not value or value.endswith(" ")


def _same(operator: str, left: Term, right: Term) -> Term:
    """`a IS b`, which is never NULL; IS DISTINCT FROM is of 2022 and later."""
    if left.constant is not None:
        left, right = right, left
    if right.null:
        return _is_null(left, operator == SAME)
    if right.constant is not None:
        if operator == SAME:
            return replace(all_of([_operation(EQUAL, left, right), _is_null(left, False)]), certain=True)
        return replace(any_of([_operation(DIFFERENT, left, right), _is_null(left, True)]), certain=True)
    equal = all_of([_operation(EQUAL, left, right), _is_null(left, False), _is_null(right, False)])
    missing = all_of([_is_null(left, True), _is_null(right, True)])
    same = replace(any_of([equal, missing]), certain=True)
    return same if operator == SAME else negated(same)


def _is_null(term: Term, yes: bool) -> Term:
    return truth(f"{term.at(Level.OTHER)} IS {'' if yes else 'NOT '}NULL", Level.IS, certain=True)


def between(value: Term, low: Term, high: Term) -> Term:
    """`value BETWEEN low AND high`."""
    if value.document is None and low.document is None and high.document is None:
        above, below = aligned(value, low), aligned(value, high)
        if above is not None and below is not None and above[0] == below[0]:
            left = bytewise(above[0])
            bounds = " AND ".join(_comparable(side[1]).at(Level.OTHER) for side in (above, below))
            return truth(f"{left.at(Level.OTHER)} BETWEEN {bounds}", Level.PATTERN)
    return all_of([compared(">=", value, low), compared("<=", value, high)])


def any_equal(term: Term, values: Sequence[Term]) -> Term:
    """`term IN (values)`. Each value is compared for itself, as SQLite does, so they may be of several kinds."""
    value = as_value(term)
    usable: list[Term] = []
    for item in values:
        pair = aligned(value, item) if term.document is None and item.document is None else None
        if pair is None or pair[0] != value or _counts_blanks(pair):
            return alignment.one_by_one(term, values, compared)
        usable.append(pair[1])
    if all(item.null for item in usable):
        return as_condition(usable[0])
    listed = ", ".join(item.sql for item in usable)
    return truth(f"{exactly(value).at(Level.OTHER)} IN ({listed})", Level.PATTERN)


def _counts_blanks(pair: Pair) -> bool:
    """Whether IN would be too lax about blanks or zeros at the end."""
    value, item = pair
    if value.kind not in _PADDED or item.null:
        return False
    return item.constant is None or _ends_in_padding(item.constant.value)
