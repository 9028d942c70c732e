"""What a table is like, in the words of Access's users: columns and indexes with the properties given to them.

Built from the stored definition and the catalogue's properties; expressions stay as Access wrote them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from migrator.sources.access.calculated import OVERHEAD
from migrator.sources.access.decoding import Codec
from migrator.sources.access.definitions import Definition, StoredIndex
from migrator.sources.access.pages import Pages
from migrator.sources.access.properties import Value
from migrator.sources.access.types import Type

_UNIQUE, _IGNORE_NULLS, _REQUIRED = 0x01, 0x02, 0x08
"""Flags of a stored index (Jackcess, IndexData)."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `type` is None if its code is unknown; `length` is in characters for text, else in bytes, and
    0 for long values. `precision` and `scale` belong to Decimal."""

    name: str
    type: Type | None
    arrow: pa.DataType
    length: int
    precision: int
    scale: int
    autonumber: bool
    calculated: bool
    hyperlink: bool
    compressed: bool
    properties: Mapping[str, Value]

    def _text(self, name: str) -> str | None:
        value = self.properties.get(name)
        return value.strip() or None if isinstance(value, str) else None

    @property
    def required(self) -> bool:
        """Whether Access refuses NULL."""
        return self.properties.get("Required") is True

    @property
    def allow_zero_length(self) -> bool:
        """Whether Access takes empty text."""
        return self.properties.get("AllowZeroLength") is not False

    @property
    def default(self) -> str | None:
        """The expression of the default value."""
        return self._text("DefaultValue")

    @property
    def expression(self) -> str | None:
        """The expression of a calculated column."""
        return self._text("Expression") if self.calculated else None

    @property
    def validation_rule(self) -> str | None:
        """The expression that values must satisfy."""
        return self._text("ValidationRule")

    @property
    def validation_text(self) -> str | None:
        """What Access says about values that do not."""
        return self._text("ValidationText")

    @property
    def caption(self) -> str | None:
        """What forms call the column."""
        return self._text("Caption")

    @property
    def description(self) -> str | None:
        """What the column is, for its users."""
        return self._text("Description")

    @property
    def rich_text(self) -> bool:
        """Whether long text is HTML."""
        return self.type is Type.LONG_TEXT and self.properties.get("TextFormat") == 1

    @property
    def random_autonumber(self) -> bool:
        """Whether AutoNumber gives random numbers, or GUIDs, instead of the next number."""
        return self.autonumber and (self.type is not Type.LONG or "genuniqueid" in (self.default or "").casefold())


@dataclass(frozen=True, slots=True)
class IndexedColumn:
    """A column of an index."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An index. `foreign` ones were made for a relationship; they have no name a user gave."""

    name: str
    columns: tuple[IndexedColumn, ...]
    primary: bool
    unique: bool
    foreign: bool
    ignores_nulls: bool
    """Whether rows with NULL in all columns are left out, so that several may have it."""
    required: bool
    """Whether NULL is refused."""


def column(codec: Codec, properties: Mapping[str, Value], unit: int) -> Column:
    """A column by how it is stored and its properties. `unit` is the file's bytes for a character."""
    stored = codec.stored
    decimal = codec.type is Type.DECIMAL
    wrapper = OVERHEAD if stored.calculated and codec.type is Type.SHORT_TEXT else 0
    return Column(
        name=stored.name,
        type=codec.type,
        arrow=codec.arrow,
        length=max(stored.length - wrapper, 0) // (unit if codec.type is Type.SHORT_TEXT else 1),
        precision=stored.precision if decimal else 0,
        scale=stored.scale if decimal else 0,
        autonumber=stored.autonumber,
        calculated=stored.calculated,
        hyperlink=stored.hyperlink and codec.type is Type.LONG_TEXT,
        compressed=stored.compressed and codec.type is not None and codec.type.text,
        properties=properties,
    )


def indexes(definition: Definition, table: str, pages: Pages) -> tuple[Index, ...]:
    """The logical indexes of a table, in the order of its definition.

    Raises:
        SourceDamagedError: An index has a column that the table does not have.
    """
    names = {column.number: column.name for column in definition.columns}
    place = pages.at(definition.page, f"indexes of table {table!r}")
    for real in definition.real_indexes:
        if any(column.number not in names for column in real.columns):
            place.damaged("An index has a column that the table does not have.")
    return tuple(_index(index, definition, names) for index in definition.indexes)


def _index(index: StoredIndex, definition: Definition, names: Mapping[int, str]) -> Index:
    real = definition.real_indexes[index.real]
    return Index(
        name=index.name,
        columns=tuple(IndexedColumn(names[column.number], column.descending) for column in real.columns),
        primary=index.primary,
        unique=index.primary or bool(real.flags & _UNIQUE),
        foreign=index.foreign,
        ignores_nulls=bool(real.flags & _IGNORE_NULLS),
        required=bool(real.flags & _REQUIRED),
    )
