"""The portable types of models and revisions: one definition each, exact on PostgreSQL and on SQL Server.

Revisions use them too, so what a type means may never change here: a new meaning is a new name.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mssql, postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

SECRET: Final[dict[Any, Any]] = {"secret": True}
"""The `info` of a column whose values are never shown: `mapped_column(…, info=SECRET)`. Plans, findings and
reports mask them; digests cover them all the same."""

Json = dict[str, Any] | list[Any]
"""A document, as Python sees it."""

# Text ------------------------------------------------------------------------


def text(length: int) -> sa.Unicode:
    """`varchar(length)` and `nvarchar(length)`: at most `length` characters.

    On SQL Server they are UTF-16 code units, of which a character outside the Basic Multilingual Plane takes two
    (https://learn.microsoft.com/sql/t-sql/data-types/nchar-and-nvarchar-transact-sql); `varchar` there would keep
    only what the database's code page has.
    """
    return sa.Unicode(length)


LONG_TEXT: Final = sa.UnicodeText().with_variant(mssql.NVARCHAR(None), "mssql")
"""`text` and `nvarchar(max)`. Without the variant, SQLAlchemy writes the deprecated NTEXT where it does not know
the server's version, as in offline mode."""


ROW_ID: Final = text(500).with_variant(mssql.NVARCHAR(494), "mssql")
"""The row of a view's checklist: 500 characters, 494 on SQL Server.

There the unique key (view_name 256, row_id, username 100) would be 2 * (256 + 500 + 100) = 1,712 bytes, and a
nonclustered index key may hold 1,700: the table can be created, with a warning, and the first long row fails.
https://learn.microsoft.com/sql/sql-server/maximum-capacity-specifications-for-sql-server
"""

# Numbers, truth values and moments ------------------------------------------


def decimal(precision: int, scale: int) -> sa.Numeric[Any]:
    """`numeric(precision, scale)` and `decimal(precision, scale)`."""
    return sa.Numeric(precision, scale).with_variant(mssql.DECIMAL(precision, scale), "mssql")


BOOL: Final = sa.Boolean()
"""`boolean` and `bit`."""

INT: Final = sa.Integer()
"""32 bits."""

BIGINT: Final = sa.BigInteger()
"""64 bits."""

FLOAT: Final[TypeEngine[float]] = sa.Double().with_variant(mssql.FLOAT(53), "mssql")
"""`double precision` and `float(53)`: IEEE 754 binary64."""

DATE: Final = sa.Date().with_variant(mssql.DATE(), "mssql")
"""`date`. The variant says that no server is so old as to lack the type, which SQLAlchemy asks first."""

TIMESTAMP: Final = sa.DateTime().with_variant(
    mssql.DATETIME2(7),  # type: ignore[no-untyped-call]
    "mssql",
)
"""`timestamp without time zone` and `datetime2(7)`. SQL Server's DATETIME, SQLAlchemy's own choice, rounds to
3.33 milliseconds: https://learn.microsoft.com/sql/t-sql/data-types/datetime-transact-sql."""

# Documents and identifiers --------------------------------------------------

UUID: Final = sa.Uuid()
"""`uuid` and `uniqueidentifier`."""

JSON: Final = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
"""`jsonb` and `nvarchar(max)`, which wants a `json_check` beside it. None is NULL, not the document `null`."""

_UNICODE: TypeEngine[str] = sa.Unicode()
"""SQLAlchemy writes values of this type with N on SQL Server."""

JSON_COLUMN: Final = "json_column"
"""The key of a `json_check`'s `info` under which its column stands."""


def json_check(column: str, name: str | None = None) -> sa.CheckConstraint:
    """That a column of type `JSON` holds a document, which only SQL Server must be told. In models the naming
    convention completes the name; revisions give the whole one in `op.f`.

    Before SQL Server 2022, ISJSON takes objects and arrays only
    (https://learn.microsoft.com/sql/t-sql/functions/isjson-transact-sql). A bare value such as `null` is a
    document just when it is one as an element of an array and as a member of an object.
    """
    own: sa.ColumnElement[str] = sa.column(column, _UNICODE)
    element, member = _text("[") + own + _text("]"), _text('{"v":') + own + _text("}")
    condition = sa.case(
        (own.is_(None) | (sa.func.ISJSON(own) == 1), 1),
        ((sa.func.ISJSON(element) == 1) & (sa.func.ISJSON(member) == 1), 1),
        else_=0,
    )
    check = sa.CheckConstraint(condition == 1, name=name or f"{column}_json", info={JSON_COLUMN: column})
    return check.ddl_if(dialect="mssql")


def _text(value: str) -> sa.ColumnElement[str]:
    return sa.literal(value, _UNICODE)


# Defaults of the server -----------------------------------------------------


class literal(sa.ColumnElement[str]):  # noqa: N801 - named like SQLAlchemy's own constructs
    """A server default that is text or a document: '…' on PostgreSQL, N'…' on SQL Server.

    Without the N, SQL Server reads the literal in the database's code page, and `체크` becomes `??`:
    https://learn.microsoft.com/sql/t-sql/data-types/constants-transact-sql. It is no bound parameter, so that
    PostgreSQL takes it for whatever type the column has when Alembic compares defaults.
    """

    inherit_cache = False

    def __init__(self, value: str) -> None:
        self.value = value


@compiles(literal)
def _literal(element: literal, compiler: SQLCompiler, **_: Any) -> str:
    return str(compiler.render_literal_value(element.value, _UNICODE))


class utc_now(FunctionElement[dt.datetime]):  # noqa: N801 - as above
    """A server default: the time in UTC, which is what SQLite's CURRENT_TIMESTAMP is
    (https://www.sqlite.org/lang_createtable.html#the_default_clause), whatever the session's time zone."""

    type = sa.DateTime()
    inherit_cache = True


@compiles(utc_now, "postgresql")
def _utc_now_postgresql(_element: utc_now, _compiler: SQLCompiler, **_: Any) -> str:
    return "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')"


@compiles(utc_now, "mssql")
def _utc_now_mssql(_element: utc_now, _compiler: SQLCompiler, **_: Any) -> str:
    return "SYSUTCDATETIME()"
