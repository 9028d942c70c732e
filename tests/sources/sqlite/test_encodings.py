"""Encodings: a value that fits comes back equal, whole arrays convert as single values do, and SQLite sees the
same number as the converter."""

from __future__ import annotations

import datetime
import json
import math
import re
import sqlite3
import uuid
from contextlib import closing
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    Kind,
    LogicalType,
    decimal,
    text,
)
from migrator.sources.sqlite.encodings import Hazardous, Misfit, NotColumnar, encoding
from migrator.sources.sqlite.encodings.documents import Document, read_document
from migrator.sources.sqlite.encodings.iso import read_moment
from migrator.sources.sqlite.values import InvalidText, SqliteValue, class_of
from tests.sources.sqlite.stored import broken, opened, profiled

HINTS = [
    *("", "BOOLEAN", "DATE", "TIME", "DATETIME", "TIMESTAMPTZ", "JSON", "UUID", "INTEGER", "REAL"),
    *("DECIMAL(10,2)", "DECIMAL", "NUMERIC", "VARCHAR(5)", "TEXT", "BLOB"),
]

ZONES = st.sampled_from(["", "Z", "z", "+00:00", "+09:00", "-0330"])
ISO = st.one_of(
    st.dates().map(str),
    st.times().map(str),
    st.builds(
        lambda at, separator, zone: at.isoformat(separator) + zone, st.datetimes(), st.sampled_from(" T"), ZONES
    ),
    st.builds(lambda at, zone: at.isoformat(" ", "milliseconds") + zone, st.datetimes(), ZONES),
    st.builds(lambda at, zone: at.isoformat(" ", "minutes") + zone, st.datetimes(), ZONES),
    st.from_regex(r"\A[0-9]{4}-[01][0-9]-[0-3][0-9]\Z"),
)
SPELLINGS = [str, lambda each: str(each).upper(), lambda each: each.hex, lambda each: each.hex.upper()]
UUIDS = st.builds(lambda each, spell: spell(each), st.uuids(), st.sampled_from(SPELLINGS))
JULIAN_MILLIS = st.integers(199_190_664_000_000, 243_370_440_000_000)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
).map(json.dumps)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["t", "f", "true", "FALSE", "0", "1", "yes", "", "1.0", "1e5", "9e999", "NaN"]),
    ISO,
    UUIDS,
    JSONS,
    st.integers().map(str),
)
INTEGERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0, 1, 2, 2**53, 2**53 + 1, 100_000_000, 4_102_444_800, 1_700_000_000_000, 2_460_000]),
)
REALS = st.one_of(
    st.floats(allow_nan=False),
    st.floats(2_305_447.5, 2_816_787.5),
    st.floats(1e8, 4.1e9),
    st.decimals(-(10**8), 10**8, places=2).map(float),
    st.integers(0, 10**15).map(lambda each: each / 1e6),
)
INVALID = st.binary(max_size=4).map(lambda raw: b"\xff" + raw).map(broken)
VALUES: st.SearchStrategy[SqliteValue] = st.one_of(INTEGERS, REALS, TEXTS, st.binary(max_size=20), INVALID)
COLUMNS = st.one_of(
    *(st.lists(each, min_size=1, max_size=5) for each in (INTEGERS, REALS, TEXTS, ISO, UUIDS, JSONS, VALUES)),
    st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=3),
)


@given(st.sampled_from(HINTS), COLUMNS)
def test_whatever_fits_comes_back_equal(declared: str, values: list[SqliteValue]) -> None:
    with opened(f"CREATE TABLE t (v {declared})", rows=[(value,) for value in values]) as source:
        profile = profiled(source).columns[0]
        stored = [row[0] for row in source._connection.execute("SELECT v FROM t")]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE back (v {declared})")
        for fit in profile.fits:
            if fit.count == profile.values:
                for value in stored:
                    assert_comes_back(connection, encoding(fit.encoding, fit.type), value, fit.spellings)


