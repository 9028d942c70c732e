"""SQLite files: what is one, and the private, consistent, checked copy a run works from.

The source's own bytes are never written: the database, its `-wal` and its `-journal` are only read, and
nothing is left beside them. `copies.py` says how a copy is taken.
"""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from migrator.errors import EnvironmentFailure, MigratorError, SourceDamagedError, SourceError
from migrator.sources import Location
from migrator.sources.sqlite import copies
from migrator.sources.sqlite.connection import connect
from migrator.sources.sqlite.integrity import problems

# https://sqlite.org/fileformat2.html: the headers of a database, a rollback journal and a WAL.
_MAGIC = b"SQLite format 3\0"
_SIDE_MAGICS = (copies.JOURNAL_MAGIC, bytes.fromhex("377f0682"), bytes.fromhex("377f0683"))
_HEADER_BYTES = 100
_SUFFIXES = frozenset({".db", ".sqlite", ".sqlite3", ".db3"})
_SIDE_FILES = ("-wal", "-shm", "-journal")

_OTHER_KINDS = (
    (b"** This file contains an SQLite 2", "It is a SQLite 2 database; convert it with `sqlite .dump`."),
    (b"\x1f\x8b", "It is compressed with gzip; unpack it first."),
    (b"PK\x03\x04", "It is a ZIP archive; unpack it first."),
    (b"\x28\xb5\x2f\xfd", "It is compressed with Zstandard; unpack it first."),
    (b"version https://git-lfs", "It is a Git LFS pointer; fetch the file itself with `git lfs pull`."),
    (b"PRAGMA ", "It is an SQL script; make a database of it with `sqlite3 new.db < script`."),
    (b"BEGIN TRANSACTION", "It is an SQL script; make a database of it with `sqlite3 new.db < script`."),
    (b"CREATE TABLE", "It is an SQL script; make a database of it with `sqlite3 new.db < script`."),
)
_RECOVER = (
    "Restore it from a backup, or save what can be read with `sqlite3 damaged.db .recover | sqlite3 saved.db` "
    "and migrate that."
)

PROBLEMS = 5
"""How many problems of a damaged file an error names."""


def recognises(path: Path) -> bool:
    """Whether the first bytes say SQLite, or the name does (so that errors about an empty or damaged file
    speak of SQLite), or it is a side file of one. Never raises."""
    try:
        head = _head(path)
    except OSError:
        head = b""
    if head.startswith(_MAGIC) or path.suffix.lower() in _SUFFIXES:
        return True
    return path.name.endswith(_SIDE_FILES) and head.startswith(_SIDE_MAGICS)


def snapshot(location: Location, into: Path) -> Path:
    """Make a private, consistent, checked copy `<name>.db` in the folder `into`, and return its path.

    The copy is complete and on disk before it gets its name, so a file of that name is always whole. Only
    the owner can read it.

    Raises:
        SourceError: It is not a SQLite database, empty, encrypted, locked, or interrupted in a transaction.
        SourceDamagedError: SQLite's integrity check failed.
        EnvironmentFailure: There is no room for the copy, or the file cannot be read.
    """
    path = location.path
    try:
        _refuse_other_files(path)
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_room(path, into)
        with tempfile.TemporaryDirectory(prefix=".copy-", dir=into) as folder:
            draft = Path(folder, "copy.db")
            copies.copy(path, draft)
            _require_sound(draft, path)
            _flush(draft)
            return draft.replace(into / f"{location.name}.db")
    except OSError as error:
        raise _explain_system(error, path, into) from error
    except sqlite3.Error as error:
        raise _explain(error, path, into) from error


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEADER_BYTES)


def _refuse_other_files(path: Path) -> None:
    """Refuse by the first bytes alone, before SQLite sees the file.

    SQLite must not see an empty database with a `-wal`: it would delete the log, even when opened read-only
    (https://sqlite.org/src/file/src/pager.c, pagerOpenWalIfPresent).
    """
    head = _head(path)
    if path.name.endswith(_SIDE_FILES) and head.startswith(_SIDE_MAGICS):
        raise _side_file(path)
    if not head:
        raise _empty(path)
    if not head.startswith(_MAGIC):
        hints = [hint for magic, hint in _OTHER_KINDS if head.startswith(magic)]
        raise SourceError(
            "The file is not a SQLite database.",
            where=str(path),
            hint=hints[0] if hints else "Check the path. If it is encrypted (SQLCipher, SEE), decrypt it first.",
        )


def _side_file(path: Path) -> SourceError:
    main = path.with_name(path.name.rpartition("-")[0])
    return SourceError(
        "This file belongs to a SQLite database and is not the database itself.",
        where=str(path),
        hint=f"Name {main.name} instead; what is in {path.name} is read with it."
        if main.exists()
        else f"The database {main.name} is missing. Restore it beside {path.name}, which cannot be read alone.",
    )


