"""What a SQLite file holds and no migration moves: virtual tables with their shadow tables, triggers, views
that SQLite itself cannot read. Each is kept for the report with the reason and its SQL.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.schema import Unmoved
from migrator.sources.sqlite.catalog import Catalog, Object
from migrator.sources.sqlite.ddl import virtual_module

# Where SQLite lacks a module, it takes the module's shadow tables for ordinary ones.
# https://sqlite.org/fts3.html#shadow_tables, https://sqlite.org/fts5.html, https://sqlite.org/rtree.html
_FTS3 = ("content", "segments", "segdir", "docsize", "stat")
_RTREE = ("node", "rowid", "parent")
_SHADOWS = {
    "fts3": _FTS3,
    "fts4": _FTS3,
    "fts5": ("data", "idx", "content", "docsize", "config"),
    "rtree": _RTREE,
    "rtree_i32": _RTREE,
    "geopoly": _RTREE,
    "spellfix1": ("vocab",),
}


def shadow_owners(catalog: Catalog) -> dict[str, str]:
    """The virtual table that each shadow table belongs to, '' where the name does not tell."""
    virtual = [each for each in catalog.objects if catalog.kinds.get(each.name) == "virtual"]
    owners = {name: _owner(name, virtual) for name, kind in catalog.kinds.items() if kind == "shadow"}
    known = {
        f"{each.name}_{suffix}".lower(): each.name
        for each in virtual
        for suffix in _SHADOWS.get(virtual_module(each.sql), ())
    }
    ordinary = (name for name, kind in catalog.kinds.items() if kind == "table" and name.lower() in known)
    return owners | {name: known[name.lower()] for name in ordinary}


def _owner(shadow: str, virtual: list[Object]) -> str:
    """Shadow tables are called `<virtual table>_<suffix>`; the longest such name is meant."""
    names = [each.name for each in virtual if shadow.lower().startswith(f"{each.name.lower()}_")]
    return max(names, key=len, default="")


def unmoved(catalog: Catalog) -> Iterator[Unmoved]:
    """Everything that is not moved, in the order of creation."""
    owners = shadow_owners(catalog)
    for each in catalog.objects:
        if each.type == "trigger":
            reason = "A trigger is a program in SQLite's dialect. Write it anew if the application needs it."
            yield Unmoved("trigger", each.name, reason, each.sql, each.table)
        elif each.name in catalog.view_problems:
            reason = f"SQLite itself cannot read the view: {catalog.view_problems[each.name]}."
            yield Unmoved("view", each.name, reason, each.sql)
        elif each.type == "table" and each.name in owners:
            owner = owners[each.name]
            reason = f"It holds what SQLite keeps for the virtual table {owner}.".replace(" .", ".")
            yield Unmoved("shadow table", each.name, reason, each.sql, owner or None)
        elif each.type == "table" and catalog.kinds.get(each.name) == "virtual":
            yield Unmoved("virtual table", each.name, _virtual_reason(each), each.sql)


def _virtual_reason(table: Object) -> str:
    module = virtual_module(table.sql)
    return (
        f"SQLite's module {module} makes this table up, and the target has none like it. "
        "Rows that exist in no other table stay behind."
    )
