"""What a run makes of the models: all tables, every column, key and default, over a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import URL

from migrator.connections import open_target
from migrator.model.given import Given, GivenTable
from migrator.model.options import ModelOptions
from migrator.model.plan import IndexPlan
from migrator.project import read_given
from tests.models import expected
from tests.models.offline import ROOT


@pytest.fixture(scope="module")
def given(postgresql_server: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    """As read against the server's own database, in which nothing is changed."""
    options = ModelOptions("migrator.models", alembic=ROOT / "alembic.ini")
    with open_target(postgresql_server, tmp_path_factory.mktemp("given")) as server:
        yield read_given(options, server, "public")


def test_there_are_the_fifteen_tables(given: Given) -> None:
    assert sorted(table.name for table in given.tables) == sorted(expected.TABLES)
    assert len(expected.TABLES) == 15


@pytest.mark.parametrize("name", expected.TABLES)
def test_columns_have_the_logical_types_of_the_data(given: Given, name: str) -> None:
    columns = [
        f"{column.name} {column.type}{'' if column.nullable else '!'}" for column in given.table(name).columns
    ]
    assert columns == re.split(r",\s+", expected.TABLES[name].strip())


def _index(index: IndexPlan) -> str:
    parts = ",".join(f"{part.column}{' DESC' if part.descending else ''}" for part in index.parts)
    return f"~{parts}" if index.unique else parts


def _keys(table: GivenTable) -> Iterator[str]:
    assert table.primary_key
    yield ",".join(table.primary_key.columns)
    yield from (f"={','.join(unique.columns)}" for unique in table.uniques)
    yield from map(_index, table.indexes)
    for key in table.foreign_keys:
        yield f"{','.join(key.columns)}>{key.parent}.{','.join(key.parent_columns)} {key.on_delete}"
    yield from (f"?{check.sql}" for check in table.checks)


@pytest.mark.parametrize("name", expected.KEYS)
def test_keys_and_indexes_are_those_of_the_data(given: Given, name: str) -> None:
    primary, *others = _keys(given.table(name))
    assert [primary, *sorted(others)] == [expected.KEYS[name][0], *sorted(expected.KEYS[name][1:])]


@pytest.mark.parametrize("name", expected.TABLES)
def test_the_target_fills_the_columns_with_a_default(given: Given, name: str) -> None:
    columns = given.table(name).columns
    filled = [column.name for column in columns if column.default and not column.identity]
    assert filled == expected.DEFAULTS.get(name, "").split()


@pytest.mark.parametrize("name", expected.TABLES)
def test_numbers_are_given_out_where_the_data_has_identities(given: Given, name: str) -> None:
    numbered = [column.name for column in given.table(name).columns if column.identity]
    first = given.table(name).columns[0]
    assert numbered == ([first.name] if first.type.kind in {"int32", "int64"} else [])


def test_only_password_hashes_are_secret(given: Given) -> None:
    secret = [(table.name, column.name) for table in given.tables for column in table.columns if column.secret]
    assert secret == [("users", "password_hash")]
