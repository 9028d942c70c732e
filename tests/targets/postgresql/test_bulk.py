"""Every value arrives as it left: loaded with COPY, read back through ADBC, a path of its own."""

from __future__ import annotations

import itertools
import math
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from migrator.errors import ConnectionFailure, DataError
from migrator.model.plan import TablePlan, arrow_schema
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
from tests.targets.postgresql.plans import WEIRD, apply, array, batch, column, plan, table

DAYS = (-2_440_588, 2_932_896)
"""4713-11-24 BC, the first day PostgreSQL knows, and 9999-12-31."""
MOMENTS = (-210_866_803_200_000_000, 253_402_300_799_999_999)
"""The same in microseconds."""

VALUES: list[tuple[LogicalType, list[Any]]] = [
    (BOOL, [True, False]),
    (INT16, [-(2**15), -1, 0, 2**15 - 1]),
    (INT32, [-(2**31), -1, 0, 2**31 - 1]),
    (INT64, [-(2**63), -1, 0, 2**63 - 1]),
    (FLOAT64, [0.1, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan]),
    (decimal(38, 0), [Decimal("9" * 38), Decimal("-" + "9" * 38), Decimal(0), Decimal(10**37)]),
    (decimal(38, 38), [Decimal("0." + "9" * 38), Decimal("-0." + "0" * 37 + "1"), Decimal(0)]),
    (decimal(10, 4), [Decimal("123456.7890"), Decimal("-0.0001"), Decimal("10000")]),
    (decimal(1, 0), [Decimal(9), Decimal(-9)]),
    (TEXT, ["", " ", "a\r\nb\t", "한글", "🙂", "\\N", "\x01\x7f", "\ufeff", "x" * 70_000]),
    (text(3), ["", "abc", "한글🙂", "  a"]),
    (BINARY, [b"", b"\x00", b"\x00\xff" * 70_000, bytes(range(256))]),
    (DATE, [*DAYS, 0, -1, 10_957]),
    (TIME, [0, 1, 86_399_999_999]),
    (TIMESTAMP, [*MOMENTS, 0, -1, 946_684_800_000_000]),
    (TIMESTAMPTZ, [*MOMENTS, 0, -1, 946_684_800_000_000]),
    (UUID, [b"\x00" * 16, b"\xff" * 16, uuid.UUID(int=2**127 + 5).bytes]),
    (JSON, ['{"a": 1, "b": [true, null]}', '"한글"', "1.10", "[]"]),
    (JSON_TEXT, ['{"b":1,"a":2,"a":3}', '"\\u0000"', "  1.10 ", '"\\ud800"']),
]


def loaded(server: PostgreSQLServer, plan: TablePlan, *batches: pa.RecordBatch) -> pa.Table:
    """What the target holds after loading the batches."""
    with server.engine.begin() as connection:
        for each in batches:
            assert server.load(connection, plan, each) == each.num_rows
    return pa.Table.from_batches(list(server.read(plan)), arrow_schema(plan.columns))


def same(found: pa.Array, expected: pa.Array) -> bool:
    """Equal to the bit, NaN and the sign of zero included."""
    if pa.types.is_floating(expected.type):
        found, expected = (each.cast(pa.float64()).view(pa.int64()) for each in (found, expected))
    return bool(found.equals(expected))


@pytest.mark.parametrize(("type", "values"), VALUES, ids=str)
def test_values_of_every_type_arrive_as_they_left(
    server: PostgreSQLServer, type: LogicalType, values: list[Any]
) -> None:
    target = table("t", column("c", type))
    apply(server.engine, plan(target).steps)
    expected = array([None, *values, None], type.arrow)
    found = loaded(server, target, batch(target, c=[None, *values, None])).column("c").combine_chunks()
    assert same(found, expected)


