"""What commands take: arguments, options, and what they and the configuration file say together.

Nothing here acts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.engine import URL

from migrator import config
from migrator.errors import ConfigurationError
from migrator.model.findings import Resolution
from migrator.model.options import Naming, Options, SourceAccess
from migrator.preparation import AnySource
from migrator.workspace import DEFAULT, Workspace

F = TypeVar("F", bound=Callable[..., Any])


def combined(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def _choice(resolutions: tuple[Any, ...]) -> click.Choice[str]:
    return click.Choice([resolution.value for resolution in resolutions])


sources = click.argument("sources", nargs=-1, metavar="[SOURCE]...")
target = click.option(
    "-t",
    "--target",
    metavar="T",
    help="A SQLAlchemy URL, a name from migrator.toml, `postgresql` or `mssql` (from PG_* or MSSQL_* in the "
    "environment or .env), or `embedded`.",
)
work = click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT,
    show_default=True,
    help="Folder for snapshots, history and the embedded server.",
)
speech = combined(
    click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON document on stdout."),
    click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors."),
    click.option("--traceback", is_flag=True, help="Show where the program itself failed, if it does."),
)
report = click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write a self-contained HTML report."
)
config_file = click.option(
    "-c",
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file.  [default: migrator.toml, if there is one]",
)
choices = combined(
    config_file,
    click.option("--schema", help="Schema in the target.  [default: the target's own]"),
    click.option(
        "--collation",
        help="The target's collation for text.  [default: the database's, and an exact one for keys "
        "that it would merge]",
    ),
    click.option("--names", type=click.Choice([naming.value for naming in Naming]), help="What becomes of names."),
    click.option(
        "--on-invalid",
        type=_choice(config.VALUE_RESOLUTIONS),
        help="What to do with values that the target cannot hold.",
    ),
    click.option(
        "--on-orphans", type=_choice(config.ORPHAN_RESOLUTIONS), help="What to do with rows without a parent."
    ),
    click.option(
        "--on-duplicates",
        type=_choice(config.DUPLICATE_RESOLUTIONS),
        help="What to do with rows that share what must be unique.",
    ),
    click.option(
        "--on-check", type=_choice(config.CHECK_RESOLUTIONS), help="What to do with rows that break a CHECK."
    ),
)
write_env = click.option(
    "--write-env",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Set what applications now need in this .env file, without secrets.",
)
follow_links = click.option(
    "--follow-links", is_flag=True, help="Read also the tables of other files to which a source only points."
)
verbose = click.option("-v", "--verbose", is_flag=True, help="Show every column and why it has its type.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What command line and configuration file say together; the command line wins."""

    sources: tuple[AnySource, ...]
    target: str | URL
    options: Options
    environment: Mapping[str, str]
    access: SourceAccess


def chosen(
    sources: tuple[str, ...],
    target: str | None,
    work: Path,
    config_file: Path | None,
    *,
    follow_links: bool = False,
    **choices: str | None,
) -> Chosen:
    """What to do with which sources and target.

    Raises:
        ConfigurationError: The file is wrong, or nothing says what the target is.
    """
    read = config.read(config_file)
    said = {key: value for key, value in choices.items() if value is not None}
    kinds: dict[str, Callable[[str], Any]] = {"names": Naming, "schema": str, "collation": str}
    options = replace(read.options, **{key: kinds.get(key, Resolution)(value) for key, value in said.items()})
    return Chosen(
        sources or read.sources,
        target_of(target, read, work),
        options,
        read.environment,
        access(read, follow_links=follow_links),
    )


def access(read: config.Configuration, *, follow_links: bool) -> SourceAccess:
    """How to open sources: with passwords from the environment, else from whoever sits at the terminal."""
    ask = _ask if sys.stdin.isatty() and sys.stderr.isatty() else None
    return SourceAccess(config.source_passwords(read.file, ask), follow_links)


def _ask(source: str) -> str | None:
    return click.prompt(f"Password of source {source}", hide_input=True, default="", err=True) or None


def target_of(target: str | None, read: config.Configuration, work: Path) -> str | URL:
    """The target given, else the file's, that of the last run in the working folder, or what DB_TYPE says."""
    wanted = target or read.target or Workspace(work).last_target() or config.target_of_environment(read)
    if wanted is None:
        raise ConfigurationError(
            "No target is given.",
            where="--target",
            hint="Give a URL, `postgresql`, `mssql`, or `embedded` for a private PostgreSQL in this folder.",
        )
    return config.resolve_target(wanted, read)
