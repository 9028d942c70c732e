"""What a target fixes is measured exactly: how many values its types hold, however SQLite stores them, and which
rows have the key of an earlier one."""

from __future__ import annotations

import datetime
import json
import math
import re
import sqlite3
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.findings import Resolution
from migrator.model.plan import ColumnPlan, TablePlan
from migrator.model.profile import ColumnProfile, Demands, Fit, KeyDemand, TableProfile
from migrator.model.schema import Check, Expression, ForeignKey, Key
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
from migrator.sources.sqlite.encodings import Encoding, Misfit, encoding, fits
from migrator.sources.sqlite.profile import scans
from migrator.sources.sqlite.source import SqliteSource
from migrator.sources.sqlite.values import SqliteValue, class_of
from tests.sources.sqlite.stored import broken, opened, profiled, read
from tests.sources.sqlite.test_encodings import COLUMNS, HINTS, VALUES, assert_comes_back
from tests.sources.sqlite.test_figures import expected
from tests.sources.sqlite.test_read import WIDE, assert_lanes_agree, wide_row

A = "0f8fad5b-d9cb-469f-a165-70867728950e"
B = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def demanded(
    declared: str, values: Iterable[SqliteValue], type: LogicalType, *, codec: str = "UTF-8"
) -> ColumnProfile:
    """The profile of a column of which the target fixes the type."""
    rows = [(value,) for value in values]
    with opened(f"CREATE TABLE t (v {declared})", rows=rows, encoding=codec) as source:
        return source.profile(source.schema().table("t"), Demands({"v": type})).columns[0]


