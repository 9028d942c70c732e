"""Foreign keys: SQLite declares them freely and enforces them only when asked."""

from __future__ import annotations

from migrator import Options, TableOptions
from migrator.model.findings import Resolution
from tests.conformance.model import NOCHECK, Case, Differs, Look, Probe, Stop, script, stopped, table

_ORPHANS = ("unenforced", "null", "quarantine", "skip")


def _keys(*definitions: tuple[str, str]) -> Look:
    """All foreign keys of the target."""
    return Look("foreign_keys", (), definitions)


_FAMILY = """
CREATE TABLE parent (id INTEGER PRIMARY KEY, v TEXT);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id), v TEXT);
CREATE TABLE grandchild (id INTEGER PRIMARY KEY, child_id INTEGER REFERENCES child (id));
INSERT INTO parent VALUES (1, 'p');
INSERT INTO child VALUES (10, 1, 'ok'), (11, 99, 'orphan'), (12, NULL, 'free');
INSERT INTO grandchild VALUES (100, 10), (101, 11), (102, 12), (103, NULL);
"""
_PARENT = table("parent", "id bigint, v text", ("1", "p"))
_KEPT = (
    _PARENT,
    table("child", "id bigint, parent_id bigint, v text", ("10", "1", "ok"), ("12", None, "free")),
    table("grandchild", "id bigint, child_id bigint", ("100", "10"), ("102", "12"), ("103", None)),
)
_BOTH = (
    ("child", "FOREIGN KEY (parent_id) REFERENCES parent(id)"),
    ("grandchild", "FOREIGN KEY (child_id) REFERENCES child(id)"),
)


def _orphans(resolution: Resolution, **rest: object) -> Case:
    """The family with a decision: the grandchild whose parent is left out must be left out, too."""
    return script(
        f"orphans-{resolution.value}",
        "the user decided",
        _FAMILY,
        *_KEPT,
        options=Options(on_orphans=resolution),
        findings=("orphan-rows child.parent_id",),
        **rest,
    )


