"""Functions of one row: text, numbers, random values.

PostgreSQL's are at https://www.postgresql.org/docs/current/functions.html. Dates and times are in `times`,
aggregates in `aggregates`, JSON in `documents`.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Final

from sqlglot import exp

from migrator.model.types import BINARY, BOOL, FLOAT64, INT32, INT64, TEXT, Kind, LogicalType
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions import binary, casts, comparisons, documents, patterns, times
from migrator.targets.postgresql.expressions.conversions import SPEECH, as_number, as_text, day_text, together
from migrator.targets.postgresql.expressions.operators import chosen
from migrator.targets.postgresql.expressions.printf import formatted
from migrator.targets.postgresql.expressions.terms import as_int, as_value, constant
from migrator.targets.translation import typeof
from migrator.targets.translation.alignment import EQUAL
from migrator.targets.translation.nodes import named, trimming
from migrator.targets.translation.terms import INTEGERS, Level, Rule, Term, Translate, call, cast, integer


def _textual(name: str) -> Rule:
    """A function that takes text only and gives text."""

    def rule(node: exp.Expr, translate: Translate) -> Term:
        arguments = [node.this, *(part for key, part in node.args.items() if key != "this" and part is not None)]
        return call(name, *(as_text(translate(part)).sql for part in arguments if isinstance(part, exp.Expr)))

    return rule


def _folded(name: str, fold: Callable[[str], str]) -> Rule:
    """`lower` or `upper` of ASCII letters only, which is what they do under the C collation."""

    def rule(node: exp.Expr, translate: Translate) -> Term:
        term = as_text(translate(node.this))
        if term.constant is not None and isinstance(term.constant.value, str):
            return constant(fold(term.constant.value))
        return call(name, f'{term.at(Level.COLLATE)} COLLATE "C"')

    return rule


def _lower(text: str) -> str:
    return text.translate(str.maketrans(string.ascii_uppercase, string.ascii_lowercase))


def _upper(text: str) -> str:
    return text.translate(str.maketrans(string.ascii_lowercase, string.ascii_uppercase))


def _length(node: exp.Expr, translate: Translate) -> Term:
    """Characters of text, bytes of a blob."""
    term = translate(node.this)
    if term.kind is Kind.BINARY:
        return call("octet_length", term.sql, type=INT32)
    if term.kind in (Kind.UUID, Kind.JSON):
        raise Untranslatable(
            f"The length of a value depends on how it is spelt, which a {term.kind} in PostgreSQL does not keep."
        )
    return call("length", as_text(term).sql, type=INT32)


def _trim(node: exp.Expr, translate: Translate) -> Term:
    side, parts = trimming(node)
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side, "btrim")
    return call(name, *(as_text(translate(part)).sql for part in parts))


def _position(node: exp.Expr, translate: Translate) -> Term:
    text, part = translate(node.this), translate(node.args["substr"])
    if Kind.BINARY in (text.kind, part.kind):
        raise Untranslatable("SQLite looks for bytes in a blob.")
    return call("strpos", as_text(text).sql, as_text(part).sql, type=INT32)


def _substring(node: exp.Expr, translate: Translate) -> Term:
    text, start = translate(node.this), translate(node.args["start"])
    length = translate(node.args["length"]) if node.args.get("length") is not None else None
    bounds = [_int4(bound).sql for bound in (start, length) if bound is not None]
    if text.kind in (Kind.TIMESTAMP, Kind.TIMESTAMPTZ):
        return _part_of_time(text, start, length, bounds)
    if text.kind is Kind.BINARY:
        return call("substr", text.sql, *bounds, type=BINARY)
    return call("substr", as_text(text).sql, *bounds)


def _part_of_time(text: Term, start: Term, length: Term | None, bounds: list[str]) -> Term:
    """A part of a timestamp's text: its first ten characters are the date, however the source spells it."""
    first, count = integer(start), integer(length)
    if first is None or count is None or first < 1 or first + count - 1 > len("YYYY-MM-DD"):
        raise Untranslatable(
            "SQLite cuts a piece out of a timestamp's text, which a timestamp in PostgreSQL does not have."
        )
    day = day_text(text)
    return day if (first, count) == (1, len("YYYY-MM-DD")) else call("substr", day.sql, *bounds)


def _int4(term: Term) -> Term:
    """Positions and lengths are `integer` in PostgreSQL's functions."""
    number = as_number(term)
    return cast(number, "integer", INT32) if number.kind not in (Kind.INT16, Kind.INT32) else number


def _right(node: exp.Expr, translate: Translate) -> Term:
    return call("right", as_text(translate(node.this)).sql, _int4(translate(node.expression)).sql)


def _code_point(node: exp.Expr, translate: Translate) -> Term:
    return call("ascii", f"NULLIF({as_text(translate(node.this)).sql}, '')", type=INT32)


def _character(node: exp.Expr, translate: Translate) -> Term:
    code = _int4(translate(node.expressions[0]))
    if code.constant is not None and isinstance(code.constant.value, int):
        return constant(chr(code.constant.value))
    return call("chr", code.sql)


def _concat(node: exp.Expr, translate: Translate) -> Term:
    parts = [as_text(translate(part)).at(Level.SUM) for part in node.expressions]
    return Term(" || ".join(parts), TEXT, Level.OTHER if len(parts) > 1 else Level.ATOM)


def _concat_ws(node: exp.Expr, translate: Translate) -> Term:
    if translate.strict:
        raise Untranslatable("PostgreSQL's concat_ws may not stand in a generated column or an index.")
    return call("concat_ws", *(as_text(translate(part)).sql for part in node.expressions))


