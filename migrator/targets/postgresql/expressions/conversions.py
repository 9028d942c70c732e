"""Terms as other types: as text, as what a column takes, and two or more terms as one type.

A conversion is made only where it means what SQLite's affinity makes of the value
(https://www.sqlite.org/datatype3.html); everything else is Untranslatable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from migrator.model.types import BOOL, DATE, FLOAT64, INT64, TEXT, Kind, LogicalType
from migrator.targets import Untranslatable
from migrator.targets.postgresql.expressions import constants
from migrator.targets.postgresql.expressions.constants import spelling
from migrator.targets.postgresql.expressions.terms import (
    DOCUMENTS,
    INSTANTS,
    INTEGERS,
    NUMBERS,
    NUMERIC,
    Level,
    Moment,
    Term,
    as_int,
    cast,
    constant,
    digits_after_point,
    truth,
)

_COUNTED: Final = frozenset({"%s", "%Y", "%m", "%d", "%H", "%M", "%S", "%j", "%w"})
"""Layouts of a moment whose text is a whole number."""


def as_text(term: Term) -> Term:
    """The text SQLite makes of a value.

    Raises:
        Untranslatable: The target's type does not keep how the source spells the value.
    """
    if term.null or term.unknown or term.kind is Kind.TEXT:
        return term
    if term.constant is not None:
        return constants.required(term, TEXT)
    if term.kind is Kind.BOOL:
        return cast(as_int(term), "text", TEXT)
    if term.kind in INTEGERS or term.kind in (Kind.JSON_TEXT, Kind.UUID):
        return cast(term, "text", TEXT)
    if term.kind is Kind.DECIMAL and not term.real and digits_after_point(term) is not None:
        return Term(f"CAST(trim_scale({term.sql}) AS text)", TEXT, affine=term.affine)
    if term.kind is Kind.DATE:
        return _iso_date(term)
    raise Untranslatable(f"PostgreSQL writes a {spelling(_known(term))} as text in another way than SQLite.")


def _known(term: Term) -> LogicalType:
    assert term.type is not None
    return term.type


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
    raise Untranslatable(f"SQLite calculates with a column that is {spelling(_known(term))} in PostgreSQL.")


def _number_constant(text: str) -> Term:
    from_text = constants.leading_number(text)
    return replace(constant(from_text), affine=False)


def counted(term: Term) -> bool:
    """Whether a text is a whole number for certain: a part of a moment."""
    return term.moment is not None and term.layout in _COUNTED


def fit(term: Term, type: LogicalType) -> Term:
    """A value as a column of `type` stores it, or as a term of that type among others.

    Raises:
        Untranslatable: There is no such value, or it would not be equal.
    """
    if term.null or term.unknown:
        return term
    if term.constant is not None:
        return constants.required(term, type)
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
    raise Untranslatable(f"A {spelling(_known(term))} need not have an equal {name}.")


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


_RESOLUTIONS: Final = (("%f", "milliseconds"), ("%S", "second"), ("%M", "minute"), ("%H", "hour"))


def resolution(layout: str) -> str | None:
    """The unit to which a text tells a moment, None when it does not tell the date."""
    if layout in ("%s", "%J"):
        return "second" if layout == "%s" else "milliseconds"
    if not all(part in layout for part in ("%Y", "%m", "%d")):
        return None
    return next((unit for part, unit in _RESOLUTIONS if part in layout), "day")


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


def unified(terms: Sequence[Term]) -> LogicalType | None:
    """The type that all terms can have together, as in COALESCE, CASE and UNION; None when some type is not
    known.

    Raises:
        Untranslatable: There is none.
    """
    kinds = {term.kind for term in terms if not term.null}
    if any(term.unknown for term in terms) or not kinds:
        return None
    typed = [term for term in terms if not term.null and term.constant is None]
    if len(kinds) == 1:
        return _widest(terms)
    if Kind.BOOL in kinds and all(_truth_like(term) for term in terms):
        return BOOL if any(not term.truth for term in typed if term.kind is Kind.BOOL) else INT64
    if kinds <= NUMBERS | {Kind.BOOL}:
        return _common_number([term for term in terms if not term.null])
    for term in typed:
        if term.kind not in NUMBERS | {Kind.TEXT} and all(_fits(other, _known(term)) for other in terms):
            return term.type
    return TEXT


def _truth_like(term: Term) -> bool:
    return term.kind is Kind.BOOL or term.null or (term.constant is not None and term.constant.value in (0, 1))


def _fits(term: Term, type: LogicalType) -> bool:
    if term.constant is not None:
        return constants.converted(term, type) is not None
    return term.kind is type.kind or term.moment is not None or {term.kind, type.kind} <= INSTANTS


def _widest(terms: Sequence[Term]) -> LogicalType:
    types = [_known(term) for term in terms if not term.null]
    if types[0].kind is Kind.TEXT:
        return TEXT
    if types[0].kind is Kind.DECIMAL:
        return _decimal([term for term in terms if not term.null])
    return types[0]


def _decimal(terms: Sequence[Term]) -> LogicalType:
    """`numeric` with as many digits after the point as any of the terms."""
    digits = [digits_after_point(term) for term in terms]
    known = [count for count in digits if count is not None]
    return LogicalType(Kind.DECIMAL, scale=max(known) if len(known) == len(digits) else None)


def _common_number(terms: Sequence[Term]) -> LogicalType:
    """Constants with a point are decimals among decimals, floats elsewhere."""
    kinds = {term.kind for term in terms if term.constant is None}
    if Kind.FLOAT64 in kinds:
        return FLOAT64
    if Kind.DECIMAL in kinds:
        return _decimal(terms)
    return FLOAT64 if any(term.kind is Kind.FLOAT64 for term in terms) else INT64


def together(terms: Sequence[Term]) -> tuple[list[Term], LogicalType | None]:
    """Terms as one type, and the type.

    Raises:
        Untranslatable: There is none.
    """
    type = unified(terms)
    if type is None:
        return list(terms), None
    return [fit(term, type) for term in terms], type


def fit_prefix(term: Term, pattern: str) -> Term:
    """The text of a timestamp where only its first ten characters matter: those are the date, however the
    source spells the rest. Anything else as `as_text` gives it."""
    fixed = re.match(r"[^%_*?\[]*", pattern)
    assert fixed is not None
    begins = pattern[fixed.end() :] in ("%", "*") and fixed.end() <= _DATE_LENGTH
    if term.kind in (Kind.TIMESTAMP, Kind.TIMESTAMPTZ) and begins:
        return day_text(term)
    return as_text(term)


def day_text(term: Term) -> Term:
    """The day of a timestamp as YYYY-MM-DD, in UTC."""
    instant = term.sql if term.kind is Kind.TIMESTAMP else f"{term.at(Level.ATOM)} AT TIME ZONE 'UTC'"
    return _iso_date(Term(instant, DATE, queried=term.queried))


_DATE_LENGTH: Final = len("YYYY-MM-DD")
