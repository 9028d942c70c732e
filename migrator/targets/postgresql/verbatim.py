"""Running SQL exactly as it is written: without parameters psycopg leaves percent signs alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, CursorResult


def execute(connection: Connection, statement: str) -> CursorResult[Any]:
    """Run one statement."""
    return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
