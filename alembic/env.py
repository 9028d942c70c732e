"""Runs the revisions beside this file: Alembic executes it for every command, and so does a run of migrator.

It connects, or prints SQL for the dialect of a URL; what the revisions do is theirs.
"""

from __future__ import annotations

import os
from logging.config import fileConfig
from typing import Any

import sqlalchemy as sa
from alembic import context
from alembic.util import CommandError

from migrator.model.plan import JOURNAL_SCHEMA, QUARANTINE
from migrator.models import Base
from migrator.models.rendering import render_item

VARIABLE = "MIGRATOR_DATABASE_URL"

OFFLINE: dict[str, dict[str, Any]] = {
    # What the dialect would learn from any server since 2012: without it, text without a length is NTEXT.
    # https://docs.sqlalchemy.org/en/21/dialects/mssql.html#large-text-binary-type-deprecation
    "mssql": {"deprecate_large_types": True},
}
"""What a dialect has to be told where no server can be asked."""

config = context.config


def include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """Whether `--autogenerate` looks at what the database has under a name.

    The journal and the rows that a run set aside belong to the run, not to the models.
    """
    ours = {"schema": JOURNAL_SCHEMA, "table": QUARANTINE}
    return name is None or name != ours.get(type_)


def database_url() -> sa.URL:
    """Where to run: `-x url=…`, else what a program set, else the environment.

    Raises:
        CommandError: None of them says it.
    """
    url = (
        context.get_x_argument(as_dictionary=True).get("url")
        or config.get_main_option("sqlalchemy.url")
        or os.environ.get(VARIABLE)
    )
    if not url:
        raise CommandError(f"No database is named. Set {VARIABLE}, or write `alembic -x url=… upgrade head`.")
    return sa.make_url(url)


def run(**where: Any) -> None:
    """Run the revisions that Alembic asks for."""
    context.configure(
        target_metadata=Base.metadata,
        include_name=include_name,
        render_item=render_item,
        compare_type=True,
        compare_server_default=True,
        **where,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_offline(url: sa.URL) -> None:
    """Print SQL for the URL's dialect."""
    options = {"paramstyle": "named", **OFFLINE.get(url.get_backend_name(), {})}
    run(url=url, literal_binds=True, dialect_opts=options)


def run_online() -> None:
    """Run over the connection that a program set, else over one of our own."""
    given: sa.Connection | None = config.attributes.get("connection")
    if given is not None:
        run(connection=given)
        return
    with sa.create_engine(database_url(), poolclass=sa.NullPool).connect() as connection:
        run(connection=connection)


# Only for Alembic's own command: a program that runs revisions has a logging of its own.
if config.cmd_opts is not None and config.config_file_name is not None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    run_offline(database_url())
else:
    run_online()
