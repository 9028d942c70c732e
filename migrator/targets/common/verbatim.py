"""Running SQL exactly as it is written: without parameters a driver leaves percent signs and colons alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, CursorResult


def execute(connection: Connection, statement: str) -> CursorResult[Any]:
    """Run one statement."""
    return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
