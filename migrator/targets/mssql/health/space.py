"""How much more a database can hold, as far as the login may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from migrator.model.health import Check, noted, passed, warned
from migrator.targets.mssql.databases import AZURE_DATABASE
from migrator.targets.mssql.health.permissions import PERFORMANCE, may_see
from migrator.targets.mssql.preflight import CLOUD

_EXPRESS, _FABRIC = 4, 12
_EXPRESS_LIMITS = {17: 50 << 30}
_EXPRESS_LIMIT = 10 << 30
"""Bytes of data that a database of the Express edition holds, 50 GB since SQL Server 2025:
https://learn.microsoft.com/sql/sql-server/editions-and-components-of-sql-server-2025"""
GROWTH = 2
"""How much larger than its source a database may get: text takes two bytes a character, and indexes come to it."""

_FILES = sa.text("""
    SELECT file_id, type AS kind, growth AS grows,
           CAST(size AS bigint) AS pages, CAST(max_size AS bigint) AS most_pages,
           CAST(FILEPROPERTY(name, 'SpaceUsed') AS bigint) AS used_pages
    FROM sys.database_files WHERE type IN (0, 1)
""")
"""Sizes are pages of 8 kB; `max_size` is -1 for up to the disk, 0 for never, 268435456 for a log of 2 TB:
https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-database-files-transact-sql"""
_DISKS = sa.text("""
    SELECT files.file_id, disks.available_bytes AS free_bytes
    FROM sys.database_files AS files CROSS APPLY sys.dm_os_volume_stats(DB_ID(), files.file_id) AS disks
    WHERE files.type IN (0, 1)
""")
_LIMIT = sa.text("SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'MaxSizeInBytes') AS bigint)")
_PAGE = 8192
_DATA, _LOG = 0, 1


def space(connection: Connection, facts: Row[Any], needed: int) -> Iterator[Check]:
    """How much more the database can hold, as far as the login may see."""
    files = connection.execute(_FILES).all()
    free = _free_by_file(connection) if facts.engine not in CLOUD and may_see(connection, PERFORMANCE) else {}
    limit = _limit(connection, facts)
    yield enough("space", room(files, _DATA, free, limit), needed, "data files", seen=bool(free))
    if facts.engine not in CLOUD:
        yield enough("log space", room(files, _LOG, free, None), needed, "log", seen=bool(free))


def _free_by_file(connection: Connection) -> dict[int, int]:
    """Bytes free on the disk of each file."""
    return {row.file_id: int(row.free_bytes) for row in connection.execute(_DISKS)}


def _limit(connection: Connection, facts: Row[Any]) -> int | None:
    """The most bytes of data that the edition or the service lets the database hold."""
    if facts.engine == _EXPRESS:
        return _EXPRESS_LIMITS.get(int(str(facts.product_version).partition(".")[0]), _EXPRESS_LIMIT)
    if facts.engine in (AZURE_DATABASE, _FABRIC):
        found = connection.execute(_LIMIT).scalar()
        return int(found) if found and found > 0 else None
    return None


def room(files: Sequence[Any], kind: int, free: dict[int, int], limit: int | None) -> int | None:
    """Bytes that the files of a kind can still take; None where nothing is known to bound them. Files that share a
    disk share its room, so the fullest view of it counts once."""
    chosen = [file for file in files if file.kind == kind]
    inside = sum(file.pages - (file.used_pages or 0) for file in chosen) * _PAGE
    growth = [_growth(file) for file in chosen]
    bounds = []
    if all(each is not None for each in growth):
        bounds.append(inside + sum(each or 0 for each in growth))
    if free and any(each != 0 for each in growth):
        bounds.append(inside + max(free.get(file.file_id, 0) for file in chosen))
    if limit is not None:
        bounds.append(max(0, limit - sum(file.used_pages or 0 for file in chosen) * _PAGE))
    return min(bounds, default=None)


_LOG_PAGES = 268435456
"""2 TB, what the log of a database without a limit of its own shows."""


def _growth(file: Any) -> int | None:
    """Bytes by which a file may grow; None for up to the disk."""
    if file.grows == 0:
        return 0
    if file.most_pages in (-1, _LOG_PAGES):
        return None
    return int(max(0, file.most_pages - file.pages)) * _PAGE


def enough(name: str, left: int | None, needed: int, what: str, *, seen: bool) -> Check:
    """Whether there is room for what is to be moved."""
    if left is None:
        unseen = "" if seen else " How full their disk is, the login may not see (VIEW SERVER STATE)."
        return noted(name, f"The {what} may grow up to the disk.{unseen}")
    if left < GROWTH * needed:
        return warned(
            name,
            f"There is room for {_mega(left)} more in the {what}; the sources are {_mega(needed)}, and may take "
            f"{GROWTH} times as much here.",
            "Make room on the server's disk, or raise the size that the files may have, before the run.",
        )
    return passed(name, f"There is room for {_mega(left)} more in the {what}.")


def _mega(octets: int) -> str:
    return f"{octets / 1e6:,.1f} MB"
