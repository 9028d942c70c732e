"""SELECT and UNION as neutral queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from migrator.sources.access.sql import aggregates, rows, tree
from migrator.sources.access.sql.comparing import Equals
from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.relations import Readable
from migrator.sources.access.sql.rewriting import Rewriter
from migrator.sources.access.sql.sources import Reader, Scope, Step, order_of, steps
from migrator.sources.access.sql.typed import Kind, Typed, as_number, output, unified

Find = Callable[[str], Readable]
"""The table or view of a name. Raises Refused."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A neutral query, and the names and kinds of its columns."""

    node: exp.Query
    names: tuple[str, ...]
    outputs: tuple[Typed, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of the columns."""
        return tuple(value.kind for value in self.outputs)


class _Names:
    """What an expression of a SELECT sees; satisfies `rewriting.Names`."""

    def __init__(self, scope: Scope, alike: Equals, *, aggregating: bool) -> None:
        self._scope = scope
        self._alike = alike
        self._aggregating = aggregating

    def column(self, name: tree.Name) -> Typed:
        """A column of what is read. Raises Refused."""
        return self._scope.column(name)

    def subject(self) -> Typed:
        """Always raises Refused."""
        raise Refused("It has an operator without a left side.")

    def aggregate(self, call: tree.Call) -> Typed | None:
        """An aggregate over a value that holds none. Raises Refused."""
        if call.name not in aggregates.NAMES:
            return None
        if not self._aggregating or len(call.arguments) != 1:
            raise Refused(f"It calls {call.name} where no aggregate may stand.")
        if isinstance(call.arguments[0], tree.Star):
            return aggregates.aggregate(call.name, None)
        inner = Rewriter(_Names(self._scope, self._alike, aggregating=False), self._alike)
        return aggregates.aggregate(call.name, inner(call.arguments[0]))


def selected(query: tree.Query, find: Find, alike: Equals) -> Selected:
    """A query over what `find` knows.

    Raises:
        Refused: A part of it means something else elsewhere.
    """
    return _union(query, find, alike) if isinstance(query, tree.Union) else _Select(query, find, alike).result()


def _union(query: tree.Union, find: Find, alike: Equals) -> Selected:
    left, right = selected(query.left, find, alike), selected(query.right, find, alike)
    if len(left.names) != len(right.names):
        raise Refused("It unites queries of different numbers of columns.")
    pairs = zip(left.outputs, right.outputs, strict=True)
    kinds = [_one_kind(one, other) for one, other in pairs]
    outputs = tuple(Typed(exp.null(), kind) for kind in kinds)
    if not query.everything:
        rows.merged_alike(outputs, "UNION")
    sides = [exp.Subquery(this=side.node) if _compound(side.node) else side.node for side in (left, right)]
    node = exp.Union(this=sides[0], expression=sides[1], distinct=not query.everything)
    _arrange(node, [(_named(term.value, left.names, outputs), term.descending) for term in query.order])
    return Selected(node, left.names, outputs)


def _one_kind(one: Typed, other: Typed) -> Kind:
    kinds = {one.kind, other.kind}
    if Kind.OTHER in kinds or kinds == {Kind.NULL}:
        raise Refused("It unites columns of which the type is not known.")
    if Kind.BOOL in kinds and not kinds <= {Kind.BOOL, Kind.NULL}:
        raise Refused("It unites a Yes/No with numbers.")
    return unified([one, other])[1]


def _compound(node: exp.Query) -> bool:
    """Whether a side has to stand in brackets: a compound, or a SELECT with an order or limit of its own."""
    return isinstance(node, exp.SetOperation) or node.args.get("order") is not None


def _named(node: tree.Node, names: Sequence[str], outputs: Sequence[Typed]) -> Typed:
    """The output column that an ORDER BY of a UNION names, as its position."""
    if isinstance(node, tree.Name):
        for position, (name, value) in enumerate(zip(names, outputs, strict=True), 1):
            if name.casefold() == node.parts[-1].casefold():
                return Typed(exp.Literal.number(position), value.kind)
    raise Refused("It orders a UNION by something that it does not show.")


def _arrange(node: exp.Query, order: Sequence[rows.Ordered]) -> None:
    """ORDER BY; Access sorts Null before everything else."""
    terms = [
        exp.Ordered(this=value.node, desc=descending or None, nulls_first=not descending)
        for value, descending in rows.ordering(order)
    ]
    if terms:
        node.set("order", exp.Order(expressions=terms))


class _Select:
    """One SELECT."""

    def __init__(self, query: tree.Select, find: Find, alike: Equals) -> None:
        self._query = query
        self._steps = steps(query.sources)
        self._scope = Scope(tuple(self._readers(find)))
        self._rewrite = Rewriter(_Names(self._scope, alike, aggregating=True), alike)
        self._plain = Rewriter(_Names(self._scope, alike, aggregating=False), alike)

    def _readers(self, find: Find) -> Iterator[Reader]:
        outer = any(step.kind in {"LEFT", "RIGHT"} for step in self._steps)
        aliases = Counter(source.alias.casefold() for source in order_of(self._query.sources))
        for source in order_of(self._query.sources):
            if aliases[source.alias.casefold()] > 1:
                raise Refused(f"It reads {source.alias} twice under one name.")
            yield Reader(source.alias, find(source.name), outer)

    def result(self) -> Selected:
        """The neutral SELECT. Raises Refused."""
        named = _told_apart(list(self._outputs()))
        outputs = [output(value) for _, _, value in named]
        node = exp.Select(
            expressions=[
                exp.Alias(this=value.node, alias=exp.Identifier(this=name, quoted=True))
                for (name, _, _), value in zip(named, outputs, strict=True)
            ]
        )
        self._from(node)
        if self._query.where is not None:
            node.set("where", exp.Where(this=self._plain.condition(self._query.where, "WHERE")))
        self._grouping(node)
        if rows.distinct(self._query.word, outputs, self._scope):
            node.set("distinct", exp.Distinct())
        self._order(node, outputs)
        return Selected(node, tuple(name for name, _, _ in named), tuple(outputs))

    def _outputs(self) -> Iterator[tuple[str, str, Typed]]:
        """Each output column's name, the table it comes from ('' for none), and its value."""
        for item in self._query.items:
            if isinstance(item.value, tree.Star):
                yield from self._all(item.value)
            elif item.alias is not None:
                yield item.alias, "", self._rewrite(item.value)
            elif isinstance(item.value, tree.Name):
                value = self._rewrite(item.value)
                yield value.node.name, value.node.args["table"].name, value
            else:
                raise Refused("It shows a calculated column without a name.")

    def _all(self, star: tree.Star) -> Iterator[tuple[str, str, Typed]]:
        chosen = self._scope.readers
        if star.table is not None:
            reader = self._scope.reader(star.table)
            chosen = (reader,) if reader is not None else ()
        if not chosen:
            raise Refused("It shows all columns of no table.")
        for reader in chosen:
            for name, value in reader.columns():
                yield name, reader.alias, value

    def _from(self, node: exp.Select) -> None:
        joins = []
        for position, step in enumerate(self._steps):
            if position == 0:
                node.set("from_", exp.From(this=self._table(step)))
            else:
                joins.append(self._join(step))
        if joins:
            node.set("joins", joins)

    def _table(self, step: Step) -> exp.Table:
        reader = self._scope.reader(step.source.alias)
        assert reader is not None
        alias = exp.TableAlias(this=exp.Identifier(this=reader.alias, quoted=True))
        return exp.Table(this=exp.Identifier(this=reader.relation.name, quoted=True), alias=alias)

    def _join(self, step: Step) -> exp.Join:
        found = [self._plain.condition(condition, "ON") for condition in step.conditions]
        on = found[0] if found else None
        for condition in found[1:]:
            on = exp.And(this=exp.Paren(this=on), expression=exp.Paren(this=condition))
        if step.kind in {"LEFT", "RIGHT"}:
            return exp.Join(this=self._table(step), side=step.kind, on=on)
        return exp.Join(this=self._table(step), kind=step.kind, on=on)

    def _grouping(self, node: exp.Select) -> None:
        keys = [output(self._plain(term)) for term in self._query.group]
        rows.grouped(keys, self._scope)
        if keys:
            node.set("group", exp.Group(expressions=[key.node for key in keys]))
        if self._query.having is not None:
            node.set("having", exp.Having(this=self._rewrite.condition(self._query.having, "HAVING")))

    def _order(self, node: exp.Select, outputs: Sequence[Typed]) -> None:
        order = [(self._placed(term.value, outputs), term.descending) for term in self._query.order]
        if self._query.top is not None:
            merged = bool(self._query.group) or self._query.word == "DISTINCT"
            rows.top(self._query.top, order, self._scope, merged=merged)
            node.set("limit", exp.Limit(expression=exp.Literal.number(self._query.top)))
        placed = [(_position(value, outputs), descending) for value, descending in order]
        _arrange(node, placed)

    def _placed(self, term: tree.Node, outputs: Sequence[Typed]) -> Typed:
        """A term of ORDER BY; a number is the position of an output column."""
        if isinstance(term, tree.Constant) and isinstance(term.value, int) and 1 <= term.value <= len(outputs):
            return _sorted(outputs[term.value - 1])
        return _sorted(output(self._rewrite(term)))


def _sorted(value: Typed) -> Typed:
    """What a value sorts by: Yes, which is -1, comes before No."""
    return as_number(value) if value.kind is Kind.BOOL else value


def _position(value: Typed, outputs: Sequence[Typed]) -> Typed:
    """A term of ORDER BY as the position of the output column that it equals, else as it is."""
    for position, shown in enumerate(outputs, 1):
        if shown.node == value.node:
            return Typed(exp.Literal.number(position), value.kind)
    return value


def _told_apart(named: list[tuple[str, str, Typed]]) -> list[tuple[str, str, Typed]]:
    """Access calls columns of one name by their tables too: `Orders.ID` and `Items.ID`."""
    counts = Counter(name.casefold() for name, _, _ in named)
    return [
        (f"{table}.{name}" if table and counts[name.casefold()] > 1 else name, table, value)
        for name, table, value in named
    ]
