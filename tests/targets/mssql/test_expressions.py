"""Neutral SQL becomes T-SQL by the columns' types, or is refused with a reason. No server."""

from __future__ import annotations

import string

import pytest

from migrator.model.types import (
    BOOL,
    DATE,
    FLOAT64,
    INT32,
    INT64,
    TEXT,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    LogicalType,
    decimal,
    text,
)
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions import condition, expression, fold_case
from tests.targets.mssql.expression_cases import SCOPE, whole

CONDITIONS: dict[str, list[tuple[str, str]]] = {
    "names are the target's, quoted": [
        ('"n" = 1', "[n] = 1"),
    ],
    "truth values are bits, and predicates are not values": [
        ('"b" = 1', "[b] = 1"),
        ('"b" <> 0', "[b] <> 0"),
        ('"b" IN (0, 1, NULL)', "[b] IN (0, 1, NULL)"),
        ("\"b\" = 't'", "[b] = 1"),
        ('"b" = 2', "CAST([b] AS int) = 2"),
        ("\"b\" = 'yes'", "[b] IS NULL AND 1 = NULL"),
        ('COALESCE("b", 0) = 0', "COALESCE([b], 0) = 0"),
        ('NOT "b"', "[b] = 0"),
        ('("n" > 1) = 1', "[n] > 1"),
        ('("n" > 1) = 0', "NOT [n] > 1"),
        (
            '("n" > 1) = ("m" > 1)',
            "CASE WHEN [n] > 1 THEN 1 WHEN NOT [n] > 1 THEN 0 END = CASE WHEN [m] > 1 THEN 1 WHEN "
            "NOT [m] > 1 THEN 0 END",
        ),
        ('"b" IS TRUE', "CASE WHEN [b] = 1 THEN 1 ELSE 0 END = 1"),
        ('"b" IS FALSE', "CASE WHEN NOT [b] = 1 THEN 1 ELSE 0 END = 1"),
        ('NOT "b" IS TRUE', "NOT CASE WHEN [b] = 1 THEN 1 ELSE 0 END = 1"),
    ],
    "a number is true when it is not zero": [
        ('"n"', "[n] <> 0"),
        ('"n" & 4', "[n] & 4 <> 0"),
        ('NOT "n"', "NOT [n] <> 0"),
        ('"n" AND "b"', "[n] <> 0 AND [b] = 1"),
        ("1", "1 = 1"),
        ("NULL", "1 = NULL"),
        (
            'CASE WHEN "b" THEN "n" > 0 ELSE 1 END',
            "CASE WHEN [b] = 1 THEN CASE WHEN [n] > 0 THEN 1 WHEN NOT [n] > 0 THEN 0 END ELSE 1 END <> 0",
        ),
        ('NOT NOT "n" > 1', "[n] > 1"),
    ],
    "numbers compare with numeric text only where a column makes SQLite convert it": [
        ("\"n\" = '5'", "[n] = 5"),
        ("\"n\" = 'abc'", "[n] IS NULL AND 1 = NULL"),
        ("\"n\" <> 'abc'", "[n] IS NOT NULL OR 1 = NULL"),
        ("LENGTH(\"s\") = '5'", "LEN([s] COLLATE SC + N'.') - 1 IS NULL AND 1 = NULL"),
        ('"c" = 5', "[c] COLLATE B2 = N'5'"),
        ('"c" = 1.0', "[c] COLLATE B2 = N'1.0'"),
        ("\"n\" IN (1, 'x')", "[n] = 1 OR [n] IS NULL AND 1 = NULL"),
    ],
    "text is compared by its code points, and blanks at its end count where a constant does not rule them out": [
        ("\"c\" = 'm'", "[c] COLLATE B2 = N'm'"),
        ("\"c\" <> 'm'", "[c] COLLATE B2 <> N'm'"),
        ("\"c\" < 'm'", "[c] COLLATE B2 < N'm'"),
        ("\"c\" = ''", "DATALENGTH([c]) = 0"),
        ("\"c\" <> ''", "DATALENGTH([c]) > 0"),
        ("\"c\" = 'm '", "[c] COLLATE B2 = N'm ' AND DATALENGTH([c]) = DATALENGTH(N'm ')"),
        ("\"c\" <> 'm '", "[c] COLLATE B2 <> N'm ' OR DATALENGTH([c]) <> DATALENGTH(N'm ')"),
        ('"c" = "s"', "[c] COLLATE B2 = [s] AND DATALENGTH([c]) = DATALENGTH([s])"),
        ('"c" <> "s"', "[c] COLLATE B2 <> [s] OR DATALENGTH([c]) <> DATALENGTH([s])"),
        ("\"c\" IN ('a', 'b')", "[c] COLLATE B2 IN (N'a', N'b')"),
        ("\"c\" IN ('a', '')", "[c] COLLATE B2 = N'a' OR DATALENGTH([c]) = 0"),
        ('"c" BETWEEN \'a\' AND "s"', "[c] COLLATE B2 BETWEEN N'a' AND [s]"),
        ("'a' = \"c\"", "[c] COLLATE B2 = N'a'"),
        ("'a' = 'A'", "N'A' COLLATE B2 = N'a'"),
    ],
    "binary values have a length": [
        ("\"blob\" = UNHEX('00ff')", "[blob] = 0x00ff AND DATALENGTH([blob]) = DATALENGTH(0x00ff)"),
        ("\"blob\" <> UNHEX('')", "DATALENGTH([blob]) > 0"),
    ],
    "IS DISTINCT FROM without the words": [
        ('"n" IS NOT DISTINCT FROM 5', "[n] = 5 AND [n] IS NOT NULL"),
        ('"n" IS DISTINCT FROM 5', "[n] <> 5 OR [n] IS NULL"),
        (
            '"n" IS NOT DISTINCT FROM "m"',
            "[n] = [m] AND [n] IS NOT NULL AND [m] IS NOT NULL OR [n] IS NULL AND [m] IS NULL",
        ),
        ("\"c\" IS DISTINCT FROM 'x'", "[c] COLLATE B2 <> N'x' OR [c] IS NULL"),
        ('"n" IS NOT DISTINCT FROM NULL', "[n] IS NULL"),
    ],
    "text constants become the column's type": [
        ("\"day\" >= '2024-01-31'", "[day] >= CONVERT(date, N'2024-01-31', 120)"),
        ("\"ts\" > '2024-01-31'", "[ts] > CONVERT(datetime2(7), N'2024-01-31T00:00:00', 126)"),
        ("\"tz\" > '2024-01-31T10:00Z'", "[tz] > CONVERT(datetimeoffset(7), N'2024-01-31T10:00:00+00:00', 126)"),
        ("\"tm\" = '10:00'", "[tm] = CAST(N'10:00' AS time(7))"),
        (
            "\"u\" = '6BA7B810-9DAD-11D1-80B4-00C04FD430C8'",
            "[u] = CAST(N'6ba7b810-9dad-11d1-80b4-00c04fd430c8' AS uniqueidentifier)",
        ),
        (
            "\"u\" < '6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
            "LOWER(CAST([u] AS nvarchar(36))) COLLATE B2 < "
            "LOWER(CAST(CAST(N'6ba7b810-9dad-11d1-80b4-00c04fd430c8' AS uniqueidentifier) AS "
            "nvarchar(36)))",
        ),
        ("\"doc\" = '[]'", "[doc] COLLATE B2 = N'[]'"),
        ("\"day\" <> ''", "[day] IS NOT NULL OR 1 = NULL"),
        ('"ts" > "day"', "[ts] > CAST([day] AS datetime2(7))"),
        ('"tz" > "ts"', "CAST(SWITCHOFFSET([tz], 0) AS datetime2(7)) > [ts]"),
    ],
    "patterns": [
        ("\"c\" ILIKE 'a%'", "[c] COLLATE B2 LIKE N'[aA]%'"),
        ("\"c\" ILIKE '%@%'", "[c] COLLATE B2 LIKE N'%@%'"),
        ("\"c\" LIKE 'a%'", "[c] COLLATE B2 LIKE N'a%'"),
        ("\"c\" LIKE '50[%'", "[c] COLLATE B2 LIKE N'50[[]%'"),
        ("\"c\" ILIKE '!%x!_' ESCAPE '!'", "[c] COLLATE B2 LIKE N'[%][xX][_]'"),
        ("\"c\" LIKE 'x!' ESCAPE '!'", "[c] IS NULL AND 1 = NULL"),
        ("\"n\" ILIKE '1%'", "CAST([n] AS nvarchar(20)) COLLATE B2 LIKE N'1%'"),
        ('"c" LIKE "s"', "[c] COLLATE B2 LIKE REPLACE([s] COLLATE B2, N'[', N'[[]')"),
        ("\"c\" GLOB 'a*_?'", "[c] COLLATE B2 LIKE N'a%[_]_'"),
        ("\"c\" GLOB '[a-z]*.txt'", "[c] COLLATE B2 LIKE N'[a-z]%.txt'"),
        ("\"c\" GLOB '[^]a-]?'", "[c] COLLATE B2 LIKE N'[^\\]a\\-]_' ESCAPE N'\\'"),
        ("\"c\" GLOB '[]]\\\\'", "[c] COLLATE B2 LIKE N'[\\]]\\\\\\\\' ESCAPE N'\\'"),
        ("\"c\" GLOB 'x['", "[c] IS NULL AND 1 = NULL"),
        ("\"c\" GLOB '[z-a]'", "[c] COLLATE B2 LIKE N'[z]'"),
    ],
    "a column's type answers typeof": [
        ("TYPEOF(\"n\") = 'integer'", "[n] IS NOT NULL"),
        ("TYPEOF(\"n\") IN ('integer', 'null')", "1 = 1"),
        ("TYPEOF(\"n\") = 'text'", "1 = 0"),
        ("TYPEOF(\"n\") = 'null'", "[n] IS NULL"),
        ("TYPEOF(\"ts\") = 'text'", "[ts] IS NOT NULL"),
    ],
    "JSON": [
        ('JSON_VALID("doc")', "[doc] IS NOT NULL OR 1 = NULL"),
        (
            "JSON_EXTRACT_SCALAR(\"doc\", '$.a') = 'x'",
            "COALESCE(JSON_VALUE([doc], N'$.a'), JSON_QUERY([doc], N'$.a')) COLLATE B2 = N'x'",
        ),
        (
            "JSON_EXTRACT_SCALAR(\"doc\", '$.a b[0]') <> 'x'",
            "COALESCE(JSON_VALUE([doc], N'$.\"a b\"[0]'), JSON_QUERY([doc], N'$.\"a b\"[0]')) COLLATE B2 <> N'x'",
        ),
        (
            "JSON_EXTRACT_SCALAR(\"s\", '$.a') IS NULL",
            "COALESCE(JSON_VALUE([s], N'$.a'), JSON_QUERY([s], N'$.a')) IS NULL",
        ),
    ],
    "brackets stand where T-SQL binds otherwise": [
        ('("n" + 1) * 2 = 4', "([n] + 1) * 2 = 4"),
        ('"n" - ("m" - 1) = 4', "[n] - ([m] - 1) = 4"),
        ('"n" - -3 = 4', "[n] - (-3) = 4"),
        ('-(-"n") = 5', "-(-[n]) = 5"),
        ('-"n" * 2 = 4', "(-[n]) * 2 = 4"),
        ('("n" = 1 OR "b") AND "n" > 0', "([n] = 1 OR [b] = 1) AND [n] > 0"),
        (
            '("n" IS NULL) = ("m" IS NULL)',
            "CASE WHEN [n] IS NULL THEN 1 ELSE 0 END = CASE WHEN [m] IS NULL THEN 1 ELSE 0 END",
        ),
    ],
    "narrow integers calculate in 64 bits": [
        ('"i" + 1 > 0', "CAST([i] AS bigint) + 1 > 0"),
        ('LENGTH("s") + 1 > 0', "LEN([s] COLLATE SC + N'.') - 1 + 1 > 0"),
    ],
    "constants are of the type SQLite has": [
        ('"n" > 3000000000', "[n] > CAST(3000000000 AS bigint)"),
        ('"n" > 2.5', "[n] > 2.5"),
        ('"f" > 2.5', "[f] > 2.5E0"),
        ('"d" > 2.5', "[d] > 2.5"),
    ],
    "shifts are products and quotients": [
        ('"n" << 2 > 5', "[n] * 4 > 5"),
        ('"n" >> 2 > 5', "([n] - ([n] % 4 + 4) % 4) / 4 > 5"),
    ],
}

