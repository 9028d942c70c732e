"""Which columns of a plan hold values that cannot be moved as they are.

Only columns for which the user decided what to do with such values are looked at, and those that the profile
clears, in SQL, cost no conversion of single values.
"""

from __future__ import annotations

import sqlite3

from migrator.model.findings import Resolution
from migrator.model.plan import ColumnPlan, TablePlan
from migrator.model.profile import ColumnProfile
from migrator.model.schema import Table
from migrator.sources.sqlite.encodings import stored_as
from migrator.sources.sqlite.profile import profile_columns
from migrator.sources.sqlite.profile.demanded import covers
from migrator.sources.sqlite.values import Reading, quote, raw


def doubtful(
    connection: sqlite3.Connection, reading: Reading, table: Table, plan: TablePlan
) -> tuple[ColumnPlan, ...]:
    """The columns whose values the user's decision changes or sets aside. Raises sqlite3.Error."""
    decided = tuple(column for column in plan.columns if column.on_invalid is not Resolution.STOP)
    if not decided:
        return ()
    profiles = profile_columns(connection, reading, table, {column.source: column.type for column in decided})
    suspects = [column for column in decided if not _cleared(column, profiles[column.source])]
    return tuple(column for column in suspects if _objected(connection, table, column))


def _cleared(column: ColumnPlan, profile: ColumnProfile) -> bool:
    """Whether the profile proves that every value fits."""
    if any(hazard.code in column.hazards for hazard in profile.hazards):
        return False
    return not profile.values or any(
        fit.count == profile.values and fit.encoding == column.encoding and covers(column.type, fit)
        for fit in profile.fits
    )


def _objected(connection: sqlite3.Connection, table: Table, column: ColumnPlan) -> bool:
    value = quote(column.source)
    why = f"migrator_objection('{stored_as(column)}', '{column.type}', typeof({value}), {raw(value)})"
    query = f"SELECT EXISTS (SELECT 1 FROM {quote(table.name)} WHERE {why} IS NOT NULL)"
    return bool(connection.execute(query).fetchone()[0])
