"""A few row keys for every misfit and hazard, fetched only for columns that have one."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from migrator.model.profile import SAMPLES, ColumnProfile, Fit, Hazard, Sample
from migrator.sources.sqlite.order import RowOrder
from migrator.sources.sqlite.profile.hazards import condition
from migrator.sources.sqlite.profile.subject import Subject
from migrator.sources.sqlite.values import Reading, key_value, shown

_CLASSES = {"integer": ("integer",), "text": ("text",), "blob": ("blob",)}
"""Encodings that hold every value of a class, and nothing else; for others each value has to be tried."""


def with_samples(
    connection: sqlite3.Connection, order: RowOrder, subject: Subject, profile: ColumnProfile
) -> ColumnProfile:
    """The profile with samples. Raises sqlite3.Error."""

    def sampled_fit(fit: Fit) -> Fit:
        if fit.count == profile.values:
            return fit
        return replace(fit, misfits=_samples(connection, order, subject, _misfit(subject, fit)))

    def sampled_hazard(hazard: Hazard) -> Hazard:
        return replace(hazard, samples=_samples(connection, order, subject, _hazardous(subject, hazard)))

    return replace(
        profile,
        fits=tuple(sampled_fit(fit) for fit in profile.fits),
        hazards=tuple(sampled_hazard(hazard) for hazard in profile.hazards),
    )


def _misfit(subject: Subject, fit: Fit) -> str:
    if str(fit.type) in ("int64", "text", "binary") and fit.encoding in _CLASSES:
        return f"typeof({subject.sql}) NOT IN ('null', '{fit.encoding}')"
    if str(fit.type) == "text" and fit.encoding == "any":
        return f"typeof({subject.sql}) = 'blob'"
    return (
        f"{subject.sql} IS NOT NULL"
        f" AND NOT migrator_fits('{fit.encoding}', '{fit.type}', typeof({subject.sql}), {subject.raw})"
    )


def _hazardous(subject: Subject, hazard: Hazard) -> str:
    of_numbers = condition(hazard.code, subject)
    if of_numbers is not None:
        return of_numbers
    return f"typeof({subject.sql}) = 'text' AND migrator_hazard(CAST({subject.sql} AS BLOB)) = '{hazard.code}'"


def _samples(connection: sqlite3.Connection, order: RowOrder, subject: Subject, where: str) -> tuple[Sample, ...]:
    rows = keyed_rows(connection, subject.reading, order, (subject.sql,), where)
    return tuple(Sample(sample.key, sample.value) for sample in rows)


def keyed_rows(
    connection: sqlite3.Connection,
    reading: Reading,
    order: RowOrder,
    columns: tuple[str, ...],
    where: str,
    *,
    sort: str = "",
) -> tuple[Sample, ...]:
    """The first rows for which the condition holds, with their values in the columns; `sort` is an ORDER BY
    clause. Raises sqlite3.Error."""
    selected = reading.select([*order.identity, *columns])
    rows = connection.execute(f"SELECT {selected} FROM {order.relation} WHERE {where}{sort} LIMIT {SAMPLES}")
    samples = []
    for row in rows:
        values = reading.values(row)
        key, found = values[: len(order.identity)], values[len(order.identity) :]
        text = ", ".join(shown(value) or "NULL" for value in found) if found else None
        samples.append(Sample(tuple(key_value(part) for part in key), text))
    return tuple(samples)
