"""Whole columns of text at once: all ASCII, the common case, or UTF-16 without what takes more than one unit.

What is neither goes through `text`, value by value. All give the same strings.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from migrator.sources.access.blocks import Ints, Values, ranges
from migrator.sources.access.pages import Bytes
from migrator.sources.access.text import COMPRESSED, Encoding, Utf16

_MOST = 1 << 31
"""Bytes that the offsets of an Arrow string array can tell."""

_Units = npt.NDArray[np.uint16]
"""UTF-16, one number for a unit."""


def at_once(values: Values, encoding: Encoding) -> pa.Array | None:
    """The strings of a column as Arrow keeps them, if they are simple enough; else None. NULL takes no bytes."""
    starts = np.where(values.valid, values.starts, 0)
    sizes = np.where(values.valid, values.ends - values.starts, 0)
    if not isinstance(encoding, Utf16):
        return _ascii(values, sizes, values.block.data[ranges(starts, sizes)])
    heads = values.block.numbers_at(starts, "<u2")
    marked = (sizes >= 2) & (heads == int.from_bytes(COMPRESSED, "little"))
    starts, sizes = starts + 2 * marked, sizes - 2 * marked
    if (marked | (sizes == 0)).all():
        body = values.block.data[ranges(starts, sizes)]
        # A zero byte switches between one and two bytes for a character in compressed text.
        if not body.all():
            return None
        found = _ascii(values, sizes, body)
        if found is not None:
            return found
    if (sizes[~marked] % 2).any():
        return None
    counts = np.where(marked, sizes, sizes // 2)
    units = _units(values.block.data, starts, counts, marked)
    return None if units is None else _utf8(values, counts, units)


def _units(data: Bytes, starts: Ints, counts: Ints, marked: npt.NDArray[np.bool_]) -> _Units | None:
    """The units of all values, one value after the other; None if compressed ones change their width."""
    if not marked.any():
        bytes_of: _Units = data[ranges(starts, counts * 2)].view("<u2")
        return bytes_of
    places = np.repeat(starts, counts) + _within(counts) * np.repeat(np.where(marked, 1, 2), counts)
    narrow = np.repeat(marked, counts)
    low = data[places].astype(np.uint16)
    if not low[narrow].all():
        return None
    found: _Units = low | np.where(narrow, 0, data[np.where(narrow, 0, places + 1)].astype(np.uint16) << 8)
    return found.astype("<u2")


def _within(counts: Ints) -> Ints:
    return ranges(np.zeros_like(counts), counts)


def _utf8(values: Values, counts: Ints, units: _Units) -> pa.Array | None:
    """The strings of UTF-16; None where surrogates are, of which two make a character or none is one."""
    if ((units & 0xF800) == 0xD800).any():
        return None
    ends = np.cumsum(counts)
    octets = np.concatenate([np.zeros(1, np.int64), np.cumsum(1 + (units >= 0x80) + (units >= 0x800))])
    sizes = octets[ends] - octets[ends - counts]
    if int(octets[-1]) >= _MOST:
        return None
    return _strings(values, sizes, pa.py_buffer(units.tobytes().decode("utf-16-le").encode()))


def _ascii(values: Values, sizes: Ints, body: Bytes) -> pa.Array | None:
    """The strings of bytes that are a character each, if all are ASCII."""
    if body.size >= _MOST or (body.size and int(body.max()) >= 0x80):
        return None
    return _strings(values, sizes, pa.py_buffer(body))


def _strings(values: Values, sizes: Ints, body: pa.Buffer) -> pa.Array:
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]).astype(np.int32)
    valid = None if values.valid.all() else pa.py_buffer(np.packbits(values.valid, bitorder="little"))
    return pa.Array.from_buffers(pa.string(), len(sizes), [valid, pa.py_buffer(offsets), body])
