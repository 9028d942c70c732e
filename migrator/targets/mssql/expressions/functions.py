"""Functions of one row other than those of text: numbers, choices, JSON, binary values.

https://learn.microsoft.com/sql/t-sql/functions/functions. Dates and times are in `times`, aggregates in
`aggregates`, text in `texts`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlglot import exp

from migrator.model.types import FLOAT64, INT32, MAX_DECIMAL_PRECISION, Kind, LogicalType, text
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions import binary, casts, documents, patterns, texts, times
from migrator.targets.mssql.expressions.comparisons import aligned, compared
from migrator.targets.mssql.expressions.conversions import SPEECH, as_number, merged
from migrator.targets.mssql.expressions.numbers import as_float
from migrator.targets.mssql.expressions.operators import chosen
from migrator.targets.mssql.expressions.printf import formatted
from migrator.targets.mssql.expressions.terms import as_value, constant
from migrator.targets.translation import typeof
from migrator.targets.translation.alignment import EQUAL, all_of
from migrator.targets.translation.nodes import named
from migrator.targets.translation.terms import INTEGERS, NUMBERS, Level, Rule, Term, Translate, call, integer


def _coalesce(node: exp.Expr, translate: Translate) -> Term:
    terms = [translate(part) for part in (node.this, *node.expressions)]
    if all(term.null for term in terms):
        return constant(None)
    fitted, type = merged(terms)
    return chosen(f"COALESCE({', '.join(term.sql for term in fitted)})", type, fitted)


def _nullif(node: exp.Expr, translate: Translate) -> Term:
    """NULLIF of numbers; anything else is compared as SQLite does."""
    left, right = as_value(translate(node.this)), as_value(translate(node.expression))
    if left.null:
        return left
    if left.document is None and right.document is None:
        pair = aligned(left, right)
        if pair is None:
            return left
        if {left.kind, pair[1].kind} <= NUMBERS:
            return replace(left, code=f"NULLIF({left.sql}, {pair[1].sql})", level=Level.ATOM, constant=None)
    same = compared(EQUAL, left, right)
    return Term(
        f"CASE WHEN {same.sql} THEN NULL ELSE {left.sql} END", left.type, affine=left.affine, real=left.real
    )


def _extreme(operator: str) -> Rule:
    """GREATEST and LEAST, which are of 2022 and later, of values that are not NULL."""

    def rule(node: exp.Expr, translate: Translate) -> Term:
        given = [as_value(translate(part)) for part in (node.this, *node.expressions)]
        terms, type = merged(given)
        if type is not None and type.kind is Kind.TEXT and any(_is_other(term) for term in given):
            raise Untranslatable("SQLite orders values of different kinds by their kinds.")
        branches = ""
        for position, term in enumerate(terms[:-1]):
            wins = all_of([compared(operator, term, other) for other in terms[position + 1 :]])
            branches += f" WHEN {wins.sql} THEN {term.sql}"
        return chosen(f"CASE{branches} ELSE {terms[-1].sql} END", type, terms)

    return rule


def _is_other(term: Term) -> bool:
    return term.kind is not Kind.TEXT and not term.null


def _absolute(node: exp.Expr, translate: Translate) -> Term:
    number = as_number(translate(node.this))
    return call("ABS", number.sql, type=number.type)


def _round(node: exp.Expr, translate: Translate) -> Term:
    """Halves go away from zero in both; a rounded integer is a float in SQLite."""
    number = as_number(translate(node.this))
    digits = node.args.get("decimals")
    places = integer(translate(digits)) if digits is not None else 0
    if places is None:
        raise Untranslatable("SQL Server rounds to a number of digits that has to be known.")
    places = max(places, 0)
    if number.kind is not Kind.DECIMAL:
        return call("ROUND", as_float(number).sql, str(places), type=FLOAT64)
    return _round_decimal(number, places)


def _round_decimal(number: Term, places: int) -> Term:
    """With room for a digit that is carried over."""
    assert number.type is not None and number.type.precision is not None and number.type.scale is not None
    precision, scale = min(number.type.precision + 1, MAX_DECIMAL_PRECISION), number.type.scale
    wide = SPEECH.spelling(LogicalType(Kind.DECIMAL, precision=precision, scale=scale))
    type = LogicalType(Kind.DECIMAL, precision=precision, scale=min(scale, places))
    return Term(f"ROUND(CAST({number.sql} AS {wide}), {places})", type, real=True)


def _sign(node: exp.Expr, translate: Translate) -> Term:
    return Term(f"CAST(SIGN({as_number(translate(node.this)).sql}) AS int)", INT32)


def _whole_part(name: str) -> Rule:
    def rule(node: exp.Expr, translate: Translate) -> Term:
        number = as_value(as_number(translate(node.this)))
        return number if number.kind in INTEGERS else call(name, number.sql, type=number.type)

    return rule


def _power(node: exp.Expr, translate: Translate) -> Term:
    base, exponent = (as_float(as_number(translate(part))) for part in (node.this, node.expression))
    return call("POWER", base.sql, exponent.sql, type=FLOAT64)


def _root(node: exp.Expr, translate: Translate) -> Term:
    """NULL for what is less than zero."""
    number = as_float(as_number(translate(node.this)))
    return Term(f"CASE WHEN {number.at(Level.OTHER)} >= 0 THEN SQRT({number.sql}) END", FLOAT64)


def _typeof(node: exp.Expr, translate: Translate) -> Term:
    return replace(typeof.typeof(node, translate, SPEECH), type=text(len("integer")), plain=True)


_UNNAMED: Final[dict[str, Rule]] = {
    "JSON_ARRAY_LENGTH": documents.array_length,
    "JSON_VALID": documents.valid,
    "JULIANDAY": times.CLOCK.julian_day,
    "RANDOMBLOB": binary.random_bytes,
    "RANDOM_INT64": binary.random_integer,
}

RULES: Final[dict[type[exp.Expr], Rule]] = {
    **texts.RULES,
    exp.Abs: _absolute,
    exp.Anonymous: named(_UNNAMED, SPEECH.product),
    exp.Cast: casts.converted,
    exp.Ceil: _whole_part("CEILING"),
    exp.Coalesce: _coalesce,
    exp.Escape: patterns.escaped,
    exp.Floor: _whole_part("FLOOR"),
    exp.Format: formatted,
    exp.Glob: patterns.glob,
    exp.Greatest: _extreme(">="),
    exp.Hex: binary.upper_digits,
    exp.ILike: patterns.like,
    exp.JSONExtract: documents.extracted,
    exp.JSONExtractScalar: documents.value,
    exp.Least: _extreme("<="),
    exp.Like: patterns.like,
    exp.LowerHex: binary.lower_digits,
    exp.Nullif: _nullif,
    exp.Pow: _power,
    exp.Round: _round,
    exp.Sign: _sign,
    exp.Sqrt: _root,
    exp.Typeof: _typeof,
    exp.Unhex: binary.constant_bytes,
}
