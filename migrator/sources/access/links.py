"""Linked tables that lie in other Access files within reach, opened for `--follow-links`.

A link keeps the path that Access knew, often one of another machine: the file is looked for there, and then beside
the database itself. Each is copied like the database; no link is followed further.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from migrator.errors import SourceError
from migrator.sources.access import files
from migrator.sources.access.database import Database, LinkedTable
from migrator.sources.access.table import Table

Open = Callable[[Path, Path], Database]
"""Opens a copy (the first path) of a file (the second)."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A linked table that was found: what it is called here, and the table it stands for."""

    name: str
    table: Table
    file: Path


def follow(
    database: Database, path: Path, folder: Path, open_copy: Open, stack: ExitStack
) -> tuple[Followed, ...]:
    """The linked tables that can be read. `path` is where the database came from; copies go into `folder` and stay
    open as long as the stack.

    Raises:
        SourceDamagedError, EnvironmentFailure, SourceLockedError: See `Database`, about the other file.
    """
    opened: dict[Path, Database] = {}
    found: list[Followed] = []
    for link in database.linked_tables:
        file = _within_reach(link, path)
        if file is None:
            continue
        if file not in opened:
            copied = folder / f"linked {len(opened)}"
            files.copy(file, copied)
            opened[file] = stack.enter_context(open_copy(copied, file))
        table = _table(opened[file], link.table or link.name)
        if table is not None:
            found.append(Followed(link.name, table, file))
    return tuple(found)


def _table(database: Database, name: str) -> Table | None:
    try:
        return database.table(name)
    except SourceError:
        return None


def _within_reach(link: LinkedTable, path: Path) -> Path | None:
    """The Access file of a link, None where it is something else or is not there."""
    if link.odbc or not link.file:
        return None
    places = (Path(link.file), path.with_name(PureWindowsPath(link.file).name))
    return next((place for place in places if place.is_file() and files.recognises(place)), None)
