"""JSON documents, read strictly after RFC 8259, and graded by what a parsed form can hold.

PostgreSQL's jsonb keeps one of duplicate keys, refuses `\\u0000` and lone surrogates, and stores numbers as
numeric (https://www.postgresql.org/docs/current/datatype-json.html).
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import NoReturn


class Document(Enum):
    """How much of a document its parsed form tells."""

    PLAIN = "plain"
    """Everything."""
    TEXTUAL = "textual"
    """Not everything: the text has to be kept."""


_NUMERIC_WHOLE = 131_072
_NUMERIC_FRACTION = 16_383
"""Digits of PostgreSQL's numeric before and after the point
(https://www.postgresql.org/docs/current/datatype-numeric.html)."""

_RISKY_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def read_document(text: str) -> Document | None:
    """The grade of a document, None when the text is not JSON."""
    try:
        document = _PLAIN.decode(text)
    except (ValueError, RecursionError):
        return Document.TEXTUAL if _valid(text) else None
    if _RISKY_ESCAPE.search(text) and not _sound(document):
        return Document.TEXTUAL
    return Document.PLAIN


def _valid(text: str) -> bool:
    try:
        _LENIENT.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> NoReturn:
    """NaN and Infinity are no JSON, though Python reads them."""
    raise ValueError(constant)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("duplicate key")
    return members


def _numeric(digits: str) -> str:
    """The number's text, if numeric holds it. Short numbers without exponent always fit."""
    if len(digits) > _NUMERIC_FRACTION or "e" in digits or "E" in digits:
        try:
            number = Decimal(digits)
        except InvalidOperation as error:
            raise ValueError("beyond any decimal") from error
        exponent = number.as_tuple().exponent
        assert isinstance(exponent, int)
        if number.adjusted() >= _NUMERIC_WHOLE or -exponent > _NUMERIC_FRACTION:
            raise ValueError("beyond numeric")
    return digits


def _sound(value: object) -> bool:
    """Whether every string of a parsed document has neither NUL nor lone surrogates."""
    pending = [value]
    while pending:
        match pending.pop():
            case str() as text:
                if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
                    return False
            case dict() as members:
                pending.extend(members)
                pending.extend(members.values())
            case list() as items:
                pending.extend(items)
    return True


_PLAIN = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_refuse, parse_int=_numeric, parse_float=_numeric
)
_LENIENT = json.JSONDecoder(object_pairs_hook=len, parse_constant=_refuse, parse_int=len, parse_float=len)
