"""LIKE, ILIKE and GLOB.

Neutral patterns have no escape character unless one is named, while PostgreSQL's LIKE has the backslash
(https://www.postgresql.org/docs/current/functions-matching.html).
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions.conversions import SPEECH, as_text, fit_prefix
from migrator.targets.postgresql.names import literal
from migrator.targets.translation.patterns import Alphabet, written
from migrator.targets.translation.terms import Level, Term, Translate, text_constant, truth


def like(node: exp.Expr, translate: Translate) -> Term:
    """`x LIKE pattern`, case-sensitive, or `x ILIKE pattern`, ignoring the case of A-Z only."""
    return _like(node, None, translate)


def escaped(node: exp.Expr, translate: Translate) -> Term:
    """`… ESCAPE 'c'`."""
    return _like(node.this, node.expression, translate)


def _like(node: exp.Expr, escape: exp.Expr | None, translate: Translate) -> Term:
    pattern = as_text(translate(node.expression))
    text = text_constant(pattern)
    value = fit_prefix(translate(node.this), text) if text is not None else as_text(translate(node.this))
    folds = isinstance(node, exp.ILike) and (text is None or re.search("[A-Za-z]", text) is not None)
    # Under the C collation ILIKE folds ASCII only, as SQLite's LIKE does.
    left = f'{value.at(Level.COLLATE)} COLLATE "C" ILIKE' if folds else f"{value.at(Level.OTHER)} LIKE"
    return truth(f"{left} {pattern.at(Level.OTHER)}{_escape(text, escape)}", Level.PATTERN)


def _escape(pattern: str | None, escape: exp.Expr | None) -> str:
    if escape is None:
        return " ESCAPE ''" if pattern is None or "\\" in pattern else ""
    if not isinstance(escape, exp.Literal) or len(escape.name) != 1:
        raise Untranslatable("ESCAPE takes one character.")
    return f" ESCAPE {literal(escape.name)}" if escape.name != "\\" else ""


def glob(node: exp.Expr, translate: Translate) -> Term:
    """`x GLOB pattern` as LIKE where the pattern only has `*` and `?`, else as a regular expression."""
    pattern = text_constant(as_text(translate(node.expression)))
    if pattern is None:
        raise Untranslatable("PostgreSQL has no GLOB, and the pattern is not a constant that could be rewritten.")
    value = fit_prefix(translate(node.this), pattern)
    if "[" not in pattern:
        return truth(f"{value.at(Level.OTHER)} LIKE {literal(_as_like(pattern))}", Level.PATTERN)
    regular = written(pattern, _REGULAR)
    if regular is None:
        return truth(*SPEECH.is_unknown(value, otherwise=False))
    return truth(f"{value.at(Level.OTHER)} ~ {literal(f'^{regular}$')}", Level.OTHER)


def _as_like(pattern: str) -> str:
    quoted = re.sub(r"[\\%_]", lambda match: "\\" + match[0], pattern)
    return quoted.replace("*", "%").replace("?", "_")


def _quoted(character: str) -> str:
    """A character as itself, inside brackets or not."""
    return character if character.isalnum() or character.isspace() or character == "_" else "\\" + character


_REGULAR: Final = Alphabet(any=".*", one=".", quoted=_quoted, member=_quoted)
"""Regular expressions, in which `.` is any character, a line break too."""
