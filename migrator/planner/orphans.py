"""What to do with rows without a parent, as the user chose it.

Pure.
"""

from __future__ import annotations

from migrator.model.findings import Resolution
from migrator.model.options import Options
from migrator.model.schema import ForeignKey


def orphan_resolution(options: Options, database: str, table: str, key: ForeignKey) -> Resolution:
    """What to do with rows without a parent: the column says, else the table, else the run."""
    own = options.column(database, table, key.columns[0]).on_orphans if len(key.columns) == 1 else None
    return own or options.table(database, table).on_orphans or options.on_orphans
