"""The one table of SQL Server's types: how each logical type is spelt and built.

Documentation is generated from `TYPES`. Nothing here connects.
See https://learn.microsoft.com/sql/t-sql/data-types/data-types-transact-sql.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mssql
from sqlalchemy.types import TypeEngine

from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT16,
    INT32,
    INT64,
    JSON_TEXT,
    MAX_DECIMAL_PRECISION,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    Kind,
    LogicalType,
    binary,
    decimal,
    text,
)
from migrator.targets import Untranslatable

MAX_NVARCHAR = 4000
"""Longest `n` of `nvarchar(n)`, in UTF-16 code units.
https://learn.microsoft.com/sql/t-sql/data-types/nchar-and-nvarchar-transact-sql"""
MAX_VARBINARY = 8000
"""Longest `n` of `varbinary(n)`, in bytes.
https://learn.microsoft.com/sql/t-sql/data-types/binary-and-varbinary-transact-sql"""


_mssql: Any = mssql
"""SQLAlchemy does not type the constructors of these."""


@dataclass(frozen=True, slots=True)
class TypeFact:
    """One logical type in SQL Server.

    `name` is how it is written and catalogued, a template over the logical type's parameters. `build` makes the
    SQLAlchemy type from which DDL is rendered. `octets` is what a value takes in a row or an index key at most, as
    declared; None where that has no bound an index could have.
    """

    name: str
    build: Callable[[LogicalType], TypeEngine[Any]]
    octets: Callable[[LogicalType], int | None]

    def spelling(self, type: LogicalType) -> str:
        """The type in SQL, such as `decimal(18,4)`."""
        return self.name.format(length=type.length, precision=type.precision, scale=type.scale)


def _fixed(octets: int) -> Callable[[LogicalType], int]:
    return lambda _: octets


def _decimal_octets(type: LogicalType) -> int:
    """https://learn.microsoft.com/sql/t-sql/data-types/decimal-and-numeric-transact-sql"""
    precision = type.precision or MAX_DECIMAL_PRECISION
    return next(octets for digits, octets in ((9, 5), (19, 9), (28, 13), (38, 17)) if precision <= digits)


_UNBOUNDED: Callable[[LogicalType], int | None] = lambda _: None  # noqa: E731 - stands in a table of such

TYPES: dict[Kind, TypeFact] = {
    Kind.BOOL: TypeFact("bit", lambda _: mssql.BIT(), _fixed(1)),
    Kind.INT16: TypeFact("smallint", lambda _: sa.SmallInteger(), _fixed(2)),
    Kind.INT32: TypeFact("int", lambda _: sa.Integer(), _fixed(4)),
    Kind.INT64: TypeFact("bigint", lambda _: sa.BigInteger(), _fixed(8)),
    Kind.FLOAT64: TypeFact("float(53)", lambda _: sa.Float(53), _fixed(8)),
    Kind.DECIMAL: TypeFact(
        "decimal({precision},{scale})", lambda type: sa.DECIMAL(type.precision, type.scale), _decimal_octets
    ),
    Kind.TEXT: TypeFact("nvarchar(max)", lambda _: sa.NVARCHAR(), _UNBOUNDED),
    Kind.BINARY: TypeFact("varbinary(max)", lambda _: _mssql.VARBINARY("max"), _UNBOUNDED),
    Kind.DATE: TypeFact("date", lambda _: mssql.DATE(), _fixed(3)),
    Kind.TIME: TypeFact("time(7)", lambda _: _mssql.TIME(7), _fixed(5)),
    Kind.TIMESTAMP: TypeFact("datetime2(7)", lambda _: _mssql.DATETIME2(7), _fixed(8)),
    Kind.TIMESTAMPTZ: TypeFact("datetimeoffset(7)", lambda _: _mssql.DATETIMEOFFSET(7), _fixed(10)),
    Kind.UUID: TypeFact("uniqueidentifier", lambda _: mssql.UNIQUEIDENTIFIER(), _fixed(16)),
    Kind.JSON: TypeFact("nvarchar(max)", lambda _: sa.NVARCHAR(), _UNBOUNDED),
    Kind.JSON_TEXT: TypeFact("nvarchar(max)", lambda _: sa.NVARCHAR(), _UNBOUNDED),
}
"""JSON is text with a CHECK that says so: the type `json` is of 2025 and later."""

