"""From plans to steps: every statement with its undo, rendered by Alembic's operations.

Pure: no connection. Keys, checks, indexes and foreign keys come after the data, identity after them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from alembic.operations import ops

from migrator.model.given import Revision
from migrator.model.plan import QUARANTINE, ColumnPlan, Phase, Step, TablePlan, ViewPlan
from migrator.targets.postgresql.blocks import block
from migrator.targets.postgresql.given import emptied, given_numbers
from migrator.targets.postgresql.identity import first_number, set_used_up
from migrator.targets.postgresql.names import as_is, literal, qualified, quote
from migrator.targets.postgresql.rendering import Renderer, verbatim
from migrator.targets.postgresql.schema import Tables, quarantine_table

SCHEMA_MARK = "Created by migrator, which drops it again when the last run in it is taken back."
"""The comment on a schema that a run created: its undo drops no other."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A step before it has its number."""

    phase: Phase
    object: str
    do: tuple[str, ...]
    undo: tuple[str, ...]
    comment: str
    table: str | None = None


def steps(
    schema: str,
    tables: tuple[TablePlan, ...],
    views: tuple[ViewPlan, ...],
    *,
    quarantine: bool,
    revisions: tuple[Revision, ...],
    default_schema: str,
) -> tuple[Step, ...]:
    """Every step of a run in execution order; see `Dialect.steps`."""
    builder = _Builder(tables)
    own = [table for table in tables if not table.given]
    drafts = [
        *([_schema(schema)] if schema != default_schema else []),
        *(_revision(revision) for revision in revisions),
        *([builder.quarantine(schema)] if quarantine else []),
        *(builder.table(table) for table in own),
        *(draft for table in tables if table.given for draft in builder.released(table)),
        *(_data(table) for table in tables),
        *(draft for table in own for draft in builder.keys(table)),
        *(draft for table in own for draft in builder.checks(table)),
        *(draft for table in own for draft in builder.indexes(table)),
        *(draft for table in tables for draft in builder.foreign_keys(table)),
        *(draft for table in tables for draft in builder.identities(table)),
        *(builder.view(view) for view in views),
        *(builder.statistics(table) for table in tables),
    ]
    return tuple(
        Step(number, draft.phase, draft.object, draft.do, draft.undo, draft.comment, draft.table)
        for number, draft in enumerate(drafts, start=1)
    )


