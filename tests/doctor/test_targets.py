"""Targets: which are looked at, the network, and a real PostgreSQL with logins that lack something."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from migrator.config import Configuration
from migrator.doctor import embedded, places, targets
from migrator.doctor.targets import Scene
from migrator.embedded.cluster import SPACE_NEEDED
from migrator.model.health import Check, State
from migrator.model.options import Options
from migrator.targets.mssql import health as mssql
from migrator.targets.postgresql import health as postgresql

EMPTY = Configuration()
NAMES = ("PG_HOST", "PG_PORT", "PG_DATABASE", "PG_USER", "PG_PASSWORD", "DB_TYPE")


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder and an environment that means no target."""
    monkeypatch.chdir(tmp_path)
    for name in (*NAMES, "MSSQL_SERVER", "MSSQL_DATABASE", "MSSQL_USER", "MSSQL_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


def scene(configuration: Configuration = EMPTY) -> Scene:
    return Scene(configuration, Path(".migrator"), needed=1000, free=1 << 40)


def examined(name: str, configuration: Configuration = EMPTY) -> dict[str, Check]:
    return {check.name: check for check in targets.examine(name, scene(configuration))}


def states(checks: dict[str, Check]) -> dict[str, State]:
    return {name: check.state for name, check in checks.items()}


# Which targets


def test_every_target_of_the_configuration_and_of_the_environment_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert targets.named(None, EMPTY) == ()
    configuration = Configuration(target="embedded", targets=MappingProxyType({"a": "x://", "b": "y://"}))
    assert targets.named(None, configuration) == ("embedded", "a", "b")
    monkeypatch.setenv("PG_PASSWORD", "s3cret")
    monkeypatch.setenv("DB_TYPE", "mssql")
    assert targets.named(None, configuration) == ("embedded", "a", "b", "postgresql", "mssql")
    assert targets.named("b", configuration) == ("b",)


def test_names_that_a_configured_target_uses_mean_no_other_target(monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = Configuration(targets=MappingProxyType({"a": "postgresql://${PG_USER}:${PG_PASSWORD}@h/x"}))
    monkeypatch.setenv("PG_USER", "me")
    monkeypatch.setenv("PG_PASSWORD", "s3cret")
    assert targets.named(None, configuration) == ("a",)
    monkeypatch.setenv("PG_HOST", "h")
    assert targets.named(None, configuration) == ("a", "postgresql")


def test_names_of_a_dotenv_count_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MSSQL_SERVER=h\n", encoding="utf-8")
    assert targets.named(None, EMPTY) == ("mssql",)


TITLES = [
    ("production", "target production"),
    ("postgresql://me:s3cret@h/x?password=s3cret", "target postgresql://me@h/x"),
    ("mssql+pyodbc:///?odbc_connect=PWD%3Ds3cret", "target mssql+pyodbc:///"),
    ("x://[::", "target"),
]


@pytest.mark.parametrize(("name", "title"), TITLES)
def test_a_target_is_called_without_what_is_secret(name: str, title: str) -> None:
    assert targets.title(name) == title


# Configuration


def test_missing_names_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_USER", "me")
    check = examined("postgresql")["configuration"]
    assert check.state is State.MISCONFIGURED
    assert check.where == "missing: PG_HOST, PG_DATABASE"
    assert ".env" in check.fix


MISTAKES = [
    ("productoin", "no target 'productoin'", "'production'"),
    ("production", "SECRET_URL missing", ".env"),
    ("oracle://me:s3cret@h/x", "'oracle' is not a target", "Known targets"),
    ("somewhere", "not a URL", "postgresql://"),
]


@pytest.mark.parametrize(("name", "what", "fix"), MISTAKES)
def test_a_wrong_target_is_a_mistake_of_the_configuration(name: str, what: str, fix: str) -> None:
    configuration = Configuration(targets=MappingProxyType({"production": "${SECRET_URL}"}))
    checks = examined(name, configuration)
    assert states(checks) == {"configuration": State.MISCONFIGURED}
    assert what in checks["configuration"].what and fix in checks["configuration"].fix
    assert "s3cret" not in str(checks)


# The network


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_port_on_which_nothing_listens_fails_before_anything_else(closed_port: int) -> None:
    checks = examined(f"postgresql://me:s3cret@127.0.0.1:{closed_port}/app")
    assert states(checks) == {"configuration": State.OK, "network": State.FAILED}
    assert f"nothing listens on that port: 127.0.0.1, port {closed_port}." in checks["network"].what
    assert "s3cret" not in str(checks)


def test_a_host_that_is_unknown_fails() -> None:
    check = targets.reach("no-such-host.invalid", 5432)
    assert check.state is State.FAILED and "host name is unknown" in check.what and "DNS" in check.fix


def test_a_host_that_does_not_answer_fails_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object, **__: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", silent)
    check = targets.reach("10.255.255.1", 1433)
    assert "does not answer" in check.what and "port 1433" in check.fix


def test_a_port_that_listens_and_speaks_another_language_fails_at_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        url = f"postgresql://me@127.0.0.1:{port}/app?connect_timeout=2"
        checks = examined(url)
    assert states(checks) == {
        "configuration": State.OK,
        "network": State.OK,
        "connection": State.FAILED,
    }
    assert checks["connection"].fix


ADDRESSES = [
    (postgresql, "postgresql://h/x", ("h", 5432)),
    (postgresql, "postgresql://h:5433/x", ("h", 5433)),
    (postgresql, "postgresql:///x?host=/tmp", None),
    (postgresql, "postgresql://h1,h2/x", None),
    (postgresql, "postgresql://h/x?hostaddr=10.0.0.1", None),
    (postgresql, "postgresql:///x", None),
    (mssql, "mssql://h/x", ("h", 1433)),
    (mssql, "mssql://h:1444/x", ("h", 1444)),
    (mssql, "mssql+pyodbc://me:p@[::1]:1444/x", ("::1", 1444)),
    (mssql, "mssql://tcp%3Ah/x", ("tcp%3Ah", 1433)),
    (mssql, "mssql+pyodbc:///?odbc_connect=Server%3Dh", None),
    (mssql, "mssql://./x", None),
]


@pytest.mark.parametrize(("health", "url", "expected"), ADDRESSES)
def test_where_a_connection_goes(health: Any, url: str, expected: tuple[str, int] | None) -> None:
    assert health.address(make_url(url)) == expected


HOSTS = [
    ("tcp:h", ("h", 1433)),
    ("h,1444", ("h", 1444)),
    ("h, 1444", ("h", 1444)),
    ("h,x", None),
    (r"h\SQLEXPRESS", None),
    (r"np:\\h\pipe\sql\query", None),
    ("(localdb)", None),
]


@pytest.mark.parametrize(("host", "expected"), HOSTS)
def test_the_forms_of_a_server_of_sql_server(host: str, expected: tuple[str, int] | None) -> None:
    assert mssql.address(URL.create("mssql", host=host, database="x")) == expected


# A real PostgreSQL


def administer(server: URL, statement: str, *names: str) -> None:
    url = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]


@pytest.fixture
def role(postgresql_server: URL) -> Iterator[Callable[..., str]]:
    """A function that makes a role with some attributes; they are dropped afterwards."""
    made: list[str] = []

    def make(attributes: str = "") -> str:
        made.append(f"role_{uuid.uuid4().hex[:12]}")
        administer(postgresql_server, f"CREATE ROLE {{}} LOGIN {attributes}", made[-1])
        return made[-1]

    yield make
    for name in made:
        administer(postgresql_server, "DROP ROLE {}", name)


def as_role(url: str, name: str) -> str:
    return make_url(url).set(username=name).render_as_string(hide_password=False)


def test_a_server_where_everything_is_well(database: str) -> None:
    checks = examined(database)
    assert set(states(checks).values()) == {State.OK}
    assert list(checks) == [
        "configuration",
        "version",
        "login",
        "database",
        "tls",
        "writable",
        "encoding",
        "schema public",
        "schema migrator",
    ]
    assert checks["version"].what.startswith("PostgreSQL 1")
    assert make_url(database).database in checks["database"].what


def test_the_schema_that_is_configured_is_the_one_looked_at(database: str) -> None:
    configuration = replace(EMPTY, options=Options(schema="app"))
    assert "schema app" in examined(database, configuration)


def test_a_login_without_permissions_is_told_which_and_who_grants_them(
    database: str, role: Callable[..., str]
) -> None:
    name, owner = role(), make_url(database)
    administer(owner, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    checks = examined(as_role(database, name))
    assert checks["schema public"].state is State.FAILED
    assert checks["schema public"].what == f"The login {name} lacks USAGE and CREATE on the schema public."
    assert checks["schema public"].fix.endswith(f'GRANT USAGE, CREATE ON SCHEMA "public" TO "{name}"')
    assert "may not create schemas" in checks["schema migrator"].what
    for check in (checks["schema public"], checks["schema migrator"]):
        administer(owner, check.fix.partition("run: ")[2].replace("{", "{{"))
    again = examined(as_role(database, name))
    assert again["schema public"].state is again["schema migrator"].state is State.OK
    administer(owner, "DROP OWNED BY {}", name)


def test_a_login_that_is_refused_fails_at_the_connection(database: str) -> None:
    check = examined(as_role(database, "nobody_here"))["connection"]
    assert check.state is State.FAILED
    assert "The user does not exist" in check.what and check.fix


def test_a_read_only_database_fails(database: str) -> None:
    url = make_url(database)
    administer(url, "ALTER DATABASE {} SET default_transaction_read_only = on", url.database or "")
    check = examined(database)["writable"]
    assert check.state is State.FAILED and "read-only" in check.what


def test_a_missing_database_is_a_warning_to_who_may_make_it(database: str, role: Callable[..., str]) -> None:
    url = make_url(database)
    missing = url.set(database=f"{url.database}_new").render_as_string(hide_password=False)
    check = examined(missing)["database"]
    assert check.state is State.WARNING and "`migrator run` does" in check.what
    refused = examined(as_role(missing, role()))["database"]
    assert refused.state is State.FAILED and "CREATE DATABASE" in refused.fix
    assert examined(as_role(missing, role("CREATEDB")))["database"].state is State.WARNING


def test_a_question_without_an_answer_is_a_warning_and_keeps_what_was_answered(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_TLS", sa.text("SELECT 1 FROM pg_no_such_view"))
    checks = examined(database)
    assert checks["version"].state is State.OK
    assert checks["questions"].state is State.WARNING
    assert "pg_no_such_view" in checks["questions"].what and checks["questions"].fix


def test_nothing_is_left_in_the_database(database: str) -> None:
    examined(database)
    with connected(make_url(database)) as connection:
        found = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'migrator'").fetchone()
    assert found == (0,)


@contextmanager
def connected(url: URL) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        yield connection


FACTS = SimpleNamespace(
    version="18.1",
    major=18,
    encoding="UTF8",
    collation="C",
    read_only=False,
    standby=False,
    login="me",
    database="app",
    by_socket=False,
    may_create_schemas=True,
)


def facts(**changed: Any) -> Any:
    return SimpleNamespace(**{**vars(FACTS), **changed})


VERDICTS = [
    ("the oldest version", postgresql.version(facts(version="14.20", major=14)), State.OK, "PostgreSQL 14.20"),
    ("one too old", postgresql.version(facts(version="13.9", major=13)), State.FAILED, "14 or later"),
    ("another encoding", postgresql.encoding(facts(encoding="LATIN1")), State.FAILED, "LATIN1"),
    ("a replica", postgresql.writable(facts(standby=True, read_only=True)), State.FAILED, "replica"),
    ("no encryption", postgresql.tls(facts(), None), State.WARNING, "not encrypted"),
    ("a socket", postgresql.tls(facts(by_socket=True), None), State.OK, "socket"),
    (
        "encryption",
        postgresql.tls(facts(), SimpleNamespace(ssl=True, protocol="TLSv1.3", cipher="AES")),  # type: ignore[arg-type]
        State.OK,
        "TLSv1.3, AES",
    ),
]


@pytest.mark.parametrize(("check", "state", "what"), [v[1:] for v in VERDICTS], ids=[v[0] for v in VERDICTS])
def test_what_a_server_says_is_judged(check: Check, state: State, what: str) -> None:
    assert check.state is state
    assert what in check.what
    assert check.fix or state is State.OK


# The embedded server


def test_the_embedded_server_runs_here_and_is_not_started(tmp_path: Path) -> None:
    checks = examined("embedded")
    assert set(states(checks).values()) == {State.OK}
    assert "(PostgreSQL) 18" in checks["programs"].what
    assert not (tmp_path / ".migrator").exists()


DATA = [
    ("an earlier run", {"PG_VERSION": "18\n"}, 0, State.OK, "Its data lies in"),
    ("another version", {"PG_VERSION": "17\n"}, 0, State.FAILED, "made by PostgreSQL 17"),
    ("something else", {"notes.txt": "x"}, 1 << 40, State.FAILED, "holds something else"),
    ("no room", {}, SPACE_NEEDED - 1, State.FAILED, "are free"),
    ("room", {}, SPACE_NEEDED, State.OK, "makes its data folder"),
]


@pytest.mark.parametrize(("files", "free", "state", "what"), [d[1:] for d in DATA], ids=[d[0] for d in DATA])
def test_the_data_of_the_embedded_server(
    tmp_path: Path, files: dict[str, str], free: int, state: State, what: str
) -> None:
    data = tmp_path / "pgdata"
    data.mkdir()
    for name, text in files.items():
        (data / name).write_text(text, encoding="utf-8")
    (check,) = embedded.data("target embedded", data, free)
    assert check.state is state and what in check.what


def test_programs_that_do_not_run_fail() -> None:
    check = embedded.running("target embedded", "", "Exec format error")
    assert check.state is State.FAILED and "Exec format error" in check.what and "pip install" in check.fix


def test_every_target_has_what_a_doctor_asks() -> None:
    assert set(places.known_targets()) == {"mssql", "postgresql"}
    assert places.source_health("sqlite") is not None
    assert places.target_health("nothing") is None
