"""Names for Python from names of tables and columns: identifiers, and singular and plural where a word has them.

Pure. A name in another script than Latin stays as it is, as far as Python allows it.
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable

from migrator.model.options import Naming
from migrator.planner.names import styled

_SAME = frozenset({"series", "species", "news", "sms", "gps", "dns", "os", "metadata", "data"})
"""Words that are their own plural, or no plural although they look like one."""
_IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman", "movies": "movie"}
_REGULAR = {"ies": "y", "sses": "ss", "shes": "sh", "ches": "ch", "xes": "x", "zzes": "zz"} | {
    f"{letter}uses": f"{letter}us" for letter in "bnprt"
}
"""Endings of plurals, and of their singulars."""


def identifier(name: str, *, otherwise: str) -> str:
    """A lower case identifier: `ArtistId` → `artist_id`, `two words` → `two_words`. `otherwise` is for names of
    which nothing is left, and stands before digits. Python compares identifiers after NFKC:
    https://docs.python.org/3/reference/lexical_analysis.html#identifiers"""
    snake = unicodedata.normalize("NFKC", styled(unicodedata.normalize("NFKC", name), Naming.SNAKE))
    allowed = "".join(letter if f"a{letter}".isidentifier() else "_" for letter in snake)
    made = "_".join(part for part in allowed.split("_") if part)
    if not made:
        return otherwise
    return made if made.isidentifier() else f"{otherwise}_{made}"


def class_name(table: str) -> str:
    """`order_items` → `OrderItem`."""
    *first, last = identifier(table, otherwise="table").split("_")
    return "".join(word[:1].upper() + word[1:] for word in (*first, singular(last)))


def singular(word: str) -> str:
    """An English plural's singular; any other word as it is. The last of several words counts."""
    stem, word = _last(word)
    if not word.isascii() or len(word) < 4 or word in _SAME or word.endswith(("ss", "us", "is")):
        return stem + word
    if word in _IRREGULAR:
        return stem + _IRREGULAR[word]
    for ending, single in _REGULAR.items():
        if word.endswith(ending):
            return stem + word.removesuffix(ending) + single
    return stem + word.removesuffix("s")


def plural(word: str) -> str:
    """An English noun's plural; a word that is one, or that is not English, as it is."""
    stem, word = _last(word)
    if not word.isascii() or not word.isalpha() or word in _SAME or singular(word) != word:
        return stem + word
    if word in _IRREGULAR.values():
        return stem + next(many for many, one in _IRREGULAR.items() if one == word)
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{stem}{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{stem}{word[:-1]}ies"
    return f"{stem}{word}s"


def _last(words: str) -> tuple[str, str]:
    stem, underscore, last = words.rpartition("_")
    return stem + underscore, last


class Taken:
    """The identifiers of one scope."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = {*keyword.kwlist, *names}

    def first(self, *wanted: str) -> str:
        """The first of the names that is free, else the last one with a number; taken from now on."""
        free = next((name for name in wanted if name not in self._names), None)
        name = free or self._numbered(wanted[-1])
        self._names.add(name)
        return name

    def _numbered(self, name: str) -> str:
        separator = "_" if name[-1:].isdigit() else ""
        numbers = range(2, len(self._names) + 3)
        return next(each for n in numbers if (each := f"{name}{separator}{n}") not in self._names)
