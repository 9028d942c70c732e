"""The journal: what a run does, written in the target database before it is done, with how to undo it.

It lives in the schema `migrator`. A step is recorded as started before it acts; that it is done commits in
the same transaction as the act itself. A chunk's rows and its journal entry commit together. So after a kill
at any instant the journal says exactly what is there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from migrator.errors import JournalError
from migrator.model.plan import JOURNAL_SCHEMA, Step
from migrator.model.result import Status
from migrator.sources import Position

_METADATA = sa.MetaData(schema=JOURNAL_SCHEMA)
# Text is Unicode by name: elsewhere some databases keep the characters of one code page only.

_RUN = sa.Table(
    "run",
    _METADATA,
    sa.Column("run_id", sa.Unicode(40), primary_key=True),
    sa.Column("status", sa.Unicode(20), nullable=False),
    sa.Column("started", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished", sa.DateTime(timezone=True)),
    sa.Column("tool", sa.Unicode(100), nullable=False),
    sa.Column("plan", sa.UnicodeText, nullable=False, comment="the whole plan, as JSON"),
    sa.Column("snapshots", sa.UnicodeText, nullable=False, comment="where the source snapshots lie, as JSON"),
    sa.Column("digests", sa.UnicodeText, comment="digest of each target table when the run finished, as JSON"),
    sa.Column("error", sa.UnicodeText),
)
_STEP = sa.Table(
    "step",
    _METADATA,
    sa.Column("run_id", sa.Unicode(40), primary_key=True),
    sa.Column("step_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("phase", sa.Unicode(20), nullable=False),
    sa.Column("object", sa.UnicodeText, nullable=False),
    sa.Column("undo", sa.UnicodeText, nullable=False, comment="statements that undo it, as JSON"),
    sa.Column("state", sa.Unicode(10), nullable=False),
    sa.Column("started", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished", sa.DateTime(timezone=True)),
)
_CHUNK = sa.Table(
    "chunk",
    _METADATA,
    sa.Column("run_id", sa.Unicode(40), primary_key=True),
    sa.Column("step_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("rows", sa.BigInteger, nullable=False, comment="rows written to the table"),
    sa.Column("read", sa.BigInteger, nullable=False, comment="rows read from the source"),
    sa.Column("quarantined", sa.BigInteger, nullable=False),
    sa.Column("skipped", sa.BigInteger, nullable=False),
    sa.Column("altered", sa.BigInteger, nullable=False),
    sa.Column("position", sa.UnicodeText, nullable=False, comment="where reading continues, as JSON"),
    sa.Column("written", sa.DateTime(timezone=True), nullable=False),
)

STARTED, DONE, UNDONE = "started", "done", "undone"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where a source's private copy lies."""

    name: str
    given: str
    original: str
    path: str


@dataclass(frozen=True, slots=True)
class JournalRun:
    """A run as the journal knows it. `digests` is keyed by `schema.table`."""

    run_id: str
    status: Status
    started: datetime
    finished: datetime | None
    plan: str
    snapshots: tuple[Snapshot, ...]
    digests: dict[str, str]
    error: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """How far a table's data step came. All counts are sums over its chunks."""

    chunks: int = 0
    rows: int = 0
    read: int = 0
    quarantined: int = 0
    skipped: int = 0
    altered: int = 0
    position: Position | None = None


