"""Which collation text gets: the one the user chose, the database's own, or an exact one where the database's own
would take different keys for equal.

Pure. The source has counted the rows that would collide; foreign keys can only join columns of one collation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from migrator.errors import ConfigurationError
from migrator.model.comparison import TextComparison
from migrator.model.findings import Finding, finding
from migrator.model.options import Options
from migrator.model.profile import KeyDemand, TableProfile, Violations
from migrator.model.schema import Schema, Table
from migrator.model.types import Kind
from migrator.planner.groups import Place, joined_columns
from migrator.planner.types import Choice, masked_samples, secret_columns
from migrator.targets import Dialect, Untranslatable

_INTEGERS = frozenset({Kind.INT16, Kind.INT32, Kind.INT64})


def comparison(dialect: Dialect, collation: str | None, where: str = "--collation") -> TextComparison:
    """How text compares under a collation.

    Raises:
        ConfigurationError: The target has none of that name.
    """
    try:
        return dialect.comparison(collation)
    except Untranslatable as error:
        raise ConfigurationError(error.what, where=where, hint="Name a collation of the target.") from None


def chosen(options: Options, database: str, table: str, column: str) -> str | None:
    """The collation that the options say for a column: its own, else the run's; None for the database's."""
    return options.column(database, table, column).collation or options.collation


@dataclass(frozen=True, slots=True)
class Unique:
    """Columns of a table that must be unique, under the conditions (in the source's SQL) of a partial index."""

    columns: tuple[str, ...]
    where: str | None = None


def uniques(table: Table) -> tuple[Unique, ...]:
    """The keys of a table whose uniqueness may depend on how text compares, each once."""
    numbered = {column.name for column in table.columns if column.identity}
    keys = [*([table.primary_key] if table.primary_key else []), *table.uniques]
    found = [Unique(key.columns) for key in keys]
    for index in table.indexes:
        columns = tuple(part.column for part in index.parts if part.column and part.collation in (None, "BINARY"))
        if index.unique and len(columns) == len(index.parts):
            found.append(Unique(columns, index.where.sql if index.where else None))
    return tuple(dict.fromkeys(each for each in found if not set(each.columns) <= numbered))


def demands(database: str, table: Table, options: Options, dialect: Dialect) -> tuple[KeyDemand, ...]:
    """What to ask the source about each of `uniques`: under its columns' collation, then under the exact one."""
    asked: list[KeyDemand] = []
    for key in uniques(table):
        plain, exact = _comparisons(database, table, key, options, dialect)
        asked.extend(KeyDemand(key.columns, each, key.where) for each in (plain, exact) if not each.exact)
    return tuple(asked)


def _comparisons(
    database: str, table: Table, key: Unique, options: Options, dialect: Dialect
) -> tuple[TextComparison, TextComparison]:
    names = [chosen(options, database, table.name, column) for column in key.columns]
    found = [comparison(dialect, name) for name in names]
    loosest = next((each for each in found if not each.binary), found[0])
    return loosest, comparison(dialect, dialect.exact_collation)


@dataclass(slots=True)
class Collations:
    """What was decided: collations by place, the keys that cannot be, and what to tell."""

    columns: dict[Place, str] = field(default_factory=dict)
    merged: dict[tuple[str, Unique], Violations] = field(default_factory=dict)
    """By table: keys of which rows become equal whatever the collation, and those rows."""
    findings: list[Finding] = field(default_factory=list)

    def problem(self, table: str, key: Unique) -> str | None:
        """Why the columns cannot be unique in the target, or None."""
        rows = self.merged.get((table, key))
        if rows is None:
            return None
        what = "1 row has a key" if rows.count == 1 else f"{rows.count:,} rows have a key"
        return f"{what} that the target takes for another's: by trailing blanks, or as its collation says"


def choose_collations(
    database: str,
    schema: Schema,
    tables: tuple[Table, ...],
    profiles: Mapping[str, TableProfile],
    choices: Mapping[Place, Choice],
    options: Options,
    dialect: Dialect,
) -> Collations:
    """The collation of every column of text."""
    found = Collations()
    joined = joined_columns(schema, (table.name for table in tables))
    for place, choice in choices.items():
        name = chosen(options, database, *place)
        if name is not None and choice.type.kind is Kind.TEXT:
            found.columns[place] = name
    for table in tables:
        for key, plain, exact in _answers(database, table, profiles[table.name], options, dialect):
            textual = [each for each in key.columns if choices[(table.name, each)].type.kind is Kind.TEXT]
            if not textual or plain is None or not plain.count:
                continue
            own = any(chosen(options, database, table.name, column) for column in textual)
            if own or dialect.exact_collation is None or (exact is not None and exact.count):
                found.merged[(table.name, key)] = plain if exact is None or not exact.count else exact
                continue
            for column in textual:
                for place in joined.get((table.name, column), ((table.name, column),)):
                    found.columns[place] = dialect.exact_collation
            found.findings.append(_exact(database, table, key, textual, plain, options, dialect))
    return found


def _answers(
    database: str, table: Table, profile: TableProfile, options: Options, dialect: Dialect
) -> Iterator[tuple[Unique, Violations | None, Violations | None]]:
    """Each key with the rows that collide under its columns' collation, and under the exact one."""
    answers = iter(profile.duplicates)
    for key in uniques(table):
        plain, exact = _comparisons(database, table, key, options, dialect)
        counted = [next(answers, None) if not each.exact else None for each in (plain, exact)]
        yield key, counted[0], counted[1]


def _exact(
    database: str,
    table: Table,
    key: Unique,
    columns: list[str],
    collide: Violations,
    options: Options,
    dialect: Dialect,
) -> Finding:
    secrets = secret_columns(database, table, options)
    rows = "1 row" if collide.count == 1 else f"{collide.count:,} rows"
    verb = "has" if collide.count == 1 else "have"
    return finding(
        "key-collation",
        f"({', '.join(key.columns)}): {rows} {verb} a key that the database's collation takes for another's. "
        f"{', '.join(columns)} becomes COLLATE {dialect.exact_collation}, which tells them apart.",
        database=database,
        table=table.name,
        column=columns[0] if len(columns) == 1 else None,
        count=collide.count,
        samples=masked_samples(table, collide.samples, secrets, key.columns),
    )
