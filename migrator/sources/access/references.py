"""Relationships of an Access database as foreign keys. Pure.

A relationship that Access does not enforce is a picture of how tables belong together, which rows may contradict:
it becomes no foreign key, and is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from migrator.model.schema import Action, ForeignKey, Table, Unmoved
from migrator.model.types import Kind
from migrator.sources.access.relationships import Relationship


@dataclass(frozen=True, slots=True)
class References:
    """The foreign keys by the table that has them, in lower case, and the relationships that become none."""

    keys: Mapping[str, tuple[ForeignKey, ...]]
    unmoved: tuple[Unmoved, ...]


def referenced(relationships: Iterable[Relationship], table: str) -> set[frozenset[str]]:
    """The sets of columns of a table, in lower case, to which enforced relationships point."""
    return {
        frozenset(map(str.casefold, each.referenced_columns))
        for each in relationships
        if each.enforced and each.referenced_table.casefold() == table.casefold()
    }


def references(relationships: Iterable[Relationship], tables: Iterable[Table]) -> References:
    """Foreign keys between tables that are there."""
    known = {table.name.casefold(): table for table in tables}
    keys: dict[str, tuple[ForeignKey, ...]] = {}
    unmoved: list[Unmoved] = []
    for each in relationships:
        child, parent = known.get(each.table.casefold()), known.get(each.referenced_table.casefold())
        reason = _hindrance(each, child, parent)
        if reason or child is None or parent is None:
            unmoved.append(Unmoved("relationship", each.name, reason, _shown(each), child.name if child else None))
        else:
            name = child.name.casefold()
            keys[name] = (*keys.get(name, ()), _foreign_key(each, child, parent))
    return References(keys, tuple(unmoved))


def with_keys(tables: Iterable[Table], found: References) -> tuple[Table, ...]:
    """The tables with their foreign keys behind those that they have."""
    return tuple(
        replace(table, foreign_keys=(*table.foreign_keys, *found.keys.get(table.name.casefold(), ())))
        for table in tables
    )


def _hindrance(relationship: Relationship, child: Table | None, parent: Table | None) -> str:
    if not relationship.enforced:
        return (
            "Access does not enforce it, so rows may contradict it. Add a foreign key in the target if it is to "
            "hold."
        )
    for name, table, columns in (
        (relationship.table, child, relationship.columns),
        (relationship.referenced_table, parent, relationship.referenced_columns),
    ):
        if table is None:
            return f"{name} is no table of this database that moves."
        missing = [column for column in columns if _spelt(table, column) is None]
        if missing:
            return f"Column {', '.join(missing)} of {table.name} does not move as a column."
    return ""


def _foreign_key(relationship: Relationship, child: Table, parent: Table) -> ForeignKey:
    columns = tuple(_spelt(child, column) or column for column in relationship.columns)
    types = (child.column(column).type for column in columns)
    return ForeignKey(
        columns,
        parent.name,
        tuple(_spelt(parent, column) or column for column in relationship.referenced_columns),
        None if relationship.name.startswith("{") else relationship.name,
        _on_delete(relationship),
        "CASCADE" if relationship.cascades_updates else "NO ACTION",
        caseless=any(type is not None and type.kind is Kind.TEXT for type in types),
    )


def _on_delete(relationship: Relationship) -> Action:
    if relationship.cascades_deletes:
        return "CASCADE"
    return "SET NULL" if relationship.sets_null else "NO ACTION"


def _spelt(table: Table, name: str) -> str | None:
    """A column's name as the table spells it."""
    return next((column.name for column in table.columns if column.name.casefold() == name.casefold()), None)


def _shown(relationship: Relationship) -> str:
    columns, above = ", ".join(relationship.columns), ", ".join(relationship.referenced_columns)
    return f"{relationship.table} ({columns}) → {relationship.referenced_table} ({above})"
