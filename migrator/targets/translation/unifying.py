"""Two or more terms as one type, as COALESCE, CASE and UNION need them, and what the texts made of times tell.

https://www.sqlite.org/datatype3.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from migrator.model.types import BOOL, FLOAT64, INT64, TEXT, Kind, LogicalType
from migrator.targets.translation.speech import Speech
from migrator.targets.translation.terms import INSTANTS, NUMBERS, Term, digits_after_point, known

_COUNTED: Final = frozenset({"%s", "%Y", "%m", "%d", "%H", "%M", "%S", "%j", "%w"})
"""Layouts of a moment whose text is a whole number."""

_RESOLUTIONS: Final = (("%f", "milliseconds"), ("%S", "second"), ("%M", "minute"), ("%H", "hour"))

DATE_LENGTH: Final = len("YYYY-MM-DD")


def counted(term: Term) -> bool:
    """Whether a text is a whole number for certain: a part of a moment."""
    return term.moment is not None and term.layout in _COUNTED


def resolution(layout: str) -> str | None:
    """The unit to which a text tells a moment, None when it does not tell the date."""
    if layout in ("%s", "%J"):
        return "second" if layout == "%s" else "milliseconds"
    if not all(part in layout for part in ("%Y", "%m", "%d")):
        return None
    return next((unit for part, unit in _RESOLUTIONS if part in layout), "day")


def is_day_prefix(term: Term, pattern: str) -> bool:
    """Whether a pattern asks for the beginning of a timestamp's text, and for no more than its first ten
    characters: those are the date, however the source spells the rest."""
    fixed = re.match(r"[^%_*?\[]*", pattern)
    assert fixed is not None
    begins = pattern[fixed.end() :] in ("%", "*") and fixed.end() <= DATE_LENGTH
    return term.kind in (Kind.TIMESTAMP, Kind.TIMESTAMPTZ) and begins


Widest = Callable[[Sequence[Term]], LogicalType]
"""The type of decimals together, none of them NULL."""


def unified(terms: Sequence[Term], speech: Speech, decimals: Widest) -> LogicalType | None:
    """The type that all terms can have together; None when some type is not known.

    Raises:
        Untranslatable: There is none.
    """
    kinds = {term.kind for term in terms if not term.null}
    if any(term.unknown for term in terms) or not kinds:
        return None
    present = [term for term in terms if not term.null]
    typed = [term for term in present if term.constant is None]
    if len(kinds) == 1:
        return _widest(present, decimals)
    if Kind.BOOL in kinds and all(_truth_like(term) for term in terms):
        return BOOL if any(not term.truth for term in typed if term.kind is Kind.BOOL) else INT64
    if kinds <= NUMBERS | {Kind.BOOL}:
        return _common_number(present, decimals)
    for term in typed:
        if term.kind not in NUMBERS | {Kind.TEXT} and all(_fits(other, known(term), speech) for other in terms):
            return term.type
    return TEXT


def together(terms: Sequence[Term], speech: Speech, decimals: Widest) -> tuple[list[Term], LogicalType | None]:
    """Terms as one type, and the type.

    Raises:
        Untranslatable: There is none.
    """
    type = unified(terms, speech, decimals)
    if type is None:
        return list(terms), None
    return [speech.fit(term, type) for term in terms], type


def _truth_like(term: Term) -> bool:
    return term.kind is Kind.BOOL or term.null or (term.constant is not None and term.constant.value in (0, 1))


def _fits(term: Term, type: LogicalType, speech: Speech) -> bool:
    if term.constant is not None:
        return speech.converted(term, type) is not None
    return term.kind is type.kind or term.moment is not None or {term.kind, type.kind} <= INSTANTS


def _widest(terms: Sequence[Term], decimals: Widest) -> LogicalType:
    first = known(terms[0])
    if first.kind is Kind.TEXT:
        return TEXT
    return decimals(terms) if first.kind is Kind.DECIMAL else first


def _common_number(terms: Sequence[Term], decimals: Widest) -> LogicalType:
    """Constants with a point are decimals among decimals, floats elsewhere."""
    kinds = {term.kind for term in terms if term.constant is None}
    if Kind.FLOAT64 in kinds:
        return FLOAT64
    if Kind.DECIMAL in kinds:
        return decimals(terms)
    return FLOAT64 if any(term.kind is Kind.FLOAT64 for term in terms) else INT64


def most_digits(terms: Sequence[Term]) -> int | None:
    """As many digits after the point as any of the terms has, None when that is not known."""
    digits = [digits_after_point(term) for term in terms]
    found = [count for count in digits if count is not None]
    return max(found) if len(found) == len(digits) else None
