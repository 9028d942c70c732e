"""A reader of Microsoft Access databases, Access 97 to 365, in Python alone.

    with access.open("shop.accdb") as database:
        for table in database.tables:
            print(table.name, [column.name for column in table.columns], table.primary_key)
            for row in table.rows():
                ...
        database.table("Orders").to_pandas()

`Database` tells of tables, linked tables, relationships, queries and properties; `Table` of columns and
indexes, and gives rows as tuples, Arrow batches or a DataFrame. The file is mapped into memory, never written,
and read as it is at that moment: copy it first if Access may be writing to it.

`DRIVER` is what makes Access a source of a migration; see `driver`.
"""

from __future__ import annotations

from pathlib import Path

from migrator.sources.access.complexes import Attachment, ComplexColumn, ComplexKind, Version
from migrator.sources.access.database import Database, LinkedTable
from migrator.sources.access.driver import DRIVER
from migrator.sources.access.queries import Query
from migrator.sources.access.relationships import Relationship
from migrator.sources.access.schema import Column, Index, IndexedColumn
from migrator.sources.access.table import Table
from migrator.sources.access.types import Type

__all__ = [
    "DRIVER",
    "Attachment",
    "Column",
    "ComplexColumn",
    "ComplexKind",
    "Database",
    "Index",
    "IndexedColumn",
    "LinkedTable",
    "Query",
    "Relationship",
    "Table",
    "Type",
    "Version",
    "open",
]


def open(path: str | Path, password: str | None = None) -> Database:
    """Open an Access database; see `Database` for what it raises."""
    return Database(path, password)
