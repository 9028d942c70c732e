"""Statements for tables that models own: filling them leaves their schema as it is.

Pure. Foreign keys are off during the load, because rows refer to rows that come later; numbering is set to go
on behind the highest row; undoing empties the table.
"""

from __future__ import annotations

from migrator.model.plan import TablePlan
from migrator.targets.postgresql.blocks import block
from migrator.targets.postgresql.identity import sequence
from migrator.targets.postgresql.names import literal, qualified


def emptied(plan: TablePlan) -> str:
    """A statement that removes every row, if the table is there. TRUNCATE is refused where another table refers
    to this one, even when that is empty: https://www.postgresql.org/docs/current/sql-truncate.html"""
    name = qualified(plan.schema, plan.target)
    found = f"to_regclass({literal(name)})"
    return block(
        f"IF {found} IS NULL THEN",
        "    NULL;",
        f"ELSIF EXISTS (SELECT FROM pg_constraint WHERE confrelid = {found} AND conrelid <> confrelid) THEN",
        f"    DELETE FROM {name};",
        "ELSE",
        f"    TRUNCATE {name};",
        "END IF;",
    )


def given_numbers(
    plan: TablePlan, column: str, first: int, *, used: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Statements after which the column numbers rows from `first`, or behind it when it is `used`; and their undo,
    after which it numbers from where its sequence starts."""
    name = sequence(plan.schema, plan.target, column)
    undo = block(
        f"IF to_regclass({literal(qualified(plan.schema, plan.target))}) IS NOT NULL THEN",
        "    PERFORM setval(seqrelid::regclass, seqstart, false)",
        f"    FROM pg_sequence WHERE seqrelid = {name}::regclass;",
        "END IF;",
    )
    return (f"SELECT setval({name}, {first}, {str(used).lower()})",), (undo,)
