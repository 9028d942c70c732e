"""The FROM clause of a saved query: tables and the joins between them, nested as Access nests them.

Access keeps each join condition as a part of its own; several between the same tables make one join. Nothing
here knows other clauses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_WORDS = {1: "INNER JOIN", 2: "LEFT JOIN", 3: "RIGHT JOIN"}


class Unjoinable(Exception):
    """The parts of a query contradict each other; never leaves this folder."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A table, or several that are joined already. `conditions` is empty for a table."""

    names: frozenset[str]
    sql: str
    left: str = ""
    word: str = ""
    right: str = ""
    conditions: tuple[str, ...] = ()

    @property
    def nested(self) -> str:
        """The SQL as an operand of another join."""
        return f"({self.sql})" if self.conditions else self.sql

    def under(self, condition: str) -> _Source:
        """The same join under one more condition; Access lists them last to first."""
        return _join(self.names, self.left, self.word, self.right, (condition, *self.conditions))


def _join(names: frozenset[str], left: str, word: str, right: str, conditions: tuple[str, ...]) -> _Source:
    condition = conditions[0] if len(conditions) == 1 else " AND ".join(f"({c})" for c in conditions)
    return _Source(names, f"{left} {word} {right} ON {condition}", left, word, right, conditions)


def joined(tables: Mapping[str, str], joins: Iterable[tuple[str, str, int, str]]) -> list[str]:
    """The terms of a FROM clause.

    Args:
        tables: SQL of each table by the name that joins use for it.
        joins: Left name, right name, kind and condition of each join, in the order of the query.

    Raises:
        Unjoinable: A join is of an unknown kind, or closes a circle with another kind than the join before.
    """
    sources = [_Source(frozenset({name.casefold()}), sql) for name, sql in tables.items()]
    for left, right, kind, condition in joins:
        if kind not in _WORDS:
            raise Unjoinable
        sources = _with_join(sources, left, right, _WORDS[kind], condition)
    return [source.sql for source in sources]


def _with_join(sources: list[_Source], left: str, right: str, word: str, condition: str) -> list[_Source]:
    a, b = _holding(sources, left), _holding(sources, right)
    if a is b:
        if not a.conditions or a.word != word:
            raise Unjoinable
        return [source.under(condition) if source is a else source for source in sources]
    others = [source for source in sources if source is not a and source is not b]
    return [*others, _join(a.names | b.names, a.nested, word, b.nested, (condition,))]


def _holding(sources: list[_Source], name: str) -> _Source:
    """The source that has a table. A table that only a join mentions is one of its own."""
    folded = name.casefold()
    return next((s for s in sources if folded in s.names), _Source(frozenset({folded}), name))
