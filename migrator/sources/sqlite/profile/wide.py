"""The types wide enough for what does not keep its column's promise: numbers, text, and at last bytes."""

from __future__ import annotations

from migrator.model.profile import Fit
from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT64,
    JSON,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    Kind,
    LogicalType,
)
from migrator.sources.sqlite.encodings.numbers import EXACT_INTEGER
from migrator.sources.sqlite.profile.questions import Questions
from migrator.sources.sqlite.profile.subject import Evidence, Subject, number
from migrator.sources.sqlite.storage import UNWRITTEN_DECIMAL
from migrator.sources.sqlite.values import CLASSES

_DEFAULTS: tuple[tuple[LogicalType, str], ...] = (
    (INT64, "integer"),
    (FLOAT64, "real"),
    (UNWRITTEN_DECIMAL, "number"),
    (BOOL, "integer"),
    (DATE, "iso:YYYY-MM-DD"),
    (TIME, "iso:hh:mm:ss[.ffffff]"),
    (TIMESTAMP, "iso:YYYY-MM-DD hh:mm:ss[.ffffff]"),
    (TIMESTAMPTZ, "iso:YYYY-MM-DD hh:mm:ss[.ffffff]+00:00"),
    (UUID, "text:hyphens"),
    (JSON, "document"),
    (TEXT, "text"),
    (BINARY, "any"),
)
"""Every type with the encoding SQLite applications use most."""


_RELATED = {Kind.INT16: Kind.INT64, Kind.INT32: Kind.INT64, Kind.JSON_TEXT: Kind.JSON}
"""Kinds that are stored as another one."""


def default_encoding(type: LogicalType) -> str:
    """The usual encoding of a type, for columns that hold nothing of it."""
    usual = {known.kind: encoding for known, encoding in _DEFAULTS}
    return usual[_RELATED.get(type.kind, type.kind)]


def empty_fits(promise: LogicalType | None) -> list[Fit]:
    """Fits of a column without values: what it promises (text, when nothing), then every other type, so that
    it can follow the columns that foreign keys join it to."""
    first = promise or TEXT
    others = [Fit(type, encoding, 0) for type, encoding in _DEFAULTS if type.kind is not first.kind]
    return [Fit(first, default_encoding(first), 0), *others]


def wide_fits(subject: Subject, known: Evidence) -> Questions[list[Fit]]:
    """Numbers, text and bytes, as far as the column has them. The last one holds every value."""
    fits = []
    if known.integers:
        fits.append(Fit(INT64, "integer", known.integers))
    if known.numbers:
        exact = yield from exact_integers(subject, known)
        fits.append(Fit(FLOAT64, "real", known.reals + exact))
    if known.texts == known.values:
        return [*fits, Fit(TEXT, "text", known.texts), Fit(BINARY, "any", known.values)]
    if known.blobs == known.values:
        return [*fits, Fit(BINARY, "blob", known.blobs)]
    if known.numbers + known.texts:
        merged = yield from _merged(subject, known, "text")
        fits.append(Fit(TEXT, "any", known.numbers + known.texts, merged))
    if known.blobs:
        fits.append(Fit(BINARY, "blob", known.blobs))
    return [*fits, Fit(BINARY, "any", known.values, (yield from _merged(subject, known, "blob")))]


def exact_integers(subject: Subject, known: Evidence) -> Questions[int]:
    """Integers that a double holds exactly; all of them where their bounds did not matter, see `Evidence`."""
    if known.least is None or known.most is None:
        return known.integers
    if known.least >= -EXACT_INTEGER and known.most <= EXACT_INTEGER:
        return known.integers
    inside = f"sum({subject.sql} BETWEEN -{EXACT_INTEGER} AND {EXACT_INTEGER})"
    (exact,) = yield (subject.of("integer", inside),)
    return number(exact)


def _merged(subject: Subject, known: Evidence, storage_class: str) -> Questions[int]:
    """2 when values of different classes become equal as `text` or `blob`, else 1."""
    kinds = [known.numbers, known.texts, *([known.blobs] if storage_class == "blob" else [])]
    if sum(count > 0 for count in kinds) < 2:
        return 1
    some = f"FILTER (WHERE typeof({subject.sql}) <> 'blob')" if storage_class == "text" else ""
    merged, *apart = yield (
        f"count(DISTINCT migrator_bytes(typeof({subject.sql}), {subject.raw})) {some}",
        *(
            subject.of(each, f"count(DISTINCT {subject.sql} COLLATE BINARY)")
            for each in CLASSES
            if each != "blob" or storage_class == "blob"
        ),
    )
    return 1 if merged == sum(number(count) for count in apart) else 2
