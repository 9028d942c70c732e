"""What a conformance case is: a source, and by hand what must come of it.

Nothing here knows how the project works. Types and values are spelt as PostgreSQL spells them
(`format_type`, `value::text`), so that a case says what a user would see in `psql`; what another target must do
differently, the case says once, as `Differs`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from migrator import Options

Row = tuple[str | None, ...]
Build = str | Callable[[sqlite3.Connection], None]
"""An SQL script, or what fills an empty database."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A table that must be in the target: its columns with their types, and its rows in any order."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    schema: str | None = None
    """None is the target's default schema."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A statement tried on the finished target and taken back: what it returns, or the SQLSTATE of its
    refusal ('' for any). Neither means that it must merely succeed.

    It is PostgreSQL's SQL. Where another target needs more than the oracle translates, its own probe stands beside
    it; or, where the probe has no meaning there, the reason.
    """

    sql: str
    rows: tuple[Row, ...] | None = None
    refused: str | None = None
    needs: tuple[str, ...] = ()
    """See `Case.needs`, for this probe only."""
    mssql: Probe | Look | str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What the catalogue of the finished target must say: `what` names a function of the oracle's modules, which
    give the same for all targets."""

    what: str
    arguments: tuple[str, ...]
    rows: tuple[Row, ...]
    needs: tuple[str, ...] = ()
    """See `Case.needs`, for this look only."""
    mssql: Probe | Look | str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A finding that stops the run before anything is written."""

    code: str
    table: str
    column: str | None
    count: int
    resolutions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differs:
    """What another target must do differently. Whatever is None is as everywhere."""

    why: str
    tables: tuple[Arrived, ...] | None = None
    findings: tuple[str, ...] | None = None
    more: tuple[str, ...] = ()
    """Findings besides the case's."""
    fewer: tuple[str, ...] = ()
    """Findings of the case that do not come up."""
    types: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Per (table, column), the type as the target spells it, where the rule for the type does not give it."""
    probes: tuple[Probe | Look, ...] | None = None
    stops: tuple[Stop, ...] | None = None
    absent: tuple[str, ...] | None = None
    options: Options | None = None
    aside: tuple[tuple[str, int, int], ...] | None = None
    quarantined: tuple[Row, ...] | None = None
    refusal: tuple[str, str] | None = None
    needs: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One source and what must come of it: `stops`, or everything else.

    `sources` holds (file name, how it is made). `findings` are all the codes with their place, as
    `code table.column`. `absent` names what must not be in the target. `needs` are capabilities by which servers
    of one target differ.
    """

    id: str
    why: str
    sources: tuple[tuple[str, Build], ...]
    tables: tuple[Arrived, ...] = ()
    findings: tuple[str, ...] = ()
    probes: tuple[Probe | Look, ...] = ()
    stops: tuple[Stop, ...] = ()
    absent: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    aside: tuple[tuple[str, int, int], ...] = ()
    """Per source table: rows quarantined and rows skipped, as the result must say."""
    quarantined: tuple[Row, ...] = ()
    """(source_table, source_key, row) of the quarantine."""
    refusal: tuple[str, str] | None = None
    """The error's class and a part of its text, when the run is refused for another reason than findings."""
    types: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """See `Differs.types`."""
    needs: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    """The families of targets that the case is about, when not all."""
    mssql: Differs | None = None

    def on(self, family: str) -> Case:
        """The case as it is on the targets of a family."""
        differs: Differs | None = {"mssql": self.mssql}.get(family)
        if differs is None:
            return self
        changed = ("tables", "probes", "stops", "absent", "options", "aside", "quarantined", "refusal", "needs")
        changes = {name: value for name in changed if (value := getattr(differs, name)) is not None}
        findings = self.findings if differs.findings is None else differs.findings
        assert set(differs.fewer) <= set(findings), f"{self.id}: {differs.fewer} are not the case's"
        kept = tuple(each for each in findings if each not in differs.fewer)
        return replace(self, **changes, findings=(*kept, *differs.more), types=differs.types)


NOCHECK = "constraints that leave the rows there unchecked"
NUL = "U+0000 in text"
DDL_TRIGGERS = "triggers on DDL"
BRACKETS = "names with brackets"
LONG_NAMES = "names of 128 characters"
SCRIPTS = "names in every script"
FREE_NAMES = "names of types and of other systems' columns"
EXACT_KEYS = "foreign keys over columns with a collation of their own"
ALTER_DATABASE = "settings of databases"
STATISTICS = "statistics that a statement brings up to date"
UNCLUSTERED = "primary keys that do not order their table"
COMPUTED = "lengths of computed columns"
LOW_IDENTITY = "identity columns below 1"
REQUIRING = "columns that become NOT NULL"
HEXADECIMAL = "bytes written in hexadecimal digits"
"""Capabilities: see `Case.needs`."""

VALUE_RESOLUTIONS = ("widen", "null", "replace", "quarantine", "skip")


def table(name: str, columns: str, *rows: Row, schema: str | None = None) -> Arrived:
    """An expected table; `columns` is written as `id bigint, name text`."""
    pairs = tuple(tuple(part.strip().split(" ", 1)) for part in columns.split(", "))
    return Arrived(name, pairs, rows, schema)  # type: ignore[arg-type]


def script(id: str, why: str, sql: Build, *tables: Arrived, **rest: object) -> Case:
    """A case of one source."""
    return Case(id, why, (("source.db", sql),), tables, **rest)  # type: ignore[arg-type]


def column(
    id: str,
    why: str,
    declared: str,
    target: str,
    *values: tuple[str, str | None],
    finding: str = "",
    **rest: object,
) -> Case:
    """A case of one column `v` beside a key: pairs of a value as SQLite spells it and as PostgreSQL does."""
    return script(
        id,
        why,
        column_script(declared, *(value for value, _ in values)),
        Arrived(
            "t",
            (("id", "bigint"), ("v", target)),
            tuple((str(number), arrived) for number, (_, arrived) in enumerate(values, 1)),
        ),
        findings=tuple(f"{code} t.v" for code in finding.split()),
        **rest,
    )


def column_script(declared: str, *values: str, before: str = "") -> str:
    """A table `t` of a key and one column `v` that holds the values."""
    rows = "".join(f"INSERT INTO t VALUES ({n}, {value});\n" for n, value in enumerate(values, 1))
    return f"{before}CREATE TABLE t (id INTEGER PRIMARY KEY, v {declared});\n{rows}"


def stopped(id: str, why: str, sql: Build, *stops: Stop, **rest: object) -> Case:
    """A case that must stop before writing."""
    return Case(id, why, (("source.db", sql),), stops=stops, **rest)  # type: ignore[arg-type]
