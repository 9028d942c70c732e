"""Users' transforms: no value changes on the way to pandas and back, everything a user may return is taken or
refused by name, and the user's file leaves no trace in the process.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from decimal import Context, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.errors import ConfigurationError, MigratorError, TransformError
from migrator.model.rules import Transformer
from migrator.model.types import LogicalType
from migrator.transforms import describe, load
from migrator.transforms.frames import frame_of

HEAD = """
import datetime, decimal, enum, uuid
import numpy as np
import pandas as pd
import pyarrow as pa

def arrow(values, type):
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, type)))

"""

FIRST = HEAD.count("\n") + 2
"""The first line of the function's body."""

ID = UUID("6fa459ea-ee8a-3ca4-894e-db77e160355e")


@pytest.fixture
def transformer(tmp_path: Path) -> Callable[[str], Transformer]:
    """A function that loads a transform whose function `f` has the given body."""

    def make(body: str) -> Transformer:
        file = tmp_path / "clean.py"
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        file.write_text(f"{HEAD}def f(frame):\n{lines}", encoding="utf-8")
        return load(describe(file, "f"))

    return make


def batch(**columns: tuple[str, list[Any]]) -> pa.RecordBatch:
    """A canonical batch of columns given as logical type and values."""
    types = {name: LogicalType.parse(spelling) for name, (spelling, _) in columns.items()}
    fields = [pa.field(name, type.arrow, metadata={"logical": str(type)}) for name, type in types.items()]
    arrays = [pa.array(values, types[name].arrow) for name, (_, values) in columns.items()]
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def spelt(value: Any) -> str:
    """A value as text, whatever class stands for UTC."""
    return value.isoformat() if isinstance(value, dt.datetime) else repr(value)


def content(found: pa.RecordBatch) -> dict[str, tuple[str, list[str]]]:
    """Columns as logical type and values, spelt so that NaN equals NaN, and -0.0 differs from 0.0."""
    for field in found.schema:
        assert field.type == LogicalType.parse(field.metadata[b"logical"].decode()).arrow
    return {
        field.name: (field.metadata[b"logical"].decode(), [spelt(value) for value in array.to_pylist()])
        for field, array in zip(found.schema, found.columns, strict=True)
    }


# There and back


def decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    limit = 10**precision - 1
    return st.integers(-limit, limit).map(lambda digits: Decimal(digits).scaleb(-scale, _WIDE))


_WIDE = Context(prec=60)
"""Decimal arithmetic rounds to 28 digits by default."""


def whole(bits: int) -> st.SearchStrategy[int]:
    limit = 2 ** (bits - 1)
    return st.integers(-limit, limit - 1) | st.sampled_from([-limit, limit - 1])


_MOMENTS = st.datetimes() | st.sampled_from([dt.datetime.min, dt.datetime.max])

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "int16": whole(16),
    "int32": whole(32),
    "int64": whole(64) | st.sampled_from([2**53 + 1, -(2**53) - 1]),
    "float64": st.floats(),
    "decimal(38,0)": decimals(38, 0),
    "decimal(38,38)": decimals(38, 38),
    "decimal(18,4)": decimals(18, 4),
    "text": st.text() | st.sampled_from(["", " ", "\0", "NA", "nan", "None", "체크"]),
    "text(3)": st.text(max_size=3),
    "binary": st.binary() | st.just(b""),
    "date": st.dates() | st.sampled_from([dt.date.min, dt.date.max]),
    "time": st.times() | st.sampled_from([dt.time.min, dt.time.max]),
    "timestamp": _MOMENTS,
    "timestamptz": _MOMENTS.map(lambda moment: moment.replace(tzinfo=dt.UTC)),
    "uuid": st.binary(min_size=16, max_size=16),
    "json": st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each, max_size=3),
        max_leaves=5,
    ).map(lambda value: json.dumps(value, ensure_ascii=False)),
    "json_text": st.sampled_from(['{"a": 1, "a": 2}', "[ 1.0 ]", '"\\u0000"', "null"]),
}


