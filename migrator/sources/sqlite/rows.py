"""The per-value lane: rows from sqlite3, every value through its encoding's exact conversion.

Columns of one class of values are converted whole where their encoding can; that it gives the same, the tests
prove.
What a value that does not fit means is the user's decision, column by column; here it is carried out.
"""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Protocol

import pyarrow as pa

from migrator.errors import DataError
from migrator.model.findings import Resolution
from migrator.model.plan import ColumnPlan, TablePlan, arrow_schema
from migrator.model.secrets import MASK
from migrator.sources import Rejected
from migrator.sources.sqlite.encodings import (
    Canonical,
    Encoding,
    Hazardous,
    Misfit,
    NotColumnar,
    encoding,
    stored_as,
)
from migrator.sources.sqlite.values import InvalidText, SqliteValue, key_value, shown, spelt


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: its identity for people, its values in the order of the plan's columns, and why it is left
    out, when it is, with whether that means skipping it. `emptied` are the source columns that become NULL."""

    identity: tuple[SqliteValue, ...]
    values: tuple[SqliteValue, ...]
    reason: str | None = None
    skip: bool = False
    emptied: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A row as the source knows it: what names it, and its values by column."""

    identity: tuple[SqliteValue, ...]
    values: dict[str, SqliteValue]


class Origin(Protocol):
    """Where rows were staged from."""

    def rows(self, numbers: Sequence[int]) -> Sequence[KnownRow]:
        """The source's rows of these numbers, in their order. Raises sqlite3.Error."""

    def named(self, number: int) -> str:
        """What names a row, for a message, without a secret. Raises sqlite3.Error."""


@dataclass(frozen=True, slots=True)
class Converted:
    """Rows as a batch, those set aside, and how many values were altered, by target column."""

    batch: pa.RecordBatch
    rejected: tuple[Rejected, ...]
    altered: tuple[tuple[str, int], ...]


def convert(
    table: TablePlan, columns: Sequence[ColumnPlan], rows: Sequence[SourceRow], origin: Origin | None = None
) -> Converted:
    """Rows of the table as a batch of `columns`, which are some of the table's. With an `origin`, the rows are
    staged ones, which have nothing but a number as their identity.

    Raises:
        DataError: A value does not fit and the user did not say what to do with it.
    """
    work = _Conversion(table, rows, origin)
    arrays = [work.array(column) for column in columns]
    schema = arrow_schema(tuple(columns))
    batch = pa.RecordBatch.from_arrays(arrays, schema=schema) if arrays else _no_columns(len(rows))
    if work.reasons:
        batch = batch.filter(pa.array([at not in work.reasons for at in range(len(rows))]))
    altered = Counter(target for target, at in work.altered if at not in work.reasons)
    return Converted(batch, tuple(work.rejected()), tuple(sorted(altered.items())))


def _no_columns(rows: int) -> pa.RecordBatch:
    """A batch without columns, for a table of which the target computes every column."""
    return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))


_CLASSES: dict[str, tuple[frozenset[type], pa.DataType]] = {
    "0": (frozenset({int, NoneType}), pa.int64()),
    "0.0": (frozenset({float, int, NoneType}), pa.float64()),
    "''": (frozenset({str, NoneType}), pa.string()),
    "x''": (frozenset({bytes, NoneType}), pa.binary()),
}
"""What Python values make the array that an encoding's `vector` takes; pyarrow refuses integers that a double
would round."""


def vectorised(stored: Encoding, values: Sequence[SqliteValue]) -> pa.Array:
    """A whole column converted at once. Raises NotColumnar when only single values can tell."""
    if stored.probe is None:
        raise NotColumnar("the encoding has no array form")
    classes, type = _CLASSES[stored.probe]
    if not classes.issuperset(map(builtins.type, values)):
        raise NotColumnar("values of another class")
    try:
        return stored.vector(pa.array(values, type))
    except (pa.ArrowInvalid, Misfit) as error:
        raise NotColumnar(str(error)) from error


