"""A schema from statements, through SQLite itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from migrator.model.schema import Schema
from migrator.sources.sqlite.introspect import introspect


def quote(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def schema_of(*statements: str) -> Schema:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.create_collation("Korean", lambda a, b: (a > b) - (a < b))
        for statement in statements:
            connection.execute(statement)
        return introspect(connection)
