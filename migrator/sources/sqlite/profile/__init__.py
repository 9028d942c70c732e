"""What the values of a table say: counted by SQLite itself, over every row."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from migrator.model.profile import NO_DEMANDS, ColumnProfile, Demands, TableProfile
from migrator.model.schema import Table
from migrator.model.types import LogicalType
from migrator.sources.sqlite.order import row_order
from migrator.sources.sqlite.profile.column import likely, study
from migrator.sources.sqlite.profile.keys import duplicates
from migrator.sources.sqlite.profile.questions import answer
from migrator.sources.sqlite.profile.rules import FindTable, check_violations, orphans, respelt
from migrator.sources.sqlite.profile.samples import with_samples
from migrator.sources.sqlite.profile.subject import Subject
from migrator.sources.sqlite.storage import declaration
from migrator.sources.sqlite.values import Reading, SqliteValue, quote

_GUESSED_ROWS = 300
_GUESSED_COLUMNS = 900
_GUESSED_OCTETS = 256
"""How much of a value is looked at to form a hypothesis about its column."""


def profile_table(
    connections: Sequence[sqlite3.Connection],
    reading: Reading,
    table: Table,
    find: FindTable,
    demands: Demands = NO_DEMANDS,
) -> TableProfile:
    """The profile of a table, read over one connection or several at once. Each needs `scans.install`. Rows are
    named by the key that `find` knows of the table, which may be another one than it is given.

    Raises:
        sqlite3.Error: The rows cannot be read.
    """
    relation, connection = quote(table.name), connections[0]
    subjects = _subjects(connection, reading, table, demands)
    (rows,) = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    asked = [sql for subject in subjects for sql in likely(subject)]
    profiles = answer(connections, relation, asked, [study(subject) for subject in subjects])
    order = row_order(find(table.name) or table)
    columns = {
        subject.name: with_samples(connection, order, subject, replace(profile, nulls=rows - profile.values))
        for subject, profile in zip(subjects, profiles, strict=True)
    }
    return TableProfile(
        table.name,
        rows,
        tuple(columns.values()),
        tuple(orphans(connection, reading, table, key, find) for key in table.foreign_keys),
        tuple(check_violations(connection, reading, table, check, order) for check in table.checks),
        tuple(
            duplicates(connection, reading, order, table.name, key, columns, demands.types) for key in demands.keys
        ),
        tuple(respelt(connection, reading, table, key, find) for key in table.foreign_keys),
    )


def profile_columns(
    connection: sqlite3.Connection, reading: Reading, table: Table, types: Mapping[str, LogicalType]
) -> dict[str, ColumnProfile]:
    """The profiles of the columns of which the types are given, without samples. The connection needs
    `scans.install`.

    Raises:
        sqlite3.Error: The rows cannot be read.
    """
    subjects = [each for each in _subjects(connection, reading, table, Demands(types)) if each.name in types]
    asked = [sql for subject in subjects for sql in likely(subject)]
    profiles = answer((connection,), quote(table.name), asked, [study(subject) for subject in subjects])
    return {profile.column: profile for profile in profiles}


def _subjects(connection: sqlite3.Connection, reading: Reading, table: Table, demands: Demands) -> list[Subject]:
    strict = "STRICT" in table.options
    names = [quote(column.name) for column in table.columns]
    guesses = _guesses(connection, reading, quote(table.name), names)
    return [
        Subject(
            column.name,
            sql,
            declaration(column.declared, strict=strict),
            reading,
            guess,
            demands.types.get(column.name, column.type),
            column.type,
        )
        for column, sql, guess in zip(table.columns, names, guesses, strict=True)
    ]


def _guesses(
    connection: sqlite3.Connection, reading: Reading, relation: str, columns: Sequence[str]
) -> list[tuple[SqliteValue, ...]]:
    """Some values of every column, NULL left out, texts and blobs shortened. SQLite's `substr` of an empty
    blob is NULL, which is put right."""
    if len(columns) > _GUESSED_COLUMNS:
        parts = (columns[at : at + _GUESSED_COLUMNS] for at in range(0, len(columns), _GUESSED_COLUMNS))
        return [guess for part in parts for guess in _guesses(connection, reading, relation, part)]
    # substr of an empty blob is NULL.
    short = ", ".join(
        f"typeof({sql}), CASE WHEN typeof({sql}) IN ('text', 'blob')"
        f" THEN ifnull(substr(CAST({sql} AS BLOB), 1, {_GUESSED_OCTETS}), x'') ELSE {sql} END"
        for sql in columns
    )
    rows = connection.execute(f"SELECT {short} FROM {relation} LIMIT {_GUESSED_ROWS}").fetchall()
    return [
        tuple(reading.value(row[2 * at], row[2 * at + 1]) for row in rows if row[2 * at] != "null")
        for at in range(len(columns))
    ]
