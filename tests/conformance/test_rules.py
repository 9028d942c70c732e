"""Rules and transforms of `migrator.toml` into tables of a run: what arrives, proven, also after a kill."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from migrator.cli import main
from tests.conformance import oracle
from tests.conformance.driver import Process, located
from tests.conformance.servers import Target

Make = Callable[..., Path]

SOURCE = """
CREATE TABLE "Person" (id INTEGER PRIMARY KEY, "Full Name" TEXT, flag CHAR(1), note TEXT, gone TEXT, shoe INT);
INSERT INTO "Person" VALUES
  (1, ' Kim\u00a0', 'Y', '', NULL, 270), (2, 'Lee', 'N', 'x', NULL, 265), (3, 'Old', 'Y', 'y', '2020-01-01', 0),
  (4, 'Zoë', 'Y', '  ', NULL, 250);
CREATE TABLE reading (person INT REFERENCES "Person" (id), v REAL);
INSERT INTO reading VALUES (1, 0.5), (4, 1.5), (2, 2.5);
CREATE TABLE scratch (x);
"""
FILE = """
[sources]
people = "source.db"

[tables.scratch]
skip = true

[tables.Person]
target = "person"
where = "gone IS NULL"
trim = true
empty_to_null = true

[tables.Person.columns]
"Full Name" = { target = "name" }
flag = { target = "active", map = { Y = true, N = false } }
note = { trim = false }
gone = { skip = true }
shoe = { type = "decimal(4,1)", compute = "shoe / 10.0" }
origin = { value = "file" }
login = { compute = "lower(trim(\\"Full Name\\"))" }

[tables.reading]
transform = "transforms.py:double"
"""
TRANSFORM = """
def double(frame):
    frame["v"] = frame["v"] * 2
    frame["kind"] = "twice"
    return frame
