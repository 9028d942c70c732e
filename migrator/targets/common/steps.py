"""The steps of a run in their order, each with its undo beside it and a comment for people.

Pure. What a step's statements are is the dialect's own business. Keys, checks, indexes and foreign keys come after
the data, numbering after them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from migrator.model.given import Revision
from migrator.model.plan import (
    QUARANTINE,
    CheckPlan,
    ColumnPlan,
    ForeignKeyPlan,
    IndexPlan,
    KeyPlan,
    Phase,
    Step,
    TablePlan,
    ViewPlan,
)

SCHEMA_MARK = "Created by migrator, which drops it again when the last run in it is taken back."
"""What a schema is marked with that a run created: its undo drops no other."""


@dataclass(frozen=True, slots=True)
class Change:
    """Statements, and those that take them back."""

    do: tuple[str, ...]
    undo: tuple[str, ...] = ()


class Statements(Protocol):
    """What a dialect says for each thing that a run does. Every undo passes over what is gone already."""

    def schema(self, name: str) -> Change:
        """Create a schema unless it is there. One that was there before is left alone, with its comment and after
        the undo; one that somebody else uses by now stays too."""

    def quarantine(self, schema: str) -> Change:
        """Create the table for rows set aside unless it is there; undone, it goes when no row is in it."""

    def table(self, plan: TablePlan) -> Change:
        """Create a table with its columns and nothing else."""

    def emptied(self, plan: TablePlan) -> tuple[str, ...]:
        """Remove every row of a given table."""

    def primary_key(self, plan: TablePlan, key: KeyPlan) -> Change:
        """Add a primary key."""

    def unique(self, plan: TablePlan, key: KeyPlan) -> Change:
        """Add a unique constraint."""

    def check(self, plan: TablePlan, check: CheckPlan) -> Change:
        """Add a CHECK."""

    def index(self, plan: TablePlan, index: IndexPlan) -> Change:
        """Create an index."""

    def foreign_keys(self, plan: TablePlan) -> Iterator[tuple[ForeignKeyPlan, sa.Constraint]]:
        """The foreign keys between tables of the plan."""

    def foreign_key(self, plan: TablePlan, key: ForeignKeyPlan, made: sa.Constraint) -> Change:
        """Add a foreign key."""

    def identity(self, plan: TablePlan, column: ColumnPlan, next_number: int) -> Change:
        """Let a column go on numbering."""

    def view(self, view: ViewPlan) -> Change:
        """Create a view."""

    def statistics(self, plan: TablePlan) -> tuple[str, ...]:
        """Collect statistics, as far as the server needs to be told; () where it does not."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A step before it has its number."""

    phase: Phase
    object: str
    change: Change
    comment: str
    table: str | None = None


def steps(
    say: Statements,
    schema: str,
    tables: tuple[TablePlan, ...],
    views: tuple[ViewPlan, ...],
    *,
    quarantine: bool,
    revisions: tuple[Revision, ...],
    default_schema: str,
) -> tuple[Step, ...]:
    """Every step of a run in execution order; see `Dialect.steps`."""
    own = [table for table in tables if not table.given]
    drafts = [
        *([_schema(say, schema)] if schema != default_schema else []),
        *(_revision(revision) for revision in revisions),
        *([_quarantine(say, schema)] if quarantine else []),
        *(_table(say, table) for table in own),
        *(draft for table in tables if table.given for draft in _released(say, table)),
        *(_data(say, table) for table in tables),
        *(draft for table in own for draft in _keys(say, table)),
        *(_check(say, table, check) for table in own for check in table.checks),
        *(_index(say, table, index) for table in own for index in table.indexes),
        *(draft for table in tables for draft in _foreign_keys(say, table)),
        *(draft for table in tables for draft in _identities(say, table)),
        *(_view(say, view) for view in views),
        *(draft for table in tables for draft in _statistics(say, table)),
    ]
    return tuple(
        Step(number, draft.phase, draft.object, draft.change.do, draft.change.undo, draft.comment, draft.table)
        for number, draft in enumerate(drafts, start=1)
    )


def _schema(say: Statements, schema: str) -> _Draft:
    return _Draft(Phase.SCHEMA, schema, say.schema(schema), f"Create schema {schema}, unless it is there")


