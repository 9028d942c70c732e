"""Dates and timestamps in columns whose text says more, or less, than the type does: dates with a midnight,
timestamps without one, timestamps at UTC.

The planner takes these only where the type is fixed by somebody else; left alone, such columns get the type
that says all their text says. A value is held as long as nothing of it is lost.
"""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from migrator.model.types import Kind, LogicalType
from migrator.sources.sqlite.encodings.base import Canonical, accept, require
from migrator.sources.sqlite.encodings.iso import (
    DAY,
    IsoDate,
    IsoTimestamp,
    IsoTimestampTz,
    Moment,
    read_moment,
)
from migrator.sources.sqlite.values import SqliteValue

_MIDNIGHT = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]00:00(?::00(?:\.0{1,6})?)?)?\z"


class MidnightDate(IsoDate):
    """Dates as timestamps at midnight, such as `midnight:YYYY-MM-DD hh:mm:ss`; bare dates are read as well."""

    def meaning(self, moment: Moment) -> int | None:
        """Days since 1970."""
        if moment.kind is Kind.TIMESTAMP:
            days, micros = divmod(moment.number, DAY)
            return None if micros else days
        return super().meaning(moment)

    def vector(self, array: pa.Array) -> pa.Array:
        """The dates, if nothing but a midnight follows them."""
        texts = require(array, pa.string())
        accept(pc.all(pc.match_substring_regex(texts, _MIDNIGHT)).as_py(), "not at midnight")
        return super().vector(pc.utf8_slice_codeunits(texts, 0, 10))

    def number(self, sql: str) -> str:
        """Days since 1970."""
        return super().number(f"substr({sql}, 1, 10)")


class DayTimestamp(IsoTimestamp):
    """Timestamps and, for midnights, bare dates; the name says how they are written back, as in
    `day:YYYY-MM-DD`."""

    lengths: ClassVar[tuple[int, ...]] = (10, *IsoTimestamp.lengths)

    def meaning(self, moment: Moment) -> int | None:
        """Microseconds since 1970."""
        return moment.number * DAY if moment.kind is Kind.DATE else super().meaning(moment)

    def encode(self, value: Canonical) -> SqliteValue:
        """Text in the encoding's spelling, with a time of day where a bare date could not tell the value."""
        assert isinstance(value, int)
        text = super().encode(value)
        moment = read_moment(str(text))
        if moment is not None and self.meaning(moment) == value:
            return text
        return self._written(value, "YYYY-MM-DD hh:mm:ss[.ffffff]")


class UtcTimestamp(IsoTimestampTz):
    """Timestamps whose text says that they are at UTC, all of them, such as `utc:YYYY-MM-DDThh:mm:ssZ`."""

    kind: ClassVar[Kind] = Kind.TIMESTAMP

    def __init__(self, name: str, type: LogicalType) -> None:
        super().__init__(name, type)
        if self.offset:
            raise ValueError(name)

    def meaning(self, moment: Moment) -> int | None:
        """Microseconds since 1970."""
        return moment.number if moment.kind is Kind.TIMESTAMPTZ else None
