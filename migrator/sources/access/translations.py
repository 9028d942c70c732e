"""The one place where expressions and queries of Access become the neutral form of the schema.

What has no neutral form keeps Access's text, by which the planner reports it as not moved.
"""

from __future__ import annotations

from migrator.model.schema import Check, Expression, Generated, Unmoved, View
from migrator.sources.access.database import Database
from migrator.sources.access.schema import Column


def default(column: Column) -> Expression | None:
    """The default of a column; None when it has none."""
    return Expression(column.default, None) if column.default else None


def column_rule(column: Column) -> Check | None:
    """What every value of a column must satisfy."""
    return Check(Expression(column.validation_rule, None)) if column.validation_rule else None


def table_rule(rule: str | None) -> Check | None:
    """What every row of a table must satisfy."""
    return Check(Expression(rule, None)) if rule else None


def computed(column: Column) -> Generated | None:
    """How a calculated column comes about."""
    return Generated(Expression(column.expression or "", None), stored=True) if column.calculated else None


def views(database: Database) -> tuple[tuple[View, ...], tuple[Unmoved, ...]]:
    """The saved queries that become views, and those that do not."""
    reason = "A saved query is a program in Access's SQL. Write it anew as a view if the application needs it."
    found = (query for query in database.queries if not query.hidden)
    return (), tuple(Unmoved("query", query.name, reason, query.sql or "") for query in found)
