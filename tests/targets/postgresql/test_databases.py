"""A database that is missing is made by a run, and goes with the last thing in it; no other is ever dropped."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL

import migrator
from migrator.errors import ConnectionFailure, EnvironmentFailure, UndecidedError

SOURCE = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a');"
NUL = "CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('a' || char(0));"

Make = Callable[..., Path]


def _parts(url: URL) -> dict[str, Any]:
    return {**url.translate_connect_args(username="user", database="dbname"), **url.query}


def asked(server: URL, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(**_parts(server), autocommit=True) as connection:
        cursor = connection.execute(query, values)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def missing(postgresql_server: URL) -> Iterator[URL]:
    """The URL of a database that does not exist, with a name that needs quoting."""
    name = f'new "{uuid.uuid4().hex}" 한'
    yield postgresql_server.set(database=name)
    with psycopg.connect(**_parts(postgresql_server), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def exists(server: URL, url: URL) -> bool:
    return bool(asked(server, "SELECT 1 FROM pg_database WHERE datname = %s", url.database))


def test_a_run_makes_the_database_and_its_rollback_drops_it(
    sqlite_file: Make, postgresql_server: URL, missing: URL
) -> None:
    source = sqlite_file(SOURCE)
    result = migrator.run([str(source)], missing, work=source.parent / "work")
    assert result.verified and exists(postgresql_server, missing)
    assert asked(missing, "SHOW server_encoding") == [("UTF8",)]
    migrator.rollback(target=missing, work=source.parent / "work")
    assert not exists(postgresql_server, missing)


def test_a_database_in_which_others_made_something_stays(sqlite_file: Make, missing: URL) -> None:
    source = sqlite_file(SOURCE)
    migrator.run([str(source)], missing, work=source.parent / "work")
    asked(missing, "CREATE VIEW own AS SELECT 1")
    migrator.rollback(target=missing, work=source.parent / "work")
    assert asked(missing, "SELECT * FROM own") == [(1,)]


def test_a_run_that_stops_before_writing_leaves_no_database(
    sqlite_file: Make, postgresql_server: URL, missing: URL
) -> None:
    source = sqlite_file(NUL)
    with pytest.raises(UndecidedError):
        migrator.run([str(source)], missing, work=source.parent / "work")
    assert not exists(postgresql_server, missing)


def test_a_plan_makes_no_database(sqlite_file: Make, postgresql_server: URL, missing: URL) -> None:
    source = sqlite_file(SOURCE)
    with pytest.raises(ConnectionFailure, match="does not exist") as failure:
        migrator.plan([str(source)], missing, work=source.parent / "work")
    assert "`migrator run` creates it" in failure.value.hint
    assert not exists(postgresql_server, missing)


def test_a_login_that_may_not_create_databases_says_so(
    sqlite_file: Make, postgresql_server: URL, missing: URL
) -> None:
    role = f"role_{uuid.uuid4().hex}"
    asked(postgresql_server, f"CREATE ROLE {role} LOGIN PASSWORD 'pw'")
    try:
        source = sqlite_file(SOURCE)
        with pytest.raises(EnvironmentFailure, match="permission denied to create database") as failure:
            migrator.run([str(source)], missing.set(username=role, password="pw"), work=source.parent / "work")
        assert "CREATE DATABASE" in failure.value.hint and "pw@" not in str(failure.value)
    finally:
        asked(postgresql_server, f"DROP ROLE {role}")


def test_an_empty_database_of_others_is_never_dropped(
    sqlite_file: Make, postgresql_server: URL, database: str
) -> None:
    source = sqlite_file(SOURCE)
    migrator.run([str(source)], database, work=source.parent / "work")
    migrator.rollback(target=database, work=source.parent / "work")
    assert asked(
        postgresql_server,
        "SELECT 1 FROM pg_database WHERE datname = %s",
        database.rsplit("/")[-1].partition("?")[0],
    )
