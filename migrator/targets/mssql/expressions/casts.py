"""CAST, which in SQLite never fails: it reads the number a text begins with, or 0.

https://www.sqlite.org/lang_expr.html#castexpr
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from sqlglot import exp

from migrator.model.types import BINARY, FLOAT64, INT64, Kind
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions.binary import as_bytes
from migrator.targets.mssql.expressions.collating import exactly
from migrator.targets.mssql.expressions.conversions import SPEECH, as_number, as_text
from migrator.targets.mssql.expressions.numbers import as_float
from migrator.targets.mssql.expressions.terms import constant
from migrator.targets.translation.constants import leading_number
from migrator.targets.translation.terms import Level, Term, Translate, text_constant
from migrator.targets.translation.unifying import counted

_EVERYTHING: Final = 2**31 - 1
"""A length no text exceeds."""


def converted(node: exp.Expr, translate: Translate) -> Term:
    """https://www.sqlite.org/lang_expr.html#castexpr"""
    term, wanted = translate(node.this), node.args["to"].this
    if wanted in (exp.DType.TEXT, exp.DType.VARCHAR):
        return replace(as_text(term), affine=True, constant=None)
    if wanted is exp.DType.VARBINARY:
        return _as_binary(term)
    if term.unknown:
        raise Untranslatable("SQLite converts a value to a number whose type is not known in SQL Server.")
    if term.kind is Kind.TEXT and not counted(term):
        return _leading_number(term, wanted)
    number = as_number(term)
    if wanted is exp.DType.BIGINT:
        return _truncated(number)
    if wanted is exp.DType.DOUBLE:
        return replace(as_float(number), affine=True)
    return _with_affinity(number)


def _with_affinity(term: Term) -> Term:
    return Term(term.sql, term.type, term.level, affine=True)


def _truncated(number: Term) -> Term:
    """T-SQL cuts the digits after the point too."""
    if number.null or number.kind is Kind.INT64:
        return _with_affinity(number)
    return Term(f"CAST({number.sql} AS bigint)", INT64, affine=True)


def _leading_number(term: Term, wanted: exp.DType) -> Term:
    """The number a text begins with, 0 when there is none, NULL for NULL."""
    value = text_constant(term)
    if value is not None:
        found = leading_number(value)
        whole, real = wanted is exp.DType.BIGINT, wanted is exp.DType.DOUBLE
        return constant(int(found) if whole else Decimal(found) if real else found)
    if term.document is not None and wanted is not exp.DType.BIGINT:
        return Term(f"CAST({term.sql} AS float(53))", FLOAT64, affine=True)
    if wanted is not exp.DType.BIGINT:
        raise Untranslatable("SQL Server cannot find the number a text begins with, unless it is a whole one.")
    return _leading_integer(term)


def _leading_integer(term: Term) -> Term:
    """The digits a text begins with, after blanks and a sign."""
    text = f"LTRIM({exactly(term).sql})"
    rest = f"SUBSTRING({text}, 2, {_EVERYTHING}) + N'.'"
    digits = f"CAST(LEFT({text}, PATINDEX(N'%[^0-9]%', {rest})) AS bigint)"
    begins = f"{text} LIKE N'[0-9]%' OR {text} LIKE N'[-+][0-9]%'"
    value = term.at(Level.OTHER)
    return Term(f"CASE WHEN {begins} THEN {digits} WHEN {value} IS NOT NULL THEN 0 END", INT64, affine=True)


def _as_binary(term: Term) -> Term:
    if term.kind is Kind.BINARY:
        return term
    if term.constant is not None and not term.null:
        return SPEECH.required(term, BINARY)
    return as_bytes(term)
