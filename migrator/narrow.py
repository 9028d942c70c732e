"""Narrow a difference between two tables down to rows and columns.

Only the rows of differing buckets are kept in memory, and of those a bounded number, so a table of any size
can be narrowed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from migrator.digest import Layout, bucket_of, row_hashes
from migrator.model.plan import TablePlan
from migrator.model.result import Mismatch
from migrator.model.secrets import MASK, is_secret

Rows = dict[int, list[tuple[int, pa.RecordBatch, int]]]
"""Key hash → (row hash, batch, position) of the rows that have it."""

MAX_BUCKETS = 16
"""How many differing buckets are looked into; in a table of a million rows that is about 4,000 rows."""
MAX_SHOWN = 20
"""How many differences are named per table."""
_LONGEST = 60


def differing_rows(
    table: TablePlan,
    layout: Layout,
    buckets: npt.NDArray[np.int64],
    source: Callable[[], Iterable[pa.RecordBatch]],
    target: Callable[[], Iterable[pa.RecordBatch]],
) -> Iterator[Mismatch]:
    """The first differences found in the differing buckets, at most `MAX_SHOWN`."""
    wanted = buckets[:MAX_BUCKETS]
    mine = _collect(source(), layout, wanted)
    theirs = _collect(target(), layout, wanted)
    found = _differences(table, layout, mine, theirs)
    for shown, mismatch in enumerate(found):
        if shown == MAX_SHOWN:
            yield Mismatch(table.name, "digest", "There are more differences; these are the first ones.")
            return
        yield mismatch


def _collect(batches: Iterable[pa.RecordBatch], layout: Layout, buckets: npt.NDArray[np.int64]) -> Rows:
    rows: Rows = {}
    for batch in batches:
        hashes, keys, _ = row_hashes(batch, layout)
        positions = np.flatnonzero(np.isin(bucket_of(keys), buckets))
        if not len(positions):
            continue
        kept = batch.take(pa.array(positions))
        for index, position in enumerate(positions):
            rows.setdefault(int(keys[position]), []).append((int(hashes[position]), kept, index))
    return rows


def _differences(table: TablePlan, layout: Layout, mine: Rows, theirs: Rows) -> Iterator[Mismatch]:
    for key in [*mine, *(key for key in theirs if key not in mine)]:
        left, right = mine.get(key, []), theirs.get(key, [])
        if Counter(row[0] for row in left) == Counter(row[0] for row in right):
            continue
        if layout.key and len(left) == len(right) == 1:
            yield from _differing_values(table, layout, left[0], right[0])
        elif len(left) > len(right):
            yield _whole_row(
                table, layout, left[0], "is in the source but not in the target", len(left), len(right)
            )
        else:
            yield _whole_row(
                table, layout, right[0], "is in the target but not in the source", len(left), len(right)
            )


def _differing_values(
    table: TablePlan,
    layout: Layout,
    left: tuple[int, pa.RecordBatch, int],
    right: tuple[int, pa.RecordBatch, int],
) -> Iterator[Mismatch]:
    pair = [batch.slice(position, 1) for _, batch, position in (left, right)]
    hashes = [row_hashes(row, layout)[2] for row in pair]
    for position, column in enumerate(table.columns):
        if hashes[0][position][0] == hashes[1][position][0]:
            continue
        source, target = (_text(row, position, column.secret) for row in pair)
        yield Mismatch(
            table.name,
            "digest",
            f"{column.target} is {source} in the source, {target} in the target.",
            column=column.target,
            key=_key(table, layout, pair[0]),
            source=source,
            target=target,
        )


def _whole_row(
    table: TablePlan,
    layout: Layout,
    row: tuple[int, pa.RecordBatch, int],
    what: str,
    in_source: int,
    in_target: int,
) -> Mismatch:
    batch = row[1].slice(row[2], 1)
    times = (
        f" ({in_source} times in the source, {in_target} in the target)" if max(in_source, in_target) > 1 else ""
    )
    if layout.key:
        return Mismatch(table.name, "digest", f"A row {what}{times}.", key=_key(table, layout, batch))
    values = ", ".join(
        f"{column.target}={_text(batch, position, column.secret)}" for position, column in enumerate(table.columns)
    )
    return Mismatch(table.name, "digest", f"The row ({values[:400]}) {what}{times}.")


def _key(table: TablePlan, layout: Layout, row: pa.RecordBatch) -> tuple[str, ...]:
    return tuple(
        _text(row, position, table.columns[position].secret or is_secret(table.columns[position].source))
        for position in layout.key
    )


def _text(row: pa.RecordBatch, position: int, secret: bool) -> str:
    """One value as a person would write it, shortened; NULL as NULL."""
    scalar = row.column(position)[0]
    if not scalar.is_valid:
        return "NULL"
    if secret:
        return MASK
    # Temporal values as text by Arrow itself: Python's types end at the year 9999.
    shown = scalar.cast(pa.string()) if pa.types.is_temporal(scalar.type) else scalar
    value = shown.as_py()
    text = (
        f"x'{value.hex()}'" if isinstance(value, bytes) else repr(value) if isinstance(value, str) else str(value)
    )
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"
