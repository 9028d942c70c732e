"""What `migrator doctor` finds: checks, the ways to connect, and what they come to.

Pure: nothing here looks at the machine. No text of a check holds a password.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from migrator.errors import ConfigurationError, MigratorError, SourceError


class State(StrEnum):
    """How a check came out, from the best to the worst."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing is wrong, or it cannot be told."""
    WARNING = "warning"
    """A run would work, and yet this should be seen to."""
    FAILED = "failed"
    """Something is missing, or does not work."""
    MISCONFIGURED = "misconfigured"
    """The configuration file, the policy file, a URL or the environment is wrong."""


_SEVERITY = tuple(State)


def worst(states: Iterable[State]) -> State:
    """The worst of the states; `ok` where there is none."""
    return max(states, key=_SEVERITY.index, default=State.OK)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Args:
        subject: What it is about: `python`, `source app.db`, `target production`. A target leaves it empty: only
            its caller knows what the user calls it.
        name: Which of its properties, in a word or two, the same for the same check each time.
        state: How it came out.
        what: What was found, as one sentence.
        fix: What to do now; '' where nothing is to be done.
        where: The file, line or URL (without password), where `what` does not say it.
    """

    subject: str
    name: str
    state: State
    what: str
    fix: str = ""
    where: str = ""

    def about(self, subject: str) -> Check:
        """The same about another subject."""
        return replace(self, subject=subject)


def passed(name: str, what: str) -> Check:
    """A check about a target that came out well."""
    return Check("", name, State.OK, what)


def noted(name: str, what: str, fix: str = "") -> Check:
    """Something about a target that is worth knowing."""
    return Check("", name, State.NOTE, what, fix)


def warned(name: str, what: str, fix: str) -> Check:
    """Something about a target that should be seen to."""
    return Check("", name, State.WARNING, what, fix)


def failed(name: str, what: str, fix: str) -> Check:
    """Something about a target that is missing or does not work."""
    return Check("", name, State.FAILED, what, fix)


def refusal(subject: str, name: str, error: MigratorError) -> Check:
    """What an error says, as a check. A source that cannot be used is something that is missing; every other
    mistake of the user's is one of the configuration."""
    mistaken = isinstance(error, ConfigurationError) and not isinstance(error, SourceError)
    state = State.MISCONFIGURED if mistaken else State.FAILED
    return Check(subject, name, state, error.what, error.hint, error.where)


@dataclass(frozen=True, slots=True)
class Driver:
    """One way to connect to a kind of server.

    Args:
        name: As its maker calls it: `psycopg`, `ODBC Driver 18 for SQL Server`.
        kind: `python` for a package, `odbc` for a library behind one, `url` for what a URL without a driver takes.
        usable: Whether this Python can load it.
        version: As it is told, such as `18.6.2.1`; '' where nothing tells it.
        architectures: What machine code its library holds: `x64`, `x86`, `arm64`; empty where it has no library of
            its own, or it cannot be read.
        path: Its library; '' for packages.
        remark: What else is to be known: what it comes with, or why it cannot be used.
        fix: What to install or to do, where something should be done.
        needed: Whether the tool needs it for this kind of server, whatever the URL; the others are a choice.
        advised: False for drivers that work and yet are not recommended.
    """

    name: str
    kind: str
    usable: bool
    version: str = ""
    architectures: tuple[str, ...] = ()
    path: str = ""
    remark: str = ""
    fix: str = ""
    needed: bool = False
    advised: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """Everything that was looked at, in the order in which it is shown."""

    checks: tuple[Check, ...]
    drivers: tuple[Driver, ...] = ()

    @property
    def state(self) -> State:
        """The worst of all checks."""
        return worst(check.state for check in self.checks)

    def count(self, state: State) -> int:
        """How many checks came out so."""
        return sum(check.state is state for check in self.checks)
