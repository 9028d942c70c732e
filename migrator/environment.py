"""Stage: what applications need in their environment to use the target from now on, without secrets.

Values are made from the user's templates; nothing here reads the environment, and no password is ever written.
"""

from __future__ import annotations

import os
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import set_key
from sqlalchemy.engine import URL

from migrator.connections import EMBEDDED, Target, parse_url
from migrator.errors import ConfigurationError, EnvironmentFailure
from migrator.model.secrets import is_secret

DEFAULT: Mapping[str, str] = {"DATABASE_URL": "{url}"}
"""What is told when the configuration has no `[environment]`."""
PLACEHOLDERS = ("url", "host", "port", "database", "user", "dialect", "schema")
"""What a template may name in braces."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What applications need afterwards: `templates` by the names of their settings, and the `.env` file to write
    them to, None to tell them only."""

    templates: Mapping[str, str] = field(default_factory=lambda: DEFAULT)
    file: Path | None = None

    def values(self, target: Target, schema: str) -> dict[str, str]:
        """The new values by their names; none for the embedded server, which serves this tool alone.

        Raises:
            ConfigurationError: A template names something unknown.
        """
        if target == EMBEDDED:
            return {}
        facts = _facts(parse_url(target) if isinstance(target, str) else target, schema)
        return {name: _filled(name, template, facts) for name, template in (self.templates or DEFAULT).items()}

    def write(self, found: Mapping[str, str]) -> None:
        """Set the values in the `.env` file, if there is to be one; its other lines stay.

        Raises:
            EnvironmentFailure: The file cannot be written.
        """
        if self.file is not None and found:
            _write(self.file, found)


def _facts(url: URL, schema: str) -> dict[str, str]:
    open_ = url._replace(password=None).set(query={k: v for k, v in url.query.items() if not is_secret(k)})
    return {
        "url": open_.render_as_string(),
        "host": url.host or "",
        "port": str(url.port or ""),
        "database": url.database or "",
        "user": url.username or "",
        "dialect": url.get_backend_name(),
        "schema": schema,
    }


def _filled(name: str, template: str, facts: Mapping[str, str]) -> str:
    try:
        unknown = [field for _, field, _, _ in string.Formatter().parse(template) if field and field not in facts]
    except ValueError as error:
        raise _wrong(name, f"it has unmatched braces ({error})") from error
    if unknown:
        raise _wrong(name, f"it names {{{unknown[0]}}}")
    return template.format_map(facts)


def _wrong(name: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The template of {name} cannot be filled: {why}.",
        where=f"environment.{name}",
        hint=f"It may name {', '.join(f'{{{each}}}' for each in PLACEHOLDERS)}.",
        path=("environment", name),
    )


def _write(path: Path, found: Mapping[str, str]) -> None:
    try:
        path.touch(exist_ok=True)
        if not os.access(path, os.W_OK):
            raise PermissionError(13, "Permission denied")
        for name, value in found.items():
            set_key(path, name, value, quote_mode="auto")
    except OSError as error:
        raise EnvironmentFailure(
            "The environment file cannot be written.",
            where=f"{path} ({error.strerror})",
            hint="The run itself is done and proven; set the values by hand.",
        ) from error
