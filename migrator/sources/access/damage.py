"""How damage in an Access file is said, and the bounds-checked reading that finds it.

Every number taken from a file is checked here before it is used as an offset, a count or a length. Nothing
here knows what a structure means.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NoReturn

from migrator.errors import SourceDamagedError

HINT = (
    "Copy the file again from where it came, or let Access repair a copy of it (Database Tools, Compact and "
    "Repair Database), then try again."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something was read: the file, its page (counted from 0) and what lies there."""

    file: str
    page: int | None = None
    what: str = ""

    def __str__(self) -> str:
        parts = (self.file, "" if self.page is None else f"page {self.page}", self.what)
        return ", ".join(part for part in parts if part)

    def on(self, page: int) -> Place:
        """The same structure's part on another page."""
        return Place(self.file, page, self.what)

    def of(self, what: str) -> Place:
        """Something else on the same page."""
        return Place(self.file, self.page, what)

    def damaged(self, what: str) -> NoReturn:
        """Say that what was read here cannot be true.

        Raises:
            SourceDamagedError: Always.
        """
        raise SourceDamagedError(what, where=str(self), hint=HINT)


@dataclass(slots=True)
class Cursor:
    """Reads little-endian numbers from bytes, one after the other, never beyond their end.

    Raises:
        SourceDamagedError: From every method that would read outside of the bytes.
    """

    data: bytes
    place: Place
    at: int = field(default=0)

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size < 0 or size > len(self.data) - self.at:
            self.place.damaged(f"A structure ends {size} bytes after its byte {self.at}, beyond its end.")
        taken = self.data[self.at : self.at + size]
        self.at += size
        return taken

    def skip(self, size: int) -> None:
        """Pass over `size` bytes."""
        self.take(size)

    def u8(self) -> int:
        """The next byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """The next unsigned number of two bytes."""
        return int.from_bytes(self.take(2), "little")

    def u24(self) -> int:
        """The next unsigned number of three bytes."""
        return int.from_bytes(self.take(3), "little")

    def u32(self) -> int:
        """The next unsigned number of four bytes."""
        return int.from_bytes(self.take(4), "little")

    def i32(self) -> int:
        """The next signed number of four bytes."""
        return int.from_bytes(self.take(4), "little", signed=True)

    def seek(self, at: int) -> Cursor:
        """Continue at an offset from the start."""
        if not 0 <= at <= len(self.data):
            self.place.damaged(f"A structure has a part at its byte {at}, beyond its end.")
        self.at = at
        return self

    @property
    def left(self) -> int:
        """How many bytes follow."""
        return len(self.data) - self.at


def f64(data: bytes) -> float:
    """A little-endian IEEE double."""
    value: float = struct.unpack("<d", data)[0]
    return value
