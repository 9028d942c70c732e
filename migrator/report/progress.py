"""Progress of a run: live on a terminal, one line per table and phase where piped, or nothing.

`advance` costs an addition under a lock, so that it never slows the load; a thread of its own draws at most
`REFRESH` times a second. It never leaves the terminal without its cursor, however the process ends.
"""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from threading import Lock
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from migrator.model.phases import numbered
from migrator.report import words
from migrator.report.layout import say

REFRESH = 8
"""Drawings a second."""
VISIBLE = 8
"""Tables drawn at once: those being worked on, then those that come next."""
_BAR = (8, 30)
"""Least and most columns of a bar."""
_REST = 62
"""Columns a line needs beside its bar."""

Clock = Callable[[], float]


class Progress(Protocol):
    """What a run reports while it works. Safe to call from several threads; a context manager that finishes
    on the way out."""

    def expect(self, tables: Iterable[tuple[str, int]]) -> None:
        """Announce every table of the coming phases with its rows, so that what comes next and the time left
        in all are known."""

    def phase(self, name: str) -> None:
        """A phase begins, and with it every table anew."""

    def profiled(self, name: str, rows: int) -> None:
        """A source table of that many rows has been profiled."""

    def table_start(self, name: str, rows: int) -> None:
        """Work on a table of that many rows begins."""

    def advance(self, name: str, rows: int) -> None:
        """That many more rows of the table are done."""

    def table_done(self, name: str) -> None:
        """The table is done."""

    def note(self, text: str) -> None:
        """Something that people should know meanwhile."""

    def finish(self) -> None:
        """Nothing more comes. Can be called more than once."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def make_progress(console: Console, quiet: bool) -> Progress:
    """The progress that suits the console: none when `quiet`, live on a terminal, else plain lines."""
    if quiet:
        return Silent()
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveProgress(console)
    return PlainProgress(console)


@dataclass(slots=True)
class TableCount:
    """One table within the current phase. Times are readings of the clock, in seconds."""

    name: str
    rows: int
    done: int = 0
    started: float | None = None
    finished: float | None = None

    def seconds(self, now: float) -> float:
        """How long it has been, or was, worked on."""
        return 0.0 if self.started is None else (self.finished or now) - self.started


class Tally:
    """The counts of the current phase."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tables: dict[str, TableCount] = {}
        self.phase = ""
        self.profiled_tables = 0
        self.profiled_rows = 0
        self.expected = False
        self.since = clock()

    def expect(self, tables: Iterable[tuple[str, int]]) -> None:
        with self._lock:
            self._tables = {name: TableCount(name, rows) for name, rows in tables}
            self.expected = True

    def profiled(self, rows: int) -> None:
        with self._lock:
            self.profiled_tables += 1
            self.profiled_rows += rows

    def begin(self, phase: str) -> None:
        with self._lock:
            self._tables = {name: TableCount(name, table.rows) for name, table in self._tables.items()}
            self.phase, self.since = phase, self._clock()

    def start(self, name: str, rows: int) -> None:
        with self._lock:
            # Replaced in its place, because the order is the order of work.
            self._tables[name] = TableCount(name, rows, started=self._clock())

    def advance(self, name: str, rows: int) -> None:
        with self._lock:
            self._tables[name].done += rows

    def done(self, name: str) -> TableCount:
        with self._lock:
            table = self._tables[name]
            table.finished = self._clock()
            return replace(table)

    def snapshot(self) -> list[TableCount]:
        """A copy that no other thread changes."""
        with self._lock:
            return [replace(table) for table in self._tables.values()]


