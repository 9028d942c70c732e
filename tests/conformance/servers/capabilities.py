"""By what servers of SQL Server's kind differ: each is asked by trying it.

A case that needs something names it; on a server without it the case is skipped, and the skip says what is
missing.
"""

from __future__ import annotations

from tests.conformance.model import (
    ALTER_DATABASE,
    BRACKETS,
    COMPUTED,
    DDL_TRIGGERS,
    EXACT_KEYS,
    FREE_NAMES,
    HEXADECIMAL,
    LONG_NAMES,
    LOW_IDENTITY,
    NOCHECK,
    NUL,
    REQUIRING,
    SCRIPTS,
    STATISTICS,
    UNCLUSTERED,
)
from tests.conformance.oracle import mssql as oracle
from tests.conformance.oracle.mssql.connecting import ERRORS
from tests.conformance.oracle.rows import Rows

_LONG = "n" * 128

TRIALS: dict[str, tuple[tuple[str, ...], Rows]] = {
    # name: statements, and the rows of the last one
    NOCHECK: (
        (
            "CREATE TABLE n (v int)",
            "INSERT INTO n VALUES (-1)",
            "ALTER TABLE n WITH NOCHECK ADD CONSTRAINT n_v CHECK (v > 0)",
            "SELECT is_not_trusted FROM sys.check_constraints WHERE name = 'n_v'",
        ),
        [("t",)],
    ),
    NUL: (
        (
            "CREATE TABLE z (v nvarchar(10))",
            "INSERT INTO z VALUES (N'a' + NCHAR(0) + N'b')",
            "SELECT DATALENGTH(v) FROM z",
        ),
        [("6",)],
    ),
    BRACKETS: (("CREATE TABLE [a]]b] (v int)", "SELECT name FROM sys.tables WHERE name LIKE 'a%b'"), [("a]b",)]),
    LONG_NAMES: (
        (
            f"CREATE TABLE {_LONG} ({_LONG} int)",
            f"CREATE INDEX {_LONG} ON {_LONG} ({_LONG})",
            f"SELECT name FROM sys.indexes WHERE name = '{_LONG}'",
        ),
        [(_LONG,)],
    ),
    SCRIPTS: (
        (
            "CREATE TABLE u ([한글] int, [😀] int)",
            "SELECT name FROM sys.columns WHERE object_id = OBJECT_ID('u') ORDER BY column_id",
        ),
        [("한글",), ("😀",)],
    ),
    EXACT_KEYS: (
        (
            "CREATE TABLE p (k nvarchar(9) COLLATE Latin1_General_100_BIN2 NOT NULL)",
            "CREATE TABLE c (x nvarchar(9) COLLATE Latin1_General_100_BIN2)",
            "ALTER TABLE p ADD CONSTRAINT pk_p PRIMARY KEY (k)",
            "ALTER TABLE c ADD CONSTRAINT fk_c FOREIGN KEY (x) REFERENCES p (k)",
            "INSERT INTO p VALUES (N'a')",
            "INSERT INTO c VALUES (N'a')",
            "SELECT x FROM c",
        ),
        [("a",)],
    ),
    ALTER_DATABASE: (("ALTER DATABASE CURRENT SET RECOVERY SIMPLE", "SELECT 1"), [("1",)]),
    STATISTICS: (("CREATE TABLE s (v int)", "UPDATE STATISTICS s", "SELECT 1"), [("1",)]),
    DDL_TRIGGERS: (
        (
            "CREATE TRIGGER d ON DATABASE FOR DROP_TABLE AS PRINT 'dropped'",
            "DROP TRIGGER d ON DATABASE",
            "SELECT 1",
        ),
        [("1",)],
    ),
    UNCLUSTERED: (
        (
            "CREATE TABLE unclustered (k int NOT NULL CONSTRAINT pk_unclustered PRIMARY KEY NONCLUSTERED)",
            "SELECT type_desc FROM sys.indexes WHERE name = 'pk_unclustered'",
        ),
        [("NONCLUSTERED",)],
    ),
    COMPUTED: (
        (
            "CREATE TABLE computed (v nvarchar(9), w AS UPPER(v) PERSISTED)",
            "SELECT max_length FROM sys.columns WHERE object_id = OBJECT_ID('computed') AND name = 'w'",
        ),
        [("18",)],
    ),
    LOW_IDENTITY: (
        (
            "CREATE TABLE low (id bigint IDENTITY, v int)",
            "INSERT INTO low (v) VALUES (1)",
            "DBCC CHECKIDENT ('low', RESEED, -6)",
            "INSERT INTO low (v) VALUES (2)",
            "SELECT id FROM low WHERE v = 2",
        ),
        [("-5",)],
    ),
    REQUIRING: (
        ("CREATE TABLE r (v int)", "ALTER TABLE r ALTER COLUMN v int NOT NULL", "SELECT 1"),
        [("1",)],
    ),
    HEXADECIMAL: (("SELECT CONVERT(nvarchar(9), 0xAB, 2)",), [("AB",)]),
    FREE_NAMES: (
        (
            "CREATE TABLE other (ctid int)",
            "CREATE TABLE [text] (v int)",
            "DECLARE @t nvarchar(9) = N'a'; SELECT @t + N'b'",
        ),
        [("ab",)],
    ),
}


def found(url: str) -> frozenset[str]:
    """The names of what the server of this empty database can do."""
    return frozenset(name for name, (statements, rows) in TRIALS.items() if _does(url, statements, rows))


def _does(url: str, statements: tuple[str, ...], rows: Rows) -> bool:
    try:
        oracle.do(url, *statements[:-1])
        return oracle.query(url, statements[-1]) == rows
    except ERRORS:
        return False
