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

_CLASS: Final = re.compile(r"\[(\^?)(\]?+[^\]]*+)\]")
"""A bracket expression; a `]` at its start is a member."""


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
        return truth(f"{value.at(Level.OTHER)} LIKE {literal(_as_like(pattern))}", Level.PATTERN)
    regular = _as_regular(pattern)
    if regular is None:
        return truth(f"{value.at(Level.PATTERN)} IS NULL AND NULL", Level.AND)
    return truth(f"{value.at(Level.OTHER)} ~ {literal(regular)}", Level.OTHER)


def _as_like(pattern: str) -> str:
    quoted = re.sub(r"[\\%_]", lambda match: "\\" + match[0], pattern)
    return quoted.replace("*", "%").replace("?", "_")


def _as_regular(pattern: str) -> str | None:
    """An anchored regular expression, in which `.` is any character, a line break too; None when the pattern
    has an unclosed bracket or an empty class and so matches nothing."""
    result, position = "", 0
    while position < len(pattern):
        match = _CLASS.match(pattern, position)
        character = pattern[position]
        part = {"*": ".*", "?": ".", "[": None}.get(character, _quoted(character))
        if match is not None:
            part = _class(match[1], match[2])
        if part is None:
            return None
        result += part
        position = match.end() if match is not None else position + 1
    return f"^{result}$"


def _quoted(character: str) -> str:
    """A character as itself, inside brackets or not."""
    return character if character.isalnum() or character.isspace() or character == "_" else "\\" + character


def _class(negated: str, members: str) -> str | None:
    """A bracket expression, None when it matches nothing."""
    items = _members(members)
    if not items:
        return "." if negated else None
    return f"[{negated}{''.join(items)}]"


def _members(members: str) -> list[str]:
    """Single characters and ranges as SQLite reads them: a range backwards is its start alone, and the end of
    one starts no other (https://sqlite.org/src/file/src/func.c, patternCompare). Both databases go by code
    point."""
    first = members.startswith("]")
    items, rest = (["\\]"], members[1:]) if first else ([], members)
    before, position = "", 0
    while position < len(rest):
        character = rest[position]
        if character == "-" and before and position + 1 < len(rest):
            position += 1
            if before <= rest[position]:
                items[-1] += f"-{_quoted(rest[position])}"
            before = ""
        else:
            items.append(_quoted(character))
            before = character
        position += 1
    return items
