"""The driver policy: what an organisation asks of the ODBC drivers that its programs use.

A file in TOML, or in JSON where its name ends so:

    [odbc]
    minimum = "17.10"
    architecture = "x64"
    names = ["ODBC Driver 18 for SQL Server", "ODBC Driver 17 for SQL Server"]

Every key may be left out. Every mistake is told at once, with its line and the nearest valid name.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migrator.config.kinds import near
from migrator.config.lines import dotted, line_of_syntax, nearest_line, place
from migrator.errors import ConfigurationError
from migrator.model.health import Check, Driver, State

NAMES = ("driver-policy.toml", "driver-policy.json")
"""Where a policy is looked for, beside the configuration file."""
ARCHITECTURES = ("x64", "x86", "arm64")
_SYNONYMS = {"amd64": "x64", "x86_64": "x64", "64-bit": "x64", "64bit": "x64", "aarch64": "arm64", "32-bit": "x86"}


@dataclass(frozen=True, slots=True)
class Policy:
    """What is asked of a driver; empty parts ask nothing."""

    minimum: str = ""
    architecture: str = ""
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = (
            f"version {self.minimum} or later" if self.minimum else "",
            self.architecture,
            f"one of {', '.join(self.names)}" if self.names else "",
        )
        return ", ".join(part for part in parts if part)


def find(folder: Path) -> Path | None:
    """The policy file of a folder, if it has one."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


# Reading


@dataclass(frozen=True, slots=True)
class _Mistake:
    path: tuple[str, ...]
    what: str
    hint: str


def read(file: Path) -> Policy:
    """The policy in a file.

    Raises:
        ConfigurationError: It cannot be read, or something in it is wrong.
    """
    text = _text(file)
    is_json = file.suffix.lower() == ".json"
    data = _json(file, text) if is_json else _toml(file, text)
    mistakes = list(_mistakes(data))
    if mistakes:
        raise _explained(mistakes, file, None if is_json else text)
    said = data["odbc"]
    return Policy(said.get("minimum", ""), said.get("architecture", ""), tuple(said.get("names", ())))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(
            "The policy file is not UTF-8.", where=str(file), hint="Save it again with UTF-8 as its encoding."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"The policy file cannot be read: {error.strerror}.",
            where=str(file),
            hint="Check the path, and that the file may be read.",
        ) from None


def _toml(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text + "\n")
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"The policy file is not valid TOML: {error}.",
            where=f"{file}:{line_of_syntax(text, error)}",
            hint="See https://toml.io.",
        ) from None


