"""The one place that opens a snapshot: read-only, immutable, whatever its file is called.

Nothing here interprets a value; the caller chooses `text_factory` and how rows look.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

BENEATH = "migrator_snapshot"
"""What the snapshot is called in SQL where a staged file lies over it."""


def connect(path: Path, beneath: Path | None = None) -> sqlite3.Connection:
    """Open a snapshot for reading, in autocommit mode and without any type detection.

    With `beneath`, `path` is a staged file over that snapshot: a table is read from the staged file where it is
    there, else from the snapshot. Of two tables of one name SQLite takes the one in the database that was
    attached first, and main comes before all (https://sqlite.org/lang_attach.html).

    `immutable=1` (https://sqlite.org/uri.html) promises SQLite that nobody writes the file: it takes no
    locks and leaves no `-wal` or `-shm` beside it, even where the header says WAL. Only a snapshot can make
    that promise; never open a user's own file with this. The connection may be handed to another thread,
    which then is the only one to use it.

    Raises:
        sqlite3.Error: The file cannot be opened.
    """
    connection = sqlite3.connect(read_only(path), uri=True, isolation_level=None, check_same_thread=False)
    if beneath is not None:
        connection.execute(attach(beneath))
    # A damaged page is found when it is read: https://sqlite.org/security.html. The other advice given there,
    # `trusted_schema = OFF`, would refuse sound databases: SQLite 3.40 takes json_extract for unsafe.
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def attach(beneath: Path) -> str:
    """The statement that lays the main database over a snapshot."""
    return f"ATTACH '{read_only(beneath)}' AS {BENEATH}"


def read_only(path: Path) -> str:
    """The URI of a file that nobody writes."""
    return f"{uri(path)}?mode=ro&immutable=1"


def uri(path: Path) -> str:
    """The file as a URI without parameters: `?`, `#`, `%`, `'`, blanks and Korean are percent-encoded."""
    return path.absolute().as_uri()