"""


@pytest.fixture
def folder(sqlite_file: Make, tmp_path: Path) -> Path:
    sqlite_file(SOURCE)
    (tmp_path / "migrator.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "transforms.py").write_text(TRANSFORM, encoding="utf-8")
    return tmp_path


def arguments(folder: Path, database: str, command: str, *more: str) -> list[str]:
    return [
        command,
        *more,
        "-c",
        str(folder / "migrator.toml"),
        "--work",
        str(folder / "work"),
        "--json",
        "-t",
        database,
    ]


def invoke(folder: Path, database: str, command: str, *more: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(main, arguments(folder, database, command, *more))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


PERSONS = [
    ("1", "Kim", "t", None, "27.0", "file", "kim"),
    ("2", "Lee", "f", "x", "26.5", "file", "lee"),
    ("4", "Zoë", "t", "  ", "25.0", "file", "zoë"),
]
READINGS = [("1", "1", "twice"), ("2", "5", "twice"), ("4", "3", "twice")]


def check(database: str) -> None:
    found = oracle.query(database, "SELECT id, name, active, note, shoe, origin, login FROM person ORDER BY id")
    assert found == PERSONS
    assert oracle.query(database, "SELECT * FROM reading ORDER BY person") == READINGS


def test_every_rule_is_carried_out_told_and_proven(folder: Path, database: str) -> None:
    before = oracle.catalogue(database)
    exit_code, told = invoke(folder, database, "run")
    assert exit_code == 0, told
    check(database)
    person, reading = told["tables"]
    assert (person["source_rows"], person["rows"], person["left_out"]) == (4, 3, 1)
    assert reading["transformed"] and not person["transformed"]
    effects = {(f["column"], f["count"]) for f in told["findings"] if f["code"] == "rule-applied"}
    assert effects == {("Full Name", 1), ("note", 1), ("flag", 3)}
    assert {f["code"] for f in told["findings"]} >= {"rows-filtered", "transformed", "column-skipped"}
    assert invoke(folder, database, "verify")[0] == 0
    assert invoke(folder, database, "rollback")[0] == 0
    assert oracle.catalogue(database) == before


@pytest.mark.parametrize(
    "change", ["UPDATE person SET name = 'kim' WHERE id = 1", "UPDATE reading SET kind = 'x' WHERE v = 3"]
)
def test_a_change_in_what_rules_and_transforms_made_is_found(folder: Path, database: str, change: str) -> None:
    assert invoke(folder, database, "run")[0] == 0
    oracle.do(database, change)
    exit_code, told = invoke(folder, database, "verify")
    assert exit_code == 1 and told["mismatches"]


MOMENTS: dict[str, dict[str, int]] = {}
"""Of an uninterrupted run, by target."""


@pytest.mark.parametrize("moment", ["chunk:1", "chunk:2", "commit:33%", "commit:90%"])
def test_a_killed_run_with_rules_is_finished_by_resume(
    folder: Path, target: Target, database: str, moment: str
) -> None:
    given = tuple(arguments(folder, database, "run"))
    if target.id not in MOMENTS:
        whole = Process(folder / "whole", "never", "kill", given)
        assert whole.finish()[0] == 0
        MOMENTS[target.id] = whole.moments()
        assert invoke(folder, database, "rollback")[0] == 0
    process = Process(folder / "process", located(moment, MOMENTS[target.id]), "kill", given)
    assert process.finish()[0] != 0
    assert invoke(folder, database, "resume")[0] == 0
    check(database)


def test_a_saved_plan_carries_its_rules(folder: Path, database: str) -> None:
    assert invoke(folder, database, "plan", "-o", str(folder / "plan.json"))[0] == 0
    (folder / "migrator.toml").write_text('[sources]\npeople = "source.db"\n', encoding="utf-8")
    assert invoke(folder, database, "run", "--plan", str(folder / "plan.json"))[0] == 0
    check(database)


def test_a_saved_plan_refuses_a_changed_transform(folder: Path, database: str) -> None:
    assert invoke(folder, database, "plan", "-o", str(folder / "plan.json"))[0] == 0
    (folder / "transforms.py").write_text(TRANSFORM.replace("* 2", "* 3"), encoding="utf-8")
    exit_code, told = invoke(folder, database, "run", "--plan", str(folder / "plan.json"))
    assert exit_code == 2 and "not the one that the plan was made with" in told["error"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("    raise ValueError('no')", "ValueError: no"),
        ("    return frame.head(1)", "was given 3 rows and returned 1"),
        ("    frame['v'] = [object()] * len(frame)\n    return frame", "no column type can hold"),
    ],
)
def test_a_transform_that_fails_names_the_rows_and_writes_nothing(
    folder: Path, database: str, body: str, message: str
) -> None:
    (folder / "transforms.py").write_text(f"def double(frame):\n{body}\n", encoding="utf-8")
    before = oracle.catalogue(database)
    exit_code, told = invoke(folder, database, "run")
    assert exit_code == 1 and message in told["error"]
    assert "reading" in told["where"] and "1" in told["where"] and "3" in told["where"], told["where"]
    assert oracle.catalogue(database) == before


def test_a_transform_that_gives_other_rows_the_second_time_is_not_proven(folder: Path, database: str) -> None:
    (folder / "transforms.py").write_text(
        "import random\n\ndef double(frame):\n    frame['v'] = [random.random() for _ in frame['v']]\n"
        "    return frame\n",
        encoding="utf-8",
    )
    before = oracle.catalogue(database)
    exit_code, told = invoke(folder, database, "run")
    assert exit_code == 1 and told["status"] == "rolled_back"
    assert {mismatch["column"] for mismatch in told["mismatches"]} >= {"v"}
    assert oracle.catalogue(database) == before


def test_a_value_that_a_rule_leaves_unfit_is_a_finding(folder: Path, database: str) -> None:
    text = FILE.replace('"decimal(4,1)"', '"decimal(2,1)"')
    (folder / "migrator.toml").write_text(text, encoding="utf-8")
    exit_code, told = invoke(folder, database, "run")
    (found,) = [each for each in told["findings"] if each["severity"] == "decision"]
    assert exit_code == 1 and (found["code"], found["column"], found["count"]) == ("value-misfit", "shoe", 3)
    (folder / "migrator.toml").write_text(
        text.replace('"shoe / 10.0" }', '"shoe / 10.0", on_invalid = "quarantine" }'), encoding="utf-8"
    )
    exit_code, told = invoke(folder, database, "run")
    assert exit_code == 0, told
    assert {table["source"]: (table["rows"], table["quarantined"]) for table in told["tables"]} == {
        "Person": (0, 3),
        "reading": (0, 3),
    }
    statement = "SELECT \"row\" FROM migrator_quarantine WHERE source_table = 'Person' ORDER BY id"
    kept = json.loads(oracle.query(database, statement)[0][0] or "")
    assert kept["Full Name"] == " Kim\u00a0" and kept["shoe"] == "270"