@st.composite
def batches(draw: st.DrawFn, **instead: st.SearchStrategy[Any]) -> pa.RecordBatch:
    rows = draw(st.integers(0, 6))
    lists = {
        spelling: draw(st.lists(st.none() | strategy, min_size=rows, max_size=rows))
        for spelling, strategy in (VALUES | instead).items()
    }
    return batch(**{spelling: (spelling, values) for spelling, values in lists.items()})


@given(batches())
def test_what_the_function_leaves_alone_comes_back_as_it_was(
    transformer: Callable[[str], Transformer], rows: pa.RecordBatch
) -> None:
    back = transformer("return frame")(rows)
    assert content(back) == content(rows)
    assert back.schema.equals(rows.schema, check_metadata=True)


@given(batches(float64=st.floats(allow_nan=False)))
def test_values_survive_as_python_objects_too(
    transformer: Callable[[str], Transformer], rows: pa.RecordBatch
) -> None:
    back = transformer("return frame.astype(object)")(rows)
    assert content(back) == content(rows)


DTYPES = {
    "bool": (True, "bool[pyarrow]", True),
    "int16": (1, "int16[pyarrow]", 1),
    "int64": (2**63 - 1, "int64[pyarrow]", 2**63 - 1),
    "float64": (0.5, "double[pyarrow]", 0.5),
    "decimal(18,4)": (Decimal("1.5000"), "decimal128(18, 4)[pyarrow]", Decimal("1.5000")),
    "text": ("", "string[pyarrow]", ""),
    "json": ('{"a": 1}', "string[pyarrow]", '{"a": 1}'),
    "binary": (b"\0", "binary[pyarrow]", b"\0"),
    "date": (dt.date(1, 1, 1), "date32[day][pyarrow]", dt.date(1, 1, 1)),
    "time": (dt.time(1, 2, 3, 4), "time64[us][pyarrow]", dt.time(1, 2, 3, 4)),
    "timestamp": (dt.datetime.max, "timestamp[us][pyarrow]", dt.datetime.max),
    "timestamptz": (
        dt.datetime(1, 1, 1, tzinfo=dt.UTC),
        "timestamp[us, tz=UTC][pyarrow]",
        dt.datetime(1, 1, 1, tzinfo=dt.UTC),
    ),
    "uuid": (ID.bytes, "object", ID),
}


@pytest.mark.parametrize("spelling", DTYPES)
def test_users_see_the_dtypes_that_are_documented(spelling: str) -> None:
    value, dtype, seen = DTYPES[spelling]
    frame = frame_of(batch(c=(spelling, [value, None])))
    assert str(frame.dtypes["c"]) == dtype
    assert frame["c"][0] == seen and isinstance(frame["c"][0], type(seen))
    assert list(frame["c"].isna()) == [False, True]
    assert list(frame.index) == [0, 1]


# What users return

_MOMENT = dt.datetime(2024, 1, 31, 10, 0, 0, 123456)

