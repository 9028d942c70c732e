"""On which line of a TOML file a key stands, which `tomllib` does not tell.

Lines count from 1. Only errors need them, so nothing here runs while everything is well.
"""

from __future__ import annotations

import copy
import re
import tomllib
from bisect import bisect_left
from pathlib import Path
from typing import Any

from migrator.errors import ConfigurationError

_LINE = re.compile(r"at line (\d+)")


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The first line of the statement that gives a key: `("tables", "users", "skip")` is the line of `skip`, or
    of the table or dotted key that holds it. An entry of a list is named by its index in digits.

    Returns:
        None where the text has no such key.

    Raises:
        tomllib.TOMLDecodeError: The text is no TOML.
    """
    lines = _lines(text)
    ends = _statement_ends(lines)

    def given(end: int) -> bool:
        return _holds(tomllib.loads("\n".join(lines[:end])), path)

    found = bisect_left(ends, True, key=given)
    if found == len(ends):
        return None
    return (ends[found - 1] if found else 0) + 1


def nearest_line(text: str, path: tuple[str, ...]) -> int | None:
    """The line of the key, or of the closest one above it that the text has, for what is missing."""
    lines = (line_of(text, path[:length]) for length in range(len(path), 0, -1))
    return next((line for line in lines if line is not None), None)


def line_of_syntax(text: str, error: tomllib.TOMLDecodeError) -> int:
    """The line of a syntax error; of the statement that never ends, where `tomllib` only says that."""
    told = _LINE.search(str(error))
    if told:
        return int(told[1])
    ends = _statement_ends(_lines(text))
    return (ends[-1] if ends else 0) + 1


def located(error: ConfigurationError, file: Path | None) -> ConfigurationError:
    """The error with FILE:LINE in its place, when it is about a key of that file; else the error itself."""
    if file is None or not error.path:
        return error
    try:
        line = nearest_line(file.read_text(encoding="utf-8-sig"), error.path)
    except (OSError, ValueError):  # it was read before, and has changed since
        return error
    if line is None:
        return error
    found = copy.copy(error)
    found.where = place(file, line, error.path)
    return found


def place(file: Path, line: int, path: tuple[str, ...]) -> str:
    """FILE:LINE and the key, for people."""
    return f"{file}:{line}: {dotted(path)}" if path else f"{file}:{line}"


_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dotted(path: tuple[str, ...]) -> str:
    """The key as TOML would write it: `tables."rsl.users".skip`."""
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in path)


def _lines(text: str) -> list[str]:
    """Lines as TOML has them; `str.splitlines` would also split at characters that comments and text may hold."""
    return text.replace("\r\n", "\n").split("\n")


def _statement_ends(lines: list[str]) -> list[int]:
    """How many lines there are up to the end of each statement (blank lines and comments count as such).

    Lines belong to one statement until they are TOML by themselves: a string or list over several lines is none
    before its last one, and no statement needs another to be TOML (https://toml.io/en/v1.0.0).
    """
    ends: list[int] = []
    start = 0
    for end in range(1, len(lines) + 1):
        if _complete("\n".join(lines[start:end])):
            ends.append(end)
            start = end
    return ends


def _complete(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _holds(data: Any, path: tuple[str, ...]) -> bool:
    for part in path:
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        else:
            return False
    return True
