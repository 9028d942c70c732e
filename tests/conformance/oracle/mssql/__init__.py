"""SQL Server as the oracle reads it: plain cursors of a driver, other than the one under test where there are two.

Whatever the type, the spelling of a value is that of PostgreSQL's text: see `spelling`. Statements come in
PostgreSQL's SQL: see `translation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tests.conformance.oracle.mssql.catalogue import catalogue, names, tables
from tests.conformance.oracle.mssql.columns import Column, columns
from tests.conformance.oracle.mssql.connecting import ERRORS, fetched, target
from tests.conformance.oracle.mssql.looks import (
    checks,
    collations,
    foreign_keys,
    generated,
    indexes,
    primary_key,
    tables_like,
    validated_keys,
)
from tests.conformance.oracle.mssql.names import qualified
from tests.conformance.oracle.mssql.refusals import refusal
from tests.conformance.oracle.mssql.spelling import spelt
from tests.conformance.oracle.mssql.translation import batches, translated
from tests.conformance.oracle.rows import Rows

__all__ = [
    "DEFAULT_SCHEMA",
    "ERRORS",
    "attempt",
    "catalogue",
    "checks",
    "collations",
    "do",
    "foreign_keys",
    "generated",
    "indexes",
    "names",
    "primary_key",
    "query",
    "table_rows",
    "table_types",
    "table_values",
    "tables",
    "tables_like",
    "target",
    "validated_keys",
]

DEFAULT_SCHEMA = "dbo"


def do(url: str, *statements: str) -> None:
    """See `oracle.do`."""
    with target(url, autocommit=True) as connection:
        for statement in statements:
            fetched(connection, translated(statement))


def query(url: str, statement: str) -> Rows:
    """See `oracle.query`."""
    with target(url) as connection:
        return _texts(fetched(connection, translated(statement)))


def attempt(url: str, *statements: str) -> Rows | str:
    """See `oracle.attempt`. A statement may be a script of batches, separated by GO."""
    script = [translated(batch) for statement in statements for batch in batches(statement)]
    rows: list[tuple[Any, ...]] = []
    with target(url) as connection:
        for batch in script:
            try:
                rows = fetched(connection, batch)
            except ERRORS:
                _take_back(connection)
                return refusal(connection, batch)
        _take_back(connection)
    return _texts(rows)


def _take_back(connection: Any) -> None:
    """The server may have done so itself, and then a driver says that there is nothing."""
    with suppress(*ERRORS):
        connection.rollback()


def _texts(rows: Sequence[tuple[Any, ...]]) -> Rows:
    return [tuple(spelt(value) for value in row) for row in rows]


def table_types(url: str, schema: str, name: str) -> tuple[tuple[str, str], ...]:
    """See `oracle.table_types`."""
    return tuple((column.name, column.type) for column in columns(url, schema, name))


def table_rows(url: str, schema: str, name: str) -> Rows:
    """See `oracle.table_rows`."""
    found = columns(url, schema, name)
    with target(url) as connection:
        rows = fetched(connection, _select(schema, name, [column.as_text() for column in found]))
    texts = [tuple(column.spelt(value) for column, value in zip(found, row, strict=True)) for row in rows]
    return sorted(texts, key=repr)


def table_values(url: str, schema: str, name: str, wanted: list[str]) -> list[tuple[Any, ...]]:
    """See `oracle.table_values`."""
    by_name = {column.name: column for column in columns(url, schema, name)}
    found: list[Column] = [by_name[each] for each in wanted]
    with target(url) as connection:
        rows = fetched(connection, _select(schema, name, [column.as_text() for column in found]))
    return [tuple(column.value(value) for column, value in zip(found, row, strict=True)) for row in rows]


def _select(schema: str, name: str, expressions: Sequence[str]) -> str:
    return f"SELECT {', '.join(expressions)} FROM {qualified(schema, name)}"
