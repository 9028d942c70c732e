"""The plan: everything a run will do, as data that can be saved, read, reviewed and compared.

Names here are final target names and SQL is final target SQL; a plan holds no password and no row value
of a secret column.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from migrator.model.comparison import EXACT, TextComparison
from migrator.model.findings import Finding, Resolution
from migrator.model.rules import TableRules
from migrator.model.schema import Action, Unmoved
from migrator.model.types import LogicalType

JOURNAL_SCHEMA = "migrator"
"""Where the journal and Alembic's version table live in the target."""
QUARANTINE = "migrator_quarantine"
"""The target table for rows set aside, beside the migrated tables."""
PLAN_VERSION = 2
"""Raised when a saved plan of an older tool can no longer be run."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """How one source column becomes one target column."""

    source: str
    target: str
    type: LogicalType
    encoding: str
    """The source's name for how the values are stored; see `Fit.encoding`."""
    nullable: bool = True
    expected: LogicalType | None = None
    why: str = ""
    """Why this type, in words for the user."""
    on_invalid: Resolution = Resolution.STOP
    hazards: tuple[str, ...] = ("text-invalid", "text-nul")
    """Codes of the hazards that the target cannot hold; the source hands over every other value."""
    default: str | None = None
    generated: str | None = None
    """The target's expression when the target computes the column; then it is verified, not loaded."""
    next_identity: int | None = None
    """The number the target gives out next, when it numbers this column."""
    secret: bool = False
    comment: str | None = None
    collation: str | None = None
    """The target's name of it; None for the database's own."""


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """A primary key or unique constraint over target columns. A primary key that is not `clustered` is too long to
    order the table itself, where the target has such an order."""

    name: str
    columns: tuple[str, ...]
    clustered: bool = True


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """A CHECK constraint; not `validated` means existing rows are not tested. One that is `typed` says no more
    than a column's logical type does."""

    name: str
    sql: str
    validated: bool = True
    typed: bool = False


@dataclass(frozen=True, slots=True)
class IndexPartPlan:
    """A target column, or an expression in the target's SQL."""

    column: str | None = None
    expression: str | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """An index; `where` is its predicate in the target's SQL."""

    name: str
    parts: tuple[IndexPartPlan, ...]
    unique: bool = False
    where: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignKeyPlan:
    """A foreign key between target tables."""

    name: str
    columns: tuple[str, ...]
    parent_schema: str
    parent: str
    parent_columns: tuple[str, ...]
    on_delete: Action = "NO ACTION"
    on_update: Action = "NO ACTION"
    deferrable: bool = False
    initially_deferred: bool = False
    validated: bool = True
    comparison: TextComparison = EXACT
    """How text compares where the parent of a row is looked for."""


class Reason(StrEnum):
    """Why rows are left out of a table."""

    ORPHAN = "orphan"
    """A foreign key over `columns` finds no parent. Rows whose parent is itself excluded are excluded too."""
    DUPLICATE = "duplicate"
    """Rows before it in reading order have the same values in `columns`; the first such row stays."""
    MISSING = "missing"
    """The one column of `columns` holds NULL and must not."""
    CHECK = "check"
    """`condition` is false."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Rows left out of a table by the user's decision, in the source's own names and SQL. `resolution` is
    QUARANTINE or SKIP; for orphans also NULL, which keeps the row and empties its `columns`."""

    columns: tuple[str, ...]
    parent_table: str
    parent_columns: tuple[str, ...]
    resolution: Resolution
    reason: Reason = Reason.ORPHAN
    condition: str = ""
    comparison: TextComparison = EXACT
    """How text compares where the rows of a duplicate, or the parent of a row, are found."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How one source table becomes one target table.

    `key` names source columns that identify a row on both sides, () when the table has no such key. `rows` and
    `octets` are the profile's, for progress and estimates.
    """

    database: str
    source: str
    schema: str
    target: str
    columns: tuple[ColumnPlan, ...]
    key: tuple[str, ...] = ()
    primary_key: KeyPlan | None = None
    uniques: tuple[KeyPlan, ...] = ()
    checks: tuple[CheckPlan, ...] = ()
    indexes: tuple[IndexPlan, ...] = ()
    foreign_keys: tuple[ForeignKeyPlan, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    rules: TableRules | None = None
    left_out: int = 0
    """Rows of the source that `rules.where` leaves out; `rows` does not count them."""
    given: bool = False
    """Whether the table is not this run's own: models or an earlier revision made it, and its constraints."""
    rows: int = 0
    octets: int = 0
    comment: str | None = None

    @property
    def loaded(self) -> tuple[ColumnPlan, ...]:
        """The columns whose values are sent; the target computes the others."""
        return tuple(column for column in self.columns if column.generated is None)

    @property
    def name(self) -> str:
        """`schema.target`, for people."""
        return f"{self.schema}.{self.target}"

    def column(self, target: str) -> ColumnPlan:
        """The column of that target name. Raises KeyError when there is none."""
        for column in self.columns:
            if column.target == target:
                return column
        raise KeyError(target)


def arrow_schema(columns: tuple[ColumnPlan, ...]) -> pa.Schema:
    """The Arrow schema of a batch of these columns: target names, canonical types, and the logical type's
    spelling in the field's metadata under `logical`."""
    return pa.schema(
        [pa.field(column.target, column.type.arrow, metadata={"logical": str(column.type)}) for column in columns]
    )


@dataclass(frozen=True, slots=True)
class ViewPlan:
    """A view in the target. `sql` is its SELECT in the target's SQL; `source` the source's view."""

    database: str
    source: str
    schema: str
    target: str
    sql: str


class Phase(StrEnum):
    """The order of a run. Keys, indexes and constraints come after the load."""

    SCHEMA = "schema"
    REVISIONS = "revisions"
    TABLES = "tables"
    RELEASE = "release"
    """Foreign keys of given tables are taken off."""
    DATA = "data"
    KEYS = "keys"
    INDEXES = "indexes"
    FOREIGN_KEYS = "foreign keys"
    IDENTITY = "identity"
    VIEWS = "views"
    STATISTICS = "statistics"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a run does, with its undo beside it.

    `do` and `undo` are statements in the target's SQL, each tuple applied in one transaction; a data step has
    no `do`: its chunks are copied, and its undo empties a table that stays. `object` is what it is about: the
    table as `schema.table` for tables and data, the constraint, index or view otherwise. `id` counts from 1 in
    execution order.
    """

    id: int
    phase: Phase
    object: str
    do: tuple[str, ...]
    undo: tuple[str, ...]
    comment: str
    table: str | None = None
    """The target table's `schema.table` where the step belongs to one."""


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One source of the plan. `fingerprint` is a hash of its schema: a saved plan refuses another one."""

    name: str
    url: str
    fingerprint: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will take, roughly: rows, bytes of values, seconds."""

    rows: int
    octets: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run will do. `target` is the URL without password; `dialect` its dialect's name."""

    version: int
    tool: str
    created: str
    sources: tuple[SourcePlan, ...]
    target: str
    dialect: str
    schema: str
    tables: tuple[TablePlan, ...]
    views: tuple[ViewPlan, ...]
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    unmoved: tuple[Unmoved, ...]
    estimate: Estimate

    @property
    def open_decisions(self) -> tuple[Finding, ...]:
        """The findings that stop a run until the user decides."""
        return tuple(finding for finding in self.findings if finding.open)
