"""Every statement of a plan as text, and its undo."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.given import Revision
from migrator.model.plan import (
    CheckPlan,
    ColumnPlan,
    ForeignKeyPlan,
    IndexPartPlan,
    IndexPlan,
    KeyPlan,
    Phase,
    Step,
    TablePlan,
    ViewPlan,
)
from migrator.model.types import INT16, INT32, INT64, TEXT, UUID, LogicalType, text
from migrator.targets.common.steps import SCHEMA_MARK
from migrator.targets.mssql import DIALECT
from migrator.targets.mssql.collations import EXACT
from migrator.targets.mssql.ddl import added_columns
from tests.targets.mssql.plans import BRACKETS, WEIRD, column, table
from tests.targets.mssql.test_types import SPELLINGS

ID, NAME = column("id", INT64, nullable=False), column("name", TEXT)
LONG = "n" * 128


def steps(
    *tables: TablePlan, views: tuple[ViewPlan, ...] = (), schema: str = "dbo", quarantine: bool = False
) -> tuple[Step, ...]:
    return DIALECT.steps(schema, tables, views, quarantine=quarantine)


def only(made: tuple[Step, ...], phase: Phase) -> Step:
    (step,) = (step for step in made if step.phase is phase)
    return step


def flat(statements: tuple[str, ...]) -> list[str]:
    """Each statement on one line."""
    return [" ".join(statement.split()) for statement in statements]


def if_table(statement: str) -> str:
    return f"IF OBJECT_ID(N'[dbo].[t]') IS NOT NULL BEGIN {statement} END"


# Tables

COLUMNS: list[tuple[ColumnPlan, str]] = [
    (ID, "[id] BIGINT NOT NULL"),
    (column("n", text(3)), "[n] NVARCHAR(3) NULL"),
    (column("n", text(3), collation=EXACT), f"[n] NVARCHAR(3) COLLATE {EXACT} NULL"),
    (column("n", TEXT, collation="Korean_100_CS_AS"), "[n] NVARCHAR(max) COLLATE Korean_100_CS_AS NULL"),
    (column("d", TEXT, default="N'it''s :x %s\t'"), "[d] NVARCHAR(max) NULL DEFAULT N'it''s :x %s\t'"),
    (column("d", INT64, default="(1 % 2)"), "[d] BIGINT NULL DEFAULT (1 % 2)"),
    (column("d", INT64, nullable=False, default="NULL"), "[d] BIGINT NOT NULL DEFAULT NULL"),
    (column("g", INT64, generated="[id] % 2"), "[g] AS ([id] % 2) PERSISTED"),
    (column("g", TEXT, generated="N':x%s' + [n]"), "[g] AS (N':x%s' + [n]) PERSISTED"),
    (column("i", INT32, next_identity=5), "[i] INTEGER NOT NULL IDENTITY(5,1)"),
    (column("i", INT64, next_identity=-4), "[i] BIGINT NOT NULL IDENTITY(-4,1)"),
    (column("i", INT16, next_identity=2**15), "[i] SMALLINT NOT NULL IDENTITY(32767,1)"),
    (column("i", INT64, next_identity=2**63), f"[i] BIGINT NOT NULL IDENTITY({2**63 - 1},1)"),
    (column("a.[b]%", UUID), "[a.[b]]%] UNIQUEIDENTIFIER NULL"),
    (column("a\tb", TEXT), "[a\tb] NVARCHAR(max) NULL"),
    (column('it\'s "x" :x', TEXT), '[it\'s "x" :x] NVARCHAR(max) NULL'),
    (column("한글", TEXT), "[한글] NVARCHAR(max) NULL"),
    (column("Select", TEXT), "[Select] NVARCHAR(max) NULL"),
    (column(LONG, TEXT), f"[{LONG}] NVARCHAR(max) NULL"),
    (column("]" * 128, TEXT), f"[{']' * 256}] NVARCHAR(max) NULL"),
    *((column("c", LogicalType.parse(name)), f"[c] {ddl} NULL") for name, _, ddl, _ in SPELLINGS),
]


@pytest.mark.parametrize(("given", "expected"), COLUMNS, ids=[expected[:60] for _, expected in COLUMNS])
def test_columns(given: ColumnPlan, expected: str) -> None:
    step = only(steps(table("t", given)), Phase.TABLES)
    assert step.do == (f"CREATE TABLE [dbo].[t] (\n\t{expected}\n)",)
    assert step.undo == ("DROP TABLE IF EXISTS [dbo].[t]",)
    assert (step.object, step.table) == ("dbo.t", "dbo.t")


@pytest.mark.parametrize(
    ("name", "quoted"),
    [(WEIRD, f"[{WEIRD}]"), (BRACKETS, f"[]]{WEIRD}]]x]"), (LONG, f"[{LONG}]"), ("a--b/*", "[a--b/*]")],
)
def test_names_of_tables_are_quoted_everywhere(name: str, quoted: str) -> None:
    given = table(name, ID, primary_key=KeyPlan(name, ("id",)), given=False, schema=name)
    made = steps(given, schema=name)
    create, key = only(made, Phase.TABLES), only(made, Phase.KEYS)
    assert create.do == (f"CREATE TABLE {quoted}.{quoted} (\n\t[id] BIGINT NOT NULL\n)",)
    assert create.undo == (f"DROP TABLE IF EXISTS {quoted}.{quoted}",)
    assert key.do == (f"ALTER TABLE {quoted}.{quoted} ADD CONSTRAINT {quoted} PRIMARY KEY ([id])",)
    inside = f"{quoted}.{quoted}".replace("'", "''")
    assert key.undo == (
        f"IF OBJECT_ID(N'{inside}') IS NOT NULL\nBEGIN\n"
        f"ALTER TABLE {quoted}.{quoted} DROP CONSTRAINT IF EXISTS {quoted}\nEND",
    )


def test_comments_follow_the_table() -> None:
    given = table("t]", column("c d", TEXT, comment="it's; 100% :x\t"), comment="a table's")
    assert only(steps(given), Phase.TABLES).do[1:] == (
        "execute sp_addextendedproperty 'MS_Description', N'a table''s', 'schema', [dbo], 'table', [t]]]",
        "execute sp_addextendedproperty 'MS_Description', N'it''s; 100% :x\t', 'schema', [dbo], 'table', [t]]], "
        "'column', [c d]",
    )


# Schema and quarantine


def test_a_schema_is_made_and_marked_where_it_is_missing_and_goes_when_nothing_uses_it() -> None:
    step = only(steps(schema="it's] x"), Phase.SCHEMA)
    assert flat(step.do) == [
        "IF SCHEMA_ID(N'it''s] x') IS NULL BEGIN EXEC (N'CREATE SCHEMA [it''s]] x]') "
        f"EXEC sys.sp_addextendedproperty N'migrator', N'{SCHEMA_MARK}', N'SCHEMA', N'it''s] x' END"
    ]
    here = "WHERE schema_id = SCHEMA_ID(N'it''s] x')"
    assert flat(step.undo) == [
        "IF EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 3 "
        "AND major_id = SCHEMA_ID(N'it''s] x') AND name = N'migrator') "
        f"AND NOT EXISTS (SELECT 1 FROM sys.objects {here}) AND NOT EXISTS (SELECT 1 FROM sys.types {here}) "
        f"AND NOT EXISTS (SELECT 1 FROM sys.xml_schema_collections {here}) "
        "BEGIN EXEC sys.sp_dropextendedproperty N'migrator', N'SCHEMA', N'it''s] x' "
        "EXEC (N'DROP SCHEMA [it''s]] x]') END"
    ]


def test_dbo_is_not_made() -> None:
    assert steps() == ()


def test_the_quarantine_is_made_once_and_goes_with_its_last_row() -> None:
    step = only(steps(quarantine=True), Phase.TABLES)
    texts = ("run_id", "source_database", "source_table", "source_key", "reason", "row")
    columns = ", ".join(f"[{name}] NVARCHAR(max) NOT NULL" for name in texts)
    assert flat(step.do) == [
        "IF OBJECT_ID(N'[dbo].[migrator_quarantine]') IS NULL CREATE TABLE [dbo].[migrator_quarantine] ( "
        f"[id] BIGINT NOT NULL IDENTITY, {columns}, "
        "[created] DATETIMEOFFSET(7) NOT NULL DEFAULT SYSDATETIMEOFFSET() )"
    ]
    assert flat(step.undo) == [
        "IF OBJECT_ID(N'[dbo].[migrator_quarantine]') IS NOT NULL BEGIN "
        "IF NOT EXISTS (SELECT 1 FROM [dbo].[migrator_quarantine]) DROP TABLE [dbo].[migrator_quarantine] END"
    ]


# Keys, checks, indexes, foreign keys

FOREIGN = ForeignKeyPlan("t_fk", ("id",), "dbo", "t", ("id",))
POINTED = "ADD CONSTRAINT [t_fk] FOREIGN KEY([id]) REFERENCES [dbo].[t] ([id])"


def indexed(*parts: IndexPartPlan, **rest: object) -> TablePlan:
    return table("t", ID, NAME, indexes=(IndexPlan("i%", parts, **rest),))  # type: ignore[arg-type]


PARTS: list[tuple[str, TablePlan, Phase, str, str]] = [
    (
        "primary key",
        table("t", ID, NAME, primary_key=KeyPlan("t pk", ("id", "name"))),
        Phase.KEYS,
        "ALTER TABLE [dbo].[t] ADD CONSTRAINT [t pk] PRIMARY KEY ([id], [name])",
        if_table("ALTER TABLE [dbo].[t] DROP CONSTRAINT IF EXISTS [t pk]"),
    ),
    (
        "primary key too long to order the table",
        table("t", ID, primary_key=KeyPlan("p]", ("id",), clustered=False)),
        Phase.KEYS,
        "ALTER TABLE [dbo].[t] ADD CONSTRAINT [p]]] PRIMARY KEY NONCLUSTERED ([id])",
        if_table("ALTER TABLE [dbo].[t] DROP CONSTRAINT IF EXISTS [p]]]"),
    ),
    (
        "unique",
        table("t", ID, NAME, uniques=(KeyPlan("u%", ("name",)),)),
        Phase.KEYS,
        "ALTER TABLE [dbo].[t] ADD CONSTRAINT [u%] UNIQUE ([name])",
        if_table("ALTER TABLE [dbo].[t] DROP CONSTRAINT IF EXISTS [u%]"),
    ),
    (
        "check",
        table("t", ID, checks=(CheckPlan("c", "[id] % 2 = 0 AND N':x' <> N'%s'"),)),
        Phase.KEYS,
        "ALTER TABLE [dbo].[t] ADD CONSTRAINT [c] CHECK ([id] % 2 = 0 AND N':x' <> N'%s')",
        if_table("ALTER TABLE [dbo].[t] DROP CONSTRAINT IF EXISTS [c]"),
    ),
    (
        "check that rows break",
        table("t", ID, checks=(CheckPlan("c", "[id] > 0", validated=False),)),
        Phase.KEYS,
        "ALTER TABLE [dbo].[t] WITH NOCHECK ADD CONSTRAINT [c] CHECK ([id] > 0)",
        if_table("ALTER TABLE [dbo].[t] DROP CONSTRAINT IF EXISTS [c]"),
    ),
    (
        "index, descending",
        indexed(IndexPartPlan("name"), IndexPartPlan("id", descending=True)),
        Phase.INDEXES,
        "CREATE INDEX [i%] ON [dbo].[t] ([name], [id] DESC)",
        "IF OBJECT_ID(N'[dbo].[t]') IS NOT NULL DROP INDEX IF EXISTS [i%] ON [dbo].[t]",
    ),
    (
        "unique index with a condition",
        indexed(IndexPartPlan("name"), unique=True, where="[name] IS NOT NULL AND [name] <> N'%s:x'"),
        Phase.INDEXES,
        "CREATE UNIQUE INDEX [i%] ON [dbo].[t] ([name]) WHERE [name] IS NOT NULL AND [name] <> N'%s:x'",
        "IF OBJECT_ID(N'[dbo].[t]') IS NOT NULL DROP INDEX IF EXISTS [i%] ON [dbo].[t]",
    ),
    (
        "foreign key",
        table("t", ID, foreign_keys=(FOREIGN,)),
        Phase.FOREIGN_KEYS,
        f"ALTER TABLE [dbo].[t] {POINTED}",
        if_table("ALTER TABLE [dbo].[t] DROP CONSTRAINT IF EXISTS [t_fk]"),
    ),
    (
        "foreign key with actions",
        table("t", ID, foreign_keys=(replace(FOREIGN, on_delete="SET NULL", on_update="CASCADE"),)),
        Phase.FOREIGN_KEYS,
        f"ALTER TABLE [dbo].[t] {POINTED} ON DELETE SET NULL ON UPDATE CASCADE",
        if_table("ALTER TABLE [dbo].[t] DROP CONSTRAINT IF EXISTS [t_fk]"),
    ),
    (
        "foreign key that rows break",
        table("t", ID, foreign_keys=(replace(FOREIGN, on_delete="SET DEFAULT", validated=False),)),
        Phase.FOREIGN_KEYS,
        f"ALTER TABLE [dbo].[t] WITH NOCHECK {POINTED} ON DELETE SET DEFAULT",
        if_table("ALTER TABLE [dbo].[t] DROP CONSTRAINT IF EXISTS [t_fk]"),
    ),
]


@pytest.mark.parametrize(("given", "phase", "do", "back"), [case[1:] for case in PARTS], ids=[p[0] for p in PARTS])
def test_each_part_is_one_statement_with_its_undo(given: TablePlan, phase: Phase, do: str, back: str) -> None:
    step = only(steps(given), phase)
    assert flat(step.do) == [do]
    assert flat(step.undo) == [back]
    assert step.table == "dbo.t"


def test_an_index_over_expressions_has_computed_columns_which_go_with_it() -> None:
    parts = (
        IndexPartPlan(expression="LOWER([name])"),
        IndexPartPlan("id"),
        IndexPartPlan(expression="[id] % 2", descending=True),
    )
    step = only(steps(indexed(*parts, unique=True, where="[name] <> N':x'")), Phase.INDEXES)
    assert step.do == (
        "ALTER TABLE [dbo].[t] ADD [i%_key1] AS (LOWER([name])) PERSISTED",
        "ALTER TABLE [dbo].[t] ADD [i%_key2] AS ([id] % 2) PERSISTED",
        "CREATE UNIQUE INDEX [i%] ON [dbo].[t] ([i%_key1], [id], [i%_key2] DESC) WHERE [name] <> N':x'",
    )
    assert flat(step.undo) == [
        "IF OBJECT_ID(N'[dbo].[t]') IS NOT NULL DROP INDEX IF EXISTS [i%] ON [dbo].[t]",
        if_table("ALTER TABLE [dbo].[t] DROP COLUMN IF EXISTS [i%_key2]"),
        if_table("ALTER TABLE [dbo].[t] DROP COLUMN IF EXISTS [i%_key1]"),
    ]


def test_the_same_expression_is_computed_once() -> None:
    twice = (IndexPartPlan(expression="[id] % 2"), IndexPartPlan("name"), IndexPartPlan(expression="[id] % 2"))
    assert added_columns(IndexPlan("i", twice)) == {"i_key1": "[id] % 2"}


@pytest.mark.parametrize("name", ["i", LONG, "한" * 128, "🙂" * 64, "a" + "🙂" * 63])
def test_names_of_computed_columns_are_no_longer_than_names_may_be(name: str) -> None:
    parts = tuple(IndexPartPlan(expression=f"[id] % {number}") for number in range(32))
    added = added_columns(IndexPlan(name, parts))
    assert len(added) == 32
    assert max(map(DIALECT.identifier_length, added)) <= DIALECT.max_identifier


def test_two_tables_may_point_to_each_other() -> None:
    one = table("a", ID, foreign_keys=(ForeignKeyPlan("ab", ("id",), "dbo", "b.c]", ("id",)),))
    other = table("b.c]", ID, foreign_keys=(ForeignKeyPlan("ba", ("id",), "dbo", "a", ("id",)),))
    made = [step.do for step in steps(one, other) if step.phase is Phase.FOREIGN_KEYS]
    assert made == [
        ("ALTER TABLE [dbo].[a] ADD CONSTRAINT [ab] FOREIGN KEY([id]) REFERENCES [dbo].[b.c]]] ([id])",),
        ("ALTER TABLE [dbo].[b.c]]] ADD CONSTRAINT [ba] FOREIGN KEY([id]) REFERENCES [dbo].[a] ([id])",),
    ]


# Numbering


def numbered(type: LogicalType, number: int, **rest: object) -> TablePlan:
    return table("t", column("i]", type, next_identity=number), **rest)


@pytest.mark.parametrize(
    ("type", "number", "told", "first"),
    [(INT32, 5, 4, 5), (INT64, -4, -5, -4), (INT16, 2**15, 32767, 32767), (INT64, 2**63, 2**63 - 1, 2**63 - 1)],
)
def test_a_table_with_rows_is_told_its_number_after_them(
    type: LogicalType, number: int, told: int, first: int
) -> None:
    made = steps(numbered(type, number, rows=3))
    assert "IDENTITY(1,1)" in only(made, Phase.TABLES).do[0]
    step = only(made, Phase.IDENTITY)
    assert step.do == (
        f"IF EXISTS (SELECT 1 FROM [dbo].[t]) DBCC CHECKIDENT (N'[dbo].[t]', RESEED, {told})\n"
        f"ELSE DBCC CHECKIDENT (N'[dbo].[t]', RESEED, {first})",
    )
    assert step.undo == ()


def test_a_table_without_rows_begins_with_its_number() -> None:
    step = only(steps(numbered(INT32, 43)), Phase.IDENTITY)
    assert (step.object, step.do, step.undo) == ("dbo.t.i]", (), ())


# Given tables

GIVEN = table("t", column("id", INT64, next_identity=5), NAME, given=True, foreign_keys=(FOREIGN,), rows=9)


def test_a_given_table_gets_nothing_but_rows_numbers_and_statistics() -> None:
    given = replace(
        GIVEN,
        primary_key=KeyPlan("p", ("id",)),
        uniques=(KeyPlan("u", ("name",)),),
        checks=(CheckPlan("c", "1 = 1"),),
        indexes=(IndexPlan("i", (IndexPartPlan("id"),)),),
    )
    assert [step.phase for step in steps(given)] == [
        Phase.RELEASE,
        Phase.DATA,
        Phase.FOREIGN_KEYS,
        Phase.IDENTITY,
        Phase.STATISTICS,
    ]


def test_its_foreign_keys_are_off_while_it_is_loaded() -> None:
    made = steps(GIVEN)
    on, off = f"ALTER TABLE [dbo].[t] {POINTED}", "ALTER TABLE [dbo].[t] DROP CONSTRAINT IF EXISTS [t_fk]"
    release, again = only(made, Phase.RELEASE), only(made, Phase.FOREIGN_KEYS)
    assert (flat(release.do), flat(release.undo)) == ([if_table(off)], [on])
    assert (flat(again.do), flat(again.undo)) == ([on], [if_table(off)])


def test_it_is_emptied_by_the_undo_and_without_truncating_where_others_point_to_it() -> None:
    step = only(steps(GIVEN), Phase.DATA)
    pointed = (
        "SELECT 1 FROM sys.foreign_keys WHERE referenced_object_id = OBJECT_ID(N'[dbo].[t]') "
        "AND parent_object_id <> referenced_object_id"
    )
    assert step.do == ()
    assert flat(step.undo) == [
        if_table(f"IF EXISTS ({pointed}) DELETE FROM [dbo].[t] ELSE TRUNCATE TABLE [dbo].[t]")
    ]


def test_it_goes_on_numbering_whether_or_not_it_numbered_before() -> None:
    step = only(steps(GIVEN), Phase.IDENTITY)
    here = "FROM sys.identity_columns WHERE object_id = OBJECT_ID(N'[dbo].[t]')"
    assert flat(step.do) == [
        f"IF EXISTS (SELECT 1 {here} AND last_value IS NULL) DBCC CHECKIDENT (N'[dbo].[t]', RESEED, 5) "
        "ELSE DBCC CHECKIDENT (N'[dbo].[t]', RESEED, 4)"
    ]
    assert flat(step.undo) == [
        if_table(
            "DECLARE @last bigint SELECT @last = CAST(seed_value AS bigint) - CAST(increment_value AS bigint) "
            f"{here} AND last_value IS NOT NULL "
            "IF @last IS NOT NULL DBCC CHECKIDENT (N'[dbo].[t]', RESEED, @last)"
        )
    ]


def test_only_given_tables_need_statistics() -> None:
    assert only(steps(GIVEN), Phase.STATISTICS).do == ("UPDATE STATISTICS [dbo].[t]",)
    assert not [step for step in steps(replace(GIVEN, given=False)) if step.phase is Phase.STATISTICS]


# Views, revisions, order


def test_views_are_statements_of_their_own() -> None:
    view = ViewPlan("app", "v", "dbo", "v%]", "SELECT N'%s :x\t' AS [a]")
    step = only(steps(views=(view,)), Phase.VIEWS)
    assert step.do == ("CREATE VIEW [dbo].[v%]]] AS SELECT N'%s :x\t' AS [a]",)
    assert (step.undo, step.object, step.table) == (("DROP VIEW IF EXISTS [dbo].[v%]]]",), "dbo.v%]", None)


def test_revisions_stay_as_they_are() -> None:
    revision = Revision("a1", "Items", ("CREATE TABLE x (a int) -- %s :x",), ("DROP TABLE x",))
    (step,) = DIALECT.steps("dbo", (), (), quarantine=False, revisions=(revision,))
    assert (step.phase, step.do, step.undo) == (Phase.REVISIONS, revision.do, revision.undo)


def everything(schema: str) -> tuple[Step, ...]:
    """A plan with every kind of step of tables of its own, over hostile names, with a cycle of foreign keys."""
    parent = table(
        WEIRD,
        column("id", INT32, nullable=False, next_identity=7),
        column("n.m", text(20), default="N'%'", comment="한"),
        column("child", INT64),
        schema=schema,
        rows=1,
        primary_key=KeyPlan("pk", ("id",)),
        uniques=(KeyPlan("uq.1", ("n.m", "child")),),
        checks=(CheckPlan("ck", "[id] > 0"),),
        indexes=(IndexPlan("ix.1", (IndexPartPlan(expression="[id] % 2"),), where="[id] > 1"),),
        foreign_keys=(ForeignKeyPlan("fk%", ("child",), schema, "child", ("id",)),),
        comment="it's 100%",
    )
    child = table(
        "child",
        column("id", INT64, nullable=False),
        column("of", INT32),
        schema=schema,
        primary_key=KeyPlan("pk2", ("id",)),
        foreign_keys=(ForeignKeyPlan("fk2", ("of",), schema, WEIRD, ("id",)),),
    )
    view = ViewPlan("app", "v", schema, "v", f"SELECT 1 AS [a] FROM {DIALECT.quote(schema)}.[child]")
    return steps(parent, child, views=(view,), schema=schema, quarantine=True)


def test_steps_are_numbered_in_the_order_of_the_phases() -> None:
    made = everything("other")
    assert [step.id for step in made] == list(range(1, len(made) + 1))
    order = [list(Phase).index(step.phase) for step in made]
    assert order == sorted(order)
    assert {step.phase for step in made} == set(Phase) - {Phase.REVISIONS, Phase.RELEASE, Phase.STATISTICS}


def test_statements_have_no_terminator_and_no_separator_of_clients() -> None:
    statements = [each for step in everything("o]'") for each in (*step.do, *step.undo)]
    assert not [each for each in statements if each.rstrip().endswith(";") or "\nGO" in each.upper()]


def test_only_data_and_numbering_have_no_undo() -> None:
    assert {step.phase for step in everything("other") if not step.undo} == {Phase.DATA, Phase.IDENTITY}
