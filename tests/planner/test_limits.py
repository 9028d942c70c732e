"""What SQL Server limits: lengths of keys, NULL under UNIQUE, cascades, collations. Planned without any server."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from migrator.errors import ConfigurationError
from migrator.model import types as t
from migrator.model.options import ColumnOptions, Options, TableOptions
from migrator.model.plan import Plan
from migrator.model.profile import ColumnProfile, Fit, Sample, TableProfile, Violations
from migrator.model.schema import (
    Action,
    Column,
    Expression,
    ForeignKey,
    Generated,
    Identity,
    Index,
    IndexPart,
    Key,
    Schema,
    Table,
)
from migrator.model.types import LogicalType
from migrator.planner import PlanInput, SourceInput, collations, make_plan
from migrator.targets.mssql.dialect import SQLServer

INSENSITIVE = SQLServer("SQL_Latin1_General_CP1_CI_AS")
BINARY = SQLServer("Latin1_General_100_BIN2")


def values(
    name: str, type: LogicalType = t.TEXT, *, longest: int = 10, nulls: int = 0, utf16: int | None = None
) -> ColumnProfile:
    """The profile of a column of two values."""
    kind = {t.Kind.INT64: "integer", t.Kind.BINARY: "blob"}.get(type.kind, "text")
    encoding = {"integer": "integer", "blob": "blob"}.get(kind, "text")
    units = (longest if utf16 is None else utf16) if kind == "text" else 0
    return ColumnProfile(
        name, nulls, ((kind, 2),), (Fit(type, encoding, 2),), type, longest=longest, highest=2, utf16=units
    )


Given = tuple[Table, tuple[ColumnProfile, ...]]


def planned(
    *tables: Given,
    options: Options | None = None,
    dialect: SQLServer = INSENSITIVE,
    duplicates: Mapping[str, tuple[Violations | None, ...]] = MappingProxyType({}),
) -> Plan:
    profiles = {
        table.name: TableProfile(table.name, 2, columns, duplicates=duplicates.get(table.name, ()))
        for table, columns in tables
    }
    source = SourceInput("app", "app.db", Schema(tuple(table for table, _ in tables)), profiles)
    return make_plan(PlanInput((source,), "x", dialect, options or Options(), "migrator", "now", rehearsed=True))


def codes(plan: Plan) -> list[str]:
    return [finding.code for finding in plan.findings]


def types_of(plan: Plan) -> list[str]:
    return [INSENSITIVE.type_name(column.type) for column in plan.tables[0].columns]


TEXT, SHORT, LONG, INT, BLOB = "TEXT", "VARCHAR(20)", "VARCHAR(500)", "INTEGER", "BLOB"


def table(*columns: tuple[str, str], **rest: object) -> Table:
    made = tuple(Column(name, declared, nullable=False) for name, declared in columns)
    return Table("t", made, **rest)  # type: ignore[arg-type]


LENGTHS = [
    (
        "unbounded text in a clustered key takes all of its 900 bytes",
        (table(("k", TEXT), primary_key=Key(("k",))), (values("k"),)),
        ["nvarchar(450)"],
        [],
    ),
    (
        "over 900 bytes, the key is not clustered",
        (table(("k", TEXT), primary_key=Key(("k",))), (values("k", longest=600),)),
        ["nvarchar(850)"],
        [],
    ),
    (
        "over 1,700 there is no key",
        (table(("k", TEXT), primary_key=Key(("k",))), (values("k", longest=900),)),
        ["nvarchar(max)"],
        ["key-not-moved"],
    ),
    (
        "a unique constraint holds 1,700",
        (table(("k", TEXT), uniques=(Key(("k",)),)), (values("k"),)),
        ["nvarchar(850)"],
        [],
    ),
    (
        "bytes count as bytes",
        (table(("k", BLOB), uniques=(Key(("k",)),)), (values("k", t.BINARY),)),
        ["varbinary(1700)"],
        [],
    ),
    (
        "what is declared stays",
        (table(("k", SHORT), uniques=(Key(("k",)),)), (values("k", t.text(20)),)),
        ["nvarchar(20)"],
        [],
    ),
    (
        "columns share what is left",
        (
            table(("a", TEXT), ("b", TEXT), ("n", INT), uniques=(Key(("a", "b", "n")),)),
            (values("a", longest=10), values("b", longest=110), values("n", t.INT64)),
        ),
        ["nvarchar(373)", "nvarchar(473)", "bigint"],
        [],
    ),
    (
        "declared for more than fits, the longest is cut, as DOMAIN's checklist is",
        (
            table(("view", LONG), ("row", LONG), ("user", LONG), uniques=(Key(("view", "row", "user")),)),
            (values("view", t.text(256)), values("row", t.text(500)), values("user", t.text(100))),
        ),
        ["nvarchar(256)", "nvarchar(494)", "nvarchar(100)"],
        ["key-shortened"],
    ),
    (
        "a column in two keys is as long as the shorter allows",
        (
            table(("k", TEXT), primary_key=Key(("k",)), uniques=(Key(("k",)),)),
            (values("k"),),
        ),
        ["nvarchar(450)"],
        [],
    ),
    (
        "characters that take two units need them",
        (table(("v", SHORT)), (values("v", t.text(20), longest=80, utf16=24),)),
        ["nvarchar(24)"],
        [],
    ),
    (
        "text longer than nvarchar(n) can be",
        (table(("v", "VARCHAR(5000)")), (values("v", t.text(5000)),)),
        ["nvarchar(max)"],
        [],
    ),
    (
        "an index counts as well",
        (table(("v", TEXT), indexes=(Index("i", (IndexPart("v"),)),)), (values("v"),)),
        ["nvarchar(850)"],
        [],
    ),
    (
        "an index over too long text is not moved",
        (table(("v", TEXT), indexes=(Index("i", (IndexPart("v"),)),)), (values("v", longest=2000),)),
        ["nvarchar(max)"],
        ["index-not-moved"],
    ),
    (
        "an index that cannot be limits nothing",
        (
            table(
                ("v", TEXT),
                indexes=(Index("i", (IndexPart("v"),), where=Expression("v = 'a' OR v = 'b'", "v = v")),),
            ),
            (values("v"),),
        ),
        ["nvarchar(max)"],
        ["index-not-moved"],
    ),
]


@pytest.mark.parametrize(("given", "types", "found"), [c[1:] for c in LENGTHS], ids=[c[0] for c in LENGTHS])
def test_lengths(given: Given, types: list[str], found: list[str]) -> None:
    plan = planned(given, dialect=BINARY)
    assert (types_of(plan), codes(plan)) == (types, found)


@pytest.mark.parametrize(("longest", "clustered"), [(400, True), (451, False)])
def test_a_primary_key_orders_the_table_if_it_can(longest: int, clustered: bool) -> None:
    plan = planned((table(("k", TEXT), primary_key=Key(("k",))), (values("k", longest=longest),)), dialect=BINARY)
    key = plan.tables[0].primary_key
    assert key is not None and key.clustered is clustered
    (step,) = (step for step in plan.steps if step.object == key.name)
    assert ("NONCLUSTERED" in step.do[0]) is not clustered


def test_joined_columns_have_one_length() -> None:
    parent = Table("p", (Column("k", TEXT, nullable=False),), primary_key=Key(("k",)))
    child = Table("c", (Column("x", TEXT),), foreign_keys=(ForeignKey(("x",), "p", ("k",)),))
    plan = planned((parent, (values("k"),)), (child, (values("x", longest=8),)), dialect=BINARY)
    assert [str(column.type) for each in plan.tables for column in each.columns] == ["text(450)", "text(450)"]
    assert not codes(plan)


# NULL under UNIQUE


def nullable(*, nulls: int, **rest: object) -> Given:
    made = Table("t", (Column("u", SHORT),), **rest)  # type: ignore[arg-type]
    return made, (values("u", t.text(20), nulls=nulls),)


def test_several_nulls_under_unique_are_left_out_of_an_index() -> None:
    plan = planned(nullable(nulls=3, uniques=(Key(("u",)),)), dialect=BINARY)
    (index,) = plan.tables[0].indexes
    assert not plan.tables[0].uniques and not codes(plan)
    assert (index.unique, index.where) == (True, "[u] IS NOT NULL")


def test_a_unique_index_over_a_column_that_may_be_null_leaves_null_out() -> None:
    where = Expression("u <> 'a'", "\"u\" <> 'a'")
    plan = planned(nullable(nulls=0, indexes=(Index("i", (IndexPart("u"),), True, where),)), dialect=BINARY)
    assert [index.where for index in plan.tables[0].indexes] == ["[u] IS NOT NULL AND [u] <> N'a'"]


def test_a_primary_key_that_holds_null_becomes_such_an_index() -> None:
    plan = planned(nullable(nulls=2, primary_key=Key(("u",))), dialect=BINARY)
    assert [index.where for index in plan.tables[0].indexes] == ["[u] IS NOT NULL"]
    assert codes(plan) == ["primary-key-null"]


@pytest.mark.parametrize(
    ("nulls", "constraints", "found"),
    [(0, 1, ["unique-null"]), (1, 1, ["unique-null"]), (2, 0, ["foreign-key-not-moved"])],
)
def test_a_foreign_key_points_to_a_constraint_only(nulls: int, constraints: int, found: list[str]) -> None:
    child = Table("c", (Column("x", SHORT),), foreign_keys=(ForeignKey(("x",), "t", ("u",)),))
    parent = nullable(nulls=nulls, uniques=(Key(("u",)),))
    plan = planned(parent, (child, (values("x", t.text(20)),)), dialect=BINARY)
    assert (len(plan.tables[0].uniques), codes(plan)) == (constraints, found)


# Cascades


def linked(name: str, *links: tuple[str, str, Action]) -> Given:
    """A table whose column `id` is its key; each link is a column, a parent, and what it does on DELETE."""
    columns = (
        Column("id", INT, nullable=False, identity=Identity()),
        *(Column(each, INT) for each, _, _ in links),
    )
    keys = tuple(ForeignKey((column,), parent, ("id",), on_delete=action) for column, parent, action in links)
    made = Table(name, columns, primary_key=Key(("id",)), foreign_keys=keys)
    return made, tuple(values(column.name, t.INT64) for column in columns)


CASCADES = [
    ("one path", [("a",), ("b", ("a_id", "a", "CASCADE"))], {"b.a_id": "CASCADE"}),
    ("a table to itself", [("a", ("up", "a", "CASCADE"))], {"a.up": "NO ACTION"}),
    (
        "two keys to one parent",
        [("a",), ("b", ("x", "a", "CASCADE"), ("y", "a", "SET NULL"))],
        {"b.x": "CASCADE", "b.y": "NO ACTION"},
    ),
    (
        "two ways around",
        [
            ("a",),
            ("b", ("a_id", "a", "CASCADE")),
            ("c", ("a_id", "a", "CASCADE")),
            ("d", ("b_id", "b", "CASCADE"), ("c_id", "c", "CASCADE")),
        ],
        {"b.a_id": "CASCADE", "c.a_id": "CASCADE", "d.b_id": "CASCADE", "d.c_id": "NO ACTION"},
    ),
    (
        "a cycle",
        [("a", ("b_id", "b", "CASCADE")), ("b", ("a_id", "a", "CASCADE"))],
        {"b.a_id": "CASCADE", "a.b_id": "NO ACTION"},
    ),
    (
        "two parents of their own",
        [("a",), ("b",), ("c", ("a_id", "a", "CASCADE"), ("b_id", "b", "CASCADE"))],
        {"c.a_id": "CASCADE", "c.b_id": "CASCADE"},
    ),
    (
        "RESTRICT is what the target does anyway",
        [("a",), ("b", ("a_id", "a", "RESTRICT"))],
        {"b.a_id": "NO ACTION"},
    ),
]


@pytest.mark.parametrize(("tables", "actions"), [c[1:] for c in CASCADES], ids=[c[0] for c in CASCADES])
def test_cascades(tables: list[tuple[str, tuple[str, str, Action]]], actions: dict[str, str]) -> None:
    plan = planned(*(linked(name, *links) for name, *links in tables))
    found = {f"{each.target}.{key.columns[0]}": key.on_delete for each in plan.tables for key in each.foreign_keys}
    lost = [key for key, action in actions.items() if action == "NO ACTION"]
    assert found == actions
    expected = [] if "RESTRICT" in str(tables) else ["foreign-key-action"] * len(lost)
    assert codes(plan) == expected


def test_a_key_that_waits_does_not() -> None:
    child, profile = linked("b", ("a_id", "a", "NO ACTION"))
    (key,) = child.foreign_keys
    waiting = ForeignKey(key.columns, "a", ("id",), deferrable=True, initially_deferred=True)
    plan = planned(linked("a"), (Table("b", child.columns, child.primary_key, foreign_keys=(waiting,)), profile))
    assert [key.deferrable for each in plan.tables for key in each.foreign_keys] == [False]
    assert codes(plan) == ["foreign-key-action"]


# Collations

SOME = Violations(2, (Sample(("Kim",), "KIM"),))
NONE = Violations(0)
KEYED: Given = (
    table(("k", SHORT), ("v", SHORT), primary_key=Key(("k",))),
    (values("k", t.text(20)), values("v", t.text(20))),
)


def collated(plan: Plan) -> list[str | None]:
    return [column.collation for column in plan.tables[0].columns]


def test_keys_that_collide_compare_exactly() -> None:
    plan = planned(KEYED, duplicates={"t": (SOME, NONE)})
    assert collated(plan) == ["Latin1_General_100_BIN2", None]
    (found,) = plan.findings
    assert (found.code, found.column, found.count, found.samples) == ("key-collation", "k", 2, SOME.samples)
    (create,) = (step for step in plan.steps if step.object == "dbo.t" and step.do)
    assert "[k] NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL" in create.do[0]


def test_keys_that_differ_in_trailing_blanks_cannot_be() -> None:
    plan = planned(KEYED, duplicates={"t": (SOME, SOME)})
    assert collated(plan) == [None, None] and plan.tables[0].primary_key is None
    (found,) = plan.findings
    assert (found.code, found.count, found.samples) == ("key-not-moved", 2, SOME.samples)
    assert "2 rows have a key that the target takes for another's" in found.message
    assert not plan.tables[0].key


UNBOUNDED: Given = (
    table(("k", TEXT), ("v", TEXT), primary_key=Key(("k",))),
    (values("k"), values("v")),
)


@pytest.mark.parametrize("given", [KEYED, UNBOUNDED], ids=["declared", "of no declared length"])
def test_a_collation_of_the_users_own_is_not_changed(given: Given) -> None:
    plan = planned(given, options=Options(collation="Korean_100_CI_AS"), duplicates={"t": (SOME, NONE)})
    assert collated(plan) == ["Korean_100_CI_AS"] * 2 and codes(plan) == ["key-not-moved"]
    assert "2 rows have a key that the target takes for another's" in plan.findings[0].message


def test_a_collation_for_one_column() -> None:
    mine = {"t": TableOptions(columns={"k": ColumnOptions(collation="Korean_100_CS_AS_KS_WS")})}
    plan = planned(KEYED, options=Options(tables=mine), duplicates={"t": (NONE, NONE)})
    assert collated(plan) == ["Korean_100_CS_AS_KS_WS", None] and not codes(plan)


@pytest.mark.parametrize("name", ["; DROP TABLE t", "Nonsense", ""])
def test_what_is_no_collation_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="collation"):
        planned(KEYED, options=Options(collation=name or " "))


def test_joined_columns_have_one_collation() -> None:
    parent = Table("t", (Column("k", SHORT, nullable=False),), primary_key=Key(("k",)))
    child = Table("c", (Column("x", SHORT),), foreign_keys=(ForeignKey(("x",), "t", ("k",)),))
    tables = ((parent, (values("k", t.text(20)),)), (child, (values("x", t.text(20)),)))
    plan = planned(*tables, duplicates={"t": (SOME, NONE)})
    assert [column.collation for each in plan.tables for column in each.columns] == ["Latin1_General_100_BIN2"] * 2
    assert codes(plan) == ["key-collation"]


def test_what_is_asked_of_the_source() -> None:
    columns = (Column("id", INT, identity=Identity()), Column("k", TEXT), Column("n", TEXT))
    where = Expression("k > ''", None)
    asked = Table(
        "t",
        columns,
        Key(("id",)),
        uniques=(Key(("k", "n")),),
        indexes=(
            Index("i", (IndexPart("n"),), True, where),
            Index("plain", (IndexPart("n"),)),
            Index("nocase", (IndexPart("n", collation="NOCASE"),), True),
        ),
    )
    found = collations.demands("app", asked, Options(), INSENSITIVE)
    assert [(each.columns, each.where, each.comparison.case) for each in found] == [
        (("k", "n"), None, False),
        (("k", "n"), None, True),
        (("n",), "k > ''", False),
        (("n",), "k > ''", True),
    ]
    assert all(each.comparison.padded for each in found)


# Indexes over expressions and checks of types


def test_text_in_an_indexed_expression_has_a_length() -> None:
    index = Index("t_low", (IndexPart(expression=Expression("lower(v)", 'LOWER("v")')),))
    plan = planned((table(("v", TEXT), indexes=(index,)), (values("v"),)), dialect=BINARY)
    assert (types_of(plan), codes(plan)) == (["nvarchar(850)"], ["index-column-added"])


def test_text_from_which_a_key_is_generated_has_a_length() -> None:
    low = Column("l", TEXT, generated=Generated(Expression("lower(v)", 'LOWER("v")'), stored=True))
    made = Table("t", (Column("v", TEXT, nullable=False), low), uniques=(Key(("l",)),))
    plan = planned((made, (values("v"), values("l"))), dialect=BINARY)
    assert types_of(plan) == ["nvarchar(850)", "nvarchar(850)"]
    assert plan.tables[0].columns[1].generated is not None and not codes(plan)


def test_an_index_over_an_expression_gets_a_computed_column() -> None:
    index = Index(
        "t_low", (IndexPart(expression=Expression("lower(k)", 'LOWER("k")')), IndexPart("v")), unique=False
    )
    made, profile = KEYED
    plan = planned((Table("t", made.columns, indexes=(index,)), profile), dialect=BINARY)
    assert codes(plan) == ["index-column-added"]
    (step,) = (step for step in plan.steps if step.object == "t_low")
    assert step.do[0].startswith("ALTER TABLE [dbo].[t] ADD [t_low_key1] AS (") and step.do[0].endswith(
        " PERSISTED"
    )
    assert step.do[1] == "CREATE INDEX [t_low] ON [dbo].[t] ([t_low_key1], [v])"
    assert [each.splitlines()[-1].strip() for each in step.undo] == [
        "DROP INDEX IF EXISTS [t_low] ON [dbo].[t]",
        "END",
    ]


def test_a_document_column_is_checked() -> None:
    plan = planned((table(("j", "JSON")), (values("j", t.JSON),)))
    (check,) = plan.tables[0].checks
    assert check.name == "ck_t_j" and "ISJSON([j]) = 1" in check.sql
