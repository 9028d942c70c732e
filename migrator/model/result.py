"""What a run, a verification or a rollback came to: the objects the API returns and `--json` prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from migrator.model.findings import Finding
from migrator.model.plan import TablePlan
from migrator.model.schema import Unmoved

Figure = int | str | None
"""One reconciliation figure in its canonical form; see `migrator.model.figures`."""
Figures = dict[str, Figure]


class Status(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    """It stopped and could not be undone yet."""
    SUCCEEDED = "succeeded"
    ROLLING_BACK = "rolling_back"
    """It is being taken back, or that was interrupted; only `rollback` can go on with it."""
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class FigureComparison:
    """One reconciliation figure side by side. Of secret columns, values are shown as `•••`."""

    column: str
    figure: str
    source: Figure
    target: Figure
    equal: bool


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that is not as it should be. `part` is which of the five verifications said so: `count`,
    `digest`, `figures`, `schema` or `quarantine`; `key` the row's key values; values of secret columns `•••`."""

    table: str
    part: str
    message: str
    column: str | None = None
    key: tuple[str, ...] | None = None
    source: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class TableResult:
    """How one table came out. `rows` counts the target's rows, `digest` is hexadecimal, equal on both sides
    when `verified`. `source` is the source's table name, `database` the source it comes from."""

    source: str
    target: str
    rows: int
    digest: str | None
    verified: bool
    database: str = ""
    source_rows: int = 0
    quarantined: int = 0
    skipped: int = 0
    left_out: int = 0
    """Rows of the source that `where` leaves out; `source_rows` counts them."""
    nulled: int = 0
    """Values stored as NULL, or with a part replaced, because the user decided so."""
    transformed: bool = False
    """Whether the table is proven through a transform of the user, applied again to the source's rows."""
    seconds: float = 0.0
    figures: tuple[FigureComparison, ...] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """What `run`, `resume`, `verify` and `rollback` return and what `--json` and `--report` show."""

    run_id: str
    status: Status
    target: str
    tables: tuple[TableResult, ...]
    findings: tuple[Finding, ...]
    seconds: dict[str, float]
    """Seconds per phase, in order, with `total` last."""
    mismatches: tuple[Mismatch, ...] = ()
    unmoved: tuple[Unmoved, ...] = ()
    sources: tuple[str, ...] = ()
    started: str = ""
    """UTC, ISO 8601."""
    error: str | None = None
    plans: tuple[TablePlan, ...] = field(default=())
    """The types chosen and why, for the report."""
    environment: dict[str, str] = field(default_factory=dict)
    """Versions of the tool, the source library and the server."""
    configuration: dict[str, str] = field(default_factory=dict)
    """What applications now need in their environment, without secrets."""

    @property
    def rows(self) -> int:
        """Rows that arrived, over all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def verified(self) -> bool:
        """Whether every table is proven and nothing else mismatches."""
        return not self.mismatches and all(table.verified for table in self.tables)


@dataclass(frozen=True, slots=True)
class RunStatus:
    """One line of `migrator status`."""

    run_id: str
    status: Status
    started: str
    finished: str | None
    sources: tuple[str, ...]
    tables: int
    tables_loaded: int
    rows: int
    rows_planned: int
    next: str
    """What the user can do now, as a command."""
