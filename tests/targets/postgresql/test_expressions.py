"""Neutral SQL becomes PostgreSQL's SQL by the columns' types, or is refused with a reason. No server."""

from __future__ import annotations

import pytest

from migrator.model.types import (
    BINARY,
    BOOL,
    DATE,
    FLOAT64,
    INT16,
    INT32,
    INT64,
    JSON,
    JSON_TEXT,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    LogicalType,
    decimal,
    text,
)
from migrator.targets import Relation, Scope, Untranslatable
from migrator.targets.postgresql.expressions import condition, default, expression, query, query_columns
from tests.targets.postgresql.expression_cases import COLUMNS

SCOPE = Scope({name: (name, type) for name, (_, type) in COLUMNS.items()} | {"i": ("i", INT32)})
RELATIONS = {
    "t": Relation("public", "t", SCOPE),
    "v": Relation("app", "view", Scope({"x": ("x", None), "n": ("n", INT64)})),
}
NOW = "CURRENT_TIMESTAMP AT TIME ZONE 'UTC'"
NOW_TEXT = "TIME_TO_STR(CURRENT_TIMESTAMP(), '%Y-%m-%d %H:%M:%S')"

CONDITIONS: dict[str, list[tuple[str, str]]] = {
    "names are the target's, quoted": [('"n" = 1', '"n" = 1')],
    "truth values compare with TRUE and FALSE": [
        ('"b" = 1', '"b" = TRUE'),
        ('"b" <> 0', '"b" <> FALSE'),
        ('"b" IN (0, 1, NULL)', '"b" IN (FALSE, TRUE, NULL)'),
        ("\"b\" = 't'", '"b" = TRUE'),
        ('"b" = 2', 'CAST("b" AS integer) = 2'),
        ("\"b\" = 'yes'", '"b" IS NULL AND NULL'),
        ('COALESCE("b", 0) = 0', 'COALESCE("b", FALSE) = FALSE'),
        ('NOT "b"', 'NOT "b"'),
        ('("n" > 1) = 1', '("n" > 1) = TRUE'),
    ],
    "a number is true when it is not zero": [
        ('"n"', '"n" <> 0'),
        ('"n" & 4', '"n" & 4 <> 0'),
        ('NOT "n"', 'NOT "n" <> 0'),
        ('"n" AND "b"', '"n" <> 0 AND "b"'),
        ("1", "TRUE"),
        ('CASE WHEN "b" THEN "n" > 0 ELSE 1 END', 'CASE WHEN "b" THEN CAST("n" > 0 AS integer) ELSE 1 END <> 0'),
    ],
    "numbers compare with numeric text only where a column makes SQLite convert it": [
        ("\"n\" = '5'", '"n" = 5'),
        ("\"n\" = 'abc'", '"n" IS NULL AND NULL'),
        ("\"n\" <> 'abc'", '"n" IS NOT NULL OR NULL'),
        ("LENGTH(\"s\") = '5'", 'length("s") IS NULL AND NULL'),
        ('"c" = 5', "\"c\" = '5'"),
        ('"c" = 1.0', "\"c\" = '1.0'"),
        (
            "TIME_TO_STR(\"ts\", '%Y') = 2024",
            "lpad(CAST(EXTRACT(YEAR FROM \"ts\") AS text), 4, '0') IS NULL AND NULL",
        ),
        ("\"n\" IN (1, 'x')", '"n" = 1 OR "n" IS NULL AND NULL'),
    ],
    "text is ordered by bytes": [
        ("\"c\" < 'm'", '"c" COLLATE "C" < \'m\''),
        ('"c" BETWEEN \'a\' AND "s"', '"c" COLLATE "C" BETWEEN \'a\' AND "s"'),
        ("\"c\" = 'm'", "\"c\" = 'm'"),
    ],
    "text constants become the column's type": [
        ("\"day\" >= '2024-01-31'", "\"day\" >= DATE '2024-01-31'"),
        ("\"ts\" > '2024-01-31'", "\"ts\" > TIMESTAMP '2024-01-31 00:00:00'"),
        ("\"tz\" > '2024-01-31T10:00Z'", "\"tz\" > TIMESTAMPTZ '2024-01-31 10:00:00+00:00'"),
        ("\"tm\" = '10:00'", "\"tm\" = TIME '10:00'"),
        (
            "\"u\" = '6BA7B810-9DAD-11D1-80B4-00C04FD430C8'",
            "\"u\" = CAST('6ba7b810-9dad-11d1-80b4-00c04fd430c8' AS uuid)",
        ),
        ("\"doc\" = '[]'", "\"doc\" = CAST('[]' AS jsonb)"),
        ("\"jt\" = '[]'", "CAST(\"jt\" AS text) = '[]'"),
        ("\"blob\" = UNHEX('00ff')", "\"blob\" = CAST('\\x00ff' AS bytea)"),
        ("\"day\" <> ''", '"day" IS NOT NULL OR NULL'),
    ],
    "patterns": [
        ("\"c\" ILIKE 'a%'", '"c" COLLATE "C" ILIKE \'a%\''),
        ("\"c\" ILIKE '%@%'", "\"c\" LIKE '%@%'"),
        ("\"c\" ILIKE 'a\\b'", "\"c\" COLLATE \"C\" ILIKE 'a\\b' ESCAPE ''"),
        ('"c" ILIKE "s"', '"c" COLLATE "C" ILIKE "s" ESCAPE \'\''),
        ("\"c\" ILIKE '!%' ESCAPE '!'", "\"c\" LIKE '!%' ESCAPE '!'"),
        ("\"n\" ILIKE '1%'", "CAST(\"n\" AS text) LIKE '1%'"),
        ("\"c\" GLOB 'a*_?'", "\"c\" LIKE 'a%\\__'"),
        ("\"c\" GLOB '[a-z]*.txt'", "\"c\" ~ '^[a-z].*\\.txt$'"),
        ("\"c\" GLOB '[^]a-]?'", "\"c\" ~ '^[^\\]a\\-].$'"),
        ("\"c\" GLOB 'x['", '"c" IS NULL AND NULL'),
        ("\"c\" GLOB '[z-a]'", "\"c\" ~ '^[z]$'"),
    ],
    "a column's type answers typeof": [
        ("TYPEOF(\"n\") = 'integer'", '"n" IS NOT NULL'),
        ("TYPEOF(\"n\") IN ('integer', 'null')", "TRUE"),
        ("TYPEOF(\"n\") = 'text'", "FALSE"),
        ("TYPEOF(\"n\") = 'null'", '"n" IS NULL'),
        ("TYPEOF(\"n\") <> 'text'", "TRUE"),
        ("TYPEOF(\"ts\") = 'text'", '"ts" IS NOT NULL'),
    ],
    "JSON": [
        ('JSON_VALID("doc")', '"doc" IS NOT NULL OR NULL'),
        ('JSON_VALID("s")', '"s" IS JSON'),
        ("JSON_EXTRACT_SCALAR(\"doc\", '$.a') = 'x'", "NULLIF(\"doc\" -> 'a', 'null') = '\"x\"'"),
        ("JSON_EXTRACT_SCALAR(\"doc\", '$.a.b') = 5", "NULLIF(\"doc\" #> '{a,b}', 'null') = '5'"),
        ("JSON_EXTRACT_SCALAR(\"doc\", '$.t') = 1", "NULLIF(\"doc\" -> 't', 'null') IN ('true', '1')"),
        ("JSON_EXTRACT_SCALAR(\"doc\", '$.a') IS NULL", "(\"doc\" ->> 'a') IS NULL"),
        (
            "JSON_EXTRACT_SCALAR(\"s\", '$.l[0]') > 5",
            "CASE jsonb_typeof(CAST(\"s\" AS jsonb) #> '{l,0}') "
            "WHEN 'number' THEN CAST(CAST(\"s\" AS jsonb) #> '{l,0}' AS numeric) > 5 "
            "WHEN 'boolean' THEN CAST(CAST(CAST(\"s\" AS jsonb) #> '{l,0}' AS boolean) AS integer) > 5 "
            "WHEN 'string' THEN TRUE END",
        ),
        (
            'JSON_EXTRACT_SCALAR("doc", \'$."a b"["q"]\') = \'x\'',
            "NULLIF(\"doc\" #> '{\"a b\",q}', 'null') = '\"x\"'",
        ),
    ],
    "brackets stand where PostgreSQL binds otherwise": [
        ('("n" + 1) * 2 = 4', '("n" + 1) * 2 = 4'),
        ('"n" - ("m" - 1) = 4', '"n" - ("m" - 1) = 4'),
        ('("n" = 1 OR "b") AND "n" > 0', '("n" = 1 OR "b") AND "n" > 0'),
        ('("n" IS NULL) = ("m" IS NULL)', '("n" IS NULL) = ("m" IS NULL)'),
        ("-(-5) = 5", "5 = 5"),
        ('-(-"n") = 5', '-(-"n") = 5'),
    ],
    "narrow integers calculate in 64 bits": [
        ('"i" + 1 > 0', 'CAST("i" AS bigint) + 1 > 0'),
        ('LENGTH("s") + 1 > 0', 'length("s") + 1 > 0'),
    ],
}