def _coalesce(node: exp.Expr, translate: Translate) -> Term:
    terms = [translate(part) for part in (node.this, *node.expressions)]
    fitted, type = together(terms)
    return chosen(f"COALESCE({', '.join(term.sql for term in fitted)})", type, terms)


def _nullif(node: exp.Expr, translate: Translate) -> Term:
    left, right = translate(node.this), translate(node.expression)
    if left.document is not None:
        same = comparisons.compared(EQUAL, left, right)
        return Term(f"CASE WHEN {same.sql} THEN NULL ELSE {left.sql} END", TEXT)
    pair = comparisons.aligned(left, right)
    if pair is None:
        return left
    if pair[0] != left:
        raise Untranslatable("NULLIF compares values of different kinds.")
    sql = f"NULLIF({left.sql}, {pair[1].sql})"
    if left.kind in INTEGERS and pair[1].kind not in INTEGERS and not pair[1].null:
        return Term(f"CAST({sql} AS bigint)", INT64)  # its type is the one in which they were compared
    type = FLOAT64 if left.kind is Kind.DECIMAL and pair[1].kind is Kind.FLOAT64 else left.type
    return Term(sql, type, affine=left.affine, truth=left.truth, real=left.real)


def _extreme(name: str) -> Rule:
    def rule(node: exp.Expr, translate: Translate) -> Term:
        given = [translate(part) for part in (node.this, *node.expressions)]
        terms, type = together(given)
        if type == TEXT and any(term.kind is not Kind.TEXT and not term.null for term in given):
            raise Untranslatable("SQLite orders values of different kinds by their kinds.")
        terms = [as_int(term) for term in terms]
        listed = ", ".join(comparisons.bytewise(term).sql for term in terms)
        return Term(f"{name}({listed})", INT32 if type == BOOL else type)

    return rule


def _absolute(node: exp.Expr, translate: Translate) -> Term:
    number = as_number(translate(node.this))
    return call("abs", number.sql, type=number.type)


def _round(node: exp.Expr, translate: Translate) -> Term:
    """SQLite rounds halves away from zero, as PostgreSQL does with `numeric` but not with floats."""
    number = as_number(translate(node.this))
    digits = node.args.get("decimals")
    places = integer(translate(digits)) if digits is not None else 0
    if places is None:
        raise Untranslatable("PostgreSQL rounds to a number of digits that has to be known.")
    exact = number.sql if number.kind is Kind.DECIMAL else f"CAST({number.sql} AS numeric)"
    rounded = f"round({exact}, {max(places, 0)})"
    if number.kind is Kind.DECIMAL:
        return Term(rounded, LogicalType(Kind.DECIMAL, scale=max(places, 0)), real=True)
    return Term(f"CAST({rounded} AS double precision)", FLOAT64)


def _sign(node: exp.Expr, translate: Translate) -> Term:
    return Term(f"CAST(sign({as_number(translate(node.this)).sql}) AS integer)", INT32)


def _whole_part(name: str) -> Rule:
    def rule(node: exp.Expr, translate: Translate) -> Term:
        number = as_value(as_number(translate(node.this)))
        return number if number.kind in INTEGERS else call(name, number.sql, type=number.type)

    return rule


def _floating(name: str) -> Rule:
    """A function of floats."""

    def rule(node: exp.Expr, translate: Translate) -> Term:
        parts = [node.this, *([node.expression] if node.args.get("expression") is not None else [])]
        arguments = [f"CAST({as_number(translate(part)).sql} AS double precision)" for part in parts]
        return call(name, *arguments, type=FLOAT64)

    return rule


_UNNAMED: Final[dict[str, Rule]] = {
    "JSON_ARRAY_LENGTH": documents.array_length,
    "JSON_VALID": documents.valid,
    "JULIANDAY": times.CLOCK.julian_day,
    "RANDOMBLOB": binary.random_bytes,
    "RANDOM_INT64": binary.random_integer,
}

RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Abs: _absolute,
    exp.Anonymous: named(_UNNAMED, SPEECH.product),
    exp.Cast: casts.converted,
    exp.Ceil: _whole_part("ceil"),
    exp.Chr: _character,
    exp.Coalesce: _coalesce,
    exp.Concat: _concat,
    exp.ConcatWs: _concat_ws,
    exp.Escape: patterns.escaped,
    exp.Floor: _whole_part("floor"),
    exp.Format: formatted,
    exp.Glob: patterns.glob,
    exp.Greatest: _extreme("GREATEST"),
    exp.Hex: binary.upper_digits,
    exp.ILike: patterns.like,
    exp.JSONExtract: documents.extracted,
    exp.JSONExtractScalar: documents.value,
    exp.Least: _extreme("LEAST"),
    exp.Length: _length,
    exp.Like: patterns.like,
    exp.Lower: _folded("lower", _lower),
    exp.LowerHex: binary.digits,
    exp.Nullif: _nullif,
    exp.Pow: _floating("power"),
    exp.Replace: _textual("replace"),
    exp.Right: _right,
    exp.Round: _round,
    exp.Sign: _sign,
    exp.Sqrt: _floating("sqrt"),
    exp.StrPosition: _position,
    exp.Substring: _substring,
    exp.Trim: _trim,
    exp.Typeof: lambda node, translate: typeof.typeof(node, translate, SPEECH),
    exp.Unhex: binary.constant_bytes,
    exp.Unicode: _code_point,
    exp.Upper: _folded("upper", _upper),
}
