"""Reading all of a damaged file: it ends with values or with an error of ours, soon, and in little memory."""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Iterator
from pathlib import Path

from migrator.errors import MigratorError
from migrator.sources import access
from migrator.sources.access import Type
from migrator.sources.access.formats import Format
from migrator.sources.access.types import SIZES
from tests.sources.access.building import CHAINED, INLINE, SINGLE, Builder, Made

SECONDS = 10.0
"""Far more than a small file takes, on a machine that is busy with other things."""


def read_everything(path: Path) -> int:
    """Ask all that can be asked of a file; how many rows there were."""
    count = 0
    with access.open(path, "secret") as database:
        for part in (database.properties, database.linked_tables, database.relationships, database.queries):
            repr(part)
        for table in (*database.tables, *database.system_tables):
            repr((table.columns, table.indexes, table.properties, table.next_autonumber, table.primary_key))
            for column in table.columns:
                if column.type is Type.COMPLEX:
                    repr(table.complex(column.name).kind)
            count += sum(batch.num_rows for batch in table.batches())
            assert sum(1 for _ in table.rows()) <= count
    return count


def outcome(path: Path) -> str:
    """`read`, or the message of our error; every other exception goes through."""
    start = time.monotonic()
    found = "read"
    try:
        read_everything(path)
    except MigratorError as error:
        found = error.what if error.where and error.hint else ""
    assert found, "an error without place or hint"
    assert time.monotonic() - start < SECONDS
    return found


def sample(form: Format, path: Path) -> Path:
    """A small file with something of everything: all types, long values, moved and deleted rows, a definition of
    two pages, usage maps of both kinds."""
    builder = Builder(form)
    kinds = [kind for kind in Type if kind is not Type.COMPLEX]
    columns = [Made(kind.name, kind, scale=2, length=None if kind in SIZES else 50) for kind in kinds]
    columns += [Made(f"one of many columns, number {at}", Type.INTEGER) for at in range(30)]
    plain = {
        Type.SHORT_TEXT: builder.text("Text"),
        Type.LONG_TEXT: builder.long_value(builder.text("long text"), INLINE),
        Type.OLE_OBJECT: builder.long_value(b"bytes" * 300, CHAINED, piece=500),
        Type.DATE_TIME: struct.pack("<d", 36526.25),
        Type.DECIMAL: b"\x80" + struct.pack("<IIII", 0, 0, 1, 2),
        Type.DATE_TIME_EXTENDED: b"%019d:%012d%07d:7\0" % (730000, 3600, 1234567),
    }
    values = [plain.get(kind, b"\1" * SIZES.get(kind, 3)) for kind in kinds] + [b"\1\0"] * 30
    row = builder.row(columns, values)
    builder.table("everything", columns, [row] * 3, moved=[1], dead=[2])
    columns = [Made("id", Type.LONG), Made("memo", Type.LONG_TEXT)]
    memo = builder.long_value(builder.text("on a page"), SINGLE)
    rows = [builder.row(columns, [struct.pack("<i", at), memo]) for at in range(20)]
    builder.table("memos", columns, rows, by_reference=True)
    return builder.write(path)


def corruptions(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    """The data with one number of one, two or four bytes changed, most often where it means something, to any
    other value or to one that does the most harm."""
    chance = random.Random(seed)
    used = [at for at, byte in enumerate(data) if byte]
    for _ in range(count):
        at = chance.choice(used) if chance.random() < 0.8 else chance.randrange(len(data))
        size = chance.choice((1, 1, 2, 4))
        old = int.from_bytes(data[at : at + size], "little")
        most = 256**size - 1
        value = chance.choice(
            (0, 1, most, most // 2, old ^ 1, old + 1 & most, old - 1 & most, chance.randint(0, most))
        )
        yield (data[:at] + value.to_bytes(size, "little") + data[at + size :])[: len(data)]


def truncations(data: bytes, page: int, seed: int, count: int) -> Iterator[bytes]:
    """The data cut at every page, and at some other places."""
    chance = random.Random(seed)
    for at in (*range(0, len(data), page), *(chance.randrange(len(data)) for _ in range(count))):
        yield data[:at]
