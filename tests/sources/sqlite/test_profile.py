"""What the values of a column say: the first type that holds them all, what was promised, what is hazardous."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.types import (
    BOOL,
    DATE,
    INT16,
    INT32,
    INT64,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    LogicalType,
    decimal,
)
from migrator.sources import Location
from migrator.sources.sqlite.encodings import encoding, fits
from migrator.sources.sqlite.encodings.iso import iso_name, read_moment
from migrator.sources.sqlite.profile.subject import Subject
from migrator.sources.sqlite.profile.temporal import proof
from migrator.sources.sqlite.source import SqliteSource
from migrator.sources.sqlite.storage import declaration
from migrator.sources.sqlite.values import Reading, SqliteValue
from tests.sources.sqlite.stored import best, broken, column_of, fit_of, opened, profiled

A = "0f8fad5b-d9cb-469f-a165-70867728950e"
B = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@dataclass(frozen=True)
class Case:
    """A declared type and values, the fit to expect, what was promised, and the hazards."""

    declared: str
    values: tuple[SqliteValue, ...]
    type: str
    encoding: str
    expected: str | None
    hazards: tuple[tuple[str, int], ...] = ()
    spellings: int = 1
    strict: bool = False


def case(declared: str, values: list[Any], type: str, encoding: str, expected: str | None, **more: Any) -> Case:
    return Case(declared, tuple(values), type, encoding, expected, **more)


ISO = "YYYY-MM-DD hh:mm:ss"
CASES = [
    # booleans
    case("BOOLEAN", [0, 1, 1, None], "bool", "integer", "bool"),
    case("BOOLEAN", ["t", "f"], "bool", "words:f/t", "bool"),
    case("BOOL", ["true", "false", "true"], "bool", "words:false/true", "bool"),
    case("BOOLEAN", ["True", "False"], "bool", "words:False/True", "bool"),
    case("BOOLEAN", ["true", "FALSE"], "text", "text", "bool"),
    case("BOOLEAN", [0, 1, 2], "int64", "integer", "bool"),
    case("BOOLEAN", ["yes", "no"], "text", "text", "bool"),
    case("BOOLEAN", [0, "yes"], "text", "any", "bool"),
    case("BOOLEAN", [1, "t"], "text", "any", "bool"),
    case("BIT", [0, 1], "bool", "integer", "bool"),
    case("BOOL", [], "bool", "integer", "bool"),
    # integers
    case("INTEGER", [1, -5, None], "int64", "integer", "int64"),
    case("BIGINT", [2**63 - 1, -(2**63)], "int64", "integer", "int64"),
    case("INTEGER", [1, 2.5], "float64", "real", "int64"),
    case("INTEGER", [2**53 + 1, 2.5], "text", "any", "int64"),
    case("INTEGER", [1, "abc"], "text", "any", "int64"),
    case("INTEGER", ["abc"], "text", "text", "int64"),
    case("INTEGER", [1, b"\x00"], "binary", "any", "int64"),
    case("INTEGER", [1, 2.5, "x", b"y"], "binary", "any", "int64"),
    case("INTEGER", [None], "int64", "integer", "int64"),
    # reals
    case("REAL", [1.5, 2, 0.1 + 0.2], "float64", "real", "float64"),
    case(
        "DOUBLE PRECISION",
        [math.inf, 1.0, -math.inf],
        "float64",
        "real",
        "float64",
        hazards=(("float-infinite", 2),),
    ),
    case("REAL", [1.5, "n/a"], "text", "any", "float64"),
    case("FLOAT", [-0.0, 2.2250738585072014e-308, 1.7976931348623157e308], "float64", "real", "float64"),
    case(
        "FLOAT",
        [5e-324, -2.225073858507201e-308, 0.0],
        "float64",
        "real",
        "float64",
        hazards=(("float-subnormal", 2),),
    ),
    # decimals
    case("DECIMAL(10,2)", [1, 2.5, 99999999.99], "decimal(10,2)", "number", "decimal(10,2)"),
    case("DECIMAL(10,2)", [1.005], "decimal(11,3)", "number", "decimal(10,2)"),
    case("DECIMAL(10,2)", [123456789.5], "decimal(11,2)", "number", "decimal(10,2)"),
    case("DECIMAL(10,2)", [0.1 + 0.2], "decimal(25,17)", "number", "decimal(10,2)"),
    case("DECIMAL(10,2)", [1e300], "float64", "real", "decimal(10,2)"),
    case("DECIMAL(10,2)", [math.inf], "float64", "real", "decimal(10,2)", hazards=(("float-infinite", 1),)),
    case("DECIMAL(10,2)", [1.5, "n/a"], "text", "any", "decimal(10,2)"),
    case("DECIMAL", [1.25, 100], "decimal(5,2)", "number", "decimal(5,2)"),
    case("DECIMAL", [7], "decimal(1,0)", "number", "decimal(1,0)"),
    case("DECIMAL", [], "decimal(38,10)", "number", "decimal(38,10)"),
    case("DECIMAL(12,4)", [], "decimal(12,4)", "number", "decimal(12,4)"),
    case("DECIMAL(38,10)", [1e29], "decimal(30,0)", "number", "decimal(38,10)"),
    case("NUMERIC", [1, 2], "int64", "integer", "int64"),
    case("NUMERIC", [1, 2.5], "decimal(2,1)", "number", "decimal(2,1)"),
    case("NUMERIC(5)", [12345], "decimal(5,0)", "number", "decimal(5,0)"),
    case("DECIMAL(3,3)", [0.05, 0.125], "decimal(3,3)", "number", "decimal(3,3)"),
    # text
    case("TEXT", ["", "a", "한국어"], "text", "text", "text"),
    case("VARCHAR(3)", ["abc", "한국어"], "text(3)", "text", "text(3)"),
    case("VARCHAR(3)", ["abcd", "a"], "text", "text", "text(3)"),
    case("NVARCHAR(255)", ["abc"], "text(255)", "text", "text(255)"),
    case("CHAR(36)", [A, B], "text(36)", "text", "text(36)"),
    case("TEXT", ["a\0b", "c"], "text", "text", "text", hazards=(("text-nul", 1),)),
    case("VARCHAR(2)", ["a\0b"], "text", "text", "text(2)", hazards=(("text-nul", 1),)),
    case("TEXT", [broken(b"\xff\xfe"), "ok"], "text", "text", "text", hazards=(("text-invalid", 1),)),
    case("TEXT", [broken(b"\xed\xa0\x80")], "text", "text", "text", hazards=(("text-invalid", 1),)),
    case("TEXT", ["a", b"b"], "binary", "any", "text"),
    case("TEXT", ["a\0b", b"\0"], "binary", "any", "text"),
    case("VARCHAR(10)", [], "text(10)", "text", "text(10)"),
    # blobs
    case("BLOB", [b"", b"\0\xff"], "binary", "blob", "binary"),
    case("BLOB", [b"x", "text"], "binary", "any", "binary"),
    case("BLOB", ["text\0"], "binary", "any", "binary"),
    case("BLOB", [], "binary", "any", "binary"),
    # dates
    case("DATE", ["2024-02-29", "0001-01-01", "9999-12-31"], "date", "iso:YYYY-MM-DD", "date"),
    case("DATE", ["2023-02-29"], "text", "text", "date"),
    case("DATE", ["0000-00-00", "2024-01-01"], "text", "text", "date"),
    case("DATE", ["2023-02-30"], "text", "text", "date"),
    case("DATE", ["2024-01-01 00:00:00"], "timestamp", f"iso:{ISO}", "date"),
    case("DATETIME", ["2024-01-01", "2024-12-31"], "date", "iso:YYYY-MM-DD", "date"),
    case("DATETIME", ["2024-01-01", "2024-01-01 10:00:00"], "text", "text", "timestamp"),
    case("DATE", ["2024-01-01\0"], "text", "text", "date", hazards=(("text-nul", 1),)),
    case("DATE", ["0000-01-01"], "text", "text", "date"),
    case("DATE", [20240131], "int64", "integer", "date"),
    case("DATE", [], "date", "iso:YYYY-MM-DD", "date"),
    # times
    case("TIME", ["10:00", "23:59"], "time", "iso:hh:mm", "time"),
    case("TIME", ["10:00:00.5"], "time", "iso:hh:mm:ss.f", "time"),
    case("TIME", ["24:00"], "text", "text", "time"),
    case("TIME", ["10:00:60"], "text", "text", "time"),
    case("TIME", [1_700_000_000], "int64", "integer", "time"),
    case("TIME", [], "time", "iso:hh:mm:ss[.ffffff]", "time"),
    # timestamps
    case("DATETIME", ["2024-01-31 10:00:00.000000"], "timestamp", f"iso:{ISO}.ffffff", "timestamp"),
    case("DATETIME", ["2024-01-31T10:00:00"], "timestamp", "iso:YYYY-MM-DDThh:mm:ss", "timestamp"),
    case("TIMESTAMP", ["2024-01-31 10:00"], "timestamp", "iso:YYYY-MM-DD hh:mm", "timestamp"),
    case(
        "DATETIME",
        ["2024-01-31 10:00:00", "2024-01-31 10:00:00.123456"],
        "timestamp",
        f"iso:{ISO}[.ffffff]",
        "timestamp",
    ),
    case(
        "DATETIME",
        ["2024-01-31 10:00:00", "2024-01-31 10:00:00.000000"],
        "timestamp",
        f"iso:{ISO}[.ffffff]",
        "timestamp",
        spellings=2,
    ),
    case(
        "DATETIME",
        ["2024-01-31 10:00", "2024-01-31T10:00:00", "2024-01-31 10:00:00.0"],
        "timestamp",
        "iso:YYYY-MM-DDThh:mm:ss[.ffffff]",
        "timestamp",
        spellings=3,
    ),
    case("DATETIME", ["2024-01-31 10:00:00.1234567"], "text", "text", "timestamp"),
    case("DATETIME", ["2024-01-31 24:00:00"], "text", "text", "timestamp"),
    case("DATETIME", ["2024-01-31 10:00:00", "n/a"], "text", "text", "timestamp"),
    case("DATETIME", ["2024-01-31 10:00:00", 1_700_000_000], "text", "any", "timestamp"),
    case("DATETIME", ["2024-01-31 10:00:00", ""], "text", "text", "timestamp"),
    case("DATETIME", ["２０２４-01-31 10:00:00"], "text", "text", "timestamp"),
    case("DATETIME", [" 2024-01-31 10:00:00"], "text", "text", "timestamp"),
    case("DATETIME", ["2024-01-31 10:00:00\n"], "text", "text", "timestamp"),
    case("DATETIME(6)", [], "timestamp", f"iso:{ISO}[.ffffff]", "timestamp"),
    # with a zone
    case("TIMESTAMPTZ", ["2024-01-31T10:00:00Z"], "timestamptz", "iso:YYYY-MM-DDThh:mm:ssZ", "timestamptz"),
    case("DATETIME", ["2024-01-31T10:00:00Z"], "timestamptz", "iso:YYYY-MM-DDThh:mm:ssZ", "timestamptz"),
    case(
        "TIMESTAMP WITH TIME ZONE",
        ["2024-01-31 10:00:00+09:00", "2024-02-01 10:00:00+09:00"],
        "timestamptz",
        f"iso:{ISO}+09:00",
        "timestamptz",
    ),
    case("DATETIME", ["2024-01-31 10:00:00+09:00", "2024-01-31 10:00:00+08:00"], "text", "text", "timestamp"),
    case("DATETIME", ["2024-01-31 10:00:00+09:00", "2024-01-31 10:00:00"], "text", "text", "timestamp"),
    case(
        "DATETIME",
        ["2024-01-31 10:00:00Z", "2024-01-31 10:00:00+00:00"],
        "timestamptz",
        f"iso:{ISO}[.ffffff]Z",
        "timestamptz",
        spellings=2,
    ),
    case("TIMESTAMPTZ", ["2024-01-31 10:00:00"], "timestamp", f"iso:{ISO}", "timestamptz"),
    case("TIMESTAMPTZ", ["0001-01-01 00:00:00+09:00"], "text", "text", "timestamptz"),
    case("TIMESTAMPTZ", ["2024-01-31 10:00:00+99:00"], "text", "text", "timestamptz"),
    # numbers as times
    case("DATETIME", [1_700_000_000, 1_600_000_000], "timestamptz", "epoch_seconds", "timestamptz"),
    case("TIMESTAMP", [1_700_000_000.5, 1_600_000_000], "timestamptz", "epoch_seconds", "timestamptz"),
    case("TIMESTAMP", [1_700_000_000.1234567], "float64", "real", "timestamp"),
    case("DATETIME", [1_700_000_000_000], "timestamptz", "epoch_milliseconds", "timestamptz"),
    case("DATETIME", [1_700_000_000, 1_700_000_000_000], "int64", "integer", "timestamp"),
    case("DATETIME", [2460310.5, 2460311.9166666665], "timestamp", "julian", "timestamp"),
    case("DATETIME", [2460310.5, 2460311], "timestamp", "julian", "timestamp"),
    case("DATETIME", [2460310], "int64", "integer", "timestamp"),
    case("DATETIME", [1, 2], "int64", "integer", "timestamp"),
    # JSON
    case("JSON", ['{"a": 1}', "[]", "true"], "json", "document", "json"),
    case("JSON", ['{"a": 1, "a": 2}', "{}"], "json_text", "document", "json"),
    case("JSON", [r'["\u0000"]'], "json_text", "document", "json"),
    case("JSON", [r'["\ud800"]'], "json_text", "document", "json"),
    case("JSON", [r'["\ud83d\ude00", "\\u0000"]'], "json", "document", "json"),
    case("JSON", ["[1e200000]"], "json_text", "document", "json"),
    case("JSON", ["[1e400]"], "json", "document", "json"),
    case("JSON", ["[1e-99999999999999999999]"], "json_text", "document", "json"),
    case("JSON", ["{'a': 1}"], "text", "text", "json"),
    case("JSON", ["NaN", "{}"], "text", "text", "json"),
    case("JSON", ["", "{}"], "text", "text", "json"),
    case("JSON", [5, 1.5, "{}"], "json", "document", "json"),
    case("JSON", [math.inf], "float64", "real", "json", hazards=(("float-infinite", 1),)),
    case("JSON", ["[" * 100_000], "text", "text", "json"),
    case("JSON", [b"{}"], "binary", "blob", "json"),
    case("JSON", [], "json", "document", "json"),
    # UUIDs
    case("UUID", [A, B], "uuid", "text:hyphens", "uuid"),
    case("GUID", [A.upper()], "uuid", "text:HYPHENS", "uuid"),
    case("UUID", [A.replace("-", "")], "uuid", "text:hex", "uuid"),
    case("UUID", [A, B.upper()], "uuid", "text:hyphens", "uuid", spellings=2),
    case("UUID", [A, "12345678-1234-1234-1234-123456789012"], "uuid", "text:hyphens", "uuid"),
    case("UUID", [A[:-1] + "E"], "text", "text", "uuid"),
    case("UNIQUEIDENTIFIER", [bytes(16), b"\xff" * 16], "uuid", "blob", "uuid"),
    case("UUID", [bytes(15)], "binary", "blob", "uuid"),
    case("UUID", [A, "none"], "text", "text", "uuid"),
    case("UUID", [A, bytes(16)], "binary", "any", "uuid"),
    case("UUID", [], "uuid", "text:hyphens", "uuid"),
    # no promise
    case("", [1, 2], "int64", "integer", None),
    case("", [1.5], "float64", "real", None),
    case("", [1, 1.5], "float64", "real", None),
    case("", ["a"], "text", "text", None),
    case("", [b"a"], "binary", "blob", None),
    case("", [1, 1.5, "x"], "text", "any", None),
    case("", ["1", "x"], "text", "text", None),
    case("", [1, "1"], "text", "any", None, spellings=2),
    case("", [1, "2"], "text", "any", None),
    case("", [1, "x", b"y"], "binary", "any", None),
    case("", ["x", b"x"], "binary", "any", None, spellings=2),
    case("", [None], "text", "text", None),
    case("ANY", ["1", 1], "text", "any", None, strict=True, spellings=2),
    case("STRING", ["a"], "text", "text", None),
    case("POINTLESS", [1], "int64", "integer", "int64"),
]


def spelt(each: Case) -> str:
    return f"{each.declared or 'typeless'}: {', '.join(ascii(value)[:40] for value in each.values)}"


@pytest.mark.parametrize("each", CASES, ids=spelt)
def test_first_complete_fit(each: Case) -> None:
    profile = column_of(each.declared, each.values, strict=each.strict)
    fit = best(profile)
    assert (str(fit.type), fit.encoding, fit.spellings) == (each.type, each.encoding, each.spellings)
    assert (str(profile.expected) if profile.expected else None) == each.expected
    assert tuple((hazard.code, hazard.count) for hazard in profile.hazards) == each.hazards
    assert profile.fits[-1].count == profile.values == sum(value is not None for value in each.values)


@pytest.mark.parametrize("each", CASES, ids=spelt)
def test_counts_of_all_fits_are_exact(each: Case) -> None:
    profile = column_of(each.declared, each.values, strict=each.strict)
    values = stored_values(each)
    for fit in profile.fits:
        exact = encoding(fit.encoding, fit.type)
        assert fit.count == sum(fits(exact, value) for value in values), (fit, values)
        assert (fit.misfits == ()) == (fit.count == len(values))


def stored_values(each: Case) -> list[SqliteValue]:
    """The values after SQLite applied the column's affinity."""
    ddl = f"CREATE TABLE t (v {each.declared}){' STRICT' if each.strict else ''}"
    with opened(ddl, rows=[(value,) for value in each.values]) as source:
        found = source._connection.execute("SELECT v FROM t").fetchall()
    return [value for (value,) in found if value is not None]


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
@pytest.mark.parametrize("each", [each for each in CASES if "text-invalid" not in dict(each.hazards)], ids=spelt)
def test_utf16_databases_say_the_same(each: Case, encoding: str) -> None:
    profile = column_of(each.declared, each.values, encoding=encoding, strict=each.strict)
    fit = best(profile)
    assert (str(fit.type), fit.encoding, fit.spellings) == (each.type, each.encoding, each.spellings)
    assert tuple((hazard.code, hazard.count) for hazard in profile.hazards) == each.hazards


