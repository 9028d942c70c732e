"""Text, bytes, documents and UUIDs: every character and byte, or a decision first."""

from __future__ import annotations

import sqlite3

from migrator import Options
from migrator.model.findings import Resolution
from tests.conformance.model import (
    NUL,
    VALUE_RESOLUTIONS,
    Arrived,
    Case,
    Differs,
    Stop,
    column,
    column_script,
    script,
    stopped,
    table,
)

_LARGE = 5_000_000
_NUL = column_script("TEXT", "'fine'", "CAST(x'610062' AS TEXT)", "'한'")
_NUL_ARRIVES = Differs(
    "text may hold U+0000",
    tables=(Arrived("t", (("id", "bigint"), ("v", "text")), (("1", "fine"), ("2", "a\0b"), ("3", "한"))),),
    findings=(),
    stops=(),
    aside=(),
    quarantined=(),
    needs=(NUL,),
)
_INVALID = column_script("TEXT", "'fine'", "CAST(x'ff41' AS TEXT)")
_WIDE = "넓은 행의 값 " * 10
_UUID = "6fa459ea-ee8a-3ca4-894e-db77e160355e"


def _large(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, b BLOB)")
    connection.execute(
        "INSERT INTO t VALUES (1, ?, ?)", ("한" * (_LARGE // 3), bytes(range(256)) * (_LARGE // 256))
    )
    connection.execute("INSERT INTO t VALUES (2, '', x'')")


def _utf16(order: str) -> Case:
    return script(
        f"utf16{order}",
        "text is stored in UTF-16",
        column_script("TEXT", "'한국어'", "'😀'", "''", "'ascii'", before=f"PRAGMA encoding = 'UTF-16{order}';"),
        Arrived("t", (("id", "bigint"), ("v", "text")), (("1", "한국어"), ("2", "😀"), ("3", ""), ("4", "ascii"))),
    )


def _invalid(
    id: str, resolution: str, sql: str, arrived: tuple[tuple[str, str | None], ...], code: str, **rest: object
) -> Case:
    """A case of unsuitable text with a decision; row 2 is the one in question."""
    type = "bytea" if resolution == "widen" else "text"
    return script(
        f"{id}-{resolution}",
        "the user decided",
        sql,
        Arrived("t", (("id", "bigint"), ("v", type)), arrived),
        options=Options(on_invalid=Resolution(resolution)),
        findings=(f"{code} t.v",),
        **rest,
    )


CASES = (
    column(
        "empty-and-null",
        "'' is not NULL",
        "TEXT",
        "text",
        ("''", ""),
        ("NULL", None),
        ("' '", " "),
        ("'NULL'", "NULL"),
    ),
    column(
        "empty-in-integer",
        "'' stays ''",
        "INTEGER",
        "text",
        ("''", ""),
        ("NULL", None),
        ("0", "0"),
        finding="storage-mixed",
    ),
    column(
        "text-of-every-kind",
        "nothing is trimmed, escaped or normalised",
        "TEXT",
        "text",
        ("'trailing   '", "trailing   "),
        ("'  leading'", "  leading"),
        ("'a' || char(13, 10) || 'b' || char(13) || 'c' || char(10)", "a\r\nb\rc\n"),
        ("'tab' || char(9) || '|'", "tab\t|"),
        ("'\\N'", "\\N"),
        ("'\\\\.'", "\\\\."),
        ("'a|b,\"c'", 'a|b,"c'),
        ("'it''s'", "it's"),
        ("'e' || char(769)", "e\u0301"),
        ("'\u00e9'", "\u00e9"),
        ("char(65279) || 'bom'", "\ufeffbom"),
        ("char(128512)", "😀"),
        ("char(1) || char(127) || char(133)", "\x01\x7f\x85"),
        ("char(65533)", "\ufffd"),
    ),
    column(
        "number-in-text-column",
        "affinity makes it text",
        "TEXT",
        "text",
        ("12", "12"),
        ("1.50", "1.5"),
        ("'007'", "007"),
    ),
    column(
        "blob-in-text-column",
        "a blob is no text",
        "TEXT",
        "bytea",
        ("'a'", "\\x61"),
        ("x'ff00'", "\\xff00"),
        finding="storage-mixed",
    ),
    column(
        "text-in-blob-column",
        "as UTF-8",
        "BLOB",
        "bytea",
        ("'한'", "\\xed959c"),
        ("x'00'", "\\x00"),
        finding="storage-mixed",
    ),
    column(
        "varchar-fits",
        "characters, not bytes",
        "VARCHAR(3)",
        "character varying(3)",
        ("'한국어'", "한국어"),
        ("''", ""),
    ),
    column(
        "varchar-too-short",
        "grows to what is there",
        "VARCHAR(3)",
        "text",
        ("'abcd'", "abcd"),
        ("'a'", "a"),
        finding="type-widened",
    ),
    column(
        "varchar-of-supplementary-characters",
        "three characters, however many units",
        "VARCHAR(3)",
        "character varying(3)",
        ("'😀😀😀'", "😀😀😀"),
        ("'한국어'", "한국어"),
        mssql=Differs("nvarchar counts UTF-16", types={("t", "v"): "nvarchar(6)"}),
    ),
    column("char-is-not-padded", "", "CHAR(5)", "character varying(5)", ("'ab'", "ab"), ("'ab   '", "ab   ")),
    # What PostgreSQL's text cannot hold
    stopped("nul-stops", "U+0000", _NUL, Stop("text-nul", "t", "v", 1, VALUE_RESOLUTIONS), mssql=_NUL_ARRIVES),
    _invalid(
        "nul",
        "widen",
        _NUL,
        (("1", "\\x66696e65"), ("2", "\\x610062"), ("3", "\\xed959c")),
        "text-nul",
        mssql=_NUL_ARRIVES,
    ),
    _invalid("nul", "null", _NUL, (("1", "fine"), ("2", None), ("3", "한")), "text-nul", mssql=_NUL_ARRIVES),
    _invalid(
        "nul", "replace", _NUL, (("1", "fine"), ("2", "a\ufffdb"), ("3", "한")), "text-nul", mssql=_NUL_ARRIVES
    ),
    _invalid(
        "nul", "skip", _NUL, (("1", "fine"), ("3", "한")), "text-nul", aside=(("t", 0, 1),), mssql=_NUL_ARRIVES
    ),
    _invalid(
        "nul",
        "quarantine",
        _NUL,
        (("1", "fine"), ("3", "한")),
        "text-nul",
        aside=(("t", 1, 0),),
        quarantined=(("t", "[2]", '{"id": "2", "v": "x\'610062\'"}'),),
        mssql=_NUL_ARRIVES,
    ),
    stopped(
        "invalid-utf8-stops", "0xff is in no UTF-8", _INVALID, Stop("text-invalid", "t", "v", 1, VALUE_RESOLUTIONS)
    ),
    _invalid("invalid-utf8", "widen", _INVALID, (("1", "\\x66696e65"), ("2", "\\xff41")), "text-invalid"),
    _invalid("invalid-utf8", "null", _INVALID, (("1", "fine"), ("2", None)), "text-invalid"),
    _invalid("invalid-utf8", "replace", _INVALID, (("1", "fine"), ("2", "\ufffdA")), "text-invalid"),
    _invalid(
        "invalid-utf8",
        "quarantine",
        _INVALID,
        (("1", "fine"),),
        "text-invalid",
        aside=(("t", 1, 0),),
        quarantined=(("t", "[2]", '{"id": "2", "v": "x\'ff41\'"}'),),
    ),
    stopped(
        "lone-surrogate-stops",
        "CESU-8 is no UTF-8",
        column_script("TEXT", "CAST(x'eda080' AS TEXT)"),
        Stop("text-invalid", "t", "v", 1, VALUE_RESOLUTIONS),
    ),
    stopped(
        "overlong-stops",
        "0xc080 is no NUL",
        column_script("TEXT", "CAST(x'c080' AS TEXT)"),
        Stop("text-invalid", "t", "v", 1, VALUE_RESOLUTIONS),
    ),
    stopped(
        "utf16-lone-surrogate-stops",
        "half a pair",
        column_script("TEXT", "CAST(x'00d84100' AS TEXT)", "'ok'", before="PRAGMA encoding = 'UTF-16le';"),
        Stop("text-invalid", "t", "v", 1, VALUE_RESOLUTIONS),
    ),
    stopped(
        "nul-and-invalid-in-two-columns",
        "each is named",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);"
        "INSERT INTO t VALUES (1, CAST(x'00' AS TEXT), CAST(x'ff' AS TEXT));",
        Stop("text-nul", "t", "a", 1, VALUE_RESOLUTIONS),
        Stop("text-invalid", "t", "b", 1, VALUE_RESOLUTIONS),
        mssql=Differs("text may hold U+0000", stops=(Stop("text-invalid", "t", "b", 1, VALUE_RESOLUTIONS),)),
    ),
    column("nul-in-blob-is-fine", "", "BLOB", "bytea", ("x'006100'", "\\x006100")),
    _utf16("le"),
    _utf16("be"),
    # Documents
    column(
        "json-valid",
        "compared as documents",
        "JSON",
        "jsonb",
        ('\'{"b": 1, "a": [true, null, "한"]}\'', '{"a": [true, null, "한"], "b": 1}'),
        ("'[]'", "[]"),
        ("'\"text\"'", '"text"'),
        ("'null'", "null"),
        ("NULL", None),
        ("1.5", "1.5"),
        mssql=Differs(
            "documents are text, which is kept",
            tables=(
                table(
                    "t",
                    "id bigint, v json",
                    ("1", '{"b": 1, "a": [true, null, "한"]}'),
                    ("2", "[]"),
                    ("3", '"text"'),
                    ("4", "null"),
                    ("5", None),
                    ("6", "1.5"),
                ),
            ),
        ),
    ),
    column(
        "json-scalars",
        "each is a document",
        "JSON",
        "jsonb",
        ("'null'", "null"),
        ("5", "5"),
        ("'\"x\"'", '"x"'),
        ("'true'", "true"),
        ("NULL", None),
    ),
    column(
        "json-invalid",
        "any text",
        "JSON",
        "text",
        ("'{\"a\": 1}'", '{"a": 1}'),
        ("'{a: 1}'", "{a: 1}"),
        finding="type-widened",
    ),
    column(
        "json-duplicate-keys",
        "jsonb would drop one",
        "JSON",
        "json",
        ('\'{"a": 1, "a": 2}\'', '{"a": 1, "a": 2}'),
        ("'{}'", "{}"),
        finding="type-widened",
        mssql=Differs("documents are text, whatever is in them", fewer=("type-widened t.v",)),
    ),
    column(
        "json-nul-escape",
        "jsonb refuses \\u0000",
        "JSON",
        "json",
        ('\'{"a": "\\u0000"}\'', '{"a": "\\u0000"}'),
        finding="type-widened",
        mssql=Differs("documents are text, whatever is in them", fewer=("type-widened t.v",)),
    ),
    column(
        "json-lone-surrogate-escape",
        "jsonb refuses it",
        "JSON",
        "json",
        ("'\"\\ud800\"'", '"\\ud800"'),
        finding="type-widened",
        mssql=Differs("documents are text, whatever is in them", fewer=("type-widened t.v",)),
    ),
    column(
        "json-long-numbers",
        "digits are kept",
        "JSON",
        "jsonb",
        (
            "'[12345678901234567890123456789, 0.10000000000000000000000001]'",
            "[12345678901234567890123456789, 0.10000000000000000000000001]",
        ),
    ),
    column(
        "json-empty-text", "'' is no document", "JSON", "text", ("''", ""), ("'{}'", "{}"), finding="type-widened"
    ),
    column("json-python-nan", "NaN is no JSON", "JSON", "text", ("'[NaN]'", "[NaN]"), finding="type-widened"),
    # UUIDs
    column("uuid-text", "", "UUID", "uuid", (f"'{_UUID}'", _UUID), ("NULL", None)),
    column("uuid-upper", "one case throughout", "UUID", "uuid", (f"'{_UUID.upper()}'", _UUID)),
    column("uuid-bare", "32 digits", "GUID", "uuid", (f"'{_UUID.replace('-', '')}'", _UUID)),
    column("uuid-blob", "16 bytes", "UNIQUEIDENTIFIER", "uuid", (f"x'{_UUID.replace('-', '')}'", _UUID)),
    column(
        "uuid-wrong",
        "not a UUID",
        "UUID",
        "text",
        (f"'{_UUID}'", _UUID),
        ("'none'", "none"),
        finding="type-widened",
    ),
    column(
        "uuid-blob-15",
        "a byte is missing",
        "UUID",
        "bytea",
        ("x'" + "ab" * 15 + "'", "\\x" + "ab" * 15),
        finding="type-widened",
    ),
    column(
        "uuid-text-and-blob",
        "two forms",
        "UUID",
        "bytea",
        (f"'{_UUID}'", "\\x" + _UUID.encode().hex()),
        (f"x'{_UUID.replace('-', '')}'", "\\x" + _UUID.replace("-", "")),
        finding="storage-mixed",
    ),
    column(
        "uuid-in-text-column",
        "declared text stays text",
        "CHAR(36)",
        "character varying(36)",
        (f"'{_UUID}'", _UUID),
    ),
    script(
        "300-texts-in-a-row",
        "more than a page of 8 KB",
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, {', '.join(f'c{n} TEXT' for n in range(300))});"
        f"INSERT INTO t VALUES (1, {', '.join(f'{_WIDE!r}' for _ in range(300))}), (2{', NULL' * 300});",
        table(
            "t",
            "id bigint, " + ", ".join(f"c{n} text" for n in range(300)),
            ("1", *[_WIDE] * 300),
            ("2", *[None] * 300),
        ),
    ),
    script(
        "several-texts-of-thousands",
        "each fits a page, all do not",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(4000), b VARCHAR(4000), c VARCHAR(3000), d BLOB);"
        "INSERT INTO t VALUES (1, printf('%04000d', 1), printf('%04000d', 2), printf('%03000d', 3),"
        " zeroblob(9000));",
        table(
            "t",
            "id bigint, a character varying(4000), b character varying(4000), c character varying(3000), d bytea",
            ("1", f"{1:04000}", f"{2:04000}", f"{3:03000}", "\\x" + "00" * 9000),
        ),
    ),
    script(
        "5-mb-values",
        "5 MB of text and of bytes",
        _large,
        Arrived(
            "t",
            (("id", "bigint"), ("v", "text"), ("b", "bytea")),
            (("1", "한" * (_LARGE // 3), "\\x" + (bytes(range(256)) * (_LARGE // 256)).hex()), ("2", "", "\\x")),
        ),
    ),
)
