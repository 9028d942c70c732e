"""What to do with rows without a parent, as the user chose it.

Pure.
"""

from __future__ import annotations

from migrator.model.findings import Resolution
from migrator.model.options import Options
from migrator.model.profile import Sample, Violations
from migrator.model.schema import ForeignKey


def cased_apart(found: Violations, respelt: Violations | None) -> tuple[Violations, Violations]:
    """Orphans that have no parent at all, and those whose parent is only spelt in another case."""
    if respelt is None or not respelt.count:
        return found, Violations(0)
    return Violations(found.count - respelt.count, _without(found, respelt)), respelt


def _without(found: Violations, respelt: Violations) -> tuple[Sample, ...]:
    return tuple(sample for sample in found.samples if sample not in respelt.samples)


def respelling(table: str, key: ForeignKey) -> str:
    """The `compute` that gives rows the spelling of their parents, for a key of one column."""
    (column,), (above,) = key.columns, key.parent_columns
    child, parent = f"{_quoted(table)}.{_quoted(column)}", f"parent.{_quoted(above)}"
    same = f"lower({parent}) = lower({child})"
    found = f"SELECT {parent} FROM {_quoted(key.parent_table)} AS parent WHERE {same}"
    return f"coalesce(({found}), {_quoted(column)})"


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def mismatch(table: str, key: ForeignKey, count: int) -> str:
    """What the finding about rows says whose parent is spelt in another case, and the rule that respells them."""
    columns = ", ".join(key.columns)
    text = f"{count:,} rows in ({columns}) match a row of {key.parent_table} only without regard to case."
    if len(key.columns) > 1:
        return text
    place = f"[tables.{_quoted(table)}.columns.{_quoted(key.columns[0])}]"
    return f"{text} To give them its spelling: {place} compute = '{respelling(table, key)}'."


def orphan_resolution(options: Options, database: str, table: str, key: ForeignKey) -> Resolution:
    """What to do with rows without a parent: the column says, else the table, else the run."""
    own = options.column(database, table, key.columns[0]).on_orphans if len(key.columns) == 1 else None
    return own or options.table(database, table).on_orphans or options.on_orphans
