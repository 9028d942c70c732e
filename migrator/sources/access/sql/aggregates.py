"""Aggregates of queries.

https://learn.microsoft.com/office/client-developer/access/desktop-database-reference/sql-aggregate-functions-sql
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.typed import EXACT, NUMBERS, TRUTHS, Kind, Typed, as_number

NAMES: Final = frozenset({"count", "sum", "avg", "min", "max"})


def aggregate(name: str, value: Typed | None) -> Typed:
    """An aggregate over a value, or with None over whole rows.

    Raises:
        Refused: It depends on how Access orders or calculates.
    """
    if value is None:
        if name != "count":
            raise Refused(f"It calls {name} with *.")
        return Typed(exp.Count(this=exp.Star()), Kind.INT, False, least=0)
    return _AGGREGATES[name](value)


def _count(value: Typed) -> Typed:
    return Typed(exp.Count(this=value.node), Kind.INT, False, least=0)


def _sum(value: Typed) -> Typed:
    """Sums of whole numbers are Double in Access and whole here: equal up to 2^53."""
    number = as_number(value)
    if number.kind not in EXACT | {Kind.DOUBLE, Kind.SINGLE}:
        raise Refused(f"It sums {number.kind.value}.")
    kind = Kind.DOUBLE if number.kind is Kind.SINGLE else number.kind
    return Typed(exp.Sum(this=number.node), kind)


def _average(value: Typed) -> Typed:
    number = as_number(value)
    if number.kind not in {Kind.INT, Kind.DOUBLE, Kind.SINGLE}:
        raise Refused(f"It averages {number.kind.value}, whose digits depend on where Access does it.")
    return Typed(exp.Avg(this=number.node), Kind.DOUBLE)


def _extreme(node: type[exp.Min] | type[exp.Max]) -> Callable[[Typed], Typed]:
    def extreme(value: Typed) -> Typed:
        number = as_number(value) if value.kind in TRUTHS else value
        if number.kind not in NUMBERS | {Kind.DATE} or number.moment is not None:
            raise Refused(f"It takes the least or greatest of {number.kind.value}, by an order of Access's own.")
        return Typed(node(this=number.node), number.kind)

    return extreme


_AGGREGATES: Final[dict[str, Callable[[Typed], Typed]]] = {
    "count": _count,
    "sum": _sum,
    "avg": _average,
    "min": _extreme(exp.Min),
    "max": _extreme(exp.Max),
}
