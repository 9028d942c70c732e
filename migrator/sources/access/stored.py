"""Stored tables: the rows of a table by its definition, as blocks, Arrow batches or Python tuples.

Both the catalogue and users' tables are read through here. A table knows nothing of properties other than the
result types of calculated columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from migrator.sources.access import decoding, longvalues, usage
from migrator.sources.access.blocks import Block, Ints, blocks
from migrator.sources.access.decoding import Codec
from migrator.sources.access.definitions import Definition, StoredColumn
from migrator.sources.access.pages import Pages
from migrator.sources.access.text import Encoding
from migrator.sources.access.types import Type

MAX_SCALE = 28


@dataclass(frozen=True)
class StoredTable:
    """A table of a file. `results` gives the type codes of calculated columns' results by column name."""

    pages: Pages
    name: str
    definition: Definition
    encoding: Encoding
    results: Mapping[str, int]

    @cached_property
    def codecs(self) -> tuple[Codec, ...]:
        """How each column is decoded, in the order of the definition."""
        return tuple(self._codec(column) for column in self.definition.columns)

    def _codec(self, column: StoredColumn) -> Codec:
        code = self.results.get(column.name, column.code) if column.calculated else column.code
        kind = Type(code) if code in _KNOWN else None
        if kind is Type.DECIMAL and column.scale > MAX_SCALE and not column.calculated:
            place = self.pages.at(self.definition.page, f"column {column.name!r} of table {self.name!r}")
            place.damaged(f"The column has {column.scale} digits behind the point; {MAX_SCALE} is the most.")
        return Codec(column, kind, self.encoding)

    def has(self, name: str) -> bool:
        """Whether there is a column of a name."""
        return any(codec.stored.name == name for codec in self.codecs)

    def _known(self, name: str, kinds: Collection[Type]) -> Codec:
        """How a column of a system table is decoded, whose name and type never change."""
        found = next((codec for codec in self.codecs if codec.stored.name == name), None)
        if found is None or found.type not in kinds or found.stored.calculated:
            place = self.pages.at(self.definition.page, f"table {self.name!r}")
            place.damaged(f"The system table has no column {name!r} of the type that Access gives it.")
        return found

    def page_numbers(self) -> Ints:
        """The data pages of the table, in the order in which they are read."""
        return usage.owned(self.pages, self.definition.owned)

    def blocks(self) -> Iterator[Block]:
        """The table's rows, some pages at a time.

        Raises:
            SourceDamagedError: A page or a row on it cannot be what it should be.
        """
        yield from blocks(self.pages, self.name, self.definition.page, self.page_numbers())

    def parts(self, codecs: Sequence[Codec], max_rows: int, max_bytes: int) -> Iterator[Block]:
        """The table's rows in blocks of at most `max_rows` rows and about `max_bytes` bytes of values, but at
        least one row."""
        for block in self.blocks():
            start = 0
            for stop in _cuts(_sizes(block, codecs), max_rows, max_bytes):
                yield block[start:stop]
                start = stop

    def batches(self, codecs: Sequence[Codec], max_rows: int, max_bytes: int) -> Iterator[pa.RecordBatch]:
        """Arrow batches of some columns."""
        kind = pa.schema([(codec.stored.name, codec.arrow) for codec in codecs])
        for block in self.parts(codecs, max_rows, max_bytes):
            arrays = [decoding.array(codec, block) for codec in codecs]
            yield pa.RecordBatch.from_arrays(arrays, schema=kind)

    def rows(
        self, codecs: Sequence[Codec], max_rows: int = 4096, max_bytes: int = 8 << 20
    ) -> Iterator[tuple[Any, ...]]:
        """Rows of some columns as Python objects."""
        for block in self.parts(codecs, max_rows, max_bytes):
            yield from zip(*(decoding.objects(codec, block) for codec in codecs), strict=True)

    def records(self, columns: Mapping[str, Collection[Type]]) -> Iterator[tuple[Any, ...]]:
        """Rows of some columns of a system table, given by name with the types that they may have.

        Raises:
            SourceDamagedError: There is no such column, or it has another type.
        """
        return self.rows([self._known(name, kinds) for name, kinds in columns.items()])


_KNOWN = frozenset(Type)


def _sizes(block: Block, codecs: Sequence[Codec]) -> Ints:
    """About how many bytes the values of each row have."""
    sizes = block.ends - block.starts
    for codec in codecs:
        if codec.type is not None and codec.type.long_value:
            sizes = sizes + longvalues.lengths(decoding.located(codec, block))
    return sizes


def _cuts(sizes: Ints, max_rows: int, max_bytes: int) -> Iterator[int]:
    """Where to cut rows of the given sizes, the end included."""
    total = np.cumsum(sizes)
    start, before = 0, 0
    while start < len(sizes):
        fitting = int(np.searchsorted(total, before + max_bytes, side="right"))
        start = min(max(fitting, start + 1), start + max_rows, len(sizes))
        before = int(total[start - 1])
        yield start
