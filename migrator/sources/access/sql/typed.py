"""Neutral expressions with what is known about their values in Access: kind, constant, whether NULL can occur.

What operators and functions make of them is in the modules beside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Final

from sqlglot import exp

from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.types import Type

MOMENT: Final = "%Y-%m-%d %H:%M:%S"
"""How neutral SQL writes a moment that was computed."""


class Kind(Enum):
    """Kinds of values that calculate and compare alike, named for the report."""

    INT = "a whole number"
    SINGLE = "a Single"
    DOUBLE = "a Double"
    CURRENCY = "a Currency"
    DECIMAL = "a Decimal"
    FRACTION = "a number with a point"
    """A constant, of which it depends on the place whether Access makes a Double or a Decimal."""
    TEXT = "text"
    DATE = "a date"
    BOOL = "a Yes/No"
    """A column, in neutral SQL a truth value that is never NULL."""
    TRUTH = "a truth value"
    """Computed; as a number it is -1 or 0."""
    GUID = "a Replication ID"
    NULL = "Null"
    COMPLEX = "several values in one column"
    OTHER = "a value of another type"


WHOLE: Final = frozenset({Kind.INT, Kind.BOOL, Kind.TRUTH})
EXACT: Final = frozenset({Kind.INT, Kind.CURRENCY, Kind.DECIMAL})
NUMBERS: Final = EXACT | {Kind.SINGLE, Kind.DOUBLE, Kind.FRACTION}
TRUTHS: Final = frozenset({Kind.BOOL, Kind.TRUTH})

_KINDS: Final = {
    Type.YES_NO: Kind.BOOL,
    Type.BYTE: Kind.INT,
    Type.INTEGER: Kind.INT,
    Type.LONG: Kind.INT,
    Type.LARGE_NUMBER: Kind.INT,
    Type.CURRENCY: Kind.CURRENCY,
    Type.SINGLE: Kind.SINGLE,
    Type.DOUBLE: Kind.DOUBLE,
    Type.DATE_TIME: Kind.DATE,
    Type.SHORT_TEXT: Kind.TEXT,
    Type.LONG_TEXT: Kind.TEXT,
    Type.GUID: Kind.GUID,
    Type.DECIMAL: Kind.DECIMAL,
}


def kind_of(type: Type | None) -> Kind:
    """The kind of a column's values."""
    return _KINDS.get(type, Kind.OTHER) if type is not None else Kind.OTHER


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant's value; wrapped, because Null is one too."""

    value: int | Decimal | str | datetime | bool | None


@dataclass(frozen=True, slots=True)
class Typed:
    """A neutral expression and its kind.

    `moment` is the time that a computed date is the text of. `column` is the table and name of a plain column, in
    lower case.
    """

    node: exp.Expr
    kind: Kind
    nullable: bool = True
    constant: Constant | None = None
    moment: exp.Expr | None = None
    column: tuple[str, str] | None = None
    least: int | None = None
    """The least value a whole number can have, where that is known."""

    @property
    def text(self) -> str | None:
        """The value of a text constant."""
        value = self.constant.value if self.constant is not None else None
        return value if isinstance(value, str) else None

    @property
    def number(self) -> int | Decimal | None:
        """The value of a number constant."""
        value = self.constant.value if self.constant is not None else None
        return value if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None

    @property
    def whole(self) -> int | None:
        """The value of a whole number constant."""
        return self.number if isinstance(self.number, int) else None


def constant(value: int | Decimal | str | datetime | bool | None) -> Typed:
    """A constant of Access."""
    wrapped = Constant(value)
    if value is None:
        return Typed(exp.null(), Kind.NULL, True, wrapped)
    if isinstance(value, bool):
        return Typed(exp.true() if value else exp.false(), Kind.TRUTH, False, wrapped)
    if isinstance(value, str):
        return Typed(exp.Literal.string(value), Kind.TEXT, False, wrapped)
    if isinstance(value, datetime):
        return Typed(exp.Literal.string(_written(value)), Kind.DATE, False, wrapped)
    if isinstance(value, Decimal):
        return Typed(_number(value), Kind.FRACTION, False, wrapped)
    # A whole number beyond a Long is a Double.
    kind = Kind.INT if -(2**31) <= value < 2**31 else Kind.DOUBLE
    return Typed(_number(value), kind, False, wrapped, least=value)


def _number(value: int | Decimal) -> exp.Expr:
    literal = exp.Literal.number(format(abs(value), "f") if isinstance(value, Decimal) else abs(value))
    return exp.Neg(this=literal) if value < 0 else literal


