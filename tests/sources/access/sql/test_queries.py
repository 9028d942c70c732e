"""Saved queries become views that give the rows of Access, or are listed with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from migrator.model.schema import Unmoved, View
from migrator.model.types import INT32, TEXT, decimal
from migrator.sources.access.queries import Query
from migrator.sources.access.relationships import Relationship
from migrator.sources.access.sql import Relation, views
from migrator.sources.access.types import Type
from migrator.targets import Relation as Target
from migrator.targets import Scope
from migrator.targets.mssql import DIALECT as MSSQL
from migrator.targets.postgresql import DIALECT as POSTGRESQL
from tests.sources.access.sql.cases import COLUMNS, TYPES

ITEMS = Relation("Items", {"Code": Type.SHORT_TEXT, "Title": Type.SHORT_TEXT, "Files": Type.COMPLEX}, ("Code",))
LINES = Relation(
    "Order Lines", {"ID": Type.LONG, "t": Type.LONG, "Code": Type.SHORT_TEXT, "Amount": Type.CURRENCY}, ("ID",)
)
MAIN = Relation("t", TYPES, ("ID",))
LOOSE = Relation("Loose", {"Name": Type.SHORT_TEXT})
TABLES = (MAIN, ITEMS, LINES, LOOSE)
ENFORCED = Relationship("r", "Order Lines", ("Code",), "Items", ("Code",), 0)

TARGETS = {
    "t": Target("access_sql", "t", Scope({name: (name, type) for name, (_, type) in COLUMNS.items()})),
    "Items": Target("access_sql", "Items", Scope({"Code": ("Code", TEXT), "Title": ("Title", TEXT)})),
    "Order Lines": Target(
        "access_sql",
        "Order Lines",
        Scope(
            {"ID": ("ID", INT32), "t": ("t", INT32), "Code": ("Code", TEXT), "Amount": ("Amount", decimal(19, 4))}
        ),
    ),
}


def query(sql: str, name: str = "q", kind: str = "select", *, hidden: bool = False) -> Query:
    return Query(name, kind, sql, (), hidden)


def view(sql: str, kind: str = "select") -> View:
    found, unmoved = views([query(sql, kind=kind)], TABLES, [ENFORCED])
    assert not unmoved, unmoved[0].reason
    return found[0]


def reason(sql: str, kind: str = "select", relationships: Sequence[Relationship] = ()) -> str:
    found, unmoved = views([query(sql, kind=kind)], TABLES, relationships)
    assert not found, found[0].query.neutral
    assert unmoved == (Unmoved("query", "q", unmoved[0].reason, sql),)
    return unmoved[0].reason


@pytest.fixture(scope="module")
def filled(server: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    for statement in (
        'CREATE TABLE "Items" ("Code" text, "Title" text)',
        'CREATE TABLE "Order Lines" ("ID" integer, "t" integer, "Code" text, "Amount" numeric(19, 4))',
        """INSERT INTO "Items" VALUES ('A', 'Apple'), ('B', 'Beer'), ('C', NULL)""",
        """INSERT INTO "Order Lines" VALUES (1, 1, 'A', 1.5), (2, 1, 'B', 2), (3, 2, 'A', 3)""",
        """INSERT INTO "Order Lines" VALUES (4, NULL, NULL, 4)""",
    ):
        server.execute(statement.encode())
    return server


VIEWS: list[tuple[str, tuple[str, ...], tuple[str, ...], list[tuple[Any, ...]]]] = [
    ("SELECT ID FROM t;", ("ID",), ("t",), [(-7,), (1,), (2,), (4,)]),
    ("SELECT [t].[ID] AS Number\nFROM t\nWHERE (((t.ID)>1));", ("Number",), ("t",), [(2,), (4,)]),
    (
        'SELECT i.* FROM [Order Lines] AS i WHERE i.Code="a";',
        ("ID", "t", "Code", "Amount"),
        ("Order Lines",),
        [(1, 1, "A", 1.5), (3, 2, "A", 3)],
    ),
    (
        "SELECT t.ID, [Order Lines].ID FROM t INNER JOIN [Order Lines] ON t.ID = [Order Lines].t;",
        ("t.ID", "Order Lines.ID"),
        ("t", "Order Lines"),
        [(1, 1), (1, 2), (2, 3)],
    ),
    (
        "SELECT t.ID AS a, l.ID AS b FROM t LEFT JOIN [Order Lines] AS l ON t.ID = l.t WHERE t.ID > 0;",
        ("a", "b"),
        ("t", "Order Lines"),
        [(1, 1), (1, 2), (2, 3), (4, None)],
    ),
    (
        "SELECT t.ID AS a, l.ID AS b FROM t RIGHT JOIN [Order Lines] AS l ON t.ID = l.t;",
        ("a", "b"),
        ("t", "Order Lines"),
        [(1, 1), (1, 2), (2, 3), (None, 4)],
    ),
    # A relationship keeps the texts alike, so they compare by their characters.
    (
        "SELECT t.ID AS a, i.Title FROM t INNER JOIN ([Order Lines] AS l INNER JOIN Items AS i "
        "ON l.Code = i.Code) ON t.ID = l.t;",
        ("a", "Title"),
        ("t", "Order Lines", "Items"),
        [(1, "Apple"), (1, "Beer"), (2, "Apple")],
    ),
    (
        "SELECT t.ID AS a, i.Title FROM t LEFT JOIN ([Order Lines] AS l LEFT JOIN Items AS i ON (l.Code = i.Code) "
        "AND (l.ID > 1)) ON t.ID = l.t WHERE t.ID < 4;",
        ("a", "Title"),
        ("t", "Order Lines", "Items"),
        [(-7, None), (1, "Beer"), (1, None), (2, "Apple")],
    ),
    (
        "SELECT a.ID AS x, c.ID AS y FROM (t AS a INNER JOIN t AS b ON a.ID = b.ID) INNER JOIN "
        "([Order Lines] AS c INNER JOIN [Order Lines] AS d ON c.ID = d.ID) ON a.ID = c.t;",
        ("x", "y"),
        ("t", "Order Lines"),
        [(1, 1), (1, 2), (2, 3)],
    ),
    (
        "SELECT a.ID AS x FROM t AS a, [Order Lines] AS b WHERE a.ID = b.t;",
        ("x",),
        ("t", "Order Lines"),
        [(1,), (1,), (2,)],
    ),
    (
        "SELECT l.t, Count(*) AS n, Sum(l.Amount) AS total, Max(l.ID) AS last, Count(l.Code) AS codes "
        "FROM [Order Lines] AS l GROUP BY l.t;",
        ("t", "n", "total", "last", "codes"),
        ("Order Lines",),
        [(1, 2, 3.5, 2, 2), (2, 1, 3, 3, 1), (None, 1, 4, 4, 0)],
    ),
    (
        "SELECT l.t AS x FROM [Order Lines] AS l GROUP BY l.t HAVING (((Count(*))>1));",
        ("x",),
        ("Order Lines",),
        [(1,)],
    ),
    ("SELECT Sum(Active) AS s, Avg(ID) AS a FROM t;", ("s", "a"), ("t",), [(-2, 0.0)]),
    # The key keeps groups apart, so the text beside it merges none.
    (
        "SELECT ID, [Name], Count(*) AS n FROM t WHERE ID < 2 GROUP BY ID, [Name];",
        ("ID", "Name", "n"),
        ("t",),
        [(-7, "münchen", 1), (1, "Apple", 1)],
    ),
    ("SELECT DISTINCT ID, [Name] FROM t WHERE ID=1;", ("ID", "Name"), ("t",), [(1, "Apple")]),
    ("SELECT DISTINCT l.t AS x FROM [Order Lines] AS l;", ("x",), ("Order Lines",), [(1,), (2,), (None,)]),
    ("SELECT DISTINCTROW ID FROM t WHERE ID=1;", ("ID",), ("t",), [(1,)]),
    ("SELECT TOP 2 ID FROM t ORDER BY ID DESC;", ("ID",), ("t",), [(2,), (4,)]),
    # Rows of a view have no order, so one by text is left out.
    ("SELECT [Name] FROM t WHERE ID > 2 ORDER BY [Name];", ("Name",), ("t",), [(None,)]),
    # What is compared is -1 or 0.
    ("SELECT [ID]>1 AS Big FROM t ORDER BY ID;", ("Big",), ("t",), [(-1,), (-1,), (0,), (0,)]),
    ("SELECT Active FROM t WHERE Active;", ("Active",), ("t",), [(True,), (True,)]),
    ("SELECT ID FROM t WHERE Due <= Now();", ("ID",), ("t",), [(-7,), (1,), (2,)]),
    ('SELECT ID, [Name] & "!" AS Loud FROM t WHERE t![ID] = 1;', ("ID", "Loud"), ("t",), [(1, "Apple!")]),
]

UNIONS: list[tuple[str, list[tuple[Any, ...]]]] = [
    ("SELECT ID FROM t UNION SELECT t FROM [Order Lines];", [(-7,), (1,), (2,), (4,), (None,)]),
    (
        "SELECT ID FROM t WHERE ID=1 UNION ALL SELECT t FROM [Order Lines] WHERE t=1 ORDER BY ID;",
        [(1,), (1,), (1,)],
    ),
    (
        'SELECT [Name] AS n FROM t WHERE ID=1 UNION ALL SELECT Title FROM Items WHERE Code="a";',
        [("Apple",), ("Apple",)],
    ),
    (
        "SELECT ID FROM t UNION ALL SELECT t FROM [Order Lines] UNION SELECT ID FROM t;",
        [(-7,), (1,), (2,), (4,), (None,)],
    ),
]


def rows(connection: psycopg.Connection[Any], found: View) -> list[tuple[Any, ...]]:
    assert found.query.neutral is not None
    cursor = connection.execute(POSTGRESQL.query(found.query.neutral, TARGETS).encode())
    assert tuple(column.name for column in cursor.description or ()) == found.columns
    return sorted(cursor.fetchall(), key=lambda row: [(value is None, value) for value in row])


@pytest.mark.parametrize(("sql", "columns", "reads", "expected"), VIEWS)
def test_select_becomes_a_view(
    filled: psycopg.Connection[Any],
    sql: str,
    columns: tuple[str, ...],
    reads: tuple[str, ...],
    expected: list[tuple[Any, ...]],
) -> None:
    found = view(sql)
    assert (found.name, found.columns, found.reads, found.sql) == ("q", columns, reads, sql)
    assert rows(filled, found) == expected
    assert MSSQL.query(str(found.query.neutral), TARGETS)


@pytest.mark.parametrize(("sql", "expected"), UNIONS)
def test_union_becomes_a_view(filled: psycopg.Connection[Any], sql: str, expected: list[tuple[Any, ...]]) -> None:
    found = view(sql, "union")
    assert rows(filled, found) == expected
    assert MSSQL.query(str(found.query.neutral), TARGETS)


def test_yes_sorts_before_no(filled: psycopg.Connection[Any]) -> None:
    """True is -1."""
    neutral = str(view("SELECT ID, Active FROM t ORDER BY Active, ID DESC;").query.neutral)
    found = filled.execute(POSTGRESQL.query(neutral, TARGETS).encode()).fetchall()
    assert [row[0] for row in found] == [1, -7, 4, 2]


def test_order_keeps_what_sorts_alike_everywhere(filled: psycopg.Connection[Any]) -> None:
    neutral = view("SELECT ID FROM t ORDER BY Price DESC, ID, [Name], Due;").query.neutral
    assert neutral == 'SELECT "t"."ID" AS "ID" FROM "t" AS "t" ORDER BY "t"."Price" DESC, 1'
    found = filled.execute(POSTGRESQL.query(neutral, TARGETS).encode()).fetchall()
    assert [row[0] for row in found] == [1, -7, 2, 4]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT DISTINCT [Name] FROM t;", "DISTINCT merges rows by text"),
        ("SELECT DISTINCT [Name] FROM Loose;", "DISTINCT merges rows by text"),
        ("SELECT [Name] FROM Loose GROUP BY [Name];", "GROUP BY merges rows by text"),
        ("SELECT [Name] FROM t GROUP BY [Name];", "GROUP BY merges rows by text"),
        ("SELECT [Name] FROM t UNION SELECT Title FROM Items;", "UNION merges rows by text"),
        ("SELECT ID FROM t UNION ALL SELECT Active FROM t;", "Yes/No with numbers"),
        ("SELECT Max([Name]) AS m FROM t;", "an order of Access's own"),
        ("SELECT First(ID) AS m FROM t;", "by its place in the file"),
        ("SELECT Avg(Price) AS m FROM t;", "digits depend"),
        ("SELECT a.ID FROM Items AS i INNER JOIN [Order Lines] AS a ON a.Code = i.Code;", "no constants"),
        ("SELECT TOP 2 ID FROM t;", "tie"),
        ("SELECT TOP 2 ID FROM t ORDER BY Price;", "tie"),
        ("SELECT TOP 2 ID FROM t ORDER BY [Name];", "order of text"),
        ("SELECT TOP 10 PERCENT ID FROM t ORDER BY ID;", "how many rows"),
        ("SELECT DISTINCTROW t.ID FROM t INNER JOIN [Order Lines] AS l ON t.ID = l.t;", "DISTINCTROW"),
        ("SELECT ID + 1 FROM t;", "without a name"),
        ("SELECT ID AS a, Price AS A FROM t;", "two columns of one name"),
        ("SELECT ID FROM t, [Order Lines];", "more than one table"),
        ("SELECT a.ID FROM t AS a, t AS a;", "twice"),
        ("SELECT ID FROM t WHERE ID = [Which one?];", "parameter"),
        ("PARAMETERS x Long;\nSELECT ID FROM t;", "parameters"),
        ("SELECT ID FROM t WHERE ID = Forms![Main]!ID;", "a form or report"),
        ("SELECT ID FROM t WHERE ID IN (SELECT t FROM [Order Lines]);", "query inside an expression"),
        ("SELECT ID FROM (SELECT ID FROM t) AS x;", "query in brackets"),
        ("SELECT ID FROM missing;", "no table or query that is moved"),
        ("SELECT ID FROM t IN 'other.mdb';", "another database"),
        ("SELECT * FROM Items;", "several values"),
        ("SELECT x.* FROM Items;", "no table"),
        ("SELECT Date() AS today FROM t;", "would become text"),
        ("SELECT ID FROM t WHERE Count(*) > 1;", "no aggregate"),
        ("SELECT ID FROM t WITH OWNERACCESS OPTION;", "owner"),
        (
            "SELECT t.ID FROM (t LEFT JOIN [Order Lines] AS a ON t.ID = a.t) LEFT JOIN "
            "([Order Lines] AS b LEFT JOIN Items ON b.ID = 1) ON t.ID = b.t;",
            "outer join",
        ),
        ("DELETE * FROM t;", "cannot be read"),
        ("SELECT ID FROM t GROUP BY 1;", "constant"),
        ("SELECT ID FROM q;", "reads it in turn"),
    ],
)
def test_query_is_listed_with_its_reason(sql: str, expected: str) -> None:
    assert expected in reason(sql)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("append", "It appends rows to a table."),
        ("crosstab", "Its columns depend on the data."),
        ("data definition", "It changes the schema."),
        ("delete", "It deletes rows."),
        ("make table", "It makes a table."),
        ("pass-through", "Its SQL is that of another database."),
        ("update", "It changes rows."),
        ("unknown", "Its parts are not understood."),
    ],
)
def test_query_that_does_more_than_read_is_listed(kind: str, expected: str) -> None:
    assert reason("SELECT ID FROM t;", kind) == expected


def test_relationship_that_is_not_enforced_keeps_no_texts_alike() -> None:
    sql = "SELECT a.ID FROM Items AS i INNER JOIN [Order Lines] AS a ON a.Code = i.Code;"
    drawn = Relationship("r", "Order Lines", ("Code",), "Items", ("Code",), 0x2)
    assert "no constants" in reason(sql, relationships=[drawn])


def test_query_reads_another_one_in_any_order() -> None:
    outer = query("SELECT Number FROM inner WHERE Number > 1;", "Outer")
    found, unmoved = views([outer, query("SELECT ID AS Number FROM t;", "Inner")], TABLES)
    assert not unmoved
    assert [(one.name, one.reads) for one in found] == [("Outer", ("Inner",)), ("Inner", ("t",))]
    assert found[0].query.neutral == (
        'SELECT "inner"."Number" AS "Number" FROM "Inner" AS "inner" WHERE "inner"."Number" > 1'
    )


def test_queries_in_a_circle_and_over_unmoved_ones_are_listed() -> None:
    circle = [query("SELECT ID FROM b;", "a"), query("SELECT ID FROM a;", "b")]
    bad = [query("SELECT First(ID) AS ID FROM t;", "bad"), query("SELECT ID FROM bad;", "over")]
    hidden = query("SELECT ID FROM t;", "~sq_f", hidden=True)
    found, unmoved = views([*circle, *bad, hidden], TABLES)
    assert not found
    assert [(one.name, one.reason) for one in unmoved] == [
        ("a", "It reads b, a query that is not moved."),
        ("b", "It reads a, which reads it in turn."),
        ("bad", "It calls first: it takes a row by its place in the file, which targets do not have."),
        ("over", "It reads bad, a query that is not moved."),
        ("~sq_f", "It belongs to a form or report."),
    ]