ISO = "YYYY-MM-DD hh:mm:ss"
CASES: list[tuple[str, list[Any], LogicalType, str, int, int]] = [
    # declared, values, demanded, encoding, how many fit, spellings
    ("INTEGER", [1, None, 32767], INT16, "integer", 2, 1),
    ("INTEGER", [1, 32768, "x"], INT16, "integer", 1, 1),
    ("INTEGER", [2**31, -(2**31)], INT32, "integer", 1, 1),
    ("REAL", [1, 2, 3.5], INT32, "whole", 2, 1),
    ("REAL", [2.0**62, -(2.0**63), 2.0**63, math.inf], INT64, "whole", 2, 1),
    ("TEXT", ["12", "-5", "0123", "+5", " 5", "1.0", ""], INT32, "digits", 2, 1),
    ("", [1, "1", 2.0, "x"], INT64, "digits", 3, 2),
    ("TEXT", ["a", "b"], INT64, "integer", 0, 1),
    ("TEXT", ["1\0", "12"], INT64, "digits", 1, 1),
    ("INTEGER", [1, 2**53 + 1], FLOAT64, "real", 1, 1),
    ("TEXT", ["0.5", "1", "0.1000000000000000055"], FLOAT64, "digits", 2, 1),
    ("TEXT", ["0.5", "0.50"], FLOAT64, "digits", 2, 2),
    ("REAL", [1.5, 2.25, 1.005], decimal(5, 2), "number", 2, 1),
    ("INTEGER", [999, 1000], decimal(5, 2), "number", 1, 1),
    ("INTEGER", [2**62], decimal(19, 0), "number", 1, 1),
    ("DECIMAL(18,4)", [1.5, 0.0001], decimal(18, 4), "number", 2, 1),
    ("DECIMAL(18,4)", [1.5, math.inf], decimal(18, 4), "number", 1, 1),
    ("TEXT", ["12.50", "-0.25", "1e3", "1.005"], decimal(5, 2), "digits:2", 2, 1),
    ("TEXT", ["12.50", "-0.25", "0.00"], decimal(5, 2), "digits:2", 3, 1),
    ("TEXT", ["12.5", "7"], decimal(5, 2), "digits", 2, 1),
    ("TEXT", ["12.5", "12.50"], decimal(5, 2), "digits", 2, 2),
    ("TEXT", ["9" * 38], decimal(38, 0), "digits", 1, 1),
    ("", ["1.5", 1.5], decimal(5, 2), "digits", 2, 2),
    ("TEXT", ["abc", "abcd", "한국어"], text(3), "text", 2, 1),
    ("TEXT", ["abc"], text(3), "text", 1, 1),
    ("", [12, 0.5, "ab"], text(2), "any", 2, 1),
    ("", [12, "12"], text(24), "any", 2, 2),
    ("TEXT", ["x", b"x"], TEXT, "text", 1, 1),
    ("", [1, b"x"], BINARY, "any", 2, 1),
    ("BLOB", [b"x"], BINARY, "blob", 1, 1),
    ("INTEGER", [0, 1, 2], BOOL, "integer", 2, 1),
    ("TEXT", ["true", "false", "yes"], BOOL, "words:false/true", 2, 1),
    ("TEXT", ["Y", "N"], BOOL, "integer", 0, 1),
    ("TEXT", ["2024-01-31", "2024-02-30"], DATE, "iso:YYYY-MM-DD", 1, 1),
    ("TEXT", ["2024-01-31 00:00:00", "2024-01-31 00:00:01"], DATE, f"midnight:{ISO}", 1, 1),
    ("TEXT", ["2024-01-31T00:00:00.000"], DATE, "midnight:YYYY-MM-DDThh:mm:ss.fff", 1, 1),
    ("DATE", ["2024-01-31", "2024-01-31 00:00:00"], DATE, f"midnight:{ISO}[.ffffff]", 2, 2),
    ("TEXT", ["10:00", "2024-01-31"], TIME, "iso:hh:mm", 1, 1),
    ("TEXT", ["2024-01-31", "2024-02-01"], TIMESTAMP, "day:YYYY-MM-DD", 2, 1),
    ("DATETIME", ["2024-01-31", "2024-01-31T10:00:00"], TIMESTAMP, "day:YYYY-MM-DDThh:mm:ss[.ffffff]", 2, 2),
    ("DATETIME", ["2024-01-31 10:00", "2024-01-31T10:00"], TIMESTAMP, "iso:YYYY-MM-DDThh:mm:ss[.ffffff]", 2, 2),
    ("DATETIME", ["2024-01-31T10:00Z", "2024-01-31T10:00+09:00"], TIMESTAMP, "utc:YYYY-MM-DDThh:mmZ", 1, 1),
    ("DATETIME", ["2024-01-31T10:00Z", "2024-01-31T10:00"], TIMESTAMP, "iso:YYYY-MM-DDThh:mm", 1, 1),
    ("INTEGER", [1_700_000_000, 0], TIMESTAMP, "epoch_seconds", 1, 1),
    ("INTEGER", [1_700_000_000_000], TIMESTAMP, "epoch_milliseconds", 1, 1),
    ("INTEGER", [1_700_000_000_000], TIMESTAMPTZ, "epoch_milliseconds", 1, 1),
    ("REAL", [2460000.5], TIMESTAMP, "julian", 1, 1),
    ("TEXT", ["2024-01-31 10:00+09:00", "2024-01-31 10:00"], TIMESTAMPTZ, "iso:YYYY-MM-DD hh:mm+09:00", 1, 1),
    ("CHAR(36)", [A, B, A + "x"], UUID, "text:hyphens", 2, 1),
    ("CHAR(36)", [A, B.upper()], UUID, "text:hyphens", 2, 2),
    ("TEXT", ["{" + A.upper() + "}", "{" + B.upper() + "}"], UUID, "braces:HYPHENS", 2, 1),
    ("TEXT", ["{" + A.upper() + "}", B], UUID, "braces:HYPHENS", 2, 2),
    ("BLOB", [bytes(16), bytes(15)], UUID, "blob", 1, 1),
    ("TEXT", ['{"a": 1}', "{a}", '{"a": 1, "a": 2}'], JSON, "document", 1, 1),
    ("TEXT", ['{"a": 1}', "{a}", '{"a": 1, "a": 2}'], JSON_TEXT, "document", 2, 1),
    ("BLOB", [b"{}"], JSON, "document", 0, 1),
    ("", [], INT16, "integer", 0, 1),
    ("", [], JSON_TEXT, "document", 0, 1),
    ("", [], text(5), "text", 0, 1),
    ("TEXT", [None], decimal(5, 2), "number", 0, 1),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "values", "type", "name", "count", "spellings"), CASES)
def test_the_demanded_type_comes_first_with_the_encoding_that_fits_most(
    declared: str, values: list[Any], type: LogicalType, name: str, count: int, spellings: int
) -> None:
    column = demanded(declared, values, type)
    first = column.fits[0]
    assert (first.type, first.encoding, first.count, first.spellings) == (type, name, count, spellings)
    assert len(first.misfits) == min(column.values - count, 5)