def _written(value: datetime) -> str:
    """A moment in ISO form; without the time when it is midnight, so that a date column takes it too."""
    return value.isoformat(" ") if value.time() != datetime.min.time() else value.date().isoformat()


def whole_moment(value: Typed) -> exp.Expr:
    """A date as neutral SQL's functions of time take it."""
    return value.moment if value.moment is not None else value.node


def computed(moment: exp.Expr, nullable: bool, layout: str = MOMENT) -> Typed:
    """A computed date."""
    text = exp.TimeToStr(this=moment, format=exp.Literal.string(layout))
    return Typed(text, Kind.DATE, nullable, moment=moment)


def brackets(node: exp.Expr) -> exp.Expr:
    """An operand in brackets where it needs them."""
    loose = (exp.Binary, exp.Not, exp.Between, exp.In, exp.Neg, exp.Is)
    return exp.Paren(this=node) if isinstance(node, loose) and not isinstance(node, exp.Dot) else node


def truth(node: exp.Expr, *operands: Typed) -> Typed:
    """A computed truth value, NULL where an operand can be."""
    return Typed(node, Kind.TRUTH, any(operand.nullable for operand in operands))


def condition(value: Typed, part: str) -> exp.Expr:
    """A value where a truth value is needed.

    Raises:
        Refused: It is none: Access tests whether a number is 0, and combines the bits of numbers.
    """
    if value.kind in TRUTHS:
        return value.node
    if value.kind is Kind.NULL:
        return exp.null()
    raise Refused(f"{part} works on {value.kind.value} here, not on a truth value.")


def case(condition: exp.Expr, then: exp.Expr, otherwise: exp.Expr | None = None) -> exp.Case:
    """`CASE WHEN … THEN … ELSE … END`."""
    return exp.Case(ifs=[exp.If(this=condition, true=then)], default=otherwise)


def as_number(value: Typed) -> Typed:
    """A value to calculate with: True is -1.

    Raises:
        Refused: It is no number.
    """
    if value.kind in NUMBERS:
        return value
    if value.kind not in TRUTHS:
        raise Refused(f"It calculates with {value.kind.value}.")
    if value.constant is not None:
        return constant(-1 if value.constant.value else 0)
    minus = exp.Neg(this=exp.Literal.number(1))
    found = case(value.node, minus, exp.Literal.number(0))
    if value.nullable:
        found = case(value.node, minus)
        found.append("ifs", exp.If(this=exp.Not(this=brackets(value.node.copy())), true=exp.Literal.number(0)))
    return Typed(found, Kind.INT, value.nullable)


def output(value: Typed) -> Typed:
    """A value as a query shows it.

    Raises:
        Refused: Neutral SQL has no value like it.
    """
    if value.kind is Kind.TRUTH:
        return as_number(value)
    if value.kind is Kind.DATE and (value.moment is not None or value.constant is not None):
        raise Refused("It shows a date that is computed or constant, which would become text.")
    return value


def unified(values: list[Typed]) -> tuple[list[Typed], Kind]:
    """Values that stand for each other, as one kind.

    Raises:
        Refused: They are of different kinds.
    """
    present = [value for value in values if value.kind is not Kind.NULL]
    kinds = {value.kind for value in present}
    if kinds == TRUTHS:
        return [_true(value) for value in values], Kind.TRUTH
    if kinds & TRUTHS and len(kinds) > 1:
        return unified([as_number(value) if value.kind in TRUTHS else value for value in values])
    if kinds <= {Kind.INT, Kind.DOUBLE, Kind.SINGLE} and Kind.DOUBLE in kinds:
        return values, Kind.DOUBLE
    if len(kinds) == 2 and Kind.INT in kinds and kinds & {Kind.CURRENCY, Kind.DECIMAL, Kind.FRACTION}:
        return values, (kinds - {Kind.INT}).pop()
    if len(kinds) > 1:
        raise Refused(f"It gives {' or '.join(sorted(kind.value for kind in kinds))} in one place.")
    return values, kinds.pop() if kinds else Kind.NULL


def _true(value: Typed) -> Typed:
    return replace(value, kind=Kind.TRUTH) if value.kind is Kind.BOOL else value


def chosen(node: exp.Expr, values: list[Typed], kind: Kind, *, nullable: bool) -> Typed:
    """An expression that gives one of some values."""
    if kind is Kind.BOOL:
        kind = Kind.TRUTH
    moment = next((value.moment or value.node for value in values if value.moment or value.constant), None)
    return Typed(node, kind, nullable, moment=moment if kind is Kind.DATE else None)
