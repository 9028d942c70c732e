"""What the server's catalogue says about a table, against its plan.

Only what the plan asks for is compared: what somebody added since is no mismatch. Defaults, computed columns,
checks and index predicates are compared by their presence; the server accepted their SQL as planned.
https://learn.microsoft.com/sql/relational-databases/system-catalog-views/object-catalog-views-transact-sql
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from migrator.errors import EnvironmentFailure
from migrator.model.plan import CheckPlan, ColumnPlan, ForeignKeyPlan, IndexPlan, KeyPlan, TablePlan
from migrator.model.result import Mismatch
from migrator.targets import Untranslatable
from migrator.targets.common.differences import Difference, compare, mismatches, missing
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.ddl import added_columns
from migrator.targets.mssql.identity import HIGHEST
from migrator.targets.mssql.names import literal, qualified, quote
from migrator.targets.mssql.types import fact, logical

_COLUMNS = sa.text("""
    SELECT own.name AS name, kind.name AS type, own.max_length AS octets, own.precision AS digits,
           own.scale AS places, own.is_nullable AS nullable, own.is_identity AS identity_column,
           own.is_computed AS computed, own.collation_name AS collation_name,
           CASE WHEN own.default_object_id <> 0 THEN 1 ELSE 0 END AS has_default
    FROM sys.columns AS own JOIN sys.types AS kind ON kind.user_type_id = own.user_type_id
    WHERE own.object_id = :id
""")
_INDEXES = sa.text("""
    SELECT own.name AS name, own.is_primary_key AS is_primary, own.is_unique_constraint AS is_constraint,
           own.is_unique AS is_unique, own.has_filter AS filtered, own.is_disabled AS disabled,
           own.type AS kind, parts.key_ordinal AS place, part.name AS column_name,
           parts.is_descending_key AS descending
    FROM sys.indexes AS own
    JOIN sys.index_columns AS parts ON parts.object_id = own.object_id AND parts.index_id = own.index_id
    JOIN sys.columns AS part ON part.object_id = parts.object_id AND part.column_id = parts.column_id
    WHERE own.object_id = :id AND parts.is_included_column = 0
    ORDER BY own.index_id, parts.key_ordinal
""")
_FOREIGN_KEYS = sa.text("""
    SELECT own.name AS name, schemas.name AS parent_schema, parents.name AS parent,
           own.delete_referential_action_desc AS on_delete, own.update_referential_action_desc AS on_update,
           own.is_disabled AS disabled, own.is_not_trusted AS untrusted,
           child.name AS column_name, above.name AS parent_column
    FROM sys.foreign_keys AS own
    JOIN sys.tables AS parents ON parents.object_id = own.referenced_object_id
    JOIN sys.schemas AS schemas ON schemas.schema_id = parents.schema_id
    JOIN sys.foreign_key_columns AS parts ON parts.constraint_object_id = own.object_id
    JOIN sys.columns AS child
      ON child.object_id = parts.parent_object_id AND child.column_id = parts.parent_column_id
    JOIN sys.columns AS above
      ON above.object_id = parts.referenced_object_id AND above.column_id = parts.referenced_column_id
    WHERE own.parent_object_id = :id ORDER BY own.name, parts.constraint_column_id
""")
_CHECKS = sa.text("""
    SELECT name, is_disabled AS disabled, is_not_trusted AS untrusted FROM sys.check_constraints
    WHERE parent_object_id = :id
""")
_CLUSTERED = 1


@dataclass(frozen=True, slots=True)
class _Index:
    """An index of the catalogue with its key's columns in order."""

    first: Row[Any]
    columns: tuple[str, ...]
    descending: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class _ForeignKey:
    """A foreign key of the catalogue with its columns in order."""

    first: Row[Any]
    columns: tuple[str, ...]
    parent_columns: tuple[str, ...]


