"""What the values say: the evidence from which the planner chooses types.

A source computes these; every number is exact and over all rows, never a sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from migrator.model.comparison import EXACT, TextComparison
from migrator.model.types import LogicalType

KeyValue = int | float | str | None
RowKey = tuple[KeyValue, ...]
"""What identifies a row of the source, fit for JSON: its primary key's values (blobs as `x'…'` text), else
the source's own row number, as `rowid` in SQLite."""

SAMPLES = 5
"""How many row keys a finding names at most."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One offending row: its key and the value as the user would recognise it, at most 60 characters.
    `value` is None when the value is NULL or is not part of the story."""

    key: RowKey
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """How many of a column's non-NULL values a logical type holds exactly.

    A value fits when converting it to `type` and back gives an equal source value. `type` carries the
    narrowest parameters that hold every fitting value (the longest text, the widest decimal). `encoding` is
    the source's own name for how the values are stored (`integer`, `iso`, `epoch_seconds`, …); only the
    source reads it. `spellings` counts the different ways equal values are written (`T` or blank, upper or
    lower case): above 1, two different source values may become equal.
    """

    type: LogicalType
    encoding: str
    count: int
    spellings: int = 1
    misfits: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Hazard:
    """Values that some targets cannot hold although their logical type is right.

    Codes: `text-nul` (a NUL character in text), `text-invalid` (bytes that are no valid text),
    `float-infinite`, `float-subnormal` (nearer to 0 than 2.23E-308), `year-range` (a date before year 1 or after
    9999).
    """

    code: str
    count: int
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyDemand:
    """Columns whose values must be unique where text compares in that way: over all rows, or over those for which
    `where`, a condition in the source's SQL, is true."""

    columns: tuple[str, ...]
    comparison: TextComparison = EXACT
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Demands:
    """What a target fixes about a source table, so that the profile must measure it.

    For a column in `types`, the first fit has exactly that type, with the encoding that fits most values, also
    when it fits none; its misfits are sampled. The columns of `keys` are compared as the types in `types` compare
    them, where given; others by what is stored.
    """

    types: Mapping[str, LogicalType] = field(default_factory=lambda: MappingProxyType({}))
    keys: tuple[KeyDemand, ...] = ()


NO_DEMANDS = Demands()


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """The evidence about one column.

    `fits` is ordered by preference: first the type the declaration promises (when it promises one), then ever
    wider ones; the last one holds every value. `classes` counts non-NULL values by the source's storage class.
    `octets` is the sum of stored bytes and `longest` the largest single value, in bytes.
    """

    column: str
    nulls: int
    classes: tuple[tuple[str, int], ...]
    fits: tuple[Fit, ...]
    expected: LogicalType | None = None
    """What the declared type promises, with its declared parameters; None when nothing is declared."""
    hazards: tuple[Hazard, ...] = ()
    octets: int = 0
    longest: int = 0
    highest: int | None = None
    """The highest integer in the column, for identity columns; None when there is none."""
    utf16: int = 0
    """The most UTF-16 code units of one text; 0 when the column holds none."""

    @property
    def values(self) -> int:
        """How many values are not NULL."""
        return sum(count for _, count in self.classes)


@dataclass(frozen=True, slots=True)
class Violations:
    """Rows of a table that break a rule which the source did not enforce."""

    count: int
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class TableProfile:
    """The evidence about one table. `orphans` and `check_violations` run parallel to the table's
    `foreign_keys` and `checks`, `duplicates` to the keys that were asked about; None where the source cannot
    evaluate the rule."""

    table: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    orphans: tuple[Violations | None, ...] = ()
    check_violations: tuple[Violations | None, ...] = ()
    duplicates: tuple[Violations | None, ...] = ()
    """Rows whose key an earlier row has already; a NULL in a key makes it differ from every other."""
    respelt: tuple[Violations | None, ...] = ()
    """Parallel to `foreign_keys`: those of the orphans that have a parent where case does not matter; None where
    the source, too, tells case apart."""

    def column(self, name: str) -> ColumnProfile:
        """The profile of that column. Raises KeyError when there is none."""
        for column in self.columns:
            if column.column == name:
                return column
        raise KeyError(name)

    @property
    def octets(self) -> int:
        """Bytes of all values, as the source stores them."""
        return sum(column.octets for column in self.columns)
