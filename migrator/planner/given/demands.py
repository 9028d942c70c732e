"""What a given table demands of the source's values: types, keys, foreign keys and checks in the source's terms.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from migrator.model.given import GivenTable
from migrator.model.plan import ForeignKeyPlan, IndexPlan, KeyPlan
from migrator.model.profile import Demands, KeyDemand
from migrator.model.schema import Check, Expression, ForeignKey, Key, Table
from migrator.model.types import LogicalType
from migrator.planner.given.assignment import Assigned, Assignment
from migrator.planner.groups import Place
from migrator.targets import Dialect


def keys_of(given: GivenTable, dialect: Dialect) -> tuple[KeyPlan, ...]:
    """Everything that must be unique over whole columns and all rows; those with NULL may be left out."""
    plain = (
        KeyPlan(index.name, tuple(part.column for part in index.parts if part.column is not None))
        for index in given.indexes
        if index.unique and all(part.column for part in index.parts) and _is_whole(index, given, dialect)
    )
    return (*([given.primary_key] if given.primary_key else []), *given.uniques, *plain)


def _is_whole(index: IndexPlan, given: GivenTable, dialect: Dialect) -> bool:
    """Whether an index over columns is of all rows but those with NULL in one of them."""
    if index.where is None:
        return True
    try:
        tree = sqlglot.parse_one(index.where, read=dialect.grammar).unnest()
    except SqlglotError:
        return False
    columns = {part.column for part in index.parts}
    present = {_present(each) for each in (tree.flatten() if isinstance(tree, exp.And) else (tree,))}
    nullable = {column.name for column in given.columns if column.name in columns and column.nullable}
    return nullable <= present <= columns


def _present(condition: exp.Expr) -> str | None:
    """The column of which the condition says that it is not NULL, and nothing else."""
    asked = condition.unnest()
    says = asked.this.unnest() if isinstance(asked, exp.Not) else None
    if isinstance(says, exp.Is) and isinstance(says.expression, exp.Null) and isinstance(says.this, exp.Column):
        return says.this.name
    return None


@dataclass(frozen=True, slots=True)
class Request:
    """What the profile is asked about one source table: `table` carries the foreign keys and checks that the
    target will enforce, `demands` the types and keys."""

    table: Table
    demands: Demands


def request(assigned: Assigned, assignment: Assignment, dialect: Dialect, grammar: str) -> Request:
    """What to ask about an assigned table. `grammar` is what sqlglot calls the source's SQL."""
    types = {
        source: assigned.given.column(target).type
        for source, target in assigned.columns.items()
        if not assigned.given.column(target).generated
    }
    keys = [assigned.in_source(key.columns) for key in keys_of(assigned.given, dialect)]
    comparison = dialect.comparison(None)
    return Request(
        table=replace(
            assigned.table,
            columns=tuple(column for column in assigned.table.columns if column.name in assigned.columns),
            primary_key=_key(assigned, assigned.given.primary_key),
            uniques=(),
            foreign_keys=tuple(each for _, each in references(assigned, assignment)),
            checks=tuple(
                each for _, each in (*conditions(assigned, dialect, grammar), *required(assigned, grammar))
            ),
            indexes=(),
        ),
        demands=Demands(types, tuple(KeyDemand(key, comparison) for key in keys if key is not None)),
    )


def _key(assigned: Assigned, key: KeyPlan | None) -> Key | None:
    columns = assigned.in_source(key.columns) if key is not None else None
    return Key(columns) if columns else None


def references(assigned: Assigned, assignment: Assignment) -> Iterator[tuple[ForeignKeyPlan, ForeignKey]]:
    """The foreign keys whose rows and parents come from this source."""
    parents = {(each.given.schema, each.given.name): each for each in assignment.tables}
    for key in assigned.given.foreign_keys:
        parent = parents.get((key.parent_schema, key.parent))
        columns = assigned.in_source(key.columns)
        above = parent.in_source(key.parent_columns) if parent is not None else None
        if parent is not None and columns is not None and above is not None:
            yield key, ForeignKey(columns, parent.table.name, above, key.name)


def conditions(assigned: Assigned, dialect: Dialect, grammar: str) -> Iterator[tuple[str, Check]]:
    """The checks that the source can try: its name in the target, and the check in the source's SQL. What a type
    says is measured as such."""
    for check in assigned.given.checks:
        sql = None if check.typed else _in_source(check.sql, assigned, dialect, grammar)
        if sql is not None:
            yield check.name, Check(Expression(sql, None), check.name)


def required(assigned: Assigned, grammar: str) -> Iterator[tuple[str, Check]]:
    """The source's columns that may be NULL there and not in the target, each with a check that says so: it
    names the rows."""
    for source, target in assigned.columns.items():
        given = assigned.given.column(target)
        if not given.nullable and given.generated is None and assigned.table.column(source).nullable:
            column = exp.column(exp.to_identifier(source, quoted=True))
            yield source, Check(Expression(exp.Not(this=column.is_(exp.null())).sql(dialect=grammar), None))


def _in_source(sql: str, assigned: Assigned, dialect: Dialect, grammar: str) -> str | None:
    """A condition over given columns as one over the source's; None when that cannot be said."""
    try:
        tree = sqlglot.parse_one(sql, read=dialect.grammar)
    except SqlglotError:
        return None
    sources = assigned.sources
    for column in tree.find_all(exp.Column):
        name = sources.get(column.name)
        if name is None:
            return None
        column.replace(exp.column(exp.to_identifier(name, quoted=True)))
    return tree.sql(dialect=grammar)


def fixed_types(assigned: Assigned) -> dict[Place, LogicalType]:
    """The types that the models fix, by source table and column."""
    return {
        (assigned.table.name, source): assigned.given.column(target).type
        for source, target in assigned.columns.items()
        if assigned.given.column(target).generated is None
    }
