"""The passwords of sources: from the environment, else asked for on the terminal. They stand nowhere else.

A password on the command line or in a URL would be seen by every process of the machine, and kept by the shell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from migrator.config.environ import environment

NAME = "MIGRATOR_SOURCE_PASSWORD"


def own_name(source: str) -> str:
    """The name of the environment that is for one source alone, such as `MIGRATOR_SOURCE_PASSWORD_ROUTING`."""
    return "_".join((NAME, re.sub(r"\W", "_", source).upper()))


def source_passwords(
    file: Path | None, ask: Callable[[str], str | None] | None = None
) -> Callable[[str], str | None]:
    """What tells the password of a source by its name. `file` is the configuration's, beside which a `.env` may
    lie; `ask` is for what the environment does not have, None where there is nobody to ask."""

    def password(source: str) -> str | None:
        found = environment(file)
        said = found.get(own_name(source)) or found.get(NAME)
        return said if said is not None or ask is None else ask(source)

    return password
