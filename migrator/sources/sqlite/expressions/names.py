"""What an identifier means: SQLite's name resolution, https://sqlite.org/lang_expr.html and resolve.c's order.

Names compare without the case of A-Z. Nothing here rewrites expressions.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlglot import exp

from migrator.sources.sqlite.expressions.parsing import Quoting

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class NoStandardMeaning(Exception):
    """The SQL uses something that means nothing outside SQLite, or that no schema says the meaning of."""


def folded(name: str) -> str:
    """The name as SQLite compares it: A-Z in lower case, every other character as it is."""
    return name.translate(_LOWER)


def identifier(name: str) -> exp.Identifier:
    """A neutral identifier: quoted, spelt as given."""
    return exp.Identifier(this=name, quoted=True)


def column(name: str, table: str | None = None) -> exp.Column:
    """A neutral column."""
    return exp.Column(this=identifier(name), table=identifier(table) if table is not None else None)


class Names(Protocol):
    """Where an expression stands: what its identifiers mean, and whether it may hold a query."""

    def column(self, node: exp.Column) -> exp.Expr:
        """The neutral form of an identifier. Raises NoStandardMeaning."""

    def query(self, node: exp.Query) -> exp.Query:
        """The neutral form of a query inside an expression. Raises NoStandardMeaning."""


class Table:
    """The columns of one table, whose expressions may not hold queries."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._columns = {folded(name): name for name in columns}
        self.quoting = Quoting("")

    def knows(self, name: str) -> bool:
        """Whether the table has such a column."""
        return folded(name) in self._columns

    def column(self, node: exp.Column) -> exp.Expr:
        """A column of the table, or the string a double-quoted name is. Raises NoStandardMeaning."""
        if node.args.get("db") or isinstance(node.this, exp.Star):
            raise NoStandardMeaning(node.sql())
        if self.knows(node.name):
            return column(self._columns[folded(node.name)])
        return _string(node, self.quoting)

    def query(self, node: exp.Query) -> exp.Query:
        """Always raises NoStandardMeaning."""
        raise NoStandardMeaning("a query in a table's own expression")


def _string(node: exp.Column, quoting: Quoting) -> exp.Literal:
    if not node.table and isinstance(node.this, exp.Identifier) and quoting.double(node.this):
        return exp.Literal.string(node.name)
    raise NoStandardMeaning(f"{node.sql()} is no column")


@dataclass(slots=True)
class Reader:
    """One table, view or query in a FROM clause, under its alias. `columns` are folded name → name; `hidden`
    are the folded columns that USING or NATURAL joined to an earlier one, left out of `*`. When `opaque`, some
    column of it has a name that only SQLite knows."""

    alias: str
    columns: Mapping[str, str]
    hidden: set[str] = field(default_factory=set)
    opaque: bool = False


@dataclass(slots=True)
class Frame:
    """The names a SELECT sees: what it reads, its own output aliases, and the SELECT around it.

    `aliases` maps the folded alias to the neutral expression; it is filled when the output is known. With
    `opaque`, some output column of an inner query has a name that only SQLite knows, so that an unknown
    double-quoted name cannot be taken for a string.
    """

    quoting: Quoting
    outer: Frame | None = None
    readers: list[Reader] = field(default_factory=list)
    aliases: dict[str, exp.Expr] = field(default_factory=dict)
    opaque: bool = False

    def column(self, node: exp.Column) -> exp.Expr:
        """What an identifier means, looking outwards; real columns win over aliases.

        Raises:
            NoStandardMeaning: It is none of these, or ambiguous.
        """
        for frame in self._outwards():
            found = frame.own(node)
            if found is not None:
                return found
        if any(frame.opaque for frame in self._outwards()):
            raise NoStandardMeaning(f"{node.sql()} may be a name only SQLite gives")
        return _string(node, self.quoting)

    def own(self, node: exp.Column) -> exp.Expr | None:
        """What the identifier means in this SELECT alone."""
        name, table = folded(node.name), folded(node.table)
        found = [
            reader
            for reader in self.readers
            if name in reader.columns and (folded(reader.alias) == table if table else name not in reader.hidden)
        ]
        if len(found) > 1:
            raise NoStandardMeaning(f"{node.sql()} is ambiguous")
        if found:
            return column(found[0].columns[name], found[0].alias)
        return self.aliases[name].copy() if not table and name in self.aliases else None

    def _outwards(self) -> Iterator[Frame]:
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.outer
