"""A table of an open database: what it is like, and its rows as Python objects, Arrow batches or a DataFrame.

Part of the public reader. Everything it gives is read from the file when asked for; it never writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from migrator.errors import SourceError
from migrator.sources.access import schema
from migrator.sources.access.catalog import Entry
from migrator.sources.access.complexes import ComplexColumn
from migrator.sources.access.decoding import Codec
from migrator.sources.access.properties import Properties, Value
from migrator.sources.access.schema import Column, Index
from migrator.sources.access.stored import StoredTable
from migrator.sources.access.types import Type

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS = 50_000
MAX_BYTES = 32 << 20


@dataclass(frozen=True)
class Table:
    """A table. `declared_rows` is the count that the file keeps; damage or a crash can make it untrue."""

    stored: StoredTable
    entry: Entry
    all_properties: Properties
    find_complex: Callable[[StoredTable, Codec], ComplexColumn]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.stored.name

    @property
    def hidden(self) -> bool:
        """Whether a user has hidden it."""
        return self.entry.hidden

    @property
    def system(self) -> bool:
        """Whether it belongs to Access."""
        return self.entry.system or self.stored.definition.system

    @property
    def declared_rows(self) -> int:
        """How many rows the file says there are."""
        return self.stored.definition.rows

    @property
    def properties(self) -> Mapping[str, Value]:
        """The table's own properties."""
        return self.all_properties.own

    @property
    def description(self) -> str | None:
        """What the table is, for its users."""
        value = self.properties.get("Description")
        return value if isinstance(value, str) and value else None

    @property
    def validation_rule(self) -> str | None:
        """The expression that rows must satisfy."""
        return self._text("ValidationRule")

    @property
    def validation_text(self) -> str | None:
        """What Access says about rows that do not."""
        return self._text("ValidationText")

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in the order of the table's design."""
        unit = self.stored.pages.form.unit
        return tuple(
            schema.column(codec, self.all_properties.of(codec.stored.name), unit) for codec in self.stored.codecs
        )

    @cached_property
    def indexes(self) -> tuple[Index, ...]:
        """The indexes."""
        return schema.indexes(self.stored.definition, self.name, self.stored.pages)

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the primary key, none if there is no key."""
        return next((tuple(c.name for c in index.columns) for index in self.indexes if index.primary), ())

    @property
    def next_autonumber(self) -> int | None:
        """The number that the next row would get; None without AutoNumber, or if it gives random ones."""
        if not any(c.autonumber and c.type is Type.LONG and not c.random_autonumber for c in self.columns):
            return None
        return self.stored.definition.last_autonumber + self.stored.definition.autonumber_step

    def complex(self, column: str) -> ComplexColumn:
        """What lies behind a complex column: attachments, several values, or versions.

        Raises:
            SourceError: The table has no complex column of the name.
        """
        (codec,) = self._codecs([column])
        if codec.type is not Type.COMPLEX:
            raise SourceError(
                "The column is not a complex one.", where=f"{self.name}.{column}", hint="Read it with rows()."
            )
        return self.find_complex(self.stored, codec)

    def arrow_schema(self, columns: Sequence[str] | None = None) -> pa.Schema:
        """The schema of `batches`. A field's metadata has the Access type under `access_type`."""
        return pa.schema([_field(codec) for codec in self._codecs(columns)])

    def batches(
        self, columns: Sequence[str] | None = None, *, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES
    ) -> Iterator[pa.RecordBatch]:
        """The rows in on-disk order, in batches of at most `max_rows` rows and about `max_bytes` bytes, but at
        least one row.

        A complex column gives the number by which `complex(…).rows()` tells its values; GUIDs are 16 bytes in
        the order of RFC 9562; Date/Time Extended is ISO 8601 text, as Arrow has no unit of 100 ns.

        Raises:
            SourceError: The table has no column of a name.
            SourceDamagedError: The file is damaged where the rows lie.
            DataError: A text is no valid Unicode.
        """
        codecs = self._codecs(columns)
        kind = self.arrow_schema(columns)
        for batch in self.stored.batches(codecs, max_rows, max_bytes):
            yield batch.cast(kind)

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[tuple[Any, ...]]:
        """The rows in on-disk order as tuples: `bool`, `int`, `float`, `Decimal`, `datetime`, `str`, `bytes`,
        `uuid.UUID`, None; Date/Time Extended as ISO 8601 text; complex columns as tuples of their values.

        Memory is bounded but for the values of complex columns, which are all held while rows are read: leave
        them out, and read `complex(…).rows()`, where attachments are many.

        Raises:
            SourceError: The table has no column of a name.
            SourceDamagedError: The file is damaged where the rows lie.
        """
        codecs = self._codecs(columns)
        behind = {
            at: self.find_complex(self.stored, codec).by_number()
            for at, codec in enumerate(codecs)
            if codec.type is Type.COMPLEX
        }
        rows = self.stored.rows(codecs)
        return (_resolved(row, behind) for row in rows) if behind else rows

    def to_arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The whole table in memory."""
        return pa.Table.from_batches(self.batches(columns), self.arrow_schema(columns))

    def to_pandas(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The whole table as a DataFrame; whole numbers and Yes/No stay so with NULLs among them."""
        import pandas as pd

        nullable = {
            pa.int16(): pd.Int16Dtype(),
            pa.int32(): pd.Int32Dtype(),
            pa.int64(): pd.Int64Dtype(),
            pa.bool_(): pd.BooleanDtype(),
        }
        frame: pd.DataFrame = self.to_arrow(columns).to_pandas(types_mapper=nullable.get)
        return frame

    def _text(self, name: str) -> str | None:
        """A property of the table that is text and not blank."""
        value = self.properties.get(name)
        return value if isinstance(value, str) and value.strip() else None

    def _codecs(self, columns: Sequence[str] | None) -> list[Codec]:
        if columns is None:
            return list(self.stored.codecs)
        known = {codec.stored.name.casefold(): codec for codec in self.stored.codecs}
        for name in columns:
            if name.casefold() not in known:
                raise SourceError(
                    "The table has no such column.",
                    where=f"{self.name}.{name}",
                    hint=f"It has {', '.join(codec.stored.name for codec in known.values())}.",
                )
        return [known[name.casefold()] for name in columns]


def _field(codec: Codec) -> pa.Field:
    name = codec.type.name.lower() if codec.type is not None else f"unknown_{codec.stored.code:02x}"
    return pa.field(codec.stored.name, codec.arrow, metadata={"access_type": name})


def _resolved(row: tuple[Any, ...], behind: Mapping[int, Mapping[int, tuple[Any, ...]]]) -> tuple[Any, ...]:
    """A row with the values of complex columns in place of their numbers."""
    return tuple(behind[at].get(value, ()) if at in behind else value for at, value in enumerate(row))
