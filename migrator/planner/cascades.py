"""What foreign keys may do, where the target knows fewer actions or allows one cascading path to a table only.

Pure. An action that cannot be is NO ACTION: rows are then refused instead of changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migrator.model.findings import Finding, finding
from migrator.model.plan import ForeignKeyPlan, TablePlan
from migrator.targets import Dialect

_Node = tuple[str, str]


def allowed(tables: Iterable[TablePlan], dialect: Dialect) -> tuple[list[TablePlan], list[Finding]]:
    """The tables with foreign keys that the target can have, and a finding for each that had to change.

    Paths are counted over all actions but NO ACTION, on DELETE and UPDATE alike: a row that is set to NULL is
    updated, and may cascade further.
    """
    paths, findings, made = _Paths(), list[Finding](), list[TablePlan]()
    for table in tables:
        keys = []
        for key in table.foreign_keys:
            known = _known(key, dialect)
            why = []
            if known.deferrable and not dialect.deferrable:
                known = replace(known, deferrable=False, initially_deferred=False)
                why.append("it is checked at once, not at the end of the transaction")
            if not dialect.cascade_paths and _cascades(known) and not paths.add(table, known):
                why.append(f"{_words(known)} becomes NO ACTION, because {_reason(table, known)}")
                known = replace(known, on_delete="NO ACTION", on_update="NO ACTION")
            if why:
                findings.append(_changed(table, known, why))
            keys.append(known)
        made.append(replace(table, foreign_keys=tuple(keys)))
    return made, findings


def _known(key: ForeignKeyPlan, dialect: Dialect) -> ForeignKeyPlan:
    """RESTRICT is NO ACTION that does not wait, which is what a target without it does anyway."""
    delete, update = (
        action if action in dialect.actions else "NO ACTION" for action in (key.on_delete, key.on_update)
    )
    return replace(key, on_delete=delete, on_update=update)


def _cascades(key: ForeignKeyPlan) -> bool:
    return (key.on_delete, key.on_update) != ("NO ACTION", "NO ACTION")


def _words(key: ForeignKeyPlan) -> str:
    actions = (("DELETE", key.on_delete), ("UPDATE", key.on_update))
    return " and ".join(f"ON {event} {action}" for event, action in actions if action != "NO ACTION")


def _reason(table: TablePlan, key: ForeignKeyPlan) -> str:
    if (table.schema, table.target) == (key.parent_schema, key.parent):
        return "the target does not let a table cascade to itself"
    return f"the target lets {table.target} be reached by one cascading path only, and no path may be a cycle"


def _changed(table: TablePlan, key: ForeignKeyPlan, why: list[str]) -> Finding:
    columns = [column.source for column in table.columns if column.target in key.columns]
    return finding(
        "foreign-key-action",
        f"({', '.join(columns)}) → {key.parent}: {'; '.join(why)}.",
        database=table.database,
        table=table.source,
    )


class _Paths:
    """The cascading foreign keys taken so far, as edges from parent to child."""

    def __init__(self) -> None:
        self._children: dict[_Node, list[_Node]] = {}
        self._parents: dict[_Node, list[_Node]] = {}

    def add(self, table: TablePlan, key: ForeignKeyPlan) -> bool:
        """Take a foreign key if from no table there is then more than one path to another, nor one to itself."""
        child, parent = (table.schema, table.target), (key.parent_schema, key.parent)
        above, below = self._reached(parent, self._parents), self._reached(child, self._children)
        if child in above or any(self._reached(each, self._children) & below for each in above):
            return False
        self._children.setdefault(parent, []).append(child)
        self._parents.setdefault(child, []).append(parent)
        return True

    @staticmethod
    def _reached(start: _Node, edges: dict[_Node, list[_Node]]) -> set[_Node]:
        """The table itself and all that its edges lead to."""
        found, waiting = {start}, [start]
        while waiting:
            for node in edges.get(waiting.pop(), ()):
                if node not in found:
                    found.add(node)
                    waiting.append(node)
        return found
