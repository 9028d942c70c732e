"""What a column is after its rules: how many values each changed, and which declared type the values bear out.

Asks through `profile.questions`; the decisions are pure. No value is ever converted to suit a declaration.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from migrator.model.rules import RuleEffect, Scalar
from migrator.sources.sqlite.profile.questions import Questions, answer
from migrator.sources.sqlite.profile.subject import number
from migrator.sources.sqlite.staging.pipeline import Pipeline, StagedColumn
from migrator.sources.sqlite.storage import Affinity, affinity

_AT_ONCE = 300
"""Columns per query: each stands in several subqueries, and SQLite limits a SELECT to 2,000 columns."""

DECLARED: dict[type, str] = {bool: "BOOLEAN", int: "INTEGER", float: "REAL", str: "TEXT"}
"""How a column of such values is declared."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One column after its rules. `declared` is for the schema, `stored` the affinity with which no value is
    converted; `rows` counts those that stay, `values` those of them that are not NULL."""

    column: StagedColumn
    declared: str
    stored: Affinity
    rows: int
    values: int
    trimmed: int
    emptied: int
    mapped: int

    @property
    def touched(self) -> bool:
        """Whether a rule changed any value."""
        return self.column.replaced or bool(self.trimmed or self.emptied or self.mapped)

    @property
    def effects(self) -> tuple[RuleEffect, ...]:
        """What each rule of the column did, nothing included."""
        rule = self.column.rule
        asked = (
            ("trim", rule.trim, self.trimmed),
            ("empty_to_null", rule.empty_to_null, self.emptied),
            ("map", bool(rule.map), self.mapped),
        )
        return tuple(RuleEffect(self.column.name, name, count) for name, wanted, count in asked if wanted)


def decide(connection: sqlite3.Connection, pipeline: Pipeline, *, strict: bool) -> tuple[Decided, ...]:
    """Every column of the pipeline, decided. `strict` says whether the source's table is STRICT.

    Raises:
        sqlite3.Error: The rows cannot be read, or an expression cannot be evaluated for one.
    """
    found: list[Decided] = []
    for start in range(0, len(pipeline.columns), _AT_ONCE):
        part = range(start, min(start + _AT_ONCE, len(pipeline.columns)))
        questions = [_study(pipeline, at, strict) for at in part]
        found += answer((connection,), pipeline.counted(part), (), questions)
    return tuple(found)


def _study(pipeline: Pipeline, at: int, strict: bool) -> Questions[Decided]:
    column, counts = pipeline.columns[at], pipeline.counts(at)
    base = _base(column)
    kept = affinity(base, strict=strict and not column.replaced)
    answers = yield (
        "count(*)",
        counts.values,
        counts.trimmed,
        counts.emptied,
        counts.mapped,
        counts.converted(kept),
    )
    rows, given, trimmed, emptied, mapped, converted = map(number, answers)
    values = given - emptied
    declared, stored = base, kept
    if column.rule.map:
        of_map = [value for _, value in column.rule.map]
        mixed = mapped < values
        declared = (base if _conform(of_map, kept) else "") if mixed else _of_values(of_map, base, kept)
        stored = kept if declared == base else affinity(declared)
    if declared == base and converted:
        # SQLite's own conversions are not the user's: such values are stored as they are.
        declared = "" if kept in (Affinity.TEXT, Affinity.REAL) else base
        stored = Affinity.BLOB
    return Decided(column, declared, stored, rows, values, trimmed, emptied, mapped)


def _base(column: StagedColumn) -> str:
    """How the column is declared before its map."""
    if column.sql is not None or (column.source is None and column.rule.value is None):
        return ""
    if column.rule.value is not None:
        return DECLARED[type(column.rule.value)]
    assert column.source is not None
    return column.source.declared


def _of_values(values: Sequence[Scalar], base: str, kept: Affinity) -> str:
    """How a column is declared of which every value comes from a map."""
    kinds = {type(value) for value in values}
    if len(kinds) > 1:
        return ""
    (kind,) = kinds
    return base if kind is str and kept is Affinity.TEXT else DECLARED[kind]


def _conform(values: Sequence[Scalar], kept: Affinity) -> bool:
    """Whether values of a map may stand in a column of that affinity beside what is there. A column of TEXT
    affinity never holds numbers, one of REAL affinity no integers; others may hold anything."""
    match kept:
        case Affinity.TEXT:
            return all(isinstance(value, str) for value in values)
        case Affinity.REAL:
            return all(isinstance(value, float | str) for value in values)
    return True
