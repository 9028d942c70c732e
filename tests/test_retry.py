"""A server that says no just now is asked again, and nothing is done twice because of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

import migrator
from migrator.errors import (
    ConnectionFailure,
    ConnectionLost,
    DataError,
    EnvironmentFailure,
    MigratorError,
    RunFailedError,
    TransientFailure,
)
from migrator.execution import PAUSES, Execution
from migrator.model.plan import Phase, Step, TablePlan
from migrator.model.result import RunResult, Status
from migrator.report.progress import Silent
from migrator.sources import Chunk
from migrator.sources.sqlite.source import SqliteSource
from migrator.targets.common.verbatim import execute
from migrator.targets.postgresql import bulk
from migrator.targets.postgresql.failures import explain
from migrator.targets.postgresql.server import PostgreSQLServer

ROWS, AT_ONCE = 10, 4
SCRIPT = f"""
    CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE move (id INTEGER PRIMARY KEY, item INTEGER REFERENCES item (id));
    CREATE INDEX by_item ON move (item);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
    INSERT INTO item SELECT i, 'item ' || i FROM n;
    INSERT INTO move SELECT id, id FROM item;
    CREATE VIEW both AS SELECT move.id, name FROM move JOIN item ON item.id = move.item;
"""
BUSY = "Another session has what the run needs."


def busy() -> TransientFailure:
    return TransientFailure(BUSY, where="here", hint="Try again.")


@pytest.fixture
def source(sqlite_file: Callable[..., Path]) -> str:
    return str(sqlite_file(SCRIPT))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses, as many as ever; chunks of a few rows."""
    monkeypatch.setattr("migrator.execution.PAUSES", (0.001,) * len(PAUSES))
    whole = SqliteSource.chunks

    def small(self: SqliteSource, table: TablePlan, **rest: Any) -> Iterator[Chunk]:
        return whole(self, table, **{**rest, "max_rows": AT_ONCE})

    monkeypatch.setattr(SqliteSource, "chunks", small)


class Notes(Silent):
    """What the user is told meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def query(database: str, sql: str) -> list[Any]:
    url = make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        return connection.execute(sql.encode()).fetchall()


def assert_everything_arrived_once(database: str, result: RunResult) -> None:
    assert result.status is Status.SUCCEEDED
    assert result.verified
    assert [table.rows for table in result.tables] == [ROWS, ROWS]
    assert query(database, "SELECT count(*), count(DISTINCT id) FROM item") == [(ROWS, ROWS)]
    assert query(database, 'SELECT count(*) FROM "both"') == [(ROWS,)]
    assert query(database, "SELECT sum(rows) FROM migrator.chunk") == [(2 * ROWS,)]
    assert query(database, "SELECT DISTINCT state FROM migrator.step") == [("done",)]


Load = Callable[[PostgreSQLServer, Connection, TablePlan, pa.RecordBatch], int]


class Loads:
    """Ways to load that fail at first; `calls` counts the batches by their first value."""

    def __init__(self, failures: int, after: Callable[[Connection], None] = lambda _: None) -> None:
        self.left = failures
        self.calls: Counter[int] = Counter()
        self._after = after

    def inside(
        self, server: PostgreSQLServer, connection: Connection, table: TablePlan, batch: pa.RecordBatch
    ) -> int:
        """In the run's transaction, which fails with the load; of the second chunk on."""
        first = int(batch.column(0)[0].as_py())
        self.calls[first] += 1
        loaded = bulk.load(connection, table, batch)
        if first > 1 and self.left:
            self.left -= 1
            self._after(connection)
            raise busy()
        return loaded

    def apart(
        self, server: PostgreSQLServer, connection: Connection, table: TablePlan, batch: pa.RecordBatch
    ) -> int:
        """By a connection of its own, committed before the answer is lost."""
        first = int(batch.column(0)[0].as_py())
        self.calls[first] += 1
        with server.engine.begin() as own:
            loaded = bulk.load(own, table, batch)
            if first > 1 and self.left:
                self._after(own)
        if first > 1 and self.left:
            self.left -= 1
            raise ConnectionLost("The connection to the server was lost.", where="here", hint="Try again.")
        return loaded


