"""Plans, results, run lists and errors as text, piped and on a terminal."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from migrator.errors import DataError, SourceError
from migrator.model.findings import Resolution, finding
from migrator.model.result import Mismatch, RunResult, Status
from migrator.report.terminal import CAP, render_error, render_plan, render_result, render_status
from tests.report.examples import DECIDED, MISMATCHED, PLAN, RESULT, STATUSES, USERS, large

GOLDEN = Path(__file__).parent / "golden"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_BOXES = re.compile("[\u2500-\u259f]")

Show = Callable[[Console], None]


def _piped(show: Show) -> str:
    console = Console(file=io.StringIO(), _environ={})
    show(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _terminal(show: Show, width: int = 100) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, width=width, _environ={"TERM": "xterm"})
    show(console)
    assert isinstance(console.file, io.StringIO)
    return _ANSI.sub("", console.file.getvalue())


CASES: dict[str, Show] = {
    "plan": lambda console: render_plan(PLAN, console),
    "plan-verbose": lambda console: render_plan(DECIDED, console, verbose=True),
    "result": lambda console: render_result(RESULT, console),
    "mismatched": lambda console: render_result(MISMATCHED, console),
    "status": lambda console: render_status(STATUSES, console),
    "error": lambda console: render_error(
        SourceError("The source file does not exist.", where="x.db", hint="Check the path."), console
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_piped_output_is_the_golden_text(name: str) -> None:
    assert _piped(CASES[name]) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_piped_output_has_no_boxes_and_no_escapes(name: str) -> None:
    text = _piped(CASES[name])
    assert not _ANSI.search(text)
    assert not _BOXES.search(text)


def test_piped_lines_are_as_long_as_they_need() -> None:
    long = replace(PLAN, tables=(replace(USERS, target="t" * 500),))
    assert f"-> public.{'t' * 500}  1,200 rows  151.3 kB" in _piped(lambda console: render_plan(long, console))


@pytest.mark.parametrize("width", [40, 72, 80, 120, 200])
@pytest.mark.parametrize("name", ["plan", "plan-verbose", "result", "status"])
def test_no_number_is_cut_at_any_width(name: str, width: int) -> None:
    piped = _piped(CASES[name])
    # Folding may break a line between words, never inside of a number.
    seen = " ".join(_terminal(CASES[name], width).split())
    numbers = set(re.findall(r"(?<![\w.:/-])\d{1,3}(?:,\d{3})+(?![\w,-])", piped))
    assert numbers
    assert {number for number in numbers if number not in seen} == set()


def test_numbers_stay_whole_beside_long_names() -> None:
    table = replace(RESULT.tables[1], source="s " * 100, target="t" * 200, rows=123_456_789, digest="0123456789")
    text = _terminal(lambda console: render_result(replace(RESULT, tables=(table,)), console), 72)
    assert re.search(r" 123,456,789   01234567   ✓ proven   2\.1 s$", text, re.MULTILINE)


@pytest.mark.parametrize("width", [72, 80, 120])
@pytest.mark.parametrize("name", CASES)
def test_a_terminal_is_never_overrun(name: str, width: int) -> None:
    assert max(cell_len(line) for line in _terminal(CASES[name], width).splitlines()) <= width


def test_korean_names_align() -> None:
    text = _terminal(lambda console: render_plan(DECIDED, console, verbose=True), 140)
    lines = [line for line in text.splitlines() if "text(40)" in line or "text(200)" in line]
    assert len(lines) == 2 + 1, "two columns and the warning"
    positions = [
        cell_len(line[: line.index("text(")]) for line in lines if "이름" in line or line.startswith("bio")
    ]
    assert len(set(positions)) == 1


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        pytest.param(RESULT, "Done and proven: 2 tables, 244,300 rows in 3.4 s.", id="proven"),
        pytest.param(
            replace(RESULT, mismatches=(Mismatch("t", "count", "Rows differ."),)),
            "Not proven: what arrived is not what left, 1 mismatch in 1 table.",
            id="not proven",
        ),
        pytest.param(
            replace(RESULT, tables=(replace(RESULT.tables[0], verified=False, digest=None),)),
            "Not proven: 1 table could not be verified.",
            id="not verified",
        ),
        pytest.param(
            MISMATCHED,
            "Failed: what arrived is not what left, 3 mismatches in 2 tables; the target is as it was.",
            id="mismatched and undone",
        ),
        pytest.param(
            replace(RESULT, status=Status.ROLLED_BACK, error="The disk is full.\n  where: /data"),
            "Failed: The disk is full; the target is as it was.",
            id="failed and undone",
        ),
        pytest.param(
            replace(RESULT, status=Status.FAILED, error="The server went away."),
            "Failed: The server went away; what the run made is still in the target.",
            id="failed and not undone",
        ),
        pytest.param(
            replace(RESULT, status=Status.ROLLED_BACK),
            "Rolled back: the target is as it was before run 20260730-091500-7f3a.",
            id="rolled back",
        ),
        pytest.param(
            replace(RESULT, status=Status.INTERRUPTED),
            "Interrupted: `migrator resume 20260730-091500-7f3a` finishes the run, `rollback` undoes it.",
            id="interrupted",
        ),
        pytest.param(
            replace(RESULT, status=Status.ROLLING_BACK),
            "Half taken back: `migrator rollback 20260730-091500-7f3a` goes on with it.",
            id="rolling back",
        ),
    ],
)
def test_the_verdict_comes_first(result: RunResult, verdict: str) -> None:
    assert _piped(lambda console: render_result(result, console)).splitlines()[0] == verdict


@pytest.mark.parametrize(
    ("code", "table", "column", "flag", "file"),
    [
        pytest.param(
            "text-nul",
            "users",
            "bio",
            "--on-invalid widen|null|replace|quarantine|skip",
            '[tables.users.columns.bio] on_invalid = "widen"',
            id="a value",
        ),
        pytest.param(
            "text-nul",
            'a "b".c',
            "이름",
            "--on-invalid widen|null|replace|quarantine|skip",
            r'[tables."a \"b\".c".columns."이름"] on_invalid = "widen"',
            id="names that TOML quotes",
        ),
        pytest.param(
            "orphan-rows",
            "child",
            "parent_id",
            "--on-orphans unenforced|null|quarantine|skip",
            '[tables.child] on_orphans = "unenforced"',
            id="orphans",
        ),
        pytest.param(
            "check-violated",
            "t",
            None,
            "--on-check unenforced|quarantine|skip",
            '[tables.t] on_check = "unenforced"',
            id="a check",
        ),
        pytest.param("row-too-wide", "t", None, None, "[tables.t] skip = true", id="too many columns"),
    ],
)
def test_an_open_decision_says_how_to_give_it(
    code: str, table: str, column: str | None, flag: str | None, file: str
) -> None:
    plan = replace(
        PLAN, findings=(finding(code, "Something.", database="auth", table=table, column=column, count=1),)
    )
    lines = _piped(lambda console: render_plan(plan, console)).splitlines()
    assert any(line.endswith(f"in migrator.toml: {file}") for line in lines)
    assert [line.endswith(f"choose  {flag}") for line in lines].count(True) == (flag is not None)
    assert lines[-1] == "verdict  Not yet: 1 finding must be decided before a run writes anything."


def test_a_table_name_of_two_sources_is_told_apart_in_the_file() -> None:
    twin = replace(USERS, database="routing")
    plan = replace(PLAN, tables=(USERS, twin))
    assert '[tables."auth.users".columns.bio]' in _piped(lambda console: render_plan(plan, console))


def test_a_plan_without_open_decisions_would_go() -> None:
    assert _piped(lambda console: render_plan(DECIDED, console)).splitlines()[-1].startswith("verdict  Ready: ")


def test_a_resolved_decision_is_shown_as_decided() -> None:
    decided = finding("text-nul", "3 values.", table="users", column="bio", count=3, resolution=Resolution.NULL)
    text = _piped(lambda console: render_plan(replace(PLAN, findings=(decided,)), console))
    assert "decided  users.bio  text-nul  chosen  null" in text


def test_many_findings_are_capped_and_say_where_the_rest_is() -> None:
    result = large(tables=2 * (CAP + 12), columns=1)
    assert "warning  … and 12 more, see --report" in _piped(lambda console: render_result(result, console))
    assert "more, see" not in _piped(lambda console: render_result(result, console, verbose=True))


def test_open_decisions_are_never_capped() -> None:
    findings = tuple(finding("text-nul", "x.", table=f"t{n}", column="c", count=1) for n in range(50))
    text = _piped(lambda console: render_plan(replace(PLAN, findings=findings), console))
    assert sum("choose" in line for line in text.splitlines()) == 50


def test_a_terminal_shows_every_table_that_is_not_proven() -> None:
    result = large(tables=300, columns=1)
    tables = tuple(replace(table, verified=n % 10 != 0) for n, table in enumerate(result.tables))
    text = _terminal(lambda console: render_result(replace(result, tables=tables), console))
    assert text.count("✗ differs") == 30
    assert "… and 240 more, all proven, see --report" in text


def test_next_commands_can_be_given_by_the_caller() -> None:
    text = _piped(lambda console: render_result(RESULT, console, commands=["migrator status"]))
    assert [line for line in text.splitlines() if line.startswith("next")] == ["next  migrator status"]


def test_an_error_of_several_lines_keeps_them() -> None:
    text = _piped(
        lambda console: render_error(DataError("Two tables exist:\nusers\norders", hint="Drop them."), console)
    )
    assert text == "error  Two tables exist:\nerror  users\nerror  orders\n  to do: Drop them.\n"


def test_markup_in_names_is_text() -> None:
    plan = replace(PLAN, tables=(replace(USERS, source="[bold]x[/bold]"),))
    for text in (_piped(lambda c: render_plan(plan, c)), _terminal(lambda c: render_plan(plan, c))):
        assert "[bold]x[/bold]" in text


def test_a_stream_that_cannot_spell_korean_gets_escapes_instead_of_an_error() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    render_plan(DECIDED, Console(file=stream, _environ={}), verbose=True)
    stream.seek(0)
    assert "\\uc774\\ub984" in stream.read()


@given(st.text(st.characters(codec=None), min_size=1, max_size=20))
def test_no_name_can_steer_the_terminal(name: str) -> None:
    plan = replace(PLAN, tables=(replace(USERS, source=name),))
    piped = _piped(lambda console: render_plan(plan, console))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066\ud800-\udfff]", piped)
    assert len(piped.split("\n")) == len(
        _piped(lambda console: render_plan(replace(PLAN, tables=(USERS,)), console)).split("\n")
    )
    assert "\x07" not in _terminal(lambda console: render_plan(plan, console))
