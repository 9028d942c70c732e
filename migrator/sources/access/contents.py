"""What of an Access database moves: its tables, those made of complex columns, and what stays behind.

Pure but for reading the database's own description of itself; no row is read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migrator.model.schema import Schema, Table, Unmoved
from migrator.sources.access import neutral, translations
from migrator.sources.access.children import Child, child
from migrator.sources.access.complexes import ComplexColumn
from migrator.sources.access.database import Database, LinkedTable
from migrator.sources.access.links import Followed
from migrator.sources.access.naming import Names
from migrator.sources.access.references import referenced, references, with_keys
from migrator.sources.access.table import Table as Stored
from migrator.sources.access.types import Type


@dataclass(frozen=True, slots=True)
class Filled:
    """A table that moves, and where its rows come from."""

    table: Table
    stored: Stored


@dataclass(frozen=True, slots=True)
class Held:
    """A table made of a complex column, and where its rows come from."""

    child: Child
    complex: ComplexColumn


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that a snapshot is made of."""

    schema: Schema
    filled: tuple[Filled, ...]
    held: tuple[Held, ...]


def contents(database: Database, followed: Sequence[Followed] = ()) -> Contents:
    """What of the database moves, with the linked tables that were `followed`.

    Raises:
        SourceDamagedError: A definition is damaged.
    """
    relationships = database.relationships
    tables = [(each.name, each) for each in database.tables if not each.hidden]
    tables += [(each.name, each.table) for each in followed]
    names = Names(name for name, _ in tables)
    filled = [
        Filled(neutral.table(each, name, _kept(each), referenced(relationships, name), names), each)
        for name, each in tables
    ]
    held = [each for one in filled for each in _held(one, names)]
    own = tuple(each.table for each in filled)
    found = references(relationships, own)
    here = {each.name for each in followed}
    hidden = tuple(_hidden(each) for each in database.tables if each.hidden)
    linked = tuple(_linked(each) for each in database.linked_tables if each.name not in here)
    files = dict.fromkeys(("links followed to", str(each.file)) for each in followed)
    schema = Schema(
        (*with_keys(own, found), *(each.child.table for each in held)),
        unmoved=(*hidden, *linked, *found.unmoved),
        details=(
            ("format", database.format),
            ("version", database.version),
            ("encoding", database.encoding.name),
            *files,
        ),
    )
    views, queries = translations.views(database, tables)
    schema = Schema(schema.tables, views, (*schema.unmoved, *queries), schema.details)
    return Contents(schema, tuple(filled), tuple(held))


def _kept(table: Stored) -> frozenset[str]:
    """The complex columns whose numbers stay, because the table has no primary key to refer to."""
    if table.primary_key:
        return frozenset()
    return frozenset(column.name for column in table.columns if column.type is Type.COMPLEX)


def _held(filled: Filled, names: Names) -> Iterator[Held]:
    for column in filled.stored.columns:
        if column.type is Type.COMPLEX:
            found = filled.stored.complex(column.name)
            yield Held(child(filled.table, column, found, names), found)


def _hidden(table: Stored) -> Unmoved:
    """A table that a user has hidden."""
    rows = "1 row" if table.declared_rows == 1 else f"{table.declared_rows:,} rows"
    reason = f"It is hidden in Access, with {rows}. To move it, clear Hidden in its properties."
    return Unmoved("hidden table", table.name, reason)


def _linked(table: LinkedTable) -> Unmoved:
    """What a linked table points to."""
    where = "; ".join(filter(None, (table.file, table.connect)))
    reason = f"It is a link to {f'table {table.table} in ' if table.table else ''}{where or 'elsewhere'}"
    hint = "" if table.odbc else ". Give that file as a source of its own, or read it with --follow-links"
    return Unmoved("linked table", table.name, f"{reason}{hint}.")
