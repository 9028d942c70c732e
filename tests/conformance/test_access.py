"""Access files into every target: run, proven, looked at by the oracle, verified again, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

import migrator
from migrator import Options
from migrator.model.findings import Resolution
from migrator.model.options import ColumnOptions, TableOptions
from tests.conformance import oracle
from tests.sources.access import expected

SHOP = expected.FIXTURES / "shop.accdb"
FILES = expected.files(expected.FIXTURES) + expected.files(expected.SHARED)
LENIENT = Options(on_invalid=Resolution.WIDEN, on_orphans=Resolution.UNENFORCED, on_check=Resolution.UNENFORCED)
RESPELT = (
    'coalesce((SELECT parent."SKU" FROM "Products" AS parent WHERE lower(parent."SKU") = lower("Order Details".'
    '"SKU")), "SKU")'
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_arrives_is_proven_and_taken_back(database: str, tmp_path: Path, path: Path) -> None:
    before, source = oracle.catalogue(database), path.read_bytes()
    done = migrator.run([str(path)], database, options=LENIENT, work=tmp_path)
    rows = {name: len(rows) for name, _, rows in expected.tables_of(path)}
    arrived = {table.source: table.rows for table in done.tables}
    assert {name: arrived[name] for name in rows} == rows
    assert all(table.verified for table in done.tables)
    assert migrator.verify(target=database, work=tmp_path).status.value == "succeeded"
    migrator.rollback(target=database, work=tmp_path)
    assert oracle.catalogue(database) == before and path.read_bytes() == source


def test_a_shop_stands_in_the_target_as_in_access(database: str, tmp_path: Path) -> None:
    rule = ColumnOptions(compute=RESPELT)
    options = Options(tables={"Order Details": TableOptions(columns={"SKU": rule})})
    done = migrator.run([str(SHOP)], database, options=options, work=tmp_path)
    assert all(table.verified for table in done.tables)
    (found,) = oracle.query(
        database,
        'SELECT count(*), sum(CASE WHEN p."SKU" IS NULL THEN 1 ELSE 0 END) FROM "Order Details" d'
        ' LEFT JOIN "Products" p ON p."SKU" = d."SKU"',
    )
    assert found == ("1250", "0")
    insert = 'INSERT INTO "Customers" ("Company Name", "Active") VALUES (\'new\', {true})'
    oracle.do(database, insert.format(true="'1'"))
    assert oracle.query(database, 'SELECT max("CustomerID") FROM "Customers"') == [("201",)]
    twice = 'INSERT INTO "Customers" ("Email", "Active") SELECT max("Email"), \'1\' FROM "Customers"'
    assert isinstance(oracle.attempt(database, twice), str)
    orphan = 'INSERT INTO "Orders" ("CustomerID") VALUES (99999)'
    assert isinstance(oracle.attempt(database, orphan), str)
    oracle.do(database, 'DELETE FROM "Orders" WHERE "OrderID" = 1')
    left = oracle.query(database, 'SELECT count(*) FROM "Order Details" WHERE "OrderID" = 1')
    assert left == [("0",)]
