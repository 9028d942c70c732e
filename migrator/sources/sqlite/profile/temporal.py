"""Dates, times and timestamps: what the values of a column are, proven by SQLite where a sample guessed right.

Calendar validity is proven by SQLite too: its date functions turn 30 February into 2 March
(https://sqlite.org/lang_datefunc.html), so a date is real when it comes back unchanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from migrator.model.profile import Fit
from migrator.model.types import DATE, TIME, TIMESTAMP, TIMESTAMPTZ, Kind, LogicalType
from migrator.sources.sqlite.encodings.instants import EPOCH_MILLISECONDS, EPOCH_SECONDS, JULIAN_DAYS
from migrator.sources.sqlite.encodings.iso import Moment, iso_name, read_moment
from migrator.sources.sqlite.profile.questions import Questions
from migrator.sources.sqlite.profile.subject import Evidence, Subject, number
from migrator.sources.sqlite.profile.wide import default_encoding

_TYPES = {Kind.DATE: DATE, Kind.TIME: TIME, Kind.TIMESTAMP: TIMESTAMP, Kind.TIMESTAMPTZ: TIMESTAMPTZ}
_OFFSETS_LISTED = 4
"""More groups of text (kinds and offsets) than this are not offered: none of them holds the column."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Texts of one kind and offset in minutes: how many, and their spellings with `Moment.blank`."""

    kind: Kind
    offset: int | None
    count: int
    spellings: frozenset[tuple[str, bool]]

    def fit(self) -> Fit:
        name, spellings = iso_name(self.spellings)
        return Fit(_TYPES[self.kind], name, self.count, spellings)


def temporal_fits(subject: Subject, known: Evidence, promise: LogicalType) -> Questions[list[Fit]]:
    """The promised type first, then whatever else the values are, the commonest first."""
    fits = (yield from text_moments(subject, known)) + (yield from number_moments(subject, known, promise))
    fits.sort(key=lambda fit: (fit.count < known.values, -fit.count))
    first = promised(promise, fits, known)
    if all(fit.type.kind is not first.kind for fit in fits):
        return [Fit(first, default_encoding(first), 0), *fits]
    return sorted(fits, key=lambda fit: fit.type.kind is not first.kind)


def promised(promise: LogicalType, fits: Iterable[Fit], known: Evidence) -> LogicalType:
    """What the declaration promises once the values are seen: DATETIME leaves open whether a time of day and
    a zone belong to it."""
    if promise.kind is Kind.TIMESTAMP:
        for fit in fits:
            if fit.count == known.values and fit.type.kind in (Kind.DATE, Kind.TIMESTAMPTZ):
                return fit.type
    return promise


def text_moments(subject: Subject, known: Evidence) -> Questions[list[Fit]]:
    """Fits of ISO text."""
    return [group.fit() for group in (yield from grouped_moments(subject, known))[:_OFFSETS_LISTED]]


def grouped_moments(subject: Subject, known: Evidence) -> Questions[list[Moments]]:
    """What ISO text the column holds, the commonest first."""
    if not known.texts:
        return []
    moments = _guessed(subject)
    if moments:
        (proven,) = yield (proof(subject, moments),)
        if proven == known.texts:
            spellings = frozenset((moment.spelling, moment.blank) for moment in moments)
            return [Moments(moments[0].kind, moments[0].offset, known.texts, spellings)]
    (scanned,) = yield (subject.of("text", f"migrator_moments({subject.raw})"),)
    assert isinstance(scanned, str)
    return [
        Moments(Kind(kind), offset, count, frozenset((spelling, blank) for spelling, blank in spellings))
        for kind, offset, count, spellings in json.loads(scanned)
    ]


def likely_moments(subject: Subject) -> tuple[str, ...]:
    """What `text_moments` will ask if the sample is right."""
    moments = _guessed(subject)
    return (proof(subject, moments),) if moments else ()


def _guessed(subject: Subject) -> list[Moment]:
    """The sampled texts as moments, one per spelling; [] unless all are of one kind and offset."""
    texts = [value for value in subject.guess if isinstance(value, str)]
    moments = [read_moment(text) for text in texts]
    found = {(moment.spelling, moment.blank): moment for moment in moments if moment}
    one = len({(moment.kind, moment.offset) for moment in found.values()}) == 1
    return list(found.values()) if one and None not in moments else []


