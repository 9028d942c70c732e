"""The oracle's own words: what it makes of statements and values, since every expectation rests on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.conformance.cases import CASES
from tests.conformance.model import Case, Differs
from tests.conformance.oracle.mssql.spelling import cut, spelt
from tests.conformance.oracle.mssql.translation import batches, translated
from tests.conformance.servers import mssql, postgresql
from tests.conformance.servers.mssql import native

STATEMENTS = [
    ("INSERT INTO t VALUES ('a', true)", "INSERT INTO t VALUES (N'a', 1)"),
    ("INSERT INTO t VALUES (N'it''s', 'false')", "INSERT INTO t VALUES (N'it''s', N'false')"),
    ('SELECT "true", [false] FROM public.t -- true', 'SELECT "true", [false] FROM dbo.t -- true'),
    ("INSERT INTO t (v) VALUES ('new') RETURNING id", "INSERT INTO t (v) OUTPUT inserted.id VALUES (N'new')"),
    ("INSERT INTO t DEFAULT VALUES RETURNING v, b", "INSERT INTO t OUTPUT inserted.v, inserted.b DEFAULT VALUES"),
    (
        """INSERT INTO "a, b" (o) VALUES (1) RETURNING "a, b\"""",
        """INSERT INTO "a, b" (o) OUTPUT inserted."a, b" VALUES (1)""",
    ),
    (r"UPDATE t SET b = '\x0d0A01' WHERE id = 1", "UPDATE t SET b = 0x0d0A01 WHERE id = 1"),
    (r"UPDATE t SET v = 'a\x', b = '\x'", r"UPDATE t SET v = N'a\x', b = 0x"),
]


@pytest.mark.parametrize(("postgresql", "tsql"), STATEMENTS)
def test_statements_in_tsql(postgresql: str, tsql: str) -> None:
    assert translated(postgresql) == tsql
    assert translated(tsql) == tsql


def test_scripts_are_cut_where_a_line_says_go() -> None:
    assert batches("SELECT 'GO'\nGO\n\ngo;\nSELECT 1\n") == ["SELECT 'GO'\n", "\nSELECT 1\n"]


VALUES: list[tuple[Any, str | None]] = [
    (None, None),
    (True, "t"),
    (False, "f"),
    (-7, "-7"),
    ("2.50", "2.50"),
    (b"\x00\xff", "\\x00ff"),
    (b"", "\\x"),
    (Decimal("1.2500"), "1.2500"),
    (Decimal("0E-10"), "0.0000000000"),
    (0.1 + 0.2, "0.30000000000000004"),
    (1500.0, "1500"),
    (-0.0, "-0"),
    (1e15, "1e+15"),
    (123456789012345.0, "123456789012345"),
    (0.0001, "0.0001"),
    (0.00001, "1e-05"),
    (5e-324, "5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
    (date(1, 1, 1), "0001-01-01"),
    (time(10, 0, 0, 100), "10:00:00.0001"),
    (datetime(2024, 1, 31, 10, 0, 0, 120000), "2024-01-31 10:00:00.12"),
    (datetime(2024, 1, 31, 10), "2024-01-31 10:00:00"),
    (datetime(2024, 1, 31, 10, tzinfo=UTC), "2024-01-31 10:00:00+00"),
    (datetime(2024, 1, 31, 0, 30, tzinfo=timezone(timedelta(hours=9))), "2024-01-30 15:30:00+00"),
    (UUID("6FA459EA-EE8A-3CA4-894E-DB77E160355E"), "6fa459ea-ee8a-3ca4-894e-db77e160355e"),
]


@pytest.mark.parametrize(("value", "text"), VALUES)
def test_values_as_postgresql_spells_them(value: Any, text: str | None) -> None:
    assert spelt(value) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("10:00:00.0000000", "10:00:00"),
        ("10:00:00.1234567", "10:00:00.1234567"),
        ("2024-01-31 10:00:00.5000000 +00:00", "2024-01-31 10:00:00.5+00"),
        ("2024-01-31 10:00:00.0000000 +05:30", "2024-01-31 10:00:00+05:30"),
        ("2020-10-10", "2020-10-10"),
    ],
)
def test_moments_lose_the_zeros_of_their_fraction(moment: str, text: str) -> None:
    assert cut(moment) == text


@pytest.mark.parametrize(
    ("spelling", "type"),
    [
        ("character varying(7)", "nvarchar(7)"),
        ("numeric(38,10)", "decimal(38,10)"),
        ("timestamp with time zone", "datetimeoffset(7)"),
    ],
)
def test_types_of_expectations_in_sql_server(spelling: str, type: str) -> None:
    assert native(spelling) == type


def test_every_target_knows_the_same_statements_and_words() -> None:
    """One that has no meaning somewhere is missing there, and no test asks for it."""
    ours, theirs = postgresql.PostgreSQL, mssql.SQLServer
    assert ours.words.keys() == theirs.words.keys()
    assert ours.sql.keys() - theirs.sql.keys() == {"drop numbering"}
    assert set(ours.alterations) <= ours.sql.keys() and set(theirs.alterations) <= theirs.sql.keys()


def test_what_differs_replaces_what_the_case_says() -> None:
    case = Case(
        "x",
        "why",
        (),
        findings=("a t", "b t"),
        absent=("t",),
        mssql=Differs("why", more=("c t",), fewer=("a t",), absent=()),
    )
    assert case.on("postgresql") == case
    there = case.on("mssql")
    assert (there.findings, there.absent) == (("b t", "c t"), ())


def test_the_type_of_every_expectation_is_known_in_sql_server() -> None:
    for case in CASES:
        for expected in case.on("mssql").tables:
            for _, spelling in expected.columns:
                assert native(spelling)
