"""What the shared rules need of a target's SQL for values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from migrator.model.types import LogicalType
from migrator.targets import Untranslatable
from migrator.targets.translation.terms import Level, Term, Value


@dataclass(frozen=True, slots=True)
class Speech:
    """How one target says values."""

    product: str
    """The target's name for people."""
    unknown: str
    """A condition that is neither true nor false."""
    spelling: Callable[[LogicalType], str]
    """The type in SQL."""
    constant: Callable[[Value], Term]
    """A constant as it stands in neutral SQL."""
    converted: Callable[[Term, LogicalType], Term | None]
    """A constant as a value of the type, None when the type has no equal value."""
    as_int: Callable[[Term], Term]
    """A truth value as 1 or 0; anything else as it is."""
    as_text: Callable[[Term], Term]
    """The text SQLite makes of a value. Raises Untranslatable."""
    count: Callable[[Term], Term]
    """A `counted` text as the number it is."""
    instant: Callable[[Term], Term]
    """A date or time as a timestamp in UTC, so that different ones compare."""
    fit: Callable[[Term, LogicalType], Term]
    """A value as a column of the type stores it. Raises Untranslatable."""

    def required(self, term: Term, type: LogicalType) -> Term:
        """A constant as a value of `type`.

        Raises:
            Untranslatable: The type has no equal value.
        """
        result = self.converted(term, type)
        if result is None:
            raise Untranslatable(f"The value {term.code} is no {self.spelling(type)}.")
        return result

    def is_unknown(self, term: Term, *, otherwise: bool) -> tuple[str, Level]:
        """A condition that is unknown for NULL and `otherwise` for anything else."""
        value = term.at(Level.PATTERN)
        if otherwise:
            return f"{value} IS NOT NULL OR {self.unknown}", Level.OR
        return f"{value} IS NULL AND {self.unknown}", Level.AND
