"""Columns, constraints and indexes as arguments of SQLAlchemy's constructors, for models and revisions alike.

Pure. Names and SQL are the plan's own; where a name is what the naming convention gives, models may leave it out.
"""

from __future__ import annotations

import re

from migrator.model.plan import CheckPlan, ColumnPlan, ForeignKeyPlan, IndexPartPlan, IndexPlan, KeyPlan, TablePlan
from migrator.model.types import Kind
from migrator.scaffold.code import Group, Node, Text, call, listed, texts, tupled
from migrator.scaffold.layout import Entity, Layout
from migrator.scaffold.sql import raw, text

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Of the models' MetaData. Checks have none: the only token they could use, `%(constraint_name)s`, would change
the names that are given. https://docs.sqlalchemy.org/en/21/core/constraints.html"""

_LEFT_UNQUOTED = frozenset({"collation", "concurrently", "lateral", "system_user", "tablesample"})
"""Reserved words that SQLAlchemy's dialects do not know as such.
https://www.postgresql.org/docs/current/sql-keywords-appendix.html"""

_INTEGERS = (Kind.INT16, Kind.INT32, Kind.INT64)
_LAST = {Kind.INT16: 2**15 - 1, Kind.INT32: 2**31 - 1, Kind.INT64: 2**63 - 1}


def conventional(kind: str, table: TablePlan, columns: tuple[str, ...] = ()) -> str:
    """The name that `CONVENTION` gives."""
    return "_".join((kind, table.target, *columns))


def name(word: str) -> Node:
    """A name as SQLAlchemy must see it to quote it where that is needed."""
    return call("sa.quoted_name", Text(word), "True") if word in _LEFT_UNQUOTED else Text(word)


def defaults(column: ColumnPlan) -> list[Node]:
    """What fills the column: numbering or an expression, as positional arguments."""
    if column.generated is not None:
        return [call("sa.Computed", raw(column.generated), persisted="True")]
    if column.next_identity is not None:
        first = min(column.next_identity, _LAST[column.type.kind])
        return [call("sa.Identity", start=None if first == 1 else str(first))]
    return []


def server_default(column: ColumnPlan) -> Node | None:
    """The default as the named argument."""
    return None if column.default is None else text(column.default)


def comment(words: str | None) -> Node | None:
    """A comment as the named argument."""
    return None if words is None else Text(words)


def plain_number(table: TablePlan, column: ColumnPlan) -> bool:
    """Whether SQLAlchemy would number the column by itself unless told otherwise."""
    return (
        table.primary_key is not None
        and table.primary_key.columns == (column.target,)
        and column.type.kind in _INTEGERS
        and column.next_identity is None
        and column.default is None
        and column.generated is None
    )


def primary_key(key: KeyPlan) -> Group:
    """`sa.PrimaryKeyConstraint(…)`."""
    return call("sa.PrimaryKeyConstraint", *map(Text, key.columns), name=name(key.name))


def unique(key: KeyPlan) -> Group:
    """`sa.UniqueConstraint(…)`."""
    return call("sa.UniqueConstraint", *map(Text, key.columns), name=name(key.name))


def not_valid(layout: Layout, validated: bool) -> dict[str, Node]:
    """The named argument of a constraint that does not test the rows that are there."""
    return {} if validated else {f"{layout.dialect.name}_not_valid": "True"}


def check(layout: Layout, plan: CheckPlan) -> Group:
    """`sa.CheckConstraint(…)`."""
    options = not_valid(layout, plan.validated)
    return call("sa.CheckConstraint", raw(plan.sql), name=name(plan.name), **options)


def foreign_key_options(layout: Layout, key: ForeignKeyPlan) -> dict[str, Node | None]:
    """The named arguments of a foreign key but its name."""
    return {
        "ondelete": None if key.on_delete == "NO ACTION" else Text(key.on_delete),
        "onupdate": None if key.on_update == "NO ACTION" else Text(key.on_update),
        "deferrable": "True" if key.deferrable else None,
        "initially": Text("DEFERRED") if key.deferrable and key.initially_deferred else None,
        **not_valid(layout, key.validated),
    }


def referred(parent: str, column: str, schema: str | None = None) -> Node:
    """A column of another table: dotted, or as a tuple where a name has a dot of its own."""
    names = [*([schema] if schema else []), parent, column]
    return tupled(map(Text, names)) if any("." in name for name in names) else Text(".".join(names))


def foreign_key(layout: Layout, key: ForeignKeyPlan, *, schema: str | None = None, late: bool = False) -> Group:
    """`sa.ForeignKeyConstraint(…)`. `late` keeps it out of the order of the tables."""
    return call(
        "sa.ForeignKeyConstraint",
        texts(key.columns),
        listed(referred(key.parent, column, schema) for column in key.parent_columns),
        name=name(key.name),
        **foreign_key_options(layout, key),
        use_alter="True" if late else None,
    )


def index_options(layout: Layout, index: IndexPlan) -> dict[str, Node | None]:
    """The named arguments of an index but its name."""
    where = None if index.where is None else text(index.where)
    return {"unique": "True" if index.unique else None, f"{layout.dialect.name}_where": where}


def index_part(part: IndexPartPlan, entity: Entity | None = None) -> Node:
    """A part of an index. In a class, whose `entity` is given, a descending column is its attribute's `desc()`."""
    if part.expression is not None:
        sql = _in_index(part.expression)
        return Group("sa.literal_column(", (Text(sql),), ").desc()") if part.descending else text(sql)
    assert part.column is not None
    if not part.descending:
        return Text(part.column)
    if entity is not None and entity.mapped:
        return f"{entity.attributes[part.column]}.desc()"
    return Group("sa.column(", (Text(part.column),), ").desc()")


_PIECE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]""")


def _in_index(expression: str) -> str:
    """The expression in parentheses, unless it is one call or has them already.
    https://www.postgresql.org/docs/current/sql-createindex.html"""
    depth = 0
    for piece in _PIECE.finditer(expression):
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
        if depth == 0 and piece[0] == ")":
            before = expression[: expression.index("(")]
            closed = piece.end() == len(expression) and (before.isidentifier() or not before)
            return expression if closed else f"({expression})"
    return f"({expression})"
