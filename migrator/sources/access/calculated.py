"""Calculated columns: their values out of the wrapper that Access 2010 and later put around them.

The layout is that of Jackcess's CalculatedColumnUtil. Expressions are not evaluated; the file holds their
results.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from migrator.sources.access.blocks import Values

_LENGTH, _BODY = 16, 20
"""Where in the wrapper the length of the value and the value itself begin."""

OVERHEAD = 23
"""Bytes of the wrapper that count in a column's length (Jackcess)."""


def unwrapped(stored: bytes) -> bytes:
    """A value without its wrapper; empty for NULL."""
    if len(stored) < _BODY:
        return stored
    length = int.from_bytes(stored[_LENGTH:_BODY], "little")
    return stored[_BODY : _BODY + length]


def rows(values: Values) -> Values:
    """The same values without wrappers, in a block of their own. An empty one of fixed size is NULL."""
    parts = [b"" if stored is None else unwrapped(stored) for stored in values.slices()]
    return packed(values, parts)


def packed(values: Values, parts: list[bytes]) -> Values:
    """Values whose stored bytes are `parts`, in the places of others."""
    ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
    starts = ends - np.array([len(part) for part in parts], np.int64)
    block = replace(values.block, data=np.frombuffer(b"".join(parts), np.uint8))
    return replace(values, block=block, starts=starts, ends=ends)


def decimal(stored: bytes) -> tuple[int, int]:
    """The digits and scale of a calculated Decimal: a total length, scale and sign, then groups of eight bytes,
    the most significant first, of which the first may be cut to four."""
    stated = int.from_bytes(stored[:2], "little") or len(stored) - 2
    size = max(min(stated - 2, len(stored) - 4, 16), 0) // 4 * 4
    body = stored[4 : 4 + size]
    first = len(body) % 8
    groups = [body[:first], *(body[at : at + 8] for at in range(first, len(body), 8))]
    digits = 0
    for group in groups:
        digits = (digits << (8 * len(group))) | int.from_bytes(group, "little")
    return (-digits if stored[3] else digits), stored[2]
