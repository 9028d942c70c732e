"""The rows of an Access database put into a snapshot, block by block, so that memory stays bounded."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from migrator.model.schema import Remark, Schema
from migrator.sources.access import children, dates, decoding, storing
from migrator.sources.access.blocks import Block
from migrator.sources.access.contents import Contents, Filled, Held
from migrator.sources.access.decoding import Codec
from migrator.sources.access.table import MAX_BYTES, MAX_ROWS
from migrator.sources.access.types import Type
from migrator.sources.sqlite.storage import Affinity
from migrator.sources.sqlite.values import quote

_HELD = "migrator access values"
_NUMBER = "number"


def fill(connection: sqlite3.Connection, found: Contents) -> Schema:
    """Write every row; the schema with what only the rows told.

    Raises:
        SourceDamagedError: The file is damaged where the rows lie.
        sqlite3.Error: They cannot be written.
    """
    remarks: list[Remark] = []
    for each in found.filled:
        remarks += _fill_table(connection, each)
    for held in found.held:
        remarks += _fill_child(connection, held)
    return replace(found.schema, remarks=tuple(remarks))


def _fill_table(connection: sqlite3.Connection, filled: Filled) -> Iterator[Remark]:
    columns, codecs = filled.stored.columns, filled.stored.stored.codecs
    forms = [storing.form(column).stored for column in columns]
    _create(connection, filled.table.name, [column.name for column in columns], forms)
    finer: Counter[str] = Counter()
    insert = _insert(filled.table.name, forms)
    for block in filled.stored.stored.parts(codecs, MAX_ROWS, MAX_BYTES):
        connection.executemany(insert, zip(*(storing.values(codec, block) for codec in codecs), strict=True))
        for codec in codecs:
            finer[codec.stored.name] += _finer(codec, block)
    for column, count in finer.items():
        if count:
            yield Remark(_ROUNDED, filled.table.name, column, count)


_ROUNDED = (
    "Access keeps moments as fractions of a day. These are no whole number of microseconds and arrive as the "
    "nearest one; Access itself shows seconds."
)


def _finer(codec: Codec, block: Block) -> int:
    """How many moments of a column are told to the nearest microsecond only."""
    if codec.type is not Type.DATE_TIME or codec.stored.calculated:
        return 0
    found = decoding.located(codec, block)
    return int((dates.finer(found.numbers("<f8")) & found.valid).sum())


def _fill_child(connection: sqlite3.Connection, held: Held) -> Iterator[Remark]:
    """Values go into a table of their own first: only SQLite knows which row has a number."""
    child, parts = held.child, held.child.parts
    names = [column.name for column in child.table.columns]
    links = [Affinity.BLOB for _ in child.link]
    stored = [part.stored for part in parts]
    _create(connection, child.table.name, names, [*links, Affinity.INTEGER, *stored])
    own = [_NUMBER, *(f"v{at}" for at in range(len(parts)))]
    _create(connection, _HELD, own, [Affinity.INTEGER, *stored])
    rows = (
        (number, *map(storing.plain, children.values(held.complex, value)))
        for number, value in held.complex.rows()
    )
    connection.executemany(_insert(_HELD, [Affinity.INTEGER, *stored]), rows)
    moved = connection.execute(child.fill(quote(_HELD), _NUMBER)).rowcount
    (there,) = connection.execute(f"SELECT count(*) FROM {quote(_HELD)}").fetchone()
    connection.execute(f"DROP TABLE {quote(_HELD)}")
    if there != moved:
        yield Remark(_LEFT_OVER, child.parent, child.column, there - moved)


_LEFT_OVER = (
    "Values of the complex column belong to no row: Access left them behind when their rows were deleted. They "
    "do not move."
)


def _create(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], affinities: Iterable[Affinity]
) -> None:
    listed = ", ".join(
        quote(name) + ("" if affinity is Affinity.BLOB else f" {affinity}")
        for name, affinity in zip(columns, affinities, strict=True)
    )
    connection.execute(f"CREATE TABLE {quote(table)} ({listed})")


def _insert(table: str, affinities: Iterable[Affinity]) -> str:
    """Text that is no valid Unicode comes as bytes, see `storing.values`."""
    marks = ", ".join("CAST(? AS TEXT)" if affinity is Affinity.TEXT else "?" for affinity in affinities)
    return f"INSERT INTO {quote(table)} VALUES ({marks})"
