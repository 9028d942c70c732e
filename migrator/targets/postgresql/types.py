"""The one table of PostgreSQL's types: how each logical type is spelt, catalogued and built.

Documentation is generated from `TYPES`. Nothing here connects.
See https://www.postgresql.org/docs/current/datatype.html.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from migrator.model.types import TEXT, Kind, LogicalType

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


def stored(type: LogicalType) -> LogicalType:
    """The logical type PostgreSQL stores for `type`: itself, except that a length `varchar` cannot have
    (none, or above `MAX_VARCHAR`) becomes unbounded text."""
    if type.kind is Kind.TEXT and type.length is not None and not 1 <= type.length <= MAX_VARCHAR:
        return TEXT
    return type
