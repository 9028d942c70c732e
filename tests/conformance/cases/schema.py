"""What else a schema carries: generated columns, indexes, checks, views, and what has no equal."""

from __future__ import annotations

from migrator import Options
from migrator.model.findings import Resolution
from tests.conformance.model import COMPUTED, NOCHECK, Case, Differs, Look, Probe, Stop, script, stopped, table


def _view(id: str, why: str, query: str, *rows: tuple[str | None, ...], **rest: object) -> Case:
    """A view `v` over a small shop, with what SQLite gives for it."""
    return script(
        f"view-{id}",
        why,
        f"{_SHOP} CREATE VIEW v AS {query};",
        probes=(Probe("SELECT * FROM v ORDER BY 1", rows),),
        **rest,
    )


_SHOP = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, active BOOLEAN NOT NULL, joined DATE);
CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer, amount REAL, at DATETIME,
  "Note" TEXT);
INSERT INTO customer VALUES (1, 'Kim', 1, '2024-01-31'), (2, 'Lee', 0, '2023-12-01'), (3, 'Pak', 1, NULL);
INSERT INTO purchase VALUES (1, 1, 10.5, '2024-02-01 09:30:00', 'a'), (2, 1, 4.5, '2024-02-02 23:59:59', NULL),
  (3, 2, 100.0, '2023-12-24 18:00:00', 'b');
"""
_GENERATED = """
CREATE TABLE t (a INT, b TEXT, s INT GENERATED ALWAYS AS (a * 2) STORED,
  v TEXT AS (b || '!') VIRTUAL, w REAL AS (a / 2.0));