RANDOM: dict[str, tuple[LogicalType, st.SearchStrategy[Any]]] = {
    "bool": (BOOL, st.booleans()),
    "int16": (INT16, st.integers(-(2**15), 2**15 - 1)),
    "int32": (INT32, st.integers(-(2**31), 2**31 - 1)),
    "int64": (INT64, st.integers(-(2**63), 2**63 - 1)),
    "float": (FLOAT64, st.floats()),
    "decimal": (decimal(38, 11), st.decimals(-(10**26), 10**26, places=11)),
    "text": (TEXT, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))),
    "binary": (BINARY, st.binary()),
    "date": (DATE, st.integers(*DAYS)),
    "time": (TIME, st.integers(0, 86_399_999_999)),
    "timestamp": (TIMESTAMP, st.integers(*MOMENTS)),
    "timestamptz": (TIMESTAMPTZ, st.integers(*MOMENTS)),
    "uuid": (UUID, st.binary(min_size=16, max_size=16)),
    "json": (
        JSON_TEXT,
        st.text(st.characters(min_codepoint=32, exclude_characters='"\\', exclude_categories=["Cs"])),
    ),
}
ROW = st.tuples(*(st.none() | values for _, values in RANDOM.values()))
MIXED = table("mixed", column("row", INT64), *(column(name, type) for name, (type, _) in RANDOM.items()))


@pytest.fixture
def load_mixed(server: PostgreSQLServer) -> Callable[[list[pa.RecordBatch]], pa.Table]:
    """Loads batches into the emptied table, and reads it in the order of its rows."""
    apply(server.engine, plan(MIXED).steps)

    def load(batches: list[pa.RecordBatch]) -> pa.Table:
        with server.engine.begin() as connection:
            connection.execute(sql("TRUNCATE mixed"))
        return loaded(server, MIXED, *batches).sort_by("row").combine_chunks()

    return load


@given(rows=st.lists(ROW, min_size=1, max_size=20), data=st.data())
@settings(max_examples=60)
def test_any_rows_arrive_as_they_left_in_batches_cut_anywhere(
    load_mixed: Callable[[list[pa.RecordBatch]], pa.Table], rows: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    columns = dict(zip(RANDOM, map(list, zip(*rows, strict=True)), strict=True))
    columns["json"] = [None if value is None else f'"{value}"' for value in columns["json"]]
    whole = batch(MIXED, row=list(range(len(rows))), **columns)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(rows)), max_size=4)) | {0, len(rows)})
    found = load_mixed([whole.slice(a, b - a) for a, b in itertools.pairwise(cuts)])
    for name, sent in zip(whole.schema.names, whole.columns, strict=True):
        assert same(found.column(name).chunk(0), sent), name


def test_generated_columns_are_not_sent_but_read(server: PostgreSQLServer) -> None:
    target = table("t", column("a", INT64), column("b", INT64, generated='"a" * 2'), column("c", TEXT))
    apply(server.engine, plan(target).steps)
    found = loaded(server, target, batch(target, a=[1, None], c=["x", "y"]))
    assert found.to_pylist() == [{"a": 1, "b": 2, "c": "x"}, {"a": None, "b": None, "c": "y"}]


def test_names_that_need_quoting_are_quoted(server: PostgreSQLServer) -> None:
    target = table(WEIRD, column(WEIRD, INT64), column("select", INT64), schema="스키마 %")
    apply(server.engine, plan(target, schema="스키마 %").steps)
    found = loaded(server, target, batch(target, **{WEIRD: [1], "select": [2]}))
    assert found.to_pylist() == [{WEIRD: 1, "select": 2}]


def test_large_values_and_wide_tables_arrive(server: PostgreSQLServer) -> None:
    wide = table("wide", *(column(f"c{n}", TEXT if n % 2 else INT64) for n in range(300)))
    large = table("large", column("t", TEXT), column("b", BINARY), column("j", JSON))
    apply(server.engine, plan(wide, large).steps)
    values = {f"c{n}": [f"한{n}" if n % 2 else n, None] for n in range(300)}
    assert loaded(server, wide, batch(wide, **values)).to_pydict() == values
    size = 5 << 20
    big = {"t": ["한" * size], "b": [b"\x00\xff" * size], "j": ['"' + "j" * size + '"']}
    assert loaded(server, large, batch(large, **big)).to_pydict() == big


