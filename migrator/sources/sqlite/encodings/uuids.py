"""UUIDs: text with or without hyphens, in either case, or 16 bytes."""

from __future__ import annotations

import re
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from migrator.model.types import Kind, LogicalType
from migrator.sources.sqlite.encodings.base import Canonical, Facts, Misfit, NotColumnar, accept, require
from migrator.sources.sqlite.values import SqliteValue

SPELLINGS = ("hyphens", "HYPHENS", "hex", "HEX")
"""With hyphens or as 32 bare digits, in lower and upper case."""

_HYPHENS = re.compile(r"([0-9a-fA-F]{8})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{12})")
_HEX = re.compile(r"[0-9a-fA-F]{32}")


def uuid_spelling(text: str) -> tuple[str, ...]:
    """The spellings a text could be of: both cases when it has no letter, () when it is no UUID."""
    for name, pattern in (("hyphens", _HYPHENS), ("hex", _HEX)):
        if pattern.fullmatch(text):
            return tuple(
                spelling
                for spelling, cased in ((name, text.lower()), (name.upper(), text.upper()))
                if cased == text
            )
    return ()


class TextUuid(Facts):
    """A UUID as text in one case. `text:hyphens`, `text:HEX` and so on say how it is written back."""

    kind: ClassVar[Kind] = Kind.UUID
    probe: ClassVar[str | None] = "''"

    def __init__(self, name: str, type: LogicalType) -> None:
        super().__init__(name, type)
        self.spelling = name.partition(":")[2]
        if self.spelling not in SPELLINGS:
            raise ValueError(name)

    def decode(self, value: SqliteValue) -> Canonical:
        """The 16 bytes; any of the spellings is read."""
        if not isinstance(value, str) or not uuid_spelling(value):
            raise Misfit("not a UUID of 36 or 32 characters in one case")
        return bytes.fromhex(value.replace("-", ""))

    def encode(self, value: Canonical) -> SqliteValue:
        """Text in the encoding's spelling."""
        assert isinstance(value, bytes)
        digits = value.hex()
        if self.spelling.lower() == "hyphens":
            digits = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        return digits.upper() if self.spelling.isupper() else digits

    def vector(self, array: pa.Array) -> pa.Array:
        """Hexadecimal digits paired up, if all values have the encoding's own spelling."""
        texts = require(array, pa.string()).drop_null()
        if not len(texts):
            return pa.nulls(len(array), pa.binary(16))
        width = 36 if self.spelling.lower() == "hyphens" else 32
        accept(pc.all(pc.equal(pc.binary_length(texts), width)).as_py(), "another spelling")
        start = texts.buffers()[1][4 * texts.offset : 4 * texts.offset + 4]
        first = int(np.frombuffer(start, np.int32)[0])
        grid = np.frombuffer(texts.buffers()[2], np.uint8, len(texts) * width, first).reshape(-1, width)
        packed = _packed(grid, _HYPHEN_AT if width == 36 else (), upper=self.spelling.isupper())
        values = pa.Array.from_buffers(pa.binary(16), len(packed), [None, pa.py_buffer(packed)])
        return values if not array.null_count else _scattered(values, array)

    def text(self, sql: str) -> str:
        """Lower-case text with hyphens."""
        digits = f"replace(lower({sql}), '-', '')"
        return _hyphenated(digits)


class BracedUuid(TextUuid):
    """A UUID as text in braces, as Access and the Windows registry write it; `braces:HYPHENS` and so on say how
    it is written back. Texts without braces among them are read as well."""

    def decode(self, value: SqliteValue) -> Canonical:
        """The 16 bytes."""
        braced = isinstance(value, str) and value.startswith("{") and value.endswith("}")
        return super().decode(value[1:-1] if braced and isinstance(value, str) else value)

    def encode(self, value: Canonical) -> SqliteValue:
        """Text in the encoding's spelling, in braces."""
        text = super().encode(value)
        assert isinstance(text, str)
        return "{" + text + "}"

    def vector(self, array: pa.Array) -> pa.Array:
        """The same without braces, if all values have them."""
        texts = require(array, pa.string())
        accept(pc.all(pc.match_substring_regex(texts, r"\A\{[^{}]*\}\z")).as_py(), "no braces")
        return super().vector(pc.utf8_slice_codeunits(texts, 1, -1))

    def text(self, sql: str) -> str:
        """Lower-case text with hyphens."""
        return super().text(f"trim({sql}, '{{}}')")


_HYPHEN_AT = (8, 13, 18, 23)


def _packed(grid: npt.NDArray[np.uint8], hyphens: tuple[int, ...], *, upper: bool) -> npt.NDArray[np.uint8]:
    """Rows of hexadecimal digits in ASCII as rows of 16 bytes. Raises NotColumnar on anything else."""
    if hyphens:
        if not np.all(grid[:, list(hyphens)] == ord("-")):
            raise NotColumnar("hyphens elsewhere")
        grid = np.delete(grid, list(hyphens), axis=1)
    nibbles = _NIBBLES[upper][grid]
    if (nibbles == 255).any():
        raise NotColumnar("not hexadecimal digits of one case")
    return np.ascontiguousarray(nibbles[:, 0::2] << 4 | nibbles[:, 1::2])


def _nibbles(digits: bytes) -> npt.NDArray[np.uint8]:
    table = np.full(256, 255, np.uint8)
    table[list(digits)] = range(16)
    return table


_NIBBLES = (_nibbles(b"0123456789abcdef"), _nibbles(b"0123456789ABCDEF"))


def _scattered(values: pa.Array, like: pa.Array) -> pa.Array:
    """The values at the places where `like` is not NULL."""
    positions = np.cumsum(like.is_valid().to_numpy(zero_copy_only=False)) - 1
    return values.take(pa.array(positions, mask=like.is_null().to_numpy(zero_copy_only=False)))


class BlobUuid(Facts):
    """A UUID as 16 bytes, most significant first (RFC 9562)."""

    kind: ClassVar[Kind] = Kind.UUID
    probe: ClassVar[str | None] = "x''"

    def decode(self, value: SqliteValue) -> Canonical:
        """The bytes themselves."""
        if not isinstance(value, bytes) or len(value) != 16:
            raise Misfit("not a blob of 16 bytes")
        return value

    def encode(self, value: Canonical) -> SqliteValue:
        """The bytes themselves."""
        assert isinstance(value, bytes)
        return value

    def vector(self, array: pa.Array) -> pa.Array:
        """A cast that raises when a length is not 16."""
        return require(array, pa.binary()).cast(pa.binary(16))

    def guard(self, sql: str) -> str:
        """ADBC hands over text as bytes."""
        return f"typeof({sql}) NOT IN ('null', 'blob')"

    def text(self, sql: str) -> str:
        """Lower-case text with hyphens."""
        # hex(NULL) is an empty text, not NULL.
        return f"CASE WHEN {sql} IS NOT NULL THEN {_hyphenated(f'lower(hex({sql}))')} END"


def _hyphenated(digits: str) -> str:
    parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return "(" + " || '-' || ".join(f"substr({digits}, {at}, {width})" for at, width in parts) + ")"
