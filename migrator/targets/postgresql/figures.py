"""The reconciliation figures, by PostgreSQL's own SQL; what each is, says `migrator.model.figures`.

Everything stays exact: sums of integers and of `numeric` are `numeric`, `extract(epoch …)` is `numeric` since
version 14, and floats are summed as integers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Connection

from migrator.model.figures import float_scale
from migrator.model.plan import ColumnPlan, TablePlan
from migrator.model.result import Figure, Figures
from migrator.model.types import Kind
from migrator.targets.common.verbatim import execute
from migrator.targets.postgresql.names import qualified, quote

MAX_OUTPUTS = 1600
"""Expressions in one SELECT. https://www.postgresql.org/docs/current/limits.html"""
MAX_SORTS = 16
"""Columns whose distinct values are counted at once: each needs a sort, with memory of its own."""

_TEXT_ORDER = 'COLLATE "C"'
_INTEGERS = {"min": "min({c})", "max": "max({c})", "sum": "sum({c})"}
_FINITE = "FILTER (WHERE abs({c}) < 'Infinity')"
"""NaN counts as greater than infinity, so it is left out too.
https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT"""
_FLOAT = {
    "infinite": "count(*) FILTER (WHERE {c} IN ('Infinity', '-Infinity'))",
    "min": f"min({{c}}) {_FINITE}",
    "max": f"max({{c}}) {_FINITE}",
}
_LARGEST = f"max(abs({{c}})) {_FINITE}"
_EPOCH = "(extract(epoch FROM {c}) * 1000000)"
_MOMENTS = {name: f"{name}{_EPOCH}" for name in ("min", "max", "sum")}
_DAYS = "({c} - DATE '1970-01-01')"
_HEXADECIMAL = f"(upper(encode(substring({{c}} FROM 1 FOR 32), 'hex')) {_TEXT_ORDER})"
"""The first 32 bytes of the least value are the least of all first 32 bytes, and hexadecimal digits sort as
bytes do. There is no `min(bytea)` before version 18."""

_OF_KIND: dict[Kind, dict[str, str]] = {
    Kind.BOOL: {"true": "count(*) FILTER (WHERE {c})"},
    Kind.INT16: _INTEGERS,
    Kind.INT32: _INTEGERS,
    Kind.INT64: _INTEGERS,
    Kind.FLOAT64: _FLOAT,
    Kind.DECIMAL: {name: f"{name}({{c}}) * {{unit}}" for name in ("min", "max", "sum")},
    Kind.DATE: {name: f"{name}({_DAYS})" for name in ("min", "max", "sum")},
    Kind.TIME: _MOMENTS,
    Kind.TIMESTAMP: _MOMENTS,
    Kind.TIMESTAMPTZ: _MOMENTS,
    Kind.TEXT: {
        "min": f"min({{c}} {_TEXT_ORDER})",
        "max": f"max({{c}} {_TEXT_ORDER})",
        "length": "sum(length({c}))",
        "octets": "sum(octet_length({c}))",
        "empty": "count(*) FILTER (WHERE octet_length({c}) = 0)",
        "blank-ended": "count(*) FILTER (WHERE {c} LIKE ' %' OR {c} LIKE '% ')",
    },
    Kind.BINARY: {
        "min": f"min{_HEXADECIMAL}",
        "max": f"max{_HEXADECIMAL}",
        "octets": "sum(octet_length({c}))",
        "empty": "count(*) FILTER (WHERE octet_length({c}) = 0)",
    },
    Kind.UUID: {name: f"{name}({{c}}::text {_TEXT_ORDER})" for name in ("min", "max")},
    Kind.JSON: {
        "objects": "count(*) FILTER (WHERE jsonb_typeof({c}) = 'object')",
        "arrays": "count(*) FILTER (WHERE jsonb_typeof({c}) = 'array')",
    },
    Kind.JSON_TEXT: {
        "length": "sum(length({c}::text))",
        "octets": "sum(octet_length({c}::text))",
        "objects": "count(*) FILTER (WHERE json_typeof({c}) = 'object')",
        "arrays": "count(*) FILTER (WHERE json_typeof({c}) = 'array')",
    },
}
_DISTINCT: dict[Kind, str] = dict.fromkeys(Kind, "count(DISTINCT {c})") | {
    Kind.TEXT: f"count(DISTINCT {{c}} {_TEXT_ORDER})",
    Kind.JSON_TEXT: f"count(DISTINCT {{c}}::text {_TEXT_ORDER})",
}
_WITHOUT_DISTINCT = frozenset({Kind.JSON, Kind.FLOAT64})

