"""Constants and truth values as terms of T-SQL.

T-SQL has predicates and values, and neither stands for the other. A term that is a `truth` and no constant is a
predicate; constants and everything else are values, columns of type bit too.
https://learn.microsoft.com/sql/t-sql/language-elements/comparison-operators-transact-sql
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from migrator.model.types import BINARY, BOOL, FLOAT64, INT32, INT64, TEXT, Kind
from migrator.targets import Untranslatable
from migrator.targets.mssql.names import literal
from migrator.targets.translation.terms import NUMBERS, Constant, Level, Term, Value, cast, truth

UNKNOWN: Final = "1 = NULL"
"""A predicate that is neither true nor false; SQL Server's drivers keep ANSI_NULLS on."""

_MAX_DIGITS: Final = 38


def constant(value: Value) -> Term:
    """A constant as it stands in neutral SQL."""
    if value is None:
        return Term("NULL", constant=Constant(None))
    if isinstance(value, bool):
        return Term("1" if value else "0", BOOL, constant=Constant(value), truth=True)
    if isinstance(value, int):
        return _whole(value)
    if isinstance(value, Decimal):
        return _float(value)
    if isinstance(value, bytes):
        return Term(f"0x{value.hex()}", BINARY, constant=Constant(value))
    return Term(text(value), TEXT, constant=Constant(value))


def text(value: str) -> str:
    """A text constant. The NUL character is written by its number, and the constant ends after a backslash before
    the end of a line, which would make one line of two
    (https://learn.microsoft.com/sql/t-sql/language-elements/sql-server-utilities-statements-backslash)."""
    parts = ["NCHAR(0)" if part == "\0" else literal(part) for part in _PIECES.split(value) if part]
    return f"({' + '.join(parts)})" if len(parts) > 1 else parts[0] if parts else literal("")


_PIECES: Final = re.compile(r"(\0)|(?<=\\)(?=\r?\n)")


def _whole(value: int) -> Term:
    """An integer: beyond 32 bits T-SQL would read a decimal
    (https://learn.microsoft.com/sql/t-sql/data-types/constants-transact-sql)."""
    if -(2**31) < value < 2**31:
        return Term(str(value), INT32, Level.OTHER if value < 0 else Level.ATOM, Constant(value))
    return Term(f"CAST({value} AS bigint)", INT64, constant=Constant(value))


def _float(value: Decimal) -> Term:
    """A number with a point is a float in SQLite, in T-SQL only with an exponent."""
    code = str(value) if "E" in str(value) else f"{value}E0"
    problem = "SQL Server has no infinite numbers." if "inf" in repr(float(value)) else ""
    level = Level.OTHER if value < 0 else Level.ATOM
    return Term(code, FLOAT64, level, Constant(value), problem=problem)


def as_decimal(term: Term) -> Term:
    """A constant with a point as a decimal, to be compared or calculated exactly; anything else as it is."""
    value = term.constant.value if term.constant is not None else None
    if not isinstance(value, Decimal):
        return term
    code = format(value, "f")
    if sum(map(str.isdigit, code)) > _MAX_DIGITS:
        return term
    return Term(code, term.type, Level.OTHER if value < 0 else Level.ATOM, term.constant)


def as_int(term: Term) -> Term:
    """A truth value as 1 or 0; anything else as it is."""
    if term.kind is not Kind.BOOL:
        return term
    if term.constant is not None:
        return constant(int(bool(term.constant.value)))
    return Term(_one_or_zero(term), INT32) if term.truth else cast(term, "int", INT32)


def as_bit(term: Term) -> Term:
    """A truth value as a value, 1 or 0, of a column of type bit or like one."""
    if term.constant is not None or not term.truth:
        return term
    return Term(_one_or_zero(term), BOOL)


def _one_or_zero(term: Term) -> str:
    if term.certain:
        return f"CASE WHEN {term.sql} THEN 1 ELSE 0 END"
    return f"CASE WHEN {term.sql} THEN 1 WHEN {negated(term).sql} THEN 0 END"


def as_value(term: Term) -> Term:
    """What a query outputs, and what a comparison compares: SQLite's truth values are numbers."""
    return as_int(term) if term.truth else term


def as_condition(term: Term) -> Term:
    """A term where a predicate is needed: a number is true when it is not zero.

    Raises:
        Untranslatable: It is neither a truth value nor a number.
    """
    if term.null:
        return truth(UNKNOWN, Level.COMPARISON)
    if term.constant is not None and isinstance(term.constant.value, (bool, int, Decimal)):
        holds = bool(term.constant.value)
        return Term(f"1 = {int(holds)}", BOOL, Level.COMPARISON, Constant(holds), truth=True, certain=True)
    if term.truth:
        return term
    if term.kind is Kind.BOOL:
        return truth(f"{term.at(Level.OTHER)} = 1", Level.COMPARISON)
    if term.unknown or term.kind in NUMBERS:
        return truth(f"{term.at(Level.OTHER)} <> 0", Level.COMPARISON)
    raise Untranslatable(f"A {term.type} cannot be a condition in SQL Server.")


def negated(term: Term) -> Term:
    """NOT of a predicate; T-SQL's grammar has no NOT NOT."""
    if term.level is Level.NOT:
        return truth(term.sql.removeprefix("NOT "), Level.COMPARISON, certain=term.certain)
    return truth(f"NOT {term.at(Level.NOT)}", Level.NOT, certain=term.certain)
