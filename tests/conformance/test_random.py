"""Random tables: whatever SQLite holds arrives equal, or the run stops before writing.

The oracle knows no type rules: it asks of every value in the target only whether it says the same as the
value in the source, by the target's own type of the column.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

import migrator
from migrator.errors import UndecidedError
from tests.conformance import oracle
from tests.conformance.lasting import Lasting
from tests.conformance.model import NUL
from tests.conformance.servers import Target

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
TRICKY = st.sampled_from(
    """0|1|t|false|yes|1.50|1e5|-0.0|NULL|null|{}|[1, 1.0]|{"a":1,"a":2}|2024-01-31|2024-01-31 10:00:00|24:00:00
    2024-01-31T10:00:00.123456|2024-01-31T10:00:00+09:00|0000-00-00|2024-02-30|10:00|nan|inf|\\.
    6fa459ea-ee8a-3ca4-894e-db77e160355e||a\r\nb  """.replace("\n    ", "|").split("|")
)
INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([0, 1, 2**53, 2**53 + 1, 1706695200, 1706695200123])
REALS = st.floats(allow_nan=False) | st.sampled_from([0.1, -0.0, 2460340.5, 1e15, 123.456])
BLOBS = st.binary(max_size=20)
DATES = st.dates(date(1, 1, 1)).map(str)
MOMENTS = st.datetimes(datetime(1, 1, 1)).map(str)
CLASSES = (INTEGERS, REALS, TEXT, TRICKY, BLOBS, DATES, MOMENTS, st.booleans().map(int), st.uuids().map(str))
DECLARED = [
    "",
    "INTEGER",
    "TEXT",
    "REAL",
    "BLOB",
    "NUMERIC",
    "DECIMAL(10,2)",
    "BOOLEAN",
    "DATE",
    "DATETIME",
    "TIME",
]
DECLARED += ["TIMESTAMPTZ", "JSON", "UUID", "VARCHAR(3)", "SMALLINT", "FLOAT", "ANY"]


@dataclass(frozen=True)
class Drawn:
    declared: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    key: str


@st.composite
def tables(draw: st.DrawFn) -> Drawn:
    """Columns of which most hold one class of values, some several."""
    declared = tuple(draw(st.lists(st.sampled_from(DECLARED), min_size=1, max_size=6)))
    kinds = [st.one_of(draw(st.lists(st.sampled_from(CLASSES), min_size=1, max_size=2))) for _ in declared]
    rows = draw(st.lists(st.tuples(*(st.none() | kind for kind in kinds)), max_size=12))
    key = draw(st.sampled_from(["id INTEGER PRIMARY KEY, ", "", "id INTEGER PRIMARY KEY AUTOINCREMENT, "]))
    return Drawn(declared, tuple(rows), key)


def fill(path: Path, drawn: Drawn) -> list[tuple[Any, ...]]:
    """Make the source; what SQLite then holds, without the key."""
    path.unlink(missing_ok=True)
    names = [f"c{number}" for number in range(len(drawn.declared))]
    columns = ", ".join(f"{name} {declared}" for name, declared in zip(names, drawn.declared, strict=True))
    listed = ", ".join(names)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE t ({drawn.key}{columns})")
        marks = ", ".join("?" * len(names))
        connection.executemany(f"INSERT INTO t ({listed}) VALUES ({marks})", drawn.rows)
        return connection.execute(f"SELECT {listed} FROM t").fetchall()


EPOCH = datetime(1970, 1, 1)
SAME = {
    "float": "double precision",
    "decimal": "numeric",
    "nvarchar": "text",
    "varbinary": "bytea",
    "bit": "boolean",
    "uniqueidentifier": "uuid",
    "time": "time without time zone",
    "datetime2": "timestamp without time zone",
    "datetimeoffset": "timestamp with time zone",
}
"""SQL Server's types of the same meaning as PostgreSQL's; documents are text there."""


def says_the_same(mine: Any, theirs: Any, type: str) -> bool:
    """Whether a value of the target says what a value of the source says."""
    if mine is None or theirs is None:
        return mine is theirs
    base = type.split("(")[0]
    rules: dict[str, Callable[[Any, Any], bool]] = {
        "bigint": lambda a, b: isinstance(a, int) and a == b,
        "double precision": lambda a, b: same_double(a, b),
        "numeric": lambda a, b: Decimal(str(a)) == b,
        "text": lambda a, b: spelt(a) == b,
        "character varying": lambda a, b: a == b,
        "bytea": lambda a, b: (a if isinstance(a, bytes) else spelt(a).encode()) == b,
        "boolean": lambda a, b: str(a).lower() in (("1", "t", "true") if b else ("0", "f", "false")),
        "uuid": lambda a, b: (UUID(bytes=a) if isinstance(a, bytes) else UUID(a)) == b,
        "jsonb": lambda a, b: exactly(spelt(a)) == exactly(b),
        "json": lambda a, b: spelt(a) == b,
        "date": lambda a, b: date.fromisoformat(a) == b,
        "time without time zone": lambda a, b: time.fromisoformat(a) == b,
        "timestamp without time zone": lambda a, b: b in moments(a),
        "timestamp with time zone": lambda a, b: b.astimezone(UTC).replace(tzinfo=None) in moments(a),
    }
    rules |= {mine: rules[theirs] for mine, theirs in SAME.items()}
    return rules[base](mine, theirs)


def same_double(mine: Any, theirs: float) -> bool:
    signs = math.copysign(1, mine) == math.copysign(1, theirs) if isinstance(mine, float) else True
    return isinstance(mine, (int, float)) and mine == theirs and signs


def spelt(value: Any) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "9e999" if value > 0 else "-9e999"
    return value if isinstance(value, str) else repr(value)


def exactly(text: str) -> Any:
    """A document in which 1 and true differ as they do in JSON, while 1, 1.0 and 1e0 are one number."""

    def told(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: told(value) for key, value in part.items()}
        if isinstance(part, list):
            return [told(value) for value in part]
        return (type(part).__name__, part)

    return told(json.loads(text, parse_float=Decimal, parse_int=Decimal))


def moments(value: Any) -> set[datetime]:
    """Every moment that a value can stand for, in UTC where it is an instant."""
    if isinstance(value, str):
        found = datetime.fromisoformat(value)
        return {found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found}
    julian = round((value - 2440587.5) * 86_400_000) * 1000
    readings = [round(value * 1_000_000), round(value * 1000), julian]
    return {EPOCH + timedelta(microseconds=each) for each in readings if abs(each) < 6e16}


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=tables())
def test_random_tables_arrive_equal(drawn: Drawn, target: Target, lasting: Lasting, tmp_path: Path) -> None:
    path = tmp_path / "random.db"
    rows = fill(path, drawn)
    if NUL not in lasting.capabilities:
        assume(not any("\0" in value for row in rows for value in row if isinstance(value, str)))
    database = lasting.restored()  # an example that failed has left something
    before = oracle.catalogue(database)
    try:
        result = migrator.run([str(path)], database, work=tmp_path / "work")
    except UndecidedError as error:
        event("stopped")
        found = {(each.code, each.column) for each in error.plan.open_decisions}
        hazards = {f"c{n}" for n, values in enumerate(zip(*rows, strict=True)) if any(map(target.unfit, values))}
        assert found and {column for _, column in found} <= hazards
        assert oracle.catalogue(database) == before
        return
    event("arrived")
    assert result.verified
    types = [type for name, type in oracle.table_types(database, target.schema, "t") if name != "id"]
    listed = [f"c{number}" for number in range(len(drawn.declared))]
    assert_same(rows, oracle.table_values(database, target.schema, "t", listed), types)
    migrator.rollback(target=database, work=tmp_path / "work")
    assert oracle.catalogue(database) == before


def assert_same(mine: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]], types: list[str]) -> None:
    """Every row of the source has a row of its own in the target, and none is left."""
    left = list(theirs)
    for row in mine:
        match = next(
            (each for each in left if all(map(says_the_same, row, each, types))),
            None,
        )
        assert match is not None, f"{row} as {types} is not among {left}"
        left.remove(match)
    assert not left
