"""SQLite sources in the states in which they are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.sources.sqlite import copies
from tests.sources.sqlite.snapshots import contents, execute


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of these tests are new, and nobody releases a lock: do not wait as long as users do."""
    monkeypatch.setattr(copies, "LOCK_SECONDS", 0.5)
    monkeypatch.setattr(copies, "REST_SECONDS", 0.05)


@pytest.fixture
def rollback_db(tmp_path: Path) -> Path:
    """A database in rollback mode with 1,000 rows."""
    path = tmp_path / "source" / "app.db"
    path.parent.mkdir()
    execute(
        path,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, filler TEXT NOT NULL)",
        "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
        "INSERT INTO t SELECT i, hex(randomblob(200)) FROM n",
    )
    return path


@pytest.fixture
def wal_db(rollback_db: Path) -> Path:
    """The same in WAL mode, cleanly closed."""
    execute(rollback_db, "PRAGMA journal_mode = WAL", "UPDATE t SET filler = filler || '.'")
    assert contents(rollback_db).keys() == {"app.db"}
    return rollback_db
