"""The life of a run: killed, interrupted, cut off, resumed, taken back, refused. Whatever happens, the target
ends as it was before, or as an uninterrupted run would have left it.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

import migrator
from migrator import Options
from migrator.errors import (
    ChangedSinceError,
    ConfigurationError,
    DataError,
    JournalError,
    MigratorError,
    RunFailedError,
    TargetNotEmptyError,
)
from migrator.model.findings import Resolution
from tests.conformance import oracle
from tests.conformance.driver import Process, located
from tests.conformance.model import DDL_TRIGGERS
from tests.conformance.servers import Target

SMALL = """
CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, at DATETIME, price DECIMAL(10,2));
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parent, body BLOB, f REAL);
CREATE TABLE loose (a TEXT, b INTEGER);
CREATE INDEX child_parent ON child (parent_id);
CREATE VIEW joined AS SELECT p.name, c.f FROM parent p JOIN child c ON c.parent_id = p.id;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
  INSERT INTO parent SELECT i, 'name ' || i, datetime(1700000000 + i, 'unixepoch'), i / 4.0 FROM n;
INSERT INTO child SELECT id, 1 + id % 100, CAST(name AS BLOB), id / 3.0 FROM parent;
INSERT INTO loose SELECT 'x' || id % 7, id % 5 FROM parent LIMIT 1200;
"""
"""Some 5,000 rows: 11 chunks of the driver's size."""


@contextmanager
def started(folder: Path, *arguments: str, moment: str = "never", action: str = "kill") -> Iterator[Process]:
    """A command under way, killed at the end of the block if it still runs."""
    process = Process(folder / f"process-{uuid.uuid4().hex}", moment, action, arguments)
    try:
        yield process
    finally:
        process.end()


class Cli:
    """The command line with a working folder and a target."""

    def __init__(self, folder: Path, target: str, work: str = "work") -> None:
        self.folder = folder
        self.rest = ("--target", target, "--work", str(folder / work))

    def __call__(self, *arguments: str, **when: str) -> tuple[int | None, dict[str, Any], str]:
        """Exit code, the document on stdout ({} when there is none), stderr."""
        with self.started(*arguments, **when) as process:
            code, out, err = process.finish()
        return code, json.loads(out) if out else {}, err

    def started(self, *arguments: str, **when: str) -> AbstractContextManager[Process]:
        return started(self.folder, *arguments, *self.rest, "--json", **when)


@pytest.fixture
def cli(tmp_path: Path, database: str) -> Cli:
    return Cli(tmp_path, database)


@pytest.fixture
def source(sqlite_file: Callable[..., Path]) -> str:
    return str(sqlite_file(SMALL))


def digests(result: Any) -> dict[str, str]:
    tables = result["tables"] if isinstance(result, dict) else [vars_of(table) for table in result.tables]
    return {table["target"]: table["digest"] for table in tables}


def vars_of(table: Any) -> dict[str, Any]:
    return {"target": table.target, "digest": table.digest}


@dataclass(frozen=True)
class Whole:
    """An uninterrupted run of the small source: the digests of its tables, and how many moments of each kind."""

    digests: dict[str, str]
    moments: dict[str, int]

    def moment(self, said: str) -> str:
        """See `located`."""
        return located(said, self.moments)


WHOLE: dict[str, Whole] = {}


@pytest.fixture
def whole(target: Target, source: str, database: str, tmp_path: Path) -> Whole:
    if target.id not in WHOLE:
        cli = Cli(tmp_path, database, "before")
        with cli.started("run", source) as process:
            code, out, err = process.finish()
        assert code == 0, err
        WHOLE[target.id] = Whole(digests(json.loads(out)), process.moments())
        assert cli("rollback")[0] == 0
    return WHOLE[target.id]


@pytest.fixture
def expected(whole: Whole) -> dict[str, str]:
    """The digests of an uninterrupted run of the small source."""
    return whole.digests


def journal_is_gone(database: str) -> bool:
    return "migrator" not in oracle.names(database)


# Killed


KILLS = [
    *(f"chunk:{n}" for n in (1, 2, 5, 11)),
    *(f"commit:{part}%" for part in (4, 9, 16, 25, 45, 68, 90)),
    *(f"begin:{part}%" for part in (16, 40, 60)),
]


