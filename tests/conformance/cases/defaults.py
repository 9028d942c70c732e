"""Defaults: a new row on the target gets what SQLite would have given it."""

from __future__ import annotations

from tests.conformance.model import HEXADECIMAL, Case, Probe, script, table


def _default(id: str, declared: str, default: str, target: str, gives: str | None, **rest: object) -> Case:
    """A column with a default, and what a row without a value gets."""
    return script(
        f"default-{id}",
        default,
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {declared} DEFAULT {default}); INSERT INTO t (id) VALUES (1);"
        "DELETE FROM t;",
        table("t", f"id bigint, v {target}"),
        probes=(Probe("INSERT INTO t DEFAULT VALUES; SELECT v FROM t", ((gives,),)),),
        **rest,
    )


def _now(id: str, declared: str, default: str, target: str, sql: str, mssql: str, *needs: str) -> Case:
    """A default that depends on the clock or on chance: `sql` must be true of it, in UTC as in SQLite."""
    return script(
        f"default-{id}",
        default,
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {declared} DEFAULT {default});",
        table("t", f"id bigint, v {target}"),
        probes=(
            Probe(
                "SET LOCAL timezone = 'Asia/Seoul'; WITH new AS (INSERT INTO t DEFAULT VALUES RETURNING v) "
                f"SELECT {sql} FROM new",
                (("t",),),
                mssql=Probe(
                    "INSERT INTO t DEFAULT VALUES; "
                    f"SELECT CAST(CASE WHEN {mssql} THEN 1 ELSE 0 END AS bit) FROM t",
                    (("t",),),
                    needs=needs,
                ),
            ),
        ),
    )


_TS = "timestamp without time zone"
_UTC = "(now() AT TIME ZONE 'UTC')"
_JUST_NOW = "ABS(DATEDIFF(second, {}, SYSUTCDATETIME())) < 60"
_EPOCH = "DATEDIFF_BIG(second, '1970-01-01', SYSUTCDATETIME())"

