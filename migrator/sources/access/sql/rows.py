"""Which rows a SELECT keeps: DISTINCT, DISTINCTROW, GROUP BY, TOP and ORDER BY, where they mean the same.

Access takes texts for equal that differ in case, so whatever merges rows by a text is refused, unless a key
already keeps the rows apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlglot import exp

from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.sources import Reader, Scope
from migrator.sources.access.sql.typed import NUMBERS, TRUTHS, Kind, Typed

_ALIKE: Final = NUMBERS | TRUTHS | {Kind.DATE, Kind.GUID}
"""Kinds whose values are the same in Access when they are the same in a target."""
_SORTED: Final = NUMBERS | {Kind.DATE}

Ordered = tuple[Typed, bool]
"""A term of ORDER BY, and whether it descends."""


def has_key(reader: Reader, values: Iterable[Typed]) -> bool:
    """Whether the values hold the primary key of a table."""
    named = {value.node.name.casefold() for value in values if _of(value, reader)}
    return bool(reader.relation.key) and reader.relation.key <= named


def _of(value: Typed, reader: Reader) -> bool:
    return isinstance(value.node, exp.Column) and value.node.table == reader.alias


def distinct(word: str, outputs: Sequence[Typed], scope: Scope) -> bool:
    """Whether DISTINCT has to be said.

    Raises:
        Refused: It would keep rows apart that Access merges.
    """
    if word == "DISTINCTROW":
        return _distinct_rows(outputs, scope)
    if word != "DISTINCT" or (scope.readers and all(has_key(reader, outputs) for reader in scope.readers)):
        return False
    merged_alike(outputs, "DISTINCT")
    return True


def _distinct_rows(outputs: Sequence[Typed], scope: Scope) -> bool:
    """It has no effect when all tables are shown.
    https://learn.microsoft.com/office/client-developer/access/desktop-database-reference/all-distinct-distinctrow-top-predicates-microsoft-access-sql"""
    shown = {value.node.table for value in outputs if isinstance(value.node, exp.Column)}
    if len(scope.readers) > 1 and not {reader.alias for reader in scope.readers} <= shown:
        raise Refused("DISTINCTROW drops rows by tables that it does not show.")
    return False


def merged_alike(values: Iterable[Typed], word: str) -> None:
    """Raises Refused if values that differ may be the same in Access."""
    for value in values:
        if value.kind not in _ALIKE:
            raise Refused(f"{word} merges rows by {value.kind.value}, of which Access ignores case.")


def grouped(keys: Sequence[Typed], scope: Scope) -> None:
    """Raises Refused if a GROUP BY makes other groups in a target."""
    for key in keys:
        if key.constant is not None:
            raise Refused("It groups by a constant.")
        reader = scope.holding(key.node)
        if reader is None or not has_key(reader, keys):
            merged_alike([key], "GROUP BY")


def ordering(order: Sequence[Ordered]) -> list[Ordered]:
    """The terms up to the first that Access sorts in an order of its own. A view's rows have no order in
    themselves, so what is lost is none of its meaning."""
    kept: list[Ordered] = []
    for value, descending in order:
        if value.kind not in _SORTED or value.constant is not None:
            break
        kept.append((value, descending))
    return kept


def top(count: int, order: Sequence[Ordered], scope: Scope, *, merged: bool) -> None:
    """Raises Refused if TOP may keep other rows in a target: Access keeps all rows that tie for the last place
    (see the page of the predicates), so the order has to hold a key."""
    if len(ordering(order)) < len(order):
        raise Refused("TOP takes rows by the order of text, which every database has its own of.")
    unique = len(scope.readers) == 1 and not merged and has_key(scope.readers[0], [value for value, _ in order])
    if count == 0 or not unique:
        raise Refused("TOP keeps rows that tie for the last place, which its ORDER BY does not rule out.")
