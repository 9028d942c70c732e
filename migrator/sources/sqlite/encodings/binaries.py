"""Bytes: blobs, and anything else as bytes."""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa

from migrator.model.types import Kind
from migrator.sources.sqlite.encodings.base import Canonical, Facts, Misfit, require
from migrator.sources.sqlite.encodings.texts import digits_of
from migrator.sources.sqlite.values import InvalidText, SqliteValue


class Blob(Facts):
    """Blobs stored as blobs."""

    kind: ClassVar[Kind] = Kind.BINARY
    probe: ClassVar[str | None] = "x''"

    def decode(self, value: SqliteValue) -> Canonical:
        """The bytes themselves."""
        if not isinstance(value, bytes):
            raise Misfit("not a blob")
        return value

    def encode(self, value: Canonical) -> SqliteValue:
        """The bytes themselves."""
        assert isinstance(value, bytes)
        return value

    def vector(self, array: pa.Array) -> pa.Array:
        """The array itself."""
        return require(array, pa.binary())

    def guard(self, sql: str) -> str:
        """ADBC hands over text and numbers as bytes."""
        return f"typeof({sql}) NOT IN ('null', 'blob')"

    def text(self, sql: str) -> str:
        """The column itself."""
        return sql


class AnyBinary(Facts):
    """Blobs as they are, text as its UTF-8 bytes (invalid text as its stored bytes), numbers as their digits.

    Which class a value had is not kept; writing back makes blobs.
    """

    kind: ClassVar[Kind] = Kind.BINARY

    def decode(self, value: SqliteValue) -> Canonical:
        """The bytes. Holds everything."""
        if isinstance(value, bytes):
            return value
        if value is None:
            raise Misfit("NULL")
        text = digits_of(value)
        return text.raw if isinstance(text, InvalidText) else text.encode()

    def encode(self, value: Canonical) -> SqliteValue:
        """The bytes themselves."""
        assert isinstance(value, bytes)
        return value

    def text(self, sql: str) -> str:
        """SQLite's own bytes."""
        return f"CAST({sql} AS BLOB)"

    def inexact(self, sql: str) -> str:
        """SQLite spells reals with 15 digits."""
        return f"typeof({sql}) = 'real'"
