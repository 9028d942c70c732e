"""Terms as other types in PostgreSQL: as text, as numbers, as what a column takes.

A conversion is made only where it means what SQLite's affinity makes of the value
(https://www.sqlite.org/datatype3.html); everything else is Untranslatable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from migrator.model.types import DATE, INT64, TEXT, TIMESTAMP, Kind, LogicalType
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions.constants import converted, spelling
from migrator.targets.postgresql.expressions.terms import NUMERIC, as_int, constant
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
from migrator.targets.translation.unifying import counted, is_day_prefix, most_digits, resolution


def as_text(term: Term) -> Term:
    """The text SQLite makes of a value.

    Raises:
        Untranslatable: The target's type does not keep how the source spells the value.
    """
    if term.null or term.unknown or term.kind is Kind.TEXT:
        return term
    if term.constant is not None:
        return _required(term, TEXT)
    if term.kind is Kind.BOOL:
        return cast(as_int(term), "text", TEXT)
    if term.kind in INTEGERS or term.kind in (Kind.JSON_TEXT, Kind.UUID):
        return cast(term, "text", TEXT)
    if term.kind is Kind.DECIMAL and not term.real and digits_after_point(term) is not None:
        return Term(f"CAST(trim_scale({term.sql}) AS text)", TEXT, affine=term.affine)
    if term.kind is Kind.DATE:
        return _iso_date(term)
    raise Untranslatable(f"PostgreSQL writes a {spelling(known(term))} as text in another way than SQLite.")


def _iso_date(term: Term) -> Term:
    """A date as YYYY-MM-DD: outside of queries by immutable functions only, which `to_char` is not."""
    if term.queried:
        return Term(f"to_char({term.sql}, 'YYYY-MM-DD')", TEXT, affine=term.affine)
    parts = [f"lpad(CAST(EXTRACT({unit} FROM {term.sql}) AS text), {width}, '0')" for unit, width in _DATE_PARTS]
    return Term(" || '-' || ".join(parts), TEXT, Level.OTHER, affine=term.affine)


_DATE_PARTS: Final = (("YEAR", 4), ("MONTH", 2), ("DAY", 2))


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
        return Term(f"CAST({term.sql} AS numeric)", NUMERIC, affine=True)
    if term.constant is not None and isinstance(term.constant.value, str):
        return _number_constant(term.constant.value)
    if term.kind is Kind.TEXT and counted(term):
        return count(term)
    raise Untranslatable(f"SQLite calculates with a column that is {spelling(known(term))} in PostgreSQL.")


def _number_constant(text: str) -> Term:
    from_text = leading_number(text)
    return replace(constant(from_text), affine=False)


def fit(term: Term, type: LogicalType) -> Term:
    """A value as a column of `type` stores it, or as a term of that type among others.

    Raises:
        Untranslatable: There is no such value, or it would not be equal.
    """
    if term.null or term.unknown:
        return term
    if term.constant is not None:
        return _required(term, type)
    if term.kind is Kind.DECIMAL and type.kind is Kind.DECIMAL:
        return _decimal_as(term, type)
    if term.kind is type.kind:
        return term
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
    if type.precision is not None and type.scale is not None and (digits is None or digits > type.scale):
        raise Untranslatable(f"The value may have more digits after the point than {spelling(type)} keeps.")
    return term


def _changed(term: Term, type: LogicalType) -> Term:
    """A term that is no constant as another kind."""
    name = spelling(type)
    if term.kind is Kind.BOOL and type.kind in NUMBERS:
        return as_int(term)
    if term.kind in INTEGERS and type.kind in INTEGERS | {Kind.DECIMAL}:
        return replace(term, type=type)
    if term.kind in INTEGERS and type.kind is Kind.FLOAT64:
        return cast(term, name, type)
    if term.kind is Kind.DECIMAL and type.kind is Kind.FLOAT64:
        return cast(term, name, type)
    if term.kind in NUMBERS and type.kind is Kind.BOOL and not term.affine:
        return truth(f"{term.at(Level.PATTERN)} <> 0", Level.COMPARISON)
    if term.kind is Kind.TEXT and type.kind in INTEGERS | {Kind.UUID, Kind.JSON, Kind.JSON_TEXT}:
        return cast(term, name, type)
    if term.kind is Kind.DATE and type.kind is Kind.TIMESTAMP:
        return cast(term, name, type)
    if term.kind is Kind.BINARY and type.kind is Kind.UUID:
        return Term(f"CAST(encode({term.sql}, 'hex') AS uuid)", type)
    raise Untranslatable(f"A {spelling(known(term))} need not have an equal {name}.")


def _moment_as(term: Term, type: LogicalType) -> Term:
    """A text made from a moment as that moment, cut to what the text tells."""
    assert term.moment is not None
    unit = resolution(term.layout)
    dated, timed = unit is not None, unit != "day"
    if type.kind is Kind.DATE and dated and not timed:
        return Term(f"CAST({term.moment.sql} AS date)", type)
    if type.kind is Kind.TIME and term.layout == "%H:%M:%S":
        return Term(f"CAST(date_trunc('second', {term.moment.sql}) AS time)", type)
    if type.kind is Kind.TIMESTAMP and unit is not None:
        return Term(f"date_trunc('{unit}', {term.moment.sql})", type)
    if type.kind is Kind.TIMESTAMPTZ and unit is not None:
        if term.moment.zoned and timed:
            return Term(f"date_trunc('{unit}', {term.moment.zoned})", type)
        return Term(f"date_trunc('{unit}', {term.moment.sql}) AT TIME ZONE 'UTC'", type, Level.COLLATE)
    if type.kind in INTEGERS and counted(term):
        return count(term)
    raise Untranslatable(f"The text that SQLite makes of a time need not have an equal {spelling(type)}.")


def count(term: Term) -> Term:
    """A `counted` text as the number it is."""
    assert term.moment is not None
    return unix_seconds(term.moment) if term.layout == "%s" else cast(term, "bigint", INT64)


def unix_seconds(moment: Moment) -> Term:
    """Whole seconds since 1970."""
    return Term(f"CAST(floor(EXTRACT(EPOCH FROM {moment.sql})) AS bigint)", INT64)


def _document_as(term: Term, type: LogicalType) -> Term:
    """A value taken from JSON as a number, truth value or document."""
    assert term.document is not None
    if type.kind in DOCUMENTS:
        return Term(term.document.json, type, Level.OTHER)
    return Term(f"CAST({term.document.json} AS {spelling(type)})", type, affine=True)


def fit_prefix(term: Term, pattern: str) -> Term:
    """The text that a pattern is compared with: of a timestamp no more than its day, see `is_day_prefix`."""
    return day_text(term) if is_day_prefix(term, pattern) else as_text(term)


def day_text(term: Term) -> Term:
    """The day of a timestamp as YYYY-MM-DD, in UTC."""
    instant = term.sql if term.kind is Kind.TIMESTAMP else f"{term.at(Level.ATOM)} AT TIME ZONE 'UTC'"
    return _iso_date(Term(instant, DATE, queried=term.queried))


def instant(term: Term) -> Term:
    """A date or time as a timestamp in UTC, so that different ones compare."""
    if term.kind is Kind.TIMESTAMPTZ:
        return Term(f"{term.at(Level.ATOM)} AT TIME ZONE 'UTC'", TIMESTAMP, Level.COLLATE)
    return term


SPEECH: Final = Speech(
    product="PostgreSQL",
    unknown="NULL",
    spelling=spelling,
    constant=constant,
    converted=converted,
    as_int=as_int,
    as_text=as_text,
    count=count,
    instant=instant,
    fit=fit,
)

_required = SPEECH.required


def _decimals(terms: Sequence[Term]) -> LogicalType:
    """`numeric` with as many digits after the point as any of the terms."""
    return LogicalType(Kind.DECIMAL, scale=most_digits(terms))


def unified(terms: Sequence[Term]) -> LogicalType | None:
    """See `unifying.unified`."""
    return unifying.unified(terms, SPEECH, _decimals)


def together(terms: Sequence[Term]) -> tuple[list[Term], LogicalType | None]:
    """See `unifying.together`."""
    return unifying.together(terms, SPEECH, _decimals)
