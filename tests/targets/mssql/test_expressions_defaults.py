"""Neutral defaults become T-SQL that gives a value of the column's type, or are refused. No server."""

from __future__ import annotations

import pytest

from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT16,
    INT64,
    JSON_TEXT,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    LogicalType,
    binary,
    decimal,
    text,
)
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions import condition, default
from tests.targets.mssql.expression_cases import SCOPE

DEFAULTS: list[tuple[str, LogicalType, str]] = [
    ("NULL", INT64, "NULL"),
    ("1", BOOL, "1"),
    ("'f'", BOOL, "0"),
    ("'0'", INT64, "0"),
    ("-1", INT64, "(-1)"),
    ("5.0", INT16, "5"),
    ("9223372036854775807", INT64, "CAST(9223372036854775807 AS bigint)"),
    ("1", FLOAT64, "1.0E0"),
    ("-0.5", FLOAT64, "(-0.5E0)"),
    ("1.50", decimal(5, 2), "1.50"),
    ("5", TEXT, "N'5'"),
    ("5.0", TEXT, "N'5.0'"),
    ("0.0", BINARY, "0x302e30"),
    ("''", TEXT, "N''"),
    ("'null'", TEXT, "N'null'"),
    ("'it''s'", text(4), "N'it''s'"),
    ("'한국어'", text(3), "N'한국어'"),
    ("UNHEX('00')", BINARY, "0x00"),
    ("'a'", BINARY, "0x61"),
    ("'2024-02-29'", DATE, "CONVERT(date, N'2024-02-29', 120)"),
    ("'2024-02-29T10:00'", TIMESTAMP, "CONVERT(datetime2(7), N'2024-02-29T10:00:00', 126)"),
    ("'2024-02-29T10:00'", TIMESTAMPTZ, "CONVERT(datetimeoffset(7), N'2024-02-29T10:00:00+00:00', 126)"),
    ("'10:00'", TIME, "CAST(N'10:00' AS time(7))"),
    ("'{}'", JSON_TEXT, "N'{}'"),
    ("'[]'", JSON_TEXT, "N'[]'"),
    (
        "'6BA7B810-9DAD-11D1-80B4-00C04FD430C8'",
        UUID,
        "CAST(N'6ba7b810-9dad-11d1-80b4-00c04fd430c8' AS uniqueidentifier)",
    ),
    ("(1 + 1)", INT64, "(1 + 1)"),
    ("(1 = 1)", BOOL, "CASE WHEN 1 = 1 THEN 1 WHEN NOT 1 = 1 THEN 0 END"),
    (
        "CURRENT_TIMESTAMP()",
        TIMESTAMP,
        "CONVERT(datetime2(7), CONVERT(nvarchar(19), SYSUTCDATETIME(), 120), 120)",
    ),
    (
        "CURRENT_TIMESTAMP()",
        TIMESTAMPTZ,
        "TODATETIMEOFFSET(CONVERT(datetime2(7), CONVERT(nvarchar(19), SYSUTCDATETIME(), 120), 120), 0)",
    ),
    ("CURRENT_TIMESTAMP()", TEXT, "CONVERT(nvarchar(19), SYSUTCDATETIME(), 120)"),
    (
        "TIME_TO_STR(CURRENT_TIMESTAMP(), '%Y-%m-%d %H:%M:%S')",
        TIMESTAMP,
        "CONVERT(datetime2(7), CONVERT(nvarchar(19), SYSUTCDATETIME(), 120), 120)",
    ),
    ("CURRENT_DATE", DATE, "CAST(SYSUTCDATETIME() AS date)"),
    ("CURRENT_DATE", TEXT, "CONVERT(nvarchar(10), SYSUTCDATETIME(), 120)"),
    (
        "CURRENT_TIME()",
        TIME,
        "CAST(CONVERT(datetime2(7), CONVERT(nvarchar(19), SYSUTCDATETIME(), 120), 120) AS time(7))",
    ),
    ("TIME_TO_STR(LOCALTIMESTAMP, '%Y-%m-%d')", DATE, "CAST(SYSDATETIME() AS date)"),
    (
        "TIME_TO_STR(CURRENT_TIMESTAMP() + INTERVAL '7' DAY, '%Y-%m-%d')",
        DATE,
        "CAST(DATEADD(day, 7, SYSUTCDATETIME()) AS date)",
    ),
    (
        "TIME_TO_STR(CURRENT_TIMESTAMP() + INTERVAL '1.5' HOUR, '%H')",
        TEXT,
        "SUBSTRING(CONVERT(nvarchar(13), DATEADD(millisecond, 1800000, DATEADD(hour, 1, "
        "SYSUTCDATETIME())), 120), 12, 2)",
    ),
    (
        "TIME_TO_STR(DATE_TRUNC('DAY', CURRENT_TIMESTAMP()), '%Y-%m-%d %H:%M:%S')",
        TIMESTAMPTZ,
        "TODATETIMEOFFSET(CONVERT(datetime2(7), CONVERT(nvarchar(19), CONVERT(datetime2(7), "
        "CONVERT(nvarchar(10), SYSUTCDATETIME(), 120), 120), 120), 120), 0)",
    ),
    (
        "TIME_TO_STR(CURRENT_TIMESTAMP(), '%s')",
        INT64,
        "DATEDIFF_BIG(second, CONVERT(datetime2(7), N'1970-01-01', 120), SYSUTCDATETIME())",
    ),
    (
        "TIME_TO_STR(CURRENT_TIMESTAMP(), '%s')",
        TEXT,
        "CAST(DATEDIFF_BIG(second, CONVERT(datetime2(7), N'1970-01-01', 120), SYSUTCDATETIME()) AS nvarchar(20))",
    ),
    (
        "TIME_TO_STR(CURRENT_TIMESTAMP(), '%Y-%m-%dT%H:%M:%fZ')",
        TIMESTAMPTZ,
        "TODATETIMEOFFSET(CONVERT(datetime2(7), CONVERT(nvarchar(23), SYSUTCDATETIME(), 121), 121), 0)",
    ),
    (
        "JULIANDAY(CURRENT_TIMESTAMP())",
        FLOAT64,
        "(CAST(DATEDIFF_BIG(millisecond, CONVERT(datetime2(7), N'1970-01-01', 120), "
        "SYSUTCDATETIME()) + 210866760000000 AS float(53)) / 86400000)",
    ),
    (
        "LOWER(HEX(RANDOMBLOB(4)))",
        TEXT,
        "LOWER(CAST(CONVERT(varchar(8), CRYPT_GEN_RANDOM(4), 2) AS nvarchar(8)))",
    ),
    ("HEX(RANDOMBLOB(4))", TEXT, "CAST(CONVERT(varchar(8), CRYPT_GEN_RANDOM(4), 2) AS nvarchar(8))"),
    ("RANDOMBLOB(8)", BINARY, "CRYPT_GEN_RANDOM(8)"),
    (
        "RANDOMBLOB(16)",
        UUID,
        "CAST(STUFF(STUFF(STUFF(STUFF(CONVERT(varchar(36), CRYPT_GEN_RANDOM(16), 2), 9, 0, '-'), "
        "14, 0, '-'), 19, 0, '-'), 24, 0, '-') AS uniqueidentifier)",
    ),
    ("RANDOM_INT64()", INT64, "CAST(CRYPT_GEN_RANDOM(8) AS bigint)"),
]

