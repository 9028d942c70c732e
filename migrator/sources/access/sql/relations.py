"""What queries read: tables, and other queries that became views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from migrator.sources.access.relationships import Relationship
from migrator.sources.access.sql.comparing import Equals
from migrator.sources.access.sql.typed import Kind, kind_of
from migrator.sources.access.table import Table
from migrator.sources.access.types import Type


@dataclass(frozen=True, slots=True)
class Relation:
    """A table that queries may read: its columns that are moved, with their types, and its primary key."""

    name: str
    columns: Mapping[str, Type | None]
    key: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: Table) -> Relation:
        """A table of an open database."""
        return cls(table.name, {column.name: column.type for column in table.columns}, table.primary_key)


@dataclass(frozen=True, slots=True)
class Readable:
    """A table or view in the form that queries are translated with. `stored` ones are tables."""

    name: str
    columns: Mapping[str, Kind]
    key: frozenset[str] = frozenset()
    """Names in lower case."""
    stored: bool = True


def readable(relation: Relation) -> Readable:
    """A table as queries see it."""
    kinds = {
        name: Kind.COMPLEX if type is Type.COMPLEX else kind_of(type) for name, type in relation.columns.items()
    }
    return Readable(relation.name, kinds, frozenset(name.casefold() for name in relation.key))


def equals(relationships: Iterable[Relationship]) -> Equals:
    """The columns that enforced relationships keep alike."""
    pairs = {
        frozenset({(r.table.casefold(), one.casefold()), (r.referenced_table.casefold(), other.casefold())})
        for r in relationships
        if r.enforced
        for one, other in zip(r.columns, r.referenced_columns, strict=False)
    }
    return Equals(frozenset(pairs))
