"""The walk through SELECT statements over a target's relations, with the types of their output.

Neutral queries have every column qualified and every output column named; joins are spelt out. A target's
`Grammar` writes the clauses in which the targets differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from migrator.model.types import INT64, TEXT, Kind, LogicalType
from migrator.targets import Relation, Untranslatable
from migrator.targets.translation.aggregates import aggregates
from migrator.targets.translation.terms import INTEGERS, Term, Translate

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the output columns have to be, for the sides of a UNION; with `exact`, cast to just that."""

    types: tuple[LogicalType | None, ...] = ()
    exact: bool = False
    distinct: bool = False
    """Whether the rows are compared."""

    def type(self, position: int) -> LogicalType | None:
        """The type of the output column at `position`, from 0; None where it may stay as it is."""
        return self.types[position] if position < len(self.types) else None


@dataclass(frozen=True, slots=True)
class Grammar:
    """How one target says queries."""

    product: str
    quote: Callable[[str], str]
    qualified: Callable[[str, str], str]
    recursive: str
    """What follows WITH where a common table expression reads itself."""
    nested_with: bool
    """Whether WITH may stand inside a query."""
    distinct_recursion: bool
    """Whether UNION may stand without ALL in a common table expression that reads itself."""
    condition: Callable[[Term], Term]
    """A term where a truth value is needed. Raises Untranslatable."""
    output: Callable[[Term, LogicalType | None, Wanted], Term]
    """An output column, as its type among the others is wanted. Raises Untranslatable."""
    unified: Callable[[Sequence[Term]], LogicalType | None]
    """See `unifying.unified`."""
    select: Callable[[exp.Select, Scope, Wanted], Output]
    """A SELECT with all its clauses. Raises Untranslatable."""
    arranged: Callable[[exp.Expr, Output], Output]
    """ORDER BY, LIMIT and OFFSET of a query whose ORDER BY can only name output columns. Raises Untranslatable."""

    def columns(self, output: Output) -> Columns:
        """The output as columns of a relation."""
        return {
            name: Term(self.quote(name), term.type, affine=term.affine, queried=True)
            for name, term in zip(output.names, output.terms, strict=True)
        }


