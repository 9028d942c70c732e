"""Expressions as the server writes them down, where Alembic would otherwise take them for changed.

It makes the plan's tables in a transaction that is rolled back, and never leaves anything in the target.
Alembic compares a default by computing it twice, which tells random ones and documents apart from themselves, and
other expressions by their text: https://alembic.sqlalchemy.org/en/latest/autogenerate.html
"""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedIndex
from sqlalchemy.exc import DBAPIError

from migrator.model.plan import ColumnPlan, IndexPlan, Phase, Plan, TablePlan
from migrator.schema import send
from migrator.targets import Server

_MAKING = frozenset({Phase.SCHEMA, Phase.TABLES, Phase.INDEXES})


def settled(plan: Plan, server: Server) -> Plan:
    """The same plan, whose defaults, generated columns and index expressions are spelt as the server spells them
    where that matters.

    Args:
        plan: A plan that was rehearsed on a server of this kind.
        server: Where its tables can be made: none of them is there.

    Raises:
        EnvironmentFailure: The server went away or refuses.
    """
    with server.errors("reading expressions back"), server.engine.connect() as connection:
        for step in plan.steps:
            if step.phase in _MAKING:
                send(connection, step.do)
        tables = tuple(_table(table, connection) for table in plan.tables)
        connection.rollback()
    return replace(plan, tables=tables)


def _table(plan: TablePlan, connection: Connection) -> TablePlan:
    inspector = sa.inspect(connection)
    columns = {each["name"]: each for each in inspector.get_columns(plan.target, schema=plan.schema)}
    indexes = {each["name"]: each for each in inspector.get_indexes(plan.target, schema=plan.schema)}
    return replace(
        plan,
        columns=tuple(_column(column, columns[column.target], connection) for column in plan.columns),
        indexes=tuple(_index(index, indexes[index.name]) for index in plan.indexes),
    )


def _column(plan: ColumnPlan, found: ReflectedColumn, connection: Connection) -> ColumnPlan:
    computed = found.get("computed")
    if plan.generated is not None and computed is not None:
        return replace(plan, generated=computed["sqltext"])
    default = found["default"]
    if plan.default is None or default is None or _seen_as_equal(plan.default, default, connection):
        return plan
    return replace(plan, default=default)


def _seen_as_equal(planned: str, found: str, connection: Connection) -> bool:
    """What Alembic will find out: both computed, and compared by the server."""
    query = sa.select(sa.literal_column(found) == sa.literal_column(planned))
    try:
        with connection.begin_nested():
            return connection.scalar(query) is True
    except DBAPIError:
        return False  # a type without `=`, such as json


def _index(plan: IndexPlan, found: ReflectedIndex) -> IndexPlan:
    """Where there is an expression, `expressions` has every part, columns by their names."""
    texts = found.get("expressions")
    if texts is None:
        return plan
    parts = (
        part if part.expression is None else replace(part, expression=text)
        for part, text in zip(plan.parts, texts, strict=True)
    )
    return replace(plan, parts=tuple(parts))