@pytest.mark.parametrize(
    ("raw", "hazard"),
    [
        ("\ud800a".encode("utf-16-le", "surrogatepass"), "text-invalid"),
        ("a\ud800".encode("utf-16-le", "surrogatepass"), "text-invalid"),
        ("\udc00".encode("utf-16-le", "surrogatepass"), "text-invalid"),
        ("a\0b".encode("utf-16-le"), "text-nul"),
        ("a😀한".encode("utf-16-le"), None),
    ],
)
def test_undecodable_text_of_utf16_databases_is_found(raw: bytes, hazard: str | None) -> None:
    profile = column_of("TEXT", [broken(raw, "utf-16-le")], encoding="UTF-16le")
    assert [each.code for each in profile.hazards] == ([hazard] if hazard else [])
    assert profile.octets == len(raw)


def test_misfits_are_named_by_key_and_shortened_value() -> None:
    rows = [(at, "x" * 100 if at % 100 == 50 else str(at)) for at in range(1000)]
    with opened("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)", rows=rows) as source:
        column = profiled(source).column("v")
    promised = column.fits[0]
    assert (promised.type, promised.count, len(promised.misfits)) == (INT64, 990, 5)
    assert promised.misfits[0].key == (50,)
    assert promised.misfits[0].value == "x" * 59 + "…"


