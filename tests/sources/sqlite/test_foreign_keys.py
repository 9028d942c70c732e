"""Foreign keys and their parents, judged as SQLite judges them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from migrator.model.schema import (
    ForeignKey,
)
from tests.sources.sqlite.schemas import schema_of

PARENTS = (
    "CREATE TABLE Parent (Id INTEGER PRIMARY KEY, Code TEXT UNIQUE, a, b, n TEXT COLLATE nocase, UNIQUE (b, a))",
    "CREATE UNIQUE INDEX partial ON Parent (n) WHERE n > ''",
    "CREATE TABLE pair (x, y, PRIMARY KEY (y, x)) WITHOUT ROWID",
    "CREATE TABLE keyless (x)",
    "CREATE TABLE folded (n TEXT COLLATE nocase UNIQUE, m TEXT)",
    "CREATE UNIQUE INDEX other_collation ON folded (m COLLATE nocase)",
    "CREATE TABLE indexed (m, l)",
    "CREATE UNIQUE INDEX created ON indexed (m)",
    "CREATE UNIQUE INDEX computed ON indexed (lower(l))",
    "CREATE VIEW view AS SELECT 1 AS x",
    "CREATE VIRTUAL TABLE virtual USING fts5 (x)",
)

NOT_UNIQUE = "No primary key or unique constraint covers exactly {} of {}."

FOREIGN_KEYS: list[tuple[str, ForeignKey]] = [
    ("a REFERENCES parent", ForeignKey(("a",), "Parent", ("Id",))),
    ("a REFERENCES PARENT (id)", ForeignKey(("a",), "Parent", ("Id",))),
    ("a REFERENCES parent (CODE)", ForeignKey(("a",), "Parent", ("Code",))),
    ("a REFERENCES indexed (m)", ForeignKey(("a",), "indexed", ("m",))),
    ("a REFERENCES folded (n)", ForeignKey(("a",), "folded", ("n",))),
    ("a, b, FOREIGN KEY (A, B) REFERENCES parent (a, b)", ForeignKey(("a", "b"), "Parent", ("a", "b"))),
    ("a, b, FOREIGN KEY (a, b) REFERENCES pair", ForeignKey(("a", "b"), "pair", ("y", "x"))),
    ("a INTEGER PRIMARY KEY, b REFERENCES c", ForeignKey(("b",), "c", ("a",))),
    (
        "a CONSTRAINT fk REFERENCES parent ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED",
        ForeignKey(("a",), "Parent", ("Id",), "fk", "CASCADE", "SET NULL", True, True),
    ),
    (
        "a REFERENCES parent ON DELETE SET DEFAULT ON UPDATE RESTRICT",
        ForeignKey(("a",), "Parent", ("Id",), None, "SET DEFAULT", "RESTRICT"),
    ),
    (
        "a REFERENCES missing",
        ForeignKey(("a",), "missing", (), problem="The parent table missing does not exist."),
    ),
    (
        "a REFERENCES Missing (X)",
        ForeignKey(("a",), "Missing", ("X",), problem="The parent table Missing does not exist."),
    ),
    (
        "a REFERENCES View (x)",
        ForeignKey(("a",), "View", ("x",), problem="The parent View is a view, not an ordinary table."),
    ),
    (
        "a REFERENCES virtual (x)",
        ForeignKey(
            ("a",), "virtual", ("x",), problem="The parent virtual is a virtual table, not an ordinary table."
        ),
    ),
    (
        "a REFERENCES keyless",
        ForeignKey(("a",), "keyless", (), problem="The parent table keyless has no primary key."),
    ),
    (
        "a, b, FOREIGN KEY (a, b) REFERENCES parent (id, nope)",
        ForeignKey(("a", "b"), "Parent", ("Id", "nope"), problem="The parent table Parent has no column nope."),
    ),
    (
        "a REFERENCES parent (rowid)",
        ForeignKey(("a",), "Parent", ("rowid",), problem="The parent table Parent has no column rowid."),
    ),
    (
        "a REFERENCES pair",
        ForeignKey(("a",), "pair", ("y", "x"), problem="The parent key of pair has 2 columns, the foreign key 1."),
    ),
    ("a REFERENCES keyless (x)", ForeignKey(("a",), "keyless", ("x",), problem=NOT_UNIQUE.format("x", "keyless"))),
    ("a REFERENCES pair (x)", ForeignKey(("a",), "pair", ("x",), problem=NOT_UNIQUE.format("x", "pair"))),
    ("a REFERENCES parent (n)", ForeignKey(("a",), "Parent", ("n",), problem=NOT_UNIQUE.format("n", "Parent"))),
    ("a REFERENCES folded (m)", ForeignKey(("a",), "folded", ("m",), problem=NOT_UNIQUE.format("m", "folded"))),
    ("a REFERENCES indexed (l)", ForeignKey(("a",), "indexed", ("l",), problem=NOT_UNIQUE.format("l", "indexed"))),
]


@pytest.mark.parametrize(("body", "expected"), FOREIGN_KEYS, ids=[body for body, _ in FOREIGN_KEYS])
def test_foreign_keys(body: str, expected: ForeignKey) -> None:
    assert schema_of(*PARENTS, f"CREATE TABLE c ({body})").table("c").foreign_keys == (expected,)


@pytest.mark.parametrize(("body", "expected"), FOREIGN_KEYS, ids=[body for body, _ in FOREIGN_KEYS])
def test_foreign_key_has_a_problem_exactly_when_sqlite_cannot_enforce_it(body: str, expected: ForeignKey) -> None:
    """The rules of these tests are SQLite's: it refuses a child row of such a key with an error of its own."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for statement in (*PARENTS, f"CREATE TABLE c ({body})"):
            connection.execute(statement)
        connection.execute("PRAGMA foreign_keys = ON")
        values = ", ".join("77" for _ in expected.columns)
        with pytest.raises(sqlite3.Error) as caught:
            connection.execute(f"INSERT INTO c ({', '.join(expected.columns)}) VALUES ({values})")
    refusal = str(caught.value)
    if expected.problem is None:
        assert refusal == "FOREIGN KEY constraint failed"
    else:
        assert refusal.startswith(("foreign key mismatch", "no such table"))


def test_foreign_keys_keep_the_order_of_the_text() -> None:
    body = "a REFERENCES p, b CONSTRAINT two REFERENCES p, CONSTRAINT three FOREIGN KEY (b, a) REFERENCES p (x, y)"
    found = schema_of("CREATE TABLE p (id INTEGER PRIMARY KEY, x, y, UNIQUE (x, y))", f"CREATE TABLE c ({body})")
    assert [(key.columns, key.name) for key in found.table("c").foreign_keys] == [
        (("a",), None),
        (("b",), "two"),
        (("b", "a"), "three"),
    ]
