"""Predicates of filtered indexes: comparisons of a column with constants, and AND.

There is no OR, NOT IN, LIKE or BETWEEN, no function, cast or collation of a column
(https://learn.microsoft.com/sql/t-sql/statements/create-index-transact-sql and
https://learn.microsoft.com/sql/relational-databases/indexes/create-filtered-indexes). So a text compares under its
column's collation, and passes over blanks at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from migrator.model.types import Kind
from migrator.targets import Scope, Untranslatable
from migrator.targets.mssql.expressions.comparisons import aligned
from migrator.targets.mssql.expressions.conversions import SPEECH
from migrator.targets.translation import typeof
from migrator.targets.translation.alignment import DIFFERENT, EQUAL, MIRRORED, ORDERED
from migrator.targets.translation.nodes import bare
from migrator.targets.translation.terms import NUMBERS, Term, Translate

_OPERATORS: Final[dict[type[exp.Expr], str]] = {
    exp.EQ: EQUAL,
    exp.NEQ: DIFFERENT,
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: EQUAL,  # a constant that is not NULL differs from NULL either way
}
_OPPOSITES: Final = {EQUAL: DIFFERENT, DIFFERENT: EQUAL, "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Filter:
    """Translates the predicate of one index; raises Untranslatable for what a filtered index cannot have."""

    scope: Scope
    translate: Translate
    unique: bool

    def conditions(self, node: exp.Expr) -> Iterator[str]:
        """The comparisons that AND joins."""
        node = bare(node)
        if isinstance(node, exp.And):
            yield from self.conditions(node.this)
            yield from self.conditions(node.expression)
        elif isinstance(node, exp.Between):
            yield self._comparison(">=", node.this, node.args["low"])
            yield self._comparison("<=", node.this, node.args["high"])
        elif isinstance(node, exp.Not):
            yield from self._negated(bare(node.this))
        elif isinstance(node, exp.In):
            yield from self._in(node)
        else:
            yield self._single(node)

    def _single(self, node: exp.Expr) -> str:
        if isinstance(node, exp.Column):
            return self._truth(node, holds=True)
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            return f"{self._column(node.this).sql} IS NULL"
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Boolean) and node.expression.this:
            return self._truth(node.this, holds=True)
        if type(node) in _OPERATORS:
            return self._typed(node) or self._comparison(_OPERATORS[type(node)], node.this, node.expression)
        raise _refusal()

    def _negated(self, node: exp.Expr) -> Iterator[str]:
        if isinstance(node, exp.Column):
            yield self._truth(node, holds=False)
        elif isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            yield f"{self._column(node.this).sql} IS NOT NULL"
        elif isinstance(node, exp.In) and node.args.get("query") is None:
            for item in node.expressions:
                yield self._comparison(DIFFERENT, node.this, item)
        elif type(node) in _OPERATORS and not isinstance(node, exp.NullSafeEQ):
            yield self._comparison(_OPPOSITES[_OPERATORS[type(node)]], node.this, node.expression)
        else:
            raise _refusal()

    def _typed(self, node: exp.Expr) -> str | None:
        """`typeof(x) = 'class'`, if it asks whether there is a value."""
        operator = "IN" if isinstance(node, exp.In) else _OPERATORS[type(node)]
        found = typeof.compared(operator, node, self.translate, SPEECH)
        if found is None:
            return None
        if not found.certain or found.sql.startswith("NOT") or not isinstance(node.this.this, exp.Column):
            raise _refusal()
        return found.sql

    def _in(self, node: exp.Expr) -> Iterator[str]:
        if node.args.get("query") is not None:
            raise _refusal()
        typed = self._typed(node)
        if typed is not None:
            yield typed
            return
        column = self._column(node.this)
        values = [self._constant(EQUAL, node.this, item) for item in node.expressions]
        wanted = [value for value in values if value is not None and not value.null]
        if not wanted:
            raise _refusal()
        yield f"{column.sql} IN ({', '.join(value.sql for value in wanted)})"

    def _truth(self, node: exp.Expr, *, holds: bool) -> str:
        """A column as a condition: `x = 1`, or for a number `x <> 0`."""
        column = self._column(node)
        if column.kind is Kind.BOOL:
            return f"{column.sql} = {int(holds)}"
        if column.kind not in NUMBERS:
            raise _refusal()
        return f"{column.sql} {DIFFERENT if holds else EQUAL} 0"

    def _comparison(self, operator: str, left: exp.Expr, right: exp.Expr) -> str:
        if not isinstance(bare(left), exp.Column):
            operator, left, right = MIRRORED[operator], right, left
        column, value = self._column(left), self._constant(operator, left, right)
        if value is None and operator == DIFFERENT:
            return f"{column.sql} IS NOT NULL"  # nothing the column holds is equal
        if value is None or value.null:
            raise _refusal()
        return f"{column.sql} {operator} {value.sql}"

    def _column(self, node: exp.Expr) -> Term:
        column = bare(node)
        if not isinstance(column, exp.Column):
            raise _refusal()
        return self.translate(column)

    def _constant(self, operator: str, left: exp.Expr, right: exp.Expr) -> Term | None:
        """A constant as the column compares with it, None when they are never equal."""
        column, value = self._column(left), self.translate(right)
        if value.constant is None:
            raise _refusal()
        pair = aligned(column, value)
        if pair is None and operator in ORDERED:
            raise Untranslatable(f"SQLite orders {column.code} and {value.code} by their kinds.")
        if pair is None or value.null:
            return None if pair is None else value
        if pair[0] != column:
            raise _refusal()
        self._allow(operator, bare(left).name, column)
        return pair[1]

    def _allow(self, operator: str, name: str, column: Term) -> None:
        """What SQL Server compares as SQLite does."""
        if column.kind is Kind.UUID and operator in ORDERED:
            raise Untranslatable("SQL Server orders UUIDs by their last bytes.")
        if column.kind is Kind.BINARY and self.unique:
            raise Untranslatable("SQL Server passes over zeros at the end when it compares binary values.")
        if column.kind is not Kind.TEXT or (name in self.scope.exact and operator not in ORDERED):
            return
        if operator in ORDERED:
            raise Untranslatable(f"The predicate orders {column.code} by its collation in SQL Server.")
        if self.unique:
            raise Untranslatable(
                f"The predicate compares {column.code} by its collation in SQL Server, and that decides "
                "what is unique."
            )


def _refusal() -> Untranslatable:
    return Untranslatable("A filtered index of SQL Server compares columns with constants only, joined by AND.")
