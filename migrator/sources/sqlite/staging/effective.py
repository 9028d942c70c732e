"""The schema as rules and transforms leave it: which columns a table has, and what of its keys, checks and indexes
still stands. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.model.rules import Scalar
from migrator.model.schema import Column, Expression, ForeignKey, Index, Schema, Table
from migrator.sources.sqlite.order import STAGED
from migrator.sources.sqlite.staging.decisions import Decided
from migrator.sources.sqlite.staging.pipeline import literal
from migrator.sources.sqlite.tables import fold
from migrator.sources.sqlite.tokens import NotUnderstood, tokens

_NAMES = frozenset({"word", "quoted", "string"})
"""Kinds of tokens that may be names: SQLite takes strings for them too (https://sqlite.org/quirks.html)."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A column as a transform returned it. `declared` is None where it is of the kind it was given."""

    name: str
    declared: str | None
    nulls: int


def ruled(table: Table, decided: Sequence[Decided]) -> Table:
    """The table after its rules."""
    touched = {fold(each.column.name) for each in decided if each.touched}
    return replace(
        table, columns=tuple(_ruled_column(each, touched) for each in decided), options=_options(table.options)
    )


def transformed(table: Table, returned: Sequence[Returned]) -> Table:
    """The table as its transform returned it."""
    known = {column.name: column for column in table.columns}
    columns = tuple(_returned_column(each, known.get(each.name)) for each in returned)
    return _without(replace(table, columns=columns), {fold(name) for name in known if name not in _names(columns)})


def with_tables(schema: Schema, staged: Mapping[str, Table]) -> Schema:
    """The schema with some tables replaced. A foreign key whose parent lost its columns has a problem."""
    tables = tuple(staged.get(table.name, table) for table in schema.tables)
    names = {table.name: _names(table.columns) for table in tables}
    return replace(
        schema,
        tables=tuple(
            replace(table, foreign_keys=tuple(_linked(key, names) for key in table.foreign_keys))
            for table in tables
        ),
    )


def _names(columns: Iterable[Column]) -> frozenset[str]:
    return frozenset(column.name for column in columns)


def _options(options: tuple[str, ...]) -> tuple[str, ...]:
    """A staged table has rowids, whatever the source's has."""
    return (*(option for option in options if option != "WITHOUT ROWID"), STAGED)


def _ruled_column(each: Decided, touched: set[str]) -> Column:
    source = each.column.source
    if source is None:
        return Column(each.column.name, each.declared)
    if not each.touched and each.declared == source.declared:
        return replace(source, generated=None) if _computed_from(source, touched) else source
    same = each.declared == source.declared and not each.column.replaced
    return replace(
        source,
        declared=each.declared,
        nullable=source.nullable or each.values < each.rows,
        default=_default(source.default, each.column.rule.map, same),
        generated=None,
        collation=source.collation if same else None,
        identity=source.identity if same and not each.mapped else None,
        type=source.type if same and not each.mapped else None,
    )


def _computed_from(column: Column, touched: set[str]) -> bool:
    """Whether a generated column's expression names a touched column."""
    return column.generated is not None and mentions(column.generated.expression, touched)


def mentions(expression: Expression, names: Iterable[str]) -> bool:
    """Whether one of the folded names may be in an expression. What cannot be read mentions everything."""
    try:
        named = {fold(token.name) for token in tokens(expression.sql) if token.kind in _NAMES}
        return not named.isdisjoint(names)
    except NotUnderstood:
        return True


def _default(default: Expression | None, map: Sequence[tuple[str, Scalar]], same: bool) -> Expression | None:
    """A default that is a key of the map becomes what the map gives; another one stays with values of its kind."""
    if default is None or not map:
        return default if same else None
    given = dict(map).get(_constant(default.sql))
    if given is None:
        return default if same else None
    return Expression(literal(given), _neutral(given))


def _constant(sql: str) -> str:
    """What a default that is one constant is as text; the text itself of any other."""
    found = list(tokens(sql))
    return found[0].name if len(found) == 1 and found[0].kind in _NAMES else sql


def _neutral(value: Scalar) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return literal(value)


def _returned_column(each: Returned, known: Column | None) -> Column:
    """A transform may change every value, so nothing is computed any more."""
    if known is None:
        return Column(each.name, each.declared or "")
    if each.declared is None:
        return replace(known, nullable=known.nullable or each.nulls > 0, generated=None)
    nullable = known.nullable or each.nulls > 0
    return Column(known.name, each.declared, nullable=nullable, comment=known.comment)


def _without(table: Table, gone: set[str]) -> Table:
    """The table without what stands on columns that it has no more."""
    if not gone:
        return table
    key = table.primary_key

    def stand(columns: Iterable[str]) -> bool:
        return gone.isdisjoint(map(fold, columns))

    return replace(
        table,
        primary_key=key if key and stand(key.columns) else None,
        uniques=tuple(each for each in table.uniques if stand(each.columns)),
        foreign_keys=tuple(each for each in table.foreign_keys if stand(each.columns)),
        checks=tuple(each for each in table.checks if not mentions(each.expression, gone)),
        indexes=tuple(each for each in table.indexes if not _over(each, gone)),
    )


def _over(index: Index, gone: set[str]) -> bool:
    expressions = [part.expression for part in index.parts] + [index.where]
    columns = {fold(part.column) for part in index.parts if part.column}
    return not columns.isdisjoint(gone) or any(each and mentions(each, gone) for each in expressions)


def _linked(key: ForeignKey, names: Mapping[str, frozenset[str]]) -> ForeignKey:
    missing = [name for name in key.parent_columns if name not in names.get(key.parent_table, key.parent_columns)]
    if key.problem is not None or not missing:
        return key
    return replace(key, problem=f"The transform of {key.parent_table} leaves no column {', '.join(missing)}.")
