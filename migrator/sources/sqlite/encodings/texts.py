"""Text, text that is a JSON document, and anything else as text."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from migrator.model.types import Kind
from migrator.sources.sqlite.encodings.base import Canonical, Facts, Hazardous, Misfit, accept, require
from migrator.sources.sqlite.encodings.documents import Document, read_document
from migrator.sources.sqlite.values import InvalidText, SqliteValue, real_text


def checked_text(value: str | InvalidText, length: int | None, refused: frozenset[str]) -> str:
    """Text a target can hold. Raises Hazardous for NUL characters that are refused and for invalid bytes, Misfit
    when too long."""
    if length is not None and len(value.repaired() if isinstance(value, InvalidText) else value) > length:
        raise Misfit(f"longer than {length} characters")
    if isinstance(value, InvalidText):
        raise Hazardous("text-invalid", "text whose stored bytes are not valid in the database's encoding")
    if "text-nul" in refused and "\0" in value:
        raise Hazardous("text-nul", "text with a NUL character")
    return value


class Text(Facts):
    """Text stored as text."""

    kind: ClassVar[Kind] = Kind.TEXT
    probe: ClassVar[str | None] = "''"

    def decode(self, value: SqliteValue) -> Canonical:
        """The text itself."""
        if not isinstance(value, str | InvalidText):
            raise Misfit("not text")
        return checked_text(value, self.type.length, self.refused)

    def encode(self, value: Canonical) -> SqliteValue:
        """The text itself."""
        assert isinstance(value, str)
        return value

    def vector(self, array: pa.Array) -> pa.Array:
        """The array, if every byte of it is text."""
        require(array, pa.string()).validate(full=True)
        accept("text-nul" not in self.refused or not holds_nul(array), "a NUL character")
        if self.type.length is not None:
            longest = pc.max(pc.utf8_length(array)).as_py()
            accept(longest is None or longest <= self.type.length, "too long")
        return array

    def guard(self, sql: str) -> str:
        """ADBC spells numbers as text."""
        return f"typeof({sql}) NOT IN ('null', 'text')"

    def text(self, sql: str) -> str:
        """The column itself."""
        return sql

    def inexact(self, sql: str) -> str | None:
        """SQLite's `length` ends at a NUL character: https://www.sqlite.org/lang_corefunc.html#length."""
        return None if "text-nul" in self.refused else _holds_nul(sql)


class AnyText(Facts):
    """Text as it is, integers and reals as their digits, the way SQLite reads them back."""

    kind: ClassVar[Kind] = Kind.TEXT

    def decode(self, value: SqliteValue) -> Canonical:
        """The text, or the number's shortest spelling."""
        if isinstance(value, bytes) or value is None:
            raise Misfit("a blob")
        return checked_text(digits_of(value), self.type.length, self.refused)

    def encode(self, value: Canonical) -> SqliteValue:
        """The text; a column of numeric affinity stores digits as a number again."""
        assert isinstance(value, str)
        return value

    def text(self, sql: str) -> str:
        """SQLite's own spelling."""
        return f"CAST({sql} AS TEXT)"

    def inexact(self, sql: str) -> str:
        """SQLite spells reals with 15 digits; its `length` ends at a NUL character."""
        real = f"typeof({sql}) = 'real'"
        return real if "text-nul" in self.refused else f"{real} OR {_holds_nul(sql)}"


def _holds_nul(sql: str) -> str:
    return f"instr(CAST({sql} AS BLOB), x'00') > 0"


class JsonDocument(Facts):
    """A JSON document of which the parsed form says everything."""

    kind: ClassVar[Kind] = Kind.JSON
    probe: ClassVar[str | None] = "''"

    def decode(self, value: SqliteValue) -> Canonical:
        """The document's text, unless its parsed form would lose something."""
        text, document = graded(value)
        if document is not Document.PLAIN:
            raise Misfit("a JSON document with duplicate keys, or escapes or numbers beyond what jsonb holds")
        return text

    def encode(self, value: Canonical) -> SqliteValue:
        """The text; a column declared JSON stores a bare number as a number again."""
        assert isinstance(value, str)
        return value

    def vector(self, array: pa.Array) -> pa.Array:
        """Every distinct document is read once more, on its own: nothing else proves JSON."""
        require(array, pa.string()).validate(full=True)
        for text in pc.unique(array.drop_null()).to_pylist():
            self.decode(text)
        return array

    def guard(self, sql: str) -> str:
        """ADBC spells reals with six digits."""
        return f"typeof({sql}) = 'real'"

    def text(self, sql: str) -> str:
        """SQLite's own spelling."""
        return f"CAST({sql} AS TEXT)"

    def inexact(self, sql: str) -> str:
        """SQLite spells reals with 15 digits."""
        return f"typeof({sql}) = 'real'"


class JsonText(JsonDocument):
    """A JSON document of which the text matters."""

    kind: ClassVar[Kind] = Kind.JSON_TEXT

    def decode(self, value: SqliteValue) -> Canonical:
        """The document's text."""
        return graded(value)[0]


def digits_of(value: int | float | str | InvalidText) -> str | InvalidText:
    """Text as it is, a number as its digits."""
    if isinstance(value, float):
        return real_text(value)
    return str(value) if isinstance(value, int) else value


def graded(value: SqliteValue) -> tuple[str, Document]:
    """The text and grade of a document; a JSON column's numeric affinity stores bare numbers as numbers.
    Raises Misfit."""
    if value is None or isinstance(value, bytes | InvalidText) or value in (math.inf, -math.inf):
        raise Misfit("not JSON")
    text = digits_of(value)
    assert isinstance(text, str)
    document = read_document(text)
    if document is None:
        raise Misfit("not JSON")
    return text, document


def holds_nul(array: pa.Array) -> bool:
    """Whether any value of a string array has a NUL character."""
    values = array.drop_null()
    if not len(values):
        return False
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values) + 1]
    if offsets[0] == offsets[-1]:
        return False
    return bool((np.frombuffer(values.buffers()[2], np.uint8)[offsets[0] : offsets[-1]] == 0).any())
