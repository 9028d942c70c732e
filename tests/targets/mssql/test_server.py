"""Preflight, rehearsal, locks, databases and the catalogue, against a server over both drivers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy.engine import URL
from sqlalchemy.exc import ResourceClosedError

from migrator.errors import ConnectionFailure, DataError, EnvironmentFailure, TargetNotEmptyError
from migrator.model.plan import (
    PLAN_VERSION,
    CheckPlan,
    Estimate,
    ForeignKeyPlan,
    IndexPartPlan,
    IndexPlan,
    KeyPlan,
    Phase,
    Plan,
    Step,
    TablePlan,
    ViewPlan,
)
from migrator.model.types import INT32, INT64, LogicalType, decimal, text
from migrator.targets import ConnectOptions, Rehearsal
from migrator.targets.common.verbatim import execute
from migrator.targets.mssql import DIALECT
from migrator.targets.mssql.names import quote
from migrator.targets.mssql.server import SQLServerServer, connect
from tests.targets.mssql.conftest import administer
from tests.targets.mssql.plans import WEIRD, column, table
from tests.targets.mssql.test_types import SPELLINGS

OPTIONS = ConnectOptions(timeout=10)
Can = Callable[..., None]


@pytest.fixture
def server(mssql_url: URL) -> Iterator[SQLServerServer]:
    """A connected server; whatever a test leaves in its database goes afterwards."""
    connected = connect(mssql_url, OPTIONS)
    before = set(objects(connected))
    yield connected
    clear(connected, before)
    connected.close()


OBJECTS = """
    SELECT SCHEMA_NAME(schema_id), name, RTRIM(type) FROM sys.objects
    WHERE is_ms_shipped = 0 AND SCHEMA_NAME(schema_id) NOT IN ('sys', 'INFORMATION_SCHEMA')
