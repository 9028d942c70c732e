"""An open SQLite snapshot: what the rest of the project asks a source for.

Nothing here decides how values are read; it holds the connections and hands each question to its module.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from migrator.errors import SourceDamagedError
from migrator.model.findings import Resolution
from migrator.model.plan import ColumnPlan, TablePlan
from migrator.model.profile import NO_DEMANDS, Demands, TableProfile
from migrator.model.result import Figures
from migrator.model.rules import Staged, TableRules, Transformer
from migrator.model.schema import Schema, Table
from migrator.sources import Chunk, Location, Position
from migrator.sources.sqlite.columnar import ColumnarReader
from migrator.sources.sqlite.connection import connect
from migrator.sources.sqlite.doubts import doubtful
from migrator.sources.sqlite.exclusions import Excluded, emptied_columns, exclude
from migrator.sources.sqlite.figures import Scope, figures
from migrator.sources.sqlite.introspect import introspect
from migrator.sources.sqlite.order import row_order
from migrator.sources.sqlite.profile import profile_table
from migrator.sources.sqlite.profile.scans import install
from migrator.sources.sqlite.read import Survey, TableReader
from migrator.sources.sqlite.staging import Stage, stage, staged_path
from migrator.sources.sqlite.staging.originals import Originals, as_known
from migrator.sources.sqlite.values import Reading, quote

_AT_ONCE = 2
"""Connections over which SQLite computes at once: each keeps one core busy."""


class SqliteSource:
    """A snapshot that `SqliteDriver.snapshot` made; see `migrator.sources.Source` for the methods."""

    grammar = "sqlite"

    def __init__(
        self, snapshot: Path, location: Location, scheme: str = "sqlite", described: Schema | None = None
    ) -> None:
        """Open a snapshot. `described` is the schema of a source of another kind whose rows were put into it;
        without it the snapshot's own is read."""
        self.name = location.name
        self.url = f"{scheme}:///{location.path}"
        self._snapshot = snapshot
        self._described = described
        self._open(None)

    def _open(self, stage: Stage | None) -> None:
        """Read from the snapshot, or from the staged file over it, and know nothing else yet."""
        self._stage = stage
        self._files = (self._snapshot,) if stage is None else (staged_path(self._snapshot), self._snapshot)
        self._excluded: dict[str, Excluded] = {}
        self._altered: dict[str, frozenset[str]] = {}
        self._surveys: dict[TablePlan, Survey] = {}
        self._lane: ColumnarReader | None = None
        self._others: list[sqlite3.Connection] = []
        with self._errors("the database header"):
            self._connection = connect(*self._files)
            self._reading = Reading.of(self._connection)
            install(self._connection, self._reading)

    @property
    def _both(self) -> tuple[sqlite3.Connection, ...]:
        """Two connections to the snapshot, for what SQLite computes: each keeps one core busy."""
        return self._connection, self._apart[0]

    @property
    def _apart(self) -> tuple[sqlite3.Connection, ...]:
        """Two connections that nobody reads rows over meanwhile. One that two threads share can stop both for
        ever: a function in Python waits for the interpreter, which waits for the connection."""
        while len(self._others) < _AT_ONCE:
            made = connect(*self._files)
            install(made, Reading.of(made))
            self._others.append(made)
        return tuple(self._others)

    def schema(self) -> Schema:
        """Everything the source holds, as its rules leave it. Raises SourceDamagedError."""
        return self._own if self._stage is None else self._stage.schema

    @cached_property
    def _own(self) -> Schema:
        """What the snapshot holds."""
        if self._described is not None:
            return self._described
        with self._errors("the schema"), closing(connect(self._snapshot)) as connection:
            return introspect(connection)

    def stage(self, rules: tuple[TableRules, ...], transformers: Mapping[str, Transformer]) -> tuple[Staged, ...]:
        """Carry out rules on the snapshot; see `Source.stage` and `staging`.

        In `where` and `compute`, `lower`, `upper` and `trim` of one argument are Python's `str.lower`, `str.upper`
        and `str.strip`; they leave text alone whose stored bytes are not valid. Functions that give another result
        each time, such as `random()`, are refused.

        Raises:
            ConfigurationError: SQLite cannot evaluate a rule, or a column that it needs is missing.
            TransformError: A transform failed, or returned what cannot be stored.
            EnvironmentFailure: There is no room.
            SourceDamagedError: The rows cannot be read.
        """
        own, made = self._own, None
        # Windows removes no file that is open.
        self.close()
        try:
            with self._errors("the rows that rules are for"):
                made = stage(self._snapshot, own, rules, transformers) if rules else None
        finally:
            self._open(made)
        return made.staged if made else ()

    def _table(self, name: str) -> Table:
        return self._tables[name]

    @property
    def _tables(self) -> dict[str, Table]:
        return {table.name: table for table in self.schema().tables}

    def _originals(self, table: str) -> Originals | None:
        """The rows of a staged table as the source holds them, None for other tables."""
        if self._stage is None or table not in self._stage.originals:
            return None
        return Originals(self._connection, self._reading, self._stage.originals[table])

    def profile(self, table: Table, demands: Demands = NO_DEMANDS) -> TableProfile:
        """What the values of a table say, over every row. Raises SourceDamagedError."""
        with self._errors(f"table {table.name}"):
            found = profile_table(self._both, self._reading, table, self._tables.get, demands)
            originals = self._originals(table.name)
            key = table.primary_key.columns if table.primary_key else ()
            return as_known(found, originals, key) if originals else found

    def prepare(self, tables: tuple[TablePlan, ...]) -> None:
        """Work out which rows the plan leaves out. Raises SourceDamagedError."""
        doubts = {}
        for plan in tables:
            with self._errors(f"table {plan.source}"):
                doubts[plan.source] = doubtful(self._connection, self._reading, self._table(plan.source), plan)
        with self._errors("the rows to leave out"):
            self._excluded = exclude(self._connection, tables, self._tables, lambda plan: doubts[plan.source])
        self._altered = {plan.source: self._altered_columns(plan, doubts[plan.source]) for plan in tables}

    def _altered_columns(self, plan: TablePlan, doubts: tuple[ColumnPlan, ...]) -> frozenset[str]:
        """The target columns in which a value is emptied or has a part replaced."""
        changed = {each.source for each in doubts if each.on_invalid in (Resolution.NULL, Resolution.REPLACE)}
        excluded = self._excluded.get(plan.source)
        if excluded is not None:
            changed |= emptied_columns(self._connection, excluded)
        return frozenset(column.target for column in plan.columns if column.source in changed)

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
            self._connection,
            self._reading,
            self._table(table.source),
            table,
            self._excluded.get(table.source),
            self._originals(table.source),
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
            self._lane = ColumnarReader(*self._files)
        return self._lane

    def figures(self, table: TablePlan, *, distinct: bool, hashes: bool = False) -> dict[str, Figures]:
        """Reconciliation figures by target column name; columns with altered values have none."""
        altered = self._altered.get(table.source, frozenset())
        columns = tuple(column for column in table.columns if column.target not in altered)
        with self._errors(f"table {table.source}"):
            scope = Scope(self._moved(table), self._reading.utf16, distinct, hashes)
            connections = self._apart
            if table.source in self._excluded:  # which rows those are only the reading connection knows
                connections, scope = (self._connection,), replace(scope, hashes=False)
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
        """Close the connections. The snapshot file stays, and the staged file over it."""
        self._connection.close()
        while self._others:
            self._others.pop().close()
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
