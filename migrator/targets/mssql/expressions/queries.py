"""SELECT statements in T-SQL.

ORDER BY may stand in a view or a query inside another one only with TOP or OFFSET, so it always has an OFFSET: the
rows then come in that order as long as nothing else orders them. DISTINCT, GROUP BY and compounds compare text by
its code points, but pass over blanks at its end. A recursion ends with an error after 100 rounds, which only the
statement that reads a view can change. https://learn.microsoft.com/sql/t-sql/queries/select-transact-sql
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from migrator.model.types import Kind, LogicalType
from migrator.targets.mssql.expressions.aggregates import ordering, without_queries
from migrator.targets.mssql.expressions.collating import exactly
from migrator.targets.mssql.expressions.constants import spelling
from migrator.targets.mssql.expressions.conversions import SPEECH, fit, unified
from migrator.targets.mssql.expressions.terms import as_condition, as_value
from migrator.targets.mssql.expressions.translator import translator
from migrator.targets.mssql.names import qualified, quote
from migrator.targets.translation import queries
from migrator.targets.translation.queries import Grammar, Output, Scope, Wanted
from migrator.targets.translation.terms import Level, Term, Translate

_WHOLE: Final = "all"
"""What a query is called around which another one stands."""


def _output(term: Term, type: LogicalType | None, wanted: Wanted) -> Term:
    """Both sides of a compound have text under one collation."""
    if type is None:
        return exactly(as_value(term)) if wanted.distinct else as_value(term)
    value = fit(as_value(term), type)
    if wanted.exact or value.null or term.constant is not None:
        value = replace(value, code=f"CAST({value.sql} AS {spelling(type)})", type=type, level=Level.ATOM)
        value = replace(value, constant=None)
    return exactly(value)


def _select(node: exp.Select, scope: Scope, wanted: Wanted) -> Output:
    node = _with_windows(node)
    translate = translator(scope)
    source = queries.from_clause(node, scope, translate)
    where = _condition(node, "where", "WHERE", translate)
    keys = _keys(node, translate)
    translate = translator(scope, given=keys)
    distinct = bool(node.args.get("distinct"))
    wanted = replace(wanted, distinct=wanted.distinct or distinct)
    names, terms = queries.projections(node, translate, wanted, GRAMMAR)
    group = _group(node, keys)
    having = _condition(node, "having", "HAVING", translate)
    body = f"{queries.listed(names, terms, GRAMMAR)}{source}{where}{group}{having}"
    output = Output(body, tuple(names), tuple(terms), single=queries.single(node))
    head = "SELECT DISTINCT" if distinct else "SELECT"
    if distinct and _reorders(node, terms):
        return _around(node, replace(output, sql=f"{head} {body}"))
    return _limited(node, output, head, _order(node, terms, translate, by_position=distinct))


def _condition(node: exp.Expr, key: str, word: str, translate: Translate) -> str:
    clause = node.args.get(key)
    return f" {word} {as_condition(translate(clause.this)).sql}" if clause is not None else ""


# Groups and windows


def _keys(node: exp.Select, translate: Translate) -> dict[exp.Expr, Term]:
    """What is grouped by. T-SQL knows such an expression again only where it is written in the same way."""
    if node.args.get("group") is None:
        return {}
    keys: dict[exp.Expr, Term] = {}
    for item in node.args["group"].expressions:
        without_queries(item, "GROUP BY")
        term = as_value(translate(item))
        if term.constant is None:
            exact = exactly(term)
            keys[item] = replace(term, code=exact.code, level=exact.level)
    return keys


def _group(node: exp.Select, keys: dict[exp.Expr, Term]) -> str:
    if node.args.get("group") is None:
        return ""
    return f" GROUP BY {', '.join(dict.fromkeys(term.sql for term in keys.values())) or '()'}"


def _with_windows(node: exp.Select) -> exp.Select:
    """The query with the windows of its WINDOW clause, which is of 2022 and later, put in where they are named."""
    windows = {window.this.name: window for window in node.args.get("windows") or ()}
    if not windows:
        return node
    result = node.copy()
    for window in list(result.find_all(exp.Window)):
        name = window.args.get("alias")
        while name is not None and name.name in windows:
            base = windows[name.name]
            for key in ("partition_by", "order", "spec"):
                if not window.args.get(key) and base.args.get(key):
                    window.set(key, _copied(base.args[key]))
            name = base.args.get("alias")
        window.set("alias", None)
    return result


def _copied(part: exp.Expr | list[exp.Expr]) -> exp.Expr | list[exp.Expr]:
    return [item.copy() for item in part] if isinstance(part, list) else part.copy()


# ORDER BY, LIMIT and OFFSET


def _order(node: exp.Select, terms: Sequence[Term], translate: Translate, *, by_position: bool) -> str:
    """The terms of ORDER BY; those of a DISTINCT query are its output columns."""
    order = node.args.get("order")
    if order is None:
        return ""
    items = []
    for item in order.expressions:
        position = queries.position(item)
        if by_position:
            queries.output_term(item, Output("", (), tuple(terms)))
            items.append((item, Term(str(position))))
        else:
            items.append((item, terms[position - 1] if position is not None else as_value(translate(item.this))))
    return ordering(items)


def _reorders(node: exp.Expr, terms: Sequence[Term]) -> bool:
    """Whether ORDER BY takes more than the names of output columns: NULLs stand where T-SQL does not put them, or
    UUIDs are among them, which it orders by their last bytes."""
    order = node.args.get("order")
    if order is None:
        return False
    nulls = any(bool(item.args.get("desc")) == bool(item.args.get("nulls_first")) for item in order.expressions)
    return nulls or any(term.kind is Kind.UUID for term in terms)


def _limited(node: exp.Expr, output: Output, head: str, order: str) -> Output:
    """A query, given as what follows SELECT, with its order and the rows it keeps."""
    limit, offset = _number(node, "limit"), _number(node, "offset") or 0
    if limit is not None and (limit == 0 or not (order or offset)):
        return replace(output, sql=f"{head} TOP ({limit}) {output.sql}")
    sql = f"{head} {output.sql}"
    if not (order or offset):
        return replace(output, sql=sql)
    fetch = f" FETCH NEXT {limit} ROWS ONLY" if limit is not None else ""
    fallback = "1" if "DISTINCT" in head else "(SELECT NULL)"
    return replace(output, sql=f"{sql} ORDER BY {order or fallback} OFFSET {offset} ROWS{fetch}")


def _number(node: exp.Expr, key: str) -> int | None:
    clause = node.args.get(key)
    return int(clause.expression.name) if clause is not None else None


def _arranged(node: exp.Expr, output: Output) -> Output:
    """A compound; T-SQL orders one by its output columns, and limits it only around the whole."""
    if not any(node.args.get(key) is not None for key in ("order", "limit", "offset")):
        return output
    return _around(node, output)


def _around(node: exp.Expr, output: Output) -> Output:
    columns, order = GRAMMAR.columns(output), node.args.get("order")
    items = []
    for item in order.expressions if order is not None else ():
        queries.output_term(item, output)
        items.append((item, columns[output.names[(queries.position(item) or 0) - 1]]))
    body = f"{', '.join(quote(name) for name in output.names)} FROM ({output.sql}) AS {quote(_WHOLE)}"
    return _limited(node, replace(output, sql=body), "SELECT", ordering(items))


GRAMMAR: Final = Grammar(
    product=SPEECH.product,
    quote=quote,
    qualified=qualified,
    recursive="",
    nested_with=False,
    distinct_recursion=False,
    condition=as_condition,
    output=_output,
    unified=unified,
    select=_select,
    arranged=_arranged,
)
