"""The installed packages that this tool needs: half-removed, twice there, missing, or of another version.

`look` reads what is installed; everything else is pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from migrator.model.health import Check, State

SUBJECT = "packages"
ROOT = "migrator"


@dataclass(frozen=True, slots=True)
class Package:
    """One installed distribution: `requires` as its metadata spells it, `folder` where it lies."""

    name: str
    version: str
    requires: tuple[str, ...]
    folder: Path


@dataclass(frozen=True, slots=True)
class Installation:
    """What lies in the folders for packages. `leftovers` are what pip sets aside while it removes a package,
    `broken` the metadata folders without metadata."""

    packages: tuple[Package, ...] = ()
    leftovers: tuple[Path, ...] = ()
    broken: tuple[Path, ...] = field(default=())


def look(folders: Sequence[Path]) -> Installation:
    """What lies in these folders, which come in the order in which Python searches them."""
    entries = [entry for folder in folders for entry in sorted(folder.iterdir())]
    broken = tuple(
        entry for entry in entries if entry.name.endswith(".dist-info") and not (entry / "METADATA").is_file()
    )
    return Installation(
        tuple(package for folder in folders for package in _packages(folder)),
        tuple(entry for entry in entries if entry.name.startswith("~")),
        tuple(entry for entry in broken if not entry.name.startswith("~")),
    )


def _packages(folder: Path) -> Iterator[Package]:
    """Those whose metadata is there; what `importlib.metadata` makes of others differs between its versions."""
    whole = (*folder.glob("[!~]*.dist-info/METADATA"), *folder.glob("[!~]*.egg-info/PKG-INFO"))
    for file in sorted(whole):
        each = metadata.PathDistribution(file.parent)
        if "Name" in each.metadata and "Version" in each.metadata:
            yield Package(normal(each.metadata["Name"]), each.version, tuple(each.requires or ()), folder)


def normal(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/"""
    return re.sub(r"[-_.]+", "-", name).lower()


def checks(found: Installation, root: str = ROOT) -> tuple[Check, ...]:
    """What is wrong with the packages that `root` needs; one check when nothing is."""
    first = _first(found.packages)
    needed = _needed(root, first)
    faults = (
        *(_leftover(path) for path in found.leftovers),
        *(_broken(path) for path in found.broken),
        *_twice(found.packages, needed),
        *_requirements(root, first),
    )
    if faults:
        return faults
    return (Check(SUBJECT, "versions", State.OK, f"All {len(needed)} are there, in versions that go together."),)


def _first(packages: Sequence[Package]) -> dict[str, Package]:
    """The package that Python imports, by name: the first one found."""
    return {package.name: package for package in reversed(packages)}


def _leftover(path: Path) -> Check:
    return Check(
        SUBJECT,
        "leftovers",
        State.WARNING,
        f"{path.name} is left of a package that was removed or replaced halfway, because a file of it was in use.",
        f"Stop the programs that use this Python, then delete it: {path}",
    )


def _broken(path: Path) -> Check:
    name, _, version = path.name.removesuffix(".dist-info").partition("-")
    return Check(
        SUBJECT,
        "metadata",
        State.FAILED,
        f"{name} {version} lost its metadata, so that nothing can tell whether it is whole.",
        f"Delete {path}, then: pip install --force-reinstall {name.replace('_', '-')}",
    )


def _twice(packages: Sequence[Package], needed: frozenset[str]) -> Iterator[Check]:
    for name in sorted(needed):
        same = [package for package in packages if package.name == name]
        if len({(package.version, package.folder) for package in same}) < 2:
            continue
        listed = " and ".join(f"{package.version} in {package.folder}" for package in same)
        if len({package.folder for package in same}) < len(same):
            yield Check(
                SUBJECT,
                name,
                State.WARNING,
                f"{name} is installed twice in one folder: {listed}.",
                f"pip uninstall {name} until it is gone, then pip install {name}",
            )
        elif len({package.version for package in same}) > 1:
            yield Check(
                SUBJECT,
                name,
                State.NOTE,
                f"{name} is installed in two folders, and the first one counts: {listed}.",
                "Nothing, if that is meant; else remove one of them.",
            )


# Requirements


@dataclass(frozen=True, slots=True)
class _Wish:
    """One requirement, and who has it. `optional` when it only counts for who chose the extra."""

    by: str
    requirement: Requirement
    optional: bool


def _requirements(root: str, first: dict[str, Package]) -> Iterator[Check]:
    if root not in first:
        yield Check(
            SUBJECT,
            root,
            State.NOTE,
            f"{root} is not installed as a package, so that nothing says which versions it needs.",
            "pip install . in its folder.",
        )
        return
    for wish in _wishes(root, first):
        found = first.get(normal(wish.requirement.name))
        check = _missing(wish) if found is None else _unfit(wish, found)
        if check is not None:
            yield check
    for name in sorted(_needed(root, first)):
        for text in first[name].requires if name in first else ():
            if _parsed(text) is None:
                yield _unreadable(name, text)


def _missing(wish: _Wish) -> Check | None:
    if wish.optional:
        return None
    requirement = wish.requirement
    return Check(
        SUBJECT,
        normal(requirement.name),
        State.FAILED,
        f"{requirement.name} is missing; {wish.by} needs it.",
        f'pip install "{_plain(requirement)}"',
    )


def _unfit(wish: _Wish, found: Package) -> Check | None:
    requirement = wish.requirement
    try:
        fits = requirement.specifier.contains(Version(found.version), prereleases=True)
    except InvalidVersion:
        fits = False
    if fits:
        return None
    return Check(
        SUBJECT,
        found.name,
        State.WARNING if wish.optional else State.FAILED,
        f"{found.name} {found.version} is installed; {wish.by} needs {requirement.specifier}.",
        f'pip install "{_plain(requirement)}"',
    )


def _unreadable(name: str, text: str) -> Check:
    return Check(
        SUBJECT,
        name,
        State.WARNING,
        f"{name} has a requirement that cannot be read: {text!r}.",
        f"pip install --force-reinstall {name}",
    )


def _plain(requirement: Requirement) -> str:
    """The requirement as pip takes it, without its condition."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{requirement.name}{extras}{requirement.specifier}"


def _needed(root: str, first: dict[str, Package]) -> frozenset[str]:
    """Every package that `root` needs, directly or not, that is there or not."""
    return frozenset(normal(wish.requirement.name) for wish in _wishes(root, first) if not wish.optional)


def _wishes(root: str, first: dict[str, Package]) -> Iterator[_Wish]:
    """Every requirement of `root` and of what it needs, for this Python and system; those of `root`'s own extras
    as optional ones."""
    waiting: list[tuple[str, frozenset[str]]] = [(root, frozenset())]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        for text in first[name].requires if name in first else ():
            requirement = _parsed(text)
            if requirement is None:
                continue
            if _applies(requirement, extras):
                yield _Wish(name, requirement, optional=False)
                further = (normal(requirement.name), frozenset(requirement.extras))
                if further not in seen:
                    seen.add(further)
                    waiting.append(further)
            elif name == root and _applies(requirement, _extras_in(requirement) - _DEVELOPMENT):
                yield _Wish(name, requirement, optional=True)


_DEVELOPMENT = frozenset({"dev"})
"""Extras that no user chooses."""


def _parsed(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, ""))


def _extras_in(requirement: Requirement) -> frozenset[str]:
    """The extras that a requirement's condition names."""
    return frozenset(re.findall(r"extra\s*==\s*['\"]([^'\"]+)['\"]", str(requirement.marker or "")))
