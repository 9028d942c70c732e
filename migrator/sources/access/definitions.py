"""Table definitions as they are stored: columns, physical and logical indexes, and where rows lie.

A definition is a chain of pages (mdbtools HACKING.md, TDEF Pages; Jackcess's TableImpl and IndexImpl). What
is read here is still in the file's own terms; names and properties of users are put to it by `schema`.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.sources.access.damage import Cursor
from migrator.sources.access.formats import Format
from migrator.sources.access.pages import DEFINITION, Pages
from migrator.sources.access.slots import Pointer
from migrator.sources.access.text import Encoding, is_text

_MOST_PAGES = 1024
"""A definition of 255 columns, 32 indexes and the longest names needs less than 20 pages."""

_MOST_COLUMNS = 2048
"""Access allows 255; what it deletes stays counted until the database is compacted."""

_INDEX_COLUMNS = 10
_NO_COLUMN = 0xFFFF

SYSTEM_TABLE = 0x53


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column as its table's definition has it. `number` is its bit in the null mask and stays when others
    are deleted; `offset` is that of a fixed-length value, `variable` the place among the variable ones."""

    name: str
    code: int
    number: int
    variable: int
    offset: int
    length: int
    flags: int
    more_flags: int
    precision: int
    scale: int
    complex_id: int
    code_page: int
    sort_order: int

    @property
    def fixed(self) -> bool:
        """Whether the value lies at a fixed offset of the row."""
        return bool(self.flags & 0x01)

    @property
    def autonumber(self) -> bool:
        """Whether Access numbers the rows in it: with long integers or GUIDs."""
        return bool(self.flags & 0x44)

    @property
    def hyperlink(self) -> bool:
        """Whether long text is a hyperlink: display text, address and place, divided by `#`."""
        return bool(self.flags & 0x80)

    @property
    def compressed(self) -> bool:
        """Whether new text is stored with Unicode compression."""
        return bool(self.more_flags & 0x01)

    @property
    def calculated(self) -> bool:
        """Whether Access computes it; its values lie in a wrapper."""
        return bool(self.more_flags & 0xC0)


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """A column of an index, by its number."""

    number: int
    descending: bool


@dataclass(frozen=True, slots=True)
class RealIndex:
    """An index as it is stored; several logical indexes may share one."""

    columns: tuple[IndexColumn, ...]
    flags: int
    root: int


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """A logical index: its own name and purpose, over a stored one."""

    name: str
    real: int
    kind: int
    other_page: int
    """The definition page of the other table, if it is an end of a relationship; else 0."""

    @property
    def primary(self) -> bool:
        """Whether it is the primary key."""
        return self.kind == 1

    @property
    def foreign(self) -> bool:
        """Whether it was made for a relationship."""
        return self.kind == 2


@dataclass(frozen=True, slots=True)
class Definition:
    """A table as it is defined. `rows` is the count the file keeps, which is not always true;
    `last_autonumber` the last number given, even to a row that was deleted."""

    page: int
    rows: int
    last_autonumber: int
    autonumber_step: int
    last_complex: int
    system: bool
    columns: tuple[StoredColumn, ...]
    real_indexes: tuple[RealIndex, ...]
    indexes: tuple[StoredIndex, ...]
    owned: Pointer


