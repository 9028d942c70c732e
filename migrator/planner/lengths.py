"""How long text and bytes in keys and indexes may be, where a target's indexes go by what a column is declared to
hold.

Pure. Every length holds the longest value there is. What a key leaves beyond that is shared by its columns; of
lengths that the source declares nothing is taken unless the key could not be otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp, parse_one

from migrator.model.findings import Finding, finding
from migrator.model.profile import TableProfile
from migrator.model.schema import Expression, Schema, Table
from migrator.model.types import Kind, LogicalType
from migrator.planner.collations import Collations, Unique
from migrator.planner.groups import Place, joined_columns
from migrator.planner.types import Choice
from migrator.targets import Dialect, IndexLimits

BOUNDABLE = frozenset({Kind.TEXT, Kind.BINARY})
"""Kinds of which a type can have a length."""
_NUMBER_CHARACTERS = 24
"""Of the longest number as text, `-1.7976931348623157e+308`: its length is not part of the profile."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Columns that foreign keys join, or one alone: all have one type. `need` is the longest value, `wish` what
    the source declares, in the unit of the type's length; `unit` is bytes per such unit."""

    members: tuple[Place, ...]
    kind: Kind
    need: int
    wish: int | None
    unit: int


def fit_lengths(
    database: str,
    schema: Schema,
    tables: Iterable[Table],
    profiles: Mapping[str, TableProfile],
    choices: Mapping[Place, Choice],
    collations: Collations,
    dialect: Dialect,
    left: Collection[Place],
) -> tuple[dict[Place, Choice], list[Finding]]:
    """The choices with lengths by which the target can have the keys and indexes, as far as values allow, and a
    finding for each column that is shorter than it is declared. `left` are the indexes of tables that the target
    will not have; they limit nothing."""
    fitted, findings = dict(choices), list[Finding]()
    moved = tuple(tables)
    for place, choice in choices.items():
        fitted[place] = _holding(choice, profiles[place[0]], place[1], dialect)
    if dialect.index_limits is None:
        return fitted, findings
    groups = _groups(schema, moved, profiles, fitted, dialect.index_limits)
    lengths: dict[_Group, int] = {}
    for table in moved:
        table = replace(
            table, indexes=tuple(each for each in table.indexes if (table.name, each.name) not in left)
        )
        keys = _keys(table, fitted, collations, groups, dialect.index_limits)
        for columns, limit in (each for key, most in keys for each in _with_origins(table, key, most)):
            for group, length in _shares(table, columns, limit, fitted, groups, dialect.index_limits):
                lengths[group] = min(length, lengths.get(group, length))
    for group, length in lengths.items():
        for place in group.members:
            fitted[place] = _with_length(fitted[place], length, dialect)
        if group.wish is not None and length < group.wish:
            findings.append(_shortened(database, group, fitted[group.members[0]].type, dialect))
    return fitted, findings


def _holding(choice: Choice, profile: TableProfile, column: str, dialect: Dialect) -> Choice:
    """A bounded text in the target's own unit of length."""
    if choice.type.kind is not Kind.TEXT or choice.type.length is None:
        return choice
    length = dialect.text_length(choice.type.length, profile.column(column).utf16)
    return replace(choice, type=dialect.column_type(replace(choice.type, length=length)))


def _groups(
    schema: Schema,
    tables: Sequence[Table],
    profiles: Mapping[str, TableProfile],
    choices: Mapping[Place, Choice],
    limits: IndexLimits,
) -> dict[Place, _Group]:
    """The group of each column of text or bytes."""
    joined = joined_columns(schema, (table.name for table in tables))
    made: dict[tuple[Place, ...], _Group] = {}
    found: dict[Place, _Group] = {}
    for place, choice in choices.items():
        if choice.type.kind not in BOUNDABLE:
            continue
        members = tuple(each for each in joined.get(place, (place,)) if each in choices)
        if members not in made:
            made[members] = _group(members, choice.type, profiles, choices, limits)
        found[place] = made[members]
    return found


def _group(
    members: tuple[Place, ...],
    type: LogicalType,
    profiles: Mapping[str, TableProfile],
    choices: Mapping[Place, Choice],
    limits: IndexLimits,
) -> _Group:
    lengths = [choices[each].type.length for each in members]
    bounded = [length for length in lengths if length is not None]
    needs = [_need(profiles[table], column, type.kind) for table, column in members]
    wish = max(bounded) if bounded and len(bounded) == len(lengths) else None
    unit = limits.octets(replace(type, length=1)) or 1
    return _Group(members, type.kind, max(1, *needs), wish, unit)


def _need(profile: TableProfile, name: str, kind: Kind) -> int:
    """The longest value, in the unit of the type's length."""
    column = profile.column(name)
    classes = dict(column.classes)
    numbers = _NUMBER_CHARACTERS if classes.get("integer") or classes.get("real") else 0
    if kind is Kind.TEXT:
        return max(column.utf16, numbers)
    return max(column.longest, numbers)


