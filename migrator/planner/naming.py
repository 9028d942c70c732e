"""Which target name every table, view, index and constraint gets.

Pure. Tables of all sources share one namespace with views, indexes and constraints, because in some targets
(PostgreSQL) they do; explicit names are taken before generated ones so that they stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.errors import ConfigurationError
from migrator.model.findings import Finding, finding
from migrator.model.options import Naming, Options, TableOptions
from migrator.model.plan import QUARANTINE
from migrator.model.schema import Schema, Table
from migrator.planner.names import Namespace, styled
from migrator.targets import Dialect

_RESERVED = frozenset({QUARANTINE})
"""The table for rows set aside stands beside the migrated ones."""


@dataclass(slots=True)
class Names:
    """Target names by what they name, and the findings about changed ones."""

    relations: Namespace
    dialect: Dialect
    naming: Naming
    tables: dict[tuple[str, str], str] = field(default_factory=dict)
    """(database, source table) → target table."""
    views: dict[tuple[str, str], str] = field(default_factory=dict)
    columns: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    """(database, source table) → source column → target column."""
    findings: list[Finding] = field(default_factory=list)

    def constraint(self, database: str, table: str, named: str | None, generated: str) -> str:
        """A free name for a constraint or index: its own if it has one, else the generated one."""
        wanted = named or generated
        name = self.relations.take(wanted, generated=named is None)
        if named is not None and name != styled(named, self.naming):
            self._report(database, table, None, wanted, name)
        return name

    def _report(self, database: str, table: str | None, column: str | None, old: str, new: str) -> None:
        self.findings.append(
            finding(
                "name-changed",
                f"{old!r} becomes {new!r}: the target does not allow it, or it is taken.",
                database=database,
                table=table,
                column=column,
            )
        )

    def add_table(self, database: str, table: Table, chosen: TableOptions) -> None:
        """Name a table and its columns, as `chosen` where it says so.

        Raises:
            ConfigurationError: Two columns are given the same name.
        """
        wanted = chosen.target
        given = wanted or table.name
        name = self.relations.take(given, generated=wanted is not None)
        if wanted is None and name != styled(given, self.naming):
            self._report(database, table.name, None, given, name)
        self.tables[(database, table.name)] = name
        taken = Namespace(
            self.dialect.max_identifier,
            self.dialect.identifier_length,
            self.naming,
            self.dialect.reserved_columns,
            self.dialect.name_key,
        )
        asked = _given_names(table, chosen)
        named = {old: taken.take(new, generated=True) for old, new in asked.items()}
        named |= {each.name: taken.take(each.name) for each in table.columns if each.name not in asked}
        columns = {column.name: named[column.name] for column in table.columns}
        for old, new in columns.items():
            if new != asked.get(old, styled(old, self.naming)):
                self._report(database, table.name, old, old, new)
        self.columns[(database, table.name)] = columns

    def add_view(self, database: str, view: str) -> None:
        """Name a view."""
        name = self.relations.take(view)
        if name != styled(view, self.naming):
            self._report(database, view, None, view, name)
        self.views[(database, view)] = name


def _given_names(table: Table, chosen: TableOptions) -> dict[str, str]:
    """The names that the options give to columns. Raises ConfigurationError when one is given twice."""
    given: dict[str, str] = {}
    for column in table.columns:
        name = chosen.columns[column.name].target if column.name in chosen.columns else None
        if name is None:
            continue
        if name in given.values():
            raise ConfigurationError(
                f"Two columns would be called {name!r} in the target.",
                where=f"tables.{table.name}.columns.{column.name}.target",
                hint="Give one of them another name.",
                path=("tables", table.name, "columns", column.name, "target"),
            )
        given[column.name] = name
    return given


def name_relations(
    sources: tuple[tuple[str, Schema, tuple[Table, ...]], ...], options: Options, dialect: Dialect
) -> Names:
    """Names for the tables that move and the views of every source.

    Raises:
        ConfigurationError: Two sources have a table of the same name and the options rename neither, or the
            options give two tables the same target name.
    """
    relations = Namespace(
        dialect.max_identifier, dialect.identifier_length, options.names, _RESERVED, dialect.name_key
    )
    names = Names(relations, dialect, options.names)
    _refuse_clashes(sources, options)
    for database, _, tables in sources:
        for table in tables:
            names.add_table(database, table, options.table(database, table.name))
    for database, schema, _ in sources:
        for view in schema.views:
            names.add_view(database, view.name)
    return names


def _refuse_clashes(sources: tuple[tuple[str, Schema, tuple[Table, ...]], ...], options: Options) -> None:
    owner: dict[str, str] = {}
    for database, _, tables in sources:
        for table in tables:
            wanted = options.table(database, table.name).target or styled(table.name, options.names)
            if wanted in owner and owner[wanted] != database:
                raise ConfigurationError(
                    f"Two sources have a table that would be called {wanted!r} in the target.",
                    where=f"{owner[wanted]} and {database}",
                    hint=f'Rename one in migrator.toml: [tables."{database}.{table.name}"] target = "…", '
                    "or leave it out with skip = true.",
                )
            owner.setdefault(wanted, database)
