"""Damaged and hostile files end with values or with an error of ours that names the page, and never hang."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from migrator.errors import MigratorError, SourceDamagedError, SourceError
from migrator.sources import access
from migrator.sources.access.formats import Format
from migrator.sources.access.types import Type
from tests.sources.access import fuzzing
from tests.sources.access.building import BOTH, CHAINED, SINGLE, Builder, Made
from tests.sources.access.expected import FIXTURES

ID = Made("id", Type.LONG)
MEMO = Made("memo", Type.OLE_OBJECT)
JET4 = BOTH[1]


def refusal(path: Path, kind: type[MigratorError] = SourceDamagedError) -> str:
    with pytest.raises(kind) as caught:
        fuzzing.read_everything(path)
    assert caught.value.hint and str(path) in caught.value.where
    return f"{caught.value.what} ({caught.value.where.removeprefix(str(path)).strip(', ')})"


@pytest.mark.parametrize("form", BOTH, ids=lambda form: form.name)
def test_any_corruption_reads_or_is_refused(form: Format, tmp_path: Path) -> None:
    data = fuzzing.sample(form, tmp_path / "sound.mdb").read_bytes()
    path = tmp_path / "broken.mdb"
    outcomes = set()
    for broken in fuzzing.corruptions(data, seed=1, count=250):
        path.write_bytes(broken)
        outcomes.add(fuzzing.outcome(path))
    assert "read" in outcomes and len(outcomes) > 5


@pytest.mark.parametrize("form", BOTH, ids=lambda form: form.name)
def test_a_file_cut_off_anywhere_is_refused(form: Format, tmp_path: Path) -> None:
    data = fuzzing.sample(form, tmp_path / "sound.mdb").read_bytes()
    path = tmp_path / "short.mdb"
    for part in fuzzing.truncations(data, form.page_size, seed=2, count=25):
        path.write_bytes(part)
        assert fuzzing.outcome(path) != "read"


def test_any_corruption_of_a_file_with_relationships_reads_or_is_refused(tmp_path: Path) -> None:
    data = (FIXTURES / "shop.accdb").read_bytes()
    path = tmp_path / "broken.accdb"
    for broken in fuzzing.corruptions(data, seed=3, count=25):
        path.write_bytes(broken)
        fuzzing.outcome(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"SQLite format 3\0" + bytes(5000), "The file is not an Access database."),
        (b"\0\1\0\0Standard Jet DB\0\x09" + bytes(9000), "The file has the unknown Jet format version 9."),
        (b"\0\1\0\0Standard ACE DB\0\x01" + bytes(9000), "The file has the unknown ACE format version 1."),
        (
            b"\0\1\0\0MSISAM Database\0\x01" + bytes(9000),
            "The file belongs to Microsoft Money, which is not supported.",
        ),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "other.mdb"
    path.write_bytes(content)
    assert refusal(path, SourceError).startswith(message)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.mdb", SourceError).startswith("There is no such file.")


def test_closing_lets_go_of_the_file_even_while_rows_are_read(tmp_path: Path) -> None:
    with access.open(fuzzing.sample(JET4, tmp_path / "sound.mdb")) as database:
        rows = database.table("memos").rows()
        next(rows)


def test_circle_of_a_long_value(tmp_path: Path) -> None:
    builder = Builder(JET4)
    reference = builder.long_value(b"x" * 3000, CHAINED)
    first = Builder._data_page(builder, b"LVAL")
    page = builder.add_page(first)
    builder.add_row(page, bytes([0]) + page.to_bytes(3, "little") + b"part")
    reference = struct.pack("<I", 3000) + bytes([0]) + page.to_bytes(3, "little") + bytes(4)
    builder.table("t", [ID, MEMO], [builder.row([ID, MEMO], [bytes(4), reference])])
    assert "The pages of a long value form a circle." in refusal(builder.write(tmp_path / "made.mdb"))


def test_circle_of_a_table_definition(tmp_path: Path) -> None:
    builder = Builder(JET4)
    page = builder.table("t", [ID], [])
    struct.pack_into("<I", builder.pages[page], 4, page)
    found = refusal(builder.write(tmp_path / "made.mdb"))
    assert found == f"The pages of a table definition form a circle. (page {page}, table definition)"


def test_circle_of_a_moved_row(tmp_path: Path) -> None:
    builder = Builder(JET4)
    page = builder.table("t", [ID], [builder.row([ID], [bytes(4)])] * 2, moved=[1])
    owned, overflow = page + 1, page + 2
    struct.pack_into("<I", builder.pages[overflow], builder.size - 7, 0)
    entry = struct.unpack_from("<H", builder.pages[overflow], 14)[0]
    struct.pack_into("<H", builder.pages[overflow], 14, entry | 0x4000)
    builder.pages[overflow][entry & 0x1FFF : (entry & 0x1FFF) + 4] = bytes([0]) + overflow.to_bytes(3, "little")
    found = refusal(builder.write(tmp_path / "made.mdb"))
    assert found == f"The addresses of a moved row form a circle. (page {overflow}, row 0)"
    assert owned != overflow


def test_long_value_that_says_it_is_longer(tmp_path: Path) -> None:
    builder = Builder(JET4)
    reference = struct.pack("<I", 0x3FFFFFFF | SINGLE) + builder.long_value(b"short", SINGLE)[4:]
    builder.table("t", [ID, MEMO], [builder.row([ID, MEMO], [bytes(4), reference])])
    assert "1,073,741,823 bytes, but only 5 of them" in refusal(builder.write(tmp_path / "made.mdb"))


def test_usage_map_page_that_the_file_does_not_have(tmp_path: Path) -> None:
    builder = Builder(JET4)
    owned = builder.add_page(bytearray(b"\5\1\0\0\4".ljust(builder.size, b"\0")))
    page = builder.table("t", [ID], [])
    map_page = builder.add_page(builder._data_page(0))
    builder.add_row(map_page, b"\1" + struct.pack("<III", 0, 0, owned))
    struct.pack_into("<I", builder.pages[page], JET4.tdef_type + 15, map_page << 8)
    found = refusal(builder.write(tmp_path / "made.mdb"))
    # The third page of bits begins with page 2 * 4092 * 8, and its third bit is set.
    assert found.startswith("The usage map names page 65,474, but the file has")


def test_page_of_another_table(tmp_path: Path) -> None:
    builder = Builder(JET4)
    page = builder.table("t", [ID], [builder.row([ID], [bytes(4)])])
    struct.pack_into("<I", builder.pages[page + 1], 4, 99)
    found = refusal(builder.write(tmp_path / "made.mdb"))
    assert found == f"The usage map gives the page to table 't', but it belongs to another one. (page {page + 1})"


@pytest.mark.parametrize("days", [float("nan"), float("inf"), -657435.0, 2958466.0, 1e300])
def test_impossible_dates(tmp_path: Path, days: float) -> None:
    builder = Builder(JET4)
    date = Made("date", Type.DATE_TIME)
    page = builder.table("t", [date], [builder.row([date], [struct.pack("<d", days)])])
    found = refusal(builder.write(tmp_path / "made.mdb"))
    assert found == (
        "A date does not lie between the years 100 and 9999 (column 'date'). "
        f"(page {page + 1}, row 0 of table 't')"
    )
