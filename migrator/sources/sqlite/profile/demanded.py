"""The type that a target fixes for a column: the way of storing it that fits most values, and how many it fits.

What the column's own fits prove is not counted again, so that a clean column costs no conversion of single
values. A type is never widened here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from migrator.model.profile import Fit
from migrator.model.types import TEXT, Kind, LogicalType
from migrator.sources.sqlite.encodings.iso import iso_name
from migrator.sources.sqlite.encodings.numbers import RANGES
from migrator.sources.sqlite.profile.decimals import held_decimals, likely_held
from migrator.sources.sqlite.profile.questions import Questions
from migrator.sources.sqlite.profile.subject import Evidence, Subject, number
from migrator.sources.sqlite.profile.temporal import Moments, counted_moments, grouped_moments
from migrator.sources.sqlite.profile.wide import default_encoding, exact_integers
from migrator.sources.sqlite.profile.words import bool_fits, json_scan, likely_uuids, uuid_fits

_NUMBER_CHARACTERS = 24
"""Of the longest number: `-1.7976931348623157e+308`."""


def demanded_fit(subject: Subject, known: Evidence, type: LogicalType, fits: Sequence[Fit]) -> Questions[Fit]:
    """The fit of exactly that type; `fits` are what the column is offered of itself."""
    for fit in fits:
        if known.values and fit.count == known.values and covers(type, fit):
            return replace(fit, type=type)
    found: list[Fit] = []
    if known.values and type.kind in _STUDIES:
        found = yield from _STUDIES[type.kind](subject, known, type, fits)
    best = max(found, key=lambda fit: fit.count, default=None)
    return best if best and best.count else Fit(type, default_encoding(type), 0)


def covers(type: LogicalType, fit: Fit) -> bool:
    """Whether the type holds whatever the fit's type holds."""
    if type.kind is not fit.type.kind:
        return False
    if type.kind is Kind.TEXT:
        return type.length is None or (fit.type.length is not None and fit.type.length <= type.length)
    if type.kind is Kind.DECIMAL:
        return _whole(type) >= _whole(fit.type) and (type.scale or 0) >= (fit.type.scale or 0)
    return True


def _whole(type: LogicalType) -> int:
    return (type.precision or 0) - (type.scale or 0)


def likely_demanded(subject: Subject, type: LogicalType) -> tuple[str, ...]:
    """What `demanded_fit` will ask if the sample is right, and nobody else asks."""
    match type.kind:
        case Kind.DECIMAL if any(isinstance(value, float) for value in subject.guess):
            return likely_held(subject, type)
        case Kind.UUID if any(isinstance(value, str | bytes) for value in subject.guess):
            return likely_uuids(subject)
        case Kind.JSON | Kind.JSON_TEXT:
            return (json_scan(subject),)
    return ()


Study = Callable[[Subject, Evidence, LogicalType, Sequence[Fit]], Questions[list[Fit]]]
"""Fits of the type, the usual encoding first; each has the type's own parameters."""


def _bool(subject: Subject, known: Evidence, _type: LogicalType, _fits: Sequence[Fit]) -> Questions[list[Fit]]:
    return (yield from bool_fits(subject, known))


def _integer(subject: Subject, known: Evidence, type: LogicalType, _fits: Sequence[Fit]) -> Questions[list[Fit]]:
    limit, value = RANGES[type.kind], subject.sql
    inside = f"BETWEEN {-limit} AND {limit - 1}"
    whole = f"CAST({value} AS INTEGER)"
    # SQLite writes a 64-bit integer as the one text that is its digits, so equal text is nothing else.
    digits = f"CAST({whole} AS TEXT) = CAST({value} AS TEXT) COLLATE BINARY AND {whole} {inside}"
    integers, reals, texts = map(
        number,
        (
            yield (
                subject.of("integer", f"sum({value} {inside})") if known.integers else "0",
                subject.of("real", f"sum({value} {inside} AND {value} = {whole})") if known.reals else "0",
                subject.of("text", f"sum({digits})") if known.texts else "0",
            )
        ),
    )
    return [
        Fit(type, "integer", integers),
        Fit(type, "whole", integers + reals),
        Fit(type, "digits", integers + reals + texts, 2 if texts and integers + reals else 1),
    ]


def _float(subject: Subject, known: Evidence, type: LogicalType, _fits: Sequence[Fit]) -> Questions[list[Fit]]:
    exact = (yield from exact_integers(subject, known)) if known.integers else 0
    found = [Fit(type, "real", known.reals + exact)]
    return [*found, (yield from _converted(subject, type, "digits"))] if known.texts else found


def _decimal(subject: Subject, known: Evidence, type: LogicalType, _fits: Sequence[Fit]) -> Questions[list[Fit]]:
    found = []
    if known.numbers:
        found.append(Fit(type, "number", (yield from held_decimals(subject, known, type))))
    if known.texts:
        found.append((yield from _converted(subject, type, "digits", f"digits:{_places(subject)}")))
    return found


def _places(subject: Subject) -> int:
    """How many digits most sampled texts with a point have behind it."""
    texts = (value.partition(".") for value in subject.guess if isinstance(value, str))
    found = Counter(len(fraction) for _, point, fraction in texts if point)
    return max(found, key=found.__getitem__, default=0)


