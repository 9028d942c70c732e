"""Rules that the source states but did not enforce: foreign keys without parents, violated CHECKs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from migrator.model.comparison import CASELESS, EXACT, TextComparison
from migrator.model.profile import Violations
from migrator.model.schema import Check, ForeignKey, Table
from migrator.sources.sqlite.order import RowOrder, row_order
from migrator.sources.sqlite.profile.folding import folded
from migrator.sources.sqlite.profile.samples import keyed_rows
from migrator.sources.sqlite.storage import affinity
from migrator.sources.sqlite.values import Reading, quote

FindTable = Callable[[str], Table | None]
"""The table of a name, None when the source has none."""


def orphans(
    connection: sqlite3.Connection, reading: Reading, table: Table, key: ForeignKey, find: FindTable
) -> Violations | None:
    """Rows whose foreign key is set and finds no parent; None when the parent lacks the columns."""
    parent = find(key.parent_table)
    where = orphan_condition(table, key.columns, parent, key.parent_columns, parents_of(parent))
    columns = tuple(f"child.{quote(column)}" for column in key.columns)
    order = row_order(find(table.name) or table)
    return _violations(connection, reading, order, columns, where, "child", table) if where else None


def respelt(
    connection: sqlite3.Connection, reading: Reading, table: Table, key: ForeignKey, find: FindTable
) -> Violations | None:
    """Those of the orphans that find a parent where case does not matter; None where it matters to the source."""
    parent = find(key.parent_table)
    if not key.caseless or parent is None:
        return None
    exactly, caselessly = (
        orphan_condition(table, key.columns, parent, key.parent_columns, parents_of(parent), comparison)
        for comparison in (EXACT, CASELESS)
    )
    if exactly is None:
        return None
    where = f"{exactly} AND NOT ({caselessly})"
    columns = tuple(f"child.{quote(column)}" for column in key.columns)
    order = row_order(find(table.name) or table)
    return _violations(connection, reading, order, columns, where, "child", table)


def check_violations(
    connection: sqlite3.Connection, reading: Reading, table: Table, check: Check, order: RowOrder
) -> Violations | None:
    """Rows for which the expression is false; None when this SQLite cannot evaluate it, as with functions
    that only the application has, or SQL of another database."""
    return _violations(connection, reading, order, (), broken(check.expression.sql), quote(table.name), table)


def broken(condition: str) -> str:
    """SQL that is true where a condition is false; a comment may end it."""
    return f"NOT ({condition}\n)"


def parents_of(parent: Table | None) -> str:
    """The rows a foreign key may point to, as a FROM clause with the alias `parent`."""
    return f"{quote(parent.name)} AS parent WHERE 1" if parent else ""


def orphan_condition(
    table: Table,
    columns: tuple[str, ...],
    parent: Table | None,
    parent_columns: tuple[str, ...],
    parents: str,
    comparison: TextComparison = EXACT,
) -> str | None:
    """SQL that is true for rows of `table`, called `child`, whose key is set and finds no row among `parents`;
    a missing parent has no rows. None when a column does not exist.

    Values are compared as the target will: by their bytes or as the comparison says, and as text where one side
    stores numbers and the other does not. SQLite builds the set of parents once.
    """
    known = {column.name for column in parent.columns} if parent else set(parent_columns)
    if not set(parent_columns) <= known or len(columns) != len(parent_columns):
        return None
    present = " AND ".join(f"child.{quote(column)} IS NOT NULL" for column in columns)
    if parent is None:
        return present
    pairs = list(zip(columns, parent_columns, strict=True))
    textual = [_numeric(table, child) is not _numeric(parent, above) for child, above in pairs]
    compared = partial(_compared, comparison=comparison)
    children = ", ".join(compared(f"child.{quote(column)}", textual[at]) for at, column in enumerate(columns))
    above = ", ".join(compared(f"parent.{quote(name)}", textual[at]) for at, name in enumerate(parent_columns))
    filled = " AND ".join(f"parent.{quote(column)} IS NOT NULL" for column in parent_columns)
    return f"{present} AND ({children}) NOT IN (SELECT {above} FROM {parents} AND {filled})"


def _compared(column: str, as_text: bool, comparison: TextComparison) -> str:
    if not comparison.exact:
        return folded(column, comparison)
    return f"CAST({column} AS TEXT) COLLATE BINARY" if as_text else f"{column} COLLATE BINARY"


def _numeric(table: Table, column: str) -> bool:
    return affinity(table.column(column).declared, strict="STRICT" in table.options).numeric


def _violations(
    connection: sqlite3.Connection,
    reading: Reading,
    order: RowOrder,
    columns: tuple[str, ...],
    where: str,
    alias: str,
    table: Table,
) -> Violations | None:
    try:
        (count,) = connection.execute(
            f"SELECT count(*) FROM {quote(table.name)} AS {alias} WHERE {where}"
        ).fetchone()
        order = replace(order, relation=f"{order.relation} AS {alias}")
        return Violations(count, keyed_rows(connection, reading, order, columns, where) if count else ())
    except (sqlite3.OperationalError, sqlite3.ProgrammingError):
        # The latter for SQL that has parameters, as `:name` is one here.
        return None
