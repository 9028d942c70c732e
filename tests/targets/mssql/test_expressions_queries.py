"""Neutral queries become T-SQL, or are refused with a reason. No server."""

from __future__ import annotations

import pytest

from migrator.model.types import (
    BOOL,
    FLOAT64,
    INT32,
    INT64,
    TEXT,
    decimal,
    text,
)
from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions import query, query_columns
from tests.targets.mssql.expression_cases import RELATIONS, whole

QUERIES: list[tuple[str, str]] = [
    (
        'SELECT "a"."n" AS "n" FROM "t" AS "a" WHERE "a"."b"',
        "SELECT [a].[n] AS [n] FROM [dbo].[t] AS [a] WHERE [a].[b] = 1",
    ),
    (
        'SELECT "t"."c" AS "c" FROM "t" AS "t" ORDER BY 1, "t"."n" DESC, "t"."n"',
        "SELECT [t].[c] AS [c] FROM [dbo].[t] AS [t] ORDER BY [t].[c] COLLATE B2, [t].[n] DESC OFFSET 0 ROWS",
    ),
    (
        'SELECT "t"."n" AS "n" FROM "t" AS "t" ORDER BY 1 NULLS LAST LIMIT 3 OFFSET 1',
        "SELECT [t].[n] AS [n] FROM [dbo].[t] AS [t] ORDER BY CASE WHEN [t].[n] IS NULL THEN 1 "
        "ELSE 0 END, [t].[n] OFFSET 1 ROWS FETCH NEXT 3 ROWS ONLY",
    ),
    (
        'SELECT "t"."n" AS "n" FROM "t" AS "t" LIMIT 3',
        "SELECT TOP (3) [t].[n] AS [n] FROM [dbo].[t] AS [t]",
    ),
    (
        'SELECT "t"."n" AS "n" FROM "t" AS "t" LIMIT 3 OFFSET 2',
        "SELECT [t].[n] AS [n] FROM [dbo].[t] AS [t] ORDER BY (SELECT NULL) OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY",
    ),
    (
        'SELECT "t"."n" AS "n" FROM "t" AS "t" ORDER BY 1 LIMIT 0',
        "SELECT TOP (0) [t].[n] AS [n] FROM [dbo].[t] AS [t]",
    ),
    (
        'SELECT DISTINCT "t"."c" AS "c" FROM "t" AS "t" ORDER BY 1',
        "SELECT DISTINCT [t].[c] COLLATE B2 AS [c] FROM [dbo].[t] AS [t] ORDER BY 1 OFFSET 0 ROWS",
    ),
    (
        'SELECT DISTINCT "t"."c" AS "c" FROM "t" AS "t" ORDER BY 1 NULLS LAST LIMIT 2',
        "SELECT [c] FROM (SELECT DISTINCT [t].[c] COLLATE B2 AS [c] FROM [dbo].[t] AS [t]) AS "
        "[all] ORDER BY CASE WHEN [c] COLLATE B2 IS NULL THEN 1 ELSE 0 END, [c] COLLATE B2 "
        "OFFSET 0 ROWS FETCH NEXT 2 ROWS ONLY",
    ),
    (
        'SELECT DISTINCT "t"."n" AS "n" FROM "t" AS "t" LIMIT 3 OFFSET 1',
        "SELECT DISTINCT [t].[n] AS [n] FROM [dbo].[t] AS [t] ORDER BY 1 OFFSET 1 ROWS FETCH NEXT 3 ROWS ONLY",
    ),
    (
        'SELECT COUNT(*) AS "k", SUM("t"."b") AS "s", AVG("t"."n") AS "a", MAX("t"."c") AS "m", '
        'MIN("t"."u") AS "u" FROM "t" AS "t"',
        "SELECT COUNT_BIG(*) AS [k], SUM(CAST(CAST([t].[b] AS int) AS bigint)) AS [s], "
        "AVG(CAST([t].[n] AS float(53))) AS [a], MAX([t].[c] COLLATE B2) AS [m], "
        "MIN(LOWER(CAST([t].[u] AS nvarchar(36))) COLLATE B2) AS [u] FROM [dbo].[t] AS [t]",
    ),
    (
        'SELECT COUNT(DISTINCT "t"."c") AS "k", SUM("t"."d") AS "d", SUM("t"."i") AS "i" FROM "t" AS "t"',
        "SELECT COUNT_BIG(DISTINCT [t].[c] COLLATE B2) AS [k], SUM([t].[d]) AS [d], "
        "SUM(CAST([t].[i] AS bigint)) AS [i] FROM [dbo].[t] AS [t]",
    ),
    (
        'SELECT COUNT(*) FILTER(WHERE "t"."b") AS "k", SUM("t"."n") FILTER(WHERE "t"."n" > 0) AS '
        '"s" FROM "t" AS "t"',
        "SELECT COUNT_BIG(CASE WHEN [t].[b] = 1 THEN 1 END) AS [k], SUM(CASE WHEN [t].[n] > 0 "
        "THEN [t].[n] END) AS [s] FROM [dbo].[t] AS [t]",
    ),
    (
        'SELECT GROUP_CONCAT("t"."c", \',\') WITHIN GROUP (ORDER BY "t"."n") AS "g" FROM "t" AS "t"',
        "SELECT STRING_AGG(CAST([t].[c] AS nvarchar(max)), N',') WITHIN GROUP (ORDER BY [t].[n]) "
        "AS [g] FROM [dbo].[t] AS [t]",
    ),
    (
        'SELECT "t"."n" > 1 AS "x", "t"."c" AS "c", COUNT(*) AS "k" FROM "t" AS "t" GROUP BY '
        '"t"."n" > 1, "t"."c" HAVING COUNT(*) > 1 ORDER BY 2',
        "SELECT CASE WHEN [t].[n] > 1 THEN 1 WHEN NOT [t].[n] > 1 THEN 0 END AS [x], [t].[c] "
        "COLLATE B2 AS [c], COUNT_BIG(*) AS [k] FROM [dbo].[t] AS [t] GROUP BY CASE WHEN [t].[n] "
        "> 1 THEN 1 WHEN NOT [t].[n] > 1 THEN 0 END, [t].[c] COLLATE B2 HAVING COUNT_BIG(*) > 1 "
        "ORDER BY [t].[c] COLLATE B2 OFFSET 0 ROWS",
    ),
    (
        'SELECT SUM("t"."n") OVER (PARTITION BY "t"."c" ORDER BY "t"."c") AS "s", ROW_NUMBER() '
        'OVER () AS "r" FROM "t" AS "t"',
        "SELECT SUM([t].[n]) OVER (PARTITION BY [t].[c] COLLATE B2 ORDER BY [t].[c] COLLATE B2) "
        "AS [s], ROW_NUMBER() OVER (ORDER BY (SELECT NULL)) AS [r] FROM [dbo].[t] AS [t]",
    ),
    (
        'SELECT RANK() OVER "w" AS "r", SUM("t"."n") OVER ("w" ROWS BETWEEN 1 PRECEDING AND '
        'CURRENT ROW) AS "s" FROM "t" AS "t" WINDOW "w" AS (PARTITION BY "t"."b" ORDER BY '
        '"t"."n")',
        "SELECT RANK() OVER (PARTITION BY [t].[b] ORDER BY [t].[n]) AS [r], SUM([t].[n]) OVER "
        "(PARTITION BY [t].[b] ORDER BY [t].[n] ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS [s] "
        "FROM [dbo].[t] AS [t]",
    ),
    (
        'SELECT "t"."b" AS "b" FROM "t" AS "t" UNION ALL SELECT 0',
        "SELECT [t].[b] AS [b] FROM [dbo].[t] AS [t] UNION ALL SELECT CAST(0 AS bit)",
    ),
    (
        'SELECT "t"."c" AS "c" FROM "t" AS "t" UNION SELECT NULL ORDER BY 1 LIMIT 2',
        "SELECT [c] FROM (SELECT [t].[c] COLLATE B2 AS [c] FROM [dbo].[t] AS [t] UNION SELECT "
        "CAST(NULL AS nvarchar(max)) COLLATE B2) AS [all] ORDER BY [c] COLLATE B2 OFFSET 0 ROWS "
        "FETCH NEXT 2 ROWS ONLY",
    ),
    (
        '(SELECT "t"."n" AS "n" FROM "t" AS "t" INTERSECT SELECT 1) EXCEPT SELECT 2',
        "(SELECT [t].[n] AS [n] FROM [dbo].[t] AS [t] INTERSECT SELECT CAST(1 AS bigint)) EXCEPT "
        "SELECT CAST(2 AS bigint)",
    ),
    (
        'SELECT (SELECT "x"."c" AS "c" FROM "t" AS "x" WHERE "x"."n" = "t"."m" ORDER BY "x"."n") '
        'AS "c" FROM "t" AS "t"',
        "SELECT (SELECT [x].[c] AS [c] FROM [dbo].[t] AS [x] WHERE [x].[n] = [t].[m] ORDER BY "
        "[x].[n] OFFSET 0 ROWS FETCH NEXT 1 ROWS ONLY) AS [c] FROM [dbo].[t] AS [t]",
    ),
    (
        'SELECT "t"."n" AS "n" FROM "t" AS "t" WHERE "t"."c" IN (SELECT "x"."s" AS "s" FROM "t" AS "x")',
        "SELECT [t].[n] AS [n] FROM [dbo].[t] AS [t] WHERE ([t].[c] + N'.') COLLATE B2 IN "
        "(SELECT [value] + N'.' FROM (SELECT [x].[s] AS [s] FROM [dbo].[t] AS [x]) AS "
        "[all]([value]))",
    ),
    (
        'SELECT "t"."n" AS "n" FROM "t" AS "t" WHERE NOT EXISTS(SELECT 1 FROM "t" AS "x" WHERE "x"."n" = "t"."m")',
        "SELECT [t].[n] AS [n] FROM [dbo].[t] AS [t] WHERE NOT EXISTS (SELECT 1 FROM [dbo].[t] "
        "AS [x] WHERE [x].[n] = [t].[m])",
    ),
    (
        'WITH RECURSIVE "k" AS (SELECT 1 AS "x", "t"."c" AS "p" FROM "t" AS "t" UNION ALL SELECT '
        '"k"."x" + 1, "k"."p" || \'/\' FROM "k" AS "k") SELECT "k"."p" AS "p" FROM "k" AS "k"',
        "WITH [k] AS (SELECT CAST(1 AS bigint) AS [x], CAST([t].[c] AS nvarchar(max)) COLLATE B2 "
        "AS [p] FROM [dbo].[t] AS [t] UNION ALL SELECT CAST([k].[x] + 1 AS bigint), CAST([k].[p] "
        "+ N'/' AS nvarchar(max)) COLLATE B2 FROM [k] AS [k]) SELECT [k].[p] AS [p] FROM [k] AS "
        "[k]",
    ),
    (
        'SELECT TIME_TO_STR("t"."ts", \'%Y-%m\') AS "m" FROM "t" AS "t" WHERE "t"."day" > '
        "TIME_TO_STR(CURRENT_TIMESTAMP() + INTERVAL '-7' DAY, '%Y-%m-%d')",
        "SELECT CONVERT(nvarchar(7), [t].[ts], 120) AS [m] FROM [dbo].[t] AS [t] WHERE [t].[day] "
        "> CAST(DATEADD(day, -7, SYSUTCDATETIME()) AS date)",
    ),
    (
        'SELECT TIME_TO_STR("t"."sd", \'%Y\') AS "m" FROM "t" AS "t"',
        "SELECT CONVERT(nvarchar(4), CASE WHEN [t].[sd] COLLATE B2 LIKE "
        "N'[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]%' THEN "
        "CAST(SWITCHOFFSET(TRY_CONVERT(datetimeoffset(7), REPLACE([t].[sd] COLLATE B2, N'Z', "
        "N'+00:00')), 0) AS datetime2(7)) END, 120) AS [m] FROM [dbo].[t] AS [t]",
    ),
    (
        'SELECT JSON_EXTRACT_SCALAR("t"."doc", \'$.a.b\') AS "j" FROM "t" AS "t" WHERE '
        'JSON_EXTRACT_SCALAR("t"."doc", \'$.n\') > 5 AND JSON_EXTRACT_SCALAR("t"."doc", \'$.a\') IS '
        "NOT DISTINCT FROM 'x'",
        "SELECT (SELECT TOP (1) CASE WHEN [type] = 3 THEN CASE [value] WHEN N'true' THEN N'1' "
        "ELSE N'0' END ELSE [value] END FROM OPENJSON([t].[doc], N'$.a') WHERE [key] = N'b') AS "
        "[j] FROM [dbo].[t] AS [t] WHERE (SELECT TOP (1) CASE WHEN [type] IN (2) THEN CASE WHEN "
        "CAST([value] AS float(53)) > 5 THEN 1 ELSE 0 END WHEN [type] IN (3) THEN CASE WHEN CASE "
        "[value] WHEN N'true' THEN 1 ELSE 0 END > 5 THEN 1 ELSE 0 END WHEN [type] IN (1, 4, 5) "
        "THEN 1 END FROM OPENJSON([t].[doc]) WHERE [key] = N'n') = 1 AND COALESCE((SELECT TOP "
        "(1) CASE WHEN [type] IN (1, 4, 5) THEN CASE WHEN [value] COLLATE B2 = N'x' AND "
        "DATALENGTH([value]) = DATALENGTH(N'x') THEN 1 ELSE 0 END WHEN [type] IN (2, 3) THEN 0 "
        "END FROM OPENJSON([t].[doc]) WHERE [key] = N'a'), 0) = 1",
    ),
    (
        'SELECT JSON_ARRAY_LENGTH("t"."doc") AS "k", JSON_EXTRACT_SCALAR("t"."doc", \'$.z\') IS '
        'NULL AS "z" FROM "t" AS "t"',
        "SELECT CASE WHEN LTRIM([t].[doc]) LIKE N'[[]%' THEN (SELECT COUNT_BIG(*) FROM "
        "OPENJSON([t].[doc])) WHEN [t].[doc] IS NOT NULL THEN 0 END AS [k], CASE WHEN (SELECT "
        "TOP (1) [value] FROM OPENJSON([t].[doc]) WHERE [key] = N'z') IS NULL THEN 1 ELSE 0 END "
        "AS [z] FROM [dbo].[t] AS [t]",
    ),
    (
        'SELECT "v"."x" = 1 AS "y" FROM "v" AS "v" LEFT JOIN "t" AS "t" ON "t"."n" = "v"."n" '
        'CROSS JOIN "t" AS "u"',
        "SELECT CASE WHEN [v].[x] = 1 THEN 1 WHEN NOT [v].[x] = 1 THEN 0 END AS [y] FROM "
        "[app].[view] AS [v] LEFT JOIN [dbo].[t] AS [t] ON [t].[n] = [v].[n] CROSS JOIN "
        "[dbo].[t] AS [u]",
    ),
    (
        'SELECT 1 AS "one" FROM "t" AS "t" INNER JOIN "t" AS "u" ON TRUE',
        "SELECT 1 AS [one] FROM [dbo].[t] AS [t] INNER JOIN [dbo].[t] AS [u] ON 1 = 1",
    ),
]

