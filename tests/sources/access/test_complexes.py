"""Attachments, multi-value lookups, version histories and calculated columns."""

from __future__ import annotations

import struct
import zlib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from migrator.errors import SourceDamagedError, SourceError
from migrator.sources import access
from migrator.sources.access import Attachment, ComplexKind, Version
from migrator.sources.access.formats import FORMATS
from migrator.sources.access.types import Type
from tests.sources.access.building import CHAINED, INLINE, Builder, Made, Stored

FILES = [
    Made("FileData", Type.OLE_OBJECT),
    Made("FileFlags", Type.LONG),
    Made("FileName", Type.SHORT_TEXT, length=510),
    Made("FileTimeStamp", Type.DATE_TIME),
    Made("FileType", Type.SHORT_TEXT, length=510),
    Made("FileURL", Type.LONG_TEXT),
]
NOON = struct.pack("<d", 36526.5)


def long(value: int) -> bytes:
    return struct.pack("<i", value)


@pytest.fixture
def builder() -> Builder:
    return Builder(FORMATS[3])


def add_complex(builder: Builder, columns: list[Made], values: list[tuple[int, list[Stored]]]) -> None:
    """A table `t` of three rows with the numbers 1, 2 and none in a complex column; its values, by number."""
    kind = builder.table("MSysComplexType_X", columns, [])
    flat = [Made("key", Type.LONG), *columns, Made("own id", Type.LONG, flags=0x04)]
    rows = [builder.row(flat, [long(number), *stored, long(at)]) for at, (number, stored) in enumerate(values)]
    behind = builder.table("f_X", flat, rows)
    own = [Made("c", Type.COMPLEX, complex_id=7)]
    builder.table("t", own, [builder.row(own, [number]) for number in (long(1), long(2), None)])
    catalogue = [Made(name, Type.LONG) for name in ("ComplexID", "ComplexTypeObjectID", "FlatTableID")]
    row = builder.row(catalogue, [long(7), long(kind), long(behind)])
    builder.table("MSysComplexColumns", catalogue, [row])


def read(builder: Builder, path: Path) -> tuple[ComplexKind, list[Any]]:
    with access.open(builder.write(path / "made.accdb")) as database:
        table = database.table("t")
        return table.complex("c").kind, [value for (value,) in table.rows()]


def wrapped(content: bytes, *, compressed: bool) -> bytes:
    body = struct.pack("<III", 20, 1, 4) + "txt\0".encode("utf-16-le") + content
    return struct.pack("<II", compressed, len(body)) + (zlib.compress(body) if compressed else body)


def attachment(builder: Builder, stored: bytes) -> list[Stored]:
    reference = builder.long_value(stored, CHAINED)
    return [reference, long(3), builder.text("notes.txt"), NOON, builder.text("txt"), None]


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("content", [b"", b"content", bytes(range(256)) * 40])
def test_attachments_come_without_wrapper(
    builder: Builder, tmp_path: Path, compressed: bool, content: bytes
) -> None:
    add_complex(builder, FILES, [(1, attachment(builder, wrapped(content, compressed=compressed)))])
    expected = Attachment("notes.txt", "txt", content, None, datetime(2000, 1, 1, 12), 3)
    assert read(builder, tmp_path) == (ComplexKind.ATTACHMENT, [(expected,), (), ()])


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (struct.pack("<II", 9, 0), "unknown way 9"),
        (struct.pack("<II", 1, 30) + b"no deflate", "does not decompress"),
        (struct.pack("<II", 1, 1 << 30) + zlib.compress(bytes(1000)), "cannot come from"),
        (wrapped(b"content", compressed=False)[:-3], "beyond its end"),
    ],
)
def test_wrong_wrappers_of_attachments_are_refused(
    builder: Builder, tmp_path: Path, stored: bytes, message: str
) -> None:
    add_complex(builder, FILES, [(1, attachment(builder, stored))])
    with pytest.raises(SourceDamagedError) as caught:
        read(builder, tmp_path)
    assert message in caught.value.what and "attachment" in caught.value.where


def test_several_values_come_in_their_order(builder: Builder, tmp_path: Path) -> None:
    values = [(2, "b"), (1, "x"), (2, "a"), (3, "of a row that is gone")]
    columns = [Made("value", Type.SHORT_TEXT, length=510)]
    add_complex(builder, columns, [(number, [builder.text(value)]) for number, value in values])
    assert read(builder, tmp_path) == (ComplexKind.MULTI_VALUE, [("x",), ("b", "a"), ()])


def test_versions_come_newest_first(builder: Builder, tmp_path: Path) -> None:
    columns = [Made("memo", Type.LONG_TEXT), Made("modified", Type.DATE_TIME)]
    values = [(text, day) for text, day in (("first", 1), ("third", 3), ("second", 2))]
    stored = [
        (1, [builder.long_value(builder.text(text), INLINE), struct.pack("<d", 36525.0 + day)])
        for text, day in values
    ]
    add_complex(builder, columns, stored)
    versions = tuple(Version(text, datetime(2000, 1, day)) for text, day in sorted(values, key=lambda v: -v[1]))
    assert read(builder, tmp_path) == (ComplexKind.VERSION_HISTORY, [versions, (), ()])


def test_a_complex_column_without_its_tables_is_refused(builder: Builder, tmp_path: Path) -> None:
    own = [Made("c", Type.COMPLEX, complex_id=7)]
    builder.table("t", own, [builder.row(own, [long(1)])])
    with pytest.raises(SourceDamagedError, match="tables behind a complex column are missing"):
        read(builder, tmp_path)


def test_only_complex_columns_have_something_behind_them(builder: Builder, tmp_path: Path) -> None:
    builder.table("t", [Made("c", Type.LONG)], [])
    with pytest.raises(SourceError, match="not a complex one"):
        read(builder, tmp_path)


def calculated(value: bytes) -> bytes:
    return bytes(16) + struct.pack("<I", len(value)) + value + bytes(3)


def test_calculated_columns_give_their_results(builder: Builder, tmp_path: Path) -> None:
    def made(name: str, kind: Type) -> Made:
        return Made(name, kind, fixed=False, more_flags=0xC0, length=39)

    columns = [
        made("number", Type.LONG),
        made("yes", Type.YES_NO),
        made("text", Type.SHORT_TEXT),
        made("decimal", Type.DECIMAL),
        made("memo", Type.LONG_TEXT),
    ]
    text = builder.text("Summe")
    filled: list[Stored] = [
        calculated(long(42)),
        calculated(b"\xff"),
        calculated(text),
        calculated(struct.pack("<HBBQ", 10, 2, 0x80, 150)),
        builder.long_value(calculated(text), CHAINED),
    ]
    empty: list[Stored] = [calculated(b""), calculated(b""), calculated(b""), calculated(b""), None]
    builder.table("t", columns, [builder.row(columns, row) for row in (filled, empty, [None] * 5)])
    with access.open(builder.write(tmp_path / "made.accdb")) as database:
        table = database.table("t")
        expected = [
            (42, True, "Summe", Decimal("-1.50"), "Summe"),
            (None, False, "", None, None),
            (None, None, None, None, None),
        ]
        assert list(table.rows()) == expected
        whole = table.to_arrow()
        assert list(zip(*(whole[name].to_pylist() for name in whole.column_names), strict=True)) == expected
