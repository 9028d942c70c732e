"""An open SQLite snapshot: what the rest of the project asks a source for.

Nothing here decides how values are read; it holds the connections and hands each question to its module.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path

from migrator.errors import SourceDamagedError
from migrator.model.findings import Resolution
from migrator.model.plan import TablePlan
from migrator.model.profile import TableProfile
from migrator.model.result import Figures
from migrator.model.schema import Schema, Table
from migrator.sources import Chunk, Location, Position
from migrator.sources.sqlite.columnar import ColumnarReader
from migrator.sources.sqlite.connection import connect
from migrator.sources.sqlite.doubts import doubtful
from migrator.sources.sqlite.exclusions import Excluded, exclude
from migrator.sources.sqlite.figures import Scope, figures
from migrator.sources.sqlite.introspect import introspect
from migrator.sources.sqlite.order import row_order
from migrator.sources.sqlite.profile import profile_table
from migrator.sources.sqlite.profile.scans import install
from migrator.sources.sqlite.read import Survey, TableReader
from migrator.sources.sqlite.values import Reading, quote


class SqliteSource:
    """A snapshot that `SqliteDriver.snapshot` made; see `migrator.sources.Source` for the methods."""

    def __init__(self, snapshot: Path, location: Location) -> None:
        self.name = location.name
        self.url = f"sqlite:///{location.path}"
        self._snapshot = snapshot
        self._excluded: dict[str, Excluded] = {}
        self._altered: dict[str, frozenset[str]] = {}
        self._surveys: dict[TablePlan, Survey] = {}
        self._lane: ColumnarReader | None = None
        self._second: sqlite3.Connection | None = None
        with self._errors("the database header"):
            self._connection = connect(snapshot)
            self._reading = Reading.of(self._connection)
            install(self._connection, self._reading)

    @property
    def _both(self) -> tuple[sqlite3.Connection, ...]:
        """Two connections to the snapshot, for what SQLite computes: each keeps one core busy."""
        if self._second is None:
            self._second = connect(self._snapshot)
            install(self._second, Reading.of(self._second))
        return self._connection, self._second

    def schema(self) -> Schema:
        """Everything the source holds. Raises SourceDamagedError."""
        return self._schema

    @cached_property
    def _schema(self) -> Schema:
        with self._errors("the schema"), closing(connect(self._snapshot)) as connection:
            return introspect(connection)

    def _table(self, name: str) -> Table:
        return self._tables[name]

    @cached_property
    def _tables(self) -> dict[str, Table]:
        return {table.name: table for table in self._schema.tables}

    def profile(self, table: Table) -> TableProfile:
        """What the values of a table say, over every row. Raises SourceDamagedError."""
        with self._errors(f"table {table.name}"):
            return profile_table(self._both, self._reading, table, self._tables.get)

    def prepare(self, tables: tuple[TablePlan, ...]) -> None:
        """Work out which rows the plan leaves out. Raises SourceDamagedError."""
        doubts = {}
        for plan in tables:
            with self._errors(f"table {plan.source}"):
                doubts[plan.source] = doubtful(self._connection, self._reading, self._table(plan.source), plan)
        with self._errors("the rows to leave out"):
            self._excluded = exclude(self._connection, tables, self._tables, lambda plan: doubts[plan.source])
        changing = (Resolution.NULL, Resolution.REPLACE)
        self._altered = {
            source: frozenset(column.target for column in columns if column.on_invalid in changing)
            for source, columns in doubts.items()
        }

    def chunks(
        self,
        table: TablePlan,
        *,
        loaded_only: bool,
        after: Position | None = None,
        max_rows: int = 50_000,
        max_bytes: int = 32 << 20,
    ) -> Iterator[Chunk]:
        """The table's rows as canonical batches; see `Source.chunks`."""
        columns = table.loaded if loaded_only else table.columns
        reader = TableReader(
            self._connection, self._reading, self._table(table.source), table, self._excluded.get(table.source)
        )
        with self._errors(f"table {table.source}"):
            survey = self._survey(table, reader)
            lane = self._columnar() if reader.columnar(survey) else None
            yield from reader.chunks(columns, survey, lane, after, max_rows, max_bytes)

    def _survey(self, table: TablePlan, reader: TableReader) -> Survey:
        if table not in self._surveys:
            self._surveys[table] = reader.survey()
        return self._surveys[table]

    def _columnar(self) -> ColumnarReader:
        if self._lane is None:
            self._lane = ColumnarReader(self._snapshot)
        return self._lane

    def figures(self, table: TablePlan, *, distinct: bool) -> dict[str, Figures]:
        """Reconciliation figures by target column name; columns with altered values have none."""
        altered = self._altered.get(table.source, frozenset())
        columns = tuple(column for column in table.columns if column.target not in altered)
        with self._errors(f"table {table.source}"):
            scope = Scope(self._moved(table), self._reading.utf16, distinct)
            # Which rows are excluded only the first connection knows.
            connections = (self._connection,) if table.source in self._excluded else self._both
            return {name: {} for name in altered} | figures(connections, columns, scope)

    def _moved(self, table: TablePlan) -> str:
        """The rows of a table that its plan moves, as a FROM clause."""
        relation = f"{row_order(self._table(table.source)).relation} AS src"
        excluded = self._excluded.get(table.source)
        return f"{relation} WHERE {excluded.lookup('src', '1')} IS NULL" if excluded else relation

    def count(self, table: TablePlan) -> int:
        """All rows of the source table, excluded ones too."""
        with self._errors(f"table {table.source}"):
            row = self._connection.execute(f"SELECT count(*) FROM {quote(table.source)}").fetchone()
            return int(row[0])

    def close(self) -> None:
        """Close the connections. The snapshot file stays."""
        self._connection.close()
        if self._second is not None:
            self._second.close()
        if self._lane is not None:
            self._lane.close()
            self._lane = None

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        """Explain SQLite's errors: a snapshot that was checked can fail only where it is damaged."""
        try:
            yield
        except sqlite3.Error as error:
            raise SourceDamagedError(
                f"SQLite cannot read {what}: {error}.",
                where=self.url,
                hint="Check the file with `PRAGMA integrity_check`, or recover it with `sqlite3 old.db .recover`.",
            ) from error
