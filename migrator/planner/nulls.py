"""NULL under a unique key, where the target takes one NULL for equal to another.

Pure. Such a key becomes a unique index over the rows without NULL, which means what the source's key means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp, parse_one

from migrator.model.profile import TableProfile
from migrator.model.schema import Index, Table
from migrator.planner.groups import Place
from migrator.planner.types import Choice
from migrator.targets import Dialect

_HIDES_NULL = (exp.Coalesce, exp.Case, exp.If, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ)
"""What can make something of NULL: any other expression over NULL is NULL."""


def held(columns: Iterable[str], profile: TableProfile, choices: Mapping[Place, Choice]) -> int:
    """How many NULLs the columns will hold."""
    return sum(profile.column(column).nulls + choices[(profile.table, column)].lost for column in columns)


def filtered(nullable: Iterable[str], where: str | None, dialect: Dialect) -> str | None:
    """The condition of an index that leaves out rows with NULL in one of the target's columns."""
    present = [f"{dialect.quote(column)} IS NOT NULL" for column in nullable]
    return " AND ".join([*present, *([where] if where else [])]) or None


def may_be_null(index: Index) -> tuple[str, ...]:
    """The columns whose NULL makes a part of the index NULL."""
    found: dict[str, None] = {}
    for part in index.parts:
        if part.column is not None:
            found[part.column] = None
        elif part.expression is not None and part.expression.neutral is not None:
            tree = parse_one(part.expression.neutral)
            if not any(tree.find_all(*_HIDES_NULL)):
                found |= {column.name: None for column in tree.find_all(exp.Column)}
    return tuple(found)


def several_nulls_problem(
    parent: Table,
    columns: tuple[str, ...],
    profile: TableProfile,
    choices: Mapping[Place, Choice],
    dialect: Dialect,
) -> bool:
    """Whether a key that a foreign key points to has to let several NULLs in, so that it is no constraint."""
    if dialect.several_nulls or (parent.primary_key and set(parent.primary_key.columns) == set(columns)):
        return False
    return held(columns, profile, choices) > 1
