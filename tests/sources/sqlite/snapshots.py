"""What tests of snapshots share: to change a source, to copy it and see that it was left alone, to crash."""

from __future__ import annotations

import hashlib
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from migrator.errors import MigratorError
from migrator.sources import Location
from migrator.sources.sqlite.connection import connect
from migrator.sources.sqlite.files import snapshot


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def contents(path: Path) -> dict[str, str]:
    """The hash of every file in the source's folder, the shared memory of its users left out."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in path.parent.iterdir()
        if not file.name.endswith("-shm")
    }


def copy_of(path: Path, into: Path) -> Path:
    """A snapshot; the source's folder is exactly as before, and the private folder holds nothing else."""
    before, names = contents(path), set(path.parent.iterdir())
    found = snapshot(Location(str(path), path, "app"), into)
    assert contents(path) == before
    assert set(path.parent.iterdir()) == names
    assert list(into.iterdir()) == [found]
    assert stat.S_IMODE(found.stat().st_mode) == 0o600
    return found


def refusal_of(path: Path, into: Path) -> MigratorError:
    """The error of a snapshot; the source is as before, and nothing is left in the private folder."""
    before = contents(path)
    with pytest.raises(MigratorError) as caught:
        snapshot(Location(str(path), path, "app"), into)
    assert contents(path) == before
    assert not into.exists() or not list(into.iterdir())
    return caught.value


def rows(snapshot: Path, query: str = "SELECT count(*) FROM t") -> list[tuple[Any, ...]]:
    with closing(connect(snapshot)) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def process(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A second process, ready when it has printed a line; killed in the end, as a crash would."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None and running.stdout.readline()
            yield running
        finally:
            running.send_signal(signal.SIGKILL)
