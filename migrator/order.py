"""The order in which tables are loaded: parents before children, cycles cut where they close.

Pure. Foreign keys are created after the load, so a cut edge costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def parents_first(parents: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The keys of `parents` so that each comes after its parents, as far as cycles allow.

    The order is stable: among tables that do not depend on each other, that of the mapping. Parents that are
    not keys themselves are left out.
    """
    order: list[str] = []
    seen: set[str] = set()
    for root in parents:
        stack: list[tuple[str, bool]] = [(root, False)]
        while stack:
            table, parents_done = stack.pop()
            if parents_done:
                order.append(table)
            elif table not in seen:
                seen.add(table)
                stack.append((table, True))
                stack.extend((p, False) for p in reversed(list(parents[table])) if p in parents)
    return tuple(order)
