"""A disk that fills up under the embedded server: said as such, and the run goes on once there is room."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import migrator
from migrator.cli import exit_code
from migrator.errors import RunFailedError
from migrator.model.result import Status


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A file system in memory whose size can be set; needs Linux and the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options: str) -> subprocess.CompletedProcess[bytes]:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        return subprocess.run(command, capture_output=True, check=False)

    if sys.platform != "linux" or mount("size=110m").returncode:
        pytest.skip("needs Linux and the right to mount a file system")

    def resize(size: str) -> Path:
        assert mount(f"remount,size={size}").returncode == 0
        return folder

    yield resize
    subprocess.run(["umount", str(folder)], capture_output=True, check=True)


def test_a_full_disk_fails_the_run_and_resume_finishes_it_once_there_is_room(
    small_disk: Callable[[str], Path], sqlite_file: Callable[..., Path]
) -> None:
    source = sqlite_file(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, filler BLOB);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        "INSERT INTO t SELECT i, randomblob(30000) FROM n;"
    )
    work = small_disk("190m") / "work"
    with pytest.raises(RunFailedError) as caught:
        migrator.run([str(source)], "embedded", work=work)
    assert exit_code(caught.value) == 3
    # PostgreSQL either refuses the statement or, without room for its log, stops and cuts the connection.
    assert (
        "No space left on device" in caught.value.what or "connection to the server was lost" in caught.value.what
    )
    small_disk("900m")
    if caught.value.result.status is Status.FAILED:
        done = migrator.resume(target="embedded", work=work)
    else:
        done = migrator.run([str(source)], "embedded", work=work)
    assert (done.status, done.rows) == (Status.SUCCEEDED, 2000)