@pytest.mark.parametrize(
    ("ddl", "rows", "key"),
    [
        (
            "CREATE TABLE t (a TEXT, b BLOB, v INT, PRIMARY KEY (a, b))",
            [("k", b"\1", 1), ("l", b"", "x")],
            ("l", "x''"),
        ),
        ("CREATE TABLE t (v INT)", [(1,), ("x",)], (2,)),
        ("CREATE TABLE t (v INT, rowid, oid, _rowid_)", [(1, 0, 0, 0), ("x", 0, 0, 0)], (2,)),
        ("CREATE TABLE t (k TEXT PRIMARY KEY, v INT) WITHOUT ROWID", [("a\0", "x")], ("x'6100'",)),
    ],
)
def test_keys_of_samples_are_the_primary_key_or_the_row_number(
    ddl: str, rows: list[tuple[Any, ...]], key: tuple[Any, ...]
) -> None:
    with opened(ddl, rows=rows) as source:
        assert [sample.key for sample in profiled(source).column("v").fits[0].misfits] == [key]


@pytest.mark.parametrize(
    ("values", "units"),
    [
        (["abc", "a", None], 3),
        (["한국", "a"], 2),
        (["😀😀", "abc"], 4),
        (["abcde", "😀😀"], 5),
        (["a\0b😀", "ab"], 5),
        (["a", 12345678, b"12345678"], 1),
        ([12345, 1.5], 0),
        ([b"abc"], 0),
        ([None], 0),
        ([], 0),
        ([""], 0),
    ],
)
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_the_longest_text_in_utf16(values: list[SqliteValue], units: int, encoding: str) -> None:
    assert column_of("", values, encoding=encoding).utf16 == units


