"""Reading a table in chunks: which rows make a chunk, and which lane converts them.

Rows come in the order of their key, so that a chunk starts behind any position without counting
(https://sqlite.org/rowvalue.html#scrolling_window_queries). A chunk's rows never depend on the lane.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from migrator.model.plan import ColumnPlan, TablePlan
from migrator.model.schema import Table
from migrator.sources import Chunk, Position
from migrator.sources.sqlite.columnar import ColumnarReader, guards, vectorisable
from migrator.sources.sqlite.encodings import NotColumnar
from migrator.sources.sqlite.exclusions import Excluded
from migrator.sources.sqlite.order import row_order
from migrator.sources.sqlite.positions import key_of, parameter, position_of
from migrator.sources.sqlite.profile.sizes import NUMBER_OCTETS
from migrator.sources.sqlite.rows import Origin, SourceRow, convert
from migrator.sources.sqlite.storage import Affinity, affinity
from migrator.sources.sqlite.values import Reading, SqliteValue, joined, octets, quote

Key = tuple[SqliteValue, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known about all rows before the first is read: the bytes of the widest, and whether ADBC would
    hand over every value unchanged."""

    widest: int
    faithful: bool


class TableReader:
    """Reads one table as its plan says."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        reading: Reading,
        table: Table,
        plan: TablePlan,
        excluded: Excluded | None = None,
        origin: Origin | None = None,
    ) -> None:
        self._connection = connection
        self._reading = reading
        self._table = table
        self._plan = plan
        self._excluded = excluded
        self._origin = origin
        self._order = row_order(table)

    def survey(self) -> Survey:
        """One pass over the table, in SQL. Raises sqlite3.Error."""
        suspects = [f"({guard})" for guard in guards(self._plan.columns, self._affinities())]
        row = self._connection.execute(
            f"SELECT max({self._octets()}), max({joined(suspects, 'OR')}) FROM {quote(self._table.name)}"
        ).fetchone()
        return Survey(row[0] or 0, not row[1])

    def columnar(self, survey: Survey) -> bool:
        """Whether the columnar lane may read this table: rows by number, none left out, text in UTF-8, and
        every encoding convertible in whole."""
        return (
            survey.faithful
            and self._excluded is None
            and not self._reading.utf16
            and self._order.by_rowid
            and vectorisable(self._plan.columns)
        )

    def chunks(
        self,
        columns: Sequence[ColumnPlan],
        survey: Survey,
        lane: ColumnarReader | None,
        after: Position | None,
        max_rows: int,
        max_bytes: int,
    ) -> Iterator[Chunk]:
        """The chunks from a position on; `lane` is the columnar reader where it may be used.

        Raises:
            DataError: A value does not fit and the user did not say what to do with it.
            sqlite3.Error: The rows cannot be read.
        """
        narrow = survey.widest * max_rows <= max_bytes
        while True:
            limit = max_rows if narrow else self._rows_within(after, max_rows, max_bytes)
            chunk = self._chunk(columns, lane, after, limit) if limit else None
            if chunk is None:
                return
            yield chunk
            if chunk.read < limit:
                return
            after = chunk.position

    def _chunk(
        self, columns: Sequence[ColumnPlan], lane: ColumnarReader | None, after: Position | None, limit: int
    ) -> Chunk | None:
        if lane is not None and columns:
            try:
                return self._columnar_chunk(columns, lane, after, limit)
            except NotColumnar:
                pass
        return self._value_chunk(columns, after, limit)

    def _columnar_chunk(
        self, columns: Sequence[ColumnPlan], lane: ColumnarReader, after: Position | None, limit: int
    ) -> Chunk | None:
        number = self._order.key[0]
        start = "" if after is None else f" WHERE {number} > {int(after[0] or 0)}"
        found = lane.read(columns, number, f"FROM {self._order.relation}{start} ORDER BY {number}", limit)
        if found is None:
            return None
        batch, last = found
        return Chunk(batch, (last,), batch.num_rows)

    def _value_chunk(self, columns: Sequence[ColumnPlan], after: Position | None, limit: int) -> Chunk | None:
        keys, rows = self._rows(after, limit)
        if not rows:
            return None
        converted = convert(self._plan, columns, rows, self._origin)
        return Chunk(converted.batch, position_of(keys[-1]), len(rows), converted.rejected, converted.altered)

    def _rows(self, after: Position | None, limit: int) -> tuple[list[Key], list[SourceRow]]:
        """Keys and rows behind a position."""
        identity, width = len(self._order.identity), len(self._order.key)
        names = (*self._order.key, *self._order.identity, *(quote(each.source) for each in self._plan.columns))
        selected = self._reading.select(f"src.{name}" for name in names)
        notes = self._notes()
        selected += "".join(f", {note}" for note in notes)
        keys, rows = [], []
        for found in self._behind(selected, after, limit):
            reason, skip, *emptied = found[len(found) - len(notes) :] or (None, None)
            values = self._reading.values(found[: len(found) - len(notes)])
            keys.append(values[:width])
            rest = values[width:]
            rows.append(SourceRow(rest[:identity], rest[identity:], reason, bool(skip), self._emptied(emptied)))
        return keys, rows

    def _notes(self) -> list[str]:
        """SQL for why a row is left out, whether that means skipping it, and which references are emptied."""
        if self._excluded is None:
            return []
        why = [self._excluded.lookup("src", f"note.{what}") for what in ("reason", "skip")]
        return why + [self._excluded.empty("src", each) for each in self._excluded.emptied]

    def _emptied(self, flags: Sequence[int | None]) -> frozenset[str]:
        """The source columns of a row that become NULL."""
        if self._excluded is None or not any(flags):
            return frozenset()
        noted = zip(self._excluded.emptied, flags, strict=True)
        return frozenset(column for emptied, flag in noted if flag for column in emptied.columns)

    def _rows_within(self, after: Position | None, max_rows: int, max_bytes: int) -> int:
        """How many rows behind a position make a chunk; one at least, if there is one."""
        total = rows = 0
        for (size,) in self._behind(self._octets("src."), after, max_rows):
            total += size
            if rows and total > max_bytes:
                break
            rows += 1
        return rows

    def _behind(self, selected: str, after: Position | None, limit: int) -> Iterator[tuple[Any, ...]]:
        """Rows behind a position in order."""
        terms = [f"src.{term}" for term in self._order.terms]
        where, bound = "", []
        if after is not None:
            parameters = [parameter(part) for part in key_of(after, self._reading.codec)]
            marks = ", ".join(mark for mark, _ in parameters)
            where = (
                f" WHERE ({', '.join(terms)}) > ({marks})" if len(terms) > 1 else f" WHERE {terms[0]} > {marks}"
            )
            bound = [value for _, values in parameters for value in values]
        order = ", ".join(terms)
        yield from self._connection.execute(
            f"SELECT {selected} FROM {self._order.relation} AS src{where} ORDER BY {order} LIMIT ?",
            [*bound, limit],
        )

    def _octets(self, prefix: str = "") -> str:
        """SQL for the bytes of a row: numbers and NULL count alike, so that it is cheap to compute."""
        sized = [
            f"CASE WHEN typeof({column}) IN ('text', 'blob') THEN {octets(column)} ELSE {NUMBER_OCTETS} END"
            for column in (f"{prefix}{quote(each.source)}" for each in self._plan.columns)
        ]
        return joined(sized, "+")

    def _affinities(self) -> list[Affinity]:
        strict = "STRICT" in self._table.options
        return [affinity(self._table.column(each.source).declared, strict=strict) for each in self._plan.columns]
