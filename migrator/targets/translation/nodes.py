"""Reading neutral text, and what its nodes hold; the names of one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from migrator.targets import Scope, Untranslatable
from migrator.targets.translation.terms import Rule, Term, Translate, Value


def parsed(neutral: str) -> exp.Expr:
    """A neutral expression as a tree: a SELECT's only column. Raises Untranslatable."""
    try:
        (node,) = parse_one(f"SELECT {neutral}").expressions
    except (SqlglotError, ValueError, RecursionError):
        raise Untranslatable("The expression cannot be read.") from None
    assert isinstance(node, exp.Expr)
    return node


def chain(node: exp.Expr) -> list[exp.Expr]:
    """The operands of a chain of one operator, from left to right, without a recursion for each link."""
    operands: list[exp.Expr] = []
    first: exp.Expr = node
    while type(first) is type(node):
        operands.append(first.expression)
        first = first.this
    return [first, *reversed(operands)]


def literal(node: exp.Expr) -> Value:
    """What a constant holds."""
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if node.is_string:
        return str(node.name)
    return int(node.name) if node.name.isdigit() else Decimal(node.name)


def bare(node: exp.Expr) -> exp.Expr:
    """A node without the brackets around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def trimming(node: exp.Expr) -> tuple[str, list[exp.Expr]]:
    """Which end a TRIM works on, '' for both, and its arguments: the text and, if given, the characters."""
    parts = [node.this, *([node.expression] if node.args.get("expression") is not None else [])]
    return str(node.args.get("position") or "").upper(), parts


def path(node: exp.Expr, product: str) -> list[str | int]:
    """The keys and positions of a path into a JSON document. Raises Untranslatable."""
    steps: list[str | int] = []
    for part in node.expressions[1:]:
        if not isinstance(part, (exp.JSONPathKey, exp.JSONPathSubscript)) or not isinstance(part.this, (str, int)):
            raise Untranslatable(f"{product}'s path operators know keys and positions only.")
        steps.append(part.this)
    return steps


def named(rules: Mapping[str, Rule], product: str) -> Rule:
    """The rule for functions sqlglot has no node for, by their names."""

    def rule(node: exp.Expr, translate: Translate) -> Term:
        found = rules.get(node.name.upper())
        if found is None:
            raise Untranslatable(f"{product} has no function like {node.name}.")
        return found(node, translate)

    return rule


class Names(Protocol):
    """What columns mean, and what a query inside the expression is."""

    def column(self, table: str, name: str) -> Term:
        """The column under that alias, '' without one. Raises Untranslatable."""

    def subquery(self, node: exp.Expr) -> tuple[str, tuple[Term, ...], bool]:
        """SQL, output and whether there is exactly one row. Raises Untranslatable."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table; satisfies `Names`."""

    scope: Scope
    quote: Callable[[str], str]

    def column(self, table: str, name: str) -> Term:
        """A column of the table. Raises Untranslatable."""
        if table or name not in self.scope.columns:
            raise Untranslatable(f"There is no column {name}.")
        target, type = self.scope.columns[name]
        return Term(self.quote(target), type, affine=True)

    def subquery(self, node: exp.Expr) -> tuple[str, tuple[Term, ...], bool]:
        """Always raises Untranslatable."""
        raise Untranslatable("A query may not stand in a constraint, an index, a default or a generated column.")


@dataclass(frozen=True, slots=True)
class Translator:
    """Looks every node up in a target's table of rules; satisfies `terms.Translate`."""

    names: Names
    rules: Mapping[type[exp.Expr], Rule]
    product: str
    immutable: bool = False
    strict: bool = False
    given: Mapping[exp.Expr, Term] = field(default_factory=dict)
    """Nodes whose SQL is settled: what a query groups by has to be written everywhere in the same way."""

    def __call__(self, node: exp.Expr) -> Term:
        """The term for a node. Raises Untranslatable."""
        if self.given and node in self.given:
            return self.given[node]
        if isinstance(node, exp.Column):
            return self.names.column(node.table, node.name)
        rule = self.rules.get(type(node))
        if rule is None:
            raise Untranslatable(f"{self.product} has no equal of {node.key}.")
        return rule(node, self)

    def subquery(self, node: exp.Expr) -> tuple[str, tuple[Term, ...], bool]:
        """See `Names.subquery`."""
        return self.names.subquery(node)
