"""What a declared type means in SQLite: its affinity, the family it belongs to by convention, its promise.

The affinity rules are SQLite's own (https://sqlite.org/datatype3.html#determination_of_column_affinity); the
families are how applications and object-relational mappers use type names SQLite knows nothing about.
Nothing here looks at a value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT64,
    JSON,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    LogicalType,
    decimal,
    text,
)


class Affinity(StrEnum):
    """What SQLite does to a value on its way into a column."""

    INTEGER = "INTEGER"
    TEXT = "TEXT"
    BLOB = "BLOB"
    """Nothing: also columns without a declared type, and ANY in STRICT tables."""
    REAL = "REAL"
    NUMERIC = "NUMERIC"

    @property
    def numeric(self) -> bool:
        """Whether text that reads as a number becomes one."""
        return self in (Affinity.INTEGER, Affinity.REAL, Affinity.NUMERIC)


class Family(StrEnum):
    """What the values of a column are meant to be, by its declared type's name."""

    BOOL = "bool"
    TEMPORAL = "temporal"
    JSON = "json"
    UUID = "uuid"
    INTEGER = "integer"
    REAL = "real"
    DECIMAL = "decimal"
    TEXT = "text"
    BLOB = "blob"
    UNKNOWN = "unknown"
    """No type, ANY, or a name without a meaning: the values decide."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a declared type says. `promise` is its logical type with the declared parameters, None where the
    values decide; `fixed` whether the promise's parameters were written down."""

    declared: str
    affinity: Affinity
    family: Family
    promise: LogicalType | None
    fixed: bool = False


UNWRITTEN_DECIMAL = decimal(38, 10)
"""For DECIMAL without parameters in a column without values: room on both sides of the point."""


def affinity(declared: str, *, strict: bool = False) -> Affinity:
    """The affinity of a declared type. In a STRICT table `ANY` keeps every value as it is
    (https://sqlite.org/stricttables.html); elsewhere the name means NUMERIC."""
    name = declared.upper()
    if "INT" in name:
        return Affinity.INTEGER
    if any(part in name for part in ("CHAR", "CLOB", "TEXT")):
        return Affinity.TEXT
    if "BLOB" in name or not name.strip() or (strict and name.strip() == "ANY"):
        return Affinity.BLOB
    if any(part in name for part in ("REAL", "FLOA", "DOUB")):
        return Affinity.REAL
    return Affinity.NUMERIC


_PARAMETERS = re.compile(r"\(\s*\+?(\d+)\s*(?:[a-z]+\s*)?(?:,\s*\+?(\d+)\s*)?\)", re.IGNORECASE)
_TEMPORAL = re.compile(r"(SMALL)?(DATE|TIME)(TIME|STAMP)?\d*(TZ|OFFSET|_?N?TZ|_LTZ)?")
_DECIMAL = frozenset({"DECIMAL", "DEC", "NUMERIC", "NUMBER", "FIXED", "MONEY", "SMALLMONEY", "CURRENCY"})
_UUID = frozenset({"UUID", "GUID", "UNIQUEIDENTIFIER"})


def declaration(declared: str, *, strict: bool = False) -> Declaration:
    """What a declared type says, by SQLite's rules and by convention."""
    kind = affinity(declared, strict=strict)
    words = re.sub(r"\([^)]*\)", " ", declared.upper()).split()
    first = words[0] if words else ""
    if "BOOL" in first or declared.upper().strip() in ("BIT", "BIT(1)"):
        return Declaration(declared, kind, Family.BOOL, BOOL)
    if _TEMPORAL.fullmatch(first):
        return Declaration(declared, kind, Family.TEMPORAL, _moment(first, words))
    if first in ("JSON", "JSONB", "JSONTEXT", "JSON_TEXT"):
        return Declaration(declared, kind, Family.JSON, JSON)
    if first in _UUID:
        return Declaration(declared, kind, Family.UUID, UUID)
    if first in _DECIMAL:
        promise = _decimal(declared)
        return Declaration(declared, kind, Family.DECIMAL, promise or UNWRITTEN_DECIMAL, fixed=promise is not None)
    return _by_affinity(declared, kind)


def _by_affinity(declared: str, kind: Affinity) -> Declaration:
    match kind:
        case Affinity.INTEGER:
            return Declaration(declared, kind, Family.INTEGER, INT64)
        case Affinity.REAL:
            return Declaration(declared, kind, Family.REAL, FLOAT64)
        case Affinity.TEXT:
            length, _ = _parameters(declared)
            return Declaration(declared, kind, Family.TEXT, text(length) if length else TEXT, fixed=bool(length))
        case Affinity.BLOB if "BLOB" in declared.upper():
            return Declaration(declared, kind, Family.BLOB, BINARY)
    return Declaration(declared, kind, Family.UNKNOWN, None)


def _moment(first: str, words: list[str]) -> LogicalType:
    if first.endswith(("TZ", "OFFSET")) and not first.endswith("NTZ"):
        return TIMESTAMPTZ
    zoned = "WITH" in words and "ZONE" in words
    if first == "DATE":
        return DATE
    if re.fullmatch(r"TIME\d*", first):
        return TIME
    return TIMESTAMPTZ if zoned else TIMESTAMP


def _parameters(declared: str) -> tuple[int | None, int | None]:
    match = _PARAMETERS.search(declared)
    if match is None:
        return None, None
    return int(match[1]), int(match[2]) if match[2] is not None else None


def _decimal(declared: str) -> LogicalType | None:
    """DECIMAL(p) means DECIMAL(p,0), as the SQL standard has it; None without usable parameters."""
    precision, scale = _parameters(declared)
    if precision is None or not 1 <= precision <= 38 or not 0 <= (scale or 0) <= precision:
        return None
    return decimal(precision, scale or 0)
