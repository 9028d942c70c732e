"""The command as a user types it: what it prints, and with which code it exits."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from migrator.cli.doctor import code, doctor_command
from migrator.errors import ConfigurationError, ConnectionFailure, MigratorError, SourceError
from migrator.model.health import Check, Driver, Health, State, refusal, worst
from migrator.report.health import plain_lines, render_health, verdict

Call = Callable[..., Result]
NAMES = ("PG_HOST", "PG_PORT", "PG_DATABASE", "PG_USER", "PG_PASSWORD", "PGPASSWORD", "DB_TYPE")


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run the command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in (*NAMES, "MSSQL_SERVER", "MSSQL_DATABASE", "MSSQL_USER", "MSSQL_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: CliRunner().invoke(doctor_command, [str(each) for each in arguments])


def test_all_well_exits_0_and_says_so(call: Call, database: str, sqlite_file: Callable[..., Path]) -> None:
    path = sqlite_file("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    result = call(path, "--target", database)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1].startswith("verdict  Ready: ")
    assert f"ok  source {path}  readable  It can be read, with 1 table" in result.output
    assert "drivers for SQL Server" not in result.output  # nobody asked for one
    assert sorted(each.name for each in path.parent.iterdir()) == ["source.db"]


def test_what_is_missing_exits_1(call: Call) -> None:
    result = call("gone.db")
    assert result.exit_code == 1
    assert "failed  source gone.db  file  The source file does not exist." in result.output
    assert "failed  source gone.db  file  to do: Check the path" in result.output


def test_a_wrong_configuration_exits_2_and_everything_else_is_still_looked_at(call: Call) -> None:
    Path("migrator.toml").write_text('target = "nowhere"\non_invalid = "drop"\n', encoding="utf-8")
    result = call("gone.db")
    assert result.exit_code == 2
    assert "misconfigured  configuration  file  where: migrator.toml:1: target" in result.output
    assert "misconfigured  configuration  file  to do: also wrong, in line 2" in result.output
    assert "ok  python  version" in result.output
    assert "failed  source gone.db" in result.output
    assert "1 check failed, 1 mistake in the configuration" in result.output


def test_names_that_are_missing_exit_2(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSSQL_SERVER", "db.example")
    monkeypatch.setenv("MSSQL_USER", "me")
    monkeypatch.setenv("MSSQL_PASSWORD", "s3cret")
    result = call()
    assert result.exit_code == 2
    assert "target mssql  configuration  where: missing: MSSQL_DATABASE" in result.output
    assert "s3cret" not in result.output


def test_the_policy_beside_the_configuration_is_held_against_the_drivers(call: Call) -> None:
    Path("driver-policy.toml").write_text('[odbc]\nminimum = "18"\n', encoding="utf-8")
    kept = call()
    assert kept.exit_code == 0, kept.output
    assert "ok  policy  driver  ODBC Driver 18 for SQL Server 18." in kept.output
    assert "driver-policy.toml asks for version 18 or later" in kept.output
    Path("driver-policy.toml").write_text('[odbc]\nminimum = "99.1"\n', encoding="utf-8")
    broken = call()
    assert broken.exit_code == 1
    assert "failed  policy  driver  No usable driver meets the policy" in broken.output
    assert "is older than 99.1" in broken.output


def test_the_policy_that_is_given_is_taken_and_its_mistakes_exit_2(call: Call) -> None:
    Path("driver-policy.toml").write_text("nonsense", encoding="utf-8")
    Path("mine.json").write_text('{"odbc": {"architectur": "x64"}}', encoding="utf-8")
    result = call("--policy", "mine.json")
    assert result.exit_code == 2
    assert "'architectur' is not a setting here" in result.output
    assert "Did you mean 'architecture'?" in result.output


def test_a_target_without_odbc_has_nothing_to_do_with_the_policy_unless_it_is_given(
    call: Call, database: str
) -> None:
    Path("driver-policy.toml").write_text('[odbc]\nminimum = "99.1"\n', encoding="utf-8")
    assert call("--target", database).exit_code == 0
    result = call("--target", database, "--policy", "driver-policy.toml")
    assert result.exit_code == 1
    assert "No usable driver meets the policy" in result.output


def test_json_is_one_document_with_everything_in_it(call: Call) -> None:
    Path("migrator.toml").write_text('sources = ["gone.db"]\ntarget = "embedded"\n', encoding="utf-8")
    result = call("--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert document["state"] == "failed"
    assert document["counts"]["failed"] == 1 and document["counts"]["misconfigured"] == 0
    missing = next(check for check in document["checks"] if check["state"] == "failed")
    assert missing.keys() == {"subject", "name", "state", "what", "fix", "where"}
    assert missing["subject"] == "source gone.db"
    assert {"psycopg", "mssql-python"} <= {driver["name"] for driver in document["drivers"]}


def test_quiet_says_what_fails_and_nothing_else(call: Call) -> None:
    result = call("--quiet", "gone.db")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("failed  source gone.db")
    assert call("--quiet").output == ""


def test_no_password_of_a_url_is_shown(call: Call) -> None:
    result = call("--target", "postgresql://me:s3cret@127.0.0.1:9/app?password=s3cret&sslmode=require")
    assert result.exit_code == 1
    assert "postgresql://me@127.0.0.1:9/app" in result.output
    assert "s3cret" not in result.output


def test_other_commands_do_not_wait_for_what_a_doctor_imports() -> None:
    script = "import sys, migrator.cli.doctor; print([name for name in sys.modules if name == 'migrator.doctor'])"
    done = subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Verdicts


def checks(*states: State) -> Health:
    return Health(tuple(Check("s", "n", state, "What.", "" if state is State.OK else "Do.") for state in states))


OK, NOTE, WARNING, FAILED, WRONG = State
CODES = [
    ((), 0, "Ready: 0 checks."),
    ((OK, NOTE), 0, "Ready: 2 checks."),
    ((OK, WARNING), 0, "Ready: 2 checks, 1 warning."),
    ((FAILED, WARNING, FAILED), 1, "Not ready: 2 checks failed, 1 warning."),
    ((WRONG, FAILED, OK), 2, "Not ready: 1 check failed, 1 mistake in the configuration."),
]


@pytest.mark.parametrize(("states", "expected", "said"), CODES)
def test_the_worst_check_decides(states: tuple[State, ...], expected: int, said: str) -> None:
    health = checks(*states)
    assert code(health) == expected
    assert verdict(health) == said


def test_states_are_ordered_from_the_best_to_the_worst() -> None:
    assert worst([]) is OK
    assert worst([WRONG, OK]) is worst([OK, FAILED, WRONG]) is WRONG
    assert worst([WARNING, NOTE]) is WARNING


REFUSALS = [
    (ConfigurationError("x", hint="h"), WRONG),
    (SourceError("x", hint="h"), FAILED),
    (ConnectionFailure("x", hint="h"), FAILED),
    (MigratorError("x", hint="h"), FAILED),
]


@pytest.mark.parametrize(("error", "state"), REFUSALS)
def test_an_error_is_a_check(error: MigratorError, state: State) -> None:
    assert refusal("s", "n", error) == Check("s", "n", state, "x", "h")


# Rendering


def test_a_terminal_shows_a_heading_a_subject_and_folds_what_is_long() -> None:
    long = Check(
        "drivers for \x1b[31mX", "a very long name of a driver indeed", FAILED, "word " * 40, "Do\nthis.", "p"
    )
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, color_system=None)
    render_health(
        Health((Check("python", "version", OK, "Python 3."), long), (Driver("d", "odbc", True),)), console
    )
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert "python" in lines and "drivers for \\x1b[31mX" in lines
    assert any(line.startswith("  ✓  version") for line in lines)
    assert any("to do: Do" in line for line in lines) and any("where: p" in line for line in lines)
    assert lines[-1] == "Not ready: 1 check failed."


def test_piped_every_line_says_what_it_is_about() -> None:
    check = Check("target a", "network", FAILED, "Gone.", "Look.\nThen wait.", "h, port 1")
    assert plain_lines(check) == [
        "failed  target a  network  Gone.",
        "failed  target a  network  where: h, port 1",
        "failed  target a  network  to do: Look.",
        "failed  target a  network  to do: Then wait.",
    ]
