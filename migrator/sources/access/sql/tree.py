"""What Access SQL says, as trees: expressions and queries, with names as they are written.

Pure data; meaning is given elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, text, date, truth value or Null."""

    value: int | Decimal | str | datetime | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A name of one or more parts; `bang` when one of them follows an exclamation mark."""

    parts: tuple[str, ...]
    bang: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """The column that a validation rule belongs to, where the rule leaves it out."""


@dataclass(frozen=True, slots=True)
class Star:
    """`*`, or all columns of a table."""

    table: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function over arguments; its name in lower case without `$`."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`-`, `+` or `NOT`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """Any operator of two operands, in upper case."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between:
    """`Between … And …`."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In:
    """`In (…)`."""

    value: Node
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """`Is Null`."""

    value: Node


Node = Constant | Name | Subject | Star | Call | Unary | Binary | Between | In | IsNull


@dataclass(frozen=True, slots=True)
class Source:
    """A table or query in FROM, under an alias."""

    name: str
    alias: str


@dataclass(frozen=True, slots=True)
class Join:
    """A join: INNER, LEFT or RIGHT."""

    kind: str
    left: Tree
    right: Tree
    condition: Node


Tree = Source | Join


@dataclass(frozen=True, slots=True)
class Item:
    """An output column, and the name given to it."""

    value: Node
    alias: str | None


@dataclass(frozen=True, slots=True)
class Term:
    """A term of ORDER BY."""

    value: Node
    descending: bool


@dataclass(frozen=True, slots=True)
class Select:
    """A SELECT. `word` is DISTINCT, DISTINCTROW or empty."""

    word: str
    top: int | None
    items: tuple[Item, ...]
    sources: tuple[Tree, ...]
    where: Node | None
    group: tuple[Node, ...]
    having: Node | None
    order: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Union:
    """Two queries together; `everything` with UNION ALL."""

    left: Query
    right: Select
    everything: bool
    order: tuple[Term, ...] = ()


Query = Select | Union
