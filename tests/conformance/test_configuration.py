"""Decisions on the command line and in `migrator.toml`, as a user gives them, and what they come to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from migrator.cli import main
from tests.conformance import oracle
from tests.conformance.model import NOCHECK, Arrived
from tests.conformance.servers import Target

SOURCE = """
CREATE TABLE parent (id INTEGER PRIMARY KEY, "Name" TEXT, raw TEXT);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INT REFERENCES parent, score REAL);
CREATE TABLE scratch (v TEXT);
INSERT INTO parent VALUES (1, CAST(x'ff41' AS TEXT), CAST(x'61ff' AS TEXT)), (2, 'x', 'y');
INSERT INTO child VALUES (1, 1, 1.25), (2, 99, 2.5);
INSERT INTO scratch VALUES (CAST(x'ff' AS TEXT));
"""

CONFIGURATION = """
sources = ["source.db"]
target = "tested"
schema = "moved"
names = "lower"
on_orphans = "quarantine"

[tables.scratch]
skip = true

[tables.parent]
target = "guardian"

[tables.parent.columns.Name]
on_invalid = "replace"

[tables.parent.columns.raw]
on_invalid = "widen"

[tables."source.child".columns.score]
type = "decimal(9,2)"

[targets.tested]
url = "${TESTED}"
"""


def invoke(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def test_everything_in_the_file_is_done(
    sqlite_file: Callable[..., Path],
    target: Target,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TESTED", database)  # it may hold a password, which belongs into no file
    sqlite_file(SOURCE)
    file = tmp_path / "migrator.toml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    before = oracle.catalogue(database)
    code, out = invoke("run", "-c", file, "--work", tmp_path / "work", "--json")
    assert code == 0, out
    assert {table["target"] for table in json.loads(out)["tables"]} == {"moved.guardian", "moved.child"}
    assert oracle.content(database, "moved", target.schema).keys() == {
        "moved.guardian",
        "moved.child",
        "moved.migrator_quarantine",
    }
    columns = (("id", "bigint"), ("parent_id", "bigint"), ("score", "numeric(9,2)"))
    target.assert_types(database, Arrived("child", columns, ()), "moved", {})
    assert oracle.table_rows(database, "moved", "guardian") == [("1", "\ufffdA", "\\x61ff"), ("2", "x", "\\x79")]
    assert oracle.table_rows(database, "moved", "child") == [("1", "1", "1.25")]
    assert invoke("rollback", "-t", database, "--work", tmp_path / "work")[0] == 0
    assert oracle.catalogue(database) == before


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        (("--on-invalid", "null", "--on-orphans", "skip"), [("1", None, None), ("2", "x", "y")]),
        pytest.param(
            ("--on-invalid", "replace", "--on-orphans", "unenforced"),
            [("1", "\ufffdA", "a\ufffd"), ("2", "x", "y")],
            marks=pytest.mark.needs(NOCHECK),
        ),
        (("--on-invalid", "skip", "--on-orphans", "skip"), [("2", "x", "y")]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_decisions_on_the_command_line(
    options: tuple[str, ...],
    rows: list[tuple[str, ...]],
    sqlite_file: Callable[..., Path],
    target: Target,
    database: str,
    tmp_path: Path,
) -> None:
    code, out = invoke("run", sqlite_file(SOURCE), "-t", database, *options, "--work", tmp_path / "work", "--json")
    assert code == 0, out
    assert oracle.table_rows(database, target.schema, "parent") == rows


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('target = "x"\nsurces = []', "Did you mean 'sources'?"),
        ('on_invalid = "ignore"', "on_invalid"),
        ("[tables.t.columns.c]\ntype = 'decimal'", "decimal(p,s)"),
        ("not toml", "TOML"),
    ],
)
def test_a_wrong_file_is_explained(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["plan", "-c", str(file)])
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_decision_about_a_table_that_is_not_there_is_refused(
    sqlite_file: Callable[..., Path], database: str, tmp_path: Path
) -> None:
    """A misspelt table name must not mean that the decision is silently not taken."""
    file = tmp_path / "migrator.toml"
    file.write_text("[tables.skratch]\nskip = true\n", encoding="utf-8")
    code, _ = invoke("plan", sqlite_file(SOURCE), "-t", database, "-c", file, "--work", tmp_path / "work")
    assert code == 2
