"""Batches as DataFrames, and DataFrames as batches.

The frame shares no memory that can be written with the batch. What comes back is taken by position, never by
its index.
"""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

import pandas as pd
import pyarrow as pa

from migrator.errors import TransformError
from migrator.model.types import Kind
from migrator.transforms.canonical import Column, Unusable, type_of
from migrator.transforms.columns import column_of


def frame_of(batch: pa.RecordBatch) -> pd.DataFrame:
    """A canonical batch as the DataFrame that `migrator.transforms` describes."""
    columns = {field.name: _series(Column(array, type_of(field))) for field, array in _fields(batch)}
    return pd.DataFrame(columns, index=pd.RangeIndex(batch.num_rows))


def _fields(batch: pa.RecordBatch) -> zip[tuple[pa.Field, pa.Array]]:
    return zip(batch.schema, batch.columns, strict=True)


def _series(column: Column) -> pd.Series[Any]:
    if column.type.kind is Kind.UUID:
        # Arrow's pandas type for 16 bytes shows bytes, with which nobody can look a UUID up.
        values = [None if value is None else uuid.UUID(bytes=value) for value in column.array.to_pylist()]
        return pd.Series(values, dtype=object)
    return pd.Series(pd.arrays.ArrowExtensionArray(column.array))


def batch_of(returned: object, given: pa.RecordBatch, place: str) -> pa.RecordBatch:
    """What a transform made of the given batch, as a canonical batch. `place` says which transform.

    Raises:
        TransformError: It is no DataFrame of as many rows with a name for every column, or a column holds what
            no type can hold.
    """
    frame = _frame(returned, given.num_rows, place)
    before = {field.name: Column(array, type_of(field)) for field, array in _fields(given)}
    columns = {
        label: _column(frame.iloc[:, at], label, before.get(label), place)
        for at, label in enumerate(_labels(frame, place))
    }
    schema = pa.schema([column.field(label) for label, column in columns.items()])
    return pa.RecordBatch.from_arrays([column.array for column in columns.values()], schema=schema)


def _frame(returned: object, rows: int, place: str) -> pd.DataFrame:
    if not isinstance(returned, pd.DataFrame):
        cls = type(returned)
        module = "" if cls.__module__ == "builtins" else f"{cls.__module__}."
        kind = "nothing" if returned is None else f"{module}{cls.__qualname__}"
        raise TransformError(
            f"The transform returned {kind} instead of a pandas DataFrame.",
            where=place,
            hint="Return the DataFrame, also when it was changed in place.",
        )
    if len(returned) != rows:
        raise TransformError(
            f"The transform was given {rows:,} rows and returned {len(returned):,}.",
            where=place,
            hint="Return a row for every row given. To leave rows out, give the table a `where`.",
        )
    if _reordered(returned):
        raise TransformError(
            "The transform returned the rows in another order.",
            where=place,
            hint="Leave the rows where they are: each is matched with the source's row in its place.",
        )
    return returned


def _reordered(frame: pd.DataFrame) -> bool:
    """Whether the index, which counted from 0 when the frame was handed over, is the same one in disorder. One
    that the user replaced says nothing."""
    counted = pd.RangeIndex(len(frame))
    return not frame.index.equals(counted) and frame.index.nlevels == 1 and set(frame.index) == set(counted)


def _labels(frame: pd.DataFrame, place: str) -> list[str]:
    labels = list(frame.columns)
    others = [type(label).__name__ for label in labels if not isinstance(label, str)]
    twice = [label for label, count in Counter(labels).items() if count > 1]
    if others:
        wrong = f"a column that has no name but a label of type {others[0]}"
    elif twice:
        wrong = f"{Counter(labels)[twice[0]]} columns called {twice[0]!r}"
    elif not labels:
        wrong = "a DataFrame without columns"
    else:
        return [str(label) for label in labels]
    raise TransformError(
        f"The transform returned {wrong}.", where=place, hint="Return columns that each have a name of their own."
    )


def _column(series: pd.Series[Any], label: str, given: Column | None, place: str) -> Column:
    try:
        return column_of(series, given)
    except Unusable as error:
        raise TransformError(
            f"A column that the transform returned {error.what}.",
            where=f"column {label}, {place}",
            hint=error.hint,
        ) from error
