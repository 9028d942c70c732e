"""The first revision: the statements that make what the models declare, and those that take it back.

Pure. https://alembic.sqlalchemy.org/en/latest/ops.html
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.plan import CheckPlan, ColumnPlan, ForeignKeyPlan, IndexPlan, TablePlan, ViewPlan
from migrator.scaffold import elements
from migrator.scaffold.code import Group, Node, Text, call, docstring, lines, literal, texts
from migrator.scaffold.environment import SPLIT
from migrator.scaffold.layout import Entity, Layout
from migrator.scaffold.sql import raw
from migrator.scaffold.types import constants, type_node

REVISION = "0001"
_BODY = 4
"""Indentation of a function's body."""


def revision(layout: Layout, views: tuple[ViewPlan, ...], described: str, created: str) -> str:
    """The module. `described` is what the revision is about, in a line; `created` a time in ISO 8601."""
    operations = list(_operations(layout, views))
    parts = [
        _head(layout, described, created, operates=bool(operations)),
        _function("upgrade", "Create all tables, parents first.", [do for do, _ in operations]),
        _function("downgrade", "Drop all of it again.", [undo for _, undo in reversed(operations)]),
    ]
    return "\n\n\n".join(parts) + "\n"


def _head(layout: Layout, described: str, created: str, *, operates: bool) -> str:
    words = f"{described}\n\nRevision ID: {REVISION}\nRevises:\nCreate Date: {created}"
    types = (column.type for entity in layout.entities for column in entity.plan.columns)
    definitions, dialects = constants(types)
    schema = ["from sqlalchemy.schema import CreateSchema, DropSchema"] if layout.schema else []
    used = ["import sqlalchemy as sa"] if layout.entities else []
    libraries = [*used, *dialects, *schema]
    identifiers = [
        f"revision: str = {literal(REVISION)}",
        "down_revision: str | Sequence[str] | None = None",
        "branch_labels: str | Sequence[str] | None = None",
        "depends_on: str | Sequence[str] | None = None",
    ]
    blocks = [
        docstring(words),
        ["from collections.abc import Sequence"],
        libraries,
        [SPLIT, "from alembic import op"] if operates else [],
        identifiers,
        definitions,
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _function(name: str, words: str, statements: list[Group]) -> str:
    body = [line for statement in statements for line in lines(statement, indent=_BODY)]
    return "\n".join([f"def {name}() -> None:", *docstring(words, indent=_BODY), *body])


Operation = tuple[Group, Group]
"""A statement and the one that takes it back."""


def _operations(layout: Layout, views: tuple[ViewPlan, ...]) -> Iterator[Operation]:
    if layout.schema is not None:
        name = Text(layout.schema)
        create = call("CreateSchema", name, if_not_exists="True")
        yield call("op.execute", create), call("op.execute", call("DropSchema", name, if_exists="True"))
    for entity in layout.entities:
        yield from _Table(layout, entity).operations()
    for entity in layout.entities:
        yield from _Table(layout, entity).late_operations()
    for view in views:
        yield _view(layout, view)


def _view(layout: Layout, view: ViewPlan) -> Operation:
    quote = layout.dialect.quote
    name = f"{quote(view.schema)}.{quote(view.target)}"
    create, drop = raw(f"CREATE VIEW {name} AS {view.sql}"), raw(f"DROP VIEW {name}")
    return call("op.execute", create), call("op.execute", drop)


class _Table:
    """Writes the operations of one table."""

    def __init__(self, layout: Layout, entity: Entity) -> None:
        self._layout = layout
        self._plan: TablePlan = entity.plan
        self._schema: dict[str, Node | None] = {"schema": Text(layout.schema) if layout.schema else None}

    def operations(self) -> Iterator[Operation]:
        """The table with what can be made at once, and its indexes."""
        name = elements.name(self._plan.target)
        yield self._create(), call("op.drop_table", name, **self._schema)
        for index in self._plan.indexes:
            yield self._index(index)

    def late_operations(self) -> Iterator[Operation]:
        """What can only be made when all tables are there, and what rows must not be tested for: within
        `CREATE TABLE`, PostgreSQL takes a constraint for valid at once."""
        for check in self._plan.checks:
            if not check.validated:
                yield self._constraint(self._check(check), check.name, "check")
        for key in self._plan.foreign_keys:
            if self._is_late(key):
                yield self._constraint(self._foreign_key(key), key.name, "foreignkey")

    def _is_late(self, key: ForeignKeyPlan) -> bool:
        return key.name in self._layout.late or not key.validated

    def _create(self) -> Group:
        plan, layout = self._plan, self._layout
        keys = (key for key in plan.foreign_keys if not self._is_late(key))
        return call(
            "op.create_table",
            elements.name(plan.target),
            *(self._column(column) for column in plan.columns),
            *([elements.primary_key(plan.primary_key)] if plan.primary_key else []),
            *map(elements.unique, plan.uniques),
            *(elements.check(layout, check) for check in plan.checks if check.validated),
            *(elements.foreign_key(layout, key, schema=layout.schema) for key in keys),
            comment=elements.comment(plan.comment),
            **self._schema,
        )

    def _column(self, column: ColumnPlan) -> Group:
        nullable = column.nullable and column.next_identity is None
        return call(
            "sa.Column",
            elements.name(column.target),
            type_node(column.type),
            *elements.defaults(column),
            nullable=None if nullable else "False",
            autoincrement="False" if elements.plain_number(self._plan, column) else None,
            server_default=elements.server_default(column),
            comment=elements.comment(column.comment),
        )

    def _index(self, index: IndexPlan) -> Operation:
        name, table = elements.name(index.name), elements.name(self._plan.target)
        parts = (elements.index_part(part) for part in index.parts)
        options = elements.index_options(self._layout, index)
        columns = Group("[", tuple(parts), "]")
        create = call("op.create_index", name, table, columns, **self._schema, **options)
        return create, call("op.drop_index", name, table_name=table, **self._schema)

    def _constraint(self, create: Group, name: str, kind: str) -> Operation:
        table = elements.name(self._plan.target)
        drop = call("op.drop_constraint", elements.name(name), table, type_=Text(kind), **self._schema)
        return create, drop

    def _check(self, check: CheckPlan) -> Group:
        options = elements.not_valid(self._layout, check.validated)
        arguments = (elements.name(check.name), elements.name(self._plan.target), raw(check.sql))
        return call("op.create_check_constraint", *arguments, **self._schema, **options)

    def _foreign_key(self, key: ForeignKeyPlan) -> Group:
        schema = self._schema["schema"]
        return call(
            "op.create_foreign_key",
            elements.name(key.name),
            elements.name(self._plan.target),
            elements.name(key.parent),
            texts(key.columns),
            texts(key.parent_columns),
            **elements.foreign_key_options(self._layout, key),
            source_schema=schema,
            referent_schema=schema,
        )
