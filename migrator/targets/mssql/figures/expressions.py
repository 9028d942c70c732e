"""The SQL of each figure of a column, exact in T-SQL; what each is, says `migrator.model.figures`.

Integers are summed as decimal(38,0), decimals of many digits in two halves, and figures of text do not depend on
the column's collation.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from migrator.model.figures import HASH_HEAD
from migrator.model.plan import ColumnPlan
from migrator.model.result import Figure
from migrator.model.types import Kind

MAX_SUMMED = 28
"""Digits up to which decimals are summed as they are: ten billion of them have 38."""

BINARY_ORDER = "Latin1_General_BIN2"
"""Compares UTF-16 code units, in every version and whatever the database's collation."""
CHARACTERS = "Latin1_General_100_CI_AS_SC"
"""Counts a surrogate pair as one character.
https://learn.microsoft.com/sql/relational-databases/collations/collation-and-unicode-support#Supplementary_Characters"""
UTF8 = "Latin1_General_100_BIN2_UTF8"
"""Stores text in UTF-8; from SQL Server 2019 on.
https://learn.microsoft.com/sql/relational-databases/collations/collation-and-unicode-support#utf8"""


@dataclass(frozen=True, slots=True)
class Computed:
    """SQL aggregates over a column `{c}`, and how their values make the figure; `make` gives LEFT_OUT where they
    show that the server cannot compute it exactly."""

    asked: tuple[str, ...]
    make: Callable[..., Any]


LEFT_OUT = object()


def _integer(value: Any) -> Figure:
    return None if value is None else int(value)


def _text(value: Any) -> Figure:
    return None if value is None else str(value)


def _shortest(value: Any) -> Figure:
    """-0.0 counts as 0.0: which of two equal values is the least depends on the order of the rows."""
    return None if value is None else repr(float(value) + 0.0)


def _unscaled(value: Any) -> Figure:
    """Of a decimal spelt with every digit of its scale."""
    return None if value is None else int(str(value).replace(".", ""))


def _halves(high: Any, low: Any) -> Figure:
    return None if high is None else int(high) * 10**20 + int(low)


def _number(sql: str) -> Computed:
    return Computed((sql,), _integer)


def _count(condition: str) -> Computed:
    return _number(f"COUNT_BIG(CASE WHEN {condition} THEN 1 END)")


def _exact(sql: str) -> str:
    return f"SUM(CAST({sql} AS decimal(38,0)))"


def _spelt(sql: str) -> Computed:
    return Computed((f"CONVERT(varchar(60), {sql})",), _unscaled)


Wanted = Mapping[str, Computed]
"""By the figure's name."""

_INTEGERS: Wanted = {"min": _number("MIN({c})"), "max": _number("MAX({c})"), "sum": _number(_exact("{c}"))}


def _elapsed(unit: str, start: str) -> Wanted:
    """Days or microseconds since a start; they count in UTC where the value has an offset.
    https://learn.microsoft.com/sql/t-sql/functions/datediff-big-transact-sql"""
    elapsed = f"DATEDIFF_BIG({unit}, {start}, {{}})"
    return {
        "min": _number(elapsed.format("MIN({c})")),
        "max": _number(elapsed.format("MAX({c})")),
        "sum": _number(_exact(elapsed.format("{c}"))),
    }


_TEXT = "CAST({c} AS nvarchar(max))"
"""So that nothing added is cut at 4,000 characters."""


def _extreme(function: str) -> Computed:
    """The least or greatest text by UTF-8.

    Comparisons pad the shorter text with blanks. Ended by U+0001 texts compare as if nothing were padded, as long
    as none has that or U+0000 inside. The order of UTF-16 is that of UTF-8 as long as none has a surrogate or a
    character above them.
    https://learn.microsoft.com/sql/t-sql/language-elements/string-comparison-assignment
    """
    ended = f"{function}(({_TEXT} + NCHAR(1)) COLLATE {BINARY_ORDER})"
    others = f"N'%[^' + NCHAR(2) + N'-' + NCHAR({0xD7FF}) + N']%'"
    doubtful = f"COUNT_BIG(CASE WHEN {_TEXT} COLLATE {BINARY_ORDER} LIKE {others} THEN 1 END)"

    def make(value: str | None, doubts: int) -> Any:
        if doubts:
            return LEFT_OUT
        return None if value is None else value[:-1]

    return Computed((ended, doubtful), make)


def _starts_with(character: str) -> Computed:
    """Documents whose first character after white space is that. https://www.rfc-editor.org/rfc/rfc8259#section-2"""
    text = f"{_TEXT} COLLATE {BINARY_ORDER}"
    start = f"PATINDEX(N'%[^ ' + NCHAR(9) + NCHAR(10) + NCHAR(13) + N']%', {text})"
    return _count(f"SUBSTRING({text}, {start}, 1) = N'{character}'")


