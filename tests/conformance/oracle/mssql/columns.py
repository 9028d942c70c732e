"""The columns of a table or view, and how each is read without losing anything on the way through a driver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from tests.conformance.oracle.mssql.connecting import fetched, target
from tests.conformance.oracle.mssql.names import literal, qualified, quote
from tests.conformance.oracle.mssql.spelling import cut, spelt

_AS_TEXT = {
    # Python's types have microseconds, these 100 ns.
    # https://learn.microsoft.com/sql/t-sql/functions/cast-and-convert-transact-sql#date-and-time-styles
    "time": "CONVERT(nvarchar(40), {}, 121)",
    "datetime2": "CONVERT(nvarchar(40), {}, 121)",
    "datetimeoffset": "CONVERT(nvarchar(40), SWITCHOFFSET({}, '+00:00'), 121)",
    "date": "CONVERT(nvarchar(40), {}, 23)",
    "uniqueidentifier": "LOWER(CONVERT(nvarchar(36), {}))",
    # mssql-python drops a U+FEFF that a text begins with: https://github.com/microsoft/mssql-python/issues/794
    "nvarchar": "CAST(N'.' AS nvarchar(max)) + {}",
}
_VALUES: dict[str, Callable[[str], Any]] = {
    "time": lambda text: time.fromisoformat(cut(text)),
    "datetime2": lambda text: datetime.fromisoformat(cut(text)),
    "datetimeoffset": lambda text: datetime.fromisoformat(cut(text)),
    "date": date.fromisoformat,
    "uniqueidentifier": UUID,
    "nvarchar": lambda text: text[1:],
}
_UNITS = {"nvarchar": 2, "nchar": 2, "varchar": 1, "char": 1, "varbinary": 1, "binary": 1}
"""Bytes that the length of a type counts as one."""
_EXACT = ("decimal", "numeric")
_MOMENTS = ("time", "datetime2", "datetimeoffset")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the catalogue has it. `size` is in bytes; -1 is `max`."""

    name: str
    base: str
    size: int
    precision: int
    scale: int
    collation: str | None

    @property
    def unit(self) -> int:
        """Bytes that the type's length counts as one; 0 where it has none."""
        return _UNITS.get(self.base, 0)

    @property
    def type(self) -> str:
        """Such as `nvarchar(20)`."""
        if self.unit:
            return f"{self.base}({'max' if self.size == -1 else self.size // self.unit})"
        if self.base in _EXACT:
            return f"{self.base}({self.precision},{self.scale})"
        return f"{self.base}({self.scale})" if self.base in _MOMENTS else self.base

    def as_text(self) -> str:
        """What to select: the column, or its text where a driver would cut it."""
        return _AS_TEXT.get(self.base, "{}").replace("{}", quote(self.name))

    def spelt(self, value: Any) -> str | None:
        """What was selected, spelt as everywhere."""
        if self.base == "nvarchar" and value is not None:
            return str(self.value(value))
        return cut(value) if self.base in _MOMENTS and value else spelt(value)

    def value(self, value: Any) -> Any:
        """What was selected, as Python's value."""
        return value if value is None or self.base not in _VALUES else _VALUES[self.base](value)


def columns(url: str, schema: str, name: str) -> list[Column]:
    """In order; [] when there is no such table or view. Those that the server hides do not count."""
    statement = f"""
        SELECT c.name, t.name, c.max_length, c.precision, c.scale, c.collation_name
        FROM sys.columns AS c JOIN sys.types AS t ON t.user_type_id = c.user_type_id
        WHERE c.object_id = OBJECT_ID({literal(qualified(schema, name))}) AND c.is_hidden = 0
        ORDER BY c.column_id"""
    with target(url) as connection:
        return [Column(*row) for row in fetched(connection, statement)]
