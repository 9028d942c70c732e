"""The table that is measured: twelve columns of mixed types, as an application would write them."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

_TABLE = """
CREATE TABLE measurement (
    id INTEGER PRIMARY KEY,
    code VARCHAR(20) NOT NULL,
    name TEXT NOT NULL,
    note TEXT,
    quantity INTEGER NOT NULL,
    weight REAL,
    ratio DOUBLE PRECISION NOT NULL,
    price DECIMAL(12, 2) NOT NULL,
    active BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL,
    due DATE,
    payload BLOB
)
"""


def make_source(path: Path, rows: int) -> Path:
    """Write a database of `rows` rows, the same for the same number."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute(_TABLE)
        connection.executemany(f"INSERT INTO measurement VALUES ({', '.join('?' * 12)})", source_rows(rows))
        connection.commit()
    return path


def source_rows(rows: int) -> Iterator[tuple[Any, ...]]:
    """The rows as SQLite stores them."""
    random_ = random.Random(7)
    for number in range(rows):
        yield (
            number + 1,
            f"C{number:08d}",
            f"이름 {number % 1000} of many",
            None if number % 5 == 0 else f"note {random_.random()}",
            random_.randrange(10**6),
            None if number % 7 == 0 else random_.gauss(100, 15),
            random_.random(),
            round(random_.random() * 10000, 2),
            number % 3 == 0,
            f"2024-{number % 12 + 1:02d}-{number % 28 + 1:02d} {number % 24:02d}:03:59.{number % 10**6:06d}",
            f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            random_.randbytes(16),
        )


def typed_rows(rows: int) -> Iterator[tuple[Any, ...]]:
    """The same rows as Python objects of the types that their columns are declared with."""
    for *before, price, active, created_at, due, payload in source_rows(rows):
        moment, day = datetime.fromisoformat(created_at), date.fromisoformat(due)
        yield (*before, Decimal(str(price)), active, moment, day, payload)
