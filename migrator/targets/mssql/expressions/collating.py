"""Text in T-SQL: under which collation it is compared, how its characters are counted, and how long it may be.

SQLite compares text by its code points; a database of SQL Server usually ignores case. So what is compared says
its collation itself. An explicit collation wins over a column's, and two different ones in an expression are an
error (https://learn.microsoft.com/sql/t-sql/statements/collation-precedence-transact-sql): a text that leaves a
function under another collation than `EXACT` is put back under it.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from migrator.model.types import TEXT, Kind, LogicalType, text
from migrator.targets.mssql.collations import EXACT
from migrator.targets.mssql.names import literal
from migrator.targets.mssql.types import MAX_NVARCHAR
from migrator.targets.translation.terms import Level, Term, text_constant
from migrator.targets.translation.times import tokens

CHARACTERS: Final = "Latin1_General_100_CI_AS_SC"
"""A collation under which functions take a supplementary character for one, as SQLite does, in every version since
2012. https://learn.microsoft.com/sql/relational-databases/collations/collation-and-unicode-support"""

_ENDING: Final = f" COLLATE {EXACT}"


def exactly(term: Term) -> Term:
    """Text under the collation that goes by code points; anything else as it is."""
    if term.kind is not Kind.TEXT or term.null or term.sql.endswith(_ENDING):
        return term
    return replace(term, code=f"{term.at(Level.COLLATE)}{_ENDING}", level=Level.COLLATE, document=None)


def by_characters(term: Term) -> str:
    """Text for a function that counts characters."""
    return term.sql if is_ascii(term) else f"{term.at(Level.ATOM)} COLLATE {CHARACTERS}"


def from_characters(sql: str, term: Term) -> tuple[str, Level]:
    """What such a function made of it, back under the exact collation."""
    return (sql, Level.ATOM) if is_ascii(term) else (f"{sql}{_ENDING}", Level.COLLATE)


def is_ascii(term: Term) -> bool:
    """Whether the text can have no supplementary character and no blank at its end."""
    value = text_constant(term)
    if value is None and term.moment is not None:
        value = term.layout
    return term.plain or (value is not None and value.isascii() and not value.endswith(" "))


def units(value: str) -> int:
    """The length of a text in UTF-16 code units, which is what `n` of nvarchar(n) counts."""
    return len(value.encode("utf-16-le", "surrogatepass")) // 2


def bound(term: Term) -> int | None:
    """At most how many code units a text has, None when that is not known."""
    value = text_constant(term)
    if value is not None:
        return units(value)
    if term.moment is not None and term.type == TEXT:
        return sum(_WIDTHS[name] if name else units(text) for name, text in tokens(term.layout))
    return term.type.length if term.type is not None else None


_WIDTHS: Final = (
    dict.fromkeys("YG", 4) | dict.fromkeys("mdHMSV", 2) | dict.fromkeys("wu", 1) | {"j": 3, "f": 6, "s": 20}
)
"""Of the directives of `strftime`."""


def bounded(length: int | None) -> LogicalType:
    """Text of at most so many code units, as far as nvarchar(n) goes."""
    return text(length) if length is not None and 1 <= length <= MAX_NVARCHAR else TEXT


def unbounded(term: Term, growth: int = 0) -> Term:
    """The text as nvarchar(max) where `growth` more code units might not fit: functions and operators cut what
    goes beyond nvarchar(4000) when no part is nvarchar(max)
    (https://learn.microsoft.com/sql/t-sql/language-elements/string-concatenation-transact-sql)."""
    length = bound(term)
    if length is None or length + growth <= MAX_NVARCHAR:
        return term
    return replace(term, code=f"CAST({term.sql} AS nvarchar(max))", level=Level.ATOM, type=TEXT)


def joined(parts: Sequence[Term]) -> Term:
    """A concatenation, with its type. Parts of different columns go under one collation."""
    lengths = [bound(part) for part in parts]
    known = [length for length in lengths if length is not None]
    total = sum(known) if len(known) == len(lengths) else None
    first, *others = one_collation(parts)
    if total is not None and total > MAX_NVARCHAR:
        first = replace(first, code=f"CAST({first.sql} AS nvarchar(max))", level=Level.ATOM)
    code = " + ".join((first.at(Level.SUM), *(other.at(Level.PRODUCT) for other in others)))
    return Term(code, bounded(total), Level.SUM if others else first.level)


def one_collation(terms: Sequence[Term]) -> list[Term]:
    """Texts that become one value: when several are no constants, the first says the collation of all."""
    variable = [term for term in terms if term.constant is None and term.kind is Kind.TEXT and not is_ascii(term)]
    if len(variable) < 2:
        return list(terms)
    return [exactly(term) if term is variable[0] else term for term in terms]


def folded(term: Term, *, upper: bool = False) -> Term:
    """Text with only the case of A-Z changed. LOWER and UPPER change every letter whatever the collation, so each
    of these letters is replaced by itself."""
    pairs = zip(string.ascii_uppercase, string.ascii_lowercase, strict=True)
    value = exactly(term).sql
    for capital, small in pairs:
        old, new = (small, capital) if upper else (capital, small)
        value = f"REPLACE({value}, {literal(old)}, {literal(new)})"
    return Term(value, bounded(bound(term)))


def fold_case(column: str) -> str:
    """SQL for a column compared without ASCII case, for an index or a computed column."""
    return folded(Term(column, TEXT)).sql