@pytest.mark.parametrize(
    ("type", "value", "said"),
    [
        (TEXT, "secret\0value", 'invalid byte sequence for encoding "UTF8": 0x00 (SQLSTATE 22021)'),
        (text(3), "secret", "value too long for type character varying(3) (SQLSTATE 22001)"),
        (JSON, '{"secret"', "invalid input syntax for type json (SQLSTATE 22P02)"),
        (JSON, '"secret\\u0000"', "unsupported Unicode escape sequence (SQLSTATE 22P05)"),
        (DATE, -2_500_000, "date out of range (SQLSTATE 22008)"),
        (TIMESTAMP, -(2**62), "timestamp out of range (SQLSTATE 22008)"),
    ],
)
def test_a_refused_value_names_table_and_column_but_no_value(
    server: PostgreSQLServer, type: LogicalType, value: Any, said: str
) -> None:
    target = table("t", column("a", INT64), column("c", type))
    apply(server.engine, plan(target).steps)
    with server.engine.connect() as connection:
        with pytest.raises(DataError) as caught, connection.begin():
            server.load(connection, target, batch(target, a=[1], c=[value]))
        assert said in caught.value.what
        assert caught.value.where == "public.t, column c"
        assert "secret" not in str(caught.value)
        # The connection is usable again, and nothing was stored.
        assert connection.execute(sql("SELECT count(*) FROM t")).scalar() == 0


def test_a_decimal_beyond_the_column_is_refused(server: PostgreSQLServer) -> None:
    target = table("t", column("c", decimal(10, 2)))
    apply(server.engine, plan(target).steps)
    with server.engine.begin() as connection:
        connection.execute(sql("ALTER TABLE t ALTER c TYPE numeric(4,2)"))
    with pytest.raises(DataError, match="numeric field overflow"), server.engine.begin() as connection:
        server.load(connection, target, batch(target, c=[Decimal("1234.56")]))


def test_a_batch_of_other_types_is_a_mistake_of_the_caller(server: PostgreSQLServer) -> None:
    target = table("t", column("c", INT64))
    other = table("t", column("c", INT32))
    with (
        server.engine.connect() as connection,
        pytest.raises(TypeError, match=r"public\.t: the batch is c: int32"),
    ):
        server.load(connection, target, batch(other, c=[1]))


def test_a_server_that_goes_away_is_a_connection_failure(server: PostgreSQLServer) -> None:
    target = table("t", column("c", INT64))
    apply(server.engine, plan(target).steps)
    with server.engine.connect() as connection, server.engine.connect() as other:
        own = connection.execute(sql("SELECT pg_backend_pid()")).scalar()
        other.execute(sql("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": own})
        with pytest.raises(ConnectionFailure, match="connection to the server was lost"):
            server.load(connection, target, batch(target, c=[1]))


def test_a_batch_is_loaded_in_the_callers_transaction(server: PostgreSQLServer) -> None:
    target = table("t", column("c", INT64))
    apply(server.engine, plan(target).steps)
    with server.engine.connect() as connection:
        with connection.begin() as transaction:
            server.load(connection, target, batch(target, c=[1, 2]))
            transaction.rollback()
        with connection.begin():
            server.load(connection, target, batch(target, c=[3]))
    assert server.count(target) == 1


def test_an_empty_batch_is_loaded(server: PostgreSQLServer) -> None:
    target = table("t", column("c", INT64))
    apply(server.engine, plan(target).steps)
    assert loaded(server, target, batch(target, c=[])).num_rows == 0
