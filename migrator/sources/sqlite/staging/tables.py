"""One table's rules carried out: its rows go from the snapshot into a draft, in SQL.

Transforms are not carried out here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from migrator.errors import ConfigurationError
from migrator.model.rules import ColumnRule, Staged, TableRules
from migrator.model.schema import Column, Schema, Table
from migrator.sources.sqlite.order import NUMBER, numbered
from migrator.sources.sqlite.staging.database import Draft, PhysicalColumn
from migrator.sources.sqlite.staging.decisions import Decided, decide
from migrator.sources.sqlite.staging.effective import ruled
from migrator.sources.sqlite.staging.expressions import Place, expression, require_evaluable
from migrator.sources.sqlite.staging.pipeline import Pipeline, StagedColumn, literal
from migrator.sources.sqlite.tables import fold
from migrator.sources.sqlite.values import quote

MAX_COLUMNS = 1_999
"""SQLite's limit (https://sqlite.org/limits.html), less the number of the row."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules made of a table: as it is now, and what they did."""

    table: Table
    staged: Staged


def carry_out(draft: Draft, schema: Schema, rules: TableRules) -> Ruled:
    """Put the table's rows into the draft as the rules leave them.

    Raises:
        ConfigurationError: SQLite cannot evaluate a rule, or a column that it needs is missing.
        sqlite3.Error: The rows cannot be read or written.
    """
    table = find_table(schema, rules.table)
    pipeline = _pipeline(draft, table, rules, known_names(schema))
    try:
        decided = decide(draft.connection, pipeline, strict="STRICT" in table.options)
        draft.create(table.name, [_physical(each) for each in decided])
        rows = draft.fill(table.name, _effective(pipeline, decided).query)
        (read,) = draft.connection.execute(f"SELECT count(*) FROM main.{quote(table.name)}").fetchone()
    except sqlite3.DatabaseError as error:
        _blame(draft.connection, table, pipeline, error)
        raise
    effects = tuple(effect for each in decided for effect in each.effects)
    return Ruled(ruled(table, decided), Staged(table.name, read, read - rows, effects))


def find_table(schema: Schema, name: str) -> Table:
    """The table that rules are for.

    Raises:
        ConfigurationError: There is none.
    """
    for table in schema.tables:
        if fold(table.name) == fold(name):
            return table
    raise ConfigurationError(
        f"The source has no table {name}.",
        where=f"table {name}",
        hint=f"It has {', '.join(table.name for table in schema.tables) or 'none'}.",
        path=("tables", name),
    )


def known_names(schema: Schema) -> frozenset[str]:
    """Every folded name that an expression may use in double quotes."""
    names = {"rowid", "oid", "_rowid_"}
    for table in schema.tables:
        names |= {table.name, *(column.name for column in table.columns)}
    for view in schema.views:
        names |= {view.name, *view.columns}
    return frozenset(map(fold, names))


def _pipeline(draft: Draft, table: Table, rules: TableRules, known: Container[str]) -> Pipeline:
    name = f"main.{quote(table.name)}"
    relation, number = numbered(table, name)
    relation += " NOT INDEXED" if relation == name else f" AS {quote(table.name)}"

    def checked(sql: str | None, place: Place) -> str | None:
        if sql is None:
            return None
        made = expression(sql, known, place)
        require_evaluable(draft.connection, relation, made, place)
        return made

    columns = list(_columns(table, rules))
    _require_room(table, [name for name, *_ in columns])
    where = checked(rules.where, Place.condition(table.name))
    staged = [
        StagedColumn(name, source, rule, checked(rule.compute, Place.computed(table.name, name)))
        for name, source, rule in columns
    ]
    return Pipeline(relation, number, where, tuple(staged), draft.reading)


def _columns(table: Table, rules: TableRules) -> Iterator[tuple[str, Column | None, ColumnRule]]:
    """The table's columns in their order, then the new ones."""
    by_name = {fold(rule.column): rule for rule in rules.columns}
    for rule in rules.columns:
        _require_usable(table, rule, alone=by_name[fold(rule.column)] is rule)
    for column in table.columns:
        yield column.name, column, by_name.pop(fold(column.name), ColumnRule(column.name))
    for rule in by_name.values():
        if rule.value is None and rule.compute is None:
            hint = "Correct the name; a new column needs a `value` or `compute`."
            raise _refusal(table, rule.column, f"The table has no column {rule.column}.", hint)
        yield rule.column, None, rule


def _require_usable(table: Table, rule: ColumnRule, *, alone: bool) -> None:
    if not alone:
        hint = "SQLite does not tell A to Z from a to z in names: give one rule for each column."
        raise _refusal(table, rule.column, f"There are two rules for column {rule.column}.", hint)
    if rule.value is not None and rule.compute is not None:
        hint = "Leave one of them out."
        raise _refusal(table, rule.column, "The column has both a `value` and a `compute`.", hint)
    for value in (*(pair[1] for pair in rule.map), *(() if rule.value is None else (rule.value,))):
        try:
            literal(value)
        except ValueError as error:
            hint = "Integers have 64 bits; give a larger number as text, and leave NaN out."
            raise _refusal(table, rule.column, f"{error}.", hint) from error


def _require_room(table: Table, names: Sequence[str]) -> None:
    if len(names) > MAX_COLUMNS:
        raise ConfigurationError(
            f"With its rules the table has {len(names):,} columns, and at most {MAX_COLUMNS:,} can be staged.",
            where=f"table {table.name}",
            hint="Leave new columns out, or the rules of this table.",
            path=("tables", table.name),
        )
    if NUMBER in map(fold, names):
        hint = "Rename it: tables with rules keep the numbers of their rows under this name."
        raise _refusal(table, NUMBER, f"No column may be called {NUMBER}.", hint)


def _refusal(table: Table, column: str, what: str, hint: str) -> ConfigurationError:
    return ConfigurationError(
        what,
        where=f"table {table.name}, column {column}",
        hint=hint,
        path=("tables", table.name, "columns", column),
    )


def _effective(pipeline: Pipeline, decided: Sequence[Decided]) -> Pipeline:
    """The pipeline without the rules that change no value, which need not be tried again."""
    columns = (
        each.column if each.touched else replace(each.column, rule=ColumnRule(each.column.name))
        for each in decided
    )
    return replace(pipeline, columns=tuple(columns))


def _physical(each: Decided) -> PhysicalColumn:
    source = each.column.source
    return PhysicalColumn(each.column.name, each.stored, source.collation if source else None)


_OF_EXPRESSIONS = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_AUTH})
"""What SQLite reports when an expression fails for a row."""


def _blame(connection: sqlite3.Connection, table: Table, pipeline: Pipeline, error: sqlite3.DatabaseError) -> None:
    """Name the expression that cannot be evaluated for some row, if it is that.

    Raises:
        ConfigurationError: It is.
    """
    if error.sqlite_errorcode & 0xFF not in _OF_EXPRESSIONS:
        return
    suspects = [(Place.condition(table.name), pipeline.where, pipeline.relation)]
    suspects += [(Place.computed(table.name, each.name), each.sql, pipeline.filtered) for each in pipeline.columns]
    for place, sql, relation in suspects:
        if sql is not None:
            try:
                connection.execute(f"SELECT count(({sql})) FROM {relation}").fetchall()
            except sqlite3.DatabaseError as own:
                raise place.refusal(str(own)) from own
