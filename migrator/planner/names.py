"""Target names: kept as they are where possible, made short and distinct where not.

Pure. A changed name ends in a hash of the original one, so every run changes it in the same way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from migrator.model.options import Naming

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"\W+")

_SUFFIX = 8
"""Hexadecimal digits of the suffix: 32 bits keep even ten thousand names apart."""


def styled(name: str, naming: Naming) -> str:
    """The name in the chosen style: kept, lower case, or snake case."""
    if naming is Naming.KEEP:
        return name
    if naming is Naming.LOWER:
        return name.lower()
    return _NOT_WORD.sub("_", _CAMEL.sub("_", name)).strip("_").lower() or name


def _suffix(original: str) -> str:
    return "_" + hashlib.sha256(original.encode("utf-8", "surrogatepass")).hexdigest()[:_SUFFIX]


class Namespace:
    """Names that must differ from each other, such as a schema's relations or a table's columns."""

    def __init__(
        self,
        limit: int,
        length: Callable[[str], int],
        naming: Naming = Naming.KEEP,
        reserved: frozenset[str] = frozenset(),
        key: Callable[[str], str] = str,
    ) -> None:
        self._limit = limit
        self._length = length
        self._naming = naming
        self._key = key
        self._taken = {key(name) for name in reserved}

    def take(self, original: str, *, generated: bool = False) -> str:
        """A free name for `original`, at most `limit` long.

        `generated` names (of constraints the source did not name) follow no style.
        """
        name = original if generated else styled(original, self._naming)
        if self._length(name) > self._limit or self._key(name) in self._taken:
            name = self._shortened(name, original)
        self._taken.add(self._key(name))
        return name

    def _shortened(self, name: str, original: str) -> str:
        for attempt in range(len(self._taken) + 1):
            suffix = _suffix(original if attempt == 0 else f"{original}\0{attempt}")
            stem = name
            while self._length(stem + suffix) > self._limit:
                stem = stem[:-1]
            if self._key(stem + suffix) not in self._taken:
                return stem + suffix
        raise AssertionError("more attempts than names taken")