class _Base:
    """What every implementation shares: counting, and finishing on the way out."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self.tally = Tally(clock)

    def expect(self, tables: Iterable[tuple[str, int]]) -> None:
        self.tally.expect(tables)

    def phase(self, name: str) -> None:
        self.tally.begin(name)

    def profiled(self, name: str, rows: int) -> None:
        self.tally.profiled(rows)

    def table_start(self, name: str, rows: int) -> None:
        self.tally.start(name, rows)

    def advance(self, name: str, rows: int) -> None:
        self.tally.advance(name, rows)

    def table_done(self, name: str) -> None:
        self.tally.done(name)

    def note(self, text: str) -> None:
        return None

    def finish(self) -> None:
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()


class Silent(_Base):
    """Counts, and shows nothing."""


class PlainProgress(_Base):
    """One line as a phase begins and one as a table is done."""

    def __init__(self, console: Console, clock: Clock = time.monotonic) -> None:
        super().__init__(clock)
        self._console = console

    def phase(self, name: str) -> None:
        super().phase(name)
        say(self._console, f"phase  {numbered(name)}")

    def profiled(self, name: str, rows: int) -> None:
        super().profiled(name, rows)
        say(self._console, f"profiled  {name}  {words.counted(rows, 'row')}")

    def table_done(self, name: str) -> None:
        table = self.tally.done(name)
        seconds = table.seconds(self._clock())
        parts = [f"done  {name}", words.counted(table.done, "row"), words.duration(seconds)]
        say(
            self._console,
            "  ".join(
                [*parts, *([f"{words.number(rate)} rows/s"] if (rate := _rate(table.done, seconds)) else [])]
            ),
        )

    def note(self, text: str) -> None:
        say(self._console, f"note  {text}")


class LiveProgress(_Base):
    """A display that draws itself anew and is gone at the end."""

    def __init__(self, console: Console, clock: Clock = time.monotonic) -> None:
        super().__init__(clock)
        self._console = console
        # Standard output may be a pipe that carries the result: nothing is redirected to the display.
        self._live = Live(
            console=console,
            get_renderable=self.render,
            refresh_per_second=REFRESH,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def phase(self, name: str) -> None:
        super().phase(name)
        if not self._live.is_started:
            atexit.register(self.finish)
            self._live.start()

    def note(self, text: str) -> None:
        say(self._console, f"note  {text}")

    def finish(self) -> None:
        self._live.stop()
        atexit.unregister(self.finish)

    def render(self) -> Group:
        """The display now: the phase, the tables at work and next, and all of them together."""
        now = self._clock()
        tables = self.tally.snapshot()
        elapsed = now - self.tally.since
        head = Text.assemble((words.visible(numbered(self.tally.phase)), "bold"), f"  {words.duration(elapsed)}")
        if not any(table.started is not None for table in tables):
            return Group(head.append(self._profiled(), "dim"))
        finished = words.number(sum(table.finished is not None for table in tables))
        told = (
            f"{finished} of {words.counted(len(tables), 'table')}" if self.tally.expected else f"{finished} done"
        )
        return Group(head.append(f"  {told}", "dim"), self._tables(tables, elapsed, now))

    def _profiled(self) -> str:
        tally = self.tally
        if tally.expected or not tally.profiled_tables:
            return ""
        return f"  {words.counted(tally.profiled_tables, 'table')}, {words.counted(tally.profiled_rows, 'row')}"

    def _tables(self, tables: list[TableCount], elapsed: float, now: float) -> Table:
        grid = _grid()
        bar = min(max(self._console.width - _REST, _BAR[0]), _BAR[1])
        for table in visible(tables):
            grid.add_row(*_line(table.name, table.done, table.rows, table.seconds(now), bar))
        if self.tally.expected:
            rows = sum(max(table.rows, table.done) for table in tables)
            done = sum(table.done for table in tables)
            grid.add_row(*_line("all tables", done, rows, elapsed, bar), style="bold")
        return grid


def visible(tables: list[TableCount]) -> list[TableCount]:
    """At most `VISIBLE` tables: those at work, then those that come next."""
    running = [table for table in tables if table.started is not None and table.finished is None]
    waiting = [table for table in tables if table.started is None]
    return (running + waiting)[:VISIBLE]


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, overflow="ellipsis", max_width=24)
    grid.add_column()
    for _ in range(3):
        grid.add_column(justify="right", no_wrap=True)
    return grid


def _line(name: str, done: int, rows: int, seconds: float, bar: int) -> tuple[Text | ProgressBar, ...]:
    """Name, bar, rows, rate and time left of one table or of all."""
    rate = _rate(done, seconds)
    left = f"{words.duration(max(rows - done, 0) / rate)} left" if rate else ""
    return (
        Text(words.visible(name)),
        ProgressBar(total=max(rows, done, 1), completed=done, width=bar),
        Text(f"{words.number(done)}/{words.number(rows)}"),
        Text(f"{words.number(rate)}/s" if rate else ""),
        Text(left, "dim"),
    )


def _rate(rows: int, seconds: float) -> int:
    """Whole rows a second; 0 where it cannot be said."""
    return round(rows / seconds) if seconds > 0 else 0
