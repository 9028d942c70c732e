"""Rows whose key an earlier row has already, compared as the target will compare them: by what the values mean in
their target types, which SQLite's own comparison tells only of some encodings.

A NULL in a key makes it differ from every other, as in every target's unique constraint.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from decimal import Decimal

from migrator.model.profile import ColumnProfile, Fit, Violations
from migrator.model.types import Kind, LogicalType
from migrator.sources.sqlite.encodings import Canonical, Encoding, Hazardous, Misfit
from migrator.sources.sqlite.order import RowOrder
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


def comparable(stored: Encoding, value: SqliteValue, *, replacing: bool) -> Comparable | None:
    """What a value is compared by; a value that does not fit by what is stored, unless text is `replacing` what
    no target holds. None for NULL."""
    if value is None:
        return None
    try:
        return _plain(stored.decode(value))
    except Hazardous:
        if replacing and isinstance(value, str | InvalidText):
            return _plain(stored.decode(repaired(value)))
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


def compared(sql: str, encoding: str, type: LogicalType, *, replacing: bool = False) -> str:
    """SQL by which values of a column that are stored in that encoding compare as the type does."""
    plain = (type.kind is Kind.DATE and encoding.startswith("iso")) or (
        type.kind is Kind.TEXT and encoding == "text"
    )
    if not replacing and (plain or encoding.partition(":")[0] in _DIRECT):
        return f"{sql} COLLATE BINARY"
    return converted(sql, encoding, type, replacing=replacing)


def converted(sql: str, encoding: str, type: LogicalType, *, replacing: bool = False) -> str:
    """The same by converting each value."""
    return f"migrator_comparable('{encoding}', '{type}', {int(replacing)}, typeof({sql}), {raw(sql)})"


def duplicates(
    connection: sqlite3.Connection,
    reading: Reading,
    order: RowOrder,
    key: Sequence[str],
    profiles: Mapping[str, ColumnProfile],
    demanded: Mapping[str, LogicalType],
) -> Violations | None:
    """Rows beyond the first of each group of equal keys; None when the table lacks a column of the key.
    `profiles` begin with the fit of the demanded type where there is one. Raises sqlite3.Error."""
    if not key or not set(key) <= set(profiles):
        return None
    parts = [_by_profile(profiles[name], name in demanded) for name in key]
    present = " AND ".join(f"{quote(name)} IS NOT NULL" for name in key)
    groups = f"SELECT count(*) AS n FROM {order.relation} WHERE {present} GROUP BY {', '.join(parts)} HAVING n > 1"
    (count,) = connection.execute(f"SELECT ifnull(sum(n - 1), 0) FROM ({groups})").fetchone()
    if not count:
        return Violations(0)
    rows, shown = ", ".join(order.terms), tuple(quote(name) for name in key)
    numbers = ", ".join(f"k{at}" for at in range(len(order.key)))
    later = f"({rows}) IN (SELECT {numbers} FROM ({places(order, parts, present)}) WHERE place > 1)"
    return Violations(count, keyed_rows(connection, reading, order, shown, later, sort=f" ORDER BY {rows}"))


def _by_profile(profile: ColumnProfile, demanded: bool) -> str:
    """SQL by which a column compares as its demanded type does, or by what is stored."""
    sql, fit = quote(profile.column), profile.fits[0]
    if not demanded or _told_apart(profile, fit):
        return f"{sql} COLLATE BINARY"
    return converted(sql, fit.encoding, fit.type)


def _told_apart(profile: ColumnProfile, fit: Fit) -> bool:
    """Whether different values in SQLite are different in the type, and equal ones equal. 1 and 1.0 are equal in
    SQLite: right for numbers, not for their digits as text, nor for what does not fit."""
    classes = dict(profile.classes)
    if fit.encoding in ("any", "document"):
        return fit.spellings == 1 and not classes.get("real")
    alike = not (classes.get("integer") and classes.get("real")) or fit.count == profile.values
    return fit.spellings == 1 and alike


def places(order: RowOrder, parts: Sequence[str], where: str) -> str:
    """A SELECT of the keys of rows, called `child`, as `k0`, `k1` and so on, and of their `place` in reading order
    among those with equal parts."""
    keys = ", ".join(f"child.{part} AS k{at}" for at, part in enumerate(order.key))
    terms = ", ".join(f"child.{term}" for term in order.terms)
    window = f"PARTITION BY {', '.join(parts)} ORDER BY {terms}"
    return f"SELECT {keys}, row_number() OVER ({window}) AS place FROM {order.relation} AS child WHERE {where}"
