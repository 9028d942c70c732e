"""GLOB patterns, read as SQLite reads them and written in a target's own pattern language.

https://sqlite.org/src/file/src/func.c, patternCompare. All go by code point.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_CLASS: Final = re.compile(r"\[(\^?)(\]?+[^\]]*+)\]")
"""A bracket expression; a `]` at its start is a member."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """How a pattern language writes what GLOB has."""

    any: str
    """Any characters."""
    one: str
    """One character."""
    quoted: Callable[[str], str]
    """A character as itself, outside of brackets."""
    member: Callable[[str], str]
    """A character as itself, inside brackets."""


def written(pattern: str, alphabet: Alphabet) -> str | None:
    """The pattern in the target's language; None when it has an unclosed bracket or an empty class and so matches
    nothing."""
    result, position = "", 0
    while position < len(pattern):
        match = _CLASS.match(pattern, position)
        character = pattern[position]
        wild = {"*": alphabet.any, "?": alphabet.one, "[": None}
        part = wild[character] if character in wild else alphabet.quoted(character)
        if match is not None:
            part = _class(match[1], match[2], alphabet)
        if part is None:
            return None
        result += part
        position = match.end() if match is not None else position + 1
    return result


def _class(negated: str, members: str, alphabet: Alphabet) -> str | None:
    """A bracket expression, None when it matches nothing."""
    items = _members(members, alphabet)
    if not items:
        return alphabet.one if negated else None
    return f"[{negated}{''.join(items)}]"


def _members(members: str, alphabet: Alphabet) -> list[str]:
    """Single characters and ranges: a range backwards is its start alone, and the end of one starts no other."""
    first = members.startswith("]")
    items, rest = ([alphabet.member("]")], members[1:]) if first else ([], members)
    before, position = "", 0
    while position < len(rest):
        character = rest[position]
        if character == "-" and before and position + 1 < len(rest):
            position += 1
            if before <= rest[position]:
                items[-1] += f"-{alphabet.member(rest[position])}"
            before = ""
        else:
            items.append(alphabet.member(character))
            before = character
        position += 1
    return items
