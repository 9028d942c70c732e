"""Rows whose key an earlier row has already, compared as the target will compare them: by what the values mean in
their target types, which SQLite's own comparison tells only of some encodings, and text by what the target ignores
in it.

A NULL in a key makes it differ from every other, as in every target's unique constraint.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from decimal import Decimal

from migrator.model.comparison import EXACT, TextComparison
from migrator.model.profile import ColumnProfile, Fit, KeyDemand, Violations
from migrator.model.types import Kind, LogicalType
from migrator.sources.sqlite.encodings import Canonical, Encoding, Hazardous, Misfit
from migrator.sources.sqlite.order import RowOrder
from migrator.sources.sqlite.profile.folding import folded, key_of, spelt
from migrator.sources.sqlite.profile.samples import keyed_rows
from migrator.sources.sqlite.rows import repaired
from migrator.sources.sqlite.values import InvalidText, Reading, SqliteValue, quote, raw

Comparable = int | float | str | bytes
"""A value that SQLite compares with another of its column as the target does."""

_DIRECT = frozenset(
    {
        *("integer", "whole", "real", "number", "words", "blob"),
        *("julian", "epoch_seconds", "epoch_milliseconds"),
    }
)
"""Encodings in which different values never mean the same, whatever else is in the column. Numbers are equal in
SQLite when they are equal numbers, integers and reals alike."""


def comparable(
    stored: Encoding, value: SqliteValue, *, replacing: bool, comparison: TextComparison = EXACT
) -> Comparable | None:
    """What a value is compared by; a value that does not fit by what is stored, unless text is `replacing` what
    no target holds, or the comparison may not see the difference. None for NULL."""
    if value is None:
        return None
    textual = stored.kind is Kind.TEXT
    try:
        plain = _plain(stored.decode(value))
        return comparison.key(plain) if textual and isinstance(plain, str) else plain
    except Hazardous:
        if isinstance(value, str | InvalidText) and (replacing or (textual and not comparison.exact)):
            replaced = repaired(value) if replacing else value
            return key_of(comparison, replaced) if textual else _plain(stored.decode(replaced))
    except Misfit:
        pass
    return _stored(value)


def _stored(value: int | float | str | bytes | InvalidText) -> bytes:
    """What is stored, with its class: apart from all that fits, and from each other."""
    match value:
        case bytes():
            return b"blob:" + value
        case str():
            return b"text:" + value.encode()
        case InvalidText():
            return b"invalid:" + value.raw
        case _:
            return f"number:{value!r}".encode()


def _plain(value: Canonical) -> Comparable:
    """Decimals without their trailing zeros, bytes apart from what does not fit, 0.0 and -0.0 as one."""
    match value:
        case Decimal():
            whole, _, fraction = f"{value:f}".partition(".")
            fraction = fraction.rstrip("0")
            return "0" if not value else f"{whole}.{fraction}"
        case bytes():
            return b"=" + value
        case float():
            return value + 0.0
        case _:
            return value


def compared(
    sql: str, encoding: str, type: LogicalType, *, replacing: bool = False, comparison: TextComparison = EXACT
) -> str:
    """SQL by which values of a column that are stored in that encoding compare as the type does, text in the way
    of the comparison."""
    plain = (type.kind is Kind.DATE and encoding.startswith("iso")) or (
        type.kind is Kind.TEXT and encoding.partition("|")[0] == "text"
    )
    if not replacing and (plain or encoding.partition("|")[0].partition(":")[0] in _DIRECT):
        return _as_stored(sql, comparison) if type.kind is Kind.TEXT else _as_stored(sql)
    return converted(sql, encoding, type, replacing=replacing, comparison=comparison)


def _as_stored(sql: str, comparison: TextComparison = EXACT) -> str:
    """SQL by which stored values compare, their text in the way of the comparison."""
    return f"{sql} COLLATE BINARY" if comparison.exact else folded(sql, comparison)


def converted(
    sql: str, encoding: str, type: LogicalType, *, replacing: bool = False, comparison: TextComparison = EXACT
) -> str:
    """The same by converting each value."""
    how = f"'{encoding}', '{type}', {int(replacing)}, '{spelt(comparison)}'"
    return f"migrator_comparable({how}, typeof({sql}), {raw(sql)})"


def duplicates(
    connection: sqlite3.Connection,
    reading: Reading,
    order: RowOrder,
    table: str,
    key: KeyDemand,
    profiles: Mapping[str, ColumnProfile],
    demanded: Mapping[str, LogicalType],
) -> Violations | None:
    """Rows of `table` beyond the first of each group of equal keys; None when it lacks a column of the key, or
    when this SQLite cannot evaluate the condition. `profiles` begin with the fit of the demanded type where there
    is one. Raises sqlite3.Error."""
    if not key.columns or not set(key.columns) <= set(profiles):
        return None
    parts = [_by_profile(profiles[name], name in demanded, key.comparison) for name in key.columns]
    present = " AND ".join(f"{quote(name)} IS NOT NULL" for name in key.columns)
    if key.where is None:
        return _duplicates(connection, reading, order, table, key.columns, parts, present)
    try:
        # A comment may end the condition.
        where = f"{present} AND ({key.where}\n)"
        return _duplicates(connection, reading, order, table, key.columns, parts, where)
    except (sqlite3.OperationalError, sqlite3.ProgrammingError):
        return None


def _duplicates(
    connection: sqlite3.Connection,
    reading: Reading,
    order: RowOrder,
    table: str,
    columns: Sequence[str],
    parts: Sequence[str],
    where: str,
) -> Violations:
    # Conditions may qualify columns by the table's name.
    alias = quote(table)
    source = f"{order.relation} AS {alias} WHERE {where}"
    # In HAVING a name means a column of the table before it means a result column.
    groups = f"SELECT count(*) AS n FROM {source} GROUP BY {', '.join(parts)} HAVING count(*) > 1"
    (count,) = connection.execute(f"SELECT ifnull(sum(n - 1), 0) FROM ({groups})").fetchone()
    if not count:
        return Violations(0)
    rows, shown = ", ".join(order.terms), tuple(quote(name) for name in columns)
    numbers = ", ".join(f"k{at}" for at in range(len(order.key)))
    later = f"({rows}) IN (SELECT {numbers} FROM ({places(order, parts, where, alias)}) WHERE place > 1)"
    return Violations(count, keyed_rows(connection, reading, order, shown, later, sort=f" ORDER BY {rows}"))


def _by_profile(profile: ColumnProfile, demanded: bool, comparison: TextComparison) -> str:
    """SQL by which a column compares as its demanded type does, or by what is stored."""
    sql, fit = quote(profile.column), profile.fits[0]
    textual = "text" in dict(profile.classes)
    if not demanded or _told_apart(profile, fit):
        textual = textual and (not demanded or fit.type.kind is Kind.TEXT)
        return _as_stored(sql, comparison) if textual else _as_stored(sql)
    return converted(sql, fit.encoding, fit.type, comparison=comparison)


def _told_apart(profile: ColumnProfile, fit: Fit) -> bool:
    """Whether different values in SQLite are different in the type, and equal ones equal. 1 and 1.0 are equal in
    SQLite: right for numbers, not for their digits as text, nor for what does not fit."""
    classes = dict(profile.classes)
    if fit.encoding in ("any", "document"):
        return fit.spellings == 1 and not classes.get("real")
    alike = not (classes.get("integer") and classes.get("real")) or fit.count == profile.values
    return fit.spellings == 1 and alike


def places(order: RowOrder, parts: Sequence[str], where: str, alias: str = "child") -> str:
    """A SELECT of the keys of rows, which are called `alias`, as `k0`, `k1` and so on, and of their `place` in
    reading order among those with equal parts."""
    keys = ", ".join(f"{alias}.{part} AS k{at}" for at, part in enumerate(order.key))
    terms = ", ".join(f"{alias}.{term}" for term in order.terms)
    window = f"PARTITION BY {', '.join(parts)} ORDER BY {terms}"
    return f"SELECT {keys}, row_number() OVER ({window}) AS place FROM {order.relation} AS {alias} WHERE {where}"
