"""The contract of an encoding: one way in which values of a logical type are stored in SQLite.

Everything known about the encoding stands in its class: the conversion to the canonical value and back, the
same conversion for whole Arrow arrays, and the SQL by which SQLite itself sees the value for the
reconciliation figures. The three share no code on purpose: they are checked against each other.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Protocol

import pyarrow as pa

from migrator.model.types import Kind, LogicalType
from migrator.sources.sqlite.values import SqliteValue

Canonical = bool | int | float | Decimal | str | bytes
"""A value in the form its Arrow type is built from: dates as days, times and timestamps as microseconds (see
`migrator.model.figures`), UUIDs as 16 bytes."""


class Misfit(ValueError):
    """A value that the encoding does not hold; the message says why, without the value."""


class Hazardous(Misfit):
    """A value of the right type that some targets cannot hold; `code` is its `Hazard` code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


REFUSED = frozenset({"text-nul", "text-invalid"})
"""Codes of hazards that are refused where nothing else is said."""


class NotColumnar(Exception):
    """An array holds something that only the per-value conversion tells apart."""


class Encoding(Protocol):
    """One way of storing a logical type, with the type's parameters."""

    kind: ClassVar[Kind]
    refused: frozenset[str]
    """Codes of the hazards that `decode` and `vector` refuse."""
    probe: ClassVar[str | None]
    """An SQL literal from which ADBC infers the Arrow type `vector` expects; None when there is no `vector`."""

    def __init__(self, name: str, type: LogicalType) -> None:
        """Raises ValueError when `name` is not a spelling of this encoding."""

    def decode(self, value: SqliteValue) -> Canonical:
        """The canonical value of a non-NULL value. Raises Misfit when converting back would not give an equal
        source value."""

    def encode(self, value: Canonical) -> SqliteValue:
        """What is stored for a canonical value, before the column's affinity is applied."""

    def vector(self, array: pa.Array) -> pa.Array:
        """`decode` for an array of the type `probe` says. Raises NotColumnar, or pyarrow.ArrowInvalid."""

    def guard(self, sql: str) -> str | None:
        """SQL that is true for values which ADBC would hand over changed, so that `vector` cannot see it."""

    def number(self, sql: str) -> str | None:
        """SQL for the value as an exact number (0 and 1 for truth), or None."""

    def text(self, sql: str) -> str | None:
        """SQL for the value as the target's text or bytes, or None."""

    def inexact(self, sql: str) -> str | None:
        """SQL that is true for values of which `number` or `text` is not exact, or None when they always are."""


class Facts:
    """What most encodings answer: no SQL of their own, nothing that ADBC changes."""

    probe: ClassVar[str | None] = None

    def __init__(self, name: str, type: LogicalType) -> None:
        self.type = type
        self.refused = REFUSED

    def vector(self, array: pa.Array) -> pa.Array:
        """See `Encoding.vector`."""
        raise NotColumnar

    def guard(self, sql: str) -> str | None:
        """See `Encoding.guard`."""
        return None

    def number(self, sql: str) -> str | None:
        """See `Encoding.number`."""
        return None

    def text(self, sql: str) -> str | None:
        """See `Encoding.text`."""
        return None

    def inexact(self, sql: str) -> str | None:
        """See `Encoding.inexact`."""
        return None


def require(array: pa.Array, type: pa.DataType) -> pa.Array:
    """The array, if ADBC inferred the type that was asked for; it widens when it meets another class."""
    if array.type != type:
        raise NotColumnar(f"{array.type} instead of {type}")
    return array


def accept(condition: object, why: str) -> None:
    """Raise NotColumnar unless the condition holds (an empty Arrow aggregate, None, counts as holding)."""
    if condition is not None and not condition:
        raise NotColumnar(why)
