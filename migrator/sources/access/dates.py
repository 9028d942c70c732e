"""Dates of Access: days since 1899-12-30 as a double, and the text of Date/Time Extended.

A double cannot hold most times of day exactly, so a time is read as the roundest one that the double stands
for: in whole milliseconds, else microseconds, within the double's own resolution (40 microseconds in the year
9999). Zones are unknown to Access.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from migrator.sources.access.blocks import Bools, Ints, Values

Doubles = npt.NDArray[np.float64]

_FIRST, _BEYOND = -657434.0, 2958466.0
"""0100-01-01 and 10000-01-01. https://support.microsoft.com/office/af699a2b (Date/Time: 100 to 9999)"""

_EPOCH = 25569
"""Days from 1899-12-30 to 1970-01-01."""

_DAY = 86_400
_SLACK = 1e-10
"""Seconds that the arithmetic of a fraction of a day loses at most, rounded up."""


def acceptable(days: Doubles) -> Bools:
    """Which doubles are dates that Access allows. NaN is none."""
    return (np.trunc(days) >= _FIRST) & (days < _BEYOND)


def _times(days: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Whole days, the seconds of the day, and how many seconds apart doubles of this size are.

    The part after the point counts forward also before 1899-12-30: -1.25 is 06:00 on 1899-12-29.
    https://learn.microsoft.com/dotnet/api/system.datetime.tooadate tells the rule.
    """
    whole = np.trunc(days)
    return whole, np.abs(days - whole) * _DAY, np.spacing(np.abs(days)) * _DAY + _SLACK


def microseconds(days: Doubles) -> Ints:
    """Microseconds since 1970-01-01 of dates that are `acceptable`."""
    whole, seconds, apart = _times(days)
    millis = np.rint(seconds * 1e3)
    micros = np.where(np.abs(millis / 1e3 - seconds) <= apart, millis * 1e3, np.rint(seconds * 1e6))
    return (whole.astype(np.int64) - _EPOCH) * (_DAY * 1_000_000) + micros.astype(np.int64)


def finer(days: Doubles) -> Bools:
    """Which doubles stand for a time that no whole number of microseconds gives."""
    _, seconds, apart = _times(days)
    return np.abs(np.rint(seconds * 1e6) / 1e6 - seconds) > apart


_TEXT = 42
"""`0000000000000737592:0000000000000000000:7` and a NUL: 19 digits of days since 0001-01-01; 12 of seconds of
the day and 7 of hundreds of nanoseconds; the number of digits behind the point (Jackcess, ColumnImpl)."""


def extended(values: Values) -> list[str | None]:
    """Values of Date/Time Extended as ISO 8601 text with seven digits behind the point.

    Raises:
        SourceDamagedError: The stored text is not of the form, or no date from year 1 to 9999.
    """
    digits = _digits(values)
    days = _number(digits[:, :19])
    seconds, ticks = _number(digits[:, 20:32]), _number(digits[:, 32:39])
    wrong = values.valid & ((days > 3652058) | (seconds >= _DAY) | (days < 0))
    if wrong.any():
        values.damaged(wrong, "A Date/Time Extended is later than year 9999, or its time is none")
    instants = np.datetime64("0001-01-01T00:00:00", "s") + np.where(values.valid, days * _DAY + seconds, 0)
    texts = np.datetime_as_string(instants, "s").tolist()
    return [
        f"{text}.{tick:07d}" if valid else None
        for text, tick, valid in zip(texts, ticks.tolist(), values.valid.tolist(), strict=True)
    ]


def _digits(values: Values) -> npt.NDArray[Any]:
    """The digits of every value, with zeros for NULL and in place of the colon."""
    found = values.bytes_of(_TEXT).astype(np.int64) - ord("0")
    found[~values.valid] = 0
    found[:, 19] = np.where(found[:, 19] == ord(":") - ord("0"), 0, found[:, 19])
    wrong: Bools = np.any((found[:, :39] < 0) | (found[:, :39] > 9), axis=1)
    if wrong.any():
        values.damaged(wrong, "A Date/Time Extended is not of its form")
    return found


def _number(digits: npt.NDArray[Any]) -> Ints:
    """The decimal number of each row of digits; those too large for a date are made just that."""
    scale = 10 ** np.arange(min(digits.shape[1], 18), dtype=np.int64)[::-1]
    excess = digits[:, : digits.shape[1] - len(scale)].any(axis=1)
    number: Ints = digits[:, digits.shape[1] - len(scale) :] @ scale
    return np.where(excess, np.int64(10**18), number)
