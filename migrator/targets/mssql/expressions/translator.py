"""The rules of T-SQL in one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlglot import exp

from migrator.targets.mssql.expressions import aggregates, functions, operators, times
from migrator.targets.mssql.expressions.conversions import SPEECH
from migrator.targets.translation.nodes import Names, Translator
from migrator.targets.translation.terms import Rule, Term

_RULES: Final[dict[type[exp.Expr], Rule]] = {
    **operators.RULES,
    **functions.RULES,
    **times.CLOCK.rules(),
    **aggregates.RULES,
}


def translator(
    names: Names, *, immutable: bool = False, strict: bool = False, given: Mapping[exp.Expr, Term] | None = None
) -> Translator:
    """What translates expressions over these names; see `Translator` for the others."""
    return Translator(names, _RULES, SPEECH.product, immutable, strict, given or {})
