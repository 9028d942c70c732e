"""Every statement of a plan as text, and its undo; then a whole plan done and undone on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text as sql

from migrator.model.plan import (
    CheckPlan,
    ColumnPlan,
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
from migrator.model.types import INT16, INT32, INT64, TEXT, UUID, LogicalType, text
from migrator.targets.common.steps import SCHEMA_MARK
from migrator.targets.postgresql import DIALECT
from migrator.targets.postgresql.server import PostgreSQLServer
from tests.targets.postgresql.plans import WEIRD, apply, batch, column, plan, table, undo

ID, NAME = column("id", INT64, nullable=False), column("name", TEXT)


def only(plan: Plan, phase: Phase) -> Step:
    (step,) = (step for step in plan.steps if step.phase is phase)
    return step


def flat(statements: tuple[str, ...]) -> list[str]:
    """Each statement on one line."""
    return [" ".join(statement.replace("( ", "(").split()) for statement in statements]


COLUMNS: list[tuple[ColumnPlan, str]] = [
    (ID, '"id" BIGINT NOT NULL'),
    (column("n", text(3)), '"n" VARCHAR(3)'),
    (column("d", TEXT, default="'it''s :x %s\t'"), "\"d\" TEXT DEFAULT 'it''s :x %s\t'"),
    (column("d", INT64, default="(1 % 2)"), '"d" BIGINT DEFAULT (1 % 2)'),
    (column("g", INT64, generated='"id" % 2'), '"g" BIGINT GENERATED ALWAYS AS ("id" % 2) STORED'),
    (column("i", INT32, next_identity=5), '"i" INTEGER NOT NULL'),
    (column('a."b"%', UUID), '"a.""b""%" UUID'),
    (column("a\tb", TEXT), '"a\tb" TEXT'),
]


@pytest.mark.parametrize(("given", "expected"), COLUMNS)
def test_columns(given: ColumnPlan, expected: str) -> None:
    step = only(plan(table("t", given)), Phase.TABLES)
    assert step.do == (f'CREATE TABLE "public"."t" (\n\t{expected}\n)',)
    assert step.undo == ('DROP TABLE IF EXISTS "public"."t"',)
    assert (step.object, step.table) == ("public.t", "public.t")


def test_comments_follow_the_table() -> None:
    given = table("t", column("c", TEXT, comment="it's; 100% :x\t"), comment="a table")
    assert only(plan(given), Phase.TABLES).do[1:] == (
        'COMMENT ON TABLE "public"."t" IS \'a table\'',
        'COMMENT ON COLUMN "public"."t"."c" IS \'it\'\'s; 100% :x\t\'',
    )


PRIMARY = KeyPlan("t pk", ("id", "name"))
FOREIGN = ForeignKeyPlan("t_fk", ("id",), "public", "t", ("id",))

PARTS: list[tuple[str, TablePlan, Phase, str, str]] = [
    (
        "primary key",
        table("t", ID, NAME, primary_key=PRIMARY),
        Phase.KEYS,
        'ALTER TABLE "public"."t" ADD CONSTRAINT "t pk" PRIMARY KEY ("id", "name")',
        'ALTER TABLE IF EXISTS "public"."t" DROP CONSTRAINT IF EXISTS "t pk"',
    ),
    (
        "unique",
        table("t", ID, NAME, uniques=(KeyPlan("u%", ("name",)),)),
        Phase.KEYS,
        'ALTER TABLE "public"."t" ADD CONSTRAINT "u%" UNIQUE ("name")',
        'ALTER TABLE IF EXISTS "public"."t" DROP CONSTRAINT IF EXISTS "u%"',
    ),
    (
        "check",
        table("t", ID, checks=(CheckPlan("c", "\"id\" % 2 = 0 AND ':x' <> '%s'"),)),
        Phase.KEYS,
        'ALTER TABLE "public"."t" ADD CONSTRAINT "c" CHECK ("id" % 2 = 0 AND \':x\' <> \'%s\')',
        'ALTER TABLE IF EXISTS "public"."t" DROP CONSTRAINT IF EXISTS "c"',
    ),
    (
        "check that rows break",
        table("t", ID, checks=(CheckPlan("c", '"id" > 0', validated=False),)),
        Phase.KEYS,
        'ALTER TABLE "public"."t" ADD CONSTRAINT "c" CHECK ("id" > 0) NOT VALID',
        'ALTER TABLE IF EXISTS "public"."t" DROP CONSTRAINT IF EXISTS "c"',
    ),
    (
        "index",
        table(
            "t", ID, NAME, indexes=(IndexPlan("i", (IndexPartPlan("name"), IndexPartPlan("id", descending=True))),)
        ),
        Phase.INDEXES,
        'CREATE INDEX "i" ON "public"."t" ("name", "id" DESC)',
        'DROP INDEX IF EXISTS "public"."i"',
    ),
    (
        "unique partial index over expressions",
        table(
            "t",
            ID,
            NAME,
            indexes=(
                IndexPlan(
                    "i%",
                    (
                        IndexPartPlan(expression=DIALECT.fold_case("name")),
                        IndexPartPlan(expression='"id" % 2', descending=True),
                    ),
                    unique=True,
                    where="\"name\" <> ':x'",
                ),
            ),
        ),
        Phase.INDEXES,
        'CREATE UNIQUE INDEX "i%" ON "public"."t" ((lower("name" COLLATE "C")), ("id" % 2) DESC) '
        "WHERE \"name\" <> ':x'",
        'DROP INDEX IF EXISTS "public"."i%"',
    ),
    (
        "foreign key",
        table("t", ID, foreign_keys=(FOREIGN,)),
        Phase.FOREIGN_KEYS,
        'ALTER TABLE "public"."t" ADD CONSTRAINT "t_fk" FOREIGN KEY("id") REFERENCES "public"."t" ("id")',
        'ALTER TABLE IF EXISTS "public"."t" DROP CONSTRAINT IF EXISTS "t_fk"',
    ),
    (
        "foreign key with actions",
        table(
            "t", ID, foreign_keys=(replace(FOREIGN, on_delete="SET NULL", on_update="CASCADE", deferrable=True),)
        ),
        Phase.FOREIGN_KEYS,
        'ALTER TABLE "public"."t" ADD CONSTRAINT "t_fk" FOREIGN KEY("id") REFERENCES "public"."t" ("id") '
        "ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE",
        'ALTER TABLE IF EXISTS "public"."t" DROP CONSTRAINT IF EXISTS "t_fk"',
    ),
    (
        "foreign key that rows break",
        table(
            "t", ID, foreign_keys=(replace(FOREIGN, deferrable=True, initially_deferred=True, validated=False),)
        ),
        Phase.FOREIGN_KEYS,
        'ALTER TABLE "public"."t" ADD CONSTRAINT "t_fk" FOREIGN KEY("id") REFERENCES "public"."t" ("id") '
        "DEFERRABLE INITIALLY DEFERRED NOT VALID",
        'ALTER TABLE IF EXISTS "public"."t" DROP CONSTRAINT IF EXISTS "t_fk"',
    ),
    (
        "identity",
        table("t", column("id", INT64, next_identity=43)),
        Phase.IDENTITY,
        'ALTER TABLE "public"."t" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 43)',
        'ALTER TABLE IF EXISTS "public"."t" ALTER COLUMN "id" DROP IDENTITY IF EXISTS',
    ),
    (
        "identity below 1",
        table("t", column("id", INT64, next_identity=-4)),
        Phase.IDENTITY,
        'ALTER TABLE "public"."t" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY '
        "(START WITH -4 MINVALUE -4)",
        'ALTER TABLE IF EXISTS "public"."t" ALTER COLUMN "id" DROP IDENTITY IF EXISTS',
    ),
]


@pytest.mark.parametrize(("given", "phase", "do", "back"), [case[1:] for case in PARTS], ids=[p[0] for p in PARTS])
def test_each_part_is_one_statement_with_its_undo(given: TablePlan, phase: Phase, do: str, back: str) -> None:
    step = only(plan(given), phase)
    assert flat(step.do) == [do]
    assert flat(step.undo) == [back]
    assert step.table == "public.t"


def test_views_and_statistics() -> None:
    made = plan(table("t", ID), views=(ViewPlan("app", "v", "public", "v%", "SELECT '%s :x\t' AS \"a\""),))
    view, statistics = only(made, Phase.VIEWS), only(made, Phase.STATISTICS)
    assert view.do == ('CREATE VIEW "public"."v%" AS SELECT \'%s :x\t\' AS "a"',)
    assert (view.undo, view.object, view.table) == (('DROP VIEW IF EXISTS "public"."v%"',), "public.v%", None)
    assert (statistics.do, statistics.undo) == (('ANALYZE "public"."t"',), ())


def everything(schema: str = "public") -> Plan:
    """A plan with every kind of step, over names that need quoting, and a cycle of foreign keys."""
    parent = table(
        WEIRD,
        column("id", INT32, nullable=False, next_identity=7),
        column("n.m", TEXT, default="'%'", comment="한"),
        column("twice", INT32, generated='"id" * 2'),
        column("child", INT64),
        schema=schema,
        primary_key=KeyPlan("pk", ("id",)),
        uniques=(KeyPlan("uq.1", ("n.m", "child")),),
        checks=(CheckPlan("ck", '"id" > 0'),),
        indexes=(IndexPlan("ix.1", (IndexPartPlan("twice"),), where='"id" > 1'),),
        foreign_keys=(ForeignKeyPlan("fk%", ("child",), schema, "child", ("id",), deferrable=True),),
        comment="it's 100%",
    )
    child = table(
        "child",
        column("id", INT64, nullable=False, next_identity=2**63),
        column("of", INT32),
        schema=schema,
        primary_key=KeyPlan("pk2", ("id",)),
        foreign_keys=(ForeignKeyPlan("fk2", ("of",), schema, WEIRD, ("id",), on_delete="CASCADE"),),
    )
    view = ViewPlan("app", "v", schema, "v", f'SELECT "n.m" FROM {DIALECT.quote(schema)}.{DIALECT.quote(WEIRD)}')
    return plan(parent, child, views=(view,), schema=schema, quarantine=True)


def test_steps_are_numbered_in_the_order_of_the_phases() -> None:
    steps = everything("other").steps
    assert [step.id for step in steps] == list(range(1, len(steps) + 1))
    order = [list(Phase).index(step.phase) for step in steps]
    assert order == sorted(order)
    assert {step.phase for step in steps} == set(Phase) - {Phase.REVISIONS, Phase.RELEASE}


def test_statements_have_no_terminator() -> None:
    statements = [statement for step in everything("other").steps for statement in (*step.do, *step.undo)]
    assert not [statement for statement in statements if statement.rstrip().endswith(";")]


def test_only_data_and_statistics_have_no_undo() -> None:
    without = {step.phase for step in everything("other").steps if not step.undo}
    assert without == {Phase.DATA, Phase.STATISTICS}


OBJECTS = sql("""
    SELECT 'relation' AS kind, relnamespace::regnamespace || '.' || relname AS name, relkind::text AS detail
    FROM pg_class WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
    UNION ALL SELECT 'constraint', conname, contype::text FROM pg_constraint
    WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)'
    UNION ALL SELECT 'schema', nspname, obj_description(oid) FROM pg_namespace
    UNION ALL SELECT 'type', typnamespace::regnamespace || '.' || typname, '' FROM pg_type
    WHERE typnamespace::regnamespace::text !~ '^(pg_|information_schema)'
    ORDER BY 1, 2, 3
