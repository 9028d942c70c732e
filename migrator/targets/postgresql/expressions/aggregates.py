"""Aggregates and window functions, with FILTER and OVER.

https://www.postgresql.org/docs/current/functions-aggregate.html and functions-window.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from migrator.model.types import FLOAT64, INT64, TEXT, Kind
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions.comparisons import bytewise
from migrator.targets.postgresql.expressions.conversions import as_number, as_text, fit
from migrator.targets.postgresql.expressions.terms import NUMERIC, as_condition, as_int, as_value
from migrator.targets.postgresql.names import quote
from migrator.targets.translation.aggregates import Call, argument, frame, separator
from migrator.targets.translation.terms import INTEGERS, Level, Rule, Term, Translate


def _count(node: exp.Expr, translate: Translate) -> Call:
    if isinstance(node.this, exp.Star):
        return Call("count(*)", INT64)
    distinct, value = argument(node.this)
    return Call(f"count({distinct}{translate(value).sql})", INT64)


def _sum(node: exp.Expr, translate: Translate) -> Call:
    """Sums of integers are 64-bit in SQLite, `numeric` in PostgreSQL."""
    distinct, value = argument(node.this)
    number = as_value(as_number(translate(value)))
    sql = f"sum({distinct}{number.sql})"
    if number.kind in INTEGERS:
        return Call(sql, INT64, "bigint")
    return Call(sql, NUMERIC if number.kind is Kind.DECIMAL else number.type)


def _average(node: exp.Expr, translate: Translate) -> Call:
    """A float whatever the argument is."""
    distinct, value = argument(node.this)
    number = as_number(translate(value))
    if number.kind is Kind.FLOAT64 and number.constant is None:
        return Call(f"avg({distinct}{number.sql})", FLOAT64)
    return Call(f"avg({distinct}{number.sql})", FLOAT64, "double precision")


def _extreme(name: str) -> Callable[[exp.Expr, Translate], Call]:
    def rule(node: exp.Expr, translate: Translate) -> Call:
        _, value = argument(node.this)
        term = as_int(translate(value))
        return Call(f"{name}({bytewise(term).sql})", term.type)

    return rule


def _joined(node: exp.Expr, translate: Translate, order: str = "") -> Call:
    distinct, value = argument(node.this)
    arguments = f"{as_text(translate(value)).sql}, {as_text(translate(separator(node))).sql}"
    return Call(f"string_agg({distinct}{arguments}{order})", TEXT)


def _joined_in_order(node: exp.Expr, translate: Translate) -> Call:
    if not isinstance(node.this, exp.GroupConcat):
        raise Untranslatable("WITHIN GROUP belongs to GROUP_CONCAT.")
    return _joined(node.this, translate, f" {order_by(node.expression, translate)}")


def _ranking(name: str) -> Callable[[exp.Expr, Translate], Call]:
    def rule(_node: exp.Expr, _translate: Translate) -> Call:
        return Call(f"{name}()", FLOAT64 if name in ("percent_rank", "cume_dist") else INT64)

    return rule


def _tiles(node: exp.Expr, translate: Translate) -> Call:
    return Call(f"ntile({_int4(node.this, translate)})", INT64)


def _int4(node: exp.Expr, translate: Translate) -> str:
    number = as_number(translate(node))
    return f"CAST({number.sql} AS integer)" if number.kind is Kind.INT64 else number.sql


def _neighbour(name: str) -> Callable[[exp.Expr, Translate], Call]:
    """`lag` and `lead`; the default is of the value's type."""

    def rule(node: exp.Expr, translate: Translate) -> Call:
        value = as_value(translate(node.this))
        arguments = [value.sql]
        if node.args.get("offset") is not None:
            arguments.append(_int4(node.args["offset"], translate))
        default = node.args.get("default")
        if default is not None:
            term = translate(default)
            arguments.append((fit(term, value.type) if value.type is not None else term).sql)
        return Call(f"{name}({', '.join(arguments)})", value.type)

    return rule


