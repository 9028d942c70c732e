"""Identity columns: which number a sequence can start with, and what it gives out next.

https://www.postgresql.org/docs/current/sql-createsequence.html
"""

from __future__ import annotations

from migrator.model.types import Kind
from migrator.targets.postgresql.names import literal, qualified

HIGHEST = {Kind.INT16: 2**15 - 1, Kind.INT32: 2**31 - 1, Kind.INT64: 2**63 - 1}
"""The last number a sequence of each type gives out."""


def first_number(kind: Kind, next_number: int) -> int:
    """Where the sequence starts. When the last number is used up, that one: it is then marked as given out."""
    return min(next_number, HIGHEST[kind])


def sequence(schema: str, table: str, column: str) -> str:
    """SQL for the text name of a column's sequence, NULL when it has none. Column names are taken literally
    here, table names parsed. https://www.postgresql.org/docs/current/functions-info.html"""
    return f"pg_get_serial_sequence({literal(qualified(schema, table))}, {literal(column)})"


def set_used_up(schema: str, table: str, column: str, last: int) -> str:
    """A statement after which the sequence refuses to number a row, as the source would."""
    return f"SELECT setval({sequence(schema, table, column)}, {last}, true)"
