"""Digests agree exactly when the rows do."""

from __future__ import annotations

import math
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.digest import Layout, TableDigest, canonical_json
from migrator.model import types as t
from migrator.model.types import Kind, LogicalType


def digest(
    rows: list[tuple[object, ...]], types: tuple[LogicalType, ...], key: tuple[int, ...] = ()
) -> TableDigest:
    """The digest of Python rows, in one batch."""
    result = TableDigest(Layout(types, key))
    result.add(batch(rows, types))
    return result


def batch(rows: list[tuple[object, ...]], types: tuple[LogicalType, ...]) -> pa.RecordBatch:
    columns = [pa.array([row[i] for row in rows], type=each.arrow) for i, each in enumerate(types)]
    return pa.RecordBatch.from_arrays(columns, names=[f"c{i}" for i in range(len(types))])


VALUES: dict[Kind, tuple[LogicalType, list[object]]] = {
    Kind.BOOL: (t.BOOL, [True, False]),
    Kind.INT16: (t.INT16, [0, 1, -1, 32767]),
    Kind.INT32: (t.INT32, [0, 1, -(2**31)]),
    Kind.INT64: (t.INT64, [0, 1, -1, 2**63 - 1, -(2**63)]),
    Kind.FLOAT64: (t.FLOAT64, [0.0, -0.0, 0.1, 0.1 + 2**-55, math.inf, -math.inf, math.nan, 5e-324]),
    Kind.DECIMAL: (t.decimal(38, 10), [Decimal(0), Decimal("0.0000000001"), Decimal(10) ** 27, Decimal(-1)]),
    Kind.TEXT: (t.TEXT, ["", "a", "a ", " a", "A", "a\r\n", "a\n", "한국", "\0"]),
    Kind.BINARY: (t.BINARY, [b"", b"\0", b"\0\0", b"a"]),
    Kind.DATE: (t.DATE, [0, 1, -719162]),
    Kind.TIME: (t.TIME, [0, 1, 86_399_999_999]),
    Kind.TIMESTAMP: (t.TIMESTAMP, [0, 1, 1_000_000, -62135596800_000_000]),
    Kind.TIMESTAMPTZ: (t.TIMESTAMPTZ, [0, 1, 1_000_000]),
    Kind.UUID: (t.UUID, [b"\0" * 16, b"\0" * 15 + b"\1", b"\1" + b"\0" * 15]),
    Kind.JSON: (t.JSON, ["{}", "[]", "1", '"1"', "null", '{"a":1}', '{"a":"1"}', "true"]),
    Kind.JSON_TEXT: (t.JSON_TEXT, ["{}", "{ }"]),
}


@pytest.mark.parametrize("kind", Kind)
def test_every_distinct_value_of_a_kind_and_null_has_its_own_digest(kind: Kind) -> None:
    type, values = VALUES[kind]
    digests = {digest([(value,)], (type,)).hexadecimal for value in [*values, None]}
    assert len(digests) == len(values) + 1


def test_separators_cannot_be_imitated() -> None:
    types = (t.TEXT, t.TEXT)
    assert digest([("a|b", "c")], types).hexadecimal != digest([("a", "b|c")], types).hexadecimal
    assert digest([("", None)], types).hexadecimal != digest([(None, "")], types).hexadecimal


def test_values_that_change_rows_are_noticed_in_the_column() -> None:
    types = (t.INT64, t.TEXT, t.TEXT)
    one = digest([(1, "a", "x"), (2, "b", "x")], types, key=(0,))
    other = digest([(1, "b", "x"), (2, "a", "x")], types, key=(0,))
    assert one.differing_columns(other) == (1,)
    assert len(one.differing_buckets(other)) == 2


def test_a_table_without_key_counts_duplicates() -> None:
    assert digest([("a",), ("a",)], (t.TEXT,)).total != digest([("a",), ("a",), ("a",)], (t.TEXT,)).total
    assert digest([("a",), ("a",)], (t.TEXT,)).total != digest([("b",), ("b",)], (t.TEXT,)).total


rows_of_everything = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1),
        st.none() | st.text(),
        st.none() | st.floats(),
        st.none() | st.binary(max_size=20),
        st.none()
        | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9),
        st.none() | st.booleans(),
    ),
    min_size=1,
    max_size=30,
)
TYPES = (t.INT64, t.TEXT, t.FLOAT64, t.BINARY, t.decimal(18, 4), t.BOOL)


@given(rows=rows_of_everything, seed=st.randoms(use_true_random=False), cut=st.integers(0, 30))
def test_order_and_division_into_batches_do_not_matter(rows: list, seed: object, cut: int) -> None:
    whole = digest(rows, TYPES, key=(0,))
    shuffled = list(rows)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    divided = TableDigest(Layout(TYPES, (0,)))
    arrow = batch(shuffled, TYPES)
    divided.add(arrow.slice(0, cut))
    divided.add(arrow.slice(cut))
    assert divided.hexadecimal == whole.hexadecimal
    assert divided.differing_columns(whole) == ()
    assert not len(divided.differing_buckets(whole))


@given(rows=rows_of_everything, row=st.integers(0, 29), column=st.integers(1, 5), data=st.data())
def test_one_changed_value_is_found_in_its_column(rows: list, row: int, column: int, data: st.DataObject) -> None:
    unique = list({r[0]: r for r in rows}.values())
    row %= len(unique)
    replacement = data.draw(rows_of_everything)[0][column]
    changed = [
        tuple(replacement if (i, j) == (row, column) else v for j, v in enumerate(r)) for i, r in enumerate(unique)
    ]
    same = batch(unique, TYPES).column(column).equals(batch(changed, TYPES).column(column))
    before, after = digest(unique, TYPES, key=(0,)), digest(changed, TYPES, key=(0,))
    if before.total == after.total:
        assert same or _canonically_equal(unique[row][column], replacement)
    else:
        assert before.differing_columns(after) == (column,)


def _canonically_equal(one: object, other: object) -> bool:
    nan = isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other)
    return nan or repr(one) == repr(other)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}', True),
        ("1", "1.0", True),
        ("100", "1e2", True),
        ("0", "-0.0", True),
        ("1", '"1"', False),
        ("[1,2]", "[2,1]", False),
        ("12345678901234567890.1", "12345678901234567890.2", False),
        ('"\\ud55c"', '"한"', True),
        ("null", '"null"', False),
        ("true", "1", False),
    ],
)
def test_json_documents_are_equal_by_meaning(one: str, other: str, equal: bool) -> None:
    assert (canonical_json(one) == canonical_json(other)) is equal
