"""The command line in a process of its own, with something happening at an exact moment.

`python -m tests.conformance.driver MOMENT ACTION ARGUMENT…` runs `migrator ARGUMENT…`. MOMENT is
`begin:N`, `commit:N` (the N-th transaction begins; is about to commit), `chunk:N` (the N-th chunk is about to
be journalled, in the transaction that wrote its rows) or `never`. ACTION is `kill` (SIGKILL), `interrupt`
(SIGINT), `terminate` (SIGTERM), or `pause`: say `paused` on stderr and go on when stdin ends.

Chunks are small, so that small tables have many.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import sqlalchemy
from migrator.sources.sqlite.source import SqliteSource
from sqlalchemy import event

from migrator.cli import main
from migrator.journal import Journal

CHUNK_ROWS = 500


def _pause() -> None:
    print("paused", file=sys.stderr, flush=True)
    sys.stdin.read()


def _signal(number: int) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


_ACTIONS: dict[str, Callable[[], None]] = {
    "kill": _signal(signal.SIGKILL),
    "interrupt": _signal(signal.SIGINT),
    "terminate": _signal(signal.SIGTERM),
    "pause": _pause,
}


def _watch(moment: str, act: Callable[[], None]) -> None:
    """Count what happens, and act when the count of the moment's kind is reached."""
    wanted, _, number = moment.partition(":")
    seen: Counter[str] = Counter()

    def happened(kind: str) -> None:
        seen[kind] += 1
        if kind == wanted and seen[kind] == int(number):
            act()

    event.listen(sqlalchemy.Engine, "begin", lambda _connection: happened("begin"))
    event.listen(sqlalchemy.Engine, "commit", lambda _connection: happened("commit"))
    add_chunk = Journal.add_chunk

    def watched(*arguments: Any) -> None:
        happened("chunk")
        add_chunk(*arguments)

    Journal.add_chunk = watched  # type: ignore[method-assign]


if __name__ == "__main__":
    (SqliteSource.chunks.__kwdefaults__ or {})["max_rows"] = CHUNK_ROWS
    _watch(sys.argv[1], _ACTIONS[sys.argv[2]])
    main(sys.argv[3:], prog_name="migrator")
