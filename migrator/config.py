"""The only reader of the environment, of `.env`, and of `migrator.toml`.

Everything is checked where it is read: an unknown key or a wrong value is an error with the nearest valid
name. No value of a password ever appears in a message.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from dotenv import dotenv_values
from sqlalchemy.engine import URL

from migrator.errors import ConfigurationError
from migrator.model.findings import CATALOGUE, Resolution
from migrator.model.options import ColumnOptions, Naming, Options, TableOptions
from migrator.model.types import LogicalType

FILE = Path("migrator.toml")

VALUE_RESOLUTIONS = (
    Resolution.STOP,
    Resolution.WIDEN,
    Resolution.NULL,
    Resolution.REPLACE,
    Resolution.QUARANTINE,
    Resolution.SKIP,
)
ORPHAN_RESOLUTIONS = (Resolution.STOP, *CATALOGUE["orphan-rows"].resolutions)
CHECK_RESOLUTIONS = (Resolution.STOP, *CATALOGUE["check-violated"].resolutions)

_RUN_KEYS = ("sources", "target", "schema", "names", "on_invalid", "on_orphans", "on_check", "tables")
_TABLE_KEYS = ("skip", "target", "on_invalid", "on_orphans", "on_check", "columns")
_COLUMN_KEYS = ("type", "on_invalid", "secret")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Configuration:
    """What `migrator.toml` says. Paths in `sources` are as written, relative to the file's folder."""

    sources: tuple[str, ...] = ()
    target: str | None = None
    options: Options = field(default_factory=Options)


def read(path: Path | None) -> Configuration:
    """The configuration in a file; without a path that of the current folder, empty when there is none.

    Raises:
        ConfigurationError: The named file does not exist, or something in it is wrong.
    """
    wanted = path or FILE
    if not wanted.exists():
        if path is None:
            return Configuration()
        raise ConfigurationError("The configuration file does not exist.", where=str(path))
    try:
        data = tomllib.loads(wanted.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The configuration is not valid TOML: {error}.", where=str(wanted), hint="See https://toml.io."
        ) from error
    return _Section(str(wanted), "", data).configuration(wanted.parent)


@dataclass(frozen=True, slots=True)
class _Section:
    """One table of the file, with its place for messages."""

    file: str
    path: str
    data: Mapping[str, Any]

    def configuration(self, folder: Path) -> Configuration:
        self._refuse_unknown(_RUN_KEYS)
        tables = {name: self._sub("tables", name).table() for name in self._get("tables", dict, {})}
        options = Options(
            schema=self._get("schema", str, None),
            names=Naming(self._one_of("names", tuple(Naming)) or Naming.KEEP),
            on_invalid=self._resolution("on_invalid", VALUE_RESOLUTIONS) or Resolution.STOP,
            on_orphans=self._resolution("on_orphans", ORPHAN_RESOLUTIONS) or Resolution.STOP,
            on_check=self._resolution("on_check", CHECK_RESOLUTIONS) or Resolution.STOP,
            tables=tables,
        )
        sources = self._get("sources", list, [])
        if not all(isinstance(source, str) for source in sources):
            raise self._wrong("sources", "a list of paths or URLs")
        placed = tuple(source if "://" in source else str(folder / source) for source in sources)
        return Configuration(placed, self._get("target", str, None), options)

    def table(self) -> TableOptions:
        self._refuse_unknown(_TABLE_KEYS)
        columns = {name: self._sub("columns", name).column() for name in self._get("columns", dict, {})}
        return TableOptions(
            skip=self._get("skip", bool, False),
            target=self._get("target", str, None),
            on_invalid=self._resolution("on_invalid", VALUE_RESOLUTIONS),
            on_orphans=self._resolution("on_orphans", ORPHAN_RESOLUTIONS),
            on_check=self._resolution("on_check", CHECK_RESOLUTIONS),
            columns=columns,
        )

    def column(self) -> ColumnOptions:
        self._refuse_unknown(_COLUMN_KEYS)
        spelling = self._get("type", str, None)
        try:
            type = LogicalType.parse(spelling) if spelling is not None else None
        except ValueError as error:
            raise ConfigurationError(f"{error}.", where=self._at("type")) from error
        return ColumnOptions(
            type, self._resolution("on_invalid", VALUE_RESOLUTIONS), self._get("secret", bool, None)
        )

    def _at(self, key: str) -> str:
        return f"{self.file}: {self.path}{key}"

    def _sub(self, group: str, name: str) -> _Section:
        value = self.data[group][name]
        place = f"{group}.{name}"
        if not isinstance(value, dict):
            raise ConfigurationError(f"{place} must be a table.", where=self._at(place))
        return replace(self, path=f"{self.path}{place}.", data=value)

    def _refuse_unknown(self, known: tuple[str, ...]) -> None:
        for key in self.data:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known are: {', '.join(known)}."
                raise ConfigurationError(f"{key!r} is not a setting here.", where=self._at(key), hint=hint)

    def _wrong(self, key: str, wanted: str) -> ConfigurationError:
        return ConfigurationError(f"{key!r} must be {wanted}.", where=self._at(key))

    def _get(self, key: str, kind: type[T], default: Any) -> Any:
        value = self.data.get(key, default)
        if value is not default and not isinstance(value, kind):
            names = {str: "text", bool: "true or false", list: "a list", dict: "a table"}
            raise self._wrong(key, names[kind])
        return value

    def _one_of(self, key: str, choices: tuple[str, ...]) -> str | None:
        value = self._get(key, str, None)
        if value is not None and value not in choices:
            raise self._wrong(key, f"one of {', '.join(choices)}")
        found: str | None = value
        return found

    def _resolution(self, key: str, choices: tuple[Resolution, ...]) -> Resolution | None:
        value = self._one_of(key, tuple(choice.value for choice in choices))
        return Resolution(value) if value is not None else None


_POSTGRESQL = {"host": "PG_HOST", "port": "PG_PORT", "database": "PG_DATABASE", "user": "PG_USER"}
_REQUIRED = ("PG_HOST", "PG_DATABASE", "PG_USER")


def target_from_environment(name: str, environ: Mapping[str, str] | None = None) -> str | URL:
    """What a `--target` means: a bare `postgresql` is taken from the environment or `.env` in the current
    folder (PG_HOST, PG_PORT, PG_DATABASE, PG_USER, PG_PASSWORD); anything else is returned as it is.

    Raises:
        ConfigurationError: Names are missing, or a value is no port.
    """
    if name != "postgresql":
        return name
    given = {**{k: v for k, v in dotenv_values(".env").items() if v is not None}, **(environ or os.environ)}
    missing = [key for key in _REQUIRED if not given.get(key)]
    if missing:
        raise ConfigurationError(
            "The environment does not say which PostgreSQL server to use.",
            where=f"missing: {', '.join(missing)}",
            hint="Set them in the environment or in .env, or give a whole URL with --target.",
        )
    port = given.get(_POSTGRESQL["port"]) or "5432"
    if not port.isdigit():
        raise ConfigurationError("PG_PORT is not a number.", where="PG_PORT")
    return URL.create(
        "postgresql+psycopg",
        username=given[_POSTGRESQL["user"]],
        password=given.get("PG_PASSWORD") or None,
        host=given[_POSTGRESQL["host"]],
        port=int(port),
        database=given[_POSTGRESQL["database"]],
    )
