"""The type table, what each spelling means, and what of it goes into an index."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import mssql

from migrator.model.types import Kind, LogicalType
from migrator.targets import Untranslatable
from migrator.targets.mssql import DIALECT
from migrator.targets.mssql.types import BOUNDED, TYPES, fact, key_octets, logical, stored

PLAIN = mssql.dialect(deprecate_large_types=True)  # type: ignore[no-untyped-call]

SPELLINGS = [
    ("bool", "bit", "BIT", 1),
    ("int16", "smallint", "SMALLINT", 2),
    ("int32", "int", "INTEGER", 4),
    ("int64", "bigint", "BIGINT", 8),
    ("float64", "float(53)", "FLOAT(53)", 8),
    ("decimal(1,0)", "decimal(1,0)", "DECIMAL(1, 0)", 5),
    ("decimal(9,9)", "decimal(9,9)", "DECIMAL(9, 9)", 5),
    ("decimal(10,0)", "decimal(10,0)", "DECIMAL(10, 0)", 9),
    ("decimal(19,4)", "decimal(19,4)", "DECIMAL(19, 4)", 9),
    ("decimal(20,4)", "decimal(20,4)", "DECIMAL(20, 4)", 13),
    ("decimal(28,4)", "decimal(28,4)", "DECIMAL(28, 4)", 13),
    ("decimal(38,38)", "decimal(38,38)", "DECIMAL(38, 38)", 17),
    ("text", "nvarchar(max)", "NVARCHAR(max)", None),
    ("text(1)", "nvarchar(1)", "NVARCHAR(1)", 2),
    ("text(4000)", "nvarchar(4000)", "NVARCHAR(4000)", 8000),
    ("binary", "varbinary(max)", "VARBINARY(max)", None),
    ("binary(8000)", "varbinary(8000)", "VARBINARY(8000)", 8000),
    ("date", "date", "DATE", 3),
    ("time", "time(7)", "TIME(7)", 5),
    ("timestamp", "datetime2(7)", "DATETIME2(7)", 8),
    ("timestamptz", "datetimeoffset(7)", "DATETIMEOFFSET(7)", 10),
    ("uuid", "uniqueidentifier", "UNIQUEIDENTIFIER", 16),
    ("json", "nvarchar(max)", "NVARCHAR(max)", None),
    ("json_text", "nvarchar(max)", "NVARCHAR(max)", None),
]


@pytest.mark.parametrize(("name", "spelling", "ddl", "octets"), SPELLINGS)
def test_each_type_has_one_name_one_ddl_and_a_size_in_keys(
    name: str, spelling: str, ddl: str, octets: int | None
) -> None:
    type = LogicalType.parse(name)
    assert DIALECT.type_name(type) == spelling
    assert fact(type).build(type).compile(dialect=PLAIN) == ddl
    assert key_octets(type) == octets


def test_every_kind_has_a_type() -> None:
    assert set(TYPES) == set(Kind)
    assert {fact(LogicalType.parse(name)) for name, *_ in SPELLINGS} == {*TYPES.values(), *BOUNDED.values()}


@pytest.mark.parametrize("name", [name for name, *_ in SPELLINGS if not name.startswith("json")])
def test_a_spelling_means_the_type_it_was_made_of(name: str) -> None:
    type = LogicalType.parse(name)
    assert logical(fact(type).spelling(type)) == type
    assert logical(fact(type).build(type).compile(dialect=PLAIN)) == type


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("int", "int32"),
        (" Integer ", "int32"),
        ("double precision", "float64"),
        ("float", "float64"),
        ("numeric(10)", "decimal(10,0)"),
        ("NUMERIC(10, 2)", "decimal(10,2)"),
        ("time", "time"),
        ("time(6)", "time"),
        ("datetime2", "timestamp"),
        ("datetime2(6)", "timestamp"),
        ("DATETIMEOFFSET(6)", "timestamptz"),
        ("nvarchar(20) COLLATE Latin1_General_100_BIN2", "text(20)"),
        ("NVARCHAR(max) COLLATE Korean_100_CS_AS", "text"),
        ("json", "json_text"),
    ],
)
def test_other_spellings_mean_the_same(spelling: str, name: str) -> None:
    assert str(DIALECT.logical_type(spelling)) == name


CODE_PAGE = "It holds the characters of one code page only; write NVARCHAR (sqlalchemy.Unicode)."
ROUNDED = "It rounds times to less than microseconds; write DATETIME2, TIME or DATETIMEOFFSET."
NONE = "No logical type corresponds to it exactly."


@pytest.mark.parametrize(
    ("spelling", "words"),
    [
        ("varchar(20)", CODE_PAGE),
        ("VARCHAR(max)", CODE_PAGE),
        ("char(3)", CODE_PAGE),
        ("text", CODE_PAGE),
        ("varchar(20) COLLATE Latin1_General_100_CI_AI_SC_UTF8", CODE_PAGE),
        ("datetime", ROUNDED),
        ("smalldatetime", ROUNDED),
        ("datetime2(5)", ROUNDED),
        ("time(0)", ROUNDED),
        ("datetimeoffset(3)", ROUNDED),
        ("money", NONE),
        ("smallmoney", NONE),
        ("tinyint", NONE),
        ("real", NONE),
        ("float(24)", NONE),
        ("nchar(5)", NONE),
        ("binary(5)", NONE),
        ("ntext", NONE),
        ("image", NONE),
        ("xml", NONE),
        ("rowversion", NONE),
        ("sql_variant", NONE),
        ("geography", NONE),
        ("datetime2(8)", NONE),
        ("", NONE),
    ],
)
def test_types_that_would_change_values_are_refused_with_what_to_write(spelling: str, words: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        logical(spelling)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("json", "json_text"),
        ("json_text", "json_text"),
        ("text(0)", "text"),
        ("text(1)", "text(1)"),
        ("text(4000)", "text(4000)"),
        ("text(4001)", "text"),
        ("binary(0)", "binary"),
        ("binary(8000)", "binary(8000)"),
        ("binary(8001)", "binary"),
        ("decimal(38,0)", "decimal(38,0)"),
        ("timestamptz", "timestamptz"),
    ],
)
def test_what_is_stored_is_the_type_itself_but_for_documents_and_impossible_lengths(
    given: str, expected: str
) -> None:
    assert str(stored(LogicalType.parse(given))) == expected
