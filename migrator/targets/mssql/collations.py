"""What the name of a collation says about how text compares.

https://learn.microsoft.com/sql/relational-databases/collations/collation-and-unicode-support and
https://learn.microsoft.com/sql/t-sql/statements/windows-collation-name-transact-sql. Blanks at the end never count
when strings are compared, whatever the collation:
https://learn.microsoft.com/sql/t-sql/language-elements/string-comparison-assignment
"""

from __future__ import annotations

import re

from migrator.model.comparison import TextComparison
from migrator.targets import Untranslatable

EXACT = "Latin1_General_100_BIN2"
"""By code units, in every version since 2008."""
USUAL = "SQL_Latin1_General_CP1_CI_AS"
"""What an installation in US English has, for planning without a server."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_BINARY = re.compile(r"_BIN2?(_UTF8)?$", re.IGNORECASE)
_VERSION = re.compile(r"_(\d{2,3})_", re.IGNORECASE)
_WEIGHED = 100
"""The first version in which characters beyond the Basic Multilingual Plane have a weight."""


def comparison(collation: str) -> TextComparison:
    """How text compares under the collation of that name. What a name does not say is ignored when comparing: of
    case and accents every name says it.

    Raises:
        Untranslatable: It cannot be a collation's name.
    """
    if not _NAME.fullmatch(collation):
        raise Untranslatable(f"{collation!r} is no name of a collation.")
    if _BINARY.search(collation):
        return TextComparison(padded=True)
    parts = set(collation.upper().split("_"))
    if not parts & {"CI", "CS"}:
        raise Untranslatable(f"{collation!r} does not say whether case matters, as names of collations do.")
    version, old = _VERSION.search(collation), collation.upper().startswith("SQL_")
    return TextComparison(
        case="CS" in parts,
        accent="AS" in parts,
        kana="KS" in parts,
        width="WS" in parts,
        supplementary=version is not None and int(version[1]) >= _WEIGHED and not old,
        padded=True,
        binary=False,
    )
