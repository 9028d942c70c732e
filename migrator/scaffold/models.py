"""`models.py`: the tables of a plan as SQLAlchemy classes that people read and edit.

Pure. https://docs.sqlalchemy.org/en/21/orm/declarative_tables.html
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.plan import ColumnPlan, ForeignKeyPlan, IndexPlan, KeyPlan
from migrator.scaffold import elements
from migrator.scaffold.code import Group, Node, Text, assignment, call, docstring, mapping, tupled
from migrator.scaffold.layout import Entity, Layout
from migrator.scaffold.relations import Relation, relations
from migrator.scaffold.types import code, constants, imports, type_node

_BODY = 4
"""Indentation of a class's body."""


def models(layout: Layout, described: str) -> str:
    """The module. `described` is its docstring."""
    related = relations(layout)
    parts = [_head(layout, described, any(related.values())), _base(layout)]
    for entity in layout.entities:
        parts.append(_Entity(layout, entity).source(related.get(entity.plan.target, ())))
    return "\n\n\n".join(parts) + "\n"


def _head(layout: Layout, described: str, related: bool) -> str:
    """Docstring, the imports that are used, and the types that they make."""
    columns = [(entity.mapped, column) for entity in layout.entities for column in entity.plan.columns]
    attributes = [column.type for mapped, column in columns if mapped]
    definitions, dialects = constants(column.type for _, column in columns)
    orm = ["DeclarativeBase"]
    orm += ["Mapped", "mapped_column"] if attributes else []
    orm += ["relationship"] if related else []
    libraries = ["import sqlalchemy as sa", *dialects, f"from sqlalchemy.orm import {', '.join(orm)}"]
    blocks = [docstring(described), imports(attributes), libraries, definitions]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _base(layout: Layout) -> str:
    convention = mapping((kind, Text(name)) for kind, name in elements.CONVENTION.items())
    schema = Text(layout.schema) if layout.schema else None
    metadata = call("sa.MetaData", schema=schema, naming_convention=convention)
    body = [*docstring("What all tables share: the names of constraints that have none.", indent=_BODY), ""]
    return "\n".join(["class Base(DeclarativeBase):", *body, *assignment("metadata", "", metadata, indent=_BODY)])


