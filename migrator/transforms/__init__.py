"""Stage: the user's transforms, Python functions that get a table's rows as a pandas DataFrame and return one.

It describes a transform for the plan, and makes it a function from batch to batch for a source. It never runs
another content of the file than the plan was made with, and lets no value change on the way to pandas or back.

# What the function gets

A DataFrame of its own for each chunk of the table, with the columns by name and an index that counts from 0.
Every column has the `pd.ArrowDtype` of its values, so that integers and booleans with NULLs stay what they are
and NULL (`pd.NA`), NaN and '' stay three things:

| values | dtype | as a single value |
| --- | --- | --- |
| bool | `bool[pyarrow]` | `bool` |
| integers | `int16[pyarrow]`, `int32[pyarrow]`, `int64[pyarrow]` | `int` |
| floats | `double[pyarrow]` | `float` |
| decimals | `decimal128(p, s)[pyarrow]` | `decimal.Decimal` |
| text, JSON documents | `string[pyarrow]` | `str` |
| binary | `binary[pyarrow]` | `bytes` |
| dates, times | `date32[day][pyarrow]`, `time64[us][pyarrow]` | `datetime.date`, `datetime.time` |
| timestamps | `timestamp[us][pyarrow]`, `timestamp[us, tz=UTC][pyarrow]` | `pd.Timestamp`, years 1 to 9999 |
| UUIDs | `object` | `uuid.UUID`, and None for NULL |

# What it returns

A DataFrame with a row for every row given, in the same order; its index is ignored. Columns may be left out,
added, and of any dtype: Arrow's, pandas' own, NumPy's, categories, or `object` with Python values of one type,
among which None, `pd.NA`, `NaT` and NaN are NULL. `uuid.UUID` makes a UUID, a `dict` or `list` a JSON document.
`migrator.transforms.columns` says which type each becomes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from migrator.errors import ConfigurationError
from migrator.model.rules import Transform, Transformer
from migrator.model.secrets import is_secret
from migrator.transforms.code import UserFunction, content_of, imported


def describe(file: Path, function: str) -> Transform:
    """What the plan says about the function in the file, after seeing that it can be imported.

    Raises:
        ConfigurationError: The file is missing or cannot be imported, or has no such function.
    """
    path = file.expanduser().resolve()
    content = content_of(path)
    imported(path, content, function)
    return Transform(str(path), function, _digest(content))


def load(transform: Transform) -> Transformer:
    """The transform, ready to be called, one call at a time. It raises TransformError when the function raises
    or returns what cannot be used; its place is the function's, and the caller knows which rows it was given.

    Raises:
        ConfigurationError: The file is missing or cannot be imported, or is another one than was described.
    """
    path = Path(transform.file)
    content = content_of(path)
    if _digest(content) != transform.digest:
        raise ConfigurationError(
            "The transform's file is not the one that the plan was made with.",
            where=str(path),
            hint="Make the plan again, or restore the file as it was.",
        )
    return _Applied(imported(path, content, transform.function))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class _Applied:
    """A transform as a function from batch to batch."""

    function: UserFunction

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        from migrator.transforms import frames  # pandas takes a while to import, and most runs do without

        # An exception's message may quote the row it was raised for.
        discreet = any(map(is_secret, batch.schema.names))
        returned = self.function.call(frames.frame_of(batch), discreet=discreet)
        return frames.batch_of(returned, batch, self.function.place)


__all__ = ["describe", "load"]
