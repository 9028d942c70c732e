"""Planting faults in what the project does."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import make_url

from migrator.targets import ConnectOptions, dialect_of


def server_class(database: str) -> Any:
    """The class of the project's server for the URL of a database, to plant faults in."""
    url = make_url(database)
    server = dialect_of(url).connect(url, ConnectOptions())
    server.close()
    return type(server)
