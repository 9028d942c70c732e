"""A small project of a user's own: models, an Alembic folder and the source that goes into them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from migrator.model.options import ModelOptions

MODELS = """
from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


class Item(Base):
    __tablename__ = "item"
    __table_args__ = (sa.CheckConstraint("price >= 0 AND note NOT LIKE '100%'", name="sane"),)

    code: Mapped[str] = mapped_column(sa.Unicode(20), primary_key=True)
    price: Mapped[float] = mapped_column(sa.Numeric(10, 2))
    note: Mapped[str | None] = mapped_column(sa.Unicode(50))
    above: Mapped[str | None] = mapped_column(sa.ForeignKey("item.code", ondelete="CASCADE"))
    twice: Mapped[float] = mapped_column(sa.Numeric(10, 2), sa.Computed("price * 2", persisted=True))


class Move(Base):
    __tablename__ = "move"
    __table_args__ = (sa.UniqueConstraint("item_code", "seq"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    item_code: Mapped[str] = mapped_column(sa.ForeignKey("item.code"), index=True)
    seq: Mapped[int]
    done: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false())
    badge: Mapped[str | None] = mapped_column(sa.Unicode(30), info={"secret": True})
"""

ENVIRONMENT = """
import sqlalchemy as sa
from alembic import context

from models import Base

url = context.config.get_main_option("sqlalchemy.url")
given = context.config.attributes.get("connection")
options = {"target_metadata": Base.metadata, "compare_server_default": True}


def online(connection):
    context.configure(connection=connection, **options)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    context.configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"}, **options)
    with context.begin_transaction():
        context.run_migrations()
elif given is not None:
    online(given)
else:
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        online(connection)
"""

ITEMS = '''
"""Items"""

import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "item",
        sa.Column("code", sa.Unicode(20), nullable=False),
        sa.Column("price", sa.Numeric(10, 2), nullable=False),
        sa.Column("note", sa.Unicode(50)),
        sa.Column("above", sa.Unicode(20)),
        sa.Column("twice", sa.Numeric(10, 2), sa.Computed("price * 2", persisted=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_item")),
        sa.ForeignKeyConstraint(["above"], ["item.code"], name=op.f("fk_item_above"), ondelete="CASCADE"),
        sa.CheckConstraint("price >= 0 AND note NOT LIKE '100%'", name=op.f("ck_item_sane")),
    )


def downgrade() -> None:
    op.drop_table("item")
'''

MOVES = '''
"""Moves of items"""

import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade() -> None:
    op.create_table(
        "move",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("item_code", sa.Unicode(20), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("badge", sa.Unicode(30)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move")),
        sa.UniqueConstraint("item_code", "seq", name=op.f("uq_move_item_code_seq")),
        sa.ForeignKeyConstraint(["item_code"], ["item.code"], name=op.f("fk_move_item_code")),
    )
    op.create_index(op.f("ix_move_item_code"), "move", ["item_code"])


def downgrade() -> None:
    op.drop_index(op.f("ix_move_item_code"), "move")
    op.drop_table("move")
'''

SOURCE = """
CREATE TABLE item (code TEXT PRIMARY KEY, price REAL, note TEXT, above TEXT);
CREATE TABLE move (id INTEGER PRIMARY KEY AUTOINCREMENT, item_code TEXT, seq INT, done INT, badge TEXT);
INSERT INTO item VALUES ('b', 1.25, '품목', 'a'), ('a', 0.1, '', NULL), ('c', 3, NULL, 'c');
INSERT INTO move VALUES (1, 'a', 1, 1, 'hush-1'), (2, 'a', 2, 0, 'hush-2'), (9, 'c', 1, 0, NULL);
UPDATE sqlite_sequence SET seq = 41;
"""


def make(folder: Path, models: str = MODELS, *revisions: str) -> ModelOptions:
    """Write the project into the folder, with both revisions unless others are given."""
    versions = folder / "alembic" / "versions"
    versions.mkdir(parents=True)
    (folder / "models.py").write_text(models, encoding="utf-8")
    (folder / "alembic" / "env.py").write_text(ENVIRONMENT, encoding="utf-8")
    for number, text in enumerate(revisions or (ITEMS, MOVES)):
        (versions / f"r{number}.py").write_text(text, encoding="utf-8")
    ini = folder / "alembic.ini"
    ini.write_text(
        "[alembic]\nscript_location = %(here)s/alembic\nprepend_sys_path = %(here)s\npath_separator = os\n",
        encoding="utf-8",
    )
    return ModelOptions(folder / "models.py", alembic=ini)


def upgrade(options: ModelOptions, database: str, revision: str = "head") -> None:
    """What `alembic upgrade` does."""
    config = Config(str(options.alembic))
    config.set_main_option("sqlalchemy.url", database.replace("%", "%%"))
    command.upgrade(config, revision)
