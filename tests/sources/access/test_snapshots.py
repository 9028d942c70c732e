"""What leaves an Access file for a target is what is in it: every value, against an independent reader."""

from __future__ import annotations

import math
import stat
import struct
from collections.abc import Sequence
from datetime import datetime
from decimal import Context, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from migrator.model.rules import TableRules
from migrator.model.types import Kind, LogicalType
from migrator.sources import Location, access, locate
from migrator.sources.access import DRIVER, Column, Type
from tests.sources.access import expected
from tests.sources.access.snapshots import opened, planned, values

FILES = expected.files(expected.FIXTURES) + expected.files(expected.SHARED)
UNDEFINED_BYTES = "testIndexCodesV1997.mdb"
"""See `test_agreement`."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_value_leaves_as_it_is(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    with access.open(path) as database, opened(path, tmp_path) as source:
        tables = {table.name: table for table in database.tables}
        plan = planned(source)
        source.prepare(plan.tables)
        plans = {table.source: table for table in plan.tables}
        for name, columns, rows in expected.shown(path):
            ours, known = values(source, plans[name]), {each.name: each for each in tables[name].columns}
            types = {each.source: each.type for each in plans[name].columns}
            for at, column in enumerate(columns):
                if known[column].type in {None, Type.COMPLEX}:
                    continue
                theirs = [expected.value(row[at], known[column]) for row in rows]
                spelt = [_arrived(value, types[column], known[column]) for value in theirs]
                if path.name == UNDEFINED_BYTES:
                    spelt, ours[column] = _forgetful(spelt), _forgetful(ours[column])
                assert list(map(_exact, ours[column])) == list(map(_exact, spelt)), (name, column)
    assert path.read_bytes() == before


def _forgetful(values: Sequence[Any]) -> list[Any]:
    undefined = dict.fromkeys((0x81, 0x8D, 0x8F, 0x90, 0x9D), "\ufffd")
    return [value.translate(undefined) if isinstance(value, str) else value for value in values]


def _exact(value: Any) -> Any:
    """A value that differs from every other one: floats by their bits, decimals without their trailing zeros."""
    if isinstance(value, float):
        return struct.pack("<d", value)
    return value.normalize(_DIGITS) if isinstance(value, Decimal) and value else value


_DIGITS = Context(prec=80)


def _arrived(value: Any, type: LogicalType, column: Column) -> Any:
    """What an independent reader's value is in a type of the target."""
    if value is None:
        return None
    if column.type in {Type.SINGLE, Type.DOUBLE}:
        (value,) = struct.unpack("<f" if column.type is Type.SINGLE else "<d", value)
        if type.kind is Kind.TEXT:
            return "NaN" if math.isnan(value) else repr(value)
    if column.type is Type.DATE_TIME_EXTENDED:
        text = value.replace("T", " ")
        text = text.removesuffix("0").removesuffix(".000000")
        return text if type.kind is Kind.TEXT else datetime.fromisoformat(text)
    if isinstance(value, Decimal) and type.kind is Kind.TEXT:
        return f"{value.normalize(_DIGITS):f}"
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, str) and type.kind is Kind.BINARY:
        return value.encode("utf-8", "surrogatepass")
    return value


TYPES = {
    "AutoNumber": "int32",
    "Yes/No": "bool",
    "Byte": "int16",
    "Integer": "int16",
    "Long Integer": "int32",
    "Large Number": "int64",
    "Single": "float64",
    "Double": "float64",
    "Currency": "decimal(19,4)",
    "Decimal(18,4)": "decimal(18,4)",
    "Decimal(28,0)": "decimal(28,0)",
    "Decimal(28,28)": "decimal(28,28)",
    "Date/Time": "timestamp",
    "Date/Time Extended": "timestamp",
    "Short Text(255)": "text(255)",
    "Short Text(50)": "text(50)",
    "Long Text": "text",
    "Replication ID": "uuid",
    "Binary": "binary",
    "OLE Object": "binary",
}
"""What Access calls a column, and what it becomes."""


def test_every_type_is_what_it_is_whatever_the_rows_hold(tmp_path: Path) -> None:
    """Also where there is no row: all are left out before the profile looks."""
    with opened(expected.FIXTURES / "types_2019.accdb", tmp_path) as source:
        source.stage((TableRules("every_type", where="0"),), {})
        (table,) = (each for each in planned(source).tables if each.source == "every_type")
        declared = {column.name: column.declared for column in source.schema().table("every_type").columns}
        assert table.rows == 0
        assert {declared[column.source]: str(column.type) for column in table.columns} == TYPES


def test_decimals_stored_as_numbers_and_as_digits_are_no_two_spellings(tmp_path: Path) -> None:
    with opened(expected.FIXTURES / "types_2019.accdb", tmp_path) as source:
        found = {(each.code, each.column) for each in planned(source).findings if each.table == "every_type"}
    assert found == {("text-nul", "short_text"), ("text-nul", "long_text"), ("type-widened", "date_extended")}


def test_a_snapshot_is_all_that_a_later_process_needs(tmp_path: Path) -> None:
    path = tmp_path / "moved away.accdb"
    path.write_bytes((expected.FIXTURES / "shop.accdb").read_bytes())
    with opened(path, tmp_path / "work") as source:
        schema, plan = source.schema(), planned(source)
    path.unlink()
    driver, _ = locate(str(tmp_path / "work" / "moved away.access"))
    again = driver.open(tmp_path / "work" / "moved away.access", Location(str(path), path, "moved away"))
    try:
        assert driver is DRIVER and again.schema() == schema and planned(again) == plan
    finally:
        again.close()


def test_only_the_owner_can_read_a_snapshot_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = expected.FIXTURES / "shop.accdb"
    made = DRIVER.snapshot(Location(str(path), path, "shop"), tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["shop.access"]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
