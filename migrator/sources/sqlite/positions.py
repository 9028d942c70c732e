"""The mark behind the last row read: the row's key, in a form that fits JSON and comes back exactly.

Numbers stay numbers. Text starts with `'`, so that it cannot be taken for a blob (`x'…'`), for text that is no
text (`t'…'`), or for an infinite real.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from migrator.sources import Position
from migrator.sources.sqlite.values import InvalidText, SqliteValue, real_text

_INFINITE = {real_text(value): value for value in (math.inf, -math.inf)}


def position_of(key: Sequence[SqliteValue]) -> Position:
    """The position behind the row of that key."""
    return tuple(_mark(part) for part in key)


def key_of(position: Position, codec: str) -> tuple[SqliteValue, ...]:
    """The key of the row at a position."""
    return tuple(_part(mark, codec) for mark in position)


def _mark(part: SqliteValue) -> int | float | str | None:
    match part:
        case str():
            return f"'{part}"
        case bytes():
            return f"x'{part.hex()}'"
        case InvalidText():
            return f"t'{part.raw.hex()}'"
        case float() if math.isinf(part):
            return real_text(part)
        case _:
            return part


def _part(mark: int | float | str | None, codec: str) -> SqliteValue:
    if not isinstance(mark, str):
        return mark
    if mark in _INFINITE:
        return _INFINITE[mark]
    if mark.startswith("'"):
        return mark[1:]
    raw = bytes.fromhex(mark[2:-1])
    return raw if mark.startswith("x") else InvalidText(raw, codec)


def parameter(part: SqliteValue) -> tuple[str, tuple[int | float | str | bytes | None, ...]]:
    """SQL for a part of a key, and what to bind in it. Undecodable text is a literal: bytes that are bound
    would be taken for UTF-8 whatever the database's encoding is."""
    if isinstance(part, InvalidText):
        return f"CAST(x'{part.raw.hex()}' AS TEXT)", ()
    return "?", (part,)
