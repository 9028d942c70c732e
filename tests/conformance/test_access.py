"""Access files into every target: run, proven, looked at by the oracle, verified again, taken back."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import pytest

import migrator
from migrator import Options
from migrator.model.findings import Resolution
from migrator.model.options import ColumnOptions, TableOptions
from migrator.sources.access.types import Type
from tests.conformance import oracle
from tests.conformance.driver import Process
from tests.conformance.lasting import Lasting
from tests.conformance.model import LONG_NAMES, NOCHECK, NUL
from tests.sources.access import expected
from tests.sources.access.building import Builder, Made

SHOP = expected.FIXTURES / "shop.accdb"


def ends(files: Iterable[Path]) -> list[Path]:
    """Of files that differ in the version of Access alone, the oldest and the newest: what every version holds is
    compared where the files are read."""
    kept: list[Path] = []
    for _, versions in groupby(sorted(files), lambda path: re.sub(r"(_|V)?(19|20)\d\d$", "", path.stem)):
        each = list(versions)
        kept += each[:1] + each[1:][-1:]
    return kept


FILES = expected.files(expected.FIXTURES) + ends(expected.files(expected.SHARED))
NEEDS = {"types_": NUL, "complexData": LONG_NAMES, "shop": NOCHECK}
"""What files hold that begin so, with the options below."""
LENIENT = Options(on_invalid=Resolution.WIDEN, on_orphans=Resolution.UNENFORCED, on_check=Resolution.UNENFORCED)
RESPELT = (
    'coalesce((SELECT parent."SKU" FROM "Products" AS parent WHERE lower(parent."SKU") = lower("Order Details".'
    '"SKU")), "SKU")'
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_arrives_is_proven_and_taken_back(
    lasting: Lasting, database: str, tmp_path: Path, path: Path
) -> None:
    lasting.require(*(need for start, need in NEEDS.items() if path.name.startswith(start)))
    before, source = oracle.catalogue(database), path.read_bytes()
    done = migrator.run([str(path)], database, options=LENIENT, work=tmp_path)
    rows = {name: len(rows) for name, _, rows in expected.shown(path)}
    arrived = {table.source: table.rows for table in done.tables}
    assert not {name for file, name in expected.HIDDEN if file == path.name} & arrived.keys()
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


def ruled(path: Path) -> Path:
    """A file of parts with a rule for a column, one for the whole row, a default, and two saved queries."""
    columns = [
        Made("PartID", Type.LONG),
        Made("Qty", Type.LONG),
        Made("Reserved", Type.LONG),
        Made("Unit", Type.SHORT_TEXT, length=20),
    ]
    builder = Builder()
    rows = [
        builder.row(columns, [*(struct.pack("<i", value) for value in (n, 10 * n, n)), builder.text("pcs")])
        for n in range(1, 10)
    ]
    properties = builder.properties(
        {"ValidationRule": "[Reserved]<=[Qty]", "Description": "What is in stock", "ValidationText": "Too few."},
        {
            "Qty": {
                "ValidationRule": ">=0 And <100",
                "ValidationText": "From 0 to 99, please.",
                "DefaultValue": "5",
            }
        },
    )
    builder.table("Parts", columns, rows, properties=properties)
    select, options, table, column, where = (1, None, 1, None, None), (3, None, 0, None, None), 5, 6, 8
    plenty = [
        select,
        options,
        (table, None, 0, "Parts", None),
        (column, "Parts.PartID", 0, None, None),
        (column, "[Qty]-[Reserved]", 0, "Free", None),
        (where, "((Parts.Qty)>50)", 0, None, None),
    ]
    spelt = [
        select,
        options,
        (table, None, 0, "Parts", None),
        (column, "StrConv([Unit],3)", 0, "Spelt", None),
    ]
    builder.queries({"Plenty": plenty, "Spelt": spelt})
    return builder.write(path)


def test_rules_defaults_and_queries_hold_in_the_target(database: str, tmp_path: Path) -> None:
    path = ruled(tmp_path / "parts.mdb")
    plan = migrator.plan([str(path)], database, work=tmp_path)
    done = migrator.run([str(path)], database, work=tmp_path)
    assert [(table.source, table.rows, table.verified) for table in done.tables] == [("Parts", 9, True)]
    free = oracle.query(database, 'SELECT "PartID", "Free" FROM "Plenty" ORDER BY "PartID"')
    assert free == [(str(n), str(9 * n)) for n in range(6, 10)]
    (left,) = (finding for finding in plan.findings if "Spelt" in f"{finding.table} {finding.message}")
    assert left.code == "not-moved", left
    oracle.do(database, 'INSERT INTO "Parts" ("PartID", "Reserved") VALUES (10, 5)')
    assert oracle.query(database, 'SELECT "Qty" FROM "Parts" WHERE "PartID" = 10') == [("5",)]
    for quantity, reserved in ((100, 1), (-1, -2), (4, 5)):
        insert = f'INSERT INTO "Parts" ("PartID", "Qty", "Reserved") VALUES (11, {quantity}, {reserved})'
        assert isinstance(oracle.attempt(database, insert), str)


@pytest.mark.needs(NOCHECK)
@pytest.mark.parametrize("moment", ["chunk:2", "commit:12"])
def test_a_killed_run_resumes_from_its_snapshot(database: str, tmp_path: Path, moment: str) -> None:
    """The file itself is gone by then."""
    path = tmp_path / "shop.accdb"
    path.write_bytes(SHOP.read_bytes())
    options = ("--target", database, "--work", str(tmp_path / "work"), "--json")
    lenient = ("--on-orphans", "unenforced")
    assert command(tmp_path / "run", "run", str(path), *lenient, *options, moment=moment)[0] == -9
    path.unlink()
    code, out, err = command(tmp_path / "resume", "resume", *options)
    assert code == 0, err
    rows = {name: len(rows) for name, _, rows in expected.tables_of(SHOP)}
    arrived = {table["source"]: table["rows"] for table in json.loads(out)["tables"]}
    assert {name: arrived[name] for name in rows} == rows


def command(folder: Path, *arguments: str, moment: str = "never") -> tuple[int | None, str, str]:
    process = Process(folder, moment, "kill", arguments)
    try:
        return process.finish()
    finally:
        process.end()
