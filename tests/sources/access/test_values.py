"""Decoded values against formulas of their own: dates, decimals, compressed text, calculated decimals."""

from __future__ import annotations

import math
import struct
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from migrator.errors import DataError
from migrator.sources import access
from migrator.sources.access import calculated, dates
from migrator.sources.access.formats import JET4
from migrator.sources.access.text import Utf16
from migrator.sources.access.types import Type
from tests.sources.access.building import INLINE, Builder, Made

ZERO = datetime(1899, 12, 30)


def through_a_file(column: Made, stored: Sequence[bytes | None]) -> tuple[list[Any], list[Any]]:
    """Values of a column as rows and as batches give them."""
    builder = Builder(JET4)
    builder.table("t", [column], [builder.row([column], [value]) for value in stored])
    with (
        tempfile.TemporaryDirectory() as folder,
        access.open(builder.write(Path(folder) / "made.mdb")) as database,
    ):
        table = database.table("t")
        return [value for (value,) in table.rows()], table.to_arrow()[column.name].to_pylist()


def days_of(moment: datetime) -> float:
    """How Access stores a moment: whole days, and away from zero the part of the day."""
    whole = (moment - ZERO) // timedelta(days=1)
    part = ((moment - ZERO) - timedelta(days=whole)) / timedelta(days=1)
    return whole + part if whole >= 0 else whole - part


moments = st.datetimes(datetime(100, 1, 1), datetime(9999, 12, 31, 23, 59, 59))


@given(moments)
def test_every_whole_second_comes_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    found = dates.microseconds(np.array([days_of(moment)]))
    assert datetime(1970, 1, 1) + timedelta(microseconds=int(found[0])) == moment
    assert not dates.finer(np.array([days_of(moment)]))[0]


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
def test_every_millisecond_of_our_age_comes_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    found = dates.microseconds(np.array([days_of(moment)]))
    assert datetime(1970, 1, 1) + timedelta(microseconds=int(found[0])) == moment


@given(st.floats(-657434, 2958465.999))
def test_no_date_is_further_from_the_stored_one_than_the_double_tells(days: float) -> None:
    whole = math.trunc(days)
    exact = whole + abs(Fraction(days) - whole)
    found = Fraction(int(dates.microseconds(np.array([days]))[0]), 86_400_000_000) + 25569
    assert abs(found - exact) <= max(Fraction(math.ulp(days)) * 2, Fraction(1, 86_400_000_000))


def test_a_time_finer_than_microseconds_is_told() -> None:
    assert dates.finer(np.array([0.1234567890123])).tolist() == [True]


@given(st.lists(st.none() | st.integers(-(10**38) + 1, 10**38 - 1), min_size=1, max_size=20), st.integers(0, 28))
def test_decimals_of_any_scale_and_sign(digits: list[int | None], scale: int) -> None:
    stored = [None if n is None else _decimal(n) for n in digits]
    exact = Context(prec=80)
    expected = [None if n is None else Decimal(n).scaleb(-scale, exact) for n in digits]
    assert through_a_file(Made("d", Type.DECIMAL, scale=scale), stored) == (expected, expected)


def _decimal(number: int) -> bytes:
    words = abs(number).to_bytes(16, "big")
    swapped = b"".join(words[at : at + 4][::-1] for at in range(0, 16, 4))
    return (b"\x80" if number < 0 else b"\0") + swapped


@pytest.mark.parametrize(
    ("stored", "digits", "scale"),
    [
        (struct.pack("<HBBQ", 10, 2, 0, 12345), 12345, 2),
        (struct.pack("<HBBI", 6, 0, 0x80, 7), -7, 0),
        (struct.pack("<HBBIQ", 14, 3, 0, 1, 5), (1 << 64) + 5, 3),
        (struct.pack("<HBBQQ", 18, 28, 0x80, 1, 2), -((1 << 64) + 2), 28),
    ],
)
def test_calculated_decimals(stored: bytes, digits: int, scale: int) -> None:
    assert calculated.decimal(stored) == (digits, scale)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_currency_is_exact(amounts: list[int]) -> None:
    expected = [Decimal(amount).scaleb(-4) for amount in amounts]
    stored = [struct.pack("<q", amount) for amount in amounts]
    assert through_a_file(Made("c", Type.CURRENCY), stored) == (expected, expected)


def compressed(text: str) -> bytes:
    """Text as Access compresses it: runs of characters up to U+00FF in one byte, others in two, zeros between.
    Text with a character whose code is a multiple of 256 cannot be compressed."""
    if any(ord(character) % 256 == 0 for character in text):
        return text.encode("utf-16-le", "surrogatepass")
    out, narrow = bytearray(b"\xff\xfe"), True
    for unit in np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2").tolist():
        if (unit < 256) != narrow:
            out.append(0)
            narrow = not narrow
        out += bytes([unit]) if narrow else unit.to_bytes(2, "little")
    return bytes(out)


