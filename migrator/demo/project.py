"""Where the demo's own project lies, its configuration, models and revisions: in a clone, or with an installation.

It only finds them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from migrator.errors import EnvironmentFailure

EXAMPLE = Path("examples") / "routing" / "migrator.toml"
_SHARED = Path("share") / "migrator"
"""Where `pip install` puts files that are no modules, below the environment's prefix."""


def configuration() -> Path:
    """The `migrator.toml` of the auth and routing project.

    Raises:
        EnvironmentFailure: It is neither in a clone nor beside the installation.
    """
    places = (Path(__file__).parents[2], Path(sys.prefix) / _SHARED)
    for place in places:
        if (place / EXAMPLE).exists():
            return place / EXAMPLE
    raise EnvironmentFailure(
        "The demo's project is not there.",
        where=", ".join(str(place / EXAMPLE) for place in places),
        hint="Install the package again, or run `make demo` in a clone.",
    )
