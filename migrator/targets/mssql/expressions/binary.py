"""Binary values: constants, hexadecimal digits, and random ones.

https://learn.microsoft.com/sql/t-sql/functions/crypt-gen-random-transact-sql
"""

from __future__ import annotations

from sqlglot import exp

from migrator.model.types import INT64, Kind, binary
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions.collating import bounded
from migrator.targets.mssql.expressions.conversions import as_text
from migrator.targets.mssql.expressions.terms import constant
from migrator.targets.mssql.types import MAX_VARBINARY
from migrator.targets.translation.terms import Term, Translate, integer, text_constant


def lower_digits(node: exp.Expr, translate: Translate) -> Term:
    """The same in lower case; they are ASCII, so LOWER changes nothing else."""
    digits = upper_digits(node, translate)
    return Term(f"LOWER({digits.sql})", digits.type, plain=True)


def upper_digits(node: exp.Expr, translate: Translate) -> Term:
    """`HEX(x)`: hexadecimal digits of bytes, or of a text's UTF-8,
    https://www.sqlite.org/lang_corefunc.html#hex."""
    term = translate(node.this)
    value = text_constant(term)
    if value is not None:
        return constant(value.encode().hex().upper())
    if term.kind is Kind.UUID:
        raise Untranslatable("The digits of a UUID depend on whether SQLite stored it as text or as a blob.")
    if term.kind is not Kind.BINARY:
        term = as_bytes(term)
    length = term.type.length if term.type is not None else None
    digits = bounded(2 * length if length is not None else None)
    size = digits.length or "max"
    return Term(f"CAST(CONVERT(varchar({size}), {term.sql}, 2) AS nvarchar({size}))", digits, plain=True)


def as_bytes(term: Term) -> Term:
    """A text's bytes in UTF-8, which SQL Server has for ASCII only before 2019."""
    written = as_text(term)
    if not written.plain or written.type is None or written.type.length is None:
        raise Untranslatable("SQL Server has no UTF-8 in every version, so that text has no bytes like SQLite's.")
    length = written.type.length
    return Term(f"CAST(CAST({written.sql} AS varchar({length})) AS varbinary({length}))", binary(length))


def random_bytes(node: exp.Expr, translate: Translate) -> Term:
    """`RANDOMBLOB(n)`."""
    if translate.immutable:
        raise Untranslatable("A random value may not stand in a constraint, an index or a generated column.")
    count = integer(translate(node.expressions[0]))
    if count is None or not 1 <= count <= MAX_VARBINARY:
        raise Untranslatable(
            f"SQL Server makes 1 to {MAX_VARBINARY} random bytes at once, and their number must be known."
        )
    return Term(f"CRYPT_GEN_RANDOM({count})", binary(count))


def random_integer(_node: exp.Expr, translate: Translate) -> Term:
    """64 random bits."""
    if translate.immutable:
        raise Untranslatable("A random value may not stand in a constraint, an index or a generated column.")
    return Term("CAST(CRYPT_GEN_RANDOM(8) AS bigint)", INT64)


def constant_bytes(node: exp.Expr, _translate: Translate) -> Term:
    """`UNHEX('00ff')`."""
    return constant(bytes.fromhex(node.this.name))
