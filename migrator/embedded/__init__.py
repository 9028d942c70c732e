"""The private PostgreSQL behind `--target embedded`: starts on demand, stops with its last user.

Any number of processes may use one folder at once, and may be killed: who uses it is known by file locks, which
the system releases with the process. It prints nothing, and changes no setting that keeps data safe.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import fasteners
from sqlalchemy.engine import URL

from migrator.embedded import account
from migrator.embedded.cluster import OVER_TCP, USER, Address, Cluster, installed_programs
from migrator.errors import ConfigurationError, EnvironmentFailure, MigratorError

LOCK_SECONDS = 900.0
"""How long to wait for another process that is starting or stopping the server."""

MAX_SOCKET_PATH = 103
"""Bytes of a socket's path that every system takes: `sun_path` has 104 with its final NUL on macOS and BSD."""


@dataclass(slots=True)
class _Use:
    """This process's share in one folder: the lock that shows it to others, and how often it was started."""

    lock: fasteners.InterProcessReaderWriterLock
    count: int = 0


_uses: dict[Path, _Use] = {}
_uses_guard = threading.Lock()


@dataclass(slots=True)
class EmbeddedServer:
    """A running embedded server, in use by this process until `stop`. Also a context manager."""

    url: URL
    """Logs in as the superuser into the database `postgres`. It holds a password only on Windows."""
    notes: tuple[str, ...]
    """What was changed on this machine to make it work, for the user to know."""
    _directory: Path
    _cluster: Cluster
    _link: Path | None
    _stopped: bool = field(default=False)

    def stop(self) -> None:
        """End this use, and stop the server when no other use is left. A second call does nothing.

        Raises:
            EnvironmentFailure: The server does not stop.
        """
        if self._stopped:
            return
        self._stopped = True
        atexit.unregister(self.stop)
        _remove(self._link)
        if not self._directory.exists():
            return  # PostgreSQL stops by itself when its data folder is removed
        with _explained(self._directory), _uses_guard, _exclusive(self._directory):
            if _release(self._directory):
                self._cluster.stop()

    def __enter__(self) -> EmbeddedServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(directory: Path) -> EmbeddedServer:
    """Start the server whose data lies in `directory / "pgdata"`, making it first when there is none.

    A server that already runs there is used: started by another process, or left by one that was killed.

    Raises:
        ConfigurationError: The folder is a file, holds something else, or data of another PostgreSQL version.
        EnvironmentFailure: Space, a permission or the PostgreSQL wheel is missing, or the server does not start.
    """
    directory = directory.expanduser().resolve()
    with _explained(directory):
        directory.mkdir(parents=True, exist_ok=True)
        with _uses_guard, _exclusive(directory):
            _acquire(directory)
            try:
                return _started(directory)
            except BaseException:
                _release(directory)
                raise


def _started(directory: Path) -> EmbeddedServer:
    data = directory / "pgdata"
    programs = installed_programs()
    runs_as = account.needed(data)
    account.open_programs(programs.parents[1], runs_as)
    opened = account.open_way(data, runs_as) + account.open_way(programs, runs_as)
    socket_folder, link = _reachable(data)
    try:
        cluster = Cluster(data, programs, runs_as, socket_folder)
        cluster.ensure_made()
        address = cluster.ensure_running()
    except BaseException:
        _remove(link)
        raise
    server = EmbeddedServer(_url(address), _notes(runs_as, opened), directory, cluster, link)
    atexit.register(server.stop)
    return server


def _notes(runs_as: account.Account | None, opened: list[Path]) -> tuple[str, ...]:
    if runs_as is None or not opened:
        return ()
    folders = ", ".join(map(str, opened))
    return (f"PostgreSQL does not run as root: the account {runs_as.name} may now pass through {folders}.",)


def _url(address: Address) -> URL:
    return URL.create(
        "postgresql+psycopg",
        username=USER,
        password=address.password,
        database=USER,
        # Named here, because PGHOST and PGPORT of the environment would fill what is left out.
        query={"host": address.host, "port": str(address.port)},
    )


def _reachable(data: Path) -> tuple[str, Path | None]:
    """The data folder as every client can use it: as it is, or by a link where its path is too long for a
    socket, holds a comma, which separates hosts, or a blank, which SQLAlchemy writes into URLs as `+` and libpq
    does not read so (https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING-URIS)."""
    if OVER_TCP or _fits_socket(data):
        return str(data), None
    folder = Path(tempfile.mkdtemp(prefix="migrator-"))
    link = folder / "pg"
    if not _fits_socket(link):
        folder.rmdir()
        raise EnvironmentFailure(
            "Both this folder's path and that of the folder for temporary files are too long for a socket.",
            where=f"{data}, {folder.parent}",
            hint="Run in a folder with a shorter path, or set TMPDIR to one.",
        )
    link.symlink_to(data)
    return str(link), link


def _fits_socket(folder: Path) -> bool:
    path = os.fsencode(folder / ".s.PGSQL.5432")
    return len(path) <= MAX_SOCKET_PATH and not set(path) & set(b", ")


def _remove(link: Path | None) -> None:
    if link is not None:
        shutil.rmtree(link.parent, ignore_errors=True)


def _acquire(directory: Path) -> None:
    use = _uses.setdefault(directory, _Use(fasteners.InterProcessReaderWriterLock(directory / "users.lock")))
    if use.count == 0:
        use.lock.acquire_read_lock()
    use.count += 1


def _release(directory: Path) -> bool:
    """Whether that was the last use of the folder by any process."""
    use = _uses[directory]
    use.count -= 1
    if use.count:
        return False
    del _uses[directory]
    use.lock.release_read_lock()
    last = use.lock.acquire_write_lock(blocking=False)
    if last:
        use.lock.release_write_lock()
    elif use.lock.lockfile is not None:
        use.lock.lockfile.close()  # a refused lock leaves its file open
    return bool(last)


@contextlib.contextmanager
def _exclusive(directory: Path) -> Iterator[None]:
    """Keep other processes from starting or stopping the folder's server meanwhile."""
    lock = fasteners.InterProcessLock(directory / "start.lock")
    if not lock.acquire(timeout=LOCK_SECONDS):
        raise EnvironmentFailure(
            "Another process has been starting or stopping the embedded PostgreSQL for too long.",
            where=str(directory / "start.lock"),
            hint="End that process, and try again.",
        )
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _explained(directory: Path) -> Iterator[None]:
    """Turn the system's errors about the folder into the user's."""
    try:
        yield
    except OSError as error:
        raise _explanation(error, directory) from error
    except threading.ThreadError as error:
        raise EnvironmentFailure(
            "The folder for the embedded PostgreSQL is on a file system without locks.",
            where=str(directory),
            hint="Run in a folder on a local disk.",
        ) from error


def _explanation(error: OSError, directory: Path) -> MigratorError:
    where = f"{error.filename or directory} ({error.strerror})"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EnvironmentFailure(
            "The disk is full.", where=where, hint="Free some space, or run in a folder on another disk."
        )
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return ConfigurationError(
            "The folder for the embedded PostgreSQL is not a folder.",
            where=where,
            hint="Move that file away, or run in another folder.",
        )
    return EnvironmentFailure(
        "The folder for the embedded PostgreSQL cannot be used.",
        where=where,
        hint="Run in a folder you can write to, as the account that made it.",
    )
