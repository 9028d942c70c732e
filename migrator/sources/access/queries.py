"""Saved queries: their parts, as the system table MSysQueries keeps them, and the SQL that Access makes of them.

Access stores a query cut into clauses, not as text. The meaning of parts and flags is that of Jackcess's
QueryFormat; the SQL is Access's own dialect, which is translated elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from migrator.sources.access.catalog import Entry
from migrator.sources.access.joins import Unjoinable, joined
from migrator.sources.access.stored import StoredTable
from migrator.sources.access.types import BINARIES, NUMBERS, TEXTS

NAME = "MSysQueries"

TYPE, PARAMETER, OPTIONS, DATABASE, TABLE, COLUMN, JOIN, WHERE, GROUP, HAVING, ORDER = range(1, 12)
"""What a part is about: its attribute."""

_KINDS = {
    0: "select",
    16: "crosstab",
    32: "delete",
    48: "update",
    64: "append",
    80: "make table",
    96: "data definition",
    112: "pass-through",
    128: "union",
}
"""Kinds by the flags of the catalogue (DAO's QueryDefTypeEnum)."""

_KINDS_OF_PARTS = {1: 0, 2: 80, 3: 64, 4: 48, 5: 32, 6: 16, 7: 96, 8: 112, 9: 128}
"""The same by the flag of the part that tells the type."""

_ALL, _DISTINCT, _OWNER, _DISTINCT_ROW, _TOP, _PERCENT = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_UNION_DISTINCT = 0x02
_VALUE = 0x8000
_PIVOT, _NORMAL = 0x01, 0x02

_PARAMETER_TYPES = {
    0: "Value",
    1: "Bit",
    2: "Byte",
    3: "Short",
    4: "Long",
    5: "Currency",
    6: "IEEESingle",
    7: "IEEEDouble",
    8: "DateTime",
    9: "Binary",
    10: "Text",
    11: "LongBinary",
    12: "LongText",
    15: "Guid",
}


class Part(NamedTuple):
    """A clause of a query, or a piece of one. What its fields mean depends on the attribute."""

    attribute: int
    expression: str | None
    flag: int
    extra: int
    name1: str | None
    name2: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """A saved query. `sql` is None where its parts are not understood; `hidden` ones belong to forms and
    reports."""

    name: str
    kind: str
    sql: str | None
    parts: tuple[Part, ...]
    hidden: bool


_COLUMNS = {
    "ObjectId": NUMBERS,
    "Attribute": NUMBERS,
    "Order": BINARIES,
    "Expression": TEXTS,
    "Flag": NUMBERS,
    "Name1": TEXTS,
    "Name2": TEXTS,
}
_EXTRA = {"LvExtra": NUMBERS | BINARIES}
"""A column that Jet 3 does not have."""


def read(table: StoredTable, entries: Iterable[Entry]) -> tuple[Query, ...]:
    """The queries of catalogue entries, in their order.

    Raises:
        SourceDamagedError: The system table is damaged.
    """
    parts: dict[int, list[Part]] = {}
    for number, part in _stored(table):
        parts.setdefault(number, []).append(part)
    return tuple(_query(entry, tuple(parts.get(entry.id, ()))) for entry in entries)


def _stored(table: StoredTable) -> Iterator[tuple[int, Part]]:
    """Every part with the number of its query, by attribute and the place that Access gives it."""
    columns = _COLUMNS | (_EXTRA if all(map(table.has, _EXTRA)) else {})
    whole = [record for record in table.records(columns) if record[0] is not None and record[1] is not None]
    for number, attribute, _, expression, flag, name1, name2, *extra in sorted(whole, key=_place):
        more = extra[0] if extra and isinstance(extra[0], int) else 0
        yield number, Part(attribute, expression, (flag or 0) & 0xFFFF, more, name1, name2)


def _place(record: tuple[Any, ...]) -> tuple[int, bytes]:
    return record[1], record[2] or b""


def _query(entry: Entry, parts: tuple[Part, ...]) -> Query:
    code = entry.flags & 0xF0
    if not code:
        code = next((_KINDS_OF_PARTS.get(part.flag, 0) for part in parts if part.attribute == TYPE), 0)
    kind = _KINDS.get(code, "unknown")
    return Query(entry.name, kind, sql(kind, parts), parts, entry.name.startswith("~"))


class _Parts:
    """A query's parts by attribute."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self._parts = tuple(parts)

    def all(self, attribute: int) -> list[Part]:
        return [part for part in self._parts if part.attribute == attribute]

    def one(self, attribute: int) -> Part:
        return next(iter(self.all(attribute)), Part(attribute, None, 0, 0, None, None))

    def without(self, dropped: Callable[[Part], bool]) -> _Parts:
        return _Parts(part for part in self._parts if not dropped(part))


def sql(kind: str, parts: Iterable[Part]) -> str | None:
    """A query's SQL as Access would show it, or None where a part is not understood. Lines end in a newline."""
    known = _Parts(parts)
    if kind in {"data definition", "pass-through"}:
        return known.one(TYPE).expression
    if kind not in _STATEMENTS:
        return None
    try:
        statement = _STATEMENTS[kind](known)
        lines = [*_parameters(known), *statement]
    except Unjoinable:
        return None
    if known.one(OPTIONS).flag & _OWNER:
        lines.append("WITH OWNERACCESS OPTION")
    return "\n".join(lines) + ";"


def _parameters(parts: _Parts) -> Iterator[str]:
    found = []
    for part in parts.all(PARAMETER):
        if part.flag not in _PARAMETER_TYPES:
            raise Unjoinable
        size = f"({part.extra})" if part.flag == 10 and part.extra > 0 else ""
        found.append(f"{part.name1} {_PARAMETER_TYPES[part.flag]}{size}")
    if found:
        yield f"PARAMETERS {', '.join(found)};"


def quoted(name: str, *, dotted: bool = True) -> str:
    """A name for SQL, in brackets where it needs them; with `dotted`, each part of it by itself."""
    pieces = name.split(".") if dotted else [name]
    return ".".join(piece if _bare(piece) else f"[{piece}]" for piece in pieces)


def _bare(name: str) -> bool:
    return not re.search(r"\W", name, re.ASCII) or _bracketed(name) == name


def _bracketed(name: str) -> str:
    return name if name.startswith("[") and name.endswith("]") and len(name) > 1 else f"[{name}]"


def _aliased(expression: str, alias: str | None) -> str:
    return f"{expression} AS {quoted(alias, dotted=False)}" if alias else expression


def _table(part: Part) -> str:
    """A table, or a query in a string, that a query reads from."""
    within = f"{_bracketed(part.expression)}." if part.expression else ""
    return _aliased(within + (quoted(part.name1) if part.name1 else ""), part.name2)


def _from(parts: _Parts) -> list[str]:
    tables = {part.name2 or part.name1 or "": _table(part) for part in parts.all(TABLE)}
    joins = [(part.name1 or "", part.name2 or "", part.flag, part.expression or "") for part in parts.all(JOIN)]
    return joined(tables, joins)


def _elsewhere(path: str | None, kind: str | None) -> str:
    """The clause that names another database."""
    if path is None and kind is None:
        return ""
    return f" IN '{path or ''}'" + (f" [{kind}]" if kind else "")


def _clause(word: str, pieces: Iterable[str | None], separator: str = ", ") -> list[str]:
    found = [piece for piece in pieces if piece is not None]
    return [f"{word} {separator.join(found)}"] if found else []


def _prefix(options: Part) -> str:
    if options.flag & _DISTINCT:
        return "DISTINCT "
    if options.flag & _DISTINCT_ROW:
        return "DISTINCTROW "
    if options.flag & _TOP:
        return f"TOP {options.name1}{' PERCENT' if options.flag & _PERCENT else ''} "
    return ""


def _select(parts: _Parts, word: str = "SELECT ", into: str = "") -> list[str]:
    options, other = parts.one(OPTIONS), parts.one(DATABASE)
    columns = [_aliased(part.expression or "", part.name1) for part in parts.all(COLUMN)]
    columns += ["*"] if options.flag & _ALL else []
    tables = _clause("FROM", _from(parts))
    return [
        word + (_prefix(options) if word == "SELECT " else "") + ", ".join(columns) + into,
        *(line + _elsewhere(other.name1, other.expression) for line in tables),
        *_where(parts),
        *_clause("GROUP BY", (part.expression for part in parts.all(GROUP))),
        *_clause("HAVING", [parts.one(HAVING).expression]),
        *_order(parts),
    ]


def _where(parts: _Parts) -> list[str]:
    return _clause("WHERE", [parts.one(WHERE).expression])


def _order(parts: _Parts) -> list[str]:
    terms = (
        f"{part.expression}{' DESC' if (part.name1 or '').upper() == 'D' else ''}" for part in parts.all(ORDER)
    )
    return _clause("ORDER BY", terms)


def _target(parts: _Parts) -> tuple[str, str]:
    kind = parts.one(TYPE)
    return quoted(kind.name1 or ""), _elsewhere(kind.name2, kind.expression)


def _make_table(parts: _Parts) -> list[str]:
    target, elsewhere = _target(parts)
    return _select(parts, into=f" INTO {target}{elsewhere}")


def _append(parts: _Parts) -> list[str]:
    target, elsewhere = _target(parts)
    columns = [quoted(part.name2) for part in parts.all(COLUMN) if part.name2]
    given = [part.expression or "" for part in parts.all(COLUMN) if part.flag & _VALUE]
    listed = f" ({', '.join(columns)})" if columns else ""
    head = f"INSERT INTO {target}{listed}{elsewhere}"
    if given:
        return [head, f"VALUES ({', '.join(given)})"]
    return [head, *_select(parts.without(lambda part: part.attribute == COLUMN and bool(part.flag & _VALUE)))]


def _update(parts: _Parts) -> list[str]:
    other = parts.one(DATABASE)
    sets = [f"{quoted(part.name2 or '')} = {part.expression}" for part in parts.all(COLUMN)]
    return [
        f"UPDATE {', '.join(_from(parts))}{_elsewhere(other.name1, other.expression)}",
        *_clause("SET", sets),
        *_where(parts),
    ]


def _union(parts: _Parts) -> list[str]:
    """Two parts of SQL text, which may hold more unions themselves."""
    halves = {part.name2: part.expression for part in parts.all(TABLE)}
    first, second = halves.get("X7YZ_____1"), halves.get("X7YZ_____2")
    if first is None or second is None:
        raise Unjoinable
    word = "UNION" if parts.one(OPTIONS).flag & _UNION_DISTINCT else "UNION ALL"
    return [_one_line_end(first), f"{word} {_one_line_end(second)}", *_order(parts)]


def _one_line_end(text: str) -> str:
    return re.sub(r"[\r\n]+", "\n", text.strip())


def _crosstab(parts: _Parts) -> list[str]:
    columns = parts.all(COLUMN)
    values = [part for part in columns if not part.flag & (_PIVOT | _NORMAL)]
    pivots = [part.expression for part in columns if part.flag & _PIVOT]
    if len(values) > 1 or len(pivots) != 1:
        raise Unjoinable
    plain = parts.without(lambda part: part.attribute in {COLUMN, GROUP} and not part.flag & _NORMAL)
    transform = _clause("TRANSFORM", [_aliased(part.expression or "", part.name1) for part in values])
    return [*transform, *_select(plain), *_clause("PIVOT", pivots)]


_STATEMENTS: Mapping[str, Callable[[_Parts], list[str]]] = {
    "select": _select,
    "delete": lambda parts: _select(parts, "DELETE "),
    "update": _update,
    "append": _append,
    "make table": _make_table,
    "union": _union,
    "crosstab": _crosstab,
}
