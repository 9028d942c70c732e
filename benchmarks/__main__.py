"""`python -m benchmarks`: the speed of a whole run beside the limit and beside a rival, on the same rows.

Measures, in one process run and on one PostgreSQL: raw binary COPY of a ready file (the limit), this project's
`run` by phase, and pgloader where it is installed. Also the peak of resident memory during the run.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from benchmarks.source import make_source
from migrator import embedded


def main() -> None:
    """Parse the arguments, measure, print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        figures = measure(Path(folder), arguments.rows)
    if arguments.json:
        print(json.dumps(figures, indent=2))
    else:
        show(figures)


def measure(folder: Path, rows: int) -> dict[str, object]:
    """Seconds for each way of moving `rows` rows of twelve mixed columns."""
    source = make_source(folder / "bench.db", rows)
    with embedded.start(folder) as server:
        url = server.url.render_as_string(hide_password=False)
        report, seconds, peak = run_migrator(folder, source, url)
        copy = raw_copy(folder, url, report["tables"][0]["target"])
        rival = run_pgloader(source, url)
    return {
        "rows": rows,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "raw_copy_seconds": copy,
        "run_seconds": report["seconds"],
        "process_seconds": seconds,
        "peak_megabytes": peak,
        "pgloader_seconds": rival,
    }


def run_migrator(folder: Path, source: Path, url: str) -> tuple[dict[str, dict[str, float]], float, float]:
    """A whole run in a process of its own: its result, wall seconds, and peak resident memory in MB."""
    probe = (
        "import resource, sys\n"
        "from migrator.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n"
    )
    command = [
        sys.executable,
        "-c",
        probe,
        "run",
        str(source),
        "--target",
        url,
        "--json",
        "--work",
        str(folder / "w"),
    ]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    if done.returncode:
        raise SystemExit(f"the run failed ({done.returncode}):\n{done.stdout}\n{done.stderr}")
    # ru_maxrss is in kilobytes on Linux, in bytes on macOS: getrusage(2).
    unit = 1 if platform.system() == "Darwin" else 1024
    return json.loads(done.stdout), seconds, int(done.stderr.split()[-1]) * unit / 1e6


def raw_copy(folder: Path, url: str, loaded: str) -> float:
    """Seconds to COPY a ready binary file into an empty table like the loaded one."""
    ready = folder / "ready.bin"
    table = sql.SQL(".").join(map(sql.Identifier, loaded.split(".", 1)))
    with connected(url) as connection, connection.cursor() as cursor:
        with (
            ready.open("wb") as file,
            cursor.copy(sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(table)) as out,
        ):
            for block in out:
                file.write(block)
        cursor.execute(sql.SQL("CREATE TABLE raw_copy (LIKE {})").format(table))

        def copy() -> None:
            with ready.open("rb") as file, cursor.copy("COPY raw_copy FROM STDIN (FORMAT BINARY)") as into:
                while block := file.read(1 << 20):
                    into.write(block)
            connection.commit()

        seconds = timed(copy)
        cursor.execute("DROP TABLE raw_copy")
    ready.unlink()
    return seconds


def run_pgloader(source: Path, url: str) -> float | None:
    """Seconds for pgloader to move the same file into a database of its own; None where it is not installed."""
    if shutil.which("pgloader") is None:
        return None
    with connected(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE rival")
    parsed = make_url(url)
    socket = str(parsed.query["host"]).replace(":", "::")
    where = f"postgresql://{parsed.username}@unix:{socket}:5432/rival"
    began = time.monotonic()
    done = subprocess.run(
        ["pgloader", "--no-ssl-cert-verification", f"sqlite://{source}", where],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - began
    return seconds if done.returncode == 0 else None


@contextmanager
def connected(url: str, *, autocommit: bool = False):  # type: ignore[no-untyped-def]
    """A psycopg connection to a SQLAlchemy URL."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=autocommit) as connection:
        yield connection


def timed(work: Callable[[], None]) -> float:
    """Seconds that the work takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def show(figures: dict[str, object]) -> None:
    """Print the figures as a table of seconds, rows per second, and the ratio to the limit."""
    rows, limit = int(str(figures["rows"])), float(str(figures["raw_copy_seconds"]))

    def line(name: str, seconds: float | None) -> None:
        if seconds:
            print(
                f"{name:<28} {seconds:8.2f} s {rows / seconds:>12,.0f} rows/s {limit / seconds:6.2f} of raw COPY"
            )

    print(f"{rows:,} rows of twelve columns, {figures['machine']}")
    line("raw binary COPY", limit)
    phases = figures["run_seconds"]
    assert isinstance(phases, dict)
    for name, seconds in phases.items():
        line(f"run: {name}", seconds)
    line("run: whole process", float(str(figures["process_seconds"])))
    rival = figures["pgloader_seconds"]
    line("pgloader", float(str(rival)) if rival is not None else None)
    print(f"peak memory of the run       {figures['peak_megabytes']:8.0f} MB")


if __name__ == "__main__":
    main()