def read(pages: Pages, page: int, encoding: Encoding) -> Definition:
    """The table definition that starts on a page.

    Raises:
        SourceDamagedError: A page of it is of another type, or its parts contradict each other.
    """
    form = pages.form
    at = Cursor(_chain(pages, page), pages.at(page, "table definition"))
    rows = at.seek(form.tdef_rows).u32()
    last = at.seek(form.tdef_autonumber).i32()
    step = at.seek(form.tdef_autonumber_step).i32() if form.tdef_autonumber_step >= 0 else 1
    last_complex = at.seek(form.tdef_complex_autonumber).i32() if form.tdef_complex_autonumber >= 0 else 0
    system = at.seek(form.tdef_type).u8() == SYSTEM_TABLE
    at.skip(4)
    columns, logical, real = at.u16(), at.u32(), at.u32()
    owned = Pointer.of(at.take(4))
    # Every index takes at least 8 bytes of the definition.
    if columns > _MOST_COLUMNS or max(logical, real) * 8 > len(at.data):
        at.place.damaged(f"A table definition counts {columns} columns, {logical} and {real} indexes.")
    at.seek(form.tdef_end).skip(real * form.real_index_size)
    blocks = [at.take(form.column_size) for _ in range(columns)]
    stored = tuple(_column(block, _name(at, form, encoding), at, form) for block in blocks)
    real_indexes = tuple(_real_index(at, form) for _ in range(real))
    slots = [_slot(at, form, real) for _ in range(logical)]
    indexes = tuple(StoredIndex(_name(at, form, encoding), *facts) for facts in slots)
    return Definition(page, rows, last, step or 1, last_complex, system, stored, real_indexes, indexes, owned)


def _chain(pages: Pages, first: int) -> bytes:
    """The bytes of a definition: its first page, and of the following ones what comes after their head."""
    parts: list[bytes] = []
    passed: set[int] = set()
    number = first
    while number:
        if number in passed or len(passed) == _MOST_PAGES:
            pages.at(number, "table definition").damaged("The pages of a table definition form a circle.")
        passed.add(number)
        page = pages.page(number, DEFINITION)
        parts.append(page[8:] if parts else page)
        number = int.from_bytes(page[4:8], "little")
    return b"".join(parts)


def _name(at: Cursor, form: Format, encoding: Encoding) -> str:
    length = at.u8() if form.name_length_size == 1 else at.u16()
    name = encoding.plain(at.take(length))
    if not is_text(name):
        at.place.damaged("The name of a column or index is no valid Unicode.")
    return name


def _column(block: bytes, name: str, at: Cursor, form: Format) -> StoredColumn:
    field = Cursor(block, at.place.of(f"definition of column {name!r}"))
    return StoredColumn(
        name=name,
        code=block[0],
        number=field.seek(form.column_number).u16(),
        variable=field.seek(form.column_variable).u16(),
        offset=field.seek(form.column_fixed).u16(),
        length=field.seek(form.column_length).u16(),
        flags=block[form.column_flags],
        more_flags=block[form.column_more_flags] if form.column_more_flags >= 0 else 0,
        precision=block[form.column_scale],
        scale=block[form.column_scale + 1],
        complex_id=field.seek(form.column_complex).u32() if form.column_complex >= 0 else 0,
        code_page=field.seek(form.column_code_page).u16() if form.column_code_page >= 0 else 0,
        sort_order=field.seek(form.column_sort_order).u16(),
    )


def _real_index(at: Cursor, form: Format) -> RealIndex:
    before, before_flags, after_flags = form.index_skip
    at.skip(before)
    columns = [(at.u16(), at.u8()) for _ in range(_INDEX_COLUMNS)]
    at.skip(4)  # its usage map
    root = at.u32()
    at.skip(before_flags)
    flags = at.u8()
    at.skip(after_flags)
    used = tuple(IndexColumn(number, not order & 1) for number, order in columns if number != _NO_COLUMN)
    return RealIndex(used, flags, root)


def _slot(at: Cursor, form: Format, real: int) -> tuple[int, int, int]:
    """The stored index, kind and other table of a logical index."""
    before, after = form.slot_skip
    at.skip(before + 4)
    number = at.u32()
    at.skip(1)
    other, other_page = at.i32(), at.u32()
    at.skip(2)  # cascades; the system table of relationships tells them too
    kind = at.u8()
    at.skip(after)
    if number >= real:
        at.place.damaged(f"An index refers to the stored index {number} of {real}.")
    return number, kind, other_page if other != -1 else 0
