"""Reconciliation figures: SQLite's own SQL agrees with the converters, and leaves out what it cannot tell."""

from __future__ import annotations

import hashlib
import math
import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.figures import float_scale
from migrator.model.findings import Resolution
from migrator.model.plan import ColumnPlan, Exclusion
from migrator.model.result import Figures
from migrator.model.types import INT64, TIMESTAMP, Kind, LogicalType
from migrator.sources.sqlite.encodings import encoding
from migrator.sources.sqlite.encodings.iso import IsoTimestamp
from migrator.sources.sqlite.figures import Scope, figures
from tests.sources.sqlite.stored import Change, broken, deciding, opened, planned, read
from tests.sources.sqlite.test_encodings import NAMES, VIEWS

COUNTED = {
    *(Kind.INT16, Kind.INT32, Kind.INT64, Kind.DECIMAL),
    *(Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ),
}


def figures_of(
    declared: str,
    values: Sequence[Any],
    change: Change | None = None,
    *,
    encoding: str = "UTF-8",
    prepare: bool = False,
) -> Figures:
    with opened(f"CREATE TABLE t (v {declared})", rows=[(each,) for each in values], encoding=encoding) as source:
        plan = planned(source, change=change)
        if prepare:
            source.prepare((plan,))
        return source.figures(plan, distinct=True)["v"]


def expected(type: LogicalType, values: Sequence[Any]) -> Figures:
    """The figures of canonical values, as `migrator.model.figures` defines them."""
    present = [value for value in values if value is not None]
    found: Figures = {"values": len(present), "nulls": len(values) - len(present)}
    if not present:
        return found
    if type.kind is Kind.FLOAT64:
        return found | expected_floats(present)
    found["distinct"] = len(set(present))
    if type.kind is Kind.BOOL:
        found["true"] = sum(present)
    elif type.kind in COUNTED:
        numbers = [int(each.scaleb(type.scale or 0)) if isinstance(each, Decimal) else each for each in present]
        found |= {"min": min(numbers), "max": max(numbers), "sum": sum(numbers)}
    elif type.kind is Kind.TEXT:
        found |= {"min": min(present, key=str.encode), "max": max(present, key=str.encode)}
        found |= {"length": sum(map(len, present)), "octets": sum(len(each.encode()) for each in present)}
        found["empty"] = present.count("")
        found["blank-ended"] = sum(each.startswith(" ") or each.endswith(" ") for each in present)
    elif type.kind is Kind.BINARY:
        found |= {"min": min(present)[:32].hex().upper(), "max": max(present)[:32].hex().upper()}
        found |= {"octets": sum(map(len, present)), "empty": present.count(b"")}
    elif type.kind is Kind.UUID:
        found |= {"min": str(uuid.UUID(bytes=min(present))), "max": str(uuid.UUID(bytes=max(present)))}
    elif type.kind is Kind.JSON:
        del found["distinct"]
        found |= {"length": sum(map(len, present)), "octets": sum(len(each.encode()) for each in present)}
        found |= {
            "objects": sum(each[0] == "{" for each in present),
            "arrays": sum(each[0] == "[" for each in present),
        }
    return found


def expected_floats(present: list[float]) -> Figures:
    finite = [each for each in present if math.isfinite(each)]
    found: Figures = {"infinite": len(present) - len(finite), "min": None, "max": None}
    if finite:
        scale = float_scale(max(map(abs, finite)))
        high = [math.trunc(math.ldexp(each, scale)) for each in finite]
        low = [
            math.trunc(math.ldexp(math.ldexp(each, scale) - whole, 52))
            for each, whole in zip(finite, high, strict=True)
        ]
        found |= {"min": repr(min(finite) + 0.0), "max": repr(max(finite) + 0.0), "sum": f"{sum(high)}:{sum(low)}"}
    return found


DECLARED = {Kind.BINARY: "BLOB", Kind.TEXT: "TEXT", Kind.JSON: "TEXT", Kind.UUID: "", Kind.FLOAT64: "REAL"}


