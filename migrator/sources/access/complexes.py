"""Complex columns: attachments, multi-value lookups and version histories, whose values lie in hidden tables.

A row holds a number; the rows of the column's hidden table with that number are its values (Jackcess,
ComplexColumnSupport). What kind a column is shows in the shape of its type's table.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from migrator.sources.access.damage import Cursor, Place
from migrator.sources.access.decoding import Codec
from migrator.sources.access.stored import StoredTable
from migrator.sources.access.types import NUMBERS, Type

NAME = "MSysComplexColumns"
COLUMNS = {"ComplexID": NUMBERS, "ComplexTypeObjectID": NUMBERS, "FlatTableID": NUMBERS}
"""Of that system table: a column's number, and the objects of its type's table and of its values' table."""


class ComplexKind(StrEnum):
    """Kinds of complex columns."""

    ATTACHMENT = "attachment"
    MULTI_VALUE = "multi-value"
    VERSION_HISTORY = "version history"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a row. `data` is what the user attached, without Access's wrapper and compression."""

    name: str | None
    type: str | None
    """The file name's extension, as Access keeps it."""
    data: bytes | None
    url: str | None = None
    timestamp: datetime | None = None
    flags: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier or the present text of a column that only appends, and when it was written."""

    value: str | None
    modified: datetime | None


_SINGLE_TYPES = frozenset(
    {
        Type.BYTE,
        Type.INTEGER,
        Type.LONG,
        Type.SINGLE,
        Type.DOUBLE,
        Type.GUID,
        Type.DECIMAL,
        Type.SHORT_TEXT,
        Type.LARGE_NUMBER,
        Type.DATE_TIME_EXTENDED,
    }
)


@dataclass(frozen=True)
class ComplexColumn:
    """A complex column: its kind, the hidden table of its values, and which columns of it are what.

    `key` of the hidden table refers to the number in the row; `values` are the columns of the type.
    """

    kind: ComplexKind
    table: StoredTable
    key: Codec
    values: tuple[Codec, ...]

    def rows(self) -> Iterator[tuple[int, Any]]:
        """Number in the row and value of every value, in the order of the hidden table: `Attachment`s,
        `Version`s, single values, or tuples of what an unknown kind has.

        Raises:
            SourceDamagedError: The hidden table or an attachment's wrapper is damaged.
        """
        place = self.table.pages.at(self.table.definition.page, f"table {self.table.name!r}")
        for number, *values in self.table.rows([self.key, *self.values]):
            if number is not None:
                yield number, self._value(values, place)

    def by_number(self) -> dict[int, tuple[Any, ...]]:
        """All values by the number in the row; versions newest first, as Access shows them."""
        found: dict[int, list[Any]] = {}
        for number, value in self.rows():
            found.setdefault(number, []).append(value)
        newest = self.kind is ComplexKind.VERSION_HISTORY
        return {number: tuple(_newest_first(values) if newest else values) for number, values in found.items()}

    def _value(self, values: list[Any], place: Place) -> Any:
        if self.kind is ComplexKind.MULTI_VALUE:
            return values[0]
        if self.kind is ComplexKind.ATTACHMENT:
            return self._attachment(values, place)
        if self.kind is ComplexKind.VERSION_HISTORY:
            return Version(self._first(values, Type.LONG_TEXT), self._first(values, Type.DATE_TIME))
        return tuple(values)

    def _attachment(self, values: list[Any], place: Place) -> Attachment:
        texts = self._texts(values)
        stored = self._first(values, Type.OLE_OBJECT)
        return Attachment(
            *texts,
            data=None if stored is None else unwrapped(stored, place),
            url=self._first(values, Type.LONG_TEXT),
            timestamp=self._first(values, Type.DATE_TIME),
            flags=self._first(values, Type.LONG),
        )

    def _texts(self, values: list[Any]) -> tuple[str | None, str | None]:
        """File name and type, by the names of their columns, else in order."""
        found = {
            codec.stored.name.casefold(): value
            for codec, value in zip(self.values, values, strict=True)
            if codec.type is Type.SHORT_TEXT
        }
        first, second = [*found.values(), None, None][:2]
        return found.get("filename", first), found.get("filetype", second)

    def _first(self, values: list[Any], kind: Type) -> Any:
        pairs = zip(self.values, values, strict=True)
        return next((value for codec, value in pairs if codec.type is kind), None)


def _newest_first(versions: list[Version]) -> list[Version]:
    return sorted(versions, key=lambda version: version.modified or datetime.min, reverse=True)


def column(type_table: StoredTable, values_table: StoredTable) -> ComplexColumn:
    """A complex column by its type's table and its hidden table.

    Raises:
        SourceDamagedError: The hidden table has no column that refers to the row.
    """
    names = {codec.stored.name.casefold() for codec in type_table.codecs}
    values = tuple(codec for codec in values_table.codecs if codec.stored.name.casefold() in names)
    others = [codec for codec in values_table.codecs if codec.stored.name.casefold() not in names]
    keys = [codec for codec in others if codec.type is Type.LONG and not codec.stored.autonumber]
    if not keys or not values:
        place = values_table.pages.at(values_table.definition.page, f"table {values_table.name!r}")
        place.damaged("The table of a complex column's values has no column that refers to a row.")
    return ComplexColumn(_kind(type_table), values_table, keys[-1], values)


def _kind(type_table: StoredTable) -> ComplexKind:
    types = Counter(codec.type for codec in type_table.codecs)
    if len(type_table.codecs) == 1 and set(types) <= _SINGLE_TYPES:
        return ComplexKind.MULTI_VALUE
    if types[Type.SHORT_TEXT] >= 2 and all(
        types[kind] for kind in (Type.LONG_TEXT, Type.OLE_OBJECT, Type.DATE_TIME, Type.LONG)
    ):
        return ComplexKind.ATTACHMENT
    if types[Type.LONG_TEXT] and types[Type.DATE_TIME]:
        return ComplexKind.VERSION_HISTORY
    return ComplexKind.UNKNOWN


_RAW, _COMPRESSED = 0, 1


def unwrapped(stored: bytes, place: Place) -> bytes:
    """A file out of Access's wrapper: a kind and a length, then, compressed or not, a head of its own length
    and the file (Jackcess, AttachmentColumnInfoImpl).

    Raises:
        SourceDamagedError: The wrapper is of an unknown kind, cut off, or does not decompress.
    """
    at = Cursor(stored, place.of("attachment"))
    kind, length = at.u32(), at.u32()
    if kind not in {_RAW, _COMPRESSED}:
        at.place.damaged(f"An attachment is wrapped in the unknown way {kind}.")
    body = at.take(at.left)
    content = Cursor(body if kind == _RAW else _inflated(body, length, at.place), at.place)
    head = content.u32()
    content.skip(head - 4)
    return content.take(length - head)


def _inflated(body: bytes, length: int, place: Place) -> bytes:
    # At most the stated length and never more than deflate can reach (zlib.net: 1032 to 1), so that a
    # hostile length takes no memory.
    if length > 1040 * len(body):
        place.damaged(f"An attachment of {length:,} bytes cannot come from {len(body):,}.")
    try:
        return zlib.decompressobj().decompress(body, max(length, 1))
    except zlib.error as error:
        place.damaged(f"An attachment does not decompress: {error}.")
