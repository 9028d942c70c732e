"""How large the values are, and whether texts are plain ASCII, which settles most questions about them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from migrator.sources.sqlite.profile.questions import Questions
from migrator.sources.sqlite.profile.subject import Evidence, Subject, number

NUMBER_OCTETS = 8
"""A number counts for this much, though SQLite stores small integers in less."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of all values and of the longest; of texts, the most characters, the most UTF-16 code units, and how
    many cannot be held by text types. `ascii` texts have neither NUL nor anything that could be invalid."""

    octets: int = 0
    longest: int = 0
    characters: int = 0
    utf16: int = 0
    nul: int = 0
    invalid: int = 0


def sizes(subject: Subject, known: Evidence) -> Questions[Sizes]:
    """The sizes of a column's values."""
    octets, longest = known.numbers * NUMBER_OCTETS, NUMBER_OCTETS if known.numbers else 0
    if known.blobs:
        total, most = yield _blob_sizes(subject)
        octets, longest = octets + number(total), max(longest, number(most))
    if not known.texts:
        return Sizes(octets, longest)
    total, counted, most_characters, foreign = yield _text_sizes(subject, known.mixed)
    octets += number(total)
    if total == counted and not foreign and not subject.reading.utf16:
        characters = number(most_characters)
        return Sizes(octets, max(longest, characters), characters, characters)
    most, scanned = yield _text_doubts(subject)
    assert isinstance(scanned, str)
    nul, invalid, found, utf16 = json.loads(scanned)
    return Sizes(octets, max(longest, number(most)), max(found, number(most_characters)), utf16, nul, invalid)


def likely_sizes(subject: Subject) -> tuple[str, ...]:
    """What `sizes` will ask if the column holds texts only, or blobs only."""
    if any(isinstance(value, bytes) for value in subject.guess):
        return _blob_sizes(subject)
    return _text_sizes(subject, mixed=False)


def _blob_sizes(subject: Subject) -> tuple[str, ...]:
    return subject.of("blob", f"sum(length({subject.sql}))"), subject.of("blob", f"max(length({subject.sql}))")


def _text_sizes(subject: Subject, mixed: bool) -> tuple[str, ...]:
    """Bytes, characters, the most characters, and whether a byte is not ASCII. SQLite's `length` stops at a NUL,
    so equal sums mean that there is none; bytes that begin a character of which the rest is missing count as
    one, so they say nothing about what is valid."""
    asked = (
        f"sum({subject.octets})",
        f"sum(length({subject.sql}))",
        f"max(length({subject.sql}))",
        f"migrator_foreign(CAST({subject.sql} AS BLOB))",
    )
    return tuple(subject.of("text", each) for each in asked) if mixed else asked


def _text_doubts(subject: Subject) -> tuple[str, str]:
    where = f"FILTER (WHERE typeof({subject.sql}) = 'text')"
    return f"max({subject.octets}) {where}", f"migrator_text({subject.raw}) {where}"
