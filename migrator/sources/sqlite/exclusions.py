"""Rows a plan leaves out of its tables: orphans and values set aside by the user's decision, and rows that
refer to such rows. They stand in temporary tables of the reading connection, one per table, by row key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from migrator.model.findings import Resolution
from migrator.model.plan import ColumnPlan, TablePlan
from migrator.model.schema import Table
from migrator.sources.sqlite.order import RowOrder, row_order
from migrator.sources.sqlite.profile.rules import orphan_condition
from migrator.sources.sqlite.values import quote, raw


@dataclass(frozen=True, slots=True)
class Excluded:
    """Where the rows left out of one table are noted: `name` is the temporary table's."""

    name: str
    order: RowOrder

    def lookup(self, alias: str, what: str) -> str:
        """SQL for `what` (`note.reason`, `note.skip`) of the row called `alias`; NULL when it is not left out."""
        keys = " AND ".join(f"note.k{at} = {alias}.{part}" for at, part in enumerate(self.order.key))
        return f"(SELECT {what} FROM {self.name} AS note WHERE {keys})"


@dataclass(frozen=True, slots=True)
class _Reference:
    """A foreign key whose rows without parent are left out; without `resolution`, as their parents are."""

    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    resolution: Resolution | None


def exclude(
    connection: sqlite3.Connection,
    plans: Iterable[TablePlan],
    tables: Mapping[str, Table],
    doubtful: Callable[[TablePlan], tuple[ColumnPlan, ...]],
) -> dict[str, Excluded]:
    """Note every row that the plans leave out, and return where, for tables that have any. `doubtful` tells
    which columns of a plan hold values that do not fit. Forgets what an earlier call noted.

    Raises:
        sqlite3.Error: The rows cannot be read.
    """
    planned = {plan.source: plan for plan in plans}
    notes = {name: _create(connection, at, tables[name]) for at, name in enumerate(planned)}
    for name, plan in planned.items():
        for column in doubtful(plan):
            if column.on_invalid in (Resolution.QUARANTINE, Resolution.SKIP):
                _note_values(connection, notes[name], column)
    references = [reference for plan in planned.values() for reference in _references(plan, planned)]
    while sum(_note_orphans(connection, notes, tables, reference) for reference in references):
        pass
    return {name: note for name, note in notes.items() if _any(connection, note.name)}


def _create(connection: sqlite3.Connection, number: int, table: Table) -> Excluded:
    order = row_order(table)
    name = f"temp.migrator_excluded_{number}"
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    keys = [f"k{at}" for at in range(len(order.key))]
    columns = ", ".join(f"{key} {affinity}" for key, affinity in zip(keys, order.affinities, strict=True))
    connection.execute(
        f"CREATE TABLE {name} ({columns}, reason TEXT, skip INTEGER, PRIMARY KEY ({', '.join(keys)}))"
        " WITHOUT ROWID"
    )
    return Excluded(name, order)


def _any(connection: sqlite3.Connection, name: str) -> bool:
    return bool(connection.execute(f"SELECT EXISTS (SELECT 1 FROM {name})").fetchone()[0])


def _note_values(connection: sqlite3.Connection, note: Excluded, column: ColumnPlan) -> None:
    value = quote(column.source)
    why = f"migrator_objection('{column.encoding}', '{column.type}', typeof({value}), {raw(value)})"
    _insert(
        connection,
        note,
        f"SELECT {', '.join(note.order.key)}, ? || why, ? FROM"
        f" (SELECT {', '.join(note.order.key)}, {why} AS why FROM {note.order.relation}) WHERE why IS NOT NULL",
        (f"{column.source}: ", column.on_invalid is Resolution.SKIP),
    )


def _insert(connection: sqlite3.Connection, note: Excluded, query: str, parameters: tuple[object, ...]) -> int:
    """Note the rows of the query unless they are already; how many were new. Their first reason stays."""
    return connection.execute(f"INSERT OR IGNORE INTO {note.name} {query}", parameters).rowcount


def _references(plan: TablePlan, planned: Mapping[str, TablePlan]) -> list[_Reference]:
    """The plan's exclusions, and the foreign keys that the target will enforce."""
    found = [
        _Reference(plan.source, each.columns, each.parent_table, each.parent_columns, each.resolution)
        for each in plan.exclusions
    ]
    known = {(each.columns, each.parent) for each in found}
    by_target = {(other.schema, other.target): other for other in planned.values()}
    for key in plan.foreign_keys:
        parent = by_target.get((key.parent_schema, key.parent))
        if parent is None or not key.validated:
            continue
        columns = tuple(plan.column(column).source for column in key.columns)
        above = tuple(parent.column(column).source for column in key.parent_columns)
        if (columns, parent.source) not in known:
            found.append(_Reference(plan.source, columns, parent.source, above, None))
    return found


def _note_orphans(
    connection: sqlite3.Connection,
    notes: Mapping[str, Excluded],
    tables: Mapping[str, Table],
    reference: _Reference,
) -> int:
    """Note the rows of one foreign key that have no parent left; how many were new."""
    parent = tables.get(reference.parent)
    note = notes[reference.child]
    left_out = notes.get(reference.parent)
    skip: object = reference.resolution is Resolution.SKIP
    if reference.resolution is None:
        if left_out is None or not _any(connection, left_out.name):
            return 0
        # Rows follow their parents; where some of those are kept in quarantine, so are these.
        skip = connection.execute(f"SELECT min(skip) FROM {left_out.name}").fetchone()[0]
    where = orphan_condition(
        tables[reference.child],
        reference.columns,
        parent,
        reference.parent_columns,
        _remaining(parent, left_out),
    )
    if where is None:
        return 0
    key = ", ".join(f"child.{part}" for part in note.order.key)
    reason = f"{', '.join(reference.columns)}: no row of {reference.parent} to refer to"
    query = f"SELECT {key}, ?, ? FROM {note.order.relation} AS child WHERE {where}"
    return _insert(connection, note, query, (reason, skip))


def _remaining(parent: Table | None, left_out: Excluded | None) -> str:
    """The parent's rows that are not left out, as `orphan_condition` wants them."""
    if parent is None:
        return ""
    relation = f"{row_order(parent).relation} AS parent WHERE "
    return relation + (f"{left_out.lookup('parent', '1')} IS NULL" if left_out else "1")
