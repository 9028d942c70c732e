"""Functions of text. Positions and lengths are counted in characters, as SQLite does: under a collation that takes
a supplementary character for one.

https://learn.microsoft.com/sql/t-sql/functions/string-functions-transact-sql
"""

from __future__ import annotations

import string
from typing import Final

from sqlglot import exp

from migrator.model.types import BINARY, INT32, INT64, TEXT, Kind
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions.collating import (
    bound,
    bounded,
    by_characters,
    exactly,
    folded,
    from_characters,
    is_ascii,
    joined,
    unbounded,
    units,
)
from migrator.targets.mssql.expressions.conversions import as_number, as_text, day_text
from migrator.targets.mssql.expressions.terms import constant
from migrator.targets.mssql.names import literal
from migrator.targets.mssql.types import MAX_NVARCHAR
from migrator.targets.translation.nodes import trimming
from migrator.targets.translation.terms import Level, Rule, Term, Translate, call, integer, text_constant
from migrator.targets.translation.unifying import DATE_LENGTH

_EVERYTHING: Final = 2**31 - 1
"""A length no text exceeds."""

_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_UPPER: Final = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def _case(upper: bool) -> Rule:
    """LOWER or UPPER of A-Z only."""

    def rule(node: exp.Expr, translate: Translate) -> Term:
        term = as_text(translate(node.this))
        value = text_constant(term)
        if value is not None:
            return constant(value.translate(_UPPER if upper else _LOWER))
        if term.plain:
            return Term(f"{'UPPER' if upper else 'LOWER'}({term.sql})", term.type, plain=True)
        return folded(term, upper=upper)

    return rule


def _length(node: exp.Expr, translate: Translate) -> Term:
    """Characters of text, bytes of a blob."""
    term = translate(node.this)
    if term.kind is Kind.BINARY:
        return call("DATALENGTH", term.sql, type=INT64 if bound(term) is None else INT32)
    if term.kind in (Kind.UUID, Kind.JSON):
        raise Untranslatable(
            f"The length of a value depends on how it is spelt, which a {term.kind} in SQL Server does not keep."
        )
    return characters(as_text(term))


def characters(term: Term) -> Term:
    """The number of characters. LEN passes over blanks at the end, so a mark is set after them."""
    type = INT32 if bound(term) is not None else INT64
    if is_ascii(term):
        return call("LEN", term.sql, type=type)
    marked = f"{by_characters(unbounded(term, growth=1))} + N'.'"
    return Term(f"LEN({marked}) - 1", type, Level.SUM)


def _trim(node: exp.Expr, translate: Translate) -> Term:
    """Blanks; the other characters SQLite can be given are an argument of TRIM in 2022 only."""
    side, parts = trimming(node)
    text, *rest = (as_text(translate(part)) for part in parts)
    if rest:
        return _trimmed(text, text_constant(rest[0]), side)
    sql = text.sql
    if side != "LEADING":
        sql = f"RTRIM({sql})"
    if side != "TRAILING":
        sql = f"LTRIM({sql})"
    return Term(sql, text.type)


def _trimmed(term: Term, members: str | None, side: str) -> Term:
    """Given characters cut off, found with PATINDEX. The end is cut off as the beginning of the text reversed."""
    if not members or "]" in members or not members.isprintable() or units(members) != len(members):
        raise Untranslatable("SQL Server trims characters that have to be known, and no closing bracket.")
    mark = next(character for character in ".!#$&*+,/:;" if character not in members)
    # A hyphen is a member at the beginning only, a caret anywhere else.
    ordered = "".join(sorted(set(members), key=lambda character: (character != "-", character == "^")))
    pattern = literal(f"%[^{ordered}]%")
    value = exactly(unbounded(term, growth=1)).sql
    if side != "LEADING":
        reversed = f"REVERSE({value})"
        value = f"REVERSE(SUBSTRING({reversed}, PATINDEX({pattern}, {reversed} + {literal(mark)}), {_EVERYTHING}))"
    if side != "TRAILING":
        value = f"SUBSTRING({value}, PATINDEX({pattern}, {value} + {literal(mark)}), {_EVERYTHING})"
    return Term(value, term.type if term.constant is None else TEXT)


def _position(node: exp.Expr, translate: Translate) -> Term:
    """The position of a part in characters, 0 where there is none. It is found by code units; the characters up to
    there are counted."""
    text, part = translate(node.this), translate(node.args["substr"])
    if Kind.BINARY in (text.kind, part.kind):
        raise Untranslatable("SQLite looks for bytes in a blob.")
    value, wanted = as_text(text), as_text(part)
    found = f"CHARINDEX({wanted.sql}, {exactly(value).sql})"
    if is_ascii(value):
        position = found
    else:
        before = Term(f"LEFT({exactly(value).sql}, {found})", value.type)
        position = characters(before).sql
    if text_constant(wanted):
        return Term(position, INT32, Level.SUM)
    empty = f"DATALENGTH({wanted.sql}) = 0 AND {value.at(Level.OTHER)} IS NOT NULL"
    return Term(f"CASE WHEN {empty} THEN 1 ELSE {position} END", INT32)