class Journal:
    """The journal of one target."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def exists(self) -> bool:
        """Whether the target has a journal."""
        return sa.inspect(self._engine).has_table("run", schema=JOURNAL_SCHEMA)

    def create(self) -> None:
        """Create schema and tables as far as they are missing."""
        with self._engine.begin() as connection:
            if not sa.inspect(connection).has_schema(JOURNAL_SCHEMA):
                connection.execute(sa.schema.CreateSchema(JOURNAL_SCHEMA))
            _METADATA.create_all(connection)

    def remove(self) -> None:
        """Drop the journal, provided that no run is left to take back, and its schema if nothing else is in
        it: the target is then as it was before the first run."""
        if not self.exists() or any(run.status is not Status.ROLLED_BACK for run in self.runs()):
            return
        with self._engine.begin() as connection:
            version = sa.Table("alembic_version", sa.MetaData(schema=JOURNAL_SCHEMA))
            version.drop(connection, checkfirst=True)
            _METADATA.drop_all(connection)
            left = sa.inspect(connection)
            if not left.get_table_names(JOURNAL_SCHEMA) and not left.get_view_names(JOURNAL_SCHEMA):
                connection.execute(sa.schema.DropSchema(JOURNAL_SCHEMA))

    # Runs

    def add_run(self, run_id: str, tool: str, plan: str, snapshots: Sequence[Snapshot]) -> None:
        """Record a run before it does anything."""
        placed = json.dumps([[s.name, s.given, s.original, s.path] for s in snapshots])
        with self._engine.begin() as connection:
            connection.execute(
                _RUN.insert().values(
                    run_id=run_id,
                    status=Status.RUNNING.value,
                    started=_now(),
                    tool=tool,
                    plan=plan,
                    snapshots=placed,
                )
            )

    def runs(self) -> tuple[JournalRun, ...]:
        """Every run, oldest first; none when there is no journal."""
        if not self.exists():
            return ()
        with self._engine.connect() as connection:
            rows = connection.execute(_RUN.select().order_by(_RUN.c.started, _RUN.c.run_id)).mappings()
            return tuple(_run(row) for row in rows)

    def run(self, run_id: str | None, among: Sequence[Status]) -> JournalRun:
        """The run of that id, or without one the newest whose status is `among` those given.

        Raises:
            JournalError: There is no such run.
        """
        runs = self.runs()
        for run in reversed(runs):
            if run.run_id == run_id or (run_id is None and run.status in among):
                return run
        known = ", ".join(f"{run.run_id} ({run.status})" for run in runs) or "none"
        raise JournalError(
            f"The target's journal has no run {run_id!r}."
            if run_id
            else "The journal has no run to do this with.",
            where=f"runs in the journal: {known}",
            hint="`migrator status` lists the runs. Is it the right target?",
        )

    def set_status(
        self, run_id: str, status: Status, *, error: str | None = None, digests: dict[str, str] | None = None
    ) -> None:
        """Record where a run stands."""
        values: dict[str, Any] = {"status": status.value, "error": error}
        if status is not Status.RUNNING:
            values["finished"] = _now()
        if digests is not None:
            values["digests"] = json.dumps(digests)
        with self._engine.begin() as connection:
            connection.execute(_RUN.update().where(_RUN.c.run_id == run_id).values(values))

    # Steps

    def start_step(self, run_id: str, step: Step) -> None:
        """Record a step and its undo before it acts, in a transaction of its own."""
        key = (_STEP.c.run_id == run_id) & (_STEP.c.step_id == step.id)
        with self._engine.begin() as connection:
            connection.execute(_STEP.delete().where(key))
            connection.execute(
                _STEP.insert().values(
                    run_id=run_id,
                    step_id=step.id,
                    phase=step.phase.value,
                    object=step.object,
                    undo=json.dumps(step.undo),
                    state=STARTED,
                    started=_now(),
                )
            )

    def finish_step(self, connection: Connection, run_id: str, step_id: int, state: str) -> None:
        """Record that a step is done or undone, in the transaction in which it was."""
        key = (_STEP.c.run_id == run_id) & (_STEP.c.step_id == step_id)
        connection.execute(_STEP.update().where(key).values(state=state, finished=_now()))

    def steps_in(self, run_id: str, *states: str) -> frozenset[int]:
        """Ids of the run's steps in one of the states."""
        query = sa.select(_STEP.c.step_id).where(_STEP.c.run_id == run_id, _STEP.c.state.in_(states))
        with self._engine.connect() as connection:
            return frozenset(connection.execute(query).scalars())

    # Chunks

    def add_chunk(self, connection: Connection, run_id: str, step_id: int, number: int, chunk: Written) -> None:
        """Record a chunk, in the transaction that writes its rows. `number` counts from 0."""
        connection.execute(
            _CHUNK.insert().values(
                run_id=run_id,
                step_id=step_id,
                number=number,
                rows=chunk.rows,
                read=chunk.read,
                quarantined=chunk.quarantined,
                skipped=chunk.skipped,
                altered=chunk.altered,
                position=json.dumps(chunk.position),
                written=_now(),
            )
        )

    def written(self, run_id: str, step_id: int) -> Written:
        """How far a table's load came."""
        c = _CHUNK.c
        here = (c.run_id == run_id) & (c.step_id == step_id)
        sums = [sa.func.coalesce(sa.func.sum(x), 0) for x in (c.rows, c.read, c.quarantined, c.skipped, c.altered)]
        with self._engine.connect() as connection:
            totals = connection.execute(sa.select(sa.func.count(), *sums).where(here)).one()
            last = connection.execute(
                sa.select(c.position).where(here).order_by(c.number.desc()).limit(1)
            ).scalar()
        chunks, rows, read, quarantined, skipped, altered = (int(value) for value in totals)
        position = tuple(json.loads(last)) if last is not None else None
        return Written(chunks, rows, read, quarantined, skipped, altered, position)

    def forget_chunks(self, connection: Connection, run_id: str) -> None:
        """Drop the chunks of a run that is taken back."""
        connection.execute(_CHUNK.delete().where(_CHUNK.c.run_id == run_id))


