"""Servers as they are in the wild: other locales, other settings. None of it changes a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

import migrator
from migrator.errors import ConfigurationError, EnvironmentFailure, MigratorError
from tests.conformance import oracle
from tests.conformance.lasting import Lasting
from tests.conformance.model import ALTER_DATABASE
from tests.conformance.servers import Target
from tests.conformance.test_verification import ROWS

VALUES = """
CREATE TABLE w (id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE, k TEXT UNIQUE);
CREATE UNIQUE INDEX w_v ON w (v);
INSERT INTO w VALUES (1, 'a', 'B'), (2, 'B', 'a'), (3, 'Ä', '_'), (4, 'ä', 'é'),
  (5, '', 'e' || char(769)), (6, '한', '-a');
CREATE VIEW busy AS SELECT count(*) AS n, min(ts) AS first FROM t WHERE ts < '2025-01-01';
"""


def assert_moves(target: Target, source: str, database: str, work: Path) -> None:
    before = oracle.catalogue(database)
    assert migrator.run([source], database, work=work).verified
    assert migrator.verify(target=database, work=work).verified
    assert len(oracle.table_rows(database, target.schema, "w")) == 6
    migrator.rollback(target=database, work=work)
    assert oracle.catalogue(database) == before


@pytest.fixture
def source(sqlite_file: Callable[..., Path]) -> str:
    return str(sqlite_file(ROWS + VALUES))


@contextmanager
def made(target: Target, lasting: Lasting, options: str) -> Iterator[str]:
    """The URL of a database created with the options."""
    name = f"{lasting.name}_o"
    try:
        target.create(lasting.server, name, options)
    except oracle.REFUSALS as error:
        pytest.skip(f"this server creates no database with {options}: {error}")
    yield target.url(lasting.server, name)
    target.drop(lasting.server, name)


@pytest.mark.needs(ALTER_DATABASE)
def test_settings_of_the_database_change_nothing(
    target: Target, lasting: Lasting, source: str, tmp_path: Path
) -> None:
    with made(target, lasting, "") as database:
        for setting in target.settings:
            oracle.do(lasting.server, f"ALTER DATABASE {make_url(database).database} {setting}")
        assert_moves(target, source, database, tmp_path)


@pytest.mark.by_target(("locale",), lambda target: {each: (each,) for each in target.locales})
def test_locales_change_nothing(
    locale: str, target: Target, lasting: Lasting, source: str, tmp_path: Path
) -> None:
    with made(target, lasting, locale) as database:
        assert_moves(target, source, database, tmp_path)


@pytest.mark.needs(ALTER_DATABASE)
def test_a_read_only_database_is_refused(target: Target, lasting: Lasting, source: str, tmp_path: Path) -> None:
    with made(target, lasting, "") as database:
        before = oracle.catalogue(database)
        oracle.do(lasting.server, target.sql["read only"].format(database=make_url(database).database))
        with pytest.raises(EnvironmentFailure, match=target.words["read only"]):
            migrator.run([source], database, work=tmp_path)
        assert oracle.catalogue(database)["relations"] == before["relations"]


@pytest.mark.by_target(("options",), lambda target: {each: (each,) for each in target.too_narrow})
def test_a_database_that_cannot_hold_all_text_is_refused(
    options: str, target: Target, lasting: Lasting, source: str, tmp_path: Path
) -> None:
    with made(target, lasting, options) as database:
        with pytest.raises(MigratorError) as caught:
            migrator.run([source], database, work=tmp_path)
        assert isinstance(caught.value, (EnvironmentFailure, ConfigurationError))
        assert options.split("'")[1] in str(caught.value)


def test_a_server_that_is_not_there(target: Target, source: str, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure) as caught:
        migrator.run([source], target.words["nowhere"], work=tmp_path)
    assert "127.0.0.1" in str(caught.value) and "pw" not in str(caught.value).split("@")[0]


MANY = 120
"""Tables enough to see what grows with the square of their number: 1,000 take half a minute."""


def test_many_tables(sqlite_file: Callable[..., Path], database: str, tmp_path: Path) -> None:
    script = "".join(
        f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t{n} VALUES ({n}, 'x');"
        for n in range(MANY)
    )
    result = migrator.run([str(sqlite_file(script))], database, work=tmp_path)
    assert len(result.tables) == result.rows == MANY and result.verified
    tables = {f"t{n}" for n in range(MANY)}
    assert tables <= oracle.names(database)
    migrator.rollback(target=database, work=tmp_path)
    assert not tables & oracle.names(database)
