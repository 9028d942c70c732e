"""What the user may choose."""

from __future__ import annotations

from migrator import ColumnOptions, Options, TableOptions
from migrator.model.findings import Resolution
from migrator.model.options import Naming
from migrator.model.types import LogicalType
from tests.conformance.model import (
    NUL,
    VALUE_RESOLUTIONS,
    Case,
    Differs,
    Look,
    Probe,
    Stop,
    script,
    stopped,
    table,
)

_TWO_BAD = """
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
INSERT INTO t VALUES (1, CAST(x'ff' AS TEXT), 'fine'), (2, 'fine', CAST(x'6100' AS TEXT)), (3, 'x', 'y');
"""


def _typed(id: str, why: str, declared: str, value: str, type: str, target: str, arrives: str) -> Case:
    """A column whose type the user fixed."""
    return script(
        f"type-{id}",
        why,
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {declared}); INSERT INTO t VALUES (1, {value});",
        table("t", f"id bigint, v {target}", ("1", arrives)),
        options=Options(tables={"t": TableOptions(columns={"v": ColumnOptions(type=LogicalType.parse(type))})}),
    )


CASES = (
    script(
        "per-column-decisions",
        "each column has its own word",
        _TWO_BAD,
        table(
            "t",
            "id bigint, a text, b bytea",
            ("1", None, "\\x66696e65"),
            ("2", "fine", "\\x6100"),
            ("3", "x", "\\x79"),
        ),
        options=Options(
            tables={
                "t": TableOptions(
                    columns={
                        "a": ColumnOptions(on_invalid=Resolution.NULL),
                        "b": ColumnOptions(on_invalid=Resolution.WIDEN),
                    }
                )
            }
        ),
        findings=("text-invalid t.a", "text-nul t.b"),
        mssql=Differs(
            "text may hold U+0000",
            tables=(
                table(
                    "t", "id bigint, a text, b text", ("1", None, "fine"), ("2", "fine", "a\0"), ("3", "x", "y")
                ),
            ),
            fewer=("text-nul t.b",),
            needs=(NUL,),
        ),
    ),
    script(
        "per-table-decision",
        "the table's word counts more than the run's",
        _TWO_BAD,
        table("t", "id bigint, a text, b text", ("3", "x", "y")),
        options=Options(on_invalid=Resolution.WIDEN, tables={"t": TableOptions(on_invalid=Resolution.SKIP)}),
        findings=("text-invalid t.a", "text-nul t.b"),
        aside=(("t", 0, 2),),
        mssql=Differs(
            "text may hold U+0000",
            tables=(table("t", "id bigint, a text, b text", ("2", "fine", "a\0"), ("3", "x", "y")),),
            fewer=("text-nul t.b",),
            aside=(("t", 0, 1),),
            needs=(NUL,),
        ),
    ),
    stopped(
        "one-decision-of-two",
        "the other one still stops",
        _TWO_BAD,
        Stop("text-nul", "t", "b", 1, VALUE_RESOLUTIONS),
        options=Options(tables={"t": TableOptions(columns={"a": ColumnOptions(on_invalid=Resolution.NULL)})}),
        mssql=Differs(
            "text may hold U+0000",
            tables=(
                table(
                    "t", "id bigint, a text, b text", ("1", None, "fine"), ("2", "fine", "a\0"), ("3", "x", "y")
                ),
            ),
            findings=("text-invalid t.a",),
            stops=(),
            needs=(NUL,),
        ),
    ),
    script(
        "null-in-not-null-column",
        "the decision makes the column nullable",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL); "
        "INSERT INTO t VALUES (1, CAST(x'ff' AS TEXT)), (2, 'x');",
        table("t", "id bigint, v text", ("1", None), ("2", "x")),
        options=Options(on_invalid=Resolution.NULL),
        findings=("text-invalid t.v", "not-null-violated t.v"),
    ),
    script(
        "names-lower",
        "",
        'CREATE TABLE "MyTable" ("UserName" TEXT, "ID" INTEGER PRIMARY KEY); '
        "INSERT INTO \"MyTable\" VALUES ('x', 1);"
        'CREATE VIEW "MyView" AS SELECT "UserName" FROM "MyTable"; '
        'CREATE INDEX "MyIndex" ON "MyTable" ("UserName");',
        table("mytable", "username text, id bigint", ("x", "1")),
        options=Options(names=Naming.LOWER),
        probes=(
            Probe("SELECT * FROM myview", (("x",),)),
            Look("indexes", ("mytable",), (("myindex", "", "", "username"),)),
        ),
    ),
    script(
        "names-snake",
        "",
        'CREATE TABLE "MyTable" ("UserName" TEXT, "HTTPCode" INT, "two words" INT); '
        "INSERT INTO \"MyTable\" VALUES ('x', 1, 2);",
        table("my_table", "user_name text, http_code bigint, two_words bigint", ("x", "1", "2")),
        options=Options(names=Naming.SNAKE),
    ),
    script(
        "names-lower-collide",
        "two become one: a suffix keeps them apart",
        'CREATE TABLE "Ä" (v INT); CREATE TABLE "ä" (v INT); INSERT INTO "Ä" VALUES (1); '
        'INSERT INTO "ä" VALUES (2);',
        options=Options(names=Naming.LOWER),
        findings=("name-changed ä",),
        probes=(Look("tables_like", ("ä",), (("2", "11"),), mssql=Look("tables_like", ("ä",), (("2", "10"),))),),
    ),
    script(
        "other-schema",
        "created, and dropped again",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'x'); "
        "CREATE VIEW w AS SELECT v FROM t;",
        table("t", "id bigint, v text", ("1", "x"), schema="My Schema"),
        options=Options(schema="My Schema"),
        probes=(Probe('SELECT * FROM "My Schema".w', (("x",),)),),
    ),
    script(
        "skip-table",
        "it is not there",
        "CREATE TABLE t (v INT); CREATE TABLE huge (v INT); INSERT INTO t VALUES (1);",
        table("t", "v bigint", ("1",)),
        absent=("huge",),
        options=Options(tables={"huge": TableOptions(skip=True)}),
    ),
    script(
        "rename-table",
        "with the view that reads it",
        "CREATE TABLE t (v INT); CREATE VIEW w AS SELECT v FROM t; INSERT INTO t VALUES (1);",
        table("renamed", "v bigint", ("1",)),
        absent=("t",),
        options=Options(tables={"t": TableOptions(target="renamed")}),
        probes=(Probe("SELECT * FROM w", (("1",),)),),
    ),
    _typed("text-for-integer", "wider", "INTEGER", "7", "text", "text", "7"),
    _typed("decimal-for-real", "exact decimals", "REAL", "1.25", "decimal(10,2)", "numeric(10,2)", "1.25"),
    _typed("longer-varchar", "room to grow", "VARCHAR(3)", "'abc'", "text(200)", "character varying(200)", "abc"),
    _typed("wider-decimal", "room to grow", "DECIMAL(10,2)", "1.25", "decimal(18,4)", "numeric(18,4)", "1.2500"),
    _typed(
        "uuid-in-text",
        "it is one",
        "CHAR(36)",
        "'6fa459ea-ee8a-3ca4-894e-db77e160355e'",
        "uuid",
        "uuid",
        "6fa459ea-ee8a-3ca4-894e-db77e160355e",
    ),
    _typed(
        "timestamp-in-text",
        "it is one",
        "TEXT",
        "'2024-01-31 10:00:00'",
        "timestamp",
        "timestamp without time zone",
        "2024-01-31 10:00:00",
    ),
    _typed("json-in-text", "it is one", "TEXT", "'{\"a\": 1}'", "json", "jsonb", '{"a": 1}'),
    _typed("boolean-in-integer", "it is one", "INTEGER", "1", "bool", "boolean", "t"),
    stopped(
        "type-misfits",
        "values that the chosen type does not hold are counted and named",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v DATE); "
        "INSERT INTO t VALUES (1, '2024-01-31'), (2, '2024-02-30'), (3, 'never');",
        Stop("value-misfit", "t", "v", 2, ("widen", "null", "quarantine", "skip")),
        options=Options(tables={"t": TableOptions(columns={"v": ColumnOptions(type=LogicalType.parse("date"))})}),
    ),
    script(
        "type-misfits-null",
        "the user decided",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v DATE); "
        "INSERT INTO t VALUES (1, '2024-01-31'), (2, '2024-02-30'), (3, 'never');",
        table("t", "id bigint, v date", ("1", "2024-01-31"), ("2", None), ("3", None)),
        options=Options(
            tables={
                "t": TableOptions(
                    columns={"v": ColumnOptions(type=LogicalType.parse("date"), on_invalid=Resolution.NULL)}
                )
            }
        ),
        findings=("value-misfit t.v",),
    ),
    script(
        "type-misfits-quarantine",
        "the user decided",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); INSERT INTO t VALUES (1, 5), (2, 'five');",
        table("t", "id bigint, v bigint", ("1", "5")),
        options=Options(
            tables={
                "t": TableOptions(
                    columns={"v": ColumnOptions(type=LogicalType.parse("int64"), on_invalid=Resolution.QUARANTINE)}
                )
            }
        ),
        findings=("value-misfit t.v",),
        aside=(("t", 1, 0),),
        quarantined=(("t", "[2]", '{"id": "2", "v": "five"}'),),
    ),
    Case(
        "several-sources",
        "into one target",
        (
            ("one.db", "CREATE TABLE a (v INT); INSERT INTO a VALUES (1);"),
            ("two.db", "CREATE TABLE b (v INT); INSERT INTO b VALUES (2);"),
        ),
        (table("a", "v bigint", ("1",)), table("b", "v bigint", ("2",))),
    ),
    Case(
        "several-sources-one-renamed",
        "two tables of one name",
        (
            ("one.db", "CREATE TABLE t (v INT); INSERT INTO t VALUES (1);"),
            ("two.db", "CREATE TABLE t (v INT); INSERT INTO t VALUES (2);"),
        ),
        (table("t", "v bigint", ("1",)), table("t_two", "v bigint", ("2",))),
        options=Options(tables={"two.t": TableOptions(target="t_two")}),
    ),
    Case(
        "several-sources-clash",
        "two tables of one name and no word about it",
        (("one.db", "CREATE TABLE t (v INT);"), ("two.db", "CREATE TABLE t (v INT);")),
        refusal=("ConfigurationError", "one and two"),
    ),
    script("empty-database", "no table at all: nothing to move is no failure", ""),
    Case(
        "type-impossible",
        "values that can never be read so",
        (("source.db", "CREATE TABLE t (v BLOB); INSERT INTO t VALUES (x'00');"),),
        options=Options(tables={"t": TableOptions(columns={"v": ColumnOptions(type=LogicalType.parse("date"))})}),
        stops=(Stop("value-misfit", "t", "v", 1, ("widen", "null", "quarantine", "skip")),),
    ),
    script(
        "1599-columns",
        "PostgreSQL allows 1600",
        f"CREATE TABLE t ({', '.join(f'c{n} INT' for n in range(1599))}); "
        "INSERT INTO t (c0, c1598) VALUES (1, 2);",
        probes=(Probe("SELECT c0, c1598, c7 FROM t", (("1", "2", None),)),),
        mssql=Differs("it allows 1,024", stops=(Stop("row-too-wide", "t", None, 0, ("skip",)),)),
    ),
    stopped(
        "2000-columns",
        "SQLite's limit is above the target's",
        f"CREATE TABLE t ({', '.join(f'c{n} INT' for n in range(2000))}); INSERT INTO t (c0) VALUES (1);",
        Stop("row-too-wide", "t", None, 0, ("skip",)),
    ),
)