RETURNED: list[tuple[str, str, list[Any]]] = [
    # NumPy, where NaN and NaT are what is missing
    ("np.array([1, 2], 'int8')", "int16", [1, 2]),
    ("np.array([1, 65535], 'uint16')", "int32", [1, 65535]),
    ("np.array([1, 2**64 - 1], 'uint64')", "decimal(20,0)", [Decimal(1), Decimal(2**64 - 1)]),
    ("np.array([1, 2], 'uint64')", "int64", [1, 2]),
    ("np.array([True, False])", "bool", [True, False]),
    ("np.array([0.5, np.nan], 'float16')", "float64", [0.5, None]),
    ("np.array([0.1, np.nan])", "float64", [0.1, None]),
    ("np.array(['a', 'ü'])", "text", ["a", "ü"]),
    ("pd.to_datetime(pd.Series(['2024-01-31 10:00:00.123456', None]))", "timestamp", [_MOMENT, None]),
    ("pd.Series(np.array(['0001-01-01', 'NaT'], 'datetime64[s]'))", "timestamp", [dt.datetime.min, None]),
    (
        "pd.Series(pd.to_datetime(['2024-07-01', None])).dt.tz_localize('Asia/Seoul')",
        "timestamptz",
        [dt.datetime(2024, 6, 30, 15, tzinfo=dt.UTC), None],
    ),
    # pandas' own
    ("pd.array([2**53 + 1, None], 'Int64')", "int64", [2**53 + 1, None]),
    ("pd.array([True, None], 'boolean')", "bool", [True, None]),
    ("pd.array(['', None], 'string')", "text", ["", None]),
    ("pd.Series(['a', None]).astype('category')", "text", ["a", None]),
    ("pd.Series([7, None], dtype='Int64').astype('category')", "int64", [7, None]),
    ("pd.arrays.SparseArray([0, 5])", "int64", [0, 5]),
    # Arrow
    ("arrow([float('nan'), None], pa.float64())", "float64", [float("nan"), None]),
    ("arrow([None, None], pa.null())", "text", [None, None]),
    ("arrow(['a', None], pa.large_string())", "text", ["a", None]),
    ("arrow([b'ab', None], pa.binary(2))", "binary", [b"ab", None]),
    ("arrow(['a', None], pa.dictionary(pa.int8(), pa.string()))", "text", ["a", None]),
    ("arrow([decimal.Decimal('1.50'), None], pa.decimal256(50, 2))", "decimal(38,2)", [Decimal("1.50"), None]),
    ("arrow([datetime.date(2024, 1, 31), None], pa.date64())", "date", [dt.date(2024, 1, 31), None]),
    ("arrow([datetime.time(1, 2, 3), None], pa.time32('s'))", "time", [dt.time(1, 2, 3), None]),
    ("arrow([['a', 'ü'], None], pa.list_(pa.string()))", "json", ['["a", "ü"]', None]),
    (
        "arrow([{'b': 1, 'a': None}, None], pa.struct({'b': pa.int8(), 'a': pa.int8()}))",
        "json",
        ['{"b": 1, "a": null}', None],
    ),
    # Python objects, where None, pd.NA, NaT and NaN are what is missing
    ("pd.Series([1, None], dtype=object)", "int64", [1, None]),
    ("pd.Series([2**63, -1], dtype=object)", "decimal(19,0)", [Decimal(2**63), Decimal(-1)]),
    ("pd.Series([np.int8(1), pd.NA], dtype=object)", "int64", [1, None]),
    ("pd.Series([True, np.False_], dtype=object)", "bool", [True, False]),
    ("pd.Series([0.5, 3], dtype=object)", "float64", [0.5, 3.0]),
    ("pd.Series([decimal.Decimal('1E+2'), 3], dtype=object)", "decimal(3,0)", [Decimal(100), Decimal(3)]),
    ("pd.Series([decimal.Decimal('0.05'), pd.NaT], dtype=object)", "decimal(2,2)", [Decimal("0.05"), None]),
    ("pd.Series(['', float('nan')], dtype=object)", "text", ["", None]),
    ("pd.Series([enum.Enum('E', {'A': 'a'}, type=str).A, None], dtype=object)", "text", ["a", None]),
    ("pd.Series([b'', bytearray(b'x')], dtype=object)", "binary", [b"", b"x"]),
    ("pd.Series([datetime.date(1, 1, 1), None], dtype=object)", "date", [dt.date.min, None]),
    ("pd.Series([datetime.time(1, 2), None], dtype=object)", "time", [dt.time(1, 2), None]),
    ("pd.Series([datetime.datetime(1, 1, 1), pd.NaT], dtype=object)", "timestamp", [dt.datetime.min, None]),
    (
        "pd.Series([pd.Timestamp('2024-07-01', tz='Asia/Seoul'), None], dtype=object)",
        "timestamptz",
        [dt.datetime(2024, 6, 30, 15, tzinfo=dt.UTC), None],
    ),
    (f"pd.Series([uuid.UUID('{ID}'), None], dtype=object)", "uuid", [ID.bytes, None]),
    (
        "pd.Series([{'b': ['ü', 1.5, None], 'a': True}, [1]], dtype=object)",
        "json",
        ['{"b": ["ü", 1.5, null], "a": true}', "[1]"],
    ),
    ("pd.Series([None, pd.NA], dtype=object)", "text", [None, None]),
]


@pytest.mark.parametrize(("made", "type", "values"), RETURNED, ids=[made for made, _, _ in RETURNED])
def test_whatever_users_return_keeps_its_value(
    made: str, type: str, values: list[Any], transformer: Callable[[str], Transformer]
) -> None:
    back = transformer(f"return frame.assign(c={made})")(batch(id=("int64", [1, 2])))
    assert content(back)["c"] == (type, [spelt(value) for value in values])
    assert content(back)["id"] == ("int64", ["1", "2"])


