"""Targets: where data goes, one module or folder each, found by its place.

# How to add a target

1. Add `migrator/targets/<name>.py`, or a folder of that name. It may import `migrator.model`,
   `migrator.errors` and this module, nothing else of the project.
2. Give it a module-level `DIALECT` that satisfies `Dialect`: pure facts and rendering, no connection.
3. Give it a class that satisfies `Server`; `DIALECT.connect` returns it.
4. Add a case to `tests/conformance/`: the same suite runs over every target.

Rules of a target: it holds no logic about what a migration is, only how its server does one thing; it does
not read the environment; it never truncates, trims, rounds or converts a value, but fails.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from migrator.errors import ConfigurationError, MigratorError
from migrator.model.comparison import TextComparison
from migrator.model.given import Revision
from migrator.model.plan import IndexPlan, Plan, Step, TablePlan, ViewPlan
from migrator.model.result import Figures, Mismatch
from migrator.model.schema import Action
from migrator.model.types import LogicalType


class Untranslatable(MigratorError):
    """An expression has no equal in the target. `what` says why, for the finding."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the identifiers of one table or view mean: source column name → (target column name, type). The
    type is None for a view's columns, which only the target knows."""

    columns: Mapping[str, tuple[str, LogicalType | None]]
    exact: frozenset[str] = frozenset()
    """Source names of the text columns that compare by their characters, whatever the database does."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view a query may read: its target name and its scope."""

    schema: str
    target: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class IndexLimits:
    """What an index holds where that goes by what its columns are declared to hold, not by their values."""

    primary: int
    """Bytes of a primary key that orders the table itself."""
    other: int
    """Bytes of any other key or index."""
    octets: Callable[[LogicalType], int | None]
    """Bytes of a column of a type; None where no index can have it."""


