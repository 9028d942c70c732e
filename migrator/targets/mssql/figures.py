"""The reconciliation figures, by SQL Server's own SQL; what each is, says `migrator.model.figures`.

Everything stays exact: integers are summed as decimal(38,0), decimals of many digits in two halves, floats as
integers, and figures of text do not depend on the column's collation. What the server cannot compute exactly is
left out: the order by UTF-8 of some texts, and their octets before SQL Server 2019.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from migrator.model.figures import HASH_HEAD, float_scale
from migrator.model.plan import ColumnPlan, TablePlan
from migrator.model.result import Figure, Figures
from migrator.model.types import Kind
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.names import literal, qualified, quote

MAX_OUTPUTS = 400
"""Expressions in one SELECT: its list may have 4,096, but the optimizer must hold them all.
https://learn.microsoft.com/sql/sql-server/maximum-capacity-specifications-for-sql-server"""
MAX_SORTS = 8
"""Columns whose distinct values are counted at once: each needs a sort, with memory of its own."""
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


_Wanted = Mapping[str, Computed]
"""By the figure's name."""

_INTEGERS: _Wanted = {"min": _number("MIN({c})"), "max": _number("MAX({c})"), "sum": _number(_exact("{c}"))}


def _elapsed(unit: str, start: str) -> _Wanted:
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


def _holding(characters: str) -> str:
    """The number of texts that hold one of these characters, a set as LIKE knows it."""
    pattern = f"N'%[' + {characters} + N']%'"
    return f"COUNT_BIG(CASE WHEN {_TEXT} COLLATE {BINARY_ORDER} LIKE {pattern} THEN 1 END)"


def _range(first: int, last: int) -> str:
    return f"NCHAR({first}) + N'-' + NCHAR({last})"


def _extreme(function: str) -> Computed:
    """The least or greatest text by UTF-8.

    Comparisons pad the shorter text with blanks. Ended by U+0001 texts compare as if nothing were padded, as long
    as none has that or U+0000 inside. The order of UTF-16 is that of UTF-8 unless characters above the surrogates
    (U+E000 to U+FFFF) meet supplementary ones.
    https://learn.microsoft.com/sql/t-sql/language-elements/string-comparison-assignment
    """
    ended = f"{function}(({_TEXT} + NCHAR(1)) COLLATE {BINARY_ORDER})"
    doubts = (
        _holding(f"N'^' + {_range(2, 0xFFFF)}"),
        _holding(_range(0xD800, 0xDFFF)),
        _holding(_range(0xE000, 0xFFFF)),
    )

    def make(value: str | None, controls: int, supplementary: int, above: int) -> Any:
        if controls or (supplementary and above):
            return LEFT_OUT
        return None if value is None else value[:-1]

    return Computed((ended, *doubts), make)


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
_DOCUMENTS: _Wanted = {"objects": _starts_with("{{"), "arrays": _starts_with("[")}

_OF_KIND: Mapping[Kind, _Wanted] = {
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
    Kind.JSON_TEXT: {**_DOCUMENTS, "length": _LENGTH},
}
_IN_UTF8 = frozenset({Kind.TEXT, Kind.JSON_TEXT})
_HASHES = {
    kind: f"HASHBYTES('SHA2_256', {value})"
    for kind, value in {Kind.TEXT: "{c}", Kind.JSON_TEXT: _TEXT, Kind.BINARY: "{c}"}.items()
}
"""Text that differs only in blanks at the end compares equal, bytes perhaps in zeros; their hashes differ. Before
SQL Server 2016 HASHBYTES took 8,000 bytes only.
https://learn.microsoft.com/sql/t-sql/functions/hashbytes-transact-sql"""
_WITHOUT_DISTINCT = frozenset({Kind.JSON, Kind.FLOAT64})

Question = tuple[str, str, Computed]
"""A column's target name, a figure's name, and how it is computed."""
_T = TypeVar("_T")


def figures(connection: Connection, table: TablePlan, *, distinct: bool, hashes: bool) -> dict[str, Figures]:
    """See `Server.figures`; with `hashes` also `hash`. A few queries per table: all figures but those that depend
    on others, the distinct counts, the sums of floats."""
    columns = table.columns
    result: dict[str, Figures] = {column.target: {} for column in columns}
    utf8 = _has_utf8(connection)
    plain = [asked for column in columns for asked in _plain(column, utf8=utf8, hashes=hashes)]
    _compute(connection, table, plain, MAX_OUTPUTS, result)
    if distinct:
        counts = [asked for column in columns for asked in _distinct(column)]
        _compute(connection, table, counts, MAX_SORTS, result)
    floats = [column for column in columns if column.type.kind is Kind.FLOAT64]
    _sum_floats(connection, table, floats, result)
    return result


