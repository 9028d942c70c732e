"""What the text of CREATE statements says. Every statement of these tables is one that SQLite accepts."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.sources.sqlite.ddl import (
    CheckText,
    ColumnText,
    ForeignKeyText,
    KeyText,
    TableText,
    create_index,
    create_table,
    create_view,
    virtual_module,
)
from migrator.sources.sqlite.tokens import NotUnderstood, tokens

PARENT = "CREATE TABLE p (x INTEGER PRIMARY KEY, y, z, UNIQUE (y, z))"

CHECKS = [
    ("a CHECK (a > 0)", [("a > 0", None)]),
    ("a CHECK(a>0)CHECK(a<9)", [("a>0", None), ("a<9", None)]),
    ("a CONSTRAINT c CHECK (a > 0) NOT NULL CHECK (a < 9)", [("a > 0", "c"), ("a < 9", None)]),
    ("a CONSTRAINT n NOT NULL CHECK (a > 0)", [("a > 0", None)]),
    ("a CONSTRAINT x CONSTRAINT y CHECK (a > 0)", [("a > 0", "y")]),
    ("a, CHECK (a > 0) CHECK (a < 9)", [("a > 0", None), ("a < 9", None)]),
    ("a, CONSTRAINT c CHECK (a > 0) UNIQUE (a) CONSTRAINT d CHECK (a < 9)", [("a > 0", "c"), ("a < 9", "d")]),
    ('a, CONSTRAINT "the ""check""" CHECK (a > 0)', [("a > 0", 'the "check"')]),
    ("a, CONSTRAINT 'it''s' CHECK (a > 0)", [("a > 0", "it's")]),
    ("a, CONSTRAINT [a b] CHECK (a > 0)", [("a > 0", "a b")]),
    ("a, CONSTRAINT `a``b` CHECK (a > 0)", [("a > 0", "a`b")]),
    ("a, CONSTRAINT 점검 CHECK (a > 0) ON CONFLICT FAIL", [("a > 0", "점검")]),
    ("a CHECK (a IN ('(', ')', ''','))", [("a IN ('(', ')', ''',')", None)]),
    ("a CHECK ( /* ) */ a > 0 -- )\n )", [("a > 0", None)]),
    ("a CHECK (a /* ) */ > -- )\n 0)", [("a /* ) */ > -- )\n 0", None)]),
    ("a CHECK ((a) > ((0)) AND ((a) < 9))", [("(a) > ((0)) AND ((a) < 9)", None)]),
    ('"check" TEXT CHECK ("check" > \'\')', [("\"check\" > ''", None)]),
    ("[check (] CHECK ([check (] > 0)", [("[check (] > 0", None)]),
    ("a DEFAULT (1) CHECK (a > 0)", [("a > 0", None)]),
    ("a DEFAULT -1 CHECK (a > 0)", [("a > 0", None)]),
    ("a DEFAULT + 1.5e3 CHECK (a > 0)", [("a > 0", None)]),
    ("a DEFAULT x'00' CHECK (a > 0)", [("a > 0", None)]),
    ("a DEFAULT ')' CHECK (a > 0)", [("a > 0", None)]),
    ("a DEFAULT CURRENT_TIMESTAMP CHECK (a > 0)", [("a > 0", None)]),
    ("a DEFAULT NULL CHECK (a > 0)", [("a > 0", None)]),
    ('a DEFAULT "check" CHECK (a > 0)', [("a > 0", None)]),
    ("a DECIMAL(10, -2) NULL ON CONFLICT ROLLBACK CHECK (a > 0)", [("a > 0", None)]),
    ("a REFERENCES p (x) ON DELETE SET NULL ON UPDATE NO ACTION MATCH FULL CHECK (a > 0)", [("a > 0", None)]),
    ("a NOT NULL DEFERRABLE INITIALLY DEFERRED CHECK (1)", [("1", None)]),
    ("a CHECK (1), CONSTRAINT unused", [("1", None)]),
    (
        "a CHECK (a <> 0x1F AND a != .5 AND a||'' GLOB '[a-z]*')",
        [("a <> 0x1F AND a != .5 AND a||'' GLOB '[a-z]*'", None)],
    ),
]


