"""What aggregates and windows are in every target's SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from migrator.model.types import LogicalType
from migrator.targets import Untranslatable
from migrator.targets.translation.terms import Term

AGGREGATES: Final = (exp.Avg, exp.Count, exp.GroupConcat, exp.Max, exp.Min, exp.Sum)


@dataclass(frozen=True, slots=True)
class Call:
    """An aggregate's call and what its result has to be cast to; FILTER and OVER stand in between."""

    sql: str
    type: LogicalType | None
    result: str = ""

    def term(self, clauses: str = "") -> Term:
        """The whole, with these clauses after the call."""
        sql = self.sql + clauses
        return Term(f"CAST({sql} AS {self.result})" if self.result else sql, self.type)


def argument(node: exp.Expr | None) -> tuple[str, exp.Expr]:
    """`DISTINCT ` or nothing, and the first argument."""
    if isinstance(node, exp.Distinct):
        return "DISTINCT ", node.expressions[0]
    if node is None:
        raise Untranslatable("An aggregate has an argument.")
    return "", node


def separator(node: exp.Expr) -> exp.Expr:
    """The separator of a GROUP_CONCAT; it is a second argument of DISTINCT in neutral SQL."""
    found = node.args.get("separator") or (
        node.this.expressions[1] if isinstance(node.this, exp.Distinct) else None
    )
    assert isinstance(found, exp.Expr)
    return found


def aggregates(node: exp.Expr) -> bool:
    """Whether an aggregate stands in the expression itself, not in a window or a query within."""
    if isinstance(node, (exp.Window, exp.Query)):
        return False
    return isinstance(node, AGGREGATES) or any(aggregates(part) for part in node.iter_expressions())


def frame(spec: exp.Expr) -> str:
    """A window's frame."""
    ends = [_frame_end(spec, key) for key in ("start", "end")]
    return f"{str(spec.args['kind']).upper()} BETWEEN {ends[0]} AND {ends[1] or 'CURRENT ROW'}"


def _frame_end(spec: exp.Expr, key: str) -> str:
    value, side = spec.args.get(key), spec.args.get(f"{key}_side")
    if value is None:
        return ""
    if isinstance(value, exp.Expr) and not isinstance(value, exp.Literal):
        raise Untranslatable("A window's frame is bounded by constants.")
    text = value.name if isinstance(value, exp.Literal) else str(value).upper()
    return f"{text} {str(side).upper()}" if side else text