EXPRESSIONS: list[tuple[str, LogicalType | None, str]] = [
    ('LOWER("c")', None, 'lower("c" COLLATE "C")'),
    ("LOWER('ÄB')", None, "'Äb'"),
    ("JSON_EXTRACT_SCALAR(\"doc\", '$.a')", None, "\"doc\" ->> 'a'"),
    ('"n" > 3', None, 'CAST("n" > 3 AS integer)'),
    ('"n" > 3', BOOL, '"n" > 3'),
    ('"n" > 3', INT64, 'CAST("n" > 3 AS integer)'),
    ('"f" * 2.5', FLOAT64, '"f" * CAST(2.5 AS double precision)'),
    ('"d" * 2.5', decimal(10, 3), '"d" * 2.5'),
    ('"n" * 2.5', FLOAT64, '"n" * CAST(2.5 AS double precision)'),
    ('ROUND("f", 2)', FLOAT64, 'CAST(round(CAST("f" AS numeric), 2) AS double precision)'),
    ('"n" / NULLIF("m", 0)', INT64, '"n" / NULLIF("m", 0)'),
    ('"c" || "n"', TEXT, '"c" || CAST("n" AS text)'),
    ('"c" || "d"', TEXT, '"c" || CAST(trim_scale("d") AS text)'),
    ("TIME_TO_STR(\"ts\", '%Y-%m-%d')", DATE, 'CAST("ts" AS date)'),
    (
        "TIME_TO_STR(\"tz\", '%H')",
        TEXT,
        "lpad(CAST(EXTRACT(HOUR FROM \"tz\" AT TIME ZONE 'UTC') AS text), 2, '0')",
    ),
    ('TIME_TO_UNIX("ts")', INT64, 'CAST(floor(EXTRACT(EPOCH FROM "ts")) AS bigint)'),
    ('UNICODE("c")', INT64, "ascii(NULLIF(\"c\", ''))"),
    ("STR_POSITION(\"c\", 'x')", INT64, "strpos(\"c\", 'x')"),
    ('SUBSTRING("c", "n", 2)', TEXT, 'substr("c", CAST("n" AS integer), 2)'),
    ('TYPEOF("n")', TEXT, "CASE WHEN \"n\" IS NULL THEN 'null' ELSE 'integer' END"),
]

