"""LIKE, ILIKE and GLOB as LIKE, which with Unicode counts blanks at the end.

T-SQL's patterns have brackets, SQLite's have none, so `[` is written `[[]`. Under a binary collation ranges go by
code point, and `_` is one UTF-16 code unit: a supplementary character takes two. What ignores the case of A-Z
names both letters. https://learn.microsoft.com/sql/t-sql/language-elements/like-transact-sql
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions.collating import exactly, folded, unbounded
from migrator.targets.mssql.expressions.conversions import SPEECH, as_text, fit_prefix
from migrator.targets.mssql.expressions.terms import text
from migrator.targets.mssql.types import MAX_NVARCHAR
from migrator.targets.translation.patterns import Alphabet, written
from migrator.targets.translation.terms import Level, Term, Translate, text_constant, truth


def like(node: exp.Expr, translate: Translate) -> Term:
    """`x LIKE pattern`, case-sensitive, or `x ILIKE pattern`, ignoring the case of A-Z only."""
    return _like(node, None, translate)


def escaped(node: exp.Expr, translate: Translate) -> Term:
    """`… ESCAPE 'c'`."""
    if not isinstance(node.expression, exp.Literal) or len(node.expression.name) != 1:
        raise Untranslatable("ESCAPE takes one character.")
    return _like(node.this, node.expression.name, translate)


def _like(node: exp.Expr, escape: str | None, translate: Translate) -> Term:
    pattern = as_text(translate(node.expression))
    text, folds = text_constant(pattern), isinstance(node, exp.ILike)
    if text is None:
        return _computed(as_text(translate(node.this)), pattern, escape, folds)
    value = fit_prefix(translate(node.this), text)
    parts = list(_parts(text, escape, folds))
    if None in parts:
        return truth(*SPEECH.is_unknown(value, otherwise=False))
    return matching(value, "".join(part for part in parts if part is not None))


def matching(value: Term, pattern: str, escape: str = "") -> Term:
    """`value LIKE pattern`, by code points. Raises Untranslatable."""
    if "\0" in pattern:
        raise Untranslatable("SQL Server's patterns cannot hold the NUL character.")
    if len(pattern) > MAX_NVARCHAR:
        raise Untranslatable("SQL Server's patterns hold 4,000 characters.")
    return truth(f"{exactly(value).at(Level.OTHER)} LIKE {text(pattern)}{escape}", Level.PATTERN)


def _parts(pattern: str, escape: str | None, folds: bool) -> Iterator[str | None]:
    """The pattern piece by piece; None for one that matches nothing, because its escape escapes nothing."""
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            following = next(characters, None)
            yield None if following is None else _letter(following, folds)
        else:
            yield character if character in "%_" else _letter(character, folds)


def _letter(character: str, folds: bool) -> str:
    if folds and character.isascii() and character.isalpha():
        return f"[{character.lower()}{character.upper()}]"
    return _quoted(character)


def _quoted(character: str) -> str:
    """A character as itself, outside of brackets."""
    return f"[{character}]" if character in "%_[" else character


def _computed(value: Term, pattern: Term, escape: str | None, folds: bool) -> Term:
    """A pattern that is no constant."""
    if escape is not None:
        raise Untranslatable("SQL Server's brackets cannot be escaped in a pattern that is not a constant.")
    if folds:
        value, pattern = folded(value), folded(pattern)
    whole = exactly(unbounded(pattern, growth=MAX_NVARCHAR))
    quoted = f"REPLACE({whole.sql}, N'[', N'[[]')"
    return truth(f"{exactly(value).at(Level.OTHER)} LIKE {quoted}", Level.PATTERN)


def glob(node: exp.Expr, translate: Translate) -> Term:
    """`x GLOB pattern`."""
    pattern = text_constant(as_text(translate(node.expression)))
    if pattern is None:
        raise Untranslatable("SQL Server has no GLOB, and the pattern is not a constant that could be rewritten.")
    value = fit_prefix(translate(node.this), pattern)
    result = written(pattern, _BRACKETS)
    if result is None:
        return truth(*SPEECH.is_unknown(value, otherwise=False))
    if "\\" not in result:
        return matching(value, result)
    return matching(value, written(pattern, _ESCAPED) or "", " ESCAPE N'\\'")


def _member(character: str) -> str:
    """A character as itself, inside brackets."""
    return f"\\{character}" if character in "^-]\\" else character


def _escaped(character: str) -> str:
    return "\\\\" if character == "\\" else _quoted(character)


_BRACKETS: Final = Alphabet(any="%", one="_", quoted=_quoted, member=_member)
_ESCAPED: Final = Alphabet(any="%", one="_", quoted=_escaped, member=_member)
"""With the backslash as escape character, which brackets need for some of their members."""
