"""Rules that the source states but did not enforce: foreign keys without parents, violated CHECKs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from migrator.model.profile import Violations
from migrator.model.schema import Check, ForeignKey, Table
from migrator.sources.sqlite.order import row_order
from migrator.sources.sqlite.profile.samples import keyed_rows
from migrator.sources.sqlite.storage import affinity
from migrator.sources.sqlite.values import Reading, quote

FindTable = Callable[[str], Table | None]
"""The table of a name, None when the source has none."""


def orphans(
    connection: sqlite3.Connection, reading: Reading, table: Table, key: ForeignKey, find: FindTable
) -> Violations | None:
    """Rows whose foreign key is set and finds no parent; None when the parent lacks the columns."""
    where = orphan_condition(table, key.columns, find(key.parent_table), key.parent_columns)
    columns = tuple(quote(column) for column in key.columns)
    return _violations(connection, reading, table, columns, where) if where else None


def check_violations(
    connection: sqlite3.Connection, reading: Reading, table: Table, check: Check
) -> Violations | None:
    """Rows for which the expression is false; None when this SQLite cannot evaluate it, as with functions
    that only the application has."""
    return _violations(connection, reading, table, (), f"NOT ({check.expression.sql}\n)")


def orphan_condition(
    table: Table, columns: tuple[str, ...], parent: Table | None, parent_columns: tuple[str, ...]
) -> str | None:
    """SQL that is true for rows of `table` whose key is set and finds no row in `parent`; a missing parent has
    no rows. None when a column does not exist.

    Values are compared as the target will: by their bytes, and as text where one side stores numbers and the
    other does not. SQLite builds the set of parents once.
    """
    known = {column.name for column in parent.columns} if parent else set(parent_columns)
    if not set(parent_columns) <= known or len(columns) != len(parent_columns):
        return None
    qualified = [f"{quote(table.name)}.{quote(column)}" for column in columns]
    present = " AND ".join(f"{column} IS NOT NULL" for column in qualified)
    if parent is None:
        return present
    textual = [
        _numeric(table, child) is not _numeric(parent, above)
        for child, above in zip(columns, parent_columns, strict=True)
    ]
    children = [_compared(column, as_text) for column, as_text in zip(qualified, textual, strict=True)]
    parents = [
        _compared(f"parent.{quote(name)}", as_text) for name, as_text in zip(parent_columns, textual, strict=True)
    ]
    filled = " AND ".join(f"parent.{quote(column)} IS NOT NULL" for column in parent_columns)
    rows = f"SELECT {', '.join(parents)} FROM {quote(parent.name)} AS parent WHERE {filled}"
    return f"{present} AND ({', '.join(children)}) NOT IN ({rows})"


def _compared(column: str, as_text: bool) -> str:
    return f"CAST({column} AS TEXT) COLLATE BINARY" if as_text else f"{column} COLLATE BINARY"


def _numeric(table: Table, column: str) -> bool:
    return affinity(table.column(column).declared, strict="STRICT" in table.options).numeric


def _violations(
    connection: sqlite3.Connection, reading: Reading, table: Table, columns: tuple[str, ...], where: str
) -> Violations | None:
    try:
        (count,) = connection.execute(f"SELECT count(*) FROM {quote(table.name)} WHERE {where}").fetchone()
        order = row_order(table)
        return Violations(count, keyed_rows(connection, reading, order, columns, where) if count else ())
    except sqlite3.OperationalError:
        return None
