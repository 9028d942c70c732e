"""Stage: is this machine ready for a run? It looks at Python, packages, drivers, files and servers, and changes
nothing.

Each module looks at one subject: thin functions look, pure ones decide. Whatever fails becomes a check that says
what to do; nothing is raised.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from migrator import config
from migrator.config import Configuration
from migrator.doctor import drivers, folder, places, sources, targets
from migrator.doctor import policy as policies
from migrator.errors import ConfigurationError
from migrator.model.health import Check, Driver, Health, State, refusal
from migrator.model.options import NamedSource
from migrator.workspace import DEFAULT


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user names; what is missing comes from the configuration.

    Args:
        sources: Paths or URLs.
        target: A URL, the name of a target, or `embedded`.
        file: The configuration file; `migrator.toml` in the current folder without it.
        policy: The policy for drivers; without it the one beside the configuration file, if there is one.
        work: The working folder.
    """

    sources: tuple[str, ...] = ()
    target: str | None = None
    file: Path | None = None
    policy: Path | None = None
    work: Path = DEFAULT


def examine(asked: Asked) -> Health:
    """Look at everything that a run would need."""
    configuration, said = _configuration(asked.file)
    names, unread = _targets(asked.target, configuration)
    found = _drivers(names, configuration, only=asked.target is not None and asked.policy is None)
    looked = sources.examine(_sources(asked.sources, configuration))
    checks = (
        *_python(configuration),
        *(check for _, checks, _ in found for check in checks),
        *_policy(asked.policy, configuration, found),
        *said,
        *unread,
        *folder.examine(asked.work, looked.needed),
        *looked.checks,
        *_examined(names, targets.Scene(configuration, asked.work, looked.needed, _free(asked.work))),
    )
    return Health(checks, tuple(driver for _, _, known in found for driver in known))


# Configuration


def _configuration(file: Path | None) -> tuple[Configuration, tuple[Check, ...]]:
    """The configuration, an empty one where it cannot be read, and what there is to say about it."""
    try:
        read = config.read(file)
    except ConfigurationError as error:
        place = file or config.FILE
        return Configuration(file=None), (refusal("configuration", "file", config.located(error, place)),)
    return read, (_about(read),)


def _about(read: Configuration) -> Check:
    if read.file is None:
        return Check(
            "configuration",
            "file",
            State.NOTE,
            f"There is no {config.FILE} here; everything has its default.",
            "`migrator init SOURCE` writes one, where one is wanted.",
        )
    counts = f"{len(read.sources)} sources, {len(read.targets)} named targets"
    return Check("configuration", "file", State.OK, f"{read.file} is right: {counts}.")


def _sources(given: Sequence[str], configuration: Configuration) -> tuple[NamedSource, ...]:
    return tuple(NamedSource(None, each) for each in given) or configuration.sources


# Python, packages, drivers


def _python(configuration: Configuration) -> Iterator[Check]:
    try:
        from migrator.doctor import interpreter, packages
    except ImportError as error:
        yield Check(
            "packages",
            error.name or "packages",
            State.FAILED,
            f"The packages cannot be checked: {error}.",
            f"pip install {error.name or 'packaging'}",
        )
        return
    yield from interpreter.checks(interpreter.look())
    folders = [Path.cwd(), *([configuration.file.absolute().parent] if configuration.file else [])]
    yield from interpreter.shadowing(folders, interpreter.imported_library(), interpreter.installed_library())
    yield from packages.checks(packages.look(interpreter.package_folders()))


_Found = tuple[tuple[places.TargetHealth, tuple[Check, ...], tuple[Driver, ...]], ...]


def _drivers(names: Sequence[str], configuration: Configuration, *, only: bool) -> _Found:
    """The drivers of every kind of server, or `only` of those that are meant."""
    kinds = targets.wanted_kinds(names, configuration)
    found = []
    for name in places.known_targets():
        health = places.target_health(name)
        if health is not None and (name in kinds or not only):
            known = health.drivers()
            found.append((health, drivers.checks(health.TITLE, known, wanted=name in kinds), known))
    return tuple(found)


def _policy(given: Path | None, configuration: Configuration, found: _Found) -> Iterator[Check]:
    """What the policy says about the drivers, if there is one."""
    file = (
        given or configuration.policy or policies.find(configuration.file.parent if configuration.file else Path())
    )
    if file is None:
        return
    try:
        policy = policies.read(file)
    except ConfigurationError as error:
        yield refusal("policy", "file", error)
        return
    for health, _, known in found:
        if health.own_architecture():
            yield from policies.judge(policy, file, known, health.own_architecture())


# Targets


def _targets(given: str | None, configuration: Configuration) -> tuple[tuple[str, ...], tuple[Check, ...]]:
    """The targets to look at, and what keeps others from being known."""
    try:
        names = targets.named(given, configuration)
    except ConfigurationError as error:
        return (), (refusal("configuration", "environment", error),)
    return names, ()


def _examined(names: Sequence[str], scene: targets.Scene) -> Iterator[Check]:
    if not names:
        yield Check(
            "targets",
            "named",
            State.NOTE,
            "No target is named, so none was looked at.",
            "Name one: `migrator doctor --target URL`, [targets] in migrator.toml, or PG_* or MSSQL_* in the "
            "environment.",
        )
    for name in names:
        yield from targets.examine(name, scene)


def _free(work: Path) -> int | None:
    existing = next(each for each in (work.absolute(), *work.absolute().parents) if each.exists())
    try:
        return shutil.disk_usage(existing).free
    except OSError:
        return None
