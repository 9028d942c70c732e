"""An empty SQL Server database, over both drivers. MIGRATOR_TEST_MSSQL_URL names the server, by a login that may
create databases; without it these tests are skipped.

The URL is SQLAlchemy's, of either driver, such as
`mssql+mssqlpython://sa:password@localhost/master?Encrypt=yes&TrustServerCertificate=yes`.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import mssql_python_odbc
import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.names import qualified, quote

VARIABLE = "MIGRATOR_TEST_MSSQL_URL"
DRIVERS = ("mssql+mssqlpython", "mssql+pyodbc")
PACKET_SIZE = {"PacketSize": "8000"}


def driver_library() -> str:
    """Microsoft's ODBC driver from the wheel that carries it, by its path."""
    folder = Path(mssql_python_odbc.__file__).parent
    return str(next(folder.rglob("libmsodbcsql-18*.so*" if os.name == "posix" else "msodbcsql18.dll")))


def pyodbc() -> Any:
    """The module. Where it cannot be loaded, the test that asks for it is skipped."""
    return pytest.importorskip(
        "pyodbc", reason="pyodbc needs unixODBC: apt install unixodbc", exc_type=ImportError
    )


@pytest.fixture
def odbc() -> Any:
    """pyodbc, for tests that need it somewhere within."""
    return pyodbc()


def for_driver(url: URL, drivername: str) -> URL:
    """The URL for the other driver: what `pyodbc` needs beside, and what it does not know."""
    query = {name: value for name, value in url.query.items() if name.lower() not in ("driver", "packetsize")}
    beside = PACKET_SIZE if drivername == DRIVERS[0] else {"driver": driver_library()}
    return url.set(drivername=drivername, query=query | beside)


def administer(server: URL, statement: str) -> None:
    """Run a statement outside any transaction."""
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        execute(connection, statement)
    engine.dispose()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a server where there is none; from here, so that all such tests make one line."""
    if "mssql_server" in getattr(item, "fixturenames", ()) and not os.environ.get(VARIABLE):
        pytest.skip(f"set {VARIABLE} to the URL of a SQL Server; `make test-containers` starts one")


@pytest.fixture(scope="session")
def mssql_server() -> URL:
    """The server's URL, with the right to create databases."""
    return for_driver(make_url(os.environ[VARIABLE]), DRIVERS[0])


@pytest.fixture(scope="module")
def mssql_database(mssql_server: URL) -> Iterator[URL]:
    """A fresh database."""
    name = f"test_{uuid.uuid4().hex}"
    administer(mssql_server, f"CREATE DATABASE {quote(name)}")
    yield mssql_server.set(database=name)
    administer(mssql_server, f"DROP DATABASE {quote(name)}")


@pytest.fixture(scope="module", params=DRIVERS)
def mssql_url(mssql_database: URL, request: pytest.FixtureRequest) -> URL:
    """The fresh database, through each driver."""
    return for_driver(mssql_database, request.param)


@pytest.fixture(scope="module")
def module_engine(mssql_url: URL) -> Iterator[Engine]:
    engine = sa.create_engine(mssql_url, hide_parameters=True)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(module_engine: Engine) -> Iterator[Engine]:
    """The fresh database, emptied afterwards."""
    yield module_engine
    with module_engine.begin() as connection:
        tables = execute(connection, "SELECT SCHEMA_NAME(schema_id), name FROM sys.tables").all()
        for schema, name in tables:
            execute(connection, f"DROP TABLE {qualified(schema, name)}")


@pytest.fixture
def can(engine: Engine) -> Callable[..., None]:
    """A function that skips the test unless the server gives that answer to the last statement, a query."""

    def check(what: str, *statements: str, answer: object) -> None:
        if _answer(engine, statements) != answer:
            pytest.skip(f"this server has no {what}")

    return check


REFUSED = "refused"


def _answer(engine: Engine, statements: tuple[str, ...]) -> object:
    """The value of the last statement's row, after all of them are undone; or that one was refused."""
    with engine.connect() as connection, suppress(DBAPIError):
        *_, found = (execute(connection, statement) for statement in statements)
        return found.scalar() if found.returns_rows else None
    return REFUSED
