"""Whether a snapshot is whole: SQLite's own check, read for damage only.

`PRAGMA quick_check` also reports rows that break NOT NULL, CHECK and STRICT rules. Those are no damage: the
profile finds and counts them, and the planner decides. Nothing here repairs anything.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from itertools import islice

# The words are those of https://sqlite.org/src/file/src/pragma.c. A full-text index is checked too since
# SQLite 3.44, but does not move.
_NO_DAMAGE = re.compile(
    r"ok$|\*\*\* in database |NULL value in |CHECK constraint failed in |(?:non-\w+|NUMERIC|TEXT) value in "
    r"|.*inverted index for FTS",
    re.DOTALL,
)
_UNKNOWN = re.compile(
    r"(?:no such|unknown) function: (?P<function>.+?)(?:\(\))?$|no such collation sequence: (?P<collation>.+)$"
)
_EVERY_MESSAGE = 2**31 - 1


def problems(connection: sqlite3.Connection, limit: int) -> list[str]:
    """The first `limit` damages in SQLite's words.

    The connection must not be used for anything else: functions and collations of the application that the
    schema names get stand-ins here, so that the check can run.

    Raises:
        sqlite3.Error: The schema cannot be read, or the check cannot run.
    """
    # A CHECK that fails with an error would end the check.
    connection.execute("PRAGMA ignore_check_constraints = ON")
    _stand_in(connection)
    try:
        return list(islice(_damage(connection, _EVERY_MESSAGE), limit))
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        return _before_rows(connection, limit) or [str(error)]


def _before_rows(connection: sqlite3.Connection, limit: int) -> list[str]:
    """The check looks at the pages first, and fails when it then reads rows from damaged ones, without a word
    about the pages; when it finds enough problems of pages, it ends before."""
    try:
        return list(_damage(connection, limit))
    except sqlite3.DatabaseError:
        return []


def _damage(connection: sqlite3.Connection, limit: int) -> Iterator[str]:
    """Each damage, in the order in which the check finds it."""
    try:
        for (message,) in connection.execute(f"PRAGMA quick_check({limit})"):
            yield from (line for line in message.splitlines() if not _NO_DAMAGE.match(line))
    except sqlite3.OperationalError as error:
        # A generated column cannot be computed, as with JSON functions on other text. All pages are checked
        # by then: they come before the rows.
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise


def _stand_in(connection: sqlite3.Connection) -> None:
    """Define every function and collation that the check misses. What they say does not matter: the quick
    check compares no rows, neither with each other nor with an index."""
    known = set[str]()
    while True:
        try:
            # EXPLAIN prepares the check, which is enough to learn what is missing, and does not run it.
            connection.execute("EXPLAIN PRAGMA quick_check").fetchone()
        except sqlite3.OperationalError as error:
            missing = _UNKNOWN.fullmatch(str(error))
            if missing is None or missing[0] in known:
                raise
            known.add(missing[0])
            _define(connection, missing)
        else:
            return


def _define(connection: sqlite3.Connection, missing: re.Match[str]) -> None:
    if missing["collation"] is not None:
        connection.create_collation(missing["collation"], lambda a, b: (a > b) - (a < b))
    else:
        connection.create_function(missing["function"], -1, lambda *_: None, deterministic=True)
