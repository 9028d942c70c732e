"""A connected PostgreSQL: each method hands over to the module that knows its subject."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from migrator.errors import ConnectionFailure
from migrator.model.plan import Plan, Step, TablePlan
from migrator.model.result import Figures, Mismatch
from migrator.targets import ConnectOptions, Dialect, Rehearsal
from migrator.targets.common.rehearsing import rehearse
from migrator.targets.common.urls import display_url
from migrator.targets.common.verbatim import execute
from migrator.targets.postgresql import bulk, catalog, databases, figures, preflight, readback
from migrator.targets.postgresql.connecting import connect_failure, make_engine
from migrator.targets.postgresql.failures import explain, explain_read
from migrator.targets.postgresql.names import qualified
from migrator.targets.postgresql.rehearsal import MANNERS


class PostgreSQLServer:
    """A connected server; satisfies `migrator.targets.Server`."""

    notes: tuple[str, ...] = ()
    may_load_apart = False
    chunk_rows = 50_000
    hashes = False

    def __init__(
        self, dialect: Dialect, engine: Engine, shown_url: str, facts: databases.Facts, options: ConnectOptions
    ) -> None:
        self.dialect = dialect
        self.engine = engine
        self._options = options
        self.display_url = shown_url
        self._facts = facts
        self._readers = readback.Sessions(engine)

    def version(self) -> str:
        """Such as `PostgreSQL 18.4`."""
        return f"PostgreSQL {self._facts.version}"

    @contextmanager
    def errors(self, doing: str) -> Iterator[None]:
        """See `Server.errors`."""
        try:
            yield
        except (DBAPIError, psycopg.Error) as error:
            raise explain(error, f"{self.display_url}, {doing}") from None
        except AdbcError as error:
            raise explain_read(error, f"{self.display_url}, {doing}") from None

    def try_lock(self, connection: Connection, name: str) -> bool:
        """An advisory lock of the session.
        https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS"""
        query = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
        return bool(connection.execute(query, {"name": name}).scalar_one())

    def check(self, plan: Plan) -> None:
        """See `preflight`."""
        with self.errors("preflight"), self.engine.connect() as connection:
            preflight.check(connection, plan, self.display_url)

    def rehearse(self, steps: tuple[Step, ...], given: tuple[TablePlan, ...] = ()) -> Rehearsal:
        """See `rehearsal`."""
        with self.errors("rehearsal"):
            return rehearse(self.engine, steps, given, self.display_url, MANNERS)

    def load(self, connection: Connection, table: TablePlan, batch: pa.RecordBatch) -> int:
        """See `bulk`."""
        return bulk.load(connection, table, batch)

    def settled_rows(self, table: TablePlan) -> int:
        """COPY is part of the connection's transaction, so nothing is under way elsewhere."""
        return self.count(table)

    def read(self, table: TablePlan, *, max_rows: int = 50_000) -> Iterator[pa.RecordBatch]:
        """See `readback`."""
        return readback.read(self._readers, table, max_rows)

    def figures(self, table: TablePlan, *, distinct: bool) -> dict[str, Figures]:
        """See `figures`."""
        with self.errors(f"figures of {table.name}"), self.engine.connect() as connection:
            return figures.figures(connection, table, distinct=distinct)

    def count(self, table: TablePlan) -> int:
        """Rows of the target table."""
        query = f"SELECT count(*) FROM {qualified(table.schema, table.target)}"
        with self.errors(f"rows of {table.name}"), self.engine.connect() as connection:
            return int(execute(connection, query).scalar_one())

    def check_schema(self, table: TablePlan) -> tuple[Mismatch, ...]:
        """See `catalog`."""
        with self.errors(f"schema of {table.name}"), self.engine.connect() as connection:
            return catalog.check_schema(connection, table)

    def discard(self) -> bool:
        """See `databases`."""
        if not self._facts.made_by_run:
            return False
        self._readers.close()
        with self.errors("dropping the database"):
            return databases.drop_if_empty(self.engine, self._options)

    def close(self) -> None:
        """Close every connection."""
        self._readers.close()
        self.engine.dispose()


def connect(dialect: Dialect, url: URL, options: ConnectOptions) -> PostgreSQLServer:
    """Connect, and learn the version.

    Raises:
        ConfigurationError: The URL names another driver, or has parts the client does not know.
        ConnectionFailure: The server cannot be reached or refuses the login.
    """
    engine = make_engine(url, options)
    try:
        facts = databases.facts(engine)
    except DBAPIError as error:
        engine.dispose()
        if options.create and databases.is_missing(error):
            databases.create(url, options)
            return connect(dialect, url, replace(options, create=False))
        if isinstance(error.orig, psycopg.Error):
            raise connect_failure(error.orig, url) from None
        raise ConnectionFailure("Cannot connect.", where=display_url(url)) from None
    return PostgreSQLServer(dialect, engine, display_url(url), facts, options)
