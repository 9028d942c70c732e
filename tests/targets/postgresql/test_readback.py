"""Reading back: streamed in bounded batches, over the same URL as everything else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyarrow as pa
import pytest
from sqlalchemy import Engine
from sqlalchemy import text as sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from migrator.errors import ConnectionFailure, DataError
from migrator.model.plan import arrow_schema
from migrator.model.types import DATE, INT32, INT64, TEXT, UUID, LogicalType, decimal
from migrator.targets import ConnectOptions
from migrator.targets.postgresql.connecting import conninfo, make_engine
from migrator.targets.postgresql.readback import BATCH_BYTES, Sessions, read
from migrator.targets.postgresql.server import PostgreSQLServer
from tests.targets.postgresql.plans import apply, column, plan, table

NUMBERS = table("numbers", column("n", INT64), column("t", TEXT))


def fill(server: PostgreSQLServer, rows: int, length: int = 10) -> None:
    apply(server.engine, plan(NUMBERS).steps)
    with server.engine.begin() as connection:
        query = sql("INSERT INTO numbers SELECT n, repeat('x', :length) FROM generate_series(1, :rows) AS n")
        connection.execute(query, {"rows": rows, "length": length})


def test_batches_have_the_canonical_schema_and_at_most_so_many_rows(server: PostgreSQLServer) -> None:
    fill(server, 1000)
    batches = list(server.read(NUMBERS, max_rows=300))
    assert all(batch.schema.equals(arrow_schema(NUMBERS.columns), check_metadata=True) for batch in batches)
    assert max(batch.num_rows for batch in batches) == 300
    assert sorted(n for batch in batches for n in batch["n"].to_pylist()) == list(range(1, 1001))


def test_an_empty_table_gives_no_rows(server: PostgreSQLServer) -> None:
    fill(server, 0)
    assert list(server.read(NUMBERS)) == []


def test_a_large_table_is_streamed_in_bounded_batches(server: PostgreSQLServer) -> None:
    fill(server, 50_000, length=2_000)
    before = pa.total_allocated_bytes()
    sizes = [batch.nbytes for batch in server.read(NUMBERS)]
    assert sum(sizes) > 100_000_000
    assert max(sizes) < 2 * BATCH_BYTES
    assert pa.total_allocated_bytes() <= before


def test_a_reader_that_stops_early_leaves_no_query_running(server: PostgreSQLServer) -> None:
    fill(server, 50_000, length=1_000)
    rows = server.read(NUMBERS)
    next(rows)
    rows.close()  # type: ignore[attr-defined]
    running = sql(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND datname = current_database()"
    )
    with server.engine.connect() as connection:
        for _ in range(100):
            if not connection.execute(running).scalar():
                return
            connection.execute(sql("SELECT pg_sleep(0.05), pg_stat_clear_snapshot()"))
    pytest.fail("the query still runs")


@pytest.mark.parametrize(
    ("planned", "actual", "value"),
    [
        (decimal(10, 2), "numeric(10,2)", "'NaN'"),
        (decimal(10, 2), "numeric", "1.234"),
        (INT32, "bigint", "3000000000"),
        (INT64, "text", "'secret'"),
        (DATE, "text", "'secret'"),
        (UUID, "text", "'secret'"),
    ],
)
def test_a_column_changed_since_is_named_not_cast(
    server: PostgreSQLServer, planned: LogicalType, actual: str, value: str
) -> None:
    with server.engine.begin() as connection:
        connection.execute(sql(f"CREATE TABLE t (c {actual})"))
        connection.execute(sql(f"INSERT INTO t VALUES ({value})"))
    with pytest.raises(DataError, match=f"holds a value that is no {planned.kind}") as caught:
        list(server.read(table("t", column("c", planned))))
    assert caught.value.where == "public.t, column c"
    assert "secret" not in str(caught.value)


def test_a_table_that_is_gone_is_a_data_error(server: PostgreSQLServer) -> None:
    with pytest.raises(DataError, match="42P01") as caught:
        list(server.read(NUMBERS))
    assert caught.value.where == "public.numbers"


def test_timeouts_of_the_login_do_not_cut_reading_short(server: PostgreSQLServer) -> None:
    fill(server, 50_000, length=1_000)
    url = server.engine.url.update_query_dict({"options": "-c statement_timeout=200"})
    sessions = Sessions(make_engine(url, ConnectOptions()))
    rows = read(sessions, NUMBERS, 1000)
    first = next(rows)
    time.sleep(0.4)
    assert first.num_rows + sum(batch.num_rows for batch in rows) == 50_000
    sessions.close()


def test_one_session_reads_table_after_table_and_locks_none(server: PostgreSQLServer) -> None:
    fill(server, 10)
    query = sql(
        "SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY (SELECT%' AND datname = current_database()"
    )
    readers = []
    for _ in range(2):
        assert sum(batch.num_rows for batch in server.read(NUMBERS)) == 10
        with server.engine.begin() as connection:
            readers.append(connection.execute(query).scalars().all())
            connection.execute(sql("LOCK TABLE numbers IN ACCESS EXCLUSIVE MODE NOWAIT"))
    assert readers[0] == readers[1] and len(readers[0]) == 1


@pytest.mark.parametrize("end", ["pg_terminate_backend(pid, 5000)", "pg_cancel_backend(pid)"])
def test_a_server_that_breaks_off_is_a_connection_failure(server: PostgreSQLServer, end: str) -> None:
    fill(server, 50_000, length=1_000)
    rows = server.read(NUMBERS, max_rows=10)
    next(rows)
    with server.engine.connect() as connection:
        # Other tests of the same server, in processes of their own, read at the same time.
        own = "query LIKE 'COPY (SELECT%' AND datname = current_database()"
        query = f"SELECT {end} FROM pg_stat_activity WHERE {own}"
        assert connection.execute(sql(query)).scalars().all() == [True]
    with pytest.raises(ConnectionFailure) as caught:
        list(rows)
    assert caught.value.where == "public.numbers"


@contextmanager
def without_tls() -> Iterator[tuple[int, list[bytes]]]:
    """The port of a server that answers PostgreSQL's request for TLS with no and hangs up after the next
    message, and what it was sent."""
    sent: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                sent.append(connection.recv(8))
                connection.sendall(b"N")
                sent.append(connection.recv(1))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1], sent
        finally:
            thread.join()


TLS_REQUEST = bytes.fromhex("0000000804d2162f")
"""SSLRequest, https://www.postgresql.org/docs/current/protocol-message-formats.html"""