def _converted(subject: Subject, type: LogicalType, *names: str) -> Questions[Fit]:
    """How many values fit when each is converted. The names are of one encoding and differ in how values are
    written back: the first that writes every one as it was is taken, else equal values are spelt in two ways."""
    (counted,) = yield (subject.fitting(type, names[0]),)
    held = number(counted)
    returned = (yield tuple(subject.returning(type, name) for name in names)) if held else ()
    for name, count in zip(names, returned, strict=False):
        if count == held:
            return Fit(type, name, held)
    return Fit(type, names[0], held, 2)


def _text(subject: Subject, known: Evidence, type: LogicalType, fits: Sequence[Fit]) -> Questions[list[Fit]]:
    name = "any" if known.numbers else "text"
    spellings = next((fit.spellings for fit in fits if fit.type == TEXT and fit.encoding == name), 1)
    held = known.values - known.blobs
    longest = max(known.characters, _NUMBER_CHARACTERS if known.numbers else 0)
    if type.length is not None and longest > type.length:
        (counted,) = yield (subject.fitting(type, name),)
        held = number(counted)
    return [Fit(type, name, held, spellings)]


def _date(subject: Subject, known: Evidence, type: LogicalType, _fits: Sequence[Fit]) -> Questions[list[Fit]]:
    groups = yield from grouped_moments(subject, known)
    found = _spelt(type, "iso", groups, Kind.DATE)
    if any(group.kind is Kind.TIMESTAMP for group in groups):
        (midnights,) = _spelt(type, "midnight", groups, Kind.DATE, Kind.TIMESTAMP)
        (held,) = yield (subject.fitting(type, midnights.encoding),)
        found.append(replace(midnights, count=number(held)))
    return found


def _time(subject: Subject, known: Evidence, type: LogicalType, _fits: Sequence[Fit]) -> Questions[list[Fit]]:
    return _spelt(type, "iso", (yield from grouped_moments(subject, known)), Kind.TIME)


def _timestamp(subject: Subject, known: Evidence, type: LogicalType, _fits: Sequence[Fit]) -> Questions[list[Fit]]:
    groups = yield from grouped_moments(subject, known)
    found = _spelt(type, "iso", groups, Kind.TIMESTAMP) + _spelt(type, "day", groups, Kind.TIMESTAMP, Kind.DATE)
    found += _spelt(type, "utc", [group for group in groups if group.offset == 0], Kind.TIMESTAMPTZ)
    return found + (yield from _numbered(subject, known, type))


def _timestamptz(
    subject: Subject, known: Evidence, type: LogicalType, _fits: Sequence[Fit]
) -> Questions[list[Fit]]:
    groups = yield from grouped_moments(subject, known)
    found = [group.fit() for group in groups if group.kind is type.kind]
    return found + (yield from _numbered(subject, known, type))


def _spelt(type: LogicalType, encoding: str, groups: Sequence[Moments], *kinds: Kind) -> list[Fit]:
    """The fit of texts of those kinds, if there are any."""
    held = [group for group in groups if group.kind in kinds]
    if not held:
        return []
    name, spellings = iso_name(frozenset(each for group in held for each in group.spellings))
    return [Fit(type, name.replace("iso", encoding, 1), sum(group.count for group in held), spellings)]


_NUMBERED = ("epoch_seconds", "epoch_milliseconds", "julian")


def _numbered(subject: Subject, known: Evidence, type: LogicalType) -> Questions[list[Fit]]:
    """Fits of numbers; Julian days have no zone."""
    if not known.numbers:
        return []
    counts = yield counted_moments(subject)
    found = [Fit(type, name, number(count)) for name, count in zip(_NUMBERED, counts, strict=True)]
    return found if type.kind is Kind.TIMESTAMP else found[:2]


def _uuid(subject: Subject, known: Evidence, type: LogicalType, _fits: Sequence[Fit]) -> Questions[list[Fit]]:
    found = yield from uuid_fits(subject, known)
    if known.texts:
        names = ("braces:HYPHENS", "braces:hyphens", "braces:HEX", "braces:hex")
        found.append((yield from _converted(subject, type, *names)))
    return found


def _json(subject: Subject, known: Evidence, type: LogicalType, _fits: Sequence[Fit]) -> Questions[list[Fit]]:
    (scanned,) = yield (json_scan(subject),)
    assert isinstance(scanned, str)
    plain, textual = json.loads(scanned)
    held = plain if type.kind is Kind.JSON else plain + textual
    return [Fit(type, "document", held, 2 if known.numbers and known.texts else 1)]


_STUDIES: dict[Kind, Study] = {
    Kind.BOOL: _bool,
    Kind.INT16: _integer,
    Kind.INT32: _integer,
    Kind.INT64: _integer,
    Kind.FLOAT64: _float,
    Kind.DECIMAL: _decimal,
    Kind.TEXT: _text,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.TIMESTAMP: _timestamp,
    Kind.TIMESTAMPTZ: _timestamptz,
    Kind.UUID: _uuid,
    Kind.JSON: _json,
    Kind.JSON_TEXT: _json,
}
"""Bytes need none: every column is offered the bytes that hold all its values."""
