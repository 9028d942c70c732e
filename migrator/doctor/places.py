"""The part of each source and target that a doctor asks: its module `health`, found by its place.

A source or target without one is as good as any other; there is only less to tell about it.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, cast

from sqlalchemy import Connection
from sqlalchemy.engine import URL

from migrator import sources, targets
from migrator.model.health import Check, Driver
from migrator.sources import Location


class TargetHealth(Protocol):
    """`migrator/targets/<name>/health.py`."""

    TITLE: str
    """What people call the server."""
    MAINTENANCE: str
    """The database that every server has."""

    def drivers(self) -> tuple[Driver, ...]:
        """Every way to connect from here, those that cannot be used too."""

    def own_architecture(self) -> str:
        """The processor that a driver must be made for, in the words of `Driver.architectures`; '' where no driver
        depends on it."""

    def address(self, url: URL) -> tuple[str, int] | None:
        """Host and port to which a connection goes; None where it is not as simple as that."""

    def health(self, connection: Connection, schema: str, needed: int) -> Iterator[Check]:
        """Everything that a run needs of the connection's database. `needed` is the size of the sources in bytes.
        Raises DBAPIError where the server cannot be asked."""

    def creation(self, connection: Connection, database: str) -> Check | None:
        """Asked in the database `MAINTENANCE`: what is to be said when `database` is missing, None if it is
        there."""


class SourceHealth(Protocol):
    """`migrator/sources/<name>/health.py`."""

    def room(self, path: Path) -> int:
        """Bytes that a run needs for its copy of the source. Raises OSError."""

    def health(self, location: Location) -> Iterator[Check]:
        """Whether the source can be read now. Must not raise."""


def target_health(name: str) -> TargetHealth | None:
    """What the target of that name has to ask."""
    return cast("TargetHealth | None", _beside(targets.__name__, name))


def source_health(name: str) -> SourceHealth | None:
    """What the source of that name has to ask."""
    return cast("SourceHealth | None", _beside(sources.__name__, name))


def known_targets() -> tuple[str, ...]:
    """The names of the targets that have something to ask, those with a URL of their own first."""
    names = (module.name for module in pkgutil.iter_modules(targets.__path__) if module.ispkg)
    return tuple(sorted(name for name in names if target_health(name) is not None))


def _beside(package: str, name: str) -> object | None:
    place = f"{package}.{name}.health"
    try:
        spec = importlib.util.find_spec(place)
    except ModuleNotFoundError:  # it is a module and no folder, or not there
        return None
    return importlib.import_module(place) if spec is not None else None
