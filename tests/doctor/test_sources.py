"""Sources and the working folder, with real files."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from migrator.doctor import folder, sources
from migrator.model.health import Check, State
from migrator.model.options import NamedSource
from migrator.sources.sqlite import copies

Make = Callable[..., Path]
TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);"


def examined(path: Path) -> dict[str, Check]:
    return {check.name: check for check in sources.examine([NamedSource("app", str(path))]).checks}


def test_a_source_that_can_be_read(sqlite_file: Make) -> None:
    path = sqlite_file(TABLE)
    looked = sources.examine([NamedSource("app", str(path)), NamedSource(None, f"sqlite:///{path}")])
    assert {check.state for check in looked.checks} == {State.OK}
    assert [check.subject for check in looked.checks[::2]] == ["source app", f"source sqlite:///{path}"]
    assert "with 1 table, and is not locked" in looked.checks[1].what
    assert looked.needed == 2 * path.stat().st_size


def test_without_a_source_there_is_a_note() -> None:
    (check,) = sources.examine([]).checks
    assert check.state is State.NOTE and "migrator doctor app.db" in check.fix


BAD = [
    ("missing", None, "file", "does not exist"),
    ("empty", b"", "readable", "empty (0 bytes)"),
    ("text", b"hello" * 100, "readable", "not a SQLite database"),
    ("zip", b"PK\x03\x04" + bytes(200), "readable", "not a SQLite database"),
    ("cut", b"SQLite format 3\0" + bytes(50), "readable", "ends inside its header"),
    ("nonsense", b"SQLite format 3\0" + b"\xff" * 4096, "readable", "header makes no sense"),
]


@pytest.mark.parametrize(("content", "name", "what"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_what_is_no_source_fails_and_says_what_to_do(
    tmp_path: Path, content: bytes | None, name: str, what: str
) -> None:
    path = tmp_path / "app.db"
    if content is not None:
        path.write_bytes(content)
    check = examined(path)[name]
    assert check.state is State.FAILED
    assert what in check.what and check.fix


def test_a_folder_and_an_unknown_scheme_fail(tmp_path: Path) -> None:
    assert "not a file" in examined(tmp_path)["file"].what
    (check,) = sources.examine([NamedSource(None, "oracle:///x")]).checks
    assert check.state is State.FAILED and "No source is called 'oracle'" in check.what


LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def locked(sqlite_file: Make) -> Iterator[tuple[Path, int]]:
    """A database that another process keeps locked, and that process."""
    path = sqlite_file(TABLE)
    with subprocess.Popen(
        (sys.executable, "-c", LOCK, str(path)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "locked\n"
        yield path, process.pid
        process.communicate()


def test_a_source_that_another_process_locks_names_it(
    locked: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "LOCK_SECONDS", 0.2)
    check = examined(locked[0])["readable"]
    assert check.state is State.FAILED
    assert "Another process keeps the database locked" in check.what
    if sys.platform == "linux":
        assert f"Stop process {locked[1]}" in check.fix


def test_a_lock_that_goes_soon_is_waited_for(sqlite_file: Make) -> None:
    path = sqlite_file(TABLE)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        release = threading.Timer(0.3, connection.execute, ("COMMIT",))
        release.start()
        check = examined(path)["readable"]
        release.join()
    assert check.state is State.OK, check


def test_a_log_at_rest_is_told_and_nothing_is_left_beside_the_file(sqlite_file: Make, tmp_path: Path) -> None:
    path = sqlite_file(TABLE)
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO t VALUES (2)")
        connection.commit()
        for file in (path, copies.wal(path)):  # as a killed application leaves them: without the -shm
            (crashed / file.name).write_bytes(file.read_bytes())
        at_work = examined(path)["readable"]
    assert at_work.state is State.OK and "is not locked; source.db-wal holds" in at_work.what
    before = {file.name: file.read_bytes() for file in crashed.iterdir()}
    looked = sources.examine([NamedSource(None, str(crashed / path.name))])
    assert "no application has it open; source.db-wal holds" in looked.checks[1].what
    assert looked.needed == len(before["source.db"]) + 2 * len(before["source.db-wal"])
    assert {file.name: file.read_bytes() for file in crashed.iterdir()} == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_source_that_may_not_be_read_fails(sqlite_file: Make) -> None:
    path = sqlite_file(TABLE)
    path.chmod(0o600)
    for each in (path.parent, *path.parents):
        if each.stat().st_uid == 0 and str(each) != "/":
            each.chmod(each.stat().st_mode | 0o011)
    os.seteuid(65534)
    try:
        check = examined(path)["readable"]
    finally:
        os.seteuid(0)
    assert check.state is State.FAILED
    assert "cannot be read: Permission denied" in check.what and "permission" in check.fix


# The working folder


def test_a_working_folder_that_can_be_made_is_not_made(tmp_path: Path) -> None:
    writable, space = folder.examine(tmp_path / "new" / "work", 1000)
    assert (writable.state, space.state) == (State.OK, State.OK)
    assert not list(tmp_path.iterdir())


def test_a_working_folder_that_is_a_file_fails(tmp_path: Path) -> None:
    (tmp_path / "work").touch()
    (check,) = folder.examine(tmp_path / "work", 0)
    assert check.state is State.FAILED and "is no folder" in check.what and "--work" in check.fix


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that nobody can write to is on Linux only")
def test_a_working_folder_that_cannot_be_written_fails() -> None:
    (check,) = folder.examine(Path("/proc/self/work"), 0)
    assert check.state is State.FAILED and "cannot be written" in check.what and "--work" in check.fix


def test_the_copies_must_fit() -> None:
    assert folder.space(Path("w"), 1_000_000, 999_999).state is State.OK
    check = folder.space(Path("w"), 1_000_000, 2_000_000)
    assert check.state is State.FAILED
    assert check.what == "1.0 MB are free, and the copies of the sources need 2.0 MB."
