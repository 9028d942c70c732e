"""Refusing a target in which something is in the way."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.errors import TargetNotEmptyError
from migrator.model.plan import Plan


def refuse_occupied(plan: Plan, where: str, taken: Sequence[str], filled: Sequence[str]) -> None:
    """Raise if names are `taken` that the plan would create, or given tables `filled` with rows.

    Raises:
        TargetNotEmptyError: All of them are listed.
    """
    place = f"{where}, schema {plan.schema}"
    if taken:
        count = "an object" if len(taken) == 1 else f"{len(taken)} objects"
        raise TargetNotEmptyError(
            f"The target already has {count} of a name the plan would create: {', '.join(taken)}.",
            where=place,
            hint="Choose another schema with --schema or another database, or drop what is there first.",
        )
    if filled:
        raise TargetNotEmptyError(
            f"The target already has rows in {', '.join(filled)}, which the models own.",
            where=place,
            hint="Take an earlier run back with `migrator rollback`, or empty these tables first.",
        )
