"""Dates and times: moments in UTC, and the texts and numbers SQLite makes of them.

https://www.postgresql.org/docs/current/functions-datetime.html and functions-formatting.html. `to_char` depends
on settings, so where only immutable functions may stand the parts are extracted and padded instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from migrator.model.types import FLOAT64, TEXT, TIMESTAMP, Kind
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions import constants
from migrator.targets.postgresql.expressions.conversions import resolution, unix_seconds
from migrator.targets.postgresql.expressions.terms import (
    NUMBERS,
    Level,
    Moment,
    Term,
    Translate,
)
from migrator.targets.postgresql.names import literal

Rule = Callable[[exp.Expr, Translate], Term]

_NOW: Final = "CURRENT_TIMESTAMP AT TIME ZONE 'UTC'"

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
_SHORT: Final = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M"}
_LAYOUTS: Final[dict[type[exp.Expr], str]] = {
    exp.CurrentTimestamp: "%Y-%m-%d %H:%M:%S",
    exp.CurrentDate: "%Y-%m-%d",
    exp.CurrentTime: "%H:%M:%S",
}


def current(node: exp.Expr, translate: Translate) -> Term:
    """CURRENT_TIMESTAMP, CURRENT_DATE, CURRENT_TIME: texts in SQLite."""
    return _text(_now(translate), _LAYOUTS[type(node)], translate)


def as_text(node: exp.Expr, translate: Translate) -> Term:
    """`TIME_TO_STR(t, format)`."""
    return _text(moment(node.this, translate), node.args["format"].name, translate)


def to_unix(node: exp.Expr, translate: Translate) -> Term:
    """`TIME_TO_UNIX(t)`: whole seconds since 1970."""
    found = moment(node.this, translate)
    _allow(found, translate)
    return replace(unix_seconds(found), moment=found, layout="%s")


def julian_day(node: exp.Expr, translate: Translate) -> Term:
    """`JULIANDAY(t)`, calculated as SQLite does: milliseconds since -4713-11-24 12:00, divided once."""
    found = moment(node.expressions[0], translate)
    _allow(found, translate)
    milliseconds = f"CAST(EXTRACT(EPOCH FROM {found.sql}) * 1000 + 210866760000000 AS bigint)"
    return Term(
        f"CAST({milliseconds} AS double precision) / 86400000", FLOAT64, Level.PRODUCT, moment=found, layout="%J"
    )


def moment(node: exp.Expr, translate: Translate) -> Moment:
    """A time value as a timestamp in UTC.

    Raises:
        Untranslatable: It is no time in PostgreSQL.
    """
    rule = _MOMENTS.get(type(node))
    if rule is not None:
        return rule(node, translate)
    return _of_term(translate(node), translate)


def _now(translate: Translate) -> Moment:
    if translate.immutable:
        raise Untranslatable("The current time may not stand in a constraint, an index or a generated column.")
    return Moment(_NOW, Level.COLLATE, stable=True, zoned="CURRENT_TIMESTAMP")


def _local(translate: Translate) -> Moment:
    _now(translate)
    return Moment("LOCALTIMESTAMP", stable=True)


def _cut(node: exp.Expr, translate: Translate) -> Moment:
    inner = moment(node.this, translate)
    return replace(
        inner, sql=f"date_trunc({literal(node.args['unit'].name.lower())}, {inner.sql})", level=Level.ATOM
    )


def _moved(node: exp.Expr, translate: Translate) -> Moment:
    """`t + INTERVAL` or `t + (t - t)`."""
    left, right = moment(node.this, translate), node.expression
    if isinstance(right, exp.Interval):
        amount = f"INTERVAL {literal(_amount(right))}"
    else:
        difference = right.this if isinstance(right, exp.Paren) else right
        if not isinstance(difference, exp.Sub):
            raise Untranslatable("SQLite moves a time by an amount that PostgreSQL cannot know.")
        one, other = moment(difference.this, translate), moment(difference.expression, translate)
        amount = f"({one.at(Level.SUM)} - {other.at(Level.PRODUCT)})"
    return replace(left, sql=f"{left.at(Level.SUM)} + {amount}", level=Level.SUM, zoned="")


def _amount(interval: exp.Interval) -> str:
    return f"{interval.args['this'].name} {interval.args['unit'].name.lower()}"


def _from_unix(node: exp.Expr, translate: Translate) -> Moment:
    """A column of Unix times may have become timestamps; then nothing is left to do."""
    term = translate(node.this)
    if term.kind in (Kind.TIMESTAMP, Kind.TIMESTAMPTZ):
        return _of_term(term, translate)
    if term.kind not in NUMBERS:
        raise Untranslatable("SQLite reads a column as seconds since 1970 that holds no number in PostgreSQL.")
    return Moment(f"to_timestamp({term.sql}) AT TIME ZONE 'UTC'", Level.COLLATE)


_MOMENTS: Final[dict[type[exp.Expr], Callable[[exp.Expr, Translate], Moment]]] = {
    exp.CurrentTimestamp: lambda _, translate: _now(translate),
    exp.Localtimestamp: lambda _, translate: _local(translate),
    exp.DateTrunc: _cut,
    exp.Add: _moved,
    exp.UnixToTime: _from_unix,
    exp.Paren: lambda node, translate: moment(node.this, translate),
}


def _of_term(term: Term, _translate: Translate) -> Moment:
    if term.moment is not None:
        return _again(term)
    if term.kind is Kind.TIMESTAMP:
        return Moment(term.sql, term.level)
    if term.kind is Kind.TIMESTAMPTZ:
        return Moment(f"{term.at(Level.ATOM)} AT TIME ZONE 'UTC'", Level.COLLATE, zoned=term.sql)
    if term.kind is Kind.DATE:
        return Moment(f"CAST({term.sql} AS timestamp)")
    if term.kind is Kind.TEXT:
        return _of_text(term)
    if term.null:
        return Moment("CAST(NULL AS timestamp)")
    raise Untranslatable("SQLite reads a column as a time that holds none in PostgreSQL.")


def _again(term: Term) -> Moment:
    """The time in a text that was made from a time."""
    assert term.moment is not None
    unit = resolution(term.layout)
    if unit is None:
        raise Untranslatable("SQLite reads a part of a time as a time again.")
    return replace(term.moment, sql=f"date_trunc('{unit}', {term.moment.sql})", level=Level.ATOM, zoned="")


def _of_text(term: Term) -> Moment:
    """Text in ISO form as a time; anything else is NULL, as in SQLite
    (https://www.sqlite.org/lang_datefunc.html#time_values)."""
    if term.constant is not None:
        return Moment(constants.required(term, TIMESTAMP).sql)
    text = term.at(Level.OTHER)
    return Moment(
        f"CASE WHEN {text} ~ {_PLAIN_INSTANT} THEN CAST({term.sql} AS timestamp)"
        f" WHEN {text} ~ {_ZONED_INSTANT} THEN CAST({term.sql} AS timestamptz) AT TIME ZONE 'UTC' END",
        stable=True,
    )


def _allow(found: Moment, translate: Translate) -> None:
    if found.stable and translate.strict:
        raise Untranslatable(
            "PostgreSQL reads text as a time by the session's settings, so the result is not immutable."
        )


def _text(found: Moment, layout: str, translate: Translate) -> Term:
    """A moment as text; what cannot be written may still be compared as a time."""
    for short, long in _SHORT.items():
        layout = layout.replace(f"%{short}", long)
    problem = _problem(found, layout, translate)
    if problem:
        return Term("", TEXT, moment=found, layout=layout, problem=problem)
    extracted = translate.immutable and not found.stable
    parts = list(_extracted(found, layout) if extracted else _formatted(found, layout))
    level = Level.OTHER if len(parts) > 1 else Level.ATOM
    return Term(" || ".join(parts) or "''", TEXT, level, moment=found, layout=layout)


def _problem(found: Moment, layout: str, translate: Translate) -> str:
    unknown = [name for name in re.findall("%(.)", layout) if name not in {*_FIELDS, "s", "f", "%"}]
    if unknown:
        return f"PostgreSQL has no equal of strftime's %{unknown[0]}."
    if found.stable and translate.strict:
        return "PostgreSQL reads text as a time by the session's settings, so the result is not immutable."
    return ""


def _tokens(layout: str) -> Iterable[tuple[str, str]]:
    """Directives and the text between them."""
    for match in re.finditer("%(.)|([^%]+)", layout):
        yield (match[1] or "", match[2] or "") if match[1] != "%" else ("", "%")


def _extracted(found: Moment, layout: str) -> Iterable[str]:
    for name, text in _tokens(layout):
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
    for name, text in _tokens(layout):
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


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.CurrentDate: current,
    exp.CurrentTime: current,
    exp.CurrentTimestamp: current,
    exp.TimeToStr: as_text,
    exp.TimeToUnix: to_unix,
}
