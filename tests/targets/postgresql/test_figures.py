"""The figures PostgreSQL computes, against the same figures computed in Python from the values."""

from __future__ import annotations

import itertools
import math
import uuid
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text as sql

from migrator.model.figures import float_scale
from migrator.model.result import Figures
from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT16,
    INT32,
    INT64,
    JSON,
    JSON_TEXT,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    LogicalType,
    decimal,
    text,
)
from migrator.targets.postgresql.server import PostgreSQLServer
from tests.targets.postgresql.plans import WEIRD, apply, batch, column, plan, table

LONG = b"\xab" * 40
IDS = (uuid.UUID(int=1), uuid.UUID(int=2**128 - 1))
MIDNIGHT = 86_400_000_000

CASES: list[tuple[LogicalType, list[Any], Figures]] = [
    (BOOL, [True, False, True, None], {"true": 2, "distinct": 2}),
    (INT16, [-5, 7, None], {"min": -5, "max": 7, "sum": 2, "distinct": 2}),
    (INT32, [-(2**31), -(2**31)], {"min": -(2**31), "max": -(2**31), "sum": -(2**32), "distinct": 1}),
    (INT64, [2**63 - 1] * 3, {"min": 2**63 - 1, "max": 2**63 - 1, "sum": 3 * (2**63 - 1), "distinct": 1}),
    (FLOAT64, [0.1, -0.0, None], {"infinite": 0, "min": "0.0", "max": "0.1", "sum": "3602879701896397:0"}),
    (FLOAT64, [-0.0, math.inf, -math.inf], {"infinite": 2, "min": "0.0", "max": "0.0", "sum": "0:0"}),
    (FLOAT64, [math.nan, 5e-324], {"infinite": 0, "min": "5e-324", "max": "5e-324", "sum": f"{2**51}:0"}),
    (FLOAT64, [math.inf], {"infinite": 1, "min": None, "max": None, "sum": None}),
    (
        decimal(38, 4),
        [Decimal("9" * 34 + ".9999")] * 2,
        {"min": 10**38 - 1, "max": 10**38 - 1, "sum": 2 * (10**38 - 1), "distinct": 1},
    ),
    (decimal(5, 0), [Decimal(-3), Decimal(4)], {"min": -3, "max": 4, "sum": 1, "distinct": 2}),
    (DATE, [-719_528, 2_932_896], {"min": -719_528, "max": 2_932_896, "sum": 2_213_368, "distinct": 2}),
    (TIME, [0, MIDNIGHT - 1], {"min": 0, "max": MIDNIGHT - 1, "sum": MIDNIGHT - 1, "distinct": 2}),
    (
        TIMESTAMP,
        [-62_135_596_800_000_001, 253_402_300_799_999_999],
        {
            "min": -62_135_596_800_000_001,
            "max": 253_402_300_799_999_999,
            "sum": 191_266_703_999_999_998,
            "distinct": 2,
        },
    ),
    (
        TIMESTAMPTZ,
        [-1, 1_700_000_000_123_456],
        {"min": -1, "max": 1_700_000_000_123_456, "sum": 1_700_000_000_123_455, "distinct": 2},
    ),
    (
        TEXT,
        ["b", "B", "", " x", "x ", "\tx", "한글", "é", "e\u0301", None],
        {"min": "", "max": "한글", "length": 13, "octets": 19, "empty": 1, "blank-ended": 2, "distinct": 9},
    ),
    (
        text(3),
        ["a", "Z"],
        {"min": "Z", "max": "a", "length": 2, "octets": 2, "empty": 0, "blank-ended": 0, "distinct": 2},
    ),
    (
        BINARY,
        [b"", b"\x00", LONG, LONG + b"\x00", None],
        {"min": "", "max": "AB" * 32, "octets": 82, "empty": 1, "distinct": 4},
    ),
    (UUID, [each.bytes for each in IDS], {"min": str(IDS[0]), "max": str(IDS[1]), "distinct": 2}),
    (JSON, ['{"a": 1}', "[]", "[1]", '"x"', "null"], {"objects": 1, "arrays": 2}),
    (
        JSON_TEXT,
        ['{"한":1}', " []", "1"],
        {"objects": 1, "arrays": 1, "length": 11, "octets": 13, "distinct": 3},
    ),
]


def computed(server: PostgreSQLServer, type: LogicalType, values: list[Any], *, distinct: bool = True) -> Figures:
    target = table("t", column("c", type))
    with server.engine.begin() as connection:
        connection.execute(sql("DROP TABLE IF EXISTS t"))
    apply(server.engine, plan(target).steps)
    with server.engine.begin() as connection:
        server.load(connection, target, batch(target, c=values))
    return server.figures(target, distinct=distinct)["c"]


