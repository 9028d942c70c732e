"""Connecting, what is said when it fails, preflight, rehearsal, locks, and errors without values."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text as sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from migrator.errors import (
    ConfigurationError,
    ConnectionFailure,
    DataError,
    EnvironmentFailure,
    MigratorError,
    TargetNotEmptyError,
)
from migrator.model.plan import (
    CheckPlan,
    ForeignKeyPlan,
    IndexPartPlan,
    IndexPlan,
    KeyPlan,
    Phase,
    Step,
    TablePlan,
    ViewPlan,
)
from migrator.model.types import INT64, JSON_TEXT, TEXT
from migrator.targets import ConnectOptions, Rehearsal
from migrator.targets.common.urls import display_url
from migrator.targets.postgresql import DIALECT
from migrator.targets.postgresql.connecting import SETTINGS, connect_failure
from migrator.targets.postgresql.failures import explain
from migrator.targets.postgresql.rehearsal import MANNERS
from migrator.targets.postgresql.server import PostgreSQLServer, connect
from tests.targets.postgresql.conftest import administer
from tests.targets.postgresql.plans import WEIRD, apply, column, plan, table

USERS = table("users", column("id", INT64), column("name", TEXT), primary_key=KeyPlan("users_pk", ("id",)))
OPTIONS = ConnectOptions(timeout=2)


def attempt(url: str | URL) -> MigratorError:
    """What connecting there raises."""
    with pytest.raises(MigratorError) as caught:
        connect(DIALECT, make_url(url), OPTIONS).close()
    return caught.value


# Connecting


def test_the_version_and_the_url_without_password_are_shown(server: PostgreSQLServer) -> None:
    assert server.version().startswith("PostgreSQL 1")
    assert server.dialect is DIALECT


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("postgresql://u:secret@h:5433/d", "postgresql://u:***@h:5433/d"),
        ("postgresql://u@h/d?password=secret&sslmode=require", "postgresql://u@h/d?password=***&sslmode=require"),
        ("postgres:///d?host=/tmp/s&sslpassword=secret", "postgres:///d?host=%2Ftmp%2Fs&sslpassword=***"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
    ],
)
def test_the_shown_url_has_no_password(given: str, shown: str) -> None:
    assert display_url(make_url(given)) == shown


def test_every_connection_has_the_same_settings(server: PostgreSQLServer) -> None:
    url = server.engine.url.update_query_dict({"options": "-c TimeZone=Asia/Seoul -c statement_timeout=5000"})
    own = connect(DIALECT, url, OPTIONS)
    show = sql("SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY (:names)")
    with own.engine.connect() as connection:
        found = {
            row.name: row.value for row in connection.execute(show, {"names": [name for name, _ in SETTINGS]})
        }
        assert found == {name: value for name, value in SETTINGS if name in found}
        assert found["TimeZone"] == "UTC"
        name, encoding = connection.execute(
            sql("SELECT current_setting('application_name'), current_setting('client_encoding')")
        ).one()
        assert (name, encoding) == ("migrator", "UTF8")
    own.close()


def test_the_url_may_set_its_own_application_name(server: PostgreSQLServer) -> None:
    own = connect(DIALECT, server.engine.url.update_query_dict({"application_name": "night"}), OPTIONS)
    with own.engine.connect() as connection:
        assert connection.execute(sql("SHOW application_name")).scalar() == "night"
    own.close()


@pytest.mark.parametrize("name", ["postgresql", "postgres", "postgresql+psycopg"])
def test_each_spelling_of_the_scheme_connects(server: PostgreSQLServer, name: str) -> None:
    own = connect(DIALECT, server.engine.url.set(drivername=name), OPTIONS)
    assert own.version() == server.version()
    own.close()


def test_another_driver_is_refused_with_what_to_write() -> None:
    error = attempt("postgresql+psycopg2://u:secret@h/d")
    assert isinstance(error, ConfigurationError)
    assert "psycopg 3" in error.what and "postgresql://" in error.hint
    assert "secret" not in str(error)


def test_nothing_listening_is_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    error = attempt(f"postgresql://u:secret@127.0.0.1:{port}/d")
    assert isinstance(error, ConnectionFailure)
    assert error.what.startswith("No server answers there.")
    assert error.where == f"postgresql://u:***@127.0.0.1:{port}/d"


def test_a_missing_socket_is_no_server() -> None:
    assert attempt("postgresql:///d?host=/nowhere").what.startswith("No server answers there.")


def test_a_server_that_says_nothing_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        error = attempt(f"postgresql://u:secret@127.0.0.1:{listening.getsockname()[1]}/d?connect_timeout=2")
    assert isinstance(error, ConnectionFailure)
    assert error.what.startswith("The server did not answer in time.")


def test_an_unknown_database_is_named(server: PostgreSQLServer) -> None:
    error = attempt(server.engine.url.set(database="no such"))
    assert isinstance(error, ConnectionFailure)
    assert error.what.startswith("The database does not exist.") and '"no such"' in error.what


def test_an_unknown_part_of_the_url_is_a_configuration_error() -> None:
    error = attempt("postgresql://u:secret@127.0.0.1/d?sslmod=require")
    assert isinstance(error, ConfigurationError)
    assert '"sslmod"' in error.what and "libpq" in error.hint
    assert "secret" not in str(error)


PREFIX = 'connection failed: connection to server at "10.0.0.1", port 5432 failed: '


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (PREFIX + 'FATAL:  password authentication failed for user "u"', "The server does not accept the login."),
        (PREFIX + "fe_sendauth: no password supplied", "The server does not accept the login."),
        (
            PREFIX + 'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", no encryption',
            "The server takes only encrypted connections.",
        ),
        (
            PREFIX
            + 'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", SSL encryption\n'
            + PREFIX
            + 'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", no encryption',
            "The server does not allow this client, user and database.",
        ),
        (PREFIX + 'FATAL:  database "d" does not exist', "The database does not exist."),
        (PREFIX + 'FATAL:  role "u" does not exist', "The user does not exist."),
        (PREFIX + "server does not support SSL, but SSL was required", "The URL demands TLS"),
        (PREFIX + "SSL error: certificate verify failed", "The TLS connection cannot be made."),
        (PREFIX + 'root certificate file "/x/root.crt" does not exist', "The TLS connection cannot be made."),
        ("failed to resolve host 'h': [Errno -2] Name or service not known", "The host name is unknown."),
        (PREFIX + "Connection refused\n\tIs the server running on that host?", "No server answers there."),
        ("connection timeout expired", "The server did not answer in time."),
        (PREFIX + "FATAL:  sorry, too many clients already", "The server has no connection left."),
        (PREFIX + "FATAL:  the database system is starting up", "The server is starting or stopping."),
        (PREFIX + "치명적오류: 알 수 없음", "Cannot connect: "),
    ],
)
def test_each_way_to_fail_says_what_it_is(said: str, what: str) -> None:
    error = connect_failure(psycopg.OperationalError(said), make_url("postgresql://u:hush@h/d"))
    assert isinstance(error, ConnectionFailure)
    assert error.what.startswith(what)
    assert "\n" not in error.what and error.hint and error.where == "postgresql://u:***@h/d"


def test_a_password_in_the_drivers_words_is_masked() -> None:
    url = make_url("postgresql://u:hush@h/d?sslpassword=quiet")
    assert "hush" not in str(connect_failure(psycopg.OperationalError("bad hush and quiet"), url))
    assert "quiet" not in str(connect_failure(psycopg.OperationalError("bad hush and quiet"), url))


# Preflight


def test_an_empty_database_passes(server: PostgreSQLServer) -> None:
    server.check(plan(USERS, schema="public"))
    server.check(plan(USERS, schema="other"))


FULL = plan(
    table(
        "users",
        column("id", INT64),
        primary_key=KeyPlan("users_pk", ("id",)),
        uniques=(KeyPlan("users_uq", ("id",)),),
        indexes=(IndexPlan("users_ix", (IndexPartPlan("id"),)),),
    ),
    views=(ViewPlan("app", "v", "public", "people", "SELECT 1"),),
    quarantine=True,
)

TAKEN = [
    ("CREATE TABLE users ()", "table users"),
    ("CREATE VIEW people AS SELECT 1", "view people"),
    ("CREATE MATERIALIZED VIEW people AS SELECT 1", "materialized view people"),
    ("CREATE SEQUENCE users_pk", "sequence users_pk"),
    ("CREATE TABLE x (id int CONSTRAINT users_uq UNIQUE)", "index users_uq"),
    ("CREATE TABLE x (id int); CREATE INDEX users_ix ON x (id)", "index users_ix"),
    ("CREATE TYPE users AS ENUM ('a')", "type users"),
    ("CREATE DOMAIN people AS text", "type people"),
    ("CREATE TYPE users AS (a int)", "type users"),
    ("CREATE TABLE people (); CREATE TABLE users (); CREATE TABLE free ()", "table people, table users"),
]


@pytest.mark.parametrize(("before", "taken"), TAKEN)
def test_every_taken_name_is_listed(server: PostgreSQLServer, before: str, taken: str) -> None:
    with server.engine.begin() as connection:
        connection.execute(sql(before))
    with pytest.raises(TargetNotEmptyError) as caught:
        server.check(FULL)
    assert caught.value.what.endswith(f" would create: {taken}.")
    assert caught.value.where == f"{server.display_url}, schema public"
    assert "--schema" in caught.value.hint


@pytest.mark.parametrize(
    "before",
    [
        "CREATE SCHEMA other; CREATE TABLE other.users ()",
        "CREATE TABLE migrator_quarantine ()",
        'CREATE TABLE "Users" ()',
        "CREATE FUNCTION users() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE TYPE users_pk AS ENUM ('a')",
        "CREATE TABLE x (id int CONSTRAINT users_pk CHECK (id > 0))",
    ],
)
def test_names_that_do_not_collide_pass(server: PostgreSQLServer, before: str) -> None:
    with server.engine.begin() as connection:
        connection.execute(sql(before))
    server.check(FULL)
    apply(server.engine, FULL.steps)


@contextmanager
def login(server: PostgreSQLServer, *grants: str) -> Iterator[PostgreSQLServer]:
    """A server connected as a new user with these rights, `{}` standing for its name."""
    name = f"user_{uuid.uuid4().hex}"
    administer(server.engine.url, "CREATE ROLE {} LOGIN PASSWORD 'pw'", name)
    own = connect(DIALECT, server.engine.url.set(username=name, password="pw"), OPTIONS)
    try:
        for grant in grants:
            administer(server.engine.url, grant.replace("database", f'DATABASE "{own.engine.url.database}"'), name)
        yield own
    finally:
        own.close()
        administer(server.engine.url, "DROP OWNED BY {}", name)
        administer(server.engine.url, "DROP ROLE {}", name)


PUBLIC, CREATE = "GRANT USAGE, CREATE ON SCHEMA public TO {}", "GRANT CREATE ON database TO {}"


@pytest.mark.parametrize(
    ("schema", "grants", "said"),
    [
        ("public", (), "may not create tables in the schema 'public'"),
        ("public", (PUBLIC,), "The schema 'migrator' is missing, and the login"),
        ("other", (PUBLIC,), "The schema 'other' is missing, and the login"),
        ("public", (PUBLIC, CREATE), None),
        ("other", (CREATE,), None),
    ],
)
def test_a_missing_permission_is_named_with_the_grant(
    server: PostgreSQLServer, schema: str, grants: tuple[str, ...], said: str | None
) -> None:
    with login(server, *grants) as own:
        if said is None:
            own.check(plan(USERS, schema=schema))
            return
        with pytest.raises(EnvironmentFailure) as caught:
            own.check(plan(USERS, schema=schema))
        assert said in caught.value.what
        assert "GRANT" in caught.value.hint


def test_a_database_without_its_public_schema_is_named(server: PostgreSQLServer) -> None:
    with server.engine.begin() as connection:
        connection.execute(sql("DROP SCHEMA public"))
    with pytest.raises(EnvironmentFailure, match="The schema 'public' is missing"):
        server.check(plan(USERS))


def test_another_encoding_is_refused(server: PostgreSQLServer) -> None:
    name = f"ascii_{uuid.uuid4().hex}"
    provider = "LOCALE_PROVIDER libc" if server.version() >= "PostgreSQL 15" else ""
    create = f"CREATE DATABASE {{}} TEMPLATE template0 ENCODING 'SQL_ASCII' {provider} LC_COLLATE 'C' LC_CTYPE 'C'"
    administer(server.engine.url, create, name)
    own = connect(DIALECT, server.engine.url.set(database=name), OPTIONS)
    with pytest.raises(EnvironmentFailure, match="SQL_ASCII") as caught:
        own.check(plan(USERS))
    assert "ENCODING 'UTF8'" in caught.value.hint
    own.close()
    administer(server.engine.url, "DROP DATABASE {}", name)


def test_a_read_only_server_is_refused(server: PostgreSQLServer) -> None:
    own = connect(
        DIALECT,
        server.engine.url.update_query_dict({"options": "-c default_transaction_read_only=on"}),
        OPTIONS,
    )
    with pytest.raises(EnvironmentFailure, match="read-only"):
        own.check(plan(USERS))
    own.close()


# Rehearsal


def refused(server: PostgreSQLServer, steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [(refusal.step.object, refusal.message) for refusal in server.rehearse(steps).refusals]


def test_a_good_plan_is_not_refused_and_leaves_nothing(server: PostgreSQLServer) -> None:
    good = plan(
        table(WEIRD, column(WEIRD, TEXT, default="'%s :x'"), primary_key=KeyPlan("p%", (WEIRD,)), schema="new"),
        schema="new",
        quarantine=True,
    )
    assert server.rehearse(good.steps) == Rehearsal()
    server.check(good)
    with server.engine.connect() as connection:
        assert connection.execute(sql("SELECT to_regnamespace('new')")).scalar() is None


def tables_with(**rest: object) -> tuple[TablePlan, ...]:
    return (table("t", column("a", INT64), column("j", JSON_TEXT), **rest),)


BAD_TABLE = table("bad", column("id", INT64, default="now()"), primary_key=KeyPlan("bad_pk", ("id",)))
CHILD = table("child", column("id", INT64), foreign_keys=(ForeignKeyPlan("f", ("id",), "public", "bad", ("id",)),))

REFUSED = [
    (
        tables_with(checks=(CheckPlan("c", "no_such(1)"), CheckPlan("d", '"a" > 0'))),
        (),
        [("c", "function no_such(integer) does not exist")],
    ),
    (
        tables_with(indexes=(IndexPlan("i", (IndexPartPlan("j"),)), IndexPlan("k", (IndexPartPlan("a"),)))),
        (),
        [("i", 'data type json has no default operator class for access method "btree"')],
    ),
    (
        tables_with(),
        (
            ViewPlan("app", "v", "public", "v", "SELECT b FROM t"),
            ViewPlan("app", "w", "public", "w", "SELECT * FROM v"),
        ),
        [("public.v", 'column "b" does not exist')],
    ),
    (
        (BAD_TABLE, CHILD),
        (ViewPlan("app", "v", "public", "v", "SELECT id FROM bad"),),
        [
            (
                "public.bad",
                'column "id" is of type bigint but default expression is of type timestamp with time zone',
            )
        ],
    ),
    (
        (table("g", column("a", TEXT, generated="now()::text")),),
        (),
        [("public.g", "generation expression is not immutable")],
    ),
]


@pytest.mark.parametrize(("tables", "views", "expected"), REFUSED)
def test_what_the_server_refuses_is_named_without_what_follows_from_it(
    server: PostgreSQLServer,
    tables: tuple[TablePlan, ...],
    views: tuple[ViewPlan, ...],
    expected: list[tuple[str, str]],
) -> None:
    assert refused(server, plan(*tables, views=views).steps) == expected


def test_data_and_statistics_are_not_tried(server: PostgreSQLServer) -> None:
    steps = (
        Step(1, Phase.STATISTICS, "t", ("ANALYZE nowhere",), (), ""),
        Step(2, Phase.DATA, "t", ("x",), (), ""),
    )
    assert server.rehearse(steps) == Rehearsal()


def test_a_rehearsal_does_not_wait_for_locks_for_ever(
    server: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = replace(MANNERS, before="SET LOCAL lock_timeout = '100ms'")
    monkeypatch.setattr("migrator.targets.postgresql.server.MANNERS", impatient)
    began = time.monotonic()
    with server.engine.connect() as other:
        other.execute(sql("CREATE TABLE users ()"))
        with pytest.raises(EnvironmentFailure, match="holds a lock"):
            server.rehearse(plan(USERS).steps)
    assert time.monotonic() - began < 10


def test_a_missing_permission_in_rehearsal_is_no_refusal(server: PostgreSQLServer) -> None:
    with login(server) as own, pytest.raises(EnvironmentFailure, match="lacks a permission"):
        own.rehearse(plan(USERS).steps)


# Locks and errors


def test_a_lock_has_one_holder_until_its_connection_ends(server: PostgreSQLServer) -> None:
    with server.engine.connect() as one, server.engine.connect() as other:
        assert server.try_lock(one, "run")
        assert not server.try_lock(other, "run")
        assert server.try_lock(other, "another run")
        one.detach()
        one.close()
        # The server notices a little later that the client is gone.
        assert any(server.try_lock(other, "run") or time.sleep(0.05) for _ in range(100))
        other.detach()


def fail(server: PostgreSQLServer, statement: str) -> MigratorError:
    with (
        pytest.raises(MigratorError) as caught,
        server.errors("keys: users_pk"),
        server.engine.begin() as connection,
    ):
        connection.execute(sql(statement))
    assert caught.value.where == f"{server.display_url}, keys: users_pk"
    assert caught.value.hint
    return caught.value


SETUP = "CREATE TABLE t (a text); INSERT INTO t VALUES ('secret'), ('secret')"

FAILURES = [
    ("CREATE UNIQUE INDEX i ON t (a)", DataError, 'could not create unique index "i" (SQLSTATE 23505)'),
    ("ALTER TABLE t ADD CHECK (a <> 'secret')", DataError, "is violated by some row (SQLSTATE 23514)"),
    ("SELECT a::int FROM t", DataError, 'invalid input syntax for type integer: "•••" (SQLSTATE 22P02)'),
    (
        "SELECT ('secret' || a)::date FROM t",
        DataError,
        'invalid input syntax for type date: "•••" (SQLSTATE 22007)',
    ),
    (
        "SELECT '99999999999secret\"x'::int",
        DataError,
        'value "•••" is out of range for type integer (SQLSTATE 22003)',
    ),
    ("DROP TABLE pg_catalog.pg_class", EnvironmentFailure, "lacks a permission"),
    ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", EnvironmentFailure, "cancelled the statement"),
    ("SET TRANSACTION READ ONLY; DELETE FROM t", EnvironmentFailure, "read-only"),
    ("SELECT pg_terminate_backend(pg_backend_pid())", ConnectionFailure, "connection to the server was lost"),
]


@pytest.mark.parametrize(("statement", "kind", "said"), FAILURES)
def test_errors_keep_the_servers_words_and_no_value(
    server: PostgreSQLServer, statement: str, kind: type[MigratorError], said: str
) -> None:
    with server.engine.begin() as connection:
        connection.execute(sql(SETUP))
    error = fail(server, statement)
    assert type(error) is kind
    assert said in error.what
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("error", "kind", "what"),
    [
        (psycopg.errors.DiskFull(), EnvironmentFailure, "The server's disk is full."),
        (psycopg.errors.OutOfMemory(), EnvironmentFailure, "The server ran out of memory."),
        (psycopg.errors.TooManyConnections(), EnvironmentFailure, "The server has no connection left."),
        (psycopg.errors.InternalError_(), EnvironmentFailure, "The server met an internal error."),
        (psycopg.errors.CrashShutdown(), ConnectionFailure, "The connection to the server was lost."),
        (psycopg.OperationalError("secret"), ConnectionFailure, "The connection to the server was lost."),
        (psycopg.errors.ProgramLimitExceeded(), DataError, "The server refuses it (SQLSTATE 54000)."),
    ],
)
def test_each_state_has_its_error(error: psycopg.Error, kind: type[MigratorError], what: str) -> None:
    for given in (error, OperationalError("secret", {}, error)):
        found = explain(given, "t")
        assert type(found) is kind
        assert found.what.startswith(what)
        assert "secret" not in str(found)


def test_own_errors_pass_unchanged(server: PostgreSQLServer) -> None:
    own = DataError("x")
    with pytest.raises(DataError) as caught, server.errors("anything"):
        raise own
    assert caught.value is own


@pytest.mark.parametrize(
    "ask",
    [
        lambda server: server.count(USERS),
        lambda server: server.figures(USERS, distinct=True),
    ],
    ids=["count", "figures"],
)
def test_a_table_that_is_gone_is_a_data_error(
    server: PostgreSQLServer, ask: Callable[[PostgreSQLServer], object]
) -> None:
    with pytest.raises(DataError, match=r'relation "public\.users" does not exist'):
        ask(server)
