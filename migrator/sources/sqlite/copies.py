"""How a consistent copy of a SQLite file is taken without writing to it or leaving anything beside it.

- In rollback mode, or in WAL mode with an application at work (`-wal` and `-shm` exist): SQLite's backup
  through a read-only connection, inside one read transaction. In WAL mode writers go on meanwhile; in
  rollback mode they wait at most as long as the copy takes.
- In WAL mode at rest (`-wal` or `-shm` is missing): the bytes of the database and its `-wal` are copied, and
  recovered privately. A read-only connection would create both files beside the source and could not remove
  them, or fail on read-only media (https://sqlite.org/wal.html#readonly). `immutable=1` would ignore the
  `-wal`, and read torn pages when an application started meanwhile. The copied bytes count only if both
  files stayed untouched while they were read: then they are what one instant left behind, and SQLite
  recovers from every instant.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from migrator.errors import SourceError
from migrator.sources.sqlite.connection import uri

JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""First bytes of a rollback journal that is in use: https://sqlite.org/fileformat2.html#the_rollback_journal"""
_VERSIONS = slice(18, 20)
_WAL_VERSIONS = b"\x02\x02"
"""The header's write and read version in WAL mode; both are 1 in rollback mode."""

LOCK_SECONDS = 5.0
"""How long to wait for another process to release a lock or to stop writing."""
REST_SECONDS = 2.0
"""How long a file must have rested for its time stamp to tell a later write: FAT counts in 2 seconds."""
_POLL_SECONDS = 0.002
STEP_PAGES = 25_000
"""Pages per backup step, 100 MB as a rule; an interrupt is heard between two steps."""

Stamp = tuple[int, int, int, int] | None
"""Inode, size and times of change (ns) of a file; None when it does not exist."""


def copy(path: Path, draft: Path) -> None:
    """Copy the database to `draft`, a new file that only its owner can read. It keeps the header's mode, so
    it must be opened as immutable.

    Raises:
        SourceError: It is written all the time by a process that locks every other one out.
        sqlite3.Error: It is locked, has a hot journal, is no database or damaged, or the disk is full.
        OSError: A file cannot be read or written.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    while at_rest(path):
        if _copy_resting(path, draft):
            return
        if time.monotonic() > deadline:
            raise SourceError(
                "The database is written all the time by a process that lets no other one read.",
                where=str(path),
                hint="Stop the application that uses it, then try again.",
            )
    _back_up(path, draft)


def wal(path: Path) -> Path:
    """The write-ahead log of a database."""
    return path.with_name(path.name + "-wal")


def at_rest(path: Path) -> bool:
    """Whether the file is in WAL mode without the files through which applications at work meet.

    A rollback journal in use, as a crash while the mode was changed leaves it, is SQLite's to judge.
    """
    has_wal = wal(path).exists()
    in_wal_mode = has_wal or _head(path)[_VERSIONS] == _WAL_VERSIONS
    at_work = has_wal and path.with_name(path.name + "-shm").exists()
    journal = path.with_name(path.name + "-journal")
    return in_wal_mode and not at_work and not (journal.exists() and _head(journal).startswith(JOURNAL_MAGIC))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_VERSIONS.stop)


def _back_up(path: Path, draft: Path) -> None:
    """Copy through SQLite, as of the moment the read transaction starts."""
    _create(draft)
    with (
        closing(_connect(path, "ro")) as source,
        closing(_connect(draft, "rw")) as copied,
    ):
        # Without a transaction of its own, a backup waits for a lock for ever, and starts over when others
        # write between its steps. https://sqlite.org/c3ref/backup_finish.html
        _begin(source)
        # An unfinished copy is thrown away, so that it needs no journal.
        copied.execute("PRAGMA journal_mode = OFF")
        copied.execute("PRAGMA synchronous = OFF")
        source.backup(copied, pages=STEP_PAGES, progress=lambda *_: None)


def _begin(source: sqlite3.Connection) -> None:
    """Start a read transaction. SQLite's own busy handler sleeps up to 0.1 s between its attempts, and so
    misses the short moments in which a writer in rollback mode that commits all the time lets readers in."""
    source.execute("BEGIN")
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            source.execute("PRAGMA schema_version").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)
        else:
            return


def _copy_resting(path: Path, draft: Path) -> bool:
    """Copy the bytes and recover the copy. False when something moved, so that it must be tried again."""
    files = (path, wal(path))
    before = _stamps(files)
    age = min(abs(time.time() - stamp[2] / 1e9) for stamp in before if stamp)
    if age < REST_SECONDS:
        time.sleep(REST_SECONDS - age)
        return False
    for file, copied in zip(files, (draft, wal(draft)), strict=True):
        copied.unlink(missing_ok=True)
        if file.exists():
            _create(copied)
            shutil.copyfile(file, copied)
    if _stamps(files) != before:
        return False
    if wal(draft).exists():
        _recover(draft)
    return True


def _stamps(files: tuple[Path, ...]) -> tuple[Stamp, ...]:
    return tuple(_stamp(file) for file in files)


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _recover(draft: Path) -> None:
    """Bring what the `-wal` holds into the database file; the last connection removes the `-wal`."""
    with closing(_connect(draft, "rw")) as connection:
        connection.execute("PRAGMA schema_version").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def lock_holders(path: Path) -> tuple[str, ...]:
    """The processes that hold a write lock on the file, as far as the system tells (Linux only)."""
    try:
        # proc_locks(5): number, class, kind, WRITE or READ, process, device:inode, first and last byte.
        locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except OSError:
        return ()
    found = path.stat()
    file = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    holders = {lock[4] for lock in locks if "->" not in lock and lock[3] == "WRITE" and lock[5] == file}
    return tuple(f"process {holder}{_program(holder)}" for holder in sorted(holders))


def _program(process: str) -> str:
    try:
        return f" ({Path('/proc', process, 'comm').read_text().strip()})"
    except OSError:
        return ""


def _create(file: Path) -> None:
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{uri(path)}?mode={mode}", uri=True, isolation_level=None, timeout=0)