CASES = (
    _default("text-null", "TEXT", "'null'", "text", "null"),
    _default("null", "TEXT", "NULL", "text", None),
    _default("quote", "TEXT", "'it''s'", "text", "it's"),
    _default("empty", "TEXT", "''", "text", ""),
    _default("backslash", "TEXT", "'a\\n%s:x'", "text", "a\\n%s:x"),
    _default("korean", "TEXT", "'기본값'", "text", "기본값"),
    _default("double-quoted", "TEXT", '"word"', "text", "word"),
    _default("number-in-text", "TEXT", "5", "text", "5"),
    _default("integer", "INTEGER", "-7", "bigint", "-7"),
    _default("plus", "INTEGER", "+7", "bigint", "7"),
    _default("text-in-integer", "INTEGER", "'7'", "bigint", "7"),
    _default("sum", "INTEGER", "(1+1)", "bigint", "2"),
    _default("hexadecimal", "INTEGER", "0x1F", "bigint", "31"),
    _default("limit", "INTEGER", "-9223372036854775808", "bigint", "-9223372036854775808"),
    _default("real", "REAL", "1.5e3", "double precision", "1500"),
    _default("integer-in-real", "REAL", "1", "double precision", "1"),
    _default("decimal", "DECIMAL(10,2)", "9.5", "numeric(10,2)", "9.50"),
    _default("blob", "BLOB", "x'00'", "bytea", "\\x00"),
    _default("blob-empty", "BLOB", "x''", "bytea", "\\x"),
    _default("boolean-1", "BOOLEAN", "1", "boolean", "t"),
    _default("boolean-0", "BOOLEAN", "0", "boolean", "f"),
    _default("boolean-true", "BOOLEAN", "TRUE", "boolean", "t"),
    _default("date", "DATE", "'2024-01-31'", "date", "2024-01-31"),
    _default("json", "JSON", "'{}'", "jsonb", "{}"),
    _default("concatenated", "TEXT", "('a' || 'b')", "text", "ab"),
    _default("lower", "TEXT", "(lower('ABC'))", "text", "abc"),
    _now(
        "current-timestamp",
        "DATETIME",
        "CURRENT_TIMESTAMP",
        _TS,
        f"v BETWEEN {_UTC} - interval '1 minute' AND {_UTC} + interval '1 minute' AND date_trunc('second', v) = v",
        f"{_JUST_NOW.format('v')} AND DATEPART(nanosecond, v) = 0",
    ),
    _now(
        "current-timestamp-text",
        "TEXT",
        "CURRENT_TIMESTAMP",
        "text",
        f"v::timestamp BETWEEN {_UTC} - interval '1 minute' AND {_UTC} + interval '1 minute' AND length(v) = 19",
        f"{_JUST_NOW.format('CAST(v AS datetime2)')} AND LEN(v) = 19",
    ),
    _now(
        "current-date", "DATE", "CURRENT_DATE", "date", f"v = {_UTC}::date", "v = CAST(SYSUTCDATETIME() AS date)"
    ),
    _now(
        "current-time",
        "TIME",
        "CURRENT_TIME",
        "time without time zone",
        "extract(microseconds FROM v)::int % 1000000 = 0",
        "DATEPART(nanosecond, v) = 0",
    ),
    _now(
        "datetime-now",
        "DATETIME",
        "(datetime('now'))",
        _TS,
        f"v BETWEEN {_UTC} - interval '1 minute' AND {_UTC} + interval '1 minute'",
        _JUST_NOW.format("v"),
    ),
    _now(
        "datetime-now-text",
        "TEXT",
        "(datetime('now'))",
        "text",
        f"v::timestamp BETWEEN {_UTC} - interval '1 minute' AND {_UTC} + interval '1 minute' AND v ~ "
        "'^....-..-.. ..:..:..$'",
        f"{_JUST_NOW.format('CAST(v AS datetime2)')} AND v LIKE '____-__-__ __:__:__'",
    ),
    _now(
        "epoch",
        "INTEGER",
        "(strftime('%s','now'))",
        "bigint",
        "abs(v - extract(epoch FROM now())) < 60",
        f"ABS(v - {_EPOCH}) < 60",
    ),
    _now(
        "epoch-text",
        "TEXT",
        "(strftime('%s','now'))",
        "text",
        "abs(v::bigint - extract(epoch FROM now())) < 60",
        f"ABS(CAST(v AS bigint) - {_EPOCH}) < 60",
    ),
    _now(
        "strftime-iso",
        "TEXT",
        "(strftime('%Y-%m-%dT%H:%M:%SZ','now'))",
        "text",
        "v ~ '^....-..-..T..:..:..Z$' AND abs(extract(epoch FROM v::timestamptz - now())) < 60",
        f"v LIKE '____-__-__T__:__:__Z' AND {_JUST_NOW.format('CAST(CAST(v AS datetimeoffset) AS datetime2)')}",
    ),
    _now(
        "random-hex",
        "TEXT",
        "(lower(hex(randomblob(4))))",
        "text",
        "v ~ '^[0-9a-f]{8}$'",
        "LEN(v) = 8 AND v NOT LIKE '%[^0-9a-f]%' COLLATE Latin1_General_BIN2",
        HEXADECIMAL,
    ),
    _now("random-blob", "BLOB", "(randomblob(16))", "bytea", "length(v) = 16", "DATALENGTH(v) = 16"),
    _now("random", "INTEGER", "(abs(random()))", "bigint", "v >= 0", "v >= 0"),
    script(
        "default-without-equal",
        "reported; the rows arrive",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT DEFAULT (sqlite_version())); "
        "INSERT INTO t VALUES (1, 'x');",
        table("t", "id bigint, v text", ("1", "x")),
        findings=("default-not-moved t.v",),
    ),
    script(
        "default-in-widened-column",
        "the default fits the column's new type",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER DEFAULT 5, b BOOLEAN DEFAULT 2); "
        "INSERT INTO t VALUES (1, 'x', 2);",
        table("t", "id bigint, v text, b bigint", ("1", "x", "2")),
        findings=("type-widened t.v", "type-widened t.b"),
        probes=(Probe("INSERT INTO t DEFAULT VALUES; SELECT v, b FROM t WHERE id > 1", (("5", "2"),)),),
    ),
    script(
        "default-with-not-null",
        "as ALTER TABLE ADD COLUMN leaves it",
        "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1); "
        "ALTER TABLE t ADD COLUMN v TEXT NOT NULL DEFAULT 'old';",
        table("t", "id bigint, v text", ("1", "old")),
        probes=(Probe("INSERT INTO t DEFAULT VALUES; SELECT v FROM t WHERE id > 1", (("old",),)),),
    ),
)
