"""Primary keys, uniqueness and the numbers that SQLite gives out."""

from __future__ import annotations

from migrator import Options
from migrator.model.findings import Resolution
from tests.conformance.model import (
    COMPUTED,
    LOW_IDENTITY,
    UNCLUSTERED,
    Arrived,
    Case,
    Differs,
    Look,
    Probe,
    script,
    table,
)

_LAST = "9223372036854775807"


def _next(expected: str, *, name: str = "t", columns: str = "(v)", values: str = "('new')") -> Probe:
    return Probe(f"INSERT INTO {name} {columns} VALUES {values} RETURNING id", ((expected,),))


def _identity(id: str, why: str, sql: str, expected: Probe, *rows: tuple[str, str], **rest: object) -> Case:
    return script(id, why, sql, table("t", "id bigint, v text", *rows), probes=(expected,), **rest)


CASES = (
    script(
        "no-key-duplicate-rows",
        "each copy arrives",
        "CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES "
        "(1,'x'),(1,'x'),(1,'x'),(NULL,NULL),(NULL,NULL);",
        table("t", "a bigint, b text", *[("1", "x")] * 3, *[(None, None)] * 2),
    ),
    script(
        "primary-key-holds-null",
        "SQLite allows it; the key becomes a unique constraint",
        "CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT); INSERT INTO t VALUES ('a','1'),(NULL,'2'),(NULL,'3');",
        table("t", "k text, v text", ("a", "1"), (None, "2"), (None, "3")),
        findings=("primary-key-null t",),
        probes=(
            Probe("INSERT INTO t VALUES ('a', 'again')", refused="23505"),
            Probe("INSERT INTO t VALUES (NULL, 'again')"),
        ),
    ),
    script(
        "composite-primary-key-holds-null",
        "in one part",
        "CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b)); INSERT INTO t VALUES (1,1),(1,NULL),(NULL,1);",
        table("t", "a bigint, b bigint", ("1", "1"), ("1", None), (None, "1")),
        findings=("primary-key-null t",),
    ),
    script(
        "without-rowid",
        "the key is the table",
        "CREATE TABLE t (k TEXT PRIMARY KEY, n INT) WITHOUT ROWID; INSERT INTO t VALUES ('b',1),('a',2);",
        table("t", "k text, n bigint", ("b", "1"), ("a", "2")),
        probes=(
            Probe("INSERT INTO t VALUES (NULL, 1)", refused="23502"),
            Probe("INSERT INTO t VALUES ('a', 1)", refused="23505"),
        ),
    ),
    script(
        "without-rowid-composite",
        "in the key's own order, which is not the columns'",
        "CREATE TABLE t (a INT, b TEXT, c REAL, PRIMARY KEY (c DESC, a)) WITHOUT ROWID;"
        "INSERT INTO t VALUES (1,'x',0.5),(2,'y',0.5),(1,'z',1.5);",
        table(
            "t", "a bigint, b text, c double precision", ("1", "x", "0.5"), ("2", "y", "0.5"), ("1", "z", "1.5")
        ),
    ),
    script(
        "strict-with-any",
        "ANY keeps each value's class",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, i INT, r REAL, s TEXT, b BLOB, a ANY) STRICT;"
        "INSERT INTO t VALUES (1, 1, 1.5, 'x', x'00', 1), (2, 2, 2.5, 'y', x'01', '001'), (3, NULL, NULL, "
        "NULL, NULL, 1.5);",
        table(
            "t",
            "id bigint, i bigint, r double precision, s text, b bytea, a text",
            ("1", "1", "1.5", "x", "\\x00", "1"),
            ("2", "2", "2.5", "y", "\\x01", "001"),
            ("3", None, None, None, None, "1.5"),
        ),
        findings=("storage-mixed t.a",),
    ),
    script(
        "strict-any-integers",
        "ANY of integers",
        "CREATE TABLE t (a ANY) STRICT; INSERT INTO t VALUES (1), (-5);",
        table("t", "a bigint", ("1",), ("-5",)),
    ),
    script(
        "composite-key",
        "in the key's order",
        "CREATE TABLE t (b TEXT NOT NULL, a INT NOT NULL, PRIMARY KEY (a, b)); "
        "INSERT INTO t VALUES ('x',1),('y',1),('x',2);",
        table("t", "b text, a bigint", ("x", "1"), ("y", "1"), ("x", "2")),
        probes=(
            Probe("INSERT INTO t (a, b) VALUES (1, 'x')", refused="23505"),
            Look("primary_key", ("t",), (("a, b",),)),
        ),
    ),
    script(
        "nulls-under-unique",
        "NULLs differ from each other on both sides",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT UNIQUE, a INT, b INT, UNIQUE (a, b));"
        "INSERT INTO t VALUES (1,NULL,1,NULL),(2,NULL,1,NULL),(3,'x',1,1);",
        table(
            "t",
            "id bigint, u text, a bigint, b bigint",
            ("1", None, "1", None),
            ("2", None, "1", None),
            ("3", "x", "1", "1"),
        ),
        probes=(
            Probe("INSERT INTO t (u) VALUES (NULL)"),
            Probe("INSERT INTO t (u) VALUES ('x')", refused="23505"),
            Probe("INSERT INTO t (a, b) VALUES (1, 1)", refused="23505"),
        ),
    ),
    # Numbers given out: https://sqlite.org/autoinc.html
    _identity(
        "autoincrement-highest-deleted",
        "sqlite_sequence remembers it",
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);"
        "INSERT INTO t (v) VALUES ('a'),('b'),('c'); DELETE FROM t WHERE id > 1;",
        _next("4"),
        ("1", "a"),
    ),
    _identity(
        "autoincrement-never-used",
        "starts with 1",
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);",
        _next("1"),
    ),
    _identity(
        "autoincrement-emptied",
        "goes on behind the last",
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);"
        "INSERT INTO t (id, v) VALUES (41,'a'); DELETE FROM t;",
        _next("42"),
    ),
    _identity(
        "plain-integer-primary-key",
        "the highest row and one",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (7,'a'),(3,'b');",
        _next("8"),
        ("7", "a"),
        ("3", "b"),
    ),
    _identity(
        "negative-ids",
        "they arrive; numbering goes on upwards",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
        "INSERT INTO t VALUES (-5,'a'),(0,'b'),(-9223372036854775808,'c');",
        _next("1"),
        ("-5", "a"),
        ("0", "b"),
        ("-9223372036854775808", "c"),
        needs=(LOW_IDENTITY,),
    ),
    _identity(
        "autoincrement-used-up",
        "SQLite says SQLITE_FULL, so must the target refuse",
        f"CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT); INSERT INTO t VALUES ({_LAST},'a');",
        Probe("INSERT INTO t (v) VALUES ('new')", refused=""),
        (_LAST, "a"),
    ),
    _identity(
        "autoincrement-counts-on-behind-emptied-and-filled",
        "the highest number ever given out counts, not the highest there is",
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT); INSERT INTO t (id, v) VALUES (99, 'x');"
        "DELETE FROM t; INSERT INTO t (id, v) VALUES (5, 'a');",
        _next("100"),
        ("5", "a"),
    ),
    _identity(
        "rowid-limits",
        "both ends",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); "
        f"INSERT INTO t VALUES ({_LAST},'a'),(-9223372036854775808,'b');",
        Probe("INSERT INTO t (v) VALUES ('new')", refused=""),
        (_LAST, "a"),
        ("-9223372036854775808", "b"),
    ),
    script(
        "int-primary-key-is-no-rowid",
        "INT PRIMARY KEY numbers nothing and allows NULL",
        "CREATE TABLE t (id INT PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1,'a');",
        table("t", "id bigint, v text", ("1", "a")),
        probes=(Probe("INSERT INTO t (v) VALUES ('b')", refused="23502"),),
    ),
    script(
        "spellings-of-one-moment-in-a-key",
        "two keys must not become one",
        "CREATE TABLE t (k DATETIME PRIMARY KEY); "
        "INSERT INTO t VALUES ('2024-01-31 10:00:00'),('2024-01-31T10:00:00');",
        table("t", "k text", ("2024-01-31 10:00:00",), ("2024-01-31T10:00:00",)),
        findings=("type-widened t.k",),
    ),
    script(
        "spellings-of-one-uuid-in-a-key",
        "upper and lower case are two keys in SQLite",
        "CREATE TABLE t (k UUID PRIMARY KEY);"
        "INSERT INTO t VALUES ('6fa459ea-ee8a-3ca4-894e-db77e160355e'),('6FA459EA-EE8A-3CA4-894E-DB77E160355E');",
        table("t", "k text", ("6fa459ea-ee8a-3ca4-894e-db77e160355e",), ("6FA459EA-EE8A-3CA4-894E-DB77E160355E",)),
        findings=("type-widened t.k",),
        mssql=Differs("the database takes them for equal", more=("key-collation t.k",)),
    ),
    script(
        "spellings-of-one-document-under-unique",
        "jsonb would merge them",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, k JSON UNIQUE); "
        "INSERT INTO t VALUES (1,'{\"a\":1}'),(2,'{\"a\": 1}');",
        table("t", "id bigint, k text", ("1", '{"a":1}'), ("2", '{"a": 1}')),
        findings=("type-widened t.k",),
    ),
    script(
        "long-text-in-keys-and-indexes",
        "longer than an entry of the target's indexes",
        "CREATE TABLE p (k TEXT PRIMARY KEY); CREATE TABLE c (x TEXT UNIQUE REFERENCES p (k), v BLOB);"
        "CREATE INDEX c_v ON c (v); CREATE UNIQUE INDEX c_vx ON c (x, v);"
        "INSERT INTO p VALUES ('short'), (hex(randomblob(5000)));"
        "INSERT INTO c SELECT k, randomblob(3000) FROM p;",
        findings=(
            "key-not-moved p",
            "key-not-moved c",
            "index-not-moved c",
            "index-not-moved c",
            "foreign-key-not-moved c",
        ),
        probes=(
            Probe(
                "SELECT count(*), max(length(x)), count(DISTINCT v) FROM p JOIN c ON x = k",
                (("2", "10000", "2"),),
                mssql=Probe(
                    "SELECT count(*), max(LEN(x)), count(DISTINCT v) FROM p JOIN c ON x = k",
                    (("2", "10000", "2"),),
                ),
            ),
        ),
    ),
    script(
        "text-as-long-as-an-index-holds",
        "random bytes, which nothing compresses",
        "CREATE TABLE t (k TEXT PRIMARY KEY, v BLOB UNIQUE);"
        "INSERT INTO t VALUES (hex(randomblob(1300)), randomblob(2600));",
        probes=(
            Probe(
                "SELECT length(k), length(v) FROM t",
                (("2600", "2600"),),
                mssql=Probe("SELECT LEN(k), DATALENGTH(v) FROM t", (("2600", "2600"),)),
            ),
        ),
        mssql=Differs("its indexes hold 1,700 bytes", more=("key-not-moved t", "key-not-moved t")),
    ),
    script(
        "text-as-long-as-a-key-of-900-bytes",
        "which orders the table where a table has an order",
        "CREATE TABLE t (k TEXT PRIMARY KEY); INSERT INTO t VALUES (hex(randomblob(225))), ('short');",
        probes=(
            Look("primary_key", ("t",), (("k",),)),
            Probe("INSERT INTO t VALUES ('short')", refused="23505"),
            Probe(
                "SELECT max(length(k)) FROM t",
                (("450",),),
                mssql=Probe(
                    "SELECT max(LEN(k)), max(i.type) FROM t, sys.indexes AS i WHERE i.name = 'pk_t'",
                    (("450", "1"),),
                ),
            ),
        ),
    ),
    script(
        "text-as-long-as-a-key-of-1700-bytes",
        "which stands beside the table",
        "CREATE TABLE t (k TEXT PRIMARY KEY, b BLOB UNIQUE);"
        "INSERT INTO t VALUES (hex(randomblob(425)), randomblob(1700)), ('short', x'');",
        probes=(
            Look("primary_key", ("t",), (("k",),)),
            Probe("INSERT INTO t VALUES ('short', NULL)", refused="23505"),
            Probe(
                "SELECT max(length(k)) FROM t",
                (("850",),),
                mssql=Probe(
                    "SELECT max(LEN(k)), max(i.type) FROM t, sys.indexes AS i WHERE i.name = 'pk_t'",
                    (("850", "2"),),
                ),
            ),
        ),
        needs=(UNCLUSTERED,),
    ),
    script(
        "several-long-texts-in-a-key",
        "what a key holds is shared by its columns",
        "CREATE TABLE t (a TEXT NOT NULL, b TEXT NOT NULL, n INT NOT NULL, PRIMARY KEY (a, b, n));"
        "CREATE INDEX t_ba ON t (b, a); INSERT INTO t VALUES (hex(randomblob(150)), hex(randomblob(250)), 1);",
        probes=(
            Look("primary_key", ("t",), (("a, b, n",),)),
            Look("indexes", ("t",), (("t_ba", "", "", "b, a"),)),
            Probe(
                "SELECT length(a), length(b) FROM t",
                (("300", "500"),),
                mssql=Probe("SELECT LEN(a), LEN(b) FROM t", (("300", "500"),)),
            ),
        ),
        needs=(UNCLUSTERED,),
    ),
    script(
        "varchar-longer-than-a-key",
        "the values fit, the declared length does not",
        "CREATE TABLE t (k VARCHAR(2000) PRIMARY KEY, u VARCHAR(900) UNIQUE); INSERT INTO t VALUES ('a', 'b');",
        table("t", "k character varying(2000), u character varying(900)", ("a", "b")),
        mssql=Differs(
            "its indexes go by what is declared",
            tables=(table("t", "k text, u text", ("a", "b")),),
            more=("key-shortened t.k", "key-shortened t.u"),
            needs=(UNCLUSTERED,),
        ),
    ),
    script(
        "keys-of-several-classes",
        "1, '1' and x'31' are three keys in SQLite and one in any type of the target",
        "CREATE TABLE t (k PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 1), ('1', 2), (x'31', 3);",
        table("t", "k bytea, v bigint", ("\\x31", "1"), ("\\x31", "2"), ("\\x31", "3")),
        findings=("storage-mixed t.k", "spelling-mixed t.k", "key-not-moved t"),
    ),
    script(
        "replaced-parts-of-keys",
        "two keys that differ in what is replaced become equal",
        "CREATE TABLE t (k TEXT PRIMARY KEY); INSERT INTO t VALUES (CAST(x'ff' AS TEXT)), (CAST(x'fe' AS TEXT));",
        table("t", "k text", ("\ufffd",), ("\ufffd",)),
        options=Options(on_invalid=Resolution.REPLACE),
        findings=("text-invalid t.k", "key-not-moved t"),
    ),
    script(
        "nocase-unique",
        "unique without regard to ASCII case",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT COLLATE NOCASE UNIQUE); "
        "INSERT INTO t VALUES (1,'a'),(2,'Ä'),(3,'ä');",
        table("t", "id bigint, u text", ("1", "a"), ("2", "Ä"), ("3", "ä")),
        findings=("case-insensitive t.u",),
        mssql=Differs(
            "the database ignores more than that, so a column without case is unique",
            tables=(
                table(
                    "t", "id bigint, u text, uq_t_u_key1 text", ("1", "a", "a"), ("2", "Ä", "Ä"), ("3", "ä", "ä")
                ),
            ),
            findings=("index-column-added t",),
            needs=(COMPUTED,),
        ),
    ),
    script(
        "empty-tables",
        "they arrive with their types and keys",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, n VARCHAR(10) NOT NULL, d DATE, x DECIMAL(8,3), j JSON, z "
        "BOOLEAN);"
        "CREATE TABLE b (untyped, r REAL, f BLOB, u UUID, ts TIMESTAMP, t TIME);",
        Arrived(
            "a",
            (
                ("id", "bigint"),
                ("n", "character varying(10)"),
                ("d", "date"),
                ("x", "numeric(8,3)"),
                ("j", "jsonb"),
                ("z", "boolean"),
            ),
            (),
        ),
        Arrived(
            "b",
            (
                ("untyped", "text"),
                ("r", "double precision"),
                ("f", "bytea"),
                ("u", "uuid"),
                ("ts", "timestamp without time zone"),
                ("t", "time without time zone"),
            ),
            (),
        ),
        probes=(
            _next("1", name="a", columns="(n)", values="('x')"),
            Probe("INSERT INTO a (n) VALUES (NULL)", refused="23502"),
        ),
    ),
)
