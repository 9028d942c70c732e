"""The SQL that carries a table's rules out: rows, values, and what each rule did to them.

Pure: it builds text. Nothing here runs it, or decides what the columns are called afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from migrator.model.rules import ColumnRule, Scalar
from migrator.model.schema import Column
from migrator.sources.sqlite.storage import Affinity
from migrator.sources.sqlite.values import Reading, octets, quote, real_text

_LAST = "LIMIT -1 OFFSET 0"
"""Keeps SQLite from merging a subquery into the query around it, so that each value is worked out once
(https://sqlite.org/optoverview.html#subquery_flattening)."""


@dataclass(frozen=True, slots=True)
class StagedColumn:
    """A column on its way. `source` is None for a new one; `sql` is what `rule.compute` is as an expression."""

    name: str
    source: Column | None
    rule: ColumnRule
    sql: str | None = None

    @property
    def base(self) -> str:
        """SQL for the value before it is trimmed."""
        if self.sql is not None:
            return f"({self.sql})"
        return quote(self.name) if self.rule.value is None else literal(self.rule.value)

    @property
    def replaced(self) -> bool:
        """Whether the value is another one than the source's."""
        return self.sql is not None or self.rule.value is not None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One table's rows. `relation` is the source's table as a FROM clause, `number` SQL for a row's number,
    `where` the condition as an expression."""

    relation: str
    number: str
    where: str | None
    columns: tuple[StagedColumn, ...]
    reading: Reading

    @property
    def filtered(self) -> str:
        """The rows that stay, as a FROM clause."""
        return self.relation + (f" WHERE ({self.where})" if self.where is not None else "")

    @property
    def query(self) -> str:
        """A SELECT of every row that stays: its number and its values."""
        columns = range(len(self.columns))
        trimmed = [self._trimmed(at) if self.columns[at].rule.trim else f"c{at}" for at in columns]
        selected = ", ".join(["n", *(f"{sql} AS c{at}" for at, sql in enumerate(trimmed))])
        rows = f"(SELECT {selected} FROM {self._base(columns)} {_LAST})"
        values = ", ".join(["n", *(self.value(at, f"c{at}") for at in columns)])
        return f"SELECT {values} FROM {rows}"

    def counted(self, columns: Sequence[int]) -> str:
        """The same rows as a FROM clause for `Counts` of some columns."""
        stripped = [f"{self._stripped(at)} AS s{at}" for at in columns if self.columns[at].rule.trim]
        selected = ", ".join(["n", *(f"c{at}" for at in columns), *stripped])
        return f"(SELECT {selected} FROM {self._base(columns)} {_LAST})"

    def counts(self, at: int) -> Counts:
        """What to ask about a column over `counted`."""
        trim = self.columns[at].rule.trim
        value = f"coalesce(CAST(s{at} AS TEXT), c{at})" if trim else f"c{at}"
        mapped = bool(self.columns[at].rule.map)
        emptied = self._emptied(at, value)
        return Counts(
            values=f"count(c{at})",
            trimmed=f"sum(s{at} IS NOT NULL)" if trim else "0",
            emptied=f"sum({_empty(value)})" if self.columns[at].rule.empty_to_null else "0",
            mapped=f"sum({self._is_key(at, emptied)})" if mapped else "0",
            result=self.value(at, value) if mapped else value,
            alike=self.value(at, value) if mapped else f"c{at}",
        )

    def value(self, at: int, sql: str) -> str:
        """What emptying and mapping make of a trimmed value."""
        emptied = self._emptied(at, sql)
        cases = [f"WHEN {literal(key)} THEN {literal(value)}" for key, value in self.columns[at].rule.map]
        return f"CASE {_key(emptied)} {' '.join(cases)} ELSE {emptied} END" if cases else emptied

    def _emptied(self, at: int, sql: str) -> str:
        return f"CASE WHEN NOT {_empty(sql)} THEN {sql} END" if self.columns[at].rule.empty_to_null else sql

    def _is_key(self, at: int, sql: str) -> str:
        keys = ", ".join(literal(key) for key, _ in self.columns[at].rule.map)
        return f"{_key(sql)} IN ({keys})"

    def _base(self, columns: Iterable[int]) -> str:
        """Rows with their values before trimming."""
        values = [f"{self.columns[at].base} AS c{at}" for at in columns]
        return f"(SELECT {', '.join([f'{self.number} AS n', *values])} FROM {self.filtered} {_LAST})"

    def _trimmed(self, at: int) -> str:
        return f"coalesce(CAST({self._stripped(at)} AS TEXT), c{at})"

    def _stripped(self, at: int) -> str:
        """SQL for the bytes of a text without white space around it, NULL for everything that has none. In UTF-8,
        what begins and ends with a visible ASCII character need not go through Python."""
        stored = f"CAST(c{at} AS BLOB)"
        ends = [f"substr({stored}, {end}, 1) NOT BETWEEN x'21' AND x'7e'" for end in (1, -1)]
        doubt = "" if self.reading.utf16 else f" AND ({' OR '.join(ends)})"
        return f"CASE WHEN typeof(c{at}) = 'text'{doubt} THEN migrator_trimmed({stored}) END"


@dataclass(frozen=True, slots=True)
class Counts:
    """Aggregates over `Pipeline.counted`: values that are not NULL before any rule, and what each rule changed.
    `result` is SQL for the value in the end, and `alike` for one of the same storage class, which is cheaper; both
    may have text where the result is NULL."""

    values: str
    trimmed: str
    emptied: str
    mapped: str
    result: str
    alike: str

    def converted(self, affinity: Affinity) -> str:
        """How many results a column of that affinity would store as another value
        (https://sqlite.org/datatype3.html#type_affinity). It may count too many, never too few."""
        match affinity:
            case Affinity.BLOB:
                return "0"
            case Affinity.TEXT:
                return f"sum(typeof({self.alike}) IN ('integer', 'real'))"
        # CAST makes SQLite compare text as the number it reads as, if it does.
        readable = f"typeof({self.alike}) = 'text' AND ({self.result}) = CAST({self.result} AS NUMERIC)"
        other = f"typeof({self.alike}) = 'integer'"
        if affinity is not Affinity.REAL:
            other = f"typeof({self.alike}) = 'real' AND ({self.result}) = CAST({self.result} AS INTEGER)"
        return f"sum(({readable}) OR ({other}))"


def _empty(sql: str) -> str:
    """SQL for whether a value is text without a character. It is 0 for NULL."""
    return f"(typeof({sql}) = 'text' AND {octets(sql)} = 0)"


def _key(sql: str) -> str:
    """SQL for what the keys of a map are compared with."""
    return f"CAST({sql} AS TEXT) COLLATE BINARY"


def literal(value: Scalar) -> str:
    """A value of the configuration in SQL; true and false are 1 and 0.

    Raises:
        ValueError: SQLite has no such value: NaN, or an integer beyond 64 bits.
    """
    match value:
        case bool():
            return str(int(value))
        case str():
            # A NUL ends SQL; text in pieces has none.
            parts = [f"'{part}'" for part in value.replace("'", "''").split("\0")]
            return parts[0] if len(parts) == 1 else f"({' || char(0) || '.join(parts)})"
        case int() if -(2**63) <= value < 2**63:
            return str(value)
        case float() if not math.isnan(value):
            return real_text(value)
    raise ValueError(f"SQLite has no number {value}")
