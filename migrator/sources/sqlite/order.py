"""In which order rows are read, and what names a row: the rowid, or the primary key of a WITHOUT ROWID table.

https://sqlite.org/lang_createtable.html#rowid: every other table has a 64-bit row number under three names,
unless columns take all three.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.model.schema import Table
from migrator.model.secrets import is_secret
from migrator.sources.sqlite.storage import Affinity, affinity
from migrator.sources.sqlite.values import quote

_ROWID_NAMES = ("rowid", "_rowid_", "oid")
_NUMBER = "migrator row number"


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
    def terms(self) -> tuple[str, ...]:
        """The key for ORDER BY and comparison: by bytes, because a column's own collation may know ties."""
        return tuple(f"{part} COLLATE BINARY" if part.startswith('"') else part for part in self.key)


def without_rowid(table: Table) -> bool:
    """Whether the primary key is the table's only order."""
    return "WITHOUT ROWID" in table.options


def row_order(table: Table) -> RowOrder:
    """The order of a table's rows."""
    primary = tuple(quote(column) for column in table.primary_key.columns) if table.primary_key else ()
    if without_rowid(table) and not _has_secret_key(table):
        return RowOrder(quote(table.name), primary, primary, tuple(_affinities(table)))
    taken = {column.name.lower() for column in table.columns}
    for name in () if without_rowid(table) else _ROWID_NAMES:
        if name not in taken:
            return RowOrder(quote(table.name), (name,), primary or (name,))
    number = quote(_NUMBER)
    # NOT INDEXED: a covering index would be walked in its own order.
    numbered = f"(SELECT row_number() OVER () AS {number}, * FROM {quote(table.name)} NOT INDEXED)"
    return RowOrder(numbered, (number,), primary or (number,))


def _has_secret_key(table: Table) -> bool:
    """Whether a position in the key's order would put a secret into the journal; then rows are numbered."""
    return table.primary_key is not None and any(map(is_secret, table.primary_key.columns))


def _affinities(table: Table) -> Iterator[Affinity]:
    assert table.primary_key is not None
    strict = "STRICT" in table.options
    for column in table.primary_key.columns:
        yield affinity(table.column(column).declared, strict=strict)
