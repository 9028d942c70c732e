"""Every value arrives as it left, through bulk copy and through array INSERTs, and a batch whole or not at all."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from migrator.errors import DataError
from migrator.model.plan import TablePlan, arrow_schema
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
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql import bulk
from migrator.targets.mssql.bulk import copying
from migrator.targets.mssql.bulk.inserting import BUFFER_OCTETS
from migrator.targets.mssql.names import qualified, quote
from migrator.targets.mssql.readback import read
from migrator.targets.mssql.tuples import DAYS, MOMENTS
from tests.targets.mssql.conftest import DRIVERS
from tests.targets.mssql.conftest import REFUSED as REFUSED_BY_SERVER
from tests.targets.mssql.plans import BRACKETS, HAS_BRACKETS, WEIRD, array, batch, column, create, run, table

VALUES: list[tuple[LogicalType, list[Any]]] = [
    (BOOL, [True, False]),
    (INT16, [-(2**15), -1, 0, 2**15 - 1]),
    (INT32, [-(2**31), -1, 0, 2**31 - 1]),
    (INT64, [-(2**63), -1, 0, 2**63 - 1]),
    (FLOAT64, [0.1, 1 / 3, -0.0, 2.2250738585072014e-308, 1.7976931348623157e308, -1e-300]),
    (decimal(38, 0), [Decimal("9" * 38), Decimal("-" + "9" * 38), Decimal(0), Decimal(10**37)]),
    (decimal(38, 38), [Decimal("0." + "9" * 38), Decimal("-0." + "0" * 37 + "1"), Decimal(0)]),
    (decimal(10, 4), [Decimal("123456.7890"), Decimal("-0.0001"), Decimal("10000")]),
    (decimal(1, 0), [Decimal(9), Decimal(-9)]),
    (TEXT, ["", " ", "a  ", "a\r\nb\t", "한글", "🙂", "\\N", "\x01\x7f", "\ufeff\uffff", "x" * 70_000, "e\u0301"]),
    (TEXT, ["x" * 4000, "🙂" * 2000, "🙂" * 2001, "한" * 4000]),
    (text(3), ["", "abc", "한🙂", "  a", "a  "]),
    (text(4000), ["x" * 4000, "🙂" * 2000, "", "한" * 4000]),
    (BINARY, [b"", b"\x00", b"\x00\xff" * 70_000, bytes(range(256)), b"\x00" * 8000, b"a\x00"]),
    (binary(3), [b"", b"\x00", b"abc", b"a\x00"]),
    (DATE, [*DAYS, 0, -1, 10_957]),
    (TIME, [0, 1, 86_399_999_999]),
    (TIMESTAMP, [*MOMENTS, 0, -1, 946_684_800_000_000]),
    (TIMESTAMPTZ, [*MOMENTS, 0, -1, 946_684_800_000_000]),
    (UUID, [b"\x00" * 16, b"\xff" * 16, uuid.UUID(int=2**127 + 5).bytes, bytes(range(16))]),
    (JSON_TEXT, ['{"b":1,"a":2,"a":3}', '"\\u0000"', "  1.10 ", '"\\ud800"', '"한글🙂"']),
]


def load(engine: Engine, plan: TablePlan, *batches: pa.RecordBatch) -> None:
    with engine.begin() as connection:
        for each in batches:
            assert bulk.load(connection, plan, each) == each.num_rows


def stored(engine: Engine, plan: TablePlan) -> pa.Table:
    """What the target holds."""
    return pa.Table.from_batches(list(read(engine, plan, 50_000)), arrow_schema(plan.columns))


def loaded(engine: Engine, plan: TablePlan, *batches: pa.RecordBatch) -> pa.Table:
    """What the target holds after loading the batches."""
    load(engine, plan, *batches)
    return stored(engine, plan)


def same(found: pa.Array, expected: pa.Array) -> bool:
    """Equal to the bit, the sign of zero included."""
    if pa.types.is_floating(expected.type):
        found, expected = (each.cast(pa.float64()).view(pa.int64()) for each in (found, expected))
    return bool(found.equals(expected))


@pytest.mark.parametrize(("type", "values"), VALUES, ids=str)
def test_values_of_every_type_arrive_as_they_left(engine: Engine, type: LogicalType, values: list[Any]) -> None:
    target = table("t", column("n", INT32), column("c", type))
    create(engine, target)
    values = [None, *values, None]
    found = loaded(engine, target, batch(target, n=list(range(len(values))), c=values)).sort_by("n")
    assert same(found.column("c").combine_chunks(), array(values, type.arrow))


def test_what_bulk_copy_cannot_name_arrives_too(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "can_copy", lambda _: False)
    target = table("t", column("n", INT32), *(column(f"c{at}", type) for at, (type, _) in enumerate(VALUES)))
    create(engine, target)
    rows = max(len(values) for _, values in VALUES) + 1
    values = {f"c{at}": [*each, *[None] * (rows - len(each))] for at, (_, each) in enumerate(VALUES)}
    sent = batch(target, n=list(range(rows)), **values)
    found = loaded(engine, target, sent).sort_by("n").combine_chunks()
    for name, expected in zip(sent.schema.names, sent.columns, strict=True):
        assert same(found.column(name).chunk(0), expected), name


def test_a_column_of_nulls_arrives(engine: Engine) -> None:
    target = table("t", *(column(f"c{n}", type) for n, (type, _) in enumerate(VALUES)))
    create(engine, target)
    values = {f"c{n}": [None] * 3 for n in range(len(VALUES))}
    assert loaded(engine, target, batch(target, **values)).to_pydict() == values


RANDOM: dict[str, tuple[LogicalType, st.SearchStrategy[Any]]] = {
    "bool": (BOOL, st.booleans()),
    "int16": (INT16, st.integers(-(2**15), 2**15 - 1)),
    "int32": (INT32, st.integers(-(2**31), 2**31 - 1)),
    "int64": (INT64, st.integers(-(2**63), 2**63 - 1)),
    "float": (FLOAT64, st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)),
    "decimal": (decimal(38, 11), st.decimals(-(10**26), 10**26, places=11)),
    "text": (TEXT, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))),
    "short": (text(40), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)),
    "binary": (BINARY, st.binary()),
    "date": (DATE, st.integers(*DAYS)),
    "time": (TIME, st.integers(0, 86_399_999_999)),
    "timestamp": (TIMESTAMP, st.integers(*MOMENTS)),
    "timestamptz": (TIMESTAMPTZ, st.integers(*MOMENTS)),
    "uuid": (UUID, st.binary(min_size=16, max_size=16)),
}
ROW = st.tuples(*(st.none() | values for _, values in RANDOM.values()))
MIXED = table("mixed", column("row", INT64), *(column(name, type) for name, (type, _) in RANDOM.items()))


@pytest.fixture
def load_mixed(engine: Engine) -> Callable[[list[pa.RecordBatch]], pa.Table]:
    """Loads batches into the emptied table, and reads it in the order of its rows."""
    create(engine, MIXED)

    def load(batches: list[pa.RecordBatch]) -> pa.Table:
        run(engine, "DELETE FROM mixed")
        return loaded(engine, MIXED, *batches).sort_by("row").combine_chunks()

    return load


@given(rows=st.lists(ROW, min_size=1, max_size=20), data=st.data())
@settings(max_examples=25)
def test_any_rows_arrive_as_they_left_in_batches_cut_anywhere(
    load_mixed: Callable[[list[pa.RecordBatch]], pa.Table], rows: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    columns = dict(zip(RANDOM, map(list, zip(*rows, strict=True)), strict=True))
    whole = batch(MIXED, row=list(range(len(rows))), **columns)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(rows)), max_size=2)) | {0, len(rows)})
    found = load_mixed([whole.slice(a, b - a) for a, b in itertools.pairwise(cuts)])
    for name, sent in zip(whole.schema.names, whole.columns, strict=True):
        assert same(found.column(name).chunk(0), sent), name


def test_the_character_u0000_arrives(engine: Engine, can: Callable[..., None]) -> None:
    query = "SELECT DATALENGTH(N'a' + NCHAR(0) + N'b')"
    can("U+0000 in text", query, answer=6)
    target = table("t", column("c", TEXT), column("d", text(9)))
    create(engine, target)
    values = {"c": ["a\0b", "\0", "\0" * 9000], "d": ["a\0b", "\0", "\0" * 9]}
    found = loaded(engine, target, batch(target, **values)).to_pylist()
    assert sorted(row["c"] for row in found) == sorted(values["c"])
    assert sorted(row["d"] for row in found) == sorted(values["d"])


def test_generated_columns_are_not_sent_but_read(engine: Engine) -> None:
    target = table("t", column("a", INT64), column("b", INT64, generated="a * 2"), column("c", TEXT))
    create(engine, target)
    found = loaded(engine, target, batch(target, a=[1, None], c=["x", "y"]))
    assert found.to_pylist() == [{"a": 1, "b": 2, "c": "x"}, {"a": None, "b": None, "c": "y"}]


def brackets_are_known(can: Callable[..., None], name: str) -> None:
    if "]" in name:
        can(*HAS_BRACKETS, answer=1)


@pytest.mark.parametrize("name", [WEIRD, BRACKETS])
def test_names_that_need_quoting_are_quoted(engine: Engine, can: Callable[..., None], name: str) -> None:
    brackets_are_known(can, name)
    target = table(name, column(name, TIME), column("select", BINARY), schema=f"스키 {name}")
    run(engine, f"CREATE SCHEMA {quote(target.schema)}")
    create(engine, target)
    found = loaded(engine, target, batch(target, **{name: [1, 2], "select": [b"a", b"b" * 9000]}))
    assert sorted(found.column("select").to_pylist()) == [b"a", b"b" * 9000]
    run(engine, f"DROP TABLE {qualified(target.schema, name)}", f"DROP SCHEMA {quote(target.schema)}")


def test_large_values_and_wide_tables_arrive(engine: Engine) -> None:
    wide = table("wide", *(column(f"c{n}", TEXT if n % 2 else INT64) for n in range(300)))
    large = table("large", column("n", INT32), column("t", TEXT), column("b", BINARY))
    create(engine, wide, large)
    values = {f"c{n}": [f"한{n}" if n % 2 else n, None] for n in range(300)}
    assert loaded(engine, wide, batch(wide, **values)).to_pydict() == values
    size = 5 << 20
    big = {"n": [1, 2, 3], "t": ["한" * size, "small", None], "b": [b"\x00\xff" * size, b"", None]}
    found = loaded(engine, large, batch(large, **big)).sort_by("n")
    assert found.to_pydict() == big


def test_more_rows_than_one_statement_lays_out_arrive(engine: Engine) -> None:
    target = table("t", column("n", INT64), column("c", text(3000)))
    create(engine, target)
    rows = BUFFER_OCTETS // 6000 + 10
    load(engine, target, batch(target, n=list(range(rows)), c=["x" * 3000] * rows))
    assert run(engine, "SELECT COUNT(DISTINCT n) FROM t WHERE c LIKE 'xxx%'") == [rows]


REFUSED: list[tuple[LogicalType, str, Any, Any]] = [
    # planned, actual, a value that it holds, one that it does not
    (text(7), "nvarchar(3)", "a", "secret"),
    (TEXT, "nvarchar(3)", "a", "secret" * 1000),
    (INT64, "int", 1, 2**40),
    (INT64, "bigint NOT NULL", 1, None),
    (TIMESTAMP, "datetime2(7)", 1, 2**60),
    (DATE, "date", 1, -800_000),
]


@pytest.mark.parametrize(("type", "actual", "good", "bad"), REFUSED)
def test_a_value_in_the_middle_that_is_refused_leaves_nothing(
    engine: Engine, type: LogicalType, actual: str, good: Any, bad: Any
) -> None:
    target = table("t", column("n", INT64), column("c", type))
    run(engine, f"CREATE TABLE t (n bigint, c {actual})")
    values = [*[good] * 2000, bad, *[good] * 1999]
    with engine.connect() as connection:
        with pytest.raises(DataError) as caught, connection.begin():
            bulk.load(connection, target, batch(target, n=list(range(4000)), c=values))
        assert caught.value.where in ("dbo.t", "dbo.t, column c")
        assert not any(told in str(caught.value) for told in ("secret", str(2**40)))
        # The connection is usable again.
        assert execute(connection, "SELECT COUNT(*) FROM t").scalar() == 0


def test_bytes_beyond_the_column_are_refused(engine: Engine) -> None:
    target = table("t", column("c", binary(9)))
    run(engine, "CREATE TABLE t (c varbinary(3))")
    with pytest.raises(DataError) as caught:
        load(engine, target, batch(target, c=[b"a", b"secret"]))
    assert "secret" not in str(caught.value)
    assert run(engine, "SELECT COUNT(*) FROM t") == [0]


def test_a_decimal_beyond_the_column_is_refused(engine: Engine, can: Callable[..., None]) -> None:
    wide = "INSERT INTO p SELECT CAST('1234.56' AS decimal(10,2))"
    can("check of decimals it stores", "CREATE TABLE p (c decimal(4,2))", wide, answer=REFUSED_BY_SERVER)
    target = table("t", column("c", decimal(10, 2)))
    run(engine, "CREATE TABLE t (c decimal(4,2))")
    with pytest.raises(DataError) as caught:
        load(engine, target, batch(target, c=[Decimal("1234.56")]))
    assert "1234.56" not in str(caught.value)


def test_a_batch_of_other_types_is_a_mistake_of_the_caller(engine: Engine) -> None:
    target = table("t", column("c", INT64))
    other = table("t", column("c", INT32))
    create(engine, target)
    with engine.connect() as connection, pytest.raises(TypeError, match=r"dbo\.t: the batch is c: int32"):
        bulk.load(connection, target, batch(other, c=[1]))


@pytest.mark.parametrize("name", ["c", "c]"])
def test_a_batch_is_loaded_apart_or_in_the_callers_transaction(
    engine: Engine, can: Callable[..., None], name: str
) -> None:
    brackets_are_known(can, name)
    target = table("t", column(name, INT64))
    create(engine, target)
    with engine.connect() as connection:
        with connection.begin() as transaction:
            bulk.load(connection, target, batch(target, **{name: [1, 2]}))
            transaction.rollback()
        with connection.begin():
            bulk.load(connection, target, batch(target, **{name: [3]}))
    apart = bulk.loads_apart(engine)
    assert apart == (engine.url.drivername == DRIVERS[0])
    assert sorted(stored(engine, target).column(0).to_pylist()) == ([1, 2, 3] if apart else [3])


@pytest.mark.parametrize("name", ["i", "i]"])
def test_rows_bring_their_own_numbers_and_one_table_after_another(
    engine: Engine, can: Callable[..., None], name: str
) -> None:
    brackets_are_known(can, name)
    tables = [table(f"t{n}", column(name, INT32), column("c", TEXT)) for n in range(2)]
    create(engine, *tables, **{name: "IDENTITY(100, 1) NOT NULL"})
    for each in tables:
        found = loaded(engine, each, batch(each, **{name: [7, 5], "c": ["a", "b"]}))
        assert sorted(found.column(0).to_pylist()) == [5, 7]
        with pytest.raises(DataError):
            load(engine, each, batch(each, **{name: [None], "c": ["x"]}))


def test_a_number_that_is_not_loaded_is_given_out_by_the_server(engine: Engine) -> None:
    run(engine, "CREATE TABLE t (i int IDENTITY(5, 1) NOT NULL, c nvarchar(9))")
    target = table("t", column("c", TEXT))
    load(engine, target, batch(target, c=["a", "b"]))
    assert sorted(run(engine, "SELECT i FROM t")) == [5, 6]


def test_null_stays_null_where_the_column_has_a_default(engine: Engine) -> None:
    target = table("t", column("n", INT64), column("c", TEXT))
    create(engine, target, n="DEFAULT 7", c="DEFAULT N'x'")
    assert loaded(engine, target, batch(target, n=[None], c=[None])).to_pylist() == [{"n": None, "c": None}]


def test_constraints_of_given_tables_hold_while_they_are_loaded(engine: Engine) -> None:
    target = table("t", column("c", INT64), given=True)
    create(engine, target, c="CONSTRAINT positive CHECK (c > 0)")
    with pytest.raises(DataError, match="positive"):
        load(engine, target, batch(target, c=[1, -1]))
    assert loaded(engine, target, batch(target, c=[1])).num_rows == 1


def test_an_empty_batch_is_loaded(engine: Engine) -> None:
    target = table("t", column("c", INT64), column("d", TEXT))
    create(engine, target)
    assert loaded(engine, target, batch(target, c=[], d=[])).num_rows == 0


def test_settled_rows_are_those_that_are_committed(engine: Engine) -> None:
    target = table("t", column("c", INT64))
    create(engine, target)
    load(engine, target, batch(target, c=[1, 2, 3]))
    with engine.begin() as connection:
        assert bulk.settled_rows(connection, target) == 3


def test_settled_rows_wait_for_the_load_of_another_session(engine: Engine) -> None:
    target = table("t", column("c", INT64))
    create(engine, target)
    with engine.connect() as writer, engine.connect() as reader:
        execute(writer, "INSERT INTO t VALUES (1)")
        execute(reader, "SET LOCK_TIMEOUT 300")
        with waits_for_locks(reader):
            bulk.settled_rows(reader, target)


@contextmanager
def waits_for_locks(connection: Connection) -> Iterator[None]:
    """What is inside must end with error 1222, unless this server's readers never wait."""
    try:
        yield
    except DBAPIError as error:
        if "Lock request time out" not in str(error):
            raise
    else:
        version = str(execute(connection, "SELECT @@VERSION").scalar()).splitlines()[0]
        pytest.skip(f"readers do not wait for writers on {version}")
