"""The command line in a process of its own, with something happening at an exact moment.

A moment is `begin:N`, `commit:N` (the N-th transaction begins; is about to commit), `chunk:N` (the N-th chunk
is about to be journalled, in the transaction that wrote its rows) or `never`. What happens then is `kill`
(SIGKILL), `interrupt` (SIGINT), `terminate` (SIGTERM), or `pause`, until `Process.finish` lets it go on.

Chunks are small, so that small tables have many. Processes are forked from one that has everything imported,
which is why they start at once.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import sqlalchemy
from sqlalchemy import event

from migrator.cli import main
from migrator.journal import Journal
from migrator.model.plan import TablePlan
from migrator.sources import Chunk
from migrator.sources.sqlite.source import SqliteSource

CHUNK_ROWS = 500
_PATIENCE = 60.0
"""Seconds to wait for another process."""

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__, "migrator.targets.postgresql", "migrator.report.html"])


def located(moment: str, of: Mapping[str, int]) -> str:
    """A moment that is said as `kind:part%` of all moments of its kind, as `kind:number`; any other as it is."""
    kind, _, number = moment.partition(":")
    if not number.endswith("%"):
        return moment
    return f"{kind}:{max(1, round(of[kind] * int(number[:-1]) / 100))}"


class Process:
    """A command of the command line under way; its files lie in `folder`, which must be new."""

    def __init__(self, folder: Path, moment: str, action: str, arguments: tuple[str, ...]) -> None:
        folder.mkdir()
        self._folder = folder
        self._process = _CONTEXT.Process(target=_run, args=(folder, moment, action, arguments))
        self._process.start()

    def until_paused(self) -> None:
        """Wait until the moment to pause has come."""
        deadline = time.monotonic() + _PATIENCE
        while not (self._folder / "paused").exists():
            assert self._process.is_alive() and time.monotonic() < deadline, (self._folder / "err").read_text()
            time.sleep(0.01)

    def finish(self) -> tuple[int | None, str, str]:
        """Let it go on and end: exit code (negative: the signal that ended it), stdout, stderr."""
        (self._folder / "go").touch()
        self._process.join(_PATIENCE)
        out, err = ((self._folder / name).read_text("utf-8") for name in ("out", "err"))
        return self._process.exitcode, out, err

    def moments(self) -> dict[str, int]:
        """How many moments of each kind there were, when it ended by itself."""
        found: dict[str, int] = json.loads((self._folder / "moments").read_text("utf-8"))
        return found

    def end(self) -> None:
        """Kill it if it still runs."""
        self._process.kill()
        self._process.join()


def _run(folder: Path, moment: str, action: str, arguments: tuple[str, ...]) -> None:
    for name, descriptor in (("out", 1), ("err", 2)):
        os.dup2(os.open(folder / name, os.O_CREAT | os.O_WRONLY), descriptor)
    patch.object(SqliteSource, "chunks", _in_small_chunks(SqliteSource.chunks)).start()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    seen = _watch(moment, lambda: _act(action, folder))
    try:
        main(list(arguments), prog_name="migrator")
    finally:
        (folder / "moments").write_text(json.dumps(seen), "utf-8")


def _in_small_chunks(chunks: Callable[..., Iterator[Chunk]]) -> Callable[..., Iterator[Chunk]]:
    def small(self: SqliteSource, table: TablePlan, **options: Any) -> Iterator[Chunk]:
        return chunks(self, table, **{**options, "max_rows": CHUNK_ROWS})

    return small


def _act(action: str, folder: Path) -> None:
    if action != "pause":
        signals = {"kill": signal.SIGKILL, "interrupt": signal.SIGINT, "terminate": signal.SIGTERM}
        os.kill(os.getpid(), signals[action])
        return
    (folder / "paused").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)


def _watch(moment: str, act: Callable[[], None]) -> Counter[str]:
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
    return seen
