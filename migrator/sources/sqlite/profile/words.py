"""Truth values, UUIDs and JSON documents: what is recognised by its spelling."""

from __future__ import annotations

import json
from collections.abc import Iterable

from migrator.model.profile import Fit
from migrator.model.types import BOOL, JSON, JSON_TEXT, UUID
from migrator.sources.sqlite.encodings.booleans import VOCABULARIES
from migrator.sources.sqlite.encodings.uuids import SPELLINGS, uuid_spelling
from migrator.sources.sqlite.profile.questions import Questions
from migrator.sources.sqlite.profile.subject import Evidence, Subject, number


def bool_fits(subject: Subject, known: Evidence) -> Questions[list[Fit]]:
    """0 and 1, and every vocabulary of which a word occurs, the commonest first."""
    fits = []
    if known.integers:
        within = known.least is not None and known.least >= 0 and known.most is not None and known.most <= 1
        held = known.integers if within else (yield from _zeros_and_ones(subject))
        fits.append(Fit(BOOL, "integer", held))
    if known.texts:
        counts = yield tuple(
            f"sum(typeof({subject.sql}) = 'text' AND CAST({subject.sql} AS TEXT) COLLATE BINARY IN {words})"
            for words in VOCABULARIES
        )
        named = zip(VOCABULARIES, counts, strict=True)
        fits += [Fit(BOOL, f"words:{'/'.join(words)}", number(count)) for words, count in named if count]
    return sorted(fits, key=lambda fit: -fit.count)


def _zeros_and_ones(subject: Subject) -> Questions[int]:
    (held,) = yield (subject.of("integer", f"sum({subject.sql} IN (0, 1))"),)
    return number(held)


def uuid_fits(subject: Subject, known: Evidence) -> Questions[list[Fit]]:
    """UUIDs as text and as 16 bytes, the commoner first."""
    fits = []
    if known.texts:
        fits.append((yield from _text_uuids(subject, known)))
    if known.blobs:
        (held,) = yield (_blob_uuids(subject),)
        fits.append(Fit(UUID, "blob", number(held)))
    return sorted((fit for fit in fits if fit.count), key=lambda fit: -fit.count)


def likely_uuids(subject: Subject) -> tuple[str, ...]:
    """What `uuid_fits` will ask if the sample is right."""
    if any(isinstance(value, bytes) for value in subject.guess):
        return (_blob_uuids(subject),)
    spelling = _guessed_uuid(subject)
    return (_uuid_proof(subject, spelling),) if spelling else ()


def _blob_uuids(subject: Subject) -> str:
    return subject.of("blob", f"sum(length({subject.sql}) = 16)")


def _text_uuids(subject: Subject, known: Evidence) -> Questions[Fit]:
    spelling = _guessed_uuid(subject)
    if spelling:
        (proven,) = yield (_uuid_proof(subject, spelling),)
        if proven == known.texts:
            return Fit(UUID, f"text:{spelling}", known.texts)
    (scanned,) = yield (subject.of("text", f"migrator_uuids({subject.raw})"),)
    assert isinstance(scanned, str)
    count, seen = json.loads(scanned)
    spellings = _spellings(tuple(each) for each in seen)
    return Fit(UUID, f"text:{spellings[0] if spellings else SPELLINGS[0]}", count, max(len(spellings), 1))


def _guessed_uuid(subject: Subject) -> str | None:
    """The one spelling of all sampled texts."""
    possible = [uuid_spelling(value) for value in subject.guess if isinstance(value, str)]
    spellings = _spellings(possible)
    return spellings[0] if len(spellings) == 1 and () not in possible else None


def _spellings(possible: Iterable[tuple[str, ...]]) -> list[str]:
    """The fewest spellings that explain the texts; a UUID without letters is of either case."""
    seen = set(possible) - {()}
    certain = {spelling for (spelling,) in (each for each in seen if len(each) == 1)}
    open_ones = {each for each in seen if len(each) > 1 and not certain.intersection(each)}
    return sorted(certain | {each[0] for each in open_ones}, key=SPELLINGS.index)


def _uuid_proof(subject: Subject, spelling: str) -> str:
    digit = "[0-9A-F]" if spelling.isupper() else "[0-9a-f]"
    lengths = (8, 4, 4, 4, 12) if spelling.lower() == "hyphens" else (32,)
    glob = "-".join(digit * length for length in lengths)
    octets = (sum(lengths) + len(lengths) - 1) * (2 if subject.reading.utf16 else 1)
    return f"sum({subject.octets} = {octets} AND {subject.sql} GLOB '{glob}')"


def json_fits(subject: Subject, known: Evidence) -> Questions[list[Fit]]:
    """Documents whose parsed form tells everything, and documents of which the text matters."""
    if known.blobs == known.values:
        return []
    (scanned,) = yield (json_scan(subject),)
    assert isinstance(scanned, str)
    plain, textual = json.loads(scanned)
    fits = [Fit(JSON, "document", plain)] if plain else []
    return [*fits, Fit(JSON_TEXT, "document", plain + textual)] if textual else fits


def json_scan(subject: Subject) -> str:
    """Every document has to be read: SQL has no strict reading of JSON in all versions of SQLite."""
    return f"migrator_json(typeof({subject.sql}), {subject.raw})"
