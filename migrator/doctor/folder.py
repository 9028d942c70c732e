"""The working folder: whether it can be written, and whether the copies of the sources fit into it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from migrator.model.health import Check, State
from migrator.report.words import octets

SUBJECT = "work folder"


def examine(folder: Path, needed: int) -> Iterator[Check]:
    """Look at the folder, or where it is missing at the one in which it would be made. `needed` is in bytes."""
    existing = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    elsewhere = "Run from a folder you may write to, or name another one with --work."
    if not existing.is_dir():
        yield Check(SUBJECT, "writable", State.FAILED, f"{existing} is no folder.", elsewhere)
        return
    fault = _fault(existing)
    if fault:
        yield Check(SUBJECT, "writable", State.FAILED, f"{existing} cannot be written: {fault}.", elsewhere)
        return
    yield Check(
        SUBJECT, "writable", State.OK, f"{folder} can be {'written' if existing == folder.absolute() else 'made'}."
    )
    yield space(folder, shutil.disk_usage(existing).free, needed)


def _fault(folder: Path) -> str:
    """Why no file can be made in the folder, '' when one can. Permissions alone do not tell of read-only disks and
    quotas, so one is made, which goes at once."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0")
    except OSError as error:
        return error.strerror or str(error)
    return ""


def space(folder: Path, free: int, needed: int) -> Check:
    """A run works on copies of its sources, which must fit."""
    if free < needed:
        return Check(
            SUBJECT,
            "space",
            State.FAILED,
            f"{octets(free)} are free, and the copies of the sources need {octets(needed)}.",
            "Free some space, or name a folder on another disk with --work.",
            str(folder),
        )
    return Check(
        SUBJECT,
        "space",
        State.OK,
        f"{octets(free)} are free; the copies of the sources need {octets(needed)}.",
    )
