"""The errors a user can meet: each says what is wrong, where exactly, and what to do now.

Nothing here knows exit codes or how an error is shown; `cli.py` maps classes to codes and `report.py`
renders them. A message never carries a password or the value of a secret column.
"""

from __future__ import annotations

from typing import Any


class MigratorError(Exception):
    """Base of every expected failure.

    Args:
        what: One sentence saying what is wrong.
        where: The file, table, column, URL (without password) or option it is about.
        hint: What the user can do now.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return "\n".join(
            line
            for line in (
                self.what,
                f"  where: {self.where}" if self.where else "",
                f"  to do: {self.hint}" if self.hint else "",
            )
            if line
        )


class ConfigurationError(MigratorError):
    """Wrong usage: an option, a URL, a path, a configuration file or an environment variable.

    Args:
        path: The keys in the configuration file that it is about, so that its line can be told.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "", path: tuple[str, ...] = ()) -> None:
        super().__init__(what, where=where, hint=hint)
        self.path = path


class SourceError(ConfigurationError):
    """The source cannot be used: missing, not a database of the expected kind, locked, or empty."""


class SourceLockedError(SourceError):
    """The source has a password, and none or another one was given."""


class SourceDamagedError(MigratorError):
    """The source was opened but its content is damaged, so that not every row can be read."""


class DataError(MigratorError):
    """The data says no: a finding needs a decision, or a value cannot arrive as an equal value."""


class TransformError(DataError):
    """A user's transform raised, or returned something else than as many rows of a DataFrame."""


class VerificationError(DataError):
    """What arrived is not what left. `tables` holds the `TableResult`s and `mismatches` the `Mismatch`es."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        hint: str = "",
        tables: tuple[Any, ...] = (),
        mismatches: tuple[Any, ...] = (),
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.tables = tables
        self.mismatches = mismatches


class TargetNotEmptyError(DataError):
    """The target already has an object of a name the plan would create."""


class ChangedSinceError(DataError):
    """Rows changed since the run finished, so that undoing it would lose work."""


class EnvironmentFailure(MigratorError):
    """The environment says no: a driver, a connection, a permission, the disk."""


class ConnectionFailure(EnvironmentFailure):
    """The target server cannot be reached, refused the login, or went away."""


class TransientFailure(EnvironmentFailure):
    """The server says no just now: a deadlock, a failover, a limit. The same may succeed a moment later."""


class ConnectionLost(ConnectionFailure, TransientFailure):
    """A connection that worked broke. The server took back what was under way, and may soon be reached again."""


class JournalError(EnvironmentFailure):
    """The journal in the target is missing, unreadable, or held by another process."""


class Interrupted(MigratorError):
    """The user stopped the run. The journal is intact, so `resume` and `rollback` both work."""


class UndecidedError(DataError):
    """The plan has findings that need a decision; nothing was written. `plan` is a `migrator.model.plan.Plan`."""

    def __init__(self, what: str, *, where: str = "", hint: str = "", plan: Any) -> None:
        super().__init__(what, where=where, hint=hint)
        self.plan = plan


class RunFailedError(MigratorError):
    """A run or verification ended without success. `result` is its `RunResult`, `cause` what ended it."""

    def __init__(self, cause: MigratorError, result: Any) -> None:
        super().__init__(cause.what, where=cause.where, hint=cause.hint)
        self.cause = cause
        self.result = result
