"""Aggregates and window functions, with FILTER and OVER.

https://www.postgresql.org/docs/current/functions-aggregate.html and functions-window.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from migrator.model.types import FLOAT64, INT64, TEXT, Kind, LogicalType
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions.comparisons import bytewise
from migrator.targets.postgresql.expressions.conversions import as_number, as_text, fit
from migrator.targets.postgresql.expressions.terms import (
    INTEGERS,
    NUMERIC,
    Level,
    Term,
    Translate,
    as_condition,
    as_int,
    as_value,
)

Rule = Callable[[exp.Expr, Translate], Term]


@dataclass(frozen=True, slots=True)
class _Call:
    """An aggregate's call and what its result has to be cast to; FILTER and OVER stand in between."""

    sql: str
    type: LogicalType | None
    result: str = ""

    def term(self, clauses: str = "") -> Term:
        sql = self.sql + clauses
        return Term(f"CAST({sql} AS {self.result})" if self.result else sql, self.type)


def _argument(node: exp.Expr | None) -> tuple[str, exp.Expr]:
    """`DISTINCT ` or nothing, and the first argument."""
    if isinstance(node, exp.Distinct):
        return "DISTINCT ", node.expressions[0]
    if node is None:
        raise Untranslatable("An aggregate has an argument.")
    return "", node


def _count(node: exp.Expr, translate: Translate) -> _Call:
    if isinstance(node.this, exp.Star):
        return _Call("count(*)", INT64)
    distinct, value = _argument(node.this)
    return _Call(f"count({distinct}{translate(value).sql})", INT64)


def _sum(node: exp.Expr, translate: Translate) -> _Call:
    """Sums of integers are 64-bit in SQLite, `numeric` in PostgreSQL."""
    distinct, value = _argument(node.this)
    number = as_value(as_number(translate(value)))
    sql = f"sum({distinct}{number.sql})"
    if number.kind in INTEGERS:
        return _Call(sql, INT64, "bigint")
    return _Call(sql, NUMERIC if number.kind is Kind.DECIMAL else number.type)


def _average(node: exp.Expr, translate: Translate) -> _Call:
    """A float whatever the argument is."""
    distinct, value = _argument(node.this)
    number = as_number(translate(value))
    if number.kind is Kind.FLOAT64 and number.constant is None:
        return _Call(f"avg({distinct}{number.sql})", FLOAT64)
    return _Call(f"avg({distinct}{number.sql})", FLOAT64, "double precision")


def _extreme(name: str) -> Callable[[exp.Expr, Translate], _Call]:
    def rule(node: exp.Expr, translate: Translate) -> _Call:
        _, value = _argument(node.this)
        term = as_int(translate(value))
        return _Call(f"{name}({bytewise(term).sql})", term.type)

    return rule


def _joined(node: exp.Expr, translate: Translate, order: str = "") -> _Call:
    """`string_agg`; the separator is a second argument of DISTINCT in neutral SQL."""
    distinct, value = _argument(node.this)
    separator = node.args.get("separator") or (node.this.expressions[1] if distinct else None)
    assert separator is not None
    arguments = f"{as_text(translate(value)).sql}, {as_text(translate(separator)).sql}"
    return _Call(f"string_agg({distinct}{arguments}{order})", TEXT)


def _joined_in_order(node: exp.Expr, translate: Translate) -> _Call:
    if not isinstance(node.this, exp.GroupConcat):
        raise Untranslatable("WITHIN GROUP belongs to GROUP_CONCAT.")
    return _joined(node.this, translate, f" {order_by(node.expression, translate)}")


def _ranking(name: str) -> Callable[[exp.Expr, Translate], _Call]:
    def rule(_node: exp.Expr, _translate: Translate) -> _Call:
        return _Call(f"{name}()", FLOAT64 if name in ("percent_rank", "cume_dist") else INT64)

    return rule


def _tiles(node: exp.Expr, translate: Translate) -> _Call:
    return _Call(f"ntile({_int4(node.this, translate)})", INT64)


def _int4(node: exp.Expr, translate: Translate) -> str:
    number = as_number(translate(node))
    return f"CAST({number.sql} AS integer)" if number.kind is Kind.INT64 else number.sql


def _neighbour(name: str) -> Callable[[exp.Expr, Translate], _Call]:
    """`lag` and `lead`; the default is of the value's type."""

    def rule(node: exp.Expr, translate: Translate) -> _Call:
        value = as_value(translate(node.this))
        arguments = [value.sql]
        if node.args.get("offset") is not None:
            arguments.append(_int4(node.args["offset"], translate))
        default = node.args.get("default")
        if default is not None:
            term = translate(default)
            arguments.append((fit(term, value.type) if value.type is not None else term).sql)
        return _Call(f"{name}({', '.join(arguments)})", value.type)

    return rule


def _picked(name: str) -> Callable[[exp.Expr, Translate], _Call]:
    def rule(node: exp.Expr, translate: Translate) -> _Call:
        value = as_value(translate(node.this))
        position = node.args.get("offset")
        extra = f", {_int4(position, translate)}" if position is not None else ""
        return _Call(f"{name}({value.sql}{extra})", value.type)

    return rule


_CALLS: Final[dict[type[exp.Expr], Callable[[exp.Expr, Translate], _Call]]] = {
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

AGGREGATES: Final = (exp.Avg, exp.Count, exp.GroupConcat, exp.Max, exp.Min, exp.Sum)


def _called(node: exp.Expr, translate: Translate) -> _Call:
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
        return _called(inner, translate).term(f"{clauses} OVER {translate.window(name.name)}")
    return _called(inner, translate).term(f"{clauses} OVER ({window(node, translate)})")


def window(node: exp.Expr, translate: Translate) -> str:
    """A window's definition, without the brackets."""
    name = node.args.get("alias")
    parts = [translate.window(name.name)] if name is not None else []
    if node.args.get("partition_by"):
        parts.append(f"PARTITION BY {', '.join(translate(part).sql for part in node.args['partition_by'])}")
    if node.args.get("order") is not None:
        parts.append(order_by(node.args["order"], translate))
    if node.args.get("spec") is not None:
        parts.append(_frame(node.args["spec"]))
    return " ".join(parts)


def _frame(spec: exp.Expr) -> str:
    ends = [_frame_end(spec, key) for key in ("start", "end")]
    return f"{str(spec.args['kind']).upper()} BETWEEN {ends[0]} AND {ends[1] or 'CURRENT ROW'}"


def _frame_end(spec: exp.Expr, key: str) -> str:
    value, side = spec.args.get(key), spec.args.get(f"{key}_side")
    if value is None:
        return ""
    if isinstance(value, exp.Expr) and not isinstance(value, exp.Literal):
        raise Untranslatable("A window's frame is bounded by constants.")
    text = value.name if isinstance(value, exp.Literal) else str(value).upper()
    return f"{text} {str(side).upper()}" if side else text


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
