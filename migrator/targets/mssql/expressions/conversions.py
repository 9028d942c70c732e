"""Terms as other types in T-SQL: as text, as numbers, as what a column takes.

A conversion is made only where it means what SQLite's affinity makes of the value
(https://www.sqlite.org/datatype3.html); everything else is Untranslatable. T-SQL converts many texts that are no
values, '' to 0 for one, and cuts what is too long without a word: neither is left to it.
https://learn.microsoft.com/sql/t-sql/functions/cast-and-convert-transact-sql
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from migrator.model.types import DATE, FLOAT64, INT64, TEXT, TIMESTAMP, Kind, LogicalType, text
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions.collating import bound, bounded, one_collation
from migrator.targets.mssql.expressions.constants import converted, spelling
from migrator.targets.mssql.expressions.numbers import widest
from migrator.targets.mssql.expressions.terms import UNKNOWN, as_bit, as_int, as_value, constant
from migrator.targets.mssql.names import literal
from migrator.targets.translation import unifying
from migrator.targets.translation.constants import leading_number
from migrator.targets.translation.speech import Speech
from migrator.targets.translation.terms import (
    DOCUMENTS,
    INTEGERS,
    NUMBERS,
    Level,
    Moment,
    Term,
    cast,
    digits_after_point,
    known,
    truth,
)
from migrator.targets.translation.unifying import counted, is_day_prefix, resolution

_UUID_LENGTH: Final = 36
_INTEGER_LENGTH: Final = 20
_DECIMAL_LENGTH: Final = 41
"""A sign, 38 digits, a 0 before the point and the point."""


def as_text(term: Term) -> Term:
    """The text SQLite makes of a value.

    Raises:
        Untranslatable: The target's type does not keep how the source spells the value.
    """
    if term.null or term.kind is Kind.TEXT:
        return term
    if term.unknown:
        raise Untranslatable("SQL Server would not convert a value whose type is not known as SQLite does.")
    if term.constant is not None:
        return SPEECH.required(term, TEXT)
    if term.kind is Kind.JSON_TEXT:
        return replace(term, type=TEXT)
    if term.kind is Kind.BOOL or term.kind in INTEGERS:
        return _plain(f"CAST({as_int(term).sql} AS nvarchar({_INTEGER_LENGTH}))", _INTEGER_LENGTH, term)
    if term.kind is Kind.UUID:
        return _plain(f"LOWER(CAST({term.sql} AS nvarchar({_UUID_LENGTH})))", _UUID_LENGTH, term)
    if term.kind is Kind.DECIMAL and not term.real:
        return _decimal_text(term)
    if term.kind is Kind.DATE:
        return _iso_date(term.sql, term)
    raise Untranslatable(f"SQL Server writes a {spelling(known(term))} as text in another way than SQLite.")


def _plain(sql: str, length: int, term: Term) -> Term:
    return Term(sql, text(length), affine=term.affine, plain=True)


def _decimal_text(term: Term) -> Term:
    """A decimal without the zeros at its end, as SQLite writes it: they become blanks, which RTRIM takes off, and
    then a point at the end likewise."""
    written = f"CAST({term.sql} AS nvarchar({_DECIMAL_LENGTH}))"
    if digits_after_point(term):
        for character in ("0", "."):
            mark = literal(character)
            blank = f"RTRIM(REPLACE({written}, {mark}, N' '))"
            written = f"REPLACE({blank}, N' ', {mark})"
    return _plain(written, _DECIMAL_LENGTH, term)


def _iso_date(sql: str, term: Term) -> Term:
    return _plain(f"CONVERT(nvarchar({unifying.DATE_LENGTH}), {sql}, 120)", unifying.DATE_LENGTH, term)


def as_number(term: Term) -> Term:
    """A term where SQLite calculates: truth values are 1 and 0, texts the number they begin with.

    Raises:
        Untranslatable: The type has no number.
    """
    if term.kind in NUMBERS or term.null or term.unknown:
        return term
    if term.kind is Kind.BOOL:
        return as_int(term)
    if term.document is not None:
        return Term(f"CAST({term.sql} AS float(53))", FLOAT64, affine=True)
    if term.constant is not None and isinstance(term.constant.value, str):
        return constant(leading_number(term.constant.value))
    if term.kind is Kind.TEXT and counted(term):
        return count(term)
    raise Untranslatable(f"SQLite calculates with a column that is {spelling(known(term))} in SQL Server.")


def fit(term: Term, type: LogicalType) -> Term:
    """A value as a column of `type` stores it, or as a term of that type among others.

    Raises:
        Untranslatable: There is no such value, or it would not be equal.
    """
    if term.null or term.unknown:
        return term
    if term.constant is not None:
        return SPEECH.required(term, type)
    if term.kind is Kind.DECIMAL and type.kind is Kind.DECIMAL:
        return _decimal_as(term, type)
    if term.kind is type.kind:
        return as_bit(term)
    if term.moment is not None and type.kind is not Kind.TEXT:
        return _moment_as(term, type)
    if term.document is not None and type.kind in NUMBERS | DOCUMENTS | {Kind.BOOL}:
        return _document_as(term, type)
    if type.kind is Kind.TEXT:
        return as_text(term)
    return _changed(term, type)


def _decimal_as(term: Term, type: LogicalType) -> Term:
    """A decimal as a column's, which would round what has more digits after the point."""
    digits = digits_after_point(term)
    if type.scale is not None and (digits is None or digits > type.scale):
        raise Untranslatable(f"The value may have more digits after the point than {spelling(type)} keeps.")
    return term


