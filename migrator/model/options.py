"""What the user may choose about a migration, in one immutable object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from migrator.model.findings import Resolution
from migrator.model.rules import Scalar
from migrator.model.types import LogicalType


class Naming(StrEnum):
    """What becomes of names."""

    KEEP = "keep"
    LOWER = "lower"
    SNAKE = "snake"


@dataclass(frozen=True, slots=True)
class ColumnOptions:
    """Choices for one column; None leaves it to the table, the run, or the planner. `value`, `compute`, `trim`,
    `empty_to_null` and `map` are those of `migrator.model.rules.ColumnRule`."""

    type: LogicalType | None = None
    target: str | None = None
    """Another name in the target."""
    skip: bool = False
    on_invalid: Resolution | None = None
    on_orphans: Resolution | None = None
    """For the foreign key over this column alone."""
    secret: bool | None = None
    collation: str | None = None
    """Of the target."""
    value: Scalar | None = None
    compute: str | None = None
    trim: bool | None = None
    empty_to_null: bool | None = None
    map: Mapping[str, Scalar] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class TransformOptions:
    """Where a table's transform is: a function in a Python file."""

    file: Path
    function: str


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Choices for one table; None leaves it to the run. `trim` and `empty_to_null` are for every column of text
    that does not say otherwise."""

    skip: bool = False
    target: str | None = None
    where: str | None = None
    trim: bool = False
    empty_to_null: bool = False
    transform: TransformOptions | None = None
    on_invalid: Resolution | None = None
    on_orphans: Resolution | None = None
    on_check: Resolution | None = None
    on_duplicates: Resolution | None = None
    columns: Mapping[str, ColumnOptions] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """The SQLAlchemy models and Alembic revisions that own the target's schema.

    `models` is `package.module` or a Python file, in which `base` names the declarative base or MetaData;
    `alembic` is the `alembic.ini`, None when there are no revisions.
    """

    models: str | Path
    base: str = "Base"
    alembic: Path | None = None


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A source as the user gives it: a path or URL, and the name a plan knows it by; None for the file's stem."""

    name: str | None
    given: str


@dataclass(frozen=True, slots=True)
class SourceAccess:
    """How sources are opened. `password` gives the password of a source by its name, None when there is none; it
    is asked only about a source that needs one, and nothing keeps what it says."""

    password: Callable[[str], str | None] | None = None
    follow_links: bool = False
    """Whether to read also the tables of other files to which a source only points."""


ANY_SOURCE = SourceAccess()
_NO_TABLE = TableOptions()
_NO_COLUMN = ColumnOptions()


@dataclass(frozen=True, slots=True)
class Options:
    """Choices for a whole run. `tables` is keyed by source table name, or by `database.table` where two
    sources have a table of the same name; the longer key wins."""

    schema: str | None = None
    collation: str | None = None
    """Of every text column that does not say otherwise; None for the database's own."""
    names: Naming = Naming.KEEP
    on_invalid: Resolution = Resolution.STOP
    on_orphans: Resolution = Resolution.STOP
    on_check: Resolution = Resolution.STOP
    on_duplicates: Resolution = Resolution.STOP
    tables: Mapping[str, TableOptions] = field(default_factory=lambda: MappingProxyType({}))
    models: ModelOptions | None = None

    def table(self, database: str, table: str) -> TableOptions:
        """The choices for a table, empty ones when there are none."""
        return self.tables.get(f"{database}.{table}") or self.tables.get(table) or _NO_TABLE

    def column(self, database: str, table: str, column: str) -> ColumnOptions:
        """The choices for a column, empty ones when there are none."""
        return self.table(database, table).columns.get(column) or _NO_COLUMN

    def invalid(self, database: str, table: str, column: str) -> Resolution:
        """What to do with a value of the column that does not fit: column, else table, else run."""
        return (
            self.column(database, table, column).on_invalid
            or self.table(database, table).on_invalid
            or self.on_invalid
        )
