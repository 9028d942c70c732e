"""Dates and times in PostgreSQL.

https://www.postgresql.org/docs/current/functions-datetime.html and functions-formatting.html. `to_char` depends
on settings, so where only immutable functions may stand the parts are extracted and padded instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from migrator.model.types import TIMESTAMP
from migrator.targets.postgresql.expressions.conversions import SPEECH, unix_seconds
from migrator.targets.postgresql.names import literal
from migrator.targets.translation.terms import Level, Moment, Term, Translate
from migrator.targets.translation.times import Clock, Written, tokens

_PLAIN_INSTANT: Final = r"'^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?Z?$'"
_ZONED_INSTANT: Final = r"'^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?[+-]\d\d:\d\d$'"


@dataclass(frozen=True, slots=True)
class _Field:
    """One directive of `strftime`: for `to_char`, and as an extracted field with its width."""

    pattern: str
    field: str
    width: int


_FIELDS: Final = {
    "Y": _Field("YYYY", "YEAR", 4),
    "m": _Field("MM", "MONTH", 2),
    "d": _Field("DD", "DAY", 2),
    "H": _Field("HH24", "HOUR", 2),
    "M": _Field("MI", "MINUTE", 2),
    "S": _Field("SS", "SECOND", 2),
    "j": _Field("DDD", "DOY", 3),
    "w": _Field("", "DOW", 1),
    "u": _Field("ID", "ISODOW", 1),
    "V": _Field("IW", "WEEK", 2),
    "G": _Field("IYYY", "ISOYEAR", 4),
}


def _cut(moment: Moment, unit: str) -> Moment:
    return replace(moment, sql=f"date_trunc({literal(unit)}, {moment.sql})", level=Level.ATOM, zoned="")


def _shifted(moment: Moment, amount: str, unit: str) -> Moment:
    return _plus(moment, f"INTERVAL {literal(f'{amount} {unit}')}")


def _advanced(moment: Moment, one: Moment, other: Moment) -> Moment:
    return _plus(moment, f"({one.at(Level.SUM)} - {other.at(Level.PRODUCT)})")


def _plus(moment: Moment, amount: str) -> Moment:
    return replace(moment, sql=f"{moment.at(Level.SUM)} + {amount}", level=Level.SUM, zoned="")


def _from_unix(term: Term) -> Moment:
    return Moment(f"to_timestamp({term.sql}) AT TIME ZONE 'UTC'", Level.COLLATE)


def _zoned(term: Term) -> Moment:
    return Moment(f"{term.at(Level.ATOM)} AT TIME ZONE 'UTC'", Level.COLLATE, zoned=term.sql)


def _dated(term: Term) -> Moment:
    return Moment(f"CAST({term.sql} AS timestamp)")


def _read(term: Term) -> Moment:
    if term.constant is not None:
        return Moment(SPEECH.required(term, TIMESTAMP).sql)
    text = term.at(Level.OTHER)
    return Moment(
        f"CASE WHEN {text} ~ {_PLAIN_INSTANT} THEN CAST({term.sql} AS timestamp)"
        f" WHEN {text} ~ {_ZONED_INSTANT} THEN CAST({term.sql} AS timestamptz) AT TIME ZONE 'UTC' END",
        stable=True,
    )


def _julian(moment: Moment) -> Written:
    milliseconds = f"CAST(EXTRACT(EPOCH FROM {moment.sql}) * 1000 + 210866760000000 AS bigint)"
    return f"CAST({milliseconds} AS double precision) / 86400000", Level.PRODUCT


def _written(found: Moment, layout: str, translate: Translate) -> Written:
    extracted = translate.immutable and not found.stable
    parts = list(_extracted(found, layout) if extracted else _formatted(found, layout))
    return " || ".join(parts) or "''", Level.OTHER if len(parts) > 1 else Level.ATOM


def _extracted(found: Moment, layout: str) -> Iterable[str]:
    for name, text in tokens(layout):
        yield literal(text) if text else _field(found, name)


def _field(found: Moment, name: str) -> str:
    if name == "s":
        return f"CAST({unix_seconds(found).sql} AS text)"
    if name == "f":
        seconds = f"EXTRACT(SECOND FROM date_trunc('milliseconds', {found.sql}))"
        return f"lpad(CAST(round({seconds}, 3) AS text), 6, '0')"
    field = _FIELDS[name]
    value = f"EXTRACT({field.field} FROM {found.sql})"
    whole = f"floor({value})" if name == "S" else value
    return f"lpad(CAST({whole} AS text), {field.width}, '0')" if field.width > 1 else f"CAST({whole} AS text)"


def _formatted(found: Moment, layout: str) -> Iterable[str]:
    """`to_char` over runs of directives it knows, the others extracted."""
    run = ""
    for name, text in tokens(layout):
        if name in ("s", "w"):
            yield from _to_char(found, run)
            run = ""
            yield _field(found, name)
        else:
            run += _quoted(text) if text else "SS.MS" if name == "f" else _FIELDS[name].pattern
    yield from _to_char(found, run)


def _to_char(found: Moment, pattern: str) -> Iterable[str]:
    if pattern:
        yield f"to_char({found.sql}, {literal(pattern)})"


def _quoted(text: str) -> str:
    """Text `to_char` shall not read as a pattern."""
    if not re.search('[A-Za-z0-9"\\\\]', text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


CLOCK: Final = Clock(
    product=SPEECH.product,
    unsettled="PostgreSQL reads text as a time by the session's settings, so the result is not immutable.",
    directives=frozenset({*_FIELDS, "s", "f"}),
    now=Moment("CURRENT_TIMESTAMP AT TIME ZONE 'UTC'", Level.COLLATE, stable=True, zoned="CURRENT_TIMESTAMP"),
    local=Moment("LOCALTIMESTAMP", stable=True),
    cut=_cut,
    shifted=_shifted,
    advanced=_advanced,
    counted=_from_unix,
    zoned=_zoned,
    dated=_dated,
    read=_read,
    missing=Moment("CAST(NULL AS timestamp)"),
    written=_written,
    unix=unix_seconds,
    julian=_julian,
)
