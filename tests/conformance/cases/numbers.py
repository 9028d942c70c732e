"""Values whose type the declaration does not decide: SQLite stores any class in any column."""

from __future__ import annotations

from migrator import ColumnOptions, Options, TableOptions
from migrator.model.findings import Resolution
from migrator.model.types import LogicalType
from tests.conformance.model import Differs, Stop, column, script, table

_MANY = range(300)

CASES = (
    # Typeless columns: https://sqlite.org/datatype3.html
    column("typeless-integers", "values decide", "", "bigint", ("1", "1"), ("-2", "-2"), ("NULL", None)),
    column("typeless-reals", "values decide", "", "double precision", ("1.5", "1.5"), ("0.1", "0.1")),
    column("typeless-text", "values decide", "", "text", ("'a'", "a"), ("''", "")),
    column("typeless-blobs", "values decide", "", "bytea", ("x'00ff'", "\\x00ff"), ("x''", "\\x")),
    column("typeless-nothing", "no value says anything", "", "text", ("NULL", None)),
    column(
        "typeless-mixed",
        "numbers as their digits beside text",
        "",
        "text",
        ("1", "1"),
        ("'a'", "a"),
        ("2.5", "2.5"),
        ("'01'", "01"),
        ("NULL", None),
        finding="storage-mixed",
    ),
    column(
        "typeless-mixed-with-blobs",
        "text as UTF-8 where blobs are",
        "",
        "bytea",
        ("1", "\\x31"),
        ("'한'", "\\xed959c"),
        ("x'00ff'", "\\x00ff"),
        ("''", "\\x"),
        ("0.1", "\\x302e31"),
        finding="storage-mixed",
    ),
    # Other classes in INTEGER columns
    column(
        "integer-column-holds-text",
        "affinity converts what reads as a number only",
        "INTEGER",
        "text",
        ("1", "1"),
        ("'12'", "12"),
        ("'abc'", "abc"),
        ("''", ""),
        ("'1 '", "1"),
        finding="storage-mixed",
    ),
    column(
        "integer-column-holds-reals",
        "integers are exact in a double up to 2^53",
        "INTEGER",
        "double precision",
        ("1", "1"),
        ("1.5", "1.5"),
        ("2.0", "2"),
        ("-0.1", "-0.1"),
        finding="type-widened",
    ),
    column(
        "integer-column-holds-blobs",
        "a blob is kept as bytes",
        "INTEGER",
        "bytea",
        ("1", "\\x31"),
        ("x'00'", "\\x00"),
        finding="storage-mixed",
    ),
    column(
        "integer-column-holds-everything",
        "all five classes at once",
        "INT",
        "bytea",
        ("1", "\\x31"),
        ("1.5", "\\x312e35"),
        ("'a'", "\\x61"),
        ("x'ff'", "\\xff"),
        ("NULL", None),
        finding="storage-mixed",
    ),
    column(
        "int64-limits",
        "2^63-1 and -2^63",
        "INTEGER",
        "bigint",
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775806", "9223372036854775806"),
        ("4294967296", "4294967296"),
        ("0", "0"),
    ),
    column(
        "smallint-promises-nothing",
        "SQLite stores 64 bits whatever the name",
        "SMALLINT",
        "bigint",
        ("1", "1"),
        ("9223372036854775807", "9223372036854775807"),
    ),
    # Reals
    column(
        "floats-of-17-digits",
        "the shortest text that reads back",
        "REAL",
        "double precision",
        ("0.1", "0.1"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("2.2250738585072014e-308", "2.2250738585072014e-308"),
        ("123456789.12345679", "123456789.12345679"),
        ("1e15", "1e+15"),
        ("9007199254740993.0", "9.007199254740992e+15"),
        ("3", "3"),
    ),
    column(
        "subnormal-float",
        "the smallest that a double holds",
        "REAL",
        "double precision",
        ("4.9406564584124654e-324", "5e-324"),
        ("1.5", "1.5"),
        mssql=Differs(
            "its floats are normal", stops=(Stop("float-subnormal", "t", "v", 1, ("null", "quarantine", "skip")),)
        ),
    ),
    column(
        "infinities-null",
        "a decision where there has to be one",
        "REAL",
        "double precision",
        ("9e999", "Infinity"),
        ("1.5", "1.5"),
        options=Options(on_invalid=Resolution.NULL),
        mssql=Differs(
            "its floats are finite",
            tables=(table("t", "id bigint, v double precision", ("1", None), ("2", "1.5")),),
            more=("float-infinite t.v",),
        ),
    ),
    column(
        "infinities-quarantined",
        "the row is set aside where it has to be",
        "REAL",
        "double precision",
        ("-9e999", "-Infinity"),
        ("1.5", "1.5"),
        options=Options(on_invalid=Resolution.QUARANTINE),
        mssql=Differs(
            "its floats are finite",
            tables=(table("t", "id bigint, v double precision", ("2", "1.5")),),
            more=("float-infinite t.v",),
            aside=(("t", 1, 0),),
            quarantined=(("t", "[1]", '{"id": "1", "v": "-9e999"}'),),
        ),
    ),
    script(
        "decimals-of-38-digits",
        "digits that only text can hold in SQLite",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, w TEXT);"
        "INSERT INTO t VALUES (1, '1234567890123456789012345678.0123456789',"
        " '99999999999999999999999999999999999999'), (2, '-0.0000000001',"
        " '-99999999999999999999999999999999999999'), (3, NULL, '0');",
        table(
            "t",
            "id bigint, v numeric(38,10), w numeric(38,0)",
            ("1", "1234567890123456789012345678.0123456789", "99999999999999999999999999999999999999"),
            ("2", "-0.0000000001", "-99999999999999999999999999999999999999"),
            ("3", None, "0"),
        ),
        options=Options(
            tables={
                "t": TableOptions(
                    columns={
                        "v": ColumnOptions(type=LogicalType.parse("decimal(38,10)")),
                        "w": ColumnOptions(type=LogicalType.parse("decimal(38,0)")),
                    }
                )
            }
        ),
    ),
    column(
        "infinities",
        "PostgreSQL's floats hold them",
        "REAL",
        "double precision",
        ("9e999", "Infinity"),
        ("-9e999", "-Infinity"),
        ("1.5", "1.5"),
        mssql=Differs(
            "its floats are finite", stops=(Stop("float-infinite", "t", "v", 2, ("null", "quarantine", "skip")),)
        ),
    ),
    column(
        "negative-zero",
        "SQLite keeps it where no affinity turns it into an integer",
        "",
        "double precision",
        ("-0.0", "-0"),
        ("0.0", "0"),
        ("1.5", "1.5"),
    ),
    column(
        "real-column-holds-text",
        "text that is no number stays text; a real keeps its point",
        "REAL",
        "text",
        ("1.5", "1.5"),
        ("'n/a'", "n/a"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("2", "2.0"),
        finding="storage-mixed",
    ),
    column("float-column-holds-integers", "as doubles", "FLOAT", "double precision", ("1", "1"), ("-7", "-7")),
    # Decimals
    column(
        "decimal-fits",
        "as declared",
        "DECIMAL(10,2)",
        "numeric(10,2)",
        ("1.25", "1.25"),
        ("'7'", "7.00"),
        ("0", "0.00"),
    ),
    column(
        "decimal-more-fraction-digits",
        "the scale grows",
        "DECIMAL(10,2)",
        "numeric(11,3)",
        ("1.25", "1.250"),
        ("1.125", "1.125"),
        finding="type-widened",
    ),
    column(
        "decimal-more-whole-digits",
        "the precision grows",
        "DECIMAL(10,2)",
        "numeric(14,2)",
        ("1.25", "1.25"),
        ("123456789012.5", "123456789012.50"),
        finding="type-widened",
    ),
    column(
        "decimal-of-the-longest-integer",
        "19 digits are exact as an integer",
        "DECIMAL(19,0)",
        "numeric(19,0)",
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
    ),
    column(
        "decimal-holds-text",
        "text that is no number",
        "DECIMAL(10,2)",
        "text",
        ("1.25", "1.25"),
        ("'1,25'", "1,25"),
        finding="storage-mixed",
    ),
    # Booleans
    column(
        "boolean-0-1", "as SQLite's TRUE and FALSE", "BOOLEAN", "boolean", ("0", "f"), ("1", "t"), ("NULL", None)
    ),
    column("boolean-true-false-keywords", "", "BOOL", "boolean", ("TRUE", "t"), ("FALSE", "f")),
    column("boolean-t-f", "", "BOOLEAN", "boolean", ("'t'", "t"), ("'f'", "f")),
    column("boolean-T-F", "", "BOOLEAN", "boolean", ("'T'", "t"), ("'F'", "f")),
    column("boolean-words", "", "BOOLEAN", "boolean", ("'true'", "t"), ("'false'", "f")),
    column("boolean-Words", "", "BOOLEAN", "boolean", ("'True'", "t"), ("'False'", "f")),
    column(
        "boolean-digits-as-text",
        "numeric affinity makes them integers",
        "BOOLEAN",
        "boolean",
        ("'1'", "t"),
        ("'0'", "f"),
    ),
    column(
        "boolean-2", "2 is no truth value", "BOOLEAN", "bigint", ("0", "0"), ("2", "2"), finding="type-widened"
    ),
    column("boolean-yes", "", "BOOLEAN", "text", ("'yes'", "yes"), ("'no'", "no"), finding="type-widened"),
    column(
        "boolean-two-vocabularies",
        "writing back would not give the same",
        "BOOLEAN",
        "text",
        ("'t'", "t"),
        ("'true'", "true"),
        finding="type-widened",
    ),
    column(
        "boolean-0-and-f",
        "numbers beside words",
        "BOOLEAN",
        "text",
        ("0", "0"),
        ("'f'", "f"),
        finding="storage-mixed",
    ),
    column("boolean-half", "", "BOOLEAN", "double precision", ("0", "0"), ("0.5", "0.5"), finding="type-widened"),
    column("boolean-blob", "", "BOOLEAN", "bytea", ("1", "\\x31"), ("x'01'", "\\x01"), finding="storage-mixed"),
    script(
        "300-columns",
        "a wide row",
        f"CREATE TABLE t ({', '.join(f'c{n} INTEGER' for n in _MANY)}); "
        f"INSERT INTO t VALUES ({', '.join(str(n * 7) for n in _MANY)}); "
        f"INSERT INTO t (c0, c299) VALUES (1, 2);",
        table(
            "t",
            ", ".join(f"c{n} bigint" for n in _MANY),
            tuple(str(n * 7) for n in _MANY),
            tuple({0: "1", 299: "2"}.get(n) for n in _MANY),
        ),
    ),
)
