"""SELECT statements with every name resolved: columns qualified, stars expanded, joins and output columns
spelt out. https://sqlite.org/lang_select.html

Expressions are rewritten by `rewriting`; what identifiers mean is in `names`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sqlglot import exp

from migrator.sources.sqlite.expressions.functions import integer
from migrator.sources.sqlite.expressions.names import (
    Frame,
    NoStandardMeaning,
    Reader,
    column,
    folded,
    identifier,
)
from migrator.sources.sqlite.expressions.outputs import (
    Output,
    alias_values,
    compound_term,
    expanded,
    grouping_term,
    leftmost,
    ordering_term,
    rename,
    rename_to,
    unique,
)
from migrator.sources.sqlite.expressions.parsing import Quoting, ViewText
from migrator.sources.sqlite.expressions.rewriting import rewritten

_SELECT_PARTS: Final = frozenset(
    {"with_", "expressions", "distinct", "from_", "joins", "where", "group", "having", "order", "limit", "offset"}
    | {"windows"}
)
_SET_PARTS: Final = frozenset({"with_", "this", "expression", "distinct", "order", "limit", "offset"})


class _Names:
    """What an expression inside a SELECT sees; satisfies `names.Names`."""

    def __init__(self, queries: Queries, frame: Frame, visible: Mapping[str, Reader]) -> None:
        self._queries = queries
        self._frame = frame
        self._visible = visible

    def column(self, node: exp.Column) -> exp.Expr:
        """The column, alias or string an identifier means."""
        return self._frame.column(node)

    def query(self, node: exp.Query) -> exp.Query:
        """A query that sees the columns around it."""
        return self._queries.query(node, self._frame, self._visible)[0]


class Queries:
    """Rewrites the SELECTs of one view. `reads` collects the tables and views it finds on the way."""

    def __init__(self, relations: Mapping[str, tuple[str, ...]]) -> None:
        self._relations = {folded(name): (name, columns) for name, columns in relations.items()}
        self._quoting = Quoting("")
        self._aliases = 0
        self.reads: list[str] = []

    def view(self, view: ViewText) -> exp.Query:
        """The view's SELECT, its output called what SQLite calls the view's columns."""
        self._quoting = view.quoting
        _, known = self._relations.pop(folded(view.name), ("", ()))
        query, names = self.query(view.query, None, {})
        wanted = known or view.columns
        if wanted:
            rename(query, wanted)
        elif any(name is None for name in names):
            raise NoStandardMeaning("an output column without a name")
        return query

    # Queries: each returns the neutral query and its output names, None where only SQLite gives one.

    def query(
        self, node: exp.Expr, outer: Frame | None, visible: Mapping[str, Reader]
    ) -> tuple[exp.Query, list[str | None]]:
        """Any query. `visible` are the common table expressions it may read, by folded name."""
        if isinstance(node, exp.Subquery) and _given(node) == {"this"}:
            return self.query(node.this, outer, visible)
        if isinstance(node, exp.Values):
            return self.query(_values(node), outer, visible)
        with_, visible = self._with(node.args.get("with_"), outer, visible)
        if isinstance(node, exp.Select):
            query, names = self._select(node, outer, visible)
        elif isinstance(node, exp.SetOperation):
            query, names = self._compound(node, outer, visible)
        else:
            raise NoStandardMeaning(node.sql())
        if with_ is not None:
            query.set("with_", with_)
        return query, names

    def _with(
        self, node: exp.With | None, outer: Frame | None, visible: Mapping[str, Reader]
    ) -> tuple[exp.With | None, Mapping[str, Reader]]:
        if node is None:
            return None, visible
        expressions: list[exp.Expr] = []
        recursive = False
        for cte in node.expressions:
            query, reader, again = self._common(cte, outer, visible)
            recursive = recursive or again
            visible = {**visible, folded(reader.alias): reader}
            expressions.append(exp.CTE(this=query, alias=exp.TableAlias(this=identifier(reader.alias))))
        return exp.With(expressions=expressions, recursive=recursive), visible

    def _common(
        self, cte: exp.CTE, outer: Frame | None, visible: Mapping[str, Reader]
    ) -> tuple[exp.Query, Reader, bool]:
        """A common table expression, what reading it means, and whether it reads itself: SQLite needs no
        RECURSIVE for that (https://sqlite.org/lang_with.html)."""
        given = [item.name for item in cte.args["alias"].args.get("columns") or ()]
        itself = any(folded(table.name) == folded(cte.alias) for table in cte.this.find_all(exp.Table))
        within = visible
        if itself:
            if not isinstance(cte.this, exp.Union):
                raise NoStandardMeaning(f"recursion in {cte.alias}")
            _, names = self.query(leftmost(cte.this), outer, visible)
            within = {**visible, folded(cte.alias): Reader(cte.alias, _columns(given or unique(names)))}
        query, names = self.query(cte.this, outer, within)
        columns = given or unique(names)
        if len(columns) != len(names):
            raise NoStandardMeaning(f"the columns of {cte.alias}")
        rename(query, columns)
        return query, Reader(cte.alias, _columns(columns), opaque=not given and None in names), itself

    def _compound(
        self, node: exp.SetOperation, outer: Frame | None, visible: Mapping[str, Reader]
    ) -> tuple[exp.Query, list[str | None]]:
        _allow(node, _SET_PARTS)
        left, names = self.query(node.this, outer, visible)
        right, others = self.query(node.expression, outer, visible)
        if len(names) != len(others):
            raise NoStandardMeaning("a compound of unequal width")
        result = type(node)(this=_operand(left), expression=_operand(right), distinct=node.args.get("distinct"))
        self._limits(node, result)
        order = node.args.get("order")
        if order is not None:
            result.set("order", exp.Order(expressions=[compound_term(item, names) for item in order.expressions]))
        return result, names

    def _select(
        self, node: exp.Select, outer: Frame | None, visible: Mapping[str, Reader]
    ) -> tuple[exp.Query, list[str | None]]:
        _allow(node, _SELECT_PARTS)
        if not node.expressions:
            raise NoStandardMeaning("a SELECT of nothing")
        frame = Frame(self._quoting, outer)
        names = _Names(self, frame, visible)
        result = exp.Select()
        self._from(node, result, frame, names, visible)
        output = list(self._output(node, frame, names))
        frame.aliases = alias_values(output, node)
        rename_to(result, output, [name for name, _ in output])
        if node.args.get("distinct"):
            result.set("distinct", exp.Distinct())
        _conditions(node, result, names)
        self._grouping(node, result, output, names)
        order = node.args.get("order")
        if order is not None:
            terms = [ordering_term(item, output, names) for item in order.expressions]
            result.set("order", exp.Order(expressions=terms))
        if node.args.get("windows"):
            result.set("windows", [rewritten(window, names) for window in node.args["windows"]])
        self._limits(node, result)
        return result, [name for name, _ in output]

    def _output(self, node: exp.Select, frame: Frame, names: _Names) -> Iterator[tuple[str | None, exp.Expr]]:
        """The output columns with stars expanded, each with the name SQLite gives it."""
        for item in node.expressions:
            inner = item.this if isinstance(item, exp.Column) else item
            if isinstance(inner, exp.Star):
                if _given(inner):
                    raise NoStandardMeaning(item.sql())
                yield from expanded(frame, item.args.get("table"))
            elif isinstance(item, exp.Alias):
                yield item.alias, rewritten(item.this, names)
            else:
                value = rewritten(item, names)
                yield (value.name if isinstance(item, exp.Column) else None), value

    def _grouping(self, node: exp.Select, result: exp.Select, output: Output, names: _Names) -> None:
        group = node.args.get("group")
        if group is None:
            return
        if _given(group) != {"expressions"}:
            raise NoStandardMeaning(group.sql())
        terms = [grouping_term(item, output, names) for item in group.expressions]
        result.set("group", exp.Group(expressions=terms))

    def _limits(self, node: exp.Query, result: exp.Query) -> None:
        """LIMIT and OFFSET, constants only; a negative limit is none."""
        for key, kind in (("limit", exp.Limit), ("offset", exp.Offset)):
            clause = node.args.get(key)
            if clause is None:
                continue
            value = integer(clause.expression)
            if value is None or _given(clause) != {"expression"}:
                raise NoStandardMeaning(clause.sql())
            if value >= 0:
                result.set(key, kind(expression=exp.Literal.number(value)))

    # FROM

    def _from(
        self, node: exp.Select, result: exp.Select, frame: Frame, names: _Names, visible: Mapping[str, Reader]
    ) -> None:
        if node.args.get("from_") is None:
            return
        source, reader = self._source(node.args["from_"].this, frame, visible)
        frame.readers.append(reader)
        result.set("from_", exp.From(this=source))
        result.set("joins", [self._join(join, frame, names, visible) for join in node.args.get("joins") or ()])

    def _join(self, node: exp.Join, frame: Frame, names: _Names, visible: Mapping[str, Reader]) -> exp.Join:
        """A join with its kind spelt out. A comma and a join without condition are cross joins, and SQLite
        binds them all alike (https://sqlite.org/lang_select.html#fromclause)."""
        source, reader = self._source(node.this, frame, visible)
        side = (node.side or "").upper()
        shared = _shared(node, reader, frame)
        if shared and side in ("RIGHT", "FULL"):
            raise NoStandardMeaning(node.sql())
        condition = _equal(shared, reader, frame)
        reader.hidden.update(shared)
        frame.readers.append(reader)
        if node.args.get("on") is not None:
            condition = rewritten(node.args["on"], names)
        if condition is None and not side:
            return exp.Join(this=source, kind="CROSS")
        kind = None if side else "INNER"
        return exp.Join(this=source, side=side or None, kind=kind, on=condition or exp.true())

    def _source(self, node: exp.Expr, frame: Frame, visible: Mapping[str, Reader]) -> tuple[exp.Expr, Reader]:
        if isinstance(node, exp.Table):
            return self._table(node, frame, visible)
        if isinstance(node, exp.Values):
            node = exp.Subquery(this=_values(node), alias=node.args.get("alias"))
        if not isinstance(node, exp.Subquery) or not isinstance(node.this, exp.Query):
            raise NoStandardMeaning(node.sql())
        query, names = self.query(node.this, frame.outer, visible)
        columns = unique(names)
        rename(query, columns)
        self._aliases += 1
        alias = node.alias or f"subquery_{self._aliases}"
        frame.opaque = frame.opaque or None in names
        return exp.Subquery(this=query, alias=exp.TableAlias(this=identifier(alias))), Reader(
            alias, _columns(columns)
        )

    def _table(self, node: exp.Table, frame: Frame, visible: Mapping[str, Reader]) -> tuple[exp.Expr, Reader]:
        if not isinstance(node.this, exp.Identifier) or folded(node.db) not in ("", "main"):
            raise NoStandardMeaning(node.sql())
        if not _given(node) <= {"this", "db", "alias", "indexed"}:
            raise NoStandardMeaning(node.sql())
        common = visible.get(folded(node.name)) if not node.db else None
        if common is not None:
            name, columns = common.alias, dict(common.columns)
            frame.opaque = frame.opaque or common.opaque
        else:
            name, columns = self._relation(node.name)
        alias = node.alias or name
        table = exp.Table(this=identifier(name), alias=exp.TableAlias(this=identifier(alias)))
        return table, Reader(alias, columns)

    def _relation(self, name: str) -> tuple[str, dict[str, str]]:
        if folded(name) not in self._relations:
            raise NoStandardMeaning(f"there is no table {name}")
        found, columns = self._relations[folded(name)]
        if found not in self.reads:
            self.reads.append(found)
        return found, _columns(columns)


def _given(node: exp.Expr) -> set[str]:
    return {key for key, value in node.args.items() if value}


def _allow(node: exp.Expr, parts: frozenset[str]) -> None:
    if not _given(node) <= parts:
        raise NoStandardMeaning(node.sql())


def _columns(names: list[str] | tuple[str, ...]) -> dict[str, str]:
    return {folded(name): name for name in names}


def _values(node: exp.Values) -> exp.Query:
    """`VALUES` as a compound of SELECTs, https://sqlite.org/lang_select.html#the_values_clause."""
    rows = [item.expressions if isinstance(item, exp.Tuple) else [item] for item in node.expressions]
    selects: list[exp.Query] = [
        exp.Select(
            expressions=[
                exp.Alias(this=value.copy(), alias=identifier(f"column{position}"))
                for position, value in enumerate(row, 1)
            ]
        )
        for row in rows
    ]
    query = selects[0]
    for select in selects[1:]:
        query = exp.Union(this=query, expression=select, distinct=False)
    return query


def _operand(query: exp.Query) -> exp.Expr:
    """A side of a compound; brackets keep the order in which SQLite combines, from left to right."""
    return exp.Subquery(this=query) if isinstance(query, exp.SetOperation) or query.args.get("with_") else query


def _conditions(node: exp.Select, result: exp.Select, names: _Names) -> None:
    for key, kind in (("where", exp.Where), ("having", exp.Having)):
        clause = node.args.get(key)
        if clause is not None:
            result.set(key, kind(this=rewritten(clause.this, names)))


def _shared(node: exp.Join, reader: Reader, frame: Frame) -> list[str]:
    """The folded columns that USING or NATURAL joins by."""
    if (node.method or "").upper() == "NATURAL":
        earlier = {name for other in frame.readers for name in other.columns}
        return [name for name in reader.columns if name in earlier]
    return [folded(item.name) for item in node.args.get("using") or ()]


def _equal(shared: list[str], reader: Reader, frame: Frame) -> exp.Expr | None:
    """The condition USING or NATURAL means: equal to the first earlier column of that name."""
    condition: exp.Expr | None = None
    for name in shared:
        left = next((other for other in frame.readers if name in other.columns), None)
        if left is None or name not in reader.columns:
            raise NoStandardMeaning(f"USING ({name})")
        equal = exp.EQ(
            this=column(left.columns[name], left.alias), expression=column(reader.columns[name], reader.alias)
        )
        condition = equal if condition is None else exp.And(this=condition, expression=equal)
    return condition
