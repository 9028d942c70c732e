"""What the server's catalogue says about a table, against its plan.

Only what the plan asks for is compared: what somebody added since is no mismatch. Defaults, generated columns,
checks and index predicates are compared by their presence; the server accepted their SQL as planned.
https://www.postgresql.org/docs/current/catalogs.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from migrator.model.plan import CheckPlan, ColumnPlan, ForeignKeyPlan, IndexPlan, KeyPlan, TablePlan
from migrator.model.result import Mismatch
from migrator.targets import Untranslatable
from migrator.targets.common.differences import Difference, compare, mismatches, missing
from migrator.targets.common.verbatim import execute
from migrator.targets.postgresql.identity import sequence
from migrator.targets.postgresql.names import qualified, quote
from migrator.targets.postgresql.types import fact, logical

_TABLE = sa.text("""
    SELECT oid FROM pg_class
    WHERE relnamespace = to_regnamespace(quote_ident(:schema)) AND relname = :table AND relkind IN ('r', 'p')
""")

_COLUMNS = sa.text("""
    SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required,
           atthasdef AND attgenerated = '' AS has_default, attgenerated <> '' AS generated,
           attidentity <> '' AS identity
    FROM pg_attribute WHERE attrelid = :oid AND attnum > 0 AND NOT attisdropped
""")

_CONSTRAINTS = sa.text("""
    SELECT own.conname AS name, own.contype AS kind, own.condeferrable AS deferrable,
           own.condeferred AS initially_deferred, own.convalidated AS validated,
           own.confdeltype AS on_delete, own.confupdtype AS on_update,
           parent_schema.nspname AS parent_schema, parent.relname AS parent,
           ARRAY(SELECT attname::text FROM unnest(own.conkey) WITH ORDINALITY AS part (number, position)
                 JOIN pg_attribute ON attrelid = own.conrelid AND attnum = part.number
                 ORDER BY position) AS columns,
           ARRAY(SELECT attname::text FROM unnest(own.confkey) WITH ORDINALITY AS part (number, position)
                 JOIN pg_attribute ON attrelid = own.confrelid AND attnum = part.number
                 ORDER BY position) AS parent_columns
    FROM pg_constraint AS own
    LEFT JOIN pg_class AS parent ON parent.oid = own.confrelid
    LEFT JOIN pg_namespace AS parent_schema ON parent_schema.oid = parent.relnamespace
    WHERE own.conrelid = :oid AND own.contype IN ('p', 'u', 'f', 'c')
