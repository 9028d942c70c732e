"""What a case looks at in SQL Server's catalogue, said as PostgreSQL says it: see `oracle.look`."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from tests.conformance.oracle.mssql.connecting import fetched, target
from tests.conformance.oracle.mssql.names import literal
from tests.conformance.oracle.mssql.spelling import spelt
from tests.conformance.oracle.rows import Rows

_ACTIONS = {"NO_ACTION": "", "CASCADE": "CASCADE", "SET_NULL": "SET NULL", "SET_DEFAULT": "SET DEFAULT"}
_KEYS = """
    SELECT k.name, child.name, parent.name, k.update_referential_action_desc, k.delete_referential_action_desc,
        k.is_not_trusted, own.name, other.name
    FROM sys.foreign_keys AS k
    JOIN sys.objects AS child ON child.object_id = k.parent_object_id
    JOIN sys.objects AS parent ON parent.object_id = k.referenced_object_id
    JOIN sys.foreign_key_columns AS c ON c.constraint_object_id = k.object_id
    JOIN sys.columns AS own ON own.object_id = c.parent_object_id AND own.column_id = c.parent_column_id
    JOIN sys.columns AS other
        ON other.object_id = c.referenced_object_id AND other.column_id = c.referenced_column_id
    ORDER BY k.object_id, c.constraint_column_id"""


def _rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with target(url) as connection:
        return fetched(connection, statement)


def _plain(name: str) -> str:
    """An identifier as PostgreSQL writes it: quoted where it must be."""
    return name if re.fullmatch("[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


def foreign_keys(url: str) -> Rows:
    """Every foreign key: its table and its definition, with NOT VALID where rows were not checked."""
    found: Rows = []
    for (_, child, parent, on_update, on_delete, untrusted), parts in groupby(
        _rows(url, _KEYS), lambda row: row[:6]
    ):
        pairs = [(_plain(own), _plain(other)) for *_, own, other in parts]
        own, other = (", ".join(names) for names in zip(*pairs, strict=True))
        actions = [("ON UPDATE", on_update), ("ON DELETE", on_delete)]
        said = "".join(f" {when} {_ACTIONS[action]}" for when, action in actions if _ACTIONS[action])
        definition = f"FOREIGN KEY ({own}) REFERENCES {_plain(parent)}({other}){said}"
        found.append((_plain(child), definition + (" NOT VALID" if untrusted else "")))
    return sorted(found, key=repr)


_PARTS = """
    SELECT i.name, i.is_unique, i.has_filter, c.name, p.is_descending_key
    FROM sys.indexes AS i
    JOIN sys.index_columns AS p ON p.object_id = i.object_id AND p.index_id = i.index_id
    JOIN sys.columns AS c ON c.object_id = p.object_id AND c.column_id = p.column_id
    WHERE i.object_id = OBJECT_ID({table}) AND p.is_included_column = 0 AND {which}
    ORDER BY i.name, p.key_ordinal"""


def primary_key(url: str, table: str) -> Rows:
    """The columns of a table's primary key in its order, as one text."""
    parts = _rows(url, _PARTS.format(table=literal(table), which="i.is_primary_key = 1"))
    return [(", ".join(column for _, _, _, column, _ in parts),)]


def indexes(url: str, table: str) -> Rows:
    """The indexes of a table that are no constraint: name, `unique` or '', `partial` or '', its parts with their
    direction."""
    which = "i.is_primary_key = 0 AND i.is_unique_constraint = 0 AND i.type > 0"
    rows = _rows(url, _PARTS.format(table=literal(table), which=which))
    return [
        (
            name,
            "unique" if unique else "",
            "partial" if partial else "",
            ", ".join(column + (" DESC" if descending else "") for *_, column, descending in parts),
        )
        for (name, unique, partial), parts in groupby(rows, lambda row: row[:3])
    ]


def generated(url: str, table: str) -> Rows:
    """The computed columns of a table, in order."""
    which = f"object_id = OBJECT_ID({literal(table)})"
    return _rows(url, f"SELECT name FROM sys.computed_columns WHERE {which} ORDER BY column_id")


def collations(url: str, table: str) -> Rows:
    """The columns of a table that have a collation, with it, in order."""
    which = f"object_id = OBJECT_ID({literal(table)}) AND collation_name IS NOT NULL"
    return _rows(url, f"SELECT name, collation_name FROM sys.columns WHERE {which} ORDER BY column_id")


def checks(url: str, table: str) -> Rows:
    """The names of a table's CHECK constraints."""
    which = f"parent_object_id = OBJECT_ID({literal(table)})"
    return _rows(url, f"SELECT name FROM sys.check_constraints WHERE {which} ORDER BY name")


def tables_like(url: str, start: str) -> Rows:
    """How many tables have a name that starts so, and the length of the longest in the unit of the target's
    limit."""
    names = [str(name) for (name,) in _rows(url, "SELECT name FROM sys.tables")]
    lengths = [len(name.encode("utf-16-le")) // 2 for name in names if name.startswith(start)]
    return [(spelt(len(lengths)), spelt(max(lengths, default=None)))]


def validated_keys(url: str) -> Rows:
    """The names of the foreign keys that were checked against the rows."""
    return _rows(url, "SELECT name FROM sys.foreign_keys WHERE is_not_trusted = 0 ORDER BY name")
