"""Rows as the source holds them, before any rule, by their numbers in the staged table.

Only rows that are shown to people or set aside are looked up; nothing here is on the way of the others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from migrator.model.profile import Sample, TableProfile, Violations
from migrator.model.schema import Table
from migrator.model.secrets import MASK, is_secret
from migrator.sources.sqlite.connection import BENEATH
from migrator.sources.sqlite.order import numbered
from migrator.sources.sqlite.rows import KnownRow
from migrator.sources.sqlite.values import Reading, SqliteValue, key_value, quote

Values = tuple[SqliteValue, ...]

_AT_ONCE = 10_000
"""Numbers per query, which make at most 200 KB of SQL."""


@dataclass(frozen=True, slots=True)
class Originals:
    """The rows of one table of the snapshot that lies beneath the staged file."""

    connection: sqlite3.Connection
    reading: Reading
    table: Table
    """As the source has it."""

    def rows(self, numbers: Sequence[int]) -> list[KnownRow]:
        """The rows of these numbers, in their order. Raises sqlite3.Error."""
        columns = tuple(column.name for column in self.table.columns)
        found = self._values(numbers, columns)
        identities = self.identities(numbers, self._key)
        return [
            KnownRow(identity, dict(zip(columns, found[number], strict=True)))
            for number, identity in zip(numbers, identities, strict=True)
        ]

    def identities(self, numbers: Sequence[int], key: Sequence[str]) -> list[Values]:
        """What names the rows: their values in the columns of a key, or their numbers where the source has no
        such columns. Raises sqlite3.Error."""
        known = {column.name for column in self.table.columns}
        if not key or not known.issuperset(key):
            return [(number,) for number in numbers]
        found = self._values(numbers, key)
        return [found[number] for number in numbers]

    def named(self, number: int) -> str:
        """What names a row, for a message: none of it where the key is secret. Raises sqlite3.Error."""
        if any(map(is_secret, self._key)):
            return MASK
        (identity,) = self.identities((number,), self._key)
        return ", ".join(str(key_value(part)) for part in identity)

    @property
    def _key(self) -> tuple[str, ...]:
        return self.table.primary_key.columns if self.table.primary_key else ()

    def _values(self, numbers: Iterable[int], columns: Sequence[str]) -> dict[int, Values]:
        """Values by row number."""
        relation, number = numbered(self.table, f"{BENEATH}.{quote(self.table.name)}")
        selected = self.reading.select([number, *map(quote, columns)])
        found: dict[int, Values] = {}
        for part in _parts(sorted(set(numbers))):
            listed = ", ".join(map(str, part))
            for row in self.connection.execute(f"SELECT {selected} FROM {relation} WHERE {number} IN ({listed})"):
                own, *values = self.reading.values(row)
                assert isinstance(own, int)
                found[own] = tuple(values)
        return found


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[at : at + _AT_ONCE] for at in range(0, len(numbers), _AT_ONCE))


def as_known(profile: TableProfile, originals: Originals, key: Sequence[str]) -> TableProfile:
    """A staged table's profile in which samples name rows as the source does: by its values in the columns of a
    key. Raises sqlite3.Error."""

    def samples(given: tuple[Sample, ...]) -> tuple[Sample, ...]:
        numbers = [int(str(sample.key[0])) for sample in given]
        identities = originals.identities(numbers, key)
        return tuple(
            replace(sample, key=tuple(key_value(part) for part in identity))
            for sample, identity in zip(given, identities, strict=True)
        )

    def violations(given: tuple[Violations | None, ...]) -> tuple[Violations | None, ...]:
        return tuple(each and replace(each, samples=samples(each.samples)) for each in given)

    return replace(
        profile,
        columns=tuple(
            replace(
                column,
                fits=tuple(replace(fit, misfits=samples(fit.misfits)) for fit in column.fits),
                hazards=tuple(replace(hazard, samples=samples(hazard.samples)) for hazard in column.hazards),
            )
            for column in profile.columns
        ),
        orphans=violations(profile.orphans),
        respelt=violations(profile.respelt),
        check_violations=violations(profile.check_violations),
        duplicates=violations(profile.duplicates),
    )
