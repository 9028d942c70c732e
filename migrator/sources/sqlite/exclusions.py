"""Rows a plan leaves out of its tables: orphans, duplicates, rows that lack a value or break a check, and values
set aside by the user's decision; and rows that refer to such rows. They stand in temporary tables of the
reading connection, one per table, by row key, and so do the rows of which a reference is emptied instead.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from migrator.model.comparison import EXACT, TextComparison
from migrator.model.findings import Resolution
from migrator.model.plan import ColumnPlan, Exclusion, Reason, TablePlan
from migrator.model.schema import Table
from migrator.sources.sqlite.encodings import stored_as
from migrator.sources.sqlite.order import RowOrder, row_order
from migrator.sources.sqlite.profile.keys import compared, places
from migrator.sources.sqlite.profile.rules import broken, orphan_condition
from migrator.sources.sqlite.values import quote, raw


@dataclass(frozen=True, slots=True)
class Emptied:
    """Where the rows are noted whose `columns` become NULL: `name` is the temporary table's."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """Where the rows left out of one table are noted: `name` is the temporary table's; and those that stay with
    some columns emptied."""

    name: str
    order: RowOrder
    emptied: tuple[Emptied, ...] = ()

    def lookup(self, alias: str, what: str) -> str:
        """SQL for `what` (`note.reason`, `note.skip`) of the row called `alias`; NULL when it is not left out."""
        return self._find(self.name, alias, what)

    def empty(self, alias: str, emptied: Emptied) -> str:
        """SQL for 1 where the row called `alias` has those columns emptied, else NULL."""
        return self._find(emptied.name, alias, "1")

    def _find(self, name: str, alias: str, what: str) -> str:
        keys = " AND ".join(f"note.k{at} = {alias}.{part}" for at, part in enumerate(self.order.key))
        return f"(SELECT {what} FROM {name} AS note WHERE {keys})"


@dataclass(frozen=True, slots=True)
class _Subject:
    """One table and what is known of its rows."""

    plan: TablePlan
    table: Table
    note: Excluded
    doubtful: Mapping[str, ColumnPlan]
    """By source name, the columns with values that do not fit, of which the user decided what becomes."""

    def present(self, alias: str, columns: Sequence[str]) -> str:
        """SQL that is true for rows which have a value in each of the columns when all decisions are carried
        out."""
        terms = [f"{alias}.{quote(column)} IS NOT NULL" for column in columns]
        for column in columns:
            doubtful = self.doubtful.get(column)
            if doubtful is not None and doubtful.on_invalid is Resolution.NULL:
                terms.append(f"{_objection(doubtful, f'{alias}.{quote(column)}')} IS NULL")
        terms += [
            f"{self.note.empty(alias, each)} IS NULL"
            for each in self.note.emptied
            if not set(each.columns).isdisjoint(columns)
        ]
        return " AND ".join(terms)

    def kept(self, alias: str) -> str:
        """SQL that is true for rows which are not left out so far."""
        return f"{self.note.lookup(alias, '1')} IS NULL"

    def rows(self, alias: str) -> str:
        """The table's rows as a FROM clause."""
        return f"{self.note.order.relation} AS {alias}"

    def key(self, alias: str) -> str:
        """What names a row in the notes."""
        return ", ".join(f"{alias}.{part}" for part in self.note.order.key)


@dataclass(frozen=True, slots=True)
class _Reference:
    """A foreign key whose rows without parent are left out, or with `emptied` lose it."""

    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    skip: int
    """Whether that means skipping them; with a number below 0, unique to the reference, that is still open: they
    follow their parents."""
    emptied: Emptied | None = None
    comparison: TextComparison = EXACT


