"""What the tables of a plan become in Python: classes or table objects, their names, and their order.

Pure. A table with a primary key becomes a class, because the ORM tells rows apart by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from migrator.model.plan import ForeignKeyPlan, Plan, TablePlan
from migrator.order import parents_first
from migrator.scaffold.types import USED_NAMES
from migrator.scaffold.words import Taken, class_name, identifier
from migrator.targets import Dialect, dialects

_UNREADABLE = frozenset({"l"})
"""https://docs.astral.sh/ruff/rules/ambiguous-variable-name/"""
_ORM_NAMES = frozenset({"Base", "DeclarativeBase", "Mapped", "mapped_column", "relationship"})
RESERVED_ATTRIBUTES = frozenset({"metadata", "registry", "query", "self", *_ORM_NAMES, *USED_NAMES, *_UNREADABLE})
"""`metadata` and `registry` are the declarative base's; instances are made with attributes as named arguments."""
_MODULE_NAMES = frozenset({*_ORM_NAMES, *USED_NAMES, *_UNREADABLE})


@dataclass(frozen=True, slots=True)
class Entity:
    """One table. `name` is that of its class, or of the variable when there is none; `attributes` goes from target
    column to attribute."""

    plan: TablePlan
    name: str
    attributes: Mapping[str, str]

    @property
    def mapped(self) -> bool:
        """Whether it becomes a class."""
        return self.plan.primary_key is not None


@dataclass(frozen=True, slots=True)
class Layout:
    """All tables, parents first as far as cycles allow. `schema` is None for the target's default one.
    `late` names the foreign keys that can only be made when all tables and their indexes are there."""

    dialect: Dialect
    schema: str | None
    entities: tuple[Entity, ...]
    late: frozenset[str]

    @property
    def reserved(self) -> frozenset[str]:
        """What no attribute of a class may be called: annotations mention the classes."""
        return RESERVED_ATTRIBUTES | {entity.name for entity in self.entities}

    def entity(self, table: str) -> Entity:
        """The table of that target name. Raises KeyError when there is none."""
        for entity in self.entities:
            if entity.plan.target == table:
                return entity
        raise KeyError(table)


def lay_out(plan: Plan) -> Layout:
    """The layout of a plan's tables."""
    dialect = dialects()[plan.dialect]
    tables = _ordered(plan.tables)
    taken = Taken(_MODULE_NAMES)
    names = {table.target: taken.first(_wanted_name(table)) for table in tables}
    entities = tuple(Entity(table, names[table.target], _attributes(table, names)) for table in tables)
    schema = None if plan.schema == dialect.default_schema else plan.schema
    return Layout(dialect, schema, entities, frozenset(_late(tables)))


def _ordered(tables: tuple[TablePlan, ...]) -> tuple[TablePlan, ...]:
    by_name = {table.target: table for table in tables}
    order = parents_first({table.target: [key.parent for key in table.foreign_keys] for table in tables})
    return tuple(by_name[name] for name in order)


def _wanted_name(table: TablePlan) -> str:
    return class_name(table.target) if table.primary_key else identifier(table.target, otherwise="table")


def _attributes(table: TablePlan, names: Mapping[str, str]) -> Mapping[str, str]:
    taken = Taken({*RESERVED_ATTRIBUTES, *names.values()})
    wanted = {column.target: identifier(column.target, otherwise="column") for column in table.columns}
    return MappingProxyType({column: taken.first(name, f"{name}_") for column, name in wanted.items()})


def _late(tables: tuple[TablePlan, ...]) -> list[str]:
    place = {table.target: number for number, table in enumerate(tables)}
    return [
        key.name
        for table in tables
        for key in table.foreign_keys
        if place[key.parent] > place[table.target] or (key.parent == table.target and not _by_key(table, key))
    ]


def _by_key(table: TablePlan, key: ForeignKeyPlan) -> bool:
    """Whether a key of the table itself makes the columns unique; an index would be made after the table."""
    keys = [*([table.primary_key] if table.primary_key else []), *table.uniques]
    return any(set(own.columns) == set(key.parent_columns) for own in keys)