CASES = (
    stopped(
        "orphans-stop",
        "the target would refuse the key",
        _FAMILY,
        Stop("orphan-rows", "child", "parent_id", 1, _ORPHANS),
    ),
    _orphans(
        Resolution.QUARANTINE,
        aside=(("child", 1, 0), ("grandchild", 1, 0)),
        quarantined=(
            ("child", "[11]", '{"id": "11", "parent_id": "99", "v": "orphan"}'),
            ("grandchild", "[101]", '{"id": "101", "child_id": "11"}'),
        ),
        probes=(_keys(*_BOTH),),
    ),
    _orphans(Resolution.SKIP, aside=(("child", 0, 1), ("grandchild", 0, 1)), probes=(_keys(*_BOTH),)),
    script(
        "orphans-unenforced",
        "every row moves; the key is there but not validated",
        _FAMILY,
        _PARENT,
        table(
            "child",
            "id bigint, parent_id bigint, v text",
            ("10", "1", "ok"),
            ("11", "99", "orphan"),
            ("12", None, "free"),
        ),
        table(
            "grandchild", "id bigint, child_id bigint", ("100", "10"), ("101", "11"), ("102", "12"), ("103", None)
        ),
        options=Options(on_orphans=Resolution.UNENFORCED),
        needs=(NOCHECK,),
        findings=("orphan-rows child.parent_id",),
        probes=(
            _keys((_BOTH[0][0], _BOTH[0][1] + " NOT VALID"), _BOTH[1]),
            Probe("INSERT INTO child (parent_id) VALUES (98)", refused="23503"),
        ),
    ),
    script(
        "orphans-emptied",
        "the rows stay, and point nowhere",
        _FAMILY,
        _PARENT,
        table(
            "child",
            "id bigint, parent_id bigint, v text",
            ("10", "1", "ok"),
            ("11", None, "orphan"),
            ("12", None, "free"),
        ),
        table(
            "grandchild", "id bigint, child_id bigint", ("100", "10"), ("101", "11"), ("102", "12"), ("103", None)
        ),
        options=Options(on_orphans=Resolution.NULL),
        findings=("orphan-rows child.parent_id",),
        probes=(_keys(*_BOTH),),
    ),
    script(
        "foreign-key-to-a-name-with-dots",
        "a dot is no separator",
        'CREATE TABLE p ("a.b" TEXT UNIQUE); CREATE TABLE c (x TEXT REFERENCES p ("a.b"));'
        "INSERT INTO p VALUES ('1'); INSERT INTO c VALUES ('1');",
        table("p", "a.b text", ("1",)),
        table("c", "x text", ("1",)),
        probes=(_keys(("c", 'FOREIGN KEY (x) REFERENCES p("a.b")')),),
        mssql=Differs("its unique constraints take NULL for a value", more=("unique-null p",)),
    ),
    script(
        "orphans-decided-per-table",
        "the table's word counts more than the run's",
        _FAMILY,
        *_KEPT,
        options=Options(tables={"child": TableOptions(on_orphans=Resolution.SKIP)}),
        findings=("orphan-rows child.parent_id",),
        aside=(("child", 0, 1), ("grandchild", 0, 1)),
    ),
    script(
        "composite",
        "two columns, one of them NULL: not checked",
        "CREATE TABLE p (a INT NOT NULL, b TEXT NOT NULL, PRIMARY KEY (a, b));"
        "CREATE TABLE c (x INT, y TEXT, FOREIGN KEY (x, y) REFERENCES p (a, b) ON DELETE CASCADE ON UPDATE SET "
        "NULL);"
        "INSERT INTO p VALUES (1,'a'),(1,'b'); INSERT INTO c VALUES (1,'a'),(1,'b'),(7,NULL),(NULL,'zz');",
        table("p", "a bigint, b text", ("1", "a"), ("1", "b")),
        table("c", "x bigint, y text", ("1", "a"), ("1", "b"), ("7", None), (None, "zz")),
        probes=(
            _keys(("c", "FOREIGN KEY (x, y) REFERENCES p(a, b) ON UPDATE SET NULL ON DELETE CASCADE")),
            Probe("INSERT INTO c VALUES (2, 'a')", refused="23503"),
        ),
    ),
    script(
        "self-referencing",
        "children before their parents in the file",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES t (id) ON DELETE SET NULL);"
        "INSERT INTO t VALUES (1, 3), (2, 2), (3, NULL);",
        table("t", "id bigint, boss bigint", ("1", "3"), ("2", "2"), ("3", None)),
        probes=(_keys(("t", "FOREIGN KEY (boss) REFERENCES t(id) ON DELETE SET NULL")),),
        mssql=Differs(
            "no table may cascade to itself",
            more=("foreign-key-action t",),
            probes=(_keys(("t", "FOREIGN KEY (boss) REFERENCES t(id)")),),
        ),
    ),
    script(
        "self-referencing-orphans-skipped",
        "a whole branch hangs from the missing row",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES t (id));"
        "INSERT INTO t VALUES (1, NULL), (2, 1), (3, 99), (4, 3), (5, 4);",
        table("t", "id bigint, boss bigint", ("1", None), ("2", "1")),
        options=Options(on_orphans=Resolution.SKIP),
        findings=("orphan-rows t.boss",),
        aside=(("t", 0, 3),),
    ),
    script(
        "cyclic",
        "each needs the other",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER REFERENCES b (id));"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a (id));"
        "INSERT INTO a VALUES (1, 1), (2, NULL); INSERT INTO b VALUES (1, 2);",
        table("a", "id bigint, b_id bigint", ("1", "1"), ("2", None)),
        table("b", "id bigint, a_id bigint", ("1", "2")),
        probes=(
            _keys(("a", "FOREIGN KEY (b_id) REFERENCES b(id)"), ("b", "FOREIGN KEY (a_id) REFERENCES a(id)")),
        ),
    ),
    script(
        "self-referencing-cascade",
        "a branch goes with its root",
        "CREATE TABLE t (id INTEGER PRIMARY KEY,"
        " up INTEGER REFERENCES t (id) ON DELETE CASCADE ON UPDATE CASCADE);"
        "INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2);",
        table("t", "id bigint, up bigint", ("1", None), ("2", "1"), ("3", "2")),
        probes=(
            _keys(("t", "FOREIGN KEY (up) REFERENCES t(id) ON UPDATE CASCADE ON DELETE CASCADE")),
            Probe("DELETE FROM t WHERE id = 1; SELECT count(*) FROM t", (("0",),)),
        ),
        mssql=Differs(
            "no table may cascade to itself",
            more=("foreign-key-action t",),
            probes=(
                _keys(("t", "FOREIGN KEY (up) REFERENCES t(id)")),
                Probe("DELETE FROM t WHERE id = 1", refused="23503"),
            ),
        ),
    ),
    script(
        "two-cascade-paths",
        "from one table to another, over two columns and over a third table",
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE m (id INTEGER PRIMARY KEY, p_id INT REFERENCES p ON DELETE CASCADE);"
        "CREATE TABLE c (a INT REFERENCES p ON DELETE CASCADE, b INT REFERENCES p ON DELETE SET NULL,"
        " m_id INT REFERENCES m ON DELETE CASCADE);"
        "INSERT INTO p VALUES (1), (2); INSERT INTO m VALUES (1, 1); INSERT INTO c VALUES (1, 2, 1);",
        table("c", "a bigint, b bigint, m_id bigint", ("1", "2", "1")),
        probes=(
            _keys(
                ("c", "FOREIGN KEY (a) REFERENCES p(id) ON DELETE CASCADE"),
                ("c", "FOREIGN KEY (b) REFERENCES p(id) ON DELETE SET NULL"),
                ("c", "FOREIGN KEY (m_id) REFERENCES m(id) ON DELETE CASCADE"),
                ("m", "FOREIGN KEY (p_id) REFERENCES p(id) ON DELETE CASCADE"),
            ),
        ),
        mssql=Differs(
            "one path only may lead from a table to another",
            more=("foreign-key-action c", "foreign-key-action c"),
            probes=(Probe("DELETE FROM p WHERE id = 2", refused="23503"),),
        ),
    ),
    script(
        "cascading-cycle",
        "of two tables",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER REFERENCES b (id) ON DELETE CASCADE);"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id) ON DELETE CASCADE);"
        "INSERT INTO a VALUES (1, 1), (2, NULL); INSERT INTO b VALUES (1, 2);",
        table("a", "id bigint, b_id bigint", ("1", "1"), ("2", None)),
        table("b", "id bigint, a_id bigint", ("1", "2")),
        probes=(
            _keys(
                ("a", "FOREIGN KEY (b_id) REFERENCES b(id) ON DELETE CASCADE"),
                ("b", "FOREIGN KEY (a_id) REFERENCES a(id) ON DELETE CASCADE"),
            ),
        ),
        mssql=Differs("no path may lead back", more=("foreign-key-action a",), probes=()),
    ),
    script(
        "restrict",
        "the parent stays as long as it has children",
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE c (x INT REFERENCES p ON DELETE RESTRICT ON UPDATE RESTRICT, y INT DEFAULT 1"
        " REFERENCES p ON DELETE SET DEFAULT); INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (2, 2);",
        table("c", "x bigint, y bigint", ("2", "2")),
        probes=(
            _keys(
                ("c", "FOREIGN KEY (x) REFERENCES p(id) ON UPDATE RESTRICT ON DELETE RESTRICT"),
                ("c", "FOREIGN KEY (y) REFERENCES p(id) ON DELETE SET DEFAULT"),
            ),
            Probe("DELETE FROM p WHERE id = 2", refused="23001"),
        ),
        mssql=Differs(
            "NO ACTION is what it calls that",
            probes=(
                _keys(
                    ("c", "FOREIGN KEY (x) REFERENCES p(id)"),
                    ("c", "FOREIGN KEY (y) REFERENCES p(id) ON DELETE SET DEFAULT"),
                ),
                Probe("DELETE FROM p WHERE id = 2", refused="23503"),
            ),
        ),
    ),
    script(
        "deferrable",
        "checked at the end of the transaction",
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE c (x INT REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED,"
        " y INT REFERENCES p DEFERRABLE INITIALLY IMMEDIATE, z INT REFERENCES p NOT DEFERRABLE);"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1, 1);",
        table("c", "x bigint, y bigint, z bigint", ("1", "1", "1")),
        probes=(
            _keys(
                ("c", "FOREIGN KEY (x) REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED"),
                ("c", "FOREIGN KEY (y) REFERENCES p(id) DEFERRABLE"),
                ("c", "FOREIGN KEY (z) REFERENCES p(id)"),
            ),
            Probe("INSERT INTO c (x) VALUES (5)"),
            Probe("INSERT INTO c (y) VALUES (5)", refused="23503"),
        ),
        mssql=Differs(
            "it checks at once",
            more=("foreign-key-action c", "foreign-key-action c"),
            probes=(
                _keys(*(("c", f"FOREIGN KEY ({each}) REFERENCES p(id)") for each in "xyz")),
                Probe("INSERT INTO c (x) VALUES (5)", refused="23503"),
            ),
        ),
    ),
    script(
        "implicit-parent",
        "REFERENCES without columns means the primary key, whatever case it is written in",
        "CREATE TABLE Parent (Id INTEGER PRIMARY KEY); "
        "CREATE TABLE c (x INT REFERENCES PARENT, y INT REFERENCES parent (ID));"
        "INSERT INTO Parent VALUES (1); INSERT INTO c VALUES (1, 1);",
        table("Parent", "Id bigint", ("1",)),
        probes=(
            _keys(
                ("c", 'FOREIGN KEY (x) REFERENCES "Parent"("Id")'),
                ("c", 'FOREIGN KEY (y) REFERENCES "Parent"("Id")'),
            ),
        ),
    ),
    script(
        "missing-parent-table",
        "the rows arrive, the key cannot",
        "CREATE TABLE c (x INT REFERENCES gone (id)); INSERT INTO c VALUES (1);",
        table("c", "x bigint", ("1",)),
        findings=("foreign-key-not-moved c",),
        probes=(_keys(),),
    ),
    script(
        "parent-column-not-unique",
        "SQLite would fail on every write",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT); CREATE TABLE c (x TEXT REFERENCES p (code));"
        "INSERT INTO p VALUES (1, 'a'); INSERT INTO c VALUES ('a');",
        table("c", "x text", ("a",)),
        findings=("foreign-key-not-moved c",),
        probes=(_keys(),),
    ),
    script(
        "parent-is-a-unique-index",
        "made by a statement of its own",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT); CREATE UNIQUE INDEX p_code ON p (code);"
        "CREATE TABLE c (x TEXT REFERENCES p (code)); INSERT INTO p VALUES (1, 'a'); INSERT INTO c VALUES ('a');",
        table("c", "x text", ("a",)),
        probes=(_keys(("c", "FOREIGN KEY (x) REFERENCES p(code)")),),
        mssql=Differs("no filtered index can be a parent", more=("unique-null p",)),
    ),
    script(
        "mismatched-types",
        "text beside integer: no common type, so no key",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (x TEXT REFERENCES p (id));"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES ('1');",
        table("p", "id bigint", ("1",)),
        table("c", "x text", ("1",)),
        findings=("foreign-key-not-moved c",),
        probes=(_keys(),),
    ),
    script(
        "one-name-two-lengths",
        "the joined columns agree on a type",
        "CREATE TABLE p (code VARCHAR(5) PRIMARY KEY); CREATE TABLE c (x VARCHAR(3) REFERENCES p);"
        "INSERT INTO p VALUES ('abcde'), ('ab'); INSERT INTO c VALUES ('ab');",
        table("p", "code character varying(5)", ("abcde",), ("ab",)),
        findings=("type-widened c.x",),
        probes=(_keys(("c", "FOREIGN KEY (x) REFERENCES p(code)")),),
    ),
    script(
        "integer-beside-decimal",
        "children declared as another number type",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (x NUMERIC REFERENCES p (id));"
        "INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (2), (NULL);",
        table("p", "id bigint", ("1",), ("2",)),
    ),
    script(
        "empty-child-follows-its-parent",
        "no value, but the key must be possible",
        "CREATE TABLE p (code TEXT PRIMARY KEY); CREATE TABLE c (x INTEGER REFERENCES p (code)); "
        "INSERT INTO p VALUES ('a');",
        table("p", "code text", ("a",)),
        table("c", "x text"),
        probes=(_keys(("c", "FOREIGN KEY (x) REFERENCES p(code)")),),
    ),
    script(
        "parent-is-skipped",
        "a table left out takes its keys along",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (x INT REFERENCES p (id));"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
        table("c", "x bigint", ("1",)),
        absent=("p",),
        options=Options(tables={"p": TableOptions(skip=True)}),
        findings=("foreign-key-not-moved c",),
        probes=(_keys(),),
    ),
    script(
        "two-keys-on-one-column",
        "to two tables",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE q (id INTEGER PRIMARY KEY);"
        "CREATE TABLE c (x INT REFERENCES p REFERENCES q); INSERT INTO p VALUES (1); INSERT INTO q VALUES (1); "
        "INSERT INTO c VALUES (1);",
        table("c", "x bigint", ("1",)),
        probes=(_keys(("c", "FOREIGN KEY (x) REFERENCES p(id)"), ("c", "FOREIGN KEY (x) REFERENCES q(id)")),),
    ),
    script(
        "quarantined-by-value-takes-children-along",
        "a child of a row set aside for another reason",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT); "
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INT REFERENCES p (id));"
        "INSERT INTO p VALUES (1, 'ok'), (2, CAST(x'ff' AS TEXT)); INSERT INTO c VALUES (1, 1), (2, 2);",
        table("p", "id bigint, v text", ("1", "ok")),
        table("c", "id bigint, p_id bigint", ("1", "1")),
        options=Options(on_invalid=Resolution.QUARANTINE),
        findings=("text-invalid p.v",),
        aside=(("p", 1, 0), ("c", 1, 0)),
    ),
)
