"""Constants as PostgreSQL writes the values of a type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from migrator.model.types import Kind, LogicalType
from migrator.targets.postgresql.expressions.terms import constant
from migrator.targets.postgresql.names import literal
from migrator.targets.postgresql.types import fact
from migrator.targets.translation.constants import stored
from migrator.targets.translation.terms import Constant, Term


def spelling(type: LogicalType) -> str:
    """The type in PostgreSQL's SQL; `numeric` where its digits are not stated."""
    return "numeric" if type.kind is Kind.DECIMAL and type.precision is None else fact(type).spelling(type)


def converted(term: Term, type: LogicalType) -> Term | None:
    """A constant as a value of `type`, None when the type has no equal value."""
    assert term.constant is not None
    value = term.constant.value
    if value is None:
        return term
    found = stored(value, type)
    sql = None if found is None else _SPELLINGS[type.kind](found, type)
    return None if sql is None else Term(sql, type, constant=Constant(value), affine=True)


def _bool(value: bool, _type: LogicalType) -> str:
    return str(value).upper()


def _integer(value: int, _type: LogicalType) -> str:
    return str(value)


def _float(value: float, _type: LogicalType) -> str:
    text = repr(value)
    return f"CAST({literal(text)} AS double precision)" if "inf" in text else text


def _decimal(value: Any, type: LogicalType) -> str:
    return str(value) if type.precision is None else format(value, "f")


def _text(value: str, _type: LogicalType) -> str:
    return literal(value)


def _binary(value: bytes, _type: LogicalType) -> str:
    return constant(value).code


def _date(value: date, _type: LogicalType) -> str:
    return f"DATE {literal(value.isoformat())}"


def _time(value: str, _type: LogicalType) -> str:
    return f"TIME {literal(value)}"


def _timestamp(value: datetime, _type: LogicalType) -> str:
    return f"{'TIMESTAMPTZ' if value.tzinfo else 'TIMESTAMP'} {literal(value.isoformat(' '))}"


def _uuid(value: object, _type: LogicalType) -> str:
    return f"CAST({literal(str(value))} AS uuid)"


def _json(value: str, type: LogicalType) -> str | None:
    if type.kind is Kind.JSON and "\\u0000" in value:  # https://www.postgresql.org/docs/current/datatype-json.html
        return None
    return f"CAST({literal(value)} AS {spelling(type)})"


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
