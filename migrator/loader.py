"""Stage: record batches → target, chunk by chunk, each with its journal entry in one transaction."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from migrator.exporter import read_ahead
from migrator.journal import DONE, Journal, Written
from migrator.model.plan import QUARANTINE, Step, TablePlan
from migrator.report.progress import Progress
from migrator.sources import Chunk, Source
from migrator.targets import Server


def quarantine_table(schema: str) -> sa.Table:
    """The quarantine as SQLAlchemy sees it; the plan's own step creates it."""
    return sa.Table(
        QUARANTINE,
        sa.MetaData(),
        sa.Column("run_id", sa.Text),
        sa.Column("source_database", sa.Text),
        sa.Column("source_table", sa.Text),
        sa.Column("source_key", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("row", sa.Text),
        sa.Column("created", sa.DateTime(timezone=True)),
        schema=schema,
    )


def load_table(
    source: Source,
    server: Server,
    journal: Journal,
    run_id: str,
    step: Step,
    table: TablePlan,
    progress: Progress,
) -> Written:
    """Load what is not loaded yet of a table, and return what the journal then says about it.

    Raises:
        DataError, SourceDamagedError: The source cannot give a row as planned.
        EnvironmentFailure: The server went away or refuses.
    """
    before = journal.written(run_id, step.id)
    progress.advance(table.name, before.read)
    chunks = read_ahead(source.chunks(table, loaded_only=True, after=before.position))
    with closing(chunks), server.engine.connect() as connection:
        for number, chunk in enumerate(chunks, start=before.chunks):
            with connection.begin():
                _write(server, connection, run_id, table, chunk)
                journal.add_chunk(connection, run_id, step.id, number, _counts(chunk))
            progress.advance(table.name, chunk.read)
        with connection.begin():
            journal.finish_step(connection, run_id, step.id, DONE)
    return journal.written(run_id, step.id)


def _counts(chunk: Chunk) -> Written:
    skipped = sum(row.skip for row in chunk.rejected)
    return Written(
        rows=chunk.batch.num_rows,
        read=chunk.read,
        quarantined=len(chunk.rejected) - skipped,
        skipped=skipped,
        altered=sum(count for _, count in chunk.altered),
        position=chunk.position,
    )


def _write(server: Server, connection: Connection, run_id: str, table: TablePlan, chunk: Chunk) -> None:
    if chunk.batch.num_rows:
        server.load(connection, table, chunk.batch)
    kept = [row for row in chunk.rejected if not row.skip]
    if kept:
        connection.execute(
            quarantine_table(table.schema).insert(),
            [
                {
                    "run_id": run_id,
                    "source_database": table.database,
                    "source_table": table.source,
                    "source_key": json.dumps(row.key, ensure_ascii=False),
                    "reason": row.reason,
                    "row": json.dumps(row.values, ensure_ascii=False),
                    "created": datetime.now(UTC),
                }
                for row in kept
            ],
        )
