"""Identifiers of PostgreSQL in SQL text: always quoted, never changed."""

from __future__ import annotations


def quote(name: str) -> str:
    """An identifier, quoted. https://www.postgresql.org/docs/current/sql-syntax-lexical.html"""
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str, name: str) -> str:
    """`"schema"."name"`."""
    return f"{quote(schema)}.{quote(name)}"


def literal(text: str) -> str:
    """A string constant, with `standard_conforming_strings` on as every connection of this target has it."""
    return "'" + text.replace("'", "''") + "'"