""")

_INDEXES = sa.text("""
    SELECT relname AS name, indisunique AS is_unique, indisvalid AS valid, indpred IS NOT NULL AS partial,
           ARRAY(SELECT attname::text FROM unnest(indkey::int2[]) WITH ORDINALITY AS part (number, position)
                 LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = part.number AND part.number > 0
                 WHERE position <= indnkeyatts ORDER BY position) AS columns,
           ARRAY(SELECT option & 1 = 1 FROM unnest(indoption::int2[]) WITH ORDINALITY AS part (option, position)
                 ORDER BY position) AS descending
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = :oid
""")
"""An expression has no column: NULL. Bit 1 of an option is DESC."""

_ACTIONS = {"NO ACTION": "a", "RESTRICT": "r", "CASCADE": "c", "SET NULL": "n", "SET DEFAULT": "d"}


def check_schema(connection: Connection, table: TablePlan) -> tuple[Mismatch, ...]:
    """See `Server.check_schema`."""
    found = connection.execute(_TABLE, {"schema": table.schema, "table": table.target}).scalar()
    if found is None:
        return (Mismatch(table.name, "schema", f"The table {table.name} is missing."),)
    given = {"oid": found}
    columns = {row.name: row for row in connection.execute(_COLUMNS, given)}
    constraints = {row.name: row for row in connection.execute(_CONSTRAINTS, given)}
    indexes = {row.name: row for row in connection.execute(_INDEXES, given)}
    differences = (
        *(each for column in table.columns for each in _column(table, column, columns.get(column.target))),
        *_keys(table, constraints),
        *(each for check in table.checks if check.name for each in _check(check, constraints.get(check.name))),
        *(each for key in table.foreign_keys for each in _foreign_key(key, constraints.get(key.name))),
        *(each for index in table.indexes for each in _index(index, indexes.get(index.name))),
        *_identities(connection, table, columns),
    )
    return mismatches(table, differences)


def _column(table: TablePlan, plan: ColumnPlan, found: Row[Any] | None) -> Iterator[Difference]:
    if found is None:
        yield missing(f"Column {plan.target}", plan.target)
        return
    if table.given:
        yield from compare(plan.target, (f"The type of {plan.target}", str(plan.type), _logical(found.type)))
        return
    in_key = table.primary_key is not None and plan.target in table.primary_key.columns
    required = not plan.nullable or in_key or plan.next_identity is not None
    yield from compare(
        plan.target,
        (f"The type of {plan.target}", fact(plan.type).catalogued(plan.type), found.type),
        (f"NOT NULL of {plan.target}", required, found.required),
        (f"A default of {plan.target}", plan.default is not None, found.has_default),
        (f"A generating expression of {plan.target}", plan.generated is not None, found.generated),
        (f"The numbering of {plan.target}", plan.next_identity is not None, found.identity),
    )


def _logical(spelling: str) -> str:
    """What a given column holds; its type, or how it is spelt where that is none of ours."""
    try:
        return str(logical(spelling))
    except Untranslatable:
        return spelling


def _keys(table: TablePlan, found: dict[str, Row[Any]]) -> Iterator[Difference]:
    if table.primary_key is not None:
        yield from _key("Primary key", "p", table.primary_key, _found_key("p", table.primary_key, found))
    for key in table.uniques:
        yield from _key("Unique constraint", "u", key, _found_key("u", key, found))


def _found_key(kind: str, key: KeyPlan, found: dict[str, Row[Any]]) -> Row[Any] | None:
    """The key of that name; where models leave the name to the server, the one over the same columns."""
    if key.name:
        return found.get(key.name)
    return next((row for row in found.values() if row.kind == kind and tuple(row.columns) == key.columns), None)


def _key(words: str, kind: str, plan: KeyPlan, found: Row[Any] | None) -> Iterator[Difference]:
    name = f"{words} {plan.name or plan.columns}"
    if found is None or found.kind != kind:
        yield missing(name)
        return
    yield from compare(None, (f"{name}: columns", plan.columns, tuple(found.columns)))


def _check(plan: CheckPlan, found: Row[Any] | None) -> Iterator[Difference]:
    name = f"Check {plan.name}"
    if found is None or found.kind != "c":
        yield missing(name)
        return
    yield from compare(None, *_validated(name, plan.validated, found))


def _validated(name: str, planned: bool, found: Row[Any]) -> tuple[tuple[str, object, object], ...]:
    """Somebody may have validated since what the run had to leave unvalidated."""
    return ((f"{name}: validated", True, found.validated),) if planned else ()


def _foreign_key(plan: ForeignKeyPlan, found: Row[Any] | None) -> Iterator[Difference]:
    name = f"Foreign key {plan.name}"
    if found is None or found.kind != "f":
        yield missing(name)
        return
    actions = {letter: action for action, letter in _ACTIONS.items()}
    yield from compare(
        None,
        (f"{name}: columns", plan.columns, tuple(found.columns)),
        (f"{name}: parent", f"{plan.parent_schema}.{plan.parent}", f"{found.parent_schema}.{found.parent}"),
        (f"{name}: parent columns", plan.parent_columns, tuple(found.parent_columns)),
        (f"{name}: on delete", plan.on_delete, actions[found.on_delete]),
        (f"{name}: on update", plan.on_update, actions[found.on_update]),
        (f"{name}: deferrable", plan.deferrable, found.deferrable),
        (f"{name}: initially deferred", plan.deferrable and plan.initially_deferred, found.initially_deferred),
        *_validated(name, plan.validated, found),
    )


def _index(plan: IndexPlan, found: Row[Any] | None) -> Iterator[Difference]:
    name = f"Index {plan.name}"
    if found is None:
        yield missing(name)
        return
    parts = list(zip(plan.parts, found.columns, strict=False))
    yield from compare(
        None,
        (f"{name}: parts", len(plan.parts), len(found.columns)),
        (
            f"{name}: columns",
            tuple(part.column for part, _ in parts if part.column is not None),
            tuple(column for part, column in parts if part.column is not None),
        ),
        (f"{name}: descending", tuple(part.descending for part in plan.parts), tuple(found.descending)),
        (f"{name}: unique", plan.unique, found.is_unique),
        (f"{name}: partial", plan.where is not None, found.partial),
        (f"{name}: usable", True, found.valid),
    )


def _identities(connection: Connection, table: TablePlan, columns: dict[str, Row[Any]]) -> Iterator[Difference]:
    for plan in table.columns:
        found = columns.get(plan.target)
        if plan.next_identity is None or found is None or not (found.identity or table.given):
            continue
        next_number, highest = _numbers(connection, table, plan.target)
        least = max(plan.next_identity, plan.next_identity if highest is None else highest + 1)
        if next_number < least:
            about = f"The next number of {plan.target}"
            yield Difference(plan.target, about, f"at least {least:,}", f"{next_number:,}")


def _numbers(connection: Connection, table: TablePlan, column: str) -> tuple[int, int | None]:
    """The number the sequence gives out next, and the column's highest value."""
    name = execute(connection, f"SELECT {sequence(table.schema, table.target, column)}").scalar_one()
    query = (
        f"SELECT last_value, is_called, (SELECT max({quote(column)}) FROM {qualified(table.schema, table.target)})"
        f" FROM {name}"
    )
    last, given_out, highest = tuple(execute(connection, query).one())
    return last + 1 if given_out else last, highest
