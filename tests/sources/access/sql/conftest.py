"""The table of `cases` on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from migrator.targets.postgresql import DIALECT
from tests.sources.access.sql.cases import COLUMNS, ROWS

Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def server(postgresql_server: URL) -> Iterator[Connection]:
    """A connection in a transaction of its own, with the table `t`."""
    url = make_url(str(postgresql_server)) if isinstance(postgresql_server, str) else postgresql_server
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        columns = ", ".join(f'"{name}" {DIALECT.type_name(type)}' for name, (_, type) in COLUMNS.items())
        connection.execute(b"CREATE SCHEMA access_sql")
        connection.execute(b"SET search_path = access_sql")
        connection.execute(f"CREATE TABLE t ({columns})".encode())
        marks = ", ".join(["%s"] * len(COLUMNS))
        for row in ROWS:
            connection.execute(f"INSERT INTO t VALUES ({marks})".encode(), row)
        yield connection
        connection.rollback()
