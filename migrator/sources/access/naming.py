"""Names that tell apart what Access names table by table: indexes, and the tables made of complex columns.

Pure. Access compares names without case; so does this.
"""

from __future__ import annotations

from collections.abc import Iterable


class Names:
    """Names that are taken in one database."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.casefold() for name in taken}

    def take(self, *wanted: str) -> str:
        """The first of the names that is free, else the last one with a number."""
        for name in wanted:
            if name.casefold() not in self._taken:
                return self._add(name)
        number = 2
        while f"{wanted[-1]}_{number}".casefold() in self._taken:
            number += 1
        return self._add(f"{wanted[-1]}_{number}")

    def _add(self, name: str) -> str:
        self._taken.add(name.casefold())
        return name