EXPRESSIONS: list[tuple[str, LogicalType | None, str]] = [
    ("LOWER('ÄB')", None, "CAST(N'Äb' AS nvarchar(2))"),
    ('"n" > 3', None, "CASE WHEN [n] > 3 THEN 1 WHEN NOT [n] > 3 THEN 0 END"),
    ('"n" > 3', BOOL, "CAST(CASE WHEN [n] > 3 THEN 1 WHEN NOT [n] > 3 THEN 0 END AS bit)"),
    ('"n" > 3', INT64, "CAST(CASE WHEN [n] > 3 THEN 1 WHEN NOT [n] > 3 THEN 0 END AS bigint)"),
    ('"n"', INT32, "CAST([n] AS int)"),
    ('"f" * 2.5', FLOAT64, "CAST([f] * 2.5E0 AS float(53))"),
    ('"d" * 2.5', decimal(12, 3), "CAST([d] * 2.5 AS decimal(12,3))"),
    ('"d" + "n"', decimal(22, 2), "CAST([d] + [n] AS decimal(22,2))"),
    ('"big" * "big"', FLOAT64, "CAST(CAST([big] AS float(53)) * CAST([big] AS float(53)) AS float(53))"),
    (
        '"d" / 3',
        FLOAT64,
        "CAST(CASE WHEN [d] % 1 = 0 THEN ROUND(CAST([d] AS float(53)) / 3, 0, 1) ELSE CAST([d] "
        "AS float(53)) / 3 END AS float(53))",
    ),
    ('"n" * 2.5', FLOAT64, "CAST([n] * 2.5E0 AS float(53))"),
    ('ROUND("f", 2)', FLOAT64, "CAST(ROUND([f], 2) AS float(53))"),
    ('ROUND("d", 1)', decimal(11, 2), "CAST(ROUND(CAST([d] AS decimal(11,2)), 1) AS decimal(11,2))"),
    ('"n" / NULLIF("m", 0)', INT64, "CAST([n] / NULLIF([m], 0) AS bigint)"),
    ('"c" || "n"', text(40), "CAST([c] + CAST([n] AS nvarchar(20)) AS nvarchar(40))"),
    ('"c" || "n"', None, "CAST([c] + CAST([n] AS nvarchar(20)) AS nvarchar(40))"),
    (
        '"c" || "d"',
        TEXT,
        "CAST([c] + REPLACE(RTRIM(REPLACE(REPLACE(RTRIM(REPLACE(CAST([d] AS nvarchar(41)), N'0', "
        "N' ')), N' ', N'0'), N'.', N' ')), N' ', N'.') AS nvarchar(max))",
    ),
    ('"c" || "c"', text(40), "CAST([c] COLLATE B2 + [c] AS nvarchar(40))"),
    ('"long" || "c"', TEXT, "CAST(CAST([long] COLLATE B2 AS nvarchar(max)) + [c] AS nvarchar(max))"),
    ('LENGTH("long")', INT64, "CAST(LEN(CAST([long] AS nvarchar(max)) COLLATE SC + N'.') - 1 AS bigint)"),
    ('"day"', None, "[day]"),
    ("\"u\" || ''", None, "CAST(LOWER(CAST([u] AS nvarchar(36))) + N'' AS nvarchar(36))"),
    ('"vb"', None, "CAST([vb] AS varbinary(8))"),
    ("TIME_TO_STR(\"ts\", '%Y-%m-%d')", DATE, "CAST(CAST([ts] AS date) AS date)"),
    ("TIME_TO_STR(\"ts\", '%Y-%m-%d')", None, "CAST(CONVERT(nvarchar(10), [ts], 120) AS nvarchar(10))"),
    (
        "TIME_TO_STR(\"ts\", '%Y-%m-%d %H:%M:%S')",
        TIMESTAMP,
        "CAST(CONVERT(datetime2(7), CONVERT(nvarchar(19), [ts], 120), 120) AS datetime2(7))",
    ),
    (
        "TIME_TO_STR(\"ts\", '%Y-%m-%d %H:%M:%S')",
        TIMESTAMPTZ,
        "CAST(TODATETIMEOFFSET(CONVERT(datetime2(7), CONVERT(nvarchar(19), [ts], 120), 120), 0) "
        "AS datetimeoffset(7))",
    ),
    (
        "TIME_TO_STR(\"tz\", '%H')",
        TEXT,
        "CAST(SUBSTRING(CONVERT(nvarchar(13), CAST(SWITCHOFFSET([tz], 0) AS datetime2(7)), 120), "
        "12, 2) AS nvarchar(max))",
    ),
    (
        "TIME_TO_STR(\"ts\", '%d.%m.%Y')",
        text(10),
        "CAST(SUBSTRING(CONVERT(nvarchar(10), [ts], 120), 9, 2) + N'.' + "
        "SUBSTRING(CONVERT(nvarchar(7), [ts], 120), 6, 2) + N'.' + CONVERT(nvarchar(4), [ts], "
        "120) AS nvarchar(10))",
    ),
    (
        "TIME_TO_STR(\"ts\", '%G-W%V-%u')",
        text(10),
        "CAST(RIGHT(N'0000' + CAST(YEAR(DATEADD(day, 26 - DATEPART(iso_week, [ts]), [ts])) AS "
        "nvarchar(4)), 4) + N'-W' + RIGHT(N'00' + CAST(DATEPART(iso_week, [ts]) AS nvarchar(2)), "
        "2) + N'-' + CAST(DATEDIFF(day, CONVERT(date, N'0001-01-01', 120), [ts]) % 7 + 1 AS "
        "nvarchar(1)) AS nvarchar(10))",
    ),
    ("TIME_TO_STR(\"ts\", '100%%')", TEXT, "CAST(CASE WHEN [ts] IS NOT NULL THEN N'100%' END AS nvarchar(max))"),
    (
        'TIME_TO_UNIX("ts")',
        INT64,
        "CAST(DATEDIFF_BIG(second, CONVERT(datetime2(7), N'1970-01-01', 120), [ts]) AS bigint)",
    ),
    ('UNICODE("c")', INT64, "CAST(CASE WHEN DATALENGTH([c]) > 0 THEN UNICODE([c] COLLATE SC) END AS bigint)"),
    (
        "STR_POSITION(\"c\", 'x')",
        INT64,
        "CAST(LEN(LEFT([c] COLLATE B2, CHARINDEX(N'x', [c] COLLATE B2)) COLLATE SC + N'.') - 1 AS bigint)",
    ),
    (
        'STR_POSITION("c", "s")',
        INT64,
        "CAST(CASE WHEN DATALENGTH([s]) = 0 AND [c] IS NOT NULL THEN 1 ELSE LEN(LEFT([c] COLLATE "
        "B2, CHARINDEX([s], [c] COLLATE B2)) COLLATE SC + N'.') - 1 END AS bigint)",
    ),
    ('SUBSTRING("c", "n", 2)', TEXT, "CAST(SUBSTRING([c] COLLATE SC, [n], 2) COLLATE B2 AS nvarchar(max))"),
    ('SUBSTRING("s", 1, 3)', None, "CAST(SUBSTRING([s] COLLATE SC, 1, 3) COLLATE B2 AS nvarchar(6))"),
    ('RIGHT("c", 2)', text(20), "CAST(RIGHT([c] COLLATE SC, 2) COLLATE B2 AS nvarchar(20))"),
    ('TRIM("c")', text(20), "CAST(LTRIM(RTRIM([c])) AS nvarchar(20))"),
    (
        "TRIM(LEADING '0' FROM \"c\")",
        text(20),
        "CAST(SUBSTRING([c] COLLATE B2, PATINDEX(N'%[^0]%', [c] COLLATE B2 + N'.'), 2147483647) AS nvarchar(20))",
    ),
    (
        "TRIM(TRAILING '-^x' FROM \"c\")",
        text(20),
        "CAST(REVERSE(SUBSTRING(REVERSE([c] COLLATE B2), PATINDEX(N'%[^-x^]%', REVERSE([c] "
        "COLLATE B2) + N'.'), 2147483647)) AS nvarchar(20))",
    ),
    ("REPLACE(\"c\", 'a', 'bb')", text(40), "CAST(REPLACE([c] COLLATE B2, N'a', N'bb') AS nvarchar(40))"),
    ("REPLACE(\"s\", 'a', 'bb')", TEXT, "CAST(REPLACE([s] COLLATE B2, N'a', N'bb') AS nvarchar(max))"),
    (
        'CONCAT_WS(\', \', "c", "n")',
        TEXT,
        "CAST(COALESCE(STUFF((COALESCE(N', ' + [c], N'') COLLATE B2 + COALESCE(N', ' + CAST([n] "
        "AS nvarchar(20)), N'')) COLLATE B2, 1, 2, N''), N'') AS nvarchar(max))",
    ),
    ('TYPEOF("n")', text(10), "CAST(CASE WHEN [n] IS NULL THEN N'null' ELSE N'integer' END AS nvarchar(10))"),
    ('HEX("vb")', text(16), "CAST(CAST(CONVERT(varchar(16), [vb], 2) AS nvarchar(16)) AS nvarchar(16))"),
    (
        'FORMAT(\'%s-%03d\', "c", "n")',
        TEXT,
        "CAST(COALESCE([c], N'') COLLATE B2 + N'-' + (CASE WHEN COALESCE([n], 0) < 0 THEN N'-' "
        "ELSE N'' END + COALESCE(REPLICATE(N'0', CASE WHEN COALESCE([n], 0) < 0 THEN 2 ELSE 3 "
        "END - LEN(CAST(ABS(COALESCE([n], 0)) AS nvarchar(20)))), N'') + CAST(ABS(COALESCE([n], "
        "0)) AS nvarchar(20))) AS nvarchar(max))",
    ),
    ("COALESCE(\"c\", '')", None, "CAST(COALESCE([c], N'') AS nvarchar(20))"),
    ('COALESCE("c", "s")', TEXT, "CAST(COALESCE([c] COLLATE B2, [s]) AS nvarchar(max))"),
    (
        "NULLIF(\"c\", '')",
        text(20),
        "CAST(CASE WHEN DATALENGTH([c]) = 0 THEN NULL ELSE [c] END AS nvarchar(20))",
    ),
    (
        'GREATEST("n", "m", 1)',
        INT64,
        "CAST(CASE WHEN [n] >= [m] AND [n] >= 1 THEN [n] WHEN [m] >= 1 THEN [m] ELSE 1 END AS bigint)",
    ),
    (
        "LEAST(\"c\", 'm')",
        text(20),
        "CAST(CASE WHEN [c] COLLATE B2 <= N'm' THEN [c] ELSE N'm' END AS nvarchar(20))",
    ),
    (
        'CAST("s" AS BIGINT)',
        INT64,
        "CAST(CASE WHEN LTRIM([s] COLLATE B2) LIKE N'[0-9]%' OR LTRIM([s] COLLATE B2) LIKE "
        "N'[-+][0-9]%' THEN CAST(LEFT(LTRIM([s] COLLATE B2), PATINDEX(N'%[^0-9]%', "
        "SUBSTRING(LTRIM([s] COLLATE B2), 2, 2147483647) + N'.')) AS bigint) WHEN [s] IS NOT "
        "NULL THEN 0 END AS bigint)",
    ),
    ('CAST("d" AS BIGINT)', INT64, "CAST(CAST([d] AS bigint) AS bigint)"),
    (
        'SQRT("n")',
        FLOAT64,
        "CAST(CASE WHEN CAST([n] AS float(53)) >= 0 THEN SQRT(CAST([n] AS float(53))) END AS float(53))",
    ),
    (
        'CASE WHEN "b" THEN 1.5 ELSE 0 END',
        FLOAT64,
        "CAST(CASE WHEN [b] = 1 THEN 1.5E0 ELSE 0.0E0 END AS float(53))",
    ),
    ('CASE WHEN "b" THEN NULL END', INT64, "CAST(NULL AS bigint)"),
    ("NULL", INT64, "CAST(NULL AS bigint)"),
]

