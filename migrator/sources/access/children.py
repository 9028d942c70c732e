"""Complex columns as tables of their own: attachments, several values and versions, one row each.

A row of such a table refers to the row it belongs to by that row's primary key and counts from 1 within it. Where
the table has no primary key, the number that Access keeps in the complex column stays and is referred to instead.
All functions are pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from migrator.model.schema import Column, ForeignKey, Key, Table
from migrator.model.types import BINARY, INT32, TEXT, TIMESTAMP, LogicalType
from migrator.sources.access import schema
from migrator.sources.access.complexes import ComplexColumn, ComplexKind
from migrator.sources.access.naming import Names
from migrator.sources.access.storing import form
from migrator.sources.sqlite.storage import Affinity
from migrator.sources.sqlite.values import quote


@dataclass(frozen=True, slots=True)
class Part:
    """A column of what a complex column holds, and the affinity that converts none of its values."""

    name: str
    declared: str
    type: LogicalType | None
    stored: Affinity = Affinity.BLOB


_PARTS: dict[ComplexKind, tuple[Part, ...]] = {
    ComplexKind.ATTACHMENT: (
        Part("FileName", "Short Text", TEXT, Affinity.TEXT),
        Part("FileType", "Short Text", TEXT, Affinity.TEXT),
        Part("FileData", "OLE Object", BINARY),
        Part("FileURL", "Long Text", TEXT, Affinity.TEXT),
        Part("FileTimeStamp", "Date/Time", TIMESTAMP, Affinity.TEXT),
        Part("FileFlags", "Long Integer", INT32, Affinity.INTEGER),
    ),
    ComplexKind.VERSION_HISTORY: (
        Part("Value", "Long Text", TEXT, Affinity.TEXT),
        Part("Modified", "Date/Time", TIMESTAMP, Affinity.TEXT),
    ),
}
_FIELDS = {
    ComplexKind.ATTACHMENT: attrgetter("name", "type", "data", "url", "timestamp", "flags"),
    ComplexKind.VERSION_HISTORY: attrgetter("value", "modified"),
}
_POSITION = "Position"


@dataclass(frozen=True, slots=True)
class Child:
    """The table made of a complex column. `link` pairs its columns with those of the parent they refer to."""

    table: Table
    parent: str
    column: str
    link: tuple[tuple[str, str], ...]
    position: str
    parts: tuple[Part, ...]

    def fill(self, rows: str, number: str) -> str:
        """SQL that fills it from `rows`, which has the number of a value's row as `number` and the values in its
        other columns, in their order."""
        above = ", ".join(f"parent.{quote(column)}" for _, column in self.link)
        place = "row_number() OVER (PARTITION BY parent.rowid ORDER BY held.rowid)"
        values = ", ".join(f"held.v{at}" for at in range(len(self.parts)))
        return (
            f"INSERT INTO {quote(self.table.name)} SELECT {above}, {place}, {values} FROM {rows} AS held "
            f"JOIN {quote(self.parent)} AS parent ON parent.{quote(self.column)} = held.{number} "
            "ORDER BY held.rowid"
        )


def child(parent: Table, column: schema.Column, complex: ComplexColumn, names: Names) -> Child:
    """The table of a complex column. `parent` is the table as it moves."""
    parts = _parts(complex)
    above = parent.primary_key.columns if parent.primary_key else (column.name,)
    taken = Names(part.name for part in parts)
    link = tuple((taken.take(name, f"{parent.name}_{name}"), name) for name in above)
    position = taken.take(_POSITION)
    referring = tuple(_referring(name, parent.column(to)) for name, to in link)
    key = Key((*(name for name, _ in link), position))
    reference = ForeignKey(
        tuple(name for name, _ in link), parent.name, above, on_delete="CASCADE", on_update="CASCADE"
    )
    table = Table(
        names.take(f"{parent.name}_{column.name}"),
        (
            *referring,
            Column(position, "Long Integer", nullable=False, type=INT32),
            *(Column(part.name, part.declared, type=part.type) for part in parts),
        ),
        key,
        foreign_keys=(reference,),
        comment=f"The {complex.kind} of {parent.name}.{column.name}",
    )
    return Child(table, parent.name, column.name, link, position, parts)


def _referring(name: str, parent: Column) -> Column:
    return Column(name, parent.declared, nullable=False, type=parent.type)


def _parts(complex: ComplexColumn) -> tuple[Part, ...]:
    if complex.kind in _PARTS:
        return _PARTS[complex.kind]
    single = complex.kind is ComplexKind.MULTI_VALUE
    names = Names(())
    return tuple(
        _part(names.take("Value" if single else codec.stored.name), schema.column(codec, {}, 2))
        for codec in complex.values
    )


def _part(name: str, column: schema.Column) -> Part:
    made = form(column)
    return Part(name, made.name, made.type, made.stored)


def values(complex: ComplexColumn, value: Any) -> Sequence[Any]:
    """What one value of a complex column has for the parts of its table."""
    if complex.kind in _FIELDS:
        return _FIELDS[complex.kind](value)
    return (value,) if complex.kind is ComplexKind.MULTI_VALUE else value
