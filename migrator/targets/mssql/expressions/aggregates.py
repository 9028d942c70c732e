"""Aggregates and window functions in T-SQL: FILTER is a CASE inside, and every ranking has an order.

https://learn.microsoft.com/sql/t-sql/functions/aggregate-functions-transact-sql and
https://learn.microsoft.com/sql/t-sql/queries/select-over-clause-transact-sql
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sqlglot import exp

from migrator.model.types import FLOAT64, INT64, TEXT, Kind, decimal
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions.collating import exactly
from migrator.targets.mssql.expressions.comparisons import bytewise
from migrator.targets.mssql.expressions.conversions import as_number, as_text, fit
from migrator.targets.mssql.expressions.numbers import as_float
from migrator.targets.mssql.expressions.terms import as_condition, as_int, as_value
from migrator.targets.translation.aggregates import Call, argument, frame, separator
from migrator.targets.translation.terms import INTEGERS, Level, Rule, Term, Translate, cast

Called = Callable[[exp.Expr, Translate, str], Call]
"""A call, given the condition of its FILTER, '' without one."""

_NO_ORDER: Final = "(SELECT NULL)"
_QUERIES: Final = (exp.Query, exp.JSONExtractScalar, exp.JSONExtract)


def _value(node: exp.Expr, translate: Translate) -> Term:
    """What is aggregated: SQL Server takes no query there, and JSON is read by one."""
    without_queries(node, "an aggregate")
    return translate(node)


def without_queries(node: exp.Expr, place: str) -> None:
    """Raises Untranslatable where a query would stand in an aggregate or GROUP BY."""
    if any(True for _ in node.find_all(*_QUERIES)):
        raise Untranslatable(f"SQL Server takes no query in {place}, and reads values in JSON by one.")


def _filtered(sql: str, condition: str) -> str:
    return f"CASE WHEN {condition} THEN {sql} END" if condition else sql


def _count(node: exp.Expr, translate: Translate, condition: str) -> Call:
    """COUNT_BIG, because COUNT is of 32 bits."""
    if isinstance(node.this, exp.Star):
        return Call(f"COUNT_BIG({_filtered('1', condition) if condition else '*'})", INT64)
    distinct, value = argument(node.this)
    term = as_value(_value(value, translate))
    counted = exactly(term) if distinct else term
    return Call(f"COUNT_BIG({distinct}{_filtered(counted.sql, condition)})", INT64)


def _sum(node: exp.Expr, translate: Translate, condition: str) -> Call:
    """Sums of integers are of 64 bits in SQLite; SUM keeps the type it is given."""
    distinct, value = argument(node.this)
    number = as_value(as_number(_value(value, translate)))
    if number.kind in INTEGERS and number.kind is not Kind.INT64:
        number = cast(number, "bigint", INT64)
    type = number.type
    if number.kind is Kind.DECIMAL and type is not None:
        type = decimal(38, type.scale or 0)
    return Call(f"SUM({distinct}{_filtered(number.sql, condition)})", type)


def _average(node: exp.Expr, translate: Translate, condition: str) -> Call:
    """A float whatever the argument is; AVG of integers is an integer."""
    distinct, value = argument(node.this)
    number = as_float(as_number(_value(value, translate)))
    return Call(f"AVG({distinct}{_filtered(number.sql, condition)})", FLOAT64)


def _extreme(name: str) -> Called:
    def rule(node: exp.Expr, translate: Translate, condition: str) -> Call:
        _, value = argument(node.this)
        term = bytewise(as_int(_value(value, translate)))
        return Call(f"{name}({_filtered(term.sql, condition)})", term.type)

    return rule


def _joined(node: exp.Expr, translate: Translate, condition: str) -> Call:
    """STRING_AGG, of 2017 and later: an earlier server refuses it. What it is given is nvarchar(max), or else the
    result could not be longer than 4,000."""
    if isinstance(node.this, exp.Distinct):
        raise Untranslatable("SQL Server's STRING_AGG has no DISTINCT.")
    _, value = argument(node.this)
    text, between = as_text(_value(value, translate)), as_text(translate(separator(node)))
    whole = f"CAST({_filtered(text.sql, condition)} AS nvarchar(max))"
    return Call(f"STRING_AGG({whole}, {between.sql})", TEXT)


def _joined_in_order(node: exp.Expr, translate: Translate, condition: str) -> Call:
    if not isinstance(node.this, exp.GroupConcat):
        raise Untranslatable("WITHIN GROUP belongs to GROUP_CONCAT.")
    call = _joined(node.this, translate, condition)
    return Call(f"{call.sql} WITHIN GROUP ({order_by(node.expression, translate)})", call.type)


def _ranking(name: str) -> Called:
    def rule(_node: exp.Expr, _translate: Translate, _condition: str) -> Call:
        return Call(f"{name}()", FLOAT64 if name in ("PERCENT_RANK", "CUME_DIST") else INT64)

    return rule


def _tiles(node: exp.Expr, translate: Translate, _condition: str) -> Call:
    return Call(f"NTILE({as_number(translate(node.this)).sql})", INT64)


def _neighbour(name: str) -> Called:
    """LAG and LEAD; the default is of the value's type."""

    def rule(node: exp.Expr, translate: Translate, _condition: str) -> Call:
        value = as_value(translate(node.this))
        arguments = [value.sql]
        if node.args.get("offset") is not None:
            arguments.append(as_number(translate(node.args["offset"])).sql)
        default = node.args.get("default")
        if default is not None:
            term = as_value(translate(default))
            arguments.append((fit(term, value.type) if value.type is not None else term).sql)
        return Call(f"{name}({', '.join(arguments)})", value.type)

    return rule