def test_the_longest_text_in_utf16_is_of_repaired_text() -> None:
    assert column_of("", [broken(b"a\xffb"), "x"]).utf16 == 3
    assert (
        column_of("", [broken(b"a\x00", "utf-16-le"), broken(b"\x00\xd8", "utf-16-le")], encoding="UTF-16le").utf16
        == 1
    )


@given(st.lists(st.text(max_size=6)), st.sampled_from(["UTF-8", "UTF-16le"]))
def test_the_longest_text_in_utf16_is_what_python_counts(values: list[str], encoding: str) -> None:
    found = column_of("TEXT", values, encoding=encoding).utf16
    assert found == max((len(each.encode("utf-16-le")) // 2 for each in values), default=0)


def test_counts_sizes_and_the_highest_integer() -> None:
    with opened(
        "CREATE TABLE t (a INTEGER, b TEXT, c)", rows=[(5, "한국", b"xyz"), (-1, "a", 1), (None, None, "é")]
    ) as source:
        profile = profiled(source)
    a, b, c = profile.columns
    assert (profile.rows, a.nulls, a.values, a.highest, a.octets, a.longest) == (3, 1, 2, 5, 16, 8)
    assert (b.octets, b.longest, b.highest) == (7, 6, None)
    assert c.classes == (("integer", 1), ("text", 1), ("blob", 1))
    assert (c.octets, c.longest) == (8 + 2 + 3, 8)


@pytest.mark.parametrize(
    ("declared", "values", "type", "name"),
    [
        ("INTEGER", [0, 1], BOOL, "integer"),
        ("INTEGER", [2**15, -(2**31)], INT32, "integer"),
        ("BIGINT", [2**15 - 1], INT16, "integer"),
        ("INTEGER", [1_700_000_000], TIMESTAMPTZ, "epoch_seconds"),
        ("INTEGER", [1_700_000_000_000], TIMESTAMPTZ, "epoch_milliseconds"),
        ("REAL", [2460310.5], TIMESTAMP, "julian"),
        ("REAL", [1.25, 100.5], decimal(5, 2), "number"),
        ("TEXT", ["2024-01-31"], DATE, "iso:YYYY-MM-DD"),
        ("TEXT", [A], UUID, "text:hyphens"),
        ("TEXT", ["{}", "[]"], LogicalType.parse("json"), "document"),
        ("VARCHAR(5)", ["true", "false"], BOOL, "words:false/true"),
        ("BLOB", [bytes(16)], UUID, "blob"),
        ("", ["2024-01-31T10:00:00Z"], TIMESTAMPTZ, "iso:YYYY-MM-DDThh:mm:ssZ"),
    ],
)
def test_plain_types_offer_what_a_user_may_ask_for(
    declared: str, values: list[Any], type: LogicalType, name: str
) -> None:
    profile = column_of(declared, values)
    fit = fit_of(profile, type)
    assert (fit.type, fit.encoding, fit.count) == (type, name, len(values))
    assert best(profile).type.kind is not type.kind


def test_an_empty_column_fits_every_type() -> None:
    kinds = {fit.type.kind.value for fit in column_of("UUID", []).fits}
    assert {"uuid", "int64", "text", "timestamptz", "binary", "json"} <= kinds


def test_orphans() -> None:
    ddl = (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, n NUMERIC UNIQUE)",
        "INSERT INTO p VALUES (1, '1', 1), (2, 'B', 2)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER REFERENCES p, b TEXT REFERENCES p(id),"
        " c REFERENCES gone(x), d TEXT COLLATE NOCASE REFERENCES p(code),"
        " FOREIGN KEY (a, d) REFERENCES p(id, code))",
    )
    rows = [
        (1, 1, "1", 5, "1"),
        (2, 9, "x", None, "b"),
        (3, None, None, None, None),
        (4, 2, "2", None, "B"),
        (5, None, "7", None, "Z"),
    ]
    with opened(*ddl, rows=rows) as source:
        profile = profiled(source)
        keys = source.schema().table("t").foreign_keys
    found = {
        (key.columns, key.parent_table): violations
        and (violations.count, [sample.key[0] for sample in violations.samples])
        for key, violations in zip(keys, profile.orphans, strict=True)
    }
    assert found == {
        (("a",), "p"): (1, [2]),
        (("b",), "p"): (2, [2, 5]),
        (("c",), "gone"): (1, [1]),
        (("d",), "p"): (2, [2, 5]),
        (("a", "d"), "p"): (1, [2]),
    }


def test_check_violations(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_function("my_function", 1, lambda _: 1, deterministic=True)
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(
            "CREATE TABLE t"
            " (id INTEGER PRIMARY KEY, v INT CHECK (v > 0), CHECK (t.v < 100), CHECK (my_function(v)))"
        )
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(1, 5), (2, -1), (3, None), (4, 200)])
    with closing(SqliteSource(path, Location("app.db", path, "app"))) as source:
        found = profiled(source).check_violations
    assert [each and (each.count, [sample.key for sample in each.samples]) for each in found] == [
        (1, [(2,)]),
        (1, [(4,)]),
        None,
    ]


