"""Reading a target table back as canonical Arrow batches, through ADBC: a path that shares nothing with the
load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from adbc_driver_postgresql import StatementOptions
from sqlalchemy import Engine

from migrator.errors import ConnectionFailure, DataError
from migrator.model.plan import TablePlan, arrow_schema
from migrator.targets.postgresql.connecting import conninfo, settings_statement
from migrator.targets.postgresql.failures import explain_read
from migrator.targets.postgresql.names import qualified, quote

BATCH_BYTES = 16 << 20
"""About how much the driver holds at a time; one value larger than that still comes whole."""


class Sessions:
    """ADBC's connections to one server, kept for the next table: while it connects, the driver reads the columns
    of every table there is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[Any] = []

    @contextmanager
    def session(self) -> Iterator[Any]:
        """A connection for one table; one whose reading ended early is in an unknown state and not kept."""
        connection = self._idle.pop() if self._idle else self._connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _connect(self) -> Any:
        """In autocommit mode an idle connection holds no lock on the tables it has read."""
        connection = adbc.connect(conninfo(self._engine), autocommit=True)
        try:
            with closing(connection.cursor()) as cursor:
                cursor.execute(settings_statement())
                cursor.fetchall()
        except AdbcError:
            connection.close()
            raise
        return connection


def read(sessions: Sessions, table: TablePlan, max_rows: int) -> Iterator[pa.RecordBatch]:
    """See `Server.read`. The rows are streamed over a connection that nobody else uses meanwhile.

    Raises:
        DataError: A value is not of the planned type, so the table was changed since.
        ConnectionFailure: The connection broke.
    """
    names = ", ".join(quote(column.target) for column in table.columns)
    query = f"SELECT {names} FROM {qualified(table.schema, table.target)}"
    schema = arrow_schema(table.columns)
    try:
        with sessions.session() as connection, closing(connection.cursor()) as cursor:
            hint = {StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(BATCH_BYTES)}
            cursor.adbc_statement.set_options(**hint)
            cursor.execute(query)
            with cursor.fetch_record_batch() as reader:
                for batch in reader:
                    canonical = _canonical(table, batch, schema)
                    for start in range(0, canonical.num_rows, max_rows):
                        yield canonical.slice(start, max_rows)
    except AdbcError as error:
        raise explain_read(error, table.name) from None
    except OSError:  # what Arrow makes of an error in the middle of the stream
        raise ConnectionFailure(
            "The server broke off while its rows were read.",
            where=table.name,
            hint="See that the server runs and is reachable, and who ended the session, then try again.",
        ) from None


def _canonical(table: TablePlan, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [_cast(table, field, column) for field, column in zip(schema, batch.columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cast(table: TablePlan, field: pa.Field, array: pa.Array) -> pa.Array:
    """numeric arrives as text of an opaque type, uuid and json as extension types: all hold what the canonical
    type holds."""
    storage = array.storage if isinstance(array, pa.ExtensionArray) else array
    try:
        return storage.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise DataError(
            f"The target holds a value that is no {field.metadata[b'logical'].decode()}.",
            where=f"{table.name}, column {field.name}",
            hint="The column or its values were changed since the run.",
        ) from None
