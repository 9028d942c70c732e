"""From plans to SQLAlchemy's schema objects, every name quoted and every expression verbatim.

A table gets its constraints and indexes one by one, when their step is made: `CREATE TABLE` must not carry
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from migrator.model.plan import (
    QUARANTINE,
    CheckPlan,
    ColumnPlan,
    ForeignKeyPlan,
    IndexPartPlan,
    IndexPlan,
    KeyPlan,
    TablePlan,
)
from migrator.model.types import INT64, TEXT, TIMESTAMPTZ, LogicalType
from migrator.targets.common.names import as_is

_QUARANTINE_TEXTS = ("run_id", "source_database", "source_table", "source_key", "reason", "row")


@dataclass(frozen=True, slots=True)
class Spellings:
    """What a dialect has SQLAlchemy's objects made with: its types, and options under its own names."""

    type: Callable[[LogicalType], TypeEngine[Any]]
    now: str
    """The time with its zone."""
    identity: Callable[[TablePlan, ColumnPlan], sa.Identity | None]
    """The numbering with which a column is created."""
    where: str
    """The keyword for an index's condition."""
    unvalidated: Mapping[str, Any] = field(default_factory=dict)
    """Options of a constraint that existing rows are not tested for."""
    apart: Mapping[str, Any] = field(default_factory=dict)
    """Options of a primary key that does not order the table."""


class Tables:
    """The tables of a plan. Foreign keys need all of them at once."""

    def __init__(self, plans: tuple[TablePlan, ...], spellings: Spellings) -> None:
        metadata = sa.MetaData()
        self._spellings = spellings
        self._made: dict[tuple[str, str], sa.Constraint] = {}
        self._tables = {
            (plan.schema, plan.target): sa.Table(
                as_is(plan.target),
                metadata,
                *(self._column(plan, column) for column in plan.columns),
                schema=as_is(plan.schema),
                comment=plan.comment,
            )
            for plan in plans
        }

    def _column(self, table: TablePlan, plan: ColumnPlan) -> sa.Column[Any]:
        """Identity columns must be NOT NULL. That computed columns are stored is said, because PostgreSQL 18 and
        SQL Server would otherwise compute them anew at every read."""
        type = self._spellings.type(plan.type)
        if plan.collation is not None and isinstance(type, sa.String):
            type.collation = plan.collation
        computed = [sa.Computed(sa.literal_column(plan.generated), persisted=True)] if plan.generated else []
        numbered = self._spellings.identity(table, plan)
        return sa.Column(
            as_is(plan.target),
            type,
            *computed,
            *([numbered] if numbered is not None else []),
            nullable=plan.nullable and plan.next_identity is None,
            server_default=None if plan.default is None else sa.literal_column(plan.default),
            comment=plan.comment,
            autoincrement=False if numbered is None else "auto",
        )

    def table(self, plan: TablePlan) -> sa.Table:
        """The table, with the constraints added to it so far."""
        return self._tables[plan.schema, plan.target]

    def primary_key(self, plan: TablePlan, key: KeyPlan) -> sa.Constraint:
        """Add a primary key to the table."""
        options = {} if key.clustered else self._spellings.apart
        columns = self._columns(plan, key.columns)
        return self._add(plan, sa.PrimaryKeyConstraint(*columns, name=as_is(key.name), **options))

    def unique(self, plan: TablePlan, key: KeyPlan) -> sa.Constraint:
        """Add a unique constraint to the table."""
        return self._add(plan, sa.UniqueConstraint(*self._columns(plan, key.columns), name=as_is(key.name)))

    def check(self, plan: TablePlan, check: CheckPlan) -> sa.Constraint:
        """Add a check to the table."""
        condition: sa.ColumnElement[bool] = sa.literal_column(check.sql)
        options = {} if check.validated else self._spellings.unvalidated
        return self._add(plan, sa.CheckConstraint(condition, name=as_is(check.name), **options))

    def foreign_keys(self, plan: TablePlan) -> Iterator[tuple[ForeignKeyPlan, sa.Constraint]]:
        """The table's foreign keys between columns of the plan, each added to the table once. A given table may
        have others, which stay as they are."""
        for key in plan.foreign_keys:
            parent = self._tables.get((key.parent_schema, key.parent))
            ours = all(column in self.table(plan).c for column in key.columns)
            if parent is not None and ours and all(column in parent.c for column in key.parent_columns):
                place = (plan.name, key.name)
                if place not in self._made:
                    self._made[place] = self._foreign_key(plan, key)
                yield key, self._made[place]

    def _foreign_key(self, plan: TablePlan, key: ForeignKeyPlan) -> sa.Constraint:
        parent = self._tables[key.parent_schema, key.parent]
        options = {} if key.validated else self._spellings.unvalidated
        constraint = sa.ForeignKeyConstraint(
            self._columns(plan, key.columns),
            [parent.c[column] for column in key.parent_columns],
            name=as_is(key.name),
            ondelete=None if key.on_delete == "NO ACTION" else key.on_delete,
            onupdate=None if key.on_update == "NO ACTION" else key.on_update,
            deferrable=key.deferrable or None,
            initially="DEFERRED" if key.deferrable and key.initially_deferred else None,
            **options,
        )
        return self._add(plan, constraint)

    def index(self, plan: TablePlan, index: IndexPlan) -> sa.Index:
        """Add an index to the table."""
        table = self.table(plan)
        where: sa.ColumnElement[bool] | None = None if index.where is None else sa.literal_column(index.where)
        options: dict[str, Any] = {self._spellings.where: where}
        parts = (_index_part(table, part) for part in index.parts)
        return sa.Index(as_is(index.name), *parts, unique=index.unique, _table=table, **options)

    def _columns(self, plan: TablePlan, columns: tuple[str, ...]) -> list[sa.Column[Any]]:
        return [self.table(plan).c[column] for column in columns]

    def _add(self, plan: TablePlan, constraint: sa.Constraint) -> sa.Constraint:
        self.table(plan).append_constraint(constraint)
        return constraint


def quarantine_table(schema: str, spellings: Spellings) -> sa.Table:
    """The table for rows set aside; `source_key` and `row` hold JSON."""
    number = sa.Column(as_is("id"), spellings.type(INT64), sa.Identity(), nullable=False)
    texts = [sa.Column(as_is(name), spellings.type(TEXT), nullable=False) for name in _QUARANTINE_TEXTS]
    created = sa.Column(
        as_is("created"),
        spellings.type(TIMESTAMPTZ),
        nullable=False,
        server_default=sa.literal_column(spellings.now),
    )
    return sa.Table(as_is(QUARANTINE), sa.MetaData(), number, *texts, created, schema=as_is(schema))


def _index_part(table: sa.Table, part: IndexPartPlan) -> sa.ColumnElement[Any]:
    """An expression other than a plain function call needs parentheses in an index."""
    made: sa.ColumnElement[Any] = (
        sa.literal_column(f"({part.expression})") if part.column is None else table.c[part.column]
    )
    return made.desc() if part.descending else made