class Dialect(Protocol):
    """Everything about a target that needs no connection."""

    name: str
    schemes: tuple[str, ...]
    """What the URLs of this target start with, such as `postgresql`; without a driver."""
    default_schema: str
    grammar: str
    """What sqlglot calls this target's SQL."""
    max_identifier: int
    """Longest identifier, in the unit of `identifier_length`."""
    max_columns: int
    max_index_octets: int
    """Bytes of the values that one entry of an index holds."""
    index_limits: IndexLimits | None
    """None where only the values count."""
    max_row_octets: int | None
    """Bytes of fixed-width columns that a row holds; None where `max_columns` is all there is."""
    several_nulls: bool
    """Whether a unique constraint lets several rows have NULL, as SQLite's do."""
    actions: frozenset[Action]
    """What a foreign key can do on DELETE and UPDATE."""
    cascade_paths: bool
    """Whether rows may be reached by cascades on several paths, or in a cycle."""
    alembic: Mapping[str, str]
    """What Alembic is told for its offline mode to give one statement at a time."""
    terminator: str
    """What ends a statement in a script for the server's own command-line client."""
    deferrable: bool
    """Whether a foreign key can wait for the end of the transaction."""
    exact_collation: str | None
    """The collation for text whose keys the database's own would merge; None where that compares exactly."""
    reserved_columns: frozenset[str]
    """Column names that no table may have, even quoted."""
    hazards: frozenset[str]
    """Codes of `Hazard` that this target's types cannot hold."""

    def identifier_length(self, name: str) -> int:
        """Length of a name in the unit of `max_identifier` (bytes or characters)."""

    def name_key(self, name: str) -> str:
        """What is equal for names that cannot stand beside each other."""

    def comparison(self, collation: str | None) -> TextComparison:
        """How text compares under a collation; under the database's own for None. Raises Untranslatable."""

    def column_type(self, type: LogicalType) -> LogicalType:
        """The logical type the target stores for `type`: the same, or a wider one it does have."""

    def text_length(self, characters: int, utf16: int) -> int:
        """The length of a text type, given the most characters and the most UTF-16 code units of its values."""

    def type_check(self, column: str, type: LogicalType) -> str | None:
        """The condition that keeps a column to what the logical type holds, where the target's type does not."""

    def documents(self, check: str) -> str | None:
        """The column that a CHECK keeps to JSON documents; None for any other CHECK."""

    def index_columns(self, index: IndexPlan) -> tuple[str, ...]:
        """Columns that the target needs beside the table's own to index expressions."""

    def logical_type(self, spelling: str) -> LogicalType:
        """The logical type of which a column declared with this type holds every value exactly. Raises
        Untranslatable."""

    def type_name(self, type: LogicalType) -> str:
        """The type in the target's SQL."""

    def quote(self, name: str) -> str:
        """An identifier in the target's SQL, always quoted."""

    def default(self, neutral: str, type: LogicalType) -> str:
        """A column default for a column of that type. Raises Untranslatable."""

    def condition(self, neutral: str, scope: Scope) -> str:
        """A truth-valued expression (CHECK) over one table. Raises Untranslatable."""

    def predicate(self, neutral: str, scope: Scope, *, unique: bool) -> str:
        """The condition of a partial index. Raises Untranslatable."""

    def expression(self, neutral: str, scope: Scope, type: LogicalType | None) -> str:
        """A value expression (generated column, index expression) over one table. Raises Untranslatable."""

    def query(self, neutral: str, relations: Mapping[str, Relation]) -> str:
        """A SELECT over tables and views, keyed by their source names. Raises Untranslatable."""

    def query_columns(self, neutral: str, relations: Mapping[str, Relation]) -> Mapping[str, LogicalType | None]:
        """The output columns of `query` with their types as far as they are known. Raises Untranslatable."""

    def fold_case(self, column: str) -> str:
        """SQL for a column compared without ASCII case, for indexes that must ignore it."""

    def steps(
        self,
        schema: str,
        tables: tuple[TablePlan, ...],
        views: tuple[ViewPlan, ...],
        *,
        quarantine: bool,
        revisions: tuple[Revision, ...] = (),
    ) -> tuple[Step, ...]:
        """Every step of a run in execution order with its undo: schema, revisions, tables, data, keys, indexes,
        foreign keys, identity, views, statistics. With `quarantine`, also the table for rows set aside. A
        schema other than the default one is created first, if it does not exist.

        A table that is `given` is not created: its foreign keys are taken off before the data and put back
        afterwards, and undoing the data empties it."""

    def connect(self, url: URL, options: ConnectOptions) -> Server:
        """Connect. Raises ConnectionFailure, ConfigurationError."""


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """How to connect."""

    timeout: int = 10
    """Seconds to wait for the server."""
    create: bool = False
    """Whether to make the database where the server has none of that name."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step the server refused in rehearsal, and the server's own words (without values)."""

    step: Step
    message: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What trying a plan came to."""

    refusals: tuple[Refusal, ...] = ()
    differences: tuple[Mismatch, ...] = ()


class Server(Protocol):
    """A connected target."""

    dialect: Dialect
    engine: Engine
    display_url: str
    """The URL without password."""
    notes: tuple[str, ...]
    """What people should know about the connection."""
    may_load_apart: bool
    """Whether a batch may have been committed by itself, all of it or nothing, whatever became of the transaction
    that its journal entry was to be in: by `load`, or by that of another driver with which the run began. Then
    `settled_rows` says what is there."""
    chunk_rows: int
    """Most rows of a chunk: more where a load costs much of its own."""
    hashes: bool
    """Whether `figures` gives hashes, which cost the source time."""

    def version(self) -> str:
        """Product and version, for reports."""

    def errors(self, doing: str) -> AbstractContextManager[None]:
        """Turn whatever the driver raises inside into errors of `migrator.errors`, with `doing` as part of
        the place: ConnectionFailure when the server went away, TransientFailure when the same may succeed a
        moment later, EnvironmentFailure for permissions, disk and locks, DataError for anything the data
        caused. Only the server's primary message is kept: details and context carry values."""

    def try_lock(self, connection: Connection, name: str) -> bool:
        """Take an exclusive lock of that name for as long as the connection lives; False when another
        connection holds it."""

    def check(self, plan: Plan) -> None:
        """Preflight, writing nothing: version, permission to create in the schema, and that no object has a
        name the plan would create.

        Raises:
            EnvironmentFailure: The version is too old or a permission is missing.
            TargetNotEmptyError: A name is taken; every taken name is listed.
        """

    def rehearse(self, steps: tuple[Step, ...], given: tuple[TablePlan, ...] = ()) -> Rehearsal:
        """Try every statement on empty tables inside one transaction that is rolled back: the steps the server
        refused, and how the `given` tables then differ from their plans."""

    def load(self, connection: Connection, table: TablePlan, batch: pa.RecordBatch) -> int:
        """Append a batch of `table.loaded` columns within the connection's transaction; return its rows."""

    def settled_rows(self, table: TablePlan) -> int:
        """Rows of the target table, when every load that another session has under way has ended."""

    def read(self, table: TablePlan, *, max_rows: int = 50_000) -> Iterator[pa.RecordBatch]:
        """Every row of the target table, in any order, as batches of `arrow_schema(table.columns)`."""

    def figures(self, table: TablePlan, *, distinct: bool) -> dict[str, Figures]:
        """Reconciliation figures by column name, computed by the server's own SQL. With `distinct`, also those
        that cost a look at each single value, among them hashes where it has them."""

    def count(self, table: TablePlan) -> int:
        """Rows of the target table."""

    def check_schema(self, table: TablePlan) -> tuple[Mismatch, ...]:
        """What the catalogue says against the plan: columns, types, nullability, defaults, keys, uniqueness,
        foreign keys, checks, indexes, identity and its next value."""

    def discard(self) -> bool:
        """Drop the database if `ConnectOptions.create` made it, perhaps in an earlier process, and nothing is in
        it; whether it is gone. Nothing else can be asked of the server then."""

    def close(self) -> None:
        """Close every connection."""


def dialects() -> dict[str, Dialect]:
    """Every target module beside this file, by its dialect's name; one without `DIALECT` is what several share."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found = (getattr(importlib.import_module(f"{__name__}.{name}"), "DIALECT", None) for name in modules)
    return {dialect.name: dialect for dialect in found if dialect is not None}


def dialect_of(url: URL) -> Dialect:
    """The dialect for a SQLAlchemy URL.

    Raises:
        ConfigurationError: No target speaks it.
    """
    known = {scheme: dialect for dialect in dialects().values() for scheme in dialect.schemes}
    name = url.get_backend_name()
    if name not in known:
        raise ConfigurationError(
            f"{name!r} is not a target this tool can write to.",
            where=url.render_as_string(hide_password=True),
            hint=f"Known targets: {', '.join(sorted(known))}, or `embedded`.",
        )
    return known[name]
