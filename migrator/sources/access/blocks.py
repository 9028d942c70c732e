"""Blocks of rows: many data pages at a time, with every row's and every value's place found for all at once.

A block is one array of bytes and the places of rows in it; numpy finds them without a loop over rows. Nothing
here decodes a value. The layout of rows is that of mdbtools' HACKING.md (Jet3 and Jet4 Row Definition).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from migrator.sources.access.definitions import StoredColumn
from migrator.sources.access.pages import DATA, Bytes, Pages
from migrator.sources.access.slots import DELETED, MOVED, OFFSET, Pointer, follow
from migrator.sources.access.types import SIZES, Type

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PAGES = 128
"""Pages of a block: enough to make numpy's overhead small, few enough to bound memory (half a megabyte)."""

_JUMP = 256
"""Jet 3 stores offsets in one byte; a table of jumps tells at which column the next 256 bytes begin."""
_MOST_JUMPS = 7


@dataclass(frozen=True, slots=True)
class Block:
    """Rows in on-disk order. `starts` and `ends` are places in `data`; `pages` and `numbers` are the
    addresses of the rows, for messages. `counts` is each row's number of columns."""

    source: Pages
    table: str
    data: Bytes
    starts: Ints
    ends: Ints
    pages: Ints
    numbers: Ints
    counts: Ints

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, part: slice) -> Block:
        return Block(
            self.source,
            self.table,
            self.data,
            *(array[part] for array in (self.starts, self.ends, self.pages, self.numbers, self.counts)),
        )

    def damaged(self, wrong: Bools, what: str) -> NoReturn:
        """Say what is wrong with the first row that is marked."""
        at = int(np.argmax(wrong))
        place = self.source.at(int(self.pages[at]), f"row {int(self.numbers[at])} of table {self.table!r}")
        place.damaged(what)

    def numbers_at(self, places: Ints, dtype: str) -> npt.NDArray[Any]:
        """Little-endian numbers at places in the data; zero where a place is not wholly in the data."""
        return numbers_at(self.data, places, dtype)


@dataclass(frozen=True, slots=True)
class Values:
    """Where a column's values lie in a block's data. What is not `valid` is NULL."""

    block: Block
    column: str
    valid: Bools
    starts: Ints
    ends: Ints

    def slices(self) -> Iterator[bytes | None]:
        """Each value's stored bytes, None for NULL."""
        view = self.block.data.data
        triples = zip(self.valid.tolist(), self.starts.tolist(), self.ends.tolist(), strict=True)
        for valid, start, end in triples:
            yield bytes(view[start:end]) if valid else None

    def numbers(self, dtype: str) -> npt.NDArray[Any]:
        """The values as little-endian numbers, zero for NULL.

        Raises:
            SourceDamagedError: A value has another size than the numbers.
        """
        self._sized(np.dtype(dtype).itemsize)
        found = self.block.numbers_at(self.starts, dtype)
        found[~self.valid] = np.zeros(1, found.dtype)[0]
        return found

    def bytes_of(self, size: int) -> Bytes:
        """The values' bytes as an array of as many rows, with `size` columns; zeros for NULL.

        Raises:
            SourceDamagedError: A value has another size.
        """
        return self.numbers(f"V{size}").view(np.uint8).reshape(len(self.valid), size)

    def _sized(self, size: int) -> None:
        wrong = self.valid & (self.ends - self.starts != size)
        if wrong.any():
            self.damaged(wrong, f"A value does not have {size} bytes as its type says")

    def damaged(self, wrong: Bools, what: str) -> NoReturn:
        """Say what is wrong with the column's value in the first row that is marked."""
        self.block.damaged(wrong, f"{what} (column {self.column!r}).")


def blocks(pages: Pages, table: str, owner: int, numbers: Ints) -> Iterator[Block]:
    """The rows on data pages, a block at a time. `owner` is the definition page of their table.

    Raises:
        SourceDamagedError: A page is of another type or of another table, or a row does not lie within it.
    """
    for start in range(0, len(numbers), PAGES):
        block = _block(pages, table, owner, numbers[start : start + PAGES])
        if len(block):
            yield block


def _block(pages: Pages, table: str, owner: int, numbers: Ints) -> Block:
    form, size = pages.form, pages.size
    data = pages.gather(numbers)
    table_of = data.reshape(len(numbers), size)
    types, owners = table_of[:, 0], table_of[:, 4:8].copy().view("<u4")[:, 0]
    counts = table_of[:, form.row_count_offset : form.rows_offset].copy().view("<u2")[:, 0].astype(np.int64)
    wrong = (types != DATA) | (owners != owner) | (form.rows_offset + 2 * counts > size)
    if wrong.any():
        _wrong_page(pages, table, int(numbers[int(np.argmax(wrong))]))
    row = ranges(np.zeros_like(counts), counts)
    page = np.repeat(np.arange(len(numbers)), counts)
    entry = numbers_at(data, page * size + form.rows_offset + 2 * row, "<u2").astype(np.int64)
    start = entry & OFFSET
    end = np.where(row == 0, size, np.roll(start, 1))
    live = (entry & DELETED) == 0
    first = form.rows_offset + 2 * counts[page]
    bad = live & ((start < first) | (start > end) | (end > size))
    block = Block(pages, table, data, page * size + start, page * size + end, numbers[page], row, row)
    if bad.any():
        block.damaged(bad, "The row does not lie within its page.")
    return _counted(_with_moved(block, (entry & MOVED) != 0, live))


