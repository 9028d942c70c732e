"""Values that SQLite would change, or would not take: how they are stored all the same."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from migrator.sources.access.storing import decimals, number, plain
from tests.sources.access.snapshots import floats

MANY = Decimal("922337203685477.5807")


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (Decimal("0"), 0),
        (Decimal("-0"), 0),
        (Decimal("12.50"), 12.5),
        (Decimal("-1.0001"), -1.0001),
        (Decimal("99999999999.9999"), 99999999999.9999),  # 15 digits, which a double tells
        (Decimal("100000000000.0001"), "100000000000.0001"),  # 16, which it may not
        (MANY, "922337203685477.5807"),
        (-MANY, "-922337203685477.5807"),
        (Decimal("1000000000000000.0000"), "1000000000000000"),
        (Decimal("1E-28"), 1e-28),
        (None, None),
    ],
)
def test_decimals_are_numbers_as_long_as_a_double_tells_them(value: Decimal | None, stored: Any) -> None:
    found = number(value)
    assert found == stored and type(found) is type(stored)
    if value is not None:
        assert Decimal(str(found)) == value


def test_a_whole_column_of_decimals_is_stored_as_each_is() -> None:
    small = [Decimal("1.0000"), None, Decimal("-2.5000"), Decimal("99999999999.9999")]
    for values in (small, [*small, MANY], [*small, -MANY], [None]):
        array = pa.array(values, pa.decimal128(19, 4))
        assert decimals(array) == list(map(number, values))
        assert decimals(array.slice(1)) == list(map(number, values[1:]))


def test_what_sqlite_makes_null_or_zero_of_stays_apart() -> None:
    """NaN would be NULL, and -0.0 the integer 0 in a column of REAL affinity."""
    nan, zero, infinite = floats([math.nan, -0.0, -math.inf])
    assert nan == "NaN" and math.copysign(1, zero) == -1 and infinite == -math.inf
    assert plain(math.nan) == "NaN" and floats([1.5, None]) == [1.5, None]


def test_text_that_is_no_unicode_keeps_its_bytes() -> None:
    stored = plain("a\ud800b")
    assert isinstance(stored, bytes)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.text_factory = bytes
        ((kind, raw),) = connection.execute("SELECT typeof(t), t FROM (SELECT CAST(? AS TEXT) AS t)", (stored,))
    assert (kind, raw) == (b"text", stored)
