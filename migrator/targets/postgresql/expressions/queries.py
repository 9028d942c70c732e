"""SELECT statements in PostgreSQL's SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from migrator.model.types import Kind, LogicalType
from migrator.targets.postgresql.expressions import aggregates
from migrator.targets.postgresql.expressions.aggregates import ordered
from migrator.targets.postgresql.expressions.comparisons import bytewise
from migrator.targets.postgresql.expressions.constants import spelling
from migrator.targets.postgresql.expressions.conversions import SPEECH, fit, unified
from migrator.targets.postgresql.expressions.terms import as_condition, as_value
from migrator.targets.postgresql.expressions.translator import translator
from migrator.targets.postgresql.names import qualified, quote
from migrator.targets.translation import queries
from migrator.targets.translation.queries import Grammar, Output, Scope, Wanted
from migrator.targets.translation.terms import Level, Term, Translate


def _output(term: Term, type: LogicalType | None, wanted: Wanted) -> Term:
    if type is None:
        return as_value(term)
    value = fit(term, type)
    if not (wanted.exact or value.null or term.constant is not None):
        return value
    return replace(value, code=f"CAST({value.sql} AS {spelling(type)})", type=type, level=Level.ATOM)


def _arranged(node: exp.Expr, output: Output) -> Output:
    order = node.args.get("order")
    if order is None:
        return replace(output, sql=output.sql + _limits(node))
    textual = any(bytewise(queries.output_term(item, output)).kind is Kind.TEXT for item in order.expressions)
    if not textual:
        listed = ", ".join(ordered(item, Term(item.this.name)) for item in order.expressions)
        return replace(output, sql=f"{output.sql} ORDER BY {listed}{_limits(node)}")
    # An expression such as a collation is only allowed around the whole.
    names = ", ".join(quote(name) for name in output.names)
    columns = GRAMMAR.columns(output)
    listed = ", ".join(ordered(item, columns[output.names[int(item.this.name) - 1]]) for item in order.expressions)
    return replace(output, sql=f'SELECT {names} FROM ({output.sql}) AS "all" ORDER BY {listed}{_limits(node)}')


def _limits(node: exp.Expr) -> str:
    parts = [
        f" {word} {node.args[key].expression.name}"
        for key, word in (("limit", "LIMIT"), ("offset", "OFFSET"))
        if node.args.get(key) is not None
    ]
    return "".join(parts)


def _select(node: exp.Select, scope: Scope, wanted: Wanted) -> Output:
    translate = translator(scope)
    source = queries.from_clause(node, scope, translate)
    names, terms = queries.projections(node, translate, wanted, GRAMMAR)
    distinct = "DISTINCT " if node.args.get("distinct") else ""
    listed = queries.listed(names, terms, GRAMMAR)
    sql = f"SELECT {distinct}{listed}{source}{_conditions(node, translate)}"
    output = Output(sql, tuple(names), tuple(terms), single=queries.single(node))
    if distinct:
        return _arranged(node, output)
    return replace(output, sql=sql + _order(node, terms, translate) + _limits(node))


def _conditions(node: exp.Select, translate: Translate) -> str:
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


def _order(node: exp.Select, terms: Sequence[Term], translate: Translate) -> str:
    order = node.args.get("order")
    if order is None:
        return ""
    listed: list[str] = []
    for item in order.expressions:
        position = queries.position(item)
        if position is not None and terms[position - 1].kind is not Kind.TEXT:
            listed.append(ordered(item, Term(str(position))))
        else:
            listed.append(ordered(item, terms[position - 1] if position is not None else translate(item.this)))
    return f" ORDER BY {', '.join(listed)}"


GRAMMAR: Final = Grammar(
    product=SPEECH.product,
    quote=quote,
    qualified=qualified,
    recursive="RECURSIVE ",
    nested_with=True,
    distinct_recursion=True,
    condition=as_condition,
    output=_output,
    unified=unified,
    select=_select,
    arranged=_arranged,
)
