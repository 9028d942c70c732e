"""Rules: what the user wants done to a table's rows before anything else looks at them.

A source carries them out on its private snapshot, so that profile, plan, load and verification all see the
same rows. Nothing here decides or executes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

Scalar = bool | int | float | str
"""What a configuration file can give as a value."""


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What becomes of one column. Carried out in this order: `value` or `compute`, `trim`, `empty_to_null`,
    `map`. A column the source lacks is added, and then needs `value` or `compute`.

    Text is trimmed of what `str.strip` removes. `map` goes from the text form of a value to what replaces it;
    values that are no key of it stay as they are. `compute` is an expression in the source's SQL over the
    table's own columns as they are before any rule, in which `lower`, `upper` and `trim` know all of Unicode.
    """

    column: str
    value: Scalar | None = None
    compute: str | None = None
    trim: bool = False
    empty_to_null: bool = False
    map: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True)
class Transform:
    """A Python function from DataFrame to DataFrame. `file` is an absolute path, `digest` the SHA-256 of its
    content in hexadecimal: a plan refuses to run with another one."""

    file: str
    function: str
    digest: str


@dataclass(frozen=True, slots=True)
class TableRules:
    """The rules for one source table, in this order: rows for which `where` (a condition in the source's SQL)
    is not true are left out; the columns' rules; the transform."""

    table: str
    where: str | None = None
    columns: tuple[ColumnRule, ...] = ()
    transform: Transform | None = None


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What one rule did: `rule` is `trim`, `empty_to_null` or `map`, `count` how many values it changed."""

    column: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class Staged:
    """What the rules made of one table: `read` rows of the source, of which `where` left out `left_out`."""

    table: str
    read: int
    left_out: int = 0
    effects: tuple[RuleEffect, ...] = ()


Transformer = Callable[[pa.RecordBatch], pa.RecordBatch]
"""A transform ready to be called: canonical batch in, batch of as many rows out. Raises TransformError."""
