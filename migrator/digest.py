"""Digests of tables: one number per column and table that is equal on both sides exactly when the rows are.

Pure. Works on canonical Arrow batches in any order and any division into batches, so that neither side has
to sort. A row's hash binds its columns together, and a column's hash binds each value to its row's key, so
two values that changed places are noticed; a table without a key compares as a multiset of rows.

Each value hashes to 64 bits: fixed-width values through the SplitMix64 finaliser (Steele, Lea, Flood 2014),
variable-width ones through XXH3. NULL has a hash of its own, so it differs from every value; no separators
are involved, so `('a|b', 'c')` and `('a', 'b|c')` differ. Sums are modulo 2^64.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from migrator.model.types import Kind, LogicalType

Hashes = npt.NDArray[np.uint64]

BUCKETS = 4096
"""Rows fall into buckets by key hash; a difference is narrowed by reading only the differing buckets again."""

_NULL = np.uint64(0x9AE16A3B2F90404F)
_STEP = np.uint64(0x9E3779B97F4A7C15)


def mix(values: Hashes) -> Hashes:
    """The SplitMix64 finaliser, element by element: a bijection whose output bits all depend on all inputs."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def canonical_json(text: str) -> str:
    """One spelling for all texts of equal JSON documents: keys sorted, numbers in one form, no blanks.

    Numbers become strings that begin with U+0000, which no other string of a `json` column can contain, so
    that 1, 1.0 and 10e-1 agree and "1" differs. Of duplicate keys the last one counts, as in jsonb.

    Raises:
        ValueError: The text is no JSON document.
    """

    def number(digits: str) -> str:
        value = Decimal(digits).normalize()
        return f"\0{value if value else 0}"

    document = json.loads(text, parse_float=number, parse_int=number)
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _fixed_width(array: pa.Array, words: int) -> list[Hashes]:
    """The values' bytes as `words` arrays of 64-bit words; what is under a NULL does not matter."""
    buffer = array.buffers()[1]
    flat = np.frombuffer(buffer, dtype=np.uint64)
    whole = flat[array.offset * words : (array.offset + len(array)) * words]
    return [whole[word::words] for word in range(words)]


def _integers(array: pa.Array) -> Hashes:
    filled = array.fill_null(0) if array.null_count else array
    values: Hashes = filled.cast(pa.int64()).to_numpy(zero_copy_only=False).view(np.uint64)
    return values


def _floats(array: pa.Array) -> Hashes:
    filled = array.fill_null(0.0) if array.null_count else array
    values = filled.to_numpy(zero_copy_only=False)
    return np.where(np.isnan(values), np.float64("nan"), values).view(np.uint64)


def _bytes(array: pa.Array, kind: Kind) -> Hashes:
    """XXH3 of each distinct value, spread over the rows."""
    encoded = array.dictionary_encode()
    if kind is Kind.JSON:
        texts = encoded.dictionary.to_pylist()
        values = [canonical_json(text).encode("utf-8", "surrogatepass") for text in texts]
    else:
        values = encoded.dictionary.cast(pa.large_binary()).to_pylist()
    distinct = np.fromiter(map(xxhash.xxh3_64_intdigest, values), dtype=np.uint64, count=len(values))
    if not len(distinct):
        return np.zeros(len(array), dtype=np.uint64)
    indices: Hashes = distinct[encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)]
    return indices


_VARIABLE = frozenset({Kind.TEXT, Kind.BINARY, Kind.JSON, Kind.JSON_TEXT})


def hash_column(array: pa.Array, type: LogicalType) -> Hashes:
    """The 64-bit hash of each value of a canonical array."""
    if type.kind in _VARIABLE:
        hashes = _bytes(array, type.kind)
    elif type.kind in (Kind.DECIMAL, Kind.UUID):
        low, high = _fixed_width(array, 2)
        hashes = mix(low + _STEP) ^ mix(high ^ _STEP)
    elif type.kind is Kind.FLOAT64:
        hashes = _floats(array)
    elif type.kind in (Kind.BOOL, Kind.DATE):
        hashes = _integers(array.cast(pa.int32()))
    else:
        hashes = _integers(array)
    hashes = mix(hashes + _STEP)
    if array.null_count:
        nulls = array.is_null().to_numpy(zero_copy_only=False)
        hashes = np.where(nulls, _NULL, hashes)
    return hashes


def _combine(columns: Sequence[Hashes], rows: int) -> Hashes:
    combined = np.full(rows, _STEP, dtype=np.uint64)
    for hashes in columns:
        combined = mix(combined * _STEP + hashes)
    return combined


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table as the digest sees them; `key` holds positions, () for a table without key."""

    types: tuple[LogicalType, ...]
    key: tuple[int, ...]


@dataclass(slots=True)
class TableDigest:
    """The digest of the rows added so far."""

    layout: Layout
    rows: int = 0
    total: int = 0
    columns: list[int] = field(default_factory=list)
    buckets: Hashes = field(default_factory=lambda: np.zeros(BUCKETS, dtype=np.uint64))

    def add(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a canonical batch whose columns are those of the layout, in order."""
        rows, keys, columns = row_hashes(batch, self.layout)
        self.columns = self.columns or [0] * len(columns)
        self.rows += batch.num_rows
        self.total = (self.total + int(rows.sum(dtype=np.uint64))) % 2**64
        bind = keys if self.layout.key else np.uint64(0)
        for position, hashes in enumerate(columns):
            bound = int(mix(hashes ^ bind).sum(dtype=np.uint64))
            self.columns[position] = (self.columns[position] + bound) % 2**64
        np.add.at(self.buckets, bucket_of(keys), rows)

    @property
    def hexadecimal(self) -> str:
        """24 digits: 16 of the rows' sum, 8 of their number."""
        return f"{self.total:016x}{self.rows % 2**32:08x}"

    def differing_columns(self, other: TableDigest) -> tuple[int, ...]:
        """Positions of the columns whose values differ, as far as the keys agree."""
        if len(self.columns) != len(other.columns):
            return tuple(range(max(len(self.columns), len(other.columns))))
        pairs = enumerate(zip(self.columns, other.columns, strict=True))
        return tuple(position for position, (mine, theirs) in pairs if mine != theirs)

    def differing_buckets(self, other: TableDigest) -> npt.NDArray[np.int64]:
        """The buckets in which rows differ."""
        return np.flatnonzero(self.buckets != other.buckets)


def row_hashes(batch: pa.RecordBatch, layout: Layout) -> tuple[Hashes, Hashes, list[Hashes]]:
    """Per row: the hash of the whole row, the hash of its key (of the whole row without a key); and the
    hashes of each column."""
    columns = [hash_column(array, type) for array, type in zip(batch.columns, layout.types, strict=True)]
    rows = _combine(columns, batch.num_rows)
    keys = _combine([columns[position] for position in layout.key], batch.num_rows) if layout.key else rows
    return rows, keys, columns


def bucket_of(keys: Hashes) -> npt.NDArray[np.int64]:
    """The bucket of each key hash: its top bits."""
    return (keys >> np.uint64(64 - BUCKETS.bit_length() + 1)).astype(np.int64)
