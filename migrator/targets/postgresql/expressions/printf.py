"""`printf`, directive by directive, as a concatenation.

https://www.sqlite.org/printf.html: a NULL is printed as nothing or 0.
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from migrator.model.types import TEXT
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions.conversions import as_number, as_text
from migrator.targets.postgresql.expressions.terms import INTEGERS, Level, Term, Translate, as_int
from migrator.targets.postgresql.names import literal

_DIRECTIVE: Final = re.compile(r"%(?P<zero>0?)(?P<width>\d*)(?:\.(?P<precision>\d+))?(?P<type>[disf%])")


def formatted(node: exp.Expr, translate: Translate) -> Term:
    """A `FORMAT(format, …)` of neutral SQL. Raises Untranslatable for what has no short equal."""
    if not (isinstance(node.this, exp.Literal) and node.this.is_string):
        raise Untranslatable("PostgreSQL has no printf, and the format is not a constant that could be rewritten.")
    arguments = iter(node.expressions)
    parts: list[str] = []
    position, layout = 0, node.this.name
    for match in _DIRECTIVE.finditer(layout):
        parts += _text(layout[position : match.start()])
        position = match.end()
        if match["type"] == "%":
            parts.append("'%'")
            continue
        argument = next(arguments, None)
        if argument is None:
            raise Untranslatable("printf has fewer arguments than directives.")
        parts.append(_directive(match, translate(argument)))
    parts += _text(layout[position:])
    return Term(" || ".join(parts) or "''", TEXT, Level.OTHER if len(parts) > 1 else Level.ATOM)


def _text(piece: str) -> list[str]:
    if "%" in piece:
        raise Untranslatable("PostgreSQL has no printf, and only its directives %s, %d and %f could be rewritten.")
    return [literal(piece)] if piece else []


def _directive(match: re.Match[str], term: Term) -> str:
    if match["type"] == "s":
        if match["width"] or match["zero"] or match["precision"]:
            raise Untranslatable("PostgreSQL has no printf, and a width of %s could not be rewritten.")
        return f"COALESCE({as_text(as_int(term)).sql}, '')"
    number = as_number(term)
    if match["type"] == "f":
        return _fixed(match, number)
    whole = number.sql if number.kind in INTEGERS else f"CAST(trunc({number.sql}) AS bigint)"
    if not match["width"]:
        return f"CAST(COALESCE({whole}, 0) AS text)"
    if not match["zero"]:
        raise Untranslatable("PostgreSQL has no printf, and a width without zeros could not be rewritten.")
    return _padded(f"COALESCE({whole}, 0)", int(match["width"]))


def _fixed(match: re.Match[str], number: Term) -> str:
    if match["width"] or match["zero"]:
        raise Untranslatable("PostgreSQL has no printf, and a width of %f could not be rewritten.")
    places = int(match["precision"] or 6)
    return f"CAST(round(CAST(COALESCE({number.sql}, 0) AS numeric), {places}) AS text)"


def _padded(number: str, width: int) -> str:
    """Zeros after the sign up to `width`, nothing cut off."""
    digits = f"CAST(abs({number}) AS text)"
    wide = f"greatest(length({digits}), CASE WHEN {number} < 0 THEN {width - 1} ELSE {width} END)"
    return f"CASE WHEN {number} < 0 THEN '-' ELSE '' END || lpad({digits}, {wide}, '0')"
