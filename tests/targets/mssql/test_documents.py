"""Which checks keep a column to documents, and which ask anything else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mssql

from migrator.models.types import JSON, json_check
from migrator.targets.mssql.documents import check, column

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=128)
HOSTILE = ["a", "]", "a]b", "[", "'", '"', "a.b", "%s", ":x", "--", "/*", "a\tb", "a\nb", "한글 x", "n" * 128, "?"]


@given(NAMES | st.text("[]'\"-/*%:. \t\n@#$a", min_size=1, max_size=20))
def test_the_column_of_a_check_is_found(name: str) -> None:
    assert column(check(name)) == name


@pytest.mark.parametrize("name", HOSTILE)
def test_the_column_of_a_hostile_name_is_found(name: str) -> None:
    assert column(check(name)) == name


def test_the_check_asks_for_objects_and_arrays_first_and_wraps_what_else_it_may_be() -> None:
    assert check("a]b") == (
        "CASE WHEN [a]]b] IS NULL OR ISJSON([a]]b]) = 1 THEN 1 "
        "WHEN ISJSON(N'[' + [a]]b] + N']') = 1 AND ISJSON(N'{\"v\":' + [a]]b] + N'}') = 1 THEN 1 "
        "ELSE 0 END = 1"
    )


@pytest.mark.parametrize("name", ["doc", "Doc x", "a]b", "한글", "select"])
def test_the_check_of_models_is_recognised(name: str) -> None:
    metadata = sa.MetaData()
    made = sa.Table("t", metadata, sa.Column(name, JSON), json_check(name))
    ddl = str(sa.schema.CreateTable(made).compile(dialect=mssql.dialect()))  # type: ignore[no-untyped-call]
    condition = ddl[ddl.index("CHECK (") + len("CHECK (") : ddl.rindex(")")].rsplit(")", 1)[0]
    assert column(condition) == name


@pytest.mark.parametrize(
    "sql",
    [
        "ISJSON([a]) = 1",
        "ISJSON([a]) > 0",
        "([a] IS NULL OR isjson([a])=(1))",
        "(isjson([a])=(1))",
        "(case when [a] IS NULL OR isjson([a])=(1) then (1) when isjson(N'['+[a])=(1) then (1) else (0) end=(1))",
    ],
)
def test_simpler_questions_count_too(sql: str) -> None:
    assert column(sql) == "a"


@pytest.mark.parametrize(
    "sql",
    [
        "[a] > 0",
        "[a] IS NULL",
        "ISJSON([a]) = 1 AND ISJSON([b]) = 1",
        "ISJSON([a]) = 1 AND [b] > 0",
        "ISJSON([a]) = 1 AND LEN([a]) < 10",
        "ISJSON([a]) = 1 AND [a] LIKE N'{%'",
        "ISJSON([a]) = 1 AND [a] IN (N'[]')",
        "ISJSON(N'[]') = 1",
        "JSON_VALUE([a], '$.x') = N'1'",
        "ISJSON([a]) = 1 AND JSON_VALUE([a], '$.x') = N'1'",
        "NOT ISJSON([a]) = 1",
        "ISJSON([a]) < 1",
        "",
        "(((",
        "this is no SQL at all ]",
    ],
)
def test_a_check_that_asks_anything_else_is_none(sql: str) -> None:
    assert column(sql) is None


@pytest.mark.parametrize(
    "sql",
    [
        "ISJSON([a]) = 0",
        "ISJSON([a]) <> 1",
        "ISJSON([a]) = 1 AND [a] <> N'[]'",
        "ISJSON([a]) = 1 OR [a] = N'x'",
        "ISJSON([a]) = 1 OR 1 = 1",
        "ISJSON([a]) > 1",
        "CASE WHEN ISJSON([a]) = 1 THEN 0 ELSE 1 END = 1",
        "CASE WHEN ISJSON([a]) = 1 THEN 1 ELSE 1 END = 1",
        "CASE WHEN ISJSON([a]) = 1 THEN 1 END = 1",
    ],
)
def test_a_check_that_asks_for_other_than_documents_is_none(sql: str) -> None:
    assert column(sql) is None