INSERT INTO t (a, b) VALUES (1, 'x'), (3, NULL), (NULL, 'y');
"""

CASES = (
    script(
        "generated-columns",
        "the target computes them, stored and virtual alike",
        _GENERATED,
        table(
            "t",
            "a bigint, b text, s bigint, v text, w double precision",
            ("1", "x", "2", "x!", "0.5"),
            ("3", None, "6", None, "1.5"),
            (None, "y", None, "y!", None),
        ),
        probes=(
            Probe("INSERT INTO t (a, b) VALUES (5, 'z') RETURNING s, v, w", (("10", "z!", "2.5"),)),
            Probe(
                "INSERT INTO t (s) VALUES (5)",
                refused="428C9",
                mssql=Probe("INSERT INTO t (s) VALUES (5)", refused=""),
            ),
            Look("generated", ("t",), (("s",), ("v",), ("w",))),
        ),
    ),
    script(
        "generated-without-equal",
        "its values move as data",
        "CREATE TABLE t (a TEXT, g TEXT AS (quote(a)));INSERT INTO t (a) VALUES ('Robert'), (NULL);",
        table("t", "a text, g text", ("Robert", "'Robert'"), (None, "NULL")),
        findings=("generated-as-data t.g",),
    ),
    script(
        "generated-from-generated",
        "one on another",
        "CREATE TABLE t (a INT, b INT AS (a + 1), c INT AS (b * 10)); INSERT INTO t (a) VALUES (1);",
        table("t", "a bigint, b bigint, c bigint", ("1", "2", "20")),
        findings=("generated-as-data t.b", "generated-as-data t.c"),
    ),
    script(
        "generated-key-and-index",
        "a generated column may be unique and indexed",
        "CREATE TABLE t (a TEXT, l TEXT AS (lower(a)) STORED UNIQUE); CREATE INDEX t_l ON t (l); "
        "INSERT INTO t (a) VALUES ('Ab'), ('Ac');",
        table("t", "a text, l text", ("Ab", "ab"), ("Ac", "ac")),
        probes=(Probe("INSERT INTO t (a) VALUES ('AB')", refused="23505"),),
    ),
    # Indexes
    script(
        "index-partial",
        "its predicate comes along",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, gone BOOLEAN);"
        "CREATE UNIQUE INDEX one_alive ON t (v) WHERE gone = 0; "
        "CREATE INDEX some ON t (v) WHERE v IS NOT NULL AND v > 'm';"
        "INSERT INTO t VALUES (1,'a',0),(2,'a',1),(3,'a',1);",
        table("t", "id bigint, v text, gone boolean", ("1", "a", "f"), ("2", "a", "t"), ("3", "a", "t")),
        probes=(
            Probe("INSERT INTO t (v, gone) VALUES ('a', true)"),
            Probe("INSERT INTO t (v, gone) VALUES ('a', false)", refused="23505"),
            Look("indexes", ("t",), (("one_alive", "unique", "partial", "v"), ("some", "", "partial", "v"))),
        ),
        mssql=Differs(
            "a filter orders text by its collation",
            more=("index-not-moved t",),
            probes=(
                Probe("INSERT INTO t (v, gone) VALUES ('a', true)"),
                Probe("INSERT INTO t (v, gone) VALUES ('a', false)", refused="23505"),
                Look("indexes", ("t",), (("one_alive", "unique", "partial", "v"),)),
            ),
        ),
    ),
    script(
        "index-partial-with-or",
        "which not every target takes as a condition",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, a INT, b INT);"
        "CREATE UNIQUE INDEX t_or ON t (v) WHERE a = 1 OR b = 1; CREATE INDEX t_cmp ON t (v) WHERE a < b;"
        "INSERT INTO t VALUES (1, 'x', 1, 0), (2, 'x', 0, 0);",
        table("t", "id bigint, v text, a bigint, b bigint", ("1", "x", "1", "0"), ("2", "x", "0", "0")),
        probes=(
            Look("indexes", ("t",), (("t_cmp", "", "partial", "v"), ("t_or", "unique", "partial", "v"))),
            Probe("INSERT INTO t (v, a, b) VALUES ('x', 0, 1)", refused="23505"),
        ),
        mssql=Differs(
            "a filter compares columns with constants, joined by AND",
            more=("index-not-moved t", "index-not-moved t"),
            probes=(Look("indexes", ("t",), ()),),
        ),
    ),
    script(
        "index-partial-in",
        "several constants",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT, at DATE);"
        "CREATE INDEX t_open ON t (at) WHERE state IN ('new', 'open') AND at >= '2024-01-01';"
        "INSERT INTO t VALUES (1, 'new', '2024-01-31'), (2, 'shut', NULL);",
        table("t", "id bigint, state text, at date", ("1", "new", "2024-01-31"), ("2", "shut", None)),
        probes=(Look("indexes", ("t",), (("t_open", "", "partial", "at"),)),),
    ),
    script(
        "index-expression-beside-column",
        "and descending",
        "CREATE TABLE t (a INT, b TEXT); CREATE INDEX t_e ON t (a DESC, length(b));"
        "INSERT INTO t VALUES (1, '한국');",
        table("t", "a bigint, b text", ("1", "한국")),
        probes=(Look("indexes", ("t",), (("t_e", "", "", "a DESC, …"),)),),
        mssql=Differs(
            "its indexes are over columns",
            tables=(table("t", "a bigint, b text, t_e_key1 integer", ("1", "한국", "2")),),
            more=("index-column-added t",),
            probes=(Look("indexes", ("t",), (("t_e", "", "", "a DESC, t_e_key1"),)),),
        ),
    ),
    script(
        "index-expression",
        "unique over lower(v)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE UNIQUE INDEX t_lower ON t (lower(v)); "
        "INSERT INTO t VALUES (1,'a');",
        table("t", "id bigint, v text", ("1", "a")),
        probes=(Probe("INSERT INTO t (v) VALUES ('A')", refused="23505"), Probe("INSERT INTO t (v) VALUES ('b')")),
        mssql=Differs(
            "its indexes are over columns",
            tables=(table("t", "id bigint, v text, t_lower_key1 text", ("1", "a", "a")),),
            more=("index-column-added t",),
        ),
    ),
    script(
        "index-descending",
        "its order comes along",
        "CREATE TABLE t (a INT, b INT); CREATE INDEX t_ab ON t (a DESC, b ASC); INSERT INTO t VALUES (1,2);",
        table("t", "a bigint, b bigint", ("1", "2")),
        probes=(Look("indexes", ("t",), (("t_ab", "", "", "a DESC, b"),)),),
    ),
    script(
        "index-nocase",
        "ignores the case of ASCII letters only",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE UNIQUE INDEX t_v ON t (v COLLATE NOCASE);"
        "INSERT INTO t VALUES (1,'Kim'),(2,'Ä'),(3,'ä');",
        table("t", "id bigint, v text", ("1", "Kim"), ("2", "Ä"), ("3", "ä")),
        probes=(
            Probe("INSERT INTO t (v) VALUES ('kIM')", refused="23505"),
            Probe("INSERT INTO t (v) VALUES ('Kin')"),
        ),
        mssql=Differs(
            "its indexes are over columns",
            tables=(
                table(
                    "t", "id bigint, v text, t_v_key1 text", ("1", "Kim", "kim"), ("2", "Ä", "Ä"), ("3", "ä", "ä")
                ),
            ),
            more=("index-column-added t",),
            needs=(COMPUTED,),
        ),
    ),
    script(
        "index-without-equal",
        "reported; the rows arrive",
        "CREATE TABLE t (v TEXT); CREATE INDEX t_u ON t (quote(v)); INSERT INTO t VALUES ('a');",
        table("t", "v text", ("a",)),
        absent=("t_u",),
        findings=("index-not-moved t",),
    ),
    script(
        "index-on-document",
        "a type without an order has no such index",
        'CREATE TABLE t (v JSON); CREATE INDEX t_v ON t (v); INSERT INTO t VALUES (\'{"a":1,"a":2}\');',
        table("t", "v json", ('{"a":1,"a":2}',)),
        findings=("type-widened t.v", "index-not-moved t"),
        absent=("t_v",),
        mssql=Differs("documents are text, whatever their keys", fewer=("type-widened t.v",)),
    ),
    script(
        "index-named-like-a-table",
        "indexes and tables share one namespace in the target",
        "CREATE TABLE a (v INT); CREATE INDEX b_v ON a (v); CREATE TABLE uq_a_v (v INT); "
        "CREATE TABLE c (v INT UNIQUE);"
        "CREATE TABLE uq_c_v (v INT); INSERT INTO c VALUES (1); INSERT INTO uq_c_v VALUES (2);",
        table("c", "v bigint", ("1",)),
        table("uq_c_v", "v bigint", ("2",)),
        table("uq_a_v", "v bigint"),
    ),
    # Checks
    script(
        "check-boolean-in-0-1",
        "what ORMs write for booleans",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b BOOLEAN NOT NULL CHECK (b IN (0, 1))); "
        "INSERT INTO t VALUES (1, 0), (2, 1);",
        table("t", "id bigint, b boolean", ("1", "f"), ("2", "t")),
        probes=(
            Probe("INSERT INTO t (b) VALUES (true)"),
            Probe("INSERT INTO t (b) VALUES (NULL)", refused="23502"),
        ),
    ),
    script(
        "checks",
        "of columns and tables, named or not",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT CHECK (n BETWEEN 1 AND 5), s TEXT CONSTRAINT short "
        "CHECK (length(s) <= 3),"
        " k TEXT CHECK (k IN ('a', 'b')), lo INT, hi INT, CHECK (lo < hi OR hi IS NULL));"
        "INSERT INTO t VALUES (1, 5, 'abc', 'b', 1, 2), (2, NULL, NULL, NULL, 5, NULL);",
        table(
            "t",
            "id bigint, n bigint, s text, k text, lo bigint, hi bigint",
            ("1", "5", "abc", "b", "1", "2"),
            ("2", None, None, None, "5", None),
        ),
        probes=(
            Probe("INSERT INTO t (n) VALUES (6)", refused="23514"),
            Probe("INSERT INTO t (s) VALUES ('abcd')", refused="23514"),
            Probe("INSERT INTO t (k) VALUES ('c')", refused="23514"),
            Probe("INSERT INTO t (k) VALUES ('A')", refused="23514"),
            Probe("INSERT INTO t (lo, hi) VALUES (2, 2)", refused="23514"),
            Probe("INSERT INTO t (n, s, k, lo, hi) VALUES (1, 'x', 'a', 1, 9)"),
            Look("checks", ("t",), (("ck_t_1",), ("ck_t_3",), ("ck_t_4",), ("short",))),
        ),
    ),
    script(
        "check-without-equal",
        "reported; the rows arrive",
        "CREATE TABLE t (v TEXT CHECK (quote(v) <> 'x')); INSERT INTO t VALUES ('a');",
        table("t", "v text", ("a",)),
        findings=("check-not-moved t",),
        probes=(Look("checks", ("t",), ()),),
    ),
    stopped(
        "check-violated-stops",
        "rows that broke the rule unseen",
        "CREATE TABLE t (n INT CHECK (n > 0)); PRAGMA ignore_check_constraints = ON; "
        "INSERT INTO t VALUES (1), (-1), (-2);",
        Stop("check-violated", "t", None, 2, ("unenforced", "quarantine", "skip")),
    ),
    script(
        "check-violated-unenforced",
        "the rows arrive, the rule holds from now on",
        "CREATE TABLE t (n INT CHECK (n > 0)); PRAGMA ignore_check_constraints = ON; "
        "INSERT INTO t VALUES (1), (-1), (-2);",
        table("t", "n bigint", ("1",), ("-1",), ("-2",)),
        options=Options(on_check=Resolution.UNENFORCED),
        needs=(NOCHECK,),
        findings=("check-violated t",),
        probes=(Probe("INSERT INTO t VALUES (-3)", refused="23514"),),
    ),
    script(
        "not-null-holds-null",
        "a NOT NULL added to a file that has NULLs",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, NULL); "
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL)' WHERE name "
        "= 't';",
        table("t", "id bigint, v text", ("1", None)),
        findings=("not-null-violated t.v",),
    ),
    # Views
    _view(
        "simple",
        "a column list and a filter",
        "SELECT id, name FROM customer WHERE id > 1",
        ("2", "Lee"),
        ("3", "Pak"),
    ),
    _view(
        "join",
        "inner and outer",
        'SELECT c.name, p."Note" FROM customer c LEFT JOIN purchase p ON p.customer_id = c.id AND p."Note" = '
        "'b'",
        ("Kim", None),
        ("Lee", "b"),
        ("Pak", None),
    ),
    _view(
        "aggregate",
        "groups and sums",
        "SELECT customer_id, count(*) AS n, sum(amount) AS total, max(at) AS last FROM purchase "
        "GROUP BY customer_id HAVING count(*) > 0",
        ("1", "2", "15", "2024-02-02 23:59:59"),
        ("2", "1", "100", "2023-12-24 18:00:00"),
    ),
    _view(
        "boolean", "a number is a truth value in SQLite", "SELECT id FROM customer WHERE active", ("1",), ("3",)
    ),
    _view(
        "boolean-compared", "with 1", "SELECT id FROM customer WHERE active = 1 AND NOT active = 0", ("1",), ("3",)
    ),
    _view("dates", "compared with text", "SELECT id FROM customer WHERE joined >= '2024-01-01'", ("1",)),
    _view(
        "date-of-timestamp",
        "date() cuts the time",
        "SELECT id, date(at) AS day FROM purchase WHERE date(at) = '2024-02-02'",
        ("2", "2024-02-02"),
    ),
    _view(
        "functions",
        "ifnull, substr, ||, CASE, coalesce",
        "SELECT id, ifnull(\"Note\", '-') || ':' || substr('abc', 1, 2) AS x, CASE WHEN amount > 50 THEN 'big' "
        "ELSE 'small' END AS size FROM purchase",
        ("1", "a:ab", "small"),
        ("2", "-:ab", "small"),
        ("3", "b:ab", "big"),
    ),
    _view(
        "union",
        "and a constant",
        "SELECT 'c' AS kind, count(*) AS n FROM customer UNION ALL SELECT 'p', count(*) FROM purchase",
        ("c", "3"),
        ("p", "3"),
    ),
    _view(
        "subquery",
        "correlated",
        "SELECT id FROM customer c WHERE EXISTS (SELECT 1 FROM purchase p WHERE p.customer_id = c.id)",
        ("1",),
        ("2",),
    ),
    _view(
        "integer-division",
        "SQLite cuts towards zero",
        "SELECT id, (0 - id * 7) / 2 AS half, id % 2 AS odd FROM customer",
        ("1", "-3", "1"),
        ("2", "-7", "0"),
        ("3", "-10", "1"),
    ),
    _view("like", "ignores ASCII case", "SELECT id FROM customer WHERE name LIKE 'k%'", ("1",)),
    script(
        "views-on-views",
        "in the order of their dependencies, not of their names",
        f"{_SHOP} CREATE VIEW z_base AS SELECT id, name FROM customer WHERE active;"
        "CREATE VIEW a_top AS SELECT b.name, p.amount FROM z_base b JOIN purchase p ON p.customer_id = b.id;"
        "CREATE VIEW m (who, total) AS SELECT name, sum(amount) FROM a_top GROUP BY name;",
        probes=(Probe("SELECT * FROM m", (("Kim", "15"),)),),
    ),
    script(
        "view-without-equal",
        "reported with its SQL",
        "CREATE TABLE t (v TEXT); CREATE VIEW odd AS SELECT v, typeof(v), rowid FROM t; "
        "CREATE VIEW on_odd AS SELECT v FROM odd;"
        "INSERT INTO t VALUES ('a');",
        table("t", "v text", ("a",)),
        findings=("view-not-moved odd", "view-not-moved on_odd"),
        absent=("odd", "on_odd"),
    ),
    script(
        "view-of-nothing",
        "its table was dropped",
        "CREATE TABLE t (v TEXT); CREATE VIEW broken AS SELECT * FROM gone; INSERT INTO t VALUES ('a');",
        table("t", "v text", ("a",)),
        findings=("not-moved broken",),
        absent=("broken",),
    ),
    script(
        "only-a-view",
        "no table at all",
        "CREATE VIEW v AS SELECT 1 AS one, 'x' AS two;",
        probes=(Probe("SELECT * FROM v", (("1", "x"),)),),
    ),
    # What has no equal
    script(
        "trigger",
        "reported, not moved",
        "CREATE TABLE t (v INT); CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET v = v + 1; END; "
        "INSERT INTO t VALUES (1);",
        table("t", "v bigint", ("2",)),
        findings=("not-moved t",),
    ),
    script(
        "fts5",
        "reported, with its shadow tables left behind",
        "CREATE VIRTUAL TABLE docs USING fts5 (body); INSERT INTO docs VALUES ('hello'); CREATE TABLE t (v INT);",
        table("t", "v bigint"),
        findings=("not-moved docs",),
        absent=("docs", "docs_data", "docs_idx", "docs_content", "docs_docsize", "docs_config"),
    ),
    script(
        "rtree",
        "reported, with its shadow tables left behind",
        "CREATE VIRTUAL TABLE boxes USING rtree (id, a, b); INSERT INTO boxes VALUES (1, 0, 1); "
        "CREATE TABLE t (v INT);",
        table("t", "v bigint"),
        findings=("not-moved boxes",),
        absent=("boxes", "boxes_node", "boxes_parent", "boxes_rowid"),
    ),
    script(
        "statistics-tables",
        "ANALYZE leaves tables that are SQLite's own",
        "CREATE TABLE t (v INT); CREATE INDEX i ON t (v); INSERT INTO t VALUES (1); ANALYZE;",
        table("t", "v bigint", ("1",)),
        absent=("sqlite_stat1",),
    ),
)
