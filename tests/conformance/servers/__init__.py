"""The targets that the suite runs over, and what each needs in its own SQL.

A test names no target: what it must know about one it asks its `Target`. PostgreSQL is always there; SQL Server
where MIGRATOR_TEST_MSSQL_URL names one, through each of its drivers.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from tests.conformance.model import Arrived
from tests.conformance.servers import mssql, postgresql


class Target(Protocol):
    """One kind of target, through one driver. Every `url` below is that of a database, as text."""

    id: str
    """What the names of tests say."""
    family: str
    """`postgresql` or `mssql`: whose SQL, and which of a case's `Differs`."""
    schema: str
    """The default schema."""
    sql: Mapping[str, str]
    """Statements by what they do; a statement that has no meaning here is missing."""
    words: Mapping[str, str]
    """What messages and files say of this target."""
    settings: tuple[str, ...]
    """What a database may be set to, for `ALTER DATABASE x …`; none of it may matter."""
    locales: tuple[str, ...]
    """What a database may be created with, for `CREATE DATABASE x …`; none of it may matter."""
    too_narrow: tuple[str, ...]
    """What a database may be created with that cannot hold every text."""
    reconnects: bool
    """Whether a run goes on by itself after its connections were ended."""
    alterations: tuple[str, ...]
    """Names in `sql` of what changes the schema of `t` unnoticed by its rows."""
    breakable: tuple[str, ...]
    """What `sabotage` can make fail."""

    def url(self, server: str, database: str) -> str:
        """The URL of another database of the server."""

    def create(self, server: str, name: str, options: str = "") -> None:
        """Create an empty database."""

    def drop(self, server: str, name: str) -> None:
        """Drop a database, whoever is still connected."""

    def capabilities(self, server: str) -> frozenset[str]:
        """What this server can do of that by which servers of the family differ, by trying it."""

    def assert_types(self, url: str, expected: Arrived, schema: str, types: Mapping[tuple[str, str], str]) -> None:
        """That the columns of a table are there in order and of the types that the expectation means. `types` are
        those that no rule gives."""

    def owner(self, url: str, password: str) -> AbstractContextManager[str]:
        """The URL of a login of this password that may do everything."""

    def stranger(self, url: str, password: str) -> AbstractContextManager[str]:
        """The URL of a login of this password that may connect and nothing else."""

    def end_sessions(self, url: str) -> None:
        """End all other sessions in the database."""

    def sabotage(self, url: str, *what: str) -> None:
        """Make steps of a kind (`constraint`, `index`, `view`, `drop`) fail as soon as the table `parent` has
        rows, so that the rehearsal does not meet it."""

    def end_sabotage(self, url: str) -> None:
        """Let them succeed again."""

    def unfit(self, value: Any) -> bool:
        """Whether a value of SQLite needs a decision before any type of this target holds it."""


def targets() -> tuple[Target, ...]:
    """Every target that can be tested here."""
    return (postgresql.TARGET, *mssql.targets())


def skipped() -> tuple[str, ...]:
    """One line for every target that cannot, saying how."""
    return mssql.skipped()
