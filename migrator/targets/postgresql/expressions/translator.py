"""Translates neutral expressions: looks every node up in the tables of rules beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from sqlglot import exp

from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions import aggregates, functions, operators, times
from migrator.targets.postgresql.expressions.terms import Term, Translate
from migrator.targets.postgresql.names import quote

_RULES: Final[dict[type[exp.Expr], Callable[[exp.Expr, Translate], Term]]] = {
    **operators.RULES,
    **functions.RULES,
    **times.RULES,
    **aggregates.RULES,
}


class Names(Protocol):
    """What columns mean, and what a query inside the expression is."""

    def column(self, table: str, name: str) -> Term:
        """The column under that alias, '' without one. Raises Untranslatable."""

    def subquery(self, node: exp.Expr) -> tuple[str, tuple[Term, ...], bool]:
        """SQL, output and whether there is exactly one row. Raises Untranslatable."""


@dataclass(frozen=True, slots=True)
class Translator:
    """Satisfies `terms.Translate`."""

    names: Names
    immutable: bool = False
    strict: bool = False

    def __call__(self, node: exp.Expr) -> Term:
        """The term for a node. Raises Untranslatable."""
        if isinstance(node, exp.Column):
            return self.names.column(node.table, node.name)
        rule = _RULES.get(type(node))
        if rule is None:
            raise Untranslatable(f"PostgreSQL has no equal of {node.key}.")
        return rule(node, self)

    def subquery(self, node: exp.Expr) -> tuple[str, tuple[Term, ...], bool]:
        """See `Names.subquery`."""
        return self.names.subquery(node)

    def window(self, name: str) -> str:
        """A window's name."""
        return quote(name)
