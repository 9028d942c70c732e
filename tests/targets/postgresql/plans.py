"""Short ways to write plans for the tests of the PostgreSQL target."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine

from migrator.model.plan import (
    PLAN_VERSION,
    ColumnPlan,
    Estimate,
    Plan,
    Step,
    TablePlan,
    ViewPlan,
    arrow_schema,
)
from migrator.model.types import LogicalType
from migrator.targets.common.verbatim import execute
from migrator.targets.postgresql import DIALECT

WEIRD = 'we.ird "%s" :x\t한글'
"""A name with everything that some layer could take for its own."""


def column(name: str, type: LogicalType, **rest: Any) -> ColumnPlan:
    return ColumnPlan(name, name, type, "", **rest)


def table(name: str, *columns: ColumnPlan, schema: str = "public", **rest: Any) -> TablePlan:
    return TablePlan("app", name, schema, name, columns, **rest)


def plan(
    *tables: TablePlan, views: tuple[ViewPlan, ...] = (), schema: str = "public", quarantine: bool = False
) -> Plan:
    steps = DIALECT.steps(schema, tables, views, quarantine=quarantine)
    estimate = Estimate(0, 0, 0.0)
    return Plan(PLAN_VERSION, "", "", (), "", "postgresql", schema, tables, views, steps, (), (), estimate)


def apply(engine: Engine, steps: tuple[Step, ...]) -> None:
    with engine.begin() as connection:
        for step in steps:
            run(connection, step.do)


def undo(engine: Engine, steps: tuple[Step, ...]) -> None:
    for step in reversed(steps):
        with engine.begin() as connection:
            run(connection, step.undo)


def run(connection: Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        execute(connection, statement)


def batch(table: TablePlan, **values: list[Any]) -> pa.RecordBatch:
    """A batch of the loaded columns. Integers may stand for dates, times and timestamps."""
    schema = arrow_schema(table.loaded)
    arrays = [array(values[field.name], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def array(values: list[Any], type: pa.DataType) -> pa.Array:
    if pa.types.is_temporal(type) and all(value is None or isinstance(value, int) for value in values):
        return pa.array(values, pa.int32() if pa.types.is_date32(type) else pa.int64()).cast(type)
    return pa.array(values, type)
