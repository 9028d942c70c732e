"""Access as a source: what is recognised, copied, refused, and what the schema says."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from migrator.cli import main
from migrator.errors import EnvironmentFailure, SourceDamagedError, SourceError, SourceLockedError
from migrator.model.findings import Resolution
from migrator.model.options import ColumnOptions, Options, TableOptions
from migrator.model.schema import Expression, ForeignKey, Identity, Index, IndexPart, Key
from migrator.model.types import INT32
from migrator.sources import Location, locate
from migrator.sources.access import DRIVER, Type, files
from migrator.sources.access.formats import FORMATS
from migrator.targets.mssql import DIALECT as SQL_SERVER
from tests.sources.access import expected
from tests.sources.access.building import HIDDEN, Builder, Made, Stored
from tests.sources.access.snapshots import opened, planned, values
from tests.sources.access.test_complexes import add_complex
from tests.sources.access.test_passwords import PASSWORD, SCHEMES, with_agile_aes

SHOP = expected.FIXTURES / "shop.accdb"


def at(path: Path) -> Location:
    return Location(str(path), path, path.stem)


@pytest.mark.parametrize(
    ("name", "head", "driver"),
    [
        ("a.accdb", b"", "access"),
        ("a.MDB", b"whatever", "access"),
        ("a.bin", b"\0\1\0\0Standard Jet DB\0", "access"),
        ("a.bin", b"\0\1\0\0Standard ACE DB\0", "access"),
        ("a.mdb", b"SQLite format 3\0" + bytes(84), "sqlite"),
    ],
)
def test_files_are_recognised_by_their_first_bytes_or_their_suffix(
    tmp_path: Path, name: str, head: bytes, driver: str
) -> None:
    path = tmp_path / name
    path.write_bytes(head)
    assert locate(str(path))[0].name == driver


def test_a_url_names_the_kind(tmp_path: Path) -> None:
    path = tmp_path / "without suffix"
    path.write_bytes(SHOP.read_bytes())
    driver, location = locate(f"access:///{path}")
    with closing(driver.open(driver.snapshot(location, tmp_path / "work"), location)) as source:
        assert source.url == f"access:///{path}" and len(source.schema().tables) == 5


def test_a_file_that_changes_all_the_time_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "busy.accdb"
    path.write_bytes(SHOP.read_bytes())
    path.with_suffix(".laccdb").write_bytes(b"")
    moments = iter(range(1000))
    monkeypatch.setattr(files, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(files.shutil, "copyfile", lambda *_: os.utime(path, (0, next(moments))))
    with pytest.raises(SourceError) as caught:
        DRIVER.snapshot(at(path), tmp_path / "work")
    assert str(caught.value) == (
        "The database is being changed, so no copy of it is as it was at one moment.\n"
        f"  where: {path}\n"
        "  to do: Close it in Access on every computer (busy.laccdb says that it is open), then try again."
    )
    assert list((tmp_path / "work").iterdir()) == []


def test_a_file_that_is_merely_open_is_copied(tmp_path: Path) -> None:
    path = tmp_path / "open.accdb"
    path.write_bytes(SHOP.read_bytes())
    path.with_suffix(".laccdb").write_bytes(b"")
    assert DRIVER.snapshot(at(path), tmp_path / "work").exists()


def test_damage_names_the_page_and_the_source_itself(tmp_path: Path) -> None:
    path = tmp_path / "cut.accdb"
    path.write_bytes(SHOP.read_bytes()[: 40 * 4096])
    with pytest.raises(SourceDamagedError) as caught:
        DRIVER.snapshot(at(path), tmp_path / "work")
    assert caught.value.where.startswith(f"{path}, page ")
    assert list((tmp_path / "work").iterdir()) == []


def test_a_full_disk_is_said_before_anything_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = files.shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(EnvironmentFailure, match="no room"):
        DRIVER.snapshot(at(SHOP), tmp_path)


@SCHEMES
def test_a_password_is_asked_only_where_one_is_needed(tmp_path: Path, scheme: object) -> None:
    path = scheme(tmp_path / "secret.accdb")  # type: ignore[operator]
    asked: list[None] = []

    def password() -> str:
        asked.append(None)
        return PASSWORD

    with opened(path, tmp_path / "work", password) as source:
        assert asked == [None] and source.schema().tables
        kept = (tmp_path / "work" / "secret.access").read_bytes()
        assert PASSWORD.encode() not in kept and PASSWORD.encode("utf-16-le") not in kept
    with opened(SHOP, tmp_path / "work", password):
        assert asked == [None]


@SCHEMES
@pytest.mark.parametrize(
    ("password", "message"),
    [(None, "The database has a password."), ("geheim", "The password is not the database's.")],
)
def test_without_the_password_it_says_where_to_put_it(
    tmp_path: Path, scheme: object, password: str | None, message: str
) -> None:
    path = scheme(tmp_path / "my secret.accdb")  # type: ignore[operator]
    with pytest.raises(SourceLockedError) as caught, opened(path, tmp_path / "work", lambda: password):
        pass
    assert str(caught.value) == (
        f"{message}\n  where: {path}\n  to do: Set MIGRATOR_SOURCE_PASSWORD in the environment or in .env to the "
        "password that opens it in Access, or MIGRATOR_SOURCE_PASSWORD_MY_SECRET where sources have different "
        "ones."
    )


def test_keys_relationships_and_indexes_of_a_shop(tmp_path: Path) -> None:
    present = Expression('"Email" IS NOT NULL', '"Email" IS NOT NULL')
    with opened(SHOP, tmp_path) as source:
        tables = {table.name: table for table in source.schema().tables}
    assert tables["Customers"].indexes == (Index("Email", (IndexPart("Email"),), True, present),)
    assert tables["Customers"].column("CustomerID").identity == Identity(200)
    assert not tables["Customers"].column("Active").nullable
    assert tables["Order Details"].primary_key == Key(("OrderID", "SKU"))
    assert tables["Order Details"].foreign_keys == (
        ForeignKey(("OrderID",), "Orders", ("OrderID",), "OrdersOrder Details", "CASCADE"),
        ForeignKey(("SKU",), "Products", ("SKU",), "ProductsOrder Details", caseless=True),
    )
    assert tables["Orders"].foreign_keys[0].on_update == "CASCADE"
    assert tables["Categories"].foreign_keys[0].parent_table == "Categories"
    assert not any("Categories_id" in index.name for index in tables["Categories"].indexes)


def test_rows_that_match_their_parent_only_without_case_are_found_and_can_be_respelt(tmp_path: Path) -> None:
    with opened(SHOP, tmp_path) as source:
        (found,) = (each for each in planned(source).findings if each.severity == "decision")
    assert (found.code, found.table, found.column, found.count) == ("case-mismatch", "Order Details", "SKU", 150)
    assert found.samples and "unenforced" in found.resolutions
    assert found.message == (
        "150 rows in (SKU) match a row of Products only without regard to case. To give them its spelling: "
        '[tables."Order Details".columns."SKU"] compute = \'coalesce((SELECT parent."SKU" FROM "Products" AS '
        'parent WHERE lower(parent."SKU") = lower("Order Details"."SKU")), "SKU")\'.'
    )


@pytest.mark.parametrize(
    ("collation", "code"),
    [(None, None), ("Latin1_General_100_CI_AS", None), ("Latin1_General_100_CS_AS", "case-mismatch")],
)
def test_rows_that_match_their_parent_for_the_target_need_no_decision(
    tmp_path: Path, collation: str | None, code: str | None
) -> None:
    with opened(SHOP, tmp_path) as source:
        plan = planned(source, Options(collation=collation, on_orphans=Resolution.SKIP), SQL_SERVER)
        source.prepare(plan.tables)
        (details,) = (each for each in plan.tables if each.source == "Order Details")
        rows = len(values(source, details)["SKU"])
    assert [each.code for each in plan.findings if each.code == "case-mismatch"] == ([code] if code else [])
    assert rows == (1100 if code else 1250)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM Products WHERE SKU = 'sku-20'; UPDATE Products SET Price = 1",
        "UPDATE Products SET Price = iif(SKU = 'sku-20', 0.5, 1)",
    ],
    ids=["parent gone", "parent left out"],
)
def test_rows_that_match_their_parent_for_the_target_stay_where_others_go(tmp_path: Path, change: str) -> None:
    location = Location(str(SHOP), SHOP, SHOP.stem)
    snapshot = DRIVER.snapshot(location, tmp_path)
    with closing(sqlite3.connect(snapshot)) as connection:
        connection.executescript(change)
        sql = """SELECT count(*) FROM "Order Details" WHERE lower(SKU) <> 'sku-20'"""
        (left,) = connection.execute(sql).fetchone()
    price = ColumnOptions(type=INT32, on_invalid=Resolution.SKIP)
    options = Options(on_orphans=Resolution.SKIP, tables={"Products": TableOptions(columns={"Price": price})})
    with closing(DRIVER.open(snapshot, location)) as source:
        plan = planned(source, options, SQL_SERVER)
        source.prepare(plan.tables)
        (details,) = (each for each in plan.tables if each.source == "Order Details")
        assert len(values(source, details)["SKU"]) == left < 1250


COMPLEX = expected.SHARED / "complexDataTestV2010.accdb"


@pytest.mark.skipif(not COMPLEX.exists(), reason="the file lies beside the repository")
def test_complex_columns_become_child_tables(tmp_path: Path) -> None:
    with opened(COMPLEX, tmp_path) as source:
        schema = source.schema()
    with closing(sqlite3.connect(tmp_path / f"{COMPLEX.stem}.access")) as connection:
        values = connection.execute('SELECT * FROM "Table1_multi-value-data"').fetchall()
        kept = connection.execute(
            'SELECT id, "Position", FileName, FileType, FileData FROM "Table1_attach-data"'
        ).fetchall()
    (found,) = (table[1:] for table in expected.tables_of(COMPLEX) if table[0] == "Table1")
    columns, rows = found
    key, multi, attached = map(columns.index, ("id", "multi-value-data", "attach-data"))
    assert sorted(values) == sorted(
        (row[key], place, value) for row in rows for place, value in enumerate(row[multi]["multi"], 1)
    )
    assert sorted((row, place, *map(str, rest)) for row, place, *rest in kept) == sorted(
        (row[key], place, str(each["name"]), str(each["type"]), str(base64.b64decode(each["data"]["b64"])))
        for row in rows
        for place, each in enumerate(row[attached]["attachments"], 1)
    )
    parent, child = schema.table("Table1"), schema.table("Table1_attach-data")
    assert not {column.name for column in parent.columns} & {"attach-data", "multi-value-data"}
    assert child.primary_key == Key(("id", "Position"))
    assert child.foreign_keys == (
        ForeignKey(("id",), "Table1", ("id",), on_delete="CASCADE", on_update="CASCADE"),
    )


def test_complex_columns_of_a_table_without_a_key_keep_their_numbers(tmp_path: Path) -> None:
    """The numbers are what the child table refers to; values that no row has are counted."""
    builder = Builder(FORMATS[3])
    five, seven, lost = (bytes([number, 0, 0, 0]) for number in (5, 7, 0))
    values: list[tuple[int, list[Stored]]] = [(1, [five]), (2, [seven]), (9, [lost])]
    add_complex(builder, [Made("Value", Type.LONG)], values)
    path = builder.write(tmp_path / "made.accdb")
    with opened(path, tmp_path) as source:
        schema = source.schema()
    with closing(sqlite3.connect(tmp_path / "made.access")) as connection:
        assert connection.execute("SELECT * FROM t").fetchall() == [(1,), (2,), (None,)]
        assert connection.execute("SELECT * FROM t_c").fetchall() == [(1, 1, 5), (2, 1, 7)]
    assert schema.table("t").uniques == (Key(("c",)),)
    assert schema.table("t_c").foreign_keys[0].parent_columns == ("c",)
    (remark,) = schema.remarks
    assert (remark.table, remark.column, remark.count) == ("t", "c", 1)


LINKING = expected.SHARED / "linkerTestV2007.accdb"


@pytest.mark.skipif(not LINKING.exists(), reason="the file lies beside the repository")
def test_links_are_reported_and_followed_when_asked(tmp_path: Path) -> None:
    path, work = tmp_path / "linker.accdb", tmp_path / "work"
    path.write_bytes(LINKING.read_bytes())
    followed = replace(at(path), follow_links=True)
    with closing(DRIVER.open(DRIVER.snapshot(followed, work), followed)) as source:
        (link,) = (each for each in source.schema().unmoved if each.kind == "linked table")
    assert link.name == "Table2" and "table Table1 in Z:\\jackcess_test\\linkeeTest.accdb" in link.reason
    (tmp_path / "linkeeTest.accdb").write_bytes((expected.SHARED / "linkeeTest.accdb").read_bytes())
    with opened(path, work) as source:
        assert [each.kind for each in source.schema().unmoved] == ["linked table", "relationship"]
    with closing(DRIVER.open(DRIVER.snapshot(followed, work), followed)) as source:
        assert [each.kind for each in source.schema().unmoved if each.kind == "linked table"] == []
        (table,) = (each for each in planned(source).tables if each.source == "Table2")
        assert table.rows > 0


def test_the_command_line_takes_the_password_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one it says where to put it, and exits as for wrong usage; no password stands anywhere."""
    path = with_agile_aes(tmp_path / "secret.accdb")
    asked = ["plan", str(path), "--target", "embedded", "--work", str(tmp_path / "work"), "--json"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MIGRATOR_SOURCE_PASSWORD", raising=False)
    refused = CliRunner().invoke(main, asked)
    assert refused.exit_code == 2 and "MIGRATOR_SOURCE_PASSWORD" in refused.stderr
    monkeypatch.setenv("MIGRATOR_SOURCE_PASSWORD", PASSWORD)
    done = CliRunner().invoke(main, asked)
    assert done.exit_code in (0, 1) and PASSWORD not in done.output and json.loads(done.stdout)["tables"]


@pytest.mark.parametrize(("count", "rows"), [(1, "1 row."), (3, "3 rows.")])
def test_hidden_tables_stay_behind_and_are_named(tmp_path: Path, count: int, rows: str) -> None:
    builder = Builder()
    columns = [Made("id", Type.LONG)]
    builder.table("seen", columns, [builder.row(columns, [bytes(4)])])
    builder.table("unseen", columns, [builder.row(columns, [bytes(4)])] * count, flags=HIDDEN)
    with opened(builder.write(tmp_path / "made.mdb"), tmp_path) as source:
        schema = source.schema()
    assert [table.name for table in schema.tables] == ["seen"]
    (left,) = schema.unmoved
    assert (left.kind, left.name) == ("hidden table", "unseen") and f"with {rows}" in left.reason


def test_what_access_says_about_broken_rules_is_among_the_comments(tmp_path: Path) -> None:
    builder = Builder()
    columns = [Made("Qty", Type.LONG), Made("Bare", Type.LONG)]
    properties = builder.properties(
        {"Description": "Stock", "ValidationText": "No."},
        {"Qty": {"Caption": "How many", "ValidationText": "0 to 99"}, "Bare": {"ValidationText": "Or else"}},
    )
    builder.table("t", columns, [], properties=properties)
    with opened(builder.write(tmp_path / "made.mdb"), tmp_path) as source:
        (table,) = source.schema().tables
    assert table.comment == "Stock (No.)"
    assert [column.comment for column in table.columns] == ["How many (0 to 99)", "(Or else)"]
