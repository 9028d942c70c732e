"""Reading in chunks: the same rows whatever the lane, the limits and the starting point; decisions carried out."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.errors import DataError
from migrator.model.findings import Resolution
from migrator.model.plan import Exclusion, ForeignKeyPlan, TablePlan, arrow_schema
from migrator.model.types import BINARY, DATE, FLOAT64, INT64, TEXT, TIMESTAMP, decimal, text
from migrator.sources import Chunk
from migrator.sources.sqlite import doubts, rows
from migrator.sources.sqlite.columnar import ColumnarReader
from migrator.sources.sqlite.encodings import NotColumnar
from migrator.sources.sqlite.positions import key_of, position_of
from migrator.sources.sqlite.read import TableReader
from migrator.sources.sqlite.source import SqliteSource
from migrator.sources.sqlite.values import SqliteValue
from tests.sources.sqlite.stored import broken, deciding, opened, planned, read, values_of
from tests.sources.sqlite.test_encodings import HINTS, INTEGERS, INVALID, ISO, JSONS, REALS, TEXTS, UUIDS

WIDE = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, i INT, n VARCHAR(9), r REAL, d DECIMAL(10,2), b BOOLEAN,"
    " at DATETIME, day DATE, u UUID, j JSON, x BLOB)"
)


def wide_row(at: int) -> tuple[SqliteValue, ...]:
    if at % 10 == 9:
        return (at, *[None] * 10)
    u = f"{at:08x}-0000-4000-8000-000000000000"
    time = f"2024-01-{1 + at % 28:02} 10:00:00.{at:06}"
    return (
        at,
        -at,
        f"한국 {at}",
        at / 7,
        at / 4,
        at % 2,
        time,
        time[:10],
        u,
        json.dumps({"a": at}),
        bytes([at % 256]),
    )


def without_columnar(source: SqliteSource, plan: TablePlan, **limits: Any) -> list[Chunk]:
    """Every chunk by the per-value lane, and value by value."""

    def refuse(*_: object) -> None:
        raise NotColumnar("on purpose")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TableReader, "columnar", lambda *_: False)
        patch.setattr(rows, "vectorised", refuse)
        return read(source, plan, **limits)


def assert_same(one: Sequence[Chunk], other: Sequence[Chunk]) -> None:
    assert [(each.position, each.read, each.rejected, each.altered) for each in one] == [
        (each.position, each.read, each.rejected, each.altered) for each in other
    ]
    for left, right in zip(one, other, strict=True):
        assert left.batch.schema.equals(right.batch.schema, check_metadata=True)
        assert left.batch.equals(right.batch)
        left.batch.validate(full=True)


def test_both_lanes_give_the_same_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(WIDE, rows=map(wide_row, range(250))) as source:
        plan = planned(source)
        used = []
        original = ColumnarReader.read
        monkeypatch.setattr(ColumnarReader, "read", lambda *args: used.append(1) or original(*args))
        fast = read(source, plan, max_rows=100)
        assert len(used) == 3
        slow = without_columnar(source, plan, max_rows=100)
        assert len(used) == 3
        assert_same(fast, slow)
        assert [each.read for each in fast] == [100, 100, 50]
        assert fast[0].batch.schema.equals(arrow_schema(plan.columns), check_metadata=True)
        assert values_of(fast)[3][2] == "한국 3"


@given(
    st.sampled_from(HINTS),
    st.one_of(*(st.lists(st.none() | each, max_size=6) for each in (INTEGERS, REALS, TEXTS, ISO, UUIDS, JSONS))),
    st.booleans(),
)
def test_lanes_agree_on_any_values(declared: str, values: list[SqliteValue], odd: bool) -> None:
    """Also where the plan was made for other values: then both refuse, or neither."""
    with opened(f"CREATE TABLE t (v {declared})", rows=[(value,) for value in values]) as source:
        plan = planned(source)
        assert_lanes_agree(source, plan)
        if odd:
            for kind, encoding in (
                (TIMESTAMP, "iso:YYYY-MM-DD hh:mm:ss"),
                (decimal(12, 2), "number"),
                (TEXT, "text"),
            ):
                column = replace(plan.columns[0], type=kind, encoding=encoding)
                assert_lanes_agree(source, replace(plan, columns=(column,)))


def assert_lanes_agree(source: SqliteSource, plan: TablePlan) -> None:
    try:
        fast: list[Chunk] | str = read(source, plan, max_rows=4)
    except DataError as error:
        fast = str(error)
    try:
        slow: list[Chunk] | str = without_columnar(source, plan, max_rows=4)
    except DataError as error:
        slow = str(error)
    if isinstance(fast, str) or isinstance(slow, str):
        assert fast == slow
    else:
        assert_same(fast, slow)


def test_reading_goes_on_behind_any_position() -> None:
    with opened(WIDE, rows=map(wide_row, range(0, 90, 3))) as source:
        plan = planned(source)
        chunks = read(source, plan, max_rows=7)
        for at, chunk in enumerate(chunks):
            position = tuple(json.loads(json.dumps(chunk.position)))
            assert_same(read(source, plan, max_rows=7, after=position), chunks[at + 1 :])


def test_chunks_respect_bytes_and_hold_one_row_at_least() -> None:
    content = [(at, "x" * size) for at, size in enumerate([10, 10, 3000, 10, 900, 900, 10])]
    with opened("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)", rows=content) as source:
        plan = planned(source)
        chunks = read(source, plan, max_bytes=1000)
        assert [each.read for each in chunks] == [2, 1, 2, 2]
        assert_same(chunks, without_columnar(source, plan, max_bytes=1000))
        for at in range(3):
            assert_same(read(source, plan, max_bytes=1000, after=chunks[at].position), chunks[at + 1 :])


def test_values_of_5_megabytes_are_read_a_few_at_a_time() -> None:
    content = [(at, bytes([at]) * 5_000_000) for at in range(8)]
    with opened("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)", rows=content) as source:
        chunks = read(source, planned(source), max_bytes=12_000_000)
        assert [each.read for each in chunks] == [2, 2, 2, 2]
        assert values_of(chunks)[7][1] == b"\7" * 5_000_000


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_empty_and_exactly_filled_chunks(rows: int) -> None:
    with opened("CREATE TABLE t (id INTEGER PRIMARY KEY)", rows=[(at,) for at in range(rows)]) as source:
        plan = planned(source)
        assert sum(chunk.read for chunk in read(source, plan, max_rows=5)) == rows
        assert source.count(plan) == rows


def test_rowids_may_be_negative_and_shadowed() -> None:
    content = [(-5, "a"), (2**63 - 1, "c"), (0, "b")]
    with opened("CREATE TABLE t (id INTEGER PRIMARY KEY, v)", rows=content) as source:
        assert [row[1] for row in values_of(read(source, planned(source), max_rows=1))] == ["a", "b", "c"]
    with opened("CREATE TABLE t (rowid TEXT, oid TEXT)", rows=[("b", "1"), ("a", "2")]) as source:
        assert values_of(read(source, planned(source), max_rows=1)) == [("b", "1"), ("a", "2")]
    with opened("CREATE TABLE t (rowid, oid, _rowid_)", rows=[(3, 1, "x"), (3, 1, "x"), (1, 1, "y")]) as source:
        chunks = read(source, planned(source), max_rows=2)
        assert values_of(chunks) == [(3, 1, "x"), (3, 1, "x"), (1, 1, "y")]
        assert values_of(read(source, planned(source), max_rows=2, after=chunks[0].position)) == [(1, 1, "y")]


def test_positions_hold_no_secret_key() -> None:
    ddl = "CREATE TABLE t (token TEXT PRIMARY KEY, n) WITHOUT ROWID"
    with opened(ddl, rows=[(f"hunter{n}", n) for n in range(5)]) as source:
        plan = planned(source)
        chunks = read(source, plan, max_rows=2)
        assert [chunk.position for chunk in chunks] == [(2,), (4,), (5,)]
        assert values_of(read(source, plan, max_rows=2, after=(4,))) == [("hunter4", 4)]


KEYS = st.one_of(INTEGERS, REALS, TEXTS, INVALID, st.binary(max_size=4))


@given(
    st.sampled_from(["", "TEXT", "TEXT COLLATE NOCASE", "INTEGER", "BLOB", "REAL"]),
    st.lists(st.tuples(KEYS, KEYS)),
)
@settings(max_examples=50)
def test_without_rowid_tables_are_read_in_key_order(
    declared: str, keys: list[tuple[SqliteValue, SqliteValue]]
) -> None:
    ddl = f"CREATE TABLE t (a {declared}, b, n, PRIMARY KEY (a, b) ON CONFLICT REPLACE) WITHOUT ROWID"
    with opened(ddl, rows=[(a, b, at) for at, (a, b) in enumerate(keys)]) as source:
        plan = planned(source, change=lambda column: replace(column, type=BINARY, encoding="any"))
        every = values_of(read(source, plan))
        chunks = read(source, plan, max_rows=1)
        assert values_of(chunks) == every
        assert len(every) == source.count(plan)
        for chunk in chunks:
            assert len(json.dumps(chunk.position)) > 0


def test_a_key_may_hold_what_its_column_takes_for_equal() -> None:
    ddl = "CREATE TABLE t (a TEXT COLLATE NOCASE, PRIMARY KEY (a COLLATE BINARY)) WITHOUT ROWID"
    with opened(ddl, rows=[("b",), ("B",), ("a",), ("A",)]) as source:
        assert values_of(read(source, planned(source), max_rows=1)) == [("A",), ("B",), ("a",), ("b",)]


@given(st.lists(st.none() | KEYS))
def test_positions_come_back_from_json(key: list[SqliteValue]) -> None:
    marks = json.loads(json.dumps(position_of(key), allow_nan=False))
    assert repr(list(key_of(tuple(marks), "utf-8"))) == repr(key)


# What to do with values that do not fit.

BAD = [(1, "ok"), (2, "a\0b"), (3, broken(b"a\xff")), (4, None)]
DDL = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)"


def test_stop_names_table_column_and_key() -> None:
    with opened(DDL, rows=BAD) as source, pytest.raises(DataError) as caught:
        read(source, planned(source))
    assert str(caught.value) == (
        "A value cannot become text: text with a NUL character.\n"
        "  where: t.v, row 2: a\\x00b\n"
        "  to do: Plan again to see every such value and what can be done, or choose with --on-invalid."
    )


def test_values_of_secret_columns_are_not_shown() -> None:
    content = [("hush\0",)]
    with (
        opened("CREATE TABLE t (token TEXT PRIMARY KEY)", rows=content) as source,
        pytest.raises(DataError) as caught,
    ):
        read(source, planned(source))
    assert "hush" not in str(caught.value)
    assert "t.token, row •••: •••" in str(caught.value)


@pytest.mark.parametrize(
    ("resolution", "values", "altered", "rejected"),
    [
        (Resolution.NULL, ["ok", None, None, None], (("v", 2),), []),
        (Resolution.REPLACE, ["ok", "a\ufffdb", "a\ufffd", None], (("v", 2),), []),
        (Resolution.QUARANTINE, ["ok", None], (), [((2,), False), ((3,), False)]),
        (Resolution.SKIP, ["ok", None], (), [((2,), True), ((3,), True)]),
    ],
)
@pytest.mark.parametrize("prepared", [False, True])
def test_decisions_on_invalid_text(
    resolution: Resolution, values: list[str | None], altered: Any, rejected: Any, prepared: bool
) -> None:
    with opened(DDL, rows=BAD) as source:
        plan = planned(source, change=deciding(resolution))
        if prepared:
            source.prepare((plan,))
        (chunk,) = read(source, plan)
    assert [row[1] for row in values_of([chunk])] == values
    assert (chunk.altered, chunk.read) == (altered, 4)
    assert [(each.key, each.skip) for each in chunk.rejected] == rejected
    if rejected:
        assert chunk.rejected[0].reason == "v: text with a NUL character"
        assert [each.values for each in chunk.rejected] == [
            {"id": "2", "v": "x'610062'"},
            {"id": "3", "v": "x'61ff'"},
        ]


def test_replace_does_not_help_values_of_another_type() -> None:
    with opened("CREATE TABLE t (v)", rows=[("n/a",)]) as source, pytest.raises(DataError):
        read(source, planned(source, change=deciding(Resolution.REPLACE, v=(INT64, "integer"))))


def test_values_of_rejected_rows_do_not_count_as_altered() -> None:
    with opened("CREATE TABLE t (a INTEGER, b TEXT)", rows=[("x", "n\0"), (1, "n\0")]) as source:
        plan = planned(source)
        a, b = plan.columns
        a = replace(a, type=INT64, encoding="integer", on_invalid=Resolution.SKIP)
        b = replace(b, on_invalid=Resolution.NULL)
        (chunk,) = read(source, replace(plan, columns=(a, b)))
    assert values_of([chunk]) == [(1, None)]
    assert chunk.altered == (("b", 1),)


def test_widened_columns_hold_invalid_text_as_bytes() -> None:
    with opened(DDL, rows=BAD) as source:
        plan = planned(source, change=deciding(Resolution.WIDEN, v=(BINARY, "any")))
        assert [row[1] for row in values_of(read(source, plan))] == [b"ok", b"a\0b", b"a\xff", None]


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_utf16_databases(encoding: str) -> None:
    codec = encoding.lower().replace("utf-16", "utf-16-")
    lone = broken("\ud800".encode(codec, "surrogatepass"), codec)
    with opened(DDL, rows=[(1, "한😀\n"), (2, ""), (3, lone)], encoding=encoding) as source:
        plan = planned(source, change=deciding(Resolution.REPLACE))
        assert [row[1] for row in values_of(read(source, plan))] == ["한😀\n", "", "\ufffd"]
        with pytest.raises(DataError, match="not valid"):
            read(source, planned(source))


def test_generated_columns_are_left_out_when_only_loaded_ones_are_asked() -> None:
    with opened("CREATE TABLE t (a INT, b INT AS (a * 2))", "INSERT INTO t VALUES (4)") as source:
        plan = planned(source)
        assert values_of(read(source, plan)) == [(4, 8)]
        computed = replace(plan, columns=(plan.columns[0], replace(plan.columns[1], generated="a * 2")))
        (chunk,) = source.chunks(computed, loaded_only=True)
        assert chunk.batch.schema.names == ["a"]


def test_data_that_changed_since_the_plan_is_refused_not_converted() -> None:
    """A saved plan promises nothing about the values that meet it."""
    for declared, value, kind, encoding in [
        ("", 5, TEXT, "text"),
        ("", "5", INT64, "integer"),
        ("", 2**53 + 1, FLOAT64, "real"),
        ("DATE", "2024-02-30", DATE, "iso:YYYY-MM-DD"),
        ("", "text", BINARY, "blob"),
        ("VARCHAR", "abcd", text(3), "text"),
        ("DECIMAL", 1.005, decimal(5, 2), "number"),
    ]:
        with opened(f"CREATE TABLE t (v {declared})", rows=[(value,)]) as source, pytest.raises(DataError):
            read(source, planned(source, change=deciding(Resolution.STOP, v=(kind, encoding))))


def test_the_columnar_lane_gives_way_where_it_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise NotColumnar("on purpose")

    with opened(WIDE, rows=map(wide_row, range(20))) as source:
        plan = planned(source)
        fast = read(source, plan, max_rows=6)
        monkeypatch.setattr(ColumnarReader, "read", refuse)
        assert_same(fast, read(source, plan, max_rows=6))


def test_floats_arrive_bit_for_bit() -> None:
    floats = [0.1 + 0.2, 1.7976931348623157e308, 5e-324, -0.0, math.inf, -math.inf, 123456789.12345679]
    # A REAL column would store -0.0 as the integer 0.
    with opened("CREATE TABLE t (id INTEGER PRIMARY KEY, v)", rows=enumerate(floats)) as source:
        found = [row[1] for row in values_of(read(source, planned(source)))]
    assert [each.hex() for each in found] == [each.hex() for each in floats]


# Rows left out.

FAMILY = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY, up INTEGER REFERENCES p)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p, v TEXT)",
    "CREATE TABLE g (t INTEGER REFERENCES t, w TEXT, PRIMARY KEY (t, w)) WITHOUT ROWID",
    "INSERT INTO p VALUES (1, NULL), (2, 1), (3, 99), (4, 3), (5, 5)",
    "INSERT INTO t VALUES (10, 1, 'a'), (11, 4, 'b'), (12, NULL, 'c'), (13, 77, 'd')",
    "INSERT INTO g VALUES (10, 'x'), (11, 'y'), (13, 'z'), (12, 'Z')",
)


def family(source: SqliteSource, p: Resolution, t: Resolution, g: Resolution) -> tuple[TablePlan, ...]:
    return (
        planned(source, "p", exclusions=(Exclusion(("up",), "p", ("id",), p),)),
        planned(source, "t", exclusions=(Exclusion(("p",), "p", ("id",), t),)),
        planned(source, "g", exclusions=(Exclusion(("t",), "t", ("id",), g),)),
    )


def test_rows_without_parent_are_left_out_and_so_are_those_that_refer_to_them() -> None:
    with opened(*FAMILY) as source:
        plans = family(source, Resolution.QUARANTINE, Resolution.SKIP, Resolution.QUARANTINE)
        source.prepare(plans)
        p, t, g = (read(source, plan, max_rows=2) for plan in plans)
        assert values_of(p) == [(1, None), (2, 1), (5, 5)]
        assert values_of(t) == [(10, 1, "a"), (12, None, "c")]
        assert values_of(g) == [(10, "x"), (12, "Z")]
        assert [(each.key, each.skip) for chunk in p for each in chunk.rejected] == [((3,), False), ((4,), False)]
        assert [(each.key, each.skip) for chunk in t for each in chunk.rejected] == [((11,), True), ((13,), True)]
        assert [each.key for chunk in g for each in chunk.rejected] == [(11, "y"), (13, "z")]
        (rejected,) = p[1].rejected[:1]
        assert rejected.reason == "up: no row of p to refer to"
        assert rejected.values == {"id": "3", "up": "99"}
        assert [chunk.read for chunk in p] == [2, 2, 1]
        assert source.count(plans[0]) == 5


def test_preparing_again_forgets_the_first_time() -> None:
    with opened(*FAMILY) as source:
        source.prepare(family(source, Resolution.SKIP, Resolution.SKIP, Resolution.SKIP))
        plans = tuple(planned(source, name) for name in "ptg")
        source.prepare(plans)
        assert len(values_of(read(source, plans[0]))) == 5


def test_rows_that_refer_to_a_quarantined_row_follow_it() -> None:
    ddl = (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p)",
        "INSERT INTO p VALUES (1, 'a'), (2, 'b' || char(0))",
        "INSERT INTO t VALUES (1, 1), (2, 2), (3, NULL)",
    )
    key = ForeignKeyPlan("t_p_fkey", ("p",), "public", "p", ("id",))
    with opened(*ddl) as source:
        plans = (planned(source, "p", deciding(Resolution.QUARANTINE)), planned(source, foreign_keys=(key,)))
        source.prepare(plans)
        assert values_of(read(source, plans[0])) == [(1, "a")]
        (chunk,) = read(source, plans[1])
        assert values_of([chunk]) == [(1, 1), (3, None)]
        assert [(each.key, each.skip) for each in chunk.rejected] == [((2,), False)]


def test_clean_columns_cost_no_conversion_when_preparing(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(WIDE, rows=map(wide_row, range(20))) as source:
        plan = planned(source, change=deciding(Resolution.QUARANTINE))
        monkeypatch.setattr(doubts, "_objected", lambda *_: pytest.fail("tried single values"))
        source.prepare((plan,))
        assert sum(chunk.batch.num_rows for chunk in read(source, plan)) == 20


def test_a_batch_without_columns_still_counts_its_rows() -> None:
    with opened("CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1), (2)") as source:
        plan = planned(source)
        computed = replace(plan, columns=(replace(plan.columns[0], generated="1"),))
        (chunk,) = source.chunks(computed, loaded_only=True)
        assert (chunk.read, chunk.batch.num_rows) == (2, 2)
