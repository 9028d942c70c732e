"""The only reader of the environment, of `.env`, and of `migrator.toml`.

Everything is checked where it is read: a mistake is an error with its line and the nearest valid name. No value of
the environment, and no password, ever appears in a message.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from migrator.config.choices import (
    CHECK_RESOLUTIONS,
    DUPLICATE_RESOLUTIONS,
    ORPHAN_RESOLUTIONS,
    VALUE_RESOLUTIONS,
)
from migrator.config.configuration import Configuration
from migrator.config.lines import line_of, located
from migrator.config.passwords import source_passwords
from migrator.config.targets import resolve_target, target_of_environment
from migrator.errors import ConfigurationError
from migrator.model.options import NamedSource

FILE = Path("migrator.toml")


def read(path: Path | None) -> Configuration:
    """The configuration in a file; without a path that of the current folder, empty when there is none.

    Raises:
        ConfigurationError: The named file does not exist, or something in it is wrong.
    """
    file = path or FILE
    if not file.exists():
        if path is None:
            return Configuration()
        raise ConfigurationError(
            "The configuration file does not exist.",
            where=str(path),
            hint="Check the path, or leave out --config.",
        )
    from migrator.config.reading import read_file  # pydantic takes a while to import; most runs have no file

    return read_file(file)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `migrator.toml`, draft 7."""
    from migrator.config.schema import json_schema as made

    return made()


__all__ = [
    "CHECK_RESOLUTIONS",
    "DUPLICATE_RESOLUTIONS",
    "FILE",
    "ORPHAN_RESOLUTIONS",
    "VALUE_RESOLUTIONS",
    "Configuration",
    "NamedSource",
    "json_schema",
    "line_of",
    "located",
    "read",
    "resolve_target",
    "source_passwords",
    "target_of_environment",
]