@pytest.mark.parametrize("codec", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_demands_do_not_depend_on_the_text_encoding(codec: str) -> None:
    for values, type, count in (
        (["12", "013", "한"], INT64, 1),
        (["2024-01-31", "2024-01-31 00:00"], DATE, 2),
        (["한국어", "한국"], text(2), 1),
        ([A, "{" + A + "}"], UUID, 2),
        (["1.50", "x"], decimal(3, 2), 1),
    ):
        assert demanded("TEXT", values, type, codec=codec).fits[0].count == count


def test_misfits_are_sampled_with_key_and_value() -> None:
    ddl = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)"
    with opened(ddl, rows=[(7, "a"), (8, "12"), (9, "0x1")]) as source:
        fit = source.profile(source.schema().table("t"), Demands({"v": INT32})).column("v").fits[0]
    assert [(sample.key, sample.value) for sample in fit.misfits] == [((7,), "a"), ((9,), "0x1")]


def after(first: Fit, fits: Sequence[Fit]) -> list[tuple[LogicalType, str]]:
    """The other fits in order; what is told twice counts once."""
    told = dict.fromkeys((fit.type, fit.encoding) for fit in fits)
    return [each for each in told if each != (first.type, first.encoding)]


# What Python says of single values, apart from the project's converters: every way of storing a type, as a test.

