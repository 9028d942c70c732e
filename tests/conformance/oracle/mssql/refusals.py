"""What the server says when it refuses a statement, as the SQLSTATE that PostgreSQL has for it."""

from __future__ import annotations

from typing import Any

from tests.conformance.oracle.mssql.connecting import ERRORS, fetched
from tests.conformance.oracle.mssql.names import literal

_STATES = {
    # https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors
    515: "23502",  # Cannot insert the value NULL into column
    2601: "23505",  # Cannot insert duplicate key row in object with unique index
    2627: "23505",  # Violation of UNIQUE KEY or PRIMARY KEY constraint
}
_CONSTRAINT = 547
"""A CHECK, a FOREIGN KEY or a REFERENCE, which only the message tells apart."""


def refusal(connection: Any, statement: str) -> str:
    """Why the server refuses a statement, which is tried once more: drivers do not all tell the number."""
    tried = f"""
        DECLARE @number int, @message nvarchar(4000);
        BEGIN TRY EXEC sys.sp_executesql {literal(statement)} END TRY
        BEGIN CATCH SELECT @number = ERROR_NUMBER(), @message = ERROR_MESSAGE() END CATCH;
        IF XACT_STATE() = -1 ROLLBACK;
        SELECT @number, @message"""
    try:
        ((number, message),) = fetched(connection, tried)
    except ERRORS as error:  # not every server lets a batch catch everything
        return str(error)
    if number == _CONSTRAINT:
        return "23514" if "check" in message.lower() else "23503"
    return _STATES.get(number, f"{number}: {message}")
