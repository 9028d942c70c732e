"""Trees of Access's SQL as neutral expressions. What names mean is the caller's knowledge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

from sqlglot import exp, parse_one

from migrator.sources.access.sql import arithmetic, tree
from migrator.sources.access.sql.comparing import Equals, among, between, compared
from migrator.sources.access.sql.functions import called, is_null
from migrator.sources.access.sql.patterns import like
from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.typed import Kind, Typed, brackets, condition, constant, truth

_COMPARISONS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})


class Names(Protocol):
    """Where an expression stands."""

    def column(self, name: tree.Name) -> Typed:
        """What a name means. Raises Refused."""

    def subject(self) -> Typed:
        """The column that a validation rule leaves out. Raises Refused."""

    def aggregate(self, call: tree.Call) -> Typed | None:
        """What an aggregate means, None when the function is none. Raises Refused."""


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Rewrites the expressions of one place."""

    names: Names
    equals: Equals = field(default_factory=Equals)

    def __call__(self, node: tree.Node) -> Typed:
        """The neutral form of an expression. Raises Refused."""
        match node:
            case tree.Constant():
                return constant(node.value)
            case tree.Name():
                return self.names.column(node)
            case tree.Subject():
                return self.names.subject()
            case tree.Call():
                return self._call(node)
            case tree.Unary():
                return self._unary(node)
            case tree.Binary():
                return self._binary(node)
            case tree.Between():
                return between(self(node.value), self(node.low), self(node.high), self.equals)
            case tree.In():
                return among(self(node.value), [self(item) for item in node.items], self.equals)
            case tree.IsNull():
                return is_null(self(node.value))
            case tree.Star():
                raise Refused("It has a * where a value should be.")

    def condition(self, node: tree.Node, part: str) -> exp.Expr:
        """An expression where a truth value is needed. Raises Refused."""
        return condition(self(node), part)

    def _call(self, node: tree.Call) -> Typed:
        found = self.names.aggregate(node)
        return found if found is not None else called(node.name, [self(part) for part in node.arguments])

    def _unary(self, node: tree.Unary) -> Typed:
        value = self(node.operand)
        if node.operator == "NOT":
            return truth(exp.Not(this=brackets(condition(value, "Not"))), value)
        return arithmetic.negative(value) if node.operator == "-" else value

    def _binary(self, node: tree.Binary) -> Typed:
        operator = node.operator
        if operator in _COMPARISONS:
            return compared(operator, self(node.left), self(node.right), self.equals)
        if operator == "LIKE":
            return like(self(node.left), self(node.right))
        if operator == "&":
            return arithmetic.concatenated([self(part) for part in chain(node)])
        if operator in arithmetic.OPERATORS:
            return arithmetic.OPERATORS[operator](self(node.left), self(node.right))
        return self._logical(operator, self(node.left), self(node.right))

    def _logical(self, operator: str, left: Typed, right: Typed) -> Typed:
        if operator not in _LOGICAL:
            raise Refused(f"It uses {operator}, which is not translated.")
        name = operator.capitalize()
        one, other = brackets(condition(left, name)), brackets(condition(right, name))
        return truth(_LOGICAL[operator](one, other), left, right)


def _both(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.And(this=one, expression=other)


def _any(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.Or(this=one, expression=other)


def _not(one: exp.Expr) -> exp.Expr:
    return exp.Not(this=one.copy())


def _different(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """`Xor`, NULL when either side is."""
    left, right = _both(one, _not(other)), _both(_not(one), other.copy())
    return _any(exp.Paren(this=left), exp.Paren(this=right))


def _same(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """`Eqv`, NULL when either side is."""
    left, right = _both(one, other), _both(_not(one), _not(other))
    return _any(exp.Paren(this=left), exp.Paren(this=right))


def _implied(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """`Imp`; its table of NULLs is that of `NOT one OR other`.
    https://learn.microsoft.com/office/vba/language/reference/user-interface-help/imp-operator"""
    return _any(_not(one), other)


_LOGICAL: Final = {"AND": _both, "OR": _any, "XOR": _different, "EQV": _same, "IMP": _implied}


def chain(node: tree.Node) -> Iterable[tree.Node]:
    """The operands of a chain of `&`, from left to right."""
    operands: list[tree.Node] = []
    while isinstance(node, tree.Binary) and node.operator == "&":
        operands.append(node.right)
        node = node.left
    return [node, *reversed(operands)]


def text(node: exp.Expr) -> str:
    """A neutral tree as text that reads back as the same tree.

    Raises:
        Refused: It reads back as something else.
    """
    written = node.sql(comments=False)
    sql = written if isinstance(node, exp.Query) else f"SELECT {written}"
    if parse_one(sql).sql(comments=False) != sql:
        raise Refused("It cannot be written as neutral SQL.")
    return written


def is_truth(value: Typed) -> bool:
    """Whether a value is a truth value by itself, not one that is compared."""
    return value.kind is Kind.TRUTH and value.constant is None
