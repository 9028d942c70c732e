"""Loading Arrow batches with binary COPY, encoded by `pgpq`.

https://www.postgresql.org/docs/current/sql-copy.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

import psycopg
import pyarrow as pa
from pgpq import ArrowToPostgresBinaryEncoder
from pgpq.encoders import StringEncoderBuilder
from pgpq.schema import Jsonb
from sqlalchemy import Connection

from migrator.errors import ConnectionFailure, DataError
from migrator.model.plan import ColumnPlan, TablePlan, arrow_schema
from migrator.model.types import Kind
from migrator.targets.postgresql.failures import explain
from migrator.targets.postgresql.names import qualified, quote


def load(connection: Connection, table: TablePlan, batch: pa.RecordBatch) -> int:
    """See `Server.load`.

    Raises:
        DataError: The server refuses a value.
        EnvironmentFailure: The server's disk is full, or another resource is missing.
        ConnectionFailure: The connection broke.
    """
    columns = table.loaded
    encoded = _encode(table, batch)
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        with raw.cursor() as cursor:
            with cursor.copy(_statement(table.schema, table.target, columns)) as copy:
                for part in encoded:
                    copy.write(part)
            copied = cursor.rowcount
    except psycopg.Error as error:
        explained = explain(error, table.name, _column(error, columns))
        if isinstance(explained, ConnectionFailure):
            connection.invalidate()  # so that nobody tries to roll back on it
        raise explained from None
    if copied != batch.num_rows:
        raise DataError(
            f"The server took {copied:,} of {batch.num_rows:,} rows.",
            where=table.name,
            hint="Look for triggers or rules on the table.",
        )
    return copied


@lru_cache(maxsize=64)
def _statement(schema: str, table: str, columns: tuple[ColumnPlan, ...]) -> bytes:
    names = ", ".join(quote(column.target) for column in columns)
    return f"COPY {qualified(schema, table)} ({names}) FROM STDIN (FORMAT BINARY)".encode()


@lru_cache(maxsize=64)
def _encoding(columns: tuple[ColumnPlan, ...]) -> tuple[pa.Schema, dict[str, Any]]:
    """The batch's schema and an encoder per column: `pgpq`'s own choice but for `jsonb`, whose binary form
    starts with a version byte."""
    schema = arrow_schema(columns)
    encoders = {
        column.target: (
            StringEncoderBuilder.new_with_output(field, Jsonb())
            if column.type.kind is Kind.JSON
            else ArrowToPostgresBinaryEncoder.infer_encoder(field)
        )
        for column, field in zip(columns, schema, strict=True)
    }
    return schema, encoders


def _encode(table: TablePlan, batch: pa.RecordBatch) -> tuple[bytes, ...]:
    """The batch in COPY's binary format. An encoder writes one stream only, so each batch has its own."""
    schema, encoders = _encoding(table.loaded)
    if not batch.schema.equals(schema):
        raise TypeError(f"{table.name}: the batch is {batch.schema}, not {schema}")
    encoder = ArrowToPostgresBinaryEncoder.new_with_encoders(schema, encoders)
    try:
        return encoder.write_header(), encoder.write_batch(batch), encoder.finish()
    except ValueError:
        raise DataError(
            "A value is outside the range of PostgreSQL's types.",
            where=table.name,
            hint="Give the column a wider type in migrator.toml, then plan again.",
        ) from None


def _column(error: psycopg.Error, columns: tuple[ColumnPlan, ...]) -> str:
    """The column the server was at. Of its CONTEXT (`COPY t, line 3, column c`) only the name is used."""
    context = error.diag.context or ""
    return next((c.target for c in columns if context.endswith(f"column {c.target}")), "")