REFUSED_QUERIES = [
    ('SELECT "m"."n" AS "n" FROM "missing" AS "m"', "It reads missing, which is not moved."),
    ('SELECT "t"."gone" AS "n" FROM "t" AS "t"', "The column gone of t is not moved."),
    (
        'SELECT SUM("t"."c") AS "s" FROM "t" AS "t"',
        "SQLite calculates with a column that is nvarchar(20) in SQL Server.",
    ),
    (
        'SELECT MAX(JSON_EXTRACT_SCALAR("t"."doc", \'$.n\')) AS "m" FROM "t" AS "t"',
        "SQL Server takes no query in an aggregate, and reads values in JSON by one.",
    ),
    (
        'SELECT SUM((SELECT 1)) AS "m" FROM "t" AS "t"',
        "SQL Server takes no query in an aggregate, and reads values in JSON by one.",
    ),
    (
        'SELECT COUNT(*) AS "m" FROM "t" AS "t" GROUP BY JSON_EXTRACT_SCALAR("t"."doc", \'$.n\')',
        "SQL Server takes no query in GROUP BY, and reads values in JSON by one.",
    ),
    (
        'SELECT GREATEST("t"."n", "t"."c") AS "g" FROM "t" AS "t"',
        "SQLite orders values of different kinds by their kinds.",
    ),
    (
        'SELECT "t"."f" || \'\' AS "s" FROM "t" AS "t"',
        "SQL Server writes a float(53) as text in another way than SQLite.",
    ),
    (
        'SELECT "v"."x" || \'\' AS "s" FROM "v" AS "v"',
        "SQL Server would not convert a value whose type is not known as SQLite does.",
    ),
    (
        'SELECT TYPEOF("t"."d") = \'real\' AS "r" FROM "t" AS "t"',
        "A decimal(10,2) in SQL Server does not tell whether SQLite stored text or a number.",
    ),
    (
        'SELECT GROUP_CONCAT(DISTINCT "t"."c", \',\') AS "g" FROM "t" AS "t"',
        "SQL Server's STRING_AGG has no DISTINCT.",
    ),
    (
        'SELECT GROUP_CONCAT("t"."c", \',\') OVER () AS "g" FROM "t" AS "t"',
        "SQL Server's STRING_AGG is no window function.",
    ),
    (
        'SELECT NTH_VALUE("t"."n", 2) OVER (ORDER BY "t"."n") AS "g" FROM "t" AS "t"',
        "SQL Server has no aggregate like nthvalue.",
    ),
    (
        'SELECT SUM("t"."n") OVER (ORDER BY "t"."n" RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) '
        'AS "g" FROM "t" AS "t"',
        "SQL Server's RANGE knows no distance.",
    ),
    (
        'SELECT "q"."n" AS "n" FROM (WITH "w" AS (SELECT 1 AS "n") SELECT "w"."n" AS "n" FROM "w" AS "w") AS "q"',
        "SQL Server allows WITH only at the beginning of a query.",
    ),
    (
        'WITH RECURSIVE "k" AS (SELECT 1 AS "x" UNION SELECT "k"."x" + 1 FROM "k" AS "k") SELECT '
        '"k"."x" AS "x" FROM "k" AS "k"',
        "SQL Server has no recursion that leaves out rows it had before.",
    ),
    (
        'SELECT "t"."n" AS "n" FROM "t" AS "t" WHERE "t"."blob" IN (SELECT "x"."blob" AS "b" FROM "t" AS "x")',
        "SQL Server would pass over zeros at the end of binary values in IN.",
    ),
    (
        'SELECT "t"."n" AS "n" FROM "t" AS "t" WHERE JSON_EXTRACT_SCALAR("t"."doc", \'$.a\') = '
        'JSON_EXTRACT_SCALAR("t"."doc", \'$.b\')',
        "SQL Server cannot compare the value from JSON as SQLite does.",
    ),
    ("SELECT )", "The query cannot be read."),
]


