"""Functions that mean the same elsewhere, each with the number of arguments it takes.

https://learn.microsoft.com/office/vba/language/reference/functions-visual-basic-for-applications. Dates and
times are in `times`, aggregates in `aggregates`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from migrator.sources.access.sql.comparing import Equals, cases, compared, has_letters
from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.times import FUNCTIONS as TIMES
from migrator.sources.access.sql.typed import (
    EXACT,
    Kind,
    Typed,
    as_number,
    brackets,
    case,
    chosen,
    condition,
    constant,
    truth,
    unified,
)

Function = Callable[[Sequence[Typed]], Typed]


def called(name: str, arguments: Sequence[Typed]) -> Typed:
    """A function over its arguments.

    Raises:
        Refused: It is unknown, means something else elsewhere, or has the wrong number of arguments.
    """
    if name in _REFUSED:
        raise Refused(f"It calls {name}: {_REFUSED[name]}")
    if name not in _FUNCTIONS:
        raise Refused(f"It calls {name}, which is no function that is translated.")
    low, high, function = _FUNCTIONS[name]
    if not low <= len(arguments) <= high:
        raise Refused(f"It calls {name} with {len(arguments)} arguments.")
    return function(arguments)


def _iif(arguments: Sequence[Typed]) -> Typed:
    """NULL as a condition chooses the second value."""
    test, *values = arguments
    results, kind = unified(values)
    node = case(condition(test, "IIf"), results[0].node, results[1].node)
    return chosen(node, results, kind, nullable=any(result.nullable for result in results))


def _switch(arguments: Sequence[Typed]) -> Typed:
    """The value after the first condition that is true, else NULL."""
    if len(arguments) % 2:
        raise Refused("Switch takes pairs of a condition and a value.")
    results, kind = unified(list(arguments[1::2]))
    tests = [condition(test, "Switch") for test in arguments[::2]]
    branches = [exp.If(this=test, true=value.node) for test, value in zip(tests, results, strict=True)]
    return chosen(exp.Case(ifs=branches), results, kind, nullable=True)


def _choose(arguments: Sequence[Typed]) -> Typed:
    """The value at a position, NULL beyond the last."""
    index, values = _count(arguments[0], "Choose"), list(arguments[1:])
    results, kind = unified(values)
    branches = [
        exp.If(
            this=exp.EQ(this=brackets(index.node.copy()), expression=exp.Literal.number(position)), true=value.node
        )
        for position, value in enumerate(results, 1)
    ]
    return chosen(exp.Case(ifs=branches), results, kind, nullable=True)


def _nz(arguments: Sequence[Typed]) -> Typed:
    """Without a second argument it gives '' or 0, by where it stands."""
    if len(arguments) == 1 and arguments[0].kind is not Kind.TEXT:
        raise Refused("Nz without a second argument gives 0 or empty text, by where it stands.")
    values, kind = unified([arguments[0], arguments[1] if len(arguments) > 1 else constant("")])
    if not values[0].nullable:
        return values[0]
    node = exp.Coalesce(this=values[0].node, expressions=[values[1].node])
    known = [value.least for value in values if value.least is not None]
    least = min(known) if len(known) == len(values) else None
    return replace(chosen(node, values, kind, nullable=values[1].nullable), least=least)


def is_null(value: Typed) -> Typed:
    """`Is Null`."""
    return Typed(exp.Is(this=brackets(value.node), expression=exp.null()), Kind.TRUTH, False)


def _text(value: Typed, name: str) -> Typed:
    if value.kind is not Kind.TEXT:
        raise Refused(f"It calls {name} with {value.kind.value}, which Access makes text of first.")
    return value


def _count(value: Typed, name: str) -> Typed:
    if value.kind is not Kind.INT:
        raise Refused(f"It calls {name} with a position or length that need not be whole.")
    if value.nullable:
        raise Refused(f"It calls {name} with a position or length that may be Null, an error in Access.")
    return value


def _length(arguments: Sequence[Typed]) -> Typed:
    value = _text(arguments[0], "Len")
    return Typed(exp.Length(this=value.node), Kind.INT, value.nullable, least=0)


def _left(arguments: Sequence[Typed]) -> Typed:
    """A negative length is an error, there and here."""
    text, length = _text(arguments[0], "Left"), _count(arguments[1], "Left")
    _natural(length, "Left", 0)
    node = exp.Substring(this=text.node, start=exp.Literal.number(1), length=length.node)
    return Typed(node, Kind.TEXT, text.nullable or length.nullable)


def _natural(value: Typed, name: str, least: int) -> None:
    """Access stops at a smaller number, targets give empty text or count from the end."""
    if value.least is None or value.least < least:
        raise Refused(f"It calls {name} with a position or length that may be below {least}, an error in Access.")


def _right(arguments: Sequence[Typed]) -> Typed:
    text, length = _text(arguments[0], "Right"), arguments[1].whole
    if length is None or length < 0:
        raise Refused("It calls Right with a length that is no whole constant.")
    if length == 0:
        node: exp.Expr = exp.Substring(this=text.node, start=exp.Literal.number(1), length=exp.Literal.number(0))
    else:
        node = exp.Right(this=text.node, expression=exp.Literal.number(length))
    return Typed(node, Kind.TEXT, text.nullable)


def _mid(arguments: Sequence[Typed]) -> Typed:
    text, *numbers = arguments
    bounds = [_count(number, "Mid") for number in numbers]
    for bound, least in zip(bounds, (1, 0), strict=False):
        _natural(bound, "Mid", least)
    length = bounds[1].node if len(bounds) > 1 else None
    node = exp.Substring(this=_text(text, "Mid").node, start=bounds[0].node, length=length)
    return Typed(node, Kind.TEXT, text.nullable or any(bound.nullable for bound in bounds))


def _trim(position: str | None) -> Function:
    """Blanks at the ends, no other white space."""

    def trim(arguments: Sequence[Typed]) -> Typed:
        text = _text(arguments[0], "Trim")
        return Typed(exp.Trim(this=text.node, position=position), Kind.TEXT, text.nullable)

    return trim


def _position(arguments: Sequence[Typed]) -> Typed:
    """`InStr(text, part)`, without regard to case as the database compares (Option Compare Database)."""
    if len(arguments) > 2:
        raise Refused("InStr from a position, or with a way to compare, has no equal.")
    text, part = _text(arguments[0], "InStr"), arguments[1].text
    if not part or any(len(cases(character)) > 1 for character in part):
        raise Refused("It calls InStr with a part that is no constant of letters A-Z and signs.")
    node = exp.Lower(this=text.node) if has_letters(part) else text.node
    found = exp.StrPosition(this=node, substr=exp.Literal.string(part.lower()))
    return Typed(found, Kind.INT, text.nullable, least=0)


def _absolute(arguments: Sequence[Typed]) -> Typed:
    value = as_number(arguments[0])
    return Typed(exp.Abs(this=value.node), value.kind, value.nullable, least=0)


def _sign(arguments: Sequence[Typed]) -> Typed:
    value = as_number(arguments[0])
    return Typed(exp.Sign(this=value.node), Kind.INT, value.nullable, least=-1)


def _floor(arguments: Sequence[Typed]) -> Typed:
    """`Int`, the next whole number that is not greater."""
    value = as_number(arguments[0])
    return value if value.kind is Kind.INT else Typed(exp.Floor(this=value.node), value.kind, value.nullable)


def _fix(arguments: Sequence[Typed]) -> Typed:
    """The whole part."""
    value = as_number(arguments[0])
    if value.kind is Kind.INT:
        return value
    below = exp.LT(this=brackets(value.node.copy()), expression=exp.Literal.number(0))
    node = case(below, exp.Ceil(this=value.node.copy()), exp.Floor(this=value.node.copy()))
    return Typed(node, value.kind, value.nullable)


def _round(arguments: Sequence[Typed]) -> Typed:
    """Halves go to the even digit, so only what needs no rounding passes.
    https://learn.microsoft.com/office/vba/language/reference/user-interface-help/round-function"""
    value, digits = as_number(arguments[0]), arguments[1].whole if len(arguments) > 1 else 0
    if digits is None or digits < 0:
        raise Refused("It rounds to digits that are no whole constant.")
    if value.kind is Kind.INT or (value.kind is Kind.CURRENCY and digits >= 4):
        return value
    raise Refused("Round gives halves to the even digit, which targets round up.")


