"""The schema of a snapshot in the neutral model.

`catalog.py` reads what SQLite says, `ddl.py` what the CREATE statements add; here both become one schema.
Nothing reads rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from migrator.model.schema import Expression, Schema, Table, Unmoved, View
from migrator.sources.sqlite import catalog, tables
from migrator.sources.sqlite.ddl import create_view
from migrator.sources.sqlite.expressions import neutral_query
from migrator.sources.sqlite.foreign_keys import Tables, foreign_keys
from migrator.sources.sqlite.tables import Described, fold
from migrator.sources.sqlite.tokens import NotUnderstood
from migrator.sources.sqlite.unmoved import shadow_owners, unmoved


def introspect(connection: sqlite3.Connection) -> Schema:
    """Everything the main database of the connection holds, in the order of creation.

    A table whose text cannot be understood is described by what the pragmas say, and stands among the unmoved
    with its text.

    Raises:
        SourceError: A name or a definition is no valid Unicode text.
        sqlite3.Error: The schema cannot be read.
    """
    found = catalog.read(connection)
    shadows = shadow_owners(found)
    described = [tables.describe(table) for table in found.tables if table.name not in shadows]
    parents = {fold(each.table.name): each for each in described}
    taken = {fold(index.name) for each in described for index in each.table.indexes}
    return Schema(
        tuple(_table(each, parents, found, taken) for each in described),
        tuple(_views(found, described)),
        (*unmoved(found), *_not_understood(described)),
        catalog.details(connection),
    )


def _table(described: Described, parents: Tables, found: catalog.Catalog, taken: set[str]) -> Table:
    return Table(
        described.table.name,
        tables.columns(described, found.counters.get(described.table.name)),
        tables.primary_key(described),
        tables.uniques(described),
        foreign_keys(described, parents, found.kinds),
        tables.checks(described),
        tables.indexes(described, taken),
        tables.options(described),
        sql=described.table.sql,
    )


def _views(found: catalog.Catalog, described: list[Described]) -> Iterator[View]:
    relations = {each.table.name: each.names for each in described} | found.view_columns
    for each in found.objects:
        if each.type == "view" and each.name in found.view_columns:
            text, reads = neutral_query(each.sql, relations)
            query = Expression(_select(each.sql), text)
            yield View(each.name, query, found.view_columns[each.name], reads, each.sql)


def _select(sql: str) -> str:
    """The SELECT of a view, or its whole text where that cannot be understood."""
    try:
        return create_view(sql)
    except NotUnderstood:
        return sql


def _not_understood(described: list[Described]) -> Iterator[Unmoved]:
    for each in described:
        if each.text is None:
            yield Unmoved(
                "table definition",
                each.table.name,
                "The table moves with its columns, keys and indexes, but its text cannot be understood: CHECK "
                "constraints, collations, generated columns and constraint names in it stay behind.",
                each.table.sql,
                each.table.name,
            )