def _changed(term: Term, type: LogicalType) -> Term:
    """A term that is no constant as another kind."""
    name = spelling(type)
    if term.kind is Kind.BOOL and type.kind in NUMBERS:
        return as_int(term)
    if term.kind in INTEGERS and type.kind in INTEGERS:
        return replace(term, type=type)
    if term.kind in INTEGERS | {Kind.DECIMAL} and type.kind in (Kind.DECIMAL, Kind.FLOAT64):
        return cast(term, name, type)
    if term.kind in NUMBERS and type.kind is Kind.BOOL and not term.affine:
        return as_bit(truth(f"{term.at(Level.OTHER)} <> 0", Level.COMPARISON))
    if term.kind is Kind.TEXT and type.kind in DOCUMENTS:
        return replace(term, type=type)
    if term.kind is Kind.DATE and type.kind is Kind.TIMESTAMP:
        return cast(term, name, type)
    if type.kind is Kind.UUID and _is_uuid(term):
        return cast(term, name, type)
    if term.kind is Kind.BINARY and type.kind is Kind.UUID:
        return _binary_as_uuid(term, type)
    raise Untranslatable(f"A {spelling(known(term))} need not have an equal {name}.")


def _is_uuid(term: Term) -> bool:
    """Whether a text is no longer than a UUID is: T-SQL would pass over what follows one."""
    length = bound(term)
    return term.kind is Kind.TEXT and length is not None and length <= _UUID_LENGTH


def _binary_as_uuid(term: Term, type: LogicalType) -> Term:
    """By way of its digits: T-SQL takes the bytes of a uniqueidentifier in another order
    (https://learn.microsoft.com/sql/t-sql/data-types/uniqueidentifier-transact-sql)."""
    digits = f"CONVERT(varchar({_UUID_LENGTH}), {term.sql}, 2)"
    for position in (9, 14, 19, 24):
        digits = f"STUFF({digits}, {position}, 0, '-')"
    return Term(f"CAST({digits} AS uniqueidentifier)", type)


def _moment_as(term: Term, type: LogicalType) -> Term:
    """A text made from a moment as that moment, cut to what the text tells."""
    assert term.moment is not None
    unit = resolution(term.layout)
    if type.kind is Kind.DATE and unit == "day":
        return Term(f"CAST({term.moment.sql} AS date)", type)
    if type.kind is Kind.TIME and term.layout == "%H:%M:%S":
        return Term(f"CAST({cut(term.moment, 'second').sql} AS time(7))", type)
    if type.kind is Kind.TIMESTAMP and unit is not None:
        return Term(cut(term.moment, unit).sql, type)
    if type.kind is Kind.TIMESTAMPTZ and unit is not None:
        return Term(f"TODATETIMEOFFSET({cut(term.moment, unit).sql}, 0)", type)
    if type.kind in INTEGERS and counted(term):
        return count(term)
    raise Untranslatable(f"The text that SQLite makes of a time need not have an equal {spelling(type)}.")


