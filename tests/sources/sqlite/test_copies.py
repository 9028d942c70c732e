"""Sources at work, at rest, crashed, locked and on read-only media: how each is copied, none ever written."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from migrator.errors import SourceError
from migrator.sources import Location
from migrator.sources.sqlite import copies
from migrator.sources.sqlite.files import snapshot
from tests.sources.sqlite.snapshots import contents, copy_of, execute, process, refusal_of, rows

pytestmark = pytest.mark.usefixtures("impatience")

WRITER = """
    import sqlite3, sys
    connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
    for number in range(10**9):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO debit VALUES (?, hex(randomblob(500)))", (number,))
        connection.execute("INSERT INTO credit VALUES (?, hex(randomblob(500)))", (number,))
        connection.execute("COMMIT")
        if number == 20:
            print("ready", flush=True)
"""


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_live_database_gives_one_consistent_instant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(copies, "LOCK_SECONDS", 10.0)
    monkeypatch.setattr(copies, "STEP_PAGES", 2)
    path = tmp_path / "source" / "live.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        opened.execute(f"PRAGMA journal_mode = {mode}")
        # Nothing is checkpointed, so that the rows are in the -wal only.
        opened.execute("PRAGMA wal_autocheckpoint = 0")
        for table in ("debit", "credit"):
            opened.execute(f"CREATE TABLE {table} (number INTEGER PRIMARY KEY, filler TEXT)")
        with process(WRITER, path) as writer:
            last = 20
            for attempt in range(5):
                found = snapshot(Location(str(path), path, f"copy{attempt}"), tmp_path / "private")
                ((debits, credits, highest),) = rows(
                    found,
                    "SELECT (SELECT count(*) FROM debit), (SELECT count(*) FROM credit), max(number) FROM debit",
                )
                assert debits == credits == highest + 1
                assert highest >= last
                last = highest
            assert writer.poll() is None


def test_committed_rows_of_a_crashed_application_are_in_the_copy(wal_db: Path, tmp_path: Path) -> None:
    with process(
        """
        import sqlite3, sys, time
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("INSERT INTO t (filler) VALUES ('committed')")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO t (filler) VALUES ('not committed')")
        print("ready", flush=True)
        time.sleep(60)
        """,
        wal_db,
    ):
        pass
    assert contents(wal_db).keys() == {"app.db", "app.db-wal"}
    query = "SELECT id, filler FROM t WHERE id > 1000"
    assert rows(copy_of(wal_db, tmp_path / "private"), query) == [(1001, "committed")]

    # As restored from a backup: without the shared memory file, which must not be created either.
    wal_db.with_name("app.db-shm").unlink()
    assert rows(copy_of(wal_db, tmp_path / "private"), query) == [(1001, "committed")]


@pytest.mark.parametrize("stale", [False, True])
def test_resting_wal_database_gets_no_files_beside_it(wal_db: Path, tmp_path: Path, stale: bool) -> None:
    if stale:
        wal_db.with_name("app.db-shm").write_bytes(bytes(32768))
    assert rows(copy_of(wal_db, tmp_path / "private")) == [(1000,)]


EXCLUSIVE_WAL = """
    import sqlite3, sys, time
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("INSERT INTO t (filler) VALUES ('in the log')")
    print("ready", flush=True)
    while sys.argv[2] == "busy":
        connection.execute("INSERT INTO t (filler) VALUES ('more')")
    time.sleep(60)
