"""All that PostgreSQL knows of a schema, for comparing: the oracle's catalogue, and what it leaves out."""

from __future__ import annotations

from typing import Any

from tests.conformance import oracle

VERSION_TABLE = "alembic_version"

_MORE = {
    "positions and types": """
        SELECT attrelid::regclass::text, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0""",
    "defaults": "SELECT adrelid::regclass::text, adnum, pg_get_expr(adbin, adrelid) FROM pg_attrdef",
    "indexes": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


def catalogue(url: str) -> dict[str, frozenset[Any]]:
    """Everything, by kind."""
    with oracle.target(url) as connection:
        more = {kind: frozenset(connection.execute(query).fetchall()) for kind, query in _MORE.items()}
    return oracle.catalogue(url) | more


def without_versions(found: dict[str, frozenset[Any]]) -> dict[str, frozenset[Any]]:
    """The catalogue without Alembic's version table."""
    return {
        kind: frozenset(row for row in rows if not any(VERSION_TABLE in str(value) for value in row))
        for kind, rows in found.items()
    }
