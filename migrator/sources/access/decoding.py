"""Values out of their stored form: for every column type an Arrow type, and arrays decoded whole with numpy.

A decoder gets the places of a column's values in a block and gives an Arrow array of as many. Nothing here
decides which rows are read, or knows names.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from migrator.errors import DataError
from migrator.sources.access import calculated, dates, longvalues, texts
from migrator.sources.access.blocks import Block, Bools, Values, present, values
from migrator.sources.access.definitions import StoredColumn
from migrator.sources.access.text import Encoding, is_text
from migrator.sources.access.types import SIZES, Type

_DIGITS = 38
"""Digits of Arrow's decimal128, more than the 28 of a Decimal in Access."""


@dataclass(frozen=True, slots=True)
class Codec:
    """What decoding a column needs: how it is stored, its type (of the result, if it is calculated; None if
    the type is unknown), and how the file stores text."""

    stored: StoredColumn
    type: Type | None
    encoding: Encoding

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type of the values."""
        if self.type is Type.DECIMAL:
            return _CALCULATED_DECIMAL if self.stored.calculated else pa.decimal128(_DIGITS, self.stored.scale)
        return _ARROW[self.type] if self.type in _ARROW else pa.binary()


_CALCULATED_SCALE = 28
_CALCULATED_DECIMAL = pa.decimal256(76, _CALCULATED_SCALE)
"""A calculated Decimal has a scale of its own in every value, and up to 128 bits of digits."""

_ARROW: dict[Type | None, pa.DataType] = {
    Type.YES_NO: pa.bool_(),
    Type.BYTE: pa.int16(),  # 0 to 255
    Type.INTEGER: pa.int16(),
    Type.LONG: pa.int32(),
    Type.CURRENCY: pa.decimal128(19, 4),
    Type.SINGLE: pa.float32(),
    Type.DOUBLE: pa.float64(),
    Type.DATE_TIME: pa.timestamp("us"),
    Type.SHORT_TEXT: pa.string(),
    Type.LONG_TEXT: pa.string(),
    Type.GUID: pa.binary(16),
    Type.COMPLEX: pa.int32(),
    Type.LARGE_NUMBER: pa.int64(),
    Type.DATE_TIME_EXTENDED: pa.string(),
}

_NUMBERS = {
    Type.BYTE: "u1",
    Type.INTEGER: "<i2",
    Type.LONG: "<i4",
    Type.SINGLE: "<f4",
    Type.DOUBLE: "<f8",
    Type.COMPLEX: "<i4",
    Type.LARGE_NUMBER: "<i8",
}


def located(codec: Codec, block: Block) -> Values:
    """Where a column's values lie in a block: a Yes/No in the null mask, so it is never NULL itself."""
    if codec.type is Type.YES_NO and not codec.stored.calculated:
        everywhere = np.ones(len(block), np.bool_)
        return Values(block, codec.stored.name, everywhere, block.starts, block.starts)
    return values(block, codec.stored, codec.type)


def array(codec: Codec, block: Block) -> pa.Array:
    """A column's values in a block, of the type `codec.arrow`.

    Raises:
        SourceDamagedError: A value is not one of the column's type.
        DataError: A text is no valid Unicode, so that no Arrow string can hold it.
    """
    found = located(codec, block)
    if codec.stored.calculated:
        return _calculated(codec, found)
    if codec.type is Type.YES_NO:
        return pa.array(present(block, codec.stored))
    return _decoded(codec, found)


def objects(codec: Codec, block: Block) -> list[Any]:
    """A column's values in a block as Python objects: text that is no valid Unicode with lone surrogates, GUIDs
    as `uuid.UUID`, all else as Arrow converts it.

    Raises:
        SourceDamagedError: A value is not one of the column's type.
    """
    if codec.type in {Type.SHORT_TEXT, Type.LONG_TEXT}:
        return _strings(codec, located(codec, block))
    found = array(codec, block).to_pylist()
    if codec.type is Type.GUID:
        return [None if value is None else uuid.UUID(bytes=value) for value in found]
    return found  # type: ignore[no-any-return]


def _decoded(codec: Codec, found: Values) -> pa.Array:
    if codec.type in _NUMBERS:
        return pa.array(found.numbers(_NUMBERS[codec.type]), mask=~found.valid).cast(codec.arrow)
    decode = _DECODERS.get(codec.type, _binary)
    return decode(codec, found)


def _currency(codec: Codec, found: Values) -> pa.Array:
    """Ten-thousandths as a long integer."""
    low = found.numbers("<i8")
    return _decimals(codec.arrow, low, low >> 63, found.valid)


_MOST = divmod(10**_DIGITS, 1 << 64)


def _decimal(codec: Codec, found: Values) -> pa.Array:
    """A byte of sign, then 16 bytes of digits as four words, the most significant first (Jackcess)."""
    words = found.bytes_of(SIZES[Type.DECIMAL])[:, 1:].copy().view("<u4").astype(np.uint64)
    negative = found.bytes_of(SIZES[Type.DECIMAL])[:, 0] != 0
    high, low = words[:, 0] << 32 | words[:, 1], words[:, 2] << 32 | words[:, 3]
    wide = (high > _MOST[0]) | ((high == _MOST[0]) & (low >= _MOST[1]))
    if wide.any():
        found.damaged(wide, f"A decimal has more than {_DIGITS} digits")
    # Two's complement of 128 bits: the high half takes the carry when the low half is zero.
    high = np.where(negative, ~high + (low == 0), high)
    low = np.where(negative, ~low + np.uint64(1), low)
    return _decimals(codec.arrow, low, high, found.valid)


