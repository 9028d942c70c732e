"""What SQLite's own catalogue says, as it says it: the rows of `sqlite_schema` and of the pragmas.

Names are bound as parameters of the pragmas' table-valued functions, so that every name works. Nothing here
interprets what it reads; `introspect.py` does.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migrator.errors import SourceError

ROWID = -1
"""`IndexPart.cid` of the rowid, and so of the column that is its alias."""
EXPRESSION = -2
"""`IndexPart.cid` of an expression."""
VIRTUAL, STORED = 2, 3
"""`Column.hidden` of generated columns."""


@dataclass(frozen=True, slots=True)
class Object:
    """A row of `sqlite_schema`: `type` is table, index, view or trigger; `table` the one it belongs to."""

    type: str
    name: str
    table: str
    sql: str


@dataclass(frozen=True, slots=True)
class Column:
    """A row of `pragma table_xinfo`. `key` counts from 1 in the primary key, 0 outside; `hidden` is 0, or 1
    in a virtual table, 2 when computed on reading, 3 when computed and stored."""

    name: str
    declared: str
    not_null: bool
    default: str | None
    key: int
    hidden: int


@dataclass(frozen=True, slots=True)
class IndexPart:
    """A key row of `pragma index_xinfo`. `cid` is the column's position, or ROWID or EXPRESSION."""

    cid: int
    descending: bool
    collation: str


@dataclass(frozen=True, slots=True)
class Index:
    """A row of `pragma index_list`. `origin` is `c` (a CREATE INDEX), `u` (UNIQUE) or `pk` (PRIMARY KEY)."""

    name: str
    unique: bool
    origin: str
    partial: bool
    parts: tuple[IndexPart, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """The rows of `pragma foreign_key_list` with one id. A parent column is None when it is implicit."""

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str | None, ...]
    on_update: str
    on_delete: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its columns, indexes and foreign keys, the latter two in the order of their creation."""

    name: str
    sql: str
    without_rowid: bool
    strict: bool
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]
    foreign_keys: tuple[ForeignKey, ...]

    def column(self, part: IndexPart) -> str | None:
        """The column behind a part of an index, None when it is an expression."""
        if part.cid == ROWID:
            return self.rowid_alias
        return self.columns[part.cid].name if part.cid >= 0 else None

    @property
    def key(self) -> tuple[str, ...]:
        """The primary key's columns in its order."""
        ranked = sorted((column.key, column.name) for column in self.columns if column.key)
        return tuple(name for _, name in ranked)

    @property
    def rowid_alias(self) -> str | None:
        """The column that is another name of the rowid, https://sqlite.org/lang_createtable.html#rowid.

        It is the one primary key that has no index of its own. That tells it from `INTEGER PRIMARY KEY DESC`.
        """
        indexed = any(index.origin == "pk" for index in self.indexes)
        return None if self.without_rowid or indexed or not self.key else self.key[0]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything, in the order of creation. `kinds` says `table`, `virtual`, `shadow` or `view` by name;
    `counters` the highest number AUTOINCREMENT has given out, by table."""

    objects: tuple[Object, ...]
    kinds: dict[str, str]
    tables: tuple[Table, ...]
    view_columns: dict[str, tuple[str, ...]]
    view_problems: dict[str, str]
    counters: dict[str, int]


# https://sqlite.org/fileformat2.html#internal_schema_objects; the prefix alone does not make a table internal.
_INTERNAL = re.compile(r"sqlite_(?:schema|master|temp_schema|temp_master|sequence|stat[1-4])", re.IGNORECASE)


def read(connection: sqlite3.Connection) -> Catalog:
    """Read the catalogue of the main database.

    Raises:
        SourceError: A name or a definition is no valid Unicode text.
        sqlite3.Error: The schema cannot be read.
    """
    with _cursor(connection, _utf8) as cursor:
        try:
            return _Reader(cursor).catalog()
        except UnicodeDecodeError as error:
            raise SourceError(
                "A name or a definition in the schema is no valid Unicode text.",
                hint=f"Rename or drop it; it holds {error.object[max(error.start - 30, 0) : error.end + 30]!r}.",
            ) from error


def details(connection: sqlite3.Connection) -> tuple[tuple[str, str], ...]:
    """Facts about the file and the library, as (name, value)."""
    with _cursor(connection, _utf8) as cursor:
        facts = [
            (name.replace("_", " "), str(cursor.execute(f"PRAGMA {name}").fetchone()[0]))
            for name in ("encoding", "page_size", "user_version", "application_id")
        ]
    return (*facts, ("journal mode", _journal_mode(connection)), ("SQLite library", sqlite3.sqlite_version))


def _journal_mode(connection: sqlite3.Connection) -> str:
    """`wal`, or `rollback` for all other modes, which the file does not remember. The connection itself says
    `delete` or `memory`: a snapshot is opened as immutable. Bytes 18 and 19 of the header are 2 for WAL."""
    with _cursor(connection, os.fsdecode) as cursor:
        ((path,),) = cursor.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchall()
    if not path:
        return "rollback"
    with Path(path).open("rb") as file:
        return "wal" if file.read(20)[18:] == b"\x02\x02" else "rollback"


def _utf8(raw: bytes) -> str:
    """SQLite gives text in UTF-8, whatever the encoding of the file."""
    return raw.decode("utf-8")


@contextmanager
def _cursor(connection: sqlite3.Connection, text: Callable[[bytes], str]) -> Iterator[sqlite3.Cursor]:
    """A cursor that gives tuples, and texts as told, whatever the connection's owner has set."""
    before = connection.text_factory
    connection.text_factory = text
    try:
        with closing(connection.cursor()) as cursor:
            cursor.row_factory = None
            yield cursor
    finally:
        connection.text_factory = before


