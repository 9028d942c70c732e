"""`python -m benchmarks.access`: the speed of reading an Access file, beside `mdb-export` on the same file.

Reads a table of twelve mixed columns, made for this, in Arrow batches and into the snapshot that a migration
works from, and the largest table of the example's file in Arrow batches, several times. Where mdbtools is
installed, `mdb-export` writes CSV of both to nowhere.
"""

from __future__ import annotations

import argparse
import shutil
import struct
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from benchmarks.runs import timed
from migrator.sources import Location, access
from migrator.sources.access import DRIVER, Type
from migrator.sources.access.formats import JET4
from tests.sources.access.building import Builder, Made, Stored

COLUMNS = (
    Made("id", Type.LONG),
    Made("yes", Type.YES_NO),
    Made("small", Type.INTEGER),
    Made("price", Type.CURRENCY),
    Made("single", Type.SINGLE),
    Made("double", Type.DOUBLE),
    Made("at", Type.DATE_TIME),
    Made("guid", Type.GUID),
    Made("code", Type.SHORT_TEXT, length=40),
    Made("name", Type.SHORT_TEXT, length=160),
    Made("note", Type.SHORT_TEXT, length=100),
    Made("total", Type.LONG),
)


EXAMPLE = Path(__file__).parents[1] / "examples" / "routing" / "routing.accdb"
TABLE = "dbo_BI_ROUTING_VIEW"
TIMES = 20


def main() -> None:
    """Parse the arguments, measure, print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.access", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        path = make(Path(folder, "bench.mdb"), rows)
        location = Location(str(path), path, "bench")
        _print(
            "made table",
            {
                "Arrow batches": timed(lambda: _read(path, "t")),
                **exported(path, "t"),
                "snapshot": timed(lambda: DRIVER.snapshot(location, Path(folder, "work"))),
            },
            rows,
        )
    with access.open(EXAMPLE) as database:
        rows = database.table(TABLE).declared_rows
    _print(
        "routing master",
        {
            "Arrow batches": timed(lambda: [_read(EXAMPLE, TABLE) for _ in range(TIMES)]),
            **exported(EXAMPLE, TABLE, TIMES),
        },
        rows * TIMES,
    )


def _print(table: str, measured: dict[str, float], rows: int) -> None:
    for name, taken in measured.items():
        print(f"{table + ', ' + name:<30} {taken:>7.2f} s {rows / taken:>12,.0f} rows/s")


def make(path: Path, rows: int) -> Path:
    """A file with one table."""
    builder = Builder(JET4)
    builder.table("t", list(COLUMNS), list(_rows(builder, rows)))
    return builder.write(path)


def _rows(builder: Builder, rows: int) -> Iterator[bytes]:
    for at in range(rows):
        yield builder.row(list(COLUMNS), list(_values(builder, at)))


def _values(builder: Builder, at: int) -> Iterator[Stored]:
    yield struct.pack("<i", at)
    yield at % 3 == 0
    yield struct.pack("<h", at % 30_000)
    yield struct.pack("<q", at * 12_345)
    yield struct.pack("<f", at / 7)
    yield struct.pack("<d", at / 3)
    yield struct.pack("<d", 40_000 + at / 86_400)
    yield uuid.UUID(int=at * 7**30 % 2**128).bytes_le
    yield builder.text(f"C-{at:08}")
    yield builder.text(f"품목 {at % 1000} 샤프트")
    yield None if at % 5 == 0 else builder.text(f"note {at % 97}")
    yield struct.pack("<i", -at)


def exported(path: Path, table: str, times: int = 1) -> dict[str, float]:
    """Seconds for `mdb-export` writing CSV of a table some times; nothing where it is not installed."""
    tool = shutil.which("mdb-export")
    if tool is None:
        return {}

    def export() -> None:
        for _ in range(times):
            subprocess.run([tool, str(path), table], stdout=subprocess.DEVNULL, check=True)

    return {"mdb-export": timed(export)}


def _read(path: Path, table: str) -> None:
    with access.open(path) as database:
        for _ in database.table(table).batches():
            pass


if __name__ == "__main__":
    main()
