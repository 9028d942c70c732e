"""FROM: joins as a list without brackets, and the columns that names in a query mean.

Access nests joins on either side; neutral SQL joins one table after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from migrator.sources.access.sql import tree
from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.relations import Readable
from migrator.sources.access.sql.typed import Kind, Typed

_FLIPPED = {"INNER": "INNER", "LEFT": "RIGHT", "RIGHT": "LEFT", "CROSS": "CROSS"}


@dataclass(frozen=True, slots=True)
class Step:
    """A table joined to all before it; the first one has no kind."""

    source: tree.Source
    kind: str = ""
    conditions: tuple[tree.Node, ...] = ()


def steps(trees: Iterable[tree.Tree]) -> list[Step]:
    """The joins of a FROM clause in an order that neutral SQL can write.

    Raises:
        Refused: An outer join of several tables with several others has no such order.
    """
    found: list[Step] = []
    for one in trees:
        found = _combined(found, _flat(one), "CROSS", ()) if found else _flat(one)
    return found


def _flat(node: tree.Tree) -> list[Step]:
    if isinstance(node, tree.Source):
        return [Step(node)]
    return _combined(_flat(node.left), _flat(node.right), node.kind, (node.condition,))


def _combined(left: list[Step], right: list[Step], kind: str, conditions: tuple[tree.Node, ...]) -> list[Step]:
    if len(right) == 1:
        return [*left, replace(right[0], kind=kind, conditions=conditions)]
    if len(left) == 1:
        return [*right, replace(left[0], kind=_FLIPPED[kind], conditions=conditions)]
    if kind in {"INNER", "CROSS"}:
        for one, other in ((left, right), (right, left)):
            if all(step.kind in {"", "INNER", "CROSS"} for step in other):
                last = replace(other[-1], kind=_joined(other[-1].kind, conditions))
                last = replace(last, conditions=(*last.conditions, *conditions))
                return [*one, replace(other[0], kind="CROSS"), *other[1:-1], last]
    raise Refused("It joins several tables to several others by an outer join.")


def _joined(kind: str, conditions: tuple[tree.Node, ...]) -> str:
    return "INNER" if conditions else kind


def order_of(trees: Iterable[tree.Tree]) -> Iterator[tree.Source]:
    """The tables in the order in which they are written, which is that of `*`."""
    for node in trees:
        if isinstance(node, tree.Source):
            yield node
        else:
            yield from order_of((node.left, node.right))


@dataclass(frozen=True, slots=True)
class Reader:
    """A table or view under an alias. With `nullable`, an outer join may leave its columns NULL."""

    alias: str
    relation: Readable
    nullable: bool

    def column(self, name: str) -> Typed:
        """The column of that exact name. Raises Refused for one that is not moved as a column."""
        kind = self.relation.columns[name]
        if kind is Kind.COMPLEX:
            raise Refused(f"It reads {name}, which holds several values and becomes a table.")
        node = exp.Column(
            this=exp.Identifier(this=name, quoted=True), table=exp.Identifier(this=self.alias, quoted=True)
        )
        origin = (self.relation.name.casefold(), name.casefold()) if self.relation.stored else None
        return Typed(node, kind, kind is not Kind.BOOL or self.nullable, column=origin)

    def find(self, name: str) -> Typed | None:
        """The column of a name in any case, None when there is none."""
        found = next((known for known in self.relation.columns if known.casefold() == name.casefold()), None)
        return self.column(found) if found is not None else None

    def columns(self) -> Iterator[tuple[str, Typed]]:
        """All columns, as `*` gives them."""
        for name in self.relation.columns:
            yield name, self.column(name)


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names in a query mean."""

    readers: tuple[Reader, ...]

    def reader(self, alias: str) -> Reader | None:
        """The table under an alias."""
        return next((reader for reader in self.readers if reader.alias.casefold() == alias.casefold()), None)

    def column(self, name: tree.Name) -> Typed:
        """The column that a name means.

        Raises:
            Refused: There is none, or more than one.
        """
        written = ".".join(name.parts)
        *qualifier, last = name.parts
        if name.bang and name.parts[0].casefold() in {"forms", "reports"}:
            raise Refused(f"It refers to {'!'.join(name.parts)}, a form or report.")
        if qualifier:
            reader = self.reader(".".join(qualifier))
            readers: tuple[Reader, ...] = (reader,) if reader is not None else ()
        else:
            readers = self.readers
        found = [column for column in (reader.find(last) for reader in readers) if column is not None]
        if len(found) > 1:
            raise Refused(f"It refers to {written}, a column of more than one table.")
        if not found:
            raise Refused(f"It refers to {written}, which is no column: Access would ask for it as a parameter.")
        return found[0]

    def holding(self, column: exp.Expr) -> Reader | None:
        """The reader that a neutral column belongs to."""
        return self.reader(column.table) if isinstance(column, exp.Column) else None
