"""A table of an Access database in the neutral model: its columns and what must hold for their values.

Pure. Foreign keys are put to it by `references`, the tables of complex columns made by `children`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from migrator.model.schema import Check, Column, Expression, Identity, Key, Table
from migrator.sources.access import schema, translations
from migrator.sources.access.keys import keys
from migrator.sources.access.naming import Names
from migrator.sources.access.storing import form
from migrator.sources.access.table import Table as Stored
from migrator.sources.access.types import Type
from migrator.sources.sqlite.values import quote


def table(
    stored: Stored, name: str, kept: Collection[str], referenced: Collection[frozenset[str]], names: Names
) -> Table:
    """The table, by the name it has here, without foreign keys. `kept` are the complex columns whose numbers stay,
    as the key of the tables made of them; for `referenced` see `keys`."""
    columns = tuple(each for each in stored.columns if each.type is not Type.COMPLEX or each.name in kept)
    found = keys(stored, name, {column.name for column in columns}, referenced, names)
    required = {part.name for index in stored.indexes if index.required for part in index.columns}
    uniques = (*found.uniques, *(Key((each,)) for each in sorted(kept)))
    return Table(
        name,
        tuple(column(each, stored, required) for each in columns),
        found.primary,
        uniques,
        checks=tuple(_checks(stored, columns)),
        indexes=found.indexes,
        comment=_with_rule(stored.description, stored.validation_text),
    )


def column(stored: schema.Column, table: Stored, required: Collection[str]) -> Column:
    """A column. Yes/No and AutoNumber are never NULL, `required` columns because of an index."""
    made = form(stored)
    never = stored.type is Type.YES_NO and not stored.calculated
    return Column(
        stored.name,
        made.name,
        nullable=not (never or stored.autonumber or stored.required or stored.name in required),
        default=None if _numbered(stored) else translations.default(stored),
        generated=translations.computed(stored),
        identity=_identity(stored, table),
        comment=_comment(stored),
        type=made.type,
    )


def _numbered(column: schema.Column) -> bool:
    return column.autonumber and column.type is Type.LONG and not column.random_autonumber


def _identity(column: schema.Column, table: Stored) -> Identity | None:
    """Random numbers are none that a database counts."""
    if not _numbered(column):
        return None
    following = table.next_autonumber
    return Identity(None if following is None else following - 1)


def _comment(column: schema.Column) -> str | None:
    """What a form calls the column, what it is, and what is said when its rule is broken."""
    parts = [part for part in (column.caption, column.description) if part]
    return _with_rule(": ".join(dict.fromkeys(parts)), column.validation_text)


def _with_rule(comment: str | None, text: str | None) -> str | None:
    return " ".join(part for part in (comment, f"({text})" if text else None) if part) or None


def _checks(table: Stored, columns: Collection[schema.Column]) -> Iterator[Check]:
    for each in columns:
        if each.type is not None and each.type.text and not each.allow_zero_length:
            sql = f"{quote(each.name)} <> ''"
            yield Check(Expression(sql, sql))
    yield from translations.rules(table, columns)
