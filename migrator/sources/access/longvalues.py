"""Long values: Long Text and OLE Object, in the row itself, on a page of their own, or along a chain of pages.

The row holds a reference of twelve bytes (mdbtools HACKING.md, Memo Field Definition and LVAL Pages). What
the bytes of a value mean is not told here.
"""

from __future__ import annotations

from typing import NoReturn

import numpy as np

from migrator.sources.access.blocks import Ints, Values
from migrator.sources.access.damage import Place
from migrator.sources.access.pages import Pages
from migrator.sources.access.slots import Pointer, slot

_HEAD = 12
_LENGTH = 0x3FFFFFFF
_INLINE, _SINGLE, _CHAINED = 2, 1, 0
"""The two highest bits of the length."""


def lengths(values: Values) -> Ints:
    """How many bytes each value has, by its reference; 0 for NULL."""
    stated = values.block.numbers_at(values.starts, "<u4").astype(np.int64) & _LENGTH
    return np.where(values.valid & (values.ends - values.starts >= _HEAD), stated, 0)


def fetch(values: Values) -> list[bytes | None]:
    """Each value of a column, None for NULL.

    Raises:
        SourceDamagedError: A reference leads astray, or to less than the value's length.
    """
    block = values.block
    return [
        None if stored is None else _value(block.source, stored, _place(values, at))
        for at, stored in enumerate(values.slices())
    ]


def _place(values: Values, at: int) -> Place:
    block = values.block
    what = f"column {values.column!r} of row {int(block.numbers[at])} of table {block.table!r}"
    return block.source.at(int(block.pages[at]), what)


def _value(pages: Pages, stored: bytes, place: Place) -> bytes:
    if len(stored) < _HEAD:
        place.damaged(f"The reference to a long value has {len(stored)} bytes instead of {_HEAD}.")
    head = int.from_bytes(stored[:4], "little")
    length, form = head & _LENGTH, head >> 30
    if form == _INLINE:
        value = stored[_HEAD : _HEAD + length]
    elif form == _SINGLE:
        value = slot(pages, Pointer.of(stored[4:8])).data[:length]
    elif form == _CHAINED:
        value = _chain(pages, Pointer.of(stored[4:8]), length, place)
    else:
        place.damaged("A long value is stored in a way that is not known.")
    return value if len(value) == length else _cut_off(place, length, len(value))


def _cut_off(place: Place, length: int, found: int) -> NoReturn:
    place.damaged(f"A long value has {length:,} bytes, but only {found:,} of them are there.")


def _chain(pages: Pages, pointer: Pointer, length: int, place: Place) -> bytes:
    parts, found, passed = [], 0, set()
    while found < length and pointer.page:
        if pointer in passed:
            place.damaged("The pages of a long value form a circle.")
        passed.add(pointer)
        data = slot(pages, pointer).data
        if len(data) < 4:
            pages.at(pointer.page, f"row {pointer.row}").damaged("A part of a long value is cut off.")
        parts.append(data[4 : 4 + length - found])
        found += len(parts[-1])
        pointer = Pointer.of(data[:4])
    return b"".join(parts)