def _has_utf8(connection: Connection) -> bool:
    query = f"SELECT COLLATIONPROPERTY({literal(UTF8)}, 'CodePage')"
    return execute(connection, query).scalar_one() is not None


def _plain(column: ColumnPlan, *, utf8: bool, hashes: bool) -> Iterator[Question]:
    kind = column.type.kind
    yield column.target, "values", _number("COUNT_BIG({c})")
    yield column.target, "nulls", _number("COUNT_BIG(*) - COUNT_BIG({c})")
    for figure, computed in _OF_KIND[kind].items():
        yield column.target, figure, computed
    if kind is Kind.DECIMAL:
        yield column.target, "sum", _decimal_sum(column)
    if utf8 and kind in _IN_UTF8:
        yield column.target, "octets", _OCTETS
    if hashes and kind in _HASHES:
        yield column.target, "hash", _number(_exact(f"CAST(SUBSTRING({_HASHES[kind]}, 1, {HASH_HEAD}) AS bigint)"))


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


def _distinct(column: ColumnPlan) -> Iterator[Question]:
    kind = column.type.kind
    if kind not in _WITHOUT_DISTINCT:
        yield column.target, "distinct", _number(f"COUNT_BIG(DISTINCT {_HASHES.get(kind, '{c}')})")


def _compute(
    connection: Connection,
    table: TablePlan,
    questions: Sequence[Question],
    at_once: int,
    result: dict[str, Figures],
) -> None:
    for part in _parts(questions, at_once):
        expressions = [sql.format(c=quote(column)) for column, _, computed in part for sql in computed.asked]
        answers = iter(_select(connection, table, expressions))
        for column, figure, computed in part:
            value = computed.make(*(next(answers) for _ in computed.asked))
            if value is not LEFT_OUT:
                result[column][figure] = value


def _sum_floats(
    connection: Connection, table: TablePlan, columns: Sequence[ColumnPlan], result: dict[str, Figures]
) -> None:
    """The sums of float columns, as `float_scale` defines them: first the largest magnitude, then the sums."""
    for part in _parts(columns, MAX_OUTPUTS // 2):
        names = [quote(column.target) for column in part]
        largest = _select(connection, table, [f"MAX(ABS({name}))" for name in names])
        sums = [
            sql
            for name, value in zip(names, largest, strict=True)
            for sql in _float_sums(name, float_scale(value or 0.0))
        ]
        values = [int(value or 0) for value in _select(connection, table, sums)]
        for column, value, high, low in zip(part, largest, values[::2], values[1::2], strict=True):
            result[column.target]["sum"] = None if value is None else f"{high}:{low}"


def _float_sums(name: str, scale: int) -> tuple[str, str]:
    """The two sums of a column. Values too small to count are left out first; the factor is applied in two steps
    because it may be beyond a double by itself."""
    scaled = f"({name} * {_double(scale // 2)} * {_double(scale - scale // 2)})"
    whole = _truncated(name, scaled)
    rest = _truncated(name, f"(({scaled} - {whole}) * {_double(52)})")
    counts = f"ABS({name}) >= {_double(-52 - scale)}"
    high, low = (
        f"SUM(CASE WHEN {counts} THEN CAST(CAST({value} AS bigint) AS decimal(38,0)) END)"
        for value in (whole, rest)
    )
    return high, low


def _truncated(sign: str, value: str) -> str:
    return f"CASE WHEN {sign} < 0 THEN CEILING({value}) ELSE FLOOR({value}) END"


def _double(exponent: int) -> str:
    """2 to that power as an exact constant of type float; 0 below the least that the type is said to hold.
    https://learn.microsoft.com/sql/t-sql/data-types/float-and-real-transact-sql"""
    digits = repr(math.ldexp(1.0, exponent) if exponent >= sys.float_info.min_exp else 0.0)
    return digits if "e" in digits else f"{digits}E0"


def _select(connection: Connection, table: TablePlan, expressions: Sequence[str]) -> Sequence[Any]:
    query = f"SELECT {', '.join(expressions)} FROM {qualified(table.schema, table.target)}"
    return execute(connection, query).one()


def _parts(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
