"""Relationships between tables, as the system table MSysRelationships lists them.

A relationship may be drawn only, without being enforced; then rows may contradict it. Flags are those of
Jackcess's RelationshipImpl and of DAO's RelationAttributeEnum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from migrator.sources.access.stored import StoredTable
from migrator.sources.access.types import NUMBERS, TEXTS

NAME = "MSysRelationships"

_ONE_TO_ONE = 0x1
_NOT_ENFORCED = 0x2
_CASCADE_UPDATES = 0x100
_CASCADE_DELETES = 0x1000
_CASCADE_NULL = 0x2000
_LEFT, _RIGHT = 0x1000000, 0x2000000


@dataclass(frozen=True, slots=True)
class Relationship:
    """Rows of `table` refer by `columns` to rows of `referenced_table` by `referenced_columns`, in order."""

    name: str
    table: str
    columns: tuple[str, ...]
    referenced_table: str
    referenced_columns: tuple[str, ...]
    flags: int

    @property
    def enforced(self) -> bool:
        """Whether Access refuses rows that contradict it."""
        return not self.flags & _NOT_ENFORCED

    @property
    def one_to_one(self) -> bool:
        """Whether at most one row refers to another."""
        return bool(self.flags & _ONE_TO_ONE)

    @property
    def cascades_updates(self) -> bool:
        """Whether a changed key changes in the rows that refer to it."""
        return bool(self.flags & _CASCADE_UPDATES)

    @property
    def cascades_deletes(self) -> bool:
        """Whether rows go with the row they refer to."""
        return bool(self.flags & _CASCADE_DELETES)

    @property
    def sets_null(self) -> bool:
        """Whether rows lose their reference with the row they refer to."""
        return bool(self.flags & _CASCADE_NULL)

    @property
    def join(self) -> str:
        """How Access joins the tables in new queries: `inner`, `left` or `right`."""
        return "left" if self.flags & _LEFT else "right" if self.flags & _RIGHT else "inner"


_COLUMNS = {
    "szRelationship": TEXTS,
    "icolumn": NUMBERS,
    "grbit": NUMBERS,
    "szObject": TEXTS,
    "szColumn": TEXTS,
    "szReferencedObject": TEXTS,
    "szReferencedColumn": TEXTS,
}


def read(table: StoredTable) -> tuple[Relationship, ...]:
    """The relationships in the system table, by name.

    Raises:
        SourceDamagedError: The system table is damaged.
    """
    return tuple(_relationships(table))


def _relationships(table: StoredTable) -> Iterator[Relationship]:
    place = table.pages.at(table.definition.page, f"table {NAME!r}")
    records = list(table.records(_COLUMNS))
    if any(value is None for record in records for value in record):
        place.damaged("A relationship lacks a table, a column or its flags.")
    for name, group in groupby(sorted(records), key=lambda record: record[0]):
        parts = list(group)
        _, _, flags, child, _, parent, _ = parts[0]
        columns, referenced = tuple(part[4] for part in parts), tuple(part[6] for part in parts)
        yield Relationship(name, child, columns, parent, referenced, flags)
