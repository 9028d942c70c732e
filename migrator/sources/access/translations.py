"""The one place where expressions and queries of Access become the neutral form of the schema.

What has no neutral form keeps Access's text, by which the planner reports it as not moved. A rule that has one is
written as SQLite evaluates it, because the snapshot is a SQLite file. Calculated columns move as the values that
Access stored: its expressions may give others on another server.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlglot import parse_one

from migrator.model.schema import Check, Expression, Generated, Unmoved, View
from migrator.sources.access.database import Database
from migrator.sources.access.schema import Column
from migrator.sources.access.sql import Relation, translate_default, translate_rule
from migrator.sources.access.sql import views as translate_views
from migrator.sources.access.table import Table
from migrator.sources.access.types import Type


def default(column: Column) -> Expression | None:
    """The default of a column; None when it has none."""
    found = translate_default(column.default, column.type) if column.default else None
    return found.expression if found else None


def rules(table: Table, columns: Collection[Column]) -> Iterable[Check]:
    """What every value of these columns, and every row of the table, must satisfy."""
    types = {each.name: each.type for each in columns}
    for each in columns:
        if each.validation_rule:
            yield _rule(each.validation_rule, types, each.name)
    if table.validation_rule:
        yield _rule(table.validation_rule, types, None)


def _rule(rule: str, types: Mapping[str, Type | None], column: str | None) -> Check:
    neutral = translate_rule(rule, types, column).expression.neutral
    return Check(Expression(rule if neutral is None else parse_one(neutral).sql("sqlite"), neutral))


def computed(column: Column) -> Generated | None:
    """How a calculated column comes about."""
    return Generated(Expression(column.expression or "", None), stored=True) if column.calculated else None


def views(database: Database, tables: Iterable[tuple[str, Table]]) -> tuple[tuple[View, ...], tuple[Unmoved, ...]]:
    """The saved queries that become views, and those that do not. `tables` are those that are moved, by name."""
    relations = [
        Relation(name, {each.name: each.type for each in table.columns}, tuple(table.primary_key or ()))
        for name, table in tables
    ]
    hidden = {query.name for query in database.queries if query.hidden}
    made, left = translate_views(database.queries, relations, database.relationships)
    return made, tuple(each for each in left if each.name not in hidden)