DEFAULTS: list[tuple[str, LogicalType, str]] = [
    ("NULL", INT64, "NULL"),
    ("1", BOOL, "TRUE"),
    ("'f'", BOOL, "FALSE"),
    ("'0'", INT64, "0"),
    ("5.0", INT16, "5"),
    ("1", FLOAT64, "1.0"),
    ("1e999", FLOAT64, "CAST('inf' AS double precision)"),
    ("1.50", decimal(5, 2), "1.50"),
    ("5", TEXT, "'5'"),
    ("5.0", TEXT, "'5.0'"),
    ("0.0", TEXT, "'0.0'"),
    ("0.0", BINARY, "CAST('\\x302e30' AS bytea)"),
    ("''", TEXT, "''"),
    ("'null'", TEXT, "'null'"),
    ("'it''s'", text(4), "'it''s'"),
    ("UNHEX('00')", BINARY, "CAST('\\x00' AS bytea)"),
    ("'a'", BINARY, "CAST('\\x61' AS bytea)"),
    ("'2024-02-29'", DATE, "DATE '2024-02-29'"),
    ("'2024-02-29T10:00'", TIMESTAMP, "TIMESTAMP '2024-02-29 10:00:00'"),
    ("'10:00'", TIME, "TIME '10:00'"),
    ("'{}'", JSON, "CAST('{}' AS jsonb)"),
    ("'[]'", JSON_TEXT, "CAST('[]' AS json)"),
    ("(1 + 1)", INT64, "(1 + 1)"),
    ("(1 = 1)", BOOL, "(1 = 1)"),
    ("CURRENT_TIMESTAMP()", TIMESTAMP, f"date_trunc('second', {NOW})"),
    ("CURRENT_TIMESTAMP()", TIMESTAMPTZ, "date_trunc('second', CURRENT_TIMESTAMP)"),
    ("CURRENT_TIMESTAMP()", TEXT, f"to_char({NOW}, 'YYYY-MM-DD HH24:MI:SS')"),
    (NOW_TEXT, TIMESTAMP, f"date_trunc('second', {NOW})"),
    ("CURRENT_DATE", DATE, f"CAST({NOW} AS date)"),
    ("CURRENT_TIME()", TIME, f"CAST(date_trunc('second', {NOW}) AS time)"),
    ("TIME_TO_STR(LOCALTIMESTAMP, '%Y-%m-%d')", DATE, "CAST(LOCALTIMESTAMP AS date)"),
    (
        "TIME_TO_STR(CURRENT_TIMESTAMP() + INTERVAL '7' DAY, '%Y-%m-%d')",
        DATE,
        f"CAST({NOW} + INTERVAL '7 day' AS date)",
    ),
    ("TIME_TO_STR(CURRENT_TIMESTAMP(), '%s')", INT64, f"CAST(floor(EXTRACT(EPOCH FROM {NOW})) AS bigint)"),
    (
        "TIME_TO_STR(CURRENT_TIMESTAMP(), '%s')",
        TEXT,
        f"CAST(CAST(floor(EXTRACT(EPOCH FROM {NOW})) AS bigint) AS text)",
    ),
    (
        "TIME_TO_STR(CURRENT_TIMESTAMP(), '%Y-%m-%dT%H:%M:%fZ')",
        TIMESTAMPTZ,
        "date_trunc('milliseconds', CURRENT_TIMESTAMP)",
    ),
    ("TIME_TO_STR(CURRENT_TIMESTAMP(), '%Y\"T\"')", TEXT, f'to_char({NOW}, \'YYYY"\\"T\\""\')'),
    (
        "JULIANDAY(CURRENT_TIMESTAMP())",
        FLOAT64,
        f"(CAST(CAST(EXTRACT(EPOCH FROM {NOW}) * 1000 + 210866760000000 AS bigint) "
        "AS double precision) / 86400000)",
    ),
    ("LOWER(HEX(RANDOMBLOB(4)))", TEXT, "right(CAST(gen_random_uuid() AS text), 8)"),
    (
        "RANDOMBLOB(8)",
        BINARY,
        "decode(right(CAST(gen_random_uuid() AS text), 12) || right(CAST(gen_random_uuid() AS text), 4), 'hex')",
    ),
    ("RANDOM_INT64()", INT64, "hashtextextended(CAST(gen_random_uuid() AS text), 0)"),
]

