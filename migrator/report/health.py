"""What a doctor found, for people and for machines.

On a terminal every subject has a heading, and what is to be done stands below what it is about. Where piped, one
line a check, which begins with how it came out: `grep -v '^ok'` leaves what matters.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from migrator.model.health import Check, Health, State
from migrator.report.layout import is_rich, say
from migrator.report.words import counted, visible

_MARK = {
    State.OK: ("✓", "green"),
    State.NOTE: ("·", "cyan"),
    State.WARNING: ("!", "yellow"),
    State.FAILED: ("✗", "bold red"),
    State.MISCONFIGURED: ("✗", "bold red"),
}
_GAP = "  "
_WIDEST_NAME = 30


def render_health(health: Health, console: Console) -> None:
    """Show every check and the verdict."""
    if is_rich(console):
        for subject, checks in groupby(health.checks, key=lambda check: check.subject):
            console.print(Text(f"\n{visible(subject)}", "bold"))
            console.print(Padding(_table(list(checks)), (0, 0, 0, 2)))
        console.print()
    else:
        for check in health.checks:
            for line in plain_lines(check):
                say(console, line)
    mark = _MARK[health.state][1]
    say(console, verdict(health) if is_rich(console) else f"verdict{_GAP}{verdict(health)}", mark)


def render_faults(health: Health, console: Console) -> None:
    """Show only what fails, one line a check."""
    for check in health.checks:
        if check.state in (State.FAILED, State.MISCONFIGURED):
            for line in plain_lines(check):
                say(console, line)


def plain_lines(check: Check) -> list[str]:
    """A check where it is piped: every line begins with the state, the subject and the name."""
    start = _GAP.join((check.state.value, check.subject, check.name))
    parts = [("", check.what), ("where: ", check.where), ("to do: ", check.fix)]
    return [f"{start}{_GAP}{label}{line}" for label, text in parts for line in text.splitlines() if line.strip()]


def verdict(health: Health) -> str:
    """One sentence: whether a run can start, and what is in its way."""
    failed = health.count(State.FAILED)
    wrong = health.count(State.MISCONFIGURED)
    warnings = health.count(State.WARNING)
    parts = [
        f"{counted(failed, 'check')} failed" if failed else "",
        f"{counted(wrong, 'mistake')} in the configuration" if wrong else "",
        counted(warnings, "warning") if warnings else "",
    ]
    said = ", ".join(part for part in parts if part)
    if failed or wrong:
        return f"Not ready: {said}."
    return f"Ready: {counted(len(health.checks), 'check')}{f', {said}' if said else ''}."


def dumps_health(health: Health) -> str:
    """One JSON document with a final newline: the state, how many checks came out how, every check and driver."""
    document = {
        "state": health.state,
        "verdict": verdict(health),
        "counts": {state.value: health.count(state) for state in State},
        "checks": [asdict(check) for check in health.checks],
        "drivers": [asdict(driver) for driver in health.drivers],
    }
    return json.dumps(document, ensure_ascii=True, indent=2) + "\n"


def _table(checks: list[Check]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(style="dim", overflow="fold", max_width=_WIDEST_NAME)
    grid.add_column(overflow="fold", ratio=1)
    for check in checks:
        mark, style = _MARK[check.state]
        grid.add_row(Text(mark, style), Text(visible(check.name), overflow="fold"), _told(check, style))
    return grid


def _told(check: Check, style: str) -> Text:
    told = Text(overflow="fold")
    told.append(visible(check.what, keep="\n"), "" if check.state in (State.OK, State.NOTE) else style)
    if check.where:
        told.append(f"\nwhere: {visible(check.where)}", "dim")
    if check.fix:
        told.append("\nto do: ", "dim").append(visible(check.fix, keep="\n"))
    return told
