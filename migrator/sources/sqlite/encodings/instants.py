"""Points in time as numbers: seconds and milliseconds since 1970, and Julian days.

SQLite's own date functions read all three (https://sqlite.org/lang_datefunc.html). A number is taken for a time
only within bounds that other numbers rarely meet.
"""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from migrator.model.types import Kind
from migrator.sources.sqlite.encodings.base import Canonical, Facts, Misfit, accept, require
from migrator.sources.sqlite.values import SqliteValue

EPOCH_SECONDS = (100_000_000, 4_102_444_800)
"""1973-03-03 to 2100-01-01."""
EPOCH_MILLISECONDS = (100_000_000_000, 4_102_444_800_000)
"""The same, in milliseconds, from 1973-03-03."""
JULIAN_DAYS = (2_305_447.5, 2_816_787.5)
"""1600-01-01 to 3000-01-01."""

_DAY_MILLIS = 86_400_000.0
_DAY_MICROS = 86_400_000_000.0
_EPOCH_DAY = 2_440_587.5
_EPOCH_MILLIS = 210_866_760_000_000
"""1970-01-01 as a Julian day, and as the milliseconds in which SQLite counts Julian days."""


class EpochSeconds(Facts):
    """Seconds since 1970 UTC: integers, or reals that microseconds tell exactly."""

    kind: ClassVar[Kind] = Kind.TIMESTAMPTZ
    probe: ClassVar[str | None] = "0.0"

    def decode(self, value: SqliteValue) -> Canonical:
        """Microseconds since 1970."""
        low, high = EPOCH_SECONDS
        if not isinstance(value, int | float) or not low <= value <= high:
            raise Misfit("not a number of seconds from 1973 to 2100")
        micros = round(value * 1_000_000)
        if micros / 1_000_000 != value:
            raise Misfit("finer than a microsecond")
        return micros

    def encode(self, value: Canonical) -> SqliteValue:
        """Whole seconds as an integer, others as the nearest double."""
        assert isinstance(value, int)
        return value // 1_000_000 if value % 1_000_000 == 0 else value / 1_000_000

    def vector(self, array: pa.Array) -> pa.Array:
        """Rounded to microseconds, and proven by dividing back."""
        seconds = require(array, pa.float64()).fill_null(EPOCH_SECONDS[0]).to_numpy(zero_copy_only=False)
        accept(np.all((seconds >= EPOCH_SECONDS[0]) & (seconds <= EPOCH_SECONDS[1])), "not from 1973 to 2100")
        micros = np.rint(seconds * 1e6)
        accept(np.all(micros / 1e6 == seconds), "finer than a microsecond")
        return _timestamps(micros.astype(np.int64), array, self.type.arrow)

    def number(self, sql: str) -> str:
        """Microseconds since 1970."""
        return f"CAST(round({sql} * 1000000.0) AS INTEGER)"


class EpochMilliseconds(Facts):
    """Milliseconds since 1970 UTC, as integers."""

    kind: ClassVar[Kind] = Kind.TIMESTAMPTZ
    probe: ClassVar[str | None] = "0"

    def decode(self, value: SqliteValue) -> Canonical:
        """Microseconds since 1970."""
        low, high = EPOCH_MILLISECONDS
        if not isinstance(value, int) or not low <= value <= high:
            raise Misfit("not a number of milliseconds from 1973 to 2100")
        return value * 1000

    def encode(self, value: Canonical) -> SqliteValue:
        """Milliseconds; a finer value that only the target held goes into a real."""
        assert isinstance(value, int)
        return value // 1000 if value % 1000 == 0 else value / 1000

    def vector(self, array: pa.Array) -> pa.Array:
        """A multiplication."""
        extent = pc.min_max(require(array, pa.int64()))
        low, high = extent["min"].as_py(), extent["max"].as_py()
        accept(low is None or EPOCH_MILLISECONDS[0] <= low <= high <= EPOCH_MILLISECONDS[1], "range")
        return pc.multiply(array, 1000).cast(self.type.arrow)

    def number(self, sql: str) -> str:
        """Microseconds since 1970."""
        return f"({sql} * 1000)"


class JulianDay(Facts):
    """Julian days without a zone, as `julianday()` gives them.

    A double tells a Julian day to about 40 microseconds. SQLite computes them from whole milliseconds, so a
    value that is one is read as one; any other is read to the microsecond. Either way the way back is exact.
    """

    kind: ClassVar[Kind] = Kind.TIMESTAMP
    probe: ClassVar[str | None] = "0.0"

    def decode(self, value: SqliteValue) -> Canonical:
        """Microseconds since 1970."""
        if not isinstance(value, int | float) or not JULIAN_DAYS[0] <= value <= JULIAN_DAYS[1]:
            raise Misfit("not a Julian day from 1600 to 3000")
        millis = int(value * _DAY_MILLIS + 0.5)
        if millis / _DAY_MILLIS == value:
            return (millis - _EPOCH_MILLIS) * 1000
        return _half_away((value - _EPOCH_DAY) * _DAY_MICROS)

    def encode(self, value: Canonical) -> SqliteValue:
        """The double nearest to the Julian day."""
        assert isinstance(value, int)
        return float(Fraction(value, 86_400_000_000) + Fraction(_EPOCH_DAY))

    def vector(self, array: pa.Array) -> pa.Array:
        """The same arithmetic, operation by operation."""
        days = require(array, pa.float64()).fill_null(_EPOCH_DAY).to_numpy(zero_copy_only=False)
        accept(np.all((days >= JULIAN_DAYS[0]) & (days <= JULIAN_DAYS[1])), "not from 1600 to 3000")
        millis = np.trunc(days * _DAY_MILLIS + 0.5)
        fine = (days - _EPOCH_DAY) * _DAY_MICROS
        rounded = np.where(fine < 0, np.trunc(fine - 0.5), np.trunc(fine + 0.5)).astype(np.int64)
        coarse = (millis.astype(np.int64) - _EPOCH_MILLIS) * 1000
        return _timestamps(np.where(millis / _DAY_MILLIS == days, coarse, rounded), array, self.type.arrow)

    def number(self, sql: str) -> str:
        """Microseconds since 1970."""
        millis = f"CAST({sql} * 86400000.0 + 0.5 AS INTEGER)"
        fine = f"(({sql} - 2440587.5) * 86400000000.0)"
        return (
            f"CASE WHEN {millis} / 86400000.0 = {sql} THEN ({millis} - {_EPOCH_MILLIS}) * 1000"
            f" ELSE CAST({fine} + (CASE WHEN {fine} < 0 THEN -0.5 ELSE 0.5 END) AS INTEGER) END"
        )


def _half_away(value: float) -> int:
    """Rounded as SQLite's round() does."""
    return int(value - 0.5) if value < 0 else int(value + 0.5)


def _timestamps(micros: npt.NDArray[np.int64], like: pa.Array, type: pa.DataType) -> pa.Array:
    mask = like.is_null().to_numpy(zero_copy_only=False) if like.null_count else None
    return pa.array(micros, pa.int64(), mask=mask).cast(type)
