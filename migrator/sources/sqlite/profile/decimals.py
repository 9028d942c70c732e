"""Decimals: how many digits the values need before and after the point."""

from __future__ import annotations

import json
from decimal import Decimal

from migrator.model.profile import Fit
from migrator.model.types import MAX_DECIMAL_PRECISION, LogicalType, decimal
from migrator.sources.sqlite.encodings import Misfit
from migrator.sources.sqlite.encodings.numbers import EXACT_DIGITS, as_decimal, fraction_digits
from migrator.sources.sqlite.profile.questions import Questions
from migrator.sources.sqlite.profile.subject import Evidence, Subject, number

_PROVABLE_SCALE = 15


def decimal_fit(subject: Subject, known: Evidence, declared: LogicalType | None) -> Questions[Fit]:
    """The narrowest decimal that holds every number, never narrower than `declared`."""
    if not known.numbers:
        return Fit(declared or decimal(MAX_DECIMAL_PRECISION, 10), "number", 0)
    whole, scale, proven = yield from _digits(subject, known, declared)
    type, enough = _widened(whole, scale, declared)
    if proven and enough:
        return Fit(type, "number", known.numbers)
    (held,) = yield (subject.fitting(type, "number"),)
    return Fit(type, "number", number(held))


def likely_decimals(subject: Subject, declared: LogicalType | None) -> tuple[str, ...]:
    """What `decimal_fit` will ask if the sample is right."""
    return (_proof(subject, _guessed_scale(subject, declared)),)


def held_decimals(subject: Subject, known: Evidence, type: LogicalType) -> Questions[int]:
    """How many numbers are decimals of exactly that type."""
    assert type.precision is not None and type.scale is not None
    if _whole(known) <= type.precision - type.scale:
        if not known.reals:
            return known.integers
        (proven,) = yield (_proof(subject, type.scale),)
        if proven == known.numbers:
            return known.numbers
    (held,) = yield (subject.fitting(type, "number"),)
    return number(held)


def likely_held(subject: Subject, type: LogicalType) -> tuple[str, ...]:
    """What `held_decimals` will ask if every number is of the type."""
    return (_proof(subject, type.scale or 0),)


def sampled_scale(subject: Subject) -> int | None:
    """The most digits after the point among sampled numbers, None when one is no decimal of 15 digits."""
    scale = 0
    for value in subject.guess:
        try:
            here = as_decimal(value)
        except Misfit:
            return None
        if len(here.as_tuple().digits) > _PROVABLE_SCALE:
            return None
        scale = max(scale, fraction_digits(here))
    return scale


def _digits(subject: Subject, known: Evidence, declared: LogicalType | None) -> Questions[tuple[int, int, bool]]:
    """Digits before and after the point, and whether they are proven to be enough for every number."""
    if not known.reals:
        return _whole(known), 0, True
    scale = _guessed_scale(subject, declared)
    (proven,) = yield (_proof(subject, scale),)
    if proven == known.numbers:
        return _whole(known), scale, True
    (scanned,) = yield (f"migrator_decimals({subject.raw})",)
    assert isinstance(scanned, str)
    whole, scale = json.loads(scanned)
    return whole, scale, False


def _guessed_scale(subject: Subject, declared: LogicalType | None) -> int:
    return max(sampled_scale(subject) or 0, (declared.scale or 0) if declared else 0)


def _proof(subject: Subject, scale: int) -> str:
    """SQL that counts numbers which are a whole number of 10^-scale: the division rounds correctly, so it
    gives the number back exactly when its shortest spelling has no more digits (below 10^15 units)."""
    if scale > _PROVABLE_SCALE:
        return "0"
    column, power = subject.sql, f"1e{scale}"
    return f"sum(abs({column} * {power}) < {EXACT_DIGITS} AND round({column} * {power}) / {power} = {column})"


def _whole(known: Evidence) -> int:
    bounds = [Decimal(repr(bound)) for bound in (known.lowest, known.highest) if bound is not None]
    return max(0, *(bound.adjusted() + 1 for bound in bounds))


def _widened(whole: int, scale: int, declared: LogicalType | None) -> tuple[LogicalType, bool]:
    """The type for so many digits, and whether there is one; beyond 38 the digits before the point win."""
    if declared is not None and declared.precision is not None and declared.scale is not None:
        wider = max(whole, declared.precision - declared.scale), max(scale, declared.scale)
        if sum(wider) <= MAX_DECIMAL_PRECISION:
            whole, scale = wider
    if whole + scale <= MAX_DECIMAL_PRECISION:
        return decimal(max(whole + scale, 1), scale), True
    whole = min(whole, MAX_DECIMAL_PRECISION)
    return decimal(MAX_DECIMAL_PRECISION, MAX_DECIMAL_PRECISION - whole), False
