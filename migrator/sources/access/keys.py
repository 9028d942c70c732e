"""Primary keys, unique keys and indexes of an Access table in the neutral model. Pure.

Access keeps an index of its own for every end of a relationship, often over columns that have one already; of
several that say the same, one is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from migrator.model.schema import Expression, Index, IndexPart, Key
from migrator.sources.access import schema
from migrator.sources.access.naming import Names
from migrator.sources.access.table import Table
from migrator.sources.sqlite.values import quote


@dataclass(frozen=True, slots=True)
class Keys:
    """What is unique in a table, and its other indexes."""

    primary: Key | None
    uniques: tuple[Key, ...]
    indexes: tuple[Index, ...]


def keys(
    table: Table,
    called: str,
    moved: Collection[str],
    referenced: Collection[frozenset[str]],
    names: Names,
) -> Keys:
    """The keys and indexes of a table that is `called` so, over columns that are `moved`. `referenced` has the
    sets of columns, in lower case, to which relationships point: those must be unique over all rows, which NULLs
    do not hinder."""
    primary: Key | None = None
    uniques: list[Key] = []
    indexes: list[Index] = []
    required = {column.name for column in table.columns if column.required}
    for index in _distinct(table, moved):
        columns = tuple(column.name for column in index.columns)
        if index.primary:
            primary = Key(columns)
            continue
        name = _name(index, called, names)
        optional = [column for column in columns if column not in required]
        partial = index.ignores_nulls and len(columns) == 1 and bool(optional)
        descending = any(column.descending for column in index.columns)
        if (
            index.unique
            and not descending
            and (not partial or frozenset(map(str.casefold, columns)) in referenced)
        ):
            uniques.append(Key(columns, name))
            continue
        parts = tuple(IndexPart(column.name, descending=column.descending) for column in index.columns)
        indexes.append(Index(name, parts, index.unique, _present(columns[0]) if partial else None))
    return Keys(primary, tuple(uniques), tuple(indexes))


def _present(column: str) -> Expression:
    sql = f"{quote(column)} IS NOT NULL"
    return Expression(sql, sql)


def _distinct(table: Table, moved: Collection[str]) -> Iterator[schema.Index]:
    """Each index that says something which none before it says: the primary key first, then what is unique."""
    unique: set[tuple[str, ...]] = set()
    seen: set[tuple[schema.IndexedColumn, ...]] = set()
    for index in sorted(table.indexes, key=lambda each: (not each.primary, not each.unique, each.foreign)):
        columns = tuple(column.name for column in index.columns)
        if not columns or not set(columns) <= set(moved) or index.columns in seen:
            continue
        if index.unique and columns in unique:
            continue
        if index.unique:
            unique.add(columns)
        seen.add(index.columns)
        yield index


def _name(index: schema.Index, table: str, names: Names) -> str:
    """The index's own name, with the table's where another table has it too. Access names those that it makes for
    relationships by characters that nobody sees."""
    columns = "_".join(column.name for column in index.columns)
    qualified = f"{table}_{columns if index.foreign else index.name}"
    return names.take(*(() if index.foreign else (index.name,)), qualified)
