"""Usage maps: which pages belong to a table.

A map is a row of a data page, with the bits in itself or with references to pages full of bits
(mdbtools HACKING.md, Page Usage Maps). Nothing here reads the pages a map names.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from migrator.sources.access.damage import Place
from migrator.sources.access.pages import USAGE, Pages
from migrator.sources.access.slots import Pointer, slot

INLINE, BY_REFERENCE = 0, 1

_HEAD = 4
"""Bytes before the bits on a usage map page."""

Numbers = npt.NDArray[np.int64]


def owned(pages: Pages, pointer: Pointer) -> Numbers:
    """The pages in the map at an address, in ascending order.

    Raises:
        SourceDamagedError: The map is of an unknown kind, or names a page the file does not have.
    """
    place = pages.at(pointer.page, "usage map")
    data = slot(pages, pointer).data
    if len(data) < 5 or data[0] not in {INLINE, BY_REFERENCE}:
        place.damaged("A usage map is cut off or of an unknown kind.")
    if data[0] == INLINE:
        return _bits(data[5:], int.from_bytes(data[1:5], "little"), pages.count, place)
    found = [
        _bits(pages.page(number, USAGE)[_HEAD:], position * (pages.size - _HEAD) * 8, pages.count, place)
        for position, number in enumerate(_references(data))
        if number
    ]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _references(data: bytes) -> list[int]:
    whole = 1 + (len(data) - 1) // 4 * 4
    return [int.from_bytes(data[at : at + 4], "little") for at in range(1, whole, 4)]


def _bits(bits: bytes, first: int, count: int, place: Place) -> Numbers:
    """Page numbers of the bits that are set, the lowest bit of the first byte being page `first`."""
    numbers = np.flatnonzero(np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")) + first
    if numbers.size and int(numbers[-1]) >= count:
        place.damaged(f"The usage map names page {int(numbers[-1]):,}, but the file has {count:,} pages.")
    return numbers
