"""`python -m benchmarks.mssql`: the speed of a whole run to SQL Server beside bare loads of the same rows.

Measures, in one process run and on one server: `cursor.bulkcopy` of mssql-python and `fast_executemany` of pyodbc,
each from ready tuples into a heap like the loaded table, and this project's `run` by phase. Makes a database of
its own and drops it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import mssql_python
from sqlalchemy.engine import URL, make_url

from benchmarks.runs import Run, add_arguments, report, run_migrator, timed
from benchmarks.source import make_source, typed_rows
from migrator.targets import ConnectOptions
from migrator.targets.mssql.connecting import make_engine, way

SERVER_VARIABLE = "MIGRATOR_TEST_MSSQL_URL"

Rows = list[tuple[Any, ...]]

_TABLE = "dbo.bare"


def main() -> None:
    """Parse the arguments, measure, print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mssql", description=__doc__)
    parser.add_argument("url", nargs="?", default=os.environ.get(SERVER_VARIABLE), help=f"or in {SERVER_VARIABLE}")
    add_arguments(parser, rows=200_000)
    arguments = parser.parse_args()
    if not arguments.url:
        parser.error(f"give the server's URL, or set {SERVER_VARIABLE}.")
    mssql_python.pooling(enabled=False)  # a pooled connection would keep its database from being dropped
    with tempfile.TemporaryDirectory(prefix="bench") as folder, own_database(make_url(arguments.url)) as url:
        ways, run = measure(Path(folder), url, arguments.rows)
    report(arguments.rows, ways, run, as_json=arguments.json)
    if not arguments.json:
        bare = ways["fast_executemany"]
        print(f"the data phase is {bare / run.phases['data']:.1f} times as fast as fast_executemany")


def measure(folder: Path, url: URL, rows: int) -> tuple[dict[str, float], Run]:
    """Seconds for each way of moving `rows` rows of twelve mixed columns."""
    source = make_source(folder / "bench.db", rows)
    run = run_migrator(folder, source, url.render_as_string(hide_password=False))
    ready = list(typed_rows(rows))
    ways = {
        "bulkcopy": load(url, run.table, ready, bulkcopy),
        "fast_executemany": load(url.set(drivername="mssql+pyodbc"), run.table, ready, fast_executemany),
    }
    return ways, run


def load(url: URL, loaded: str, rows: Rows, by: Callable[[Any, list[str], Rows], None]) -> float:
    """Seconds to load the rows into an empty heap with the columns of the loaded table."""
    with connected(url) as connection, closing(connection.cursor()) as cursor:
        # A table made from a UNION has no identity column, so no way has to ask for leave to bring its numbers:
        # https://learn.microsoft.com/sql/t-sql/queries/select-into-clause-transact-sql
        none = f"FROM {bracketed(loaded)} WHERE 1 = 0"
        cursor.execute(f"SELECT * INTO {_TABLE} {none} UNION ALL SELECT * {none}")
        names = [column[0] for column in cursor.execute(f"SELECT * {none}").description]
        connection.commit()
        seconds = timed(lambda: by(connection, names, rows))
        found = cursor.execute(f"SELECT COUNT(*) FROM {_TABLE}").fetchone()[0]
        assert found == len(rows), f"{found} of {len(rows)} rows arrived"
        cursor.execute(f"DROP TABLE {_TABLE}")
        connection.commit()
    return seconds


def bulkcopy(connection: Any, names: list[str], rows: Rows) -> None:
    """One bulk copy, with the options that make it fastest."""
    with closing(connection.cursor()) as cursor:
        cursor.bulkcopy(_TABLE, rows, timeout=0, column_mappings=names, keep_nulls=True, table_lock=True)


def fast_executemany(connection: Any, names: list[str], rows: Rows) -> None:
    """One INSERT with arrays of parameters, in one transaction."""
    listed, marks = ", ".join(map(bracketed, names)), ", ".join("?" * len(names))
    with closing(connection.cursor()) as cursor:
        cursor.fast_executemany = True
        cursor.executemany(f"INSERT INTO {_TABLE} ({listed}) VALUES ({marks})", rows)
        connection.commit()


@contextmanager
def own_database(server: URL) -> Iterator[URL]:
    """A database that is dropped afterwards."""
    name = f"bench_{uuid.uuid4().hex}"
    execute(server, f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name)
    finally:
        execute(server, f"DROP DATABASE {name}")


def execute(server: URL, statement: str) -> None:
    """One statement outside a transaction."""
    with connected(server) as connection, closing(connection.cursor()) as cursor:
        connection.autocommit = True
        cursor.execute(statement)


@contextmanager
def connected(url: URL) -> Iterator[Any]:
    """The driver's own connection to a SQLAlchemy URL."""
    engine = make_engine(url, ConnectOptions(), way(url))
    try:
        with closing(engine.raw_connection()) as connection:
            yield connection.driver_connection
    finally:
        engine.dispose()


def bracketed(name: str) -> str:
    """A name, or a schema's and a table's, between brackets."""
    return ".".join(f"[{part}]" for part in name.split(".", 1))


if __name__ == "__main__":
    main()