def _picked(name: str) -> Called:
    def rule(node: exp.Expr, translate: Translate, _condition: str) -> Call:
        value = as_value(translate(node.this))
        return Call(f"{name}({value.sql})", value.type)

    return rule


_CALLS: Final[dict[type[exp.Expr], Called]] = {
    exp.Avg: _average,
    exp.Count: _count,
    exp.GroupConcat: _joined,
    exp.Max: _extreme("MAX"),
    exp.Min: _extreme("MIN"),
    exp.Sum: _sum,
    exp.WithinGroup: _joined_in_order,
}
_RANKINGS: Final[dict[type[exp.Expr], Called]] = {
    exp.CumeDist: _ranking("CUME_DIST"),
    exp.DenseRank: _ranking("DENSE_RANK"),
    exp.FirstValue: _picked("FIRST_VALUE"),
    exp.Lag: _neighbour("LAG"),
    exp.LastValue: _picked("LAST_VALUE"),
    exp.Lead: _neighbour("LEAD"),
    exp.Ntile: _tiles,
    exp.PercentRank: _ranking("PERCENT_RANK"),
    exp.Rank: _ranking("RANK"),
    exp.RowNumber: _ranking("ROW_NUMBER"),
}
"""Functions that only stand before OVER, and there only with an ORDER BY."""


def _called(node: exp.Expr, translate: Translate) -> Call:
    condition = ""
    if isinstance(node, exp.Filter):
        without_queries(node.expression, "an aggregate")
        condition, node = as_condition(translate(node.expression.this)).sql, node.this
    rule = _CALLS.get(type(node)) or _RANKINGS.get(type(node))
    if rule is None:
        raise Untranslatable(f"SQL Server has no aggregate like {node.key}.")
    return rule(node, translate, condition)


def _plain(node: exp.Expr, translate: Translate) -> Term:
    return _called(node, translate).term()


def _windowed(node: exp.Expr, translate: Translate) -> Term:
    """`… OVER (…)`; named windows have been put in by `queries`."""
    inner = node.this.this if isinstance(node.this, exp.Filter) else node.this
    if isinstance(inner, (exp.GroupConcat, exp.WithinGroup)):
        raise Untranslatable("SQL Server's STRING_AGG is no window function.")
    parts = []
    if node.args.get("partition_by"):
        keys = (bytewise(as_value(translate(part))).sql for part in node.args["partition_by"])
        parts.append(f"PARTITION BY {', '.join(keys)}")
    spec = node.args.get("spec")
    if node.args.get("order") is not None:
        parts.append(order_by(node.args["order"], translate))
    elif type(inner) in _RANKINGS or spec is not None:
        parts.append(f"ORDER BY {_NO_ORDER}")
    if spec is not None:
        parts.append(_frame(spec))
    return _called(node.this, translate).term(f" OVER ({' '.join(parts)})")


def _frame(spec: exp.Expr) -> str:
    found = frame(spec)
    if found.startswith("RANGE") and any(map(str.isdigit, found)):
        raise Untranslatable("SQL Server's RANGE knows no distance.")
    return found


def order_by(node: exp.Expr, translate: Translate) -> str:
    """`ORDER BY …`."""
    items = ((item, as_value(translate(item.this))) for item in node.expressions)
    return f"ORDER BY {ordering(items) or _NO_ORDER}"


def ordering(items: Iterable[tuple[exp.Expr, Term]]) -> str:
    """The terms of ORDER BY, each once and no constants, which T-SQL refuses; '' where nothing is left."""
    parts: dict[str, None] = {}
    seen: set[str] = set()
    for item, term in items:
        value = bytewise(term)
        if term.constant is None and value.sql not in seen:
            seen.add(value.sql)
            parts |= dict.fromkeys(ordered(item, value))
    return ", ".join(parts)


def ordered(item: exp.Expr, term: Term) -> list[str]:
    """A term of ORDER BY. NULLs are the lowest in T-SQL as in SQLite; where the query wants them elsewhere, what
    is NULL is a term of its own."""
    descending, nulls_first = bool(item.args.get("desc")), bool(item.args.get("nulls_first"))
    direction = " DESC" if descending else ""
    if nulls_first != descending:
        return [f"{term.sql}{direction}"]
    first, last = (0, 1) if nulls_first else (1, 0)
    return [f"CASE WHEN {term.at(Level.OTHER)} IS NULL THEN {first} ELSE {last} END", f"{term.sql}{direction}"]


RULES: Final[dict[type[exp.Expr], Rule]] = {
    **dict.fromkeys((*_CALLS, *_RANKINGS, exp.Filter), _plain),
    exp.Window: _windowed,
}
