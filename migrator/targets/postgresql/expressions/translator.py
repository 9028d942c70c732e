"""The rules of PostgreSQL's SQL in one table."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from migrator.targets.postgresql.expressions import aggregates, functions, operators, times
from migrator.targets.postgresql.expressions.conversions import SPEECH
from migrator.targets.translation.nodes import Names, Translator
from migrator.targets.translation.terms import Rule

_RULES: Final[dict[type[exp.Expr], Rule]] = {
    **operators.RULES,
    **functions.RULES,
    **times.CLOCK.rules(),
    **aggregates.RULES,
}


def translator(names: Names, *, immutable: bool = False, strict: bool = False) -> Translator:
    """What translates expressions over these names; see `terms.Translate` for the others."""
    return Translator(names, _RULES, SPEECH.product, immutable, strict)
