"""A piece of a target's SQL with what is known about it: type, binding strength, constant value.

Pure data and its simplest readings; what operators and functions make of terms is each target's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from sqlglot import exp

from migrator.model.types import BOOL, TEXT, Kind, LogicalType
from migrator.targets import Untranslatable

Value = str | int | Decimal | bytes | bool | None
"""A constant: booleans are what TRUE and FALSE say, Decimal is a number with a point or an exponent."""


class Level(IntEnum):
    """How strongly an operator binds, as in https://www.postgresql.org/docs/current/sql-syntax-lexical.html; a
    target whose operators bind otherwise uses the levels at which its SQL is read as it is meant."""

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
    """A timestamp in UTC. `stable` when the target computes it differently by session settings or time.
    `zoned` is the timestamp with time zone it was made from, if it was and nothing was added."""

    sql: str
    level: Level = Level.ATOM
    stable: bool = False
    zoned: str = ""

    def at(self, level: Level) -> str:
        """The SQL, in brackets where it binds more weakly."""
        return self.sql if self.level >= level else f"({self.sql})"


@dataclass(frozen=True, slots=True)
class Document:
    """A value inside a JSON document, as JSON and as text; what the two hold is the target's affair. Both bind as
    other operators. `rows` is a FROM clause that gives the value as a row, where the target reads it so."""

    json: str
    text: str
    rows: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """SQL and what it means.

    `type` is None when it is not known. `affine` terms are columns and casts: only they make SQLite convert
    the other side of a comparison (https://sqlite.org/datatype3.html#type_conversions_prior_to_comparison).
    `truth` is a computed truth value, 1 or 0 in SQLite; a `certain` one is never NULL. `moment` and `layout` are
    the time a text was made from and how; `document` is where in a JSON document a text was taken from. A
    `problem` says why the SQL cannot be used as it is, though something made from the parts still may. `queried`
    columns stand in a query, where functions that depend on settings may be used. `real` decimals are floats in
    SQLite even when they are whole; others are integers then. `plain` text is ASCII without blanks.
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
    certain: bool = False
    plain: bool = False

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
        """Prefer SQL that the target calls immutable: for constraints, indexes and generated columns."""

    @property
    def strict(self) -> bool:
        """Refuse anything else: for indexes and generated columns."""

    def __call__(self, node: exp.Expr) -> Term:
        """The term for a part. Raises Untranslatable."""

    def subquery(self, node: exp.Expr) -> tuple[str, tuple[Term, ...], bool]:
        """A query inside the expression: its SQL, its output, and whether it has exactly one row."""


Rule = Callable[[exp.Expr, Translate], Term]
"""What becomes of a kind of node."""

INTEGERS = frozenset({Kind.INT16, Kind.INT32, Kind.INT64})
NUMBERS = INTEGERS | {Kind.FLOAT64, Kind.DECIMAL}
DOCUMENTS = frozenset({Kind.JSON, Kind.JSON_TEXT})
INSTANTS = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ})


def digits_after_point(term: Term) -> int | None:
    """At most how many digits a number has after the point, None when that is not known."""
    if term.constant is not None and isinstance(term.constant.value, Decimal):
        exponent = term.constant.value.as_tuple().exponent
        return max(-exponent, 0) if isinstance(exponent, int) else None
    return 0 if term.kind in INTEGERS else term.type.scale if term.type is not None else None


def known(term: Term) -> LogicalType:
    """The type of a term that has one."""
    assert term.type is not None
    return term.type


def call(name: str, *arguments: str, type: LogicalType | None = TEXT) -> Term:
    """A function call."""
    return Term(f"{name}({', '.join(arguments)})", type)


def cast(term: Term, type_name: str, type: LogicalType) -> Term:
    """`CAST(… AS …)`; like SQLite's it gives the value an affinity."""
    return Term(f"CAST({term.sql} AS {type_name})", type, affine=term.affine)


def truth(sql: str, level: Level, *, certain: bool = False) -> Term:
    """A computed truth value."""
    return Term(sql, BOOL, level, truth=True, certain=certain)


def integer(term: Term | None) -> int | None:
    """The value of an integer constant, None for anything else."""
    value = term.constant.value if term is not None and term.constant is not None else None
    return value if isinstance(value, int) else None


def text_constant(term: Term) -> str | None:
    """The value of a text constant, None for anything else."""
    value = term.constant.value if term.constant is not None else None
    return value if isinstance(value, str) else None
