"""The values of the environment, with those of a `.env` file behind them.

No message repeats a value: any of them may be a password.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from migrator.errors import ConfigurationError

DOTENV = Path(".env")


@dataclass(frozen=True, slots=True)
class Environment:
    """Values by name. `dotenv` is the file that was read, or in which one could set more."""

    values: Mapping[str, str]
    dotenv: Path

    def get(self, name: str) -> str | None:
        """The value, None where it is missing or empty."""
        return self.values.get(name) or None

    def hint(self) -> str:
        """Where to set what is missing."""
        return f"Set them in the environment or in {self.dotenv}"


def environment(file: Path | None, environ: Mapping[str, str] | None = None) -> Environment:
    """`environ` (the process's own without it), and behind it the `.env` beside the configuration file, else the
    one in the current folder. A `.env` is read as `python-dotenv` reads it, so that applications that use it
    see the same values.

    Raises:
        ConfigurationError: The `.env` cannot be read.
    """
    beside = file.parent / DOTENV if file is not None else DOTENV
    dotenv = beside if beside.is_file() or not DOTENV.is_file() else DOTENV
    given = os.environ if environ is None else environ
    return Environment({**_values(dotenv), **given}, dotenv)


def _values(dotenv: Path) -> dict[str, str]:
    if not dotenv.is_file():
        return {}
    from dotenv import dotenv_values  # only who has such a file waits for it

    try:
        found = dotenv_values(dotenv, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigurationError(
            f"The environment file cannot be read: {reason}.",
            where=str(dotenv),
            hint="Correct it, or set the names in the environment itself and move the file away.",
        ) from None
    return {name: value for name, value in found.items() if value is not None}