def _wrong_page(pages: Pages, table: str, number: int) -> NoReturn:
    pages.page(number, DATA)
    pages.at(number).damaged(f"The usage map gives the page to table {table!r}, but it belongs to another one.")


def _with_moved(block: Block, moved: Bools, live: Bools) -> Block:
    """The live rows; the bytes of those that moved to other pages follow the block's own."""
    at = np.flatnonzero(moved & live)
    data, starts, ends = block.data, block.starts, block.ends
    if len(at):
        rows = [follow(block.source, Pointer(int(block.pages[i]), int(block.numbers[i]))) for i in at]
        lengths = np.array([len(row) for row in rows], np.int64)
        stops = len(data) + np.cumsum(lengths)
        starts, ends = starts.copy(), ends.copy()
        starts[at], ends[at] = stops - lengths, stops
        data = np.concatenate([data, np.frombuffer(b"".join(rows), np.uint8)])
    return Block(
        block.source,
        block.table,
        data,
        *(array[live] for array in (starts, ends, block.pages, block.numbers, block.numbers)),
    )


def _counted(block: Block) -> Block:
    size = block.source.form.count_size
    counts = block.numbers_at(block.starts, f"<u{size}").astype(np.int64)
    short = block.ends - block.starts < size + (counts + 7) // 8
    if short.any():
        block.damaged(short, "The row is shorter than the mask of its columns.")
    return Block(
        block.source, block.table, block.data, block.starts, block.ends, block.pages, block.numbers, counts
    )


def numbers_at(data: Bytes, places: Ints, dtype: str) -> npt.NDArray[Any]:
    """Little-endian numbers at places in bytes, aligned or not; zero where a place is not wholly in them."""
    kind = np.dtype(dtype)
    if len(data) < kind.itemsize:
        return np.zeros(len(places), kind)
    every = np.ndarray((len(data) - kind.itemsize + 1,), kind, data.data, strides=(1,))
    inside = (places >= 0) & (places < len(every))
    found = every[np.where(inside, places, 0)]
    found[~inside] = np.zeros(1, kind)[0]
    return found


def ranges(starts: Ints, counts: Ints) -> Ints:
    """All numbers of several ranges, one range after the other."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()), dtype=np.int64)


def present(block: Block, column: StoredColumn) -> Bools:
    """The column's bit in each row's null mask; rows older than the column have none."""
    inside = column.number < block.counts
    mask = block.ends - (block.counts + 7) // 8
    bits = block.data[np.where(inside, mask + column.number // 8, 0)] if len(block.data) else block.counts
    found: Bools = inside & ((bits >> (column.number % 8)) & 1 == 1)
    return found


def values(block: Block, column: StoredColumn, kind: Type | None) -> Values:
    """Where a column's values lie.

    Raises:
        SourceDamagedError: A value does not lie within its row.
    """
    valid = present(block, column)
    if column.fixed:
        starts = block.starts + block.source.form.count_size + column.offset
        ends = starts + (SIZES.get(kind, column.length) if kind and not column.calculated else column.length)
    elif block.source.form.count_size == 2:
        valid, starts, ends = _wide(block, column, valid)
    else:
        valid, starts, ends = _narrow(block, column, valid)
    limit = block.ends - (block.counts + 7) // 8
    found = Values(block, column.name, valid, starts, ends)
    outside = valid & ((starts < block.starts) | (ends < starts) | (ends > limit))
    if outside.any():
        found.damaged(outside, "A value does not lie within its row")
    return found


def _wide(block: Block, column: StoredColumn, valid: Bools) -> tuple[Bools, Ints, Ints]:
    """Variable-length values of Jet 4 and later: from the null mask backwards lie the number of values, then
    the offset of each and the end of the last."""
    count_at = block.ends - (block.counts + 7) // 8 - 2
    entries = block.numbers_at(count_at, "<u2").astype(np.int64)
    valid = valid & (column.variable < entries)
    at = count_at - 2 - 2 * column.variable
    torn = valid & (at - 2 < block.starts)
    if torn.any():
        block.damaged(torn, "The row is shorter than the offsets of its columns.")
    return (
        valid,
        block.starts + block.numbers_at(at, "<u2"),
        block.starts + block.numbers_at(at - 2, "<u2"),
    )


def _narrow(block: Block, column: StoredColumn, valid: Bools) -> tuple[Bools, Ints, Ints]:
    """Variable-length values of Jet 3, whose offsets are single bytes with a table of jumps; a last jump that
    no column needs is a dummy."""
    last = block.ends - 1 - (block.counts + 7) // 8
    entries = block.numbers_at(last, "u1").astype(np.int64)
    jumps = (block.ends - block.starts - 1) // _JUMP
    table = last - jumps - 1
    jumps = np.where((table - block.starts - entries) // _JUMP < jumps, jumps - 1, jumps)
    valid = valid & (column.variable < entries)
    torn = valid & (table - column.variable - 1 < block.starts)
    if torn.any():
        block.damaged(torn, "The row is shorter than the offsets of its columns.")

    def offset(variable: int) -> Ints:
        passed = np.zeros_like(jumps)
        for jump in range(_MOST_JUMPS):
            passed += (jump < jumps) & (block.numbers_at(last - 1 - jump, "u1") <= variable)
        found: Ints = block.starts + block.numbers_at(table - variable, "u1") + passed * _JUMP
        return found

    return valid, offset(column.variable), offset(column.variable + 1)
