"""Access as a source of a migration: how its files are recognised, copied and opened.

What a copy holds is told by `snapshots`; what is read of it later, by the SQLite source on whose engine this one
builds.
"""

from __future__ import annotations

from pathlib import Path

from migrator.sources import Location, Source, SourceDriver
from migrator.sources.access import files, odbc, snapshots
from migrator.sources.access.describing import described
from migrator.sources.sqlite.source import SqliteSource

SCHEME = "access"


class AccessDriver:
    """See `migrator.sources.SourceDriver`."""

    name = "access"
    schemes: tuple[str, ...] = (SCHEME, odbc.SCHEME)

    def recognises(self, path: Path) -> bool:
        """Whether the file is an Access database, or called like one, or a snapshot of one."""
        return files.recognises(path)

    def snapshot(self, location: Location, into: Path) -> Path:
        """Make a private copy with every row decoded; see `snapshots.snapshot` for what it raises."""
        return snapshots.snapshot(location, into)

    def open(self, snapshot: Path, location: Location) -> Source:
        """Open a copy that `snapshot` made. Raises SourceDamagedError when it is not as it was made."""
        return SqliteSource(snapshot, location, SCHEME, described(snapshot))


DRIVER: SourceDriver = AccessDriver()
