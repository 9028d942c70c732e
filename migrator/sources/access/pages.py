"""Pages of an Access file, through memory mapping: bounds-checked, decoded where the file is encrypted.

This is the only module that touches the file. It never writes, and hands out what it read as bytes.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from migrator.errors import EnvironmentFailure, SourceError
from migrator.sources.access.damage import Place
from migrator.sources.access.formats import HEADER_SIZE, Format, detect, unmasked

Bytes = npt.NDArray[np.uint8]

Decoder = Callable[[int, bytes], bytes]
"""Makes a page's plain bytes from its number and its stored bytes."""

DATA, DEFINITION, INDEX, LEAF, USAGE = 1, 2, 3, 4, 5
"""Page types, each page's first byte (mdbtools HACKING.md, Pages)."""

_KINDS = {DATA: "data", DEFINITION: "table definition", INDEX: "index", LEAF: "index leaf", USAGE: "usage map"}


class Pages:
    """An open file. `header` is its first page's start without the mask; `count` says how many pages there are.

    Raises:
        SourceError: The file cannot be opened, or is no Access database.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = Place(str(path))
        self._map = _mapped(path)
        try:
            head = self._map[:HEADER_SIZE]
            self.form: Format = detect(head, str(path))
            self.header = unmasked(head, self.form)
            self.size = self.form.page_size
            self.count = len(self._map) // self.size
            if self.count < 3:
                self.place.damaged(f"The file ends after {len(self._map):,} bytes, before its catalogue.")
        except BaseException:
            self._map.close()
            raise
        self._decoder: Decoder | None = None

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()

    def decode_with(self, decoder: Decoder) -> None:
        """Read every page after the first through a decoder from now on."""
        self._decoder = decoder

    def at(self, number: int, what: str = "") -> Place:
        """The place of a page."""
        return Place(self.place.file, number, what)

    def page(self, number: int, expected: int | None = None) -> bytes:
        """A page's bytes, of a page type if one is expected.

        Raises:
            SourceDamagedError: The page lies outside of the file, or has another type.
        """
        if not 0 < number < self.count:
            self.at(number).damaged(f"The file refers to a page it does not have; it has {self.count:,} pages.")
        data = self.raw(number)
        if self._decoder is not None:
            data = self._decoder(number, data)
        if expected is not None and data[0] != expected:
            self.at(number).damaged(f"A {_KINDS[expected]} page was expected, but the page has type {data[0]}.")
        return data

    def raw(self, number: int) -> bytes:
        """A page's bytes as they are stored, of any page of the file, the first too."""
        return self._map[number * self.size : (number + 1) * self.size]

    def gather(self, numbers: npt.NDArray[np.int64]) -> Bytes:
        """Several pages' bytes, one after the other. The numbers must lie within the file."""
        if self._decoder is not None:
            return np.frombuffer(b"".join(self.page(int(number)) for number in numbers), np.uint8)
        # A view of the mapping must not outlive this call, or the mapping could not be closed.
        whole = np.frombuffer(self._map, np.uint8, self.count * self.size).reshape(self.count, self.size)
        return np.ascontiguousarray(whole[numbers]).reshape(-1)


def _mapped(path: Path) -> mmap.mmap:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError as error:  # an empty file cannot be mapped
        raise SourceError(
            "The file is empty.", where=str(path), hint="Is it the right file, and whole?"
        ) from error
    except (FileNotFoundError, IsADirectoryError) as error:
        raise SourceError("There is no such file.", where=str(path), hint="Check the path.") from error
    except OSError as error:
        raise EnvironmentFailure(
            f"The file cannot be read: {error.strerror}.",
            where=str(path),
            hint="Check the permissions of the file, and whether another program has it locked.",
        ) from error