KEPT: list[tuple[str, tuple[str, list[Any]], str, tuple[str, list[Any]]]] = [
    ("width of integers", ("int16", [1, None]), "c + 1", ("int16", [2, None])),
    ("wider integers", ("int16", [1, None]), "c.astype('int64[pyarrow]') + 32767", ("int64", [32768, None])),
    ("integers with NULL that pandas made floats", ("int32", [1, None]), "c.map({1: 5})", ("int32", [5, None])),
    ("floats that are meant", ("int32", [1, 2]), "c.astype('float64')", ("float64", [1.0, 2.0])),
    ("infinity", ("int32", [1, None]), "c.map({1: np.inf})", ("float64", [float("inf"), None])),
    ("halves", ("int32", [1, None]), "c / 2", ("float64", [0.5, None])),
    (
        "digits",
        ("decimal(18,4)", [Decimal("1.5"), None]),
        "c.map(lambda v: v)",
        ("decimal(18,4)", [Decimal("1.5000"), None]),
    ),
    (
        "more digits",
        ("decimal(3,1)", [Decimal("1.5"), None]),
        "c.map(lambda v: v / 100)",
        ("decimal(3,3)", [Decimal("0.015"), None]),
    ),
    ("length of text", ("text(2)", ["a", None]), "c.str.upper()", ("text(2)", ["A", None])),
    ("longer text", ("text(2)", ["a", None]), "c + 'bc'", ("text", ["abc", None])),
    ("documents", ("json", ["[1]", None]), "c.str.replace('1', '2')", ("json", ["[2]", None])),
    ("exact documents", ("json_text", ["[1]", None]), "c.str.replace('1', '2')", ("json_text", ["[2]", None])),
    ("documents as objects", ("json_text", ["[1]", None]), "c.map(lambda v: [2])", ("json_text", ["[2]", "[2]"])),
    ("text that was a document", ("json", ['"a"', None]), "c.str.strip('\"')", ("text", ["a", None])),
    ("NaN is no document", ("json", ["1", None]), "c.str.replace('1', 'NaN')", ("text", ["NaN", None])),
    ("type of NULLs", ("decimal(18,4)", [Decimal(1), None]), "None", ("decimal(18,4)", [None, None])),
    ("UUIDs as text", ("uuid", [ID.bytes, None]), "c.map(str, na_action='ignore')", ("text", [str(ID), None])),
]


@pytest.mark.parametrize(("given_", "made", "expected"), [case[1:] for case in KEPT], ids=[c[0] for c in KEPT])
def test_a_column_keeps_its_type_where_its_values_fit(
    given_: tuple[str, list[Any]],
    made: str,
    expected: tuple[str, list[Any]],
    transformer: Callable[[str], Transformer],
) -> None:
    transform = transformer(f"c = frame['c']\nreturn frame.assign(c={made})")
    type, values = expected
    assert content(transform(batch(c=given_)))["c"] == (type, [spelt(value) for value in values])


def test_columns_may_go_come_and_change_places(transformer: Callable[[str], Transformer]) -> None:
    transform = transformer("return frame.rename(columns={'a': '이름'})[['c', '이름']].assign(new=1)")
    back = transform(batch(a=("text", ["x"]), b=("int64", [1]), c=("bool", [True])))
    assert {name: values for name, (_, values) in content(back).items()} == {
        "c": ["True"],
        "이름": ["'x'"],
        "new": ["1"],
    }


def test_rows_are_taken_by_position_whatever_the_index_says(transformer: Callable[[str], Transformer]) -> None:
    transform = transformer("return frame.set_index(pd.Index([2, 0, 0]))")
    rows = batch(a=("int64", [1, 2, 3]), b=("text", ["a", "b", "c"]))
    assert content(transform(rows)) == content(rows)
    descending = transformer("return frame.sort_values('a', ascending=False, ignore_index=True)")
    assert content(descending(rows))["b"] == ("text", ["'c'", "'b'", "'a'"])


