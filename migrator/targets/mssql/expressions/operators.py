"""Operators and CASE. Comparisons are in `comparisons`, arithmetic in `numbers`, patterns in `patterns`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from migrator.model.types import INT64, Kind, LogicalType
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions import comparisons, documents
from migrator.targets.mssql.expressions.collating import exactly, joined
from migrator.targets.mssql.expressions.comparisons import compared
from migrator.targets.mssql.expressions.conversions import SPEECH, as_number, as_text, merged
from migrator.targets.mssql.expressions.numbers import calculated
from migrator.targets.mssql.expressions.terms import as_condition, as_value, constant, negated
from migrator.targets.mssql.names import quote
from migrator.targets.translation.nodes import bare, chain
from migrator.targets.translation.operators import Operators
from migrator.targets.translation.queries import single
from migrator.targets.translation.terms import INTEGERS, Level, Rule, Term, Translate, integer, truth

_BITS: Final = 63
"""The largest shift that leaves something of 64 bits."""


def _not(node: exp.Expr, translate: Translate) -> Term:
    """NOT, where T-SQL has one inside the operator."""
    inner = bare(node.this)
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        return truth(f"{_present(translate(inner.this))} IS NOT NULL", Level.IS, certain=True)
    term = translate(node.this)
    if term.kind is Kind.BOOL and not term.truth and term.constant is None:
        return truth(f"{term.at(Level.OTHER)} = 0", Level.COMPARISON)
    operand = as_condition(term)
    if operand.constant is not None:
        return constant(not operand.constant.value)
    return negated(operand)


def _is(node: exp.Expr, translate: Translate) -> Term:
    left = translate(node.this)
    if not isinstance(node.expression, exp.Boolean):
        return truth(f"{_present(left)} IS NULL", Level.IS, certain=True)
    wanted = as_condition(left) if node.expression.this else negated(as_condition(left))
    if wanted.certain:
        return wanted
    return truth(f"CASE WHEN {wanted.sql} THEN 1 ELSE 0 END = 1", Level.COMPARISON, certain=True)


def _present(term: Term) -> str:
    """What is NULL exactly when the term is."""
    if term.moment is not None:
        return term.moment.at(Level.OTHER)
    return documents.presence(term) if term.document is not None else as_value(term).at(Level.OTHER)


def _between(node: exp.Expr, translate: Translate) -> Term:
    return comparisons.between(*(translate(part) for part in (node.this, node.args["low"], node.args["high"])))


def _in_query(node: exp.Expr, translate: Translate) -> Term:
    """`x IN (SELECT …)`. Texts get a mark at their end, so that blanks before it count."""
    value = as_value(translate(node.this))
    sql, output, _ = translate.subquery(node.args["query"].this)
    if len(output) != 1:
        raise Untranslatable("IN takes a query of one column.")
    item = replace(output[0], constant=None)
    pair = comparisons.aligned(value, item)
    if pair is None or pair[0] != value or pair[1].code != item.code:
        raise Untranslatable("SQLite compares values of different kinds with those of a query.")
    if Kind.BINARY in (value.kind, item.kind):
        raise Untranslatable("SQL Server would pass over zeros at the end of binary values in IN.")
    if value.kind is not Kind.TEXT:
        return truth(f"{value.at(Level.OTHER)} IN ({sql})", Level.PATTERN)
    mark = constant(".")
    column = joined([replace(item, code=quote("value"), level=Level.ATOM), mark])
    marked = exactly(joined([value, mark]))
    return truth(f"{marked.sql} IN (SELECT {column.sql} FROM ({sql}) AS [all]([value]))", Level.PATTERN)


def _exists(node: exp.Expr, translate: Translate) -> Term:
    sql, _, _ = translate.subquery(node.this)
    return truth(f"EXISTS ({sql})", Level.COMPARISON, certain=True)


def _subquery(node: exp.Expr, translate: Translate) -> Term:
    """A query as a value: SQLite takes its first row, SQL Server refuses a second one."""
    query = node.this
    if not (isinstance(query, exp.Select) and single(query)):
        query = query.copy()
        query.set("limit", exp.Limit(expression=exp.Literal.number(1)))
    sql, output, _ = translate.subquery(query)
    if len(output) != 1:
        raise Untranslatable("A query as a value has one column.")
    return Term(f"({sql})", output[0].type, affine=output[0].affine)


def _arithmetic(symbol: str, level: Level) -> Rule:
    def rule(node: exp.Expr, translate: Translate) -> Term:
        return calculated(symbol, level, as_number(translate(node.this)), as_number(translate(node.expression)))

    return rule


def _remainder(node: exp.Expr, translate: Translate) -> Term:
    """SQLite makes integers of both sides first; T-SQL has no remainder of floats."""
    return calculated("%", Level.PRODUCT, _whole(translate(node.this)), _whole(translate(node.expression)))


def _negative(node: exp.Expr, translate: Translate) -> Term:
    """T-SQL's sign binds no stronger than a sum, so that it is always in brackets
    (https://learn.microsoft.com/sql/t-sql/language-elements/operator-precedence-transact-sql)."""
    operand = as_number(translate(node.this))
    if operand.null:
        return operand
    if operand.constant is not None:
        value = operand.constant.value
        assert not isinstance(value, (str, bytes)) and value is not None
        return constant(-value)
    return Term(f"-{operand.at(Level.ATOM)}", operand.type, Level.OTHER)


def _bitwise(symbol: str) -> Rule:
    """`&` and `|` bind as a sum does."""

    def rule(node: exp.Expr, translate: Translate) -> Term:
        left, right = (_whole(translate(side)) for side in (node.this, node.expression))
        return Term(f"{left.at(Level.SUM)} {symbol} {right.at(Level.PRODUCT)}", INT64, Level.SUM)

    return rule


def _shift(node: exp.Expr, translate: Translate) -> Term:
    """A product or a quotient that goes down: `<<` and `>>` are of 2022 and later."""
    left, count = _whole(translate(node.this)), integer(translate(node.expression))
    if count is None or not 0 <= count < _BITS:
        raise Untranslatable(f"SQL Server shifts bits by a number from 0 to {_BITS - 1} that has to be known.")
    power = constant(2**count)
    if isinstance(node, exp.BitwiseLeftShift):
        return calculated("*", Level.PRODUCT, left, power)
    value, step = left.at(Level.PRODUCT), power.sql
    rest = f"({value} % {step} + {step}) % {step}"
    return Term(f"({left.at(Level.SUM)} - {rest}) / {step}", INT64, Level.PRODUCT)


def _inverted(node: exp.Expr, translate: Translate) -> Term:
    return Term(f"~{_whole(translate(node.this)).at(Level.ATOM)}", INT64, Level.SUM)


def _whole(term: Term) -> Term:
    number = as_number(term)
    if number.kind not in INTEGERS:
        raise Untranslatable("SQLite makes integers of numbers that need not be whole in SQL Server.")
    return number


def _concatenated(node: exp.Expr, translate: Translate) -> Term:
    """`+`, which gives NULL as soon as a part is NULL; what a driver sets CONCAT_NULL_YIELDS_NULL to."""
    return joined([as_text(translate(part)) for part in chain(node)])


def _case(node: exp.Expr, translate: Translate) -> Term:
    conditions, results, ends = _OPERATORS.cases(node, translate)
    if all(result.null for result in results):
        return constant(None)
    fitted, type = merged(results)
    parts = [f" WHEN {c.sql} THEN {r.sql}" for c, r in zip(conditions, fitted, strict=False)]
    ending = f" ELSE {fitted[-1].sql}" if ends else ""
    return chosen(f"CASE{''.join(parts)}{ending} END", type, fitted)


def chosen(sql: str, type: LogicalType | None, results: Sequence[Term]) -> Term:
    """A term that is one of several."""
    return Term(sql, type, real=any(result.real for result in results))


_OPERATORS: Final = Operators(SPEECH, as_condition, negated, compared, comparisons.any_equal, _in_query)


RULES: Final[dict[type[exp.Expr], Rule]] = {
    **_OPERATORS.rules(),
    exp.Not: _not,
    exp.Is: _is,
    exp.Between: _between,
    exp.Exists: _exists,
    exp.Subquery: _subquery,
    exp.Add: _arithmetic("+", Level.SUM),
    exp.Sub: _arithmetic("-", Level.SUM),
    exp.Mul: _arithmetic("*", Level.PRODUCT),
    exp.Div: _arithmetic("/", Level.PRODUCT),
    exp.Mod: _remainder,
    exp.Neg: _negative,
    exp.BitwiseAnd: _bitwise("&"),
    exp.BitwiseOr: _bitwise("|"),
    exp.BitwiseLeftShift: _shift,
    exp.BitwiseRightShift: _shift,
    exp.BitwiseNot: _inverted,
    exp.DPipe: _concatenated,
    exp.Case: _case,
}
