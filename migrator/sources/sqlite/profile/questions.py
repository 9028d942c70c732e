"""Asking SQLite about many columns at once: aggregates wanted by any column go into one SELECT per table.

What to ask is decided by generators that yield SQL aggregates and receive their values; this module only
carries questions and answers. What the first answers make necessary is asked in a second round, so a clean
table is read once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from migrator.sources.sqlite.values import SqliteValue

T = TypeVar("T")
Questions = Generator[tuple[str, ...], tuple[SqliteValue, ...], T]
"""Yields SQL aggregates, receives their values, returns what it found out."""

_WIDEST = 900
"""Result columns per SELECT: SQLite allows 2,000 (https://sqlite.org/limits.html), aggregates and the columns
they read counted together."""


def answer(
    connections: Sequence[sqlite3.Connection],
    relation: str,
    likely: Iterable[str],
    questions: Sequence[Questions[T]],
) -> list[T]:
    """What each generator returns. `likely` is asked with the first round, whether or not anyone wants it.
    Several connections to the same snapshot share each round, every one in a thread of its own.

    Raises:
        sqlite3.Error: The rows cannot be read.
    """
    known: dict[str, SqliteValue] = {}
    results: dict[int, T] = {}
    wanted: dict[int, tuple[str, ...]] = {}
    extra = tuple(likely)
    for at, each in enumerate(questions):
        _advance(at, each, None, known, wanted, results)
    while wanted:
        asked = dict.fromkeys(sql for each in wanted.values() for sql in each if sql not in known)
        known |= _ask(connections, relation, [*asked, *(sql for sql in extra if sql not in asked)])
        extra = ()
        for at, sent in list(wanted.items()):
            _advance(at, questions[at], tuple(known[sql] for sql in sent), known, wanted, results)
    return [results[at] for at in range(len(questions))]


def _advance(
    at: int,
    each: Questions[T],
    answers: tuple[SqliteValue, ...] | None,
    known: Mapping[str, SqliteValue],
    wanted: dict[int, tuple[str, ...]],
    results: dict[int, T],
) -> None:
    """Go on until the generator asks something new or returns."""
    try:
        asked = next(each) if answers is None else each.send(answers)
        while all(sql in known for sql in asked):
            asked = each.send(tuple(known[sql] for sql in asked))
        wanted[at] = asked
    except StopIteration as done:
        wanted.pop(at, None)
        results[at] = done.value


def _ask(connections: Sequence[sqlite3.Connection], relation: str, asked: Sequence[str]) -> dict[str, SqliteValue]:
    share = -(-len(asked) // len(connections))
    shares = [asked[start : start + share] for start in range(0, len(asked), share)] if share else []
    if len(shares) < 2:
        return _select(connections[0], relation, asked)
    known: dict[str, SqliteValue] = {}
    with ThreadPoolExecutor(len(shares), "profile") as pool:
        for found in pool.map(_select, connections, [relation] * len(shares), shares):
            known |= found
    return known


def _select(connection: sqlite3.Connection, relation: str, asked: Sequence[str]) -> dict[str, SqliteValue]:
    known: dict[str, SqliteValue] = {}
    for start in range(0, len(asked), _WIDEST):
        part = asked[start : start + _WIDEST]
        row = connection.execute(f"SELECT {', '.join(part)} FROM {relation}").fetchone()
        known |= dict(zip(part, row, strict=True))
    return known