def exclude(
    connection: sqlite3.Connection,
    plans: Iterable[TablePlan],
    tables: Mapping[str, Table],
    doubtful: Callable[[TablePlan], tuple[ColumnPlan, ...]],
) -> dict[str, Excluded]:
    """Note every row that the plans leave out or alter by their exclusions, and return where, for tables that
    have any. `doubtful` tells which columns of a plan hold values that do not fit. Forgets what an earlier call
    noted.

    Values come first, then what a row lacks or breaks by itself, then what depends on other rows. Of equal keys
    the first row in reading order stays, among those not left out by then; parents are looked at before the rows
    that refer to them, so that a row which goes with its parent takes no other's place.

    Raises:
        sqlite3.Error: The rows cannot be read.
    """
    subjects = {
        plan.source: _Subject(
            plan,
            tables[plan.source],
            _create(connection, at, tables[plan.source], plan.exclusions),
            {column.source: column for column in doubtful(plan)},
        )
        for at, plan in enumerate(plans)
    }
    for subject in subjects.values():
        _note_own(connection, subject)
    given = [reference for subject in subjects.values() for reference in _decided(subject)]
    references = [*given, *_enforced(subjects, {(each.child, each.columns, each.parent) for each in given})]
    _settle(connection, subjects, tables, references)
    for subject in _parents_first(subjects, references):
        for exclusion in _because(subject.plan, Reason.DUPLICATE):
            _note_duplicates(connection, subject, exclusion)
            _settle(connection, subjects, tables, references)
    _follow(connection, subjects, references)
    return {name: each.note for name, each in subjects.items() if _any(connection, each.note)}


def emptied_columns(connection: sqlite3.Connection, excluded: Excluded) -> frozenset[str]:
    """The source columns of which a value is emptied in some row. Raises sqlite3.Error."""
    found = (each.columns for each in excluded.emptied if _filled(connection, each.name))
    return frozenset(column for columns in found for column in columns)


def _create(
    connection: sqlite3.Connection, number: int, table: Table, exclusions: Sequence[Exclusion]
) -> Excluded:
    order = row_order(table)
    nulled = [each for each in exclusions if _empties(each)]
    name = f"temp.migrator_excluded_{number}"
    _create_notes(connection, name, order, "reason TEXT, skip INTEGER, ")
    emptied = tuple(
        Emptied(f"temp.migrator_emptied_{number}_{at}", each.columns) for at, each in enumerate(nulled)
    )
    for each in emptied:
        _create_notes(connection, each.name, order)
    return Excluded(name, order, emptied)


def _empties(exclusion: Exclusion) -> bool:
    """Whether the rows stay and lose the reference that finds no parent."""
    return exclusion.reason is Reason.ORPHAN and exclusion.resolution is Resolution.NULL


def _create_notes(connection: sqlite3.Connection, name: str, order: RowOrder, more: str = "") -> None:
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    keys = [f"k{at}" for at in range(len(order.key))]
    columns = ", ".join(f"{key} {affinity}" for key, affinity in zip(keys, order.affinities, strict=True))
    connection.execute(f"CREATE TABLE {name} ({columns}, {more}PRIMARY KEY ({', '.join(keys)})) WITHOUT ROWID")


def _any(connection: sqlite3.Connection, note: Excluded) -> bool:
    return any(_filled(connection, name) for name in (note.name, *(each.name for each in note.emptied)))


def _filled(connection: sqlite3.Connection, name: str) -> bool:
    return bool(connection.execute(f"SELECT EXISTS (SELECT 1 FROM {name})").fetchone()[0])


def _insert(connection: sqlite3.Connection, name: str, query: str, parameters: tuple[object, ...] = ()) -> int:
    """Note the rows of the query unless they are already; how many were new. Their first reason stays."""
    return connection.execute(f"INSERT OR IGNORE INTO {name} {query}", parameters).rowcount


def _because(plan: TablePlan, reason: Reason) -> Iterator[Exclusion]:
    return (each for each in plan.exclusions if each.reason is reason)


def _skips(exclusion: Exclusion) -> int:
    return int(exclusion.resolution is Resolution.SKIP)


