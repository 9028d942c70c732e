"""Stage: a schema that SQLAlchemy models and Alembic revisions own, as the planner wants to see it.

It imports the user's models, asks Alembic which revisions the target lacks, and renders them as SQL with their
undo. It never changes the target.
"""

from __future__ import annotations

from migrator.model.given import Given
from migrator.model.options import ModelOptions
from migrator.project.models import load
from migrator.project.revisions import pending
from migrator.project.tables import given_table
from migrator.targets import Server


def read_given(options: ModelOptions, server: Server, schema: str) -> Given:
    """What the models and revisions make of the target. Tables of the models that name no schema of their own
    are in `schema`.

    Raises:
        ConfigurationError: The models or revisions cannot be loaded, hold a type that the target's tables here
            cannot be filled with, or cannot be rendered as SQL.
    """
    metadata = load(options)
    revisions = pending(options.alembic, server) if options.alembic else ()
    tables = tuple(given_table(table, server, schema) for table in metadata.sorted_tables)
    return Given(tables, revisions)


__all__ = ["read_given"]
