"""The output columns of a SELECT: their names, their aliases, and what refers to them by name or position.

https://sqlite.org/lang_select.html#resultset
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from migrator.sources.sqlite.expressions.functions import integer
from migrator.sources.sqlite.expressions.names import Frame, Names, NoStandardMeaning, column, folded, identifier
from migrator.sources.sqlite.expressions.rewriting import compared, rewritten

Output = list[tuple[str | None, exp.Expr]]
"""Each output column's name, None where only SQLite gives one, and its neutral expression."""


def leftmost(node: exp.Expr) -> exp.Expr:
    """The first SELECT of a compound."""
    while isinstance(node, (exp.SetOperation, exp.Subquery)):
        node = node.this
    return node


def unique(names: list[str | None]) -> list[str]:
    """Column names of an inner query: SQLite tells equal ones apart by `:1`, `:2`; its names for nameless ones
    are its own affair (https://sqlite.org/c3ref/column_name.html)."""
    taken: set[str] = set()
    result: list[str] = []
    for position, name in enumerate(names, 1):
        candidate, count = name or f"column_{position}", 0
        while folded(candidate) in taken:
            count += 1
            candidate = f"{name or f'column_{position}'}:{count}"
        taken.add(folded(candidate))
        result.append(candidate)
    return result


def rename(query: exp.Query, names: Sequence[str]) -> None:
    """Give the output columns names; those of a compound come from its first SELECT."""
    select = leftmost(query)
    if len(select.expressions) != len(names):
        raise NoStandardMeaning("the number of output columns")
    values = [item.this if isinstance(item, exp.Alias) else item for item in select.expressions]
    rename_to(select, [(None, value) for value in values], names)


def rename_to(select: exp.Expr, output: Output, names: Sequence[str | None]) -> None:
    """Set a SELECT's output columns under the names given."""
    select.set(
        "expressions",
        [
            exp.Alias(this=value.copy(), alias=identifier(name)) if name is not None else value.copy()
            for name, (_, value) in zip(names, output, strict=True)
        ],
    )


def expanded(frame: Frame, table: exp.Identifier | None) -> Iterator[tuple[str, exp.Expr]]:
    """The columns of `*` or `t.*`, in SQLite's order."""
    found = False
    for reader in frame.readers:
        if table is not None and folded(reader.alias) != folded(table.name):
            continue
        found = True
        for key, name in reader.columns.items():
            if table is not None or key not in reader.hidden:
                yield name, column(name, reader.alias)
    if not found:
        raise NoStandardMeaning("* without a table")


def alias_values(output: Output, node: exp.Select) -> dict[str, exp.Expr]:
    """The aliases that other clauses may use, the first of each name."""
    given = {folded(item.alias) for item in node.expressions if isinstance(item, exp.Alias)}
    values: dict[str, exp.Expr] = {}
    for name, value in output:
        if name is not None and folded(name) in given:
            values.setdefault(folded(name), value)
    return values


def _position(node: exp.Expr, output: Output) -> int | None:
    value = integer(node)
    if value is not None and not 1 <= value <= len(output):
        raise NoStandardMeaning("a position beyond the output")
    return value


def grouping_term(node: exp.Expr, output: Output, names: Names) -> exp.Expr:
    """A term of GROUP BY; a position stands for the output column's expression."""
    position = _position(node, output)
    if position is not None:
        return output[position - 1][1].copy()
    return rewritten(node, names)


def ordering_term(node: exp.Expr, output: Output, names: Names) -> exp.Ordered:
    """A term of ORDER BY: a position where it means an output column, whose alias wins over real columns
    (https://sqlite.org/lang_select.html#orderby)."""
    term = node.this
    position = _position(term, output)
    if position is None and isinstance(term, exp.Column) and not term.table:
        position = next(
            (i for i, (name, _) in enumerate(output, 1) if name is not None and folded(name) == folded(term.name)),
            None,
        )
    value = compared(term, lambda part: rewritten(part, names)) if position is None else None
    if position is None:
        position = next((i for i, (_, item) in enumerate(output, 1) if item == value), None)
    return _ordered(node, position, value)


def compound_term(node: exp.Expr, names: list[str | None]) -> exp.Ordered:
    """A term of a compound's ORDER BY, which is an output column."""
    position = integer(node.this)
    if position is None and isinstance(node.this, exp.Column) and not node.this.table:
        wanted = folded(node.this.name)
        position = next(
            (i for i, name in enumerate(names, 1) if name is not None and folded(name) == wanted), None
        )
    if position is None or not 1 <= position <= len(names):
        raise NoStandardMeaning(node.sql())
    return _ordered(node, position, None)


def _ordered(node: exp.Expr, position: int | None, value: exp.Expr | None) -> exp.Ordered:
    this = exp.Literal.number(position) if position is not None else value
    return exp.Ordered(this=this, desc=node.args.get("desc"), nulls_first=node.args.get("nulls_first"))