def table_text(body: str, tail: str = "") -> TableText:
    """Read a table as SQLite stores it, so that the statement is known to be valid."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(PARENT)
        connection.execute(f"CREATE TABLE t ({body}){tail}")
        return create_table(stored(connection, "t"))


def stored(connection: sqlite3.Connection, name: str) -> str:
    query = "SELECT sql FROM sqlite_schema WHERE name = ?"
    return str(connection.execute(query, (name,)).fetchone()[0])


@pytest.mark.parametrize(("body", "expected"), CHECKS, ids=[body for body, _ in CHECKS])
def test_checks(body: str, expected: list[tuple[str, str | None]]) -> None:
    assert table_text(body).checks == [CheckText(sql, name) for sql, name in expected]


def test_operators_that_only_a_newer_sqlite_knows() -> None:
    """`->` came with SQLite 3.38, digits with `_` with 3.46."""
    text = create_table("CREATE TABLE t (a CHECK (a->>'$.b' <> 1_000 AND a->'$[0]' IS NOT NULL), b)")
    assert text.checks == [CheckText("a->>'$.b' <> 1_000 AND a->'$[0]' IS NOT NULL")]


COLUMNS = [
    ("a", ColumnText("a")),
    ("a INTEGER", ColumnText("a")),
    ("a UNSIGNED BIG INT (1, 2)", ColumnText("a")),
    ("a 'my type' \"or\" [that]", ColumnText("a")),
    ("a GENERATED", ColumnText("a")),
    ("a ALWAYS KEY DESC", ColumnText("a")),
    ("a TEXT COLLATE nocase", ColumnText("a", "nocase")),
    ("a COLLATE nocase COLLATE rtrim", ColumnText("a", "rtrim")),
    ("a COLLATE 'NoCase' NOT NULL", ColumnText("a", "NoCase")),
    ("a TEXT DEFAULT 'x' COLLATE \"binary\"", ColumnText("a", "binary")),
    ("b, a AS (b + 1)", ColumnText("a", generated="b + 1")),
    ("b, a INT GENERATED ALWAYS AS (b || ')') STORED UNIQUE", ColumnText("a", generated="b || ')'")),
    ("b, a INT NOT NULL GENERATED ALWAYS AS ((b)) VIRTUAL COLLATE nocase", ColumnText("a", "nocase", "(b)")),
    ("b, a GENERATED ALWAYS AS (/* c */ b)", ColumnText("a", generated="b")),
    ('"a b" INT', ColumnText("a b")),
    ('"a""b" INT', ColumnText('a"b')),
    ("'a''b' INT", ColumnText("a'b")),
    ("[a`\"'b] INT", ColumnText("a`\"'b")),
    ("`a]``b` INT", ColumnText("a]`b")),
    ("가격$_1 INT", ColumnText("가격$_1")),
    ('"" INT', ColumnText("")),
    ('"primary" INT', ColumnText("primary")),
    ("key, a", ColumnText("a")),
    ("-- first\n a /* second */ INT", ColumnText("a")),
]


@pytest.mark.parametrize(("body", "expected"), COLUMNS, ids=[body for body, _ in COLUMNS])
def test_columns(body: str, expected: ColumnText) -> None:
    assert table_text(body).columns[-1] == expected


FOREIGN_KEYS = [
    ("a REFERENCES p", [ForeignKeyText(("a",))]),
    ("a REFERENCES p (x) DEFERRABLE", [ForeignKeyText(("a",), None, True, False)]),
    ("a REFERENCES p DEFERRABLE INITIALLY DEFERRED", [ForeignKeyText(("a",), None, True, True)]),
    ("a REFERENCES p DEFERRABLE INITIALLY IMMEDIATE", [ForeignKeyText(("a",), None, True, False)]),
    ("a REFERENCES p NOT DEFERRABLE INITIALLY DEFERRED", [ForeignKeyText(("a",), None, False, False)]),
    (
        "a CONSTRAINT fk REFERENCES p NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED",
        [ForeignKeyText(("a",), "fk", True, True)],
    ),
    (
        "a REFERENCES p ON DELETE SET DEFAULT MATCH SIMPLE ON UPDATE CASCADE DEFERRABLE REFERENCES p",
        [ForeignKeyText(("a",), None, True, False), ForeignKeyText(("a",))],
    ),
    (
        "a, b, CONSTRAINT fk FOREIGN KEY (B, [A]) REFERENCES p (y, z) ON DELETE RESTRICT "
        "DEFERRABLE INITIALLY DEFERRED",
        [ForeignKeyText(("B", "A"), "fk", True, True)],
    ),
    (
        "a, b, FOREIGN KEY (a) REFERENCES p FOREIGN KEY (b) REFERENCES p NOT DEFERRABLE CHECK (a)",
        [ForeignKeyText(("a",)), ForeignKeyText(("b",))],
    ),
    ("a REFERENCES \"p\" ('x')", [ForeignKeyText(("a",))]),
]


@pytest.mark.parametrize(("body", "expected"), FOREIGN_KEYS, ids=[body for body, _ in FOREIGN_KEYS])
def test_foreign_keys(body: str, expected: list[ForeignKeyText]) -> None:
    assert table_text(body).foreign_keys == expected


KEYS = [
    ("a PRIMARY KEY", KeyText(("a",)), []),
    ("a CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT IGNORE", KeyText(("a",), "pk"), []),
    (
        "a, b, CONSTRAINT 'pk' PRIMARY KEY (b COLLATE nocase DESC, a) ON CONFLICT FAIL",
        KeyText(("b", "a"), "pk"),
        [],
    ),
    ("a UNIQUE", None, [KeyText(("a",))]),
    ("a CONSTRAINT u UNIQUE ON CONFLICT REPLACE UNIQUE", None, [KeyText(("a",), "u"), KeyText(("a",))]),
    ("a, b, UNIQUE (a) UNIQUE (b, a)", None, [KeyText(("a",)), KeyText(("b", "a"))]),
    ('a, b, UNIQUE (a COLLATE rtrim ASC, "b")', None, [KeyText(("a", "b"))]),
]


@pytest.mark.parametrize(("body", "primary", "uniques"), KEYS, ids=[body for body, *_ in KEYS])
def test_keys(body: str, primary: KeyText | None, uniques: list[KeyText]) -> None:
    text = table_text(body)
    assert (text.primary_key, text.uniques) == (primary, uniques)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a INTEGER PRIMARY KEY AUTOINCREMENT", True),
        ("a INTEGER PRIMARY KEY ASC ON CONFLICT ABORT AUTOINCREMENT NOT NULL", True),
        ("a INTEGER, PRIMARY KEY (a AUTOINCREMENT)", True),
        ("a INTEGER PRIMARY KEY /* AUTOINCREMENT */", False),
        ("a INTEGER PRIMARY KEY DEFAULT 'AUTOINCREMENT'", False),
    ],
)
def test_autoincrement(body: str, expected: bool) -> None:
    assert table_text(body).autoincrement is expected


def test_conflict_actions_other_than_the_default_are_kept_once() -> None:
    body = (
        "a NOT NULL ON CONFLICT REPLACE UNIQUE ON CONFLICT REPLACE, b UNIQUE ON CONFLICT ABORT, "
        "UNIQUE (a, b) ON CONFLICT IGNORE"
    )
    assert table_text(body).conflicts == ["REPLACE", "IGNORE"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE t(a)",
        "create table if not exists main.t (a)",
        'CREATE TABLE\n/* c */ "main" . [t] -- (\n(a) WITHOUT ROWID, STRICT',
        "CREATE TEMP TABLE 't'(a)",
        "CREATE TEMPORARY TABLE t(a);",
    ],
)
def test_prefix_of_a_table(statement: str) -> None:
    assert create_table(statement).columns == [ColumnText("a")]


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "CREATE",
        "CREATE VIEW t AS SELECT 1",
        "CREATE TABLE t",
        "CREATE TABLE t AS SELECT 1",
        "CREATE TABLE t (a",
        "CREATE TABLE t (a CHECK)",
        "CREATE TABLE t (a CHECK (a > 0)",
        "CREATE TABLE t (a 'text)",
        'CREATE TABLE t (a "text)',
        "CREATE TABLE t (a NEW ?)",
        "CREATE TABLE t (a, CHECK (a) FOREIGN (a))",
        "CREATE TABLE t (a NOT NULL FUTURE (1))",
        "CREATE TABLE t (a, UNIQUE (a) FUTURE)",
        "CREATE TABLE t (1)",
    ],
)
def test_other_text_is_not_understood(statement: str) -> None:
    with pytest.raises(NotUnderstood):
        create_table(statement)


INDEXES = [
    ("CREATE INDEX i ON t (a)", ("a",), None),
    ("CREATE UNIQUE INDEX IF NOT EXISTS main.i ON t (a DESC, b COLLATE nocase ASC)", ("a", "b"), None),
    ("CREATE INDEX i ON t (lower(a), a || ',' || b COLLATE nocase DESC)", ("lower(a)", "a || ',' || b"), None),
    ("CREATE INDEX i ON t (coalesce(a, (b)) DESC) WHERE a > ')' AND b", ("coalesce(a, (b))",), "a > ')' AND b"),
    ("CREATE INDEX 'the index' ON [t](\"a\"/* x */)WHERE a -- y\n IS NOT NULL", ('"a"',), "a -- y\n IS NOT NULL"),
]


@pytest.mark.parametrize(("statement", "parts", "where"), INDEXES, ids=[statement for statement, *_ in INDEXES])
def test_indexes(statement: str, parts: tuple[str, ...], where: str | None) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        connection.execute(statement)
    text = create_index(statement)
    assert (text.parts, text.where) == (parts, where)


@pytest.mark.parametrize(
    ("statement", "select"),
    [
        ("CREATE VIEW v AS SELECT 1", "SELECT 1"),
        ("CREATE VIEW IF NOT EXISTS main.v AS VALUES (1)", "VALUES (1)"),
        ("CREATE VIEW v (a, \"as\") AS /* c */ SELECT 1 AS a, ')' -- d\n", "SELECT 1 AS a, ')'"),
        ('CREATE VIEW "as" AS WITH x AS (SELECT 1) SELECT * FROM x', "WITH x AS (SELECT 1) SELECT * FROM x"),
    ],
)
def test_views(statement: str, select: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(statement)
    assert create_view(statement) == select


@pytest.mark.parametrize(
    ("statement", "module"),
    [
        ("CREATE VIRTUAL TABLE f USING fts5(a, b)", "fts5"),
        ("CREATE VIRTUAL TABLE IF NOT EXISTS main.f\nUSING [RTree]", "rtree"),
        ("CREATE VIRTUAL TABLE f USING csv(it's broken", ""),
        ("CREATE TABLE f (a)", ""),
    ],
)
def test_virtual_modules(statement: str, module: str) -> None:
    assert virtual_module(statement) == module


def quoted(name: str, quote: str) -> str:
    if quote == "[":
        return f"[{name}]"
    return f"{quote}{name.replace(quote, quote * 2)}{quote}"


names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(
    names, names, st.sampled_from("\"'`["), st.sampled_from("\"'`["), st.sampled_from(["", " ", "/*(*/", "--'\n"])
)
def test_every_name_is_read_as_sqlite_reads_it(
    column: str, constraint: str, first: str, second: str, gap: str
) -> None:
    if (first == "[" and "]" in column) or (second == "[" and "]" in constraint):
        return
    with closing(sqlite3.connect(":memory:")) as connection:
        body = f"{quoted(column, first)}{gap}CONSTRAINT{gap}{quoted(constraint, second)}{gap}CHECK{gap}(1{gap})"
        connection.execute(f"CREATE TABLE t ({body})")
        ((real,),) = connection.execute("SELECT name FROM pragma_table_info('t')").fetchall()
        text = create_table(stored(connection, "t"))
    assert text.columns == [ColumnText(real)]
    assert text.checks == [CheckText("1", constraint)]


@given(st.text(st.sampled_from("ab_1.5e+-x'\"`[]()/*\n ,;$@:?#|<>=가"), max_size=30))
def test_tokens_leave_out_nothing_but_white_space_and_comments(sql: str) -> None:
    try:
        found = list(tokens(sql))
    except NotUnderstood:
        return
    position = 0
    for token in found:
        assert sql[token.start : token.end] == token.text
        skipped = sql[position : token.start].strip(" \n")
        assert not skipped or skipped.startswith(("--", "/*"))
        position = token.end
