"""What the user may choose about a migration, in one immutable object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from migrator.model.findings import Resolution
from migrator.model.types import LogicalType


class Naming(StrEnum):
    """What becomes of names."""

    KEEP = "keep"
    LOWER = "lower"
    SNAKE = "snake"


@dataclass(frozen=True, slots=True)
class ColumnOptions:
    """Choices for one column; None leaves it to the table, the run, or the planner."""

    type: LogicalType | None = None
    on_invalid: Resolution | None = None
    secret: bool | None = None


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Choices for one table; None leaves it to the run."""

    skip: bool = False
    target: str | None = None
    on_invalid: Resolution | None = None
    on_orphans: Resolution | None = None
    on_check: Resolution | None = None
    columns: Mapping[str, ColumnOptions] = field(default_factory=lambda: MappingProxyType({}))


_NO_TABLE = TableOptions()
_NO_COLUMN = ColumnOptions()


@dataclass(frozen=True, slots=True)
class Options:
    """Choices for a whole run. `tables` is keyed by source table name, or by `database.table` where two
    sources have a table of the same name; the longer key wins."""

    schema: str | None = None
    names: Naming = Naming.KEEP
    on_invalid: Resolution = Resolution.STOP
    on_orphans: Resolution = Resolution.STOP
    on_check: Resolution = Resolution.STOP
    tables: Mapping[str, TableOptions] = field(default_factory=lambda: MappingProxyType({}))

    def table(self, database: str, table: str) -> TableOptions:
        """The choices for a table, empty ones when there are none."""
        return self.tables.get(f"{database}.{table}") or self.tables.get(table) or _NO_TABLE

    def column(self, database: str, table: str, column: str) -> ColumnOptions:
        """The choices for a column, empty ones when there are none."""
        return self.table(database, table).columns.get(column) or _NO_COLUMN

    def invalid(self, database: str, table: str, column: str) -> Resolution:
        """What to do with a value of the column that does not fit: column, else table, else run."""
        return (
            self.column(database, table, column).on_invalid
            or self.table(database, table).on_invalid
            or self.on_invalid
        )
