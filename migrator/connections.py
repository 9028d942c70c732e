"""From what the user calls a target to a connected server."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from migrator.errors import ConfigurationError, EnvironmentFailure
from migrator.targets import ConnectOptions, Server, dialect_of

_log = logging.getLogger("migrator")

Target = str | URL
"""A SQLAlchemy URL, as text or not, or `embedded`."""
EMBEDDED = "embedded"


def parse_url(given: str) -> URL:
    """A SQLAlchemy URL.

    Raises:
        ConfigurationError: It is none. The text is not repeated: it may hold a password.
    """
    try:
        return make_url(given)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "The target is not a URL this tool understands.",
            where="--target",
            hint="Write postgresql://user@host:5432/database (the password may come from PGPASSWORD or .env), "
            "`postgresql`, a name from migrator.toml, or `embedded`.",
        ) from None


def without_password(given: str) -> str:
    """What the user called the target, without any password in it."""
    if "://" not in given:
        return given
    url = parse_url(given)
    secret = {key for key in url.query if "pass" in key.lower()}
    return (
        url.set(query={k: v for k, v in url.query.items() if k not in secret})
        ._replace(password=None)
        .render_as_string(hide_password=True)
    )


@contextmanager
def open_target(target: Target, folder: Path, options: ConnectOptions | None = None) -> Iterator[Server]:
    """Connect to the target: a URL, or `embedded` for the private PostgreSQL in `folder`.

    Raises:
        ConfigurationError: The URL is wrong or no target speaks it.
        EnvironmentFailure: The server cannot be reached or refuses.
    """
    if target == EMBEDDED:
        # Imported late: the wheel unpacks a whole PostgreSQL, which other targets do not need.
        from migrator import embedded

        with embedded.start(folder) as cluster, _connected(cluster.url, options) as server:
            for note in cluster.notes:
                _log.warning(note)
            yield server
        return
    with _connected(parse_url(target) if isinstance(target, str) else target, options) as server:
        yield server


@contextmanager
def _connected(url: URL, options: ConnectOptions | None) -> Iterator[Server]:
    """A database that a run made goes with the last thing in it, however the run ended."""
    server = dialect_of(url).connect(url, options or ConnectOptions())
    try:
        yield server
    finally:
        try:
            server.discard()
        except EnvironmentFailure as failure:
            _log.warning("The database could not be looked at in the end: %s", failure.what)
        finally:
            server.close()
