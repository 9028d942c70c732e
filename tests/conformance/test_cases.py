"""Every case, end to end on a real PostgreSQL: all values arrive equal, or the run stops before writing.

After a run that succeeded, `rollback` must leave the catalogue as it was. The source's bytes never change.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import URL

import migrator
from migrator.errors import MigratorError, UndecidedError
from tests.conformance import oracle
from tests.conformance.cases import CASES
from tests.conformance.model import Arrived, Build, Case, Probe, Stop

ARRIVING = [case for case in CASES if not case.stops and case.refusal is None]
STOPPING = [case for case in CASES if case.stops]
REFUSED = [case for case in CASES if case.refusal is not None]


class Lasting:
    """One database for many cases, each of which must leave it as it was: made anew when one did not."""

    def __init__(self, server: URL) -> None:
        self.server = server.render_as_string(hide_password=False)
        self.name = f"test_{uuid.uuid4().hex}"
        self.url = server.set(database=self.name).render_as_string(hide_password=False)
        self.create()
        self.pristine = oracle.catalogue(self.url)

    def create(self) -> None:
        self._do(f"CREATE DATABASE {self.name} TEMPLATE template0 ENCODING 'UTF8'")
        self._do(f"ALTER DATABASE {self.name} SET synchronous_commit = off")  # three times as fast

    def drop(self) -> None:
        self._do(f"DROP DATABASE {self.name} WITH (FORCE)")

    def restored(self) -> str:
        """Its URL, when it is as it was at first."""
        if oracle.catalogue(self.url) != self.pristine:
            self.drop()
            self.create()
        return self.url

    def _do(self, statement: str) -> None:
        with oracle.target(self.server, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="module")
def lasting(postgresql_server: URL) -> Iterator[Lasting]:
    made = Lasting(postgresql_server)
    yield made
    made.drop()


@pytest.fixture
def database(lasting: Lasting) -> str:
    return lasting.restored()


def named(case: Case) -> str:
    return case.id


def test_case_names_are_unique() -> None:
    assert len({case.id for case in CASES}) == len(CASES)


def build(path: Path, how: Build) -> None:
    with closing(sqlite3.connect(path)) as connection:
        if isinstance(how, str):
            connection.executescript(how)
        else:
            how(connection)
        connection.commit()
        if path.stat().st_size == 0:
            connection.execute("VACUUM")


@pytest.fixture
def sources(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    case: Case = request.getfixturevalue("case")
    for name, how in case.sources:
        build(tmp_path / name, how)
    return [str(tmp_path / name) for name, _ in case.sources]


def found(findings: tuple[Any, ...]) -> list[str]:
    return sorted(f"{each.code} {each.table}{f'.{each.column}' if each.column else ''}" for each in findings)


@pytest.mark.parametrize("case", ARRIVING, ids=named)
def test_every_value_arrives_equal_and_rollback_restores(
    case: Case, sources: list[str], database: str, tmp_path: Path
) -> None:
    names = [name for name, _ in case.sources]
    catalogue, hashes = oracle.catalogue(database), oracle.file_hashes(tmp_path, *names)
    result = migrator.run(sources, database, options=case.options, work=tmp_path / "work")
    assert found(result.findings) == sorted(case.findings), case.why
    assert result.status == "succeeded" and result.verified
    for expected in case.tables:
        assert_arrived(database, expected, case.why)
    assert_absent(database, case.absent)
    assert_set_aside(database, case, result.tables)
    for probe in case.probes:
        assert_probe(database, probe)
    assert oracle.file_hashes(tmp_path, *names) == hashes
    migrator.rollback(target=database, work=tmp_path / "work")
    assert oracle.catalogue(database) == catalogue
    assert oracle.file_hashes(tmp_path, *names) == hashes


def assert_arrived(database: str, expected: Arrived, why: str) -> None:
    assert oracle.table_types(database, expected.schema, expected.name) == expected.columns, why
    arrived = oracle.table_rows(database, expected.schema, expected.name)
    assert arrived == sorted(expected.rows, key=repr), why


def assert_absent(database: str, names: tuple[str, ...]) -> None:
    there = {name for (name,) in oracle.query(database, "SELECT relname FROM pg_class")}
    assert not there & set(names)


def assert_set_aside(database: str, case: Case, tables: tuple[Any, ...]) -> None:
    said = {(each.source, each.quarantined, each.skipped) for each in tables if each.quarantined or each.skipped}
    assert said == set(case.aside)
    if case.quarantined:
        statement = 'SELECT source_table, source_key, "row" FROM migrator_quarantine'
        assert sorted(oracle.query(database, statement)) == sorted(case.quarantined)


def assert_probe(database: str, probe: Probe) -> None:
    with oracle.target(database) as connection:
        if probe.refused is None:
            rows = oracle.texts(connection, probe.sql)
            assert probe.rows is None or rows == list(probe.rows), probe.sql
        else:
            with pytest.raises(psycopg.Error) as caught:
                oracle.texts(connection, probe.sql)
            assert caught.value.sqlstate == probe.refused, probe.sql
        connection.rollback()


@pytest.mark.parametrize("case", STOPPING, ids=named)
def test_what_cannot_arrive_stops_before_anything_is_written(
    case: Case, sources: list[str], database: str, tmp_path: Path
) -> None:
    names = [name for name, _ in case.sources]
    catalogue, hashes = oracle.catalogue(database), oracle.file_hashes(tmp_path, *names)
    with pytest.raises(UndecidedError) as caught:
        migrator.run(sources, database, options=case.options, work=tmp_path / "work")
    decisions = {
        Stop(each.code, each.table, each.column, each.count, tuple(r.value for r in each.resolutions))
        for each in caught.value.plan.open_decisions
    }
    assert decisions == set(case.stops), case.why
    for stop in case.stops:
        assert stop.table in caught.value.where
    assert oracle.catalogue(database) == catalogue
    assert oracle.file_hashes(tmp_path, *names) == hashes


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_contradictions_are_refused_before_anything_is_written(
    case: Case, sources: list[str], database: str, tmp_path: Path
) -> None:
    catalogue = oracle.catalogue(database)
    assert case.refusal is not None
    with pytest.raises(MigratorError) as caught:
        migrator.run(sources, database, options=case.options, work=tmp_path / "work")
    assert (type(caught.value).__name__, case.refusal[1] in str(caught.value)) == (case.refusal[0], True)
    assert oracle.catalogue(database) == catalogue
