"""The staged file while it is written: beside the snapshot, which is only read.

Its tables have the rows' numbers as rowids, no constraint, and only affinities that convert none of their values.
It is thrown away unless it is finished, so it needs no journal.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migrator.errors import EnvironmentFailure
from migrator.sources.sqlite.connection import read_only, uri
from migrator.sources.sqlite.order import NUMBER
from migrator.sources.sqlite.staging import expressions
from migrator.sources.sqlite.staging.forms import digits
from migrator.sources.sqlite.storage import Affinity
from migrator.sources.sqlite.values import Reading, quote

NAME = "migrator_staged"
"""What the staged file is called in SQL while the snapshot is the main database."""
PRAGMAS = ("journal_mode = OFF", "synchronous = OFF")
_COLLATIONS = frozenset({"NOCASE", "RTRIM"})
"""Those that every connection knows, besides comparing bytes."""


@dataclass(frozen=True, slots=True)
class PhysicalColumn:
    """A column as the staged file has it."""

    name: str
    stored: Affinity = Affinity.BLOB
    collation: str | None = None

    @property
    def ddl(self) -> str:
        """Its definition."""
        declared = "" if self.stored is Affinity.BLOB else f" {self.stored}"
        collated = f" COLLATE {self.collation}" if self.collation in _COLLATIONS else ""
        return f"{quote(self.name)}{declared}{collated}"


class Draft:
    """A staged file that is being written, and the snapshot it is made from. Names without a schema are the
    snapshot's."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self.reading = Reading.of(connection)

    def create(self, table: str, columns: Sequence[PhysicalColumn]) -> None:
        """Make an empty table. Raises sqlite3.Error."""
        number = f"{quote(NUMBER)} INTEGER PRIMARY KEY"
        listed = ", ".join([number, *(column.ddl for column in columns)])
        self.connection.execute(f"CREATE TABLE {_name(table)} ({listed})")

    def fill(self, table: str, query: str) -> int:
        """Append the rows of a SELECT, numbers first; how many they are. Raises sqlite3.Error."""
        return self.connection.execute(f"INSERT INTO {_name(table)} {query}").rowcount

    def append(self, table: str, columns: int, rows: Iterable[Sequence[object]]) -> None:
        """Append rows, numbers first. Raises sqlite3.Error."""
        marks = ", ".join("?" * (columns + 1))
        self.connection.execute("BEGIN")
        self.connection.executemany(f"INSERT INTO {_name(table)} VALUES ({marks})", rows)
        self.connection.execute("COMMIT")

    def digits(self, table: str, column: str) -> None:
        """Make digits of the numbers in a column of decimals. Raises sqlite3.Error."""
        name = quote(column)
        made = f"{name} = migrator_digits({name}) WHERE typeof({name}) IN ('integer', 'real')"
        self.connection.execute(f"UPDATE {_name(table)} SET {made}")


def _name(table: str) -> str:
    return f"{NAME}.{quote(table)}"


@contextmanager
def draft(path: Path, snapshot: Path) -> Iterator[Draft]:
    """A new staged file over the snapshot, in the snapshot's text encoding, removed again if writing it fails.

    Raises:
        EnvironmentFailure: There is no room for it.
        sqlite3.Error: See `Draft`.
    """
    with _explained(path):
        discard(path)
        try:
            _create(path)
            connection = sqlite3.connect(read_only(snapshot), uri=True, isolation_level=None)
            try:
                yield _opened(path, connection)
            finally:
                connection.close()
        except BaseException:
            discard(path)
            raise


def discard(path: Path) -> None:
    """Remove a staged file, if there is one. Raises OSError."""
    path.unlink(missing_ok=True)


def _create(path: Path) -> None:
    """An empty file that only its owner can read."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _opened(path: Path, connection: sqlite3.Connection) -> Draft:
    """SQLite writes the main database's encoding into an empty one that is attached."""
    connection.execute(f"ATTACH '{uri(path)}?mode=rw' AS {NAME}")
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {NAME}.{pragma}")
    made = Draft(path, connection)
    expressions.install(connection, made.reading)
    connection.create_function("migrator_digits", 1, digits, deterministic=True)
    expressions.guard(connection, NAME)
    return made


_ENVIRONMENT = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _ENVIRONMENT:
            raise
        raise _no_room(str(error), path) from error
    except OSError as error:
        raise _no_room(error.strerror or str(error), path) from error


def _no_room(why: str, path: Path) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"The rows that the rules make of the source cannot be written: {why}.",
        where=str(path.parent),
        hint="Tables with rules need as much room again as they take in the source. "
        "Make room, or use a folder on another disk.",
    )
