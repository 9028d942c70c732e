"""An open Access database: its tables, linked tables, relationships, queries and properties.

Part of the public reader. It reads one file, follows no link, and never writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from migrator.errors import SourceError
from migrator.sources.access import catalog, complexes, definitions, encryption, queries, relationships
from migrator.sources.access.catalog import Entry, Kind
from migrator.sources.access.complexes import ComplexColumn
from migrator.sources.access.decoding import Codec
from migrator.sources.access.pages import Pages
from migrator.sources.access.properties import Properties
from migrator.sources.access.queries import Query
from migrator.sources.access.relationships import Relationship
from migrator.sources.access.stored import StoredTable
from migrator.sources.access.table import Table
from migrator.sources.access.text import encoding


@dataclass(frozen=True, slots=True)
class LinkedTable:
    """A table that lies in another file or on a server. `connect` is its connection string with the password
    left out."""

    name: str
    table: str | None
    file: str | None
    connect: str | None
    odbc: bool
    hidden: bool


_PASSWORD = re.compile(r"(\bPWD\s*=)[^;]*", re.IGNORECASE)


class Database:
    """An open file. Close it, or use it in a `with` statement.

    Args:
        path: The file.
        password: The database password, if it has one.

    Raises:
        SourceError: It is no Access database, of an unknown version, or the password is missing or wrong.
        SourceDamagedError: The catalogue is damaged.
        EnvironmentFailure: The file cannot be read, or decrypting it needs a package that is not installed.
    """

    def __init__(self, path: str | Path, password: str | None = None) -> None:
        self.path = Path(path)
        self._pages = Pages(self.path)
        try:
            encryption.unlock(self._pages, password)
            self.encoding = encoding(self._pages.form, self._pages.header, str(path))
            self._entries = catalog.entries(self._pages, self.encoding)
        except BaseException:
            self._pages.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._pages.close()

    @property
    def format(self) -> str:
        """The file format, such as `Jet 4` or `ACE 14`."""
        return self._pages.form.name

    @property
    def version(self) -> str:
        """The Access versions that write the format, such as `Access 2010`."""
        return self._pages.form.access

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables of users, hidden ones too, by name.

        Raises:
            SourceDamagedError: A table's definition is damaged.
        """
        entries = (entry for entry in self._local if not entry.system)
        return tuple(table for table in map(self._table, entries) if not table.system)

    @cached_property
    def system_tables(self) -> tuple[Table, ...]:
        """The tables that belong to Access itself, by name.

        Raises:
            SourceDamagedError: A table's definition is damaged.
        """
        return tuple(table for table in map(self._table, self._local) if table.system)

    def table(self, name: str) -> Table:
        """The table of a name, also a system table; Access does not tell upper from lower case.

        Raises:
            SourceError: There is none here; it may be a linked one.
        """
        for entry in self._local:
            if entry.name.casefold() == name.casefold():
                return self._table(entry)
        raise SourceError(
            "The database has no such table.",
            where=f"{self.path}, table {name!r}",
            hint=f"It has {', '.join(table.name for table in self.tables) or 'none'}.",
        )

    @property
    def linked_tables(self) -> tuple[LinkedTable, ...]:
        """The tables that lie elsewhere, by name."""
        linked = (entry for entry in self._entries if entry.table and entry.kind != Kind.TABLE)
        return tuple(sorted((_linked(entry) for entry in linked), key=lambda table: table.name.casefold()))

    @cached_property
    def relationships(self) -> tuple[Relationship, ...]:
        """The relationships between tables of users, by name."""
        table = self._system_table(relationships.NAME)
        system = {table.name.casefold() for table in self.system_tables}
        found = relationships.read(table) if table else ()
        return tuple(r for r in found if not {r.table.casefold(), r.referenced_table.casefold()} <= system)

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """The saved queries, in the order of the catalogue."""
        table = self._system_table(queries.NAME)
        entries = [entry for entry in self._entries if entry.kind == Kind.QUERY]
        return queries.read(table, entries) if table else ()

    @cached_property
    def properties(self) -> Properties:
        """The database's own properties."""
        for entry in self._entries:
            if entry.kind == Kind.DATABASE and entry.name == "MSysDb":
                return catalog.properties_of(entry, self.encoding, str(self.path))
        return Properties()

    @property
    def _local(self) -> list[Entry]:
        """The catalogue's tables that lie in this file, by name."""
        found = (entry for entry in self._entries if entry.table and entry.kind == Kind.TABLE)
        return sorted(found, key=lambda entry: entry.name.casefold())

    def _table(self, entry: Entry) -> Table:
        properties = catalog.properties_of(entry, self.encoding, str(self.path))
        return Table(self._stored(entry, properties), entry, properties, self._complex)

    def _stored(self, entry: Entry, properties: Properties) -> StoredTable:
        definition = definitions.read(self._pages, entry.page, self.encoding)
        results = {}
        for column in definition.columns:
            result = properties.of(column.name).get("ResultType")
            # 0 means: as the column itself.
            if isinstance(result, int) and result:
                results[column.name] = result
        return StoredTable(self._pages, entry.name, definition, self.encoding, results)

    def _system_table(self, name: str) -> StoredTable | None:
        for entry in self._entries:
            if entry.kind == Kind.TABLE and entry.name == name:
                return self._stored(entry, Properties())
        return None

    def _by_page(self, number: int | None) -> StoredTable | None:
        """The table of an object number."""
        for entry in self._entries:
            if entry.kind == Kind.TABLE and number is not None and entry.page == number & catalog.PAGE_BITS:
                return self._table(entry).stored
        return None

    def _complex(self, table: StoredTable, codec: Codec) -> ComplexColumn:
        """What lies behind a complex column, by its number in MSysComplexColumns."""
        place = self._pages.at(table.definition.page, f"column {codec.stored.name!r} of table {table.name!r}")
        known = self._system_table(complexes.NAME)
        records = known.records(complexes.COLUMNS) if known else iter(())
        found = [record[1:] for record in records if record[0] == codec.stored.complex_id]
        kind, values = (self._by_page(page) for page in found[0]) if found else (None, None)
        if kind is None or values is None:
            place.damaged("The tables behind a complex column are missing.")
        return complexes.column(kind, values)


def _linked(entry: Entry) -> LinkedTable:
    connect = _PASSWORD.sub(r"\1***", entry.connect) if entry.connect else None
    odbc = entry.kind == Kind.LINKED_ODBC
    return LinkedTable(entry.name, entry.foreign_name, entry.database, connect, odbc, entry.hidden)
