"""Columns, keys, checks and indexes of one table, from CREATE statements through SQLite itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.schema import (
    Check,
    Column,
    Expression,
    ForeignKey,
    Generated,
    Identity,
    Index,
    IndexPart,
    Key,
    Table,
)
from migrator.sources.sqlite import tables
from migrator.sources.sqlite.tokens import NotUnderstood
from tests.sources.sqlite.schemas import schema_of


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Expressions keep their text; the neutral one only shows what it was made from."""
    monkeypatch.setattr(tables, "neutral", lambda sql, columns: f"{sql} of {','.join(columns)}")


def x(sql: str, *columns: str) -> Expression:
    """An expression that `bare` made over these columns."""
    return Expression(sql, f"{sql} of {','.join(columns)}")


ROWID = Column("id", "INTEGER", nullable=False, identity=Identity())
A = Column("a", "")
B = Column("b", "")

COLUMNS: list[tuple[str, Column]] = [
    ("CREATE TABLE t (a)", A),
    ("CREATE TABLE t (a VarChar(30) NOT NULL)", Column("a", "VarChar(30)", nullable=False)),
    ("CREATE TABLE t (a decimal ( 10 , 2 ))", Column("a", "decimal ( 10 , 2 )")),
    ("CREATE TABLE t (a ANY) STRICT", Column("a", "ANY")),
    ("CREATE TABLE t (a TEXT COLLATE nocase)", Column("a", "TEXT", collation="NOCASE")),
    ("CREATE TABLE t (a TEXT COLLATE binary)", Column("a", "TEXT")),
    ("CREATE TABLE t (a TEXT COLLATE Korean)", Column("a", "TEXT", collation="Korean")),
    ("CREATE TABLE t (a DEFAULT 'null')", Column("a", "", default=x("'null'"))),
    ("CREATE TABLE t (a DEFAULT 'it''s')", Column("a", "", default=x("'it''s'"))),
    ("CREATE TABLE t (a DEFAULT (datetime('now')))", Column("a", "", default=x("datetime('now')"))),
    ("CREATE TABLE t (a DEFAULT CURRENT_TIMESTAMP)", Column("a", "", default=x("CURRENT_TIMESTAMP"))),
    ("CREATE TABLE t (a DEFAULT -1)", Column("a", "", default=x("-1"))),
    ("CREATE TABLE t (a DEFAULT +1)", Column("a", "", default=x("+1"))),
    ("CREATE TABLE t (a DEFAULT x'00')", Column("a", "", default=x("x'00'"))),
    ("CREATE TABLE t (a DEFAULT TRUE)", Column("a", "", default=x("TRUE"))),
    ('CREATE TABLE t (a DEFAULT "quoted")', Column("a", "", default=x('"quoted"'))),
    ("CREATE TABLE t (a DEFAULT NULL)", A),
    ("CREATE TABLE t (a DEFAULT (null))", A),
    ("CREATE TABLE t (a DEFAULT 1 DEFAULT (1+1))", Column("a", "", default=x("1+1"))),
    ("CREATE TABLE t (b, a AS (b + 1))", Column("a", "", generated=Generated(x("b + 1", "b", "a"), False))),
    (
        "CREATE TABLE t (b, a INT NOT NULL GENERATED ALWAYS AS (B) STORED)",
        Column("a", "INT", nullable=False, generated=Generated(x("B", "b", "a"), True)),
    ),
    (
        "CREATE TABLE t (b, a INT GENERATED ALWAYS AS (b) VIRTUAL)",
        Column("a", "INT", generated=Generated(x("b", "b", "a"), False)),
    ),
    ("CREATE TABLE t AS SELECT 1.5 AS b, CAST('x' AS TEXT) AS a", Column("a", "TEXT")),
    ('CREATE TABLE t ("select" TEXT)', Column("select", "TEXT")),
    ("CREATE TABLE t ('a''b' INT)", Column("a'b", "INT")),
    ("CREATE TABLE t (a /* , */ INT -- )\n)", Column("a", "INT")),
]


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(("statement", "expected"), COLUMNS, ids=[statement for statement, _ in COLUMNS])
def test_columns(statement: str, expected: Column) -> None:
    schema = schema_of(statement)
    assert schema.unmoved == ()
    assert schema.tables[0].columns[-1] == expected


