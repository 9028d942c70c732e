"""What all models share: the declarative base, and one naming convention for everything that has a name.

No table is declared here.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
"""A name of its own for every constraint, so that a revision can drop it on either database. `column_0_N_name` is
all columns of the key, in order.
https://docs.sqlalchemy.org/en/21/core/constraints.html#configuring-constraint-naming-conventions"""


class Base(DeclarativeBase):
    """The base of all models; its `metadata` is what `alembic revision --autogenerate` compares."""

    metadata = sa.MetaData(naming_convention=CONVENTION)