def loading(monkeypatch: pytest.MonkeyPatch, load: Load, *, apart: bool = False) -> None:
    def method(self: PostgreSQLServer, connection: Connection, table: TablePlan, batch: pa.RecordBatch) -> int:
        return load(self, connection, table, batch)

    monkeypatch.setattr(PostgreSQLServer, "load", method)
    monkeypatch.setattr(PostgreSQLServer, "may_load_apart", apart)


def losing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a connection that broke for one that may be had again, as on servers that move."""

    def lost(error: BaseException, where: str) -> MigratorError:
        found = explain(error, where)
        transient = isinstance(found, ConnectionFailure)
        return ConnectionLost(found.what, where=found.where, hint=found.hint) if transient else found

    monkeypatch.setattr("migrator.targets.postgresql.server.explain", lost)


# Loads


def test_pauses_grow_to_what_a_busy_service_asks_for() -> None:
    assert list(PAUSES) == sorted(PAUSES)
    assert sum(PAUSES) >= 60


@pytest.mark.parametrize("failures", [1, len(PAUSES)])
def test_a_load_that_fails_at_first_ends_with_every_row_once(
    source: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    loads, told = Loads(failures), Notes()
    loading(monkeypatch, loads.inside)
    result = migrator.run([source], database, work=tmp_path, progress=told)
    assert_everything_arrived_once(database, result)
    assert told.notes == [f"{BUSY} Trying again in 0.001 s."] * failures
    # The first chunk of both tables was committed before, and is not read again.
    assert loads.calls == {1: 2, 1 + AT_ONCE: 2 + failures, 1 + 2 * AT_ONCE: 2}


def test_a_transaction_that_the_server_ended_is_begun_anew(
    source: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(connection: Connection) -> None:
        backend = execute(connection, "SELECT pg_backend_pid()").scalar_one()
        query(database, f"SELECT pg_terminate_backend({backend}, 5000)")

    losing(monkeypatch)
    loading(monkeypatch, Loads(1, end).inside)
    assert_everything_arrived_once(database, migrator.run([source], database, work=tmp_path))


def test_a_run_whose_lock_broke_takes_it_again(
    source: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []

    def end_all(_: Connection) -> None:
        others = "SELECT pid, pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        query(database, f"{others} WHERE datname = current_database() AND pid <> pg_backend_pid()")

    def counted(
        self: PostgreSQLServer, connection: Connection, name: str, lock: Any = PostgreSQLServer.try_lock
    ) -> bool:
        taken = bool(lock(self, connection, name))
        held.append(taken)
        return taken

    monkeypatch.setattr(PostgreSQLServer, "try_lock", counted)
    losing(monkeypatch)
    loading(monkeypatch, Loads(1, end_all).inside)
    assert_everything_arrived_once(database, migrator.run([source], database, work=tmp_path))
    assert held.count(True) == 2


def test_when_no_attempt_helps_the_target_is_as_it_was(
    source: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = Loads(len(PAUSES) + 1)
    loading(monkeypatch, loads.inside)
    with pytest.raises(RunFailedError) as caught:
        migrator.run([source], database, work=tmp_path)
    assert isinstance(caught.value.cause, TransientFailure)
    assert caught.value.what == BUSY
    assert caught.value.result.status is Status.ROLLED_BACK
    assert loads.calls == {1: 1, 1 + AT_ONCE: len(PAUSES) + 1}
    assert query(database, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []


@pytest.mark.parametrize("failure", [DataError("No."), EnvironmentFailure("No room.")])
def test_what_is_not_transient_is_not_tried_again(
    source: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: MigratorError
) -> None:
    calls: list[str] = []

    def refuse(_: PostgreSQLServer, __: Connection, table: TablePlan, ___: pa.RecordBatch) -> int:
        calls.append(table.name)
        raise failure

    loading(monkeypatch, refuse)
    with pytest.raises(RunFailedError) as caught:
        migrator.run([source], database, work=tmp_path)
    assert caught.value.cause is failure
    assert calls == ["public.item"]


# Steps


def doing(monkeypatch: pytest.MonkeyPatch, phase: Phase, *, commits: bool) -> Counter[str]:
    """Let the first attempt of each step of a phase fail, before its commit or after; how often each is done."""
    done: Counter[str] = Counter()
    whole = Execution._do

    def do(self: Execution, step: Step) -> None:
        if step.phase is not phase:
            whole(self, step)
            return
        done[step.object] += 1
        if done[step.object] > 1:
            whole(self, step)
            return
        if commits:
            whole(self, step)
        raise busy()

    monkeypatch.setattr(Execution, "_do", do)
    return done


@pytest.mark.parametrize(
    "phase", [Phase.TABLES, Phase.DATA, Phase.KEYS, Phase.INDEXES, Phase.FOREIGN_KEYS, Phase.VIEWS]
)
@pytest.mark.parametrize("commits", [True, False], ids=["its answer is lost", "it is not done"])
def test_a_step_that_fails_at_first_is_done_once(
    source: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: Phase, commits: bool
) -> None:
    done = doing(monkeypatch, phase, commits=commits)
    result = migrator.run([source], database, work=tmp_path)
    assert_everything_arrived_once(database, result)
    again = dict(query(database, f"SELECT object, count(*) FROM migrator.step WHERE phase = '{phase}' GROUP BY 1"))
    assert again and set(again.values()) == {1}
    assert all(done[name] == (1 if commits else 2) for name in again)


# Servers that commit a batch by themselves


def test_a_chunk_that_landed_before_its_answer_was_lost_is_not_loaded_again(
    source: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = Loads(2)
    loading(monkeypatch, loads.apart, apart=True)
    assert_everything_arrived_once(database, migrator.run([source], database, work=tmp_path))
    # Of `item` both later chunks landed, were counted and went into the journal without a second load.
    assert loads.calls == {1: 2, 1 + AT_ONCE: 2, 1 + 2 * AT_ONCE: 2}


def test_rows_of_somebody_else_are_refused(
    source: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meddle(connection: Connection) -> None:
        execute(connection, "INSERT INTO item VALUES (999, 'theirs'), (1000, 'theirs too')")

    loading(monkeypatch, Loads(1, meddle).apart, apart=True)
    with pytest.raises(RunFailedError) as caught:
        migrator.run([source], database, work=tmp_path)
    assert isinstance(caught.value.cause, DataError)
    assert caught.value.what == f"The table holds {AT_ONCE + 2} rows more than the run has written."
    assert caught.value.where == "public.item"
    assert "migrator rollback" in caught.value.hint
    assert caught.value.result.status is Status.ROLLED_BACK


# Statistics


@pytest.mark.parametrize("reason", ["data", "busy"])
def test_statistics_that_fail_take_nothing_back(
    source: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    whole = Execution._do

    def do(self: Execution, step: Step) -> None:
        if step.phase is Phase.STATISTICS and step.object == "public.item":
            if reason == "busy":
                raise busy()
            step = replace(step, do=("ANALYZE public.no_such_table",))
        whole(self, step)

    monkeypatch.setattr(Execution, "_do", do)
    result = migrator.run([source], database, work=tmp_path)
    assert result.status is Status.SUCCEEDED and result.verified
    (found,) = (each for each in result.findings if each.code == "statistics-missing")
    assert found.table == "public.item"
    words = BUSY if reason == "busy" else "no_such_table"
    assert words in found.message and 'To do: ANALYZE "public"."item"' in found.message
    states = dict(query(database, "SELECT object, state FROM migrator.step WHERE phase = 'statistics'"))
    assert states["public.move"] == "done" and states.get("public.item") != "done"