@pytest.mark.parametrize(("type", "name", "values"), VIEWS, ids=NAMES)
@given(data=st.data())
def test_figures_of_every_encoding(
    type: LogicalType, name: str, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    column = data.draw(st.lists(st.none() | values, max_size=5))
    with closing(sqlite3.connect(":memory:")) as connection:
        declared = "TEXT" if name.startswith("digits") else DECLARED.get(type.kind, "")
        connection.execute(f"CREATE TABLE t (v {declared})")
        connection.executemany("INSERT INTO t VALUES (?)", [(each,) for each in column])
        found = figures([connection], [ColumnPlan("v", "v", type, name)], Scope("t", utf16=False, distinct=True))[
            "v"
        ]
    exact = encoding(name, type)
    assert found == expected(type, [None if each is None else exact.decode(each) for each in column])


@pytest.mark.parametrize(
    ("declared", "values", "some"),
    [
        ("INTEGER", [2**63 - 1, 2**63 - 1, -(2**63), None], {"sum": 2**63 - 2, "nulls": 1, "distinct": 2}),
        ("INTEGER", [-1, -1], {"sum": -2, "min": -1}),
        ("REAL", [1e308, 1e308, 5e-324], {"max": "1e+308", "min": "5e-324"}),
        ("REAL", [math.inf, -math.inf], {"infinite": 2, "min": None}),
        ("DECIMAL(10,2)", [1, 2.5, 99.99], {"sum": 10349, "min": 100}),
        ("DATE", ["1969-12-31", "0001-01-01"], {"max": -1, "min": -719162}),
        ("TIME", ["10:30", "00:00:00.5"], {"sum": 37_800_500_000}),
        ("DATETIME", ["2024-01-31 10:00", "1960-01-01T00:00:00.000001"], {"min": -315619199999999}),
        ("DATETIME", ["2024-01-31 23:59:59.999999"], {"min": 1706745599999999}),
        ("BOOLEAN", ["t", "f", "t"], {"true": 2, "distinct": 2}),
        (
            "TEXT",
            [" a", "b ", "", "é"],
            {"length": 5, "octets": 6, "blank-ended": 2, "empty": 1, "min": "", "max": "é"},
        ),
        ("TEXT COLLATE NOCASE", ["a", "A", "B"], {"distinct": 3, "min": "A", "max": "a"}),
        ("JSON", [' {"a":1}', "[]", "5"], {"objects": 1, "arrays": 1}),
        ("BLOB", [b"\xff" * 100, b""], {"max": "FF" * 32, "octets": 100, "empty": 1}),
        ("UUID", ["0F8FAD5B-D9CB-469F-A165-70867728950E"], {"min": "0f8fad5b-d9cb-469f-a165-70867728950e"}),
        ("", [5, "x"], {"min": "5", "length": 2, "octets": 2, "distinct": 2}),
        ("", ["é", b"\xff"], {"octets": 3, "min": "C3A9"}),
    ],
)
def test_figures(declared: str, values: list[Any], some: dict[str, Any]) -> None:
    found = figures_of(declared, values)
    assert {name: found[name] for name in some} == some


@pytest.mark.parametrize(
    ("declared", "values"),
    [
        ("", [5, 0.1, "x"]),
        ("", [0.1, b"x"]),
        ("DECIMAL(38,10)", [0.1234567891, 1e20]),
        ("JSON", [0.1]),
    ],
)
def test_what_sqlite_cannot_tell_exactly_is_left_out(declared: str, values: list[Any]) -> None:
    assert figures_of(declared, values) == {"values": len(values), "nulls": 0}


def test_utf16_databases_have_no_bytes_of_utf8() -> None:
    found = figures_of("TEXT", ["한", "a "], encoding="UTF-16le")
    assert found == {"values": 2, "nulls": 0, "length": 3, "empty": 0, "blank-ended": 1, "distinct": 2}
    assert figures_of("BLOB", [b"a", "a"], encoding="UTF-16le") == {"values": 2, "nulls": 0}


def test_distinct_is_counted_on_request_only() -> None:
    with opened("CREATE TABLE t (v INT)", rows=[(1,)]) as source:
        assert "distinct" not in source.figures(planned(source), distinct=False)["v"]


def hash_sum(*octets: bytes) -> int:
    """The figure `hash`, as SQL Server's HASHBYTES would have it."""
    return sum(int(hashlib.sha256(each).hexdigest()[:14], 16) for each in octets)


@pytest.mark.parametrize(
    ("declared", "values", "octets"),
    [
        ("TEXT", ["a", "한😀 ", "", None], ["a".encode("utf-16-le"), "한😀 ".encode("utf-16-le"), b""]),
        ("TEXT", ["a", "a"], [b"a\0", b"a\0"]),
        ("", [12, "x"], [b"1\x002\0", b"x\0"]),
        ("BLOB", [b"\0\xff", b"", None], [b"\0\xff", b""]),
        ("", [12, b"x"], [b"12", b"x"]),
        ("JSON", ['{"a": 1, "a": 2}', "7"], ['{"a": 1, "a": 2}'.encode("utf-16-le"), b"7\0"]),
    ],
)
def test_hashes_are_of_what_the_target_is_to_have(declared: str, values: list[Any], octets: list[bytes]) -> None:
    with opened(f"CREATE TABLE t (v {declared})", rows=[(each,) for each in values]) as source:
        plan = planned(source)
        assert source.figures(plan, distinct=False, hashes=True)["v"]["hash"] == hash_sum(*octets)
        assert "hash" not in source.figures(plan, distinct=True)["v"]


@pytest.mark.parametrize("codec", ["UTF-16le", "UTF-16be"])
def test_hashes_of_utf16_databases(codec: str) -> None:
    with opened("CREATE TABLE t (v TEXT)", rows=[("가😀",)], encoding=codec) as source:
        found = source.figures(planned(source), distinct=False, hashes=True)["v"]
    assert found["hash"] == hash_sum("가😀".encode("utf-16-le"))


def test_text_that_is_none_has_no_hash() -> None:
    with opened(
        "CREATE TABLE t (v TEXT)", rows=[(broken(b"\0\xd8", "utf-16-le"),)], encoding="UTF-16le"
    ) as source:
        found = source.figures(planned(source), distinct=False, hashes=True)["v"]
    assert "hash" not in found and found["values"] == 1


def test_sums_of_hashes_are_beyond_64_bits() -> None:
    with opened("CREATE TABLE t (v TEXT)", rows=[("a",)] * 600) as source:
        found = source.figures(planned(source), distinct=False, hashes=True)["v"]["hash"]
    assert found == 600 * hash_sum(b"a\0") and isinstance(found, int) and found > 2**64


@pytest.mark.parametrize(
    ("declared", "value"),
    [("INT", 1), ("REAL", 1.5), ("JSON", "{}"), ("DATE", "2024-01-31"), ("TEXT", None)],
)
def test_other_columns_have_no_hash(declared: str, value: Any) -> None:
    with opened(f"CREATE TABLE t (v {declared})", rows=[(value,)]) as source:
        assert "hash" not in source.figures(planned(source), distinct=False, hashes=True)["v"]


def test_altered_columns_have_no_figures_and_clean_ones_all() -> None:
    decide = deciding(Resolution.NULL)
    assert figures_of("TEXT", ["a\0", "b"], decide, prepare=True) == {}
    assert figures_of("TEXT", ["a", "b"], decide, prepare=True)["max"] == "b"
    assert figures_of("TEXT", [broken(b"\xff")], deciding(Resolution.REPLACE), prepare=True) == {}
    assert figures_of("", [1, "x"], deciding(Resolution.NULL, v=(INT64, "integer")), prepare=True) == {}


def test_rows_left_out_do_not_count() -> None:
    assert figures_of("TEXT", ["a\0", "b"], deciding(Resolution.SKIP), prepare=True)["values"] == 1
    assert figures_of("", [1, "x"], deciding(Resolution.SKIP, v=(INT64, "integer")), prepare=True)["sum"] == 1
    ddl = ("CREATE TABLE t (v INTEGER REFERENCES gone(id))", "INSERT INTO t VALUES (1), (NULL)")
    with opened(*ddl) as source:
        plan = planned(source, exclusions=(Exclusion(("v",), "gone", ("id",), Resolution.QUARANTINE),))
        source.prepare((plan,))
        assert source.figures(plan, distinct=False)["v"] == {"values": 0, "nulls": 1}


def test_tables_of_many_columns() -> None:
    names = ", ".join(f'"c{at}" DATE' for at in range(700))
    with opened(f"CREATE TABLE t ({names})", rows=[("2024-01-01",) * 700]) as source:
        found = source.figures(planned(source), distinct=True)
    assert len(found) == 700 and found["c699"]["min"] == 19723


def test_figures_do_not_depend_on_the_converters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug planted in the conversion changes the batches, not the figures."""
    with opened("CREATE TABLE t (v DATETIME)", rows=[("2024-01-31 10:00:00.5",)]) as source:
        plan = planned(source)
        assert plan.columns[0].type == TIMESTAMP
        right = source.figures(plan, distinct=False)
        monkeypatch.setattr(IsoTimestamp, "decode", lambda *_: 0)
        monkeypatch.setattr(IsoTimestamp, "vector", lambda *_: (_ for _ in ()).throw(ZeroDivisionError))
        assert source.figures(plan, distinct=False) == right
        with pytest.raises(ZeroDivisionError):
            read(source, plan)
