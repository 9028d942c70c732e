"""`Like` with the wildcards of Access as GLOB over lower case.

https://learn.microsoft.com/office/vba/access/concepts/criteria-expressions/ and
https://learn.microsoft.com/office/vba/language/reference/user-interface-help/like-operator
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from migrator.sources.access.sql.comparing import cases, has_letters
from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.typed import Kind, Typed, truth

_PIECE: Final = re.compile(r"\[(?P<set>[^\]]*)\]|(?P<one>.)", re.DOTALL)
_WILD: Final = {"*": "*", "?": "?", "#": "[0-9]"}


def like(value: Typed, pattern: Typed) -> Typed:
    """`value Like pattern`.

    Raises:
        Refused: The pattern is no constant, or has a range of letters.
    """
    if value.kind is not Kind.TEXT:
        raise Refused(f"It matches {value.kind.value} with a pattern.")
    if pattern.text is None:
        raise Refused("It matches with a pattern that is no constant.")
    written = "".join(_pieces(pattern.text))
    node = exp.Lower(this=value.node) if has_letters(written) else value.node
    return truth(exp.Glob(this=node, expression=exp.Literal.string(written)), value)


def _pieces(pattern: str) -> Iterator[str]:
    for match in _PIECE.finditer(pattern):
        if match["set"] is not None:
            yield _set(match["set"])
        elif match["one"] == "[":
            raise Refused("Its pattern has a bracket that is not closed.")
        else:
            yield _WILD.get(match["one"]) or _one(cases(match["one"]))


def _one(characters: tuple[str, ...]) -> str:
    """Any one of some characters."""
    alone = len(characters) == 1 and characters[0] not in "[*?"
    return characters[0] if alone else f"[{''.join(characters)}]"


def _set(inside: str) -> str:
    """A list of characters; `!` at its beginning means all others. `[]` is nothing, and `[!]` an exclamation
    mark."""
    if inside in {"", "!"}:
        return inside
    negated = inside.startswith("!")
    members = _members(inside[1:] if negated else inside)
    if not negated and len(members) == 1:
        return _one((*members,))
    ends = [c for c in ("-", "^") if c in members]
    middle = "".join(c for c in members if c not in "-^")
    return f"[{'^' if negated else ''}{middle}{''.join(reversed(ends))}]"


def _members(inside: str) -> list[str]:
    """The characters of a list with its ranges spelt out; a hyphen at either end is itself."""
    found: list[str] = []
    at = 0
    while at < len(inside):
        if at + 2 < len(inside) and inside[at + 1] == "-":
            found += _range(inside[at], inside[at + 2])
            at += 3
        else:
            found += cases(inside[at])
            at += 1
    return list(dict.fromkeys(found))


def _range(first: str, last: str) -> list[str]:
    """A range of digits. One of letters goes by the sort order: in [A-E] are À and é too."""
    if not (first in "0123456789" and last in "0123456789" and first <= last):
        raise Refused(f"Its pattern has the range [{first}-{last}], in which Access has letters with accents too.")
    return [chr(code) for code in range(ord(first), ord(last) + 1)]
