"""Dates, times and timestamps as ISO 8601 text.

An encoding's name ends in the spelling, such as `iso:YYYY-MM-DD hh:mm:ss.ffffff` or `iso:hh:mm`, by which values
are written back; `[.ffffff]` means that the fraction is left out when it is zero, as Python's `isoformat` does.
Every spelling is read. The calendar is the proleptic Gregorian one, years 1 to 9999, days have 24 hours.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from migrator.model.types import Kind, LogicalType
from migrator.sources.sqlite.encodings.base import Canonical, Facts, Misfit, accept, require
from migrator.sources.sqlite.values import SqliteValue

SECOND = 1_000_000
DAY = 86_400 * SECOND
"""Microseconds."""
EPOCH = datetime.date(1970, 1, 1).toordinal()
FIRST = (datetime.date.min.toordinal() - EPOCH) * DAY
LAST = (datetime.date.max.toordinal() - EPOCH + 1) * DAY - 1
"""The first and last microsecond of years 1 to 9999, since 1970."""

_DATE = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_CLOCK = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,6}))?)?"
_ZONE = r"(?P<zone>Z|z|[+-][0-9]{2}:?[0-9]{2})"
_MOMENT = re.compile(rf"(?:{_DATE})?(?P<separator>[ T])?(?:{_CLOCK}{_ZONE}?)?")


@dataclass(frozen=True, slots=True)
class Moment:
    """An ISO text that was read. `number` is canonical: days, microseconds since midnight or since 1970 UTC.
    `offset` is in minutes east, `blank` whether a six-digit fraction is zero."""

    kind: Kind
    number: int
    spelling: str
    offset: int | None = None
    blank: bool = False


def read_moment(text: str) -> Moment | None:
    """What an ISO text says, None when it is none or names no real date or time of day."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    year, month, day, separator, hour, minute, second, fraction, zone = match.groups()
    if (separator is None) == (year is not None and hour is not None):
        return None
    days = _days(year, month, day) if year else None
    if hour is None or (year is not None and days is None):
        return None if days is None else Moment(Kind.DATE, days, "YYYY-MM-DD")
    micros = _micros(hour, minute, second, fraction)
    if micros is None:
        return None
    clock = "hh:mm" + (":ss" if second else "") + (f".{'f' * len(fraction)}" if fraction else "")
    blank = fraction == "000000"
    if days is None:
        return None if zone else Moment(Kind.TIME, micros, clock, blank=blank)
    spelling = f"YYYY-MM-DD{separator}{clock}"
    if zone is None:
        return Moment(Kind.TIMESTAMP, days * DAY + micros, spelling, blank=blank)
    offset = zone_offset(zone)
    instant = days * DAY + micros - (offset or 0) * 60 * SECOND
    if offset is None or not FIRST <= instant <= LAST:
        return None
    return Moment(Kind.TIMESTAMPTZ, instant, spelling + zone, offset, blank)


def zone_offset(zone: str) -> int | None:
    """Minutes east of UTC, None beyond 15:59, the widest PostgreSQL reads."""
    if zone in ("Z", "z"):
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 15 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if zone[0] == "-" else 1)


def _days(year: str, month: str, day: str) -> int | None:
    try:
        return datetime.date(int(year), int(month), int(day)).toordinal() - EPOCH
    except ValueError:
        return None


def _micros(hour: str, minute: str, second: str | None, fraction: str | None) -> int | None:
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return ((hours * 60 + minutes) * 60 + seconds) * SECOND + int((fraction or "").ljust(6, "0"))


def iso_name(moments: frozenset[tuple[str, bool]]) -> tuple[str, int]:
    """The encoding name for a column of these spellings (with `Moment.blank`), and how many spellings it has.

    Leaving a zero fraction out is one spelling. Where there are several, one that can write every value back
    is named.
    """
    spellings = sorted({spelling for spelling, _ in moments})
    if len(spellings) == 1:
        return f"iso:{spellings[0]}", 1
    full = _full(spellings[-1])
    both = {full.replace("[.ffffff]", ""), full.replace("[.ffffff]", ".ffffff")}
    optional = set(spellings) == both and not any(blank for _, blank in moments)
    return f"iso:{full}", 1 if optional else len(spellings)


_CLOCK_SPELLING = re.compile(r"hh:mm(?::ss)?(?:\.f+|\[\.f+\])?")


def _full(spelling: str) -> str:
    """The spelling with seconds, and with a fraction where it is not zero."""
    return _CLOCK_SPELLING.sub("hh:mm:ss[.ffffff]", spelling)


class _Iso(Facts):
    """What the three kinds share. Subclasses state their kind."""

    kind: ClassVar[Kind]
    probe: ClassVar[str | None] = "''"
    lengths: ClassVar[tuple[int, ...]]
    """How long a text without its zone can be. Arrow reads only these forms at these lengths."""

    def __init__(self, name: str, type: LogicalType) -> None:
        super().__init__(name, type)
        self.spelling = name.partition(":")[2]
        zone = re.search(_ZONE + "$", self.spelling)
        self.zone = zone[0] if zone else ""
        self.offset = zone_offset(self.zone) if zone else None

    def decode(self, value: SqliteValue) -> Canonical:
        """The canonical number of days or microseconds."""
        moment = read_moment(value) if isinstance(value, str) else None
        number = self.meaning(moment) if moment and moment.offset == self.offset else None
        if number is None:
            raise Misfit(f"not the ISO text of a {self.kind}" + (f" at offset {self.zone}" if self.zone else ""))
        return number

    def meaning(self, moment: Moment) -> int | None:
        """The canonical number that a moment says, None when it is of another kind."""
        return moment.number if moment.kind is self.kind else None

    def encode(self, value: Canonical) -> SqliteValue:
        """Text in the encoding's spelling, or with a full fraction where that could not tell the value."""
        assert isinstance(value, int)
        text = self._written(value, self.spelling)
        moment = read_moment(text)
        return text if moment and self.meaning(moment) == value else self._written(value, _full(self.spelling))

    def _written(self, value: int, spelling: str) -> str:
        local = value + (self.offset or 0) * 60 * SECOND
        days, micros = (local, 0) if self.kind is Kind.DATE else divmod(local, DAY)
        if "hh" in spelling:
            spelling = _with_clock(spelling, micros)
        if "YYYY" not in spelling:
            return spelling
        return spelling.replace("YYYY-MM-DD", datetime.date.fromordinal(days + EPOCH).isoformat())


