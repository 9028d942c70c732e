"""LIKE, ILIKE and GLOB.

Neutral patterns have no escape character unless one is named, while PostgreSQL's LIKE has the backslash
(https://www.postgresql.org/docs/current/functions-matching.html).
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions.conversions import as_text, fit_prefix
from migrator.targets.postgresql.expressions.terms import Level, Term, Translate, truth
from migrator.targets.postgresql.names import literal

_SPECIAL: Final = re.compile(r"[.^$*+?()\[\]{}|\\]")
_CLASS: Final = re.compile(r"\[(\^?)(\]?[^\]]*)\]")


def like(node: exp.Expr, translate: Translate) -> Term:
    """`x LIKE pattern`, case-sensitive, or `x ILIKE pattern`, ignoring the case of A-Z only."""
    return _like(node, None, translate)


def escaped(node: exp.Expr, translate: Translate) -> Term:
    """`… ESCAPE 'c'`."""
    return _like(node.this, node.expression, translate)


def _like(node: exp.Expr, escape: exp.Expr | None, translate: Translate) -> Term:
    pattern = as_text(translate(node.expression))
    text = _constant(pattern)
    value = fit_prefix(translate(node.this), text) if text is not None else as_text(translate(node.this))
    folds = isinstance(node, exp.ILike) and (text is None or re.search("[A-Za-z]", text) is not None)
    # Under the C collation ILIKE folds ASCII only, as SQLite's LIKE does.
    left = f'{value.at(Level.COLLATE)} COLLATE "C" ILIKE' if folds else f"{value.at(Level.OTHER)} LIKE"
    return truth(f"{left} {pattern.at(Level.OTHER)}{_escape(text, escape)}", Level.PATTERN)


def _constant(term: Term) -> str | None:
    value = term.constant.value if term.constant is not None else None
    return value if isinstance(value, str) else None


def _escape(pattern: str | None, escape: exp.Expr | None) -> str:
    if escape is None:
        return " ESCAPE ''" if pattern is None or "\\" in pattern else ""
    if not isinstance(escape, exp.Literal) or len(escape.name) != 1:
        raise Untranslatable("ESCAPE takes one character.")
    return f" ESCAPE {literal(escape.name)}" if escape.name != "\\" else ""


def glob(node: exp.Expr, translate: Translate) -> Term:
    """`x GLOB pattern` as LIKE where the pattern only has `*` and `?`, else as a regular expression."""
    pattern = _constant(as_text(translate(node.expression)))
    if pattern is None:
        raise Untranslatable("PostgreSQL has no GLOB, and the pattern is not a constant that could be rewritten.")
    value = fit_prefix(translate(node.this), pattern)
    if "[" not in pattern:
        likened = _as_like(pattern)
        return truth(f"{value.at(Level.OTHER)} LIKE {literal(likened)}", Level.PATTERN)
    return truth(f"{value.at(Level.OTHER)} ~ {literal(_as_regular(pattern))}", Level.OTHER)


def _as_like(pattern: str) -> str:
    quoted = re.sub(r"[\\%_]", lambda match: "\\" + match[0], pattern)
    return quoted.replace("*", "%").replace("?", "_")


def _as_regular(pattern: str) -> str:
    """An anchored regular expression in which `.` is any character, a line break too."""
    result, position = "", 0
    while position < len(pattern):
        match = _CLASS.match(pattern, position)
        if match is not None:
            result += _class(match[1], match[2])
            position = match.end()
            continue
        character = pattern[position]
        if character == "[":
            raise Untranslatable("A GLOB pattern with an unclosed bracket matches nothing.")
        result += {"*": ".*", "?": "."}.get(character) or _SPECIAL.sub(lambda found: "\\" + found[0], character)
        position += 1
    return f"^{result}$"


def _class(negated: str, members: str) -> str:
    """A bracket expression; its ranges go by code point in both databases."""
    first = "\\]" if members.startswith("]") else ""
    rest = members.removeprefix("]") if first else members
    quoted = re.sub(r"[\\\[^]", lambda found: "\\" + found[0], rest)
    return f"[{negated}{first}{quoted}]"