@pytest.mark.parametrize(("type", "values", "expected"), CASES)
def test_figures_of_every_type(
    server: PostgreSQLServer, type: LogicalType, values: list[Any], expected: Figures
) -> None:
    counts = {"values": len(values) - values.count(None), "nulls": values.count(None)}
    assert computed(server, type, values) == counts | expected


@pytest.mark.parametrize("type", sorted({str(case[0]) for case in CASES}))
@pytest.mark.parametrize("values", [[], [None]], ids=["no rows", "only NULL"])
def test_of_no_values_counts_are_zero_and_the_rest_none(
    server: PostgreSQLServer, type: str, values: list[None]
) -> None:
    found = computed(server, LogicalType.parse(type), values)
    nothing = {"min", "max", "sum", "length", "octets"}
    expected = {name: None if name in nothing else 0 for name in found} | {"nulls": len(values)}
    assert found == expected


def test_distinct_is_counted_only_when_asked(server: PostgreSQLServer) -> None:
    assert "distinct" not in computed(server, INT64, [1], distinct=False)


def exact_sum(values: list[float]) -> str | None:
    """The definition in `migrator.model.figures`, in rational numbers."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return None
    factor = Fraction(2) ** float_scale(max(map(abs, finite)))
    scaled = [Fraction(value) * factor for value in finite]
    high = sum(math.trunc(each) for each in scaled)
    low = sum(math.trunc((each - math.trunc(each)) * 2**52) for each in scaled)
    return f"{high}:{low}"


@given(st.lists(st.floats(), max_size=30))
@example([1.7976931348623157e308, -1.7976931348623157e308, 5e-324])
@example([2.0**-1074, 2.0**-1022, -(2.0**-1073)])
@example([1e16, 1.0, 1e-36, 1e-37])
@example([0.5, 0.25, 2.0**-53, 2.0**-105, 2.0**-104, 2.0**-103])
def test_sums_of_floats_are_exact_for_every_magnitude(server: PostgreSQLServer, values: list[float]) -> None:
    finite = [value for value in values if math.isfinite(value)]
    found = computed(server, FLOAT64, values)
    assert found["sum"] == exact_sum(values)
    assert found["min"] == (repr(min(finite) + 0.0) if finite else None)
    assert found["max"] == (repr(max(finite) + 0.0) if finite else None)


def test_the_order_of_rows_does_not_change_any_figure(server: PostgreSQLServer) -> None:
    values = [0.1, -0.0, 0.0, 1e300, -1e300, 3.3]
    found = {
        str(computed(server, FLOAT64, list(each)))
        for each in itertools.islice(itertools.permutations(values), 0, 720, 90)
    }
    assert len(found) == 1


def test_tables_wider_than_one_query_are_computed_in_parts(server: PostgreSQLServer) -> None:
    kinds: list[tuple[LogicalType, Callable[[int], Any]]] = [(TEXT, str), (INT64, int), (FLOAT64, float)]
    columns = [column(f"c{n}", kinds[n % 3][0]) for n in range(400)]
    wide = table("wide", *columns)
    apply(server.engine, plan(wide).steps)
    with server.engine.begin() as connection:
        values = {f"c{n}": [kinds[n % 3][1](n)] for n in range(400)}
        server.load(connection, wide, batch(wide, **values))
    found = server.figures(wide, distinct=True)
    assert found["c399"]["max"] == "399"
    assert found["c398"]["max"] == "398.0"
    assert found["c397"]["sum"] == 397
    assert all(figures["values"] == 1 for figures in found.values())


def test_names_that_need_quoting_are_quoted(server: PostgreSQLServer) -> None:
    target = table(WEIRD, *(column(f"{WEIRD}{{}}{n}", type) for n, (type, _, _) in enumerate(CASES)))
    apply(server.engine, plan(target).steps)
    assert {figures["values"] for figures in server.figures(target, distinct=True).values()} == {0}


def test_generated_columns_have_figures_too(server: PostgreSQLServer) -> None:
    target = table("t", column("a", INT64), column("b", INT64, generated='"a" * 2'))
    apply(server.engine, plan(target).steps)
    with server.engine.begin() as connection:
        server.load(connection, target, batch(target, a=[1, 2]))
    assert server.figures(target, distinct=False)["b"]["sum"] == 6
