"""What a catalogue says against a plan, in words.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrator.model.plan import TablePlan
from migrator.model.result import Mismatch


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as planned: its column (None for the table's), what it is about, and both sides."""

    column: str | None
    about: str
    planned: str
    found: str


def missing(about: str, column: str | None = None) -> Difference:
    """Something planned that is not there."""
    return Difference(column, about, "there", "missing")


def compare(column: str | None, *facts: tuple[str, object, object]) -> Iterator[Difference]:
    """The facts (what, planned, found) that differ."""
    for about, planned, found in facts:
        if planned != found:
            yield Difference(column, about, _words(planned), _words(found))


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(_words(part) for part in value)
    return str(value)


def mismatches(table: TablePlan, differences: Iterable[Difference]) -> tuple[Mismatch, ...]:
    """The differences as the verification reports them."""
    return tuple(
        Mismatch(
            table.name,
            "schema",
            f"{each.about} is {each.found}, planned is {each.planned}.",
            column=each.column,
            source=each.planned,
            target=each.found,
        )
        for each in differences
    )