def assert_comes_back(connection: sqlite3.Connection, exact: Any, value: SqliteValue, spellings: int) -> None:
    try:
        canonical = exact.decode(value)
    except Hazardous:
        return
    connection.execute("DELETE FROM back")
    connection.execute("INSERT INTO back VALUES (?)", (exact.encode(canonical),))
    back = connection.execute("SELECT v FROM back").fetchone()[0]
    assert exact.decode(back) == canonical
    if spellings == 1 and not type(exact).__name__.startswith("Any"):
        assert back == value
        numeric = isinstance(value, int | float)
        assert numeric or class_of(back) == class_of(value)
    if isinstance(value, float) and value == 0:
        assert isinstance(back, int | float | str | bytes)
        assert not isinstance(back, float) or math.copysign(1, back) == math.copysign(1, value)


def test_back_into_a_typeless_column_text_keeps_the_digits() -> None:
    exact = encoding("any", TEXT)
    assert [exact.decode(value) for value in (5, 0.1, 1e300, -0.0, math.inf, "x")] == [
        "5", "0.1", "1e+300", "-0.0", "9e999", "x"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("type", "name", "value", "canonical", "back"),
    [
        (BOOL, "words:f/t", "t", True, "t"),
        (DATE, "iso:YYYY-MM-DD", "1969-12-31", -1, "1969-12-31"),
        (TIME, "iso:hh:mm", "10:30", 37_800_000_000, "10:30"),
        (TIME, "iso:hh:mm:ss.fff", "00:00:01.500", 1_500_000, "00:00:01.500"),
        (TIMESTAMP, "iso:YYYY-MM-DDThh:mm:ss", "1970-01-02T00:00:00", 86_400_000_000, "1970-01-02T00:00:00"),
        (TIMESTAMP, "iso:YYYY-MM-DD hh:mm:ss[.ffffff]", "1970-01-01 00:00", 0, "1970-01-01 00:00:00"),
        (TIMESTAMP, "julian", 2440587.5, 0, 2440587.5),
        (TIMESTAMP, "julian", 2460310.9166666665, 1_704_103_200_000_000, 2460310.9166666665),
        (
            TIMESTAMPTZ,
            "iso:YYYY-MM-DDThh:mm:ss+09:00",
            "1970-01-01T09:00:00+09:00",
            0,
            "1970-01-01T09:00:00+09:00",
        ),
        (TIMESTAMPTZ, "iso:YYYY-MM-DD hh:mmZ", "1970-01-01 00:01Z", 60_000_000, "1970-01-01 00:01Z"),
        (TIMESTAMPTZ, "epoch_seconds", 1_700_000_000, 1_700_000_000_000_000, 1_700_000_000),
        (TIMESTAMPTZ, "epoch_seconds", 1_700_000_000.25, 1_700_000_000_250_000, 1_700_000_000.25),
        (TIMESTAMPTZ, "epoch_milliseconds", 1_700_000_000_001, 1_700_000_000_001_000, 1_700_000_000_001),
        (UUID, "text:HEX", "0" * 31 + "F", bytes(15) + b"\x0f", "0" * 31 + "F"),
        (decimal(5, 2), "number", 1.1, Decimal("1.1"), 1.1),
        (decimal(5, 2), "number", 100, Decimal(100), 100),
        (INT16, "whole", 5.0, 5, 5),
        (INT64, "whole", -9007199254740994.0, -9007199254740994, -9007199254740994),
        (INT32, "digits", "-12", -12, "-12"),
        (INT64, "digits", "-9223372036854775808", -(2**63), "-9223372036854775808"),
        (INT64, "digits", 7.0, 7, "7"),
        (decimal(5, 2), "digits", "12.50", Decimal("12.5"), "12.5"),
        (decimal(5, 2), "digits:2", "12.50", Decimal("12.5"), "12.50"),
        (decimal(5, 2), "digits:2", "-0.100000", Decimal("-0.1"), "-0.10"),
        (decimal(38, 0), "digits", "9" * 38, Decimal("9" * 38), "9" * 38),
        (decimal(38, 38), "digits", "0." + "1" * 38, Decimal("0." + "1" * 38), "0." + "1" * 38),
        (decimal(5, 2), "digits", 1.1, Decimal("1.1"), "1.1"),
        (FLOAT64, "digits", "0.10", 0.1, "0.1"),
        (FLOAT64, "digits", "-0", -0.0, "-0"),
        (FLOAT64, "digits", "1e300", 1e300, "1e+300"),
        (FLOAT64, "digits", 5, 5.0, "5"),
        (DATE, "midnight:YYYY-MM-DD hh:mm:ss", "1969-12-31 00:00:00", -1, "1969-12-31 00:00:00"),
        (DATE, "midnight:YYYY-MM-DDThh:mm:ss.fff", "1970-01-02T00:00:00.000", 1, "1970-01-02T00:00:00.000"),
        (DATE, "midnight:YYYY-MM-DD hh:mm:ss", "1970-01-02", 1, "1970-01-02 00:00:00"),
        (TIMESTAMP, "day:YYYY-MM-DD", "1970-01-02", 86_400_000_000, "1970-01-02"),
        (TIMESTAMP, "day:YYYY-MM-DD", "1970-01-01 00:00:01", 1_000_000, "1970-01-01 00:00:01"),
        (TIMESTAMP, "day:YYYY-MM-DDThh:mm:ss[.ffffff]", "1970-01-02", 86_400_000_000, "1970-01-02T00:00:00"),
        (TIMESTAMP, "utc:YYYY-MM-DDThh:mm:ssZ", "1970-01-01T00:00:01Z", 1_000_000, "1970-01-01T00:00:01Z"),
        (TIMESTAMP, "utc:YYYY-MM-DDThh:mm:ssZ", "1970-01-01 00:00:01-0000", 1_000_000, "1970-01-01T00:00:01Z"),
        (TIMESTAMP, "epoch_seconds", 1_700_000_000, 1_700_000_000_000_000, 1_700_000_000),
        (TIMESTAMP, "epoch_milliseconds", 1_700_000_000_001, 1_700_000_000_001_000, 1_700_000_000_001),
        (UUID, "braces:HEX", "{" + "0" * 31 + "F}", bytes(15) + b"\x0f", "{" + "0" * 31 + "F}"),
        (UUID, "braces:hex", "0" * 31 + "F", bytes(15) + b"\x0f", "{" + "0" * 31 + "f}"),
        (JSON, "document", 5, "5", "5"),
        (BINARY, "any", "é", b"\xc3\xa9", b"\xc3\xa9"),
        (BINARY, "any", broken(b"\xff"), b"\xff", b"\xff"),
    ],
)
def test_canonical_values(type: LogicalType, name: str, value: Any, canonical: Any, back: Any) -> None:
    exact = encoding(name, type)
    assert exact.decode(value) == canonical
    assert exact.encode(canonical) == back


