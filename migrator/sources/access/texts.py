"""Whole columns of text at once, where every value is plain ASCII: the common case, and the only fast one.

What is not plain ASCII goes through `text`, value by value. Both give the same strings.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from migrator.sources.access.blocks import Ints, Values, ranges
from migrator.sources.access.pages import Bytes
from migrator.sources.access.text import COMPRESSED, Encoding, Utf16

_MOST = 1 << 31
"""Bytes that the offsets of an Arrow string array can tell."""


def ascii_only(values: Values, encoding: Encoding) -> pa.Array | None:
    """The strings of a column as Arrow keeps them, if all are ASCII and stored in one byte for
    a character; else None. NULL takes no bytes."""
    starts = np.where(values.valid, values.starts, 0)
    sizes = np.where(values.valid, values.ends - values.starts, 0)
    wide = isinstance(encoding, Utf16)
    if wide:
        heads = values.block.numbers_at(starts, "<u2")
        marked = (sizes >= 2) & (heads == int.from_bytes(COMPRESSED, "little"))
        if not (marked | (sizes == 0)).all():
            return None
        starts, sizes = starts + 2 * marked, sizes - 2 * marked
    if int(sizes.sum()) >= _MOST:
        return None
    body = values.block.data[ranges(starts, sizes)]
    # A zero byte switches between one and two bytes for a character in compressed text.
    if body.size and (int(body.max()) >= 0x80 or (wide and not body.all())):
        return None
    return _strings(values, sizes, body)


def _strings(values: Values, sizes: Ints, body: Bytes) -> pa.Array:
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]).astype(np.int32)
    valid = None if values.valid.all() else pa.py_buffer(np.packbits(values.valid, bitorder="little"))
    return pa.Array.from_buffers(pa.string(), len(sizes), [valid, pa.py_buffer(offsets), pa.py_buffer(body)])