def _run(row: sa.RowMapping) -> JournalRun:
    return JournalRun(
        run_id=row["run_id"],
        status=Status(row["status"]),
        started=row["started"],
        finished=row["finished"],
        plan=row["plan"],
        snapshots=tuple(Snapshot(*each) for each in json.loads(row["snapshots"])),
        digests=json.loads(row["digests"]) if row["digests"] else {},
        error=row["error"],
    )


LOCK_PATIENCE = 2.0
"""Seconds to wait for a run's lock: a server notices a little later that the client who held it is gone."""
RENEWAL_PATIENCE = 30.0
"""The same for a lock of one's own, whose connection broke with the network."""


TryLock = Callable[[Connection, str], bool]
"""See `Server.try_lock`."""


@dataclass(slots=True)
class RunLock:
    """A run held for this process by a connection of its own: a killed process lets go of it."""

    engine: Engine
    run_id: str
    try_lock: TryLock
    _held: Connection | None = None

    def take(self, patience: float = LOCK_PATIENCE) -> None:
        """Hold the run.

        Raises:
            JournalError: Another process holds it, and still does after `patience` seconds.
        """
        deadline = time.monotonic() + patience
        self._held = connection = self.engine.connect()
        # Not back to the pool afterwards: the lock ends when this connection really closes.
        connection.detach()
        while not self.try_lock(connection, f"{JOURNAL_SCHEMA}:{self.run_id}"):
            if time.monotonic() >= deadline:
                raise JournalError(
                    "Another process is working on this run.",
                    where=f"run {self.run_id}",
                    hint="Wait until it ends or stop it; `migrator status` shows how far it is.",
                )
            time.sleep(0.05)
        connection.commit()

    def renew(self) -> None:
        """Hold the run again, if the connection that held it broke.

        Raises:
            JournalError: Another process has it by now.
            DBAPIError: The server cannot be reached.
        """
        assert self._held is not None
        try:
            self._held.execute(sa.select(1))
            self._held.commit()
        except DBAPIError:
            self.drop()
            self.take(RENEWAL_PATIENCE)

    def drop(self) -> None:
        """Let go."""
        if self._held is not None:
            self._held.close()
            self._held = None


@contextmanager
def run_lock(engine: Engine, run_id: str, try_lock: TryLock, patience: float = LOCK_PATIENCE) -> Iterator[RunLock]:
    """Hold a run for this process.

    Raises:
        JournalError: See `RunLock.take`.
    """
    lock = RunLock(engine, run_id, try_lock)
    try:
        lock.take(patience)
        yield lock
    finally:
        lock.drop()
