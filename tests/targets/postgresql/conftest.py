"""A connected server on an empty database: one database per module, emptied after each test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL

from migrator.targets import ConnectOptions
from migrator.targets.postgresql import DIALECT
from migrator.targets.postgresql.server import PostgreSQLServer, connect

EMPTY = """
    DO $$
    DECLARE found name;
    BEGIN
        FOR found IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)' LOOP
            EXECUTE format('DROP SCHEMA %I CASCADE', found);
        END LOOP;
        CREATE SCHEMA public;
    END $$
"""


def administer(server: URL, statement: str, *names: str) -> None:
    """Run a statement with these identifiers outside any transaction."""
    url = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def module_database(postgresql_server: URL) -> Iterator[URL]:
    name = f"test_{uuid.uuid4().hex}"
    administer(postgresql_server, "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)
    yield postgresql_server.set(database=name)
    administer(postgresql_server, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def server(module_database: URL) -> Iterator[PostgreSQLServer]:
    connected = connect(DIALECT, module_database, ConnectOptions())
    yield connected
    connected.close()
    administer(module_database, EMPTY.replace("{", "{{").replace("}", "}}"))