def test_the_frame_is_the_functions_own(transformer: Callable[[str], Transformer]) -> None:
    rows = batch(
        n=("int64", [1, 2]), f=("float64", [0.5, 1.5]), s=("text", ["a", "b"]), u=("uuid", [ID.bytes] * 2)
    )
    before = content(rows)
    transformer(
        "frame.loc[0, 'n'] = 99\n"
        "frame['f'] += 1\n"
        "for name in ('n', 'f'):\n"
        "    array = frame[name].to_numpy()\n"
        "    if array.flags.writeable:\n"
        "        array[:] = 7\n"
        "frame.iloc[1, 2] = 'z'\n"
        "frame['u'] = None\n"
        "del frame['s']\n"
        "return pd.DataFrame({'x': [1, 2]})"
    )(rows)
    assert content(rows) == before


# What is refused

WRONG: list[tuple[str, str]] = [
    (
        "return None",
        """The transform returned nothing instead of a pandas DataFrame.
  where: f in FILE
  to do: Return the DataFrame, also when it was changed in place.""",
    ),
    (
        "return pa.table({'a': [1, 2]})",
        """The transform returned pyarrow.lib.Table instead of a pandas DataFrame.
  where: f in FILE
  to do: Return the DataFrame, also when it was changed in place.""",
    ),
    (
        "return frame[frame['n'] > 1]",
        """The transform was given 2 rows and returned 1.
  where: f in FILE
  to do: Return a row for every row given. To leave rows out, give the table a `where`.""",
    ),
    (
        "return frame.iloc[::-1]",
        """The transform returned the rows in another order.
  where: f in FILE
  to do: Leave the rows where they are: each is matched with the source's row in its place.""",
    ),
    (
        "return frame.rename(columns={'n': 5})",
        """The transform returned a column that has no name but a label of type int.
  where: f in FILE
  to do: Return columns that each have a name of their own.""",
    ),
    (
        "return pd.concat([frame, frame], axis=1)",
        """The transform returned 2 columns called 'n'.
  where: f in FILE
  to do: Return columns that each have a name of their own.""",
    ),
    (
        "return frame[[]]",
        """The transform returned a DataFrame without columns.
  where: f in FILE
  to do: Return columns that each have a name of their own.""",
    ),
    (
        "frame['n'] = pd.Series([1, 'one'], dtype=object)\nreturn frame",
        """A column that the transform returned holds values of the types int and str.
  where: column n, f in FILE
  to do: Make them all of one type: a value is never converted by itself.""",
    ),
    (
        "frame['new'] = [datetime.datetime(2024, 1, 1), datetime.date(2024, 1, 1)]\nreturn frame",
        """A column that the transform returned holds values of the types datetime and date.
  where: column new, f in FILE
  to do: Make them all of one type: a value is never converted by itself.""",
    ),
    (
        "frame['new'] = [datetime.datetime(2024, 1, 1), datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)]\n"
        "return frame.astype(object)",
        """A column that the transform returned holds values of the types datetime with and datetime without """
        """a time zone.
  where: column new, f in FILE
  to do: Give all of them a time zone, or none.""",
    ),
    (
        "frame['n'] = frame['n'].convert_dtypes(dtype_backend='numpy_nullable').map({1: 2**53 + 2})\nreturn frame",
        """A column that the transform returned holds integers as floats, which pandas may have rounded: there """
        """are some from 9,007,199,254,740,992 on.
  where: column n, f in FILE
  to do: Where values are missing, use .astype(object).map(…, na_action='ignore'), which keeps integers.""",
    ),
    (
        "return frame.assign(n=[(1, 2), (3, 4)])",
        """A column that the transform returned holds values of the type tuple, which no column type can hold.
  where: column n, f in FILE
  to do: Columns can hold bool, int of 38 digits, float, Decimal of 38 digits, str, bytes, date, time, """
        """datetime, UUID, and dict or list as JSON.""",
    ),
    (
        "return frame.assign(n=[{1: 'a'}, {}])",
        """A column that the transform returned holds a dict that JSON cannot hold.
  where: column n, f in FILE
  to do: Use dict with str keys, list, str, int, float, bool and None within it, and nothing else.""",
    ),
    (
        "return frame.assign(n=pd.to_datetime([0, 1]))",
        """A column that the transform returned holds values that timestamp cannot hold exactly.
  where: column n, f in FILE
  to do: Timestamps are of the years 1 to 9999 and end with microseconds: see .dt.floor("us").""",
    ),
]


