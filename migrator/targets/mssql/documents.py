"""JSON documents: text that a CHECK keeps to what ISJSON vouches for.

https://learn.microsoft.com/sql/t-sql/functions/isjson-transact-sql
"""

from __future__ import annotations

from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from migrator.targets.mssql.names import quote

_AROUND: Final = (
    *(exp.Case, exp.If, exp.And, exp.Or, exp.Paren, exp.Is, exp.Null, exp.EQ, exp.GT),
    *(exp.Add, exp.Literal, exp.National, exp.Column, exp.Identifier, exp.Concat),
)
"""What may stand around the questions in such a check."""


def check(column: str) -> str:
    """The condition that a column holds documents. Before SQL Server 2022, ISJSON takes objects and arrays only;
    any other value is a document just when it is one as an element of an array and as a member of an object."""
    name = quote(column)
    return (
        f"CASE WHEN {name} IS NULL OR ISJSON({name}) = 1 THEN 1 "
        f"WHEN ISJSON(N'[' + {name} + N']') = 1 AND ISJSON(N'{{\"v\":' + {name} + N'}}') = 1 THEN 1 "
        "ELSE 0 END = 1"
    )


def column(sql: str) -> str | None:
    """The column that a check keeps to documents; None where it asks anything else."""
    try:
        tree = sqlglot.parse_one(sql, read="tsql")
    except SqlglotError:
        return None
    questions = [node for node in tree.walk() if _asks(node)]
    others = [node for node in tree.walk() if not _asks(node) and not isinstance(node, _AROUND)]
    columns = {node.name for node in tree.find_all(exp.Column)}
    plain = not others and all(_affirms(node) for node in tree.find_all(exp.EQ, exp.GT, exp.If))
    return columns.pop() if questions and plain and len(columns) == 1 else None


def _affirms(node: exp.Expr) -> bool:
    """Whether a comparison wants yes as the answer of a question, or of a CASE over questions of which each
    branch gives that answer and ELSE the other."""
    if isinstance(node, exp.If):
        return _is(node.args["true"], "1")
    asked = node.this.unnest()
    cases = isinstance(asked, exp.Case) and _is(asked.args.get("default") or exp.null(), "0")
    return (_asks(asked) or cases) and _is(node.expression, "1" if isinstance(node, exp.EQ) else "0")


def _is(node: exp.Expr, number: str) -> bool:
    return isinstance(node.unnest(), exp.Literal) and node.unnest().name == number


def _asks(node: object) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.upper() == "ISJSON"