class _Reader:
    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self._sql: dict[tuple[str, str], str] = {}

    def _rows(self, query: str, *parameters: str) -> list[Any]:
        return self._cursor.execute(query, parameters).fetchall()

    def catalog(self) -> Catalog:
        found = self._rows("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY rowid")
        objects = tuple(Object(*row) for row in found if not _INTERNAL.fullmatch(row[2]))
        self._sql = {(each.type, each.name): each.sql for each in objects}
        listed = self._listed([each.name for each in objects])
        columns, problems = self._views([name for name, kind, *_ in listed if kind == "view"])
        return Catalog(
            objects,
            {name: kind for name, kind, *_ in listed},
            tuple(self._table(name, *options) for name, kind, *options in listed if kind == "table"),
            columns,
            problems,
            self._counters() if any(row[1] == "sqlite_sequence" for row in found) else {},
        )

    def _listed(self, order: list[str]) -> list[Any]:
        """Name, kind, WITHOUT ROWID and STRICT of every table and view, the internal ones left out."""
        rows = self._rows("SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'")
        position = {name: number for number, name in enumerate(order)}
        return sorted(
            (row for row in rows if not _INTERNAL.fullmatch(row[0])),
            key=lambda row: position.get(row[0], len(position)),
        )

    def _table(self, name: str, without_rowid: int, strict: int) -> Table:
        return Table(
            name,
            self._sql.get(("table", name), ""),
            bool(without_rowid),
            bool(strict),
            self._columns(name),
            self._indexes(name),
            self._foreign_keys(name),
        )

    def _columns(self, table: str) -> tuple[Column, ...]:
        rows = self._rows(
            'SELECT name, type, "notnull", dflt_value, pk, hidden '
            "FROM pragma_table_xinfo(?, 'main') ORDER BY cid",
            table,
        )
        return tuple(Column(row[0], row[1], bool(row[2]), *row[3:]) for row in rows)

    def _indexes(self, table: str) -> tuple[Index, ...]:
        """SQLite lists the newest first."""
        rows = self._rows(
            "SELECT name, \"unique\", origin, partial FROM pragma_index_list(?, 'main') ORDER BY seq DESC", table
        )
        return tuple(
            Index(name, bool(unique), origin, bool(partial), self._parts(name), self._sql.get(("index", name), ""))
            for name, unique, origin, partial in rows
        )

    def _parts(self, index: str) -> tuple[IndexPart, ...]:
        rows = self._rows(
            "SELECT cid, \"desc\", coll FROM pragma_index_xinfo(?, 'main') WHERE key ORDER BY seqno", index
        )
        return tuple(IndexPart(cid, bool(descending), collation) for cid, descending, collation in rows)

    def _foreign_keys(self, table: str) -> tuple[ForeignKey, ...]:
        """SQLite gives the newest the number 0."""
        rows = self._rows(
            'SELECT id, "from", "table", "to", on_update, on_delete '
            "FROM pragma_foreign_key_list(?, 'main') ORDER BY id DESC, seq",
            table,
        )
        grouped: dict[int, list[Any]] = {}
        for row in rows:
            grouped.setdefault(row[0], []).append(row)
        return tuple(
            ForeignKey(tuple(row[1] for row in key), key[0][2], tuple(row[3] for row in key), *key[0][4:])
            for key in grouped.values()
        )

    def _views(self, names: list[str]) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
        """The columns of each view, and why a view cannot be read: what it reads may be gone."""
        columns: dict[str, tuple[str, ...]] = {}
        problems: dict[str, str] = {}
        for name in names:
            try:
                columns[name] = tuple(column.name for column in self._columns(name))
            except sqlite3.OperationalError as error:
                problems[name] = str(error)
        return columns, problems

    def _counters(self) -> dict[str, int]:
        """The table is an ordinary one, in which people write. SQLite, too, takes what it finds as an integer:
        https://sqlite.org/autoinc.html. A number below 1 says that none was given out."""
        rows = self._rows("SELECT name, max(CAST(seq AS INTEGER)) FROM sqlite_sequence GROUP BY name")
        return {name: counter for name, counter in rows if counter is not None and counter > 0}