class IsoDate(_Iso):
    """`YYYY-MM-DD`."""

    kind: ClassVar[Kind] = Kind.DATE
    lengths: ClassVar[tuple[int, ...]] = (10,)

    def vector(self, array: pa.Array) -> pa.Array:
        """Arrow reads the year 0 as well."""
        texts = require(array, pa.string())
        _accept_lengths(texts, self.lengths)
        dates = texts.cast(self.type.arrow)
        least = pc.min(dates.cast(pa.int32())).as_py()
        accept(least is None or least >= FIRST // DAY, "before year 1")
        return dates

    def number(self, sql: str) -> str:
        """Days since 1970."""
        return f"(CAST(strftime('%s', {sql}) AS INTEGER) / 86400)"


class IsoTime(_Iso):
    """`hh:mm`, with seconds and fractions or without."""

    kind: ClassVar[Kind] = Kind.TIME
    lengths: ClassVar[tuple[int, ...]] = (5, 8, 10, 11, 12, 13, 14, 15)

    def vector(self, array: pa.Array) -> pa.Array:
        """Arrow reads no times, so they are read as times of the first day."""
        texts = require(array, pa.string())
        _accept_lengths(texts, self.lengths)
        moments = pc.binary_join_element_wise("1970-01-01", texts, " ").cast(pa.timestamp("us"))
        return moments.cast(pa.int64()).cast(self.type.arrow)

    def number(self, sql: str) -> str:
        """Microseconds since midnight."""
        return (
            f"((substr({sql}, 1, 2) * 3600 + substr({sql}, 4, 2) * 60 + CAST(substr({sql}, 7, 2) AS INTEGER))"
            f" * 1000000 + {_fraction(sql, 10)})"
        )


class IsoTimestamp(_Iso):
    """Date and time without a zone, `T` or a blank between them."""

    kind: ClassVar[Kind] = Kind.TIMESTAMP
    lengths: ClassVar[tuple[int, ...]] = (16, 19, 21, 22, 23, 24, 25, 26)

    def vector(self, array: pa.Array) -> pa.Array:
        """Arrow's own reader, on values of the lengths for which it reads the same as `read_moment`."""
        texts = require(array, pa.string())
        if self.zone:
            accept(pc.all(pc.ends_with(texts, self.zone)).as_py(), "another zone")
            texts = pc.utf8_slice_codeunits(texts, 0, -len(self.zone))
        _accept_lengths(texts, self.lengths)
        numbers = pc.subtract(texts.cast(pa.timestamp("us")).cast(pa.int64()), (self.offset or 0) * 60 * SECOND)
        extent = pc.min_max(numbers)
        low, high = extent["min"].as_py(), extent["max"].as_py()
        accept(low is None or FIRST <= low <= high <= LAST, "beyond the years 1 to 9999")
        return numbers.cast(self.type.arrow)

    def number(self, sql: str) -> str:
        """Microseconds since 1970."""
        return f"(CAST(strftime('%s', substr({sql}, 1, 19)) AS INTEGER) * 1000000 + {_fraction(sql, 21)})"


class IsoTimestampTz(IsoTimestamp):
    """Date and time at one offset, the same in the whole column; it stands in the encoding's spelling."""

    kind: ClassVar[Kind] = Kind.TIMESTAMPTZ

    def __init__(self, name: str, type: LogicalType) -> None:
        super().__init__(name, type)
        if self.offset is None:
            raise ValueError(name)

    def number(self, sql: str) -> str:
        """Microseconds since 1970 UTC."""
        zone = f"CASE WHEN {sql} GLOB '*[Zz]' THEN 1 WHEN {sql} GLOB '*:[0-9][0-9]' THEN 6 ELSE 5 END"
        local = f"substr({sql}, 1, length({sql}) - {zone})"
        return f"({super().number(local)} - {(self.offset or 0) * 60 * SECOND})"


def _with_clock(spelling: str, micros: int) -> str:
    seconds, fraction = divmod(micros, SECOND)
    digits = f"{fraction:06}"
    spelling = spelling.replace("[.ffffff]", f".{digits}" if fraction else "")
    spelling = re.sub(r"\.f+", lambda match: "." + digits[: len(match[0]) - 1], spelling)
    clock = {"hh": seconds // 3600, "mm": seconds // 60 % 60, "ss": seconds % 60}
    return re.sub("hh|mm|ss", lambda match: f"{clock[match[0]]:02}", spelling)


def _fraction(sql: str, at: int) -> str:
    """SQL for the fraction whose digits start at that character, in microseconds."""
    return f"CAST(substr(substr({sql}, {at}) || '000000', 1, 6) AS INTEGER)"


def _accept_lengths(texts: pa.Array, lengths: tuple[int, ...]) -> None:
    """Raise NotColumnar unless every text is as long as one of the forms that Arrow reads as we do."""
    known = pc.is_in(pc.binary_length(texts), pa.array([*lengths, None], pa.int32()))
    accept(pc.all(known).as_py(), "another form")
