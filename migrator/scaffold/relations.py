"""Relationships of the classes, both ways for every foreign key between two of them, with names people would give.

Pure. https://docs.sqlalchemy.org/en/21/orm/basic_relationships.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from migrator.model.plan import ForeignKeyPlan
from migrator.scaffold.code import Group, Node, Text, call, listed
from migrator.scaffold.layout import Entity, Layout
from migrator.scaffold.words import Taken, identifier, plural, singular

_SUFFIXES = ("_id", "_fk", "_uuid", "_guid", "_key", "_code", "_cd", "_no")
"""What a column that holds a key is called after what it points to."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One attribute of a class: `name: Mapped["target"] = relationship(…)`."""

    name: str
    annotation: str
    value: Group


@dataclass(frozen=True, slots=True)
class _Edge:
    """A foreign key between two classes, and the names of its two relationships."""

    child: Entity
    parent: Entity
    key: ForeignKeyPlan
    forward: str = ""
    backward: str = ""

    @property
    def itself(self) -> bool:
        return self.child is self.parent

    @property
    def one(self) -> bool:
        """Whether a parent has at most one child."""
        plan = self.child.plan
        keys = [*([plan.primary_key] if plan.primary_key else []), *plan.uniques]
        indexes = (index for index in plan.indexes if index.unique and index.where is None)
        unique = [
            *(set(key.columns) for key in keys),
            *({part.column for part in index.parts} for index in indexes),
        ]
        return any(columns == set(self.key.columns) for columns in unique)

    @property
    def optional(self) -> bool:
        """Whether a child may be without a parent: rows from before the key was enforced may be, too."""
        columns = [self.child.plan.column(column) for column in self.key.columns]
        return any(column.nullable for column in columns) or not self.key.validated

    @property
    def computed(self) -> bool:
        """Whether the target computes a column of the key, so that nobody else may write it."""
        return any(self.child.plan.column(column).generated for column in self.key.columns)

    @property
    def attributes(self) -> list[str]:
        return [self.child.attributes[column] for column in self.key.columns]

    @property
    def parent_attributes(self) -> list[str]:
        return [self.parent.attributes[column] for column in self.key.parent_columns]


def relations(layout: Layout) -> Mapping[str, tuple[Relation, ...]]:
    """The relationships of every class, by its table's target name."""
    edges = _named(_edges(layout), layout.reserved)
    result: defaultdict[str, tuple[Relation, ...]] = defaultdict(tuple)
    for edge in edges:
        result[edge.child.plan.target] += (_forward(edge, edges, layout),)
    for edge in edges:
        result[edge.parent.plan.target] += (_backward(edge, edges, layout),)
    return result


def _edges(layout: Layout) -> list[_Edge]:
    edges = (
        _Edge(child, layout.entity(key.parent), key)
        for child in layout.entities
        if child.mapped
        for key in child.plan.foreign_keys
    )
    return [edge for edge in edges if edge.parent.mapped]


# Names


def _named(edges: list[_Edge], reserved: frozenset[str]) -> list[_Edge]:
    """The edges with their names: first those that a column gives, then those of collections."""
    ends = {end.plan.target: end for edge in edges for end in (edge.child, edge.parent)}
    taken = {table: Taken({*reserved, *entity.attributes.values()}) for table, entity in ends.items()}
    forward = [
        replace(edge, forward=taken[edge.child.plan.target].first(*_forward_names(edge, edges))) for edge in edges
    ]
    return [
        replace(edge, backward=taken[edge.parent.plan.target].first(*_backward_names(edge, forward)))
        for edge in forward
    ]


def _forward_names(edge: _Edge, edges: Iterable[_Edge]) -> tuple[str, ...]:
    parent = singular(_word(edge.parent))
    telling = _telling(edge)
    if len(telling) > 1:
        return (parent, f"{'_'.join(map(_stem, telling))}_{parent}")
    attribute = telling[0]
    stem = _stem(attribute)
    if stem != attribute:
        return (stem, f"{stem}_{parent}")
    if attribute == parent:
        return (f"{attribute}_row",)
    alone = not edge.itself and len(_between(edge, edges)) == 1
    return (*([parent] if alone else []), f"{attribute}_{parent}")


def _telling(edge: _Edge) -> list[str]:
    """The attributes that say which parent: of (tenant_id, folder_id) → (tenant_id, id), the second one."""
    pairs = zip(edge.attributes, edge.parent_attributes, strict=True)
    own = [mine for mine, theirs in pairs if mine != theirs]
    return own if len(own) == 1 else edge.attributes


