"""`python -m benchmarks.rival`: what pgloader does with the conformance suite's sources, judged leniently.

For each source of one table whose values can arrive, pgloader moves it into an empty database. A value counts as
arrived when its text is what the suite expects, or what SQLite itself writes, or the same number or moment.
Prints how many sources arrived whole, were refused loudly, or lost values or rows with exit code 0.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sqlalchemy.engine import make_url

from benchmarks.__main__ import connected
from migrator import Options, embedded
from tests.conformance import cases
from tests.conformance.model import Arrived, Case

Rows = list[tuple[str | None, ...]]


def main() -> None:
    """Run every case, print each that lost something and the totals."""
    if shutil.which("pgloader") is None:
        sys.exit("pgloader is not installed.")
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="rival") as folder, embedded.start(Path(folder)) as server:
        url = server.url.render_as_string(hide_password=False)
        for case in cases.CASES:
            if comparable(case):
                outcome = judge(case, Path(folder), url)
                outcomes[outcome] += 1
                if outcome == "lost silently":
                    print(f"{outcome}: {case.id}: {case.why}", flush=True)
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))


def comparable(case: Case) -> bool:
    """Whether the case is one table with rows that moves under its own name without any choice by the user."""
    return (
        len(case.sources) == len(case.tables) == 1
        and bool(case.tables[0].rows)
        and case.options == Options()
        and not any(finding.startswith("name-changed") for finding in case.findings)
    )


def judge(case: Case, folder: Path, url: str) -> str:
    """One of `arrived`, `refused`, `lost silently`."""
    (arrived,) = case.tables
    ((_, build),) = case.sources
    source = folder / "source.db"
    source.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as connection:
        if isinstance(build, str):
            connection.executescript(build)
        else:
            build(connection)
        connection.commit()
    with connected(url, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS rival WITH (FORCE)")
        admin.execute("CREATE DATABASE rival TEMPLATE template0")
    if not load(source, url):
        return "refused"
    own = own_rows(source, arrived)
    whole = any(same(own, rows, arrived.rows) for rows in target_tables(url))
    return "arrived" if whole else "lost silently"


def load(source: Path, url: str) -> bool:
    """Whether pgloader said that it succeeded: exit code 0 and no error in its summary."""
    parsed = make_url(url)
    socket = str(parsed.query["host"]).replace(":", "::")
    where = f"postgresql://{parsed.username}@unix:{socket}:5432/rival"
    done = subprocess.run(["pgloader", f"sqlite://{source}", where], capture_output=True, check=False, timeout=120)
    return done.returncode == 0


def own_rows(source: Path, arrived: Arrived) -> Rows:
    """The rows as SQLite writes them."""
    with closing(sqlite3.connect(source)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        name = arrived.name.replace('"', '""')
        columns = ", ".join(f'CAST("{c.replace(chr(34), chr(34) * 2)}" AS TEXT)' for c, _ in arrived.columns)
        return connection.execute(f'SELECT {columns} FROM "{name}"').fetchall()


def target_tables(url: str) -> Iterator[Rows]:
    """The rows of every table that pgloader made, under whatever name, as PostgreSQL writes them."""
    rival = make_url(url).set(database="rival").render_as_string(hide_password=False)
    with connected(rival) as connection:
        connection.execute("SET timezone = 'UTC'")
        found = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in found:
            columns = connection.execute(
                "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                "ORDER BY attnum",
                (table,),
            ).fetchall()
            selected = ", ".join(f"{name}::text" for (name,) in columns)
            yield connection.execute(f"SELECT {selected} FROM {table}").fetchall()


def same(own: Rows, theirs: Rows, wanted: tuple[tuple[str | None, ...], ...]) -> bool:
    """Whether every row arrived, in any order, each value equal by one of the lenient rules."""
    left = list(theirs)
    spelt = {row[0]: row for row in own}
    for row in wanted:
        match = next((each for each in left if equal_rows(each, spelt.get(row[0], row), row)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def equal_rows(
    row: tuple[str | None, ...], written: tuple[str | None, ...], wanted: tuple[str | None, ...]
) -> bool:
    """Whether each value is what SQLite writes or what the suite expects."""
    return len(row) == len(wanted) and all(
        equal(value, own) or equal(value, target) for value, own, target in zip(row, written, wanted, strict=True)
    )


def equal(one: str | None, other: str | None) -> bool:
    """The same text, number, truth value or moment."""
    if one is None or other is None:
        return one is other
    return one == other or any(
        reading(one) is not None and reading(one) == reading(other) for reading in (number, truth, moment)
    )


def number(text: str) -> Decimal | None:
    """The text as a finite number."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def truth(text: str) -> bool | None:
    """The text as a truth value."""
    return {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}.get(text.lower())


def moment(text: str) -> datetime | None:
    """The text as a moment, in UTC where it names no zone."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


if __name__ == "__main__":
    main()
