"""Expressions that belong to tables: defaults, validation rules and calculated columns.

Field rules and NULL: Microsoft says that a rule has to end in `Or Is Null` to allow it
(https://learn.microsoft.com/office/vba/access/concepts/miscellaneous/required-property-access), and that only
some versions of Access insist
(https://support.microsoft.com/office/validation-rules-ae5df363-ef15-4aa1-9b45-3c929314bd33). So a rule is
translated as a CHECK reads it, for which NULL is no violation: data that some version took must arrive. Whether
a column takes NULL is said by its Required property.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlglot import exp
from sqlglot.errors import SqlglotError

from migrator.model.schema import Expression
from migrator.sources.access.sql import tree
from migrator.sources.access.sql.comparing import compared
from migrator.sources.access.sql.parsing import parsed
from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.rewriting import Rewriter, is_truth, text
from migrator.sources.access.sql.typed import (
    EXACT,
    TRUTHS,
    Kind,
    Typed,
    condition,
    constant,
    kind_of,
    truth,
    whole_moment,
)
from migrator.sources.access.types import Type


@dataclass(frozen=True, slots=True)
class Translated:
    """An expression, and why it has no neutral form: a sentence for the report, '' when it has one."""

    expression: Expression
    reason: str = ""


Columns = Mapping[str, Type | None]


class _Table:
    """The columns of one table; satisfies `rewriting.Names`."""

    def __init__(self, columns: Columns, column: str | None = None) -> None:
        self._columns = {name.casefold(): (name, type) for name, type in columns.items()}
        self._subject = column

    def column(self, name: tree.Name) -> Typed:
        """A column of the table. Raises Refused."""
        if name.bang or len(name.parts) > 1:
            raise Refused(f"It refers to {'!'.join(name.parts)}, which is no column of the table.")
        return self._named(name.parts[0])

    def subject(self) -> Typed:
        """The column of a column's rule. Raises Refused."""
        if self._subject is None:
            raise Refused("It has an operator without a left side.")
        return self._named(self._subject)

    def aggregate(self, call: tree.Call) -> Typed | None:
        """A table's own expressions have none."""
        return None

    def _named(self, name: str) -> Typed:
        if name.casefold() not in self._columns:
            raise Refused(f"It refers to {name}, which is no column of the table.")
        found, type = self._columns[name.casefold()]
        node = exp.Column(this=exp.Identifier(this=found, quoted=True))
        return Typed(node, kind_of(type), type is not Type.YES_NO)


def translate_rule(rule: str, columns: Columns, column: str | None) -> Translated:
    """A validation rule as the condition of a CHECK.

    Args:
        rule: As Access keeps it.
        columns: The table's columns with their types.
        column: The column that the rule belongs to, which it may leave out; None for a rule of the table.
    """

    def condition_of() -> exp.Expr:
        rewrite = Rewriter(_Table(columns, column))
        node = parsed(rule, subject=column is not None)
        found = rewrite(node) if column is None else _compared_with_subject(node, rewrite)
        return condition(found, "The rule")

    return _translated(rule, condition_of)


def _compared_with_subject(node: tree.Node, rewrite: Rewriter) -> Typed:
    """A rule of a column, in which a value alone is one that the column may have: `"a" Or "b"`."""
    if isinstance(node, tree.Binary) and node.operator in {"AND", "OR"}:
        sides = [_compared_with_subject(side, rewrite) for side in (node.left, node.right)]
        one, other = (exp.Paren(this=condition(side, "The rule")) for side in sides)
        return truth((exp.And if node.operator == "AND" else exp.Or)(this=one, expression=other), *sides)
    if isinstance(node, tree.Unary) and node.operator == "NOT":
        inner = _compared_with_subject(node.operand, rewrite)
        return truth(exp.Not(this=exp.Paren(this=condition(inner, "Not"))), inner)
    value = rewrite(node)
    return value if is_truth(value) else compared("=", rewrite.names.subject(), value, rewrite.equals)