def _backward_names(edge: _Edge, edges: Iterable[_Edge]) -> tuple[str, ...]:
    if edge.itself:
        children = "child" if edge.one else "children"
        return (*([children] if edge.forward == "parent" else []), f"{edge.forward}_of")
    word = _word(edge.child)
    children = singular(word) if edge.one else plural(word)
    alone = len([each for each in edges if each.child is edge.child and each.parent is edge.parent]) == 1
    return (*([children] if alone else []), f"{children}_as_{edge.forward}")


def _word(entity: Entity) -> str:
    return identifier(entity.plan.target, otherwise="table")


def _stem(attribute: str) -> str:
    suffix = next((suffix for suffix in _SUFFIXES if attribute.endswith(suffix)), "")
    return attribute.removesuffix(suffix)


def _between(edge: _Edge, edges: Iterable[_Edge]) -> list[_Edge]:
    """The edges between the same two classes, in either direction."""
    ends = {edge.child.name, edge.parent.name}
    return [each for each in edges if {each.child.name, each.parent.name} == ends]


# Relationships


def _forward(edge: _Edge, edges: list[_Edge], layout: Layout) -> Relation:
    several = len(_between(edge, edges)) > 1
    value = call(
        "relationship",
        back_populates=Text(edge.backward),
        primaryjoin=_join(edge, edges),
        foreign_keys=listed(edge.attributes) if several else None,
        remote_side=listed(edge.parent_attributes) if edge.itself else None,
        post_update="True" if _later(edge, layout) else None,
        overlaps=_overlaps(edge, edges),
        viewonly="True" if edge.computed else None,
    )
    annotation = f'Mapped["{edge.parent.name}{" | None" if edge.optional else ""}"]'
    return Relation(edge.forward, annotation, value)


def _backward(edge: _Edge, edges: list[_Edge], layout: Layout) -> Relation:
    several = len(_between(edge, edges)) > 1
    value = call(
        "relationship",
        back_populates=Text(edge.forward),
        primaryjoin=_join(edge, edges),
        foreign_keys=_path(edge) if several else None,
        **({"viewonly": "True"} if edge.computed else _deleting(edge)),
        post_update="True" if _later(edge, layout) else None,
        overlaps=_overlaps(edge, edges),
    )
    name = edge.child.name
    return Relation(edge.backward, f'Mapped["{name} | None"]' if edge.one else f'Mapped[list["{name}"]]', value)


def _path(edge: _Edge) -> Text:
    """The columns from outside their class, as text because that comes later in the module."""
    columns = [f"{edge.child.name}.{attribute}" for attribute in edge.attributes]
    return Text(columns[0] if len(columns) == 1 else f"[{', '.join(columns)}]")


def _deleting(edge: _Edge) -> dict[str, Node]:
    """The session leaves to the target what the target does by itself.
    https://docs.sqlalchemy.org/en/21/orm/cascades.html#using-foreign-key-on-delete-cascade-with-orm-relationships"""
    action = edge.key.on_delete
    if action == "CASCADE":
        return {"cascade": Text("all, delete"), "passive_deletes": "True"}
    return {"passive_deletes": "True"} if action in ("SET NULL", "SET DEFAULT") else {}


def _later(edge: _Edge, layout: Layout) -> bool:
    """Whether rows of two tables may need each other: then the column is filled by a second statement.
    https://docs.sqlalchemy.org/en/21/orm/relationship_persistence.html"""
    nullable = all(edge.child.plan.column(column).nullable for column in edge.key.columns)
    return edge.key.name in layout.late and nullable and not edge.itself and not edge.computed


def _join(edge: _Edge, edges: list[_Edge]) -> Node | None:
    """The condition, where the columns do not say which foreign key it is."""
    same = [each for each in _between(edge, edges) if set(each.attributes) == set(edge.attributes)]
    if all(each.child is not edge.child or each.key.parent_columns == edge.key.parent_columns for each in same):
        return None
    pairs = zip(edge.attributes, edge.parent_attributes, strict=True)
    conditions = [f"{edge.child.name}.{mine} == {edge.parent.name}.{theirs}" for mine, theirs in pairs]
    return Text(conditions[0] if len(conditions) == 1 else f"and_({', '.join(conditions)})")


def _overlaps(edge: _Edge, edges: list[_Edge]) -> Text | None:
    """The relationships from before that write the same columns, which SQLAlchemy wants to see named."""
    earlier = edges[: edges.index(edge)]
    columns = set(edge.key.columns)
    others = [each for each in earlier if each.child is edge.child and columns & set(each.key.columns)]
    names = dict.fromkeys(name for each in others for name in (each.forward, each.backward))
    return Text(",".join(names)) if names else None
