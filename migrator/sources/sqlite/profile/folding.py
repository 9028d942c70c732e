"""Text as a target compares it, in SQL: plain ASCII by SQLite's own functions, anything else by a function in
Python that folds one value.
"""

from __future__ import annotations

from dataclasses import astuple
from functools import cache

from migrator.model.comparison import TextComparison
from migrator.sources.sqlite.encodings.texts import digits_of
from migrator.sources.sqlite.values import InvalidText, SqliteValue, octets, raw

Folded = str | bytes | None


def folded(sql: str, comparison: TextComparison) -> str:
    """SQL for a text, or a number's digits, as the comparison's key; blobs stay what they are.

    What is told apart from plain ASCII is the stored bytes too: GLOB stops at a NUL. In a UTF-16 database no text
    has as many bytes as characters, and every one is folded in Python."""
    ascii = f"{octets(sql)} = length({sql}) AND {sql} NOT GLOB '*[^ -~]*'"
    plain = f"WHEN typeof({sql}) = 'text' AND {ascii} THEN {_folded_ascii(sql, comparison)}"
    other = f"migrator_key('{spelt(comparison)}', typeof({sql}), {raw(sql)})"
    return f"CASE {plain} ELSE {other} END COLLATE BINARY"


def _folded_ascii(sql: str, comparison: TextComparison) -> str:
    """SQL for the key of a text of printable ASCII; `lower` and `rtrim` do here what Python's functions do."""
    if not comparison.case:
        sql = f"lower({sql})"
    if not comparison.accent:
        sql = f"replace(replace({sql}, 'w', 'v'), 'W', 'V')"
    return f"rtrim({sql}, ' ')" if comparison.padded else sql


def key_of(comparison: TextComparison, value: SqliteValue) -> Folded:
    """The same of one value; invalid text as it is when repaired. None for NULL."""
    if value is None or isinstance(value, bytes):
        return value
    text = digits_of(value)
    return comparison.key(text.repaired() if isinstance(text, InvalidText) else text)


def spelt(comparison: TextComparison) -> str:
    """A comparison as a word, for SQL."""
    return "".join(str(int(each)) for each in astuple(comparison))


@cache
def comparison_of(word: str) -> TextComparison:
    """The comparison that `spelt` gives this word for."""
    return TextComparison(*(each == "1" for each in word))
