"""SQLite as a source.

`DRIVER` recognises SQLite files, makes the snapshot a run works from, and opens it. What a snapshot holds is
told by the modules beside this one.
"""

from __future__ import annotations

from pathlib import Path

from migrator.sources import Location, Source, SourceDriver
from migrator.sources.sqlite import files


class SqliteDriver:
    """How SQLite files are recognised, copied and opened; see `migrator.sources.SourceDriver`."""

    name = "sqlite"
    schemes: tuple[str, ...] = ("sqlite",)

    def recognises(self, path: Path) -> bool:
        """Whether the file is a SQLite database, or is called like one."""
        return files.recognises(path)

    def snapshot(self, location: Location, into: Path) -> Path:
        """Make a private, consistent, checked copy; see `files.snapshot` for what it raises."""
        return files.snapshot(location, into)

    def open(self, snapshot: Path, location: Location) -> Source:
        """Open a copy that `snapshot` made."""
        # Reading needs pyarrow and numpy; recognising a file does not.
        from migrator.sources.sqlite.source import SqliteSource

        return SqliteSource(snapshot, location)


DRIVER: SourceDriver = SqliteDriver()