def _note_own(connection: sqlite3.Connection, subject: _Subject) -> None:
    """Note the rows that are left out whatever becomes of other rows."""
    for column in subject.doubtful.values():
        if column.on_invalid in (Resolution.QUARANTINE, Resolution.SKIP):
            _note_values(connection, subject, column)
    _note_missing(connection, subject)
    for exclusion in _because(subject.plan, Reason.CHECK):
        # The condition may qualify columns by the table's name.
        alias = quote(subject.table.name)
        reason = f"breaks the check {exclusion.condition}"
        _note(connection, subject, alias, broken(exclusion.condition), reason, _skips(exclusion))


def _note(
    connection: sqlite3.Connection,
    subject: _Subject,
    alias: str,
    where: str,
    reason: str,
    skip: int,
) -> int:
    """Note the rows for which a condition holds; how many were new."""
    query = f"SELECT {subject.key(alias)}, ?, ? FROM {subject.rows(alias)} WHERE {where}"
    return _insert(connection, subject.note.name, query, (reason, skip))


def _note_values(connection: sqlite3.Connection, subject: _Subject, column: ColumnPlan) -> None:
    keys = ", ".join(subject.note.order.key)
    why = _objection(column, quote(column.source))
    query = (
        f"SELECT {keys}, ? || why, ? FROM"
        f" (SELECT {keys}, {why} AS why FROM {subject.note.order.relation}) WHERE why IS NOT NULL"
    )
    _insert(
        connection,
        subject.note.name,
        query,
        (f"{column.source}: ", column.on_invalid is Resolution.SKIP),
    )


def _objection(column: ColumnPlan, value: str) -> str:
    return f"migrator_objection('{stored_as(column)}', '{column.type}', typeof({value}), {raw(value)})"


def _note_missing(connection: sqlite3.Connection, subject: _Subject) -> int:
    """Note the rows that lack a value they must have; how many were new."""
    return sum(
        _note(
            connection,
            subject,
            "child",
            f"NOT ({subject.present('child', each.columns)})",
            f"{', '.join(each.columns)}: no value, but one is required",
            _skips(each),
        )
        for each in _because(subject.plan, Reason.MISSING)
    )


def _note_duplicates(connection: sqlite3.Connection, subject: _Subject, exclusion: Exclusion) -> None:
    """Note the rows whose key an earlier row has, among those that are still there."""
    order = subject.note.order
    keys = ", ".join(f"k{at}" for at in range(len(order.key)))
    where = f"{subject.present('child', exclusion.columns)} AND {subject.kept('child')}"
    parts = [_compared(subject, column, exclusion.comparison) for column in exclusion.columns]
    placed = places(order, parts, where)
    reason = f"{', '.join(exclusion.columns)}: the same as an earlier row"
    _insert(
        connection,
        subject.note.name,
        f"SELECT {keys}, ?, ? FROM ({placed}) WHERE place > 1",
        (reason, _skips(exclusion)),
    )


def _compared(subject: _Subject, column: str, comparison: TextComparison) -> str:
    """SQL by which a column compares as its planned type does, text in the way of the comparison."""
    sql = f"child.{quote(column)}"
    planned = next((each for each in subject.plan.columns if each.source == column), None)
    if planned is None:
        return f"{sql} COLLATE BINARY"
    replacing = column in subject.doubtful and planned.on_invalid is Resolution.REPLACE
    return compared(sql, stored_as(planned), planned.type, replacing=replacing, comparison=comparison)


def _decided(subject: _Subject) -> Iterator[_Reference]:
    """The foreign keys of which the plan says what becomes of orphans."""
    emptied = iter(subject.note.emptied)
    for each in _because(subject.plan, Reason.ORPHAN):
        into = next(emptied) if _empties(each) else None
        skip = _skips(each)
        key = each.columns, each.parent_table, each.parent_columns
        yield _Reference(subject.plan.source, *key, skip, into, each.comparison)