@pytest.mark.parametrize(
    ("type", "name", "value"),
    [
        (BOOL, "integer", 2),
        (BOOL, "words:f/t", "T"),
        (INT16, "integer", 2**15),
        (INT32, "integer", -(2**31) - 1),
        (INT64, "integer", 1.0),
        (FLOAT64, "real", 2**53 + 1),
        (text(3), "text", "abcd"),
        (decimal(3, 2), "number", 10),
        (decimal(3, 2), "number", 1.005),
        (decimal(3, 2), "number", math.inf),
        (DATE, "iso", "2024-1-1"),
        (TIMESTAMPTZ, "iso:YYYY-MM-DD hh:mm:ssZ", "2024-01-01 00:00:00+09:00"),
        (TIMESTAMP, "julian", 2305447.4),
        (UUID, "blob", bytes(17)),
        *((INT64, "whole", value) for value in (1.5, math.inf, 2.0**63, "1", b"1")),
        (INT16, "whole", 32768.0),
        *(
            (INT64, "digits", value)
            for value in ("0123", "+5", " 5", "5 ", "1.0", "-0", "", "٣", "5\n", 1.5, b"5")
        ),
        (INT64, "digits", "9223372036854775808"),
        (INT16, "digits", "-32769"),
        *(
            (decimal(5, 2), "digits", value)
            for value in ("1e3", "1.005", "1000", ".5", "5.", "-0.00", "1,5", "01")
        ),
        (decimal(5, 2), "digits", broken(b"\xff")),
        (decimal(38, 0), "digits", "9" * 39),
        *((FLOAT64, "digits", value) for value in ("0.1000000000000000055", "1e999", "inf", "NaN", "0x1", "1_0")),
        (FLOAT64, "digits", "9007199254740993"),
        *((DATE, "midnight:YYYY-MM-DD hh:mm", value) for value in ("2024-01-31 00:00:00.000001", "00:00")),
        (DATE, "midnight:YYYY-MM-DD hh:mm", "2023-02-29 00:00"),
        (DATE, "midnight:YYYY-MM-DD hh:mm", "2024-01-31 00:00Z"),
        *((TIMESTAMP, "day:YYYY-MM-DD", value) for value in ("10:00", "2024-01-31T10:00Z", "2024-02-30")),
        *((TIMESTAMP, "utc:YYYY-MM-DD hh:mmZ", value) for value in ("2024-01-31 10:00", "2024-01-31 10:00+01:00")),
        (UUID, "braces:hex", "{{" + "0" * 32 + "}}"),
        (UUID, "braces:hex", "{" + "0" * 32),
        (UUID, "text:hyphens", "0f8fad5b-d9cb-469f-a165-70867728950ea"),
        (text(3), "text", broken(b"\xffabc")),
        (JSON, "document", '{"a":1,"a":1}'),
        (JSON_TEXT, "document", "nul"),
        (TEXT, "any", b""),
    ],
)
def test_misfits(type: LogicalType, name: str, value: Any) -> None:
    with pytest.raises(Misfit):
        encoding(name, type).decode(value)


