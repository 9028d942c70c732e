"""The command line: exit codes, what it says about mistakes, and that stdout holds one JSON document."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from migrator.cli import exit_code, main
from migrator.errors import (
    ConfigurationError,
    ConnectionFailure,
    DataError,
    Interrupted,
    JournalError,
    MigratorError,
    RunFailedError,
    SourceDamagedError,
    SourceError,
    VerificationError,
)

Source = Callable[..., Path]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("PG_HOST", "PG_DATABASE", "PG_USER", "PG_PASSWORD", "PGPASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: CliRunner().invoke(main, [str(each) for each in arguments])


CODES = [
    (DataError("x"), 1),
    (VerificationError("x"), 1),
    (SourceDamagedError("x"), 1),
    (ConfigurationError("x"), 2),
    (SourceError("x"), 2),
    (ConnectionFailure("x"), 3),
    (JournalError("x"), 3),
    (Interrupted("x"), 130),
    (RunFailedError(DataError("x"), None), 1),
    (RunFailedError(Interrupted("x"), None), 130),
]


@pytest.mark.parametrize(("error", "code"), CODES, ids=[type(e).__name__ + str(c) for e, c in CODES])
def test_every_error_has_its_exit_code(error: MigratorError, code: int) -> None:
    assert exit_code(error) == code


NOWHERE = "postgresql://me:s3cret@127.0.0.1:9/app"

MISTAKES = [
    ("no source", ("run", "--target", NOWHERE), 2, "No source is given."),
    ("no target", ("run", "app.db"), 2, "No target is given."),
    ("a target that is no URL", ("run", "app.db", "--target", "somewhere"), 2, "not a URL"),
    ("an unknown target", ("run", "app.db", "--target", "oracle://me:s3cret@h/x"), 2, "'oracle' is not a target"),
    ("an empty environment", ("run", "app.db", "--target", "postgresql"), 2, "PG_HOST, PG_DATABASE, PG_USER"),
    ("no server", ("run", "app.db", "--target", NOWHERE), 3, "127.0.0.1"),
    ("an unknown resolution", ("run", "app.db", "--on-invalid", "drop"), 2, "'drop' is not one of"),
    ("a missing configuration", ("plan", "app.db", "--config", "none.toml"), 2, "does not exist"),
    ("a missing plan", ("run", "app.db", "--target", NOWHERE, "--plan", "none.json"), 2, "cannot be read"),
    ("an unknown command", ("migrate",), 2, "No such command"),
]


@pytest.mark.parametrize(("arguments", "code", "text"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_mistakes_are_said_without_a_traceback_or_a_password(
    call: Callable[..., Result], arguments: tuple[str, ...], code: int, text: str
) -> None:
    result = call(*arguments)
    assert result.exit_code == code, result.output
    assert text.lower() in result.output.lower()
    assert "Traceback" not in result.output
    assert "s3cret" not in result.output


BAD_SOURCES = [
    ("missing", None, 2, "does not exist"),
    ("folder", "", 2, "not a file"),
    ("empty", b"", 2, "empty"),
    ("text", b"hello, I am a letter" * 100, 2, "not a SQLite database"),
    ("truncated", b"SQLite format 3\0" + b"\0" * 50, 1, "damaged"),
]


@pytest.mark.parametrize(
    ("content", "code", "text"), [b[1:] for b in BAD_SOURCES], ids=[b[0] for b in BAD_SOURCES]
)
def test_what_is_no_database_is_refused_and_nothing_is_written(
    call: Callable[..., Result], database: str, tmp_path: Path, content: bytes | str | None, code: int, text: str
) -> None:
    path = tmp_path / "thing.db"
    if content == "":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    result = call("run", path, "--target", database)
    assert result.exit_code == code, result.output
    assert text in result.output
    assert json.loads(call("status", "--target", database, "--json").stdout) == []


def test_plan_run_verify_status_rollback(call: Callable[..., Result], database: str, sqlite_file: Source) -> None:
    path = sqlite_file("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, '한');")
    before = path.read_bytes()
    assert call("plan", path, "-t", database, "-o", "plan.json").exit_code == 0
    assert "Ready" in call("plan", path, "-t", database).output
    assert 'CREATE TABLE "public"."t"' in call("run", path, "-t", database, "--dry-run").output
    done = call("run", path, "-t", database, "--plan", "plan.json", "--report", "r.html")
    assert done.exit_code == 0, done.output
    assert "Done and proven: 1 table, 1 row" in done.output
    assert "Done and proven" in Path("r.html").read_text(encoding="utf-8")
    assert call("verify", "-t", database).exit_code == 0
    assert [run["status"] for run in json.loads(call("status", "--json", "-t", database).stdout)] == ["succeeded"]
    assert call("rollback", "-t", database).exit_code == 0
    assert json.loads(call("status", "--json", "-t", database).stdout) == []
    assert path.read_bytes() == before
    assert not list(Path(".migrator/snapshots").iterdir())


def test_an_open_decision_stops_plan_and_run(
    call: Callable[..., Result], database: str, sqlite_file: Source
) -> None:
    path = sqlite_file([("CREATE TABLE t (c TEXT)", ()), ("INSERT INTO t VALUES (?)", ("a\0b",))])
    assert call("plan", path, "-t", database).exit_code == 1
    stopped = call("run", path, "-t", database, "--json")
    document = json.loads(stopped.stdout)
    assert (stopped.exit_code, document["status"]) == (1, "failed")
    assert [f["code"] for f in document["findings"]] == ["text-nul"]
    assert call("run", path, "-t", database, "--on-invalid", "widen", "--quiet").output == ""


def test_a_report_that_cannot_be_written_is_an_error_of_the_environment(
    call: Callable[..., Result], database: str, sqlite_file: Source
) -> None:
    path = sqlite_file("CREATE TABLE t (c)")
    result = call("run", path, "-t", database, "--report", "no/such/folder/r.html")
    assert result.exit_code == 3
    assert "report cannot be written" in result.output


def test_every_command_and_option_is_explained() -> None:
    for name, command in main.commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert parameter.help, f"{name} {parameter.name}"