def compressible(text: str) -> bool:
    units = np.frombuffer(text.encode("utf-16-le"), "<u2")
    return not (units % 256 == 0).any()


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])).filter(compressible))
def test_compressed_text_comes_back(text: str) -> None:
    assert Utf16().value(compressed(text)) == text


def test_only_a_zero_in_the_place_of_a_character_ends_two_byte_text() -> None:
    # As mdbtools reads it; nobody has seen Access write a character below U+0100 in two bytes.
    assert Utf16().value(b"\xff\xfeA\0" + "각é낙".encode("utf-16-le") + b"\0B") == "A각é낙B"


@given(st.lists(st.none() | st.text(max_size=40), min_size=1), st.booleans())
def test_columns_of_text_come_back_however_stored(values: list[str | None], plain: bool) -> None:
    def store(text: str) -> bytes:
        stored = text.encode("utf-16-le") if plain or not compressible(text) else compressed(text)
        return compressed(text) if stored[:2] == b"\xff\xfe" else stored

    usable = [None if text is None or text[:1] == "\ufeff" else text for text in values]
    stored = [None if text is None else store(text) for text in usable]
    assert through_a_file(Made("t", Type.SHORT_TEXT, length=510), stored) == (usable, usable)


def test_plain_ascii_takes_the_fast_lane_and_gives_the_same() -> None:
    texts = ["", "a", None, "hello world", "x" * 200]
    stored = [None if text is None else compressed(text) if text else b"" for text in texts]
    assert through_a_file(Made("t", Type.SHORT_TEXT, length=510), stored) == (texts, texts)


@pytest.mark.parametrize("stored", [b"\x00\xd8", b"A", b"a\0\x00\xdc"])
def test_text_that_is_no_unicode_is_kept_in_rows_and_refused_in_batches(stored: bytes) -> None:
    for kind, value in (
        (Type.SHORT_TEXT, stored),
        (Type.LONG_TEXT, struct.pack("<III", len(stored) | INLINE, 0, 0) + stored),
    ):
        column = Made("t", kind, length=510)
        with pytest.raises(DataError, match="no valid Unicode"):
            through_a_file(column, [value])
        builder = Builder(JET4)
        builder.table("t", [column], [builder.row([column], [value])])
        with (
            tempfile.TemporaryDirectory() as folder,
            access.open(builder.write(Path(folder) / "m.mdb")) as database,
        ):
            ((text,),) = database.table("t").rows()
            assert any(0xD800 <= ord(character) < 0xE000 for character in text)


@pytest.mark.parametrize(
    ("days", "seconds", "ticks", "expected"),
    [
        (0, 0, 0, "0001-01-01T00:00:00.0000000"),
        (3652058, 86399, 9999999, "9999-12-31T23:59:59.9999999"),
        (737592, 3661, 1234567, "2020-06-17T01:01:01.1234567"),
    ],
)
def test_extended_dates_to_100_nanoseconds(days: int, seconds: int, ticks: int, expected: str) -> None:
    stored = b"%019d:%012d%07d:7\0" % (days, seconds, ticks)
    column = Made("d", Type.DATE_TIME_EXTENDED)
    assert through_a_file(column, [stored, None]) == ([expected, None], [expected, None])


_narrow = st.text(st.characters(min_codepoint=1, max_codepoint=0xFF), max_size=20)
_edges = st.sampled_from("\0\x7f\x80\u07ff\u0800\u0850\ud7ff\ue000\ufeff\uffff")
_wide = st.text(_edges | st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=20)


_astral = st.text(min_size=1, max_size=5)  # one such value in a column is read another way


@given(
    st.lists(st.none() | st.tuples(st.just(True), _narrow) | st.tuples(st.just(False), _wide), min_size=1),
    st.none() | _astral,
)
@example([(False, "\u07ff\u0800"), (True, "é")], None)
@example([(False, "\ufeffA"), (False, "é")], None)
def test_texts_of_any_mixture_of_widths(values: list[tuple[bool, str] | None], more: str | None) -> None:
    values = [*values, None if more is None else (False, more)]
    stored = [None if each is None else _stored(*each) for each in values]
    expected = [None if each is None else each[1] for each in values]
    assert through_a_file(Made("t", Type.SHORT_TEXT, length=200), stored) == (expected, expected)


def _stored(compressed: bool, text: str) -> bytes:
    if compressed or text.startswith("\ufeff"):
        return b"\xff\xfe" + (text.encode("latin-1") if compressed else b"\0" + text.encode("utf-16-le"))
    return text.encode("utf-16-le")