def _empty(path: Path) -> SourceError:
    for suffix in ("-wal", "-journal"):
        side = path.with_name(path.name + suffix)
        if side.exists() and side.stat().st_size:
            return SourceError(
                f"The database file is empty (0 bytes), but {side.name} beside it is not.",
                where=str(path),
                hint=f"Put a copy of {side.name} in a safe place before any program opens the database, because "
                "SQLite would delete it. Then restore the database file itself from a backup.",
            )
    return SourceError(
        "The file is empty (0 bytes), so it holds no database.",
        where=str(path),
        hint="Check the path: a program that opens a wrong name leaves such a file behind.",
    )


def _require_room(path: Path, into: Path) -> None:
    """Room for the database, for its `-wal`, and for the pages that the log adds to the database."""
    wal = path.with_name(path.name + "-wal")
    needed = path.stat().st_size + 2 * (wal.stat().st_size if wal.exists() else 0)
    if shutil.disk_usage(into).free < needed:
        raise _no_room(path, into)


def _no_room(path: Path, into: Path) -> EnvironmentFailure:
    size, free = path.stat().st_size / 1e6, shutil.disk_usage(into).free / 1e6
    return EnvironmentFailure(
        "There is no room for the copy of the source that a run works from.",
        where=str(into),
        hint=f"{path.name} has {size:,.1f} MB and {free:,.1f} MB are free. "
        "Make room, or use a folder on another disk.",
    )


def _require_sound(copy: Path, path: Path) -> None:
    """Raise SourceDamagedError when `PRAGMA quick_check` finds damage in the copy."""
    with closing(connect(copy)) as connection:
        found = problems(connection, PROBLEMS)
    if found:
        raise _damaged("; ".join(found), path)


def _flush(copy: Path) -> None:
    """Bring the copy to the disk itself, so that a run can be resumed after a power failure."""
    handle = os.open(copy, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _explain_system(error: OSError, path: Path, into: Path) -> MigratorError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _no_room(path, into)
    return EnvironmentFailure(
        f"The source cannot be copied: {error.strerror or error}.",
        where=str(error.filename or path),
        hint=f"Whoever runs this needs permission to read {path.name} and what lies beside it, and to write to "
        f"{into}.",
    )


def _explain(error: sqlite3.Error, path: Path, into: Path) -> MigratorError:
    """The error a user meets for SQLite's result code: https://sqlite.org/rescode.html."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code == sqlite3.SQLITE_READONLY_ROLLBACK:
        return _interrupted(path)
    if "malformed database schema" in str(error):
        return _unreadable_schema(error, path)
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _locked(path)
        case sqlite3.SQLITE_CORRUPT:
            return _damaged(str(error), path)
        case sqlite3.SQLITE_NOTADB:
            return _no_header(path)
        case sqlite3.SQLITE_FULL:
            return _no_room(path, into)
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return EnvironmentFailure(
                f"The database cannot be read: {error} ({error.sqlite_errorname}).",
                where=str(path),
                hint="Check the disk, and the permissions of the file, of what lies beside it, and of its folder.",
            )
        case _:
            return SourceError(f"SQLite cannot read the database: {error}.", where=str(path), hint=_RECOVER)


def _interrupted(path: Path) -> SourceError:
    journal = path.name + "-journal"
    command = f"sqlite3 {shlex.quote(str(path))} 'PRAGMA schema_version'"
    return SourceError(
        "A transaction was interrupted and must be rolled back first, which writes to the database.",
        where=str(path.with_name(journal)),
        hint=f"Keep a copy of {path.name} and {journal}, then start the application once or run: {command}",
    )


def _locked(path: Path) -> SourceError:
    holders = ", ".join(copies.lock_holders(path))
    return SourceError(
        f"Another process keeps the database locked; waited {copies.LOCK_SECONDS:g} seconds.",
        where=str(path),
        hint=f"Stop {holders or 'the application that uses it'}, or let it finish, then try again.",
    )


def _damaged(words: str, path: Path) -> SourceDamagedError:
    """Damage, with the sizes when the file is shorter than its header says."""
    size, head = path.stat().st_size, _head(path)
    page_size = int.from_bytes(head[16:18], "big")
    promised = int.from_bytes(head[28:32], "big") * (65536 if page_size == 1 else page_size)
    cut = f" It has {size:,} bytes of the {promised:,} its header promises." if size < promised else ""
    return SourceDamagedError(
        f"The database is damaged. SQLite says: {words}.{cut}", where=str(path), hint=_RECOVER
    )


def _no_header(path: Path) -> MigratorError:
    if path.stat().st_size < _HEADER_BYTES:
        return _damaged("the file ends inside its header", path)
    return SourceError(
        "The file begins like a SQLite database, but its header makes no sense.",
        where=str(path),
        hint=f"If it is encrypted, decrypt it first. If it is damaged: {_RECOVER[0].lower()}{_RECOVER[1:]}",
    )


def _unreadable_schema(error: sqlite3.Error, path: Path) -> SourceError:
    return SourceError(
        f"SQLite {sqlite3.sqlite_version} cannot read the schema: {error}.",
        where=str(path),
        hint="If a newer SQLite made the database, use a Python that comes with that SQLite or a newer one. "
        f"If not, the schema is damaged. {_RECOVER}",
    )
