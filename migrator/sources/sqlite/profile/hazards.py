"""Numbers of the right type that some targets cannot hold, as SQLite tells them."""

from __future__ import annotations

from migrator.model.profile import Hazard
from migrator.sources.sqlite.encodings.numbers import LEAST_NORMAL
from migrator.sources.sqlite.profile.questions import Questions
from migrator.sources.sqlite.profile.subject import Subject, number

_CONDITIONS = {
    "float-infinite": "abs({value}) = 9e999",
    "float-subnormal": f"abs({{value}}) > 0.0 AND abs({{value}}) < {LEAST_NORMAL!r}",
}


def condition(code: str, subject: Subject) -> str | None:
    """SQL that is true for a number with the hazard; None where the hazard is not one of numbers."""
    return _CONDITIONS[code].format(value=f"CAST({subject.sql} AS REAL)") if code in _CONDITIONS else None


def number_hazards(subject: Subject) -> Questions[list[Hazard]]:
    """The hazards of a column of floats."""
    counts = yield asked(subject)
    found = (Hazard(code, number(count)) for code, count in zip(_CONDITIONS, counts, strict=True))
    return [hazard for hazard in found if hazard.count]


def asked(subject: Subject) -> tuple[str, ...]:
    """What `number_hazards` asks."""
    return tuple(f"sum({condition(code, subject)})" for code in _CONDITIONS)
