"""`printf` as a concatenation."""

from __future__ import annotations

import re

from sqlglot import exp

from migrator.model.types import TEXT
from migrator.targets.postgresql.expressions.conversions import SPEECH, as_number, as_text
from migrator.targets.postgresql.expressions.terms import as_int
from migrator.targets.translation.printing import printed
from migrator.targets.translation.terms import INTEGERS, Level, Term, Translate


def formatted(node: exp.Expr, translate: Translate) -> Term:
    """A `FORMAT(format, …)` of neutral SQL. Raises Untranslatable for what has no short equal."""
    parts = printed(node, translate, SPEECH, _directive)
    return Term(
        " || ".join(part.code for part in parts) or "''", TEXT, Level.OTHER if len(parts) > 1 else Level.ATOM
    )


def _directive(match: re.Match[str], term: Term) -> Term:
    return Term(_written(match, term), TEXT)


def _written(match: re.Match[str], term: Term) -> str:
    if match["type"] == "s":
        return f"COALESCE({as_text(as_int(term)).sql}, '')"
    number = as_number(term)
    if match["type"] == "f":
        places = int(match["precision"] or 6)
        return f"CAST(round(CAST(COALESCE({number.sql}, 0) AS numeric), {places}) AS text)"
    whole = number.sql if number.kind in INTEGERS else f"CAST(trunc({number.sql}) AS bigint)"
    if not match["width"]:
        return f"CAST(COALESCE({whole}, 0) AS text)"
    return _padded(f"COALESCE({whole}, 0)", int(match["width"]))


def _padded(number: str, width: int) -> str:
    """Zeros after the sign up to `width`, nothing cut off."""
    digits = f"CAST(abs({number}) AS text)"
    wide = f"greatest(length({digits}), CASE WHEN {number} < 0 THEN {width - 1} ELSE {width} END)"
    return f"CASE WHEN {number} < 0 THEN '-' ELSE '' END || lpad({digits}, {wide}, '0')"
