"""The reconciliation figures, by SQL Server's own SQL; what each is, says `migrator.model.figures`.

Nothing here shares code with the load. What the server does not compute exactly is left out, see `trials`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from migrator.model.figures import float_scale
from migrator.model.plan import ColumnPlan, TablePlan
from migrator.model.result import Figures
from migrator.model.types import Kind
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.figures.expressions import LEFT_OUT, Computed, Wanted, plain
from migrator.targets.mssql.figures.expressions import distinct as distinct_values
from migrator.targets.mssql.figures.trials import Untrusted, untrusted
from migrator.targets.mssql.names import qualified, quote

MAX_OUTPUTS = 400
"""Expressions in one SELECT: its list may have 4,096, but the optimizer must hold them all.
https://learn.microsoft.com/sql/sql-server/maximum-capacity-specifications-for-sql-server"""
MAX_SORTS = 8
"""Columns whose distinct values are counted at once: each needs a sort, with memory of its own."""

Question = tuple[str, str, Computed]
"""A column's target name, a figure's name, and how it is computed."""
_T = TypeVar("_T")


def figures(connection: Connection, table: TablePlan, *, distinct: bool, hashes: bool) -> dict[str, Figures]:
    """See `Server.figures`; with `hashes` also `hash`. A few queries per table: all figures but those that depend
    on others, the distinct counts, the sums of floats."""
    columns = table.columns
    result: dict[str, Figures] = {column.target: {} for column in columns}
    left_out = untrusted(connection.engine)
    _compute(
        connection, table, _asked(columns, lambda each: plain(each, hashes=hashes), left_out), MAX_OUTPUTS, result
    )
    if distinct:
        _compute(connection, table, _asked(columns, distinct_values, left_out), MAX_SORTS, result)
    floats = [column for column in columns if column.type.kind is Kind.FLOAT64]
    _sum_floats(connection, table, floats, result)
    return result


def _asked(
    columns: Sequence[ColumnPlan], wanted: Callable[[ColumnPlan], Wanted], left_out: Untrusted
) -> list[Question]:
    return [
        (column.target, figure, computed)
        for column in columns
        for figure, computed in wanted(column).items()
        if (column.type.kind, figure) not in left_out
    ]


def _compute(
    connection: Connection,
    table: TablePlan,
    questions: Sequence[Question],
    at_once: int,
    result: dict[str, Figures],
) -> None:
    for part in _parts(questions, at_once):
        expressions = [sql.format(c=quote(column)) for column, _, computed in part for sql in computed.asked]
        answers = iter(_select(connection, table, expressions))
        for column, figure, computed in part:
            value = computed.make(*(next(answers) for _ in computed.asked))
            if value is not LEFT_OUT:
                result[column][figure] = value


def _sum_floats(
    connection: Connection, table: TablePlan, columns: Sequence[ColumnPlan], result: dict[str, Figures]
) -> None:
    """The sums of float columns, as `float_scale` defines them: first the largest magnitude, then the sums."""
    for part in _parts(columns, MAX_OUTPUTS // 2):
        names = [quote(column.target) for column in part]
        largest = _select(connection, table, [f"MAX(ABS({name}))" for name in names])
        sums = [
            sql
            for name, value in zip(names, largest, strict=True)
            for sql in _float_sums(name, float_scale(value or 0.0))
        ]
        values = [int(value or 0) for value in _select(connection, table, sums)]
        for column, value, high, low in zip(part, largest, values[::2], values[1::2], strict=True):
            result[column.target]["sum"] = None if value is None else f"{high}:{low}"


def _float_sums(name: str, scale: int) -> tuple[str, str]:
    """The two sums of a column. Values too small to count are left out first; the factor is applied in two steps
    because it may be beyond a double by itself."""
    scaled = f"({name} * {_double(scale // 2)} * {_double(scale - scale // 2)})"
    whole = _truncated(name, scaled)
    rest = _truncated(name, f"(({scaled} - {whole}) * {_double(52)})")
    counts = f"ABS({name}) >= {_double(-52 - scale)}"
    high, low = (
        f"SUM(CASE WHEN {counts} THEN CAST(CAST({value} AS bigint) AS decimal(38,0)) END)"
        for value in (whole, rest)
    )
    return high, low


def _truncated(sign: str, value: str) -> str:
    return f"CASE WHEN {sign} < 0 THEN CEILING({value}) ELSE FLOOR({value}) END"


def _double(exponent: int) -> str:
    """2 to that power as an exact constant of type float; 0 below the least that the type is said to hold.
    https://learn.microsoft.com/sql/t-sql/data-types/float-and-real-transact-sql"""
    digits = repr(math.ldexp(1.0, exponent) if exponent >= sys.float_info.min_exp else 0.0)
    return digits if "e" in digits else f"{digits}E0"


def _select(connection: Connection, table: TablePlan, expressions: Sequence[str]) -> Sequence[Any]:
    query = f"SELECT {', '.join(expressions)} FROM {qualified(table.schema, table.target)}"
    return execute(connection, query).one()


def _parts(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