@pytest.mark.parametrize(("neutral", "expected"), QUERIES)
def test_query(neutral: str, expected: str) -> None:
    assert query(neutral, RELATIONS) == whole(expected)


def test_an_expression_over_a_group_is_written_as_the_group_is() -> None:
    sql = query('SELECT LENGTH("t"."c") AS "l" FROM "t" AS "t" GROUP BY "t"."c"', RELATIONS)
    assert sql == whole(
        "SELECT LEN(([t].[c] COLLATE B2) COLLATE SC + N'.') - 1 AS [l] FROM [dbo].[t] AS [t] "
        "GROUP BY [t].[c] COLLATE B2"
    )


@pytest.mark.parametrize(("neutral", "reason"), REFUSED_QUERIES)
def test_query_without_equal_is_refused(neutral: str, reason: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        query(neutral, RELATIONS)
    assert caught.value.what == reason


def test_query_columns_have_their_types() -> None:
    columns = query_columns(
        'SELECT "t"."b" AS "b", SUM("t"."n") AS "s", AVG("t"."n") AS "a", "t"."n" > 1 AS "g", "v"."x" AS "x", '
        'GROUP_CONCAT("t"."c", \',\') AS "j", NULL AS "z", SUM("t"."d") AS "d", MAX("t"."u") AS "u" '
        'FROM "t" AS "t" CROSS JOIN "v" AS "v"',
        RELATIONS,
    )
    assert columns == {
        "b": BOOL, "s": INT64, "a": FLOAT64, "g": INT32, "x": None, "j": TEXT, "z": None, "d": decimal(38, 2),
        "u": text(36),
    }  # fmt: skip


def test_reasons_are_one_sentence() -> None:
    reasons = {row[-1] for rows in (REFUSED_QUERIES,) for row in rows}
    assert all(reason.endswith(".") and ". " not in reason and "\n" not in reason for reason in reasons)