"""


def objects(server: SQLServerServer) -> list[tuple[str, str, str]]:
    with server.engine.connect() as connection:
        return sorted((str(a), str(b), str(c)) for a, b, c in execute(connection, OBJECTS))


KEYS = "SELECT SCHEMA_NAME(schema_id), OBJECT_NAME(parent_object_id), name FROM sys.foreign_keys"


def clear(server: SQLServerServer, before: set[tuple[str, str, str]]) -> None:
    with server.engine.connect() as connection:
        keys = execute(connection, KEYS).all()
    for schema, owner, name in keys:
        run(server, f"ALTER TABLE {quote(schema)}.{quote(owner)} DROP CONSTRAINT {quote(name)}")
    for kind, word in (("V", "VIEW"), ("U", "TABLE")):
        for schema, name, found in objects(server):
            if found == kind and (schema, name, found) not in before:
                run(server, f"DROP {word} {quote(schema)}.{quote(name)}")


def run(server: SQLServerServer, *statements: str) -> None:
    with server.engine.begin() as connection:
        for statement in statements:
            execute(connection, statement)


def plan(
    *tables: TablePlan, views: tuple[ViewPlan, ...] = (), schema: str = "dbo", quarantine: bool = False
) -> Plan:
    steps = DIALECT.steps(schema, tables, views, quarantine=quarantine)
    estimate = Estimate(0, 0, 0.0)
    return Plan(PLAN_VERSION, "", "", (), "", "mssql", schema, tables, views, steps, (), (), estimate)


def apply(server: SQLServerServer, steps: tuple[Step, ...]) -> None:
    for step in steps:
        run(server, *step.do)


def undo(server: SQLServerServer, steps: tuple[Step, ...]) -> None:
    for step in reversed(steps):
        run(server, *step.undo)


USERS = table(
    "users",
    column("id", INT64, nullable=False),
    column("name", text(20)),
    primary_key=KeyPlan("users_pk", ("id",)),
)


# Preflight


def test_the_version_and_the_collation_are_the_servers(server: SQLServerServer) -> None:
    assert server.version().startswith(("SQL Server 20", "Azure", "SQL database"))
    with server.engine.connect() as connection:
        named = execute(
            connection, "SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128))"
        ).scalar()
    assert server.dialect.comparison(None) == server.dialect.comparison(str(named))


def test_an_empty_database_passes(server: SQLServerServer) -> None:
    server.check(plan(USERS))
    server.check(plan(replace(USERS, schema="other"), schema="other"))


FULL = plan(
    replace(USERS, uniques=(KeyPlan("users_uq", ("name",)),), checks=(CheckPlan("users_ck", "[id] > 0"),)),
    views=(ViewPlan("app", "v", "dbo", "people", "SELECT 1 AS a"),),
    quarantine=True,
)


@pytest.mark.parametrize(
    ("before", "taken"),
    [
        ("CREATE TABLE users (a int)", "table users"),
        ("CREATE TABLE people (a int)", "table people"),
        ("CREATE VIEW people AS SELECT 1 AS a", "view people"),
        ("CREATE TABLE x (a int CONSTRAINT users_ck CHECK (a > 0))", "check users_ck"),
        ("CREATE TABLE x (a int NOT NULL CONSTRAINT users_uq UNIQUE)", "unique constraint users_uq"),
        ("CREATE TABLE x (a int NOT NULL CONSTRAINT users_pk PRIMARY KEY)", "primary key users_pk"),
    ],
)
def test_every_taken_name_is_listed(server: SQLServerServer, before: str, taken: str) -> None:
    run(server, before)
    made = {name for _, name, _ in objects(server)}
    if taken.rpartition(" ")[2] not in made:
        pytest.skip(f"this server renames {taken}")
    with pytest.raises(TargetNotEmptyError) as caught:
        server.check(FULL)
    assert caught.value.what.endswith(f" would create: {taken}.")
    assert caught.value.where == f"{server.display_url}, schema dbo"


@pytest.mark.parametrize("before", ["CREATE TABLE migrator_quarantine (a int)", "CREATE TABLE free (a int)"])
def test_names_that_do_not_collide_pass(server: SQLServerServer, before: str) -> None:
    run(server, before)
    server.check(FULL)


def test_a_missing_schema_that_no_step_makes_is_named(server: SQLServerServer) -> None:
    made = plan(replace(USERS, schema="nowhere"), schema="nowhere")
    without = replace(made, steps=tuple(step for step in made.steps if step.phase is not Phase.SCHEMA))
    with pytest.raises(EnvironmentFailure) as caught:
        server.check(without)
    assert caught.value.what == "The schema 'nowhere' is missing."
    assert "CREATE SCHEMA [nowhere]" in caught.value.hint


def test_given_tables_must_be_empty(server: SQLServerServer) -> None:
    given = plan(replace(USERS, given=True))
    run(server, "CREATE TABLE users (id bigint NOT NULL, name nvarchar(20))")
    server.check(given)
    run(server, "INSERT INTO users VALUES (1, N'a')")
    with pytest.raises(TargetNotEmptyError) as caught:
        server.check(given)
    assert caught.value.what == "The target already has rows in dbo.users, which the models own."


@pytest.mark.parametrize(("version", "edition", "passes"), [("12.0.6024.0", 3, False), ("12.0.2000.8", 5, True)])
def test_servers_before_2016_are_refused_but_not_services(
    server: SQLServerServer, version: str, edition: int, passes: bool
) -> None:
    server._facts = replace(server._facts, version=version, edition=edition)
    if passes:
        server.check(plan(USERS))
        return
    with pytest.raises(EnvironmentFailure, match=r"The server is SQL Server 12\.0\.6024\.0; this tool needs 13"):
        server.check(plan(USERS))


# Locks, databases


def test_a_lock_has_one_holder(server: SQLServerServer) -> None:
    with server.engine.connect() as one, server.engine.connect() as other:
        assert server.try_lock(one, "run")
        try:
            assert not server.try_lock(other, "run")
        except ResourceClosedError:
            pytest.skip("this server has no answer when a lock is not granted")
        assert server.try_lock(other, "another run")
        one.detach()
        other.detach()


def test_a_database_is_made_where_it_is_missing_and_goes_when_nothing_is_in_it(mssql_url: URL) -> None:
    name = f"made_{uuid.uuid4().hex}"
    url = mssql_url.set(database=name)
    with pytest.raises(ConnectionFailure):
        connect(url, OPTIONS)
    made = connect(url, replace(OPTIONS, create=True))
    try:
        run(made, "CREATE TABLE t (a int)")
        assert not made.discard()
        run(made, "DROP TABLE t")
        again = connect(url, OPTIONS)
        assert again.discard()
    finally:
        made.close()
        administer(mssql_url, f"DROP DATABASE IF EXISTS {quote(name)}")


def test_a_database_that_was_there_is_never_dropped(server: SQLServerServer) -> None:
    assert not server.discard()
    assert server.count(table("objects", schema="sys")) > 0


# The catalogue


PARENT = table("parent", column("id", INT64, nullable=False), primary_key=KeyPlan("parent_pk", ("id",)))
WHOLE = table(
    "t",
    column("id", INT32, nullable=False, next_identity=7),
    column("name", text(20), default="N'x'"),
    column("price", decimal(10, 2)),
    column("of", INT64),
    primary_key=KeyPlan("t_pk", ("id",)),
    uniques=(KeyPlan("t_uq", ("name",)),),
    checks=(CheckPlan("t_ck", "[price] >= 0"),),
    indexes=(IndexPlan("t_ix", (IndexPartPlan("price"), IndexPartPlan("of", descending=True))),),
    foreign_keys=(ForeignKeyPlan("t_fk", ("of",), "dbo", "parent", ("id",)),),
)


def test_what_was_made_as_planned_has_no_difference(server: SQLServerServer) -> None:
    apply(server, plan(PARENT, WHOLE).steps)
    assert server.check_schema(PARENT) == ()
    assert server.check_schema(WHOLE) == ()


def test_every_type_is_found_as_it_was_made(server: SQLServerServer) -> None:
    types = [LogicalType.parse(name) for name, *_ in SPELLINGS]
    every = table("every", *(column(str(type), type) for type in types))
    apply(server, plan(every).steps)
    assert server.check_schema(every) == ()


def test_a_missing_table_is_a_difference(server: SQLServerServer) -> None:
    (found,) = server.check_schema(USERS)
    assert found.message == "The table dbo.users is missing."


PLANTED = [
    ("ALTER TABLE t DROP CONSTRAINT t_ck", "Check t_ck is missing, planned is there."),
    ("ALTER TABLE t DROP CONSTRAINT t_uq", "Unique constraint t_uq is missing, planned is there."),
    ("ALTER TABLE t DROP CONSTRAINT t_pk", "Primary key t_pk is missing, planned is there."),
    ("ALTER TABLE t DROP CONSTRAINT t_fk", "Foreign key t_fk is missing, planned is there."),
    ("DROP INDEX t_ix ON t", "Index t_ix is missing, planned is there."),
    (
        "ALTER TABLE t ALTER COLUMN [of] int",
        "The type of of is int, planned is bigint.",
    ),
    ("ALTER TABLE t ALTER COLUMN name nvarchar(30)", "The type of name is nvarchar(30), planned is nvarchar(20)."),
]


@pytest.mark.parametrize(("statement", "message"), PLANTED)
def test_each_planted_difference_is_found(server: SQLServerServer, statement: str, message: str) -> None:
    plain = replace(WHOLE, indexes=() if "ALTER COLUMN" in statement else WHOLE.indexes)
    if "ALTER COLUMN" in statement:
        plain = replace(plain, foreign_keys=(), uniques=())
    apply(server, plan(PARENT, plain).steps)
    run(server, statement)
    assert [each.message for each in server.check_schema(plain)] == [message]


OTHERWISE = [
    (replace(WHOLE, columns=(*WHOLE.columns, column("more", INT64))), "Column more is missing, planned is there."),
    (replace(WHOLE, primary_key=KeyPlan("t_pk", ("name",))), "Primary key t_pk: columns is id, planned is name."),
    (
        replace(WHOLE, indexes=(IndexPlan("t_ix", (IndexPartPlan("price"), IndexPartPlan("of"))),)),
        "Index t_ix: descending is no, yes, planned is no, no.",
    ),
    (
        replace(WHOLE, indexes=(replace(WHOLE.indexes[0], unique=True),)),
        "Index t_ix: unique is no, planned is yes.",
    ),
    (
        replace(WHOLE, columns=(WHOLE.columns[0], replace(WHOLE.columns[1], nullable=False), *WHOLE.columns[2:])),
        "NOT NULL of name is no, planned is yes.",
    ),
    (
        replace(WHOLE, foreign_keys=(replace(WHOLE.foreign_keys[0], on_delete="CASCADE"),)),
        "Foreign key t_fk: on delete is NO ACTION, planned is CASCADE.",
    ),
    (
        replace(WHOLE, columns=(replace(WHOLE.columns[0], next_identity=100), *WHOLE.columns[1:])),
        "planned is at least 100.",
    ),
]


@pytest.mark.parametrize(("planned", "message"), OTHERWISE, ids=[message[:30] for _, message in OTHERWISE])
def test_what_is_planned_otherwise_is_found(server: SQLServerServer, planned: TablePlan, message: str) -> None:
    apply(server, plan(PARENT, WHOLE).steps)
    found = [each.message for each in server.check_schema(planned)]
    # A key also makes its columns NOT NULL.
    assert [each for each in found if each.endswith(message)] and len(found) <= 2


# Rehearsal, and a whole plan


def everything(schema: str) -> Plan:
    parent = table(
        WEIRD,
        column("id", INT32, nullable=False, next_identity=7),
        column("n.m", text(20), default="N'%'"),
        column("child", INT64),
        schema=schema,
        primary_key=KeyPlan("pk", ("id",)),
        uniques=(KeyPlan("uq.1", ("n.m", "child")),),
        checks=(CheckPlan("ck", "[id] > 0"),),
        indexes=(IndexPlan("ix.1", (IndexPartPlan("child"),), where="[child] > 1"),),
        foreign_keys=(ForeignKeyPlan("fk%", ("child",), schema, "child", ("id",)),),
    )
    child = table(
        "child",
        column("id", INT64, nullable=False),
        column("of", INT32),
        schema=schema,
        primary_key=KeyPlan("pk2", ("id",)),
        foreign_keys=(ForeignKeyPlan("fk2", ("of",), schema, WEIRD, ("id",)),),
    )
    view = ViewPlan("app", "v", schema, "v", f"SELECT [id] FROM {quote(schema)}.{quote(WEIRD)}")
    return plan(parent, child, views=(view,), schema=schema, quarantine=True)


def test_a_good_plan_is_not_refused_and_leaves_nothing(server: SQLServerServer) -> None:
    before = objects(server)
    assert server.rehearse(everything("dbo").steps) == Rehearsal()
    assert objects(server) == before


def test_what_the_server_refuses_is_named_and_the_rest_is_tried(server: SQLServerServer) -> None:
    before = objects(server)
    bad = replace(
        USERS,
        checks=(CheckPlan("bad", "no_such_function([id]) > 0"), CheckPlan("good", "[id] > 0")),
        indexes=(IndexPlan("worse", (IndexPartPlan(expression="[no_such_column]"),)),),
    )
    found = server.rehearse(plan(bad, views=(ViewPlan("a", "v", "dbo", "v", "SELECT x FROM users"),)).steps)
    assert [refusal.step.object for refusal in found.refusals] == ["bad", "worse", "dbo.v"]
    assert all(refusal.message for refusal in found.refusals)
    assert objects(server) == before


@pytest.mark.parametrize("schema", ["dbo", "other"])
def test_a_plan_done_and_undone_leaves_the_target_as_it_was(server: SQLServerServer, schema: str) -> None:
    before = objects(server)
    made = everything(schema)
    apply(server, made.steps)
    assert [server.check_schema(each) for each in made.tables] == [(), ()]
    assert objects(server) != before
    undo(server, made.steps)
    undo(server, made.steps)
    assert objects(server) == before
    with server.engine.connect() as connection:
        there = execute(connection, "SELECT COUNT(*) FROM sys.schemas WHERE name = 'other'").scalar()
    assert there == 0


def test_a_table_that_is_gone_is_a_data_error(server: SQLServerServer) -> None:
    with pytest.raises(DataError, match="users"):
        server.count(USERS)
