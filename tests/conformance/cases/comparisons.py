"""Keys that are different in SQLite and that a target may take for equal: by case, accents, width, kana, blanks.

PostgreSQL compares bytes for equality. SQL Server compares under a collation, which the database's own makes
loose: https://learn.microsoft.com/sql/relational-databases/collations/collation-and-unicode-support.
"""

from __future__ import annotations

from migrator import ColumnOptions, Options, TableOptions
from tests.conformance.model import EXACT_KEYS, Case, Differs, Look, Probe, script, table


def _keys(id: str, why: str, *keys: str, equal: bool = True, **rest: object) -> Case:
    """A primary key of text, a child that points to it, and what a new row with a known key meets. `equal` says
    whether the usual collation takes some of the keys for equal."""
    rows = ", ".join(f"('{key}', {number})" for number, key in enumerate(keys, 1))
    exact = Differs("the database takes them for equal", more=("key-collation p.k",))
    return script(
        f"keys-{id}",
        why,
        "CREATE TABLE p (k TEXT PRIMARY KEY, n INT); CREATE TABLE c (x TEXT REFERENCES p (k), n INT);"
        f"INSERT INTO p VALUES {rows}; INSERT INTO c SELECT k, n FROM p;",
        table("p", "k text, n bigint", *((key, str(number)) for number, key in enumerate(keys, 1))),
        table("c", "x text, n bigint", *((key, str(number)) for number, key in enumerate(keys, 1))),
        probes=(
            Look("primary_key", ("p",), (("k",),)),
            Look("foreign_keys", (), (("c", "FOREIGN KEY (x) REFERENCES p(k)"),)),
            Probe(f"INSERT INTO p VALUES ('{keys[-1]}', 9)", refused="23505"),
            Probe("INSERT INTO c VALUES ('nobody', 9)", refused="23503", needs=(EXACT_KEYS,) if equal else ()),
            Probe("SELECT count(*) FROM p JOIN c ON x = k AND p.n = c.n", ((str(len(keys)),),)),
            Probe("SELECT count(*) FROM p JOIN c ON x = k", ((str(len(keys)),),)),
        ),
        **{"mssql": exact if equal else None, **rest},
    )


CASES = (
    _keys("korean", "syllables have an order of their own", "가", "각", "한", "한국", "한국어", equal=False),
    _keys("emoji", "older collations know no supplementary characters", "😀", "😁", "a😀"),
    _keys("case", "", "kim", "Kim", "KIM"),
    _keys("accent", "composed and decomposed", "e", "é", "e\u0301"),
    _keys("width", "half and full", "ｶ", "カ", "A", "Ａ"),
    _keys("kana", "hiragana and katakana", "か", "カ"),
    _keys("expansion", "one letter that sorts as two", "ss", "ß"),
    _keys("ignored", "characters without a weight", "ab", "a\u200db", "a\u00adb"),
    _keys("turkish", "i with and without a dot", "i", "I", "ı", "İ"),
    script(
        "keys-trailing-blanks",
        "SQL pads the shorter text when it compares",
        "CREATE TABLE t (k TEXT PRIMARY KEY, u TEXT UNIQUE);"
        "INSERT INTO t VALUES ('a', 'x'), ('a ', 'y'), ('', 'z');",
        table("t", "k text, u text", ("a", "x"), ("a ", "y"), ("", "z")),
        probes=(
            Probe("INSERT INTO t VALUES ('b', 'x')", refused="23505"),
            Probe("INSERT INTO t VALUES ('b', 'w')"),
        ),
        mssql=Differs("whatever the collation, so the key cannot be", more=("key-not-moved t",)),
    ),
    script(
        "keys-case-in-one-part",
        "of a composite key",
        "CREATE TABLE t (a INT NOT NULL, b TEXT NOT NULL, PRIMARY KEY (a, b));"
        "INSERT INTO t VALUES (1, 'x'), (1, 'X');",
        table("t", "a bigint, b text", ("1", "x"), ("1", "X")),
        probes=(Probe("INSERT INTO t VALUES (1, 'X')", refused="23505"), Probe("INSERT INTO t VALUES (2, 'X')")),
        mssql=Differs("the database takes them for equal", more=("key-collation t.b",)),
    ),
    script(
        "keys-case-under-unique-index",
        "and among the rows of a partial one",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT, v TEXT, live INT);"
        "CREATE UNIQUE INDEX t_u ON t (u); CREATE UNIQUE INDEX t_v ON t (v) WHERE live = 1;"
        "INSERT INTO t VALUES (1, 'a', 'x', 1), (2, 'A', 'X', 0), (3, NULL, 'y', 1), (4, NULL, 'z', 1);",
        table(
            "t",
            "id bigint, u text, v text, live bigint",
            ("1", "a", "x", "1"),
            ("2", "A", "X", "0"),
            ("3", None, "y", "1"),
            ("4", None, "z", "1"),
        ),
        probes=(
            Probe("INSERT INTO t (u) VALUES ('A')", refused="23505"),
            Probe("INSERT INTO t (v, live) VALUES ('x', 1)", refused="23505"),
            Probe("INSERT INTO t (v, live) VALUES ('x', 0)"),
        ),
        mssql=Differs("the database takes a and A for equal, and x stands alone", more=("key-collation t.u",)),
    ),
    script(
        "text-that-is-no-key",
        "compares as the database does; nothing has to change",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE INDEX t_v ON t (v);"
        "INSERT INTO t VALUES (1, 'a'), (2, 'A'), (3, 'a ');",
        table("t", "id bigint, v text", ("1", "a"), ("2", "A"), ("3", "a ")),
    ),
    script(
        "collation-chosen",
        "for a key, whose columns compare exactly then, and for a text beside it",
        "CREATE TABLE p (k TEXT PRIMARY KEY, v TEXT); CREATE TABLE c (x TEXT REFERENCES p);"
        "INSERT INTO p VALUES ('a', 'x'), ('A', 'X'); INSERT INTO c VALUES ('a'), ('A');",
        table("p", "k text, v text", ("a", "x"), ("A", "X")),
        table("c", "x text", ("a",), ("A",)),
        only=("mssql",),
        options=Options(
            collation="latin1_general_100_cs_as",
            tables={"p": TableOptions(columns={"v": ColumnOptions(collation="Korean_Wansung_CI_AS")})},
        ),
        probes=(
            Look("collations", ("p",), (("k", "Latin1_General_100_CS_AS"), ("v", "Korean_Wansung_CI_AS"))),
            Look("collations", ("c",), (("x", "Latin1_General_100_CS_AS"),)),
            Probe("INSERT INTO p VALUES ('A', 'x')", refused="23505"),
        ),
    ),
    script(
        "collation-chosen-too-loose",
        "the user's word counts, and the key cannot be",
        "CREATE TABLE t (k TEXT PRIMARY KEY); INSERT INTO t VALUES ('a'), ('A');",
        table("t", "k text", ("a",), ("A",)),
        only=("mssql",),
        options=Options(collation="Latin1_General_100_CI_AS"),
        findings=("key-not-moved t",),
    ),
    Case(
        "collation-unknown",
        "a name that no server has",
        (("source.db", "CREATE TABLE t (k TEXT PRIMARY KEY);"),),
        only=("mssql",),
        options=Options(collation="Klingon_CI_AS"),
        refusal=("ConfigurationError", "Klingon_CI_AS"),
    ),
)