KEYS: list[tuple[str, Table]] = [
    ("CREATE TABLE t (id INTEGER PRIMARY KEY)", Table("t", (ROWID,), Key(("id",)))),
    ("CREATE TABLE t (id integer, CONSTRAINT k PRIMARY KEY (ID DESC))", Table("t", (ROWID,), Key(("id",), "k"))),
    ("CREATE TABLE t (id INTEGER PRIMARY KEY DESC)", Table("t", (Column("id", "INTEGER"),), Key(("id",)))),
    ("CREATE TABLE t (id INT PRIMARY KEY)", Table("t", (Column("id", "INT"),), Key(("id",)))),
    (
        "CREATE TABLE t (id INTEGER PRIMARY KEY) WITHOUT ROWID",
        Table("t", (Column("id", "INTEGER", nullable=False),), Key(("id",)), options=("WITHOUT ROWID",)),
    ),
    (
        "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT",
        Table("t", (ROWID,), Key(("id",)), options=("STRICT",)),
    ),
    (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, UNIQUE (id))",
        Table("t", (ROWID,), Key(("id",)), uniques=(Key(("id",)),)),
    ),
    ("CREATE TABLE t (a, b, PRIMARY KEY (B, a))", Table("t", (A, B), Key(("b", "a")))),
    ("CREATE TABLE t (a UNIQUE, PRIMARY KEY (a))", Table("t", (A,), Key(("a",)))),
    (
        "CREATE TABLE t (a CONSTRAINT one UNIQUE, b UNIQUE, CONSTRAINT 'two''s' UNIQUE (B, A))",
        Table("t", (A, B), uniques=(Key(("a",), "one"), Key(("b",)), Key(("b", "a"), "two's"))),
    ),
    ("CREATE TABLE t (a, UNIQUE (a, A))", Table("t", (A,), uniques=(Key(("a",)),))),
    (
        "CREATE TABLE t (a UNIQUE ON CONFLICT REPLACE)",
        Table("t", (A,), uniques=(Key(("a",)),), options=("ON CONFLICT REPLACE",)),
    ),
    (
        "CREATE TABLE t (a COLLATE nocase UNIQUE)",
        Table(
            "t",
            (Column("a", "", collation="NOCASE"),),
            indexes=(Index("uq_t_a", (IndexPart("a", collation="NOCASE"),), unique=True),),
        ),
    ),
    (
        "CREATE TABLE t (a, b, CONSTRAINT u UNIQUE (a COLLATE nocase, b), CONSTRAINT v UNIQUE (a, b))",
        Table(
            "t",
            (A, B),
            uniques=(Key(("a", "b"), "v"),),
            indexes=(Index("u", (IndexPart("a", collation="NOCASE"), IndexPart("b")), unique=True),),
        ),
    ),
    (
        "CREATE TABLE t (a, UNIQUE (a COLLATE nocase), UNIQUE (a COLLATE rtrim))",
        Table(
            "t",
            (A,),
            indexes=(
                Index("uq_t_a", (IndexPart("a", collation="NOCASE"),), unique=True),
                Index("uq_t_a_2", (IndexPart("a", collation="RTRIM"),), unique=True),
            ),
        ),
    ),
    (
        "CREATE TABLE t (a TEXT COLLATE nocase CONSTRAINT k PRIMARY KEY) WITHOUT ROWID",
        Table(
            "t",
            (Column("a", "TEXT", nullable=False, collation="NOCASE"),),
            Key(("a",), "k"),
            indexes=(Index("uq_t_a", (IndexPart("a", collation="NOCASE"),), unique=True),),
            options=("WITHOUT ROWID",),
        ),
    ),
    (
        'CREATE TABLE t (a CHECK (A > 0), b, CONSTRAINT c CHECK (a < "B"))',
        Table("t", (A, B), checks=(Check(x("A > 0", "a", "b")), Check(x('a < "B"', "a", "b"), "c"))),
    ),
]


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(("statement", "expected"), KEYS, ids=[statement for statement, _ in KEYS])
def test_keys_and_checks(statement: str, expected: Table) -> None:
    (table,) = schema_of(statement).tables
    assert table.sql == statement
    assert table == replace(expected, sql=statement)


