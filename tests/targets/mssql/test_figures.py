"""The figures SQL Server computes, against the same figures computed in Python from the values."""

from __future__ import annotations

import hashlib
import itertools
import math
import uuid
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

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
    JSON_TEXT,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    LogicalType,
    binary,
    decimal,
    text,
)
from migrator.targets.mssql.bulk import inserting
from migrator.targets.mssql.figures import figures, trials
from migrator.targets.mssql.names import qualified
from migrator.targets.mssql.tuples import DAYS, MOMENTS
from tests.targets.mssql.plans import BRACKETS, HAS_BRACKETS, WEIRD, batch, column, create, run, table

LONG = b"\xab" * 40
IDS = (uuid.UUID(int=1), uuid.UUID(int=2**128 - 1), uuid.UUID("00000001-0000-0000-0000-000000000000"))
MIDNIGHT = 86_400_000_000

CASES: list[tuple[LogicalType, list[Any], Figures]] = [
    (BOOL, [True, False, True, None], {"true": 2, "distinct": 2}),
    (INT16, [-5, 7, None], {"min": -5, "max": 7, "sum": 2, "distinct": 2}),
    (INT32, [-(2**31), -(2**31)], {"min": -(2**31), "max": -(2**31), "sum": -(2**32), "distinct": 1}),
    (INT64, [2**63 - 1] * 3, {"min": 2**63 - 1, "max": 2**63 - 1, "sum": 3 * (2**63 - 1), "distinct": 1}),
    (FLOAT64, [0.1, -0.0, None], {"infinite": 0, "min": "0.0", "max": "0.1", "sum": "3602879701896397:0"}),
    (FLOAT64, [-0.0], {"infinite": 0, "min": "0.0", "max": "0.0", "sum": "0:0"}),
    (
        decimal(38, 4),
        [Decimal("9" * 34 + ".9999")] * 2,
        {"min": 10**38 - 1, "max": 10**38 - 1, "sum": 2 * (10**38 - 1), "distinct": 1},
    ),
    (
        decimal(38, 38),
        [Decimal("-0." + "9" * 38)] * 3 + [Decimal("0." + "0" * 37 + "1"), Decimal(0)],
        {"min": 1 - 10**38, "max": 1, "sum": 1 - 3 * (10**38 - 1), "distinct": 3},
    ),
    (decimal(28, 3), [Decimal("-0.001"), Decimal("0.5")], {"min": -1, "max": 500, "sum": 499, "distinct": 2}),
    (decimal(5, 0), [Decimal(-3), Decimal(4)], {"min": -3, "max": 4, "sum": 1, "distinct": 2}),
    (DATE, list(DAYS), {"min": -719_162, "max": 2_932_896, "sum": 2_213_734, "distinct": 2}),
    (TIME, [0, MIDNIGHT - 1], {"min": 0, "max": MIDNIGHT - 1, "sum": MIDNIGHT - 1, "distinct": 2}),
    (TIMESTAMP, list(MOMENTS), {"min": MOMENTS[0], "max": MOMENTS[1], "sum": sum(MOMENTS), "distinct": 2}),
    (TIMESTAMP, [-1, -1_000_001, None], {"min": -1_000_001, "max": -1, "sum": -1_000_002, "distinct": 2}),
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
        TEXT,
        ["a", "a ", "a\t", "a  ", "A", "ア"],
        {"min": "A", "max": "ア", "length": 10, "octets": 12, "empty": 0, "blank-ended": 2, "distinct": 6},
    ),
    (
        text(4000),
        ["x" * 4000, "🙂" * 2000, " "],
        {
            "length": 6001,
            "octets": 12_001,
            "empty": 0,
            "blank-ended": 1,
            "distinct": 3,
        },
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
    (
        binary(9),
        [b"a", b"a\x00", b"a\x00b"],
        {"min": "61", "max": "610062", "octets": 6, "empty": 0, "distinct": 3},
    ),
    (UUID, [each.bytes for each in IDS], {"min": str(IDS[0]), "max": str(IDS[1]), "distinct": 3}),
    (
        JSON_TEXT,
        ['{"한":1}', " []", "1", "\t\r\n {}", '"{"', ""],
        {"objects": 2, "arrays": 1, "length": 20, "octets": 22, "distinct": 6},
    ),
]


def computed(
    engine: Engine, type: LogicalType, values: list[Any], *, distinct: bool = True, hashes: bool = False
) -> Figures:
    target = table("t", column("c", type))
    run(engine, "DROP TABLE IF EXISTS t")
    create(engine, target)
    with engine.begin() as connection:
        inserting.insert(connection, target, batch(target, c=values))
    with engine.connect() as connection:
        return figures(connection, target, distinct=distinct, hashes=hashes)["c"]


