"""The one table of PostgreSQL's types: how each logical type is spelt, catalogued and built.

Documentation is generated from `TYPES`. Nothing here connects.
See https://www.postgresql.org/docs/current/datatype.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT16,
    INT32,
    INT64,
    JSON,
    JSON_TEXT,
    MAX_DECIMAL_PRECISION,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    Kind,
    LogicalType,
    decimal,
    text,
)
from migrator.targets import Untranslatable

MAX_VARCHAR = 10_485_760
"""Longest `n` of `varchar(n)`, https://www.postgresql.org/docs/current/datatype-character.html."""


@dataclass(frozen=True, slots=True)
class TypeFact:
    """One logical type in PostgreSQL.

    `name` is how people write it, `catalogue` how `format_type` spells it; both are templates over the logical
    type's parameters. `build` makes the SQLAlchemy type from which DDL is rendered.
    """

    name: str
    catalogue: str
    build: Callable[[LogicalType], TypeEngine[Any]]

    def spelling(self, type: LogicalType) -> str:
        """The type as people write it, such as `numeric(18,4)`."""
        return _fill(self.name, type)

    def catalogued(self, type: LogicalType) -> str:
        """The type as the catalogue spells it, such as `character varying(150)`."""
        return _fill(self.catalogue, type)


def _fill(template: str, type: LogicalType) -> str:
    return template.format(length=type.length, precision=type.precision, scale=type.scale)


TYPES: dict[Kind, TypeFact] = {
    Kind.BOOL: TypeFact("boolean", "boolean", lambda _: sa.Boolean()),
    Kind.INT16: TypeFact("smallint", "smallint", lambda _: sa.SmallInteger()),
    Kind.INT32: TypeFact("integer", "integer", lambda _: sa.Integer()),
    Kind.INT64: TypeFact("bigint", "bigint", lambda _: sa.BigInteger()),
    Kind.FLOAT64: TypeFact("double precision", "double precision", lambda _: sa.Double()),
    Kind.DECIMAL: TypeFact(
        "numeric({precision},{scale})",
        "numeric({precision},{scale})",
        lambda type: sa.Numeric(type.precision, type.scale),
    ),
    Kind.TEXT: TypeFact("text", "text", lambda _: sa.Text()),
    Kind.BINARY: TypeFact("bytea", "bytea", lambda _: postgresql.BYTEA()),
    Kind.DATE: TypeFact("date", "date", lambda _: sa.Date()),
    Kind.TIME: TypeFact("time", "time without time zone", lambda _: postgresql.TIME()),
    Kind.TIMESTAMP: TypeFact("timestamp", "timestamp without time zone", lambda _: postgresql.TIMESTAMP()),
    Kind.TIMESTAMPTZ: TypeFact(
        "timestamptz", "timestamp with time zone", lambda _: postgresql.TIMESTAMP(timezone=True)
    ),
    Kind.UUID: TypeFact("uuid", "uuid", lambda _: sa.Uuid()),
    Kind.JSON: TypeFact("jsonb", "jsonb", lambda _: postgresql.JSONB()),
    Kind.JSON_TEXT: TypeFact("json", "json", lambda _: postgresql.JSON()),
}
"""Times and timestamps have their default precision, which is microseconds."""

BOUNDED_TEXT = TypeFact("varchar({length})", "character varying({length})", lambda type: sa.String(type.length))
"""What text of a limited length is: the only kind with two types."""


def fact(type: LogicalType) -> TypeFact:
    """The PostgreSQL type for a logical type."""
    return BOUNDED_TEXT if type.kind is Kind.TEXT and type.length is not None else TYPES[type.kind]


_SPELLINGS: dict[str, LogicalType] = {
    "BOOLEAN": BOOL,
    "SMALLINT": INT16,
    "SMALLSERIAL": INT16,
    "INTEGER": INT32,
    "SERIAL": INT32,
    "BIGINT": INT64,
    "BIGSERIAL": INT64,
    "DOUBLE PRECISION": FLOAT64,
    "FLOAT": FLOAT64,
    "TEXT": TEXT,
    "VARCHAR": TEXT,
    "CHARACTER VARYING": TEXT,
    "BYTEA": BINARY,
    "DATE": DATE,
    "TIME": TIME,
    "TIME WITHOUT TIME ZONE": TIME,
    "TIMESTAMP": TIMESTAMP,
    "TIMESTAMP WITHOUT TIME ZONE": TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": TIMESTAMPTZ,
    "UUID": UUID,
    "JSONB": JSON,
    "JSON": JSON_TEXT,
}
_VARCHAR = re.compile(r"(?:VARCHAR|CHARACTER VARYING)\((\d+)\)")
_NUMERIC = re.compile(r"(?:NUMERIC|DECIMAL)\((\d+)(?:, ?(\d+))?\)")


def logical(spelling: str) -> LogicalType:
    """The logical type of which a column of this type holds every value exactly, and nothing else.

    Raises:
        Untranslatable: There is none: a type this tool does not fill, or a numeric without bounds.
    """
    word = spelling.upper().strip()
    if word in _SPELLINGS:
        return _SPELLINGS[word]
    if match := _VARCHAR.fullmatch(word):
        return text(int(match[1]))
    if match := _NUMERIC.fullmatch(word):
        precision, scale = int(match[1]), int(match[2] or 0)
        if precision <= MAX_DECIMAL_PRECISION and scale <= precision:
            return decimal(precision, scale)
        raise Untranslatable(f"Decimals have up to {MAX_DECIMAL_PRECISION} digits here.")
    if word in ("NUMERIC", "DECIMAL"):
        raise Untranslatable("A numeric needs its precision and scale here, such as NUMERIC(18, 4).")
    raise Untranslatable("No logical type corresponds to it exactly.")


def stored(type: LogicalType) -> LogicalType:
    """The logical type PostgreSQL stores for `type`: itself, except that a length `varchar` cannot have
    (none, or above `MAX_VARCHAR`) becomes unbounded text."""
    if type.kind is Kind.TEXT and type.length is not None and not 1 <= type.length <= MAX_VARCHAR:
        return TEXT
    return type
