"""Dates and times in T-SQL: datetime2(7) in UTC, read and written with styles that are deterministic.

https://learn.microsoft.com/sql/t-sql/functions/date-and-time-data-types-and-functions-transact-sql and
https://learn.microsoft.com/sql/t-sql/functions/cast-and-convert-transact-sql#date-and-time-styles. FORMAT and the
weekday of DATEPART depend on the session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from migrator.model.types import TIMESTAMP
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions.collating import exactly
from migrator.targets.mssql.expressions.conversions import (
    EPOCH,
    SPEECH,
    cut,
    instant,
    unix_seconds,
    written,
)
from migrator.targets.mssql.names import literal
from migrator.targets.translation.terms import INTEGERS, Level, Moment, Term, Translate
from migrator.targets.translation.times import Clock, Written, tokens

_FULL: Final = "%Y-%m-%d %H:%M:%S"
_PLACES: Final = {"%Y": (1, 4), "%m": (6, 2), "%d": (9, 2), "%H": (12, 2), "%M": (15, 2), "%S": (18, 2)}
"""Where a directive stands in the text of a moment, and how wide it is."""

_MONDAY: Final = "CONVERT(date, N'0001-01-01', 120)"

_UNITS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def _shifted(moment: Moment, amount: str, unit: str) -> Moment:
    """DATEADD takes whole numbers of 32 bits; a fraction of a unit is added in milliseconds."""
    number = Decimal(amount)
    sql = f"DATEADD({unit}, {int(number)}, {moment.sql})"
    rest = (number - int(number)) * _UNITS.get(unit, 0) * 1000
    if not -(2**31) < number < 2**31 or rest != int(rest):
        raise Untranslatable(f"SQL Server cannot move a time by {amount} {unit}s.")
    if rest:
        sql = f"DATEADD(millisecond, {int(rest)}, {sql})"
    return replace(moment, sql=sql, level=Level.ATOM, zoned="")


def _advanced(moment: Moment, one: Moment, other: Moment) -> Moment:
    """By seconds, and by what `one` has beyond them: `other` is the beginning of a month."""
    seconds = f"DATEADD(second, DATEDIFF(second, {other.sql}, {one.sql}), {moment.sql})"
    sql = f"DATEADD(nanosecond, DATEPART(nanosecond, {one.sql}), {seconds})"
    return replace(moment, sql=sql, level=Level.ATOM, zoned="")


def _counted(term: Term) -> Moment:
    """By days and seconds of a day, each of which fits 32 bits."""
    if term.kind not in INTEGERS:
        raise Untranslatable("SQLite reads a number as seconds since 1970 that need not be whole in SQL Server.")
    value = term.at(Level.PRODUCT)
    return Moment(f"DATEADD(second, {value} % 86400, DATEADD(day, {value} / 86400, {EPOCH}))")


def _zoned(term: Term) -> Moment:
    return Moment(instant(term).sql, zoned=term.sql)


def _dated(term: Term) -> Moment:
    return Moment(instant(term).sql)


def _read(term: Term) -> Moment:
    if term.constant is not None:
        return Moment(SPEECH.required(term, TIMESTAMP).sql)
    text = exactly(term).at(Level.OTHER)
    digits = "[0-9][0-9]"
    dated = f"{text} LIKE N'{digits * 2}-{digits}-{digits}%'"
    read = f"TRY_CONVERT(datetimeoffset(7), REPLACE({text}, N'Z', N'+00:00'))"
    moment = f"CAST(SWITCHOFFSET({read}, 0) AS datetime2(7))"
    return Moment(f"CASE WHEN {dated} THEN {moment} END", stable=True)


def _julian(moment: Moment) -> Written:
    milliseconds = f"DATEDIFF_BIG(millisecond, {EPOCH}, {moment.sql}) + 210866760000000"
    return f"CAST({milliseconds} AS float(53)) / 86400000", Level.PRODUCT


def _written(found: Moment, layout: str, _translate: Translate) -> Written:
    parts = list(_parts(found, layout))
    if not any(name for name, _ in tokens(layout)):
        text = literal("".join(text for _, text in tokens(layout)))
        return f"CASE WHEN {found.at(Level.OTHER)} IS NOT NULL THEN {text} END", Level.ATOM
    return " + ".join(parts), Level.SUM if len(parts) > 1 else Level.ATOM


def _parts(found: Moment, layout: str) -> Iterator[str]:
    """Runs that stand so in a moment's text as one piece of it, anything else by itself."""
    position = 0
    while position < len(layout):
        run = _run(layout[position:])
        if run:
            yield _piece(found, run)
            position += len(run)
            continue
        name, text = next(iter(tokens(layout[position:])))
        following = 2 if name or layout[position] == "%" else len(text)
        yield literal(text) if text else _field(found, name)
        position += following


def _run(layout: str) -> str:
    """The longest beginning that is a part of `_FULL`, from a directive to a directive."""
    matches = [found[0] for found in re.finditer(r"%[YmdHMS](?:[- :]%[YmdHMS])*", _FULL)]
    candidates = (layout[:length] for length in range(len(_FULL), 1, -1))
    whole = (part for part in candidates if part in matches[0] and re.fullmatch(r"%.(?:[- :]%.)*", part))
    return next(whole, "")


def _piece(found: Moment, run: str) -> str:
    start, _ = _PLACES[run[:2]]
    place, width = _PLACES[run[-2:]]
    end = place + width - 1
    text = written(found, end)
    return text if start == 1 else f"SUBSTRING({text}, {start}, {end - start + 1})"


def _field(found: Moment, name: str) -> str:
    if name == "s":
        return f"CAST({unix_seconds(found).sql} AS nvarchar(20))"
    if name == "f":
        return f"SUBSTRING({written(found, 23)}, 18, 6)"
    days = f"DATEDIFF(day, {_MONDAY}, {found.sql})"
    week = f"DATEPART(iso_week, {found.sql})"
    value, width = {
        "j": (f"DATEPART(dayofyear, {found.sql})", 3),
        "w": (f"({days} + 1) % 7", 1),
        "u": (f"{days} % 7 + 1", 1),
        "V": (week, 2),
        "G": (f"YEAR(DATEADD(day, 26 - {week}, {found.sql}))", 4),
    }[name]
    zeros = "0" * width
    number = f"CAST({value} AS nvarchar({width}))"
    return f"RIGHT({literal(zeros)} + {number}, {width})" if width > 1 else number


CLOCK: Final = Clock(
    product=SPEECH.product,
    unsettled="SQL Server reads text as a time by the session's settings, so the result is not deterministic.",
    directives=frozenset({"Y", "m", "d", "H", "M", "S", "j", "w", "u", "V", "G", "s", "f"}),
    now=Moment("SYSUTCDATETIME()", stable=True),
    local=Moment("SYSDATETIME()", stable=True),
    cut=cut,
    shifted=_shifted,
    advanced=_advanced,
    counted=_counted,
    zoned=_zoned,
    dated=_dated,
    read=_read,
    missing=Moment("CAST(NULL AS datetime2(7))"),
    written=_written,
    unix=unix_seconds,
    julian=_julian,
)
