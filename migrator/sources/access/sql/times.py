"""Dates and times: their parts, differences and moves.

https://learn.microsoft.com/office/vba/language/reference/user-interface-help/datepart-function, and the pages
beside it. A date is local time without a zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlglot import exp

from migrator.sources.access.sql.arithmetic import shifted
from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.typed import Kind, Typed, brackets, computed, constant, whole_moment

Function = Callable[[Sequence[Typed]], Typed]

_PARTS: Final = {"yyyy": "%Y", "m": "%m", "d": "%d", "h": "%H", "n": "%M", "s": "%S", "y": "%j"}
_UNITS: Final = {"yyyy": (1, "YEAR"), "q": (3, "MONTH"), "m": (1, "MONTH"), "ww": (7, "DAY")} | {
    **dict.fromkeys("dyw", (1, "DAY")),
    **{"h": (1, "HOUR"), "n": (1, "MINUTE"), "s": (1, "SECOND")},
}
_SECONDS: Final = {"h": ("HOUR", 3600), "n": ("MINUTE", 60), "s": ("SECOND", 1)}


def today(_arguments: Sequence[Typed]) -> Typed:
    """`Date()`."""
    return computed(_cut(exp.Localtimestamp(), "DAY"), False)


def now(_arguments: Sequence[Typed]) -> Typed:
    """`Now()`, whole seconds."""
    return computed(exp.Localtimestamp(), False)


def _cut(moment: exp.Expr, unit: str) -> exp.Expr:
    return exp.func("DATE_TRUNC", exp.Literal.string(unit), moment)


def _date(value: Typed, name: str) -> Typed:
    if value.kind is not Kind.DATE:
        raise Refused(f"It calls {name} with {value.kind.value}, which Access makes a date of first.")
    return value


def _interval(value: Typed, name: str) -> str:
    if value.text is None:
        raise Refused(f"It calls {name} with an interval that is no constant.")
    return value.text.lower()


def part(value: Typed, interval: str) -> Typed:
    """A part of a date as a whole number. Raises Refused."""
    if interval == "q":
        month = part(value, "m").node
        plus = exp.Paren(this=exp.Add(this=month, expression=exp.Literal.number(2)))
        return Typed(exp.Div(this=plus, expression=exp.Literal.number(3)), Kind.INT, value.nullable, least=1)
    if interval == "w":
        day = exp.Add(this=_number(value, "%w"), expression=exp.Literal.number(1))
        return Typed(day, Kind.INT, value.nullable, least=1)
    if interval not in _PARTS:
        raise Refused(f"The part {interval!r} of a date depends on how weeks are counted.")
    return Typed(_number(value, _PARTS[interval]), Kind.INT, value.nullable, least=0)


def _number(value: Typed, directive: str) -> exp.Expr:
    text = exp.TimeToStr(this=whole_moment(value).copy(), format=exp.Literal.string(directive))
    return exp.Cast(this=text, to=exp.DataType.build("BIGINT"))


def _named_part(name: str, interval: str) -> Function:
    return lambda arguments: part(_date(arguments[0], name), interval)


def _date_part(arguments: Sequence[Typed]) -> Typed:
    if len(arguments) > 2:
        raise Refused("DatePart with a first day of the week has no equal.")
    return part(_date(arguments[1], "DatePart"), _interval(arguments[0], "DatePart"))


def _date_add(arguments: Sequence[Typed]) -> Typed:
    """A month later is at most the last day of that month, there and here."""
    interval, amount = _interval(arguments[0], "DateAdd"), arguments[1].whole
    if interval not in _UNITS or amount is None:
        raise Refused("It calls DateAdd with an amount that is no whole constant, or an unknown interval.")
    factor, unit = _UNITS[interval]
    return shifted(_date(arguments[2], "DateAdd"), factor * amount, unit)


def _date_difference(arguments: Sequence[Typed]) -> Typed:
    """How many boundaries between days, months and so on lie between two dates.
    https://learn.microsoft.com/office/vba/language/reference/user-interface-help/datediff-function"""
    if len(arguments) > 3:
        raise Refused("DateDiff with a first day of the week has no equal.")
    interval = _interval(arguments[0], "DateDiff")
    one, other = (_date(argument, "DateDiff") for argument in arguments[1:])
    if interval in {"d", "y"}:
        node: exp.Expr = exp.Cast(this=_minus(_days(other), _days(one)), to=exp.DataType.build("BIGINT"))
    elif interval in _SECONDS:
        node = _divided(_minus(_seconds(other, interval), _seconds(one, interval)), _SECONDS[interval][1])
    elif interval in {"yyyy", "q", "m"}:
        node = _minus(_counted(other, interval), _counted(one, interval))
    else:
        raise Refused(f"The interval {interval!r} depends on how weeks are counted.")
    return Typed(node, Kind.INT, one.nullable or other.nullable)


def _minus(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.Sub(this=brackets(left), expression=brackets(right))


def _divided(node: exp.Expr, by: int) -> exp.Expr:
    return node if by == 1 else exp.Div(this=brackets(node), expression=exp.Literal.number(by))


def _days(value: Typed) -> exp.Expr:
    return exp.Anonymous(this="JULIANDAY", expressions=[_cut(whole_moment(value).copy(), "DAY")])


def _seconds(value: Typed, interval: str) -> exp.Expr:
    return exp.TimeToUnix(this=_cut(whole_moment(value).copy(), _SECONDS[interval][0]))


def _counted(value: Typed, interval: str) -> exp.Expr:
    """Years, quarters or months since year 0."""
    years = part(value, "yyyy").node
    if interval == "yyyy":
        return years
    factor = exp.Mul(this=years, expression=exp.Literal.number(4 if interval == "q" else 12))
    return exp.Add(this=factor, expression=part(value, interval).node)


def _serial(arguments: Sequence[Typed]) -> Typed:
    """`DateSerial` of constants that are a date as they stand."""
    numbers = [argument.whole for argument in arguments]
    year, month, day = (number if number is not None else 0 for number in numbers)
    try:
        if year < 100:
            raise ValueError(year)
        return constant(datetime(year, month, day))
    except ValueError:
        raise Refused("It calls DateSerial with something else than the constants of a date.") from None


FUNCTIONS: Final[Mapping[str, tuple[int, int, Function]]] = {
    "date": (0, 0, today),
    "now": (0, 0, now),
    "year": (1, 1, _named_part("Year", "yyyy")),
    "month": (1, 1, _named_part("Month", "m")),
    "day": (1, 1, _named_part("Day", "d")),
    "hour": (1, 1, _named_part("Hour", "h")),
    "minute": (1, 1, _named_part("Minute", "n")),
    "second": (1, 1, _named_part("Second", "s")),
    "weekday": (1, 1, _named_part("Weekday", "w")),
    "datepart": (2, 4, _date_part),
    "dateadd": (3, 3, _date_add),
    "datediff": (3, 5, _date_difference),
    "dateserial": (3, 3, _serial),
}
"""As in `functions`."""
