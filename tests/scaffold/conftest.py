"""Every project of the tables, made once, and an empty database that is left empty."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from migrator.model.plan import Plan
from migrator.scaffold import write
from tests.scaffold.folders import catalogue, databases, files_of, settled_plan
from tests.scaffold.projects import PROJECTS


@dataclass(frozen=True, slots=True)
class Made:
    """A project on disk, and the plan it was made from."""

    folder: Path
    plan: Plan


@contextmanager
def _database(server: URL) -> Iterator[sa.Engine]:
    administration = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    name = f"test_{uuid.uuid4().hex}"
    with administration.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    try:
        yield sa.create_engine(server.set(database=name), poolclass=sa.NullPool)
    finally:
        with administration.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def lasting(postgresql_server: URL) -> Iterator[sa.Engine]:
    with _database(postgresql_server) as engine:
        yield engine


@pytest.fixture
def empty(lasting: sa.Engine) -> Iterator[sa.Connection]:
    """A connection to an empty database, which is emptied again."""
    with lasting.connect() as connection:
        try:
            yield connection
        finally:
            connection.rollback()
            for (schema,) in catalogue(connection)["schemas"]:
                connection.execute(sa.schema.DropSchema(schema, cascade=True))
            connection.exec_driver_sql("CREATE SCHEMA public")
            connection.commit()


@pytest.fixture(scope="session")
def projects(lasting: sa.Engine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    """Every project of `PROJECTS`, in a folder of its own below one folder."""
    root, work = tmp_path_factory.mktemp("projects"), tmp_path_factory.mktemp("work")
    url = lasting.url.render_as_string(hide_password=False)
    made = {}
    for number, (name, project) in enumerate(PROJECTS.items()):
        sources = databases(work / f"{number}", project.sources)
        plan = settled_plan(sources, url, project.options, work)
        folder = root / f"project_{number}"
        write(folder, files_of(plan, project.options))
        made[name] = Made(folder, plan)
    return made
