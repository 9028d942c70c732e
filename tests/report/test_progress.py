"""Progress: counts, what is drawn, what is printed, and how it ends."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from threading import Thread

import pytest
from rich.console import Console

from migrator.report.progress import (
    VISIBLE,
    LiveProgress,
    PlainProgress,
    Progress,
    Silent,
    TableCount,
    make_progress,
    visible,
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _console(terminal: bool = False, width: int = 100) -> Console:
    environment = {"TERM": "xterm"}
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, _environ=environment)


def _written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _drawn(progress: LiveProgress, width: int = 100) -> str:
    console = _console(width=width)
    console.print(progress.render())
    return _written(console)


@pytest.mark.parametrize(
    ("terminal", "quiet", "kind"),
    [
        pytest.param(True, False, LiveProgress, id="live on a terminal"),
        pytest.param(False, False, PlainProgress, id="lines where piped"),
        pytest.param(True, True, Silent, id="nothing when quiet on a terminal"),
        pytest.param(False, True, Silent, id="nothing when quiet and piped"),
    ],
)
def test_progress_suits_the_console(terminal: bool, quiet: bool, kind: type) -> None:
    assert type(make_progress(_console(terminal), quiet)) is kind


def test_a_dumb_terminal_gets_lines() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"})
    assert type(make_progress(console, False)) is PlainProgress


def _work(progress: Progress, clock: Clock) -> None:
    with progress:
        progress.expect([("public.users", 1000), ("public.이름", 2)])
        progress.phase("data")
        progress.table_start("public.users", 1000)
        clock.now += 2
        progress.advance("public.users", 600)
        progress.advance("public.users", 400)
        progress.table_done("public.users")
        progress.table_start("public.이름", 2)
        progress.advance("public.이름", 2)
        progress.table_done("public.이름")
        progress.phase("keys")


def test_piped_progress_is_one_line_per_phase_and_table() -> None:
    console, clock = _console(), Clock()
    _work(PlainProgress(console, clock), clock)
    assert _written(console).splitlines() == [
        "phase  3/6 data",
        "done  public.users  1,000 rows  2.0 s  500 rows/s",
        "done  public.이름  2 rows  0.00 s",
        "phase  3/6 data: keys",
    ]


def test_silent_progress_counts_and_writes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    _work(Silent(), Clock())
    assert capfd.readouterr() == ("", "")


def test_live_progress_shows_rows_rate_and_time_left_per_table_and_in_all() -> None:
    clock = Clock()
    progress = LiveProgress(_console(True), clock)
    progress.tally.expect([("users", 1000), ("orders", 3000)])
    progress.tally.begin("data")
    progress.table_start("users", 1000)
    progress.advance("users", 500)
    clock.now += 2
    head, users, orders, total = _drawn(progress).splitlines()
    assert head.split() == ["3/6", "data", "2.0", "s", "0", "of", "2", "tables"]
    assert [part for part in users.split() if "━" not in part] == [
        "users",
        "500/1,000",
        "250/s",
        "2.0",
        "s",
        "left",
    ]
    assert [part for part in orders.split() if "━" not in part] == ["orders", "0/3,000"]
    assert [part for part in total.split() if "━" not in part] == [
        "all",
        "tables",
        "500/4,000",
        "250/s",
        "14.0",
        "s",
        "left",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_live_progress_fits_the_terminal_and_keeps_its_numbers(width: int) -> None:
    clock = Clock()
    progress = LiveProgress(_console(True, width), clock)
    progress.tally.begin("data")
    progress.table_start("public.이름이아주긴표의이름이름이름", 243_112)
    progress.advance("public.이름이아주긴표의이름이름이름", 1_000)
    clock.now += 2
    for line in _drawn(progress, width).splitlines():
        assert Console().measure(line).maximum <= width
    if width >= 80:
        assert "1,000/243,112" in _drawn(progress, width)


def test_without_expectations_no_total_is_made_up() -> None:
    clock = Clock()
    progress = LiveProgress(_console(True), clock)
    progress.tally.begin("data")
    progress.table_start("users", 10)
    drawn = _drawn(progress)
    assert "0 done" in drawn
    assert "all tables" not in drawn


def test_profiled_tables_are_counted_until_the_plan_is_known() -> None:
    progress = LiveProgress(_console(True), Clock())
    progress.tally.begin("profile")
    progress.profiled("users", 1200)
    progress.profiled("orders", 1)
    assert "2 tables, 1,201 rows" in _drawn(progress)
    progress.expect([("public.users", 1200)])
    assert "1,201" not in _drawn(progress)


def test_a_new_phase_counts_from_nothing() -> None:
    progress = LiveProgress(_console(True), Clock())
    progress.tally.begin("data")
    progress.table_start("users", 10)
    progress.advance("users", 10)
    progress.table_done("users")
    progress.tally.begin("verify")
    assert progress.tally.snapshot() == [TableCount("users", 10)]
    assert "users" not in _drawn(progress)


def test_running_tables_come_before_waiting_ones_and_few_are_drawn() -> None:
    tables = [TableCount(f"done {n}", 1, 1, 1.0, 2.0) for n in range(20)]
    tables += [TableCount(f"next {n}", 1) for n in range(20)]
    tables += [TableCount(f"running {n}", 1, 0, 1.0) for n in range(3)]
    drawn = [table.name for table in visible(tables)]
    assert drawn[:4] == ["running 0", "running 1", "running 2", "next 0"]
    assert len(drawn) == VISIBLE


def test_rows_beyond_the_expected_do_not_break_the_display() -> None:
    clock = Clock()
    progress = LiveProgress(_console(True), clock)
    progress.tally.begin("data")
    progress.table_start("users", 0)
    progress.advance("users", 7)
    clock.now += 1
    assert "7/0" in _drawn(progress)
    assert "0.00 s left" in _drawn(progress)


def test_several_threads_lose_no_row() -> None:
    progress = Silent()
    progress.table_start("users", 40_000)
    threads = [Thread(target=lambda: [progress.advance("users", 1) for _ in range(10_000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert progress.tally.snapshot()[0].done == 40_000


def test_advance_costs_almost_nothing() -> None:
    progress = LiveProgress(_console(True))
    progress.table_start("users", 10**9)
    begin = time.perf_counter()
    for _ in range(10_000):
        progress.advance("users", 1)
    assert time.perf_counter() - begin < 0.5, "50 µs each would still be nothing beside a chunk"


def test_an_error_gives_the_cursor_back() -> None:
    console = _console(True)
    progress = LiveProgress(console)
    progress.phase("data")
    with pytest.raises(KeyError), progress:
        progress.advance("never started", 1)
    assert _written(console).rfind("\x1b[?25h") > _written(console).rfind("\x1b[?25l") >= 0


def test_finish_can_be_called_before_a_phase_and_twice() -> None:
    progress = LiveProgress(_console(True))
    progress.finish()
    progress.phase("data")
    progress.finish()
    progress.finish()


_INTERRUPTED = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored
from rich.console import Console
from migrator.report.progress import LiveProgress
progress = LiveProgress(Console(stderr=True, force_terminal=True, _environ={"TERM": "xterm"}))
progress.phase("data")
print("ready", flush=True)
time.sleep(30)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent differently there")
def test_ctrl_c_gives_the_cursor_back_even_without_a_with_block() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, written = process.communicate(timeout=20)
    assert written.rfind("\x1b[?25h") > written.rfind("\x1b[?25l") >= 0
