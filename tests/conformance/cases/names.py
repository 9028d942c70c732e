"""Names: anything between quotes is one in SQLite."""

from __future__ import annotations

from migrator import Options
from migrator.model.findings import Resolution
from tests.conformance.model import (
    BRACKETS,
    FREE_NAMES,
    LONG_NAMES,
    SCRIPTS,
    Arrived,
    Case,
    Differs,
    Look,
    Probe,
    script,
    table,
)

_TABLE, _COLUMN, _INDEX = "t" * 128, "가" * 128, "i" * 128
_LONG = "a_rather_long_name_that_goes_on_and_on_until_it_is_longer_than_63"


def _named(id: str, why: str, name: str, **rest: object) -> Case:
    """A table, a column, an index, a key and a view of that name or made from it."""
    quoted = '"' + name.replace('"', '""') + '"'
    index, view = ('"' + f"{name} {kind}".replace('"', '""') + '"' for kind in ("index", "view"))
    return script(
        f"name-{id}",
        why,
        f"CREATE TABLE {quoted} (id INTEGER PRIMARY KEY, {quoted} TEXT UNIQUE DEFAULT 'd' CHECK ({quoted} <> "
        f"'no'), o INT REFERENCES {quoted} (id));"
        f"CREATE INDEX {index} ON {quoted} ({quoted}, o); "
        f"CREATE VIEW {view} AS SELECT {quoted} FROM {quoted} WHERE {quoted} > '';"
        f"INSERT INTO {quoted} VALUES (1, 'x', NULL), (2, 'y', 1);",
        Arrived(name, (("id", "bigint"), (name, "text"), ("o", "bigint")), (("1", "x", None), ("2", "y", "1"))),
        probes=(
            Probe(f"SELECT * FROM {view} ORDER BY 1", (("x",), ("y",))),
            Probe(f"INSERT INTO {quoted} (o) VALUES (1) RETURNING {quoted}", (("d",),)),
            Probe(f"INSERT INTO {quoted} ({quoted}) VALUES ('no')", refused="23514"),
            Probe(f"INSERT INTO {quoted} ({quoted}) VALUES ('x')", refused="23505"),
            Probe(f"INSERT INTO {quoted} (o) VALUES (99)", refused="23503"),
        ),
        **rest,
    )


