"""Which given table and columns each source table goes into.

Pure. By the name the options give, else by the same name, at last by the only one that differs in case alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from migrator.errors import ConfigurationError
from migrator.model.findings import Finding, finding
from migrator.model.given import Given, GivenTable
from migrator.model.options import ColumnOptions, Options
from migrator.model.schema import Table
from migrator.planner.names import styled


@dataclass(frozen=True, slots=True)
class Assigned:
    """A source table and the given table its rows go to; `columns` goes from source to given columns."""

    table: Table
    given: GivenTable
    columns: Mapping[str, str]

    @property
    def sources(self) -> dict[str, str]:
        """From given to source columns."""
        return {target: source for source, target in self.columns.items()}

    def in_source(self, columns: Iterable[str]) -> tuple[str, ...] | None:
        """Given columns as the source calls them; None when it lacks one."""
        sources = self.sources
        found = tuple(sources.get(column) for column in columns)
        return None if None in found else tuple(column for column in found if column is not None)


@dataclass(frozen=True, slots=True)
class Assignment:
    """What became of one source's tables."""

    tables: tuple[Assigned, ...]
    findings: tuple[Finding, ...]

    def of(self, table: str) -> Assigned:
        """The assignment of that source table. Raises KeyError when it has none."""
        for assigned in self.tables:
            if assigned.table.name == table:
                return assigned
        raise KeyError(table)


def assign(database: str, tables: Iterable[Table], given: Given, options: Options) -> Assignment:
    """Find the given table and columns for every source table.

    Raises:
        ConfigurationError: The options name a target that the models lack, or one target twice.
    """
    assigned: list[Assigned] = []
    findings: list[Finding] = []
    for table in tables:
        target = _target_table(database, table, given, options)
        if target is None:
            text = f"The models have no table for {table.name!r}."
            findings.append(finding("table-not-in-models", text, database=database, table=table.name))
            continue
        taken = next((each for each in assigned if each.given == target), None)
        if taken is not None:
            raise ConfigurationError(
                f"Two source tables would go into {target.name!r}.",
                where=f"{database}: {taken.table.name}, {table.name}",
                hint="Leave one out with `skip = true`, or name another target.",
            )
        columns = {}
        for column in table.columns:
            found = _target_column(database, table, column.name, target, options)
            if found is None:
                text = f"The model of {target.name!r} has no such column."
                findings.append(
                    finding("column-not-in-models", text, database=database, table=table.name, column=column.name)
                )
            else:
                columns[column.name] = found
        assigned.append(Assigned(table, target, columns))
        findings.extend(_unfilled(database, assigned[-1]))
    return Assignment(tuple(assigned), tuple(findings))


def with_secrets(options: Options, database: str, assignment: Assignment) -> Options:
    """The options, and in them as secret what the models say is, unless the user says otherwise."""
    tables = dict(options.tables)
    for each in assignment.tables:
        own = options.table(database, each.table.name)
        columns = dict(own.columns)
        for source, target in each.columns.items():
            said = columns.get(source, ColumnOptions())
            if each.given.column(target).secret and said.secret is None:
                columns[source] = replace(said, secret=True)
        tables[f"{database}.{each.table.name}"] = replace(own, columns=columns)
    return replace(options, tables=tables)


def _matching(wanted: str, known: Iterable[str], options: Options) -> str | None:
    """The name itself, as the chosen style spells it, or the only one that differs in case alone."""
    names = list(known)
    for name in (wanted, styled(wanted, options.names)):
        if name in names:
            return name
    folded = [name for name in names if name.casefold() == wanted.casefold()]
    return folded[0] if len(folded) == 1 else None


def _target_table(database: str, table: Table, given: Given, options: Options) -> GivenTable | None:
    wanted = options.table(database, table.name).target
    known = [each.name for each in given.tables]
    if wanted is not None and wanted not in known:
        raise ConfigurationError(
            f"The models have no table {wanted!r}.",
            where=f"tables.{table.name}.target",
            hint=f"Known are: {', '.join(known)}.",
            path=("tables", table.name, "target"),
        )
    name = wanted or _matching(table.name, known, options)
    return given.table(name) if name is not None else None


def _target_column(database: str, table: Table, column: str, given: GivenTable, options: Options) -> str | None:
    wanted = options.column(database, table.name, column).target
    known = [each.name for each in given.columns]
    if wanted is not None and wanted not in known:
        raise ConfigurationError(
            f"The model of {given.name!r} has no column {wanted!r}.",
            where=f"tables.{table.name}.columns.{column}.target",
            hint=f"Known are: {', '.join(known)}.",
            path=("tables", table.name, "columns", column, "target"),
        )
    return wanted or _matching(column, known, options)


def _unfilled(database: str, assigned: Assigned) -> Iterator[Finding]:
    """The required columns of the model that nothing fills."""
    filled = set(assigned.columns.values())
    for column in assigned.given.columns:
        if column.name in filled or column.nullable or column.default or column.generated:
            continue
        text = f"{assigned.given.name}.{column.name} is NOT NULL without a default, and no source column fills it."
        yield finding("column-missing", text, database=database, table=assigned.table.name)
