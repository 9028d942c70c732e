"""CAST, which in SQLite never fails: it reads the number a text begins with, or 0.

https://www.sqlite.org/lang_expr.html#castexpr
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from sqlglot import exp

from migrator.model.types import BINARY, FLOAT64, INT64, TEXT, Kind
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions.conversions import SPEECH, as_number, as_text
from migrator.targets.postgresql.expressions.terms import NUMERIC, constant
from migrator.targets.translation.constants import leading_number
from migrator.targets.translation.terms import INTEGERS, Level, Term, Translate, call
from migrator.targets.translation.unifying import counted

_WHOLE: Final = r"'^\s*([+-]?\d+)'"
_ANY: Final = r"'^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)'"


def converted(node: exp.Expr, translate: Translate) -> Term:
    """https://www.sqlite.org/lang_expr.html#castexpr"""
    term, wanted = translate(node.this), node.args["to"].this
    if wanted in (exp.DType.TEXT, exp.DType.VARCHAR):
        text = as_text(term)
        return Term(f"CAST({text.sql} AS text)", TEXT, affine=True) if text.unknown else _with_affinity(text)
    if wanted is exp.DType.VARBINARY:
        return _as_binary(term)
    if term.unknown:
        raise Untranslatable("SQLite converts a value to a number whose type is not known in PostgreSQL.")
    if term.kind is Kind.TEXT and not counted(term):
        return _leading_number(term, wanted)
    number = as_number(term)
    if wanted is exp.DType.BIGINT:
        return _truncated(number)
    if wanted is exp.DType.DOUBLE:
        return number if number.kind is Kind.FLOAT64 and not number.constant else _as_float(number)
    return _with_affinity(number)


def _as_float(number: Term) -> Term:
    """A number as a float."""
    return Term(f"CAST({number.sql} AS double precision)", FLOAT64, affine=True)


def _with_affinity(term: Term) -> Term:
    return Term(term.sql, term.type, term.level, affine=True)


def _truncated(number: Term) -> Term:
    if number.null or number.kind is Kind.INT64:
        return _with_affinity(number)
    inner = number.sql if number.kind in INTEGERS else f"trunc({number.sql})"
    return Term(f"CAST({inner} AS bigint)", INT64, affine=True)


def _leading_number(term: Term, wanted: exp.DType) -> Term:
    """The number a text begins with, 0 when there is none, NULL for NULL."""
    if term.constant is not None and isinstance(term.constant.value, str):
        value = leading_number(term.constant.value)
        whole, real = wanted is exp.DType.BIGINT, wanted is exp.DType.DOUBLE
        return constant(int(value) if whole else Decimal(value) if real else value)
    pattern, name, type = {
        exp.DType.BIGINT: (_WHOLE, "bigint", INT64),
        exp.DType.DOUBLE: (_ANY, "double precision", FLOAT64),
    }.get(wanted, (_ANY, "numeric", NUMERIC))
    found = f"COALESCE(CAST(substring({term.sql}, {pattern}) AS {name}), 0)"
    return Term(f"CASE WHEN {term.at(Level.PATTERN)} IS NOT NULL THEN {found} END", type, affine=True)


def _as_binary(term: Term) -> Term:
    if term.kind is Kind.BINARY:
        return term
    if term.constant is not None and not term.null:
        return SPEECH.required(term, BINARY)
    return call("convert_to", as_text(term).sql, "'UTF8'", type=BINARY)
