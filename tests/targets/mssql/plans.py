"""Short ways to write plans for the tests of SQL Server's data plane, and the tables they are about."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from sqlalchemy import Engine

from migrator.model.plan import ColumnPlan, TablePlan, arrow_schema
from migrator.model.types import LogicalType
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.names import qualified, quote
from migrator.targets.mssql.types import fact

WEIRD = "we.ird '%s\" :x ?{y}\t한글"
"""A name with everything that some layer could take for its own, but for the bracket."""
BRACKETS = f"]{WEIRD}]x"
HAS_BRACKETS = ("closing brackets in names", "SELECT 1 AS [a]]b]")
"""A query whose answer is 1."""


def column(name: str, type: LogicalType, **rest: Any) -> ColumnPlan:
    return ColumnPlan(name, name, type, "", **rest)


def table(name: str, *columns: ColumnPlan, schema: str = "dbo", **rest: Any) -> TablePlan:
    return TablePlan("app", name, schema, name, columns, **rest)


def create(engine: Engine, *tables: TablePlan, **clauses: str) -> None:
    """Make the tables. `clauses` stand after the type of the column of that name."""
    with engine.begin() as connection:
        for each in tables:
            columns = ", ".join(_defined(column, clauses.get(column.target, "")) for column in each.columns)
            execute(connection, f"CREATE TABLE {qualified(each.schema, each.target)} ({columns})")


def _defined(column: ColumnPlan, clause: str) -> str:
    if column.generated is not None:
        return f"{quote(column.target)} AS {column.generated}"
    return f"{quote(column.target)} {fact(column.type).spelling(column.type)} {clause}"


def run(engine: Engine, *statements: str) -> list[Any]:
    """Run statements in one transaction; the first column of the last one's rows."""
    with engine.begin() as connection:
        for statement in statements:
            result = execute(connection, statement)
        return list(result.scalars()) if result.returns_rows else []


def batch(table: TablePlan, **values: list[Any]) -> pa.RecordBatch:
    """A batch of the loaded columns. Integers may stand for dates, times and timestamps."""
    schema = arrow_schema(table.loaded)
    arrays = [array(values[field.name], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def array(values: list[Any], type: pa.DataType) -> pa.Array:
    if pa.types.is_temporal(type) and all(value is None or isinstance(value, int) for value in values):
        return pa.array(values, pa.int32() if pa.types.is_date32(type) else pa.int64()).cast(type)
    return pa.array(values, type)
