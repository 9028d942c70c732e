"""What CREATE statements say where SQLite's pragmas are silent: constraint names, CHECKs, collations,
generated columns, deferrable foreign keys, index expressions and predicates.

The grammar is SQLite's own (https://sqlite.org/lang_createtable.html). The expressions inside stay text:
nothing here translates, and nothing here needs a connection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from migrator.sources.sqlite.tokens import NotUnderstood, Reader, tokens


@dataclass(frozen=True, slots=True)
class ColumnText:
    """What the text says about one column; `generated` is the expression of a generated one."""

    name: str
    collation: str | None = None
    generated: str | None = None


@dataclass(frozen=True, slots=True)
class KeyText:
    """A PRIMARY KEY or UNIQUE constraint, column names as the constraint spells them."""

    columns: tuple[str, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignKeyText:
    """A REFERENCES clause; `pragma foreign_key_list` says the rest."""

    columns: tuple[str, ...]
    name: str | None = None
    deferrable: bool = False
    initially_deferred: bool = False


@dataclass(frozen=True, slots=True)
class CheckText:
    """A CHECK constraint: the expression between its parentheses, as written."""

    sql: str
    name: str | None = None


@dataclass(slots=True)
class TableText:
    """What a CREATE TABLE says, each list in the order of the text. `conflicts` holds the ON CONFLICT
    actions other than SQLite's default."""

    columns: list[ColumnText] = field(default_factory=list)
    primary_key: KeyText | None = None
    uniques: list[KeyText] = field(default_factory=list)
    foreign_keys: list[ForeignKeyText] = field(default_factory=list)
    checks: list[CheckText] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    autoincrement: bool = False


@dataclass(frozen=True, slots=True)
class IndexText:
    """What a CREATE INDEX says: each part without COLLATE and ASC or DESC, and the predicate."""

    parts: tuple[str, ...]
    where: str | None = None


def create_table(sql: str) -> TableText:
    """Read a CREATE TABLE.

    Raises:
        NotUnderstood: It is something else, or its syntax is unknown.
    """
    reader = Reader(sql)
    reader.expect("CREATE")
    reader.accept_any("TEMP", "TEMPORARY")
    reader.expect("TABLE")
    _object_name(reader)
    table = TableText()
    for part in reader.group().parts():
        _definition(part, table)
    return table


def create_index(sql: str) -> IndexText:
    """Read a CREATE INDEX.

    Raises:
        NotUnderstood: It is something else, or its syntax is unknown.
    """
    reader = Reader(sql)
    reader.expect("CREATE")
    reader.accept("UNIQUE")
    reader.expect("INDEX")
    _object_name(reader)
    reader.expect("ON")
    reader.name()
    parts = tuple(_index_part(part) for part in reader.group().parts())
    return IndexText(parts, reader.text if reader.accept("WHERE") else None)


def create_view(sql: str) -> str:
    """The SELECT of a CREATE VIEW, as written.

    Raises:
        NotUnderstood: It is something else, or its syntax is unknown.
    """
    reader = Reader(sql)
    reader.expect("CREATE")
    reader.accept_any("TEMP", "TEMPORARY")
    reader.expect("VIEW")
    _object_name(reader)
    if reader.at_group():
        reader.group()
    reader.expect("AS")
    return reader.text


def virtual_module(sql: str) -> str:
    """The module of a CREATE VIRTUAL TABLE in lower case, '' when the text does not say."""
    try:
        found = list(tokens(sql))
    except NotUnderstood:
        return ""
    for using, module in pairwise(found):
        if using.keyword == "USING":
            return module.name.lower()
    return ""


def _object_name(reader: Reader) -> None:
    """Pass over `IF NOT EXISTS schema.name`."""
    reader.accept("IF", "NOT", "EXISTS")
    reader.name()
    if reader.accept_symbol("."):
        reader.name()


def _index_part(part: Reader) -> str:
    part.drop_end(1, "ASC", "DESC")
    part.drop_end(2, "COLLATE")
    return part.text


@dataclass(slots=True)
class _Constraint:
    """Where a constraint is being read: behind its first word, in a column's definition or in none."""

    part: Reader
    table: TableText
    column: str
    name: str | None


def _definition(part: Reader, table: TableText) -> None:
    """One column with its constraints, or one or several table constraints (SQLite needs no comma there)."""
    known, column = _TABLE_CONSTRAINTS, ""
    if part.peek is not None and part.peek.keyword not in {"CONSTRAINT", *_TABLE_CONSTRAINTS}:
        known, column = _COLUMN_CONSTRAINTS, part.name()
        table.columns.append(ColumnText(column))
        _pass_type(part)
    name = None
    while part.peek is not None:
        if part.accept("CONSTRAINT"):
            name = part.name()
            continue
        token = part.take()
        if token.keyword not in known:
            raise NotUnderstood(f"{token.text!r} stands where a constraint should")
        known[token.keyword](_Constraint(part, table, column, name))
        name = None


