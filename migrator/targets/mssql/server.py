"""A connected SQL Server: each method hands over to the module that knows its subject."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pyarrow as pa
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from migrator.model.plan import Plan, Step, TablePlan
from migrator.model.result import Figures, Mismatch
from migrator.targets import ConnectOptions, Dialect, Rehearsal
from migrator.targets.common.rehearsing import rehearse
from migrator.targets.common.urls import display_url
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql import bulk, catalog, databases, figures, preflight, readback
from migrator.targets.mssql.connecting import Way, connect_failure, make_engine, misunderstood, way
from migrator.targets.mssql.dialect import SQLServer
from migrator.targets.mssql.failures import explain, first_cause
from migrator.targets.mssql.names import qualified
from migrator.targets.mssql.rehearsal import manners

YEARS = {13: 2016, 14: 2017, 15: 2019, 16: 2022, 17: 2025}
"""Names of versions, https://learn.microsoft.com/troubleshoot/sql/releases/download-and-install-latest-updates."""
_SERVICES = {5: "Azure SQL Database", 8: "Azure SQL Managed Instance", 12: "SQL database in Fabric"}

_LOCK = text("""
    SET NOCOUNT ON;
    DECLARE @granted int;
    EXEC @granted = sp_getapplock @Resource = :name, @LockMode = 'Exclusive', @LockOwner = 'Session',
                                  @LockTimeout = 0;
    SELECT @granted;
""")
"""Granted is 0 or more.
https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-getapplock-transact-sql"""


class SQLServerServer:
    """A connected server; satisfies `migrator.targets.Server`."""

    hashes = True
    may_load_apart = True

    def __init__(
        self,
        dialect: Dialect,
        engine: Engine,
        url: URL,
        facts: databases.Facts,
        options: ConnectOptions,
        by: Way,
    ) -> None:
        self.dialect = dialect
        self.engine = engine
        self.display_url = display_url(url)
        self.notes = by.notes
        self.chunk_rows = 250_000 if bulk.loads_apart(engine) else 50_000
        self._facts = facts
        self._options = options
        self._way = by

    def version(self) -> str:
        """Such as `SQL Server 2022 (16.0.4135.4)`."""
        service = _SERVICES.get(self._facts.edition)
        year = YEARS.get(int(self._facts.version.partition(".")[0]))
        return service or f"SQL Server{f' {year}' if year else ''} ({self._facts.version})"

    @contextmanager
    def errors(self, doing: str) -> Iterator[None]:
        """See `Server.errors`."""
        try:
            yield
        except DBAPIError as error:
            raise explain(first_cause(error), f"{self.display_url}, {doing}") from None

    def try_lock(self, connection: Connection, name: str) -> bool:
        """An application lock of the session."""
        return int(connection.execute(_LOCK, {"name": name}).scalar_one()) >= 0

    def check(self, plan: Plan) -> None:
        """See `preflight`."""
        with self.errors("preflight"), self.engine.connect() as connection:
            preflight.check(connection, plan, self.display_url, self._facts)

    def rehearse(self, steps: tuple[Step, ...], given: tuple[TablePlan, ...] = ()) -> Rehearsal:
        """See `rehearsal`."""
        with self.errors("rehearsal"):
            return rehearse(self.engine, steps, given, self.display_url, manners(self.dialect.name_key))

    def load(self, connection: Connection, table: TablePlan, batch: pa.RecordBatch) -> int:
        """See `bulk`."""
        return bulk.load(connection, table, batch)

    def settled_rows(self, table: TablePlan) -> int:
        """See `bulk`."""
        with self.errors(f"rows of {table.name}"), self.engine.begin() as connection:
            return bulk.settled_rows(connection, table)

    def read(self, table: TablePlan, *, max_rows: int = 50_000) -> Iterator[pa.RecordBatch]:
        """See `readback`."""
        return readback.read(self.engine, table, max_rows)

    def figures(self, table: TablePlan, *, distinct: bool) -> dict[str, Figures]:
        """See `figures`."""
        with self.errors(f"figures of {table.name}"), self.engine.connect() as connection:
            return figures.figures(connection, table, distinct=distinct, hashes=distinct)

    def count(self, table: TablePlan) -> int:
        """Rows of the target table."""
        query = f"SELECT COUNT_BIG(*) FROM {qualified(table.schema, table.target)}"
        with self.errors(f"rows of {table.name}"), self.engine.connect() as connection:
            return int(execute(connection, query).scalar_one())

    def check_schema(self, table: TablePlan) -> tuple[Mismatch, ...]:
        """See `catalog`."""
        with self.errors(f"schema of {table.name}"), self.engine.connect() as connection:
            return catalog.check_schema(connection, table, self.dialect.name_key)

    def discard(self) -> bool:
        """See `databases`."""
        if not self._facts.made_by_run:
            return False
        with self.errors("dropping the database"):
            return databases.drop_if_empty(self.engine, self._options, self._way)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def connect(url: URL, options: ConnectOptions) -> SQLServerServer:
    """Connect, and learn the version and collation.

    Raises:
        ConfigurationError: The URL names another driver, or has parts the driver does not know.
        ConnectionFailure: The server cannot be reached or refuses the login.
    """
    by = way(url)
    engine = make_engine(url, options, by)
    try:
        facts = databases.facts(engine)
    except DBAPIError as error:
        engine.dispose()
        if options.create and databases.is_missing(error):
            databases.create(url, options, by)
            return connect(url, replace(options, create=False))
        raise connect_failure(error, url) from None
    except misunderstood(by) as error:
        engine.dispose()
        raise connect_failure(error, url) from None
    return SQLServerServer(SQLServer(facts.collation), engine, url, facts, options, by)
