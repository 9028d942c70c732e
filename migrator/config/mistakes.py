"""From what pydantic found wrong to one error: the first mistake in full, the others with their lines.

It asks pydantic for places and kinds of mistakes only, never for the values it met.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from migrator.config.description import SECTIONS, TAGS, File, keys_of
from migrator.config.kinds import WRONG, near
from migrator.config.lines import nearest_line, place
from migrator.errors import ConfigurationError

_UNKNOWN = "extra_forbidden"
_SAYS = {
    _UNKNOWN: "is not a setting here",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "missing": "is missing",
}
_KEY = "[key]"
"""Where pydantic says that the key itself is wrong, not what it holds."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake, about the key at `path`."""

    path: tuple[str, ...]
    what: str
    hint: str
    line: int


def explained(error: ValidationError, file: Path, text: str, data: dict[str, Any]) -> ConfigurationError:
    """One error for every mistake of a file, in the order of its lines."""
    details = error.errors(include_url=False, include_input=False)
    found = (_mistake(each["type"], each["loc"], each.get("ctx", {}), each["msg"], text, data) for each in details)
    first, *others = sorted(found, key=lambda mistake: mistake.line)
    return ConfigurationError(
        first.what,
        where=place(file, first.line, first.path),
        hint="\n".join([*filter(None, [first.hint]), *_listed(others)]),
        path=first.path,
    )


def _listed(others: Iterable[Mistake]) -> Iterable[str]:
    for mistake in others:
        yield f"also wrong, in line {mistake.line}: {' '.join(filter(None, [mistake.what, mistake.hint]))}"


def _mistake(
    kind: str, loc: tuple[int | str, ...], context: dict[str, Any], message: str, text: str, data: dict[str, Any]
) -> Mistake:
    path = _path(loc, data)
    line = nearest_line(text, path) or 1
    says = message if kind == WRONG else _SAYS.get(kind, f"is wrong: {message}")
    hint = _known(path) if kind == _UNKNOWN else context.get("hint", "")
    return Mistake(path, f"{_subject(loc, path)} {says}.", hint, line)


def _subject(loc: tuple[int | str, ...], path: tuple[str, ...]) -> str:
    return f"Entry {loc[-1] + 1} of {path[-2]!r}" if isinstance(loc[-1], int) else repr(path[-1])


def _path(loc: tuple[int | str, ...], data: Any) -> tuple[str, ...]:
    """The keys of the file without what pydantic adds of its own."""
    path: list[str] = []
    for part in loc:
        inside = isinstance(data, dict) and part in data
        if not inside and (part in TAGS or part == _KEY):
            continue
        path.append(str(part))
        data = data[part] if inside or (isinstance(data, list) and isinstance(part, int)) else None
    return tuple(path)


def _known(path: tuple[str, ...]) -> str:
    """What an unknown key could have been."""
    *above, key = path
    known = next(keys_of(section) for pattern, section in SECTIONS if _fits(tuple(above), pattern))
    if above and key in keys_of(File):
        return f"{key!r} belongs at the top of the file, before the first [table]."
    return near(key, known) or f"Known are: {', '.join(known)}."


def _fits(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return len(path) == len(pattern) and all(want in ("*", part) for part, want in zip(path, pattern, strict=True))
