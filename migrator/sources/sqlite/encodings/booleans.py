"""Truth values: the integers 0 and 1, or two words."""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from migrator.model.types import Kind, LogicalType
from migrator.sources.sqlite.encodings.base import Canonical, Facts, Misfit, accept, require
from migrator.sources.sqlite.values import SqliteValue

VOCABULARIES = (
    ("f", "t"),
    ("false", "true"),
    ("False", "True"),
    ("FALSE", "TRUE"),
    ("F", "T"),
    ("0", "1"),
)
"""The pairs of words for false and true; a column uses one of them throughout."""


class IntegerBool(Facts):
    """0 for false and 1 for true, as SQLite's own TRUE and FALSE (https://sqlite.org/datatype3.html)."""

    kind: ClassVar[Kind] = Kind.BOOL
    probe: ClassVar[str | None] = "0"

    def decode(self, value: SqliteValue) -> Canonical:
        """Whether the integer is 1."""
        if isinstance(value, int) and value in (0, 1):
            return value == 1
        raise Misfit("neither 0 nor 1")

    def encode(self, value: Canonical) -> SqliteValue:
        """1 or 0."""
        return int(bool(value))

    def vector(self, array: pa.Array) -> pa.Array:
        """Whether each integer is 1."""
        extent = pc.min_max(require(array, pa.int64()))
        accept(
            not array.null_count < len(array) or 0 <= extent["min"].as_py() <= extent["max"].as_py() <= 1, "range"
        )
        return pc.equal(array, 1)

    def number(self, sql: str) -> str:
        """The column itself."""
        return sql


class WordBool(Facts):
    """One word for false and one for true; the encoding's name says which, as `words:f/t`."""

    kind: ClassVar[Kind] = Kind.BOOL
    probe: ClassVar[str | None] = "''"

    def __init__(self, name: str, type: LogicalType) -> None:
        super().__init__(name, type)
        self.words = name.removeprefix("words:").split("/")
        if tuple(self.words) not in VOCABULARIES:
            raise ValueError(name)

    def decode(self, value: SqliteValue) -> Canonical:
        """Whether the word is the one for true."""
        if isinstance(value, str) and value in self.words:
            return value == self.words[1]
        raise Misfit(f"neither {self.words[0]} nor {self.words[1]}")

    def encode(self, value: Canonical) -> SqliteValue:
        """The word."""
        return self.words[bool(value)]

    def vector(self, array: pa.Array) -> pa.Array:
        """Whether each word is the one for true; ADBC spells integers as digits, which `guard` keeps out."""
        known = pc.is_in(require(array, pa.string()), value_set=pa.array([*self.words, None], pa.string()))
        accept(pc.all(known).as_py(), "another word")
        return pc.equal(array, self.words[1])

    def guard(self, sql: str) -> str:
        """The digits 0 and 1 may be integers."""
        return f"typeof({sql}) NOT IN ('null', 'text')"

    def number(self, sql: str) -> str:
        """Whether it is the word for true."""
        return f"({sql} COLLATE BINARY = '{self.words[1]}')"