_LENGTH = _number(_exact(f"(LEN(({_TEXT} + N'.') COLLATE {CHARACTERS}) - 1)"))
"""LEN does not count blanks at the end."""
_OCTETS = _number(_exact(f"DATALENGTH(CAST({_TEXT} COLLATE {UTF8} AS varchar(max)))"))
_EMPTY = _count("DATALENGTH({c}) = 0")
_HEAD = f"CONVERT(varchar(64), SUBSTRING({{c}}, 1, 32), 2) COLLATE {BINARY_ORDER}"
"""Hexadecimal digits sort as the bytes do."""
_DOCUMENTS: Wanted = {"objects": _starts_with("{{"), "arrays": _starts_with("[")}

_OF_KIND: Mapping[Kind, Wanted] = {
    Kind.BOOL: {"true": _count("{c} = 1")},
    Kind.INT16: _INTEGERS,
    Kind.INT32: _INTEGERS,
    Kind.INT64: _INTEGERS,
    Kind.FLOAT64: {
        "infinite": _count(f"ABS({{c}}) > {sys.float_info.max!r}"),
        "min": Computed(("MIN({c})",), _shortest),
        "max": Computed(("MAX({c})",), _shortest),
    },
    Kind.DECIMAL: {"min": _spelt("MIN({c})"), "max": _spelt("MAX({c})")},
    Kind.DATE: _elapsed("day", "CAST('1970-01-01' AS date)"),
    Kind.TIME: _elapsed("microsecond", "CAST('00:00:00' AS time(7))"),
    Kind.TIMESTAMP: _elapsed("microsecond", "CAST('1970-01-01T00:00:00' AS datetime2(7))"),
    Kind.TIMESTAMPTZ: _elapsed("microsecond", "CAST('1970-01-01T00:00:00+00:00' AS datetimeoffset(7))"),
    Kind.TEXT: {
        "min": _extreme("MIN"),
        "max": _extreme("MAX"),
        "length": _LENGTH,
        "octets": _OCTETS,
        "empty": _EMPTY,
        "blank-ended": _count("UNICODE(LEFT({c}, 1)) = 32 OR UNICODE(RIGHT({c}, 1)) = 32"),
    },
    Kind.BINARY: {
        "min": Computed((f"MIN({_HEAD})",), _text),
        "max": Computed((f"MAX({_HEAD})",), _text),
        "octets": _number(_exact("DATALENGTH({c})")),
        "empty": _EMPTY,
    },
    Kind.UUID: {
        name: Computed((f"LOWER({name}(CONVERT(char(36), {{c}}) COLLATE {BINARY_ORDER}))",), _text)
        for name in ("min", "max")
    },
    Kind.JSON: _DOCUMENTS,
    Kind.JSON_TEXT: {**_DOCUMENTS, "length": _LENGTH, "octets": _OCTETS},
}
_HASHES = {
    kind: f"HASHBYTES('SHA2_256', {value})"
    for kind, value in {Kind.TEXT: "{c}", Kind.JSON_TEXT: _TEXT, Kind.BINARY: "{c}"}.items()
}
"""Text that differs only in blanks at the end compares equal, bytes perhaps in zeros; their hashes differ. Before
SQL Server 2016 HASHBYTES took 8,000 bytes only.
https://learn.microsoft.com/sql/t-sql/functions/hashbytes-transact-sql"""
_WITHOUT_DISTINCT = frozenset({Kind.JSON, Kind.FLOAT64})


def plain(column: ColumnPlan, *, hashes: bool) -> Wanted:
    """All figures of a column but those of its distinct values, and sums of floats, which depend on others."""
    kind = column.type.kind
    found = {
        "values": _number("COUNT_BIG({c})"),
        "nulls": _number("COUNT_BIG(*) - COUNT_BIG({c})"),
        **_OF_KIND[kind],
    }
    if kind is Kind.DECIMAL:
        found["sum"] = _decimal_sum(column)
    if hashes and kind in _HASHES:
        found["hash"] = _number(_exact(f"CAST(SUBSTRING({_HASHES[kind]}, 1, {HASH_HEAD}) AS bigint)"))
    return found


def distinct(column: ColumnPlan) -> Wanted:
    """The number of distinct values, where that is a figure."""
    kind = column.type.kind
    if kind in _WITHOUT_DISTINCT:
        return {}
    return {"distinct": _number(f"COUNT_BIG(DISTINCT {_HASHES.get(kind, '{c}')})")}


def _decimal_sum(column: ColumnPlan) -> Computed:
    """The sum of a few decimals of 38 digits is no decimal any more, so the upper and lower 20 digits of their 40
    are summed as integers, each with the sign of the whole."""
    if (column.type.precision or 0) <= MAX_SUMMED:
        return _spelt("SUM({c})")
    digits = "RIGHT(REPLICATE('0', 40) + REPLACE(CONVERT(varchar(60), ABS({c})), '.', ''), 40)"
    halves = (
        f"SUM(CASE WHEN {{c}} < 0 THEN -1 ELSE 1 END * CAST({side}({digits}, 20) AS decimal(20,0)))"
        for side in ("LEFT", "RIGHT")
    )
    return Computed(tuple(halves), _halves)
