"""What SQLite hands over: values by storage class, text that is no text included, and names quoted for SQL.

Every other module of this folder reads values through `Reading`, which keeps undecodable text apart instead
of raising or repairing it. https://sqlite.org/datatype3.html names the storage classes.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from migrator.model.profile import KeyValue

SHOWN = 60
"""Longest value shown in a sample or an error message, in characters."""


@dataclass(frozen=True, slots=True, order=True)
class InvalidText:
    """Text whose stored bytes its encoding does not allow. `raw` are the bytes, in the database's encoding."""

    raw: bytes
    codec: str = "utf-8"

    def repaired(self) -> str:
        """The text with what cannot be decoded replaced by U+FFFD."""
        return self.raw.decode(self.codec, "replace")


SqliteValue = int | float | str | bytes | InvalidText | None
"""A value of one of SQLite's five storage classes."""

CLASSES = ("integer", "real", "text", "blob")
"""The storage classes of non-NULL values in SQLite's sorting order: both numbers compare alike."""


def decode_text(raw: bytes, codec: str = "utf-8") -> str | InvalidText:
    """Text from its stored bytes, strictly: surrogates and odd byte counts make it invalid."""
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return InvalidText(raw, codec)


def class_of(value: SqliteValue) -> str | None:
    """The storage class of a value, None for NULL."""
    match value:
        case None:
            return None
        case int():
            return "integer"
        case float():
            return "real"
        case bytes():
            return "blob"
        case _:
            return "text"


def quote(name: str) -> str:
    """An identifier for SQLite's SQL. https://sqlite.org/lang_keywords.html"""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Reading:
    """How values of one database are selected so that none is lost on the way to Python.

    In a UTF-16 database SQLite translates text to UTF-8 and merges lone surrogates with their neighbours
    (`READ_UTF16LE` in its utf.c), so there the bytes are selected as they are stored, beside the class.
    """

    codec: str

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> Reading:
        """The reading that suits the database's encoding; also installs the text decoder."""
        connection.text_factory = decode_text
        encoding = connection.execute("PRAGMA encoding").fetchone()[0]
        return cls({"UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}.get(encoding, "utf-8"))

    @property
    def utf16(self) -> bool:
        """Whether text is stored in UTF-16."""
        return self.codec != "utf-8"

    def terms(self, sql: str) -> tuple[str, ...]:
        """The result columns that one value needs."""
        return (f"typeof({sql})", raw(sql)) if self.utf16 else (sql,)

    def select(self, expressions: Iterable[str]) -> str:
        """A result column list for `values`."""
        return ", ".join(term for sql in expressions for term in self.terms(sql))

    def values(self, row: Sequence[object]) -> tuple[SqliteValue, ...]:
        """The values of a row that was selected with `select`."""
        if not self.utf16:
            return tuple(row)  # type: ignore[arg-type]  # sqlite3 gives these types only
        return tuple(self.value(row[at], row[at + 1]) for at in range(0, len(row), 2))

    def value(self, storage_class: object, stored: object) -> SqliteValue:
        """A value from its class and its stored form, text as bytes."""
        if storage_class == "text":
            assert isinstance(stored, bytes)
            return decode_text(stored, self.codec)
        return stored  # type: ignore[return-value]


def raw(sql: str) -> str:
    """SQL for a value whose text comes as its stored bytes."""
    return f"CASE WHEN typeof({sql}) = 'text' THEN CAST({sql} AS BLOB) ELSE {sql} END"


def octets(sql: str) -> str:
    """SQL for the stored bytes of a text or blob; `length` alone counts characters, and stops at a NUL."""
    return f"length(CAST({sql} AS BLOB))"


def joined(terms: Sequence[str], operator: str) -> str:
    """SQL that joins terms by a binary operator, as a balanced tree: SQLite limits expressions to a depth of
    1,000 (https://sqlite.org/limits.html), and tables are wider. 0 without terms."""
    if len(terms) < 2:
        return terms[0] if terms else "0"
    middle = len(terms) // 2
    return f"({joined(terms[:middle], operator)} {operator} {joined(terms[middle:], operator)})"


def spelt(value: SqliteValue) -> str | None:
    """A value as text that tells everything: digits, text as it is, and `x'…'` where text cannot hold it."""
    match value:
        case None:
            return None
        case bytes():
            return f"x'{value.hex()}'"
        case InvalidText():
            return f"x'{value.raw.hex()}'"
        case str():
            return f"x'{value.encode().hex()}'" if "\0" in value else value
        case float():
            return real_text(value)
        case _:
            return str(value)


def shown(value: SqliteValue) -> str | None:
    """A value as a user would recognise it, at most `SHOWN` characters."""
    match value:
        case bytes() if len(value) > SHOWN:
            text = spelt(value[:SHOWN]) or ""
        case InvalidText():
            text = ascii(value.raw[: SHOWN * 2])[1:]
        case str():
            text = value[: SHOWN + 1].replace("\0", "\\x00")
        case None:
            return None
        case _:
            text = spelt(value) or ""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def key_value(value: SqliteValue) -> KeyValue:
    """A part of a row key, fit for JSON."""
    match value:
        case None | int():
            return value
        case float() if math.isfinite(value):
            return value
        case str() if "\0" not in value:
            return value
        case _:
            return spelt(value)


def real_text(value: float) -> str:
    """A real's shortest text that SQLite reads back as the same real; it reads `9e999` as infinity."""
    if math.isinf(value):
        return "9e999" if value > 0 else "-9e999"
    return repr(value)
