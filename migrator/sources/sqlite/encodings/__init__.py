"""How SQLite columns store values of each logical type: one module per family of types, one class per way.

`encoding` finds the class by the type's kind and the name's part before the colon; nothing else in this
folder knows more than one family.
"""

from __future__ import annotations

from migrator.model.plan import ColumnPlan
from migrator.model.types import Kind, LogicalType
from migrator.sources.sqlite.encodings.base import (
    REFUSED,
    Canonical,
    Encoding,
    Hazardous,
    Misfit,
    NotColumnar,
)
from migrator.sources.sqlite.encodings.binaries import AnyBinary, Blob
from migrator.sources.sqlite.encodings.booleans import IntegerBool, WordBool
from migrator.sources.sqlite.encodings.digits import DigitsDecimal, DigitsFloat, DigitsInteger
from migrator.sources.sqlite.encodings.instants import EpochMilliseconds, EpochSeconds, JulianDay
from migrator.sources.sqlite.encodings.iso import IsoDate, IsoTime, IsoTimestamp, IsoTimestampTz
from migrator.sources.sqlite.encodings.moments import DayTimestamp, MidnightDate, UtcTimestamp
from migrator.sources.sqlite.encodings.numbers import Integer, NumberDecimal, Real, WholeNumber
from migrator.sources.sqlite.encodings.texts import AnyText, JsonDocument, JsonText, Text
from migrator.sources.sqlite.encodings.uuids import BlobUuid, BracedUuid, TextUuid
from migrator.sources.sqlite.values import SqliteValue

_ENCODINGS: dict[tuple[Kind, str], type[Encoding]] = {
    (Kind.BOOL, "integer"): IntegerBool,
    (Kind.BOOL, "words"): WordBool,
    (Kind.INT16, "integer"): Integer,
    (Kind.INT32, "integer"): Integer,
    (Kind.INT64, "integer"): Integer,
    (Kind.INT16, "whole"): WholeNumber,
    (Kind.INT32, "whole"): WholeNumber,
    (Kind.INT64, "whole"): WholeNumber,
    (Kind.INT16, "digits"): DigitsInteger,
    (Kind.INT32, "digits"): DigitsInteger,
    (Kind.INT64, "digits"): DigitsInteger,
    (Kind.FLOAT64, "real"): Real,
    (Kind.FLOAT64, "digits"): DigitsFloat,
    (Kind.DECIMAL, "number"): NumberDecimal,
    (Kind.DECIMAL, "digits"): DigitsDecimal,
    (Kind.TEXT, "text"): Text,
    (Kind.TEXT, "any"): AnyText,
    (Kind.BINARY, "blob"): Blob,
    (Kind.BINARY, "any"): AnyBinary,
    (Kind.DATE, "iso"): IsoDate,
    (Kind.DATE, "midnight"): MidnightDate,
    (Kind.TIME, "iso"): IsoTime,
    (Kind.TIMESTAMP, "iso"): IsoTimestamp,
    (Kind.TIMESTAMP, "day"): DayTimestamp,
    (Kind.TIMESTAMP, "utc"): UtcTimestamp,
    (Kind.TIMESTAMP, "julian"): JulianDay,
    (Kind.TIMESTAMP, "epoch_seconds"): EpochSeconds,
    (Kind.TIMESTAMP, "epoch_milliseconds"): EpochMilliseconds,
    (Kind.TIMESTAMPTZ, "iso"): IsoTimestampTz,
    (Kind.TIMESTAMPTZ, "epoch_seconds"): EpochSeconds,
    (Kind.TIMESTAMPTZ, "epoch_milliseconds"): EpochMilliseconds,
    (Kind.UUID, "text"): TextUuid,
    (Kind.UUID, "braces"): BracedUuid,
    (Kind.UUID, "blob"): BlobUuid,
    (Kind.JSON, "document"): JsonDocument,
    (Kind.JSON_TEXT, "document"): JsonText,
}


def encoding(name: str, type: LogicalType) -> Encoding:
    """The encoding of that name for that type. Behind a `|` may stand what it refuses, see `stored_as`.

    Raises:
        ValueError: The type has no such encoding.
    """
    plain, said, refused = name.partition("|")
    found = _ENCODINGS.get((type.kind, plain.partition(":")[0]))
    if found is None:
        raise ValueError(f"SQLite stores no {type.kind} as {name!r}")
    made = found(plain, type)
    if said:
        made.refused = frozenset(refused.split(","))
    return made


def stored_as(column: ColumnPlan) -> str:
    """The name of a column's encoding, with the hazards that the target cannot hold where they are not the usual
    ones."""
    if column.type.kind not in _HAZARDOUS or frozenset(column.hazards) == REFUSED:
        return column.encoding
    return f"{column.encoding}|{','.join(column.hazards)}"


_HAZARDOUS = frozenset({Kind.TEXT, Kind.FLOAT64})


def fits(encoding: Encoding, value: SqliteValue) -> bool:
    """Whether the encoding's type holds a non-NULL value; some targets may still not, see `Hazardous`."""
    try:
        encoding.decode(value)
    except Hazardous:
        return True
    except Misfit:
        return False
    return True


__all__ = [
    "Canonical",
    "Encoding",
    "Hazardous",
    "Misfit",
    "NotColumnar",
    "SqliteValue",
    "encoding",
    "fits",
    "stored_as",
]
