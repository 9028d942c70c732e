"""URLs with `${NAME}` in them, and the URLs they become.

A value is put into its part of the URL as it is, so `@:/%#?` and blanks in a password need no escape. Nothing here
reads the environment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from migrator.config.secrets import NAME

_REFERENCE = re.compile(rf"\$\{{({NAME})\}}")
_BROKEN = re.compile(rf"\$\{{(?!{NAME}\}})")


class Malformed(ValueError):
    """It is no URL, or has a `${` that is no reference. Its words hold no value."""


def names_in(template: str) -> tuple[str, ...]:
    """The names that the template refers to, each once."""
    return tuple(dict.fromkeys(_REFERENCE.findall(template)))


def check(template: str) -> None:
    """Raise unless the template can become a URL.

    Raises:
        Malformed: It cannot.
    """
    if _BROKEN.search(template):
        raise Malformed("has a '${' that does not go on with NAME}")
    if not _REFERENCE.fullmatch(template):
        _parsed(_Marked(template).text)


def fill(template: str, values: Mapping[str, str]) -> URL:
    """The URL for values that have every name of the template. A template that is one reference and nothing else
    takes a whole URL; an empty password or port is none.

    Raises:
        Malformed: The result is no URL.
    """
    whole = _REFERENCE.fullmatch(template)
    if whole:
        return _parsed(values[whole[1]])
    marked = _Marked(template)
    return _refilled(_parsed(marked.text), lambda text: marked.filled(text, values))


def _parsed(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        raise Malformed("is not a URL") from None


def _refilled(url: URL, fill: Callable[[str], str]) -> URL:
    port = fill(str(url.port)) if url.port is not None else ""
    if port and not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise Malformed("has a port that is no number up to 65535")
    return URL.create(
        fill(url.drivername),
        username=fill(url.username or "") or None,
        password=fill(str(url.password or "")) or None,
        host=fill(url.host or "") or None,
        port=int(port) if port else None,
        database=fill(url.database or "") or None,
        query={
            fill(key): fill(value) if isinstance(value, str) else tuple(map(fill, value))
            for key, value in url.query.items()
        },
    )


class _Marked:
    """A template with a number in place of each reference: a number can stand in every part of a URL, the port
    too, and no part changes it. The mark before it is made of nines and zeros such that the template does not
    hold it, and cannot overlap with itself or with what stands beside it."""

    def __init__(self, template: str) -> None:
        self.names = names_in(template)
        self.mark = "91"
        while self.mark in template:
            self.mark = f"{self.mark[:-1]}01"
        self.text = _REFERENCE.sub(lambda found: f"{self.mark}{self.names.index(found[1]):03}", template)

    def filled(self, text: str, values: Mapping[str, str]) -> str:
        """A part of the URL with the values in it."""
        return re.sub(rf"{self.mark}(\d{{3}})", lambda found: values[self.names[int(found[1])]], text)
