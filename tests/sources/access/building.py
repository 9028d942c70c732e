"""Small Access files made byte by byte, of Jet 3 and Jet 4: shapes that no file at hand has, sound or broken.

Only what a reader looks at is written; Access itself would not open these files.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from migrator.sources.access.formats import FORMATS, JET3, JET4, MASK, MASK_OFFSET, Format
from migrator.sources.access.types import SIZES, Type

Stored = bytes | bool | None
"""A value as it is stored; Yes/No as a bool."""

TABLES_PARENT = 0x0F000001

INLINE, SINGLE, CHAINED = 0x80000000, 0x40000000, 0


@dataclass
class Made:
    """A column: its name, type, and what differs from the usual. Its number is its place among them all."""

    name: str
    type: int
    fixed: bool | None = None
    flags: int = 0
    more_flags: int = 0
    precision: int = 18
    scale: int = 0
    length: int | None = None
    deleted: bool = False
    complex_id: int = 0

    def is_fixed(self) -> bool:
        in_slot = self.type in SIZES and self.type != Type.DECIMAL
        return self.fixed if self.fixed is not None else (in_slot or self.type == Type.YES_NO)

    def size(self) -> int:
        return self.length if self.length is not None else SIZES.get(self.type, 0)


@dataclass(frozen=True)
class Entry:
    """An object of the catalogue: its number (a table's is the page of its definition), its name, what kind it is
    and its properties as they are stored."""

    number: int
    name: str
    kind: int = 1
    flags: int = 0
    properties: bytes | None = None


SYSTEM, HIDDEN = -0x80000000, 0x08
QUERY = 5

Part = tuple[int, str | None, int, str | None, str | None]
"""A part of a query: attribute, expression, flag and two names; see `migrator.sources.access.queries`."""


@dataclass
class Builder:
    """A file in the making. Tables are added, then `write` puts it together."""

    form: Format = JET4
    code_page: int = 1252
    pages: list[bytearray] = field(default_factory=list)
    objects: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pages = [self._header(), self._data_page(0), bytearray(self.form.page_size)]

    @property
    def size(self) -> int:
        return self.form.page_size

    def _header(self) -> bytearray:
        page = bytearray(self.size)
        version = next(number for number, form in FORMATS.items() if form == self.form)
        page[:0x15] = (
            b"\0\1\0\0" + (b"Standard ACE DB\0" if self.form.accdb else b"Standard Jet DB\0") + bytes([version])
        )
        mask = MASK if self.form.unit == 2 else MASK[:-2]
        page[MASK_OFFSET : MASK_OFFSET + len(mask)] = mask
        self._xor(page, 0x3C, struct.pack("<H", self.code_page))
        return page

    @staticmethod
    def _xor(page: bytearray, at: int, plain: bytes) -> None:
        """Put bytes into the masked header, where zeros were."""
        for offset, byte in enumerate(plain):
            page[at + offset] ^= byte

    def put_header(self, at: int, plain: bytes) -> None:
        self._xor(self.pages[0], at, plain)

    def add_page(self, page: bytearray) -> int:
        self.pages.append(page)
        return len(self.pages) - 1

    def _data_page(self, owner: int | bytes) -> bytearray:
        page = bytearray(self.size)
        page[:2] = b"\1\1"
        page[4:8] = owner if isinstance(owner, bytes) else struct.pack("<I", owner)
        return page

    def add_row(self, page: int, row: bytes, flags: int = 0) -> int | None:
        """Put a row on a data page; its number, or None if there is no room."""
        data, form = self.pages[page], self.form
        (count,) = struct.unpack_from("<H", data, form.row_count_offset)
        at = form.rows_offset + 2 * count
        end = struct.unpack_from("<H", data, at - 2)[0] & 0x1FFF if count else self.size
        start = end - len(row)
        if start < at + 2 or count == 255:
            return None
        data[start:end] = row
        struct.pack_into("<H", data, at, start | flags)
        struct.pack_into("<H", data, form.row_count_offset, count + 1)
        return count

    def usage_map(self, numbers: Sequence[int], *, by_reference: bool | None = None) -> bytes:
        """The address of a new usage map of pages."""
        first = min(numbers, default=0)
        span = max(numbers, default=0) - first + 1
        inline = span <= 64 * 8 if by_reference is None else not by_reference
        row = b"\0" + struct.pack("<I", first) + _bits(numbers, first, 64) if inline else self._references(numbers)
        page = self.add_page(self._data_page(0))
        number = self.add_row(page, row)
        assert number is not None
        return bytes([number]) + page.to_bytes(3, "little")

    def _references(self, numbers: Sequence[int]) -> bytes:
        each = (self.size - 4) * 8
        found = []
        for part in range(max(numbers) // each + 1):
            within = [number for number in numbers if part * each <= number < (part + 1) * each]
            page = bytearray(b"\5\1\0\0" + _bits(within, part * each, self.size - 4))
            found.append(self.add_page(page) if within else 0)
        return b"\1" + b"".join(struct.pack("<I", number) for number in found)

    def name(self, text: str) -> bytes:
        stored = self.text(text)
        return len(stored).to_bytes(self.form.name_length_size, "little") + stored

    def text(self, text: str) -> bytes:
        return text.encode("utf-16-le" if self.form.unit == 2 else f"cp{self.code_page}")

    def long_value(self, value: bytes, how: int, *, piece: int = 1000) -> bytes:
        """A reference to a long value, stored inline, on one page, or in pieces along a chain of pages."""
        if how == INLINE:
            return struct.pack("<III", len(value) | how, 0, 0) + value
        if how == SINGLE:
            return struct.pack("<I", len(value) | how) + self._lval(value) + bytes(4)
        following = bytes(4)
        for at in reversed(range(0, max(len(value), 1), piece)):
            following = self._lval(following + value[at : at + piece])
        return struct.pack("<I", len(value)) + following + bytes(4)

    def _lval(self, row: bytes) -> bytes:
        page = self.add_page(self._data_page(b"LVAL"))
        number = self.add_row(page, row)
        assert number is not None
        return bytes([number]) + page.to_bytes(3, "little")

    def row(self, columns: Sequence[Made], values: Sequence[Stored], count: int | None = None) -> bytes:
        """A row's bytes. With `count` it is one from before the columns after so many were added."""
        count = len(columns) if count is None else count
        fixed, variable, bits = bytearray(), [], 0
        for number, (column, value) in enumerate(zip(columns[:count], values[:count], strict=True)):
            bits |= (value is not None and value is not False) << number
            stored = value if isinstance(value, bytes) else b""
            if not column.is_fixed():
                variable.append(stored)
            elif column.type != Type.YES_NO:
                fixed += stored.ljust(column.size(), b"\0")
        mask = bits.to_bytes((count + 7) // 8, "little")
        width = self.form.count_size
        head = count.to_bytes(width, "little") + fixed
        if not any(not column.is_fixed() for column in columns[:count]):
            return head + mask
        offsets = [len(head) + sum(map(len, variable[:at])) for at in range(len(variable) + 1)]
        body = head + b"".join(variable)
        if width == 2:
            table = b"".join(struct.pack("<H", offset) for offset in reversed(offsets))
            return body + table + struct.pack("<H", len(variable)) + mask
        return body + self._narrow(body, offsets, mask)

    @staticmethod
    def _narrow(body: bytes, offsets: list[int], mask: bytes) -> bytes:
        """The end of a row of Jet 3: offsets of one byte, and at which of them another 256 bytes begin."""
        jumps, known = -1, 0
        while jumps != known:
            jumps = known
            known = (len(body) + len(offsets) + jumps + 1 + len(mask) - 1) // 256
        table = [
            next((at for at, offset in enumerate(offsets) if offset >= 256 * (jump + 1)), 0xFF)
            for jump in range(jumps)
        ]
        return bytes([*(o % 256 for o in reversed(offsets)), *reversed(table), len(offsets) - 1]) + mask

    def table(
        self,
        name: str,
        columns: Sequence[Made],
        rows: Sequence[bytes],
        *,
        moved: Sequence[int] = (),
        dead: Sequence[int] = (),
        repeat: int = 1,
        by_reference: bool | None = None,
        at: int | None = None,
        flags: int = 0,
        properties: bytes | None = None,
    ) -> int:
        """Add a table; the page of its definition. Rows in `moved` are put on a page of their own with only
        their address in place; rows in `dead` are deleted. All pages come `repeat` times."""
        page = self.add_page(bytearray()) if at is None else at
        owned = [self.add_page(self._data_page(page))]
        overflow = [self.add_page(self._data_page(page))] if moved else []
        for number, row in enumerate(rows):
            state = 0x8000 if number in dead else 0
            if number in moved:
                place = self.add_row(overflow[-1], row, 0x8000)
                assert place is not None
                row, state = bytes([place]) + overflow[-1].to_bytes(3, "little"), state | 0x4000
            if self.add_row(owned[-1], row, state) is None:
                owned.append(self.add_page(self._data_page(page)))
                assert self.add_row(owned[-1], row, state) is not None
        made = list(owned)
        for _ in range(repeat - 1):
            owned += [self.add_page(self.pages[number]) for number in made]
        alive = (len(rows) - len(dead)) * repeat
        definition = self.definition(columns, alive, self.usage_map(owned + overflow, by_reference=by_reference))
        self._split(page, definition)
        self.objects.append(Entry(page, name, flags=flags, properties=properties))
        return page

    def properties(self, own: Mapping[str, str], parts: Mapping[str, Mapping[str, str]]) -> bytes:
        """Properties that are text, of an object and of its parts by name (mdbtools HACKING.md, Properties)."""
        names = sorted({name for each in (own, *parts.values()) for name in each})
        listed = b"".join(_sized(self.text(name)) for name in names)
        chunks = [(0x80, listed), (0, self._values("", own, names))]
        chunks += [(1, self._values(part, given, names)) for part, given in parts.items()]
        return b"MR2\0" + b"".join(struct.pack("<IH", len(chunk) + 6, kind) + chunk for kind, chunk in chunks)

    def _values(self, part: str, given: Mapping[str, str], names: Sequence[str]) -> bytes:
        head = _sized(self.text(part))
        entries = b""
        for name, value in given.items():
            entry = struct.pack("<BBH", 0, Type.LONG_TEXT, names.index(name)) + _sized(self.text(value))
            entries += struct.pack("<H", len(entry) + 2) + entry
        return struct.pack("<I", len(head) + 4) + head + entries

    def queries(self, given: Mapping[str, Sequence[Part]]) -> None:
        """Add saved queries, by name the parts of each."""
        columns = [
            Made("ObjectId", Type.LONG),
            Made("Attribute", Type.BYTE),
            Made("Order", Type.BINARY, fixed=False, length=4),
            Made("Expression", Type.LONG_TEXT),
            Made("Flag", Type.INTEGER),
            Made("Name1", Type.SHORT_TEXT, length=510),
            Made("Name2", Type.SHORT_TEXT, length=510),
        ]
        rows = []
        for number, (name, parts) in enumerate(given.items(), 0x40000001):
            self.objects.append(Entry(number, name, QUERY))
            rows += [self._part(columns, number, order, part) for order, part in enumerate(parts)]
        self.table("MSysQueries", columns, rows, flags=SYSTEM)

    def _part(self, columns: Sequence[Made], number: int, order: int, part: Part) -> bytes:
        attribute, expression, flag, *names = part
        values = [
            struct.pack("<i", number),
            bytes([attribute]),
            order.to_bytes(4, "big"),
            expression and self.long_value(self.text(expression), INLINE),
            struct.pack("<h", flag),
            *(name and self.text(name) for name in names),
        ]
        return self.row(columns, values)

    def _split(self, page: int, definition: bytes) -> None:
        """Put a definition on as many pages as it needs."""
        first, rest = definition[: self.size], definition[self.size :]
        self.pages[page] = bytearray(first.ljust(self.size, b"\0"))
        while rest:
            part, rest = rest[: self.size - 8], rest[self.size - 8 :]
            following = self.add_page(bytearray((b"\2\1\0\0\0\0\0\0" + part).ljust(self.size, b"\0")))
            struct.pack_into("<I", self.pages[page], 4, following)
            page = following

    def definition(self, columns: Sequence[Made], rows: int, owned: bytes) -> bytes:
        form = self.form
        head = bytearray(form.tdef_end)
        head[:2] = b"\2\1"
        struct.pack_into("<I", head, form.tdef_rows, rows)
        head[form.tdef_type] = 0x4E
        variable = sum(not column.is_fixed() for column in columns)
        kept = [(number, column) for number, column in enumerate(columns) if not column.deleted]
        struct.pack_into("<HHHII", head, form.tdef_type + 1, len(columns), variable, len(kept), 0, 0)
        # The second map is of the owned pages with room; mdbtools wants one.
        head[form.tdef_type + 15 : form.tdef_type + 23] = owned * 2
        blocks, offset, slot = b"", 0, 0
        for number, column in enumerate(columns):
            if not column.deleted:
                blocks += self._block(column, number, offset, slot)
            offset += column.size() if column.is_fixed() and column.type != Type.YES_NO else 0
            slot += not column.is_fixed()
        whole = bytes(head) + blocks + b"".join(self.name(column.name) for _, column in kept) + b"\xff\xff"
        return whole[:8] + struct.pack("<I", len(whole)) + whole[12:]

    def _block(self, column: Made, number: int, offset: int, slot: int) -> bytes:
        form, block = self.form, bytearray(self.form.column_size)
        block[0] = column.type
        struct.pack_into("<H", block, form.column_number, number)
        struct.pack_into("<H", block, form.column_variable, slot)
        struct.pack_into("<H", block, form.column_fixed, offset)
        struct.pack_into("<H", block, form.column_length, column.size())
        block[form.column_flags] = column.flags | column.is_fixed()
        block[form.column_scale : form.column_scale + 2] = bytes([column.precision, column.scale])
        if column.complex_id:
            struct.pack_into("<I", block, form.column_complex, column.complex_id)
        if form.column_more_flags >= 0:
            block[form.column_more_flags] = column.more_flags
        return bytes(block)

    def write(self, path: Path) -> Path:
        """Write the file, with its catalogue."""
        self.catalogue()
        path.write_bytes(b"".join(self.pages))
        return path

    def catalogue(self) -> None:
        columns = [
            Made("Id", Type.LONG),
            Made("ParentId", Type.LONG),
            Made("Name", Type.SHORT_TEXT, length=510),
            Made("Type", Type.INTEGER),
            Made("DateCreate", Type.DATE_TIME),
            Made("DateUpdate", Type.DATE_TIME),
            Made("Flags", Type.LONG),
            Made("Database", Type.LONG_TEXT),
            Made("ForeignName", Type.SHORT_TEXT, length=510),
            Made("Connect", Type.LONG_TEXT),
            Made("LvProp", Type.OLE_OBJECT),
        ]
        day = struct.pack("<d", 36526.5)
        rows = [
            self.row(
                columns,
                [
                    struct.pack("<i", entry.number),
                    struct.pack("<i", TABLES_PARENT),
                    self.text(entry.name),
                    struct.pack("<h", entry.kind),
                    day,
                    day,
                    struct.pack("<i", entry.flags),
                    *[None] * 3,
                    entry.properties and self.long_value(entry.properties, INLINE),
                ],
            )
            for entry in self.objects
        ]
        self.table("MSysObjects", columns, rows, at=2)


def _sized(stored: bytes) -> bytes:
    return struct.pack("<H", len(stored)) + stored


def _bits(numbers: Sequence[int], first: int, size: int) -> bytes:
    bits = bytearray(max(size, math.ceil((max(numbers, default=first) - first + 1) / 8)))
    for number in numbers:
        bits[(number - first) // 8] |= 1 << (number - first) % 8
    return bytes(bits)


BOTH = (JET3, JET4)
