"""From what the user calls a target to its URL.

Values of the environment go into URLs and nowhere else; no message repeats one.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from sqlalchemy.engine import URL

from migrator.config.bare import BARE
from migrator.config.configuration import Configuration
from migrator.config.environ import Environment, environment
from migrator.config.lines import located
from migrator.config.templates import Malformed, fill, names_in
from migrator.errors import ConfigurationError

RESERVED = ("embedded", *BARE)
"""Names of targets that the program gives a meaning itself."""


def resolve_target(name: str, configuration: Configuration, environ: Mapping[str, str] | None = None) -> str | URL:
    """What a target's name means: a `[targets.*]` of the file, or a bare `postgresql` or `mssql`, becomes a URL
    with the values of `environ` (the process's own without it) and of `.env`; anything else stays as it is.

    Raises:
        ConfigurationError: Names are missing in the environment, a value cannot be used, or the name is almost
            that of a known target.
    """
    if name in configuration.targets:
        try:
            return _named(name, configuration, environment(configuration.file, environ))
        except ConfigurationError as error:
            raise located(error, configuration.file) from error.__cause__
    if name in BARE:
        return BARE[name](environment(configuration.file, environ))
    near = nearest_target(name, configuration.targets)
    if near is not None:
        raise ConfigurationError(f"There is no target {name!r}.", where="--target", hint=f"Did you mean {near!r}?")
    return name


def target_of_environment(configuration: Configuration, environ: Mapping[str, str] | None = None) -> str | None:
    """The bare target that `DB_TYPE` names, for when nothing else says one. Any other word there means nothing:
    it says what an application uses now, not where its data should go.

    Raises:
        ConfigurationError: The `.env` cannot be read.
    """
    word = environment(configuration.file, environ).get("DB_TYPE")
    return word if word in BARE else None


def is_target(name: str, targets: Mapping[str, object]) -> bool:
    """Whether a target can be called so: a name in `targets`, one with a meaning of its own, or a URL."""
    return name in targets or name in RESERVED or "://" in name


def nearest_target(name: str, targets: Mapping[str, object]) -> str | None:
    """The known name that is almost this one; None for what is known, and where nothing is near."""
    if is_target(name, targets):
        return None
    return next(iter(difflib.get_close_matches(name, (*targets, *RESERVED), 1)), None)


def _named(name: str, configuration: Configuration, given: Environment) -> URL:
    template, path = configuration.targets[name], ("targets", name, "url")
    names = names_in(template)
    whole = [each for each in names if template == f"${{{each}}}"]
    missing = [each for each in names if each not in given.values or (each in whole and not given.get(each))]
    if missing:
        raise ConfigurationError(
            f"The environment does not say what target {name!r} is: {', '.join(missing)} missing.",
            where=name,
            hint=f"{given.hint()}.",
            path=path,
        )
    try:
        return fill(template, given.values)
    except Malformed as problem:
        raise ConfigurationError(
            f"Target {name!r} {problem}, with the values of the environment.",
            where=name,
            hint=f"Correct {' or '.join(names)} in the environment or in {given.dotenv}.",
            path=path,
        ) from None