REFUSED_EXPRESSIONS: list[tuple[str, LogicalType | None, str]] = [
    (
        "TIME_TO_STR(\"sd\", '%Y')",
        TEXT,
        "SQL Server reads text as a time by the session's settings, so the result is not deterministic.",
    ),
    (
        "TIME_TO_STR(CURRENT_TIMESTAMP(), '%Y-%m-%d %H:%M:%S')",
        TEXT,
        "The current time may not stand in a constraint, an index or a generated column.",
    ),
    ("RANDOM_INT64()", INT64, "A random value may not stand in a constraint, an index or a generated column."),
    ("\"f\" || ''", TEXT, "SQL Server writes a float(53) as text in another way than SQLite."),
    ("\"ts\" || ''", TEXT, "SQL Server writes a datetime2(7) as text in another way than SQLite."),
    ('"d" * 1.5', decimal(10, 2), "The value may have more digits after the point than decimal(10,2) keeps."),
    ("TIME_TO_STR(\"ts\", '%W')", TEXT, "SQL Server has no equal of strftime's %W."),
    ("(SELECT 1)", INT64, "A query may not stand in a constraint, an index, a default or a generated column."),
    ('TYPEOF("ts")', TEXT, "SQL Server's type does not tell whether SQLite stored text or a number."),
    ('"c" || "c"', text(20), "The value may be longer than nvarchar(20) is, and SQL Server would cut it."),
    (
        'LOWER("s")',
        None,
        "An index key of SQL Server holds 1,700 bytes, and the expression is not known to fit.",
    ),
    (
        "\"long\" || ''",
        None,
        "An index key of SQL Server holds 1,700 bytes, and the expression is not known to fit.",
    ),
    ('"blob"', None, "An index key of SQL Server holds 1,700 bytes, and the expression is not known to fit."),
    (
        "JSON_EXTRACT_SCALAR(\"doc\", '$.a')",
        TEXT,
        "A constraint of SQL Server cannot tell the numbers, texts and truth values of JSON apart.",
    ),
    (
        "JSON_EXTRACT_SCALAR(\"doc\", '$.a')",
        None,
        "An index key of SQL Server holds 1,700 bytes, and the expression is not known to fit.",
    ),
    (
        'CAST("s" AS DOUBLE)',
        FLOAT64,
        "SQL Server cannot find the number a text begins with, unless it is a whole one.",
    ),
    ('HEX("s")', TEXT, "SQL Server has no UTF-8 in every version, so that text has no bytes like SQLite's."),
    ('"s"', INT64, "A nvarchar(max) need not have an equal bigint."),
    ('"s"', UUID, "A nvarchar(max) need not have an equal uniqueidentifier."),
    ('"n" << "m"', INT64, "SQL Server shifts bits by a number from 0 to 62 that has to be known."),
    ('CONCAT_WS("s", "c", "c")', TEXT, "SQL Server joins texts with a separator that has to be known."),
    ('CHR("n")', TEXT, "SQL Server makes a character of a number that has to be known."),
    ('TRIM("s" FROM "c")', TEXT, "SQL Server trims characters that have to be known, and no closing bracket."),
    (
        'JSON_ARRAY_LENGTH("doc")',
        INT64,
        "SQL Server counts the elements of an array by a query, which may not stand here.",
    ),
    ('"big" * 2', decimal(38, 10), "A float(53) need not have an equal decimal(38,10)."),
]