def _converted(name: str, kinds: frozenset[Kind], to: Kind) -> Function:
    """A conversion that changes no value. One of Null is an error in Access."""

    def convert(arguments: Sequence[Typed]) -> Typed:
        value = as_number(arguments[0]) if arguments[0].kind is not Kind.TEXT else arguments[0]
        if value.nullable:
            raise Refused(f"{name} of Null is an error in Access; with Nz around its value it can be translated.")
        if value.kind not in kinds:
            raise Refused(f"{name} rounds or reads {value.kind.value} in a way of its own.")
        if value.kind is to or (to is Kind.CURRENCY and value.kind is Kind.INT):
            return value
        spelling = "TEXT" if to is Kind.TEXT else "DOUBLE"
        return Typed(exp.Cast(this=value.node, to=exp.DataType.build(spelling)), to, False)

    return convert


def _as_truth(arguments: Sequence[Typed]) -> Typed:
    """`CBool` of a number: whether it is not 0."""
    value = as_number(arguments[0])
    if value.nullable:
        raise Refused("CBool of Null is an error in Access.")
    return truth(compared("<>", value, constant(0), Equals()).node, value)


_INT: Final = frozenset({Kind.INT})
_TO_DOUBLE: Final = EXACT | {Kind.DOUBLE, Kind.SINGLE}

