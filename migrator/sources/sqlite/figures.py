"""Reconciliation figures, computed by SQLite's own SQL. The forms are those of `migrator.model.figures`.

Nothing here uses a converter: encodings state in SQL how SQLite sees a value, and what SQLite cannot compute
exactly is left out.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from migrator.model.figures import float_scale
from migrator.model.plan import ColumnPlan
from migrator.model.result import Figure, Figures
from migrator.model.types import Kind
from migrator.sources.sqlite.encodings import encoding, stored_as
from migrator.sources.sqlite.profile.questions import Questions, answer
from migrator.sources.sqlite.values import SqliteValue, octets, quote

_AT_ONCE = 300
"""Columns per query: each stands twice in the subquery, which SQLite limits to 2,000 columns."""
_HEAD = 32
"""Bytes of a binary minimum or maximum that are shown."""

Computed = tuple[tuple[str, ...], Callable[..., Figure]]
"""SQL aggregates, and how their values make the figure."""
Wanted = dict[str, Computed]
"""By the figure's name."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the figures of a table are about: the FROM clause with the rows the plan moves, whether text is in
    UTF-16, whether to count distinct values, and whether to sum hashes."""

    relation: str
    utf16: bool
    distinct: bool
    hashes: bool = False


def figures(
    connections: Sequence[sqlite3.Connection], columns: Sequence[ColumnPlan], scope: Scope
) -> dict[str, Figures]:
    """Figures by target column name, read over one connection or several at once. Raises sqlite3.Error."""
    direct = [(column, *_seen(column)) for column in columns if not _computed(column)]
    found = _figures(connections, direct, scope, scope.relation)
    computed = [column for column in columns if _computed(column)]
    for start in range(0, len(computed), _AT_ONCE):
        part = computed[start : start + _AT_ONCE]
        shares = [part[at :: len(connections)] for at in range(len(connections))]
        if len(shares) == 1:
            found |= _computed_once(connections[0], part, scope)
            continue
        with ThreadPoolExecutor(len(shares), "figures") as pool:
            for each in pool.map(_computed_once, connections, shares, [scope] * len(shares)):
                found |= each
    return found


def _computed(column: ColumnPlan) -> bool:
    """Whether the value takes SQLite longer to work out than to hand over."""
    return column.type.kind is not Kind.FLOAT64 and _seen(column)[0] != quote(column.source)


def _computed_once(
    connection: sqlite3.Connection, columns: Sequence[ColumnPlan], scope: Scope
) -> dict[str, Figures]:
    """Figures of columns whose values are worked out once for all their figures: with a LIMIT, SQLite does
    not merge the subquery into the aggregates."""
    if not columns:
        return {}
    seen = [(column, *_seen(column)) for column in columns]
    selected = ", ".join(f"{value} AS v{at}, {doubt or 0} AS d{at}" for at, (_, value, doubt) in enumerate(seen))
    relation = f"(SELECT {selected} FROM {scope.relation} LIMIT -1)"
    named: list[Seen] = [(column, f"v{at}", doubt and f"d{at}") for at, (column, _, doubt) in enumerate(seen)]
    return _figures((connection,), named, scope, relation)


Seen = tuple[ColumnPlan, str, str | None]
"""A column, SQL for its value as SQLite sees it, and SQL for whether that is not exact."""


def _seen(column: ColumnPlan) -> tuple[str, str | None]:
    sql = quote(column.source)
    stored = encoding(stored_as(column), column.type)
    return stored.number(sql) or stored.text(sql) or f"CAST({sql} AS REAL)", stored.inexact(sql)


def _figures(
    connections: Sequence[sqlite3.Connection], columns: Sequence[Seen], scope: Scope, relation: str
) -> dict[str, Figures]:
    questions = [_column(column, scope, value, doubt or "0") for column, value, doubt in columns]
    found = answer(connections, relation, (), questions)
    return {column.target: each for (column, _, _), each in zip(columns, found, strict=True)}


def _column(column: ColumnPlan, scope: Scope, value: str, doubt: str) -> Questions[Figures]:
    """Everything in one round, but for the sum of floats, which needs their largest first."""
    wanted = _KINDS[column.type.kind](value, scope)
    doubtful, values, rows, *answered = yield (
        f"max({doubt})",
        f"count({value})",
        "count(*)",
        *(each for asked, _ in wanted.values() for each in asked),
    )
    counted: Figures = {"values": _int(values), "nulls": _int(rows) - _int(values)}
    if doubtful or not values or (scope.utf16 and column.type.kind is Kind.BINARY and column.encoding != "blob"):
        return counted
    answers = iter(answered)
    found = {name: make(*(next(answers) for _ in asked)) for name, (asked, make) in wanted.items()}
    if column.type.kind is Kind.FLOAT64 and found["min"] is not None:
        found["sum"] = yield from _float_sum(value, float(str(found["min"])), float(str(found["max"])))
    if "hash" in found and found["hash"] is None:
        del found["hash"]
    return counted | found


def _counted(number: str, scope: Scope) -> Wanted:
    """Exact integers. `sum` overflows at 64 bits, so halves are summed; the shift keeps the sign."""
    found: Wanted = {
        "min": ((f"min({number})",), _int),
        "max": ((f"max({number})",), _int),
        "sum": (_halves(number), _joined),
    }
    return found | _distinct(number, scope)


def _halves(number: str, where: str = "") -> tuple[str, str]:
    return f"sum(({number}) >> 32) {where}", f"sum(({number}) & 4294967295) {where}"


def _joined(high: SqliteValue, low: SqliteValue) -> int:
    return (_int(high) << 32) + _int(low)


def _distinct(sql: str, scope: Scope) -> Wanted:
    return {"distinct": ((f"count(DISTINCT {sql})",), _int)} if scope.distinct else {}


def _hash(function: str, sql: str, scope: Scope) -> Wanted:
    """The bytes that are hashed are those SQLite hands over, but for the encoding of text."""
    return {"hash": ((f"{function}(CAST({sql} AS BLOB))",), _sum)} if scope.hashes else {}


def _sum(value: SqliteValue) -> int | None:
    return None if value is None else int(_str(value))


def _bool(number: str, scope: Scope) -> Wanted:
    return {"true": ((f"sum({number})",), _int)} | _distinct(number, scope)


def _float(value: str, _scope: Scope) -> Wanted:
    """Of the finite values. Which of 0.0 and -0.0 SQLite takes for the least depends on the order of rows."""
    finite = _finite(value)
    return {
        "infinite": ((f"sum(abs({value}) = 9e999)",), _int),
        "min": ((f"min({value}) {finite}",), _shortest),
        "max": ((f"max({value}) {finite}",), _shortest),
    }


def _shortest(value: SqliteValue) -> str | None:
    return repr(value + 0.0) if isinstance(value, float) else None


def _finite(value: str) -> str:
    return f"FILTER (WHERE abs({value}) < 9e999)"


def _float_sum(value: str, least: float, most: float) -> Questions[str]:
    """The sums of the whole and the fractional 52 bits, see `float_scale`. The factor may be beyond a double,
    so it is applied in steps, each exact."""
    scaled, finite = value, _finite(value)
    exponent = float_scale(max(abs(least), abs(most)))
    while exponent:
        step = max(-1000, min(exponent, 1000))
        scaled = f"({scaled} * {math.ldexp(1.0, step)!r})"
        exponent -= step
    high = f"CAST({scaled} AS INTEGER)"
    low = f"CAST(({scaled} - {high}) * {2.0**52!r} AS INTEGER)"
    sums = yield (*_halves(high, finite), *_halves(low, finite))
    return f"{_joined(*sums[:2])}:{_joined(*sums[2:])}"


def _textual(text: str, scope: Scope) -> Wanted:
    """Text compares by its stored bytes, which are UTF-8 only in a UTF-8 database."""
    found: Wanted = {
        "length": ((f"sum(length({text}))",), _int),
        "empty": ((f"sum(length({text}) = 0)",), _int),
        "blank-ended": ((f"sum(substr({text}, 1, 1) = ' ' OR substr({text}, -1) = ' ')",), _int),
    }
    if not scope.utf16:
        found |= {
            "octets": ((f"sum({octets(text)})",), _int),
            "min": ((f"min({text} COLLATE BINARY)",), _str),
            "max": ((f"max({text} COLLATE BINARY)",), _str),
        }
    return found | _distinct(f"{text} COLLATE BINARY", scope) | _hash("migrator_text_hash", text, scope)


def _documents(text: str, scope: Scope) -> Wanted:
    start = f"substr(ltrim({text}, char(9, 10, 13, 32)), 1, 1)"
    found: Wanted = {
        "objects": ((f"sum({start} = '{{')",), _int),
        "arrays": ((f"sum({start} = '[')",), _int),
        "length": ((f"sum(length({text}))",), _int),
    }
    return found if scope.utf16 else found | {"octets": ((f"sum({octets(text)})",), _int)}


def _json_text(text: str, scope: Scope) -> Wanted:
    return _documents(text, scope) | _hash("migrator_text_hash", text, scope)


def _binary(data: str, scope: Scope) -> Wanted:
    found: Wanted = {
        "octets": ((f"sum(length({data}))",), _int),
        "empty": ((f"sum(length({data}) = 0)",), _int),
        "min": ((f"hex(substr(min({data}), 1, {_HEAD}))",), _str),
        "max": ((f"hex(substr(max({data}), 1, {_HEAD}))",), _str),
    }
    return found | _distinct(data, scope) | _hash("migrator_hash", data, scope)


def _uuid(text: str, scope: Scope) -> Wanted:
    found: Wanted = {"min": ((f"min({text})",), _str), "max": ((f"max({text})",), _str)}
    return found | _distinct(text, scope)


_KINDS: Mapping[Kind, Callable[[str, Scope], Wanted]] = {
    Kind.BOOL: _bool,
    Kind.INT16: _counted,
    Kind.INT32: _counted,
    Kind.INT64: _counted,
    Kind.FLOAT64: _float,
    Kind.DECIMAL: _counted,
    Kind.TEXT: _textual,
    Kind.BINARY: _binary,
    Kind.DATE: _counted,
    Kind.TIME: _counted,
    Kind.TIMESTAMP: _counted,
    Kind.TIMESTAMPTZ: _counted,
    Kind.UUID: _uuid,
    Kind.JSON: _documents,
    Kind.JSON_TEXT: _json_text,
}


def _int(value: SqliteValue) -> int:
    assert value is None or isinstance(value, int)
    return value or 0


def _str(value: SqliteValue) -> str:
    assert isinstance(value, str)
    return value