BOUNDED: dict[Kind, TypeFact] = {
    Kind.TEXT: TypeFact(
        "nvarchar({length})", lambda type: sa.NVARCHAR(type.length), lambda type: 2 * (type.length or 0)
    ),
    Kind.BINARY: TypeFact(
        "varbinary({length})", lambda type: _mssql.VARBINARY(type.length), lambda type: type.length
    ),
}
"""Text and bytes of a limited length."""


def fact(type: LogicalType) -> TypeFact:
    """The SQL Server type for a logical type."""
    return TYPES[type.kind] if type.length is None else BOUNDED[type.kind]


_SPELLINGS: dict[str, LogicalType] = {
    "BIT": BOOL,
    "SMALLINT": INT16,
    "INTEGER": INT32,
    "INT": INT32,
    "BIGINT": INT64,
    "FLOAT": FLOAT64,
    "FLOAT(53)": FLOAT64,
    "DOUBLE PRECISION": FLOAT64,
    "NVARCHAR(MAX)": TEXT,
    "VARBINARY(MAX)": BINARY,
    "DATE": DATE,
    "TIME": TIME,
    "DATETIME2": TIMESTAMP,
    "DATETIMEOFFSET": TIMESTAMPTZ,
    "UNIQUEIDENTIFIER": UUID,
    "JSON": JSON_TEXT,
}
_PRECISE = re.compile(r"(TIME|DATETIME2|DATETIMEOFFSET)\(([67])\)")
"""Of fewer digits than microseconds need, a type would round."""
_BOUNDED = re.compile(r"(NVARCHAR|VARBINARY)\((\d+)\)")
_DECIMAL = re.compile(r"(?:NUMERIC|DECIMAL)\((\d+)(?:, ?(\d+))?\)")
_CODE_PAGE = re.compile(r"(?:VARCHAR|CHAR|TEXT)\b.*")
_ROUNDED = re.compile(r"(?:DATETIME|SMALLDATETIME|(?:TIME|DATETIME2|DATETIMEOFFSET)\([0-5]\))")
_COLLATED = re.compile(r" COLLATE \w+$")


def logical(spelling: str) -> LogicalType:
    """The logical type of which a column of this type holds every value exactly, and nothing else.

    Raises:
        Untranslatable: There is none: a type this tool does not fill, or one that would change values.
    """
    word = _COLLATED.sub("", spelling.upper().strip())
    if match := _PRECISE.fullmatch(word):
        word = match[1]
    if word in _SPELLINGS:
        return _SPELLINGS[word]
    if match := _BOUNDED.fullmatch(word):
        return text(int(match[2])) if match[1] == "NVARCHAR" else binary(int(match[2]))
    if match := _DECIMAL.fullmatch(word):
        return decimal(int(match[1]), int(match[2] or 0))
    if _CODE_PAGE.fullmatch(word):
        raise Untranslatable("It holds the characters of one code page only; write NVARCHAR (sqlalchemy.Unicode).")
    if _ROUNDED.fullmatch(word):
        raise Untranslatable("It rounds times to less than microseconds; write DATETIME2, TIME or DATETIMEOFFSET.")
    raise Untranslatable("No logical type corresponds to it exactly.")


def stored(type: LogicalType) -> LogicalType:
    """The logical type SQL Server stores for `type`: itself, except that JSON keeps its text, and that a length
    that no type has (none, or too long) is no bound."""
    if type.kind is Kind.JSON:
        return JSON_TEXT
    limit = {Kind.TEXT: MAX_NVARCHAR, Kind.BINARY: MAX_VARBINARY}.get(type.kind)
    if limit is not None and type.length is not None and not 1 <= type.length <= limit:
        return replace(type, length=None)
    return type


def key_octets(type: LogicalType) -> int | None:
    """Bytes that a column of the type takes in an index key at most, as it is declared; None where no index can
    have it. https://learn.microsoft.com/sql/sql-server/maximum-capacity-specifications-for-sql-server"""
    return fact(type).octets(type)