def _substring(node: exp.Expr, translate: Translate) -> Term:
    text, start = translate(node.this), as_number(translate(node.args["start"]))
    length = as_number(translate(node.args["length"])) if node.args.get("length") is not None else None
    if text.kind in (Kind.TIMESTAMP, Kind.TIMESTAMPTZ):
        return _part_of_time(text, start, length)
    if text.kind is Kind.BINARY:
        return call("SUBSTRING", text.sql, start.sql, _length_of(length), type=BINARY)
    return _part(as_text(text), start, length)


def _length_of(length: Term | None) -> str:
    return length.sql if length is not None else str(_EVERYTHING)


def _part(text: Term, start: Term, length: Term | None) -> Term:
    sql, level = from_characters(f"SUBSTRING({by_characters(text)}, {start.sql}, {_length_of(length)})", text)
    return Term(sql, bounded(_part_bound(text, integer(start), integer(length))), level, plain=text.plain)


def _part_bound(text: Term, first: int | None, count: int | None) -> int | None:
    """At most how many code units a part has: two for each character, and what stands before it is not in it."""
    whole = bound(text)
    if whole is not None and first is not None and first > 1:
        whole = max(whole - first + 1, 1)
    if not count:
        return whole
    most = count * (1 if is_ascii(text) else 2)
    return most if whole is None else min(whole, most)


def _part_of_time(text: Term, start: Term, length: Term | None) -> Term:
    """A part of a timestamp's text: its first ten characters are the date, however the source spells it."""
    first, count = integer(start), integer(length)
    if first is None or count is None or first < 1 or first + count - 1 > DATE_LENGTH:
        raise Untranslatable(
            "SQLite cuts a piece out of a timestamp's text, which a timestamp in SQL Server does not have."
        )
    day = day_text(text)
    return day if (first, count) == (1, DATE_LENGTH) else _part(day, start, length)


def _right(node: exp.Expr, translate: Translate) -> Term:
    text, count = as_text(translate(node.this)), as_number(translate(node.expression))
    sql, level = from_characters(f"RIGHT({by_characters(text)}, {count.sql})", text)
    return Term(sql, bounded(bound(text)), level)


def _replace(node: exp.Expr, translate: Translate) -> Term:
    """REPLACE cuts its result at nvarchar(4000) unless its text is nvarchar(max)."""
    text, old, new = (as_text(translate(part)) for part in (node.this, node.expression, node.args["replacement"]))
    length, added = bound(text), bound(new)
    most = length * max(added, 1) if length is not None and added is not None else None
    if most is None or most > MAX_NVARCHAR:
        most, text = None, unbounded(text, growth=MAX_NVARCHAR)
    return Term(f"REPLACE({exactly(text).sql}, {old.sql}, {new.sql})", bounded(most))


def _code_point(node: exp.Expr, translate: Translate) -> Term:
    """NULL for an empty text."""
    text = as_text(translate(node.this))
    code = f"UNICODE({by_characters(text)})"
    return Term(f"CASE WHEN DATALENGTH({text.sql}) > 0 THEN {code} END", INT32)


def _character(node: exp.Expr, translate: Translate) -> Term:
    """NCHAR goes beyond 16 bits under some databases' collation only."""
    code = integer(translate(node.expressions[0]))
    if code is None or not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        raise Untranslatable("SQL Server makes a character of a number that has to be known.")
    return constant(chr(code))


def _concat(node: exp.Expr, translate: Translate) -> Term:
    return joined([as_text(translate(part)) for part in node.expressions])


def _concat_ws(node: exp.Expr, translate: Translate) -> Term:
    """CONCAT_WS is of 2017 and later. A separator stands before each part that is not NULL; the first one goes."""
    separator, *parts = (as_text(translate(part)) for part in node.expressions)
    mark = text_constant(separator)
    if mark is None:
        raise Untranslatable("SQL Server joins texts with a separator that has to be known.")
    pieces = [_or_nothing(joined([separator, part])) for part in parts]
    whole = exactly(joined(pieces))
    if not mark:
        return whole
    return Term(f"COALESCE(STUFF({whole.sql}, 1, {units(mark)}, N''), N'')", whole.type)


def _or_nothing(part: Term) -> Term:
    return Term(f"COALESCE({part.sql}, N'')", part.type)


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Chr: _character,
    exp.Concat: _concat,
    exp.ConcatWs: _concat_ws,
    exp.Length: _length,
    exp.Lower: _case(upper=False),
    exp.Replace: _replace,
    exp.Right: _right,
    exp.StrPosition: _position,
    exp.Substring: _substring,
    exp.Trim: _trim,
    exp.Unicode: _code_point,
    exp.Upper: _case(upper=True),
}