class _Entity:
    """Writes one table."""

    def __init__(self, layout: Layout, entity: Entity) -> None:
        self._layout = layout
        self._entity = entity
        self._plan = entity.plan

    def source(self, related: tuple[Relation, ...]) -> str:
        return "\n".join(self._class(related) if self._entity.mapped else self._table())

    def _class(self, related: tuple[Relation, ...]) -> Iterator[str]:
        yield f"class {self._entity.name}(Base):"
        yield from assignment("__tablename__", "", elements.name(self._plan.target), indent=_BODY)
        yield ""
        for column in self._plan.columns:
            name = self._entity.attributes[column.target]
            yield from assignment(name, self._annotation(column), self._mapped_column(column), indent=_BODY)
        if related:
            yield ""
        for relation in related:
            yield from assignment(relation.name, relation.annotation, relation.value, indent=_BODY)
        arguments = [*self._constraints(), *self._indexes(), *self._options()]
        if arguments:
            yield ""
            yield from assignment("__table_args__", "", tupled(arguments), indent=_BODY)

    def _options(self) -> list[Node]:
        comment = self._plan.comment
        return [mapping([("comment", Text(comment))])] if comment is not None else []

    def _table(self) -> list[str]:
        value = call(
            "sa.Table",
            elements.name(self._plan.target),
            "Base.metadata",
            *(self._column(column) for column in self._plan.columns),
            *self._constraints(),
            *self._indexes(),
            comment=elements.comment(self._plan.comment),
        )
        return assignment(self._entity.name, "", value)

    # Columns

    def _annotation(self, column: ColumnPlan) -> str:
        optional = " | None" if self._nullable(column) else ""
        return f"Mapped[{code(column.type).annotation}{optional}]"

    def _nullable(self, column: ColumnPlan) -> bool:
        return column.nullable and column.next_identity is None

    def _mapped_column(self, column: ColumnPlan) -> Group:
        name = elements.name(column.target)
        named = self._entity.attributes[column.target] != column.target or not isinstance(name, Text)
        return call(
            "mapped_column",
            *([name] if named else []),
            *self._type_and_more(column),
            **self._column_options(column),
        )

    def _column(self, column: ColumnPlan) -> Group:
        return call(
            "sa.Column",
            elements.name(column.target),
            *self._type_and_more(column),
            nullable=None if self._nullable(column) else "False",
            **self._column_options(column),
        )

    def _type_and_more(self, column: ColumnPlan) -> list[Node]:
        keys = [self._foreign_key(key) for key in self._plan.foreign_keys if key.columns == (column.target,)]
        return [type_node(column.type), *elements.defaults(column), *keys]

    def _column_options(self, column: ColumnPlan) -> dict[str, Node | None]:
        in_key = self._key_inline and self._key is not None and column.target in self._key.columns
        return {
            "primary_key": "True" if in_key else None,
            "autoincrement": "False" if elements.plain_number(self._plan, column) else None,
            "unique": "True" if any(self._unique_of(key, column) for key in self._plan.uniques) else None,
            "index": "True" if any(self._index_of(index, column) for index in self._plan.indexes) else None,
            "server_default": elements.server_default(column),
            "comment": elements.comment(column.comment),
            "info": mapping([("secret", "True")]) if column.secret else None,
        }

    def _foreign_key(self, key: ForeignKeyPlan) -> Group:
        conventional = elements.conventional("fk", self._plan, key.columns) == key.name
        late = key.name in self._layout.late
        return call(
            "sa.ForeignKey",
            elements.referred(key.parent, key.parent_columns[0]),
            name=None if conventional and not late else elements.name(key.name),
            **elements.foreign_key_options(self._layout, key),
            use_alter="True" if late else None,
        )

    # What can be said at a column, and what cannot

    @property
    def _key(self) -> KeyPlan | None:
        return self._plan.primary_key

    @property
    def _key_inline(self) -> bool:
        """Whether the key has its conventional name, and its columns are in the table's order."""
        if self._key is None or self._key.name != elements.conventional("pk", self._plan):
            return False
        columns = tuple(column.target for column in self._plan.columns if column.target in self._key.columns)
        return columns == self._key.columns

    def _unique_of(self, key: KeyPlan, column: ColumnPlan) -> bool:
        name = elements.conventional("uq", self._plan, key.columns)
        return key.columns == (column.target,) and key.name == name

    def _index_of(self, index: IndexPlan, column: ColumnPlan) -> bool:
        name = elements.conventional("ix", self._plan, (column.target,))
        plain = not index.unique and index.where is None and len(index.parts) == 1
        part = index.parts[0]
        return plain and part.column == column.target and not part.descending and index.name == name

    def _constraints(self) -> Iterator[Node]:
        if self._key is not None and not self._key_inline:
            yield elements.primary_key(self._key)
        for unique in self._plan.uniques:
            if not any(self._unique_of(unique, column) for column in self._plan.columns):
                yield elements.unique(unique)
        for check in self._plan.checks:
            yield elements.check(self._layout, check)
        for key in self._plan.foreign_keys:
            if len(key.columns) > 1:
                yield elements.foreign_key(self._layout, key, late=key.name in self._layout.late)

    def _indexes(self) -> Iterator[Node]:
        for index in self._plan.indexes:
            if not any(self._index_of(index, column) for column in self._plan.columns):
                parts = (elements.index_part(part, self._entity) for part in index.parts)
                options = elements.index_options(self._layout, index)
                yield call("sa.Index", elements.name(index.name), *parts, **options)