def check_schema(
    connection: Connection, table: TablePlan, key: Callable[[str], str], *, numbers: bool = True
) -> tuple[Mismatch, ...]:
    """See `Server.check_schema`. Names of constraints and indexes are the same when their `key` is. Without
    `numbers`, it is not asked which number comes next: of a table without rows that is not told for certain."""
    name = literal(qualified(table.schema, table.target))
    found = execute(connection, f"SELECT OBJECT_ID({name}, N'U')").scalar()
    if found is None:
        return (Mismatch(table.name, "schema", f"The table {table.name} is missing."),)
    given = {"id": found}
    columns = {row.name: row for row in connection.execute(_COLUMNS, given)}
    indexes = {key(n): each for n, each in _indexes(connection.execute(_INDEXES, given).all()).items()}
    own_keys = {key(n): each for n, each in _foreign_keys(connection.execute(_FOREIGN_KEYS, given).all()).items()}
    checks = {key(row.name): row for row in connection.execute(_CHECKS, given)}
    return mismatches(
        table,
        (
            *(each for column in table.columns for each in _column(table, column, columns.get(column.target))),
            *_keys(table, indexes, key),
            *(each for check in table.checks if check.name for each in _check(check, checks.get(key(check.name)))),
            *(each for plan in table.foreign_keys for each in _foreign_key(plan, own_keys.get(key(plan.name)))),
            *(each for index in table.indexes for each in _index(index, indexes.get(key(index.name)))),
            *(_identities(connection, table, columns) if numbers else ()),
        ),
    )


def _indexes(rows: list[Row[Any]] | Any) -> dict[str, _Index]:
    parts: dict[str, list[Row[Any]]] = {}
    for row in rows:
        parts.setdefault(row.name, []).append(row)
    return {
        name: _Index(own[0], tuple(each.column_name for each in own), tuple(bool(each.descending) for each in own))
        for name, own in parts.items()
    }


def _foreign_keys(rows: list[Row[Any]] | Any) -> dict[str, _ForeignKey]:
    parts: dict[str, list[Row[Any]]] = {}
    for row in rows:
        parts.setdefault(row.name, []).append(row)
    return {
        name: _ForeignKey(
            own[0], tuple(each.column_name for each in own), tuple(each.parent_column for each in own)
        )
        for name, own in parts.items()
    }


def spelling(row: Any) -> str:
    """A column's type as `TypeFact.spelling` writes it. Lengths are in bytes, -1 stands for `max`."""
    kind = str(row.type)
    if kind in ("nvarchar", "nchar"):
        return f"{kind}({'max' if row.octets == -1 else row.octets // 2})"
    if kind in ("varbinary", "binary", "varchar", "char"):
        return f"{kind}({'max' if row.octets == -1 else row.octets})"
    if kind in ("decimal", "numeric"):
        return f"decimal({row.digits},{row.places})"
    if kind in ("time", "datetime2", "datetimeoffset"):
        return f"{kind}({row.places})"
    return f"{kind}({row.digits})" if kind == "float" else kind


def _column(table: TablePlan, plan: ColumnPlan, found: Row[Any] | None) -> Iterator[Difference]:
    if found is None:
        yield missing(f"Column {plan.target}", plan.target)
        return
    if table.given:
        planned = _logical(fact(plan.type).spelling(plan.type))
        yield from compare(plan.target, (f"The type of {plan.target}", planned, _logical(spelling(found))))
        return
    in_key = table.primary_key is not None and plan.target in table.primary_key.columns
    required = not plan.nullable or in_key or plan.next_identity is not None
    yield from compare(
        plan.target,
        (f"A generating expression of {plan.target}", plan.generated is not None, bool(found.computed)),
        (f"A default of {plan.target}", plan.default is not None, bool(found.has_default)),
        (f"The numbering of {plan.target}", plan.next_identity is not None, bool(found.identity_column)),
    )
    if plan.collation is not None and plan.collation.upper() != str(found.collation_name).upper():
        yield from compare(plan.target, (f"The collation of {plan.target}", plan.collation, found.collation_name))
    if plan.generated is None:  # of a computed column the server works both out by itself
        yield from compare(
            plan.target,
            (f"The type of {plan.target}", fact(plan.type).spelling(plan.type), spelling(found)),
            (f"NOT NULL of {plan.target}", required, not found.nullable),
        )


def _logical(word: str) -> str:
    """What a given column holds; its type, or how it is spelt where that is none of ours."""
    try:
        return str(logical(word))
    except Untranslatable:
        return word


def _keys(table: TablePlan, found: dict[str, _Index], key: Callable[[str], str]) -> Iterator[Difference]:
    if table.primary_key is not None:
        plan = table.primary_key
        own = _found_key(plan, found, "is_primary", key)
        yield from _key("Primary key", plan, own)
        if own is not None and not table.given:
            clustered = own.first.kind == _CLUSTERED
            yield from compare(None, (f"Primary key {plan.name}: clustered", plan.clustered, clustered))
    for plan in table.uniques:
        yield from _key("Unique constraint", plan, _found_key(plan, found, "is_constraint", key))