REFUSED_DEFAULTS: list[tuple[str, LogicalType, str]] = [
    ("'yes'", BOOL, "The value 'yes' is no boolean."),
    ("2", BOOL, "The value 2 is no boolean."),
    ("'abc'", INT64, "The value 'abc' is no bigint."),
    ("1.5", INT64, "The value 1.5 is no bigint."),
    ("40000", INT16, "The value 40000 is no smallint."),
    ("1.555", decimal(5, 2), "The value 1.555 is no numeric(5,2)."),
    ("'abcd'", text(3), "The value 'abcd' is no varchar(3)."),
    ("'2024-02-30'", DATE, "The value '2024-02-30' is no date."),
    ("'0000-00-00'", DATE, "The value '0000-00-00' is no date."),
    ("'2024-01-01T00:00Z'", TIMESTAMP, "The value '2024-01-01T00:00Z' is no timestamp."),
    ("0", TIMESTAMP, "The value 0 is no timestamp."),
    ("''", JSON, "The value '' is no jsonb."),
    ("'{\"a\": NaN}'", JSON, "The value '{\"a\": NaN}' is no jsonb."),
    ("''", UUID, "The value '' is no uuid."),
    ("CURRENT_TIMESTAMP()", DATE, "The text that SQLite makes of a time need not have an equal date."),
    ("ROUND(1.5)", INT64, "A double precision need not have an equal bigint."),
    ('"n"', INT64, "There is no column n."),
    ("RANDOMBLOB(100000)", BINARY, "PostgreSQL makes 1 to 256 random bytes here, and their number must be known."),
]

