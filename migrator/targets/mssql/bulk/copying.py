"""Bulk copy through `cursor.bulkcopy_arrow` of `mssql-python`: INSERT BULK over a connection that the driver opens
for it.

https://learn.microsoft.com/sql/t-sql/statements/bulk-insert-transact-sql has the options.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection

from migrator.errors import DataError
from migrator.model.plan import ColumnPlan, TablePlan
from migrator.targets.mssql.failures import explain
from migrator.targets.mssql.names import qualified
from migrator.targets.mssql.tuples import check

DRIVER = "mssqlpython"
"""SQLAlchemy's name for the driver."""


def can_copy(table: TablePlan) -> bool:
    """Whether bulk copy can name the columns: it puts a name between brackets as it is."""
    return not any("]" in column.target for column in table.loaded)


def copy(connection: Connection, table: TablePlan, batch: pa.RecordBatch) -> int:
    """Copy a batch, whole or not at all: all its rows are one batch of the protocol (`batch_size=0`) in a
    transaction of their own. The driver takes Arrow's buffers as they are, without Python's lock, and the identity
    and NULLs of the batch instead of the server's own.

    Constraints of given tables are checked, those of the run's own tables do not exist yet. A table lock on a heap
    without indexes makes the load minimally logged, in databases whose recovery model allows it.
    https://learn.microsoft.com/sql/relational-databases/import-export/prerequisites-for-minimal-logging-in-bulk-import

    What the server or the network refuse is a RuntimeError or TimeoutError; a value that the driver cannot convert
    is a ValueError, whose text has the value.

    Raises: see `load`.
    """
    columns = table.loaded
    check(table, batch)
    if not batch.num_rows:
        return 0
    raw: Any = connection.connection.driver_connection
    try:
        with closing(raw.cursor()) as cursor:
            copied = cursor.bulkcopy_arrow(
                qualified(table.schema, table.target),
                batch,
                batch_size=0,
                timeout=0,
                column_mappings=[column.target for column in columns],
                keep_identity=True,
                keep_nulls=True,
                check_constraints=table.given,
                table_lock=not table.given,
                fire_triggers=False,
                use_internal_transaction=True,
            )["rows_copied"]
    except ValueError as error:
        raise _unconvertible(table, columns, error) from None
    except (connection.dialect.loaded_dbapi.Error, RuntimeError, OSError) as error:
        raise explain(error, table.name, _column(error, columns)) from None
    if copied != batch.num_rows:
        raise DataError(
            f"The driver sent {copied:,} of {batch.num_rows:,} rows.",
            where=table.name,
            hint="Undo the run with `migrator rollback`, then try again.",
        )
    return int(copied)


def _unconvertible(table: TablePlan, columns: tuple[ColumnPlan, ...], error: ValueError) -> DataError:
    column = _column(error, columns)
    return DataError(
        "The server's column does not hold a value of the batch, or no NULL.",
        where=f"{table.name}, column {column}" if column else table.name,
        hint="See that the table has the columns of the plan; else give the column another type in migrator.toml.",
    )


_NAMED = re.compile(r"column '(.*?)'", re.IGNORECASE)
"""How the driver names a column, and so does SQL Server in English."""


def _column(error: BaseException, columns: tuple[ColumnPlan, ...]) -> str:
    """The column that the message names. Nothing else of the message is used."""
    named = _NAMED.findall(str(error))
    return next((column.target for column in columns if column.target in named), "")
