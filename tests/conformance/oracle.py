"""The oracle: reads source and target with plain `sqlite3` and psycopg. It imports nothing of the project."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

Rows = list[tuple[str | None, ...]]


@contextmanager
def target(url: str, **options: Any) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a SQLAlchemy URL, in UTC."""
    conninfo = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(conninfo, options="-c timezone=UTC", client_encoding="utf8", **options) as connection:
        yield connection


def query(url: str, statement: str) -> Rows:
    """The rows of a query, every value as PostgreSQL's text."""
    with target(url) as connection:
        return texts(connection, statement)


def texts(connection: psycopg.Connection[Any], statement: str) -> Rows:
    """See `query`. Values come as the server sends them in text format."""
    with psycopg.RawCursor(connection) as cursor:
        result = cursor.execute(statement.encode())
        if cursor.description is None:
            return []
        assert result.pgresult is not None
        answer = result.pgresult
        values = [[answer.get_value(r, c) for c in range(answer.nfields)] for r in range(answer.ntuples)]
    return [tuple(None if value is None else bytes(value).decode() for value in row) for row in values]


def table_types(url: str, schema: str, name: str) -> tuple[tuple[str, str], ...]:
    """Columns of a table or view and their types, in order; () when it is not there."""
    statement = """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
    with target(url) as connection:
        return tuple(connection.execute(statement, (schema, name)).fetchall())


def table_rows(url: str, schema: str, name: str) -> Rows:
    """All rows of a table or view, in the order of their texts."""
    with target(url) as connection:
        statement = sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, name)).as_string(connection)
        return sorted(texts(connection, statement), key=repr)


def catalogue(url: str) -> dict[str, frozenset[Any]]:
    """Everything that a run could leave behind, by catalogue: names and what they belong to."""
    statements = {
        "schemas": "SELECT nspname, nspacl::text, obj_description(oid) FROM pg_namespace WHERE nspname !~ '^pg_'",
        "relations": "SELECT relnamespace::regnamespace::text, relname, relkind, relpersistence FROM pg_class "
        "WHERE relnamespace::regnamespace::text !~ '^pg_(temp|toast)' AND relname !~ '^pg_toast'",
        "columns": "SELECT attrelid::regclass::text, attname, atttypid::regtype::text, attnotnull, attidentity "
        "FROM pg_attribute WHERE attnum > 0 AND attrelid::regclass::text !~ 'pg_toast'",
        "constraints": "SELECT connamespace::regnamespace::text, conname, contype, pg_get_constraintdef(oid) "
        "FROM pg_constraint",
        "types": "SELECT typnamespace::regnamespace::text, typname FROM pg_type "
        "WHERE typnamespace::regnamespace::text !~ '^pg_(temp|toast)'",
        "functions": "SELECT pronamespace::regnamespace::text, proname FROM pg_proc",
        "triggers": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
        "extensions": "SELECT extname, extversion FROM pg_extension",
        "settings": "SELECT setdatabase, setconfig::text FROM pg_db_role_setting WHERE setdatabase IN "
        "(0, (SELECT oid FROM pg_database WHERE datname = current_database()))",
    }
    with target(url) as connection:
        return {name: frozenset(connection.execute(each).fetchall()) for name, each in statements.items()}


def content(url: str, *schemas: str) -> dict[str, Rows]:
    """Every row of every table in the schemas."""
    with target(url) as connection:
        names = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)",
            (list(schemas or ["public"]),),
        ).fetchall()
    return {f"{schema}.{name}": table_rows(url, schema, name) for schema, name in names}


def file_hashes(folder: Path, *names: str) -> dict[str, str]:
    """SHA-256 of each of the files."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
