"""Comparisons: text without regard to case and blanks at the end, numbers by the wider of their types.

https://learn.microsoft.com/office/vba/language/reference/user-interface-help/comparison-operators
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Final

from sqlglot import exp

from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.typed import (
    EXACT,
    NUMBERS,
    TRUTHS,
    Kind,
    Typed,
    as_number,
    brackets,
    constant,
    truth,
)

Column = tuple[str, str]

_OPERATORS: Final[dict[str, type[exp.Binary]]] = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
_MAX_VARIANTS: Final = 64


@dataclass(frozen=True, slots=True)
class Equals:
    """Columns of text that a relationship keeps alike, so that comparing them by their characters is exact."""

    pairs: frozenset[frozenset[Column]] = field(default_factory=frozenset)

    def holds(self, left: Typed, right: Typed) -> bool:
        """Whether the two are such columns."""
        if left.column is None or right.column is None:
            return False
        return frozenset({left.column, right.column}) in self.pairs


def compared(operator: str, left: Typed, right: Typed, equals: Equals) -> Typed:
    """A comparison.

    Raises:
        Refused: The target would compare in another way, or it is not known how Access does.
    """
    if Kind.NULL in (left.kind, right.kind):
        raise Refused("It compares with Null, which is never true.")
    if left.constant is not None and right.constant is None:
        return compared(_MIRRORED[operator], right, left, equals)
    for applies, compare in _COMPARISONS:
        if applies(left, right):
            return compare(operator, left, right, equals)
    raise Refused(f"It compares {left.kind.value} with {right.kind.value}.")


def _plain(operator: str, left: Typed, right: Typed) -> Typed:
    node = _OPERATORS[operator](this=brackets(left.node), expression=brackets(right.node))
    return truth(node, left, right)


# Text


def _texts(left: Typed, right: Typed) -> bool:
    return left.kind is right.kind is Kind.TEXT


def _text(operator: str, left: Typed, right: Typed, equals: Equals) -> Typed:
    if operator not in {"=", "<>"}:
        raise Refused("It compares by the order of text, which every database has its own of.")
    if right.text is not None:
        return _with_text(operator, left, [right.text])
    if equals.holds(left, right):
        return _plain(operator, left, right)
    raise Refused("It compares texts that are no constants: Access ignores case beyond A-Z, which targets do not.")


def _with_text(operator: str, value: Typed, texts: Sequence[str]) -> Typed:
    """Equal to one of some texts. Blanks at the end do not count (https://allenbrowne.com/bug-15.html)."""
    wanted = list(dict.fromkeys(variant for text in texts for variant in variants(text.rstrip(" "))))
    cased = any(has_letters(text) for text in wanted)
    node: exp.Expr = exp.Trim(this=value.node, position="TRAILING")
    node = exp.Lower(this=node) if cased else node
    literals = [exp.Literal.string(text) for text in wanted]
    if len(literals) == 1:
        return truth(_OPERATORS[operator](this=node, expression=literals[0]), value)
    found: exp.Expr = exp.In(this=node, expressions=literals)
    return truth(exp.Not(this=found) if operator == "<>" else found, value)


def has_letters(text: str) -> bool:
    """Whether neutral LOWER can change such a text."""
    return any(c.isascii() and c.isalpha() for c in text)


def cases(character: str) -> tuple[str, ...]:
    """A character in the cases that LOWER leaves apart: A-Z in lower case, all other letters in both.

    Raises:
        Refused: Its other case is not one character, or Access takes it for two letters.
    """
    if character.isascii():
        return (character.lower(),)
    lower, upper = character.lower(), character.upper()
    if len(lower) > 1 or len(upper) > 1 or character.lower() in "æœþĳǆǉǌ":
        raise Refused(f"It compares with {character!r}, which Access takes for more than one letter.")
    if upper.lower() != lower or lower.upper() != upper or lower.isascii() or upper.isascii():
        raise Refused(f"It compares with {character!r}, of which it is not known what Access takes it for.")
    return tuple(dict.fromkeys((character, lower, upper)))


def variants(text: str) -> list[str]:
    """The texts that equal a constant, of which LOWER has changed A-Z. Raises Refused for too many."""
    options = [cases(character) for character in text]
    count = 1
    for option in options:
        count *= len(option)
        if count > _MAX_VARIANTS:
            raise Refused("It compares with a text of many letters beyond A-Z, whose case Access ignores.")
    return ["".join(chosen) for chosen in product(*options)]


# Numbers


def _numbers(left: Typed, right: Typed) -> bool:
    return {left.kind, right.kind} <= NUMBERS | TRUTHS and not {left.kind, right.kind} <= TRUTHS


def _number(operator: str, left: Typed, right: Typed, _equals: Equals) -> Typed:
    if left.kind in TRUTHS and right.number is not None:
        return _truth_with_number(operator, left, right)
    left, right = as_number(left), as_number(right)
    if not _comparable(left, right):
        raise Refused(f"Access rounds one of {left.kind.value} and {right.kind.value} before it compares them.")
    return _plain(operator, left, right)


def _truth_with_number(operator: str, left: Typed, right: Typed) -> Typed:
    """`[Active] = -1`, which is `[Active] = True`."""
    if operator in {"=", "<>"} and right.whole in (-1, 0):
        return _truth(operator, left, constant(right.whole == -1), Equals())
    return _plain(operator, as_number(left), right)


def _comparable(left: Typed, right: Typed) -> bool:
    """Whether both sides compare by their values as they are: a Double is rounded to a Single or a Currency that
    it is compared with (see the page of the comparison operators)."""
    kinds = {left.kind, right.kind}
    if right.number is not None:
        return _fits(right.number, left.kind)
    if len(kinds) == 1 or kinds <= EXACT:
        return True
    return kinds == {Kind.INT, Kind.DOUBLE}


def _fits(value: int | Decimal, kind: Kind) -> bool:
    """Whether a constant is a value of the kind without rounding."""
    if kind is Kind.SINGLE:
        return -(2**24) < value < 2**24 and struct.unpack("<f", struct.pack("<f", value))[0] == value
    return kind is not Kind.CURRENCY or Decimal(value) == round(Decimal(value), 4)


# Dates


def _dates(left: Typed, right: Typed) -> bool:
    return left.kind is right.kind is Kind.DATE


def _date(operator: str, left: Typed, right: Typed, _equals: Equals) -> Typed:
    """Computed dates are texts of one layout, which the constants beside them have to have."""
    if left.moment is not None and right.constant is not None:
        assert isinstance(right.constant.value, datetime)
        right = Typed(exp.Literal.string(right.constant.value.isoformat(" ", "seconds")), Kind.DATE, False)
    if left.constant is not None:
        raise Refused("It compares constants.")
    return _plain(operator, left, right)


# Truth values and the rest


def _truths(left: Typed, right: Typed) -> bool:
    return left.kind in TRUTHS and right.kind in TRUTHS


def _truth(operator: str, left: Typed, right: Typed, _equals: Equals) -> Typed:
    if operator not in {"=", "<>"}:
        return _plain(operator, as_number(left), as_number(right))
    if right.constant is not None:
        same = bool(right.constant.value) == (operator == "=")
        return truth(left.node if same else exp.Not(this=brackets(left.node)), left)
    return _plain(operator, as_number(left), as_number(right))


def _others(left: Typed, right: Typed) -> bool:
    return left.kind is right.kind is Kind.GUID


def _other(operator: str, left: Typed, right: Typed, _equals: Equals) -> Typed:
    if operator not in {"=", "<>"}:
        raise Refused(f"It compares {left.kind.value} by its order.")
    return _plain(operator, left, right)


_Compare = Callable[[str, Typed, Typed, Equals], Typed]

_COMPARISONS: Final[tuple[tuple[Callable[[Typed, Typed], bool], _Compare], ...]] = (
    (_texts, _text),
    (_truths, _truth),
    (_numbers, _number),
    (_dates, _date),
    (_others, _other),
)


def among(value: Typed, items: Sequence[Typed], equals: Equals) -> Typed:
    """`value In (items)`. Raises Refused."""
    if not items:
        raise Refused("It looks for a value in an empty list.")
    texts = [item.text for item in items if item.text is not None]
    if value.kind is Kind.TEXT and len(texts) == len(items):
        return _with_text("=", value, texts)
    found = [compared("=", value, item, equals) for item in items]
    simple = value.kind in NUMBERS | {Kind.DATE} and all(item.constant is not None for item in items)
    if simple and value.constant is None and all(isinstance(one.node, exp.EQ) for one in found):
        return truth(exp.In(this=brackets(value.node), expressions=[one.node.expression for one in found]), value)
    node = found[0].node
    for one in found[1:]:
        node = exp.Or(this=node, expression=one.node)
    return truth(exp.Paren(this=node) if len(found) > 1 else node, value, *items)


def between(value: Typed, low: Typed, high: Typed, equals: Equals) -> Typed:
    """`value Between low And high`, where the bounds may come in either order (Jackcess, BuiltinOperators).

    Raises:
        Refused: A bound may be NULL, which makes the whole NULL in Access, or the values do not compare.
    """
    if low.nullable or high.nullable:
        raise Refused("It takes a bound of Between from something that may be Null.")
    if low.number is not None and high.number is not None and low.number > high.number:
        low, high = high, low
    if low.constant is not None and high.constant is not None and _moment(low) > _moment(high):
        low, high = high, low
    found = _within(value, low, high, equals)
    if low.constant is None or high.constant is None:
        found = exp.Or(this=found, expression=_within(value, high, low, equals))
    return truth(exp.Paren(this=found), value, low, high)


def _moment(value: Typed) -> datetime:
    found = value.constant.value if value.constant is not None else None
    return found if isinstance(found, datetime) else datetime.min


def _within(value: Typed, low: Typed, high: Typed, equals: Equals) -> exp.Expr:
    above, below = compared(">=", value, low, equals), compared("<=", value, high, equals)
    return exp.And(this=above.node.copy(), expression=below.node.copy())