def told(error: MigratorError, file: Path) -> str:
    return str(error).replace(str(file), "FILE")


@pytest.mark.parametrize(("body", "message"), WRONG, ids=[body for body, _ in WRONG])
def test_what_cannot_be_used_is_refused_by_name(
    body: str, message: str, transformer: Callable[[str], Transformer], tmp_path: Path
) -> None:
    with pytest.raises(TransformError) as caught:
        transformer(body)(batch(n=("int64", [1, 2]) if "Int64" not in body else ("int64", [1, None])))
    assert told(caught.value, tmp_path / "clean.py") == message


REFUSED = [
    ("pd.Series([0.5, 2**53 + 1], dtype=object)", "rounded as a float"),
    ("pd.Series([True, 1], dtype=object)", "of the types bool and int"),
    ("pd.Series([10**38, 1], dtype=object)", "numbers of 39 digits, of which a column can hold 38"),
    ("pd.Series([decimal.Decimal(10**30), decimal.Decimal('1E-9')], dtype=object)", "numbers of 40 digits"),
    ("pd.Series([decimal.Decimal('Infinity'), 1], dtype=object)", "a Decimal that is no number"),
    ("pd.Series(['\\ud800', 'a'], dtype=object)", "str values that no column type can hold"),
    ("pd.Series([pd.Timestamp(1), None], dtype=object)", "digits below the microsecond"),
    ("pd.Series([datetime.time(1, tzinfo=datetime.UTC), None], dtype=object)", "times with a time zone"),
    ("pd.Series([{'a': {1}}, {}], dtype=object)", "a dict that JSON cannot hold"),
    ("pd.Series([[float('inf')], []], dtype=object)", "a list that JSON cannot hold"),
    ("pd.Series([[(1, 2)], []], dtype=object)", "a list that JSON cannot hold"),
    ("pd.Series([1j, 2j])", "of the type complex, which"),
    ("pd.Series(np.array([0.1, 0.2], 'longdouble'))", "of the type longdouble, which"),
    ("pd.to_timedelta([1, 2], unit='s')", "of the type Timedelta, which"),
    ("pd.period_range('2024', periods=2)", "of the type Period, which"),
    ("pd.cut([1, 2], 2)", "of the type Interval, which"),
    ("arrow([1, 2], pa.duration('s'))", "of the type Timedelta, which"),
    ("np.array(['0000-12-31', 'NaT'], 'datetime64[s]')", "timestamp cannot hold exactly"),
    ("np.array(['10000-01-01', 'NaT'], 'datetime64[s]')", "timestamp cannot hold exactly"),
    ("arrow([-719163, None], pa.int32()).astype(pd.ArrowDtype(pa.date32()))", "date cannot hold exactly"),
    (
        "arrow([86_400_000_000, None], pa.int64()).astype(pd.ArrowDtype(pa.time64('us')))",
        "time cannot hold exactly",
    ),
    ("arrow([1, None], pa.time64('ns'))", "time cannot hold exactly"),
    ("arrow([10**40, None], pa.decimal256(76, 0))", "decimal(38,0) cannot hold exactly"),
]


@pytest.mark.parametrize(("made", "says"), REFUSED, ids=[made for made, _ in REFUSED])
def test_nothing_is_rounded_cut_or_turned_into_text(
    made: str, says: str, transformer: Callable[[str], Transformer]
) -> None:
    with pytest.raises(TransformError, match=r"^A column that the transform returned holds") as caught:
        transformer(f"return frame.assign(c={made})")(batch(id=("int64", [1, 2])))
    assert says in caught.value.what
    assert caught.value.where.startswith("column c, f in ") and caught.value.hint


# Functions that raise

RAISING = "def helper(v):\n    raise ValueError(f'cannot use {v}.')\nhelper(frame.iloc[0, 0])"