"""


def test_application_that_keeps_a_wal_database_to_itself_but_rests_does_not_prevent_the_copy(
    wal_db: Path, tmp_path: Path
) -> None:
    with process(EXCLUSIVE_WAL, wal_db, "idle"):
        assert rows(copy_of(wal_db, tmp_path / "private")) == [(1001,)]


def test_application_that_keeps_a_wal_database_to_itself_and_writes_is_named_as_the_reason(
    wal_db: Path, tmp_path: Path
) -> None:
    with process(EXCLUSIVE_WAL, wal_db, "busy"), pytest.raises(SourceError) as caught:
        snapshot(Location("", wal_db, "app"), tmp_path / "private")
    assert str(caught.value) == (
        "The database is written all the time by a process that lets no other one read.\n"
        f"  where: {wal_db}\n"
        "  to do: Stop the application that uses it, then try again."
    )


def test_file_that_changes_while_it_is_copied_is_copied_again(
    wal_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copyfile, copied = shutil.copyfile, []

    def copy_and_change(file: Path, to: Path) -> None:
        copyfile(file, to)
        copied.append(file)
        if len(copied) == 1:
            execute(wal_db, "DELETE FROM t WHERE id > 10")

    monkeypatch.setattr(shutil, "copyfile", copy_and_change)
    found = snapshot(Location("", wal_db, "app"), tmp_path / "private")
    assert rows(found) == [(10,)]
    assert len(copied) == 2


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Callable[[Path], Path]]:
    """A function that shows a folder as read-only media would; skips where that is not possible."""
    mounted: list[Path] = []

    def mount(folder: Path) -> Path:
        media = tmp_path / "media"
        media.mkdir()
        for options in (["--bind", str(folder)], ["-o", "remount,bind,ro"]):
            try:
                subprocess.run(["mount", *options, str(media)], check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError) as error:
                pytest.skip(f"a read-only mount is not possible here: {error}")
            mounted[:] = [media]
        return media

    yield mount
    for media in mounted:
        subprocess.run(["umount", media], check=True)


@pytest.mark.parametrize(
    "state", ["rollback", "wal at rest", "wal after a crash", "wal after a crash, without -shm"]
)
def test_read_only_media_can_be_read(
    state: str, rollback_db: Path, tmp_path: Path, read_only_folder: Callable[[Path], Path]
) -> None:
    expected = 1000
    if state != "rollback":
        execute(rollback_db, "PRAGMA journal_mode = WAL")
    if "crash" in state:
        with process(EXCLUSIVE_WAL.replace("EXCLUSIVE", "NORMAL"), rollback_db, "idle"):
            expected = 1001
    if "without" in state:
        rollback_db.with_name("app.db-shm").unlink()
    media = read_only_folder(rollback_db.parent)
    with pytest.raises(OSError, match="Read-only"):
        (media / "x").touch()
    assert rows(copy_of(media / "app.db", tmp_path / "private")) == [(expected,)]


INTERRUPTED = """
    import sqlite3, sys, time
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute("PRAGMA cache_size = 5")
    connection.execute("BEGIN")
    connection.execute("UPDATE t SET filler = 'lost'")
    print("ready", flush=True)
    time.sleep(60)
"""


def test_hot_journal_is_refused_until_it_is_rolled_back(rollback_db: Path, tmp_path: Path) -> None:
    with process(INTERRUPTED, rollback_db):
        pass
    assert contents(rollback_db).keys() == {"app.db", "app.db-journal"}
    error = refusal_of(rollback_db, tmp_path / "private")
    assert isinstance(error, SourceError)
    assert str(error) == (
        "A transaction was interrupted and must be rolled back first, which writes to the database.\n"
        f"  where: {rollback_db}-journal\n"
        "  to do: Keep a copy of app.db and app.db-journal, then start the application once or run: "
        f"sqlite3 {rollback_db} 'PRAGMA schema_version'"
    )
    execute(rollback_db, "PRAGMA schema_version")
    assert rows(copy_of(rollback_db, tmp_path / "private"), "SELECT count(*) FROM t WHERE filler != 'lost'") == [
        (1000,)
    ]


def test_hot_journal_beside_a_wal_database_is_refused(wal_db: Path, tmp_path: Path) -> None:
    """A crash while the mode changes leaves this; here the journal is written by hand."""
    execute(wal_db, "PRAGMA journal_mode = DELETE")
    with process(INTERRUPTED, wal_db):
        pass
    with wal_db.open("r+b") as file:
        file.seek(18)
        file.write(b"\x02\x02")
    assert "interrupted" in str(refusal_of(wal_db, tmp_path / "private"))


def test_journal_of_a_transaction_at_work_is_not_hot(rollback_db: Path, tmp_path: Path) -> None:
    code = INTERRUPTED.replace("PRAGMA cache_size = 5", "PRAGMA cache_size = -100000")
    with process(code, rollback_db):
        assert rollback_db.with_name("app.db-journal").exists()
        assert rows(
            copy_of(rollback_db, tmp_path / "private"), "SELECT count(*) FROM t WHERE filler != 'lost'"
        ) == [(1000,)]


def test_exclusive_lock_is_refused_and_its_holder_named(rollback_db: Path, tmp_path: Path) -> None:
    code = """
        import sqlite3, sys, time
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        print("ready", flush=True)
        time.sleep(60)
    """
    with process(code, rollback_db) as holder:
        error = refusal_of(rollback_db, tmp_path / "private")
        program = Path(f"/proc/{holder.pid}/comm")
        stop = f"process {holder.pid} ({program.read_text().strip()})" if program.exists() else "the application"
    assert isinstance(error, SourceError)
    assert error.what == "Another process keeps the database locked; waited 0.5 seconds."
    assert error.where == str(rollback_db)
    assert error.hint.startswith(f"Stop {stop}")


def test_lock_that_is_released_in_time_is_waited_for(
    rollback_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "LOCK_SECONDS", 10.0)
    code = """
        import sqlite3, sys, time
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        print("ready", flush=True)
        time.sleep(0.3)
    """
    with process(code, rollback_db):
        assert rows(copy_of(rollback_db, tmp_path / "private")) == [(1000,)]
