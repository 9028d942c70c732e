"""Names as SQLAlchemy must see them."""

from __future__ import annotations

from sqlalchemy.sql import quoted_name


def as_is(name: str) -> quoted_name:
    """A name that SQLAlchemy quotes and never folds to another case."""
    return quoted_name(name, quote=True)
