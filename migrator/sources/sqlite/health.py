"""What `migrator doctor` asks about a SQLite file: whether it can be read now, as a run would read it.

Nothing is copied, and nothing is written or left beside the file: it is opened only where an application at work,
or rollback mode, makes that harmless (see `copies`). Damage is for the run's own copy to show.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from migrator.errors import MigratorError
from migrator.model.health import Check, State, refusal
from migrator.sources import Location
from migrator.sources.sqlite import copies, files


def room(path: Path) -> int:
    """Bytes that a run needs for its copy: the database, its log, and the pages that the log adds.

    Raises:
        OSError: The file cannot be looked at.
    """
    wal = copies.wal(path)
    return path.stat().st_size + 2 * (wal.stat().st_size if wal.exists() else 0)


def health(location: Location) -> Iterator[Check]:
    """Whether the file is a whole SQLite database that can be read now. It waits as long for a lock as a run
    does."""
    path = location.path
    try:
        files._refuse_other_files(path)
        yield _readable(path)
    except OSError as error:
        yield Check(
            "",
            "readable",
            State.FAILED,
            f"The file cannot be read: {error.strerror}.",
            f"Whoever runs this needs permission to read {path.name} and what lies beside it.",
        )
    except sqlite3.Error as error:
        yield refusal("", "readable", files._explain(error, path, path.parent))
    except MigratorError as error:
        yield refusal("", "readable", error)


def _readable(path: Path) -> Check:
    wal = copies.wal(path)
    if wal.exists():
        wal.open("rb").close()
    if copies.at_rest(path):
        return Check("", "readable", State.OK, f"It can be read, and no application has it open{_log(wal)}.")
    with closing(copies._connect(path, "ro")) as connection:
        copies._begin(connection)
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()
    counted = f"{tables} {'table' if tables == 1 else 'tables'}"
    return Check("", "readable", State.OK, f"It can be read, with {counted}, and is not locked{_log(wal)}.")


def _log(wal: Path) -> str:
    """What a write-ahead log beside the file means: its rows are read too."""
    size = wal.stat().st_size if wal.exists() else 0
    return f"; {wal.name} holds {size / 1e6:,.1f} MB of writes, which are read with it" if size else ""
