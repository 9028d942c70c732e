"""The account PostgreSQL runs under when this process is root, and its way to the files it needs.

PostgreSQL refuses to run as root (https://www.postgresql.org/docs/18/creating-cluster.html), so root lends its
files to an account that exists on every system. Nothing here creates an account.
"""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from migrator.errors import EnvironmentFailure

CANDIDATES = ("pgserver", "nobody")
"""Accounts to use, first found first. `pgserver` is what other users of the PostgreSQL wheel create."""


@dataclass(frozen=True, slots=True)
class Account:
    """A system account, as `subprocess` wants it."""

    name: str
    uid: int
    gid: int


def needed(data: Path) -> Account | None:
    """The account for a data folder: its owner where it exists already, else the first candidate; None when
    this process is not root and runs PostgreSQL itself.

    Raises:
        EnvironmentFailure: The system has none of the accounts.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    owner = data.stat().st_uid if data.exists() else 0
    owners = [entry.pw_name for entry in known.values() if entry.pw_uid == owner != 0]
    for name in (*owners, *CANDIDATES):
        if name in known:
            return Account(name, known[name].pw_uid, known[name].pw_gid)
    raise EnvironmentFailure(
        "PostgreSQL does not run as root, and no other account is there to run it under.",
        where=f"looked for the accounts {', '.join(CANDIDATES)}",
        hint="Run as an ordinary user, or create one of these accounts.",
    )


def give(path: Path, account: Account | None) -> None:
    """Make the account the owner of a folder this process made."""
    if account is not None and sys.platform != "win32":
        os.chown(path, account.uid, account.gid)


def open_way(path: Path, account: Account | None) -> list[Path]:
    """Let the account pass through every folder above `path`, and return those that had to change.

    Only the permission to pass through is added: the account can still not list a folder it could not before.

    Raises:
        EnvironmentFailure: A folder's permissions cannot be changed.
    """
    closed = [] if account is None else [f for f in reversed(path.parents) if not _passable(f, account)]
    for folder in closed:
        try:
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)
        except OSError as error:
            raise EnvironmentFailure(
                "PostgreSQL does not run as root, and the account it runs under cannot enter this folder.",
                where=f"{folder} ({error.strerror})",
                hint=f"Run as an ordinary user, or let others pass through: chmod o+x '{folder}'",
            ) from error
    return closed


def _passable(folder: Path, account: Account) -> bool:
    facts = folder.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)


def open_programs(package: Path, account: Account | None) -> None:
    """Let the account read and run the installed programs where the installer's umask closed them.

    Raises:
        EnvironmentFailure: Their permissions cannot be changed.
    """
    if account is None:
        return
    libraries = package.with_name(f"{package.name}.libs")  # where wheels for Linux keep what they link to
    try:
        tops = [top for top in (package, libraries) if top.exists()]
        for path in (*tops, *(path for top in tops for path in top.rglob("*"))):
            mode = stat.S_IMODE(path.stat().st_mode)
            wanted = mode | stat.S_IROTH | (stat.S_IXOTH if path.is_dir() or mode & stat.S_IXUSR else 0)
            if wanted != mode:
                path.chmod(wanted)
    except OSError as error:
        raise EnvironmentFailure(
            "PostgreSQL does not run as root, and the account it runs under cannot read its programs.",
            where=f"{package} ({error.strerror})",
            hint=f"Run as an ordinary user, or let others read them: chmod -R o+rX '{package}'",
        ) from error
