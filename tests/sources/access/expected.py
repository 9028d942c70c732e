"""What an independent reader says of a file: the facts beside it, in the form of the reader under test.

`NAME.jsonl.gz` holds rows and `NAME.schema.json` the rest, as Jackcess sees them.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from migrator.sources.access import Attachment, Column, Table, Type, Version

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "tests" / "fixtures" / "access"
SHARED = ROOT.parent / "shared" / "access"

NAMES = {
    "BOOLEAN": Type.YES_NO,
    "BYTE": Type.BYTE,
    "INT": Type.INTEGER,
    "LONG": Type.LONG,
    "MONEY": Type.CURRENCY,
    "FLOAT": Type.SINGLE,
    "DOUBLE": Type.DOUBLE,
    "SHORT_DATE_TIME": Type.DATE_TIME,
    "BINARY": Type.BINARY,
    "TEXT": Type.SHORT_TEXT,
    "OLE": Type.OLE_OBJECT,
    "MEMO": Type.LONG_TEXT,
    "GUID": Type.GUID,
    "NUMERIC": Type.DECIMAL,
    "COMPLEX_TYPE": Type.COMPLEX,
    "BIG_INT": Type.LARGE_NUMBER,
    "EXT_DATE_TIME": Type.DATE_TIME_EXTENDED,
}

HIDDEN = {("odbcLinkerTestV2007.accdb", "Lokal")}
"""Files and tables that a user has hidden there (flag 0x08 in MSysObjects), which the facts do not tell."""


def files(folder: Path) -> list[Path]:
    """The databases of a folder that have facts beside them; none if there is no folder."""
    found = [path.with_name(path.name.removesuffix(".schema.json")) for path in folder.glob("*.schema.json")]
    return sorted(path for path in found if path.exists())


def schema_of(path: Path) -> dict[str, Any]:
    return json.loads(path.with_name(f"{path.name}.schema.json").read_text("utf-8"))  # type: ignore[no-any-return]


def tables_of(path: Path) -> Iterator[tuple[str, list[str], list[list[Any]]]]:
    """Name, column names and rows of every table."""
    name, columns, rows = "", [], []
    with gzip.open(path.with_name(f"{path.name}.jsonl.gz"), "rt", encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            if isinstance(line, list):
                rows.append(line)
            elif "table" in line:
                name, columns, rows = line["table"], [column[0] for column in line["columns"]], []
            else:
                assert line["rows"] == len(rows)
                yield name, columns, rows


def shown(path: Path) -> Iterator[tuple[str, list[str], list[list[Any]]]]:
    """Those of `tables_of` that no user has hidden."""
    return (table for table in tables_of(path) if (path.name, table[0]) not in HIDDEN)


def value(given: Any, column: Column) -> Any:
    """A value as the independent reader wrote it, comparable to what `comparable` makes of ours."""
    if isinstance(given, dict):
        ((kind, inner), *_) = given.items()
        return _KINDS[kind](inner, column)
    if isinstance(given, (int, float)) and column.type in {Type.SINGLE, Type.DOUBLE}:
        return comparable(float(given), column)
    if column.type is Type.BYTE and given is not None:
        return given & 0xFF
    return given


def _instant(text: str, column: Column) -> Any:
    if column.type is not Type.DATE_TIME_EXTENDED:
        return datetime.fromisoformat(text)
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction:0<7}"


def _attachment(given: Mapping[str, Any]) -> Attachment:
    # It knows no more of them than these.
    data = given["data"]
    return Attachment(given["name"], given["type"], None if data is None else base64.b64decode(data["b64"]))


_KINDS = {
    "dec": lambda inner, _: Decimal(inner),
    "dt": _instant,
    "guid": lambda inner, _: uuid.UUID(inner),
    "b64": lambda inner, _: base64.b64decode(inner),
    "num": lambda inner, column: comparable(float(inner), column),
    "multi": lambda inner, column: tuple(value(one, column) for one in inner),
    "attachments": lambda inner, _: tuple(map(_attachment, inner)),
    "versions": lambda inner, _: tuple(Version(v["value"], datetime.fromisoformat(v["time"])) for v in inner),
}


def comparable(given: Any, column: Column) -> Any:
    """A value of ours, so that NaN equals itself and -0.0 differs from 0.0."""
    if isinstance(given, float):
        return struct.pack("<f" if column.type is Type.SINGLE else "<d", given)
    if isinstance(given, tuple):
        return tuple(comparable(one, column) for one in given)
    if isinstance(given, Attachment):
        return Attachment(given.name, given.type, given.data)
    return given


def rows_of(table: Table, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """The rows of a table of ours, comparable."""
    known = {column.name: column for column in table.columns}
    chosen = [known[name] for name in columns]
    return [tuple(map(comparable, row, chosen)) for row in table.rows(columns)]


def expected_rows(rows: Sequence[Sequence[Any]], table: Table, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    known = {column.name: column for column in table.columns}
    chosen = [known[name] for name in columns]
    return [tuple(map(value, row, chosen)) for row in rows]