@pytest.mark.usefixtures("bare")
def test_name_of_a_unique_index_for_a_constraint_is_not_taken_twice() -> None:
    schema = schema_of(
        "CREATE TABLE t (a COLLATE nocase UNIQUE)", "CREATE TABLE u (a, b)", "CREATE INDEX UQ_T_A ON u (a)"
    )
    assert [index.name for index in schema.table("t").indexes] == ["uq_t_a_2"]


INDEXES: list[tuple[str, Index]] = [
    ("CREATE INDEX i ON t (a)", Index("i", (IndexPart("a"),))),
    (
        "CREATE UNIQUE INDEX i ON t (A DESC, b)",
        Index("i", (IndexPart("a", descending=True), IndexPart("b")), True),
    ),
    ("CREATE INDEX i ON t (ID, a)", Index("i", (IndexPart("id"), IndexPart("a")))),
    ("CREATE INDEX i ON t (n)", Index("i", (IndexPart("n", collation="NOCASE"),))),
    ("CREATE INDEX i ON t (n COLLATE binary)", Index("i", (IndexPart("n"),))),
    ("CREATE INDEX i ON t (a COLLATE rtrim)", Index("i", (IndexPart("a", collation="RTRIM"),))),
    (
        "CREATE INDEX i ON t (lower(a) COLLATE nocase DESC, b)",
        Index(
            "i",
            (
                IndexPart(None, x("lower(a)", "id", "a", "b", "n"), descending=True, collation="NOCASE"),
                IndexPart("b"),
            ),
        ),
    ),
    (
        "CREATE UNIQUE INDEX i ON t (a) WHERE b IS NOT NULL",
        Index("i", (IndexPart("a"),), True, x("b IS NOT NULL", "id", "a", "b", "n")),
    ),
    ("CREATE INDEX \"i%' \"\"[\" ON 't' ('a')", Index("i%' \"[", (IndexPart("a"),))),
]


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(("statement", "expected"), INDEXES, ids=[statement for statement, _ in INDEXES])
def test_indexes(statement: str, expected: Index) -> None:
    table = "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, n COLLATE nocase)"
    assert schema_of(table, statement).table("t").indexes == (expected,)


@pytest.mark.usefixtures("bare")
def test_table_whose_text_is_not_understood_moves_with_what_the_pragmas_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(sql: str) -> None:
        raise NotUnderstood(sql)

    monkeypatch.setattr(tables, "create_table", refuse)
    monkeypatch.setattr(tables, "create_index", refuse)
    statement = (
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL DEFAULT 'x' CONSTRAINT u UNIQUE, "
        "b COLLATE nocase AS (a) STORED CHECK (b > ''), c CONSTRAINT fk REFERENCES t DEFERRABLE)"
    )
    index = "CREATE INDEX i ON t (a, lower(b)) WHERE a > ''"
    schema = schema_of(statement, index, "INSERT INTO t (id) VALUES (5)", "DELETE FROM t")
    names = ("id", "a", "b", "c")
    assert schema.tables == (
        Table(
            "t",
            (
                Column("id", "INTEGER", nullable=False, identity=Identity(5)),
                Column("a", "TEXT", nullable=False, default=x("'x'")),
                Column("b", "", generated=Generated(Expression(statement, None), True)),
                Column("c", ""),
            ),
            Key(("id",)),
            (Key(("a",)),),
            (ForeignKey(("c",), "t", ("id",)),),
            (),
            (Index("i", (IndexPart("a"), IndexPart(None, x(index, *names))), False, x(index, *names)),),
            sql=statement,
        ),
    )
    assert [(each.kind, each.name, each.sql) for each in schema.unmoved] == [("table definition", "t", statement)]
