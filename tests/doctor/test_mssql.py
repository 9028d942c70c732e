"""What SQL Server says about itself, judged as Microsoft documents it; and asked of a live server.

Set MIGRATOR_TEST_MSSQL_URL to a SQLAlchemy URL of a server on which databases may be made.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from migrator.model.health import Check, State
from migrator.targets import ConnectOptions
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql.connecting import make_engine, way
from migrator.targets.mssql.health import server, space
from migrator.targets.mssql.health.permissions import missing_schema, usable_schema
from migrator.targets.mssql.health.server import (
    asked_encryption,
    collation,
    compatibility,
    driver,
    encryption,
    missing_database,
    recovery,
    version,
    writable,
)
from migrator.targets.mssql.health.space import enough, room
from migrator.targets.mssql.names import literal, quote

FACTS: dict[str, Any] = {
    "product_version": "16.0.4135.4",
    "edition_name": "Developer Edition (64-bit)",
    "engine": 3,
    "collation_name": "Latin1_General_100_BIN2_UTF8",
    "updateability": "READ_WRITE",
    "auth_scheme": "SQL",
    "database_name": "sales]",
    "login_name": "loader",
    "user_name": "loader",
}
DATABASE: dict[str, Any] = {
    "level": 160,
    "recovery": "SIMPLE",
    "waits_for": "NOTHING",
    "access": "MULTI_USER",
}


def facts(**changed: Any) -> Any:
    return SimpleNamespace(**{**FACTS, **changed})


def found(**changed: Any) -> Any:
    return SimpleNamespace(**{**DATABASE, **changed})


OK, NOTE, WARNING, FAILED = State.OK, State.NOTE, State.WARNING, State.FAILED

VERDICTS: list[tuple[str, Check, State, str]] = [
    ("2022", version(facts()), OK, "SQL Server 2022 (16.0.4135.4), Developer"),
    ("2016", version(facts(product_version="13.0.7050.2")), OK, "SQL Server 2016"),
    ("2014", version(facts(product_version="12.0.6024.0")), FAILED, "version 13 (2016) or later"),
    ("a later one", version(facts(product_version="18.0.1.1")), OK, "of a later version (18.0.1.1)"),
    # https://learn.microsoft.com/sql/t-sql/functions/serverproperty-transact-sql: always 12 there
    ("Azure", version(facts(product_version="12.0.2000.8", engine=5)), OK, "Azure SQL Database"),
    ("Managed Instance", version(facts(product_version="12.0.2000.8", engine=8)), OK, "Managed Instance"),
    ("Synapse", version(facts(product_version="12.0.2000.8", engine=6)), FAILED, "Azure Synapse"),
    ("encrypted", encryption("TRUE"), OK, "is encrypted"),
    ("not encrypted", encryption("FALSE"), WARNING, "not encrypted"),
    ("unseen", asked_encryption(make_url("mssql://h/x?Encrypt=yes")), NOTE, "VIEW SERVER STATE"),
    ("unseen and refused", asked_encryption(make_url("mssql://h/x?encrypt=No")), WARNING, "Encrypt=no"),
    ("level 130", compatibility(facts(), found(level=130)), OK, "130"),
    ("level 120", compatibility(facts(), found(level=120)), WARNING, "older than SQL Server 2016"),
    ("simple", recovery(facts(), found()), OK, "SIMPLE"),
    ("full", recovery(facts(), found(recovery="FULL", waits_for="LOG_BACKUP")), NOTE, "until its next backup"),
    ("held", recovery(facts(), found(waits_for="ACTIVE_TRANSACTION")), WARNING, "because of ACTIVE_TRANSACTION"),
    ("in the cloud", recovery(facts(engine=5), found(recovery="FULL")), OK, "the service keeps the log"),
    ("binary", collation(facts()), OK, "BIN2"),
    ("ignoring case", collation(facts(collation_name="Korean_Wansung_CI_AS")), NOTE, "differ in case only"),
    ("no schema, and may", missing_schema(facts(), "app", may_create=True), OK, "the run makes it"),
    ("no schema, and may not", missing_schema(facts(), "app", may_create=False), FAILED, "may not create schemas"),
    ("schema", usable_schema(facts(), "dbo", [], reseeds=True), OK, "may change, fill and read"),
    ("lacking", usable_schema(facts(), "dbo", ["ALTER", "SELECT"], reseeds=True), FAILED, "lacks ALTER, SELECT"),
    ("no reseed", usable_schema(facts(), "dbo", [], reseeds=False), FAILED, "next identity value"),
    ("unknown room", enough("space", None, 5, "data files", seen=False), NOTE, "VIEW SERVER STATE"),
    ("boundless room", enough("space", None, 5, "data files", seen=True), NOTE, "up to the disk."),
    ("room", enough("space", 10_000_000, 5_000_000, "log", seen=True), OK, "room for 10.0 MB more in the log"),
    ("little room", enough("space", 9_999_999, 5_000_000, "log", seen=True), WARNING, "the sources are 5.0 MB"),
    ("a database to make", missing_database("x", facts(may_create=1)), WARNING, "`migrator run` does"),
    ("none to make", missing_database("x", facts(may_create=0)), FAILED, "may not create it"),
    ("one to pay for", missing_database("x", facts(may_create=1, engine=5)), FAILED, "it costs"),
    ("mssql-python", driver(make_url("mssql+mssqlpython://h/x")), OK, "comes with it"),
    ("pyodbc", driver(make_url("mssql+pyodbc://h/x?driver=ODBC+Driver+17")), OK, "through ODBC Driver 17"),
    ("FreeTDS", driver(make_url("mssql+pyodbc://h/x?driver=FreeTDS")), WARNING, "less exact"),
]


@pytest.mark.parametrize(("check", "state", "what"), [v[1:] for v in VERDICTS], ids=[v[0] for v in VERDICTS])
def test_what_a_server_says_is_judged(check: Check, state: State, what: str) -> None:
    assert check.state is state
    assert what in check.what
    assert check.fix or state in (State.OK, State.NOTE)


WRITABLE = [
    (facts(), found(), OK, ""),
    (facts(updateability="READ_ONLY"), found(), FAILED, "ALTER DATABASE [sales]]] SET READ_WRITE"),
    (facts(), found(access="SINGLE_USER"), FAILED, "ALTER DATABASE [sales]]] SET MULTI_USER"),
]


@pytest.mark.parametrize(("server_facts", "database", "state", "fix"), WRITABLE)
def test_a_run_needs_a_database_that_several_connections_may_write(
    server_facts: Any, database: Any, state: State, fix: str
) -> None:
    (check,) = writable(server_facts, database)
    assert check.state is state and fix in check.fix


def test_what_is_to_be_granted_is_written_out() -> None:
    check = usable_schema(facts(user_name="o]k"), "d]bo", ["ALTER", "INSERT"], reseeds=False)
    assert check.fix.endswith("GRANT ALTER, INSERT ON SCHEMA::[d]]bo] TO [o]]k]")


PAGES = 1_000_000 // 8192


def file(file_id: int = 1, kind: int = 0, pages: int = 100, most: int = -1, grows: int = 1, used: int = 40) -> Any:
    return SimpleNamespace(file_id=file_id, kind=kind, pages=pages, most_pages=most, grows=grows, used_pages=used)


ROOMS = [
    ("up to the disk, which is not seen", [file()], {}, None, None),
    ("up to the disk", [file()], {1: 1_000_000}, None, 60 * 8192 + 1_000_000),
    ("up to a size", [file(most=150)], {}, None, 110 * 8192),
    ("up to a size, on a disk that is fuller", [file(most=100_000)], {1: 8192}, None, 61 * 8192),
    ("not at all", [file(grows=0)], {1: 1 << 40}, None, 60 * 8192),
    ("never, as 0 says", [file(most=0)], {}, None, 60 * 8192),
    ("two files on one disk", [file(1), file(2)], {1: 8192, 2: 8192}, None, 121 * 8192),
    ("up to the edition's limit", [file()], {}, 50 * 8192, 10 * 8192),
    ("beyond the edition's limit", [file()], {}, 30 * 8192, 0),
    ("the log is another matter", [file(), file(2, kind=1, grows=0, used=90)], {}, None, None),
]


@pytest.mark.parametrize(("files", "free", "limit", "expected"), [r[1:] for r in ROOMS], ids=[r[0] for r in ROOMS])
def test_the_room_in_a_database(
    files: list[Any], free: dict[int, int], limit: int | None, expected: int | None
) -> None:
    assert room(files, 0, free, limit) == expected


def test_a_log_of_2_tb_is_one_without_a_limit() -> None:
    assert room([file(kind=1, most=268435456)], 1, {}, None) is None


# A live server

VARIABLE = "MIGRATOR_TEST_MSSQL_URL"


@pytest.fixture
def database() -> Iterator[sa.Engine]:
    given = os.environ.get(VARIABLE)
    if not given:
        pytest.skip(f"set {VARIABLE} to the SQLAlchemy URL of a SQL Server to run this")
    name = f"doctor_{uuid.uuid4().hex[:12]}"
    url, master = make_url(given).set(database=name), make_url(given).set(database="master")
    _administer(master, f"CREATE DATABASE {quote(name)}")
    engine = make_engine(url, ConnectOptions(), way(url))
    yield engine
    engine.dispose()
    _administer(master, f"DROP DATABASE {quote(name)}")


def _administer(url: URL, *statements: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            execute(connection, statement)
    engine.dispose()


def _until_space(connection: sa.Connection) -> dict[str, Check]:
    """Everything but the room in files, which is asked last."""
    found = {}
    for check in server.health(connection, "dbo", 1000):
        found[check.name] = check
        if check.name == "schema migrator":
            break
    return found


def test_a_live_server_answers_every_question(database: sa.Engine) -> None:
    with database.connect() as connection:
        checks = _until_space(connection)
    names = {"driver", "version", "login", "database", "tls", "writable", "compatibility", "log", "collation"}
    assert names | {"permissions", "schema dbo", "schema migrator"} <= checks.keys()
    assert not [check for check in checks.values() if check.state is State.FAILED]


def test_a_live_server_tells_its_room(database: sa.Engine) -> None:
    with database.connect() as connection:
        try:
            execute(connection, "SELECT FILEPROPERTY(N'x', 'SpaceUsed')").all()
        except sa.exc.DBAPIError:
            pytest.skip("this server has no FILEPROPERTY")
        found = connection.execute(server._FACTS).one()
        checks = {check.name: check for check in space.space(connection, found, 1000)}
    assert checks["space"].state in (State.OK, State.NOTE)


@pytest.fixture
def stranger(database: sa.Engine) -> Iterator[URL]:
    """The URL of a login that may enter the database and nothing else."""
    name, password = f"doctor_{uuid.uuid4().hex[:12]}", f"P{uuid.uuid4().hex}!x"
    _administer(database.url.set(database="master"), f"CREATE LOGIN {name} WITH PASSWORD = {literal(password)}")
    _administer(database.url, f"CREATE USER {name} FOR LOGIN {name}")
    yield database.url.set(username=name, password=password)
    _administer(database.url, f"DROP USER {name}")
    _administer(database.url.set(database="master"), f"DROP LOGIN {name}")


def test_a_login_without_permissions_is_told_which(stranger: URL) -> None:
    engine = make_engine(stranger, ConnectOptions(), way(stranger))
    with engine.connect() as connection:
        checks = _until_space(connection)
    engine.dispose()
    assert checks["permissions"].state is State.FAILED
    assert "lacks CREATE TABLE and CREATE VIEW" in checks["permissions"].what
    assert checks["schema migrator"].state is State.FAILED
    assert checks["permissions"].fix.endswith(f"GRANT CREATE TABLE, CREATE VIEW TO [{stranger.username}]")


def test_a_live_server_knows_which_database_is_missing(database: sa.Engine) -> None:
    with database.connect() as connection:
        assert server.creation(connection, str(database.url.database)) is None
        missing = server.creation(connection, "no such :database, it's 100% missing")
    assert missing is not None and missing.state is State.WARNING
