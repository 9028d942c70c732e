"""Arithmetic and concatenation, where the result has the same digits everywhere.

https://learn.microsoft.com/office/vba/language/reference/user-interface-help/arithmetic-operators
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from sqlglot import exp

from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.typed import (
    EXACT,
    Kind,
    Typed,
    as_number,
    brackets,
    case,
    computed,
    constant,
    whole_moment,
)


def negative(value: Typed) -> Typed:
    """Unary minus. Raises Refused."""
    number = as_number(value)
    if number.number is not None:
        return constant(-number.number)
    return Typed(exp.Neg(this=brackets(number.node)), number.kind, number.nullable)


def sum_of(left: Typed, right: Typed) -> Typed:
    """`+`: of texts a concatenation that is NULL if one is, of dates and whole days a date. Raises Refused."""
    if left.kind is right.kind is Kind.TEXT:
        return Typed(_joined(left.node, right.node), Kind.TEXT, left.nullable or right.nullable)
    if right.kind is Kind.DATE:
        left, right = right, left
    if left.kind is Kind.DATE:
        return _moved(left, right, 1)
    return _calculated(exp.Add, left, right)


def difference(left: Typed, right: Typed) -> Typed:
    """`-`. Raises Refused."""
    if left.kind is right.kind is Kind.DATE:
        raise Refused("It takes the difference of dates, a Double of days; DateDiff would be exact.")
    return _moved(left, right, -1) if left.kind is Kind.DATE else _calculated(exp.Sub, left, right)


def _moved(date: Typed, days: Typed, sign: int) -> Typed:
    if days.whole is None:
        raise Refused("It moves a date by days that are no whole constant.")
    return shifted(date, sign * days.whole, "DAY")


def shifted(date: Typed, amount: int, unit: str) -> Typed:
    """A date moved by whole units."""
    interval = exp.Interval(this=exp.Literal.string(str(amount)), unit=exp.var(unit))
    return computed(exp.Add(this=whole_moment(date), expression=interval), date.nullable)


def _calculated(type: type[exp.Binary], left: Typed, right: Typed) -> Typed:
    left, right = as_number(left), as_number(right)
    if left.number is not None and right.number is not None:
        return constant(_folded(type, left.number, right.number))
    kinds = {left.kind, right.kind}
    if kinds <= {Kind.INT, Kind.DOUBLE}:
        kind = Kind.DOUBLE if Kind.DOUBLE in kinds else Kind.INT
    elif kinds <= EXACT and not (type is exp.Mul and Kind.INT not in kinds):
        kind = Kind.DECIMAL if Kind.DECIMAL in kinds else Kind.CURRENCY
    else:
        names = " and ".join(sorted(kind.value for kind in kinds))
        raise Refused(f"It calculates with {names}, which Access rounds in a way of its own.")
    node = type(this=brackets(left.node), expression=brackets(right.node))
    return Typed(node, kind, left.nullable or right.nullable, least=_least(type, left, right))


def _folded(type: type[exp.Binary], left: int | Decimal, right: int | Decimal) -> int | Decimal:
    """Constants calculated at once: exact for whole numbers; others depend on the place."""
    if not (isinstance(left, int) and isinstance(right, int)):
        raise Refused("It calculates with numbers with a point, Double or Decimal by where the expression stands.")
    return left + right if type is exp.Add else left - right if type is exp.Sub else left * right


def _least(type: type[exp.Binary], left: Typed, right: Typed) -> int | None:
    """The least value of a sum, or of a difference with a constant."""
    if left.least is None or right.least is None:
        return None
    if type is exp.Add:
        return left.least + right.least
    return left.least - right.least if type is exp.Sub and right.constant is not None else None


def product(left: Typed, right: Typed) -> Typed:
    """`*`. Raises Refused."""
    return _calculated(exp.Mul, left, right)


def quotient(left: Typed, right: Typed) -> Typed:
    """`/`, a Double also of whole numbers. Division by zero is an error, there and here. Raises Refused."""
    left, right = as_number(left), as_number(right)
    if not {left.kind, right.kind} <= {Kind.INT, Kind.DOUBLE}:
        names = " by ".join((left.kind.value, right.kind.value))
        raise Refused(f"It divides {names}, whose digits depend on where Access does it.")
    _not_zero(right)
    node = exp.Div(this=_as_double(left), expression=_as_double(right))
    return Typed(node, Kind.DOUBLE, left.nullable or right.nullable)


def _as_double(value: Typed) -> exp.Expr:
    return exp.Cast(this=value.node, to=exp.DataType.build("DOUBLE"))


def _not_zero(divisor: Typed) -> None:
    if divisor.number == 0:
        raise Refused("It divides by zero.")


def whole_quotient(left: Typed, right: Typed) -> Typed:
    r"""`\`. Raises Refused."""
    return _whole(exp.Div, left, right, "\\")


def remainder(left: Typed, right: Typed) -> Typed:
    """`Mod`; its sign is that of the left operand. Raises Refused."""
    return _whole(exp.Mod, left, right, "Mod")


def _whole(type: type[exp.Binary], left: Typed, right: Typed, name: str) -> Typed:
    left, right = as_number(left), as_number(right)
    if not left.kind is right.kind is Kind.INT:
        raise Refused(f"It uses {name} with numbers that need not be whole, which Access rounds to even first.")
    _not_zero(right)
    node = type(this=brackets(left.node), expression=brackets(right.node))
    return Typed(node, Kind.INT, left.nullable or right.nullable)


def power(left: Typed, right: Typed) -> Typed:
    """`^`, a Double. Raises Refused."""
    left, right = as_number(left), as_number(right)
    if not {left.kind, right.kind} <= {Kind.INT, Kind.DOUBLE}:
        raise Refused("It takes a power of numbers whose digits depend on where Access does it.")
    node = exp.Pow(this=left.node, expression=right.node)
    return Typed(node, Kind.DOUBLE, left.nullable or right.nullable)


def concatenated(parts: list[Typed]) -> Typed:
    """`&` over operands from left to right: NULL counts as '', unless all are NULL.

    https://learn.microsoft.com/office/vba/language/reference/user-interface-help/ampersand-operator

    Raises:
        Refused: A part is written by Windows' settings, such as a date.
    """
    given = [part for part in parts if part.kind is not Kind.NULL]
    if not given:
        return constant(None)
    if all(part.text is not None for part in given):
        return constant("".join(part.text or "" for part in given))
    for part in given:
        if part.kind not in {Kind.TEXT, Kind.INT}:
            raise Refused(f"It makes text of {part.kind.value}, which Access writes by Windows' settings.")
    texts = [_as_text(part) for part in given]
    if any(not part.nullable for part in given):
        return Typed(_joined(*map(_filled, texts)), Kind.TEXT, False)
    nodes = [part.node for part in given]
    if len(nodes) == 1:
        return Typed(texts[0].node, Kind.TEXT)
    missing: exp.Expr = exp.Is(this=brackets(nodes[0].copy()), expression=exp.null())
    for node in nodes[1:]:
        missing = exp.And(this=missing, expression=exp.Is(this=brackets(node.copy()), expression=exp.null()))
    return Typed(case(exp.Not(this=exp.Paren(this=missing)), _joined(*map(_filled, texts))), Kind.TEXT)


def _as_text(part: Typed) -> Typed:
    if part.kind is Kind.TEXT:
        return part
    return Typed(exp.Cast(this=part.node, to=exp.DataType.build("TEXT")), Kind.TEXT, part.nullable)


def _filled(part: Typed) -> exp.Expr:
    if not part.nullable:
        return part.node
    return exp.Coalesce(this=part.node, expressions=[exp.Literal.string("")])


def _joined(*parts: exp.Expr) -> exp.Expr:
    first, *others = map(brackets, parts)
    for other in others:
        first = exp.DPipe(this=first, expression=other)
    return first


OPERATORS: Final[Mapping[str, Callable[[Typed, Typed], Typed]]] = {
    "+": sum_of,
    "-": difference,
    "*": product,
    "/": quotient,
    "\\": whole_quotient,
    "MOD": remainder,
    "^": power,
}
