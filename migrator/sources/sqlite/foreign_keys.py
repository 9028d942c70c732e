"""Foreign keys with their parents resolved, and why SQLite itself could not enforce one.

The rules are those of https://sqlite.org/foreignkeys.html#fk_indexes. All functions are pure; no row is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat
from typing import cast

from migrator.model.schema import Action, ForeignKey
from migrator.sources.sqlite import catalog
from migrator.sources.sqlite.ddl import ForeignKeyText
from migrator.sources.sqlite.tables import Described, collation, fold

Kinds = Mapping[str, str]
Tables = Mapping[str, Described]
"""The tables that move, by folded name."""


def foreign_keys(child: Described, tables: Tables, kinds: Kinds) -> tuple[ForeignKey, ...]:
    """The foreign keys of a table in the order of its text; `kinds` says what other names stand for."""
    return tuple(
        _foreign_key(key, text, tables.get(fold(key.parent)), kinds)
        for key, text in zip(child.table.foreign_keys, _texts(child), strict=False)
    )


def _texts(child: Described) -> list[ForeignKeyText] | repeat[None]:
    """What the text says about each foreign key; nothing when it tells of others than the pragma."""
    texts = child.text.foreign_keys if child.text else []
    told = [[fold(name) for name in text.columns] for text in texts]
    real = [[fold(name) for name in key.columns] for key in child.table.foreign_keys]
    return texts if told == real else repeat(None)


def _foreign_key(
    key: catalog.ForeignKey, text: ForeignKeyText | None, parent: Described | None, kinds: Kinds
) -> ForeignKey:
    parent_columns = _parent_columns(key, parent)
    return ForeignKey(
        key.columns,
        parent.table.name if parent else key.parent,
        parent_columns,
        text.name if text else None,
        cast(Action, key.on_delete),
        cast(Action, key.on_update),
        text.deferrable if text else False,
        text.initially_deferred if text else False,
        _problem(key, parent_columns, parent, kinds),
    )


def _parent_columns(key: catalog.ForeignKey, parent: Described | None) -> tuple[str, ...]:
    """The named columns as the parent spells them, or its primary key when none is named."""
    written = tuple(name for name in key.parent_columns if name is not None)
    if not written:
        return parent.table.key if parent else ()
    return tuple((parent.spelt(name) if parent else None) or name for name in written)


def _problem(
    key: catalog.ForeignKey, columns: tuple[str, ...], parent: Described | None, kinds: Kinds
) -> str | None:
    if parent is None:
        return _no_table(key.parent, kinds)
    name = parent.table.name
    if not columns:
        return f"The parent table {name} has no primary key."
    missing = [column for column in columns if column not in parent.names]
    if missing:
        return f"The parent table {name} has no column {', '.join(missing)}."
    if len(columns) != len(key.columns):
        return f"The parent key of {name} has {len(columns)} columns, the foreign key {len(key.columns)}."
    if not _unique(columns, parent, implicit=None in key.parent_columns):
        return f"No primary key or unique constraint covers exactly {', '.join(columns)} of {name}."
    return None


def _no_table(name: str, kinds: Kinds) -> str:
    kind = next((kind for known, kind in kinds.items() if fold(known) == fold(name)), None)
    if kind is None:
        return f"The parent table {name} does not exist."
    return f"The parent {name} is a {'view' if kind == 'view' else 'virtual table'}, not an ordinary table."


def _unique(columns: tuple[str, ...], parent: Described, *, implicit: bool) -> bool:
    """Whether SQLite finds a key over exactly these columns, in any order (sqlite3FkLocateIndex)."""
    if implicit or columns == (parent.table.rowid_alias,):
        return True
    return any(
        index.unique and not index.partial and _covers(index, columns, parent) for index in parent.table.indexes
    )


def _covers(index: catalog.Index, columns: tuple[str, ...], parent: Described) -> bool:
    """An index counts only if it compares each column as the column itself does."""
    if len(index.parts) != len(columns):
        return False
    covered = {parent.table.column(part): collation(part.collation) for part in index.parts}
    if covered.keys() != set(columns):
        return False
    return parent.text is None or all(covered[column] == parent.collation(column) for column in columns)