@pytest.mark.parametrize(("type", "values", "expected"), CASES)
def test_figures_of_every_type(engine: Engine, type: LogicalType, values: list[Any], expected: Figures) -> None:
    counts = {"values": len(values) - values.count(None), "nulls": values.count(None)}
    given = {name: value for name, value in expected.items() if (type.kind, name) not in trials.untrusted(engine)}
    assert computed(engine, type, values) == counts | given


ABILITIES: list[tuple[str, tuple[LogicalType, ...], str, object]] = [
    # figure, its types, what the server must know for it, and the answer
    ("length", (TEXT, JSON_TEXT), "SELECT LEN(N'🙂.' COLLATE Latin1_General_100_CI_AS_SC)", 2),
    (
        "octets",
        (TEXT, JSON_TEXT),
        "SELECT DATALENGTH(CAST(N'한' COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(9)))",
        3,
    ),
    ("hash", (TEXT, JSON_TEXT), "SELECT DATALENGTH(N'한')", 2),
    ("hash", (BINARY,), "SELECT 1", 1),
    ("min", (TEXT,), "SELECT UNICODE(N'x')", 120),
    ("max", (TEXT,), "SELECT UNICODE(N'x')", 120),
    ("blank-ended", (TEXT,), "SELECT UNICODE(N'x')", 120),
    ("objects", (JSON_TEXT,), "SELECT PATINDEX(N'%[^ ]%', N' x')", 2),
    ("min", (BINARY,), "SELECT CONVERT(varchar(2), 0xAB, 2)", "AB"),
    ("octets", (BINARY,), "SELECT 1", 1),
    ("distinct", (TEXT, BINARY, JSON_TEXT), "SELECT 1", 1),
]


@pytest.mark.parametrize(("figure", "types", "query", "answer"), ABILITIES)
def test_no_figure_is_left_out_that_the_server_can_compute(
    engine: Engine,
    can: Callable[..., None],
    figure: str,
    types: tuple[LogicalType, ...],
    query: str,
    answer: object,
) -> None:
    can(f"{query} = {answer}", query, answer=answer)
    assert not {(type.kind, figure) for type in types} & trials.untrusted(engine)


@pytest.mark.parametrize("type", sorted({str(case[0]) for case in CASES}))
@pytest.mark.parametrize("values", [[], [None]], ids=["no rows", "only NULL"])
def test_of_no_values_counts_are_zero_and_the_rest_none(engine: Engine, type: str, values: list[None]) -> None:
    found = computed(engine, LogicalType.parse(type), values, hashes=True)
    nothing = {"min", "max", "sum", "length", "octets", "hash"}
    expected = {name: None if name in nothing else 0 for name in found} | {"nulls": len(values)}
    assert found == expected


def test_what_costs_much_is_computed_only_when_asked(engine: Engine) -> None:
    assert "distinct" not in computed(engine, INT64, [1], distinct=False)
    assert "hash" not in computed(engine, TEXT, ["a"])


@pytest.mark.parametrize(
    ("values", "given"),
    [
        (["🙂", "a"], False),
        (["\uffee", "a"], False),
        (["a\x01", "a"], False),
        (["a\x02", "a"], True),
        (["한\ud7ff", "a "], True),
    ],
)
def test_extremes_of_texts_whose_order_the_server_does_not_know_are_left_out(
    engine: Engine, values: list[str], given: bool
) -> None:
    found = computed(engine, TEXT, values)
    extremes = {name: found[name] for name in ("min", "max") if name in found}
    ordered = sorted(values, key=str.encode)
    assert extremes == ({"min": ordered[0], "max": ordered[-1]} if given else {})
    assert found["distinct"] == len(values)


TEXTS = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=12)


@given(TEXTS)
@settings(max_examples=30)
@example(["a", "a ", "a\x02", "a\x1f"])
@example(["🙂 ", "한", ""])
def test_figures_of_any_text(engine: Engine, values: list[str]) -> None:
    found = computed(engine, TEXT, values, hashes=True)
    expected: dict[str, Any] = {
        "values": len(values),
        "nulls": 0,
        "distinct": len(set(values)),
        "length": sum(map(len, values)) if values else None,
        "octets": sum(len(each.encode()) for each in values) if values else None,
        "empty": values.count(""),
        "blank-ended": sum(each.startswith(" ") or each.endswith(" ") for each in values),
        "min": min(values, key=str.encode, default=None),
        "max": max(values, key=str.encode, default=None),
        "hash": hashed([each.encode("utf-16-le") for each in values]) if values else None,
    }
    assert found == {name: expected[name] for name in found}


