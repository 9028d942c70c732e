"""A schema that is given: owned by SQLAlchemy models and Alembic revisions, so that a run fits the data to it.

Names are target names and SQL is the target's. Nothing here knows SQLAlchemy.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.plan import CheckPlan, ForeignKeyPlan, IndexPlan, KeyPlan
from migrator.model.types import LogicalType


@dataclass(frozen=True, slots=True)
class GivenColumn:
    """One column. `default` says whether the target fills it when a row names no value (a default, an identity);
    `generated` is the expression from which the target computes it, when it does."""

    name: str
    type: LogicalType
    nullable: bool = True
    default: bool = False
    generated: str | None = None
    identity: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class GivenTable:
    """One table with its constraints, named as the target names them."""

    schema: str
    name: str
    columns: tuple[GivenColumn, ...]
    primary_key: KeyPlan | None = None
    uniques: tuple[KeyPlan, ...] = ()
    checks: tuple[CheckPlan, ...] = ()
    indexes: tuple[IndexPlan, ...] = ()
    foreign_keys: tuple[ForeignKeyPlan, ...] = ()
    comment: str | None = None

    def column(self, name: str) -> GivenColumn:
        """The column of that name. Raises KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Revision:
    """One Alembic revision that the target lacks, as SQL; its statements record it in Alembic's version table."""

    id: str
    message: str
    do: tuple[str, ...]
    undo: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """Everything given: the tables of the models, and the revisions still to be applied, in order."""

    tables: tuple[GivenTable, ...]
    revisions: tuple[Revision, ...] = ()

    def table(self, name: str) -> GivenTable:
        """The table of that name. Raises KeyError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)