def _picked(name: str) -> Callable[[exp.Expr, Translate], Call]:
    def rule(node: exp.Expr, translate: Translate) -> Call:
        value = as_value(translate(node.this))
        position = node.args.get("offset")
        extra = f", {_int4(position, translate)}" if position is not None else ""
        return Call(f"{name}({value.sql}{extra})", value.type)

    return rule


_CALLS: Final[dict[type[exp.Expr], Callable[[exp.Expr, Translate], Call]]] = {
    exp.Avg: _average,
    exp.Count: _count,
    exp.CumeDist: _ranking("cume_dist"),
    exp.DenseRank: _ranking("dense_rank"),
    exp.FirstValue: _picked("first_value"),
    exp.GroupConcat: _joined,
    exp.Lag: _neighbour("lag"),
    exp.LastValue: _picked("last_value"),
    exp.Lead: _neighbour("lead"),
    exp.Max: _extreme("max"),
    exp.Min: _extreme("min"),
    exp.NthValue: _picked("nth_value"),
    exp.Ntile: _tiles,
    exp.PercentRank: _ranking("percent_rank"),
    exp.Rank: _ranking("rank"),
    exp.RowNumber: _ranking("row_number"),
    exp.Sum: _sum,
    exp.WithinGroup: _joined_in_order,
}


def _called(node: exp.Expr, translate: Translate) -> Call:
    rule = _CALLS.get(type(node))
    if rule is None:
        raise Untranslatable(f"PostgreSQL has no aggregate like {node.key}.")
    return rule(node, translate)


def _plain(node: exp.Expr, translate: Translate) -> Term:
    return _called(node, translate).term()


def _filtered(node: exp.Expr, translate: Translate) -> Term:
    return _called(node.this, translate).term(_filter(node, translate))


def _filter(node: exp.Expr, translate: Translate) -> str:
    return f" FILTER (WHERE {as_condition(translate(node.expression.this)).sql})"


def _windowed(node: exp.Expr, translate: Translate) -> Term:
    inner, clauses = node.this, ""
    if isinstance(inner, exp.Filter):
        clauses, inner = _filter(inner, translate), inner.this
    name = node.args.get("alias")
    if name is not None and not any(node.args.get(key) for key in ("partition_by", "order", "spec")):
        return _called(inner, translate).term(f"{clauses} OVER {quote(name.name)}")
    return _called(inner, translate).term(f"{clauses} OVER ({window(node, translate)})")


def window(node: exp.Expr, translate: Translate) -> str:
    """A window's definition, without the brackets."""
    name = node.args.get("alias")
    parts = [quote(name.name)] if name is not None else []
    if node.args.get("partition_by"):
        parts.append(f"PARTITION BY {', '.join(translate(part).sql for part in node.args['partition_by'])}")
    if node.args.get("order") is not None:
        parts.append(order_by(node.args["order"], translate))
    if node.args.get("spec") is not None:
        parts.append(frame(node.args["spec"]))
    return " ".join(parts)


def order_by(node: exp.Expr, translate: Translate) -> str:
    """`ORDER BY …`."""
    return f"ORDER BY {', '.join(ordered(item, translate(item.this)) for item in node.expressions)}"


def ordered(item: exp.Expr, term: Term) -> str:
    """A term of ORDER BY. Text goes by its bytes, and NULLs come first in SQLite, last in PostgreSQL."""
    descending, nulls_first = bool(item.args.get("desc")), bool(item.args.get("nulls_first"))
    nulls = "" if nulls_first == descending else " NULLS FIRST" if nulls_first else " NULLS LAST"
    return f"{bytewise(term).at(Level.ATOM if term.constant else Level.OR)}{' DESC' if descending else ''}{nulls}"


RULES: Final[dict[type[exp.Expr], Rule]] = {
    **dict.fromkeys(_CALLS, _plain),
    exp.Filter: _filtered,
    exp.Window: _windowed,
}
