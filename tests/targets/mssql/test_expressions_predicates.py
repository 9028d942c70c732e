"""Neutral predicates become those of filtered indexes, or are refused with a reason. No server."""

from __future__ import annotations

import pytest

from migrator.targets import Untranslatable
from migrator.targets.mssql.expressions import predicate
from tests.targets.mssql.expression_cases import SCOPE

PREDICATES = [
    ('"n" = 1', "[n] = 1"),
    ('1 < "n"', "[n] > 1"),
    ('"n" > 1 AND "n" <= 5', "[n] > 1 AND [n] <= 5"),
    ('"b"', "[b] = 1"),
    ('NOT "b"', "[b] = 0"),
    ('"b" = 1', "[b] = 1"),
    ('"n"', "[n] <> 0"),
    ('NOT "n"', "[n] = 0"),
    ('"n" IS NULL', "[n] IS NULL"),
    ('NOT "n" IS NULL', "[n] IS NOT NULL"),
    ('"n" IN (1, 2, NULL)', "[n] IN (1, 2)"),
    ('NOT "n" IN (1, 2)', "[n] <> 1 AND [n] <> 2"),
    ('"n" BETWEEN 1 AND 5', "[n] >= 1 AND [n] <= 5"),
    ('NOT "n" = 1', "[n] <> 1"),
    ('NOT "n" < 1', "[n] >= 1"),
    ('"n" IS NOT DISTINCT FROM 5', "[n] = 5"),
    ("\"day\" >= '2024-01-31'", "[day] >= CONVERT(date, N'2024-01-31', 120)"),
    ("\"ts\" > '2024-01-31'", "[ts] > CONVERT(datetime2(7), N'2024-01-31T00:00:00', 126)"),
    ("\"tm\" = '10:00'", "[tm] = CAST(N'10:00' AS time(7))"),
    ('"f" > 1.5', "[f] > 1.5E0"),
    ('"d" > 1.5', "[d] > 1.5"),
    (
        "\"u\" = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
        "[u] = CAST(N'6ba7b810-9dad-11d1-80b4-00c04fd430c8' AS uniqueidentifier)",
    ),
    ("\"c\" = 'open'", "[c] = N'open'"),
    ("\"c\" IN ('a', 'b')", "[c] IN (N'a', N'b')"),
    ("TYPEOF(\"n\") = 'integer'", "[n] IS NOT NULL"),
    ("\"day\" <> ''", "[day] IS NOT NULL"),
    ("\"n\" = '5'", "[n] = 5"),
]

REFUSED_PREDICATES = [
    (
        '"n" = 1 OR "n" = 2',
        "A filtered index of SQL Server compares columns with constants only, joined by AND.",
    ),
    ('"n" = "m"', "A filtered index of SQL Server compares columns with constants only, joined by AND."),
    ('"n" + 1 = 2', "A filtered index of SQL Server compares columns with constants only, joined by AND."),
    (
        "LOWER(\"c\") = 'a'",
        "A filtered index of SQL Server compares columns with constants only, joined by AND.",
    ),
    ("\"c\" LIKE 'a%'", "A filtered index of SQL Server compares columns with constants only, joined by AND."),
    (
        'NOT "n" BETWEEN 1 AND 2',
        "A filtered index of SQL Server compares columns with constants only, joined by AND.",
    ),
    (
        '"n" IS DISTINCT FROM 5',
        "A filtered index of SQL Server compares columns with constants only, joined by AND.",
    ),
    ("\"c\" < 'm'", "The predicate orders [c] by its collation in SQL Server."),
    (
        "\"s\" = 'open'",
        "The predicate compares [s] by its collation in SQL Server, and that decides what is unique.",
    ),
    (
        "\"s\" <> ''",
        "The predicate compares [s] by its collation in SQL Server, and that decides what is unique.",
    ),
    (
        "\"s\" IN ('a')",
        "The predicate compares [s] by its collation in SQL Server, and that decides what is unique.",
    ),
    ('"n" = NULL', "A filtered index of SQL Server compares columns with constants only, joined by AND."),
    ("\"n\" = 'abc'", "A filtered index of SQL Server compares columns with constants only, joined by AND."),
    ("\"u\" > '6ba7b810-9dad-11d1-80b4-00c04fd430c8'", "SQL Server orders UUIDs by their last bytes."),
    ('"b" = 2', "A filtered index of SQL Server compares columns with constants only, joined by AND."),
    ('"n" IN (SELECT 1)', "A filtered index of SQL Server compares columns with constants only, joined by AND."),
    ('"s"', "A filtered index of SQL Server compares columns with constants only, joined by AND."),
    (
        "JSON_EXTRACT_SCALAR(\"doc\", '$.a') = 'x'",
        "A filtered index of SQL Server compares columns with constants only, joined by AND.",
    ),
    ('"day" > CURRENT_DATE', "The current time may not stand in a constraint, an index or a generated column."),
    (
        "TYPEOF(\"n\") = 'text'",
        "A filtered index of SQL Server compares columns with constants only, joined by AND.",
    ),
    ("\"blob\" = UNHEX('00')", "SQL Server passes over zeros at the end when it compares binary values."),
]


@pytest.mark.parametrize(("neutral", "expected"), PREDICATES)
def test_predicate_of_a_unique_filtered_index(neutral: str, expected: str) -> None:
    assert predicate(neutral, SCOPE, unique=True) == expected


@pytest.mark.parametrize(
    ("neutral", "expected"),
    [
        ("\"s\" = 'open'", "[s] = N'open'"),
        ("\"s\" <> ''", "[s] <> N''"),
        ("\"s\" IN ('a')", "[s] IN (N'a')"),
        ("\"blob\" = UNHEX('00')", "[blob] = 0x00"),
    ],
)
def test_predicate_of_a_plain_filtered_index_may_be_lax(neutral: str, expected: str) -> None:
    assert predicate(neutral, SCOPE, unique=False) == expected


@pytest.mark.parametrize(("neutral", "reason"), REFUSED_PREDICATES)
def test_predicate_that_no_filtered_index_has_is_refused(neutral: str, reason: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        predicate(neutral, SCOPE, unique=True)
    assert caught.value.what == reason


def test_reasons_are_one_sentence() -> None:
    reasons = {row[-1] for rows in (REFUSED_PREDICATES,) for row in rows}
    assert all(reason.endswith(".") and ". " not in reason and "\n" not in reason for reason in reasons)
