"""Constants as T-SQL writes the values of a type.

Dates are converted with a style, because without one they are read by the session's settings and not
deterministic:
https://learn.microsoft.com/sql/relational-databases/user-defined-functions/deterministic-and-nondeterministic-functions
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from migrator.model.types import Kind, LogicalType
from migrator.targets.mssql.expressions.collating import units
from migrator.targets.mssql.expressions.terms import constant, text
from migrator.targets.mssql.names import literal
from migrator.targets.mssql.types import fact
from migrator.targets.translation.constants import stored
from migrator.targets.translation.terms import Constant, Level, Term


def spelling(type: LogicalType) -> str:
    """The type in T-SQL."""
    return fact(type).spelling(type)


def converted(term: Term, type: LogicalType) -> Term | None:
    """A constant as a value of `type`, None when the type has no equal value."""
    assert term.constant is not None
    value = term.constant.value
    if value is None:
        return term
    found = stored(value, type)
    sql = None if found is None else _SPELLINGS[type.kind](found, type)
    if sql is None:
        return None
    level = Level.OTHER if sql.startswith("-") else Level.ATOM
    # As text or bytes the value is what is stored, whatever it was: its length counts.
    kept = found if isinstance(found, (str, bytes)) and type.kind in (Kind.TEXT, Kind.BINARY) else value
    return Term(sql, type, level, Constant(kept), affine=True)


def _bool(value: bool, _type: LogicalType) -> str:
    return str(int(value))


def _integer(value: int, _type: LogicalType) -> str:
    return constant(value).code


def _float(value: float, _type: LogicalType) -> str | None:
    term = constant(Decimal(repr(value)) if "inf" not in repr(value) else Decimal("Infinity"))
    return None if term.problem else term.code


def _decimal(value: Decimal, _type: LogicalType) -> str:
    return format(value, "f")


def _text(value: str, type: LogicalType) -> str | None:
    return text(value) if type.length is None or units(value) <= type.length else None


def _binary(value: bytes, type: LogicalType) -> str | None:
    return f"0x{value.hex()}" if type.length is None or len(value) <= type.length else None


def _date(value: date, _type: LogicalType) -> str:
    return f"CONVERT(date, {literal(value.isoformat())}, 120)"


def _time(value: str, _type: LogicalType) -> str:
    return f"CAST({literal(value)} AS time(7))"


def _timestamp(value: datetime, _type: LogicalType) -> str:
    name = "datetimeoffset(7)" if value.tzinfo else "datetime2(7)"
    return f"CONVERT({name}, {literal(value.isoformat())}, 126)"


def _uuid(value: object, _type: LogicalType) -> str:
    return f"CAST({literal(str(value))} AS uniqueidentifier)"


def _json(value: str, _type: LogicalType) -> str:
    return text(value)


_SPELLINGS: Final[dict[Kind, Callable[[Any, LogicalType], str | None]]] = {
    Kind.BOOL: _bool,
    Kind.INT16: _integer,
    Kind.INT32: _integer,
    Kind.INT64: _integer,
    Kind.FLOAT64: _float,
    Kind.DECIMAL: _decimal,
    Kind.TEXT: _text,
    Kind.BINARY: _binary,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.TIMESTAMP: _timestamp,
    Kind.TIMESTAMPTZ: _timestamp,
    Kind.UUID: _uuid,
    Kind.JSON: _json,
    Kind.JSON_TEXT: _json,
}
