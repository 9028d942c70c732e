"""SELECT statements over the target's relations, with the types of their output.

Neutral queries have every column qualified and every output column named; joins are spelt out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlglot import exp

from migrator.model.types import INT64, TEXT, Kind, LogicalType
from migrator.targets import Relation, Untranslatable
from migrator.targets.postgresql.expressions import aggregates
from migrator.targets.postgresql.expressions.aggregates import ordered
from migrator.targets.postgresql.expressions.comparisons import bytewise
from migrator.targets.postgresql.expressions.constants import spelling
from migrator.targets.postgresql.expressions.conversions import fit, unified
from migrator.targets.postgresql.expressions.terms import (
    INTEGERS,
    Level,
    Term,
    as_condition,
    as_value,
)
from migrator.targets.postgresql.expressions.translator import Translator
from migrator.targets.postgresql.names import qualified, quote

Columns = Mapping[str, Term]
"""What a relation's columns mean inside a query: neutral name → a term of the bare target column."""

_SET_OPERATIONS: Final[dict[type[exp.Expr], str]] = {
    exp.Union: "UNION",
    exp.Intersect: "INTERSECT",
    exp.Except: "EXCEPT",
}


@dataclass(frozen=True, slots=True)
class Output:
    """A query in SQL, its output columns with their names, and whether it has exactly one row."""

    sql: str
    names: tuple[str, ...]
    terms: tuple[Term, ...]
    single: bool = False

    @property
    def columns(self) -> Columns:
        """The output as columns of a relation."""
        return {
            name: Term(quote(name), term.type, affine=term.affine, queried=True)
            for name, term in zip(self.names, self.terms, strict=True)
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the output columns have to be, for the sides of a UNION; with `exact`, cast to just that."""

    types: tuple[LogicalType | None, ...]
    exact: bool = False

    def fitted(self, position: int, term: Term) -> Term:
        """The output column at `position`, from 0."""
        type = self.types[position] if position < len(self.types) else None
        if type is None:
            return as_value(term)
        value = fit(term, type)
        if not (self.exact or value.null or term.constant is not None):
            return value
        return replace(value, code=f"CAST({value.sql} AS {spelling(type)})", type=type, level=Level.ATOM)


_ANYTHING: Final = Wanted(())


@dataclass(frozen=True, slots=True)
class Scope:
    """What a query sees: the columns under each alias, common table expressions, and the query around it."""

    relations: Mapping[str, Relation]
    common: Mapping[str, Columns]
    outer: Scope | None = None
    aliases: dict[str, Columns] = field(default_factory=dict)

    def column(self, table: str, name: str) -> Term:
        """The column under an alias, looking outwards. Raises Untranslatable."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.aliases.get(table, {}):
                term = scope.aliases[table][name]
                return replace(term, code=f"{quote(table)}.{term.code}")
            scope = scope.outer
        raise Untranslatable(f"The column {name} of {table} is not moved.")

    def subquery(self, node: exp.Expr) -> tuple[str, tuple[Term, ...], bool]:
        """A query inside an expression of this one."""
        output = translated(node, Scope(self.relations, self.common, self))
        return output.sql, output.terms, output.single


def translated(node: exp.Expr, scope: Scope, wanted: Wanted = _ANYTHING) -> Output:
    """A query. Raises Untranslatable."""
    while isinstance(node, exp.Subquery):
        node = node.this
    with_, scope = _with(node.args.get("with_"), scope)
    if isinstance(node, exp.Select):
        output = _select(node, scope, wanted)
    elif type(node) in _SET_OPERATIONS:
        output = _compound(node, scope, wanted)
    else:
        raise Untranslatable(f"PostgreSQL has no equal of {node.key}.")
    return replace(output, sql=with_ + output.sql)


# Common table expressions


def _with(node: exp.Expr | None, scope: Scope) -> tuple[str, Scope]:
    """`WITH … `, and a scope in which its names are known."""
    if node is None:
        return "", scope
    parts: list[str] = []
    for cte in node.expressions:
        output = _common(cte, scope)
        parts.append(f"{quote(cte.alias)} AS ({output.sql})")
        scope = Scope(scope.relations, {**scope.common, cte.alias: output.columns}, scope.outer)
    return f"WITH {'RECURSIVE ' if node.args.get('recursive') else ''}{', '.join(parts)} ", scope


def _common(cte: exp.Expr, scope: Scope) -> Output:
    """A common table expression. In a recursive one PostgreSQL wants the first SELECT to have the final types
    (https://www.postgresql.org/docs/current/queries-with.html), so both sides are cast to them."""
    if not any(table.name == cte.alias for table in cte.this.find_all(exp.Table)):
        return translated(cte.this, _inner(scope))
    first = cte.this
    while not isinstance(first, exp.Select):
        first = first.this
    start = translated(first, _inner(scope))
    types = tuple(_widest(term.type) for term in start.terms)
    terms = tuple(replace(term, type=type) for term, type in zip(start.terms, types, strict=True))
    common = {**scope.common, cte.alias: replace(start, terms=terms).columns}
    return translated(cte.this, Scope(scope.relations, common, scope.outer), Wanted(types, exact=True))


def _inner(scope: Scope) -> Scope:
    return Scope(scope.relations, scope.common, scope.outer)


def _widest(type: LogicalType | None) -> LogicalType | None:
    if type is not None and type.kind in INTEGERS:
        return INT64
    return TEXT if type is not None and type.kind is Kind.TEXT else type


# Compounds


def _compound(node: exp.Expr, scope: Scope, wanted: Wanted) -> Output:
    sides = (node.this, node.expression)
    if not wanted.types:
        wanted = _common_types([translated(side, _inner(scope)) for side in sides])
    left, right = (translated(side, _inner(scope), wanted) for side in sides)
    if len(left.terms) != len(right.terms):
        raise Untranslatable("The sides of a compound have different numbers of columns.")
    word = _SET_OPERATIONS[type(node)] + ("" if node.args.get("distinct") else " ALL")
    sql = " ".join((_side(node.this, left), word, _side(node.expression, right)))
    return _arranged(node, replace(left, sql=sql, single=False))


def _side(node: exp.Expr, output: Output) -> str:
    return output.sql if isinstance(node, exp.Select) and not node.args.get("with_") else f"({output.sql})"


def _common_types(sides: Sequence[Output]) -> Wanted:
    first, second = sides
    pairs = zip(first.terms, second.terms, strict=False)
    return Wanted(tuple(unified(pair) for pair in pairs))


def _arranged(node: exp.Expr, output: Output) -> Output:
    """ORDER BY, LIMIT and OFFSET of a query whose ORDER BY can only name output columns."""
    order = node.args.get("order")
    if order is None:
        return replace(output, sql=output.sql + _limits(node))
    textual = any(bytewise(_output_term(item, output)).kind is Kind.TEXT for item in order.expressions)
    if not textual:
        listed = ", ".join(ordered(item, Term(item.this.name)) for item in order.expressions)
        return replace(output, sql=f"{output.sql} ORDER BY {listed}{_limits(node)}")
    # An expression such as a collation is only allowed around the whole.
    names = ", ".join(quote(name) for name in output.names)
    columns = output.columns
    listed = ", ".join(ordered(item, columns[output.names[int(item.this.name) - 1]]) for item in order.expressions)
    return replace(output, sql=f'SELECT {names} FROM ({output.sql}) AS "all" ORDER BY {listed}{_limits(node)}')


def _output_term(item: exp.Expr, output: Output) -> Term:
    if not (isinstance(item.this, exp.Literal) and not item.this.is_string):
        raise Untranslatable("The rows of a DISTINCT or compound query are ordered by its output columns.")
    return output.terms[int(item.this.name) - 1]


def _limits(node: exp.Expr) -> str:
    parts = [
        f" {word} {node.args[key].expression.name}"
        for key, word in (("limit", "LIMIT"), ("offset", "OFFSET"))
        if node.args.get(key) is not None
    ]
    return "".join(parts)


# SELECT


def _select(node: exp.Select, scope: Scope, wanted: Wanted) -> Output:
    translate = Translator(scope)
    source = _from(node, scope, translate)
    names, terms = _projections(node, translate, wanted)
    listed = ", ".join(
        f"{term.sql} AS {quote(name)}" if name else term.sql for name, term in zip(names, terms, strict=True)
    )
    distinct = "DISTINCT " if node.args.get("distinct") else ""
    sql = f"SELECT {distinct}{listed}{source}{_conditions(node, translate)}"
    output = Output(sql, tuple(names), tuple(terms), single=_single(node))
    if distinct:
        return _arranged(node, output)
    return replace(output, sql=sql + _order(node, terms, translate) + _limits(node))


def _projections(node: exp.Select, translate: Translator, wanted: Wanted) -> tuple[list[str], list[Term]]:
    names: list[str] = []
    terms: list[Term] = []
    for position, item in enumerate(node.expressions):
        names.append(item.alias if isinstance(item, exp.Alias) else "")
        value = item.this if isinstance(item, exp.Alias) else item
        terms.append(wanted.fitted(position, translate(value)))
    return names, terms


def _single(node: exp.Select) -> bool:
    """Whether there is at most one row: an aggregate over everything, no FROM, or LIMIT 1."""
    if node.args.get("limit") is not None:
        return bool(node.args["limit"].expression.name in ("0", "1"))
    if node.args.get("group") is not None:
        return False
    if node.args.get("from_") is None:
        return True
    return any(_aggregates(item) for item in node.expressions)


def _aggregates(node: exp.Expr) -> bool:
    """Whether an aggregate stands in the expression itself, not in a window or a query within."""
    if isinstance(node, (exp.Window, exp.Query)):
        return False
    return isinstance(node, aggregates.AGGREGATES) or any(_aggregates(part) for part in node.iter_expressions())


def _conditions(node: exp.Select, translate: Translator) -> str:
    parts: list[str] = []
    if node.args.get("where") is not None:
        parts.append(f" WHERE {as_condition(translate(node.args['where'].this)).sql}")
    if node.args.get("group") is not None:
        keys = [translate(item) for item in node.args["group"].expressions]
        listed = ", ".join(key.sql for key in keys if key.constant is None)
        parts.append(f" GROUP BY {listed or '()'}")
    if node.args.get("having") is not None:
        parts.append(f" HAVING {as_condition(translate(node.args['having'].this)).sql}")
    windows = [
        f"{quote(window.this.name)} AS ({aggregates.window(window, translate)})"
        for window in node.args.get("windows") or ()
    ]
    if windows:
        parts.append(f" WINDOW {', '.join(windows)}")
    return "".join(parts)


def _order(node: exp.Select, terms: Sequence[Term], translate: Translator) -> str:
    order = node.args.get("order")
    if order is None:
        return ""
    listed: list[str] = []
    for item in order.expressions:
        position = item.this.name if isinstance(item.this, exp.Literal) and not item.this.is_string else ""
        if position and terms[int(position) - 1].kind is not Kind.TEXT:
            listed.append(ordered(item, Term(position)))
        else:
            listed.append(ordered(item, terms[int(position) - 1] if position else translate(item.this)))
    return f" ORDER BY {', '.join(listed)}"


# FROM


def _from(node: exp.Select, scope: Scope, translate: Translator) -> str:
    if node.args.get("from_") is None:
        return ""
    parts = [f" FROM {_source(node.args['from_'].this, scope)}"]
    for join in node.args.get("joins") or ():
        source = _source(join.this, scope)
        word = join.side or join.kind
        on = join.args.get("on")
        condition = f" ON {as_condition(translate(on)).sql}" if on is not None else ""
        parts.append(f" {word} JOIN {source}{condition}")
    return "".join(parts)


def _source(node: exp.Expr, scope: Scope) -> str:
    """A table, view or query, and its columns in the scope."""
    alias = node.alias
    if isinstance(node, exp.Subquery):
        output = translated(node.this, Scope(scope.relations, scope.common, scope.outer))
        scope.aliases[alias] = output.columns
        return f"({output.sql}) AS {quote(alias)}"
    if node.name in scope.common:
        scope.aliases[alias] = scope.common[node.name]
        return f"{quote(node.name)} AS {quote(alias)}"
    relation = scope.relations.get(node.name)
    if relation is None:
        raise Untranslatable(f"It reads {node.name}, which is not moved.")
    scope.aliases[alias] = {
        name: Term(quote(target), type, affine=True, queried=True)
        for name, (target, type) in relation.scope.columns.items()
    }
    return f"{qualified(relation.schema, relation.target)} AS {quote(alias)}"
