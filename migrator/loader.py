"""Stage: record batches → target, chunk by chunk, each with its journal entry in one transaction.

Where a server commits a batch by itself (`Server.may_load_apart`), all of it or nothing, its journal entry
follows. A load that is cut off in between goes on by counting: the table then holds the rows of the journal, or
those and the next chunk, which is read again and is the same.
"""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from migrator.errors import DataError
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
        sa.Column("run_id", sa.UnicodeText),
        sa.Column("source_database", sa.UnicodeText),
        sa.Column("source_table", sa.UnicodeText),
        sa.Column("source_key", sa.UnicodeText),
        sa.Column("reason", sa.UnicodeText),
        sa.Column("row", sa.UnicodeText),
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
    landed = server.settled_rows(table) - before.rows if server.may_load_apart else 0
    chunks = read_ahead(source.chunks(table, loaded_only=True, after=before.position, max_rows=server.chunk_rows))
    with closing(chunks), server.engine.connect() as connection:
        for number, chunk in enumerate(chunks, start=before.chunks):
            if landed:
                _refuse_foreign_rows(table, landed, chunk)
            with connection.begin():
                if chunk.batch.num_rows and not landed:
                    server.load(connection, table, chunk.batch)
                landed = 0
                _set_aside(connection, run_id, table, chunk)
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


def _refuse_foreign_rows(table: TablePlan, landed: int, chunk: Chunk) -> None:
    """Rows beyond those in the journal are a chunk that the server had taken when this was cut off, if it is just
    as many; else somebody wrote into the table."""
    if landed != chunk.batch.num_rows:
        raise DataError(
            f"The table holds {landed:,} rows more than the run has written.",
            where=table.name,
            hint="Somebody else wrote into it, or the run began through another driver, which loads other chunks: "
            "resume it through that one, or take it back with `migrator rollback` and run again.",
        )


def _set_aside(connection: Connection, run_id: str, table: TablePlan, chunk: Chunk) -> None:
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