@pytest.mark.parametrize(("value", "code"), [("a\0", "text-nul"), (broken(b"\xff"), "text-invalid")])
@pytest.mark.parametrize("name", ["text", "any"])
def test_hazards(name: str, value: str | InvalidText, code: str) -> None:
    with pytest.raises(Hazardous) as caught:
        encoding(name, TEXT).decode(value)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("type", "name"),
    [
        *[(INT64, "iso"), (TEXT, "nonsense"), (BOOL, "words:no/yes"), (UUID, "text:x"), (UUID, "braces:x")],
        *[
            (decimal(5, 2), "digits:x"),
            (TIMESTAMP, "utc:YYYY-MM-DD hh:mm+09:00"),
            (TIMESTAMP, "utc:YYYY-MM-DD hh:mm"),
        ],
    ],
)
def test_unknown_encodings_are_refused(type: LogicalType, name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(name)):
        encoding(name, type)


# The two other views of an encoding: whole arrays, and SQL.

MOMENT_TEXTS = {
    "iso:YYYY-MM-DD hh:mm:ss.ffffff": st.datetimes().map(lambda at: at.isoformat(" ", "microseconds")),
    "iso:YYYY-MM-DDThh:mm:ss[.ffffff]": st.datetimes().map(lambda at: at.isoformat("T")),
    "iso:YYYY-MM-DD hh:mm": st.datetimes().map(lambda at: at.isoformat(" ", "minutes")),
}
SAFE = st.datetimes(datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30))
MIDNIGHT = "{}{}".format
MIDNIGHTS = ["", "T00:00", " 00:00:00", "T00:00:00.0", " 00:00:00.000000"]


def plain_digits(number: Decimal) -> str:
    """The digits of a decimal, without the sign of a negative zero."""
    return f"{number if number else abs(number):f}"