REFUSED_EXPRESSIONS: list[tuple[str, LogicalType | None, str]] = [
    ("TIME_TO_STR(\"sd\", '%Y')", TEXT, "settings"),
    (NOW_TEXT, TEXT, "The current time may not stand"),
    ("RANDOM_INT64()", INT64, "A random value may not stand"),
    ('CONCAT_WS(\'-\', "c", "s")', TEXT, "concat_ws"),
    ("\"f\" || ''", TEXT, "writes a double precision as text in another way"),
    ("\"ts\" || ''", TEXT, "writes a timestamp as text in another way"),
    ('"d" * 1.5', decimal(10, 2), "more digits after the point"),
    ("TIME_TO_STR(\"ts\", '%W')", TEXT, "strftime's %W"),
    ("(SELECT 1)", INT64, "A query may not stand"),
    ('TYPEOF("ts")', TEXT, "does not tell whether SQLite stored text or a number"),
]

REFUSED_CONDITIONS = [
    ('"s"', "A text cannot be a condition"),
    ('"n" = "s"', "bigint and text"),
    ("\"n\" > 'abc'", "by their kinds"),
    ('"ts" > 1700000000', "timestamp in PostgreSQL with a number"),
    ('LENGTH("u") = 36', "how it is spelt"),
    ('LENGTH("doc") > 2', "how it is spelt"),
    ('"c" GLOB "s"', "not a constant"),
    ('"f" % 2 = 0', "remainder"),
    ("FORMAT('%x', \"n\") = 'ff'", "directives"),
    ("REGEXP_LIKE(\"c\", 'x')", "no equal of"),
    ('"nobody" = 1', "There is no column nobody."),
    ("NOT A VALID )(", "cannot be read"),
]