Way = Callable[[Any], object]
DIGITS = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
STAMP = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[ T](?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def parsed(value: Any) -> tuple[datetime.datetime, bool, int | None] | None:
    """A real date, whether it has a time of day, and its offset in minutes."""
    match = STAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    try:
        clock = datetime.time.fromisoformat(match["clock"]) if match["clock"] else datetime.time()
        at = datetime.datetime.combine(datetime.date.fromisoformat(match["day"]), clock)
    except ValueError:
        return None
    if match["zone"] is None:
        return at, match["clock"] is not None, None
    if match["zone"] in "Zz":
        return at, True, 0
    hours, minutes = int(match["zone"][1:3]), int(match["zone"][-2:])
    offset = (hours * 60 + minutes) * (-1 if match["zone"][0] == "-" else 1)
    try:
        at - datetime.timedelta(minutes=offset)
    except OverflowError:
        return None
    return (at, True, offset) if hours < 16 and minutes < 60 else None


def integer_of(limit: int, classes: tuple[type, ...]) -> Way:
    def holds(value: Any) -> bool:
        if not isinstance(value, classes):
            return False
        if isinstance(value, str):
            return (
                str(value).lstrip("-").isdecimal()
                and value.isascii()
                and str(int(value)) == value
                and (-limit <= int(value) < limit)
            )
        return (isinstance(value, int) or value.is_integer()) and -limit <= value < limit

    return holds


def decimal_of(type: LogicalType, classes: tuple[type, ...]) -> Way:
    def holds(value: Any) -> bool:
        if not isinstance(value, classes) or (isinstance(value, float) and not math.isfinite(value)):
            return False
        if isinstance(value, str) and (not DIGITS.fullmatch(value) or (value[0] == "-" and not Decimal(value))):
            return False
        number = Decimal(repr(value) if isinstance(value, float) else value)
        whole, _, fraction = f"{number.copy_abs():f}".partition(".")
        scale = type.scale or 0
        return len(fraction.rstrip("0")) <= scale and len(whole.lstrip("0")) <= (type.precision or 0) - scale

    return holds


def float_of(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) <= 2**53
    if not isinstance(value, str):
        return isinstance(value, float)
    if not re.fullmatch(DIGITS.pattern + r"([eE][+-]?[0-9]{1,3})?", value):
        return False
    return math.isfinite(float(value)) and Decimal(repr(float(value))) == Decimal(value)


def uuid_of(value: Any) -> bool:
    if not isinstance(value, str) or value not in (value.lower(), value.upper()) or not value.isascii():
        return False
    try:
        return value.lower() in (str(uuid.UUID(value)), uuid.UUID(value).hex)
    except ValueError:
        return False


def braced(value: Any) -> object:
    return uuid_of(value[1:-1] if isinstance(value, str) and value[:1] + value[-1:] == "{}" else value)


def at_zone(offset: int | None, *, timed: bool = True) -> Way:
    return lambda value: (found := parsed(value)) is not None and found[1:] == (timed, offset)


def midnight(value: Any) -> bool:
    found = parsed(value)
    return found is not None and found[2] is None and found[0].time() == datetime.time()


def between(low: float, high: float, *classes: type, exact: bool = False) -> Way:
    return lambda value: (
        isinstance(value, classes)
        and low <= value <= high
        and (not exact or round(value * 1_000_000) / 1_000_000 == value)
    )


def read_json(value: Any) -> bool:
    if isinstance(value, bytes) or not isinstance(value, str | int | float):
        return False
    try:
        json.loads(str(value) if isinstance(value, str) else repr(value), parse_constant=lambda _: 1 / 0)
    except (ValueError, ZeroDivisionError):
        return False
    return value not in (math.inf, -math.inf)


def text_of(length: int | None, *classes: type) -> Way:
    def holds(value: Any) -> bool:
        if not isinstance(value, classes):
            return False
        spelt = value if isinstance(value, str) else repr(value).replace("inf", "9e999")
        return length is None or len(spelt) <= length

    return holds


SECONDS, MILLIS = (100_000_000, 4_102_444_800), (100_000_000_000, 4_102_444_800_000)
EPOCHS = [between(*SECONDS, int, float, exact=True), between(*MILLIS, int)]
ORACLE: dict[LogicalType, list[Way]] = {
    INT16: [integer_of(2**15, (int, float, str))],
    INT32: [integer_of(2**31, (int, float, str))],
    INT64: [integer_of(2**63, (int, float, str))],
    FLOAT64: [float_of],
    decimal(12, 2): [decimal_of(decimal(12, 2), (int, float, str))],
    decimal(38, 20): [decimal_of(decimal(38, 20), (int, float, str))],
    BINARY: [lambda _: True],
    text(4): [text_of(4, str, int, float)],
    DATE: [midnight],
    TIMESTAMP: [
        lambda value: at_zone(None)(value) or at_zone(None, timed=False)(value),
        at_zone(0),
        *EPOCHS,
        between(2_305_447.5, 2_816_787.5, int, float),
    ],
    TIMESTAMPTZ: [*(at_zone(offset) for offset in (0, 540, -210)), *EPOCHS],
    UUID: [braced, lambda value: isinstance(value, bytes) and len(value) == 16],
    JSON_TEXT: [read_json],
    BOOL: [
        lambda value: isinstance(value, int) and value in (0, 1),
        *(lambda value, words=words: isinstance(value, str) and value in words for words in (
            ("f", "t"), ("false", "true"), ("False", "True"), ("FALSE", "TRUE"), ("F", "T"), ("0", "1")
        )),
    ],
}  # fmt: skip
CODES = ["1", "-1", "007", "1.50", "1.5", "-0.00", "32768", "9" * 20, "1e3", "{" + A + "}", A.upper(), A + "x"]
DEMANDED = st.one_of(
    COLUMNS,
    st.lists(
        st.one_of(st.sampled_from(CODES), st.dates().map("{} 00:00:00".format), VALUES), min_size=1, max_size=6
    ),
    st.lists(st.one_of(st.integers(-40_000, 40_000), st.integers(-9, 9).map(float), st.sampled_from(CODES))),
)


@pytest.mark.parametrize("type", ORACLE, ids=str)
@given(declared=st.sampled_from(HINTS), values=DEMANDED)
def test_demanded_types_hold_as_many_values_as_python_says(
    type: LogicalType, declared: str, values: list[SqliteValue]
) -> None:
    with opened(f"CREATE TABLE t (v {declared})", rows=[(value,) for value in values]) as source:
        table = source.schema().table("t")
        plain = source.profile(table).columns[0]
        column = source.profile(table, Demands({"v": type})).columns[0]
        stored = [row[0] for row in source._connection.execute("SELECT v FROM t")]
    first = column.fits[0]
    assert first.type == type
    seen = [plain_text(value) if type.kind is Kind.TEXT else value for value in stored]
    assert first.count == max(sum(bool(way(value)) for value in seen) for way in ORACLE[type])
    exact = encoding(first.encoding, type)
    held = [value for value in stored if fits(exact, value)]
    assert len(held) == first.count
    assert (column.expected, column.classes) == (plain.expected, plain.classes)
    assert after(first, column.fits[1:]) == after(first, plain.fits)
    assert column.fits[-1] == plain.fits[-1]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE back (v {declared})")
        for value in held:
            if type.kind is Kind.JSON_TEXT and not isinstance(value, str):
                continue  # A document that is a number comes back as a number where the column's affinity says so.
            if type.kind is Kind.DECIMAL and isinstance(value, float) and abs(value) > 2**53:
                continue  # Such a real stands for its shortest digits, which come back as an integer.
            assert_comes_back(connection, exact, value, first.spellings)


def plain_text(value: Any) -> Any:
    """Text that is no text counts as what it is repaired to."""
    return value.repaired() if hasattr(value, "repaired") else value


def test_without_demands_nothing_new_is_offered() -> None:
    """Digits may be item codes, and a date with a midnight a timestamp: only a fixed type makes them else."""
    columns = (
        ["12", "7"],
        ["2024-01-31 00:00:00"],
        ["2024-01-31", "2024-01-31 10:00"],
        ["{" + A + "}"],
        [1.0, 2.0],
    )
    known = {"text", "any", "iso", "real", "number", "blob"}
    for values in columns:
        with opened("CREATE TABLE t (v)", rows=[(value,) for value in values]) as source:
            assert {fit.encoding.partition(":")[0] for fit in profiled(source).columns[0].fits} <= known


DEMANDS = Demands(
    {
        **{"id": INT32, "i": INT16, "n": text(9), "r": FLOAT64, "d": decimal(10, 2), "b": BOOL, "at": TIMESTAMP},
        **{"day": DATE, "u": UUID, "j": JSON, "x": BINARY},
    }
)


def test_clean_columns_cost_no_conversion_of_single_values(monkeypatch: pytest.MonkeyPatch) -> None:
    for function in ("_fits", "_returns", "_comparable"):
        monkeypatch.setattr(scans, function, lambda *_: pytest.fail("tried single values"))
    keys = (("id",), ("u",), ("at", "day"), ("n", "i"), ("d",))
    with opened(WIDE, rows=map(wide_row, range(40))) as source:
        profile = source.profile(source.schema().table("t"), Demands(DEMANDS.types, tuple(map(KeyDemand, keys))))
    assert [column.fits[0].type for column in profile.columns] == list(DEMANDS.types.values())
    assert all(column.fits[0].count == column.values for column in profile.columns)
    assert [each and each.count for each in profile.duplicates] == [0] * 5


@pytest.mark.parametrize(
    ("type", "values", "hazards"),
    [
        (text(3), ["a\0", "abcd", broken(b"\xff")], [("text-nul", 1), ("text-invalid", 1)]),
        (TEXT, [b"blob", "a\0"], [("text-nul", 1)]),
        (TEXT, ["a"], []),
        (FLOAT64, [math.inf, "x"], [("float-infinite", 1)]),
        (JSON, ["a\0"], []),
    ],
)
def test_hazards_are_those_of_the_demanded_type(type: LogicalType, values: list[Any], hazards: list[Any]) -> None:
    column = demanded("", values, type)
    assert [(hazard.code, hazard.count) for hazard in column.hazards] == hazards
    assert all(hazard.samples for hazard in column.hazards)


# Keys.


def duplicates_of(
    columns: str, rows: Sequence[Sequence[SqliteValue]], types: dict[str, LogicalType], *keys: tuple[str, ...]
) -> TableProfile:
    with opened(f"CREATE TABLE t ({columns})", rows=rows) as source:
        return source.profile(source.schema().table("t"), Demands(types, tuple(map(KeyDemand, keys))))


@pytest.mark.parametrize(
    ("values", "type", "count"),
    [
        (["a", "A", "a ", "a"], TEXT, 1),
        ([A, A.upper(), B], UUID, 1),
        ([A, "{" + A.upper() + "}", A.replace("-", "")], UUID, 2),
        (["2024-01-31 10:00", "2024-01-31T10:00:00", "2024-01-31 10:00:00.0"], TIMESTAMP, 2),
        (["2024-01-31", "2024-01-31T00:00"], TIMESTAMP, 1),
        (["1", 1, 1.0, "01"], INT64, 2),
        ([1, 1.0, "1", "1.0"], TEXT, 2),
        ([1, 1.0], INT64, 1),
        (["1.5", "1.50", 1.5, "x", "x"], decimal(5, 2), 3),
        (["1", 1.0, 1], decimal(5, 2), 2),
        ([-0.0, 0.0], FLOAT64, 1),
        ([None, None, "a"], TEXT, 0),
        (["x", "x", b"x"], INT64, 1),
        ([1, 1.0, 1.5, 1.5], TEXT, 1),
        (["a\0", "a\0", "a"], TEXT, 1),
        ([broken(b"\xff"), broken(b"\xff"), "\ufffd"], TEXT, 1),
    ],
)
def test_keys_compare_as_the_demanded_types_do(values: list[SqliteValue], type: LogicalType, count: int) -> None:
    profile = duplicates_of("v", [(value,) for value in values], {"v": type}, ("v",))
    assert profile.duplicates[0] is not None and profile.duplicates[0].count == count


@given(
    st.lists(st.tuples(st.none() | VALUES | st.sampled_from(CODES), st.none() | VALUES | st.sampled_from(CODES))),
    st.sampled_from(["", "TEXT", "INTEGER", "REAL", "TEXT COLLATE NOCASE"]),
    st.sampled_from([None, *ORACLE]),
    st.sampled_from([None, INT64, TEXT, TIMESTAMP]),
)
def test_duplicates_are_those_python_finds(
    rows: list[tuple[SqliteValue, SqliteValue]],
    declared: str,
    one: LogicalType | None,
    other: LogicalType | None,
) -> None:
    rows = rows * 2 + rows[:1]
    types = {name: type for name, type in (("a", one), ("b", other)) if type is not None}
    with opened(f"CREATE TABLE t (a {declared}, b)", rows=rows) as source:
        keys = (("a",), ("a", "b"))
        profile = source.profile(source.schema().table("t"), Demands(types, tuple(map(KeyDemand, keys))))
        stored = source._connection.execute("SELECT rowid, a, b FROM t ORDER BY rowid").fetchall()
    for key, found in zip(keys, profile.duplicates, strict=True):
        seen: Counter[tuple[object, ...]] = Counter()
        later = []
        for number, *values in stored:
            if None in values[: len(key)]:
                continue
            parts = tuple(
                meaning(profile, name, value, name in types) for name, value in zip(key, values, strict=False)
            )
            later += [number] if seen[parts] else []
            seen[parts] += 1
        assert found is not None and found.count == len(later)
        assert [sample.key for sample in found.samples] == [(number,) for number in later[:5]]


def meaning(profile: TableProfile, name: str, value: SqliteValue, fixed: bool) -> object:
    """What a value is compared by: its canonical value, or itself and its class."""
    fit = profile.column(name).fits[0]
    if fixed and fits(exact := encoding(fit.encoding, fit.type), value):
        try:
            return "fits", exact.decode(value)
        except ValueError:
            pass
    # SQLite takes 1 and 1.0 for equal, and nothing says otherwise of a column without a demand.
    return ("number" if not fixed and isinstance(value, int | float) else class_of(value)), value


def test_samples_of_duplicates_name_later_rows_in_reading_order() -> None:
    ddl = "CREATE TABLE t (id TEXT PRIMARY KEY, a, b, UNIQUE (b, id)) WITHOUT ROWID"
    rows = [("9", "x", 1), ("1", "x", 1), ("5", "x", 1), ("7", "y", 1), ("6", "y", 2)]
    with opened(ddl, rows=rows) as source:
        table = source.schema().table("t")
        profile = source.profile(table, Demands({}, tuple(map(KeyDemand, (("a",), ("a", "b"), ("gone",), ())))))
    found, pairs, gone, empty = profile.duplicates
    assert found and found.count == 3
    assert [(sample.key, sample.value) for sample in found.samples] == [
        (("5",), "x"),
        (("7",), "y"),
        (("9",), "x"),
    ]
    assert pairs and [(sample.key, sample.value) for sample in pairs.samples] == [
        (("5",), "x, 1"),
        (("9",), "x, 1"),
    ]
    assert gone is None and empty is None


def test_samples_of_duplicates_come_in_reading_order_whatever_index_is_walked() -> None:
    ddl = (
        "CREATE TABLE t (k TEXT COLLATE NOCASE PRIMARY KEY, code TEXT, fat TEXT) WITHOUT ROWID",
        "CREATE INDEX narrow ON t (code DESC, k)",
    )
    rows = [(k, code, "x" * 2000) for k, code in zip("abcdefgh", "abababab", strict=True)]
    with opened(*ddl, rows=rows) as source:
        (found,) = source.profile(source.schema().table("t"), Demands({}, (KeyDemand(("code",)),))).duplicates
    assert found and [sample.key for sample in found.samples] == [("c",), ("d",), ("e",), ("f",), ("g",)]


def test_no_key_costs_no_grouping() -> None:
    with opened("CREATE TABLE t (v)", rows=[(1,)]) as source:
        asked: list[str] = []
        source._connection.set_trace_callback(asked.append)
        assert source.profile(source.schema().table("t"), Demands({"v": INT64})).duplicates == ()
        assert asked and not any("GROUP BY" in sql for sql in asked)


# A table that has other rules than the file's own.


def test_given_keys_and_checks_are_evaluated_and_rows_keep_the_names_the_source_gives_them() -> None:
    ddl = (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT)",
        "CREATE TABLE t (k TEXT PRIMARY KEY, code TEXT, n INT) WITHOUT ROWID",
        "INSERT INTO p VALUES (1, 'a')",
        "INSERT INTO t VALUES ('x', 'a', 1), ('y', 'b', -1), ('z', NULL, NULL)",
    )
    checks = ["n > 0", "t.n <> 1 -- why", "n::int > 0", "n > :limit", "frobnicate(n)", "n >", "missing > 1"]
    with opened(*ddl) as source:
        given = replace(
            source.schema().table("t"),
            primary_key=Key(("code",)),
            foreign_keys=(
                ForeignKey(("code",), "p", ("code",)),
                ForeignKey(("n",), "p", ("id",)),
                ForeignKey(("n",), "p", ("gone",)),
                ForeignKey(("n",), "nowhere", ("id",)),
            ),
            checks=tuple(Check(Expression(sql, None)) for sql in checks),
        )
        profile = source.profile(given)
    orphans = [found and [sample.key for sample in found.samples] for found in profile.orphans]
    assert orphans == [[("y",)], [("y",)], None, [("x",), ("y",)]]
    broken_rows = [found and [sample.key for sample in found.samples] for found in profile.check_violations]
    assert broken_rows == [[("y",)], [("x",)], None, None, None, None, None]