""")


def objects(server: PostgreSQLServer) -> Sequence[object]:
    with server.engine.connect() as connection:
        return connection.execute(OBJECTS).all()


@pytest.mark.parametrize("schema", ["public", "other.schema %"])
def test_a_plan_done_and_undone_leaves_the_target_as_it_was(server: PostgreSQLServer, schema: str) -> None:
    before = objects(server)
    made = everything(schema)
    apply(server.engine, made.steps)
    assert all(server.check_schema(each) == () for each in made.tables)
    assert objects(server) != before
    undo(server.engine, made.steps)
    assert objects(server) == before


def test_undo_passes_over_what_somebody_dropped(server: PostgreSQLServer) -> None:
    made = everything("other")
    before = objects(server)
    apply(server.engine, made.steps)
    with server.engine.begin() as connection:
        connection.execute(sql("DROP TABLE other.child CASCADE"))
        connection.execute(sql('DROP VIEW other."v"'))
    undo(server.engine, made.steps)
    assert objects(server) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", None),
        ("CREATE SCHEMA other", "other"),
        ("CREATE SCHEMA other; COMMENT ON SCHEMA other IS 'mine'", "other"),
    ],
    ids=["missing", "there", "there with a comment"],
)
def test_undo_drops_the_schema_only_if_the_run_made_it(
    server: PostgreSQLServer, before: str, after: str | None
) -> None:
    with server.engine.begin() as connection:
        connection.execute(sql(before or "SELECT 1"))
    step = only(plan(schema="other"), Phase.SCHEMA)
    comment = sql("SELECT to_regnamespace('other')::text, obj_description(to_regnamespace('other'))")
    apply(server.engine, (step,))
    with server.engine.connect() as connection:
        assert (connection.execute(comment).one()[1] == SCHEMA_MARK) == (after is None)
    undo(server.engine, (step,))
    with server.engine.connect() as connection:
        assert connection.execute(comment).one() == (after, "mine" if "mine" in before else None)


def test_undo_keeps_a_schema_that_others_use(server: PostgreSQLServer) -> None:
    step = only(plan(schema="other"), Phase.SCHEMA)
    apply(server.engine, (step,))
    with server.engine.begin() as connection:
        connection.execute(sql("CREATE TABLE other.theirs ()"))
    undo(server.engine, (step,))
    with server.engine.connect() as connection:
        assert connection.execute(sql("SELECT count(*) FROM other.theirs")).scalar() == 0


def test_a_quarantine_with_rows_of_another_run_stays(server: PostgreSQLServer) -> None:
    (step,) = plan(quarantine=True).steps
    insert = sql("""
        INSERT INTO migrator_quarantine (run_id, source_database, source_table, source_key, reason, "row")
        VALUES ('1', 'app', 't', '[1]', 'orphan', '{}')
    """)
    apply(server.engine, (step,))
    with server.engine.begin() as connection:
        connection.execute(insert)
    apply(server.engine, (step,))
    undo(server.engine, (step,))
    with server.engine.begin() as connection:
        row = connection.execute(sql("SELECT id, created IS NOT NULL FROM migrator_quarantine")).one()
        assert row == (1, True)
        connection.execute(sql("DELETE FROM migrator_quarantine"))
    undo(server.engine, (step,))
    assert not [each for each in objects(server) if "quarantine" in str(each)]


IDENTITIES = [
    (INT64, 1, [1, 2]),
    (INT32, 43, [43, 44]),
    (INT64, -4, [-4, -3]),
    (INT64, 0, [0, 1]),
    (INT64, 2**63 - 1, [2**63 - 1, None]),
    (INT64, 2**63, [None]),
    (INT32, 2**31, [None]),
    (INT16, 2**15, [None]),
]


@pytest.mark.parametrize(("type", "planned", "numbers"), IDENTITIES)
def test_identity_goes_on_where_the_source_stopped(
    server: PostgreSQLServer, type: LogicalType, planned: int, numbers: list[int | None]
) -> None:
    target = table("t", column("it's", type, next_identity=planned), column("x", INT64))
    apply(server.engine, plan(target).steps)
    assert server.check_schema(target) == ()
    for expected in numbers:
        with server.engine.connect() as connection:
            insert = sql('INSERT INTO t (x) VALUES (1) RETURNING "it\'s"')
            if expected is None:
                with pytest.raises(Exception, match="reached maximum value of sequence"):
                    connection.execute(insert)
            else:
                assert connection.execute(insert).scalar() == expected
                connection.commit()


def test_numbers_may_be_given_by_the_loader(server: PostgreSQLServer) -> None:
    target = table("t", column("id", INT64, next_identity=10))
    made = plan(target)
    apply(server.engine, tuple(step for step in made.steps if step.phase is Phase.TABLES))
    with server.engine.begin() as connection:
        server.load(connection, target, batch(target, id=[3, 9]))
    apply(server.engine, tuple(step for step in made.steps if step.phase is not Phase.TABLES))
    assert server.check_schema(target) == ()
