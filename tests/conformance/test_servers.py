"""Servers as they are in the wild: other locales, other settings. None of it changes a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

import migrator
from migrator.errors import ConfigurationError, EnvironmentFailure, MigratorError
from tests.conformance import oracle
from tests.conformance.test_verification import ROWS

VALUES = """
CREATE TABLE w (id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE, k TEXT UNIQUE);
CREATE UNIQUE INDEX w_v ON w (v);
INSERT INTO w VALUES (1, 'a', 'B'), (2, 'B', 'a'), (3, 'Ä', '_'), (4, 'ä', 'é'),
  (5, '', 'e' || char(769)), (6, '한', '-a');
CREATE VIEW busy AS SELECT count(*) AS n, min(ts) AS first FROM t WHERE ts < '2025-01-01';
"""

SETTINGS = (
    "timezone = 'Asia/Seoul'",
    "datestyle = 'SQL, DMY'",
    "intervalstyle = 'sql_standard'",
    "bytea_output = 'escape'",
    "extra_float_digits = -15",
    "search_path = ''",
    "default_transaction_isolation = 'serializable'",
    "client_encoding = 'LATIN1'",
    "standard_conforming_strings = off",
    "lock_timeout = '60s'",
    "check_function_bodies = off",
    "default_toast_compression = 'pglz'",
    "enable_seqscan = off",
    "synchronize_seqscans = on",
    "xmlbinary = 'hex'",
)


def assert_moves(source: str, database: str, work: Path) -> None:
    before = oracle.catalogue(database)
    assert migrator.run([source], database, work=work).verified
    assert migrator.verify(target=database, work=work).verified
    assert len(oracle.query(database, "SELECT * FROM public.w")) == 6
    migrator.rollback(target=database, work=work)
    assert oracle.catalogue(database) == before


@pytest.fixture
def source(sqlite_file: Callable[..., Path]) -> str:
    return str(sqlite_file(ROWS + VALUES))


def test_settings_of_the_database_change_nothing(source: str, database: str, tmp_path: Path) -> None:
    name = make_url(database).database
    assert name is not None
    with oracle.target(database, autocommit=True) as connection:
        for setting in SETTINGS:
            connection.execute(f"ALTER DATABASE {name} SET {setting}".encode())
    assert_moves(source, database, tmp_path)


LOCALES = (
    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
    "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'",
    "LOCALE_PROVIDER icu ICU_LOCALE 'de-u-co-phonebk-kn'",
    "LOCALE 'C.UTF-8'",
)


@pytest.fixture
def localised(request: pytest.FixtureRequest, database: str) -> Iterator[str]:
    """The URL of a database with the locale."""
    name = f"{make_url(database).database}_l"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' ").format(sql.Identifier(name))
    with oracle.target(database, autocommit=True) as connection:
        try:
            connection.execute(create + sql.SQL(request.param))
        except psycopg.Error as error:
            pytest.skip(f"the server does not know this locale: {error}")
        yield make_url(database).set(database=name).render_as_string(hide_password=False)
        connection.execute(drop)


@pytest.mark.parametrize("localised", LOCALES, indirect=True)
def test_locales_change_nothing(source: str, localised: str, tmp_path: Path) -> None:
    assert_moves(source, localised, tmp_path)


def test_a_read_only_database_is_refused(source: str, database: str, tmp_path: Path) -> None:
    before = oracle.catalogue(database)
    with oracle.target(database, autocommit=True) as connection:
        name = make_url(database).database
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    with pytest.raises(EnvironmentFailure, match="read-only"):
        migrator.run([source], database, work=tmp_path)
    assert oracle.catalogue(database)["relations"] == before["relations"]


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_all_text_is_refused(
    encoding: str, source: str, database: str, tmp_path: Path
) -> None:
    name = f"{make_url(database).database}_e"
    url = make_url(database).set(database=name).render_as_string(hide_password=False)
    with oracle.target(database, autocommit=True) as connection:
        options = f"TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'"
        connection.execute(f"CREATE DATABASE {name} {options}".encode())
        try:
            with pytest.raises(MigratorError) as caught:
                migrator.run([source], url, work=tmp_path)
            assert isinstance(caught.value, (EnvironmentFailure, ConfigurationError))
            assert encoding in str(caught.value)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_a_server_that_is_not_there(source: str, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure) as caught:
        migrator.run([source], "postgresql://nobody:pw@127.0.0.1:1/x", work=tmp_path)
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
    counted = "SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+$'"
    assert oracle.query(database, counted) == [(str(MANY),)]
    migrator.rollback(target=database, work=tmp_path)
    assert oracle.query(database, counted) == [("0",)]
