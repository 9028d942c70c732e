"""The rows of an Access database put into a snapshot, block by block, so that memory stays bounded."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from migrator.model import schema
from migrator.model.schema import Remark, Schema
from migrator.model.types import MAX_DECIMAL_PRECISION, LogicalType, decimal
from migrator.sources.access import children, dates, decoding, storing
from migrator.sources.access.blocks import Block
from migrator.sources.access.contents import Contents, Filled, Held
from migrator.sources.access.decoding import Codec
from migrator.sources.access.table import MAX_BYTES, MAX_ROWS, Table
from migrator.sources.access.types import Type
from migrator.sources.sqlite.encodings.numbers import fraction_digits
from migrator.sources.sqlite.storage import Affinity
from migrator.sources.sqlite.values import quote

_HELD = "migrator access values"
_NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table: a list of values as SQLite stores them for each column, and by column how many moments
    are told to the nearest microsecond only."""

    values: Sequence[Sequence[storing.SqlValue]]
    finer: Mapping[str, int]


Parts = Callable[[Table], Iterator[Part]]
"""Reads a table's rows."""


def decoded(table: Table) -> Iterator[Part]:
    """The rows of a table as this reader decodes them."""
    codecs = table.stored.codecs
    for block in table.stored.parts(codecs, MAX_ROWS, MAX_BYTES):
        values = [storing.values(codec, block) for codec in codecs]
        yield Part(values, {codec.stored.name: _finer(codec, block) for codec in codecs})


def fill(connection: sqlite3.Connection, found: Contents, parts: Parts = decoded) -> Schema:
    """Write every row; the schema with what only the rows told.

    Raises:
        SourceDamagedError: The file is damaged where the rows lie.
        sqlite3.Error: They cannot be written.
    """
    told = Told([], {})
    for each in found.filled:
        _fill_table(connection, each, told, parts)
    for held in found.held:
        _fill_child(connection, held, told)
    tables = tuple(_typed(table, told.digits) for table in found.schema.tables)
    return replace(found.schema, tables=tables, remarks=tuple(told.remarks))


@dataclass(frozen=True, slots=True)
class Told:
    """What only the rows tell: remarks, and by table and column the most digits before and after the point of the
    decimals that have no scale in common."""

    remarks: list[Remark]
    digits: dict[tuple[str, str], Digits]


@dataclass(slots=True)
class Digits:
    """The most digits before and after the point."""

    whole: int = 0
    scale: int = 0

    def add(self, values: Iterable[storing.SqlValue]) -> None:
        """Look at decimals as they are stored."""
        for value in values:
            if value is not None:
                number = Decimal(str(value))
                self.whole = max(self.whole, number.adjusted() + 1)
                self.scale = max(self.scale, fraction_digits(number))

    @property
    def type(self) -> LogicalType | None:
        """The decimal that holds them all; None when there is none."""
        precision = max(self.whole + self.scale, 1)
        return decimal(precision, self.scale) if precision <= MAX_DECIMAL_PRECISION else None


def _typed(table: schema.Table, digits: dict[tuple[str, str], Digits]) -> schema.Table:
    found = {column: each.type for (name, column), each in digits.items() if name == table.name}
    columns = (replace(each, type=found.get(each.name, each.type)) for each in table.columns)
    return replace(table, columns=tuple(columns))


def _fill_table(connection: sqlite3.Connection, filled: Filled, told: Told, parts: Parts) -> None:
    columns = filled.stored.columns
    forms = [storing.form(column).stored for column in columns]
    _create(connection, filled.table.name, [column.name for column in columns], forms)
    finer: Counter[str] = Counter()
    insert = _insert(filled.table.name, forms)
    for part in parts(filled.stored):
        connection.executemany(insert, zip(*part.values, strict=True))
        finer.update(part.finer)
        for column, given in zip(columns, part.values, strict=True):
            if column.type is Type.DECIMAL and column.calculated:
                told.digits.setdefault((filled.table.name, column.name), Digits()).add(given)
    told.remarks.extend(
        Remark(_ROUNDED, filled.table.name, column, count) for column, count in finer.items() if count
    )


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


def _fill_child(connection: sqlite3.Connection, held: Held, told: Told) -> None:
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
        told.remarks.append(Remark(_LEFT_OVER, child.parent, child.column, there - moved))


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