class _Conversion:
    """Rows of one table on their way into arrays, and what the user's decisions did to them so far."""

    def __init__(self, table: TablePlan, rows: Sequence[SourceRow], origin: Origin | None) -> None:
        self._table = table
        self._rows = rows
        self._origin = origin
        self._at = {column.target: at for at, column in enumerate(table.columns)}
        self.reasons = {at: (row.reason, row.skip) for at, row in enumerate(rows) if row.reason is not None}
        """Why rows are set aside, and whether that means skipping them, by row number."""
        self._emptied = [at for at, row in enumerate(rows) if row.emptied]
        self.altered: set[tuple[str, int]] = set()
        """Values that were altered, by target column and row number."""

    def array(self, column: ColumnPlan) -> pa.Array:
        """A column of all rows; of rows set aside, NULL."""
        at = self._at[column.target]
        stored = encoding(stored_as(column), column.type)
        values = [None if row.reason is not None else row.values[at] for row in self._rows]
        for number in self._emptied:
            if column.source in self._rows[number].emptied and values[number] is not None:
                self.altered.add((column.target, number))
                values[number] = None
        try:
            return vectorised(stored, values)
        except NotColumnar:
            single = [self._value(column, stored, number, value) for number, value in enumerate(values)]
            return pa.array(single, column.type.arrow)

    def _value(self, column: ColumnPlan, stored: Encoding, number: int, value: SqliteValue) -> Canonical | None:
        if value is None or number in self.reasons:
            return None
        try:
            return stored.decode(value)
        except Misfit as misfit:
            return self._settle(column, stored, number, value, misfit)

    def _settle(
        self, column: ColumnPlan, stored: Encoding, number: int, value: SqliteValue, misfit: Misfit
    ) -> Canonical | None:
        """What becomes of a value that does not fit."""
        match column.on_invalid:
            case Resolution.NULL:
                self.altered.add((column.target, number))
                return None
            case Resolution.REPLACE if isinstance(misfit, Hazardous) and isinstance(value, str | InvalidText):
                self.altered.add((column.target, number))
                return stored.decode(repaired(value))
            case Resolution.QUARANTINE | Resolution.SKIP:
                self.reasons[number] = (rejection(column, misfit), column.on_invalid is Resolution.SKIP)
                return None
        raise _refusal(self._table, column, self._named(self._rows[number]), value, misfit)

    def rejected(self) -> Iterator[Rejected]:
        """The rows set aside, in order, as the source knows them."""
        aside = sorted(self.reasons.items())
        rows = self._known([self._rows[number] for number, _ in aside])
        for (_, (reason, skip)), row in zip(aside, rows, strict=True):
            values = {name: spelt(value) for name, value in row.values.items()}
            yield Rejected(tuple(key_value(part) for part in row.identity), reason, values, skip)

    def _known(self, rows: Sequence[SourceRow]) -> Sequence[KnownRow]:
        if self._origin is not None:
            return self._origin.rows([_number(row) for row in rows])
        names = [column.source for column in self._table.columns]
        return [KnownRow(row.identity, dict(zip(names, row.values, strict=True))) for row in rows]

    def _named(self, row: SourceRow) -> str:
        """The row's key as people may see it: when a key column is secret, none of it."""
        if any(column.secret for column in self._table.columns if column.source in self._table.key):
            return MASK
        if self._origin is not None:
            return self._origin.named(_number(row))
        return ", ".join(str(key_value(part)) for part in row.identity)


def _number(row: SourceRow) -> int:
    (number,) = row.identity
    assert isinstance(number, int)
    return number


def repaired(value: str | InvalidText) -> str:
    """Text with U+FFFD in place of NUL characters and of what is no text."""
    text = value.repaired() if isinstance(value, InvalidText) else value
    return text.replace("\0", "\ufffd")


def rejection(column: ColumnPlan, misfit: Misfit) -> str:
    """Why a row was set aside."""
    return f"{column.source}: {misfit}"


def _refusal(table: TablePlan, column: ColumnPlan, key: str, value: SqliteValue, misfit: Misfit) -> DataError:
    what = MASK if column.secret else shown(value)
    return DataError(
        f"A value cannot become {column.type}: {misfit}.",
        where=f"{table.source}.{column.source}, row {key}: {what}",
        hint="Plan again to see every such value and what can be done, or choose with --on-invalid.",
    )