Wanted = tuple[str, str, str]
"""A column's target name, a figure's name, and the SQL that computes it."""
_T = TypeVar("_T")


def figures(connection: Connection, table: TablePlan, *, distinct: bool) -> dict[str, Figures]:
    """See `Server.figures`. A few queries per table: all figures but those that depend on others, the distinct
    counts, the sums of floats."""
    columns = table.columns
    result: dict[str, Figures] = {column.target: {} for column in columns}
    plain = [wanted for column in columns for wanted in _plain(column)]
    _compute(connection, table, plain, MAX_OUTPUTS, result)
    if distinct:
        counts = [wanted for column in columns for wanted in _distinct(column)]
        _compute(connection, table, counts, MAX_SORTS, result)
    floats = [column for column in columns if column.type.kind is Kind.FLOAT64]
    _sum_floats(connection, table, floats, result)
    return result


def _plain(column: ColumnPlan) -> Iterator[Wanted]:
    name, unit = quote(column.target), 10 ** (column.type.scale or 0)
    yield column.target, "values", f"count({name})"
    yield column.target, "nulls", f"count(*) - count({name})"
    for figure, sql in _OF_KIND[column.type.kind].items():
        yield column.target, figure, sql.format(c=name, unit=unit)


def _distinct(column: ColumnPlan) -> Iterator[Wanted]:
    if column.type.kind not in _WITHOUT_DISTINCT:
        yield column.target, "distinct", _DISTINCT[column.type.kind].format(c=quote(column.target))


def _compute(
    connection: Connection, table: TablePlan, wanted: Sequence[Wanted], at_once: int, result: dict[str, Figures]
) -> None:
    for part in _parts(wanted, at_once):
        values = _select(connection, table, [sql for _, _, sql in part])
        for (column, figure, _), value in zip(part, values, strict=True):
            result[column][figure] = _canonical(value)


def _sum_floats(
    connection: Connection, table: TablePlan, columns: Sequence[ColumnPlan], result: dict[str, Figures]
) -> None:
    """The sums of float columns, as `float_scale` defines them: first the largest magnitude, then the sums."""
    for part in _parts(columns, MAX_OUTPUTS // 2):
        names = [quote(column.target) for column in part]
        largest = _select(connection, table, [_LARGEST.format(c=name) for name in names])
        sums = [
            sql
            for name, value in zip(names, largest, strict=True)
            for sql in _float_sums(name, float_scale(value or 0.0))
        ]
        values = [int(value or 0) for value in _select(connection, table, sums)]
        for column, value, high, low in zip(part, largest, values[::2], values[1::2], strict=True):
            result[column.target]["sum"] = None if value is None else f"{high}:{low}"


def _float_sums(name: str, scale: int) -> tuple[str, str]:
    """The two sums of a column. Values too small to count are left out first, because a product that vanishes
    is an error; the factor is applied in two steps because it may be beyond a double by itself.

    A cast from double to numeric keeps 15 digits only, one to bigint keeps all.
    """
    scaled = f"({name} * {_double(scale // 2)} * {_double(scale - scale // 2)})"
    counted = f"FILTER (WHERE abs({name}) < 'Infinity' AND abs({name}) >= {_double(-52 - scale)})"
    high = f"sum(trunc({scaled})::bigint) {counted}"
    low = f"sum(trunc(({scaled} - trunc({scaled})) * {_double(52)})::bigint) {counted}"
    return high, low


def _double(exponent: int) -> str:
    """2 to that power as an exact constant; 0 where it is below the least double."""
    return f"'{math.ldexp(1.0, exponent)!r}'::float8"


def _select(connection: Connection, table: TablePlan, expressions: Sequence[str]) -> Sequence[Any]:
    query = f"SELECT {', '.join(expressions)} FROM {qualified(table.schema, table.target)}"
    return execute(connection, query).one()


def _canonical(value: Any) -> Figure:
    """`numeric` comes as Decimal and holds an integer here. -0.0 counts as 0.0: which of two equal values is
    the least depends on the order of the rows."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, float):
        return repr(value + 0.0)
    assert value is None or isinstance(value, (int, str))
    return value


def _parts(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
