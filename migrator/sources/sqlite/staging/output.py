"""What a transform returns, chunk by chunk, on its way into the staged file.

Storage never depends on other chunks; how a column is declared is decided when all are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from migrator.errors import TransformError
from migrator.model.schema import Table
from migrator.sources.sqlite.order import NUMBER
from migrator.sources.sqlite.staging.database import Draft, PhysicalColumn
from migrator.sources.sqlite.staging.effective import Returned
from migrator.sources.sqlite.staging.forms import (
    Form,
    StoredColumn,
    Unstorable,
    declared,
    declared_decimal,
    stored,
)
from migrator.sources.sqlite.staging.originals import Originals
from migrator.sources.sqlite.staging.tables import MAX_COLUMNS
from migrator.sources.sqlite.tables import fold


@dataclass(slots=True)
class _Seen:
    """What is known of a column after some chunks. `kept` is whether it is of the type it was given throughout."""

    kept: bool
    forms: list[Form] = field(default_factory=list)
    decimals: list[pa.DataType] = field(default_factory=list)
    textual: bool = False
    """Whether a decimal is stored as its digits."""
    nulls: int = 0

    def add(self, type: pa.DataType, column: StoredColumn) -> None:
        self.forms.append(column.form)
        self.nulls += column.values.count(None)
        if column.form is Form.DECIMAL:
            self.decimals.append(type)
            self.textual |= any(isinstance(value, str) for value in column.values)

    @property
    def declared(self) -> str | None:
        """How the column is declared; None when as before."""
        if set(self.forms) - {Form.NULL} != {Form.DECIMAL}:
            return None if self.kept else declared(self.forms)
        if self.kept and not self.textual:
            return None
        return declared_decimal(self.decimals, textual=self.textual)


class Output:
    """The rows of one table, as its transform returns them."""

    def __init__(self, draft: Draft, table: Table, given: pa.Schema, originals: Originals) -> None:
        self._draft = draft
        self._table = table
        self._given = given
        self._originals = originals
        self._seen: dict[str, _Seen] = {}

    def take(self, numbers: Sequence[int], batch: pa.RecordBatch) -> None:
        """Store what the transform returned for the rows of these numbers.

        Raises:
            TransformError: It is not as many rows, not the columns of other chunks, or cannot be stored exactly.
            sqlite3.Error: The rows cannot be written.
        """
        if batch.num_rows != len(numbers):
            what = f"The transform was given {len(numbers):,} rows and returned {batch.num_rows:,}."
            raise self._error(what, self._range(numbers), "Return a row for every row given.")
        if not self._seen:
            self._create(batch.schema, self._range(numbers))
        elif sorted(batch.schema.names) != sorted(self._seen):
            what = f"The transform returned {_listed(batch.schema.names)} here, and {_listed(self._seen)} before."
            raise self._error(what, self._range(numbers), "Return the same columns for every chunk.")
        columns = [self._stored(name, numbers, batch) for name in self._seen]
        self._draft.append(self._table.name, len(columns), zip(numbers, *columns, strict=True))

    def failed(self, numbers: Sequence[int], error: TransformError) -> TransformError:
        """The transform's own failure, with the rows that it was given."""
        where = ", ".join(part for part in (self._range(numbers), error.where) if part)
        return self._error(error.what, where, error.hint)

    def finish(self) -> list[Returned]:
        """What the columns are, now that all rows are there. Raises sqlite3.Error."""
        for name, seen in self._seen.items():
            if seen.textual:
                self._draft.digits(self._table.name, name)
        return [Returned(name, seen.declared, seen.nulls) for name, seen in self._seen.items()]

    def _create(self, schema: pa.Schema, where: str) -> None:
        names = schema.names
        folded = {fold(name) for name in names}
        if not names or len(folded) < len(names) or NUMBER in folded or "\0" in "".join(names):
            what = f"The transform returned {_listed(names)}, which cannot be the columns of one table."
            raise self._error(what, where, "Return columns that each have a name, also without regard to case.")
        if len(names) > MAX_COLUMNS:
            what = f"The transform returned {len(names):,} columns, and SQLite holds {MAX_COLUMNS:,}."
            raise self._error(what, where, "Return fewer columns.")
        known = {column.name: column for column in self._table.columns}
        columns = [
            PhysicalColumn(name, collation=known[name].collation if name in known else None) for name in names
        ]
        self._draft.create(self._table.name, columns)
        self._seen = {name: _Seen(kept=name in known) for name in names}

    def _stored(self, name: str, numbers: Sequence[int], batch: pa.RecordBatch) -> list[object]:
        returned, array = batch.schema.field(name), batch.column(name)
        try:
            column = stored(returned, array)
        except Unstorable as error:
            row = "" if error.at is None else f", row {self._originals.named(numbers[error.at])}"
            raise self._error(
                f"A column that the transform returned holds {error}.",
                f"column {name}{row or f', {self._range(numbers)}'}",
                "Return values that a database column can hold, and None where no value is meant.",
            ) from error
        seen = self._seen[name]
        seen.kept = seen.kept and _same(returned, self._given.field(name))
        seen.add(returned.type, column)
        return list(column.values)

    def _range(self, numbers: Sequence[int]) -> str:
        if not numbers:
            return "no rows"
        return f"rows {self._originals.named(numbers[0])} to {self._originals.named(numbers[-1])}"

    def _error(self, what: str, where: str, hint: str) -> TransformError:
        return TransformError(what, where=f"table {self._table.name}, {where}", hint=hint)


def _same(one: pa.Field, other: pa.Field) -> bool:
    """Whether two fields are of one type, the logical one included where both tell it."""
    logical = [(each.metadata or {}).get(b"logical") for each in (one, other)]
    return one.type == other.type and (None in logical or logical[0] == logical[1])


def _listed(names: Iterable[str]) -> str:
    return f"the columns {', '.join(names) or '(none)'}"
