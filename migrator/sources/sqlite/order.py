"""In which order rows are read, and what names a row: the rowid, or the primary key of a WITHOUT ROWID table.

https://sqlite.org/lang_createtable.html#rowid: every other table has a 64-bit row number under three names,
unless columns take all three. A staged table numbers its rows as the source's table does, and that number is
all that names a row of it: `staging.originals` tells what the source calls the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.model.schema import Table
from migrator.model.secrets import is_secret
from migrator.sources.sqlite.storage import Affinity, affinity
from migrator.sources.sqlite.values import quote

STAGED = "STAGED"
"""The option of a table whose rows stand in the staged file. No table of SQLite's own has it."""
NUMBER = "migrator row number"
"""What the number of a row is called where it is computed, and in staged tables, where it is the rowid too."""
_ROWID_NAMES = ("rowid", "_rowid_", "oid")


@dataclass(frozen=True, slots=True)
class RowOrder:
    """SQL for the rows of a table: where they come from, the key that orders them without ties, and what
    identifies a row for people."""

    relation: str
    key: tuple[str, ...]
    identity: tuple[str, ...]
    affinities: tuple[Affinity, ...] = (Affinity.INTEGER,)
    """Of the key's parts."""

    @property
    def by_rowid(self) -> bool:
        """Whether the key is the rowid by one of SQLite's own names for it."""
        return self.key[0] in _ROWID_NAMES

    @property
    def terms(self) -> tuple[str, ...]:
        """The key for ORDER BY and comparison: by bytes, because a column's own collation may know ties."""
        return tuple(f"{part} COLLATE BINARY" if part.startswith('"') else part for part in self.key)


def without_rowid(table: Table) -> bool:
    """Whether the primary key is the table's only order."""
    return "WITHOUT ROWID" in table.options


def row_order(table: Table) -> RowOrder:
    """The order of a table's rows."""
    primary = tuple(quote(column) for column in table.primary_key.columns) if table.primary_key else ()
    if STAGED in table.options:
        number = _rowid(table) or quote(NUMBER)
        return RowOrder(quote(table.name), (number,), (number,))
    if primary and without_rowid(table) and not _has_secret_key(table):
        return RowOrder(quote(table.name), primary, primary, tuple(_affinities(table)))
    relation, number = numbered(table, quote(table.name))
    return RowOrder(relation, (number,), primary or (number,))


def numbered(table: Table, name: str) -> tuple[str, str]:
    """A FROM clause for a table of the source's own, called `name` in SQL, and SQL for the number of a row: its
    rowid, or else which row it is in the table's order."""
    number = None if without_rowid(table) else _rowid(table)
    if number is not None:
        return name, number
    number = quote(NUMBER)
    # NOT INDEXED: a covering index would be walked in its own order.
    return f"(SELECT row_number() OVER () AS {number}, * FROM {name} NOT INDEXED)", number


def _rowid(table: Table) -> str | None:
    """A name of the rowid that no column has."""
    taken = {column.name.lower() for column in table.columns}
    return next((name for name in _ROWID_NAMES if name not in taken), None)


def _has_secret_key(table: Table) -> bool:
    """Whether a position in the key's order would put a secret into the journal; then rows are numbered."""
    return table.primary_key is not None and any(map(is_secret, table.primary_key.columns))


def _affinities(table: Table) -> Iterator[Affinity]:
    assert table.primary_key is not None
    strict = "STRICT" in table.options
    for column in table.primary_key.columns:
        yield affinity(table.column(column).declared, strict=strict)
