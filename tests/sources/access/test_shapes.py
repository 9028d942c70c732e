"""Shapes of files that matter and are rare: all of Jet 3 and Jet 4, from long values to deleted columns."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from migrator.sources import access
from migrator.sources.access.formats import Format
from migrator.sources.access.types import Type
from tests.sources.access.building import BOTH, CHAINED, INLINE, SINGLE, Builder, Made

ID = Made("id", Type.LONG, flags=0x04)


def long(value: int) -> bytes:
    return struct.pack("<i", value)


@pytest.fixture(params=BOTH, ids=lambda form: form.name)
def form(request: pytest.FixtureRequest) -> Format:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def builder(form: Format) -> Builder:
    return Builder(form)


def rows_of(builder: Builder, path: Path, table: str = "t") -> list[tuple[object, ...]]:
    with access.open(builder.write(path / "made.mdb")) as database:
        return list(database.table(table).rows())


def test_values_of_every_type_of_both_formats(builder: Builder, tmp_path: Path) -> None:
    columns = [
        ID,
        Made("flag", Type.YES_NO),
        Made("byte", Type.BYTE),
        Made("integer", Type.INTEGER),
        Made("money", Type.CURRENCY),
        Made("single", Type.SINGLE),
        Made("double", Type.DOUBLE),
        Made("date", Type.DATE_TIME),
        Made("text", Type.SHORT_TEXT, length=50),
        Made("binary", Type.BINARY, length=50),
        Made("memo", Type.LONG_TEXT),
    ]
    stored = [
        long(-7),
        True,
        b"\xff",
        struct.pack("<h", -300),
        struct.pack("<q", -12345),
        struct.pack("<f", 1.5),
        struct.pack("<d", -2.25),
        struct.pack("<d", -1.25),
        builder.text("Grüße"),
        b"\0\1\2",
        builder.long_value(builder.text("kurz"), INLINE),
    ]
    builder.table("t", columns, [builder.row(columns, stored), builder.row(columns, [None] * len(columns))])
    first, second = rows_of(builder, tmp_path)
    assert [str(value) for value in first] == [
        "-7",
        "True",
        "255",
        "-300",
        "-1.2345",
        "1.5",
        "-2.25",
        "1899-12-29 06:00:00",
        "Grüße",
        "b'\\x00\\x01\\x02'",
        "kurz",
    ]
    assert second == (None, False, *[None] * 9)


@pytest.mark.parametrize(
    "lengths", [(0, 0, 0), (10, 300, 20), (255, 255, 255), (250, 6, 1), (400, 400, 400), (900, 0, 900)]
)
def test_offsets_of_values_in_long_rows(builder: Builder, tmp_path: Path, lengths: tuple[int, ...]) -> None:
    columns = [ID, *(Made(f"b{at}", Type.BINARY, length=2000) for at in range(len(lengths)))]
    values = [bytes([65 + at]) * length for at, length in enumerate(lengths)]
    builder.table("t", columns, [builder.row(columns, [long(1), *values])])
    assert rows_of(builder, tmp_path) == [(1, *values)]


def test_rows_of_any_length_up_to_a_page(builder: Builder, tmp_path: Path) -> None:
    columns = [ID, Made("b", Type.BINARY, length=2000), Made("c", Type.BINARY, length=10)]
    rows = [(number, b"x" * number, b"end") for number in range(0, 1980, 7)]
    builder.table("t", columns, [builder.row(columns, [long(n), b, c]) for n, b, c in rows])
    assert rows_of(builder, tmp_path) == rows


@pytest.mark.parametrize("how", [INLINE, SINGLE, CHAINED], ids=["inline", "single page", "chain"])
@pytest.mark.parametrize("length", [0, 1, 64, 1000, 1001, 1500])
def test_long_values_wherever_they_lie(builder: Builder, tmp_path: Path, how: int, length: int) -> None:
    columns = [ID, Made("memo", Type.OLE_OBJECT)]
    value = bytes(range(256)) * 6
    reference = builder.long_value(value[:length], how)
    builder.table("t", columns, [builder.row(columns, [long(1), reference])])
    assert rows_of(builder, tmp_path) == [(1, value[:length])]


def test_long_value_of_many_pages(builder: Builder, tmp_path: Path) -> None:
    columns = [ID, Made("memo", Type.LONG_TEXT)]
    text = "abcdefghij" * 20_000
    reference = builder.long_value(builder.text(text), CHAINED)
    builder.table("t", columns, [builder.row(columns, [long(1), reference])])
    assert rows_of(builder, tmp_path) == [(1, text)]


def test_rows_that_moved_and_rows_that_were_deleted(builder: Builder, tmp_path: Path) -> None:
    columns = [ID, Made("b", Type.BINARY, length=100)]
    rows = [builder.row(columns, [long(number), bytes([number])]) for number in range(6)]
    builder.table("t", columns, rows, moved=[1, 4], dead=[2, 4])
    assert rows_of(builder, tmp_path) == [(number, bytes([number])) for number in (0, 1, 3, 5)]


def test_columns_added_after_a_row_are_null_and_no(builder: Builder, tmp_path: Path) -> None:
    columns = [ID, Made("old", Type.BINARY, length=9), *(Made(f"n{at}", Type.LONG) for at in range(7))]
    columns += [Made("flag", Type.YES_NO), Made("new", Type.BINARY, length=9)]
    builder.table("t", columns, [builder.row(columns, [long(1), b"x"], count=2)])
    assert rows_of(builder, tmp_path) == [(1, b"x", *[None] * 7, False, None)]


def test_deleted_columns_leave_their_place_in_rows(builder: Builder, tmp_path: Path) -> None:
    columns = [
        ID,
        Made("gone", Type.LONG, deleted=True),
        Made("gone too", Type.BINARY, length=9, deleted=True),
        Made("kept", Type.BINARY, length=9),
        Made("last", Type.INTEGER),
    ]
    builder.table("t", columns, [builder.row(columns, [long(1), long(2), b"old", b"kept", b"\7\0"])])
    assert rows_of(builder, tmp_path) == [(1, b"kept", 7)]


def test_definition_over_several_pages_and_255_columns(builder: Builder, tmp_path: Path) -> None:
    columns = [Made(f"a column with quite a long name, number {at}", Type.INTEGER) for at in range(255)]
    builder.table("t", columns, [builder.row(columns, [struct.pack("<h", at) for at in range(255)])])
    assert rows_of(builder, tmp_path) == [tuple(range(255))]


@pytest.mark.parametrize("by_reference", [True, False])
def test_usage_maps_of_both_kinds(builder: Builder, tmp_path: Path, by_reference: bool) -> None:
    rows = [builder.row([ID], [long(number)]) for number in range(2000)]
    builder.table("t", [ID], rows, by_reference=by_reference)
    assert [number for (number,) in rows_of(builder, tmp_path)] == list(range(2000))


def test_batches_keep_to_their_limits(builder: Builder, tmp_path: Path) -> None:
    columns = [ID, Made("memo", Type.OLE_OBJECT)]
    big = builder.long_value(b"x" * 5000, CHAINED)
    rows = [builder.row(columns, [long(number), big if number % 10 == 0 else None]) for number in range(300)]
    builder.table("t", columns, rows)
    with access.open(builder.write(tmp_path / "made.mdb")) as database:
        batches = list(database.table("t").batches(max_rows=100, max_bytes=8_000))
        assert [n for batch in batches for n in batch["id"].to_pylist()] == list(range(300))
        assert max(batch.num_rows for batch in batches) <= 100
        assert all(sum(map(len, batch["memo"].drop_null().to_pylist())) <= 10_000 for batch in batches)
        assert {batch.num_rows for batch in database.table("t").batches(max_bytes=1)} == {1}


@pytest.mark.parametrize(
    ("code_page", "text"),
    [(1252, "Größe €"), (1251, "Привет"), (932, "日本語"), (949, "한국어 텍스트"), (936, "简体"), (950, "繁體")],
)
def test_code_pages_of_jet_3(tmp_path: Path, code_page: int, text: str) -> None:
    builder = Builder(BOTH[0], code_page=code_page)
    columns = [Made("text", Type.SHORT_TEXT, length=50), Made("memo", Type.LONG_TEXT)]
    stored = text.encode(f"cp{code_page}")
    builder.table("t", columns, [builder.row(columns, [stored, builder.long_value(stored, SINGLE)])])
    assert rows_of(builder, tmp_path) == [(text, text)]


def test_empty_text_and_null_differ(builder: Builder, tmp_path: Path) -> None:
    columns = [Made("text", Type.SHORT_TEXT, length=50), Made("memo", Type.LONG_TEXT)]
    rows = [[b"", builder.long_value(b"", INLINE)], [None, None]]
    builder.table("t", columns, [builder.row(columns, row) for row in rows])
    assert rows_of(builder, tmp_path) == [("", ""), (None, None)]
