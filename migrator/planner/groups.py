"""Columns that must agree on a type because foreign keys join them.

Pure. A group is a set of (table, column) pairs connected by foreign keys the target can enforce.
"""

from __future__ import annotations

from collections.abc import Iterable

from migrator.model.schema import Schema

Place = tuple[str, str]
"""(table, column), in the source's names."""


def joined_columns(schema: Schema, tables: Iterable[str]) -> dict[Place, tuple[Place, ...]]:
    """For every column that a sound foreign key between `tables` joins, the members of its group.

    Parents come before children in a group, so that the first member is the one whose type the others follow.
    """
    moved = set(tables)
    leader: dict[Place, Place] = {}

    def find(place: Place) -> Place:
        while leader.setdefault(place, place) != place:
            place = leader[place]
        return place

    for table in schema.tables:
        for key in table.foreign_keys:
            if key.problem is None and {table.name, key.parent_table} <= moved:
                for child, parent in zip(key.columns, key.parent_columns, strict=True):
                    leader[find((table.name, child))] = find((key.parent_table, parent))
    groups: dict[Place, list[Place]] = {}
    for place in list(leader):
        groups.setdefault(find(place), []).append(place)
    result: dict[Place, tuple[Place, ...]] = {}
    for root, members in groups.items():
        ordered = (root, *(place for place in members if place != root))
        result.update(dict.fromkeys(members, ordered))
    return result