def test_a_table_of_300_columns_and_values_of_5_megabytes() -> None:
    names = [f'"c{at}"' for at in range(300)]
    rows = [tuple(f"{at}:{column}" for column in range(300)) for at in range(20)]
    with opened(f"CREATE TABLE t ({', '.join(name + ' TEXT' for name in names)})", rows=rows) as source:
        assert all(best(column).encoding == "text" for column in profiled(source).columns)
    big = "가" * 1_700_000
    with opened("CREATE TABLE t (a TEXT, b BLOB)", rows=[(big, big.encode())]) as source:
        a, b = profiled(source).columns
    assert a.longest == b.longest == 5_100_000


MOMENTS = st.one_of(
    st.datetimes().map(lambda each: each.isoformat(" ")),
    st.datetimes().map(lambda each: each.isoformat("T", "milliseconds") + "Z"),
    st.times().map(str),
    st.dates().map(str),
    st.from_regex(
        r"\A[0-2]{4}-[01][0-9]-[0-3][0-9]([ T][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\.[0-9]{1,7})?)?)?(Z|\+09:00)?\Z"
    ),
)


@given(st.lists(MOMENTS, min_size=1, max_size=4), MOMENTS)
def test_sql_proof_of_dates_agrees_with_their_reader(guessed: list[str], tried: str) -> None:
    """Whatever the sample says, SQL accepts a text only if the reader does, in a spelling of the sample."""
    moments = [moment for moment in map(read_moment, guessed) if moment]
    if not moments:
        return
    same = [each for each in moments if (each.kind, each.offset) == (moments[0].kind, moments[0].offset)]
    spellings = {(each.spelling, each.blank) for each in same}
    subject = Subject("v", "v", declaration("DATETIME"), Reading("utf-8"))
    connection = sqlite3.connect(":memory:")
    sql = proof(subject, same)
    (accepted,) = connection.execute(f"SELECT {sql} FROM (SELECT ? AS v)", (tried,)).fetchone()
    connection.close()
    found = read_moment(tried)
    if accepted:
        assert found and (found.kind, found.offset) == (same[0].kind, same[0].offset)
        assert (
            iso_name(frozenset({*spellings, (found.spelling, found.blank)}))[1]
            == iso_name(frozenset(spellings))[1]
        )
    elif found and (found.spelling, found.blank) in spellings:
        assert found.kind.value == "timestamptz", "only the ends of the calendar are left to the reader"


