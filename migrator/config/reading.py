"""From the text of `migrator.toml` to a `Configuration`.

Everything is checked here, so that a mistake is told before anything else happens. It never looks at the
environment.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from migrator.config import description
from migrator.config.configuration import Configuration
from migrator.config.lines import line_of_syntax
from migrator.config.mistakes import explained
from migrator.errors import ConfigurationError
from migrator.model.options import (
    ColumnOptions,
    ModelOptions,
    NamedSource,
    Options,
    TableOptions,
    TransformOptions,
)


def read_file(file: Path) -> Configuration:
    """The configuration in a file.

    Raises:
        ConfigurationError: It cannot be read, or something in it is wrong.
    """
    text = _text(file)
    data = _parsed(file, text)
    try:
        said = description.File.model_validate(data, context=file.parent)
    except ValidationError as error:
        raise explained(error, file, text, data) from None  # pydantic's own words may hold a value
    return Configuration(
        file=file,
        sources=tuple(_sources(said.sources, file.parent)),
        target=said.target,
        targets=MappingProxyType({name: target.url for name, target in said.targets.items()}),
        environment=MappingProxyType(said.environment),
        options=_options(said),
        policy=said.policy,
    )


def _text(file: Path) -> str:
    """The text; a byte order mark, as editors on Windows write it, is no part of it."""
    content = b""
    try:
        content = file.read_bytes()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            "The configuration is not UTF-8, as TOML must be.",
            where=f"{file}:{line}",
            hint="Save it again with UTF-8 as its encoding.",
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"The configuration cannot be read: {error.strerror}.",
            where=str(file),
            hint="Make the file readable, or name another one with --config.",
        ) from error


def _parsed(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text + "\n")  # else an error in the last line is told without its line
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"The configuration is not valid TOML: {error}.",
            where=f"{file}:{line_of_syntax(text, error)}",
            hint="See https://toml.io.",
        ) from error


def _sources(said: list[str] | dict[str, str | description.LongSource], folder: Path) -> list[NamedSource]:
    if isinstance(said, list):
        return [NamedSource(None, _placed(given, folder)) for given in said]
    urls = {name: given if isinstance(given, str) else given.url for name, given in said.items()}
    return [NamedSource(name, _placed(url, folder)) for name, url in urls.items()]


# Three slashes before a relative path, four before an absolute one, as SQLAlchemy has it; C:/ is absolute too.
_RELATIVE = re.compile(r"([A-Za-z][A-Za-z0-9+]*:///)(?![/\\]|[A-Za-z]:|~)(.+)")


def _placed(given: str, folder: Path) -> str:
    """A path or URL relative to the current folder, from one relative to the file's."""
    url = _RELATIVE.fullmatch(given)
    if url:
        return url[1] + (folder / url[2]).as_posix()
    return given if "://" in given else str(folder / Path(given).expanduser())


def _options(said: description.File) -> Options:
    return Options(
        schema=said.schema_,
        collation=said.collation,
        names=said.names,
        on_invalid=said.on_invalid,
        on_orphans=said.on_orphans,
        on_check=said.on_check,
        on_duplicates=said.on_duplicates,
        tables=MappingProxyType({name: _table(table) for name, table in said.tables.items()}),
        models=_models(said.models) if said.models else None,
    )


def _models(said: description.Models) -> ModelOptions:
    models = said.module or said.file
    assert models is not None  # the description asks for one of them
    return ModelOptions(models, said.base, said.alembic)


def _table(said: description.Table) -> TableOptions:
    return TableOptions(
        skip=said.skip,
        target=said.target,
        where=said.where,
        trim=said.trim,
        empty_to_null=said.empty_to_null,
        transform=TransformOptions(*said.transform) if said.transform else None,
        on_invalid=said.on_invalid,
        on_orphans=said.on_orphans,
        on_check=said.on_check,
        on_duplicates=said.on_duplicates,
        columns=MappingProxyType({name: _column(column) for name, column in said.columns.items()}),
    )


def _column(said: description.Column) -> ColumnOptions:
    return ColumnOptions(
        type=said.type,
        target=said.target,
        skip=said.skip,
        on_invalid=said.on_invalid,
        on_orphans=said.on_orphans,
        secret=said.secret,
        collation=said.collation,
        value=said.value,
        compute=said.compute,
        trim=said.trim,
        empty_to_null=said.empty_to_null,
        map=MappingProxyType(said.map or {}),
    )