# What is planned from a demand: both lanes read the same, and SQLite's own figures are those of what is read.


def planned_as(source: SqliteSource, type: LogicalType, resolution: Resolution) -> TablePlan:
    """The plan of `t` with the demanded type for its column `v`."""
    profile = source.profile(source.schema().table("t"), Demands({"v": type}))
    fit = profile.column("v").fits[0]
    column = ColumnPlan("v", "v", fit.type, fit.encoding, on_invalid=resolution)
    return TablePlan("app", "t", "public", "t", (column,), rows=profile.rows)


DECISIONS = st.sampled_from([Resolution.STOP, Resolution.NULL, Resolution.QUARANTINE])


@pytest.mark.parametrize("type", ORACLE, ids=str)
@given(declared=st.sampled_from(HINTS), values=DEMANDED, resolution=DECISIONS)
def test_lanes_agree_on_demanded_types(
    type: LogicalType, declared: str, values: list[SqliteValue], resolution: Resolution
) -> None:
    with opened(f"CREATE TABLE t (v {declared})", rows=[(value,) for value in values]) as source:
        assert_lanes_agree(source, planned_as(source, type, resolution))


@pytest.mark.parametrize("type", [type for type in ORACLE if type not in (TEXT, JSON_TEXT)], ids=str)
@given(declared=st.sampled_from(HINTS), values=DEMANDED)
def test_figures_of_demanded_types_are_those_of_the_values_that_move(
    type: LogicalType, declared: str, values: list[SqliteValue]
) -> None:
    with opened(f"CREATE TABLE t (v {declared})", rows=[(value,) for value in values]) as source:
        plan = planned_as(source, type, Resolution.SKIP)
        source.prepare((plan,))
        stored = [row[0] for row in source._connection.execute("SELECT v FROM t ORDER BY rowid")]
        found = source.figures(plan, distinct=True)["v"]
        moved = sum(chunk.batch.num_rows for chunk in read(source, plan))
    exact = encoding(plan.columns[0].encoding, type)
    kept = [value for value in stored if value is None or decodes(exact, value)]
    right = expected(type, [None if value is None else exact.decode(value) for value in kept])
    assert (found["values"] + found["nulls"], found["values"]) == (moved, right["values"])
    assert found == {name: right[name] for name in found}


def decodes(exact: Encoding, value: SqliteValue) -> bool:
    """Whether a value moves as it is."""
    try:
        exact.decode(value)
    except Misfit:
        return False
    return True
