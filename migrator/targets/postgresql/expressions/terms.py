"""A piece of PostgreSQL's SQL with what is known about it: type, binding strength, constant value.

Pure data and its simplest readings; what operators and functions make of terms is in the modules beside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from sqlglot import exp

from migrator.model.types import BOOL, INT32, TEXT, Kind, LogicalType
from migrator.targets import Untranslatable
from migrator.targets.postgresql.names import literal

Value = str | int | Decimal | bytes | bool | None
"""A constant: booleans are what TRUE and FALSE say, Decimal is a number with a point or an exponent."""


class Level(IntEnum):
    """How strongly an operator binds, https://www.postgresql.org/docs/current/sql-syntax-lexical.html."""

    OR = 1
    AND = 2
    NOT = 3
    IS = 4
    COMPARISON = 5
    PATTERN = 6
    OTHER = 7
    SUM = 8
    PRODUCT = 9
    SIGN = 10
    COLLATE = 11
    ATOM = 12


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant's value; wrapped, because NULL is a value too."""

    value: Value


@dataclass(frozen=True, slots=True)
class Moment:
    """A `timestamp` in UTC. `stable` when PostgreSQL computes it differently by session settings or time.
    `zoned` is the `timestamptz` it was made from, if it was and nothing was added."""

    sql: str
    level: Level = Level.ATOM
    stable: bool = False
    zoned: str = ""

    def at(self, level: Level) -> str:
        """The SQL, in brackets where it binds more weakly."""
        return self.sql if self.level >= level else f"({self.sql})"


@dataclass(frozen=True, slots=True)
class Document:
    """A value inside a JSON document: as jsonb, and as text as `->>` gives it. Both bind as other operators."""

    json: str
    text: str


@dataclass(frozen=True, slots=True)
class Term:
    """SQL and what it means.

    `type` is None when it is not known. `affine` terms are columns and casts: only they make SQLite convert
    the other side of a comparison (https://sqlite.org/datatype3.html#type_conversions_prior_to_comparison).
    `truth` is a computed truth value, 1 or 0 in SQLite. `moment` and `layout` are the time a text was made
    from and how; `document` is where in a JSON document a text was taken from. A `problem` says why the SQL
    cannot be used as it is, though something made from the parts still may. `queried` columns stand in a
    query, where functions that depend on settings may be used. `real` decimals are floats in SQLite even when
    they are whole; others are integers then.
    """

    code: str
    type: LogicalType | None = None
    level: Level = Level.ATOM
    constant: Constant | None = None
    affine: bool = False
    truth: bool = False
    moment: Moment | None = None
    layout: str = ""
    document: Document | None = None
    problem: str = ""
    queried: bool = False
    real: bool = False

    @property
    def sql(self) -> str:
        """The SQL. Raises Untranslatable when there is a `problem`."""
        if self.problem:
            raise Untranslatable(self.problem)
        return self.code

    @property
    def kind(self) -> Kind | None:
        """The kind of the type, None when the type is not known."""
        return self.type.kind if self.type is not None else None

    @property
    def null(self) -> bool:
        """Whether it is the constant NULL."""
        return self.constant is not None and self.constant.value is None

    @property
    def unknown(self) -> bool:
        """Whether nothing is known about its type, so that only the server can judge it."""
        return self.type is None and self.constant is None

    def at(self, level: Level) -> str:
        """The SQL as an operand, in brackets where it binds more weakly than `level`."""
        return self.sql if self.level >= level else f"({self.sql})"


class Translate(Protocol):
    """What the rules get to translate the parts of a node with."""

    @property
    def immutable(self) -> bool:
        """Prefer SQL that PostgreSQL calls immutable: for constraints, indexes and generated columns."""

    @property
    def strict(self) -> bool:
        """Refuse anything else: for indexes and generated columns."""

    def __call__(self, node: exp.Expr) -> Term:
        """The term for a part. Raises Untranslatable."""

    def subquery(self, node: exp.Expr) -> tuple[str, tuple[Term, ...], bool]:
        """A query inside the expression: its SQL, its output, and whether it has exactly one row."""

    def window(self, name: str) -> str:
        """The name of a window in SQL."""