REFUSED_CONDITIONS = [
    ('"s"', "A text cannot be a condition in SQL Server."),
    ('"n" = "s"', "SQLite compares columns that are bigint and nvarchar(max) in SQL Server."),
    ("\"n\" > 'abc'", "SQLite orders [n] and N'abc' by their kinds, which SQL Server does not."),
    ('"ts" > 1700000000', "SQLite compares a column that is datetime2(7) in SQL Server with a number."),
    (
        'LENGTH("u") = 36',
        "The length of a value depends on how it is spelt, which a uuid in SQL Server does not keep.",
    ),
    ('"c" GLOB "s"', "SQL Server has no GLOB, and the pattern is not a constant that could be rewritten."),
    (
        '"c" LIKE "s" ESCAPE \'!\'',
        "SQL Server's brackets cannot be escaped in a pattern that is not a constant.",
    ),
    ('"f" % 2 = 0', "SQLite makes integers of numbers that need not be whole in SQL Server."),
    (
        "FORMAT('%x', \"n\") = 'ff'",
        "SQL Server has no printf, and only its directives %s, %d and %f could be rewritten.",
    ),
    ("REGEXP_LIKE(\"c\", 'x')", "SQL Server has no equal of regexplike."),
    ('"nobody" = 1', "There is no column nobody."),
    ("NOT A VALID )(", "The expression cannot be read."),
    (
        "JSON_EXTRACT_SCALAR(\"doc\", '$.n') > 5",
        "A constraint of SQL Server cannot tell the numbers, texts and truth values of JSON apart.",
    ),
    (
        "JSON_EXTRACT_SCALAR(\"doc\", '$.n') = '5'",
        "A constraint of SQL Server cannot tell the numbers, texts and truth values of JSON apart.",
    ),
    ('JSON_VALID("s")', "SQL Server's ISJSON does not know every document that SQLite does."),
]


