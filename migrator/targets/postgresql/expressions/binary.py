"""Binary values: constants, hexadecimal digits, and random ones."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from migrator.model.types import BINARY, INT64, TEXT, Kind
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions.conversions import as_text
from migrator.targets.postgresql.expressions.terms import constant
from migrator.targets.translation.terms import Level, Term, Translate, call, integer

_MAX_RANDOM_BYTES: Final = 256
_RANDOM_TAIL: Final = 12
"""The last 12 of a version 4 UUID's hexadecimal digits are all random."""


def upper_digits(node: exp.Expr, translate: Translate) -> Term:
    """`HEX(x)`."""
    return call("upper", digits(node, translate).sql)


def digits(node: exp.Expr, translate: Translate) -> Term:
    """Lower-case hexadecimal digits, https://www.sqlite.org/lang_corefunc.html#hex."""
    inner = node.this
    if isinstance(inner, exp.Anonymous) and inner.name == "RANDOMBLOB":
        return _random_digits(inner, translate)
    term = translate(inner)
    if term.kind is Kind.BINARY:
        return call("encode", term.sql, "'hex'")
    if term.kind is Kind.UUID:
        raise Untranslatable("The digits of a UUID depend on whether SQLite stored it as text or as a blob.")
    return call("encode", f"convert_to({as_text(term).sql}, 'UTF8')", "'hex'")


def _random_digits(node: exp.Expr, translate: Translate) -> Term:
    """Random hexadecimal digits without an extension. Of a version 4 UUID's 128 bits 122 are random; only
    digits that are random throughout are used (https://www.rfc-editor.org/rfc/rfc9562#section-5.4)."""
    if translate.immutable:
        raise Untranslatable("A random value may not stand in a constraint, an index or a generated column.")
    count = integer(translate(node.expressions[0]))
    if count is None or not 1 <= count <= _MAX_RANDOM_BYTES:
        raise Untranslatable(
            f"PostgreSQL makes 1 to {_MAX_RANDOM_BYTES} random bytes here, and their number must be known."
        )
    whole, rest = divmod(2 * count, _RANDOM_TAIL)
    parts = [f"right(CAST(gen_random_uuid() AS text), {_RANDOM_TAIL})"] * whole
    parts += [f"right(CAST(gen_random_uuid() AS text), {rest})"] if rest else []
    return Term(" || ".join(parts), TEXT, Level.OTHER if len(parts) > 1 else Level.ATOM)


def random_bytes(node: exp.Expr, translate: Translate) -> Term:
    return call("decode", _random_digits(node, translate).sql, "'hex'", type=BINARY)


def random_integer(_node: exp.Expr, translate: Translate) -> Term:
    """64 random bits: a hash of 122."""
    if translate.immutable:
        raise Untranslatable("A random value may not stand in a constraint, an index or a generated column.")
    return call("hashtextextended", "CAST(gen_random_uuid() AS text)", "0", type=INT64)


def constant_bytes(node: exp.Expr, _translate: Translate) -> Term:
    return constant(bytes.fromhex(node.this.name))