INTEGERS = frozenset({Kind.INT16, Kind.INT32, Kind.INT64})
NUMBERS = INTEGERS | {Kind.FLOAT64, Kind.DECIMAL}
DOCUMENTS = frozenset({Kind.JSON, Kind.JSON_TEXT})
INSTANTS = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ})

NUMERIC = LogicalType(Kind.DECIMAL)
"""`numeric` of no stated precision: what arithmetic on decimals gives. One with a `scale` has at most so many
digits after the point."""


def digits_after_point(term: Term) -> int | None:
    """At most how many digits a number has after the point, None when that is not known."""
    if term.constant is not None and isinstance(term.constant.value, Decimal):
        exponent = term.constant.value.as_tuple().exponent
        return max(-exponent, 0) if isinstance(exponent, int) else None
    return 0 if term.kind in INTEGERS else term.type.scale if term.type is not None else None


def call(name: str, *arguments: str, type: LogicalType | None = TEXT) -> Term:
    """A function call."""
    return Term(f"{name}({', '.join(arguments)})", type)


def cast(term: Term, type_name: str, type: LogicalType) -> Term:
    """`CAST(… AS …)`; like SQLite's it gives the value an affinity."""
    return Term(f"CAST({term.sql} AS {type_name})", type, affine=term.affine)


def truth(sql: str, level: Level) -> Term:
    """A computed truth value."""
    return Term(sql, BOOL, level, truth=True)


def constant(value: Value) -> Term:
    """A constant as it stands in neutral SQL."""
    if value is None:
        return Term("NULL", constant=Constant(None))
    if isinstance(value, bool):
        return Term("TRUE" if value else "FALSE", BOOL, constant=Constant(value), truth=True)
    if isinstance(value, int):
        small = -(2**31) <= value < 2**31
        type = INT32 if small else LogicalType(Kind.INT64)
        return Term(str(value), type, Level.SIGN if value < 0 else Level.ATOM, Constant(value))
    if isinstance(value, Decimal):
        level = Level.SIGN if value < 0 else Level.ATOM
        text = str(value)
        whole = text.removeprefix("-").isdigit()
        return Term(f"{text}.0" if whole else text, LogicalType(Kind.FLOAT64), level, Constant(value))
    if isinstance(value, bytes):
        return Term(f"CAST('\\x{value.hex()}' AS bytea)", LogicalType(Kind.BINARY), constant=Constant(value))
    if "\0" in value:
        raise Untranslatable("PostgreSQL's text cannot hold the NUL character.")
    return Term(literal(value), TEXT, constant=Constant(value))


def integer(term: Term | None) -> int | None:
    """The value of an integer constant, None for anything else."""
    value = term.constant.value if term is not None and term.constant is not None else None
    return value if isinstance(value, int) else None


def as_int(term: Term) -> Term:
    """A truth value as 1 or 0; anything else as it is."""
    if term.kind is not Kind.BOOL:
        return term
    if term.constant is not None:
        return constant(int(bool(term.constant.value)))
    return cast(term, "integer", INT32)


def as_value(term: Term) -> Term:
    """What a query outputs: SQLite's truth values are numbers, its numbers with a point are floats."""
    if term.truth:
        return as_int(term)
    if term.constant is not None and isinstance(term.constant.value, Decimal):
        return replace(cast(term, "double precision", LogicalType(Kind.FLOAT64)), constant=term.constant)
    return term


def as_condition(term: Term) -> Term:
    """A term where a truth value is needed: a number is true when it is not zero.

    Raises:
        Untranslatable: It is neither a truth value nor a number.
    """
    if term.null or term.unknown or term.kind is Kind.BOOL:
        return term
    if term.kind not in NUMBERS:
        raise Untranslatable(f"A {term.type} cannot be a condition in PostgreSQL.")
    if term.constant is not None:
        return constant(bool(term.constant.value))
    return truth(f"{term.at(Level.PATTERN)} <> 0", Level.COMPARISON)
