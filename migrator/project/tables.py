"""A table of the models as a given table: SQLAlchemy's objects read, nothing decided.

Types are what the target makes of them; the target's own file says which logical type that is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SqlalchemyDialect
from sqlalchemy.schema import CreateTable

from migrator.errors import ConfigurationError
from migrator.model.given import GivenColumn, GivenTable
from migrator.model.plan import CheckPlan, ForeignKeyPlan, IndexPartPlan, IndexPlan, KeyPlan
from migrator.model.schema import Action
from migrator.model.types import JSON_TEXT
from migrator.targets import Server, Untranslatable

INFO_SECRET = "secret"  # noqa: S105 - a name, no secret
"""The key of `Column.info` under which models say that a column's values are never shown."""


def given_table(table: sa.Table, server: Server, schema: str) -> GivenTable:
    """The table as the target will have it.

    Raises:
        ConfigurationError: A column's type is none that can be filled exactly, or a foreign key has no name.
    """
    reader = _Reader(table, server, schema)
    checks = reader.checks()
    documents = {server.dialect.documents(check.sql) for check in checks}
    columns = (reader.column(column) for column in table.columns)
    return GivenTable(
        schema=table.schema or schema,
        name=table.name,
        columns=tuple(replace(each, type=JSON_TEXT) if each.name in documents else each for each in columns),
        primary_key=reader.primary_key(),
        uniques=reader.uniques(),
        checks=tuple(replace(each, typed=server.dialect.documents(each.sql) is not None) for each in checks),
        indexes=reader.indexes(),
        foreign_keys=reader.foreign_keys(),
        comment=table.comment,
    )


class _Reader:
    """Reads one table for one target."""

    def __init__(self, table: sa.Table, server: Server, schema: str) -> None:
        self._table = table
        self._server = server
        self._schema = schema
        self._dialect: SqlalchemyDialect = server.engine.dialect

    def column(self, column: sa.Column[Any]) -> GivenColumn:
        numbered = column.identity is not None or column is self._table.autoincrement_column
        return GivenColumn(
            name=column.name,
            type=self._type(column),
            nullable=bool(column.nullable),
            default=numbered or column.server_default is not None,
            generated=None if column.computed is None else self._sql(column.computed.sqltext),
            identity=numbered,
            secret=bool(column.info.get(INFO_SECRET, False)),
        )

    def _type(self, column: sa.Column[Any]) -> Any:
        spelling = column.type.compile(dialect=self._dialect)
        try:
            return self._server.dialect.logical_type(spelling)
        except Untranslatable as error:
            raise ConfigurationError(
                f"A column of the models is {spelling}, which cannot be filled: {error.what}",
                where=f"models: {self._table.name}.{column.name}",
                hint="Give it another type in the models and a revision that changes it.",
            ) from error

    def _name(self, constraint: sa.Constraint | sa.Index) -> str:
        """The name as the target will see it, '' where the target chooses it."""
        preparer = self._dialect.identifier_preparer
        quoted = (
            preparer.format_index(constraint)
            if isinstance(constraint, sa.Index)
            else preparer.format_constraint(constraint)
        )
        return "" if quoted is None else preparer.unformat_identifiers(quoted)[-1]

    def primary_key(self) -> KeyPlan | None:
        key = self._table.primary_key
        columns = tuple(column.name for column in key.columns)
        return KeyPlan(self._name(key), columns) if columns else None

    def _constraints(self, kind: type[Any]) -> list[Any]:
        found = [constraint for constraint in self._table.constraints if isinstance(constraint, kind)]
        return sorted(found, key=self._name)

    def uniques(self) -> tuple[KeyPlan, ...]:
        return tuple(
            KeyPlan(self._name(each), tuple(column.name for column in each.columns))
            for each in self._constraints(sa.UniqueConstraint)
        )

    def checks(self) -> tuple[CheckPlan, ...]:
        """Those that this dialect gets: one may be meant for another."""
        created = str(CreateTable(self._table).compile(dialect=self._dialect))
        plans = []
        for each in self._constraints(sa.CheckConstraint):
            name = self._dialect.identifier_preparer.format_constraint(each)
            if name is not None and f"CONSTRAINT {name} CHECK" in created:
                plans.append(CheckPlan(self._name(each), self._sql(each.sqltext)))
        return tuple(plans)

    def _sql(self, expression: sa.ClauseElement) -> str:
        compiled = expression.compile(
            dialect=self._dialect, compile_kwargs={"literal_binds": True, "include_table": False}
        )
        # The driver's parameter style doubles percent signs.
        return str(compiled).replace("%%", "%")

    def indexes(self) -> tuple[IndexPlan, ...]:
        return tuple(self._index(index) for index in sorted(self._table.indexes, key=self._name))

    def _index(self, index: sa.Index) -> IndexPlan:
        where = index.dialect_options[self._dialect.name].get("where")
        return IndexPlan(
            self._name(index),
            tuple(self._part(each) for each in index.expressions),
            bool(index.unique),
            None if where is None else self._sql(sa.text(where) if isinstance(where, str) else where),
        )

    def _part(self, expression: Any) -> IndexPartPlan:
        descending = False
        if isinstance(expression, sa.UnaryExpression) and expression.modifier is sa.sql.operators.desc_op:
            descending, expression = True, expression.element
        if isinstance(expression, sa.Column):
            return IndexPartPlan(column=expression.name, descending=descending)
        return IndexPartPlan(expression=self._sql(expression), descending=descending)

    def foreign_keys(self) -> tuple[ForeignKeyPlan, ...]:
        return tuple(self._foreign_key(each) for each in self._constraints(sa.ForeignKeyConstraint))

    def _foreign_key(self, key: sa.ForeignKeyConstraint) -> ForeignKeyPlan:
        name = self._name(key)
        if not name:
            raise ConfigurationError(
                "A foreign key of the models has no name, so that it could not be taken off during the load.",
                where=f"models: {self._table.name} ({', '.join(key.column_keys)})",
                hint="Give the MetaData a naming_convention, or the constraint a name.",
            )
        parent = key.elements[0].column.table
        return ForeignKeyPlan(
            name=name,
            columns=tuple(element.parent.name for element in key.elements),
            parent_schema=parent.schema or self._schema,
            parent=parent.name,
            parent_columns=tuple(element.column.name for element in key.elements),
            on_delete=_action(key.ondelete),
            on_update=_action(key.onupdate),
            deferrable=bool(key.deferrable),
            initially_deferred=bool(key.initially and key.initially.upper() == "DEFERRED"),
        )


_ACTIONS: dict[str, Action] = {
    action: action for action in ("NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT")
}


def _action(written: str | None) -> Action:
    """The action, `NO ACTION` where nothing is said."""
    return _ACTIONS[(written or "NO ACTION").upper()]
