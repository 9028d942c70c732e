"""What every test may use: an empty PostgreSQL database, a SQLite file made from a script.

PostgreSQL is the embedded one, shared by all processes of a test run, unless MIGRATOR_TEST_POSTGRESQL_URL names
another server.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from migrator import embedded

pytest.register_assert_rewrite("tests.conformance.servers")

SERVER_VARIABLE = "MIGRATOR_TEST_POSTGRESQL_URL"
FOLDER_VARIABLE = "MIGRATOR_TEST_EMBEDDED_FOLDER"

_CARELESS = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "max_wal_size = '4GB'")
"""No test outlives the machine, so none waits for its disk."""

hypothesis.settings.register_profile(
    "ci",
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.register_profile("thorough", parent=hypothesis.settings.get_profile("ci"), max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

Script = str | Iterable[tuple[str, Sequence[Any]]]


def pytest_configure(config: pytest.Config) -> None:
    """Make one folder for the embedded server before workers start, which inherit its name."""
    if not hasattr(config, "workerinput"):
        os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="migrator-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove it after the last worker has ended; the server stopped with its last user."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(FOLDER_VARIABLE), ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each target that the conformance suite could not run over."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    if any("tests/conformance/" in getattr(report, "nodeid", "") for report in reports):
        from tests.conformance.servers import skipped

        for line in skipped():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """The server's URL, with the right to create databases."""
    given = os.environ.get(SERVER_VARIABLE)
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
    else:
        with embedded.start(Path(os.environ[FOLDER_VARIABLE])) as server:
            with _administration(server.url) as connection:
                for setting in _CARELESS:
                    connection.execute(f"ALTER SYSTEM SET {setting}")
                connection.execute("SELECT pg_reload_conf()")
            yield server.url


@pytest.fixture
def database(postgresql_server: URL) -> Iterator[str]:
    """The URL of an empty database that is dropped afterwards, whoever is still connected."""
    name = f"test_{uuid.uuid4().hex}"
    with _administration(postgresql_server) as connection:
        # template0 takes no part in what others added to template1, and can be copied while connected to.
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
        )
    try:
        yield postgresql_server.set(database=name).render_as_string(hide_password=False)
    finally:
        with _administration(postgresql_server) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _administration(server: URL) -> psycopg.Connection[Any]:
    conninfo = server.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(conninfo, autocommit=True)


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Callable[..., Path]:
    """A function that makes a SQLite file from a script, or from statements with their parameters."""

    def make(script: Script = "", name: str = "source.db") -> Path:
        path = tmp_path / name
        with closing(sqlite3.connect(path)) as connection:
            if isinstance(script, str):
                connection.executescript(script)
            else:
                for statement, parameters in script:
                    connection.execute(statement, parameters)
            connection.commit()
            if path.stat().st_size == 0:
                connection.execute("VACUUM")  # writes the header of a database without tables
        return path

    return make