VIEWS: list[tuple[LogicalType, str, st.SearchStrategy[Any]]] = [
    (BOOL, "integer", st.integers(0, 1)),
    (BOOL, "words:false/true", st.sampled_from(["false", "true"])),
    (INT64, "integer", st.integers(-(2**63), 2**63 - 1)),
    (INT16, "integer", st.integers(-(2**15), 2**15 - 1)),
    (FLOAT64, "real", st.floats(allow_nan=False)),
    (decimal(15, 4), "number", st.decimals(-(10**10), 10**10, places=4).map(float)),
    (decimal(3, 3), "number", st.decimals("-0.999", "0.999", places=3).map(float)),
    (TEXT, "text", st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))),
    (text(4), "text", st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)),
    (BINARY, "blob", st.binary()),
    (DATE, "iso:YYYY-MM-DD", st.dates().map(str)),
    (TIME, "iso:hh:mm:ss[.ffffff]", st.times().map(str)),
    (TIME, "iso:hh:mm", st.times().map(lambda at: at.isoformat("minutes"))),
    *((TIMESTAMP, name, texts) for name, texts in MOMENT_TEXTS.items()),
    (TIMESTAMP, "julian", st.floats(2_305_447.5, 2_816_787.5)),
    (
        TIMESTAMP,
        "julian",
        JULIAN_MILLIS.map(lambda each: each / 86_400_000.0),
    ),
    (TIMESTAMPTZ, "iso:YYYY-MM-DD hh:mm:ss+09:00", SAFE.map(lambda at: at.isoformat(" ", "seconds") + "+09:00")),
    (TIMESTAMPTZ, "iso:YYYY-MM-DDThh:mm:ss.fffZ", SAFE.map(lambda at: at.isoformat("T", "milliseconds") + "Z")),
    (TIMESTAMPTZ, "iso:YYYY-MM-DDThh:mm:ss-0330", SAFE.map(lambda at: at.isoformat("T", "seconds") + "-0330")),
    (TIMESTAMPTZ, "epoch_seconds", st.integers(10**14, 41 * 10**14).map(lambda each: each / 1e6)),
    (TIMESTAMPTZ, "epoch_milliseconds", st.integers(10**11, 4_102_444_800_000)),
    (UUID, "text:hyphens", st.uuids().map(str)),
    (UUID, "text:HYPHENS", st.uuids().map(lambda each: str(each).upper())),
    (UUID, "text:hex", st.uuids().map(lambda each: each.hex)),
    (UUID, "blob", st.uuids().map(lambda each: each.bytes)),
    (JSON, "document", st.dictionaries(st.text("ab"), st.integers()).map(json.dumps)),
    (INT32, "whole", st.integers(-(2**31), 2**31 - 1).map(float)),
    (INT64, "whole", st.integers(-(2**53), 2**53).map(float)),
    (INT16, "digits", st.integers(-(2**15), 2**15 - 1).map(str)),
    (INT64, "digits", st.integers(-(2**63), 2**63 - 1).map(str)),
    (decimal(12, 4), "digits", st.decimals(-(10**7), 10**7, places=4).map(plain_digits)),
    (decimal(12, 4), "digits:2", st.decimals(-(10**7), 10**7, places=2).map(plain_digits)),
    (decimal(3, 0), "digits", st.integers(-999, 999).map(str)),
    (FLOAT64, "digits", st.integers(-(10**14) + 1, 10**15 - 1).map(str)),
    (DATE, "midnight:YYYY-MM-DD hh:mm:ss", st.dates().map("{} 00:00:00".format)),
    (DATE, "midnight:YYYY-MM-DDThh:mm:ss[.ffffff]", st.builds(MIDNIGHT, st.dates(), st.sampled_from(MIDNIGHTS))),
    (TIMESTAMP, "day:YYYY-MM-DD", st.dates().map(str)),
    (TIMESTAMP, "day:YYYY-MM-DD hh:mm:ss[.ffffff]", st.one_of(st.dates().map(str), st.datetimes().map(str))),
    (TIMESTAMP, "utc:YYYY-MM-DDThh:mm:ssZ", st.datetimes().map(lambda at: at.isoformat("T", "seconds") + "Z")),
    (TIMESTAMP, "utc:YYYY-MM-DD hh:mm:ss+00:00", SAFE.map(lambda at: at.isoformat(" ") + "+00:00")),
    (TIMESTAMP, "epoch_seconds", st.integers(10**14, 41 * 10**14).map(lambda each: each / 1e6)),
    (TIMESTAMP, "epoch_milliseconds", st.integers(10**11, 4_102_444_800_000)),
    (UUID, "braces:HYPHENS", st.uuids().map(lambda each: f"{{{each}}}".upper())),
    (UUID, "braces:hex", st.uuids().map(lambda each: f"{{{each.hex}}}")),
]
PROBES = {"0": pa.int64(), "0.0": pa.float64(), "''": pa.string(), "x''": pa.binary()}
NAMES = [f"{type}-{name}" for type, name, _ in VIEWS]
view = pytest.mark.parametrize(("type", "name", "values"), VIEWS, ids=NAMES)