def _decimals(kind: pa.DataType, low: npt.NDArray[Any], high: npt.NDArray[Any], valid: Bools) -> pa.Array:
    """Decimals from the halves of their digits; Arrow stores them little-endian in 16 bytes."""
    halves = np.stack([low.view(np.int64), high.view(np.int64)], axis=1)
    return pa.Array.from_buffers(kind, len(valid), [_bitmap(valid), pa.py_buffer(halves)])


def _bitmap(valid: Bools) -> pa.Buffer | None:
    return None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))


def _date(codec: Codec, found: Values) -> pa.Array:
    days = found.numbers("<f8")
    wrong = found.valid & ~dates.acceptable(days)
    if wrong.any():
        found.damaged(wrong, "A date does not lie between the years 100 and 9999")
    return pa.array(dates.microseconds(days).view("M8[us]"), codec.arrow, mask=~found.valid)


def _extended(codec: Codec, found: Values) -> pa.Array:
    return pa.array(dates.extended(found), codec.arrow)


_GUID_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
"""The first three parts of a GUID are little-endian numbers; UUIDs are big-endian throughout (RFC 9562)."""


def _guid(codec: Codec, found: Values) -> pa.Array:
    ordered = np.ascontiguousarray(found.bytes_of(SIZES[Type.GUID])[:, _GUID_ORDER])
    return pa.Array.from_buffers(codec.arrow, len(found.valid), [_bitmap(found.valid), pa.py_buffer(ordered)])


def _binary(codec: Codec, found: Values) -> pa.Array:
    return pa.array(list(found.slices()), codec.arrow)


def _ole(codec: Codec, found: Values) -> pa.Array:
    return pa.array(longvalues.fetch(found), codec.arrow)


def _text(codec: Codec, found: Values) -> pa.Array:
    plain = texts.at_once(found, codec.encoding) if codec.type is Type.SHORT_TEXT else None
    if plain is not None:
        return plain
    strings = _strings(codec, found)
    try:
        return pa.array(strings, codec.arrow)
    except UnicodeEncodeError as error:
        raise _no_text(found, strings) from error


def _strings(codec: Codec, found: Values) -> list[str | None]:
    stored = longvalues.fetch(found) if codec.type is Type.LONG_TEXT else list(found.slices())
    if codec.stored.calculated:
        stored = [None if value is None else calculated.unwrapped(value) for value in stored]
    decode = codec.encoding.value
    return [None if value is None else decode(value) for value in stored]


def _no_text(found: Values, strings: list[str | None]) -> DataError:
    at = next(at for at, text in enumerate(strings) if text is not None and not is_text(text))
    block = found.block
    place = block.source.at(int(block.pages[at]), f"row {int(block.numbers[at])} of table {block.table!r}")
    return DataError(
        f"A text of column {found.column!r} is no valid Unicode.",
        where=str(place),
        hint="Correct the value in Access, or read the table with rows(), which keeps such text.",
    )


_DECODERS: dict[Type | None, Callable[[Codec, Values], pa.Array]] = {
    Type.CURRENCY: _currency,
    Type.DECIMAL: _decimal,
    Type.DATE_TIME: _date,
    Type.DATE_TIME_EXTENDED: _extended,
    Type.GUID: _guid,
    Type.SHORT_TEXT: _text,
    Type.LONG_TEXT: _text,
    Type.OLE_OBJECT: _ole,
}


def _calculated(codec: Codec, found: Values) -> pa.Array:
    """Results of expressions. An empty one of fixed size is NULL, but for Yes/No it is No (Jackcess)."""
    if codec.type in {Type.SHORT_TEXT, Type.LONG_TEXT}:
        return _text(codec, found)
    if codec.type is Type.OLE_OBJECT:
        return pa.array(
            [None if v is None else calculated.unwrapped(v) for v in longvalues.fetch(found)], pa.binary()
        )
    plain = calculated.rows(found)
    filled = plain.ends > plain.starts
    if codec.type is Type.YES_NO:
        results = (plain.block.numbers_at(plain.starts, "u1") != 0) & filled
        return pa.array(results, mask=~plain.valid)
    plain = Values(plain.block, plain.column, plain.valid & filled, plain.starts, plain.ends)
    return _calculated_decimals(codec, plain) if codec.type is Type.DECIMAL else _decoded(codec, plain)


def _calculated_decimals(codec: Codec, found: Values) -> pa.Array:
    return pa.array(_calculated_numbers(found), codec.arrow)


def _calculated_numbers(found: Values) -> list[Decimal | None]:
    """Calculated decimals, each with the scale it has."""
    pairs = [
        None if stored is None else calculated.decimal(stored) if len(stored) >= 4 else (0, -1)
        for stored in found.slices()
    ]
    wrong = np.array([pair is not None and not 0 <= pair[1] <= _CALCULATED_SCALE for pair in pairs], np.bool_)
    if wrong.any():
        found.damaged(
            wrong, f"A calculated decimal is cut off, or has more than {_CALCULATED_SCALE} digits of scale"
        )
    return [None if pair is None else Decimal(pair[0]).scaleb(-pair[1], _EXACT) for pair in pairs]


_EXACT = Context(prec=_DIGITS * 2)
