"""The catalogue of an Access file: the objects in its system table MSysObjects, and which of them are whose.

The catalogue's own definition always begins on page 2 (mdbtools HACKING.md, Catalog Entry). What the objects
are like is not told here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from migrator.sources.access import definitions, properties
from migrator.sources.access.damage import Place
from migrator.sources.access.pages import Pages
from migrator.sources.access.properties import Properties
from migrator.sources.access.stored import StoredTable
from migrator.sources.access.text import Encoding, is_text
from migrator.sources.access.types import BINARIES, DATES, NUMBERS, TEXTS

PAGE = 2
NAME = "MSysObjects"

_SYSTEM_FLAGS = 0x80000002
_HIDDEN_FLAG = 0x08
PAGE_BITS = 0x00FFFFFF
"""The bits of an object's number that are the page of a table's definition."""

_TABLES_PARENT = 0x0F000001


class Kind(IntEnum):
    """Kinds of objects that this reader knows, by their number in the catalogue."""

    TABLE = 1
    DATABASE = 2
    LINKED_ODBC = 4
    QUERY = 5
    LINKED = 6
    RELATIONSHIP = 8


TABLES = frozenset({Kind.TABLE, Kind.LINKED, Kind.LINKED_ODBC})


@dataclass(frozen=True, slots=True)
class Entry:
    """An object of the catalogue. A local table's `id` has the page of its definition."""

    id: int
    parent: int
    name: str
    kind: int
    flags: int
    created: datetime | None
    updated: datetime | None
    database: str | None
    """What a linked table points to: a file, and …"""
    foreign_name: str | None
    """… a table in it, or …"""
    connect: str | None
    """… in the database of a connection string, which may hold a password."""
    stored_properties: bytes | None

    @property
    def page(self) -> int:
        """The page on which a table's definition begins."""
        return self.id & PAGE_BITS

    @property
    def system(self) -> bool:
        """Whether it belongs to Access, not to users."""
        return bool(self.flags & _SYSTEM_FLAGS)

    @property
    def hidden(self) -> bool:
        """Whether a user has hidden it."""
        return bool(self.flags & _HIDDEN_FLAG)

    @property
    def table(self) -> bool:
        """Whether it is a table, here or linked."""
        return self.kind in TABLES and self.parent == _TABLES_PARENT


_COLUMNS = {
    "Id": NUMBERS,
    "ParentId": NUMBERS,
    "Name": TEXTS,
    "Type": NUMBERS,
    "Flags": NUMBERS,
    "DateCreate": DATES,
    "DateUpdate": DATES,
    "Database": TEXTS,
    "ForeignName": TEXTS,
    "Connect": TEXTS,
    "LvProp": BINARIES,
}


def entries(pages: Pages, encoding: Encoding) -> tuple[Entry, ...]:
    """All objects.

    Raises:
        SourceDamagedError: The catalogue is damaged.
    """
    table = StoredTable(pages, NAME, definitions.read(pages, PAGE, encoding), encoding, {})
    return tuple(_entries(table))


def _entries(table: StoredTable) -> Iterator[Entry]:
    place = table.pages.at(PAGE, f"table {NAME!r}")
    for number, parent, name, kind, flags, *rest in table.records(_COLUMNS):
        if number is None or name is None or kind is None:
            place.damaged("An object of the catalogue has no number, name or type.")
        if not is_text(name):
            place.damaged("The name of an object of the catalogue is no valid Unicode.")
        yield Entry(number, parent or 0, name, kind, flags or 0, *rest)


def properties_of(entry: Entry, encoding: Encoding, file: str) -> Properties:
    """The properties of an object and of its parts.

    Raises:
        SourceDamagedError: They are damaged.
    """
    place = Place(file, entry.page or None, f"properties of {entry.name!r}")
    return properties.read(entry.stored_properties, encoding, place)
