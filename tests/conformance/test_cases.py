"""Every case, end to end on a real server: all values arrive equal, or the run stops before writing.

After a run that succeeded, `rollback` must leave the catalogue as it was. The source's bytes never change.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import migrator
from migrator.errors import MigratorError, UndecidedError
from tests.conformance import oracle
from tests.conformance.cases import CASES
from tests.conformance.lasting import Lasting
from tests.conformance.model import Arrived, Build, Case, Look, Probe, Stop
from tests.conformance.servers import Target


def arriving(case: Case) -> bool:
    return not case.stops and case.refusal is None


def stopping(case: Case) -> bool:
    return bool(case.stops)


def refused(case: Case) -> bool:
    return case.refusal is not None


def cases(kind: Callable[[Case], bool]) -> pytest.MarkDecorator:
    """The cases of a kind, as they are on each target."""

    def table(target: Target) -> dict[str, tuple[Case]]:
        found = [case.on(target.family) for case in CASES if target.family in (case.only or (target.family,))]
        return {case.id: (case,) for case in found if kind(case)}

    return pytest.mark.by_target(("case",), table)


@pytest.fixture
def database(lasting: Lasting, case: Case) -> str:
    lasting.require(*case.needs)
    return lasting.restored()


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
def sources(case: Case, tmp_path: Path) -> list[str]:
    for name, how in case.sources:
        build(tmp_path / name, how)
    return [str(tmp_path / name) for name, _ in case.sources]


def found(findings: tuple[Any, ...]) -> list[str]:
    return sorted(f"{each.code} {each.table}{f'.{each.column}' if each.column else ''}" for each in findings)


@cases(arriving)
def test_every_value_arrives_equal_and_rollback_restores(
    target: Target, case: Case, sources: list[str], database: str, lasting: Lasting, tmp_path: Path
) -> None:
    names = [name for name, _ in case.sources]
    catalogue, hashes = oracle.catalogue(database), oracle.file_hashes(tmp_path, *names)
    result = migrator.run(sources, database, options=case.options, work=tmp_path / "work")
    assert found(result.findings) == sorted(case.findings), case.why
    assert result.status == "succeeded" and result.verified
    for expected in case.tables:
        assert_arrived(target, database, expected, case)
    assert not oracle.names(database) & set(case.absent)
    assert_set_aside(database, case, result.tables)
    probes = [meant for probe in case.probes if not isinstance(meant := on(target, probe), str)]
    lacking = {name for probe in probes for name in lasting.lacks(*probe.needs)}
    for probe in probes:
        if not lacking & set(probe.needs):
            assert_probe(database, probe)
    assert oracle.file_hashes(tmp_path, *names) == hashes
    migrator.rollback(target=database, work=tmp_path / "work")
    assert oracle.catalogue(database) == catalogue
    assert oracle.file_hashes(tmp_path, *names) == hashes
    if lacking:
        pytest.skip(f"all but one probe passed: this server has no {', no '.join(sorted(lacking))}")


def on(target: Target, probe: Probe | Look) -> Probe | Look | str:
    """The probe as it is on the target, or why there is none."""
    return {"mssql": probe.mssql}.get(target.family) or probe


def assert_arrived(target: Target, database: str, expected: Arrived, case: Case) -> None:
    schema = expected.schema or target.schema
    target.assert_types(database, expected, schema, case.types)
    assert oracle.table_rows(database, schema, expected.name) == sorted(expected.rows, key=repr), case.why


def assert_set_aside(database: str, case: Case, tables: tuple[Any, ...]) -> None:
    said = {(each.source, each.quarantined, each.skipped) for each in tables if each.quarantined or each.skipped}
    assert said == set(case.aside)
    if case.quarantined:
        statement = 'SELECT source_table, source_key, "row" FROM migrator_quarantine'
        assert sorted(oracle.query(database, statement)) == sorted(case.quarantined)


def assert_probe(database: str, probe: Probe | Look) -> None:
    if isinstance(probe, Look):
        assert oracle.look(database, probe.what, *probe.arguments) == list(probe.rows), probe.what
        return
    found = oracle.attempt(database, probe.sql)
    if probe.refused is not None:
        assert isinstance(found, str) and found.startswith(probe.refused), probe.sql
    else:
        assert not isinstance(found, str), probe.sql
        assert probe.rows is None or found == list(probe.rows), probe.sql


@cases(stopping)
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


@cases(refused)
def test_contradictions_are_refused_before_anything_is_written(
    case: Case, sources: list[str], database: str, tmp_path: Path
) -> None:
    catalogue = oracle.catalogue(database)
    assert case.refusal is not None
    with pytest.raises(MigratorError) as caught:
        migrator.run(sources, database, options=case.options, work=tmp_path / "work")
    assert (type(caught.value).__name__, case.refusal[1] in str(caught.value)) == (case.refusal[0], True)
    assert oracle.catalogue(database) == catalogue
