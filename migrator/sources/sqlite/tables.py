"""One table of the catalogue in the neutral model: what the pragmas say, completed by the text of its CREATE
TABLE where they are silent. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrator.model.schema import Check, Column, Expression, Generated, Identity, Index, IndexPart, Key
from migrator.sources.sqlite import catalog
from migrator.sources.sqlite.ddl import ColumnText, IndexText, TableText, create_index, create_table
from migrator.sources.sqlite.expressions import neutral
from migrator.sources.sqlite.tokens import NotUnderstood

_BUILT_IN = frozenset({"BINARY", "NOCASE", "RTRIM"})
_UPPER = range(ord("A"), ord("Z") + 1)
_FOLDED = {code: code + 32 for code in _UPPER}


def fold(name: str) -> str:
    """A name as SQLite compares it: without the case of A to Z, of no other letter."""
    return name.translate(_FOLDED)


def collation(written: str | None) -> str | None:
    """A collation as the model names it: the built-in ones in upper case, BINARY as None."""
    if written is None or written.upper() == "BINARY":
        return None
    return written.upper() if written.upper() in _BUILT_IN else written


@dataclass(frozen=True, slots=True)
class Described:
    """A table of the catalogue with what its text says; None when the text cannot be understood."""

    table: catalog.Table
    text: TableText | None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.table.columns)

    def spelt(self, name: str) -> str | None:
        """A column's name as the table spells it, None when it has no such column."""
        return next((known for known in self.names if fold(known) == fold(name)), None)

    def collation(self, name: str) -> str | None:
        """The collation of the column of that exact name."""
        return collation(self.text.columns[self.names.index(name)].collation) if self.text else None


def describe(table: catalog.Table) -> Described:
    """Read the table's text. A text that does not name the columns the pragma names is not understood."""
    try:
        text = create_table(table.sql)
    except NotUnderstood:
        return Described(table, None)
    same = [fold(column.name) for column in text.columns] == [fold(column.name) for column in table.columns]
    return Described(table, text if same else None)


def columns(described: Described, counter: int | None) -> tuple[Column, ...]:
    """The columns; `counter` is what SQLite remembers of the numbers it gave out in this table."""
    texts = described.text.columns if described.text else [None] * len(described.names)
    if described.text and not described.text.autoincrement:
        counter = None
    return tuple(
        _column(raw, text, described, counter) for raw, text in zip(described.table.columns, texts, strict=True)
    )


def _column(raw: catalog.Column, text: ColumnText | None, described: Described, counter: int | None) -> Column:
    alias = raw.name == described.table.rowid_alias
    return Column(
        raw.name,
        raw.declared,
        nullable=not raw.not_null and not alias,
        default=_default(raw.default),
        generated=_generated(raw, text, described),
        collation=collation(text.collation) if text else None,
        identity=Identity(counter) if alias else None,
    )


def _default(sql: str | None) -> Expression | None:
    """A default cannot read columns. NULL is what a column without default gets."""
    if sql is None or sql.strip().upper() == "NULL":
        return None
    return Expression(sql, neutral(sql, ()))


def _generated(raw: catalog.Column, text: ColumnText | None, described: Described) -> Generated | None:
    """The pragma tells that a column is generated, the text how."""
    if raw.hidden not in (catalog.VIRTUAL, catalog.STORED):
        return None
    if text is None or text.generated is None:
        return Generated(Expression(described.table.sql, None), raw.hidden == catalog.STORED)
    return Generated(_expression(text.generated, described), raw.hidden == catalog.STORED)


def _expression(sql: str, described: Described) -> Expression:
    return Expression(sql, neutral(sql, described.names))


def primary_key(described: Described) -> Key | None:
    """The primary key, in its own order of columns."""
    if not described.table.key:
        return None
    named = described.text.primary_key if described.text else None
    return Key(described.table.key, named.name if named else None)


