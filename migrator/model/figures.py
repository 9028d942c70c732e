"""The reconciliation figures: what each engine computes by itself about a column, and in which form.

Source and target compute these with their own SQL and share no conversion code; the verifier only compares
for equality. A side leaves out a figure it cannot compute exactly; only figures both sides give are compared.
Of no values, counts are 0 and minima, maxima, sums, `length` and `octets` are None.

Canonical forms (all sums are exact Python integers, however the engine had to compute them):

| figure | of | form |
| --- | --- | --- |
| `values` | every column | number of non-NULL values |
| `nulls` | every column | number of NULLs |
| `distinct` | every kind but JSON and float | number of distinct non-NULL values, text and binary by bytes |
| `true` | bool | number of true values |
| `min`, `max`, `sum` | integers | integers |
| `min`, `max` | float | shortest text that reads back to the same double, as Python's `repr`; -0.0 as 0.0 |
| `sum` | float | `"<hi>:<lo>"`, see `float_scale` |
| `infinite` | float | number of infinite values; they are left out of the other float figures |
| `min`, `max`, `sum` | decimal | unscaled integers: the value times 10^scale |
| `min`, `max` | date | days since 1970-01-01 (negative before) |
| `min`, `max`, `sum` | time | microseconds since midnight |
| `min`, `max`, `sum` | timestamp, timestamptz | microseconds since 1970-01-01 00:00 (UTC) |
| `sum` | date | the same, in days |
| `min`, `max` | text | the text, ordered by UTF-8 bytes |
| `length` | text, JSON text | sum of characters (code points) |
| `octets` | text, JSON text, binary | sum of bytes, text in UTF-8 |
| `empty` | text, binary | number of values of length 0 |
| `blank-ended` | text | number of values that start or end with a blank (U+0020) |
| `min`, `max` | binary | upper-case hexadecimal of the first 32 bytes of the least and greatest value |
| `hash` | text, JSON text, binary | when asked for: sum of `hash_head`, text in UTF-16LE without BOM |
| `min`, `max` | uuid | lower-case text with hyphens |
| `objects`, `arrays` | JSON, JSON text | number of documents that are an object, an array |
"""

from __future__ import annotations

import hashlib
import math

HASH_HEAD = 7
"""Bytes of a hash that count: the sum of 2^70 such numbers still fits into 38 decimal digits."""


def hash_head(octets: bytes) -> int:
    """The first bytes of the SHA-256 of a value as an unsigned number, the most significant byte first. SQL Server
    has it as `HASHBYTES('SHA2_256', …)`: https://learn.microsoft.com/sql/t-sql/functions/hashbytes-transact-sql"""
    return int.from_bytes(hashlib.sha256(octets).digest()[:HASH_HEAD], "big")


def float_scale(largest: float) -> int:
    """The exponent `e` for the exact sum of a float column whose largest finite magnitude is `largest`.

    Each engine computes `y = x * 2^e` (exact: only the exponent changes), `hi = trunc(y)` (at most 2^52) and
    `lo = trunc((y - hi) * 2^52)`, and sums `hi` and `lo` as integers. Both engines do IEEE 754 arithmetic, so
    equal columns give equal sums in any order. `e` is 0 for 0.
    """
    if largest == 0.0:
        return 0
    return 52 - math.frexp(largest)[1]
