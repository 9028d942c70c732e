"""Verification can fail: planted converter bugs, and single values changed in a finished target.

The planted bugs are those that a migration tool really has: a time cut to seconds, `''` turned to NULL, a
float through 15 digits, trailing blanks trimmed, CRLF changed. Each is planted twice: on its way into the
target, where the digests must notice; and in the conversion that load and verification share, so that the
digests agree and only the figures that each engine computes by itself can notice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import migrator
from migrator.errors import ChangedSinceError, RunFailedError, VerificationError
from migrator.sources import Chunk
from migrator.sources.sqlite.source import SqliteSource
from tests.conformance import oracle
from tests.conformance.lasting import Lasting
from tests.conformance.model import REQUIRING, Arrived
from tests.conformance.servers import Target
from tests.conformance.spoiling import server_class

ROWS = """
CREATE TABLE t (
  id INTEGER PRIMARY KEY, s TEXT, f REAL, d DECIMAL(20,6), ts DATETIME, tz TIMESTAMPTZ, tm TIME, dt DATE,
  b BLOB, n INTEGER, z BOOLEAN, u UUID, j JSON, jt JSON, password_hash TEXT
);
INSERT INTO t VALUES
  (1, 'trailing  ', 0.1 + 0.2, 1.000001, '2024-01-31 10:00:00.123456', '2024-01-31 10:00:00.5+00:00',
   '10:00:00.25', '2024-01-31', x'0d0a00', 9007199254740993, 1, '6fa459ea-ee8a-3ca4-894e-db77e160355e',
   '{"a": 1}', '{"a": 1, "a": 2}', 'very-secret'),
  (2, '', -1e300, -5.5, '2024-02-01 23:59:59.999999', '2024-02-01 00:00:00.25+00:00',
   '23:59:59.75', '1999-12-31', x'', -1, 0, '00000000-0000-0000-0000-000000000001',
   '[1, 2]', '{"a": 1}', ''),
  (3, 'a' || char(13, 10) || 'b', 123456.789012345678, 99.999999, '2024-03-01 00:00:00.000001',
   '2024-03-01 00:00:00.125+00:00', '00:00:00.5', '2024-02-29', x'ff20', 0, 1,
   'ffffffff-ffff-ffff-ffff-ffffffffffff', '"x"', '[]', 'other-secret'),
  (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
"""

TYPES = {
    "s": "text",
    "f": "double precision",
    "d": "numeric(20,6)",
    "ts": "timestamp without time zone",
    "tz": "timestamp with time zone",
    "tm": "time without time zone",
    "dt": "date",
    "b": "bytea",
    "n": "bigint",
    "z": "boolean",
    "u": "uuid",
    "j": "jsonb",
    "jt": "json",
    "password_hash": "text",
}


def cut_to_seconds(array: pa.Array) -> pa.Array:
    micros = array.cast(pa.int64())
    return pc.multiply(pc.divide(micros, 1_000_000), 1_000_000).cast(array.type)


def empty_to_null(array: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(pc.binary_length(array), 0), None, array)


def through_15_digits(array: pa.Array) -> pa.Array:
    return pa.array([None if v is None else float(f"{v:.15g}") for v in array.to_pylist()], array.type)


def trailing_blanks_trimmed(array: pa.Array) -> pa.Array:
    return pc.utf8_rtrim(array, " ")


def crlf_to_lf(array: pa.Array) -> pa.Array:
    return pc.replace_substring(array, "\r\n", "\n")


def crlf_to_lf_in_bytes(array: pa.Array) -> pa.Array:
    return pa.array([None if v is None else v.replace(b"\r\n", b"\n") for v in array.to_pylist()], array.type)


def integers_through_floats(array: pa.Array) -> pa.Array:
    return array.cast(pa.float64(), safe=False).cast(array.type, safe=False)


def decimals_through_2_digits(array: pa.Array) -> pa.Array:
    return pc.round(array, 2).cast(array.type)


def a_day_later(array: pa.Array) -> pa.Array:
    return pc.add(array.cast(pa.int32()), pa.scalar(1, pa.int32())).cast(array.type)


def negated(array: pa.Array) -> pa.Array:
    return pc.invert(array)


def bytes_reversed(array: pa.Array) -> pa.Array:
    return pa.array([None if v is None else v[::-1] for v in array.to_pylist()], array.type)


def nulls_filled(array: pa.Array) -> pa.Array:
    return array.fill_null(0)


def document_emptied(array: pa.Array) -> pa.Array:
    return pc.if_else(array.is_null(), array, pa.scalar("{}", array.type))


BUGS = [
    ("ts", cut_to_seconds),
    ("tz", cut_to_seconds),
    ("tm", cut_to_seconds),
    ("s", empty_to_null),
    ("b", empty_to_null),
    ("f", through_15_digits),
    ("s", trailing_blanks_trimmed),
    ("s", crlf_to_lf),
    ("b", crlf_to_lf_in_bytes),
    ("n", integers_through_floats),
    ("n", nulls_filled),
    ("d", decimals_through_2_digits),
    ("dt", a_day_later),
    ("z", negated),
    ("u", bytes_reversed),
    ("j", document_emptied),
    ("jt", document_emptied),
    ("password_hash", empty_to_null),
]
Bug = Callable[[pa.Array], pa.Array]


def spoilt(batch: pa.RecordBatch, column: str, bug: Bug) -> pa.RecordBatch:
    if column not in batch.schema.names:
        return batch
    position = batch.schema.get_field_index(column)
    return batch.set_column(position, batch.schema.field(position), bug(batch.column(position)))


@pytest.fixture
def source(sqlite_file: Callable[..., Path]) -> str:
    return str(sqlite_file(ROWS))


def test_the_table_has_every_type(target: Target, source: str, database: str, tmp_path: Path) -> None:
    migrator.run([source], database, work=tmp_path)
    expected = Arrived("t", (("id", "bigint"), *TYPES.items()), ())
    target.assert_types(database, expected, target.schema, {})


@pytest.mark.parametrize(("column", "bug"), BUGS, ids=lambda value: getattr(value, "__name__", value))
def test_a_bug_on_the_way_into_the_target_fails_the_run(
    column: str, bug: Bug, source: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = server_class(database)
    load = server.load

    def spoilt_load(self: Any, connection: Any, table: Any, batch: pa.RecordBatch) -> int:
        return load(self, connection, table, spoilt(batch, column, bug))  # type: ignore[no-any-return]

    monkeypatch.setattr(server, "load", spoilt_load)
    error = failing_run(source, database, tmp_path)
    assert named_by(error, "digest") & {column}
    keys = {m.key for m in error.result.mismatches if m.column == column and m.key}
    assert keys and keys <= {("1",), ("2",), ("3",), ("4",)}


@pytest.mark.parametrize(("column", "bug"), BUGS, ids=lambda value: getattr(value, "__name__", value))
def test_a_bug_in_the_shared_conversion_is_seen_by_the_engines_figures(
    column: str, bug: Bug, source: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = SqliteSource.chunks

    def spoilt_chunks(self: Any, *arguments: Any, **rest: Any) -> Iterator[Chunk]:
        for chunk in chunks(self, *arguments, **rest):
            yield replace(chunk, batch=spoilt(chunk.batch, column, bug))

    monkeypatch.setattr(SqliteSource, "chunks", spoilt_chunks)
    error = failing_run(source, database, tmp_path)
    assert {m.part for m in error.result.mismatches} == {"figures"}, "the digests agree: both sides share the bug"
    assert named_by(error, "figures") == {column}


def failing_run(source: str, database: str, work: Path) -> RunFailedError:
    """Run, and see that it failed loudly and took everything back."""
    before = oracle.catalogue(database)
    with pytest.raises(RunFailedError) as caught:
        migrator.run([source], database, work=work)
    error = caught.value
    assert isinstance(error.cause, VerificationError)
    assert error.result.status == "rolled_back" and not error.result.verified
    assert ".t" in error.where
    assert "very-secret" not in f"{error}{error.result}"
    assert oracle.catalogue(database) == before
    return error


def named_by(error: RunFailedError, part: str) -> set[str | None]:
    """The columns of the mismatches that the part reports, or that its message names."""
    mismatches = [m for m in error.result.mismatches if m.part == part]
    named = {m.column for m in mismatches} - {None}
    return named | {column for column in TYPES for m in mismatches if m.message.rstrip(".").endswith(f" {column}")}


CHANGES = [
    ("s", "'trailing '"),
    ("s", "NULL"),
    ("f", "0.3"),
    ("d", "1.000002"),
    ("ts", "'2024-01-31 10:00:00.123457'"),
    ("tz", "'2024-01-31 10:00:00.500001+00:00'"),
    ("tm", "'10:00:00.250001'"),
    ("dt", "'2024-02-01'"),
    ("b", "'\\x0d0a01'"),
    ("n", "9007199254740992"),
    ("z", "false"),
    ("u", "'6fa459ea-ee8a-3ca4-894e-db77e160355f'"),
    ("j", """'{"a": 2}'"""),
    ("jt", """'{"a": 2, "a": 2}'"""),
    ("password_hash", "'very-Secret'"),
]


@pytest.mark.parametrize(("column", "value"), CHANGES)
def test_one_changed_value_is_named_and_stops_the_rollback(
    column: str, value: str, target: Target, source: str, database: str, tmp_path: Path
) -> None:
    before = oracle.catalogue(database)
    migrator.run([source], database, work=tmp_path)
    oracle.do(database, f"UPDATE t SET {column} = {value} WHERE id = 1")
    with pytest.raises(RunFailedError) as caught:
        migrator.verify(target=database, work=tmp_path)
    found = [m for m in caught.value.result.mismatches if m.key is not None]
    assert [(m.table, m.column, m.key) for m in found] == [(f"{target.schema}.t", column, ("1",))]
    if column == "password_hash":
        assert "very-" not in f"{caught.value}{caught.value.result}"
    else:
        assert found[0].source != found[0].target
    with pytest.raises(ChangedSinceError, match=rf"{target.schema}\.t"):
        migrator.rollback(target=database, work=tmp_path)
    assert oracle.query(database, "SELECT count(*) FROM t") == [("4",)]
    assert migrator.rollback(target=database, work=tmp_path, force=True).status == "rolled_back"
    assert oracle.catalogue(database) == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DELETE FROM t WHERE id = 2", "count"),
        ("INSERT INTO t (n) VALUES (5)", "count"),
        ("UPDATE t SET n = CASE id WHEN 1 THEN -1 ELSE 9007199254740993 END WHERE id < 3", "digest"),
    ],
)
def test_other_changes_of_rows_are_noticed_by_their_part(
    change: str, says: str, source: str, database: str, tmp_path: Path
) -> None:
    migrator.run([source], database, work=tmp_path)
    oracle.do(database, change)
    assert says in parts_that_differ(database, tmp_path)


def test_a_changed_key_is_noticed(target: Target, source: str, database: str, tmp_path: Path) -> None:
    migrator.run([source], database, work=tmp_path)
    oracle.do(database, target.sql["renumber a row"])
    assert "digest" in parts_that_differ(database, tmp_path)


@pytest.mark.by_target(("change",), lambda target: {each: (target.sql[each],) for each in target.alterations})
def test_changes_of_the_schema_are_noticed(
    change: str, source: str, lasting: Lasting, database: str, tmp_path: Path
) -> None:
    if "NOT NULL" in change:
        lasting.require(REQUIRING)
    migrator.run([source], database, work=tmp_path)
    oracle.do(database, change)
    assert "schema" in parts_that_differ(database, tmp_path)


def parts_that_differ(database: str, work: Path) -> set[str]:
    with pytest.raises(RunFailedError) as caught:
        migrator.verify(target=database, work=work)
    return {mismatch.part for mismatch in caught.value.result.mismatches}


def test_a_source_that_went_on_is_no_longer_what_was_moved(source: str, database: str, tmp_path: Path) -> None:
    migrator.run([source], database, work=tmp_path)
    assert migrator.verify(target=database, work=tmp_path).verified
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("UPDATE t SET n = 1 WHERE id = 3")
    with pytest.raises(RunFailedError) as caught:
        migrator.verify([source], target=database, work=tmp_path)
    assert ("n", ("3",)) in {(m.column, m.key) for m in caught.value.result.mismatches}


@pytest.mark.parametrize("change", ["change one of equal rows", "delete one of equal rows"])
def test_tables_without_a_key_are_compared_row_by_row(
    change: str, sqlite_file: Callable[..., Path], target: Target, database: str, tmp_path: Path
) -> None:
    path = sqlite_file("CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('a'), ('a'), ('c');")
    migrator.run([str(path)], database, work=tmp_path)
    oracle.do(database, target.sql[change])
    with pytest.raises(RunFailedError) as caught:
        migrator.verify(target=database, work=tmp_path)
    assert any(m.message.startswith("The row (v='a') is in the source") for m in caught.value.result.mismatches)