@view
@given(data=st.data())
def test_arrays_convert_as_single_values_do(
    type: LogicalType, name: str, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    column = data.draw(st.lists(st.none() | values, max_size=6))
    exact = encoding(name, type)
    assert exact.probe is not None
    array = pa.array([None, *column], PROBES[exact.probe]).slice(1)
    expected = pa.array([None if value is None else exact.decode(value) for value in column], type.arrow)
    found = exact.vector(array)
    found.validate(full=True)
    assert found.type == type.arrow
    assert found.equals(expected)


@view
@given(data=st.data())
def test_sqlite_sees_the_same_number(
    type: LogicalType, name: str, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    exact = encoding(name, type)
    number, seen = exact.number("v"), exact.text("v")
    canonical = exact.decode(value)
    with closing(sqlite3.connect(":memory:")) as connection:
        if (doubt := exact.inexact("v")) is not None:
            assert not connection.execute(f"SELECT {doubt} FROM (SELECT ? AS v)", (value,)).fetchone()[0]
        if number is not None:
            (found,) = connection.execute(f"SELECT {number} FROM (SELECT ? AS v)", (value,)).fetchone()
            assert found == (canonical.scaleb(type.scale or 0) if isinstance(canonical, Decimal) else canonical)
        if seen is not None:
            (found,) = connection.execute(f"SELECT {seen} FROM (SELECT ? AS v)", (value,)).fetchone()
            assert found == (str(uuid.UUID(bytes=canonical)) if type.kind is Kind.UUID else canonical)


ARRAYS = st.one_of(
    st.lists(st.none() | INTEGERS, max_size=4).map(lambda each: pa.array(each, pa.int64())),
    st.lists(st.none() | REALS, max_size=4).map(lambda each: pa.array(each, pa.float64())),
    st.lists(st.none() | TEXTS, max_size=4).map(lambda each: pa.array(each, pa.string())),
    st.lists(st.none() | st.binary(max_size=17), max_size=4).map(lambda each: pa.array(each, pa.binary())),
)


@pytest.mark.parametrize(("type", "name"), dict.fromkeys((type, name) for type, name, _ in VIEWS))
@given(array=ARRAYS)
def test_arrays_with_misfits_are_refused_or_right(type: LogicalType, name: str, array: pa.Array) -> None:
    exact = encoding(name, type)
    try:
        found = exact.vector(array)
    except (NotColumnar, pa.ArrowInvalid, Misfit):
        return
    assert found.equals(
        pa.array([None if each is None else exact.decode(each) for each in array.to_pylist()], type.arrow)
    )


@pytest.mark.parametrize(
    ("type", "name", "value"),
    [
        (UUID, "text:hyphens", "0f8fad5b-d9cb-469f-a165-7086772895zz"),
        (UUID, "text:hyphens", "0F8FAD5B-D9CB-469F-A165-70867728950E"),
        (UUID, "text:hyphens", "0f8fad5bd-9cb-469f-a165-70867728950e"),
        (UUID, "text:HEX", "0f8fad5bd9cb469fa16570867728950e"),
        (DATE, "iso:YYYY-MM-DD", "2023-02-29"),
        (DATE, "iso:YYYY-MM-DD", "0000-01-01"),
        (TIME, "iso:hh:mm", "24:00"),
        (TIMESTAMP, "iso:YYYY-MM-DD hh:mm:ss", "2023-02-28 24:00:00"),
        (TIMESTAMP, "iso:YYYY-MM-DD hh:mm:ss", "2023-02-28 10:00:00.1234567"),
        (TIMESTAMPTZ, "iso:YYYY-MM-DD hh:mm+09:00", "0001-01-01 00:00+09:00"),
        (decimal(5, 2), "number", 1.005),
        (decimal(5, 2), "number", 1000.0),
        (TEXT, "text", "a\0"),
        (text(1), "text", "ab"),
        (BOOL, "integer", 2),
        (INT16, "integer", 2**15),
        (UUID, "blob", bytes(15)),
        (JSON, "document", '{"a": 1, "a": 2}'),
        *((INT64, "whole", value) for value in (1.5, math.inf, 2.0**63)),
        (INT16, "whole", 32768.0),
        *(
            (INT64, "digits", value)
            for value in ("0123", "+5", " 5", "1.0", "-0", "", "5\n", "9223372036854775808")
        ),
        (INT16, "digits", "32768"),
        *((decimal(5, 2), "digits", value) for value in ("1e3", "1.005", "1000", ".5", "-0.00", " 1")),
        *((FLOAT64, "digits", value) for value in ("0.1000000000000000055", "inf", "NaN", " 1", "1_0")),
        *(
            (DATE, "midnight:YYYY-MM-DD", value)
            for value in ("2024-01-31 00:01", "2023-02-29 00:00", "2024-01-31x")
        ),
        *((TIMESTAMP, "day:YYYY-MM-DD", value) for value in ("2024-01-31 24:00", "2024-02-30", "2024-01-31T10")),
        (TIMESTAMP, "utc:YYYY-MM-DD hh:mmZ", "2024-01-31 10:00"),
        (UUID, "braces:hex", "{" + "0" * 31 + "g}"),
        (UUID, "braces:hex", "{{" + "0" * 30 + "}}"),
    ],
)
def test_arrays_refuse_what_single_values_refuse(type: LogicalType, name: str, value: Any) -> None:
    exact = encoding(name, type)
    assert exact.probe is not None
    with pytest.raises((NotColumnar, pa.ArrowInvalid, Misfit)):
        exact.vector(pa.array([None, value], PROBES[exact.probe]))


@given(st.text())
def test_only_json_is_json(document: str) -> None:
    try:
        json.loads(document, parse_constant=lambda _: 1 / 0)
        valid = True
    except (ValueError, ZeroDivisionError):
        valid = False
    assert (read_document(document) is not None) == valid


@pytest.mark.parametrize(
    ("document", "grade"),
    [
        ('{"a": {"b": [1, "x"]}}', Document.PLAIN),
        ('[{"a": 1, "a": 1}]', Document.TEXTUAL),
        (r'{"\u0000": 1}', Document.TEXTUAL),
        (r'["\udc00\ud800"]', Document.TEXTUAL),
        (r'["\\ud800"]', Document.PLAIN),
        ("[" + "1" * 131_072 + "]", Document.PLAIN),
        ("[" + "1" * 131_073 + "]", Document.TEXTUAL),
        ("[0." + "1" * 16_384 + "]", Document.TEXTUAL),
        ("[Infinity]", None),
        ("[01]", None),
        ('["\t"]', None),
        ("\ufeff{}", None),
        ("{} x", None),
    ],
)
def test_documents_are_graded(document: str, grade: Document | None) -> None:
    assert read_document(document) is grade


@given(st.datetimes(), st.sampled_from("T "), st.sampled_from(["", "Z", "+09:00", "-1130"]))
def test_moments_agree_with_python(at: datetime.datetime, separator: str, zone: str) -> None:
    moment = read_moment(at.isoformat(separator) + zone)
    instant = at.replace(tzinfo=datetime.UTC) - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    expected = (
        instant // datetime.timedelta(microseconds=1) - (moment.offset or 0) * 60_000_000 if moment else None
    )
    if moment is None:
        assert at.year in (1, 9999) and zone not in ("", "Z")
    else:
        assert moment.number == expected
        assert moment.offset == {"": None, "Z": 0, "+09:00": 540, "-1130": -690}[zone]


FLOATS = [0.0, -0.0, 1.5, 2.2250738585072014e-308, 5e-324, -1e-310, math.inf, -math.inf, None]


@pytest.mark.parametrize("name", ["real", "real|float-infinite,float-subnormal"])
def test_what_a_target_cannot_hold_is_refused_one_by_one_and_as_a_whole(name: str) -> None:
    stored = encoding(name, FLOAT64)
    for value in FLOATS:
        array = pa.array([value], pa.float64())
        if value is None or _held(name, value):
            assert stored.vector(array).equals(array)
            assert value is None or stored.decode(value) == value
        else:
            with pytest.raises(NotColumnar):
                stored.vector(array)
            with pytest.raises(Hazardous):
                stored.decode(value)


def _held(name: str, value: float) -> bool:
    return "|" not in name or value == 0 or 2.2250738585072014e-308 <= abs(value) < math.inf


@pytest.mark.parametrize(("name", "held"), [("text", False), ("any", False), ("text|text-invalid", True)])
def test_a_nul_character_is_refused_where_the_target_cannot_hold_it(name: str, held: bool) -> None:
    stored = encoding(name, TEXT)
    if held:
        assert stored.decode("a\0b") == "a\0b"
        assert stored.vector(pa.array(["a\0b"])).to_pylist() == ["a\0b"]
    else:
        with pytest.raises(Hazardous):
            stored.decode("a\0b")
