"""Transforms carried out on the snapshot: what they get, how what they return is stored, how they fail."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.errors import EnvironmentFailure, TransformError
from migrator.model.findings import Resolution
from migrator.model.rules import ColumnRule, Staged, TableRules, Transform, Transformer
from migrator.model.schema import Table
from migrator.model.types import DATE
from migrator.sources.sqlite.source import SqliteSource
from migrator.sources.sqlite.staging import database, transforms
from migrator.sources.sqlite.values import SqliteValue
from tests.sources.sqlite.stored import broken, deciding, opened, planned, read, values_of
from tests.sources.sqlite.test_staging import SHAPES, stored

TRANSFORM = Transform("clean.py", "clean", "0" * 64)


def transformed(
    source: SqliteSource,
    transformer: Transformer,
    *columns: ColumnRule,
    where: str | None = None,
    table: str = "t",
) -> Staged:
    (staged,) = source.stage((TableRules(table, where, columns, TRANSFORM),), {table: transformer})
    return staged


def returning(*arrays: pa.Array, names: str = "abcdefgh") -> Transformer:
    """A transform that returns these columns for the one chunk there is."""
    return lambda _: pa.RecordBatch.from_arrays(list(arrays), names=list(names[: len(arrays)]))


def chunked(batches: Sequence[pa.RecordBatch], monkeypatch: pytest.MonkeyPatch) -> Transformer:
    """A transform that returns one of the batches for each chunk, which has as many rows as the first."""
    monkeypatch.setattr(transforms, "MAX_ROWS", batches[0].num_rows)
    pending = iter(batches)
    return lambda _: next(pending)


def column_of(array: pa.Array) -> tuple[list[SqliteValue], str, str, list[Any]]:
    """What a returned column is stored as, how it is declared, and what it is read back as."""
    with opened("CREATE TABLE t (v INT)", rows=[(at,) for at in range(len(array))]) as source:
        transformed(source, returning(array))
        (column,) = source.schema().table("t").columns
        plan = planned(source)
        values = [value for (value,) in values_of(read(source, plan))]
        counted = source.figures(plan, distinct=True)["a"]
        assert counted["nulls"] == values.count(None) and source.count(plan) == len(array)
        return [value for (value,) in stored(source)], column.declared, str(plan.columns[0].type), values


UTC = dt.UTC
AT = dt.datetime(2024, 2, 29, 12, 30, 15)
LONG = Decimal("12345678901234567890.123456789012345678")
FLOATS = [0.1, -0.0, math.inf, -math.inf, 1.0]
BYTES16 = bytes(range(16))


@pytest.mark.parametrize(
    ("array", "stores", "declared", "type"),
    [
        (pa.array([True, False, None]), [1, 0, None], "BOOLEAN", "bool"),
        *(
            (pa.array([0, 100, None], type), [0, 100, None], "INTEGER", "int64")
            for type in (pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())
        ),
        (pa.array([-(2**63), 2**63 - 1]), [-(2**63), 2**63 - 1], "INTEGER", "int64"),
        (pa.array([2**63 - 1], pa.uint64()), [2**63 - 1], "INTEGER", "int64"),
        (pa.array(FLOATS), FLOATS, "REAL", "float64"),
        (pa.array([0.1], pa.float32()), [0.10000000149011612], "REAL", "float64"),
        (pa.array([1.5, None], pa.float16()), [1.5, None], "REAL", "float64"),
        (pa.array(["x", "", " ", None]), ["x", "", " ", None], "TEXT", "text"),
        (pa.array(["한", None], pa.large_string()), ["한", None], "TEXT", "text"),
        (pa.array(["1", "007"], pa.string_view()), ["1", "007"], "TEXT", "text"),
        (pa.array(["a", "b", "a", None]).dictionary_encode(), ["a", "b", "a", None], "TEXT", "text"),
        (pa.array([1, 1, None]).dictionary_encode(), [1, 1, None], "INTEGER", "int64"),
        (pa.RunEndEncodedArray.from_arrays([1, 3], [7, 8]), [7, 8, 8], "INTEGER", "int64"),
        (pa.array([b"\0\xff", b"", None]), [b"\0\xff", b"", None], "BLOB", "binary"),
        (pa.array([b"x"], pa.large_binary()), [b"x"], "BLOB", "binary"),
        (pa.array([b"x"], pa.binary_view()), [b"x"], "BLOB", "binary"),
        (pa.array([b"xyz"], pa.binary(3)), [b"xyz"], "BLOB", "binary"),
        (pa.ExtensionArray.from_storage(pa.uuid(), pa.array([BYTES16], pa.binary(16))), [BYTES16], "UUID", "uuid"),
        (
            pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"a": 1}'])),
            ['{"a": 1}'],
            "JSON",
            "json",
        ),
        (
            pa.array([dt.date(1, 1, 1), dt.date(9999, 12, 31), None]),
            ["0001-01-01", "9999-12-31", None],
            "DATE",
            "date",
        ),
        (pa.array([dt.date(2024, 2, 29)], pa.date64()), ["2024-02-29"], "DATE", "date"),
        (pa.array([AT.time()], pa.time32("s")), ["12:30:15"], "TIME", "time"),
        (pa.array([1], pa.time32("ms")), ["00:00:00.001000"], "TIME", "time"),
        (pa.array([86_399_999_999], pa.time64("us")), ["23:59:59.999999"], "TIME", "time"),
        (pa.array([1_000], pa.time64("ns")), ["00:00:00.000001"], "TIME", "time"),
        (pa.array([AT, None], pa.timestamp("s")), ["2024-02-29 12:30:15", None], "TIMESTAMP", "timestamp"),
        (pa.array([-1], pa.timestamp("ms")), ["1969-12-31 23:59:59.999000"], "TIMESTAMP", "timestamp"),
        (
            pa.array([0, 1], pa.timestamp("us")),
            ["1970-01-01 00:00:00", "1970-01-01 00:00:00.000001"],
            "TIMESTAMP",
            "timestamp",
        ),
        (pa.array([-1_000], pa.timestamp("ns")), ["1969-12-31 23:59:59.999999"], "TIMESTAMP", "timestamp"),
        (
            pa.array([AT.replace(tzinfo=UTC)], pa.timestamp("us", "Asia/Seoul")),
            ["2024-02-29 12:30:15+00:00"],
            "TIMESTAMPTZ",
            "timestamptz",
        ),
        (
            pa.array([Decimal("12.50"), Decimal("-0.01"), None], pa.decimal128(9, 2)),
            [12.5, -0.01, None],
            "DECIMAL(9,2)",
            "decimal(9,2)",
        ),
        (pa.array([Decimal(10**18)], pa.decimal128(19, 0)), [10**18], "DECIMAL(19,0)", "decimal(19,0)"),
        (pa.array([Decimal("1.5")], pa.decimal32(3, 1)), [1.5], "DECIMAL(3,1)", "decimal(3,1)"),
        (pa.array([Decimal(1200)], pa.decimal128(2, -2)), [1200], "DECIMAL(4,0)", "decimal(4,0)"),
        (pa.array([{"a": 1, "b": None}]), ['{"a": 1, "b": null}'], "JSON", "json"),
        (pa.array([[1, 2], [], None]), ["[1, 2]", "[]", None], "JSON", "json"),
        (pa.array([[1, 2]], pa.list_(pa.int8(), 2)), ["[1, 2]"], "JSON", "json"),
        (pa.array([[1]], pa.large_list(pa.int8())), ["[1]"], "JSON", "json"),
        (pa.array([[("k", "한")]], pa.map_(pa.string(), pa.string())), ['{"k": "한"}'], "JSON", "json"),
        (
            pa.array([{"d": Decimal("0.10"), "f": 0.1, "t": AT, "b": True, "s": '"'}]),
            ['{"d": 0.10, "f": 0.1, "t": "2024-02-29T12:30:15", "b": true, "s": "\\""}'],
            "JSON",
            "json",
        ),
        (pa.nulls(2), [None, None], "", "text"),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_every_arrow_type_is_stored_exactly_and_recognised(
    array: pa.Array, stores: list[SqliteValue], declared: str, type: str
) -> None:
    found, column, recognised, values = column_of(array)
    assert list(map(repr, found)) == list(map(repr, stores))
    assert (column, recognised) == (declared, type)
    if not pa.types.is_nested(array.type):
        plain = array.storage if isinstance(array, pa.ExtensionArray) else array
        if pa.types.is_date64(array.type):
            plain = plain.cast(pa.date32())
        if pa.types.is_timestamp(array.type):
            plain = plain.cast(pa.timestamp("us", array.type.tz and "UTC"))
        assert values == plain.to_pylist()


def test_decimals_beyond_what_numbers_tell_are_stored_as_digits() -> None:
    array = pa.array([LONG, Decimal("0.1"), Decimal(7), None], pa.decimal256(38, 18))
    with opened("CREATE TABLE t (v INT)", rows=[(at,) for at in range(4)]) as source:
        transformed(source, returning(array))
        assert stored(source) == [(str(LONG),), ("0.1",), ("7",), (None,)]
        assert source.schema().table("t").columns[0].declared == "DECIMAL(38,18) TEXT"
        wide = pa.array([Decimal(10) ** 60], pa.decimal256(76, 10))
    with opened("CREATE TABLE t (v INT)", rows=[(1,)]) as source:
        transformed(source, returning(wide))
        assert stored(source) == [("1" + "0" * 60,)]
        assert source.schema().table("t").columns[0].declared == "DECIMAL TEXT"


@pytest.mark.parametrize(
    ("array", "what", "row"),
    [
        (pa.array([1, 2**63], pa.uint64()), "an integer beyond 64 bits with a sign", 1),
        (pa.array([1.0, math.nan]), "NaN, for which SQLite has no value", 1),
        (pa.array([0, 1_001], pa.time64("ns")), "a time with nanoseconds that are no whole microseconds", 1),
        (pa.array([1, 0], pa.timestamp("ns")), "a time with nanoseconds that are no whole microseconds", 0),
        (pa.array([0, 2**62], pa.timestamp("us")), "a timestamp beyond the years 1 to 9999", 1),
        (pa.array([2**30, 0], pa.date32()), "a date beyond the years 1 to 9999", 0),
        (pa.array([86_400, 0], pa.time32("s")), "a time of day beyond 24 hours", 0),
        (pa.array([5, 0], pa.int64()).view(pa.date64()), "a date with a time of day", None),
        (pa.array([1, 2], pa.duration("s")), "values of the type duration[s], for which SQLite has no form", None),
        (pa.array([{}, {"a": math.nan}]), "a nested value (float) that JSON does not have", 1),
        (pa.array([{"a": b"x"}, None]), "a nested value (bytes) that JSON does not have", 0),
        (pa.array([[], [(1, 2)]], pa.map_(pa.int8(), pa.int8())), "a map with keys that are no text", 1),
        (pa.array([[("a", 1)] * 2, []], pa.map_(pa.string(), pa.int8())), "nested values with a name twice", None),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_what_cannot_be_stored_exactly_is_refused_with_column_and_row(
    array: pa.Array, what: str, row: int | None
) -> None:
    with opened("CREATE TABLE t (id TEXT PRIMARY KEY)", rows=[("k0",), ("k1",)]) as source:
        with pytest.raises(TransformError) as caught:
            transformed(source, returning(array))
        assert caught.value.what.startswith(f"A column that the transform returned holds {what}")
        place = "rows k0 to k1" if row is None else f"row k{row}"
        assert caught.value.where == f"table t, column a, {place}"
        assert caught.value.hint


@pytest.mark.parametrize(
    ("first", "second", "stores", "declared"),
    [
        (pa.array([1]), pa.array([0.5]), [1, 0.5], ""),
        (pa.array([2**63 - 1]), pa.array([0.5]), [2**63 - 1, 0.5], ""),
        (pa.nulls(1), pa.array(["x"]), [None, "x"], "TEXT"),
        (pa.array([1], pa.int8()), pa.array([2**40]), [1, 2**40], "INTEGER"),
        (pa.array([True]), pa.array([None], pa.bool_()), [1, None], "BOOLEAN"),
        (pa.array([1]), pa.array(["1"]), [1, "1"], ""),
        (pa.array(["1"]), pa.array([b"1"]), ["1", b"1"], ""),
        (pa.array([dt.date(2024, 1, 1)]), pa.array([AT]), ["2024-01-01", "2024-02-29 12:30:15"], ""),
        (
            pa.array([AT], pa.timestamp("s")),
            pa.array([AT], pa.timestamp("ns")),
            ["2024-02-29 12:30:15"] * 2,
            "TIMESTAMP",
        ),
        (
            pa.array([Decimal("1.25")], pa.decimal128(3, 2)),
            pa.array([Decimal(12345)], pa.decimal128(5, 0)),
            [1.25, 12345],
            "DECIMAL(7,2)",
        ),
        (
            pa.array([Decimal("1.25")], pa.decimal128(3, 2)),
            pa.array([LONG], pa.decimal128(38, 18)),
            ["1.25", str(LONG)],
            "DECIMAL(38,18) TEXT",
        ),
    ],
)
def test_chunks_of_other_types_lose_no_value(
    first: pa.Array,
    second: pa.Array,
    stores: list[SqliteValue],
    declared: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batches = [pa.RecordBatch.from_arrays([array], names=["a"]) for array in (first, second)]
    with opened("CREATE TABLE t (v INT)", rows=[(1,), (2,)]) as source:
        transformed(source, chunked(batches, monkeypatch))
        assert list(map(repr, stored(source))) == [repr((value,)) for value in stores]
        assert source.schema().table("t").columns[0].declared == declared
        plan = planned(source)
        assert sum(chunk.batch.num_rows for chunk in read(source, plan)) == 2


TYPED = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, flag CHAR(1), name VARCHAR(20) COLLATE NOCASE DEFAULT 'x', r REAL,"
    " d DECIMAL(10,2), at DATETIME, day DATE, u UUID, j JSON, x BLOB, b BOOLEAN, g INT AS (length(name)))"
)
ROW = (
    *(1, "Y", " Ä ", 0.5, 1.25, "2024-02-29 12:30:15.000001", "2024-02-29"),
    *("00000000-0000-4000-8000-000000000000", '{"a": 1}', b"\xff", 1),
)


def test_a_transform_is_given_what_the_rules_made_in_canonical_types(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[pa.RecordBatch] = []

    def keep(batch: pa.RecordBatch) -> pa.RecordBatch:
        given.append(batch)
        return batch

    insert = "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    assert insert.count("?") == len(ROW)
    with opened(TYPED, *(_insert({**dict(enumerate(ROW)), 0: at}) for at in (1, 2, 3))) as source:
        before = source.schema().table("t")
        monkeypatch.setattr(transforms, "MAX_ROWS", 2)
        rules = (ColumnRule("flag", map=(("Y", True),)), ColumnRule("name", trim=True))
        staged = transformed(source, keep, *rules, where="id > 1")
        assert (staged.read, staged.left_out, [each.count for each in staged.effects]) == (3, 1, [2, 2])
        (batch,) = given
        logical = {field.name: field.metadata[b"logical"].decode() for field in batch.schema}
        assert logical == {
            **{"id": "int64", "flag": "bool", "name": "text(20)", "r": "float64", "d": "decimal(10,2)"},
            **{"at": "timestamp", "day": "date", "u": "uuid", "j": "json", "x": "binary", "b": "bool"},
            "g": "int64",
        }
        assert batch.slice(0, 1).to_pylist() == [
            {
                **{"id": 2, "flag": True, "name": "Ä", "r": 0.5, "d": Decimal("1.25")},
                **{"at": AT.replace(microsecond=1), "day": dt.date(2024, 2, 29)},
                **{"u": bytes.fromhex("00000000000040008000000000000000"), "j": '{"a": 1}', "x": b"\xff"},
                **{"b": True, "g": 3},
            }
        ]
        after = source.schema().table("t")
        assert [column.declared for column in after.columns if column.name != "flag"] == [
            column.declared for column in before.columns if column.name != "flag"
        ]
        assert after.column("flag").declared == "BOOLEAN"
        assert after.column("name").default == before.column("name").default
        assert after.column("name").collation == "NOCASE"
        assert after.column("id").identity == before.column("id").identity
        assert after.column("g").generated is None
        plan = planned(source)
        assert [str(column.type) for column in plan.columns] == list(logical.values())
        assert values_of(read(source, plan)) == [tuple(row.values()) for row in batch.to_pylist()]


def _insert(row: dict[int, SqliteValue]) -> str:
    values = [f"x'{value.hex()}'" if isinstance(value, bytes) else repr(value) for value in row.values()]
    return f"INSERT INTO t VALUES ({', '.join(values)})"


@pytest.mark.parametrize(
    ("declared", "value", "returned", "after"),
    [
        ("INT", 1, pa.array(["1"]), "TEXT"),
        ("VARCHAR(3)", "abc", pa.array(["ab"]), "VARCHAR(3)"),
        ("CHAR(1) COLLATE NOCASE NOT NULL DEFAULT 'N'", "Y", pa.array([True]), "BOOLEAN"),
        ("INT NOT NULL", 1, pa.array([None], pa.int64()), "INT"),
    ],
)
def test_a_column_keeps_its_declaration_while_it_is_of_the_same_type(
    declared: str, value: SqliteValue, returned: pa.Array, after: str
) -> None:
    with opened(f"CREATE TABLE t (a {declared})", rows=[(value,)]) as source:
        before = source.schema().table("t").column("a")
        transformed(source, returning(returned))
        column = source.schema().table("t").column("a")
        assert column.declared == after
        assert column.nullable is (before.nullable or returned.null_count > 0)
        same = before.declared == after
        assert (column.default, column.collation) == ((before.default, before.collation) if same else (None, None))


@pytest.mark.parametrize("rows", [0, 1, 6, 7, 20])
def test_chunks_join_to_the_whole_table(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transforms, "MAX_ROWS", 7)
    sizes = []

    def double(batch: pa.RecordBatch) -> pa.RecordBatch:
        sizes.append(batch.num_rows)
        doubled = pa.array([value * 2 for value in batch.column("v").to_pylist()], pa.int64())
        return pa.RecordBatch.from_arrays([doubled, batch.column("s")], names=["twice", "s"])

    with opened("CREATE TABLE t (v INT, s TEXT)", rows=[(at, str(at)) for at in range(rows)]) as source:
        assert transformed(source, double) == Staged("t", rows)
        assert sizes == ([7] * (rows // 7) + [rows % 7] * bool(rows % 7) or [0])
        table = source.schema().table("t")
        declared = {column.name: column.declared for column in table.columns}
        assert declared == {"twice": "INTEGER", "s": "TEXT"}
        assert stored(source) == [(at * 2, str(at)) for at in range(rows)]


def test_chunks_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transforms, "MAX_BYTES", 1_000)
    sizes = []
    with opened("CREATE TABLE t (v TEXT)", rows=[("x" * 400,)] * 5) as source:
        transformed(source, lambda batch: sizes.append(batch.num_rows) or batch)
        assert sizes == [2, 2, 1]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16be"])
@pytest.mark.parametrize("shape", SHAPES)
def test_rows_keep_their_numbers_and_their_originals(
    shape: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transforms, "MAX_ROWS", 4)
    ddl, key = SHAPES[shape]
    with opened(ddl, encoding=encoding) as source:
        names = [column.name for column in source.schema().table("t").columns]
    rows = [(at * 7 % 20, f" {at}", *([0] * (len(names) - 2))) for at in range(1, 20)]

    def only_one(batch: pa.RecordBatch) -> pa.RecordBatch:
        texts = [text.strip() + "!" for text in batch.column(names[1]).to_pylist()]
        return pa.RecordBatch.from_arrays([pa.array(texts)], names=["only"])

    with opened(ddl, rows=rows, encoding=encoding) as source:
        originals = [row for row in values_of(read(source, planned(source))) if not row[1].endswith("3")]
        transformed(source, only_one, where=f"{names[1]} NOT LIKE '%3'")
        expected = [(row[1].strip() + "!",) for row in originals]
        assert values_of(read(source, planned(source), max_rows=5)) == expected
        plan = planned(source, change=deciding(Resolution.QUARANTINE, only=(DATE, "iso:YYYY-MM-DD")))
        source.prepare((plan,))
        rejected = [each for chunk in read(source, plan, max_rows=5) for each in chunk.rejected]
        assert [each.values for each in rejected] == [
            dict(zip(names, map(str, row), strict=True)) for row in originals
        ]
        if key is not None:
            assert [str(each.key[0]) for each in rejected] == [str(row[0]) for row in originals]


def without(*names: str) -> Transformer:
    return lambda batch: batch.select([name for name in batch.schema.names if name not in names])


def test_what_stands_on_columns_that_are_gone_goes_with_them() -> None:
    statements = (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, n INT)",
        "CREATE TABLE t (id INT PRIMARY KEY, p INT REFERENCES p(id), c TEXT REFERENCES p(code), d TEXT UNIQUE,"
        " CHECK (length(d) > 0), CHECK (id > 0))",
        "CREATE INDEX i1 ON t (d)",
        "CREATE INDEX i2 ON t (lower(d))",
        "CREATE INDEX i3 ON t (p) WHERE d > ''",
        "CREATE INDEX i4 ON t (p)",
        "INSERT INTO p VALUES (1, 'a', 2)",
        "INSERT INTO t VALUES (1, 1, 'a', 'd')",
    )
    with opened(*statements) as source:
        rules = (TableRules("t", transform=TRANSFORM), TableRules("p", transform=TRANSFORM))
        source.stage(rules, {"t": without("d", "id"), "p": without("code")})
        schema = source.schema()
        table: Table = schema.table("t")
        assert (table.primary_key, table.uniques, table.checks) == (None, (), ())
        assert [index.name for index in table.indexes] == ["i4"]
        assert [key.problem for key in table.foreign_keys] == [
            None,
            "The transform of p leaves no column code.",
        ]
        assert schema.table("p").primary_key and schema.table("p").uniques == ()
        assert source.profile(table).rows == 1


@pytest.mark.parametrize(
    ("transformer", "what", "where"),
    [
        (
            lambda batch: batch.slice(1),
            "The transform was given 3 rows and returned 2.",
            "table t, rows k0 to k2",
        ),
        (
            returning(pa.array([1] * 4)),
            "The transform was given 3 rows and returned 4.",
            "table t, rows k0 to k2",
        ),
        (
            returning(pa.array([1] * 3), pa.array([1] * 3), names="aA"),
            "The transform returned the columns a, A, which cannot be the columns of one table.",
            "table t, rows k0 to k2",
        ),
        (
            lambda batch: batch.rename_columns(["migrator row number"]),
            "The transform returned the columns migrator row number, which cannot be the columns of one table.",
            "table t, rows k0 to k2",
        ),
    ],
)
def test_a_batch_that_does_not_match_is_refused(transformer: Transformer, what: str, where: str) -> None:
    with opened("CREATE TABLE t (id TEXT PRIMARY KEY)", rows=[("k0",), ("k1",), ("k2",)]) as source:
        with pytest.raises(TransformError) as caught:
            transformed(source, transformer)
        assert (caught.value.what, caught.value.where) == (what, where)
        assert caught.value.hint
        assert [path.name for path in source._snapshot.parent.iterdir()] == ["app.db"]
        assert source.count(planned(source)) == 3


def test_a_later_chunk_may_have_another_order_but_no_other_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def batch(**columns: Any) -> pa.RecordBatch:
        return pa.RecordBatch.from_pydict({name: [value] for name, value in columns.items()})

    with opened("CREATE TABLE t (v INT)", rows=[(1,), (2,)]) as source:
        transformed(source, chunked([batch(a=1, b="x"), batch(b="y", a=2)], monkeypatch))
        assert stored(source) == [(1, "x"), (2, "y")]
        with pytest.raises(TransformError) as caught:
            transformed(source, chunked([batch(a=1, b=1), batch(a=1)], monkeypatch))
        assert caught.value.what == "The transform returned the columns a here, and the columns a, b before."
        assert caught.value.where == "table t, rows 2 to 2"
        with pytest.raises(TransformError, match="the columns c here, and the columns a before"):
            transformed(source, chunked([batch(a=1), batch(c=1)], monkeypatch))


@pytest.mark.parametrize(
    ("ddl", "where"),
    [
        ("CREATE TABLE t (v INT)", "table t, rows 3 to 4, clean.py"),
        (
            "CREATE TABLE t (v INT, k AS (v * 100), PRIMARY KEY (v)) WITHOUT ROWID",
            "table t, rows 3 to 4, clean.py",
        ),
        ("CREATE TABLE t (session_id INT PRIMARY KEY)", "table t, rows ••• to •••, clean.py"),
    ],
)
def test_a_transform_that_raises_is_placed(ddl: str, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transforms, "MAX_ROWS", 2)

    def fail(batch: pa.RecordBatch) -> pa.RecordBatch:
        if batch.column(0)[0].as_py() == 3:
            raise TransformError("It failed.", where="clean.py", hint="Correct it.")
        return batch

    with opened(ddl, rows=[(at,) for at in (1, 2, 3, 4, 5)]) as source:
        with pytest.raises(TransformError) as caught:
            transformed(source, fail)
        assert (caught.value.what, caught.value.where, caught.value.hint) == ("It failed.", where, "Correct it.")
        assert source.count(planned(source)) == 5


def test_text_with_nul_reaches_the_transform_and_text_that_is_none_is_refused() -> None:
    with opened("CREATE TABLE t (v TEXT, n INT)", rows=[("a\0b", 1), ("한", 2)]) as source:
        transformed(source, lambda batch: batch)
        assert stored(source) == [("a\0b", 1), ("한", 2)]
    with opened(
        "CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT)", rows=[("a", "x"), ("b", broken(b"\xff"))]
    ) as source:
        with pytest.raises(TransformError) as caught:
            transformed(source, lambda batch: batch)
        assert caught.value.where == "table t, column v, rows b"
        transformed(source, lambda batch: batch, ColumnRule("v", compute="CAST(v AS BLOB)"))
        assert stored(source) == [("a", b"x"), ("b", b"\xff")]


def test_applying_a_transform_again_gives_the_same() -> None:
    def count(batch: pa.RecordBatch) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays(
            [pa.array([f"{value}!" for value in batch.column(0).to_pylist()])], ["v"]
        )

    with opened("CREATE TABLE t (v TEXT)", rows=[("a",), ("b",)]) as source:
        for _ in range(2):
            transformed(source, count)
            assert stored(source) == [("a!",), ("b!",)]


def test_a_full_disk_between_rules_and_transform_is_said_to_be_full(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened("CREATE TABLE t (v TEXT)", rows=[("x",)] * 9) as source:
        monkeypatch.setattr(database, "PRAGMAS", (*database.PRAGMAS, "max_page_count = 4"))
        with pytest.raises(EnvironmentFailure, match="disk is full"):
            transformed(source, returning(pa.array(["x" * 9_000] * 9)))
        assert [path.name for path in source._snapshot.parent.iterdir()] == ["app.db"]


ANY_COLUMN = st.one_of(
    st.lists(st.none() | st.booleans(), min_size=3, max_size=3).map(lambda values: pa.array(values, pa.bool_())),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(
        lambda values: pa.array(values, pa.int64())
    ),
    st.lists(st.none() | st.floats(allow_nan=False), min_size=3, max_size=3).map(
        lambda values: pa.array(values, pa.float64())
    ),
    st.lists(st.none() | st.text(), min_size=3, max_size=3).map(lambda values: pa.array(values, pa.string())),
    st.lists(st.none() | st.binary(max_size=20), min_size=3, max_size=3).map(
        lambda values: pa.array(values, pa.binary())
    ),
    st.lists(st.none() | st.datetimes(), min_size=3, max_size=3).map(
        lambda values: pa.array(values, pa.timestamp("us"))
    ),
    st.lists(st.none() | st.times(), min_size=3, max_size=3).map(lambda values: pa.array(values, pa.time64("us"))),
    st.lists(st.none() | st.dates(), min_size=3, max_size=3).map(lambda values: pa.array(values, pa.date32())),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY_COLUMN, min_size=1, max_size=4))
def test_any_values_are_stored_as_they_are(arrays: list[pa.Array]) -> None:
    with opened("CREATE TABLE t (v INT)", rows=[(1,), (2,), (3,)]) as source:
        transformed(source, returning(*arrays))
        columns = source.schema().table("t").columns
        for array, column, values in zip(arrays, columns, zip(*stored(source), strict=True), strict=True):
            plain = array.to_pylist()
            if pa.types.is_temporal(array.type):
                plain = [None if value is None else str(value) for value in plain]
            expected = [int(value) if isinstance(value, bool) else value for value in plain]
            assert list(map(repr, values)) == list(map(repr, expected))
            assert column.declared