_CUTS: Final = {
    "year": (4, "-01-01"),
    "month": (7, "-01"),
    "day": (10, ""),
    "hour": (13, ":00:00"),
    "minute": (16, ":00"),
    "second": (19, ""),
    "milliseconds": (23, ""),
}
"""How much of a moment's text is kept, and what completes it."""


def cut(moment: Moment, unit: str) -> Moment:
    """A moment cut down to a unit by way of its text, which reads the clock once and does not round."""
    length, ending = _CUTS[unit]
    completed = f"{written(moment, length)} + {literal(ending)}" if ending else written(moment, length)
    style = 121 if unit == "milliseconds" else 120
    return replace(moment, sql=f"CONVERT(datetime2(7), {completed}, {style})", level=Level.ATOM, zoned="")


def written(moment: Moment, length: int) -> str:
    """The first characters of YYYY-MM-DD HH:MM:SS.mmm."""
    return f"CONVERT(nvarchar({length}), {moment.sql}, {121 if length > _CUTS['second'][0] else 120})"


def count(term: Term) -> Term:
    """A `counted` text as the number it is."""
    assert term.moment is not None
    return unix_seconds(term.moment) if term.layout == "%s" else cast(term, "bigint", INT64)


def unix_seconds(moment: Moment) -> Term:
    """Whole seconds since 1970."""
    return Term(f"DATEDIFF_BIG(second, {EPOCH}, {moment.sql})", INT64)


EPOCH: Final = "CONVERT(datetime2(7), N'1970-01-01', 120)"


def _document_as(term: Term, type: LogicalType) -> Term:
    """A value taken from JSON as a number."""
    if type.kind in DOCUMENTS:
        raise Untranslatable("SQL Server spells a document inside another in another way than SQLite.")
    return Term(f"CAST({term.sql} AS {spelling(type)})", type, affine=True)


def fit_prefix(term: Term, pattern: str) -> Term:
    """The text that a pattern is compared with: of a timestamp no more than its day, see `is_day_prefix`."""
    return day_text(term) if is_day_prefix(term, pattern) else as_text(term)


def day_text(term: Term) -> Term:
    """The day of a timestamp as YYYY-MM-DD, in UTC."""
    return _iso_date(instant(term).sql, Term("", DATE))


def instant(term: Term) -> Term:
    """A date or time as a timestamp in UTC, so that different ones compare."""
    if term.kind is Kind.TIMESTAMPTZ:
        return Term(f"CAST(SWITCHOFFSET({term.sql}, 0) AS datetime2(7))", TIMESTAMP)
    return cast(term, "datetime2(7)", TIMESTAMP) if term.kind is Kind.DATE else term


SPEECH: Final = Speech(
    product="SQL Server",
    unknown=UNKNOWN,
    spelling=spelling,
    constant=constant,
    converted=converted,
    as_int=as_int,
    as_text=as_text,
    count=count,
    instant=instant,
    fit=fit,
)


def unified(terms: Sequence[Term]) -> LogicalType | None:
    """See `unifying.unified`."""
    return unifying.unified(terms, SPEECH, widest)


def merged(terms: Sequence[Term]) -> tuple[list[Term], LogicalType | None]:
    """Terms of which one is the result, as one type and under one collation, and the type.

    Raises:
        Untranslatable: There is no type for all.
    """
    fitted, type = unifying.together([as_value(term) for term in terms], SPEECH, widest)
    if type is None or type.kind is not Kind.TEXT:
        return fitted, type
    lengths = [0 if term.null else bound(term) for term in fitted]
    known = [length for length in lengths if length is not None]
    return one_collation(fitted), bounded(max(known)) if len(known) == len(lengths) else TEXT
