"""`printf` as a concatenation."""

from __future__ import annotations

import re

from sqlglot import exp

from migrator.model.types import TEXT, text
from migrator.targets.mssql.expressions.collating import bounded, joined
from migrator.targets.mssql.expressions.conversions import SPEECH, as_number, as_text
from migrator.targets.mssql.expressions.terms import as_int, constant
from migrator.targets.translation.printing import printed
from migrator.targets.translation.terms import INTEGERS, Level, Term, Translate


def formatted(node: exp.Expr, translate: Translate) -> Term:
    """A `FORMAT(format, …)` of neutral SQL. Raises Untranslatable for what has no short equal."""
    parts = printed(node, translate, SPEECH, _directive)
    return joined(parts) if parts else constant("")


def _directive(match: re.Match[str], term: Term) -> Term:
    if match["type"] == "s":
        written = as_text(as_int(term))
        return Term(f"COALESCE({written.sql}, N'')", written.type or TEXT)
    number = as_number(term)
    if match["type"] == "f":
        places = int(match["precision"] or 6)
        rounded = f"CAST(COALESCE({number.sql}, 0) AS decimal(38,{places}))"
        return Term(f"CAST({rounded} AS nvarchar(41))", text(41))
    whole = number.sql if number.kind in INTEGERS else f"CAST({number.sql} AS bigint)"
    if not match["width"]:
        return Term(f"CAST(COALESCE({whole}, 0) AS nvarchar(20))", text(20))
    return _padded(f"COALESCE({whole}, 0)", int(match["width"]))


def _padded(number: str, width: int) -> Term:
    """Zeros after the sign up to `width`, nothing cut off."""
    digits = f"CAST(ABS({number}) AS nvarchar(20))"
    missing = f"CASE WHEN {number} < 0 THEN {width - 1} ELSE {width} END - LEN({digits})"
    zeros = f"COALESCE(REPLICATE(N'0', {missing}), N'')"
    sign = f"CASE WHEN {number} < 0 THEN N'-' ELSE N'' END"
    return Term(f"{sign} + {zeros} + {digits}", bounded(width + 21), Level.SUM)
