"""Logical types as SQLAlchemy's portable types: one definition for every target, beside its Python annotation.

The names that the generated modules import, and the constants they hold, stand here once. Nothing here connects.
https://docs.sqlalchemy.org/en/21/core/type_basics.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from migrator.model.types import Kind, LogicalType
from migrator.scaffold.code import Node, call

IMPORTS = {
    "dt": "import datetime as dt",
    "Decimal": "from decimal import Decimal",
    "Any": "from typing import Any",
    "UUID": "from uuid import UUID",
}
"""What annotations need of the standard library, in the order of the imports."""

CONSTANTS = {
    "JSON": (
        'JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")',
        "from sqlalchemy.dialects.postgresql import JSONB",
    ),
    "TIMESTAMP": (
        'TIMESTAMP = sa.DateTime().with_variant(DATETIME2, "mssql")',
        "from sqlalchemy.dialects.mssql import DATETIME2",
    ),
}
"""Types that one class of SQLAlchemy does not give everywhere: definition, and the import it needs. `None` is
NULL, not the document `null`; SQL Server's plain `DATETIME` has no microseconds."""


@dataclass(frozen=True, slots=True)
class TypeCode:
    """One logical type: `annotation` in Python, `imports` and `constant` by their keys in the tables here."""

    annotation: str
    function: str
    imports: tuple[str, ...] = ()
    constant: str = ""


_CODES: dict[Kind, TypeCode] = {
    Kind.BOOL: TypeCode("bool", "sa.Boolean"),
    Kind.INT16: TypeCode("int", "sa.SmallInteger"),
    Kind.INT32: TypeCode("int", "sa.Integer"),
    Kind.INT64: TypeCode("int", "sa.BigInteger"),
    Kind.FLOAT64: TypeCode("float", "sa.Double"),
    Kind.DECIMAL: TypeCode("Decimal", "sa.Numeric", ("Decimal",)),
    Kind.TEXT: TypeCode("str", "sa.UnicodeText"),
    Kind.BINARY: TypeCode("bytes", "sa.LargeBinary"),
    Kind.DATE: TypeCode("dt.date", "sa.Date", ("dt",)),
    Kind.TIME: TypeCode("dt.time", "sa.Time", ("dt",)),
    Kind.TIMESTAMP: TypeCode("dt.datetime", "", ("dt",), constant="TIMESTAMP"),
    Kind.TIMESTAMPTZ: TypeCode("dt.datetime", "sa.DateTime", ("dt",)),
    Kind.UUID: TypeCode("UUID", "sa.Uuid", ("UUID",)),
    Kind.JSON: TypeCode("dict[str, Any] | list[Any]", "", ("Any",), constant="JSON"),
    Kind.JSON_TEXT: TypeCode("dict[str, Any] | list[Any]", "sa.JSON", ("Any",)),
}
"""`JSON_TEXT` is `json` on PostgreSQL, which keeps the document's text."""

USED_NAMES = frozenset(
    {*IMPORTS, *CONSTANTS, "JSONB", "DATETIME2", "sa", "bool", "int", "float", "str", "bytes", "dict", "list"}
)
"""Names that a column's attribute must not hide from the lines after it."""


def code(type: LogicalType) -> TypeCode:
    """The table's row for the type."""
    return _CODES[type.kind]


def type_node(type: LogicalType) -> Node:
    """The type as an argument of a column."""
    row = code(type)
    if row.constant:
        return row.constant
    if type.kind is Kind.TEXT and type.length is not None:
        return call("sa.Unicode", str(type.length))
    if type.kind is Kind.DECIMAL:
        return call(row.function, str(type.precision), str(type.scale))
    if type.kind is Kind.TIMESTAMPTZ:
        return call(row.function, timezone="True")
    if type.kind is Kind.JSON_TEXT:
        return call(row.function, none_as_null="True")
    return call(row.function)


def imports(types: Iterable[LogicalType]) -> list[str]:
    """Import statements for the annotations of these types."""
    keys = {key for type in types for key in code(type).imports}
    return [statement for key, statement in IMPORTS.items() if key in keys]


def constants(types: Iterable[LogicalType]) -> tuple[list[str], list[str]]:
    """Definitions that these types need, and the imports those need."""
    keys = {code(type).constant for type in types}
    rows = [row for key, row in CONSTANTS.items() if key in keys]
    return [definition for definition, _ in rows], sorted(statement for _, statement in rows)
