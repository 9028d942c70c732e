"""The oracle: reads sources and targets with plain drivers and imports nothing of the project.

One module per target, each with the same functions; the URL says which. All of them spell what they read as
PostgreSQL's text does (`t`, `\\x00ff`, `2024-01-31 10:00:00.5`, `1e+15`), so that what a test expects is written
once. Statements are written in PostgreSQL's SQL, as far as a target's module knows how to say the same.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.conformance.oracle import mssql, postgresql
from tests.conformance.oracle.rows import Rows

_MODULES = {"postgresql": postgresql, "mssql": mssql}

REFUSALS: tuple[type[Exception], ...] = (*postgresql.ERRORS, *mssql.ERRORS)
"""What the drivers raise when a server refuses."""


def of(url: str) -> ModuleType:
    """The module that reads the target of this SQLAlchemy URL."""
    scheme = re.match(r"\w+", url)
    assert scheme is not None
    return _MODULES[scheme[0]]


def target(url: str, **options: Any) -> AbstractContextManager[Any]:
    """A connection of the driver's own; what was done is committed in the end."""
    return of(url).target(url, **options)  # type: ignore[no-any-return]


def do(url: str, *statements: str) -> None:
    """Carry out the statements, each for itself and at once."""
    of(url).do(url, *statements)


def query(url: str, statement: str) -> Rows:
    """The rows of a statement, every value as text. What it changes stays."""
    return of(url).query(url, statement)  # type: ignore[no-any-return]


def attempt(url: str, *statements: str) -> Rows | str:
    """The rows of the last statement, or the SQLSTATE of a refusal, with everything taken back again."""
    return of(url).attempt(url, *statements)  # type: ignore[no-any-return]


def look(url: str, what: str, *arguments: str) -> Rows:
    """What the catalogue says: `what` names a function of the target's module."""
    return getattr(of(url), what)(url, *arguments)  # type: ignore[no-any-return]


def names(url: str) -> set[str]:
    """Names of all tables, views, indexes and constraints, and of all schemas."""
    return of(url).names(url)  # type: ignore[no-any-return]


def table_types(url: str, schema: str, name: str) -> tuple[tuple[str, str], ...]:
    """Columns of a table or view and their types as the target spells them, in order; () when it is not there."""
    return of(url).table_types(url, schema, name)  # type: ignore[no-any-return]


def table_rows(url: str, schema: str, name: str) -> Rows:
    """All rows of a table or view, in the order of their texts."""
    return of(url).table_rows(url, schema, name)  # type: ignore[no-any-return]


def table_values(url: str, schema: str, name: str, columns: list[str]) -> list[tuple[Any, ...]]:
    """Some columns of all rows as Python's values; documents as text, so that no digit and no key is lost."""
    return of(url).table_values(url, schema, name, columns)  # type: ignore[no-any-return]


def catalogue(url: str) -> dict[str, frozenset[Any]]:
    """Everything that a run could leave behind, by catalogue: names and what they belong to."""
    return of(url).catalogue(url)  # type: ignore[no-any-return]


def content(url: str, *schemas: str) -> dict[str, Rows]:
    """Every row of every table in the schemas (the default one when none is named), by `schema.table`."""
    module = of(url)
    found = module.tables(url, schemas or (module.DEFAULT_SCHEMA,))
    return {f"{schema}.{name}": table_rows(url, schema, name) for schema, name in found}


def file_hashes(folder: Path, *names: str) -> dict[str, str]:
    """SHA-256 of each of the files."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