def proof(subject: Subject, moments: list[Moment]) -> str:
    """SQL that counts the texts which are spelt as one of the moments are, and are real.

    The stored bytes are counted first: `length`, GLOB and `strftime` stop at a NUL, which would let what
    follows it pass unseen.
    """
    width = 2 if subject.reading.utf16 else 1
    shapes: dict[int, set[str]] = {}
    for moment in moments:
        shapes.setdefault(len(moment.spelling) * width, set()).add(_real(subject.sql, moment))
    cases = " ".join(
        f"WHEN {octets} THEN {' OR '.join(sorted(tests))}" for octets, tests in sorted(shapes.items())
    )
    tests = [f"CASE {subject.octets} {cases} ELSE 0 END", *_bounds(subject.sql, moments[0].kind)]
    if len(shapes) > 1 and iso_name(frozenset((each.spelling, each.blank) for each in moments))[1] == 1:
        tests.append(f"{subject.sql} NOT GLOB '*.000000*'")
    return f"sum({' AND '.join(tests)})"


_HEAD = re.compile(r"(?:YYYY-MM-DD)?[ T]?(?:hh:mm)?(?::ss)?")
_FORMATS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "hh": "%H", "mm": "%M", "ss": "%S"}

_SHORT = {"%Y-%m-%d": "date", "%H:%M:%S": "time", "%Y-%m-%d %H:%M:%S": "datetime"}
"""Layouts with a function of their own, which is faster."""


def _real(column: str, moment: Moment) -> str:
    """SQL that is true for texts of this spelling that `strftime` gives back unchanged."""
    match = _HEAD.match(moment.spelling)
    assert match is not None
    head, tail = match[0], moment.spelling[match.end() :]
    layout = re.sub("|".join(_FORMATS), lambda part: _FORMATS[part[0]], head)
    text = f"substr({column}, 1, {len(head)})"
    # Without a modifier, older versions (3.40 for one) give the text's own fields back, real or not.
    call = f"{_SHORT[layout]}({text}" if layout in _SHORT else f"strftime('{layout}', {text}"
    test = f"{call}, '+0 days') IS {text}"
    rest = tail.replace("f", "[0-9]")
    return f"({test} AND substr({column}, {len(head) + 1}) GLOB '{rest}')" if tail else test


def _bounds(column: str, kind: Kind) -> list[str]:
    """What `strftime` reads beyond the years 1 to 9999."""
    if kind is Kind.TIME:
        return []
    if kind is Kind.TIMESTAMPTZ:
        # At the ends of the calendar the zone may lead out of it; the scan tells.
        return [f"substr({column}, 1, 4) NOT IN ('0000', '0001', '9999')"]
    return [f"substr({column}, 1, 4) <> '0000'"]


def number_moments(subject: Subject, known: Evidence, promise: LogicalType | None) -> Questions[list[Fit]]:
    """Fits of numbers that are points in time. A column declared TIME has no dates in it."""
    if not known.numbers or (promise is not None and promise.kind is Kind.TIME):
        return []
    julian = _between(subject, JULIAN_DAYS)
    seconds, millis, days, real_days = yield (
        *counted_moments(subject),
        f"sum({julian} AND typeof({subject.sql}) = 'real')",
    )
    fits = (
        Fit(TIMESTAMPTZ, "epoch_seconds", number(seconds)),
        Fit(TIMESTAMPTZ, "epoch_milliseconds", number(millis)),
        # In a column of whole days only, the numbers are as likely something else.
        Fit(TIMESTAMP, "julian", number(days) if real_days else 0),
    )
    return [fit for fit in fits if fit.count]


def counted_moments(subject: Subject) -> tuple[str, str, str]:
    """How many numbers are seconds and milliseconds since 1970, and Julian days."""
    return (
        f"sum({_between(subject, EPOCH_SECONDS)} AND round({subject.sql} * 1e6) / 1e6 = {subject.sql})",
        f"sum(typeof({subject.sql}) = 'integer' AND {_between(subject, EPOCH_MILLISECONDS)})",
        f"sum({_between(subject, JULIAN_DAYS)})",
    )


def _between(subject: Subject, bounds: tuple[float, float]) -> str:
    """SQL that is 1 for numbers within the bounds; text and blobs are greater than any number."""
    return f"{subject.sql} BETWEEN {bounds[0]} AND {bounds[1]}"
