"""Operators and CASE. Comparisons are in `comparisons`, patterns in `patterns`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from sqlglot import exp

from migrator.model.types import BOOL, FLOAT64, INT32, INT64, TEXT, Kind, LogicalType
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions import comparisons
from migrator.targets.postgresql.expressions.comparisons import compared
from migrator.targets.postgresql.expressions.conversions import SPEECH, as_number, as_text, together
from migrator.targets.postgresql.expressions.terms import NUMERIC, as_condition, as_value, constant
from migrator.targets.translation.alignment import all_of
from migrator.targets.translation.nodes import chain
from migrator.targets.translation.operators import Operators
from migrator.targets.translation.terms import (
    INTEGERS,
    Level,
    Rule,
    Term,
    Translate,
    cast,
    digits_after_point,
    truth,
)


def _not(node: exp.Expr, translate: Translate) -> Term:
    """NOT, where PostgreSQL has one inside the operator."""
    inner = node.this.this if isinstance(node.this, exp.Paren) else node.this
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        return truth(f"{_present(translate(inner.this))} IS NOT NULL", Level.IS)
    operand = as_condition(translate(node.this))
    if operand.constant is not None and not operand.null:
        return constant(not operand.constant.value)
    return _negated(operand)


def _negated(operand: Term) -> Term:
    return truth(f"NOT {operand.at(Level.NOT)}", Level.NOT)


def _is(node: exp.Expr, translate: Translate) -> Term:
    left = translate(node.this)
    if isinstance(node.expression, exp.Boolean):
        word = "TRUE" if node.expression.this else "FALSE"
        return truth(f"{as_condition(left).at(Level.PATTERN)} IS {word}", Level.IS)
    return truth(f"{_present(left)} IS NULL", Level.IS)


def _present(term: Term) -> str:
    """What is NULL exactly when the term is."""
    if term.moment is not None:
        return term.moment.at(Level.PATTERN)
    return f"({term.document.text})" if term.document is not None else term.at(Level.PATTERN)


def _between(node: exp.Expr, translate: Translate) -> Term:
    value, low, high = translate(node.this), translate(node.args["low"]), translate(node.args["high"])
    above, below = comparisons.aligned(value, low), comparisons.aligned(value, high)
    if above is not None and below is not None and above[0] == below[0] and value.document is None:
        left = comparisons.bytewise(above[0])
        return truth(
            f"{left.at(Level.OTHER)} BETWEEN {above[1].at(Level.OTHER)} AND {below[1].at(Level.OTHER)}",
            Level.PATTERN,
        )
    return all_of([compared(">=", value, low), compared("<=", value, high)])


def _in_query(node: exp.Expr, translate: Translate) -> Term:
    value = translate(node.this)
    sql, output, _ = translate.subquery(node.args["query"].this)
    if len(output) != 1:
        raise Untranslatable("IN takes a query of one column.")
    pair = comparisons.aligned(value, replace(output[0], constant=None))
    if pair is None or pair[0] != value or pair[1].code != output[0].code:
        raise Untranslatable("SQLite compares values of different kinds with those of a query.")
    return truth(f"{value.at(Level.OTHER)} IN ({sql})", Level.PATTERN)


def _exists(node: exp.Expr, translate: Translate) -> Term:
    sql, _, _ = translate.subquery(node.this)
    return truth(f"EXISTS ({sql})", Level.ATOM)


def _subquery(node: exp.Expr, translate: Translate) -> Term:
    """A query as a value: SQLite takes its first row, PostgreSQL refuses a second one."""
    sql, output, single = translate.subquery(node.this)
    if len(output) != 1:
        raise Untranslatable("A query as a value has one column.")
    return Term(f"({sql if single else sql + ' LIMIT 1'})", output[0].type, affine=output[0].affine)


def _arithmetic(symbol: str, level: Level) -> Rule:
    def rule(node: exp.Expr, translate: Translate) -> Term:
        return calculated(symbol, level, as_number(translate(node.this)), as_number(translate(node.expression)))

    return rule


def calculated(symbol: str, level: Level, left: Term, right: Term) -> Term:
    """Arithmetic on numbers: 64-bit integers, floats, or decimals where one side is decimal."""
    type = _result(symbol, left, right)
    if type == FLOAT64:
        left, right = as_value(left), as_value(right)
    elif type == INT64 and not (left.kind is Kind.INT64 or right.kind is Kind.INT64):
        left = cast(left, "bigint", INT64)
    real = any(side.real or _is_point(side) for side in (left, right))
    result = Term(f"{left.at(level)} {symbol} {right.at(Level(level + 1))}", type, level, real=real)
    return result if symbol != "/" or real or result.kind is not Kind.DECIMAL else _divided(left, right, result)


def _is_point(term: Term) -> bool:
    return term.constant is not None and isinstance(term.constant.value, Decimal)


def _divided(left: Term, right: Term, exact: Term) -> Term:
    """A quotient of decimals. SQLite stores whole ones as integers, which it divides without remainder
    (https://www.sqlite.org/datatype3.html#type_affinity)."""
    sides = [side for side in (left, right) if side.kind is Kind.DECIMAL]
    whole = " AND ".join(f"{side.at(Level.PRODUCT)} % 1 = 0" for side in sides)
    return Term(f"CASE WHEN {whole} THEN trunc({exact.sql}) ELSE {exact.sql} END", NUMERIC)


def _result(symbol: str, left: Term, right: Term) -> LogicalType | None:
    if left.unknown or right.unknown:
        return None
    kinds = {side.kind for side in (left, right) if side.constant is None}
    if Kind.FLOAT64 in kinds:
        return FLOAT64
    if Kind.DECIMAL in kinds:
        return _decimal(symbol, left, right)
    if Kind.FLOAT64 in (left.kind, right.kind):
        return FLOAT64
    small = any(map(_small, (left, right))) and all(_small(side) for side in (left, right) if side.constant)
    return (
        INT32 if small and {left.kind, right.kind} == {Kind.INT32} and not (left.affine or right.affine) else INT64
    )


def _decimal(symbol: str, left: Term, right: Term) -> LogicalType:
    """`numeric` with the digits after the point that exact arithmetic gives."""
    one, other = digits_after_point(left), digits_after_point(right)
    if one is None or other is None or symbol not in ("+", "-", "*"):
        return NUMERIC
    return LogicalType(Kind.DECIMAL, scale=one + other if symbol == "*" else max(one, other))


def _small(side: Term) -> bool:
    """A constant so small that adding it to a length or position stays within 32 bits."""
    value = side.constant.value if side.constant is not None else None
    return isinstance(value, int) and abs(value) < 2**16


def _division(node: exp.Expr, translate: Translate) -> Term:
    return calculated("/", Level.PRODUCT, as_number(translate(node.this)), as_number(translate(node.expression)))


def _remainder(node: exp.Expr, translate: Translate) -> Term:
    """SQLite makes integers of both sides first; PostgreSQL has no remainder of floats."""
    left, right = as_number(translate(node.this)), as_number(translate(node.expression))
    if left.kind not in INTEGERS or right.kind not in INTEGERS:
        raise Untranslatable("SQLite takes the remainder of numbers that need not be whole in PostgreSQL.")
    return calculated("%", Level.PRODUCT, left, right)


def _negative(node: exp.Expr, translate: Translate) -> Term:
    operand = as_number(translate(node.this))
    if operand.null:
        return operand
    if operand.constant is not None and isinstance(operand.constant.value, (int, Decimal)):
        return constant(-operand.constant.value)
    return Term(f"-{operand.at(Level.ATOM)}", operand.type, Level.SIGN)


def _bitwise(symbol: str) -> Rule:
    def rule(node: exp.Expr, translate: Translate) -> Term:
        left, right = (_whole(translate(side)) for side in (node.this, node.expression))
        if symbol in ("<<", ">>"):
            right = cast(right, "integer", INT32) if right.kind is Kind.INT64 else right
            left = cast(left, "bigint", INT64) if left.kind is not Kind.INT64 else left
        return Term(f"{left.at(Level.OTHER)} {symbol} {right.at(Level.SUM)}", INT64, Level.OTHER)

    return rule


def _inverted(node: exp.Expr, translate: Translate) -> Term:
    return Term(f"~{_whole(translate(node.this)).at(Level.ATOM)}", INT64, Level.OTHER)


def _whole(term: Term) -> Term:
    number = as_number(term)
    if number.kind not in INTEGERS and not number.unknown:
        raise Untranslatable("SQLite combines the bits of a number that need not be whole in PostgreSQL.")
    return number


def _concatenated(node: exp.Expr, translate: Translate) -> Term:
    first, *others = (as_text(translate(part)) for part in chain(node))
    parts = [first.at(Level.OTHER), *(other.at(Level.SUM) for other in others)]
    return Term(" || ".join(parts), TEXT, Level.OTHER)


def _case(node: exp.Expr, translate: Translate) -> Term:
    conditions, results, ends = _OPERATORS.cases(node, translate)
    fitted, type = together(results)
    parts = [f" WHEN {c.sql} THEN {r.sql}" for c, r in zip(conditions, fitted, strict=False)]
    ending = f" ELSE {fitted[-1].sql}" if ends else ""
    return chosen(f"CASE{''.join(parts)}{ending} END", type, results)


def chosen(sql: str, type: LogicalType | None, results: Sequence[Term]) -> Term:
    """A term that is one of several: of truth values a truth value, and a float though all are constants."""
    if type == FLOAT64 and all(result.constant is not None for result in results):
        return Term(f"CAST({sql} AS double precision)", FLOAT64)
    return Term(sql, type, truth=type == BOOL and all(result.truth or result.null for result in results))


_OPERATORS: Final = Operators(SPEECH, as_condition, _negated, compared, comparisons.any_equal, _in_query)


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
    exp.Div: _division,
    exp.Mod: _remainder,
    exp.Neg: _negative,
    exp.BitwiseAnd: _bitwise("&"),
    exp.BitwiseOr: _bitwise("|"),
    exp.BitwiseLeftShift: _bitwise("<<"),
    exp.BitwiseRightShift: _bitwise(">>"),
    exp.BitwiseNot: _inverted,
    exp.DPipe: _concatenated,
    exp.Case: _case,
}
