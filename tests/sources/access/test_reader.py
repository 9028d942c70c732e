"""The public reader: what a program sees that opens a database and looks around."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest

from migrator.errors import SourceError
from migrator.sources import access
from migrator.sources.access import Type
from migrator.sources.access.catalog import Entry
from migrator.sources.access.database import _linked
from tests.sources.access.expected import FIXTURES


@pytest.mark.parametrize(
    ("name", "form", "version"),
    [
        ("types_2000.mdb", "Jet 4", "Access 2000 to 2003"),
        ("types_2007.accdb", "ACE 12", "Access 2007"),
        ("types_2010.accdb", "ACE 14", "Access 2010"),
        ("types_2016.accdb", "ACE 16", "Access 2016"),
        ("types_2019.accdb", "ACE 17", "Access 2019"),
    ],
)
def test_formats_are_told_apart(name: str, form: str, version: str) -> None:
    with access.open(FIXTURES / name) as database:
        assert (database.format, database.version) == (form, version)


def test_tables_are_found_whatever_their_case() -> None:
    with access.open(FIXTURES / "types_2019.accdb") as database:
        table = database.table("EVERY_TYPE")
        assert table.name == "every_type" and table.primary_key == ("id",)
        assert [column.name for column in table.columns if column.autonumber] == ["id"]
        highest = max(number for (number,) in table.rows(["ID"]))
        assert table.next_autonumber is not None and table.next_autonumber > highest
        with pytest.raises(SourceError, match="no such table") as caught:
            database.table("everytype")
        assert "every_type" in caught.value.hint


def test_columns_are_chosen_by_name() -> None:
    with access.open(FIXTURES / "types_2019.accdb") as database:
        table = database.table("every_type")
        chosen = list(table.rows(["a_guid" if "a_guid" in table.to_arrow().column_names else "guid", "id"]))
        assert len(chosen) == table.declared_rows
        assert all(guid is None or isinstance(guid, UUID) for guid, _ in chosen)
        with pytest.raises(SourceError, match="no such column"):
            table.rows(["id", "nothing"])


def test_arrow_fields_tell_the_type_in_access() -> None:
    with access.open(FIXTURES / "types_2019.accdb") as database:
        table = database.table("every_type")
        known = {field.name: (field.type, field.metadata[b"access_type"]) for field in table.arrow_schema()}
        assert known["money"] == (pa.decimal128(19, 4), b"currency")
        assert known["yes_no"] == (pa.bool_(), b"yes_no")
        assert table.to_arrow().schema.equals(table.arrow_schema(), check_metadata=True)


def test_dataframes_keep_whole_numbers_beside_nulls() -> None:
    with access.open(FIXTURES / "types_2019.accdb") as database:
        table = database.table("every_type")
        frame = table.to_pandas(["id", "an_integer", "yes_no", "short_text"])
        assert [str(kind) for kind in frame.dtypes[:3]] == ["Int32", "Int16", "boolean"]
        assert len(frame) == table.declared_rows
        assert frame["an_integer"].isna().sum() == sum(value is None for (value,) in table.rows(["an_integer"]))


def test_linked_tables_do_not_tell_passwords() -> None:
    entry = Entry(1, 0, "t", 4, 0, None, None, None, "dbo.t", "ODBC;DSN=x;UID=me;PWD=geheim;LANGUAGE=", None)
    linked = _linked(entry)
    assert linked.connect == "ODBC;DSN=x;UID=me;PWD=***;LANGUAGE=" and linked.odbc


def test_relationships_tell_their_rules() -> None:
    with access.open(FIXTURES / "shop.accdb") as database:
        rules = {(r.table, r.columns, r.referenced_table): r for r in database.relationships}
    assert any(rule.cascades_deletes for rule in rules.values())
    assert any(rule.table == rule.referenced_table for rule in rules.values())
    assert all(rule.enforced for rule in rules.values())


def test_the_file_is_never_written(tmp_path: Path) -> None:
    path = tmp_path / "read only.accdb"
    path.write_bytes((FIXTURES / "shop.accdb").read_bytes())
    path.chmod(0o444)
    before = path.stat()
    with access.open(path) as database:
        assert sum(len(list(table.rows())) for table in database.tables) > 0
    assert (path.stat().st_mtime_ns, path.read_bytes()) == (
        before.st_mtime_ns,
        (FIXTURES / "shop.accdb").read_bytes(),
    )


def test_unknown_types_are_read_as_bytes(tmp_path: Path) -> None:
    from tests.sources.access.building import Builder, Made

    builder = Builder()
    columns = [Made("fixed", 0x7E, fixed=True, length=3), Made("variable", 0x7F, fixed=False)]
    builder.table("t", columns, [builder.row(columns, [b"abc", b"defg"]), builder.row(columns, [None, None])])
    with access.open(builder.write(tmp_path / "made.mdb")) as database:
        table = database.table("t")
        assert [column.type for column in table.columns] == [None, None]
        assert list(table.rows()) == [(b"abc", b"defg"), (None, None)]
        assert table.arrow_schema().field("fixed").metadata == {b"access_type": b"unknown_7e"}
    assert Type.YES_NO.name == "YES_NO"
