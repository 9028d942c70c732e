"""Identifiers and text constants in T-SQL."""

from __future__ import annotations


def quote(name: str) -> str:
    """A delimited identifier."""
    return "[" + name.replace("]", "]]") + "]"


def qualified(schema: str, name: str) -> str:
    """A table's name in its schema."""
    return f"{quote(schema)}.{quote(name)}"


def literal(text: str) -> str:
    """A Unicode text constant."""
    return "N'" + text.replace("'", "''") + "'"
