"""The six phases in which people think of a migration, and which part of a run belongs to which.

Pure. The order is that of a run: what applications need in their environment is told last, once the data is
proven.
"""

from __future__ import annotations

from enum import StrEnum


class SixPhase(StrEnum):
    """One of the six phases."""

    PREPARE = "prepare"
    """Reach the target, make its database where it is missing, check permissions; copy and profile the sources."""
    SCHEMA = "schema"
    DATA = "data"
    """The rows, then the keys, indexes and constraints over them."""
    VERIFY = "verify"
    OPTIMISE = "optimise"
    CONFIGURATION = "configuration"
    """What applications now need in their environment."""


PARTS: dict[SixPhase, tuple[str, ...]] = {
    SixPhase.PREPARE: ("connect", "snapshot", "profile", "preflight"),
    SixPhase.SCHEMA: ("schema", "revisions", "tables", "release"),
    SixPhase.DATA: ("data", "keys", "indexes", "foreign keys", "identity", "views"),
    SixPhase.VERIFY: ("verify",),
    SixPhase.OPTIMISE: ("statistics",),
    SixPhase.CONFIGURATION: ("configuration",),
}
"""What a run does in each, by the names under which `RunResult.seconds` counts it."""

_PHASE_OF = {part: phase for phase, parts in PARTS.items() for part in parts}


def numbered(part: str) -> str:
    """`3/6 data: keys` for the part `keys`, `2/6 schema` for what is called like its phase; other parts, such as
    `rollback`, as they are."""
    phase = _PHASE_OF.get(part)
    if phase is None:
        return part
    place = f"{list(SixPhase).index(phase) + 1}/{len(SixPhase)} {phase}"
    return place if part == phase else f"{place}: {part}"


def six(seconds: dict[str, float]) -> dict[SixPhase, float]:
    """The time of each phase that was entered, in order."""
    found = {}
    for phase, parts in PARTS.items():
        if any(part in seconds for part in parts):
            found[phase] = round(sum(seconds.get(part, 0.0) for part in parts), 3)
    return found
