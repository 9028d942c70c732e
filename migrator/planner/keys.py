"""Whether the target can hold a key or index over some columns of a table, given what their values become.

Pure. A key that cannot be is left out with a finding while planning: otherwise the server would refuse it when
all rows are loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migrator.model.profile import TableProfile
from migrator.model.schema import Table
from migrator.model.types import Kind, LogicalType
from migrator.planner.groups import Place
from migrator.planner.types import Choice
from migrator.targets import Dialect, IndexLimits

_LONG_KINDS = frozenset({Kind.TEXT, Kind.BINARY, Kind.JSON, Kind.JSON_TEXT})
_PER_COLUMN = 16
"""Bytes that a value takes at most in an index beside its own: length, alignment, or a number's digits."""


def length_problem(
    columns: Iterable[str], profile: TableProfile, choices: Mapping[Place, Choice], dialect: Dialect
) -> str | None:
    """Why the target's indexes cannot hold the longest of these values, or None. What compression would save is
    not counted: it is the server's to decide."""
    if dialect.index_limits is not None:
        return _declared_problem(columns, profile, choices, dialect, dialect.index_limits)
    octets = 0
    for column in columns:
        long = choices[(profile.table, column)].type.kind in _LONG_KINDS
        octets += _PER_COLUMN + (profile.column(column).longest if long else 0)
    if octets <= dialect.max_index_octets:
        return None
    return (
        f"the longest values take {octets:,} bytes, and an index of the target holds {dialect.max_index_octets:,}"
    )


def _declared_problem(
    columns: Iterable[str],
    profile: TableProfile,
    choices: Mapping[Place, Choice],
    dialect: Dialect,
    limits: IndexLimits,
) -> str | None:
    total = 0
    for column in columns:
        type = choices[(profile.table, column)].type
        octets = limits.octets(type)
        if octets is None:
            longest = profile.column(column).longest
            much = f", and its longest value takes {longest:,} bytes" if type.kind in _LONG_KINDS else ""
            return f"{column} is {dialect.type_name(type)}, which no index of the target can have{much}"
        total += octets
    if total <= limits.other:
        return None
    return f"its columns hold up to {total:,} bytes, and an index of the target {limits.other:,}"


def clustered(columns: Iterable[LogicalType], dialect: Dialect) -> bool:
    """Whether a primary key over columns of these types can order the table itself."""
    limits = dialect.index_limits
    return limits is None or sum(limits.octets(type) or limits.other for type in columns) <= limits.primary


def key_problem(
    columns: Iterable[str], profile: TableProfile, choices: Mapping[Place, Choice], dialect: Dialect
) -> str | None:
    """Why these columns cannot be unique in the target although they are in the source, or None."""
    listed = tuple(columns)
    for column in listed:
        if choices[(profile.table, column)].merging:
            return f"different values of {column} become equal in the target"
    return length_problem(listed, profile, choices, dialect)


def has_exact_key(table: Table, columns: tuple[str, ...]) -> bool:
    """Whether a primary key, unique constraint or plain unique index covers exactly these columns."""
    keys = [*([table.primary_key] if table.primary_key else []), *table.uniques]
    sets = [set(key.columns) for key in keys]
    for index in table.indexes:
        if index.unique and index.where is None and not any(p.expression or p.collation for p in index.parts):
            sets.append({part.column for part in index.parts if part.column})
    return set(columns) in sets