def _found_key(plan: KeyPlan, found: dict[str, _Index], kind: str, key: Callable[[str], str]) -> _Index | None:
    """The key of that name; where models leave the name to the server, the one over the same columns."""
    own = {name: each for name, each in found.items() if getattr(each.first, kind)}
    if plan.name:
        return own.get(key(plan.name))
    return next((each for each in own.values() if each.columns == plan.columns), None)


def _key(words: str, plan: KeyPlan, found: _Index | None) -> Iterator[Difference]:
    name = f"{words} {plan.name or plan.columns}"
    if found is None:
        yield missing(name)
        return
    yield from compare(None, (f"{name}: columns", plan.columns, found.columns))


def _check(plan: CheckPlan, found: Row[Any] | None) -> Iterator[Difference]:
    name = f"Check {plan.name}"
    if found is None:
        yield missing(name)
        return
    yield from compare(None, *_state(name, plan.validated, found))


def _state(name: str, planned: bool, found: Any) -> tuple[tuple[str, object, object], ...]:
    """Somebody may have validated since what the run had to leave unvalidated."""
    validated = ((f"{name}: validated", True, not found.untrusted),) if planned else ()
    return ((f"{name}: enforced", True, not found.disabled), *validated)


def _foreign_key(plan: ForeignKeyPlan, found: _ForeignKey | None) -> Iterator[Difference]:
    name = f"Foreign key {plan.name}"
    if found is None:
        yield missing(name)
        return
    own = found.first
    yield from compare(
        None,
        (f"{name}: columns", plan.columns, found.columns),
        (f"{name}: parent", f"{plan.parent_schema}.{plan.parent}", f"{own.parent_schema}.{own.parent}"),
        (f"{name}: parent columns", plan.parent_columns, found.parent_columns),
        (f"{name}: on delete", plan.on_delete, str(own.on_delete).replace("_", " ")),
        (f"{name}: on update", plan.on_update, str(own.on_update).replace("_", " ")),
        *_state(name, plan.validated, own),
    )


def _index(plan: IndexPlan, found: _Index | None) -> Iterator[Difference]:
    name = f"Index {plan.name}"
    if found is None:
        yield missing(name)
        return
    added = {expression: column for column, expression in added_columns(plan).items()}
    columns = tuple(part.column or added[part.expression or ""] for part in plan.parts)
    yield from compare(
        None,
        (f"{name}: columns", columns, found.columns),
        (f"{name}: descending", tuple(part.descending for part in plan.parts), found.descending),
        (f"{name}: unique", plan.unique, bool(found.first.is_unique)),
        (f"{name}: filtered", plan.where is not None, bool(found.first.filtered)),
        (f"{name}: usable", True, not found.first.disabled),
    )


def _identities(connection: Connection, table: TablePlan, columns: dict[str, Row[Any]]) -> Iterator[Difference]:
    for plan in table.columns:
        found = columns.get(plan.target)
        if plan.next_identity is None or found is None or not found.identity_column:
            continue
        next_number, highest = _numbers(connection, table, plan.target)
        least = max(plan.next_identity, plan.next_identity if highest is None else highest + 1)
        if highest is None:
            least = min(least, HIGHEST[plan.type.kind])
        if next_number < least:
            about = f"The next number of {plan.target}"
            yield Difference(plan.target, about, f"at least {least:,}", f"{next_number:,}")


def _numbers(connection: Connection, table: TablePlan, column: str) -> tuple[int, int | None]:
    """The number that comes next, and the column's highest value. A table that never numbered a row begins with
    what IDENT_CURRENT says: https://learn.microsoft.com/sql/t-sql/functions/ident-current-transact-sql"""
    name = qualified(table.schema, table.target)
    query = (
        f"SELECT CAST(IDENT_CURRENT({literal(name)}) AS decimal(38)), CAST(increment_value AS decimal(38)),"
        f" CAST(last_value AS decimal(38)), (SELECT MAX({quote(column)}) FROM {name})"
        f" FROM sys.identity_columns WHERE object_id = OBJECT_ID({literal(name)})"
    )
    current, step, last, highest = tuple(execute(connection, query).one())
    if current is None:
        raise EnvironmentFailure(
            "The server does not tell which number comes next.",
            where=f"{table.name}, {column}",
            hint="The login needs a permission on the table, such as VIEW DEFINITION: IDENT_CURRENT is NULL.",
        )
    return int(current) + (int(step) if last is not None else 0), None if highest is None else int(highest)
