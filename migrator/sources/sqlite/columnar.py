"""The columnar lane: Arrow arrays straight from SQLite through ADBC, converted whole.

ADBC infers each column's type from the values it meets and widens silently, so a row of literals of the
expected classes goes first and is dropped again, and any other type than expected refuses the chunk. What
ADBC changes without a trace is kept out by `guards` before a table takes this lane. Results equal those of
the per-value lane; where this lane cannot tell, it raises NotColumnar and the other one reads the chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import adbc_driver_sqlite.dbapi
import numpy as np
import pyarrow as pa
from adbc_driver_manager import Error
from adbc_driver_sqlite import StatementOptions

from migrator.model.plan import ColumnPlan, arrow_schema
from migrator.sources.sqlite.connection import attach, read_only
from migrator.sources.sqlite.encodings import Misfit, NotColumnar, encoding, stored_as
from migrator.sources.sqlite.storage import Affinity
from migrator.sources.sqlite.values import quote


def vectorisable(columns: Sequence[ColumnPlan]) -> bool:
    """Whether every column's encoding converts whole arrays."""
    return all(encoding(stored_as(column), column.type).probe is not None for column in columns)


def guards(columns: Sequence[ColumnPlan], affinities: Sequence[Affinity]) -> list[str]:
    """SQL conditions that are true for values which ADBC would hand over changed. Where the column's affinity
    rules such values out, there is none."""
    found = []
    for column, affinity in zip(columns, affinities, strict=True):
        stored = encoding(stored_as(column), column.type)
        guard = stored.guard(quote(column.source))
        settled = (stored.probe == "''" and affinity is Affinity.TEXT) or (
            stored.probe == "0.0" and affinity is Affinity.REAL
        )
        if guard and not settled:
            found.append(guard)
    return found


class ColumnarReader:
    """A second, read-only connection to the snapshot, or to a staged file over the snapshot `beneath` it."""

    def __init__(self, snapshot: Path, beneath: Path | None = None) -> None:
        self._connection = adbc_driver_sqlite.dbapi.connect(read_only(snapshot))
        if beneath is not None:
            with self._connection.cursor() as cursor:
                cursor.execute(attach(beneath))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def read(
        self, columns: Sequence[ColumnPlan], number: str, rows: str, limit: int
    ) -> tuple[pa.RecordBatch, int] | None:
        """At most `limit` rows as a batch of `columns`, and the last row's number; None when there is no row.
        `rows` is SQL from `FROM` to `ORDER BY`, and `number` the row number by which it orders.

        Raises:
            NotColumnar: Only the per-value lane can read these rows.
        """
        stored = [encoding(stored_as(column), column.type) for column in columns]
        probes = ", ".join(["0", *(str(each.probe) for each in stored)])
        names = ", ".join([number, *(quote(column.source) for column in columns)])
        # The inner LIMIT keeps SQLite from merging the SELECTs, and with it the order of rows.
        query = f"SELECT {probes} UNION ALL SELECT * FROM (SELECT {names} {rows} LIMIT {limit})"
        found = self._fetch(query, limit + 1).slice(1)
        if not found.num_rows:
            return None
        numbers = _whole(found.column(0)).to_numpy()
        if not np.all(np.diff(numbers) > 0):
            raise NotColumnar("the rows came out of order")
        arrays = [_whole(found.column(at)) for at in range(1, found.num_columns)]
        try:
            vectors = [each.vector(array) for each, array in zip(stored, arrays, strict=True)]
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, Misfit) as error:
            raise NotColumnar(str(error)) from error
        return pa.RecordBatch.from_arrays(vectors, schema=arrow_schema(tuple(columns))), int(numbers[-1])

    def _fetch(self, query: str, rows: int) -> pa.Table:
        with self._connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{StatementOptions.BATCH_ROWS.value: str(rows)})
            try:
                cursor.execute(query)
                return cursor.fetch_arrow_table()
            except (Error, OSError) as error:
                raise NotColumnar(str(error)) from error


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