@pytest.mark.parametrize(
    "attempt", [lambda engine: list(read(Sessions(engine), NUMBERS, 1)), lambda engine: engine.connect()]
)
@pytest.mark.parametrize(("query", "goes_on"), [("?gssencmode=disable", True), ("?sslmode=require", False)])
def test_tls_is_asked_for_and_demanded_where_the_url_does(
    attempt: Callable[[Engine], object], query: str, goes_on: bool
) -> None:
    with without_tls() as (port, sent):
        engine = make_engine(make_url(f"postgresql://u:secret@127.0.0.1:{port}/d{query}"), ConnectOptions(5))
        with pytest.raises((ConnectionFailure, OperationalError)) as caught:
            attempt(engine)
    assert sent[0] == TLS_REQUEST
    assert bool(sent[1]) == goes_on
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            URL.create("postgresql", "u ser", "p@ss w'ord/%\\", "h", 5433, "d b"),
            r"user='u ser' password='p@ss w\'ord/%\\' dbname='d b' host=h port=5433",
        ),
        (make_url("postgres:///d?host=/tmp/s&sslmode=require"), "dbname=d host=/tmp/s sslmode=require"),
        (make_url("postgresql+psycopg://h1,h2/d?application_name=x"), "application_name=x"),
    ],
    ids=["special characters", "socket", "own name"],
)
def test_libpq_gets_what_the_url_says(url: URL, expected: str) -> None:
    found = conninfo(make_engine(url, ConnectOptions()))
    assert all(part in found for part in expected.split(" ") if "=" in part)


def test_reading_works_over_a_socket_and_with_a_password(server: PostgreSQLServer) -> None:
    fill(server, 1)
    url = server.engine.url.set(password="un used'%/@:")
    engine = make_engine(url, ConnectOptions())
    sessions = Sessions(engine)
    assert [batch.num_rows for batch in read(sessions, NUMBERS, 10)] == [1]
    sessions.close()
    engine.dispose()