CASES = (
    _named("reserved", "a reserved word", "select"),
    _named("order", "a reserved word", "order"),
    _named("user", "means the current user where it is not quoted", "user"),
    _named("type", "a type of the target", "text", needs=(FREE_NAMES,)),
    _named("upper", "case is kept", "MixedCase"),
    _named("space", "", "two words"),
    _named("edge-spaces", "", " edge "),
    _named("quote", "", 'say "hi"'),
    _named("apostrophe", "", "it's"),
    _named("backtick", "", "back`tick"),
    _named("brackets", "", "[a]", needs=(BRACKETS,)),
    _named("dot", "", "a.b"),
    _named("percent", "", "100% s %s %(x)s %%", needs=(LONG_NAMES,)),
    _named("colon", "", "a:b :c ::d", needs=(LONG_NAMES,)),
    _named("dollar", "", "$$a$b$"),
    _named("backslash", "", "a\\b"),
    _named("semicolon", "", "x; DROP TABLE y; --", needs=(LONG_NAMES,)),
    _named("korean", "", "고객 정보", needs=(SCRIPTS,)),
    _named("emoji", "", "😀", needs=(SCRIPTS,)),
    _named("newline", "", "two\nlines"),
    _named("question", "", "what?"),
    _named("digits", "", "2024"),
    _named("comma", "", "a,b"),
    _named("braces", "", "{a}{0}"),
    script(
        "name-63-bytes",
        "as long as the target allows",
        f'CREATE TABLE "{"가" * 21}" ("{"나" * 21}" INT UNIQUE); INSERT INTO "{"가" * 21}" VALUES (1);',
        Arrived("가" * 21, (("나" * 21, "bigint"),), (("1",),)),
        needs=(SCRIPTS,),
    ),
    _named("bracket", "which ends a name where brackets begin it", "a]b]]c[d", needs=(BRACKETS,)),
    _named("everything", "", """]".'%[a]""", needs=(BRACKETS,)),
    script(
        "name-of-128-characters",
        "as long as one target allows",
        f"CREATE TABLE {_TABLE} (id INTEGER PRIMARY KEY, {_COLUMN} TEXT UNIQUE, u INT UNIQUE CHECK (u > 0));"
        f"CREATE INDEX {_INDEX} ON {_TABLE} (u, {_COLUMN}); INSERT INTO {_TABLE} VALUES (1, 'x', 2);",
        findings=(*[f"name-changed {_TABLE}"] * 2, f"name-changed {_TABLE}.{_COLUMN}"),
        probes=(Look("tables_like", ("tttt",), (("1", "63"),)),),
        mssql=Differs(
            "all of it is kept",
            tables=(table(_TABLE, f"id bigint, {_COLUMN} text, u bigint", ("1", "x", "2")),),
            findings=(),
            probes=(Look("indexes", (_TABLE,), ((_INDEX, "", "", f"u, {_COLUMN}"),)),),
            needs=(LONG_NAMES,),
        ),
    ),
    script(
        "tables-named-like-the-target's-own",
        "",
        'CREATE TABLE objects (v INT); CREATE TABLE "sys.tables" (v INT); CREATE TABLE dbo (v INT);'
        "CREATE TABLE sys (v INT); CREATE TABLE inserted (v INT); INSERT INTO objects VALUES (1);"
        'INSERT INTO "sys.tables" VALUES (2); INSERT INTO dbo VALUES (3); INSERT INTO sys VALUES (4);'
        "INSERT INTO inserted VALUES (5);",
        table("objects", "v bigint", ("1",)),
        table("sys.tables", "v bigint", ("2",)),
        table("dbo", "v bigint", ("3",)),
        table("sys", "v bigint", ("4",)),
        table("inserted", "v bigint", ("5",)),
    ),
    script(
        "names-differing-in-case-only-between-table-and-column",
        "SQLite itself refuses two tables that differ in case only",
        'CREATE TABLE "T" (a INT, "B" INT); CREATE TABLE t2 (t2 INT, "T" INT); INSERT INTO "T" VALUES (1, 2); '
        "INSERT INTO t2 VALUES (3, 4);",
        table("T", "a bigint, B bigint", ("1", "2")),
        table("t2", "t2 bigint, T bigint", ("3", "4")),
    ),
    script(
        "names-differing-in-non-ascii-case",
        "SQLite folds ASCII only",
        'CREATE TABLE "Ä" ("ö" INT, "Ö" INT); CREATE TABLE "ä" (v INT); INSERT INTO "Ä" VALUES (1, 2); '
        'INSERT INTO "ä" VALUES (3);',
        table("Ä", "ö bigint, Ö bigint", ("1", "2")),
        table("ä", "v bigint", ("3",)),
        mssql=Differs(
            "the database takes them for equal",
            tables=(
                table("Ä", "ö bigint, Ö_ae8f3419 bigint", ("1", "2")),
                table("ä_33e6d73f", "v bigint", ("3",)),
            ),
            more=("name-changed Ä.Ö", "name-changed ä"),
        ),
    ),
    script(
        "names-longer-than-63-bytes-and-equal-up-to-there",
        "a suffix keeps them apart",
        f"CREATE TABLE {_LONG}_one ({_LONG}_a INT, {_LONG}_b INT); CREATE TABLE {_LONG}_two (v INT);"
        f"INSERT INTO {_LONG}_one VALUES (1, 2); INSERT INTO {_LONG}_two VALUES (3);",
        findings=(
            f"name-changed {_LONG}_one",
            f"name-changed {_LONG}_two",
            f"name-changed {_LONG}_one.{_LONG}_a",
            f"name-changed {_LONG}_one.{_LONG}_b",
        ),
        probes=(Look("tables_like", (_LONG[:50],), (("2", "63"),)),),
        mssql=Differs(
            "names may have 128 characters",
            tables=(
                table(f"{_LONG}_one", f"{_LONG}_a bigint, {_LONG}_b bigint", ("1", "2")),
                table(f"{_LONG}_two", "v bigint", ("3",)),
            ),
            findings=(),
            probes=(),
            needs=(LONG_NAMES,),
        ),
    ),
    script(
        "korean-longer-than-63-bytes",
        "never cut within a character",
        f'CREATE TABLE "{"가" * 22}" (v INT); INSERT INTO "{"가" * 22}" VALUES (1);',
        findings=(f"name-changed {'가' * 22}",),
        probes=(Look("tables_like", ("가가가",), (("1", "63"),)),),
        mssql=Differs(
            "characters count, not bytes", tables=(table("가" * 22, "v bigint", ("1",)),), findings=(), probes=()
        ),
    ),
    script(
        "long-index-names",
        "shortened, apart from each other",
        f"CREATE TABLE t (a INT, b INT); CREATE INDEX {_LONG}_1 ON t (a); CREATE INDEX {_LONG}_2 ON t (b); "
        "INSERT INTO t VALUES (1, 2);",
        table("t", "a bigint, b bigint", ("1", "2")),
        findings=("name-changed t", "name-changed t"),
        mssql=Differs("names may have 128 characters", findings=(), needs=(LONG_NAMES,)),
        probes=(
            Probe(
                "SELECT count(*) FROM pg_indexes WHERE tablename = 't'",
                (("2",),),
                mssql=Look("indexes", ("t",), ((f"{_LONG}_1", "", "", "a"), (f"{_LONG}_2", "", "", "b"))),
            ),
        ),
    ),
    script(
        "system-column-names",
        "PostgreSQL reserves them even quoted: https://www.postgresql.org/docs/current/ddl-system-columns.html",
        "CREATE TABLE t (ctid TEXT, xmin INT, tableoid INT, oid INT, cmax INT); "
        "INSERT INTO t VALUES ('a', 1, 2, 3, 4);",
        findings=("name-changed t.ctid", "name-changed t.xmin", "name-changed t.tableoid", "name-changed t.cmax"),
        probes=(
            Probe("SELECT to_jsonb(t) ->> 'oid' FROM t", (("3",),)),
            Probe(
                "SELECT array_agg(value ORDER BY value) FROM t, jsonb_each_text(to_jsonb(t))", (("{1,2,3,4,a}",),)
            ),
        ),
        mssql=Differs(
            "it reserves none",
            needs=(FREE_NAMES,),
            tables=(
                table(
                    "t",
                    "ctid text, xmin bigint, tableoid bigint, oid bigint, cmax bigint",
                    ("a", "1", "2", "3", "4"),
                ),
            ),
            findings=(),
            probes=(),
        ),
    ),
    script(
        "table-named-like-a-type-or-catalogue",
        "a row type has the table's name, too",
        "CREATE TABLE date (v INT); CREATE TABLE pg_class (v INT); CREATE TABLE _t (v INT); "
        "CREATE TABLE t (v INT);"
        "INSERT INTO date VALUES (1); INSERT INTO pg_class VALUES (2); INSERT INTO _t VALUES (3); "
        "INSERT INTO t VALUES (4);",
        table("date", "v bigint", ("1",)),
        table("pg_class", "v bigint", ("2",)),
        table("_t", "v bigint", ("3",)),
        table("t", "v bigint", ("4",)),
        needs=(FREE_NAMES,),
    ),
    script(
        "tables-named-like-ours",
        "sources bring an alembic_version of their own; a schema keeps the journal apart",
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY); "
        "INSERT INTO alembic_version VALUES ('abc');"
        "CREATE TABLE run (run_id TEXT); INSERT INTO run VALUES ('x'); CREATE TABLE migrator (v INT);",
        table("alembic_version", "version_num character varying(32)", ("abc",)),
        table("run", "run_id text", ("x",)),
    ),
    script(
        "table-named-like-the-quarantine",
        "the table for rows set aside keeps its name",
        "CREATE TABLE migrator_quarantine (v TEXT);"
        "INSERT INTO migrator_quarantine VALUES ('mine'), (CAST(x'ff' AS TEXT));",
        table("migrator_quarantine_43fd3303", "v text", ("mine",)),
        options=Options(on_invalid=Resolution.QUARANTINE),
        findings=("name-changed migrator_quarantine", "text-invalid migrator_quarantine.v"),
        aside=(("migrator_quarantine", 1, 0),),
        quarantined=(("migrator_quarantine", "[2]", '{"v": "x\'ff\'"}'),),
    ),
)
