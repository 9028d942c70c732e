"""SQLite files with given values, opened as a source, and the plans that move them."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from migrator.model.findings import Resolution
from migrator.model.plan import ColumnPlan, TablePlan
from migrator.model.profile import ColumnProfile, Fit, TableProfile
from migrator.model.secrets import is_secret
from migrator.model.types import LogicalType
from migrator.sources import Chunk, Location
from migrator.sources.sqlite.positions import parameter
from migrator.sources.sqlite.source import SqliteSource
from migrator.sources.sqlite.values import InvalidText, SqliteValue

Change = Callable[[ColumnPlan], ColumnPlan]


@contextmanager
def opened(
    *statements: str, rows: Iterable[Sequence[SqliteValue]] = (), table: str = "t", encoding: str = "UTF-8"
) -> Iterator[SqliteSource]:
    """A source made by the statements, with rows inserted into a table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "app.db"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"PRAGMA encoding = '{encoding}'")
            connection.execute("PRAGMA synchronous = OFF")
            for statement in statements:
                connection.execute(statement)
            for row in rows:
                marked = [parameter(value) for value in row]
                marks = ", ".join(mark for mark, _ in marked)
                connection.execute(
                    f'INSERT INTO "{table}" VALUES ({marks})', [part for _, parts in marked for part in parts]
                )
        with closing(SqliteSource(path, Location(str(path), path, "app"))) as source:
            yield source


def column_of(
    declared: str, values: Iterable[SqliteValue], *, encoding: str = "UTF-8", strict: bool = False
) -> ColumnProfile:
    """The profile of a column of that declared type holding the values."""
    suffix = " STRICT" if strict else ""
    ddl = f"CREATE TABLE t (v {declared}){suffix}"
    with opened(ddl, rows=[(value,) for value in values], encoding=encoding) as source:
        return profiled(source).columns[0]


def profiled(source: SqliteSource, table: str = "t") -> TableProfile:
    """The profile of one table."""
    return source.profile(source.schema().table(table))


def best(profile: ColumnProfile) -> Fit:
    """The fit the planner takes."""
    return next(fit for fit in profile.fits if fit.count == profile.values)


def fit_of(profile: ColumnProfile, type: LogicalType) -> Fit:
    """The fit of a kind of type."""
    return next(fit for fit in profile.fits if fit.type.kind is type.kind)


def planned(source: SqliteSource, table: str = "t", change: Change | None = None, **more: Any) -> TablePlan:
    """The plan that takes each column's first complete fit. `change` may alter a column's plan, `more` the
    table's."""
    schema = source.schema().table(table)
    profile = source.profile(schema)
    columns = []
    for column in profile.columns:
        fit = best(column)
        plan = ColumnPlan(column.column, column.column, fit.type, fit.encoding, secret=is_secret(column.column))
        columns.append(change(plan) if change else plan)
    key = schema.primary_key.columns if schema.primary_key else ()
    plan = TablePlan("app", table, "public", table, tuple(columns), key, rows=profile.rows)
    return replace(plan, **more)


def deciding(resolution: Resolution, **types: tuple[LogicalType, str]) -> Change:
    """A change that decides on misfits, and fixes types and encodings by column name."""

    def change(column: ColumnPlan) -> ColumnPlan:
        type, encoding = types.get(column.source, (column.type, column.encoding))
        return replace(column, on_invalid=resolution, type=type, encoding=encoding)

    return change


def read(source: SqliteSource, plan: TablePlan, **limits: Any) -> list[Chunk]:
    """Every chunk."""
    return list(source.chunks(plan, loaded_only=False, **limits))


def values_of(chunks: Iterable[Chunk]) -> list[tuple[Any, ...]]:
    """Every row of the chunks' batches."""
    return [tuple(row.values()) for chunk in chunks for row in chunk.batch.to_pylist()]


def broken(raw: bytes, codec: str = "utf-8") -> InvalidText:
    """Text with bytes that are no text."""
    return InvalidText(raw, codec)
