"""Demo sources: the SQLite files of a manufacturing team, as its applications would have written them, and the
Access file that its ERP exports.

The rows are invented and the same for the same seed. They hold what real files hold (Korean text, password
hashes, JSON, soft deletes, NULL beside the empty string, numbers given out and deleted again, dates in two
spellings) and what no migration moves (a trigger, a full-text index).
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from importlib import resources
from pathlib import Path

from migrator.demo import routing_groups, rsl_store
from migrator.demo.project import configuration
from migrator.demo.values import Row

__all__ = ["SEED", "configuration", "generate"]

SEED = 20240101


def generate(folder: Path, *, scale: float = 1.0, seed: int = SEED) -> tuple[Path, ...]:
    """Write `rsl_store.db` and `routing_groups.db` into `folder`, replacing earlier ones, and put `routing.accdb`
    beside them, which is the same at every scale: nothing but Access writes such files.

    At scale 1.0 the others hold a little over 200,000 rows; every table holds at least a few rows at any scale.

    Raises:
        ValueError: `scale` is not above 0.
        OSError: The folder cannot be written to.
        EnvironmentFailure: The demo's project is not there, see `configuration`.
    """
    if scale <= 0:
        raise ValueError("scale must be above 0")
    folder.mkdir(parents=True, exist_ok=True)
    stores, groups = random.Random(seed), random.Random(seed + 1)  # noqa: S311 - invented data, no secrets
    return (
        _write(
            folder / "rsl_store.db",
            rsl_store.tables(stores, scale),
            rsl_store.AFTERWARDS + (rsl_store.FULL_TEXT if _has_fts5() else ()),
        ),
        _write(folder / "routing_groups.db", routing_groups.tables(groups, scale), ()),
        _placed(folder / "routing.accdb"),
    )


def _write(path: Path, tables: Iterable[tuple[str, Iterable[Row]]], afterwards: Iterable[str]) -> Path:
    """Build the database beside its place, so that an interrupted run leaves no half of it there."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(b"")
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(resources.files(__name__).joinpath(f"{path.stem}.sql").read_text("utf-8"))
        connection.execute("BEGIN")
        for insert, rows in tables:
            connection.executemany(insert, rows)
        for statement in afterwards:
            connection.execute(statement)
        connection.execute("COMMIT")
    for leftover in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + leftover).unlink(missing_ok=True)
    return fresh.replace(path)


def _placed(path: Path) -> Path:
    """The project's own file at this place."""
    original = configuration().with_name(path.name)
    if path.resolve() != original.resolve():
        path.write_bytes(original.read_bytes())
    return path


def _has_fts5() -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        return ("ENABLE_FTS5",) in connection.execute("PRAGMA compile_options").fetchall()
