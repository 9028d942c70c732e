"""Rows through the Access ODBC driver are those that the reader decodes. The driver exists on Windows only."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from migrator.errors import EnvironmentFailure
from migrator.sources import access, locate
from migrator.sources.access import odbc
from tests.sources.access import expected

FILES = expected.files(expected.FIXTURES) + expected.files(expected.SHARED)


def installed() -> bool:
    try:
        import pyodbc
    except ImportError:
        return False
    return odbc.DRIVER in pyodbc.drivers()


NO_DRIVER = f"needs pyodbc and Microsoft's driver {odbc.DRIVER!r}, which exists on Windows only"


@pytest.mark.skipif(not installed(), reason=NO_DRIVER)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_driver_gives_the_rows_that_the_reader_gives(path: Path, tmp_path: Path) -> None:
    if version(path) == "Jet 3":
        pytest.skip("the driver opens no file of Access 97")
    own, through = (rows(scheme, path, tmp_path) for scheme in ("access", odbc.SCHEME))
    assert own.keys() == through.keys()
    for table in own:
        assert own[table] == through[table], table


def version(path: Path) -> str:
    with access.open(path) as database:
        return database.format


def rows(scheme: str, path: Path, folder: Path) -> dict[str, Counter[tuple[object, ...]]]:
    """Every table of the snapshot as a multiset of rows."""
    driver, location = locate(f"{scheme}:///{path}")
    snapshot = driver.snapshot(location, folder / scheme)
    with closing(sqlite3.connect(snapshot)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: Counter(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names}


@pytest.mark.skipif(installed(), reason="the driver is installed")
def test_without_the_driver_the_way_out_is_said(tmp_path: Path) -> None:
    driver, location = locate(f"{odbc.SCHEME}:///{expected.FIXTURES / 'shop.accdb'}")
    with pytest.raises(EnvironmentFailure, match=r"pyodbc|not installed") as caught:
        driver.snapshot(location, tmp_path)
    assert "path alone" in (caught.value.hint or "")


def test_moments_are_asked_for_as_the_numbers_they_are() -> None:
    with access.open(expected.FIXTURES / "shop.accdb") as database:
        columns = [column for column in database.table("Orders").columns if column.name.startswith("Order")]
    assert odbc.select(columns, "Orders") == "SELECT [OrderID], [Ordered]*1 FROM [Orders]"
