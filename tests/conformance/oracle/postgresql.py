"""PostgreSQL as the oracle reads it: psycopg, and the server's own text of every value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from tests.conformance.oracle.rows import Rows

DEFAULT_SCHEMA = "public"
ERRORS: tuple[type[Exception], ...] = (psycopg.Error,)


@contextmanager
def target(url: str, **options: Any) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a SQLAlchemy URL, in UTC."""
    conninfo = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(conninfo, options="-c timezone=UTC", client_encoding="utf8", **options) as connection:
        yield connection


def do(url: str, *statements: str) -> None:
    """See `oracle.do`."""
    with target(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def query(url: str, statement: str) -> Rows:
    """See `oracle.query`."""
    with target(url) as connection:
        return _texts(connection, statement)


def attempt(url: str, *statements: str) -> Rows | str:
    """See `oracle.attempt`."""
    with target(url) as connection:
        try:
            return [_texts(connection, statement) for statement in statements][-1]
        except psycopg.Error as error:
            return error.sqlstate or str(error)
        finally:
            connection.rollback()


def _texts(connection: psycopg.Connection[Any], statement: str) -> Rows:
    """The last result. Values come as the server sends them in text format."""
    with psycopg.RawCursor(connection) as cursor:
        cursor.execute(statement.encode())
        while cursor.nextset():
            pass
        if cursor.description is None:
            return []
        assert cursor.pgresult is not None
        answer = cursor.pgresult
        values = [[answer.get_value(r, c) for c in range(answer.nfields)] for r in range(answer.ntuples)]
    return [tuple(None if value is None else bytes(value).decode() for value in row) for row in values]


def names(url: str) -> set[str]:
    """See `oracle.names`."""
    statement = (
        "SELECT relname FROM pg_class UNION SELECT conname FROM pg_constraint "
        "UNION SELECT nspname FROM pg_namespace"
    )
    return {str(name) for (name,) in query(url, statement)}


def table_types(url: str, schema: str, name: str) -> tuple[tuple[str, str], ...]:
    """See `oracle.table_types`."""
    statement = """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
    with target(url) as connection:
        return tuple(connection.execute(statement, (schema, name)).fetchall())


def table_rows(url: str, schema: str, name: str) -> Rows:
    """See `oracle.table_rows`."""
    with target(url) as connection:
        statement = sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, name)).as_string(connection)
        return sorted(_texts(connection, statement), key=repr)


def table_values(url: str, schema: str, name: str, columns: list[str]) -> list[tuple[Any, ...]]:
    """See `oracle.table_values`."""
    types = dict(table_types(url, schema, name))
    selected = sql.SQL(", ").join(
        sql.SQL("{}::text" if types[column].startswith("json") else "{}").format(sql.Identifier(column))
        for column in columns
    )
    with target(url) as connection:
        statement = sql.SQL("SELECT {} FROM {}").format(selected, sql.Identifier(schema, name))
        return connection.execute(statement).fetchall()


def tables(url: str, schemas: Sequence[str]) -> list[tuple[str, str]]:
    """Schema and name of every table in the schemas."""
    with target(url) as connection:
        return connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)", (list(schemas),)
        ).fetchall()


def catalogue(url: str) -> dict[str, frozenset[Any]]:
    """See `oracle.catalogue`."""
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


# What a case looks at: see `oracle.look`


def foreign_keys(url: str) -> Rows:
    """Every foreign key: its table and `pg_get_constraintdef`."""
    return query(
        url,
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE contype = 'f' ORDER BY 1, 2",
    )


def primary_key(url: str, table: str) -> Rows:
    """The columns of a table's primary key in its order, as one text."""
    return query(
        url,
        f"""SELECT string_agg(attname, ', ' ORDER BY position)
            FROM pg_constraint, unnest(conkey) WITH ORDINALITY AS part (number, position), pg_attribute
            WHERE contype = 'p' AND conrelid = {_literal(table)}::regclass
            AND attrelid = conrelid AND attnum = number""",
    )


def indexes(url: str, table: str) -> Rows:
    """The indexes of a table that are no constraint: name, `unique` or '', `partial` or '', its parts (an
    expression is `…`) with their direction."""
    return query(
        url,
        f"""SELECT relname, CASE WHEN indisunique THEN 'unique' ELSE '' END,
                CASE WHEN indpred IS NULL THEN '' ELSE 'partial' END,
                (SELECT string_agg(coalesce(attname, '…') || CASE option & 1 WHEN 1 THEN ' DESC' ELSE '' END, ', '
                                   ORDER BY position)
                 FROM unnest(indkey::int2[], indoption::int2[]) WITH ORDINALITY AS part (number, option, position)
                 LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = number AND number > 0)
            FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
            WHERE indrelid = {_literal(table)}::regclass
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
            ORDER BY relname""",
    )


def generated(url: str, table: str) -> Rows:
    """The generated columns of a table, in order."""
    return query(
        url,
        f"""SELECT attname FROM pg_attribute
            WHERE attrelid = {_literal(table)}::regclass AND attgenerated <> '' ORDER BY attnum""",
    )


def checks(url: str, table: str) -> Rows:
    """The names of a table's CHECK constraints."""
    return query(
        url,
        f"""SELECT conname FROM pg_constraint
            WHERE contype = 'c' AND conrelid = {_literal(table)}::regclass ORDER BY conname""",
    )


def tables_like(url: str, start: str) -> Rows:
    """How many tables have a name that starts so, and the length of the longest in the unit of the target's
    limit."""
    return query(
        url,
        f"""SELECT count(*), max(octet_length(relname::text)) FROM pg_class
            WHERE starts_with(relname::text, {_literal(start)}) AND relkind = 'r'""",
    )


def validated_keys(url: str) -> Rows:
    """The names of the foreign keys that were checked against the rows."""
    return query(url, "SELECT conname FROM pg_constraint WHERE contype = 'f' AND convalidated ORDER BY 1")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
