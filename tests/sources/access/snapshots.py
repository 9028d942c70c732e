"""Access files as the rest of the project sees them: snapshot, source, plan for PostgreSQL, values in batches."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from migrator.model.findings import Resolution
from migrator.model.options import Options
from migrator.model.plan import Plan, TablePlan
from migrator.planner import PlanInput, SourceInput, make_plan, requests
from migrator.sources import Location, Source
from migrator.sources.access import DRIVER, Type
from migrator.sources.access.storing import FORMS
from migrator.sources.access.storing import floats as stored_floats
from migrator.sources.sqlite.storage import Affinity
from migrator.targets import Dialect
from migrator.targets.postgresql.dialect import DIALECT

LENIENT = Options(on_invalid=Resolution.WIDEN, on_orphans=Resolution.UNENFORCED, on_check=Resolution.UNENFORCED)
"""Nothing is left out, nothing stops."""


@contextmanager
def opened(path: Path, into: Path, password: Callable[[], str | None] | None = None) -> Iterator[Source]:
    """The source of a file, opened on its snapshot."""
    location = Location(str(path), path, path.stem, password)
    source = DRIVER.open(DRIVER.snapshot(location, into), location)
    try:
        yield source
    finally:
        source.close()


def planned(source: Source, options: Options = LENIENT, dialect: Dialect = DIALECT) -> Plan:
    """The plan for moving it, without a server."""
    schema = source.schema()
    profiles = {
        asked.table.name: source.profile(asked.table, asked.demands)
        for asked in requests(source.name, schema, source.grammar, options, None, dialect)
    }
    inputs = (SourceInput(source.name, source.url, schema, profiles),)
    return make_plan(PlanInput(inputs, "", dialect, options, "", ""))


def values(source: Source, table: TablePlan) -> dict[str, list[Any]]:
    """Every column's values as they would be loaded. Call `Source.prepare` first."""
    found: dict[str, list[Any]] = {column.source: [] for column in table.columns}
    for chunk in source.chunks(table, loaded_only=False):
        for column, array in zip(table.columns, chunk.batch.columns, strict=True):
            found[column.source] += array.to_pylist()
    return found


def floats(given: list[float | None]) -> list[Any]:
    """Doubles after they were stored in a snapshot's column and read again."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t (x {form_of(Type.DOUBLE)})")
        connection.executemany(
            "INSERT INTO t VALUES (?)", [(each,) for each in stored_floats(pa.array(given, pa.float64()))]
        )
        return [value for (value,) in connection.execute("SELECT x FROM t ORDER BY rowid")]


def form_of(kind: Type) -> str:
    """How a column of that type is declared in a snapshot."""
    stored = FORMS[kind].stored
    return "" if stored is Affinity.BLOB else str(stored)
