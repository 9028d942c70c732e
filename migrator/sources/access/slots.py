"""Single rows of data pages: where a row lies on its page, and following a row that moved elsewhere.

System structures (usage maps, long values) and overflow rows are read one by one through this module; whole
tables are read by `blocks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from migrator.sources.access.pages import DATA, Pages

OFFSET = 0x1FFF
"""The bits of a row's entry on its page that are its offset (HACKING.md, Data Pages)."""
MOVED = 0x4000
"""The entry's row is a pointer to where the row really is."""
DELETED = 0x8000


class Pointer(NamedTuple):
    """A row's address: its page, and its number on the page."""

    page: int
    row: int

    @classmethod
    def of(cls, stored: bytes) -> Pointer:
        """The address in four stored bytes: one of the row's number, three of the page's."""
        return cls(int.from_bytes(stored[1:4], "little"), stored[0])


@dataclass(frozen=True, slots=True)
class Slot:
    """A row's entry on its page: its flags, and its bytes as they are stored."""

    flags: int
    data: bytes


def slot(pages: Pages, pointer: Pointer) -> Slot:
    """The row at an address.

    Raises:
        SourceDamagedError: There is no such page or row, or it does not lie within its page.
    """
    page = pages.page(pointer.page, DATA)
    place = pages.at(pointer.page, f"row {pointer.row}")
    form = pages.form
    count = int.from_bytes(page[form.row_count_offset : form.rows_offset], "little")
    if pointer.row >= count or form.rows_offset + 2 * count > pages.size:
        place.damaged(f"The file refers to a row that the page does not have; it says it has {count}.")
    at = form.rows_offset + 2 * pointer.row
    entry = int.from_bytes(page[at : at + 2], "little")
    end = int.from_bytes(page[at - 2 : at], "little") & OFFSET if pointer.row else pages.size
    start = entry & OFFSET
    if not form.rows_offset + 2 * count <= start <= end <= pages.size:
        place.damaged(f"The row lies from byte {start} to byte {end}, which cannot be.")
    return Slot(entry & ~OFFSET, page[start:end])


def follow(pages: Pages, pointer: Pointer) -> bytes:
    """The bytes of the row at an address, or of where it moved to, however often.

    Raises:
        SourceDamagedError: An address on the way is wrong, or the way is a circle.
    """
    passed = set()
    while True:
        if pointer in passed:
            pages.at(pointer.page, f"row {pointer.row}").damaged("The addresses of a moved row form a circle.")
        passed.add(pointer)
        found = slot(pages, pointer)
        if not found.flags & MOVED:
            return found.data
        if len(found.data) < 4:
            pages.at(pointer.page, f"row {pointer.row}").damaged("The address of a moved row is cut off.")
        pointer = Pointer.of(found.data[:4])