QUERIES: list[tuple[str, str]] = [
    (
        'SELECT "a"."n" AS "n" FROM "t" AS "a" WHERE "a"."b"',
        'SELECT "a"."n" AS "n" FROM "public"."t" AS "a" WHERE "a"."b"',
    ),
    (
        'SELECT "t"."c" AS "c" FROM "t" AS "t" ORDER BY 1, "t"."n" DESC',
        'SELECT "t"."c" AS "c" FROM "public"."t" AS "t" '
        'ORDER BY "t"."c" COLLATE "C" NULLS FIRST, "t"."n" DESC NULLS LAST',
    ),
    (
        'SELECT "t"."n" AS "n" FROM "t" AS "t" ORDER BY 1 NULLS LAST, 1 DESC NULLS FIRST LIMIT 3 OFFSET 1',
        'SELECT "t"."n" AS "n" FROM "public"."t" AS "t" ORDER BY 1, 1 DESC LIMIT 3 OFFSET 1',
    ),
    (
        'SELECT DISTINCT "t"."c" AS "c" FROM "t" AS "t" ORDER BY 1',
        'SELECT "c" FROM (SELECT DISTINCT "t"."c" AS "c" FROM "public"."t" AS "t") AS "all" '
        'ORDER BY "c" COLLATE "C" NULLS FIRST',
    ),
    (
        'SELECT COUNT(*) AS "k", SUM("t"."b") AS "s", AVG("t"."n") AS "a", MAX("t"."c") AS "m" FROM "t" AS "t"',
        'SELECT count(*) AS "k", CAST(sum(CAST("t"."b" AS integer)) AS bigint) AS "s", '
        'CAST(avg("t"."n") AS double precision) AS "a", max("t"."c" COLLATE "C") AS "m" FROM "public"."t" AS "t"',
    ),
    (
        'SELECT GROUP_CONCAT(DISTINCT "t"."n", \', \') AS "g" FROM "t" AS "t"',
        'SELECT string_agg(DISTINCT CAST("t"."n" AS text), \', \') AS "g" FROM "public"."t" AS "t"',
    ),
    (
        'SELECT GROUP_CONCAT("t"."c", \',\') WITHIN GROUP (ORDER BY "t"."n") AS "g" FROM "t" AS "t"',
        'SELECT string_agg("t"."c", \',\' ORDER BY "t"."n" NULLS FIRST) AS "g" FROM "public"."t" AS "t"',
    ),
    (
        'SELECT SUM("t"."n") OVER (PARTITION BY "t"."b" ORDER BY "t"."c") AS "s" FROM "t" AS "t"',
        'SELECT CAST(sum("t"."n") OVER (PARTITION BY "t"."b" ORDER BY "t"."c" COLLATE "C" NULLS FIRST) AS bigint) '
        'AS "s" FROM "public"."t" AS "t"',
    ),
    (
        'SELECT "t"."b" AS "b" FROM "t" AS "t" UNION ALL SELECT 0',
        'SELECT "t"."b" AS "b" FROM "public"."t" AS "t" UNION ALL SELECT CAST(FALSE AS boolean)',
    ),
    (
        'SELECT (SELECT "x"."c" AS "c" FROM "t" AS "x" WHERE "x"."n" = "t"."m") AS "c" FROM "t" AS "t"',
        'SELECT (SELECT "x"."c" AS "c" FROM "public"."t" AS "x" WHERE "x"."n" = "t"."m" LIMIT 1) AS "c" '
        'FROM "public"."t" AS "t"',
    ),
    (
        'WITH RECURSIVE "k" AS (SELECT 1 AS "x", "t"."c" AS "p" FROM "t" AS "t" UNION ALL '
        'SELECT "k"."x" + 1, "k"."p" || \'/\' FROM "k" AS "k") SELECT "k"."p" AS "p" FROM "k" AS "k"',
        'WITH RECURSIVE "k" AS (SELECT CAST(1 AS bigint) AS "x", CAST("t"."c" AS text) AS "p" '
        'FROM "public"."t" AS "t" UNION ALL SELECT CAST("k"."x" + 1 AS bigint), '
        'CAST("k"."p" || \'/\' AS text) FROM "k" AS "k") '
        'SELECT "k"."p" AS "p" FROM "k" AS "k"',
    ),
    (
        'SELECT TIME_TO_STR("t"."ts", \'%Y-%m\') AS "m" FROM "t" AS "t" '
        "WHERE \"t\".\"day\" > TIME_TO_STR(CURRENT_TIMESTAMP() + INTERVAL '-7' DAY, '%Y-%m-%d')",
        'SELECT to_char("t"."ts", \'YYYY-MM\') AS "m" FROM "public"."t" AS "t" '
        f'WHERE "t"."day" > CAST({NOW} + INTERVAL \'-7 day\' AS date)',
    ),
    (
        'SELECT "v"."x" = 1 AS "y" FROM "v" AS "v" LEFT JOIN "t" AS "t" ON "t"."n" = "v"."n" '
        'CROSS JOIN "t" AS "u"',
        'SELECT CAST("v"."x" = 1 AS integer) AS "y" FROM "app"."view" AS "v" '
        'LEFT JOIN "public"."t" AS "t" ON "t"."n" = "v"."n" CROSS JOIN "public"."t" AS "u"',
    ),
]

