"""`python -m benchmarks`: the speed of a whole run beside the limit and beside a rival, on the same rows.

Measures, in one process run and on one PostgreSQL: raw binary COPY of a ready file (the limit), this project's
`run` by phase, and pgloader where it is installed. Also the peak of resident memory during the run.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from benchmarks.runs import Run, add_arguments, report, run_migrator, timed
from benchmarks.source import make_source
from migrator import embedded


def main() -> None:
    """Parse the arguments, measure, print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add_arguments(parser, rows=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        report(arguments.rows, *measure(Path(folder), arguments.rows), as_json=arguments.json)


def measure(folder: Path, rows: int) -> tuple[dict[str, float], Run]:
    """Seconds for each way of moving `rows` rows of twelve mixed columns."""
    source = make_source(folder / "bench.db", rows)
    with embedded.start(folder) as server:
        url = server.url.render_as_string(hide_password=False)
        run = run_migrator(folder, source, url)
        ways = {"raw binary COPY": raw_copy(folder, url, run.table)}
        rival = run_pgloader(source, url)
    return ways | ({} if rival is None else {"pgloader": rival}), run


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
    command = ["pgloader", "--no-ssl-cert-verification", f"sqlite://{source}", where]
    try:
        return timed(lambda: subprocess.run(command, capture_output=True, check=True))
    except subprocess.CalledProcessError:
        return None


@contextmanager
def connected(url: str, *, autocommit: bool = False):  # type: ignore[no-untyped-def]
    """A psycopg connection to a SQLAlchemy URL."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=autocommit) as connection:
        yield connection


if __name__ == "__main__":
    main()