def _json(file: Path, text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(
            f"The policy file is not valid JSON: {error.msg}.",
            where=f"{file}:{error.lineno}",
            hint="See https://json.org.",
        ) from None
    if isinstance(data, dict):
        return data
    raise ConfigurationError(
        "The policy file is not a JSON object.", where=str(file), hint='Write {"odbc": {"minimum": "17.10"}}.'
    )


def _mistakes(data: dict[str, Any]) -> Iterator[_Mistake]:
    yield from _unknown((), data, ("odbc",))
    if "odbc" not in data:
        yield _Mistake(
            ("odbc",), "'odbc' is missing.", 'Write [odbc] and below it, for example, minimum = "17.10".'
        )
    elif not isinstance(data["odbc"], dict):
        yield _Mistake(("odbc",), "'odbc' must be a table.", "Write [odbc].")
    else:
        yield from _unknown(("odbc",), data["odbc"], tuple(_CHECKS))
        for key, given in data["odbc"].items():
            if key in _CHECKS:
                yield from (
                    _Mistake(("odbc", key), f"{key!r} {what}.", hint) for what, hint in _CHECKS[key](given)
                )


def _unknown(above: tuple[str, ...], data: dict[str, Any], known: tuple[str, ...]) -> Iterator[_Mistake]:
    for key in data:
        if key not in known:
            hint = near(key, known) or f"Known are: {', '.join(known)}."
            yield _Mistake((*above, key), f"{key!r} is not a setting here.", hint)


_Says = Iterator[tuple[str, str]]


def _minimum(given: Any) -> _Says:
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        # 17.10 as a number is 17.1, and 17.9 would then be the later version.
        yield "must be text, because as a number 17.10 and 17.1 are the same", 'Write it in quotes, as "17.10".'
    elif not isinstance(given, str) or not re.fullmatch(r"\d+(\.\d+){0,3}", given):
        yield "must be a version of up to four numbers", 'Write for example "17.10" or "18.3.2.1".'


def _architecture(given: Any) -> _Says:
    if given not in ARCHITECTURES:
        word = given.lower() if isinstance(given, str) else ""
        meant = _SYNONYMS.get(word)
        hint = f"Did you mean {meant!r}?" if meant else near(word, ARCHITECTURES)
        yield f"must be one of {', '.join(ARCHITECTURES)}", hint


def _names(given: Any) -> _Says:
    if (
        not isinstance(given, list)
        or not given
        or not all(isinstance(each, str) and each.strip() for each in given)
    ):
        yield "must be a list of drivers' names", 'Write for example ["ODBC Driver 18 for SQL Server"].'


_CHECKS: dict[str, Callable[[Any], _Says]] = {
    "minimum": _minimum,
    "architecture": _architecture,
    "names": _names,
}


def _explained(mistakes: Sequence[_Mistake], file: Path, text: str | None) -> ConfigurationError:
    """One error for all mistakes, in the order of their lines. JSON tells no lines."""
    lines = {each: (nearest_line(text, each.path) or 1) if text is not None else 0 for each in mistakes}
    first, *others = sorted(mistakes, key=lambda each: lines[each])
    also = [
        f"also wrong, {f'in line {lines[each]}' if text is not None else f'at {dotted(each.path)}'}: "
        + " ".join(filter(None, [each.what, each.hint]))
        for each in others
    ]
    return ConfigurationError(
        first.what,
        where=place(file, lines[first], first.path) if text is not None else f"{file}: {dotted(first.path)}",
        hint="\n".join([*filter(None, [first.hint]), *also]),
    )


# Judging


def judge(policy: Policy, file: Path, drivers: Sequence[Driver], own: str) -> Iterator[Check]:
    """Whether some driver that can be used here is one that the policy allows, and which ones are none."""
    subject, odbc = "policy", [driver for driver in drivers if driver.kind == "odbc"]
    faults = {driver: list(against(policy, driver)) for driver in odbc}
    good = [driver for driver in odbc if driver.usable and not faults[driver]]
    asked = f"{file} asks for {policy}" if str(policy) else f"{file} asks for nothing"
    if good:
        yield Check(subject, "driver", State.OK, f"{_called(good[0])} meets the policy: {asked}.")
    else:
        yield Check(
            subject, "driver", State.FAILED, f"No usable driver meets the policy: {asked}.", _remedy(policy, own)
        )
    for driver in odbc:
        if driver.usable and faults[driver]:
            state = State.WARNING if good else State.FAILED
            yield Check(
                subject,
                driver.name,
                state,
                f"It is not what the policy asks for: {'; '.join(faults[driver])}.",
                "Update it, or do not connect through it.",
            )


def against(policy: Policy, driver: Driver) -> Iterator[str]:
    """What a driver has against the policy."""
    if policy.names and driver.name not in policy.names:
        yield "its name is none of those allowed"
    if policy.minimum and not driver.version:
        yield "its version is not known"
    elif policy.minimum and numbers(driver.version) < numbers(policy.minimum):
        yield f"version {driver.version} is older than {policy.minimum}"
    if policy.architecture and not driver.architectures:
        yield "what it is made for is not known"
    elif policy.architecture and policy.architecture not in driver.architectures:
        yield f"it is made for {' and '.join(driver.architectures)}, not for {policy.architecture}"


def numbers(version: str) -> tuple[int, ...]:
    """`17.10.6.1` as numbers, so that 17.10 is later than 17.9."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _called(driver: Driver) -> str:
    made_for = f" ({' and '.join(driver.architectures)})" if driver.architectures else ""
    return f"{driver.name} {driver.version}".rstrip() + made_for


def _remedy(policy: Policy, own: str) -> str:
    if policy.architecture and own and policy.architecture != own:
        return (
            f"This Python is made for {own} and can load no driver for {policy.architecture}: use a Python for "
            f"{policy.architecture}, or correct the policy."
        )
    return (
        "Install one: `pip install --upgrade mssql-python` brings Microsoft's ODBC Driver 18, or see "
        "https://learn.microsoft.com/sql/connect/odbc/download-odbc-driver-for-sql-server"
    )