def _enforced(
    subjects: Mapping[str, _Subject], decided: set[tuple[str, tuple[str, ...], str]]
) -> list[_Reference]:
    """The other foreign keys that the target will enforce."""
    by_target = {(other.plan.schema, other.plan.target): other.plan for other in subjects.values()}
    found: list[_Reference] = []
    for child, key in ((subject.plan, key) for subject in subjects.values() for key in subject.plan.foreign_keys):
        parent = by_target.get((key.parent_schema, key.parent))
        if parent is None or not key.validated:
            continue
        columns, above = _sources(child, key.columns), _sources(parent, key.parent_columns)
        # A given table may have foreign keys over columns that the source does not fill.
        if columns is not None and above is not None and (child.source, columns, parent.source) not in decided:
            open_yet = -1 - len(found)
            found.append(
                _Reference(child.source, columns, parent.source, above, open_yet, comparison=key.comparison)
            )
    return found


def _sources(plan: TablePlan, targets: Sequence[str]) -> tuple[str, ...] | None:
    """The source columns of target columns; None when the plan lacks one."""
    known = {column.target: column.source for column in plan.columns}
    return tuple(known[target] for target in targets) if all(each in known for each in targets) else None


def _parents_first(subjects: Mapping[str, _Subject], references: Sequence[_Reference]) -> Iterator[_Subject]:
    """The tables, each after those it refers to, where that can be; cycles are cut."""
    seen: set[str] = set()
    parents: dict[str, list[str]] = {}
    for each in references:
        parents.setdefault(each.child, []).append(each.parent)
    for name in subjects:
        pending = [name]
        while pending:
            here = pending[-1]
            above = [each for each in parents.pop(here, ()) if each in subjects and each not in seen]
            pending += above
            if not above:
                pending.pop()
                if here not in seen:
                    seen.add(here)
                    yield subjects[here]


def _settle(
    connection: sqlite3.Connection,
    subjects: Mapping[str, _Subject],
    tables: Mapping[str, Table],
    references: Sequence[_Reference],
) -> None:
    """Note the rows without a parent, until there are no more: those left out now have children too."""
    while sum(_note_orphans(connection, subjects, tables, reference) for reference in references):
        for subject in subjects.values():
            if subject.note.emptied:
                _note_missing(connection, subject)


def _note_orphans(
    connection: sqlite3.Connection,
    subjects: Mapping[str, _Subject],
    tables: Mapping[str, Table],
    reference: _Reference,
) -> int:
    """Note the rows of one foreign key that have no parent left; how many were new."""
    child, parent = subjects[reference.child], subjects.get(reference.parent)
    if reference.skip < 0 and (parent is None or not _any(connection, parent.note)):
        return 0
    missing = orphan_condition(
        child.table,
        reference.columns,
        tables.get(reference.parent),
        reference.parent_columns,
        _remaining(tables.get(reference.parent), parent, reference.parent_columns),
        reference.comparison,
    )
    if missing is None:
        return 0
    where = f"{missing} AND {child.present('child', reference.columns)}"
    if reference.emptied is not None:
        query = f"SELECT {child.key('child')} FROM {child.rows('child')} WHERE {where} AND {child.kept('child')}"
        return _insert(connection, reference.emptied.name, query)
    reason = f"{', '.join(reference.columns)}: no row of {reference.parent} to refer to"
    return _note(connection, child, "child", where, reason, reference.skip)


def _follow(
    connection: sqlite3.Connection, subjects: Mapping[str, _Subject], references: Sequence[_Reference]
) -> None:
    """Rows follow their parents; where some of those are kept in quarantine, so are these."""
    for subject in _parents_first(subjects, references):
        for each in references:
            if each.child == subject.plan.source and each.skip < 0:
                kept = f"SELECT min(skip) FROM {subjects[each.parent].note.name} WHERE skip >= 0"
                connection.execute(
                    f"UPDATE {subject.note.name} SET skip = ifnull(({kept}), 0) WHERE skip = ?", (each.skip,)
                )


def _remaining(table: Table | None, parent: _Subject | None, columns: Sequence[str]) -> str:
    """The parent's rows that are not left out, as `orphan_condition` wants them."""
    if table is None:
        return ""
    if parent is None:
        return f"{row_order(table).relation} AS parent WHERE 1"
    return f"{parent.rows('parent')} WHERE {parent.kept('parent')} AND {parent.present('parent', columns)}"