def translate_default(written: str, type: Type | None) -> Translated | None:
    """A column's default, as a value of its type; None when there is none."""
    expression = written.strip().removeprefix("=").strip()
    if not expression or expression.casefold() == "null":
        return None
    return _translated(written, lambda: _stored(Rewriter(_Table({}))(parsed(expression)), type))


def _stored(value: Typed, type: Type | None) -> exp.Expr:
    """A default as the column keeps it.

    Raises:
        Refused: The type changes the value, or takes none like it.
    """
    kind = kind_of(type)
    if value.text is not None and kind in EXACT | {Kind.DOUBLE, Kind.SINGLE}:
        value = _read_number(value.text)
    if kind is Kind.BOOL and value.number is not None:
        value = constant(value.number != 0)
    if kind is Kind.TEXT and value.whole is not None:
        value = constant(str(value.whole))
    if value.constant is not None and value.kind in TRUTHS and kind is Kind.INT:
        value = constant(-1 if value.constant.value else 0)
    if value.number is not None and _keeps(value.number, type):
        return _number(value, kind)
    if value.kind is Kind.DATE and kind is Kind.DATE:
        return _date(value)
    if (kind is Kind.TEXT and value.kind is Kind.TEXT) or (kind is Kind.BOOL and value.kind is Kind.TRUTH):
        return value.node
    raise Refused(f"A default of {value.kind.value} for {kind.value} is changed when Access stores it.")


def _read_number(written: str) -> Typed:
    if not written.strip().isascii() or not written.strip().isdigit():
        raise Refused(f"The default is the text {written!r}, which Access reads as a number.")
    return constant(int(written))


_RANGES: Final = {
    Type.BYTE: (0, 255),
    Type.INTEGER: (-(2**15), 2**15 - 1),
    Type.LONG: (-(2**31), 2**31 - 1),
    Type.LARGE_NUMBER: (-(2**63), 2**63 - 1),
}


def _keeps(value: int | Decimal, type: Type | None) -> bool:
    """Whether a column keeps a number without rounding to even, and without an error."""
    if type in _RANGES:
        low, high = _RANGES[type]
        return value == int(value) and low <= value <= high
    if type is Type.CURRENCY:
        return Decimal(value) == round(Decimal(value), 4)
    return type in {Type.DOUBLE, Type.SINGLE} or (type is Type.DECIMAL and value == int(value))


def _number(value: Typed, kind: Kind) -> exp.Expr:
    if kind is Kind.SINGLE and value.number is not None:
        try:
            return constant(Decimal(struct.unpack("<f", struct.pack("<f", value.number))[0])).node
        except OverflowError:
            raise Refused("The default is beyond what a Single holds.") from None
    if kind is Kind.INT and value.number is not None:
        return constant(int(value.number)).node
    return value.node


def _date(value: Typed) -> exp.Expr:
    """A date as a column keeps it; a day alone is written as one."""
    moment = whole_moment(value)
    if isinstance(moment, exp.DateTrunc):
        return exp.TimeToStr(this=moment.this, format=exp.Literal.string("%Y-%m-%d"))
    assert value.constant is None or isinstance(value.constant.value, datetime)
    return value.node


def calculated(written: str, columns: Columns) -> Translated:
    """The expression of a calculated column over the table's other columns."""

    def value_of() -> exp.Expr:
        found = Rewriter(_Table(columns))(parsed(written.strip().removeprefix("=")))
        if found.kind is Kind.OTHER:
            raise Refused("It gives a value of a type that no expression has.")
        return found.node

    return _translated(written, value_of)


def _translated(written: str, node: Callable[[], exp.Expr]) -> Translated:
    try:
        return Translated(Expression(written, text(node())))
    except Refused as refusal:
        return Translated(Expression(written, None), str(refusal))
    except (RecursionError, SqlglotError):
        return Translated(Expression(written, None), "It is nested too deeply to be read.")
