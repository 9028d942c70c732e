"""What the catalogue says against the plan: nothing after a run, and each later change by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text as sql

from migrator.model.plan import CheckPlan, ForeignKeyPlan, IndexPartPlan, IndexPlan, KeyPlan
from migrator.model.types import INT32, INT64, TEXT, decimal, text
from migrator.targets.postgresql.server import PostgreSQLServer
from tests.targets.postgresql.plans import apply, batch, column, plan, table

PARENT = table("parent", column("id", INT64), column("code", TEXT), primary_key=KeyPlan("parent_pk", ("id",)))
CHILD = table(
    "child",
    column("id", INT64, nullable=False, next_identity=10),
    column("a", text(5), default="'x'"),
    column("b", decimal(10, 2), nullable=False),
    column("double", INT64, generated='"id" * 2'),
    column("of", INT64),
    column("c", INT32),
    primary_key=KeyPlan("pk", ("id",)),
    uniques=(KeyPlan("uq", ("a", "b")),),
    checks=(CheckPlan("ck", '"c" > 0'), CheckPlan("loose", '"c" < 0', validated=False)),
    indexes=(
        IndexPlan("ix", (IndexPartPlan("a"), IndexPartPlan("c", descending=True)), where='"c" > 5'),
        IndexPlan("low", (IndexPartPlan(expression='lower("a")'), IndexPartPlan("of")), unique=True),
    ),
    foreign_keys=(
        ForeignKeyPlan("fk", ("of",), "public", "parent", ("id",), on_delete="CASCADE", deferrable=True),
        ForeignKeyPlan("lax", ("of",), "public", "parent", ("id",), on_update="SET NULL", validated=False),
    ),
)

CHANGES = [
    ("ALTER TABLE child ALTER a TYPE text", "The type of a is text, planned is character varying(5)."),
    ("ALTER TABLE child ALTER b TYPE numeric(12,2)", "The type of b is numeric(12,2), planned is numeric(10,2)."),
    ("ALTER TABLE child ALTER b DROP NOT NULL", "NOT NULL of b is no, planned is yes."),
    ("ALTER TABLE child ALTER c SET NOT NULL", "NOT NULL of c is yes, planned is no."),
    ("ALTER TABLE child ALTER a DROP DEFAULT", "A default of a is no, planned is yes."),
    ("ALTER TABLE child ALTER c SET DEFAULT 1", "A default of c is yes, planned is no."),
    ("ALTER TABLE child ALTER double DROP EXPRESSION", "A generating expression of double is no, planned is yes."),
    ("ALTER TABLE child ALTER id DROP IDENTITY", "The numbering of id is no, planned is yes."),
    ("ALTER TABLE child DROP double", "Column double is missing, planned is there."),
    ("ALTER TABLE child DROP CONSTRAINT pk", "Primary key pk is missing, planned is there."),
    ("ALTER TABLE child DROP CONSTRAINT uq", "Unique constraint uq is missing, planned is there."),
    (
        "ALTER TABLE child DROP CONSTRAINT uq; ALTER TABLE child ADD CONSTRAINT uq UNIQUE (b, a)",
        "Unique constraint uq: columns is b, a, planned is a, b.",
    ),
    ("ALTER TABLE child DROP CONSTRAINT ck", "Check ck is missing, planned is there."),
    (
        "ALTER TABLE child DROP CONSTRAINT ck; ALTER TABLE child ADD CONSTRAINT ck CHECK (c > 0) NOT VALID",
        "Check ck: validated is no, planned is yes.",
    ),
    ("ALTER TABLE child VALIDATE CONSTRAINT loose", None),
    ("ALTER TABLE child DROP CONSTRAINT fk", "Foreign key fk is missing, planned is there."),
    (
        "ALTER TABLE child DROP CONSTRAINT fk; "
        "ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (of) REFERENCES parent ON DELETE RESTRICT DEFERRABLE",
        "Foreign key fk: on delete is RESTRICT, planned is CASCADE.",
    ),
    ("ALTER TABLE child ALTER CONSTRAINT fk NOT DEFERRABLE", "Foreign key fk: deferrable is no, planned is yes."),
    (
        "ALTER TABLE child ALTER CONSTRAINT fk DEFERRABLE INITIALLY DEFERRED",
        "Foreign key fk: initially deferred is yes, planned is no.",
    ),
    (
        "ALTER TABLE child DROP CONSTRAINT fk; ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (of) "
        "REFERENCES parent ON DELETE CASCADE DEFERRABLE NOT VALID",
        "Foreign key fk: validated is no, planned is yes.",
    ),
    ("ALTER TABLE child VALIDATE CONSTRAINT lax", None),
    (
        "CREATE TABLE other (id bigint PRIMARY KEY); ALTER TABLE child DROP CONSTRAINT fk; ALTER TABLE child "
        "ADD CONSTRAINT fk FOREIGN KEY (of) REFERENCES other ON DELETE CASCADE DEFERRABLE",
        "Foreign key fk: parent is public.other, planned is public.parent.",
    ),
    ("DROP INDEX ix", "Index ix is missing, planned is there."),
    (
        "DROP INDEX ix; CREATE INDEX ix ON child (a, c) WHERE c > 5",
        "Index ix: descending is no, no, planned is no, yes.",
    ),
    ("DROP INDEX ix; CREATE INDEX ix ON child (a, c DESC)", "Index ix: partial is no, planned is yes."),
    (
        "DROP INDEX ix; CREATE INDEX ix ON child (a, of DESC) WHERE c > 5",
        "Index ix: columns is a, of, planned is a, c.",
    ),
    ("DROP INDEX low; CREATE INDEX low ON child (lower(a), of)", "Index low: unique is no, planned is yes."),
    ("DROP INDEX low; CREATE UNIQUE INDEX low ON child (lower(a))", "Index low: parts is 1, planned is 2."),
    ("ALTER TABLE child ALTER id RESTART WITH 9", "The next number of id is 9, planned is at least 10."),
    ("ALTER TABLE child ADD more text; CREATE INDEX more ON child (more)", None),
    ("DROP TABLE child", "The table public.child is missing."),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_each_change_is_named(server: PostgreSQLServer, change: str, said: str | None) -> None:
    apply(server.engine, plan(PARENT, CHILD).steps)
    assert server.check_schema(CHILD) == ()
    with server.engine.begin() as connection:
        connection.execute(sql(change))
    found = server.check_schema(CHILD)
    if said is None:
        assert found == ()
        return
    assert said in [each.message for each in found]
    assert {(each.table, each.part) for each in found} == {("public.child", "schema")}


def test_a_number_that_a_row_has_already_is_a_mismatch(server: PostgreSQLServer) -> None:
    target = table("t", column("id", INT64, next_identity=10))
    apply(server.engine, plan(target).steps)
    with server.engine.begin() as connection:
        server.load(connection, target, batch(target, id=[25]))
    (found,) = server.check_schema(target)
    assert (found.column, found.source, found.target) == ("id", "at least 26", "10")


def test_a_primary_key_makes_its_columns_required(server: PostgreSQLServer) -> None:
    apply(server.engine, plan(PARENT).steps)
    assert server.check_schema(PARENT) == ()


def test_a_table_of_the_name_in_another_schema_does_not_count(server: PostgreSQLServer) -> None:
    apply(server.engine, plan(PARENT).steps)
    (found,) = server.check_schema(replace(PARENT, schema="other"))
    assert found.message == "The table other.parent is missing."


def test_a_view_in_place_of_the_table_is_a_mismatch(server: PostgreSQLServer) -> None:
    with server.engine.begin() as connection:
        connection.execute(sql("CREATE VIEW parent AS SELECT 1::bigint AS id, ''::text AS code"))
    assert [each.message for each in server.check_schema(PARENT)] == ["The table public.parent is missing."]