class _Builder:
    """Makes the steps of each phase."""

    def __init__(self, plans: tuple[TablePlan, ...]) -> None:
        self._render = Renderer()
        self._tables = Tables(plans)

    def quarantine(self, schema: str) -> _Draft:
        """The table may be there from an earlier run; it goes with the last row in it."""
        operation = ops.CreateTableOp.from_table(quarantine_table(schema))
        operation.if_not_exists = True
        name = qualified(schema, QUARANTINE)
        undo = block(
            f"IF to_regclass({literal(name)}) IS NOT NULL THEN",
            f"    IF NOT EXISTS (SELECT FROM {name}) THEN",
            f"        DROP TABLE {name};",
            "    END IF;",
            "END IF;",
        )
        comment = "Create the table for rows set aside, unless it is there"
        return _Draft(Phase.TABLES, f"{schema}.{QUARANTINE}", self._render.do(operation), (undo,), comment)

    def table(self, plan: TablePlan) -> _Draft:
        columns = "1 column" if len(plan.columns) == 1 else f"{len(plan.columns)} columns"
        operation = ops.CreateTableOp.from_table(self._tables.table(plan))
        return self._step(Phase.TABLES, plan.name, operation, f"Create table {plan.name}, {columns}", plan)

    def keys(self, plan: TablePlan) -> Iterator[_Draft]:
        if plan.primary_key is not None:
            key = plan.primary_key
            made = self._tables.primary_key(plan, key)
            comment = f"Primary key of {plan.name}: {', '.join(key.columns)}"
            yield self._constraint(Phase.KEYS, key.name, made, comment, plan)
        for key in plan.uniques:
            made = self._tables.unique(plan, key)
            comment = f"Unique in {plan.name}: {', '.join(key.columns)}"
            yield self._constraint(Phase.KEYS, key.name, made, comment, plan)

    def checks(self, plan: TablePlan) -> Iterator[_Draft]:
        for check in plan.checks:
            made = self._tables.check(plan, check)
            comment = f"Check {check.name} of {plan.name}{_unvalidated(check.validated)}"
            yield self._constraint(Phase.KEYS, check.name, made, comment, plan)

    def indexes(self, plan: TablePlan) -> Iterator[_Draft]:
        for index in plan.indexes:
            operation = ops.CreateIndexOp.from_index(self._tables.index(plan, index))
            comment = f"Create {'unique ' if index.unique else ''}index {index.name} on {plan.name}"
            yield self._step(Phase.INDEXES, index.name, operation, comment, plan)

    def released(self, plan: TablePlan) -> Iterator[_Draft]:
        """The foreign keys of a given table between tables of the plan, taken off."""
        keys = [made for _, made in self._tables.foreign_keys(plan)]
        if keys:
            do = self._render.do(*(_dropped(plan, key) for key in keys))
            undo = tuple(statement for key in keys for statement in self._render.foreign_key(key))
            comment = f"Take the foreign keys off {plan.name} while it is loaded"
            yield _Draft(Phase.RELEASE, plan.name, do, undo, comment, plan.name)

    def foreign_keys(self, plan: TablePlan) -> Iterator[_Draft]:
        for key, made in self._tables.foreign_keys(plan):
            child = f"{plan.name} ({', '.join(key.columns)})"
            comment = f"Point {child} to {key.parent_schema}.{key.parent}{_unvalidated(key.validated)}"
            undo = self._render.tolerant(_dropped(plan, made))
            do = self._render.foreign_key(made)
            yield _Draft(Phase.FOREIGN_KEYS, key.name, do, undo, comment, plan.name)

    def identities(self, plan: TablePlan) -> Iterator[_Draft]:
        for column in plan.columns:
            if column.next_identity is not None:
                yield self._identity(plan, column, column.next_identity)

    def view(self, view: ViewPlan) -> _Draft:
        name, described = qualified(view.schema, view.target), f"{view.schema}.{view.target}"
        do = self._render.do(verbatim(f"CREATE VIEW {name} AS {view.sql}"))
        undo = self._render.do(verbatim(f"DROP VIEW IF EXISTS {name}"))
        return _Draft(Phase.VIEWS, described, do, undo, f"Create view {described}")

    def statistics(self, plan: TablePlan) -> _Draft:
        do = self._render.do(verbatim(f"ANALYZE {qualified(plan.schema, plan.target)}"))
        return _Draft(Phase.STATISTICS, plan.name, do, (), f"Collect statistics of {plan.name}", plan.name)

    def _identity(self, plan: TablePlan, column: ColumnPlan, next_number: int) -> _Draft:
        first = first_number(column.type.kind, next_number)
        name = f"{plan.name}.{column.target}"
        comment = f"Number {name} from {next_number:,}"
        if plan.given:
            # A sequence counts from 1, whatever the rows hold: https://www.postgresql.org/docs/current/sql-createsequence.html
            given = given_numbers(plan, column.target, max(first, 1), used=first < next_number)
            return _Draft(Phase.IDENTITY, name, *given, comment, plan.name)
        table = self._tables.table(plan)
        operation = ops.AlterColumnOp(
            table.name,
            as_is(column.target),
            schema=table.schema,
            modify_server_default=sa.Identity(start=first, minvalue=first if first < 1 else None),
            existing_server_default=None,
        )
        do = self._render.do(operation)
        if first < next_number:
            statement = set_used_up(plan.schema, plan.target, column.target, first)
            do += self._render.do(verbatim(statement))
        return _Draft(Phase.IDENTITY, name, do, self._render.undo(operation), comment, plan.name)

    def _constraint(
        self, phase: Phase, name: str, constraint: sa.Constraint, comment: str, plan: TablePlan
    ) -> _Draft:
        return self._step(phase, name, ops.AddConstraintOp.from_constraint(constraint), comment, plan)

    def _step(
        self, phase: Phase, name: str, operation: ops.MigrateOperation, comment: str, plan: TablePlan
    ) -> _Draft:
        do, undo = self._render.do(operation), self._render.undo(operation)
        return _Draft(phase, name, do, undo, comment, plan.name)


def _dropped(plan: TablePlan, key: sa.Constraint) -> ops.DropConstraintOp:
    assert key.name is not None
    return ops.DropConstraintOp(as_is(str(key.name)), as_is(plan.target), "foreignkey", schema=as_is(plan.schema))


def _schema(schema: str) -> _Draft:
    """A schema that was there before is left alone, with its comment and after the undo. One that somebody
    else uses by now stays too."""
    name, mark = quote(schema), literal(SCHEMA_MARK)
    do = block(
        f"IF to_regnamespace({literal(name)}) IS NULL THEN",
        f"    CREATE SCHEMA {name};",
        f"    COMMENT ON SCHEMA {name} IS {mark};",
        "END IF;",
    )
    undo = block(
        f"IF obj_description(to_regnamespace({literal(name)}), 'pg_namespace') = {mark} THEN",
        f"    DROP SCHEMA {name};",
        "END IF;",
        exception="EXCEPTION WHEN dependent_objects_still_exist THEN NULL;",
    )
    return _Draft(Phase.SCHEMA, schema, (do,), (undo,), f"Create schema {schema}, unless it is there")


def _revision(revision: Revision) -> _Draft:
    comment = f"Revision {revision.id}: {revision.message}"
    return _Draft(Phase.REVISIONS, revision.id, revision.do, revision.undo, comment)


def _data(plan: TablePlan) -> _Draft:
    """A table of the run's own needs no undo here: it goes, and the rows with it."""
    undo = (emptied(plan),) if plan.given else ()
    return _Draft(Phase.DATA, plan.name, (), undo, f"Copy {plan.rows:,} rows into {plan.name}", plan.name)


def _unvalidated(validated: bool) -> str:
    return "" if validated else ", without testing existing rows"
