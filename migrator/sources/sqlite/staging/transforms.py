"""A transform carried out: a table's rows, as its rules left them, go through the user's function chunk by chunk
and into the staged file.

Rows keep their numbers. Nothing a transform returns is stored unless it can be read back as the same values.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from migrator.errors import TransformError
from migrator.model.plan import ColumnPlan, TablePlan, arrow_schema
from migrator.model.profile import ColumnProfile, TableProfile
from migrator.model.rules import Transformer
from migrator.model.schema import Column, Table
from migrator.model.types import BINARY, INT64
from migrator.sources.sqlite.columnar import ColumnarReader
from migrator.sources.sqlite.connection import connect
from migrator.sources.sqlite.order import NUMBER
from migrator.sources.sqlite.profile import profile_table
from migrator.sources.sqlite.profile.scans import install
from migrator.sources.sqlite.read import TableReader
from migrator.sources.sqlite.staging.database import Draft
from migrator.sources.sqlite.staging.effective import transformed
from migrator.sources.sqlite.staging.originals import Originals
from migrator.sources.sqlite.staging.output import Output
from migrator.sources.sqlite.values import Reading, quote

MAX_ROWS = 50_000
MAX_BYTES = 32 << 20
"""Of a chunk that a transform is given."""


def carry_out(
    into: Draft, ruled: Path, snapshot: Path, table: Table, original: Table, transformer: Transformer
) -> Table:
    """Put the table's rows into the draft as the transform returns them, and return the table as it is then.
    `ruled` is a staged file over the snapshot that holds the rows as `table` describes them; `original` is the
    source's own table.

    Raises:
        TransformError: The transform raised, or returned what cannot be stored exactly.
        sqlite3.Error: The rows cannot be read or written.
    """
    with closing(connect(ruled, snapshot)) as connection:
        reading = Reading.of(connection)
        install(connection, reading)
        originals = Originals(connection, reading, original)
        profile = profile_table((connection,), reading, replace(table, foreign_keys=(), checks=()), lambda _: None)
        _require_valid_text(profile, originals)
        given = _Given(table.name, tuple(_column(column) for column in profile.columns))
        physical = replace(table, columns=(*table.columns, Column(NUMBER, "INTEGER")))
        reader = TableReader(connection, reading, physical, given.plan)
        output = Output(into, table, arrow_schema(given.columns), originals)
        for numbers, batch in given.batches(_chunks(reader, given, ruled, snapshot)):
            try:
                returned = transformer(batch)
            except TransformError as error:
                raise output.failed(numbers, error) from error
            output.take(numbers, returned)
        return transformed(table, output.finish())


@dataclass(frozen=True, slots=True)
class _Given:
    """What the transform is given of a table: columns by their first type that holds every value."""

    table: str
    columns: tuple[ColumnPlan, ...]

    @property
    def plan(self) -> TablePlan:
        """The plan by which the rows are read: their number first, and as bytes the text in which NUL characters
        would stop the reader, though no transform."""
        number = ColumnPlan(NUMBER, NUMBER, INT64, "integer")
        read = (replace(each, type=BINARY, encoding="any") if each.why else each for each in self.columns)
        return TablePlan("", self.table, "", self.table, (number, *read))

    def batches(self, chunks: Iterator[pa.RecordBatch]) -> Iterator[tuple[list[int], pa.RecordBatch]]:
        """The numbers of each chunk's rows, and what the transform is given of them: an empty batch where there
        are no rows, which tells what columns it returns."""
        schema, empty = arrow_schema(self.columns), True
        for chunk in chunks:
            empty = False
            numbers, *arrays = chunk.columns
            fitted = [array.cast(field.type) for array, field in zip(arrays, schema, strict=True)]
            yield numbers.to_pylist(), pa.RecordBatch.from_arrays(fitted, schema=schema)
        if empty:
            yield [], pa.RecordBatch.from_arrays([pa.array([], each.type) for each in schema], schema=schema)


def _column(profile: ColumnProfile) -> ColumnPlan:
    """The first type that holds every value; `why` tells of NUL characters."""
    fit = next(fit for fit in profile.fits if fit.count == profile.values)
    why = ", ".join(hazard.code for hazard in profile.hazards if hazard.code == "text-nul")
    return ColumnPlan(profile.column, profile.column, fit.type, fit.encoding, why=why)


def _chunks(reader: TableReader, given: _Given, ruled: Path, snapshot: Path) -> Iterator[pa.RecordBatch]:
    """The table's rows, by the columnar lane where it may be taken."""
    survey = reader.survey()
    if not reader.columnar(survey):
        for chunk in reader.chunks(given.plan.columns, survey, None, None, MAX_ROWS, MAX_BYTES):
            yield chunk.batch
        return
    with closing(ColumnarReader(ruled, snapshot)) as lane:
        for chunk in reader.chunks(given.plan.columns, survey, lane, None, MAX_ROWS, MAX_BYTES):
            yield chunk.batch


def _require_valid_text(profile: TableProfile, originals: Originals) -> None:
    """Refuse text that is no text before any row is handed over: Python would have to repair it."""
    for column in profile.columns:
        for hazard in column.hazards:
            if hazard.code == "text-invalid":
                keys = ", ".join(originals.named(int(str(sample.key[0]))) for sample in hazard.samples)
                raise TransformError(
                    f"{hazard.count:,} values are text whose bytes are not valid, which a transform cannot get.",
                    where=f"table {profile.table}, column {column.column}, rows {keys}",
                    hint="Leave the rows out with `where`, or make blobs of the values with a `compute`: "
                    f"CAST({quote(column.column)} AS BLOB).",
                )
