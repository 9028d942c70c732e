"""Access files: what is one, and the private copy of its bytes that a snapshot is decoded from.

The file is only read. Access writes pages in place and keeps no log, so a copy counts only if nothing touched the
file while it was made.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from migrator.errors import EnvironmentFailure, MigratorError, SourceError

SUFFIXES = frozenset({".mdb", ".accdb"})
_NAMES = (b"Standard Jet DB", b"Standard ACE DB")
"""At byte 4, before anything that a password hides (mdbtools HACKING.md, Database Definition Page)."""
_NAME_AT = 4

_SQLITE = b"SQLite format 3\0"
APPLICATION_ID = 0x4D474143
"""What marks a snapshot: https://sqlite.org/pragma.html#pragma_application_id, at byte 68 of the file."""
_APPLICATION_ID_AT = slice(68, 72)

_LOCKS = {".accdb": ".laccdb", ".mdb": ".ldb"}
"""The file through which those who have the database open meet; the last one to leave deletes it."""

ATTEMPTS = 3
PAUSE_SECONDS = 1.0


def recognises(path: Path) -> bool:
    """Whether the first bytes or the suffix say Access, or that it is a snapshot. Never raises."""
    try:
        with path.open("rb") as file:
            head = file.read(_APPLICATION_ID_AT.stop)
    except OSError:
        head = b""
    if head.startswith(_SQLITE):
        return int.from_bytes(head[_APPLICATION_ID_AT], "big") == APPLICATION_ID
    return head[_NAME_AT:].startswith(_NAMES) or path.suffix.lower() in SUFFIXES


def copy(path: Path, draft: Path) -> None:
    """Copy the file to `draft`, which only its owner can read.

    Somebody may have the database open: that alone changes nothing in it. But a copy during which the file changed
    may hold half of a change, and is made again.

    Raises:
        SourceError: The file changed during every attempt.
        EnvironmentFailure: There is no room, or the file cannot be read.
    """
    with explained(path, draft.parent):
        _require_room(path, draft.parent)
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE_SECONDS)
            before = _stamp(path)
            draft.unlink(missing_ok=True)
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            shutil.copyfile(path, draft)
            if _stamp(path) == before:
                return
    raise SourceError(
        "The database is being changed, so no copy of it is as it was at one moment.",
        where=str(path),
        hint=f"Close it in Access on every computer{_lock_hint(path)}, then try again.",
    )


def lock_file(path: Path) -> Path | None:
    """The lock file beside a database that somebody has open, or that a crash left."""
    lock = path.with_suffix(_LOCKS.get(path.suffix.lower(), ".ldb"))
    return lock if lock.exists() else None


def _lock_hint(path: Path) -> str:
    lock = lock_file(path)
    return f" ({lock.name} says that it is open)" if lock else ""


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _require_room(path: Path, into: Path) -> None:
    if shutil.disk_usage(into).free < path.stat().st_size:
        raise no_room(path, into)


def no_room(path: Path, into: Path) -> EnvironmentFailure:
    """The disk is full, or will be."""
    size, free = path.stat().st_size / 1e6, shutil.disk_usage(into).free / 1e6
    return EnvironmentFailure(
        "There is no room for the copy of the source that a run works from.",
        where=str(into),
        hint=f"{path.name} has {size:,.1f} MB and needs up to three times as much; {free:,.1f} MB are free. "
        "Make room, or use a folder on another disk.",
    )


@contextmanager
def explained(path: Path, into: Path) -> Iterator[None]:
    """Say what the system's errors mean while a file is copied into a folder."""
    try:
        yield
    except OSError as error:
        raise _failure(error, path, into) from error


def _failure(error: OSError, path: Path, into: Path) -> MigratorError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_room(path, into)
    return EnvironmentFailure(
        f"The source cannot be copied: {error.strerror or error}.",
        where=str(error.filename or path),
        hint=f"Whoever runs this needs permission to read {path.name} and to write to {into}.",
    )