def hashed(values: list[bytes]) -> int:
    return sum(int.from_bytes(hashlib.sha256(each).digest()[:7]) for each in values)


@pytest.mark.parametrize("type", [TEXT, BINARY, JSON_TEXT])
def test_hashes_are_of_every_byte(engine: Engine, type: LogicalType) -> None:
    if (type.kind, "hash") in trials.untrusted(engine):
        pytest.skip("this server does not hash text in UTF-16")
    texts = ["", "a", "a ", "한🙂", "x" * 9000]
    values = [each.encode("utf-16-le") for each in texts]
    given: list[Any] = [*(values if type is BINARY else texts), None]
    assert computed(engine, type, given, hashes=True)["hash"] == hashed(values)


def exact_sum(values: list[float]) -> str | None:
    """The definition in `migrator.model.figures`, in rational numbers."""
    if not values:
        return None
    factor = Fraction(2) ** float_scale(max(map(abs, values)))
    scaled = [Fraction(value) * factor for value in values]
    high = sum(math.trunc(each) for each in scaled)
    low = sum(math.trunc((each - math.trunc(each)) * 2**52) for each in scaled)
    return f"{high}:{low}"


FLOATS = st.lists(st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False), max_size=30)


@given(FLOATS)
@settings(max_examples=25)
@example([1.7976931348623157e308, -1.7976931348623157e308, 2.0**-1022])
@example([2.0**-1021, 2.0**-1022, -(2.0**-1020)])
@example([1e16, 1.0, 1e-36, 1e-37])
@example([0.5, 0.25, 2.0**-53, 2.0**-105, 2.0**-104, 2.0**-103])
@example([-0.75, -0.3, 1e-20])
def test_sums_of_floats_are_exact_for_every_magnitude(engine: Engine, values: list[float]) -> None:
    found = computed(engine, FLOAT64, values)
    assert found["sum"] == exact_sum(values)
    assert found["min"] == (repr(min(values) + 0.0) if values else None)
    assert found["max"] == (repr(max(values) + 0.0) if values else None)


def test_the_order_of_rows_does_not_change_any_figure(engine: Engine) -> None:
    values = [0.1, -0.0, 0.0, 1e300, -1e300, 3.3]
    found = {
        str(computed(engine, FLOAT64, list(each)))
        for each in itertools.islice(itertools.permutations(values), 0, 720, 240)
    }
    assert len(found) == 1


def test_tables_wider_than_one_query_are_computed_in_parts(engine: Engine) -> None:
    kinds: list[tuple[LogicalType, Callable[[int], Any]]] = [(TEXT, str), (INT64, int), (FLOAT64, float)]
    columns = [column(f"c{n}", kinds[n % 3][0]) for n in range(300)]
    wide = table("wide", *columns)
    create(engine, wide)
    with engine.begin() as connection:
        values = {f"c{n}": [kinds[n % 3][1](n)] for n in range(300)}
        inserting.insert(connection, wide, batch(wide, **values))
    with engine.connect() as connection:
        found = figures(connection, wide, distinct=True, hashes=True)
    assert found["c297"]["max"] == "297"
    assert found["c299"]["max"] == "299.0"
    assert found["c298"]["sum"] == 298
    assert all(figures["values"] == 1 for figures in found.values())


@pytest.mark.parametrize("name", [WEIRD, BRACKETS])
def test_names_that_need_quoting_are_quoted(engine: Engine, can: Callable[..., None], name: str) -> None:
    if "]" in name:
        can(*HAS_BRACKETS, answer=1)
    target = table(name, *(column(f"{name}{{}}{n}", type) for n, (type, _, _) in enumerate(CASES)))
    create(engine, target)
    with engine.connect() as connection:
        found = figures(connection, target, distinct=True, hashes=True)
    assert {figures["values"] for figures in found.values()} == {0}
    run(engine, f"DROP TABLE {qualified(target.schema, name)}")


def test_generated_columns_have_figures_too(engine: Engine) -> None:
    target = table("t", column("a", INT64), column("b", INT64, generated="a * 2"))
    create(engine, target)
    with engine.begin() as connection:
        inserting.insert(connection, target, batch(target, a=[1, 2]))
    with engine.connect() as connection:
        assert figures(connection, target, distinct=False, hashes=False)["b"]["sum"] == 6
