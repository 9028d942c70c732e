"""Which types each family of declared types is offered, in order of preference.

First what the declaration promises; then, where the values break the promise, ever wider types; then types
nobody promised but the values would bear, for a user who asks for one; at last the one that holds everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from migrator.model.profile import Fit
from migrator.model.types import BINARY, INT16, INT32, INT64, TEXT, LogicalType
from migrator.sources.sqlite.encodings.iso import read_moment
from migrator.sources.sqlite.encodings.uuids import uuid_spelling
from migrator.sources.sqlite.profile.decimals import decimal_fit, sampled_scale
from migrator.sources.sqlite.profile.questions import Questions
from migrator.sources.sqlite.profile.subject import Evidence, Subject
from migrator.sources.sqlite.profile.temporal import (
    number_moments,
    promised,
    temporal_fits,
    text_moments,
)
from migrator.sources.sqlite.profile.wide import default_encoding, wide_fits
from migrator.sources.sqlite.profile.words import bool_fits, json_fits, uuid_fits
from migrator.sources.sqlite.storage import Family


@dataclass(frozen=True, slots=True)
class Offer:
    """The fits of a column in order, and what its declaration promises in the light of its values."""

    fits: list[Fit]
    expected: LogicalType | None


def offer(subject: Subject, known: Evidence) -> Questions[Offer]:
    """The fits of a column that has values."""
    own, expected = yield from _OWN[subject.declaration.family](subject, known)
    wide = yield from wide_fits(subject, known)
    plain = subject.declaration.family in _PLAIN
    others = (yield from _unpromised(subject, known)) if plain else []
    if expected is not None and not any(fit.type.kind is expected.kind for fit in [*own, *wide]):
        own = [Fit(expected, default_encoding(expected), 0), *own]
    if subject.declaration.family is Family.BLOB:
        # Bytes stay bytes, also where all of them happen to be text.
        own.append(wide[-1])
    return Offer(distinct([*own, *wide[:-1], *others, wide[-1]]), expected)


_PLAIN = frozenset({Family.INTEGER, Family.REAL, Family.TEXT, Family.BLOB, Family.UNKNOWN})
"""Families of plain types, which applications use for values that other databases have types for."""


def distinct(fits: list[Fit]) -> list[Fit]:
    """Without fits that an earlier one repeats, but for the last, which stays last."""
    kept: dict[tuple[LogicalType, str], Fit] = {}
    for fit in fits:
        kept.setdefault((fit.type, fit.encoding), fit)
    once = list(kept.values())
    return once if once[-1] == fits[-1] else [*once, fits[-1]]


Own = Questions[tuple[list[Fit], LogicalType | None]]


def _bool(subject: Subject, known: Evidence) -> Own:
    return (yield from bool_fits(subject, known)), subject.declaration.promise


def _temporal(subject: Subject, known: Evidence) -> Own:
    promise = subject.declaration.promise
    assert promise is not None
    fits = yield from temporal_fits(subject, known, promise)
    return fits, promised(promise, fits, known)


def _json(subject: Subject, known: Evidence) -> Own:
    return (yield from json_fits(subject, known)), subject.declaration.promise


def _uuid(subject: Subject, known: Evidence) -> Own:
    return (yield from uuid_fits(subject, known)), subject.declaration.promise


def _decimal(subject: Subject, known: Evidence) -> Own:
    """DECIMAL without parameters promises whatever its values need, NUMERIC of integers integers."""
    declared = subject.declaration.promise if subject.declaration.fixed else None
    fit = yield from decimal_fit(subject, known, declared)
    if declared is not None:
        return [fit], declared
    if known.integers == known.values and subject.declaration.declared.upper().strip() == "NUMERIC":
        return [Fit(INT64, "integer", known.integers), fit], INT64
    return [fit], fit.type


def _plain(subject: Subject, _known: Evidence) -> Own:
    """The promise is among the wide fits, if the values keep it at all."""
    yield from ()
    return [], subject.declaration.promise


def _blob(_subject: Subject, known: Evidence) -> Own:
    yield from ()
    return [Fit(BINARY, "blob", known.blobs)], BINARY


def _text(subject: Subject, known: Evidence) -> Own:
    promise = subject.declaration.promise
    assert promise is not None
    if promise.length is None or not known.texts:
        return [Fit(TEXT, "text", known.texts)], promise
    if known.characters <= promise.length:
        return [Fit(promise, "text", known.texts)], promise
    (held,) = yield (subject.fitting(promise, "text"),)
    assert isinstance(held, int)
    return [Fit(promise, "text", held), Fit(TEXT, "text", known.texts)], promise


_OWN: dict[Family, Callable[[Subject, Evidence], Own]] = {
    Family.BOOL: _bool,
    Family.TEMPORAL: _temporal,
    Family.JSON: _json,
    Family.UUID: _uuid,
    Family.DECIMAL: _decimal,
    Family.INTEGER: _plain,
    Family.REAL: _plain,
    Family.UNKNOWN: _plain,
    Family.TEXT: _text,
    Family.BLOB: _blob,
}


def _unpromised(subject: Subject, known: Evidence) -> Questions[list[Fit]]:
    """Types that nobody promised, where the sample (or the bounds of numbers) suggests them."""
    fits: list[Fit] = []
    if known.numbers == known.values:
        fits += yield from _from_numbers(subject, known)
    if known.texts:
        for suggested, study in (
            (_suggests_moments, text_moments),
            (_suggests_uuids, uuid_fits),
            (_suggests_json, json_fits),
            (_suggests_words, bool_fits),
        ):
            if suggested(subject):
                fits += yield from study(subject, known)
    elif known.blobs and _suggests_uuids(subject):
        fits += yield from uuid_fits(subject, known)
    return [fit for fit in fits if fit.count]


def _from_numbers(subject: Subject, known: Evidence) -> Questions[list[Fit]]:
    fits = _narrower(known)
    if not known.reals and known.lowest in (0, 1) and known.highest in (0, 1):
        fits += yield from bool_fits(subject, known)
    if _may_be_moments(known):
        fits += yield from _if_complete(number_moments(subject, known, None), known)
    if not known.reals or sampled_scale(subject) is not None:
        decimal = yield from decimal_fit(subject, known, None)
        fits += [decimal] if decimal.count == known.values else []
    return fits


def _narrower(known: Evidence) -> list[Fit]:
    """Smaller integers that hold every one."""
    if known.integers != known.values or known.least is None or known.most is None:
        return []
    widths = ((INT32, 2**31), (INT16, 2**15))
    bounded = [type for type, limit in widths if -limit <= known.least and known.most < limit]
    return [Fit(type, "integer", known.integers) for type in bounded]


def _if_complete(study: Questions[list[Fit]], known: Evidence) -> Questions[list[Fit]]:
    return [fit for fit in (yield from study) if fit.count == known.values]


def _may_be_moments(known: Evidence) -> bool:
    """Whether all numbers lie between the least Julian day and the greatest millisecond."""
    return known.lowest is not None and known.lowest >= 2e6 and (known.highest or 0) <= 5e12


def _texts(subject: Subject) -> list[str]:
    return [value for value in subject.guess if isinstance(value, str)]


def _suggests_moments(subject: Subject) -> bool:
    return _most(read_moment(value) is not None for value in _texts(subject))


def _suggests_uuids(subject: Subject) -> bool:
    return _most(
        len(value) == 16 if isinstance(value, bytes) else bool(isinstance(value, str) and uuid_spelling(value))
        for value in subject.guess
    )


def _suggests_json(subject: Subject) -> bool:
    return _most(value.lstrip()[:1] in ("{", "[") for value in _texts(subject) if value)


def _suggests_words(subject: Subject) -> bool:
    return _most(value.lower() in ("t", "f", "true", "false") for value in _texts(subject))


def _most(votes: Iterable[bool]) -> bool:
    found = list(votes)
    return bool(found) and sum(found) * 2 >= len(found)