def _pass_type(part: Reader) -> None:
    """GENERATED and ALWAYS count as words of a type; SQLite, too, takes them off its end afterwards."""
    while part.peek is not None and part.peek.keyword not in _TYPE_ENDS:
        if part.at_group():
            part.group()
        else:
            part.name()


def _names(reader: Reader) -> tuple[str, ...]:
    """Column names in parentheses; a COLLATE or ASC behind one is passed over."""
    return tuple(part.name() for part in reader.group().parts())


def _conflict(at: _Constraint) -> None:
    if at.part.accept("ON", "CONFLICT"):
        action = at.part.take().keyword
        if action != "ABORT" and action not in at.table.conflicts:
            at.table.conflicts.append(action)


def _check(at: _Constraint) -> None:
    at.table.checks.append(CheckText(at.part.group().text, at.name))
    _conflict(at)


def _default(at: _Constraint) -> None:
    """Pass over the value, which `pragma table_xinfo` tells."""
    if at.part.at_group():
        at.part.group()
        return
    while at.part.accept_symbol("+") or at.part.accept_symbol("-"):
        pass
    at.part.take()


def _not(at: _Constraint) -> None:
    if at.part.accept("DEFERRABLE"):
        _initially(at)
        return
    at.part.expect("NULL")
    _conflict(at)


def _column_primary_key(at: _Constraint) -> None:
    at.part.expect("KEY")
    at.part.accept_any("ASC", "DESC")
    at.table.primary_key = KeyText((at.column,), at.name)
    _conflict(at)
    at.table.autoincrement |= at.part.accept("AUTOINCREMENT")


def _table_primary_key(at: _Constraint) -> None:
    at.part.expect("KEY")
    inside = at.part.group()
    at.table.autoincrement |= inside.drop_end(1, "AUTOINCREMENT")
    at.table.primary_key = KeyText(tuple(part.name() for part in inside.parts()), at.name)
    _conflict(at)


def _column_unique(at: _Constraint) -> None:
    at.table.uniques.append(KeyText((at.column,), at.name))
    _conflict(at)


def _table_unique(at: _Constraint) -> None:
    at.table.uniques.append(KeyText(_names(at.part), at.name))
    _conflict(at)


def _references(at: _Constraint) -> None:
    _parent(at.part)
    at.table.foreign_keys.append(ForeignKeyText((at.column,), at.name))


def _foreign_key(at: _Constraint) -> None:
    at.part.expect("KEY")
    columns = _names(at.part)
    at.part.expect("REFERENCES")
    _parent(at.part)
    at.table.foreign_keys.append(ForeignKeyText(columns, at.name))


def _parent(part: Reader) -> None:
    """Pass over the parent and its actions, which `pragma foreign_key_list` tells."""
    part.name()
    if part.at_group():
        part.group()
    while part.accept_any("MATCH", "ON"):
        if part.accept_any("DELETE", "UPDATE", "INSERT"):
            part.accept_any("SET", "NO")
        part.take()


def _deferrable(at: _Constraint) -> None:
    """It belongs to the last foreign key, whatever stands between them, and means nothing without one."""
    deferred = _initially(at)
    if at.table.foreign_keys:
        key = at.table.foreign_keys[-1]
        at.table.foreign_keys[-1] = replace(key, deferrable=True, initially_deferred=deferred)


def _initially(at: _Constraint) -> bool:
    return at.part.accept("INITIALLY") and at.part.take().keyword == "DEFERRED"


def _collate(at: _Constraint) -> None:
    at.table.columns[-1] = replace(at.table.columns[-1], collation=at.part.name())


def _generated(at: _Constraint) -> None:
    at.part.expect("ALWAYS", "AS")
    _as(at)


def _as(at: _Constraint) -> None:
    at.table.columns[-1] = replace(at.table.columns[-1], generated=at.part.group().text)
    at.part.accept_any("STORED", "VIRTUAL")


_COLUMN_CONSTRAINTS: dict[str, Callable[[_Constraint], None]] = {
    "AS": _as,
    "CHECK": _check,
    "COLLATE": _collate,
    "DEFAULT": _default,
    "DEFERRABLE": _deferrable,
    "GENERATED": _generated,
    "NOT": _not,
    "NULL": _conflict,
    "PRIMARY": _column_primary_key,
    "REFERENCES": _references,
    "UNIQUE": _column_unique,
}
_TABLE_CONSTRAINTS: dict[str, Callable[[_Constraint], None]] = {
    "CHECK": _check,
    "DEFERRABLE": _deferrable,
    "FOREIGN": _foreign_key,
    "NOT": _not,
    "PRIMARY": _table_primary_key,
    "UNIQUE": _table_unique,
}
_TYPE_ENDS = (_COLUMN_CONSTRAINTS.keys() | {"CONSTRAINT"}) - {"GENERATED"}