def _revision(revision: Revision) -> _Draft:
    comment = f"Revision {revision.id}: {revision.message}"
    return _Draft(Phase.REVISIONS, revision.id, Change(revision.do, revision.undo), comment)


def _quarantine(say: Statements, schema: str) -> _Draft:
    comment = "Create the table for rows set aside, unless it is there"
    return _Draft(Phase.TABLES, f"{schema}.{QUARANTINE}", say.quarantine(schema), comment)


def _table(say: Statements, plan: TablePlan) -> _Draft:
    columns = "1 column" if len(plan.columns) == 1 else f"{len(plan.columns)} columns"
    comment = f"Create table {plan.name}, {columns}"
    return _Draft(Phase.TABLES, plan.name, say.table(plan), comment, plan.name)


def _released(say: Statements, plan: TablePlan) -> Iterator[_Draft]:
    """The foreign keys of a given table between tables of the plan, taken off."""
    changes = [say.foreign_key(plan, key, made) for key, made in say.foreign_keys(plan)]
    if changes:
        off = tuple(statement for change in changes for statement in change.undo)
        on = tuple(statement for change in changes for statement in change.do)
        comment = f"Take the foreign keys off {plan.name} while it is loaded"
        yield _Draft(Phase.RELEASE, plan.name, Change(off, on), comment, plan.name)


def _data(say: Statements, plan: TablePlan) -> _Draft:
    """A table of the run's own needs no undo here: it goes, and the rows with it."""
    undo = say.emptied(plan) if plan.given else ()
    return _Draft(Phase.DATA, plan.name, Change((), undo), f"Copy {plan.rows:,} rows into {plan.name}", plan.name)


def _keys(say: Statements, plan: TablePlan) -> Iterator[_Draft]:
    if plan.primary_key is not None:
        key = plan.primary_key
        comment = f"Primary key of {plan.name}: {', '.join(key.columns)}"
        yield _Draft(Phase.KEYS, key.name, say.primary_key(plan, key), comment, plan.name)
    for key in plan.uniques:
        comment = f"Unique in {plan.name}: {', '.join(key.columns)}"
        yield _Draft(Phase.KEYS, key.name, say.unique(plan, key), comment, plan.name)


def _check(say: Statements, plan: TablePlan, check: CheckPlan) -> _Draft:
    comment = f"Check {check.name} of {plan.name}{_unvalidated(check.validated)}"
    return _Draft(Phase.KEYS, check.name, say.check(plan, check), comment, plan.name)


def _index(say: Statements, plan: TablePlan, index: IndexPlan) -> _Draft:
    comment = f"Create {'unique ' if index.unique else ''}index {index.name} on {plan.name}"
    return _Draft(Phase.INDEXES, index.name, say.index(plan, index), comment, plan.name)


def _foreign_keys(say: Statements, plan: TablePlan) -> Iterator[_Draft]:
    for key, made in say.foreign_keys(plan):
        child = f"{plan.name} ({', '.join(key.columns)})"
        comment = f"Point {child} to {key.parent_schema}.{key.parent}{_unvalidated(key.validated)}"
        yield _Draft(Phase.FOREIGN_KEYS, key.name, say.foreign_key(plan, key, made), comment, plan.name)


def _identities(say: Statements, plan: TablePlan) -> Iterator[_Draft]:
    for column in plan.columns:
        if column.next_identity is not None:
            name = f"{plan.name}.{column.target}"
            comment = f"Number {name} from {column.next_identity:,}"
            change = say.identity(plan, column, column.next_identity)
            yield _Draft(Phase.IDENTITY, name, change, comment, plan.name)


def _view(say: Statements, view: ViewPlan) -> _Draft:
    name = f"{view.schema}.{view.target}"
    return _Draft(Phase.VIEWS, name, say.view(view), f"Create view {name}")


def _statistics(say: Statements, plan: TablePlan) -> Iterator[_Draft]:
    do = say.statistics(plan)
    if do:
        comment = f"Collect statistics of {plan.name}"
        yield _Draft(Phase.STATISTICS, plan.name, Change(do), comment, plan.name)


def _unvalidated(validated: bool) -> str:
    return "" if validated else ", without testing existing rows"
