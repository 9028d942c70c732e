"""The targets: from the name over the network to what the login may do. Nothing is written, and no database is
made."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL

from migrator.config import Configuration, resolve_target, target_of_environment
from migrator.config.environ import environment
from migrator.config.templates import names_in
from migrator.connections import EMBEDDED, parse_url
from migrator.doctor import embedded, places
from migrator.errors import ConfigurationError, DataError, MigratorError
from migrator.model.health import Check, State, refusal, warned
from migrator.targets import ConnectOptions, Dialect, Server, dialect_of

REACH_SECONDS = 5.0
"""How long a host may take to accept a connection."""

_NAMES: Mapping[str, tuple[str, ...]] = {
    "postgresql": ("PG_HOST", "PG_PORT", "PG_DATABASE", "PG_USER", "PG_PASSWORD"),
    "mssql": ("MSSQL_SERVER", "MSSQL_DATABASE", "MSSQL_USER", "MSSQL_PASSWORD"),
}
"""The names by which an environment says that it means a bare target: those of `migrator.config.bare`."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the examination of every target shares. `needed` is the size of the sources and `free` what the disk of
    the working folder has, in bytes."""

    configuration: Configuration
    work: Path
    needed: int
    free: int | None


def named(target: str | None, configuration: Configuration) -> tuple[str, ...]:
    """The targets to look at: the one given; else every one of the configuration, and those that the environment
    means. A name in the environment that a target of the configuration uses means no other one.

    Raises:
        ConfigurationError: The `.env` cannot be read.
    """
    if target is not None:
        return (target,)
    values = environment(configuration.file).values
    used = {name for template in configuration.targets.values() for name in names_in(template)}
    meant = [bare for bare, names in _NAMES.items() if any(values.get(name) for name in set(names) - used)]
    wanted = (configuration.target, *configuration.targets, *meant, target_of_environment(configuration))
    return tuple(dict.fromkeys(each for each in wanted if each is not None))


def title(name: str) -> str:
    """What a target is called where it is shown: its name, or its URL without what could be secret."""
    if "://" not in name:
        return f"target {name}"
    try:
        return f"target {shown(parse_url(name))}"
    except ConfigurationError:
        return "target"


def shown(url: URL) -> str:
    """The URL without its password and its query, which may hold another one."""
    return url._replace(password=None).set(query={}).render_as_string(hide_password=True)


def examine(name: str, scene: Scene) -> Iterator[Check]:
    """Look at one target. Where one step fails, those behind it cannot be taken."""
    subject = title(name)
    try:
        target = resolve_target(name, scene.configuration)
        if target == EMBEDDED:
            yield from embedded.examine(subject, scene.work, scene.free)
            return
        url = parse_url(target) if isinstance(target, str) else target
        dialect = dialect_of(url)
    except MigratorError as error:
        yield refusal(subject, "configuration", error)
        return
    yield Check(subject, "configuration", State.OK, f"{shown(url)}.")
    yield from (check.about(subject) for check in _server(url, dialect, scene))


def wanted_kinds(names: Sequence[str], configuration: Configuration) -> frozenset[str]:
    """The kinds of servers that these targets are, as far as their names can be resolved."""
    kinds = set()
    for name in names:
        try:
            target = resolve_target(name, configuration)
            if target != EMBEDDED:
                kinds.add(dialect_of(parse_url(target) if isinstance(target, str) else target).name)
        except MigratorError:
            kinds.update({name} & _NAMES.keys())
    return frozenset(kinds)


def _server(url: URL, dialect: Dialect, scene: Scene) -> Iterator[Check]:
    health = places.target_health(dialect.name)
    place = health.address(url) if health is not None else None
    if place is not None:
        reached = reach(*place)
        yield reached
        if reached.state is not State.OK:
            return
    try:
        server = dialect.connect(url, ConnectOptions())
    except MigratorError as error:
        yield _not_connected(url, dialect, health, error)
        return
    with closing(server):
        if health is None:
            yield Check("", "connection", State.OK, f"Connected to {server.version()}.")
        else:
            schema = scene.configuration.options.schema or dialect.default_schema
            yield from _asked(server, health, schema, scene.needed)


def _asked(server: Server, health: places.TargetHealth, schema: str, needed: int) -> Iterator[Check]:
    """What the server says, as far as it answers."""
    try:
        with server.errors("doctor"), server.engine.connect() as connection:
            yield from health.health(connection, schema, needed)
    except DataError as error:
        yield unanswered(error)
    except MigratorError as error:
        yield refusal("", "questions", error)


def unanswered(error: DataError) -> Check:
    """A question that the server refuses is no proof that a run would fail."""
    return warned(
        "questions",
        f"One question has no answer, and so those after it were not asked. {error.what}",
        "Let the login read the catalogue. A run may work all the same: it checks before it writes.",
    )


def _not_connected(url: URL, dialect: Dialect, health: places.TargetHealth | None, error: MigratorError) -> Check:
    """What failed; where the server speaks of the database, whether a run could make it."""
    if health is not None and url.database and url.database in error.what:
        missing = _missing_database(url, dialect, health)
        if missing is not None:
            return missing
    return refusal("", "connection", error)


def _missing_database(url: URL, dialect: Dialect, health: places.TargetHealth) -> Check | None:
    try:
        server = dialect.connect(url.set(database=health.MAINTENANCE), ConnectOptions())
    except MigratorError:
        return None  # the first failure says more
    try:
        with closing(server), server.errors("doctor"), server.engine.connect() as connection:
            return health.creation(connection, url.database or "")
    except MigratorError as error:
        return refusal("", "database", error)


# The network


def reach(host: str, port: int, seconds: float = REACH_SECONDS) -> Check:
    """Whether something listens there. It is not spoken to."""
    place = f"{host}, port {port}"
    try:
        socket.create_connection((host, port), timeout=seconds).close()
    except OSError as error:
        what, fix = _explained(error, port)
        return Check("", "network", State.FAILED, f"{what}: {place}.", fix)
    return Check("", "network", State.OK, f"{place} accepts connections.")


def _explained(error: OSError, port: int) -> tuple[str, str]:
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return "The host name is unknown", "Check the host's name, and this machine's DNS or VPN."
    if isinstance(error, ConnectionRefusedError):
        return (
            "The host is there, but nothing listens on that port",
            "See that the server runs, takes TCP connections, and listens on that port.",
        )
    if isinstance(error, TimeoutError):
        return (
            "The host does not answer",
            f"Check the host, the VPN, and whether a firewall lets port {port} through.",
        )
    return (
        f"The host cannot be reached ({error.strerror or error})",
        "Check the network, the VPN and the firewall.",
    )