@dataclass(frozen=True, slots=True)
class Scope:
    """What a query sees: the columns under each alias, common table expressions, and the query around it."""

    grammar: Grammar
    relations: Mapping[str, Relation]
    common: Mapping[str, Columns] = field(default_factory=dict)
    outer: Scope | None = None
    nested: bool = False
    """Whether it is part of another query."""
    aliases: dict[str, Columns] = field(default_factory=dict)

    def column(self, table: str, name: str) -> Term:
        """The column under an alias, looking outwards. Raises Untranslatable."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.aliases.get(table, {}):
                term = scope.aliases[table][name]
                return replace(term, code=f"{self.grammar.quote(table)}.{term.code}")
            scope = scope.outer
        raise Untranslatable(f"The column {name} of {table} is not moved.")

    def subquery(self, node: exp.Expr) -> tuple[str, tuple[Term, ...], bool]:
        """A query inside an expression of this one."""
        output = translated(node, replace(self.inner(), outer=self))
        return output.sql, output.terms, output.single

    def inner(self) -> Scope:
        """The scope of a query that is part of this one, and does not see its columns."""
        return Scope(self.grammar, self.relations, self.common, self.outer, nested=True)

    def knowing(self, name: str, columns: Columns) -> Scope:
        """The same with one more common table expression."""
        return replace(self, common={**self.common, name: columns})


def output_of(neutral: str, relations: Mapping[str, Relation], grammar: Grammar) -> Output:
    """A whole neutral query.

    Raises:
        Untranslatable: It has no equal, or reads something that is not among the relations.
    """
    try:
        node = parse_one(neutral)
        assert isinstance(node, exp.Expr)
        return translated(node, Scope(grammar, relations))
    except SqlglotError:
        raise Untranslatable("The query cannot be read.") from None
    except RecursionError:
        raise Untranslatable("The query is nested too deeply to be translated.") from None


def types_of(output: Output) -> dict[str, LogicalType | None]:
    """The output columns with their types, None where a type is not known."""
    return {name: term.type for name, term in zip(output.names, output.terms, strict=True)}


def translated(node: exp.Expr, scope: Scope, wanted: Wanted | None = None) -> Output:
    """A query. Raises Untranslatable."""
    wanted = wanted or Wanted()
    while isinstance(node, exp.Subquery):
        node = node.this
    with_, scope = _with(node.args.get("with_"), scope)
    if isinstance(node, exp.Select):
        output = scope.grammar.select(node, scope, wanted)
    elif type(node) in _SET_OPERATIONS:
        output = _compound(node, scope, wanted)
    else:
        raise Untranslatable(f"{scope.grammar.product} has no equal of {node.key}.")
    return replace(output, sql=with_ + output.sql)


# Common table expressions


def _with(node: exp.Expr | None, scope: Scope) -> tuple[str, Scope]:
    """`WITH … `, and a scope in which its names are known."""
    if node is None:
        return "", scope
    grammar = scope.grammar
    if scope.nested and not grammar.nested_with:
        raise Untranslatable(f"{grammar.product} allows WITH only at the beginning of a query.")
    parts: list[str] = []
    for cte in node.expressions:
        output = _common(cte, scope)
        parts.append(f"{grammar.quote(cte.alias)} AS ({output.sql})")
        scope = scope.knowing(cte.alias, grammar.columns(output))
    return f"WITH {grammar.recursive if node.args.get('recursive') else ''}{', '.join(parts)} ", scope


def _common(cte: exp.Expr, scope: Scope) -> Output:
    """A common table expression. In a recursive one the first SELECT has to have the final types
    (https://www.postgresql.org/docs/current/queries-with.html,
    https://learn.microsoft.com/sql/t-sql/queries/with-common-table-expression-transact-sql), so both sides are
    cast to them."""
    if not any(table.name == cte.alias for table in cte.this.find_all(exp.Table)):
        return translated(cte.this, scope.inner())
    if not (scope.grammar.distinct_recursion or _keeps_all(cte.this)):
        raise Untranslatable(f"{scope.grammar.product} has no recursion that leaves out rows it had before.")
    first = cte.this
    while not isinstance(first, exp.Select):
        first = first.this
    start = translated(first, scope.inner())
    types = tuple(_widest(term.type) for term in start.terms)
    terms = tuple(replace(term, type=type) for term, type in zip(start.terms, types, strict=True))
    columns = scope.grammar.columns(replace(start, terms=terms))
    return translated(cte.this, scope.inner().knowing(cte.alias, columns), Wanted(types, exact=True))


def _keeps_all(node: exp.Expr) -> bool:
    return all(not compound.args.get("distinct") for compound in node.find_all(exp.SetOperation))


def _widest(type: LogicalType | None) -> LogicalType | None:
    if type is not None and type.kind in INTEGERS:
        return INT64
    return TEXT if type is not None and type.kind is Kind.TEXT else type


# Compounds


def _compound(node: exp.Expr, scope: Scope, wanted: Wanted) -> Output:
    sides = (node.this, node.expression)
    if not wanted.types:
        one, other = (translated(side, scope.inner()) for side in sides)
        pairs = zip(one.terms, other.terms, strict=False)
        wanted = Wanted(tuple(scope.grammar.unified(pair) for pair in pairs), distinct=wanted.distinct)
    distinct = bool(node.args.get("distinct"))
    wanted = replace(wanted, distinct=wanted.distinct or distinct)
    left, right = (translated(side, scope.inner(), wanted) for side in sides)
    if len(left.terms) != len(right.terms):
        raise Untranslatable("The sides of a compound have different numbers of columns.")
    word = _SET_OPERATIONS[type(node)] + ("" if distinct else " ALL")
    sql = " ".join((_side(node.this, left), word, _side(node.expression, right)))
    return scope.grammar.arranged(node, replace(left, sql=sql, single=False))


def _side(node: exp.Expr, output: Output) -> str:
    return output.sql if isinstance(node, exp.Select) and not node.args.get("with_") else f"({output.sql})"


# SELECT


def projections(
    node: exp.Select, translate: Translate, wanted: Wanted, grammar: Grammar
) -> tuple[list[str], list[Term]]:
    """The names and terms of the output columns."""
    names: list[str] = []
    terms: list[Term] = []
    for position, item in enumerate(node.expressions):
        names.append(item.alias if isinstance(item, exp.Alias) else "")
        value = item.this if isinstance(item, exp.Alias) else item
        terms.append(grammar.output(translate(value), wanted.type(position), wanted))
    return names, terms


def listed(names: Iterable[str], terms: Iterable[Term], grammar: Grammar) -> str:
    """The output columns in SQL."""
    return ", ".join(
        f"{term.sql} AS {grammar.quote(name)}" if name else term.sql
        for name, term in zip(names, terms, strict=True)
    )


def single(node: exp.Select) -> bool:
    """Whether there is at most one row: an aggregate over everything, no FROM, or LIMIT 1."""
    if node.args.get("limit") is not None:
        return bool(node.args["limit"].expression.name in ("0", "1"))
    if node.args.get("group") is not None:
        return False
    if node.args.get("from_") is None:
        return True
    return any(aggregates(item) for item in node.expressions)


def position(item: exp.Expr) -> int | None:
    """The output column that a term of ORDER BY names, from 1; None where it is an expression."""
    is_number = isinstance(item.this, exp.Literal) and not item.this.is_string
    return int(item.this.name) if is_number else None


def output_term(item: exp.Expr, output: Output) -> Term:
    """The output column by which a DISTINCT or compound query is ordered. Raises Untranslatable."""
    number = position(item)
    if number is None:
        raise Untranslatable("The rows of a DISTINCT or compound query are ordered by its output columns.")
    return output.terms[number - 1]


# FROM


def from_clause(node: exp.Select, scope: Scope, translate: Translate) -> str:
    """` FROM …` with its joins; '' where there is none. Its columns are then known to the scope."""
    if node.args.get("from_") is None:
        return ""
    parts = [f" FROM {_source(node.args['from_'].this, scope)}"]
    for join in node.args.get("joins") or ():
        source = _source(join.this, scope)
        word = join.side or join.kind
        on = join.args.get("on")
        condition = f" ON {scope.grammar.condition(translate(on)).sql}" if on is not None else ""
        parts.append(f" {word} JOIN {source}{condition}")
    return "".join(parts)


def _source(node: exp.Expr, scope: Scope) -> str:
    """A table, view or query, and its columns in the scope."""
    alias, grammar = node.alias, scope.grammar
    if isinstance(node, exp.Subquery):
        output = translated(node.this, scope.inner())
        scope.aliases[alias] = grammar.columns(output)
        return f"({output.sql}) AS {grammar.quote(alias)}"
    if node.name in scope.common:
        scope.aliases[alias] = scope.common[node.name]
        return f"{grammar.quote(node.name)} AS {grammar.quote(alias)}"
    relation = scope.relations.get(node.name)
    if relation is None:
        raise Untranslatable(f"It reads {node.name}, which is not moved.")
    scope.aliases[alias] = {
        name: Term(grammar.quote(target), type, affine=True, queried=True)
        for name, (target, type) in relation.scope.columns.items()
    }
    return f"{grammar.qualified(relation.schema, relation.target)} AS {grammar.quote(alias)}"
