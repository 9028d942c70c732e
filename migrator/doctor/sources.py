"""The sources: whether each is there, of a known kind, readable and unlocked, and how much room its copy needs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from migrator.doctor import places
from migrator.errors import MigratorError
from migrator.model.health import Check, State, refusal
from migrator.model.options import NamedSource
from migrator.report.words import octets
from migrator.sources import Location, SourceDriver, locate


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found about the sources, and the bytes that their copies need."""

    checks: tuple[Check, ...]
    needed: int


def examine(given: Sequence[NamedSource]) -> Examined:
    """Look at every source."""
    if not given:
        none = Check(
            "sources",
            "named",
            State.NOTE,
            "No source is named, so none was looked at.",
            "Name them: `migrator doctor app.db`, or [sources] in migrator.toml.",
        )
        return Examined((none,), 0)
    each = [_examine(source) for source in given]
    return Examined(tuple(check for found in each for check in found.checks), sum(found.needed for found in each))


def _examine(source: NamedSource) -> Examined:
    subject = f"source {source.name or source.given}"
    try:
        driver, location = locate(source.given, source.name)
    except MigratorError as error:
        return Examined((refusal(subject, "file", error),), 0)
    except OSError as error:
        return Examined((_unreachable(subject, source.given, error),), 0)
    return _located(subject, driver, location)


def _unreachable(subject: str, given: str, error: OSError) -> Check:
    return Check(
        subject,
        "file",
        State.FAILED,
        f"The source cannot be looked at: {error.strerror}.",
        "Whoever runs this needs permission to enter its folder.",
        given,
    )


def _located(subject: str, driver: SourceDriver, location: Location) -> Examined:
    health = places.source_health(driver.name)
    try:
        needed = location.path.stat().st_size if health is None else health.room(location.path)
    except OSError as error:
        return Examined((_unreachable(subject, location.given, error),), 0)
    file = Check(subject, "file", State.OK, f"{location.path}, {driver.name}, {octets(needed)}.")
    if health is None:
        return Examined((file, _readable(subject, location.path)), needed)
    return Examined((file, *(check.about(subject) for check in health.health(location))), needed)


def _readable(subject: str, path: Path) -> Check:
    if os.access(path, os.R_OK):
        return Check(subject, "readable", State.OK, "It can be read.")
    return Check(
        subject,
        "readable",
        State.FAILED,
        "The file cannot be read.",
        f"Whoever runs this needs permission to read {path.name}.",
    )