Keyed = tuple[tuple[str, ...], int]
"""The columns of a key or index, and the bytes it holds."""


def _keys(
    table: Table,
    choices: Mapping[Place, Choice],
    collations: Collations,
    groups: Mapping[Place, _Group],
    limits: IndexLimits,
) -> Iterator[Keyed]:
    """What has to fit. A primary key whose values or declared lengths are too long to order the table does not;
    a key that cannot be, because values become equal, limits nothing."""

    def possible(key: Unique) -> bool:
        merging = any(choices[(table.name, column)].merging for column in key.columns)
        return not merging and collations.problem(table.name, key) is None

    if table.primary_key is not None and possible(Unique(table.primary_key.columns)):
        columns = table.primary_key.columns
        yield columns, limits.primary if may_order(table, columns, choices, groups, limits) else limits.other
    for key in table.uniques:
        if possible(Unique(key.columns)):
            yield key.columns, limits.other
    for index in table.indexes:
        columns = tuple(part.column for part in index.parts if part.column is not None)
        if not index.unique or possible(Unique(columns, index.where.sql if index.where else None)):
            computed = tuple(name for part in index.parts for name in _read(part.expression))
            yield tuple(dict.fromkeys((*columns, *computed))), limits.other


def _with_origins(table: Table, columns: tuple[str, ...], limit: int) -> Iterator[Keyed]:
    """A key, and for each of its generated columns those it is made from: its text is as long as theirs."""
    yield columns, limit
    for name in columns:
        generated = table.column(name).generated
        for origin in _read(generated.expression if generated else None):
            yield (origin,), limit


def _read(expression: Expression | None) -> tuple[str, ...]:
    """The columns that an expression reads."""
    if expression is None or expression.neutral is None:
        return ()
    return tuple(dict.fromkeys(column.name for column in parse_one(expression.neutral).find_all(exp.Column)))


def may_order(
    table: Table,
    columns: Iterable[str],
    choices: Mapping[Place, Choice],
    groups: Mapping[Place, _Group],
    limits: IndexLimits,
) -> bool:
    """Whether a primary key can order the table, in the lengths that are declared."""
    total = 0
    for column in columns:
        place = (table.name, column)
        group = groups.get(place)
        least = (group.wish or group.need) * group.unit if group else limits.octets(choices[place].type)
        if least is None:
            return False
        total += least
    return total <= limits.primary


def _shares(
    table: Table,
    columns: tuple[str, ...],
    limit: int,
    choices: Mapping[Place, Choice],
    groups: Mapping[Place, _Group],
    limits: IndexLimits,
) -> Iterator[tuple[_Group, int]]:
    """The length of each group in a key; none where the key cannot be, or needs no change."""
    rest, variable = limit, list[_Group]()
    for column in columns:
        group = groups.get((table.name, column))
        octets = None if group else limits.octets(choices[(table.name, column)].type)
        if group is not None:
            variable.append(group)
        elif octets is None:
            return
        rest -= octets or 0
    if sum(group.need * group.unit for group in variable) > rest:
        return
    yield from _divided(variable, rest)


def _divided(groups: Sequence[_Group], octets: int) -> Iterator[tuple[_Group, int]]:
    """Lengths that fit in so many bytes: what is declared, the others alike; if that is too much, the longest are
    cut until it fits."""
    lengths = [group.need if group.wish is None else group.wish for group in groups]
    free = [at for at, group in enumerate(groups) if group.wish is None]
    spare = octets - sum(length * group.unit for length, group in zip(lengths, groups, strict=True))
    for left, at in zip(range(len(free), 0, -1), free, strict=True):
        more = max(0, spare // left) // groups[at].unit
        lengths[at] += more
        spare -= more * groups[at].unit
    while spare < 0:
        at = max(range(len(groups)), key=lambda each: lengths[each] - groups[each].need)
        cut = min(lengths[at] - groups[at].need, -(spare // groups[at].unit))
        lengths[at] -= cut
        spare += cut * groups[at].unit
    yield from zip(groups, lengths, strict=True)


def _with_length(choice: Choice, length: int, dialect: Dialect) -> Choice:
    type = dialect.column_type(replace(choice.type, length=length))
    why = choice.why if type == choice.type else f"{choice.why}; as long as its keys and indexes allow"
    return replace(choice, type=type, why=why)


def _shortened(database: str, group: _Group, type: LogicalType, dialect: Dialect) -> Finding:
    table, column = group.members[0]
    return finding(
        "key-shortened",
        f"Declared for {group.wish:,}, it becomes {dialect.type_name(type)} so that its key fits into an index. "
        f"The longest value takes {group.need:,}.",
        database=database,
        table=table,
        column=column,
    )
