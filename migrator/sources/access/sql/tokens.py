"""Access SQL cut into tokens: names in brackets, texts in either quotes, dates between number signs.

https://learn.microsoft.com/office/client-developer/access/desktop-database-reference/microsoft-jet-sql-reference
Nothing here knows grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from enum import Enum, auto
from typing import Final

from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.text import is_text


class Sort(Enum):
    """What a token is."""

    WORD = auto()
    """A name or keyword without brackets."""
    NAME = auto()
    """A name in brackets."""
    TEXT = auto()
    NUMBER = auto()
    DATE = auto()
    SYMBOL = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A token; `text` is without brackets, quotes and number signs, and symbols are in their usual form."""

    sort: Sort
    text: str

    def word(self) -> str:
        """The text in upper case of a keyword or symbol; empty for all others."""
        return self.text.upper() if self.sort in {Sort.WORD, Sort.SYMBOL} else ""


_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')
    |(?P<date>\#[^\#]*\#)
    |\[(?P<name>[^\]\[]+)\]
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<word>[^\W\d]\w*\$?)
    |(?P<symbol><=|=<|>=|=>|<>|><|[-+*/\\^&=<>().,!;])
    )""",
    re.VERBOSE,
)
_SAME: Final = {"=<": "<=", "=>": ">=", "><": "<>"}


def tokens(sql: str) -> list[Token]:
    """The tokens of a text, then one that ends it.

    Raises:
        Refused: A character begins no token.
    """
    if not is_text(sql) or "\0" in sql:
        raise Refused("It holds characters that are no text.")
    found: list[Token] = []
    at, end = 0, len(sql.rstrip())
    while at < end:
        match = _TOKEN.match(sql, at)
        if match is None:
            raise Refused(f"It cannot be read at {sql[at:].strip()[:20]!r}.")
        found.append(_token(match))
        at = match.end()
    return [*found, Token(Sort.END, "")]


def _token(match: re.Match[str]) -> Token:
    text = match[match.lastgroup or ""]
    if match.lastgroup == "text":
        return Token(Sort.TEXT, text[1:-1].replace(text[0] * 2, text[0]))
    if match.lastgroup == "date":
        return Token(Sort.DATE, text[1:-1].strip())
    if match.lastgroup == "symbol":
        return Token(Sort.SYMBOL, _SAME.get(text, text))
    return Token(Sort[(match.lastgroup or "").upper()], text)


_DATE: Final = re.compile(r"(?:(\d{1,2})/(\d{1,2})/(\d{3,4})|(\d{4})-(\d{1,2})-(\d{1,2}))", re.ASCII)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?(?: *([AaPp])[Mm])?", re.ASCII)
_DAY_ZERO: Final = (1899, 12, 30)
"""The date of a time without one.
https://learn.microsoft.com/office/vba/language/reference/user-interface-help/date-data-type"""


def moment(text: str) -> datetime:
    """The value of a date literal: US order or ISO, with or without a time, or a time alone.

    Raises:
        Refused: It is none, or its year has two digits, which Windows' settings give a century.
    """
    date = _DATE.match(text)
    rest = text[date.end() :] if date else text
    clock = _CLOCK.fullmatch(rest.strip())
    if (date is None and clock is None) or (rest.strip() and clock is None) or (date and rest[:1].strip()):
        raise Refused(f"The date #{text}# cannot be read for certain.")
    year, month, day = _DAY_ZERO if date is None else _calendar(date)
    try:
        return datetime.combine(datetime(year, month, day), _time(clock))
    except ValueError:
        raise Refused(f"The date #{text}# does not exist.") from None


def _calendar(date: re.Match[str]) -> tuple[int, int, int]:
    if date[4]:
        return int(date[4]), int(date[5]), int(date[6])
    return int(date[3]), int(date[1]), int(date[2])


def _time(clock: re.Match[str] | None) -> time:
    if clock is None:
        return time()
    hour = int(clock[1])
    if clock[4]:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if clock[4].upper() == "P" else 0)
    return time(hour, int(clock[2]), int(clock[3] or 0))