REFUSED_DEFAULTS: list[tuple[str, LogicalType, str]] = [
    ("'yes'", BOOL, "The value N'yes' is no bit."),
    ("2", BOOL, "The value 2 is no bit."),
    ("'abc'", INT64, "The value N'abc' is no bigint."),
    ("1.5", INT64, "The value 1.5E0 is no bigint."),
    ("40000", INT16, "The value 40000 is no smallint."),
    ("1e999", FLOAT64, "The value 1E+999 is no float(53)."),
    ("1.555", decimal(5, 2), "The value 1.555E0 is no decimal(5,2)."),
    ("'abcd'", text(3), "The value N'abcd' is no nvarchar(3)."),
    ("'😀😀'", text(3), "The value N'😀😀' is no nvarchar(3)."),
    ("UNHEX('0000')", binary(1), "The value 0x0000 is no varbinary(1)."),
    ("'2024-02-30'", DATE, "The value N'2024-02-30' is no date."),
    ("'2024-01-01T00:00Z'", TIMESTAMP, "The value N'2024-01-01T00:00Z' is no datetime2(7)."),
    ("0", TIMESTAMP, "The value 0 is no datetime2(7)."),
    ("''", JSON_TEXT, "The value N'' is no nvarchar(max)."),
    ("''", UUID, "The value N'' is no uniqueidentifier."),
    ("CURRENT_TIMESTAMP()", DATE, "The text that SQLite makes of a time need not have an equal date."),
    ("ROUND(1.5)", INT64, "A float(53) need not have an equal bigint."),
    ('"n"', INT64, "There is no column n."),
    (
        "RANDOMBLOB(100000)",
        BINARY,
        "SQL Server makes 1 to 8000 random bytes at once, and their number must be known.",
    ),
]


@pytest.mark.parametrize(("neutral", "type", "expected"), DEFAULTS)
def test_default(neutral: str, type: LogicalType, expected: str) -> None:
    assert default(neutral, type) == expected


@pytest.mark.parametrize(("neutral", "type", "reason"), REFUSED_DEFAULTS)
def test_default_that_its_type_cannot_hold_is_refused(neutral: str, type: LogicalType, reason: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        default(neutral, type)
    assert caught.value.what == reason


@pytest.mark.parametrize("neutral", ["TIME_TO_STR(CURRENT_TIMESTAMP(), '%s')", "'a' || 'b'", "-(1 + 1)"])
def test_default_stands_in_brackets_where_it_is_an_operation(neutral: str) -> None:
    sql = default(neutral, TEXT if "||" in neutral or "STR" in neutral else INT64)
    assert sql.endswith(")") and sql.count("(") == sql.count(")")


def test_a_backslash_at_the_end_of_a_line_stays() -> None:
    assert default("'a\\\nb'", TEXT) == "(N'a\\' + N'\nb')"
    assert default("'a\\\r\nb'", TEXT) == "(N'a\\' + N'\r\nb')"


def test_the_nul_character_is_written_by_its_number() -> None:
    assert default("'a\0b'", TEXT) == "(N'a' + NCHAR(0) + N'b')"
    with pytest.raises(Untranslatable, match="cannot hold the NUL character"):
        condition("\"c\" LIKE 'a\0%'", SCOPE)
