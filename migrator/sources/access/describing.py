"""The schema of an Access database, kept in its snapshot as JSON, so that a later process needs no more than that.

No password is among it.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from cattrs import Converter

from migrator.errors import SourceDamagedError
from migrator.model.schema import Schema
from migrator.model.types import LogicalType
from migrator.sources.sqlite.connection import connect

TABLE = "migrator access schema"


def _converter() -> Converter:
    made = Converter()
    made.register_structure_hook(LogicalType, lambda value, _: LogicalType.parse(value))
    made.register_unstructure_hook(LogicalType, str)
    return made


def describe(connection: sqlite3.Connection, schema: Schema) -> None:
    """Put the schema into a snapshot. Raises sqlite3.Error."""
    connection.execute(f'CREATE TABLE "{TABLE}" (description TEXT)')
    text = json.dumps(_converter().unstructure(schema), ensure_ascii=False)
    connection.execute(f'INSERT INTO "{TABLE}" VALUES (?)', (text,))


def described(snapshot: Path) -> Schema:
    """The schema in a snapshot.

    Raises:
        SourceDamagedError: It cannot be read.
    """
    try:
        with closing(connect(snapshot)) as connection:
            (text,) = connection.execute(f'SELECT description FROM "{TABLE}"').fetchone()
        return _converter().structure(json.loads(text), Schema)
    except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
        raise SourceDamagedError(
            "The snapshot of an Access database is not as it was made.",
            where=str(snapshot),
            hint="Take the run back with `migrator rollback` and run again.",
        ) from error