_FUNCTIONS: Final[Mapping[str, tuple[int, int, Function]]] = {
    **TIMES,
    "iif": (3, 3, _iif),
    "switch": (2, 98, _switch),
    "choose": (2, 30, _choose),
    "nz": (1, 2, _nz),
    "isnull": (1, 1, lambda arguments: is_null(arguments[0])),
    "len": (1, 1, _length),
    "left": (2, 2, _left),
    "right": (2, 2, _right),
    "mid": (2, 3, _mid),
    "trim": (1, 1, _trim(None)),
    "ltrim": (1, 1, _trim("LEADING")),
    "rtrim": (1, 1, _trim("TRAILING")),
    "instr": (2, 4, _position),
    "abs": (1, 1, _absolute),
    "sgn": (1, 1, _sign),
    "int": (1, 1, _floor),
    "fix": (1, 1, _fix),
    "round": (1, 2, _round),
    "cint": (1, 1, _converted("CInt", _INT, Kind.INT)),
    "clng": (1, 1, _converted("CLng", _INT, Kind.INT)),
    "cdbl": (1, 1, _converted("CDbl", _TO_DOUBLE, Kind.DOUBLE)),
    "ccur": (1, 1, _converted("CCur", frozenset({Kind.INT, Kind.CURRENCY}), Kind.CURRENCY)),
    "cstr": (1, 1, _converted("CStr", _INT | {Kind.TEXT}, Kind.TEXT)),
    "cbool": (1, 1, _as_truth),
}
"""Fewest and most arguments, and what becomes of the function."""

_REFUSED: Final = {
    **dict.fromkeys(
        ("ucase", "lcase"), "letters beyond A-Z change too in Access, which targets leave to a collation."
    ),
    "strcomp": "comparing texts by the case of their letters has no equal.",
    "strconv": "it changes letters beyond A-Z too.",
    "format": "what it writes depends on Windows' settings.",
    **dict.fromkeys(
        ("formatdatetime", "formatnumber", "formatcurrency", "formatpercent", "str", "val"),
        "it reads or writes by rules of Access alone.",
    ),
    **dict.fromkeys(
        ("cdate", "datevalue", "timevalue", "isdate", "isnumeric"), "it reads text by Windows' settings."
    ),
    **dict.fromkeys(
        ("dlookup", "dcount", "dsum", "dmax", "dmin", "davg", "dfirst", "dlast"),
        "it looks things up in another table.",
    ),
    **dict.fromkeys(("rnd", "genguid", "genuniqueid"), "it gives random values."),
    **dict.fromkeys(("currentuser", "environ", "eval"), "only Access knows it."),
    **dict.fromkeys(("first", "last"), "it takes a row by its place in the file, which targets do not have."),
    **dict.fromkeys(("stdev", "stdevp", "var", "varp"), "its digits depend on how Access calculates it."),
}
