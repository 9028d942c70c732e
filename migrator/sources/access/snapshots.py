"""A snapshot of an Access database: a private SQLite file with every row decoded, and with the schema.

Rules, profiles, figures and exclusions are all evaluated by SQLite, so rows are put where it can see them. Tables
there have no keys and no affinity that would convert a value; what Access says about them stands in `describing`.
"""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from migrator.errors import EnvironmentFailure, MigratorError, SourceError, SourceLockedError
from migrator.model.schema import Schema
from migrator.sources import Location
from migrator.sources.access import files, odbc
from migrator.sources.access.contents import Contents, contents
from migrator.sources.access.database import Database
from migrator.sources.access.describing import describe
from migrator.sources.access.filling import Parts, decoded, fill
from migrator.sources.access.links import Followed, follow

_PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", f"application_id = {files.APPLICATION_ID}")
"""An unfinished snapshot is thrown away, so that it needs no journal."""


def snapshot(location: Location, into: Path) -> Path:
    """Make the snapshot `<name>.access` in the folder `into`, and return its path. It is complete and on disk
    before it gets its name; only its owner can read it.

    Raises:
        SourceError: It is no Access database, it changes all the time, or the password is missing or wrong.
        SourceDamagedError: The file is damaged; the place names the page.
        EnvironmentFailure: There is no room, the file cannot be read, or decrypting it needs a package.
    """
    path = location.path
    with files.explained(path, into):
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".copy-", dir=into) as folder:
            copied, draft = Path(folder, path.name), Path(folder, "snapshot")
            files.copy(path, copied)
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with ExitStack() as stack, _placed(copied, path):
                database, password = _opened(copied, location)
                stack.enter_context(database)
                followed = _followed(database, location, Path(folder), stack) if location.follow_links else ()
                parts = _parts(database, password, location, stack)
                with _explained(path, into):
                    _write(draft, contents(database, followed), parts)
            _flush(draft)
            return draft.replace(into / f"{location.name}.access")


_HINT = (
    "Set MIGRATOR_SOURCE_PASSWORD in the environment or in .env to the password that opens it in Access, or "
    "MIGRATOR_SOURCE_PASSWORD_{name} where sources have different ones."
)


@contextmanager
def _placed(copied: Path, path: Path) -> Iterator[None]:
    """Let errors about the copy name the source itself."""
    try:
        yield
    except MigratorError as error:
        error.where = error.where.replace(str(copied), str(path))
        raise


def _opened(copied: Path, location: Location) -> tuple[Database, str | None]:
    """The copy, opened, and the password if it has one; errors about that name the source itself."""
    password = None
    try:
        try:
            return Database(copied), None
        except SourceLockedError:
            password = location.password() if location.password is not None else None
            return Database(copied, password), password
    except SourceLockedError as error:
        name = re.sub(r"\W", "_", location.name).upper()
        hint = _HINT.format(name=name)
        raise SourceLockedError(error.what, where=str(location.path), hint=hint) from None


def _followed(database: Database, location: Location, folder: Path, stack: ExitStack) -> tuple[Followed, ...]:
    def open_copy(copied: Path, file: Path) -> Database:
        stack.enter_context(_placed(copied, file))
        return _opened(copied, replace(location, path=file))[0]

    return follow(database, location.path, folder, open_copy, stack)


def _parts(database: Database, password: str | None, location: Location, stack: ExitStack) -> Parts:
    """How rows are read: through ODBC where the user says so and the driver can."""
    if not location.given.startswith(f"{odbc.SCHEME}://"):
        return decoded
    connection = stack.enter_context(odbc.connected(database, password))
    return lambda table: connection.parts(table) if connection.reads(table) else decoded(table)


def _write(draft: Path, found: Contents, parts: Parts) -> None:
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        schema: Schema = fill(connection, found, parts)
        describe(connection, schema)
        connection.execute("COMMIT")


@contextmanager
def _explained(path: Path, into: Path) -> Iterator[None]:
    """Say what SQLite's errors mean while it is written."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise files.no_room(path, into) from error
        if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise EnvironmentFailure(
                f"The rows of the source cannot be written: {error}.",
                where=str(into),
                hint="Check the disk and the permissions of the folder, or use another one.",
            ) from error
        raise SourceError(
            f"The database cannot be put into SQLite: {error}.",
            where=str(path),
            hint="Rename what the message names in a copy of the database, and give that copy.",
        ) from error


def _flush(copy: Path) -> None:
    """Bring the copy to the disk itself, so that a run can be resumed after a power failure."""
    handle = os.open(copy, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
