"""Reading back: streamed in bounded batches, exact, and a column changed since is named."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest
from sqlalchemy import Engine

from migrator.errors import DataError
from migrator.model.plan import arrow_schema
from migrator.model.types import (
    BOOL,
    DATE,
    INT32,
    INT64,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    LogicalType,
    decimal,
)
from migrator.targets.mssql import readback
from migrator.targets.mssql.readback import BATCH_OCTETS, NARROW_OCTETS, read
from tests.targets.mssql.plans import column, create, run, table

NUMBERS = table("numbers", column("n", INT64), column("t", TEXT))
DIGITS = "(VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9))"
NUMBERED = f"SELECT a.d + 10*b.d + 100*c.d + 1000*e.d + 1 AS n FROM {DIGITS} a(d), {DIGITS} b(d), {DIGITS} c(d)"


def fill(engine: Engine, rows: int, text: str = "REPLICATE(N'x', 10)") -> None:
    """At most 10,000 rows."""
    create(engine, NUMBERS)
    numbered = f"{NUMBERED}, {DIGITS} e(d)"
    run(engine, f"INSERT INTO numbers SELECT n, {text} FROM ({numbered}) x WHERE n <= {rows}")


def test_batches_have_the_canonical_schema_and_at_most_so_many_rows(engine: Engine) -> None:
    fill(engine, 1000)
    batches = list(read(engine, NUMBERS, 300))
    assert all(batch.schema.equals(arrow_schema(NUMBERS.columns), check_metadata=True) for batch in batches)
    assert [batch.num_rows for batch in batches] == [300, 300, 300, 100]
    assert sorted(n for batch in batches for n in batch["n"].to_pylist()) == list(range(1, 1001))


def test_an_empty_table_gives_no_rows(engine: Engine) -> None:
    fill(engine, 0)
    assert list(read(engine, NUMBERS, 10)) == []


@pytest.mark.parametrize("length", [NARROW_OCTETS // 2, NARROW_OCTETS, 2 * NARROW_OCTETS])
def test_short_and_long_values_all_come_once(engine: Engine, length: int) -> None:
    fill(engine, 100, f"REPLICATE(CAST(N'x' AS nvarchar(max)), {length} - 50 + n)")
    run(engine, "UPDATE numbers SET t = NULL WHERE n = 7", "UPDATE numbers SET t = N'' WHERE n = 8")
    found = pa.Table.from_batches(list(read(engine, NUMBERS, 1000))).sort_by("n").to_pydict()
    expected = ["x" * (length - 50 + n) for n in range(1, 101)]
    expected[6:8] = [None, ""]
    assert found == {"n": list(range(1, 101)), "t": expected}


def test_a_large_table_is_streamed_in_bounded_batches(engine: Engine) -> None:
    fill(engine, 600, "REPLICATE(CAST(N'x' AS nvarchar(max)), 200000)")
    before = pa.total_allocated_bytes()
    sizes = [batch.nbytes for batch in read(engine, NUMBERS, 50_000)]
    assert sum(sizes) > 100_000_000
    assert max(sizes) < BATCH_OCTETS
    assert pa.total_allocated_bytes() <= before


def test_a_reader_that_stops_early_leaves_the_connection_usable(engine: Engine) -> None:
    fill(engine, 10_000, "REPLICATE(N'x', 1000)")
    for _ in range(20):  # more often than the pool has connections
        rows = read(engine, NUMBERS, 100)
        assert next(rows).num_rows == 100
        rows.close()  # type: ignore[attr-defined]
    assert run(engine, "SELECT COUNT(*) FROM numbers") == [10_000]
    run(engine, "DROP TABLE numbers")


@pytest.mark.parametrize(
    ("planned", "actual", "value"),
    [
        (decimal(10, 2), "decimal(10,3)", "1.234"),
        (INT32, "bigint", "3000000000"),
        (INT64, "nvarchar(9)", "N'secret'"),
        (BOOL, "nvarchar(9)", "N'secret'"),
        (UUID, "nvarchar(9)", "N'secret'"),
        (UUID, "nvarchar(99)", "N'0123456789abcdef0123456789abcdef00'"),
    ],
)
def test_a_column_changed_since_is_named_not_cast(
    engine: Engine, planned: LogicalType, actual: str, value: str
) -> None:
    changed_is_named(engine, planned, actual, value)


@pytest.mark.parametrize(
    ("planned", "actual", "value"),
    [
        (TIME, "time(7)", "'12:00:00.0000001'"),
        (TIMESTAMP, "datetime2(7)", "'2024-02-29 12:00:00.0000001'"),
        (TIMESTAMP, "datetime2(7)", "'0001-01-01 00:00:00.0000009'"),
        (TIMESTAMPTZ, "datetimeoffset(7)", "'2024-02-29 12:00:00.0000001 +09:00'"),
    ],
)
def test_digits_beyond_microseconds_are_not_cut(
    engine: Engine, can: Callable[..., None], planned: LogicalType, actual: str, value: str
) -> None:
    can("100 ns", "SELECT DATEPART(nanosecond, CAST('12:00:00.0000001' AS time(7)))", answer=100)
    changed_is_named(engine, planned, actual, value)


def changed_is_named(engine: Engine, planned: LogicalType, actual: str, value: str) -> None:
    run(engine, f"CREATE TABLE t (a int, c {actual})", f"INSERT INTO t VALUES (1, NULL), (2, {value})")
    target = table("t", column("a", INT32), column("c", planned))
    with pytest.raises(DataError) as caught:
        list(read(engine, target, 10))
    assert caught.value.what == f"The target holds a value that is no {planned}."
    assert caught.value.where == "dbo.t, column c"
    assert "secret" not in str(caught.value)


def test_moments_with_any_offset_are_read_in_utc(engine: Engine) -> None:
    values = ["'1969-12-31 23:59:59.999999 +00:00'", "'1970-01-01 09:00:00 +09:00'", "'0001-01-01 00:00 -14:00'"]
    run(engine, "CREATE TABLE t (c datetimeoffset(7))", *(f"INSERT INTO t VALUES ({each})" for each in values))
    (found,) = read(engine, table("t", column("c", TIMESTAMPTZ)), 10)
    assert sorted(found["c"].cast(pa.int64()).to_pylist()) == [-62_135_596_800_000_000 + 14 * 3600 * 10**6, -1, 0]


def test_a_table_that_is_gone_is_a_data_error(engine: Engine) -> None:
    with pytest.raises(DataError) as caught:
        list(read(engine, NUMBERS, 10))
    assert caught.value.where == "dbo.numbers"


def test_long_values_are_not_looked_for_where_the_types_have_none(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = table("t", column("c", DATE))
    create(engine, target)
    queries: list[str] = []
    query = readback._query

    def recorded(*arguments: object) -> str:
        queries.append(query(*arguments))  # type: ignore[arg-type]
        return queries[-1]

    monkeypatch.setattr(readback, "_query", recorded)
    list(read(engine, target, 10))
    assert len(queries) == 1 and "WHERE" not in queries[0]