def checks(described: Described) -> tuple[Check, ...]:
    """The CHECK constraints of columns and table, in the order of the text."""
    texts = described.text.checks if described.text else []
    return tuple(Check(_expression(text.sql, described), text.name) for text in texts)


def uniques(described: Described) -> tuple[Key, ...]:
    """The UNIQUE constraints that compare text by its bytes."""
    return tuple(
        Key(_key_columns(index, described.table), name)
        for index, name in _unique_constraints(described)
        if not _collated(index)
    )


def indexes(described: Described, taken: set[str]) -> tuple[Index, ...]:
    """Created indexes, and those behind keys that compare text otherwise than by its bytes.

    A key has no collation in the model, so the latter keep it as unique indexes: by the constraint's name,
    or `uq_<table>_<columns>`, with a number when `taken` (folded; added to) has that name already.
    """
    collated = [
        Index(_free_name(name, index, described.table, taken), _parts(index, None, described), unique=True)
        for index, name in [*_primary_indexes(described), *_unique_constraints(described)]
        if _collated(index)
    ]
    created = [_created(index, described) for index in described.table.indexes if index.origin == "c"]
    return (*collated, *created)


def options(described: Described) -> tuple[str, ...]:
    """The table's options, and the ON CONFLICT actions other than the default that its constraints name."""
    conflicts = described.text.conflicts if described.text else []
    return (
        *(["WITHOUT ROWID"] if described.table.without_rowid else []),
        *(["STRICT"] if described.table.strict else []),
        *(f"ON CONFLICT {action}" for action in conflicts),
    )


def _collated(index: catalog.Index) -> bool:
    return any(collation(part.collation) for part in index.parts)


def _key_columns(index: catalog.Index, table: catalog.Table) -> tuple[str, ...]:
    """The columns of an index behind a constraint, which holds no expressions; `UNIQUE (a, a)` means `a`."""
    return tuple(dict.fromkeys(filter(None, map(table.column, index.parts))))


def _primary_indexes(described: Described) -> Iterator[tuple[catalog.Index, str | None]]:
    """The name stays with the primary key itself."""
    return ((index, None) for index in described.table.indexes if index.origin == "pk")


def _unique_constraints(described: Described) -> list[tuple[catalog.Index, str | None]]:
    """Each index behind a UNIQUE constraint with the constraint's name."""
    texts = list(described.text.uniques) if described.text else []
    found = []
    for index in (index for index in described.table.indexes if index.origin == "u"):
        folded = [fold(name) for name in _key_columns(index, described.table)]
        text = next((text for text in texts if list(dict.fromkeys(map(fold, text.columns))) == folded), None)
        if text is not None:
            texts.remove(text)
        found.append((index, text.name if text else None))
    return found


def _free_name(name: str | None, index: catalog.Index, table: catalog.Table, taken: set[str]) -> str:
    base = name or "_".join(("uq", table.name, *_key_columns(index, table)))
    free, number = base, 1
    while fold(free) in taken:
        number += 1
        free = f"{base}_{number}"
    taken.add(fold(free))
    return free


def _created(index: catalog.Index, described: Described) -> Index:
    try:
        text: IndexText | None = create_index(index.sql)
    except NotUnderstood:
        text = None
    where = (text.where if text else None) or index.sql
    return Index(
        index.name,
        _parts(index, text, described),
        index.unique,
        _expression(where, described) if index.partial else None,
    )


def _parts(index: catalog.Index, text: IndexText | None, described: Described) -> tuple[IndexPart, ...]:
    texts: Iterable[str] = text.parts if text and len(text.parts) == len(index.parts) else [""] * len(index.parts)
    return tuple(
        _part(part, written or index.sql, described) for part, written in zip(index.parts, texts, strict=True)
    )


def _part(part: catalog.IndexPart, sql: str, described: Described) -> IndexPart:
    column = described.table.column(part)
    return IndexPart(
        column,
        _expression(sql, described) if column is None else None,
        part.descending,
        collation(part.collation),
    )