@pytest.mark.parametrize("moment", KILLS)
def test_a_killed_run_resumes_to_the_same_digests(
    moment: str, cli: Cli, source: str, database: str, whole: Whole
) -> None:
    catalogue = oracle.catalogue(database)
    code, _, _ = cli("run", source, moment=whole.moment(moment))
    assert code == -9
    if journal_is_gone(database) or not migrator.status(target=database, work=cli.folder / "work"):
        assert oracle.content(database) == {}, "killed before there was a run"
        return
    code, document, err = cli("resume")
    assert code == 0, err
    assert digests(document) == whole.digests
    assert cli("rollback")[0] == 0
    assert oracle.catalogue(database) == catalogue


@pytest.mark.parametrize("moment", ["chunk:1", "chunk:7", "commit:14%", "commit:60%", "begin:27%"])
def test_a_killed_run_rolls_back(moment: str, cli: Cli, source: str, database: str, whole: Whole) -> None:
    catalogue = oracle.catalogue(database)
    assert cli("run", source, moment=whole.moment(moment))[0] == -9
    code, document, err = cli("rollback")
    assert code == 0, err
    assert document["status"] == "rolled_back"
    assert oracle.catalogue(database) == catalogue
    assert not list((cli.folder / "work" / "snapshots").iterdir())


@pytest.mark.parametrize("moment", ["commit:4", "commit:12"])
def test_a_killed_rollback_goes_on(moment: str, cli: Cli, source: str, database: str) -> None:
    catalogue = oracle.catalogue(database)
    assert cli("run", source)[0] == 0
    assert cli("rollback", moment=moment)[0] == -9
    code, _, err = cli("resume")
    assert code == 3 and "rolling_back" in err
    assert cli("rollback")[0] == 0
    assert oracle.catalogue(database) == catalogue


def test_a_resume_that_is_killed_too_resumes_again(cli: Cli, source: str, expected: dict[str, str]) -> None:
    assert cli("run", source, moment="chunk:2")[0] == -9
    for moment in ("chunk:2", "chunk:3"):
        assert cli("resume", moment=moment)[0] == -9
    code, document, err = cli("resume")
    assert code == 0, err
    assert digests(document) == expected


@pytest.mark.parametrize("end", ["resume", "rollback"])
def test_random_kills_of_a_larger_run(end: str, tmp_path: Path, cli: Cli, database: str) -> None:
    """50,000 rows in each of three tables, killed at random instants, several times over."""
    path = tmp_path / "large.db"
    larger(path)
    catalogue = oracle.catalogue(database)
    whole = migrator.run([str(path)], database, work=tmp_path / "before")
    migrator.rollback(target=database, work=tmp_path / "before")
    chance = random.Random(end)
    for _ in range(2):
        with cli.started("run", str(path)):
            time.sleep(0.5 + chance.random() * 2)
        runs = migrator.status(target=database, work=tmp_path / "work")
        if runs and runs[-1].status in ("running", "interrupted") and end == "resume":
            code, document, err = cli("resume")
            assert code == 0, err
            assert digests(document) == digests(whole)
        if not journal_is_gone(database):
            code, _, err = cli("rollback")
            assert code == 0 or "no run" in err.lower(), err
        assert {r for r in oracle.catalogue(database)["relations"] if r[0] != "migrator"} == {
            r for r in catalogue["relations"] if r[0] != "migrator"
        }


