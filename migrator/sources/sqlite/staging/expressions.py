"""The user's own SQL in rules: proven to be one expression that only reads and always gives the same, and made to
know all of Unicode.

Nothing here runs an expression over rows. What an expression may call is checked by SQLite itself, see `guard`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from migrator.errors import ConfigurationError
from migrator.sources.sqlite.tables import fold
from migrator.sources.sqlite.tokens import NotUnderstood, Reader, Token, tokens
from migrator.sources.sqlite.values import InvalidText, Reading, decode_text

UNICODE: dict[str, Callable[[str], str]] = {"lower": str.lower, "upper": str.upper, "trim": str.strip}
"""SQLite's functions of one argument that know ASCII only, and what they stand for in rules."""

_CLOCKS = {
    **{"date": 0, "time": 0, "datetime": 0, "julianday": 0, "unixepoch": 0},
    **{"strftime": 1},
}
"""Functions of date and time, and how many arguments they have when they tell the time
(https://sqlite.org/lang_datefunc.html)."""
_CHANGING = frozenset(
    {"random", "randomblob", "current_date", "current_time", "current_timestamp", "changes", "total_changes"}
    | {"last_insert_rowid", "load_extension", "sqlite_offset"}
)
"""Functions that give another result when a rule is carried out again, or that do something."""
_STEADY = "A rule is carried out again whenever the rows are read again, so it must always give the same."


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: for people, and as the keys of the configuration file."""

    where: str
    path: tuple[str, ...]

    @classmethod
    def condition(cls, table: str) -> Place:
        """The table's `where`."""
        return cls(f"table {table}, where", ("tables", table, "where"))

    @classmethod
    def computed(cls, table: str, column: str) -> Place:
        """A column's `compute`."""
        return cls(f"table {table}, column {column}, compute", ("tables", table, "columns", column, "compute"))

    def refusal(self, why: str, hint: str = "") -> ConfigurationError:
        """The error about the expression that stands here."""
        return ConfigurationError(
            f"SQLite cannot evaluate the expression: {why}.",
            where=self.where,
            hint=hint or "Give one SQL expression over the table's own columns, as it would stand in a SELECT.",
            path=self.path,
        )


def expression(sql: str, known: Container[str], place: Place) -> str:
    """The user's SQL as it may stand in parentheses, without comments. `known` are the folded names that text in
    double quotes may mean.

    Raises:
        ConfigurationError: It is no expression, or tells the time.
    """
    try:
        found = list(tokens(sql))
    except NotUnderstood as error:
        raise place.refusal(str(error)) from error
    _refuse_more_than_one(found, place)
    _refuse_strings_in_double_quotes(found, known, place)
    _refuse_clocks(sql, found, place)
    return _unicode(sql, found)


def _refuse_more_than_one(found: Sequence[Token], place: Place) -> None:
    """Whatever could end the parentheses around the expression, or the statement."""
    depth = 0
    for token in found:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth < 0:
            raise place.refusal("a parenthesis closes that was never opened")
        if token.text == ";":
            raise place.refusal("it is more than one statement")
        if token.kind == "variable":
            raise place.refusal(f"nothing is given for {token.text}")
    if depth:
        raise place.refusal("a parenthesis is never closed")
    if not found:
        raise place.refusal("it is empty")


def _refuse_strings_in_double_quotes(found: Sequence[Token], known: Container[str], place: Place) -> None:
    """SQLite takes a misspelt "name" for a string (https://sqlite.org/quirks.html#dblquote), which would pass
    for a value."""
    named = {fold(after.name) for token, after in pairwise(found) if token.keyword == "AS"}
    for at, token in enumerate(found):
        quoted = token.text[0] == '"' and not _opens(found, at + 1)
        if quoted and fold(token.name) not in named and fold(token.name) not in known:
            raise place.refusal(
                f"there is no column {token.name}",
                f"Correct the name; if text is meant, write '{token.name}' in single quotes.",
            )


def _refuse_clocks(sql: str, found: Sequence[Token], place: Place) -> None:
    for at, token in enumerate(found):
        if fold(token.name) in _CLOCKS and _opens(found, at + 1):
            inside = _group(found, at + 1)
            if _tells_the_time(fold(token.name), sql, inside):
                hint = f"{_STEADY} Give the time as a `value`."
                raise place.refusal(f"{token.text}() tells the time", hint)