@pytest.mark.parametrize(
    ("body", "what", "line"),
    [
        (RAISING, "The transform raised ValueError: cannot use Top.", FIRST + 1),
        ("frame['nope']", "The transform raised KeyError: 'nope'.", FIRST),
        (
            "int(\n    'x\\n y'\n)",
            r"The transform raised ValueError: invalid literal for int() with base 10: 'x\n y'.",
            FIRST,
        ),
        ("import sys\nsys.exit(3)", "The transform raised SystemExit: 3.", FIRST + 1),
        ("assert False", "The transform raised AssertionError.", FIRST),
        ("raise OSError('x' * 1000)", f"The transform raised OSError: {'x' * 299}….", FIRST),
    ],
)
def test_what_the_function_raises_is_told_with_its_line(
    body: str, what: str, line: int, transformer: Callable[[str], Transformer], tmp_path: Path
) -> None:
    with pytest.raises(TransformError) as caught:
        transformer(body)(batch(name=("text", ["Top"])))
    assert caught.value.what == what
    assert caught.value.where == f"{tmp_path / 'clean.py'}:{line}"
    assert caught.value.hint == "Correct the function, and make the plan again."


def test_a_message_that_may_hold_a_secret_is_left_out(
    transformer: Callable[[str], Transformer], tmp_path: Path
) -> None:
    with pytest.raises(TransformError) as caught:
        transformer(RAISING)(batch(note=("text", ["Top"]), password_hash=("text", ["x"])))
    assert told(caught.value, tmp_path / "clean.py") == (
        "The transform raised ValueError.\n"
        f"  where: FILE:{FIRST + 1}\n"
        "  to do: Its message is not shown since the table has columns with secrets. "
        "Correct the function, and make the plan again."
    )
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_a_function_of_another_shape_is_told_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "clean.py"
    file.write_text("def f(frame, more):\n    return frame\n", encoding="utf-8")
    with pytest.raises(TransformError, match=r"TypeError.*missing 1 required") as caught:
        load(describe(file, "f"))(batch(a=("int64", [1])))
    assert caught.value.where == f"f in {file}"


def test_an_interruption_is_none_of_the_functions_errors(transformer: Callable[[str], Transformer]) -> None:
    with pytest.raises(KeyboardInterrupt):
        transformer("raise KeyboardInterrupt")(batch(a=("int64", [1])))


def test_a_warning_is_no_error(transformer: Callable[[str], Transformer]) -> None:
    transform = transformer("import warnings\nwarnings.warn('careful', FutureWarning)\nreturn frame")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("error")
        transform(batch(a=("int64", [1])))
        with pytest.raises(UserWarning):
            warnings.warn("the filter is as it was", UserWarning, stacklevel=1)
    assert [str(warning.message) for warning in seen] == ["careful"]


def test_what_the_function_prints_keeps_out_of_stdout(
    transformer: Callable[[str], Transformer], capsys: pytest.CaptureFixture[str]
) -> None:
    transformer("print('looking at', len(frame))\nreturn frame")(batch(a=("int64", [1])))
    assert capsys.readouterr() == ("", "looking at 1\n")


# The file


def test_a_description_names_file_function_and_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("clean.py").write_text("def f(frame): return frame\n", encoding="utf-8")
    found = describe(Path("clean.py"), "f")
    digest = hashlib.sha256((tmp_path / "clean.py").read_bytes()).hexdigest()
    assert (found.file, found.function, found.digest) == (str(tmp_path.resolve() / "clean.py"), "f", digest)


