"""Targets without a URL: `postgresql` and `mssql` alone, taken from names that applications' environments have.

No message repeats a value. Nothing here connects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.engine import URL

from migrator.config.environ import Environment
from migrator.errors import ConfigurationError

_WORDS = {"yes": "yes", "true": "yes", "1": "yes", "no": "no", "false": "no", "0": "no"}


@dataclass(frozen=True, slots=True)
class _Names:
    """What a server is called, and the names without which nothing can be done."""

    server: str
    required: tuple[str, ...]

    def require(self, given: Environment, also: tuple[str, ...] = ()) -> None:
        """Raise unless every name has a value."""
        missing = [name for name in (*self.required, *also) if given.get(name) is None]
        if missing:
            raise ConfigurationError(
                f"The environment does not say which {self.server} to use.",
                where=f"missing: {', '.join(missing)}",
                hint=f"{given.hint()}, or give a whole URL with --target.",
            )


_POSTGRESQL = _Names("PostgreSQL server", ("PG_HOST", "PG_DATABASE", "PG_USER"))
_MSSQL = _Names("SQL Server", ("MSSQL_SERVER", "MSSQL_DATABASE"))


def _postgresql(given: Environment) -> URL:
    """The port is 5432 where none is given; libpq finds the password elsewhere where PG_PASSWORD is missing."""
    _POSTGRESQL.require(given)
    return URL.create(
        "postgresql+psycopg",
        username=given.get("PG_USER"),
        password=given.get("PG_PASSWORD"),
        host=given.get("PG_HOST"),
        port=_port("PG_PORT", given.get("PG_PORT") or "5432"),
        database=given.get("PG_DATABASE"),
    )


def _mssql(given: Environment) -> URL:
    """Without user and password the login is that of the process (integrated authentication)."""
    login = ("MSSQL_USER", "MSSQL_PASSWORD")
    _MSSQL.require(given, login if any(map(given.get, login)) else ())
    host, port = _server(given.get("MSSQL_SERVER") or "")
    words = {
        "Encrypt": _word("MSSQL_ENCRYPT", given),
        "TrustServerCertificate": _word("MSSQL_TRUST_CERTIFICATE", given),
    }
    return URL.create(
        "mssql",
        username=given.get("MSSQL_USER"),
        password=given.get("MSSQL_PASSWORD"),
        host=host,
        port=port,
        database=given.get("MSSQL_DATABASE"),
        query={key: word for key, word in words.items() if word is not None},
    )


# The forms of https://learn.microsoft.com/sql/connect/odbc/dsn-connection-string-attribute#server
_SERVER = re.compile(r"(?:tcp:)?\s*(?P<host>[^\s,]+)\s*(?:,\s*(?P<port>[^,]*?)\s*)?", re.IGNORECASE)
_WITH_COLON = re.compile(r"[^:]*:\d+")


def _server(given: str) -> tuple[str, int | None]:
    parts = _SERVER.fullmatch(given.strip())
    if parts is None or _WITH_COLON.fullmatch(parts["host"]):
        raise ConfigurationError(
            "MSSQL_SERVER is not a server's address.",
            where="MSSQL_SERVER",
            hint="Write host, host,port or host\\instance; a port follows a comma.",
        )
    return parts["host"], None if parts["port"] is None else _port("MSSQL_SERVER", parts["port"], "The port in ")


def _port(name: str, given: str, what: str = "") -> int:
    if not (given.isascii() and given.isdigit() and 0 < int(given) <= 65535):
        raise ConfigurationError(
            f"{what}{name} is not a number.", where=name, hint="A port is a number from 1 to 65535."
        )
    return int(given)


def _word(name: str, given: Environment) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if value.lower() not in _WORDS:
        raise ConfigurationError(f"{name} is neither yes nor no.", where=name, hint=f"Write {', '.join(_WORDS)}.")
    return _WORDS[value.lower()]


BARE: Mapping[str, Callable[[Environment], URL]] = {"postgresql": _postgresql, "mssql": _mssql}