def _tells_the_time(function: str, sql: str, inside: Sequence[Token]) -> bool:
    arguments = len(list(Reader(sql, list(inside)).parts())) if inside else 0
    now = any(token.kind == "string" and fold(token.name) == "now" for token in inside)
    return now or arguments <= _CLOCKS[function]


def _opens(found: Sequence[Token], at: int) -> bool:
    return at < len(found) and found[at].text == "("


def _group(found: Sequence[Token], at: int) -> Sequence[Token]:
    """The tokens between the parenthesis there and the one that closes it."""
    depth, end = 1, at + 1
    while depth:
        depth += {"(": 1, ")": -1}.get(found[end].text, 0)
        end += 1
    return found[at + 1 : end - 1]


def _unicode(sql: str, found: Sequence[Token]) -> str:
    """The tokens as text, calls of the functions of `UNICODE` replaced. Text goes through Python as its stored
    bytes, see `profile.scans`; the plus sign takes the affinity away that CAST gives a value
    (https://sqlite.org/datatype3.html#affinity_of_expressions)."""
    parts: list[str] = []
    at = last = 0
    while at < len(found):
        token = found[at]
        parts.append(" " if at and token.start > last else "")
        inside = _only_argument(sql, found, at)
        if inside is None:
            parts.append(token.text)
            at, last = at + 1, token.end
        else:
            name = fold(token.name)
            parts.append(f"+CAST(migrator_{name}(CAST({_unicode(sql, inside)} AS BLOB)) AS TEXT)")
            at += len(inside) + 3
            last = found[at - 1].end
    return "".join(parts)


def _only_argument(sql: str, found: Sequence[Token], at: int) -> Sequence[Token] | None:
    """The argument where a function of `UNICODE` is called with just one."""
    if fold(found[at].name) not in UNICODE or found[at].kind == "string" or not _opens(found, at + 1):
        return None
    inside = _group(found, at + 1)
    return inside if inside and len(list(Reader(sql, list(inside)).parts())) == 1 else None


def require_evaluable(connection: sqlite3.Connection, relation: str, sql: str, place: Place) -> None:
    """Let SQLite compile an expression where neither aggregates nor window functions may stand: in a SELECT list
    an aggregate would make one row of all. The connection needs `guard`.

    Raises:
        ConfigurationError: SQLite refuses it.
    """
    try:
        connection.execute(f"SELECT 1 FROM {relation} WHERE ({sql}) IS NULL LIMIT 0").fetchall()
    except sqlite3.Error as error:
        steady = "not authorized to use function" in str(error)
        raise place.refusal(str(error), _STEADY if steady else "") from error


_READING = frozenset({sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE})


def guard(connection: sqlite3.Connection, writable: str) -> None:
    """Let a connection do nothing but read, and write tables of the attached database `writable`
    (https://sqlite.org/c3ref/set_authorizer.html)."""
    connection.set_authorizer(partial(_allowed, writable))


def _allowed(
    writable: str, action: int, first: str | None, second: str | None, database: str | None, _trigger: str | None
) -> int:
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if fold(second or "") in _CHANGING else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        # Asked where json_each declares its columns; the schema itself is beyond any UPDATE.
        return sqlite3.SQLITE_OK
    if action in _READING or action == sqlite3.SQLITE_TRANSACTION:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_OK if database == writable else sqlite3.SQLITE_DENY


def install(connection: sqlite3.Connection, reading: Reading) -> None:
    """Make the functions known that rules need: those of `UNICODE`, and `migrator_trimmed`."""
    for name, change in UNICODE.items():
        connection.create_function(
            f"migrator_{name}", 1, partial(_changed, reading.codec, change), deterministic=True
        )
    connection.create_function("migrator_trimmed", 1, partial(_trimmed, reading.codec), deterministic=True)


def _changed(codec: str, change: Callable[[str], str], stored: bytes | None) -> bytes | None:
    """What a function makes of text; of text that is none, the same bytes."""
    if stored is None:
        return None
    text = decode_text(stored, codec)
    return stored if isinstance(text, InvalidText) else change(text).encode(codec)


def _trimmed(codec: str, stored: bytes | None) -> bytes | None:
    """`migrator_trimmed(bytes)`: the text without white space around it, NULL where there is none to take off."""
    if stored is None:
        return None
    trimmed = _changed(codec, str.strip, stored)
    return None if trimmed == stored else trimmed
