"""The files by which Alembic runs the revisions: `alembic.ini`, `env.py` and the template for new revisions.

Text only. https://alembic.sqlalchemy.org/en/latest/tutorial.html
"""

from __future__ import annotations

from migrator.model.plan import QUARANTINE
from migrator.scaffold.code import literal

VERSION_TABLE = "alembic_version"
"""Alembic's own name for the table in which it keeps the current revision."""

SPLIT = "# isort: split"
"""Stands before imports of the library. Beside the folder `alembic` some tools take it for the project's own and
sort it in another way. https://docs.astral.sh/ruff/formatter/#import-sorting"""


def ini() -> str:
    """`alembic.ini`."""
    return _INI


def template() -> str:
    """`script.py.mako`."""
    return _TEMPLATE


def env(version_table: str) -> str:
    """`env.py`. `version_table` is where Alembic keeps the current revision."""
    return _ENV.replace("«quarantine»", literal(QUARANTINE)).replace("«version table»", literal(version_table))


_INI = """\
# Configuration of Alembic. The database's URL does not stand here, because it may hold
# a password: set DATABASE_URL, or write `alembic -x url=... upgrade head`.

[alembic]
script_location = %(here)s/alembic
prepend_sys_path = %(here)s
path_separator = newline

# New revisions in the formatter's style:
# [post_write_hooks]
# hooks = ruff
# ruff.type = module
# ruff.module = ruff
# ruff.options = format REVISION_SCRIPT_FILENAME

[loggers]
keys = root,alembic

[handlers]
keys = console

[formatters]
keys = plain

[logger_root]
level = WARNING
handlers = console
qualname =

[logger_alembic]
level = INFO
handlers =
qualname = alembic

[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = plain

[formatter_plain]
format = %(levelname)-5.5s [%(name)s] %(message)s
"""

_TEMPLATE = '''\
"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}
"""

from collections.abc import Sequence

import sqlalchemy as sa
% if imports:
${imports}
% endif

# isort: split
from alembic import op

revision: str = ${repr(up_revision)}
down_revision: str | Sequence[str] | None = ${repr(down_revision)}
branch_labels: str | Sequence[str] | None = ${repr(branch_labels)}
depends_on: str | Sequence[str] | None = ${repr(depends_on)}


def upgrade() -> None:
    """Upgrade the schema."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take the upgrade back."""
    ${downgrades if downgrades else "pass"}
'''

_ENV = '''\
"""Runs the revisions beside this file; Alembic executes it for every command."""

import os
from logging.config import fileConfig

import sqlalchemy as sa
from alembic.util import CommandError

# isort: split
from alembic import context
from models import Base

config = context.config
target_metadata = Base.metadata
schemas = {table.schema for table in target_metadata.tables.values()}


def include_name(name: str | None, type_: str, _parents: object) -> bool:
    """Whether `--autogenerate` looks at what the database has under a name.

    Schemas without a model are not its business, nor is the table for rows that a
    migration set aside.
    """
    if type_ == "schema":
        return name in schemas
    return type_ != "table" or name != «quarantine»


def database_url() -> sa.URL:
    """Where to run: what a program set, else `-x url=...`, else DATABASE_URL."""
    url = (
        config.get_main_option("sqlalchemy.url")
        or context.get_x_argument(as_dictionary=True).get("url")
        or os.environ.get("DATABASE_URL")
    )
    if not url:
        raise CommandError("Set DATABASE_URL, or write `alembic -x url=...`.")
    return sa.make_url(url)


def run(connection: sa.Connection | None, url: sa.URL | None = None) -> None:
    """Run revisions over the connection, or print them as SQL for the URL's dialect."""
    context.configure(
        connection=connection,
        url=url,
        target_metadata=target_metadata,
        version_table=«version table»,
        include_schemas=schemas != {None},
        include_name=include_name,
        compare_type=True,
        compare_server_default=True,
        literal_binds=connection is None,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run over the connection that a program set, else over one of our own."""
    given: sa.Connection | None = config.attributes.get("connection")
    if given is not None:
        run(given)
        return
    engine = sa.create_engine(database_url(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        run(connection)


# Only on the command line: a program that runs revisions has a logging of its own.
if config.cmd_opts is not None and config.config_file_name is not None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    run(None, database_url())
else:
    run_online()
'''
