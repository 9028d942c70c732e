"""Which files are recognised as SQLite, which are refused and why, and what a snapshot is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from migrator.errors import EnvironmentFailure, SourceDamagedError, SourceError
from migrator.sources import Location, locate
from migrator.sources.sqlite import copies
from migrator.sources.sqlite.connection import connect
from migrator.sources.sqlite.files import recognises, snapshot
from tests.sources.sqlite.snapshots import copy_of, execute, refusal_of, rows

pytestmark = pytest.mark.usefixtures("impatience")

NAMES = ["app.db", "app (1).sqlite", "a?b=c&d.db", "50%#1.db", "%41.db", "고객 자료.db", "it's;.db", "no suffix"]


@pytest.mark.parametrize("name", NAMES)
def test_snapshot_and_connection_work_whatever_the_file_is_called(
    rollback_db: Path, tmp_path: Path, name: str
) -> None:
    path = rollback_db.rename(rollback_db.with_name(name))
    into = tmp_path / name / "private"
    assert recognises(path)
    found = snapshot(Location(name, path, path.stem), into)
    assert found == into / f"{path.stem}.db"
    assert rows(found) == [(1000,)]


def test_snapshot_replaces_an_earlier_one(rollback_db: Path, tmp_path: Path) -> None:
    copy_of(rollback_db, tmp_path / "private")
    execute(rollback_db, "DELETE FROM t WHERE id > 10")
    assert rows(copy_of(rollback_db, tmp_path / "private")) == [(10,)]


def test_connection_to_a_snapshot_cannot_write_and_leaves_nothing(wal_db: Path, tmp_path: Path) -> None:
    found = copy_of(wal_db, tmp_path / "private")
    with closing(connect(found)) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM t")
    assert list(found.parent.iterdir()) == [found]


@pytest.mark.parametrize(
    ("name", "content", "what", "hint"),
    [
        ("a.db", b"", "The file is empty (0 bytes), so it holds no database.", "Check the path: a program that"),
        ("a.db", b"\0" * 4096, "The file is not a SQLite database.", "Check the path. If it is encrypted"),
        (
            "a.db",
            bytes(range(256)) * 16,
            "The file is not a SQLite database.",
            "Check the path. If it is encrypted",
        ),
        ("a.db", b"\x1f\x8b\x08rest", "The file is not a SQLite database.", "It is compressed with gzip"),
        ("a.sqlite3", b"BEGIN TRANSACTION;\n", "The file is not a SQLite database.", "It is an SQL script"),
        (
            "a.sqlite",
            b"version https://git-lfs.github.com",
            "The file is not a SQLite database.",
            "It is a Git LFS",
        ),
        (
            "a.db",
            b"SQLite format 3\0" + b"\xff" * 4080,
            "The file begins like a SQLite database, but its header makes no sense.",
            "If it is encrypted, decrypt it first. If it is damaged: restore it",
        ),
        (
            "a.db-wal",
            bytes.fromhex("377f0682") + bytes(28),
            "This file belongs to a SQLite database and is not the database itself.",
            "The database a.db is missing. Restore it beside a.db-wal, which cannot be read alone.",
        ),
    ],
)
def test_file_that_is_no_database_is_refused(
    tmp_path: Path, name: str, content: bytes, what: str, hint: str
) -> None:
    path = tmp_path / "source" / name
    path.parent.mkdir()
    path.write_bytes(content)
    assert recognises(path)
    error = refusal_of(path, tmp_path / "private")
    assert isinstance(error, SourceError)
    assert (error.what, error.where) == (what, str(path))
    assert error.hint.startswith(hint)


def test_side_file_is_refused_with_the_name_of_its_database(wal_db: Path, tmp_path: Path) -> None:
    wal = wal_db.with_name("app.db-wal")
    wal.write_bytes(bytes.fromhex("377f0682") + bytes(28))
    assert recognises(wal)
    error = refusal_of(wal, tmp_path / "private")
    assert error.hint == "Name app.db instead; what is in app.db-wal is read with it."


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_empty_database_with_a_log_is_not_shown_to_sqlite_which_would_delete_the_log(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / "source" / "app.db"
    path.parent.mkdir()
    path.touch()
    path.with_name(f"app.db{suffix}").write_bytes(b"what is left")
    error = refusal_of(path, tmp_path / "private")
    assert isinstance(error, SourceError)
    assert error.what == f"The database file is empty (0 bytes), but app.db{suffix} beside it is not."


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("no suffix", b"SQLite format 3\0", True),
        ("wrong.txt", b"SQLite format 3\0 and more", True),
        ("DATA.DB", b"", True),
        ("x.sqlite", b"junk", True),
        ("x.sqlite3", b"junk", True),
        ("x.db3", b"junk", True),
        ("x.db-journal", bytes.fromhex("d9d505f920a163d7"), True),
        ("x.db-journal", b"junk", False),
        ("x.txt", b"junk", False),
        ("x.accdb", b"\0\1\0\0Standard ACE DB", False),
    ],
)
def test_recognition_by_first_bytes_or_name(tmp_path: Path, name: str, content: bytes, expected: bool) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert recognises(path) is expected


def test_recognition_never_raises(tmp_path: Path) -> None:
    assert not recognises(tmp_path)
    assert not recognises(tmp_path / "missing")
    assert not recognises(tmp_path / "a" / "missing.txt")


@pytest.mark.parametrize("keep", [50, 100, 3000, 4096, 50_000])
def test_truncated_file_is_damage(rollback_db: Path, tmp_path: Path, keep: int) -> None:
    size = rollback_db.stat().st_size
    os.truncate(rollback_db, keep)
    error = refusal_of(rollback_db, tmp_path / "private")
    assert isinstance(error, SourceDamagedError)
    assert error.what.startswith("The database is damaged. SQLite says: ")
    assert keep == 50 or error.what.endswith(f"It has {keep:,} bytes of the {size:,} its header promises.")
    assert error.hint.startswith("Restore it from a backup, or save what can be read with `sqlite3 damaged.db")


@pytest.mark.parametrize("mode", ["rollback", "wal"])
def test_corrupt_page_is_damage_and_the_first_problems_are_named(
    rollback_db: Path, tmp_path: Path, mode: str
) -> None:
    if mode == "wal":
        execute(rollback_db, "PRAGMA journal_mode = WAL")
    with rollback_db.open("r+b") as file:
        for page in range(5, 30):
            file.seek(page * 4096)
            file.write(b"\xa5" * 1000)
    error = refusal_of(rollback_db, tmp_path / "private")
    assert isinstance(error, SourceDamagedError)
    assert 1 <= error.what.count(";") <= 4
    assert "page" in error.what.lower()


def test_rows_that_break_rules_are_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "source" / "app.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.create_function("application", 1, lambda value: value, deterministic=True)
        connection.create_collation("korean", lambda a, b: (b > a) - (b < a))
        for statement in (
            "CREATE TABLE t (a INT NOT NULL, b TEXT CHECK (b > 'm'), c AS (application(a)) NOT NULL)",
            "CREATE TABLE j (a CHECK (json_extract(a, '$.x') > 0))",
            "CREATE TABLE g (a)",
            "CREATE TABLE s (a INT) STRICT",
            "CREATE TABLE k (a TEXT COLLATE korean PRIMARY KEY) WITHOUT ROWID",
            "CREATE INDEX by_application ON t (application(a))",
            "INSERT INTO k VALUES ('a'), ('b'), ('c')",
            "INSERT INTO g VALUES ('[')",
            "ALTER TABLE g ADD COLUMN b AS (json_extract(a, '$.x'))",
            "PRAGMA ignore_check_constraints = ON",
            "INSERT INTO t (a, b) VALUES (1, 'a')",
            "INSERT INTO j VALUES ('[')",
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_schema SET sql = replace(sql, ')))', ')) NOT NULL)') WHERE name = 'g'",
            "INSERT INTO s VALUES (1)",
            "UPDATE sqlite_schema SET sql = 'CREATE TABLE s (a TEXT) STRICT' WHERE name = 's'",
            "UPDATE sqlite_schema SET sql = replace(sql, 'b TEXT', 'b TEXT NOT NULL')",
        ):
            connection.execute(statement)
    assert rows(copy_of(path, tmp_path / "private")) == [(1,)]


def test_schema_that_sqlite_cannot_parse_is_refused(rollback_db: Path, tmp_path: Path) -> None:
    execute(
        rollback_db,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, filler TEXT) FUTURE'",
    )
    error = refusal_of(rollback_db, tmp_path / "private")
    assert isinstance(error, SourceError)
    assert error.what.startswith(
        f"SQLite {sqlite3.sqlite_version} cannot read the schema: malformed database schema (t)"
    )
    assert error.hint.startswith("If a newer SQLite made the database, use a Python")


def test_too_little_room_is_told_before_the_copy(
    rollback_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    error = refusal_of(rollback_db, tmp_path / "private")
    assert isinstance(error, EnvironmentFailure)
    size = rollback_db.stat().st_size / 1e6
    assert str(error) == (
        "There is no room for the copy of the source that a run works from.\n"
        f"  where: {tmp_path / 'private'}\n"
        f"  to do: app.db has {size:.1f} MB and 0.0 MB are free. Make room, or use a folder on another disk."
    )


@pytest.mark.parametrize("mode", ["rollback", "wal"])
def test_disk_that_fills_up_during_the_copy_is_told(
    rollback_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    if mode == "wal":
        execute(rollback_db, "PRAGMA journal_mode = WAL")
    small = tmp_path / "small"
    small.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(small)]
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small file system cannot be mounted here: {error}")
    try:
        usage = shutil.disk_usage(tmp_path)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        failure = refusal_of(rollback_db, small / "private")
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert isinstance(failure, EnvironmentFailure)
    assert failure.what == "There is no room for the copy of the source that a run works from."


def test_file_that_may_not_be_read_is_the_environments_fault(
    rollback_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(rollback_db))

    monkeypatch.setattr(copies, "copy", forbid)
    error = refusal_of(rollback_db, tmp_path / "private")
    assert isinstance(error, EnvironmentFailure)
    assert (error.what, error.where) == ("The source cannot be copied: Permission denied.", str(rollback_db))


def test_missing_database_whose_log_is_there_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "app.db-wal").write_bytes(b"what is left")
    with pytest.raises(SourceError) as caught:
        locate(str(tmp_path / "app.db"))
    assert caught.value.what == "The source file does not exist."
    assert caught.value.hint.startswith("app.db-wal is there, but the database")


def test_driver_is_found_by_url_and_opens_what_it_copied(rollback_db: Path, tmp_path: Path) -> None:
    driver, location = locate(f"sqlite:///{rollback_db}", "rules")
    assert (driver.name, location.name, location.path) == ("sqlite", "rules", rollback_db)
    source = driver.open(driver.snapshot(location, tmp_path / "private"), location)
    try:
        assert (source.name, [table.name for table in source.schema().tables]) == ("rules", ["t"])
    finally:
        source.close()
