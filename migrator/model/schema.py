"""The neutral schema: what a source says about its tables, free of any dialect.

Sources build these objects by introspection; the planner reads them. Nothing here decides anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from migrator.model.types import LogicalType

Action = Literal["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"]


@dataclass(frozen=True, slots=True)
class Expression:
    """An SQL expression or query as the source wrote it, and its neutral form.

    `neutral` is the same expression in sqlglot's own (base) dialect, with the source's functions and quirks
    turned into sqlglot's standard nodes; identifiers are quoted and spelt exactly as the schema spells them.
    None when the source could not turn it into that form; then it is reported and not moved.
    """

    sql: str
    neutral: str | None


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated column: its expression, and whether its values are stored."""

    expression: Expression
    stored: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """The database numbers the column. `counter` is the highest number ever given out, as far as the source
    remembers it (deleted rows included), or None when the source keeps no such memory."""

    counter: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `declared` is the declared type as written, '' when there is none."""

    name: str
    declared: str
    nullable: bool = True
    default: Expression | None = None
    generated: Generated | None = None
    collation: str | None = None
    """None when text compares by its bytes; else the source's name, such as `NOCASE`."""
    identity: Identity | None = None
    comment: str | None = None
    type: LogicalType | None = None
    """What the source itself makes sure that every value is; None where the declared type is evidence only."""


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key or unique constraint over columns, in order. `name` is None when the source has none."""

    columns: tuple[str, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key. `parent_columns` is resolved: never implicit. `problem` says why the source itself
    could not enforce it (missing parent table, parent columns not unique), None when it could."""

    columns: tuple[str, ...]
    parent_table: str
    parent_columns: tuple[str, ...]
    name: str | None = None
    on_delete: Action = "NO ACTION"
    on_update: Action = "NO ACTION"
    deferrable: bool = False
    initially_deferred: bool = False
    problem: str | None = None
    caseless: bool = False
    """Whether the source takes texts that differ only in case for the same key."""


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint of a column or table."""

    expression: Expression
    name: str | None = None


@dataclass(frozen=True, slots=True)
class IndexPart:
    """One part of an index: a column or an expression, never both."""

    column: str | None = None
    expression: Expression | None = None
    descending: bool = False
    collation: str | None = None
    """As in `Column.collation`."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index that was created by a statement of its own; those behind keys are not listed."""

    name: str
    parts: tuple[IndexPart, ...]
    unique: bool = False
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with everything that moves with it."""

    name: str
    columns: tuple[Column, ...]
    primary_key: Key | None = None
    uniques: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    options: tuple[str, ...] = ()
    """The source's own table options worth showing, such as `WITHOUT ROWID` and `STRICT`."""
    comment: str | None = None
    sql: str = ""

    def column(self, name: str) -> Column:
        """The column of that exact name. Raises KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class View:
    """A view. `query` is the SELECT; `reads` the tables and views it reads."""

    name: str
    query: Expression
    columns: tuple[str, ...]
    reads: tuple[str, ...]
    sql: str = ""


@dataclass(frozen=True, slots=True)
class Unmoved:
    """Something the source has that no migration moves, kept for the report with its SQL."""

    kind: str
    """What it is, in the user's words: `trigger`, `virtual table`, `shadow table`, …"""
    name: str
    reason: str
    sql: str = ""
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about how the source's values were read that a user should know. `count` is in values, 0 when it
    does not apply."""

    message: str
    table: str | None = None
    column: str | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything one source holds."""

    tables: tuple[Table, ...]
    views: tuple[View, ...] = ()
    unmoved: tuple[Unmoved, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    """Facts worth showing, such as the text encoding, as (name, value)."""
    remarks: tuple[Remark, ...] = ()

    def table(self, name: str) -> Table:
        """The table of that exact name. Raises KeyError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)