REFUSED_QUERIES = [
    ('SELECT "m"."n" AS "n" FROM "missing" AS "m"', "It reads missing, which is not moved."),
    ('SELECT "t"."gone" AS "n" FROM "t" AS "t"', "The column gone of t is not moved."),
    ('SELECT SUM("t"."c") AS "s" FROM "t" AS "t"', "calculates with a column that is varchar(20)"),
    ('SELECT MAX(JSON_EXTRACT_SCALAR("t"."doc", \'$.n\')) AS "m" FROM "t" AS "t"', "taken from JSON"),
    ('SELECT GREATEST("t"."n", "t"."c") AS "g" FROM "t" AS "t"', "of different kinds"),
    ('SELECT "t"."f" || \'\' AS "s" FROM "t" AS "t"', "writes a double precision as text"),
    ('SELECT TYPEOF("t"."d") = \'real\' AS "r" FROM "t" AS "t"', "does not tell"),
    ("SELECT )", "cannot be read"),
]


def flat(families: dict[str, list[tuple[str, str]]]) -> list[object]:
    return [pytest.param(*row, id=f"{family}: {row[0]}") for family, rows in families.items() for row in rows]


@pytest.mark.parametrize(("neutral", "expected"), flat(CONDITIONS))
def test_condition(neutral: str, expected: str) -> None:
    assert condition(neutral, SCOPE) == expected


@pytest.mark.parametrize(("neutral", "type", "expected"), EXPRESSIONS)
def test_expression(neutral: str, type: LogicalType | None, expected: str) -> None:
    assert expression(neutral, SCOPE, type) == expected


@pytest.mark.parametrize(("neutral", "type", "expected"), DEFAULTS)
def test_default(neutral: str, type: LogicalType, expected: str) -> None:
    assert default(neutral, type) == expected


@pytest.mark.parametrize(("neutral", "expected"), QUERIES)
def test_query(neutral: str, expected: str) -> None:
    assert query(neutral, RELATIONS) == expected


@pytest.mark.parametrize(("neutral", "type", "reason"), REFUSED_DEFAULTS)
def test_default_that_its_type_cannot_hold_is_refused(neutral: str, type: LogicalType, reason: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        default(neutral, type)
    assert caught.value.what == reason


@pytest.mark.parametrize(("neutral", "type", "reason"), REFUSED_EXPRESSIONS)
def test_expression_without_immutable_equal_is_refused(
    neutral: str, type: LogicalType | None, reason: str
) -> None:
    with pytest.raises(Untranslatable) as caught:
        expression(neutral, SCOPE, type)
    assert reason in caught.value.what


@pytest.mark.parametrize(("neutral", "reason"), REFUSED_CONDITIONS)
def test_condition_without_equal_is_refused(neutral: str, reason: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        condition(neutral, SCOPE)
    assert reason in caught.value.what


@pytest.mark.parametrize(("neutral", "reason"), REFUSED_QUERIES)
def test_query_without_equal_is_refused(neutral: str, reason: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        query(neutral, RELATIONS)
    assert reason in caught.value.what


@pytest.mark.parametrize("neutral", [row[0] for row in REFUSED_CONDITIONS])
def test_reason_is_one_sentence(neutral: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        condition(neutral, SCOPE)
    assert caught.value.what.endswith(".") and ". " not in caught.value.what and "\n" not in caught.value.what


def test_a_thousand_links_are_no_recursion() -> None:
    assert condition(" OR ".join(['"n" = 1'] * 999), SCOPE) == " OR ".join(['"n" = 1'] * 999)


def test_query_columns_have_their_types() -> None:
    columns = query_columns(
        'SELECT "t"."b" AS "b", SUM("t"."n") AS "s", AVG("t"."n") AS "a", "t"."n" > 1 AS "g", "v"."x" AS "x", '
        'GROUP_CONCAT("t"."c", \',\') AS "j", NULL AS "z" FROM "t" AS "t" CROSS JOIN "v" AS "v"',
        RELATIONS,
    )
    assert columns == {
        "b": BOOL, "s": INT64, "a": FLOAT64, "g": INT32, "x": None, "j": TEXT, "z": None,
    }  # fmt: skip
