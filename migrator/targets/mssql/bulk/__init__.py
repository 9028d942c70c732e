"""Loading Arrow batches: the bulk copy of `mssql-python`, or array INSERTs of `pyodbc`; and how many rows are
settled.

Bulk copy commits by itself, see `loads_apart`; whoever calls must then be able to tell after a crash whether the
last batch arrived, which is what `settled_rows` is for.
"""

from __future__ import annotations

import pyarrow as pa
from sqlalchemy import Connection, Engine

from migrator.model.plan import TablePlan
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.bulk import copying, inserting
from migrator.targets.mssql.names import qualified


def loads_apart(engine: Engine) -> bool:
    """Whether `load` commits its rows by itself, all or none, and not with the connection's transaction."""
    return engine.dialect.driver == copying.DRIVER


def load(connection: Connection, table: TablePlan, batch: pa.RecordBatch) -> int:
    """See `Server.load`. Where `loads_apart`, the rows are committed when this returns, and none are when it
    raises anything but ConnectionFailure, which leaves that open; the connection must hold no lock on the table,
    since the copy would wait for it for ever.

    Raises:
        DataError: The server refuses a value.
        EnvironmentFailure: The server's disk is full, or another resource is missing.
        ConnectionFailure: The connection broke.
    """
    if not loads_apart(connection.engine):
        return inserting.insert(connection, table, batch)
    if copying.can_copy(table):
        return copying.copy(connection, table, batch)
    with connection.engine.begin() as own:
        return inserting.insert(own, table, batch)


def settled_rows(connection: Connection, table: TablePlan) -> int:
    """Rows of the table when no other session is writing to it any more.

    The server goes on for a moment with a bulk copy whose client was killed, and either keeps all of its rows or
    none. Where READ_COMMITTED_SNAPSHOT is on (it is in Azure SQL Database), a plain count would not wait for that
    but see the state before it. TABLOCK with HOLDLOCK is a shared lock on the whole table, which waits for every
    lock a writer has on it, be it intent exclusive or bulk update; HOLDLOCK, that is SERIALIZABLE, reads with
    locks under every setting of the database. The lock lives as long as the connection's transaction: end it
    before loading.
    https://learn.microsoft.com/sql/t-sql/queries/hints-transact-sql-table
    https://learn.microsoft.com/sql/relational-databases/sql-server-transaction-locking-and-row-versioning-guide
    """
    query = f"SELECT COUNT_BIG(*) FROM {qualified(table.schema, table.target)} WITH (TABLOCK, HOLDLOCK)"
    return int(execute(connection, query).scalar_one())
