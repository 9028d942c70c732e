"""Sources: where data comes from, one module or folder each, found by its place.

# How to add a source

1. Add `migrator/sources/<name>.py`, or a folder of that name. It may import `migrator.model`,
   `migrator.errors` and this module, nothing else of the project but another source on whose engine it builds.
2. Give it a module-level `DRIVER` that satisfies `SourceDriver`.
3. Give it a class that satisfies `Source`.
4. Add a case to `tests/conformance/`: the same suite runs over every source.

Rules of a source: it never writes to what it reads; it does not correct the user's input but raises an error
that explains; it does not read the environment; it reads one consistent snapshot; it computes profiles and
figures over every row, never a sample.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from migrator.errors import SourceError
from migrator.model.plan import TablePlan
from migrator.model.profile import NO_DEMANDS, Demands, RowKey, TableProfile
from migrator.model.result import Figures
from migrator.model.rules import Staged, TableRules, Transformer
from migrator.model.schema import Schema, Table


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row set aside by the user's decision. `values` holds every source column as text (blobs as `x'…'`,
    NULL as None), so that nothing is lost by quarantine. `skip` rows are counted, not stored."""

    key: RowKey
    reason: str
    values: dict[str, str | None]
    skip: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows of a table in the source's reading order.

    `batch` has the schema `arrow_schema(table.columns)` (or of `table.loaded`, as asked). `position` is the
    source's own mark behind the last row, fit for JSON; reading continues after it. `altered` counts values
    stored as NULL or with a part replaced, by target column, by the user's decision. `read` counts source
    rows consumed: the batch's rows and the rejected ones.
    """

    batch: pa.RecordBatch
    position: Position
    read: int
    rejected: tuple[Rejected, ...] = ()
    altered: tuple[tuple[str, int], ...] = ()


Position = tuple[int | float | str | None, ...]


class Source(Protocol):
    """An open source: one consistent snapshot."""

    name: str
    """Short name, unique in a plan: the file's stem unless the user gave one."""
    url: str

    grammar: str
    """What sqlglot calls the SQL in which the source evaluates rules and checks."""

    def schema(self) -> Schema:
        """Everything the source holds."""

    def stage(self, rules: tuple[TableRules, ...], transformers: Mapping[str, Transformer]) -> tuple[Staged, ...]:
        """Carry out rules on the snapshot: everything asked afterwards, `schema` too, is about what they make of
        their tables. Called again, it forgets what it made before and starts from the snapshot.

        `transformers` holds the function of every table whose rules have a transform. A rejected row keeps the
        source's own values, as they were before any rule.

        Raises:
            ConfigurationError: The source cannot evaluate a rule's SQL, or a column a rule needs is missing.
            TransformError: A transform failed; the place names the table and the key range of the chunk.
            EnvironmentFailure: There is no room.
        """

    def profile(self, table: Table, demands: Demands = NO_DEMANDS) -> TableProfile:
        """What the values of a table say, over every row. `table` may have other keys, foreign keys and checks
        than the source's own; checks are evaluated as the source's SQL."""

    def prepare(self, tables: tuple[TablePlan, ...]) -> None:
        """Work out which rows the plan leaves out: orphans and values set aside by the user's decision, and
        the rows that refer to such rows. Called once with every table of this source, before `chunks` and
        `figures`."""

    def chunks(
        self,
        table: TablePlan,
        *,
        loaded_only: bool,
        after: Position | None = None,
        max_rows: int = 50_000,
        max_bytes: int = 32 << 20,
    ) -> Iterator[Chunk]:
        """The table's rows as canonical batches, from the start or after a chunk's `position`.

        A chunk ends at `max_rows` rows or about `max_bytes` bytes of values, whichever comes first, but holds
        at least one row. Reading from the same position of the same snapshot gives the same chunks. With
        `loaded_only`, generated columns are left out.

        Raises:
            DataError: A value does not fit its planned type and the plan says `stop`.
            SourceDamagedError: The file is damaged where the rows lie.
        """

    def figures(self, table: TablePlan, *, distinct: bool, hashes: bool = False) -> dict[str, Figures]:
        """Reconciliation figures by target column name, computed by the source's own engine over the rows
        the plan moves (excluded and rejected rows left out). With `distinct` also `distinct`, with `hashes`
        also `hash`. May be called in a thread of its own while another reads `chunks`."""

    def count(self, table: TablePlan) -> int:
        """All rows of the source table as its rules leave it, excluded ones too."""

    def close(self) -> None:
        """Release everything. The snapshot file stays."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a source is: what the user wrote, and the path it means."""

    given: str
    path: Path
    name: str
    password: Callable[[], str | None] | None = field(default=None, repr=False, compare=False)
    """What tells the password, called only where the source needs one. It reaches no snapshot and no message."""
    follow_links: bool = False
    """Whether to read also the tables of other files to which the source only points."""


class SourceDriver(Protocol):
    """How a kind of source is recognised, copied and opened."""

    name: str
    schemes: tuple[str, ...]
    """URL schemes, such as `sqlite`."""

    def recognises(self, path: Path) -> bool:
        """Whether the file's first bytes or its suffix say it is of this kind. Must not raise."""

    def snapshot(self, location: Location, into: Path) -> Path:
        """Make a private, consistent, checked copy of the source in the folder `into`, and return its path.

        Raises:
            SourceError: It is missing, not a database of this kind, empty, or in a state that cannot be read.
            SourceDamagedError: The integrity check failed.
            EnvironmentFailure: There is no room for the copy.
        """

    def open(self, snapshot: Path, location: Location) -> Source:
        """Open a copy that `snapshot` made, possibly in an earlier process."""


def drivers() -> tuple[SourceDriver, ...]:
    """Every source module beside this file, in alphabetical order; one without `DRIVER` is a reader only."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found = (getattr(importlib.import_module(f"{__name__}.{name}"), "DRIVER", None) for name in modules)
    return tuple(driver for driver in found if driver is not None)


def locate(given: str, name: str | None = None) -> tuple[SourceDriver, Location]:
    """The driver and location for what a user wrote: a path or a URL.

    Raises:
        SourceError: The scheme is unknown, the file is missing, or no driver recognises it.
    """
    scheme, separator, rest = given.partition("://")
    known = {scheme: driver for driver in drivers() for scheme in driver.schemes}
    if separator and scheme not in known:
        raise SourceError(
            f"No source is called {scheme!r}.",
            where=given,
            hint=f"Give a path, or a URL that starts with {' or '.join(f'{s}:///' for s in sorted(known))}.",
        )
    # SQLAlchemy's convention: three slashes for a relative path, four for an absolute one.
    path = Path(rest.removeprefix("/") if separator else given).expanduser()
    if not path.exists():
        raise SourceError("The source file does not exist.", where=str(path), hint=_missing_hint(path))
    if not path.is_file():
        raise SourceError("The source is not a file.", where=str(path), hint="Name the database file itself.")
    location = Location(given, path.resolve(), name or path.stem)
    if separator:
        return known[scheme], location
    for driver in drivers():
        if driver.recognises(path):
            return driver, location
    raise SourceError(
        "The file is not a database of a known kind.",
        where=str(path),
        hint=f"Known kinds: {', '.join(driver.name for driver in drivers())}. Is it the right file, and whole?",
    )


def _missing_hint(path: Path) -> str:
    """What to do about a missing file; a log that was left without its database says what happened."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        return (
            f"{log.name} is there, but the database it belongs to is not: restore {path.name} beside it. "
            "The log alone cannot be read."
        )
    return "Check the path; nothing was read."