FILES: list[tuple[str | None, str]] = [
    (
        None,
        """The transform's file cannot be read: No such file or directory.
  where: FILE
  to do: Correct the table's `transform` in migrator.toml.""",
    ),
    (
        "x = 1\ndef clean_user(frame): return frame\n",
        """The transform's file has no function 'clean_users'.
  where: FILE
  to do: Did you mean 'clean_user'?""",
    ),
    (
        "clean_users = 5\n",
        """'clean_users' in the transform's file is no function but of type int.
  where: FILE
  to do: Correct the table's `transform` in migrator.toml.""",
    ),
    (
        "import os\n\nclean_users = os.environ['no such name']\n",
        """The transform's file cannot be imported: KeyError: 'no such name'.
  where: FILE:3
  to do: Correct the file, or install what it imports.""",
    ),
    (
        "import re\nre.compile('(')\n",
        """The transform's file cannot be imported: error: missing ), unterminated subpattern at position 0.
  where: FILE:2
  to do: Correct the file, or install what it imports.""",
    ),
    (
        "x = 1\ndef (\n",
        """The transform's file cannot be imported: SyntaxError: invalid syntax (clean.py, line 2).
  where: FILE:2
  to do: Correct the file, or install what it imports.""",
    ),
    (
        "def clean_users(frame: Frame): return frame\n",
        """The transform's file cannot be imported: NameError: name 'Frame' is not defined.
  where: FILE:1
  to do: Correct the file, or install what it imports.""",
    ),
    (
        "raise SystemExit\n",
        """The transform's file cannot be imported: SystemExit.
  where: FILE:1
  to do: Correct the file, or install what it imports.""",
    ),
    (
        "import no_such_module\n",
        """The transform's file cannot be imported: ModuleNotFoundError: No module named 'no_such_module'.
  where: FILE:1
  to do: Correct the file, or install what it imports.""",
    ),
]


@pytest.mark.parametrize(("text", "message"), FILES, ids=[message.partition("\n")[0] for _, message in FILES])
def test_a_file_that_cannot_be_used_is_explained(text: str | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "clean.py"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        describe(file, "clean_users")
    assert told(caught.value, file) == message


def test_another_content_than_described_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "clean.py"
    file.write_text("def f(frame): return frame\n", encoding="utf-8")
    described = describe(file, "f")
    file.write_text("def f(frame): return frame  # changed\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(described)
    assert told(caught.value, file) == (
        "The transform's file is not the one that the plan was made with.\n"
        "  where: FILE\n"
        "  to do: Make the plan again, or restore the file as it was."
    )
    file.write_text("def f(frame): return frame\n", encoding="utf-8")
    load(described)


SIBLINGS = """
from __future__ import annotations

import json
from dataclasses import dataclass
import helpers
from parts import words

@dataclass
class Seen:
    count: int = 0

def f(frame):
    import later
    later.SEEN.append(1)
    made = {"who": helpers.WHO, "calls": len(later.SEEN), "word": words.WORD}
    return frame.assign(**made, more=Seen(3).count, none=json.loads("null"))
"""


def folder_with_siblings(folder: Path, who: str) -> Path:
    (folder / "parts").mkdir(parents=True)
    for name, text in {
        "helpers.py": f"WHO = {who!r}",
        "later.py": "SEEN = []",
        "parts/__init__.py": "",
        "parts/words.py": "WORD = 'w'",
        "json.py": "raise RuntimeError('in place of the standard library')",
        "clean.py": SIBLINGS,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "clean.py"


def test_files_beside_it_are_its_own_and_leave_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = type(sys)("helpers")
    monkeypatch.setitem(sys.modules, "helpers", stranger)
    files = [folder_with_siblings(tmp_path / who, who) for who in ("one", "two")]
    listed = sorted(tmp_path.rglob("*"))
    before = dict(sys.modules), list(sys.path), sys.dont_write_bytecode
    transforms = [load(describe(file, "f")) for file in files]
    for calls in (1, 2):
        for transform, who in zip(transforms, ("one", "two"), strict=True):
            back = content(transform(batch(id=("int64", [1]))))
            assert [values for _, values in back.values()] == [
                ["1"],
                [repr(who)],
                [str(calls)],
                ["'w'"],
                ["3"],
                ["None"],
            ]
    assert (dict(sys.modules), list(sys.path), sys.dont_write_bytecode) == before
    assert sorted(tmp_path.rglob("*")) == listed


def test_a_file_that_cannot_be_imported_leaves_no_trace(tmp_path: Path) -> None:
    file = folder_with_siblings(tmp_path / "one", "one")
    file.write_text("import helpers\n1 / 0\n", encoding="utf-8")
    before = dict(sys.modules), list(sys.path)
    with pytest.raises(ConfigurationError, match="ZeroDivisionError"):
        describe(file, "f")
    assert (dict(sys.modules), list(sys.path)) == before


def test_pandas_is_imported_only_when_a_transform_is_called() -> None:
    code = "import sys, migrator.transforms; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
