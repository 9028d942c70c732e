"""SQLite's date and time functions as standard nodes, https://sqlite.org/lang_datefunc.html.

A time value is a moment in UTC and the functions make text, numbers or Julian days of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from sqlglot import exp

from migrator.sources.sqlite.expressions.names import NoStandardMeaning

Rewrite = Callable[[exp.Expr], exp.Expr]
Rule = Callable[[exp.Expr, Rewrite], exp.Expr]

_FORMATS: Final = {"date": "%Y-%m-%d", "time": "%H:%M:%S", "datetime": "%Y-%m-%d %H:%M:%S"}

FUNCTIONS: Final = frozenset({*_FORMATS, "strftime", "julianday", "unixepoch"})

_SHIFT: Final = re.compile(r"([+-]?\d+(?:\.\d+)?) *(second|minute|hour|day|month|year)s?")
_START: Final = re.compile(r"start of (day|month|year)")


def function(name: str, arguments: Sequence[exp.Expr], rewrite: Rewrite) -> exp.Expr:
    """One of `FUNCTIONS` over its arguments.

    Raises:
        NoStandardMeaning: A modifier has none.
    """
    if name == "strftime":
        if not arguments or not _is_text(arguments[0]):
            raise NoStandardMeaning("strftime with a computed format")
        return _as_text(_moment(arguments[1:], rewrite), arguments[0].name)
    moment = _moment(arguments, rewrite)
    if name in _FORMATS:
        return _as_text(moment, _FORMATS[name])
    if name == "julianday":
        return exp.Anonymous(this="JULIANDAY", expressions=[moment])
    return exp.TimeToUnix(this=moment)


def _as_text(moment: exp.Expr, layout: str) -> exp.Expr:
    return exp.TimeToStr(this=moment, format=exp.Literal.string(layout))


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _moment(arguments: Sequence[exp.Expr], rewrite: Rewrite) -> exp.Expr:
    """A time value with its modifiers, https://sqlite.org/lang_datefunc.html#modifiers."""
    value, *others = arguments or [exp.Literal.string("now")]
    if not all(map(_is_text, others)):
        raise NoStandardMeaning("a computed time modifier")
    modifiers = [other.name.strip().lower() for other in others]
    if isinstance(value, exp.CurrentTimestamp) or (_is_text(value) and value.name.strip().lower() == "now"):
        moment: exp.Expr = exp.CurrentTimestamp()
        if modifiers[:1] == ["localtime"]:
            moment = exp.Localtimestamp()
            del modifiers[0]
    else:
        moment = rewrite(value)
        if modifiers[:1] == ["unixepoch"]:
            moment = exp.UnixToTime(this=moment)
            del modifiers[0]
    for modifier in modifiers:
        moment = _modified(moment, modifier)
    return moment


def _modified(moment: exp.Expr, modifier: str) -> exp.Expr:
    start = _START.fullmatch(modifier)
    if start is not None:
        return _cut(moment, start[1].upper())
    shift = _SHIFT.fullmatch(modifier)
    if shift is None:
        raise NoStandardMeaning(f"the time modifier {modifier!r}")
    amount, unit = shift[1].removeprefix("+"), shift[2].upper()
    if unit not in ("MONTH", "YEAR"):
        return _moved(moment, amount, unit)
    if "." in amount:
        raise NoStandardMeaning(f"the time modifier {modifier!r}")
    return _months_moved(moment, amount, unit)


def _cut(moment: exp.Expr, unit: str) -> exp.Expr:
    return exp.func("DATE_TRUNC", exp.Literal.string(unit), moment)


def _moved(moment: exp.Expr, amount: str, unit: str) -> exp.Expr:
    return exp.Add(this=moment, expression=exp.Interval(this=exp.Literal.string(amount), unit=exp.var(unit)))


def _months_moved(moment: exp.Expr, amount: str, unit: str) -> exp.Expr:
    """In SQLite a day the month does not have runs on into the next one: one month after 31 January is 3 March.
    Elsewhere it becomes the month's last day. So the start of the month moves, and the rest is added."""
    if isinstance(moment, exp.DateTrunc) and moment.unit.name.upper() in ("MONTH", "YEAR"):
        return _moved(moment, amount, unit)
    rest = exp.Paren(this=exp.Sub(this=moment, expression=_cut(moment.copy(), "MONTH")))
    return exp.Add(this=_moved(_cut(moment.copy(), "MONTH"), amount, unit), expression=rest)


def _date(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """sqlglot has a node of its own for `date` with at most one argument."""
    arguments = [part for part in (node.this, node.args.get("zone"), *node.expressions) if part is not None]
    return function("date", arguments, rewrite)


def _strftime(node: exp.Expr, rewrite: Rewrite) -> exp.Expr:
    """sqlglot has a node of its own for `strftime` without modifiers."""
    value = node.this.this if isinstance(node.this, exp.TsOrDsToTimestamp) else node.this
    moment = exp.CurrentTimestamp() if isinstance(value, exp.CurrentTimestamp) else _moment([value], rewrite)
    return _as_text(moment, node.args["format"].name)


def _copy(node: exp.Expr, _rewrite: Rewrite) -> exp.Expr:
    return node.copy()


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.CurrentDate: _copy,
    exp.CurrentTime: _copy,
    exp.CurrentTimestamp: _copy,
    exp.Date: _date,
    exp.TimeToStr: _strftime,
}