def larger(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT, f REAL)")
        connection.execute("CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INT REFERENCES a, at DATETIME)")
        connection.execute("CREATE TABLE c (v TEXT, n INT)")
        rows = range(50_000)
        connection.executemany("INSERT INTO a VALUES (?, ?, ?)", ((n, f"v{n}", n / 7) for n in rows))
        connection.executemany("INSERT INTO b VALUES (?, ?, '2024-01-31 10:00:00')", ((n, n // 3) for n in rows))
        connection.executemany("INSERT INTO c VALUES (?, ?)", ((f"v{n % 9}", n % 4) for n in rows))


# Interrupted


@pytest.mark.parametrize(
    ("action", "end"), [("interrupt", "resume"), ("interrupt", "rollback"), ("terminate", "resume")]
)
@pytest.mark.parametrize("moment", ["chunk:3", "commit:54%"])
def test_an_interrupted_run_leaves_its_journal(
    action: str, end: str, moment: str, cli: Cli, source: str, database: str, whole: Whole
) -> None:
    catalogue = oracle.catalogue(database)
    code, document, err = cli("run", source, moment=whole.moment(moment), action=action)
    assert code == 130
    assert document["status"] == "interrupted" and "migrator resume" in document["error"], err
    assert [run.status for run in migrator.status(target=database, work=cli.folder / "work")] == ["interrupted"]
    code, document, err = cli(end)
    assert code == 0, err
    if end == "resume":
        assert digests(document) == whole.digests
        assert cli("rollback")[0] == 0
    assert oracle.catalogue(database) == catalogue


def test_an_interruption_before_anything_is_written_leaves_nothing(cli: Cli, source: str, database: str) -> None:
    catalogue = oracle.catalogue(database)
    code, _, _ = cli("run", source, moment="begin:1", action="interrupt")
    assert code == 130
    assert oracle.catalogue(database) == catalogue


# Two at once, and a server that goes away


def test_of_two_processes_resuming_at_once_one_refuses(
    cli: Cli, source: str, database: str, expected: dict[str, str]
) -> None:
    assert cli("run", source, moment="chunk:2")[0] == -9
    assert cli("resume", moment="chunk:1")[0] == -9
    with cli.started("resume", moment="chunk:2", action="pause") as first:
        first.until_paused()
        for verb in ("resume", "rollback"):
            code, _, err = cli(verb)
            assert code == 3 and "Another process is working on this run." in err
        assert [run.status for run in migrator.status(target=database, work=cli.folder / "work")] == ["running"]
        code, out, err = first.finish()
    assert code == 0, err
    assert digests(json.loads(out)) == expected


@pytest.mark.parametrize("moment", ["chunk:3", "commit:36%", "begin:54%"])
def test_a_connection_lost_during_the_run(
    moment: str, cli: Cli, source: str, database: str, target: Target, whole: Whole
) -> None:
    catalogue = oracle.catalogue(database)
    with cli.started("run", source, moment=whole.moment(moment), action="pause") as process:
        process.until_paused()
        target.end_sessions(database)
        code, out, err = process.finish()
    assert code == (0 if target.reconnects else 3), err
    assert "Traceback" not in err
    document = json.loads(out)
    if target.reconnects:  # and no chunk is there twice
        assert digests(document) == whole.digests
        assert cli("rollback")[0] == 0
    elif document["status"] != "rolled_back":
        assert "migrator rollback" in document["error"]
        assert cli("rollback")[0] == 0
    assert oracle.catalogue(database) == catalogue


# Refused


def test_a_table_of_the_same_name_is_named_and_nothing_is_written(
    source: str, database: str, tmp_path: Path
) -> None:
    oracle.do(database, "CREATE TABLE child (mine INT)", "CREATE VIEW loose AS SELECT 1 AS one")
    catalogue = oracle.catalogue(database)
    with pytest.raises(TargetNotEmptyError) as caught:
        migrator.run([source], database, work=tmp_path)
    assert "table child, view loose" in caught.value.what and "parent" not in caught.value.what
    assert oracle.catalogue(database) == catalogue


def test_a_second_run_of_the_same_source_is_refused(source: str, database: str, tmp_path: Path) -> None:
    first = migrator.run([source], database, work=tmp_path)
    with pytest.raises(TargetNotEmptyError):
        migrator.run([source], database, work=tmp_path)
    assert migrator.verify(target=database, work=tmp_path).verified
    migrator.rollback(first.run_id, target=database, work=tmp_path)


def test_two_runs_side_by_side_go_one_by_one(
    sqlite_file: Callable[..., Path], database: str, tmp_path: Path
) -> None:
    catalogue = oracle.catalogue(database)
    first = sqlite_file("CREATE TABLE a (v INT); INSERT INTO a VALUES (1);", "one.db")
    second = sqlite_file("CREATE TABLE b (v INT); INSERT INTO b VALUES (1);", "two.db")
    one = migrator.run([str(first)], database, work=tmp_path / "work")
    two = migrator.run([str(second)], database, work=tmp_path / "work")
    migrator.rollback(one.run_id, target=database, work=tmp_path / "work")
    assert oracle.query(database, "SELECT v FROM b") == [("1",)]
    assert [run.status for run in migrator.status(target=database, work=tmp_path / "work")] == [
        "rolled_back",
        "succeeded",
    ]
    migrator.rollback(two.run_id, target=database, work=tmp_path / "work")
    assert oracle.catalogue(database) == catalogue


PASSWORD = "Correct-horse-battery-9"
SECRET = "bcrypt-of-hunter2"


def test_a_role_without_permission_is_told_which(
    target: Target, database: str, source: str, tmp_path: Path
) -> None:
    with target.stranger(database, PASSWORD) as stranger:
        cli = Cli(tmp_path, stranger)
        catalogue = oracle.catalogue(stranger)
        code, document, err = cli("run", source)
        assert code == 3
        assert target.words["no permission"] in err and "Traceback" not in err
        assert document["status"] == "failed"
        assert oracle.catalogue(stranger) == catalogue


# A step that fails


@pytest.mark.needs(DDL_TRIGGERS)
@pytest.mark.parametrize("what", ["constraint", "index", "view"])
def test_a_failing_step_undoes_everything(
    what: str, target: Target, source: str, database: str, tmp_path: Path
) -> None:
    target.sabotage(database, what)
    catalogue = oracle.catalogue(database)
    with pytest.raises(RunFailedError, match="sabotage") as caught:
        migrator.run([source], database, work=tmp_path)
    assert caught.value.result.status == "rolled_back"
    assert oracle.catalogue(database) == catalogue
    assert not list((tmp_path / "snapshots").iterdir())


@pytest.mark.needs(DDL_TRIGGERS)
def test_a_run_that_cannot_be_undone_now_says_how_to_later(
    target: Target, source: str, database: str, tmp_path: Path
) -> None:
    catalogue = oracle.catalogue(database)
    target.sabotage(database, "view", "drop")
    with pytest.raises(RunFailedError) as caught:
        migrator.run([source], database, work=tmp_path)
    assert caught.value.result.status == "failed"
    assert "migrator rollback" in caught.value.hint
    target.end_sabotage(database)
    migrator.rollback(target=database, work=tmp_path)
    assert oracle.catalogue(database) == catalogue


# Taken back


def test_rollback_refuses_when_rows_changed(target: Target, source: str, database: str, tmp_path: Path) -> None:
    catalogue = oracle.catalogue(database)
    migrator.run([source], database, work=tmp_path)
    oracle.do(database, "INSERT INTO loose VALUES ('new', 1)")
    with pytest.raises(ChangedSinceError) as caught:
        migrator.rollback(target=database, work=tmp_path)
    assert caught.value.where == f"{target.schema}.loose (1,200 rows then, 1,201 now)"
    assert "--force" in caught.value.hint
    assert migrator.rollback(target=database, work=tmp_path, force=True).status == "rolled_back"
    assert oracle.catalogue(database) == catalogue


def test_rollback_leaves_what_others_made(source: str, database: str, tmp_path: Path) -> None:
    oracle.do(database, "CREATE TABLE mine (v VARCHAR(9))", "INSERT INTO mine VALUES ('keep')")
    catalogue = oracle.catalogue(database)
    migrator.run([source], database, work=tmp_path)
    migrator.rollback(target=database, work=tmp_path)
    assert oracle.catalogue(database) == catalogue
    assert oracle.query(database, "SELECT * FROM mine") == [("keep",)]


def test_rollback_never_drops_what_depends_on_the_run(source: str, database: str, tmp_path: Path) -> None:
    catalogue = oracle.catalogue(database)
    migrator.run([source], database, work=tmp_path)
    oracle.do(database, "CREATE VIEW mine AS SELECT a FROM loose")
    with pytest.raises(DataError):
        migrator.rollback(target=database, work=tmp_path)
    assert oracle.query(database, "SELECT count(*) FROM mine") == [("1200",)]
    oracle.do(database, "DROP VIEW mine")
    migrator.rollback(target=database, work=tmp_path)
    assert oracle.catalogue(database) == catalogue


def test_quarantined_rows_go_with_their_run(
    sqlite_file: Callable[..., Path], database: str, tmp_path: Path
) -> None:
    catalogue = oracle.catalogue(database)
    script = "CREATE TABLE {0} (v TEXT); INSERT INTO {0} VALUES (CAST(x'ff' AS TEXT)), ('ok');"
    options = Options(on_invalid=Resolution.QUARANTINE)
    runs = [
        migrator.run(
            [str(sqlite_file(script.format(name), f"{name}.db"))], database, options=options, work=tmp_path / "w"
        )
        for name in ("one", "two")
    ]
    assert oracle.query(database, "SELECT count(*) FROM migrator_quarantine") == [("2",)]
    migrator.rollback(runs[0].run_id, target=database, work=tmp_path / "w")
    assert oracle.query(database, "SELECT source_table FROM migrator_quarantine") == [("two",)]
    migrator.rollback(runs[1].run_id, target=database, work=tmp_path / "w")
    assert oracle.catalogue(database) == catalogue


def test_nothing_to_roll_back_or_resume_is_said(database: str, tmp_path: Path) -> None:
    for verb in (migrator.rollback, migrator.resume, migrator.verify):
        with pytest.raises(MigratorError) as caught:
            verb(target=database, work=tmp_path)  # type: ignore[operator]
        assert isinstance(caught.value, (JournalError, ConfigurationError))
    assert migrator.status(target=database, work=tmp_path) == ()
    assert journal_is_gone(database)


def test_a_finished_run_is_not_resumed(source: str, database: str, tmp_path: Path) -> None:
    result = migrator.run([source], database, work=tmp_path)
    with pytest.raises(JournalError, match="succeeded"):
        migrator.resume(result.run_id, target=database, work=tmp_path)
    migrator.rollback(result.run_id, target=database, work=tmp_path)


# Secrets

_SECRETS = f"""
CREATE TABLE login (token TEXT PRIMARY KEY, id INT, password_hash TEXT, note TEXT);
INSERT INTO login VALUES ('{SECRET}-1', 1, '{SECRET}-2', 'fine'),
  ('{SECRET}-3', 2, CAST(CAST('{SECRET}-4' AS BLOB) || x'ff' AS TEXT), CAST(x'ff' AS TEXT));
"""


@pytest.fixture
def owned(target: Target, database: str) -> Iterator[str]:
    """The URL with the password that must not be seen."""
    with target.owner(database, PASSWORD) as url:
        yield url


def everything_written(folder: Path) -> str:
    """All files below the folder, but snapshots (private copies of the source) and the source."""
    files = [path for path in folder.rglob("*") if path.is_file() and "snapshots" not in path.parts]
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files if path.suffix != ".db")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("plan", "-o", "plan.json", "-v"), 1),
        (("run", "--report", "report.html"), 1),
        (("run", "--report", "report.html", "--on-invalid", "null"), 0),
        (("run", "--report", "report.html", "--on-invalid", "quarantine"), 0),
        (("run", "--dry-run", "--on-invalid", "widen"), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
@pytest.mark.parametrize("json_", [True, False], ids=["json", "text"])
def test_no_secret_in_any_output(
    arguments: tuple[str, ...],
    code: int,
    json_: bool,
    sqlite_file: Callable[..., Path],
    database: str,
    owned: str,
    tmp_path: Path,
) -> None:
    path = sqlite_file(_SECRETS)
    verb, *rest = (str(tmp_path / each) if each.startswith(("plan.", "report.")) else each for each in arguments)
    rest += ["--json"] if json_ and "--dry-run" not in arguments else []
    with started(tmp_path, verb, str(path), *rest, *Cli(tmp_path, owned).rest) as process:
        ended, out, err = process.finish()
    assert ended == code, err
    journal = repr(oracle.content(database, "migrator"))
    for where in (out, err, everything_written(tmp_path), journal):
        assert PASSWORD not in where
        assert SECRET not in where


def test_no_secret_in_a_failing_verification(
    sqlite_file: Callable[..., Path], target: Target, database: str, owned: str, tmp_path: Path
) -> None:
    cli = Cli(tmp_path, owned)
    path = sqlite_file(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, api_key TEXT); INSERT INTO t VALUES (1, '{SECRET}');"
    )
    assert cli("run", str(path))[0] == 0
    oracle.do(database, f"UPDATE t SET api_key = '{SECRET}!'")
    code, document, err = cli("verify", "--report", str(tmp_path / "report.html"))
    assert code == 1
    written = everything_written(tmp_path) + repr(oracle.content(database, "migrator"))
    assert SECRET not in json.dumps(document) + err + written
    assert PASSWORD not in json.dumps(document) + err + written
    assert document["mismatches"][0]["table"] == f"{target.schema}.t"


def test_no_password_when_the_server_refuses(source: str, owned: str, tmp_path: Path) -> None:
    url = make_url(owned).set(database="no_such_database")
    cli = Cli(tmp_path, url.render_as_string(hide_password=False))
    code, document, err = cli("plan", source)
    assert code == 3
    assert PASSWORD not in json.dumps(document) + err + everything_written(tmp_path)
    assert "no_such_database" in err and "Traceback" not in err


# One document


@pytest.mark.parametrize(
    ("arguments", "code", "keys"),
    [
        (("plan", "SOURCE"), 0, {"tables", "steps", "findings", "estimate"}),
        (("run", "SOURCE"), 0, {"run_id", "status", "target", "tables", "findings", "seconds"}),
        (("run", "nowhere.db"), 2, {"status"}),
        (("run", "BAD"), 1, {"status", "findings"}),
        (("status",), 0, None),
        (("verify",), 3, {"status"}),
        (("rollback",), 3, {"status"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_json_is_exactly_one_document(
    arguments: tuple[str, ...],
    code: int,
    keys: set[str] | None,
    cli: Cli,
    source: str,
    sqlite_file: Callable[..., Path],
) -> None:
    bad = str(sqlite_file("CREATE TABLE t (v TEXT); INSERT INTO t VALUES (CAST(x'ff' AS TEXT));", "bad.db"))
    given = {"SOURCE": source, "BAD": bad}
    with cli.started(*(given.get(each, each) for each in arguments)) as process:
        ended, out, err = process.finish()
    assert ended == code, err
    document = json.loads(out)
    assert keys is None or keys <= document.keys()


def test_json_run_has_the_documented_shape(cli: Cli, source: str) -> None:
    code, document, _ = cli("run", source)
    assert code == 0
    assert document["status"] == "succeeded"
    assert {table["source"]: (table["rows"], table["verified"]) for table in document["tables"]} == {
        "parent": (2000, True),
        "child": (2000, True),
        "loose": (1200, True),
    }
    assert document["seconds"]["total"] >= document["seconds"]["data"] > 0
    assert cli("rollback")[1]["status"] == "rolled_back"


# Plans


def test_a_saved_plan_runs_and_refuses_another_schema(
    cli: Cli, source: str, database: str, tmp_path: Path
) -> None:
    plan = str(tmp_path / "plan.json")
    assert cli("plan", source, "-o", plan)[0] == 0
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("INSERT INTO loose VALUES ('late', 1)")
    code, document, err = cli("run", source, "--plan", plan)
    assert code == 0, err
    assert {table["source"]: table["rows"] for table in document["tables"]}["loose"] == 1201
    assert cli("rollback")[0] == 0
    catalogue = oracle.catalogue(database)
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("ALTER TABLE loose ADD COLUMN c TEXT")
    code, _, err = cli("run", source, "--plan", plan)
    assert code == 2 and "schema" in err
    assert oracle.catalogue(database) == catalogue


def test_values_that_no_longer_fit_a_saved_plan_fail_loudly(
    cli: Cli, source: str, database: str, tmp_path: Path
) -> None:
    plan = str(tmp_path / "plan.json")
    assert cli("plan", source, "-o", plan)[0] == 0
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("UPDATE child SET f = 'not a number' WHERE id = 7")
    catalogue = oracle.catalogue(database)
    code, document, err = cli("run", source, "--plan", plan)
    assert code == 1 and "child.f, row 7" in document["error"], err
    assert document["status"] == "rolled_back"
    assert oracle.catalogue(database) == catalogue


def test_a_dry_run_prints_sql_that_runs(cli: Cli, source: str, database: str) -> None:
    catalogue = oracle.catalogue(database)
    with started(cli.folder, "run", source, "--dry-run", *cli.rest) as process:
        code, out, err = process.finish()
    assert code == 0, err
    assert oracle.catalogue(database) == catalogue
    assert oracle.attempt(database, out, "SELECT count(*) FROM joined") == [("0",)]
    assert oracle.catalogue(database) == catalogue
