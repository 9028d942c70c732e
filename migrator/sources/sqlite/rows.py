"""The per-value lane: rows from sqlite3, every value through its encoding's exact conversion.

What a value that does not fit means is the user's decision, column by column; here it is carried out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from migrator.errors import DataError
from migrator.model.findings import Resolution
from migrator.model.plan import ColumnPlan, TablePlan, arrow_schema
from migrator.model.secrets import MASK
from migrator.sources import Rejected
from migrator.sources.sqlite.encodings import Canonical, Encoding, Hazardous, Misfit, encoding
from migrator.sources.sqlite.values import InvalidText, SqliteValue, key_value, shown, spelt


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: its identity for people, its values in the order of the plan's columns, and why it is left
    out, when it is, with whether that means skipping it."""

    identity: tuple[SqliteValue, ...]
    values: tuple[SqliteValue, ...]
    reason: str | None = None
    skip: bool = False


@dataclass(slots=True)
class _Work:
    """What conversion has found so far, by row number."""

    reasons: dict[int, tuple[str, bool]]
    altered: set[tuple[str, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Converted:
    """Rows as a batch, those set aside, and how many values were altered, by target column."""

    batch: pa.RecordBatch
    rejected: tuple[Rejected, ...]
    altered: tuple[tuple[str, int], ...]


def convert(table: TablePlan, columns: Sequence[ColumnPlan], rows: Sequence[SourceRow]) -> Converted:
    """Rows of the table as a batch of `columns`, which are some of the table's.

    Raises:
        DataError: A value does not fit and the user did not say what to do with it.
    """
    work = _Work({at: (row.reason, row.skip) for at, row in enumerate(rows) if row.reason is not None})
    where = {column.target: at for at, column in enumerate(table.columns)}
    converted = [_column(table, column, where[column.target], rows, work) for column in columns]
    schema = arrow_schema(tuple(columns))
    arrays = [
        pa.array([value for at, value in enumerate(values) if at not in work.reasons], field.type)
        for values, field in zip(converted, schema, strict=True)
    ]
    kept = len(rows) - len(work.reasons)
    batch = pa.RecordBatch.from_arrays(arrays, schema=schema) if arrays else _no_columns(kept)
    altered = Counter(target for target, at in work.altered if at not in work.reasons)
    return Converted(batch, tuple(_rejected(table, rows, work)), tuple(sorted(altered.items())))


def _no_columns(rows: int) -> pa.RecordBatch:
    """A batch without columns, for a table of which the target computes every column."""
    return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))


def _column(
    table: TablePlan, column: ColumnPlan, at: int, rows: Sequence[SourceRow], work: _Work
) -> list[Canonical | None]:
    stored = encoding(column.encoding, column.type)
    decode = stored.decode
    values: list[Canonical | None] = []
    for number, row in enumerate(rows):
        value = row.values[at]
        try:
            values.append(None if value is None or number in work.reasons else decode(value))
        except Misfit as misfit:
            values.append(_settle(table, column, stored, row, value, misfit, work, number))
    return values


def _settle(
    table: TablePlan,
    column: ColumnPlan,
    stored: Encoding,
    row: SourceRow,
    value: SqliteValue,
    misfit: Misfit,
    work: _Work,
    number: int,
) -> Canonical | None:
    """What becomes of a value that does not fit."""
    match column.on_invalid:
        case Resolution.NULL:
            work.altered.add((column.target, number))
            return None
        case Resolution.REPLACE if isinstance(misfit, Hazardous) and isinstance(value, str | InvalidText):
            work.altered.add((column.target, number))
            return stored.decode(repaired(value))
        case Resolution.QUARANTINE | Resolution.SKIP:
            work.reasons[number] = (rejection(column, misfit), column.on_invalid is Resolution.SKIP)
            return None
    raise _refusal(table, column, row, value, misfit)


def repaired(value: str | InvalidText) -> str:
    """Text with U+FFFD in place of NUL characters and of what is no text."""
    text = value.repaired() if isinstance(value, InvalidText) else value
    return text.replace("\0", "\ufffd")


def rejection(column: ColumnPlan, misfit: Misfit) -> str:
    """Why a row was set aside."""
    return f"{column.source}: {misfit}"


def _refusal(
    table: TablePlan, column: ColumnPlan, row: SourceRow, value: SqliteValue, misfit: Misfit
) -> DataError:
    key = ", ".join(str(part) for part in _key(table, row))
    what = MASK if column.secret else shown(value)
    return DataError(
        f"A value cannot become {column.type}: {misfit}.",
        where=f"{table.source}.{column.source}, row {key}: {what}",
        hint="Plan again to see every such value and what can be done, or choose with --on-invalid.",
    )


def _key(table: TablePlan, row: SourceRow) -> tuple[int | float | str | None, ...]:
    """The row's key as people may see it: when a key column is secret, none of it."""
    secret = any(column.secret for column in table.columns if column.source in table.key)
    return (MASK,) if secret else tuple(key_value(part) for part in row.identity)


def _rejected(table: TablePlan, rows: Sequence[SourceRow], work: _Work) -> list[Rejected]:
    return [
        Rejected(
            tuple(key_value(part) for part in rows[at].identity),
            reason,
            {column.source: spelt(value) for column, value in zip(table.columns, rows[at].values, strict=True)},
            skip,
        )
        for at, (reason, skip) in sorted(work.reasons.items())
    ]