@pytest.mark.parametrize(
    ("guess", "bad"),
    [
        (
            "2024-01-31",
            ["2023-02-29", "2023-04-31", "2023-00-10", "2023-13-10", "2023-01-00", "2023-01-32", "0000-01-01"],
        ),
        ("2024-01-31", ["2023-01-1x", "２０２３-1-1", "2023-01-01\0", "2023/01/01", " 2023-01-1"]),
        ("2024-01-31 10:00:00", ["2023-02-29 10:00:00", "2023-02-28 24:00:00", "2023-02-28 10:60:00"]),
        (
            "2024-01-31 10:00:00",
            ["2023-02-28 10:00:60", "2023-02-28T10:00:00", "2023-02-28 10:00:0\0", "10:00:00"],
        ),
        (
            "2024-01-31T10:00:00.123Z",
            ["2023-02-29T10:00:00.123Z", "2024-01-31T10:00:00.12xZ", "2024-01-31T10:00:00.1234"],
        ),
        ("2024-01-31T10:00+09:00", ["2024-01-31T10:00+08:00", "2024-01-31T25:00+09:00"]),
        ("10:00", ["24:00", "10:60", "1:000"]),
    ],
)
def test_sql_proof_of_dates_refuses(guess: str, bad: list[str]) -> None:
    subject = Subject("v", "v", declaration("DATETIME"), Reading("utf-8"))
    moment = read_moment(guess)
    assert moment is not None
    with closing(sqlite3.connect(":memory:")) as connection:
        sql = f"SELECT {proof(subject, [moment])} FROM (SELECT ? AS v)"
        assert connection.execute(sql, (guess,)).fetchone() == (1,)
        assert [value for value in bad if connection.execute(sql, (value,)).fetchone()[0]] == []
