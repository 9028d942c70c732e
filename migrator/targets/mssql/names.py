"""Identifiers and text constants of SQL Server in SQL text: always quoted, never changed."""

from __future__ import annotations


def quote(name: str) -> str:
    """A delimited identifier.
    https://learn.microsoft.com/sql/relational-databases/databases/database-identifiers"""
    return "[" + name.replace("]", "]]") + "]"


def qualified(schema: str, name: str) -> str:
    """`[schema].[name]`."""
    return f"{quote(schema)}.{quote(name)}"


def literal(text: str) -> str:
    """A Unicode string constant: without the N it would pass through the database's code page.
    https://learn.microsoft.com/sql/t-sql/data-types/constants-transact-sql"""
    return "N'" + text.replace("'", "''") + "'"