def flat(families: dict[str, list[tuple[str, str]]]) -> list[object]:
    return [pytest.param(*row, id=f"{family}: {row[0]}") for family, rows in families.items() for row in rows]


@pytest.mark.parametrize(("neutral", "expected"), flat(CONDITIONS))
def test_condition(neutral: str, expected: str) -> None:
    assert condition(neutral, SCOPE) == whole(expected)


@pytest.mark.parametrize(("neutral", "type", "expected"), EXPRESSIONS)
def test_expression(neutral: str, type: LogicalType | None, expected: str) -> None:
    assert expression(neutral, SCOPE, type) == whole(expected)


def folded(sql: str, old: str, new: str) -> str:
    for one, other in zip(old, new, strict=True):
        sql = f"REPLACE({sql}, N'{one}', N'{other}')"
    return sql


def test_only_ascii_letters_change_their_case() -> None:
    column = whole("[c] COLLATE B2")
    small = folded(column, string.ascii_uppercase, string.ascii_lowercase)
    capital = folded(column, string.ascii_lowercase, string.ascii_uppercase)
    assert fold_case("[c]") == small
    assert expression('LOWER("c")', SCOPE, None) == f"CAST({small} AS nvarchar(20))"
    assert expression('UPPER("c")', SCOPE, text(20)) == f"CAST({capital} AS nvarchar(20))"
    assert condition("LOWER(\"c\") = 'a'", SCOPE) == whole(f"{small} COLLATE B2 = N'a'")


@pytest.mark.parametrize(("neutral", "type", "reason"), REFUSED_EXPRESSIONS)
def test_expression_that_cannot_be_persisted_is_refused(
    neutral: str, type: LogicalType | None, reason: str
) -> None:
    with pytest.raises(Untranslatable) as caught:
        expression(neutral, SCOPE, type)
    assert caught.value.what == reason


@pytest.mark.parametrize(("neutral", "reason"), REFUSED_CONDITIONS)
def test_condition_without_equal_is_refused(neutral: str, reason: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        condition(neutral, SCOPE)
    assert caught.value.what == reason


def test_reasons_are_one_sentence() -> None:
    reasons = {row[-1] for rows in (REFUSED_EXPRESSIONS, REFUSED_CONDITIONS) for row in rows}
    assert all(reason.endswith(".") and ". " not in reason and "\n" not in reason for reason in reasons)


def test_a_thousand_links_are_no_recursion() -> None:
    assert condition(" OR ".join(['"n" = 1'] * 999), SCOPE) == " OR ".join(["[n] = 1"] * 999)
