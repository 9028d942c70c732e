"""What Alembic prints for the revisions in offline mode, for one dialect.

`python -m tests.models.offline` in the root writes the golden files again; review what `git diff` then shows.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from alembic import command
from alembic.config import Config

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
URLS = {"postgresql": "postgresql+psycopg://", "mssql": "mssql+pyodbc://"}
"""Offline mode needs neither a server nor, for SQL Server, the driver."""


def config(url: str) -> Config:
    """The project's own configuration with a target, and what it prints in `output_buffer`."""
    made = Config(str(ROOT / "alembic.ini"), output_buffer=io.StringIO())
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(dialect: str, revisions: str = "base:head") -> str:
    """`alembic upgrade base:head --sql`."""
    made = config(URLS[dialect])
    command.upgrade(made, revisions, sql=True)
    return printed(made)


def downgrade(dialect: str, revisions: str = "head:base") -> str:
    """`alembic downgrade head:base --sql`."""
    made = config(URLS[dialect])
    command.downgrade(made, revisions, sql=True)
    return printed(made)


def printed(made: Config) -> str:
    """What the command wrote, without the blanks with which SQLAlchemy ends lines: editors take them away."""
    assert isinstance(made.output_buffer, io.StringIO)
    return re.sub(r"[ \t]+$", "", made.output_buffer.getvalue(), flags=re.MULTILINE)


def statements(sql: str) -> list[str]:
    """The statements, each on one line and without its terminator; no comment and no batch separator."""
    parts = re.split(r";(?:\n|$)", re.sub(r"^(--.*|GO)$", "", sql, flags=re.MULTILINE))
    return [" ".join(part.split()) for part in parts if part.strip()]


def unordered(sql: str) -> list[list[str]]:
    """The statements that create something of the data's, whatever their order and that of a table's parts."""
    found = [
        statement
        for statement in statements(sql)
        if statement.startswith("CREATE") and "alembic_version" not in statement
    ]
    return sorted(sorted(re.split(r", | \)$", statement)) for statement in found)


DIRECTIONS = {"upgrade": upgrade, "downgrade": downgrade}


def golden(dialect: str, direction: str) -> Path:
    """Where the expected text is."""
    return GOLDEN / f"{dialect}-{direction}.sql"


if __name__ == "__main__":
    for dialect in URLS:
        for direction, render in DIRECTIONS.items():
            golden(dialect, direction).write_text(render(dialect), encoding="utf-8")
