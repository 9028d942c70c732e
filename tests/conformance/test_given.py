"""Into a schema that models and revisions own: what arrives, what stands in the way, and how it is taken back."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import migrator
from migrator.errors import ConfigurationError, RunFailedError, TargetNotEmptyError, UndecidedError
from migrator.model.findings import Resolution
from migrator.model.options import ColumnOptions, ModelOptions, Options, TableOptions
from migrator.model.result import RunResult, Status
from tests.conformance import oracle, project
from tests.conformance.driver import Process, located
from tests.conformance.servers import Target

Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def _own_models() -> Iterator[None]:
    """Every project calls its module `models`; the one of the last test is forgotten."""
    yield
    sys.modules.pop("models", None)


@pytest.fixture
def models(tmp_path: Path) -> ModelOptions:
    return project.make(tmp_path / "project")


def run(source: Path, database: str, options: Options) -> RunResult:
    return migrator.run([str(source)], database, options=options, work=source.parent / "work")


def test_rows_arrive_in_the_tables_of_the_revisions(
    sqlite_file: Make, database: str, models: ModelOptions
) -> None:
    source = sqlite_file(project.SOURCE)
    result = run(source, database, Options(models=models))
    assert result.verified and [table.rows for table in result.tables] == [3, 3]
    assert oracle.query(
        database, "SELECT code, price, note, above, CAST(twice AS decimal(9, 2)) FROM item ORDER BY code"
    ) == [
        ("a", "0.10", "", None, "0.20"),
        ("b", "1.25", "품목", "a", "2.50"),
        ("c", "3.00", None, "c", "6.00"),
    ]
    assert oracle.query(database, "SELECT id, item_code, seq, done FROM move ORDER BY id") == [
        ("1", "a", "1", "t"),
        ("2", "a", "2", "f"),
        ("9", "c", "1", "f"),
    ]
    assert oracle.query(database, "INSERT INTO move (item_code, seq) VALUES ('a', 3) RETURNING id") == [("42",)]
    assert oracle.query(database, "SELECT version_num FROM alembic_version") == [("b2",)]
    assert oracle.look(database, "validated_keys") == [("fk_item_above",), ("fk_move_item_code",)]


@pytest.mark.parametrize("applied", ["base", "a1", "head"])
def test_a_target_that_was_upgraded_before_is_filled_and_left_as_it_was(
    sqlite_file: Make, database: str, models: ModelOptions, applied: str
) -> None:
    if applied != "base":
        project.upgrade(models, database, applied)
    before = oracle.catalogue(database)
    source = sqlite_file(project.SOURCE)
    result = run(source, database, Options(models=models))
    assert result.verified
    assert oracle.query(database, "SELECT count(*) FROM move") == [("3",)]
    undone = migrator.rollback(target=database, work=source.parent / "work")
    assert undone.status is Status.ROLLED_BACK
    assert oracle.catalogue(database) == before
    if applied == "head":
        assert oracle.query(database, "SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM move)") == [
            ("0", "0")
        ]
        oracle.do(database, "INSERT INTO item (code, price) VALUES ('z', 1)")
        assert oracle.query(database, "INSERT INTO move (item_code, seq) VALUES ('z', 3) RETURNING id") == [("1",)]


def test_tables_with_rows_are_refused_by_name(
    sqlite_file: Make, target: Target, database: str, models: ModelOptions
) -> None:
    project.upgrade(models, database)
    oracle.do(database, "INSERT INTO item (code, price) VALUES ('z', 1)")
    with pytest.raises(TargetNotEmptyError, match=rf"rows in {target.schema}\.item"):
        run(sqlite_file(project.SOURCE), database, Options(models=models))
    assert oracle.query(database, "SELECT code FROM item") == [("z",)]


def test_models_that_differ_from_their_revisions_are_refused(
    sqlite_file: Make, database: str, tmp_path: Path
) -> None:
    changed = project.MODELS.replace("sa.Unicode(50)", "sa.Unicode(60)")
    options = project.make(tmp_path / "project", changed)
    before = oracle.catalogue(database)
    with pytest.raises(ConfigurationError, match=r"type of note is text\(50\), planned is text\(60\)"):
        run(sqlite_file(project.SOURCE), database, Options(models=options))
    assert oracle.catalogue(database) == before


BAD = {
    "too long": ("UPDATE item SET note = printf('%060d', 1) WHERE code = 'b'", "value-misfit", "item", "note"),
    "too many digits": ("UPDATE item SET price = 1.234 WHERE code = 'b'", "value-misfit", "item", "price"),
    "too large": ("UPDATE move SET seq = 3000000000 WHERE id = 9", "value-misfit", "move", "seq"),
    "no bool": ("UPDATE move SET done = 2 WHERE id = 9", "value-misfit", "move", "done"),
    "NULL": ("UPDATE move SET seq = NULL WHERE id = 9", "value-missing", "move", "seq"),
    "a NUL character": ("UPDATE item SET note = 'x' || char(0) WHERE code = 'b'", "text-nul", "item", "note"),
    "duplicates": ("INSERT INTO move VALUES (10, 'a', 2, 0, 's')", "duplicate-key", "move", None),
    "an orphan": ("INSERT INTO move VALUES (10, 'zz', 2, 0, 's')", "orphan-rows", "move", "item_code"),
    "a broken check": ("UPDATE item SET price = -1 WHERE code = 'b'", "check-violated", "item", None),
}
DECIDED = {
    resolution: Options(
        on_invalid=resolution, on_orphans=resolution, on_check=resolution, on_duplicates=resolution
    )
    for resolution in (Resolution.STOP, Resolution.QUARANTINE, Resolution.SKIP)
}


def bad(target: Target) -> dict[str, tuple[str]]:
    """The names of what is bad on the target."""
    return {name: (name,) for name, (_, code, *_) in BAD.items() if code != "text-nul" or target.unfit("\0")}


@pytest.mark.by_target(("case",), bad)
@pytest.mark.parametrize("resolution", DECIDED)
def test_what_does_not_fit_a_model_is_found_before_anything_is_written(
    sqlite_file: Make, database: str, models: ModelOptions, case: str, resolution: Resolution
) -> None:
    statement, code, table, column = BAD[case]
    source = sqlite_file(f"{project.SOURCE}; {statement};")
    before = oracle.catalogue(database)
    options = replace(DECIDED[resolution], models=models)
    if resolution is Resolution.STOP:
        with pytest.raises(UndecidedError) as refusal:
            run(source, database, options)
        (found,) = refusal.value.plan.open_decisions
        assert (found.code, found.table, found.column, found.count) == (code, table, column, 1)
        assert [sample.key for sample in found.samples] in ([("b",)], [(9,)], [(10,)])
        assert resolution not in found.resolutions and Resolution.QUARANTINE in found.resolutions
        assert oracle.catalogue(database) == before
        return
    result = run(source, database, options)
    assert result.verified
    for each in result.tables:
        assert each.source_rows == each.rows + each.quarantined + each.skipped
    aside = {each.source: (each.quarantined, each.skipped) for each in result.tables}
    quarantined = resolution is Resolution.QUARANTINE
    assert aside[table] == ((1, 0) if quarantined else (0, 1))
    if quarantined:
        statement = f"""SELECT source_key, reason, "row" FROM migrator_quarantine WHERE source_table = '{table}'"""
        ((key, reason, kept),) = oracle.query(database, statement)
        values = json.loads(kept or "")
        assert reason and set(values) >= {"item": {"code"}, "move": {"id"}}[table]
        assert json.loads(key or "") == ([values["code"]] if table == "item" else [int(values["id"])])


def test_rows_that_refer_to_rows_set_aside_follow_them(
    sqlite_file: Make, database: str, models: ModelOptions
) -> None:
    source = sqlite_file(f"{project.SOURCE}; UPDATE item SET price = 1.234 WHERE code = 'a';")
    result = run(source, database, Options(models=models, on_invalid=Resolution.QUARANTINE))
    assert {each.source: (each.rows, each.quarantined) for each in result.tables} == {
        "item": (1, 2),
        "move": (1, 2),
    }


def test_null_is_offered_only_where_the_model_allows_it(
    sqlite_file: Make, database: str, models: ModelOptions
) -> None:
    source = sqlite_file(
        f"{project.SOURCE}; UPDATE item SET note = printf('%060d', 1), above = 'gone' WHERE code = 'b';"
        " UPDATE move SET seq = 3000000000 WHERE id = 9;"
    )
    options = Options(models=models, on_invalid=Resolution.NULL, on_orphans=Resolution.NULL)
    with pytest.raises(UndecidedError) as refusal:
        run(source, database, options)
    assert [(found.column, found.resolutions) for found in refusal.value.plan.open_decisions] == [
        ("seq", (Resolution.QUARANTINE, Resolution.SKIP))
    ]
    moves = TableOptions(columns={"seq": ColumnOptions(on_invalid=Resolution.SKIP)})
    result = run(source, database, replace(options, tables={"move": moves}))
    assert result.verified and sum(each.nulled for each in result.tables) == 2
    assert oracle.query(database, "SELECT note, above FROM item WHERE code = 'b'") == [(None, None)]


def test_secrets_of_the_models_are_masked(sqlite_file: Make, database: str, models: ModelOptions) -> None:
    source = sqlite_file(f"{project.SOURCE}; UPDATE move SET badge = 'hush-' || printf('%050d', 7) WHERE id = 2;")
    with pytest.raises(UndecidedError) as refusal:
        run(source, database, Options(models=models))
    (found,) = refusal.value.plan.open_decisions
    assert [sample.value for sample in found.samples] == ["•••"]


UNPLACED = {
    "a table": ("CREATE TABLE extra (v)", {}, ("table-not-in-models", "extra", None)),
    "a column": ("ALTER TABLE item ADD COLUMN colour TEXT", {}, ("column-not-in-models", "item", "colour")),
    "a required column": (
        "ALTER TABLE move RENAME COLUMN seq TO number",
        {"move": TableOptions(columns={"number": ColumnOptions(skip=True)})},
        ("column-missing", "move", None),
    ),
}


@pytest.mark.parametrize("case", UNPLACED)
def test_what_has_no_place_in_the_models_is_a_decision(
    sqlite_file: Make, database: str, models: ModelOptions, case: str
) -> None:
    statement, tables, expected = UNPLACED[case]
    source = sqlite_file(f"{project.SOURCE}; {statement};")
    made = migrator.plan(
        [str(source)], database, options=Options(models=models, tables=tables), work=source.parent / "w"
    )
    assert [(found.code, found.table, found.column) for found in made.open_decisions] == [expected]


def test_names_are_mapped_by_the_options_or_by_case(
    sqlite_file: Make, database: str, models: ModelOptions
) -> None:
    source = sqlite_file(
        "CREATE TABLE ITEM (CODE TEXT, PRICE REAL, REMARK TEXT); INSERT INTO ITEM VALUES ('a', 1.5, 'r');"
        "CREATE TABLE log (n INT, what TEXT); INSERT INTO log VALUES (4, 'a');"
    )
    tables = {
        "ITEM": TableOptions(columns={"REMARK": ColumnOptions(target="note")}),
        "log": TableOptions(
            target="move",
            columns={"n": ColumnOptions(target="seq"), "what": ColumnOptions(target="item_code")},
        ),
    }
    result = run(source, database, Options(models=models, tables=tables))
    assert result.verified
    assert oracle.query(database, "SELECT code, note FROM item") == [("a", "r")]
    assert oracle.query(database, "SELECT id, item_code, seq, done FROM move") == [("1", "a", "4", "f")]


def test_a_run_that_fails_leaves_the_target_as_it_was(
    sqlite_file: Make, target: Target, database: str, tmp_path: Path
) -> None:
    """A check that the source cannot try is met by the server while the rows arrive."""
    sql = "price >= 0 AND note NOT LIKE '100%'"
    exotic = f"{sql} AND {target.sql['is short']}"
    options = project.make(
        tmp_path / "project",
        project.MODELS.replace(sql, exotic),
        project.ITEMS.replace(sql, exotic),
        project.MOVES,
    )
    source = sqlite_file(f"{project.SOURCE}; UPDATE item SET note = 'much longer than that' WHERE code = 'a';")
    before = oracle.catalogue(database)
    with pytest.raises(RunFailedError) as failure:
        run(source, database, Options(models=options))
    result = failure.value.result
    assert result.status is Status.ROLLED_BACK
    assert "rule-unchecked" in {found.code for found in result.findings}
    assert oracle.catalogue(database) == before


MOMENTS: dict[str, dict[str, int]] = {}
"""Of an uninterrupted run, by target."""


@pytest.mark.parametrize(
    "moment", ["chunk:1", "chunk:2", *(f"commit:{n}%" for n in (15, 25, 40, 65, 70, 75, 80, 88))]
)
@pytest.mark.parametrize("command", ["resume", "rollback"])
@pytest.mark.usefixtures("models")
def test_a_killed_run_is_finished_or_taken_back(
    sqlite_file: Make, target: Target, database: str, tmp_path: Path, moment: str, command: str
) -> None:
    sqlite_file(project.SOURCE)
    folder = tmp_path / "project"
    (folder / "migrator.toml").write_text(
        '[sources]\nsource = "../source.db"\n[models]\nfile = "models.py"\nalembic = "alembic.ini"\n',
        encoding="utf-8",
    )
    before = oracle.catalogue(database)
    work = ("--work", str(tmp_path / "work"), "-t", database)
    arguments = ("run", "-c", str(folder / "migrator.toml"), *work)
    if target.id not in MOMENTS:
        whole = Process(tmp_path / "whole", "never", "kill", arguments)
        assert whole.finish()[0] == 0
        MOMENTS[target.id] = whole.moments()
        migrator.rollback(target=database, work=tmp_path / "work")
    process = Process(tmp_path / "process", located(moment, MOMENTS[target.id]), "kill", arguments)
    assert process.finish()[0] == -signal.SIGKILL
    if command == "rollback":
        assert migrator.rollback(target=database, work=tmp_path / "work").status is Status.ROLLED_BACK
        assert oracle.catalogue(database) == before
    else:
        assert migrator.resume(target=database, work=tmp_path / "work").verified
        assert oracle.query(database, "SELECT count(*) FROM move") == [("3",)]
        assert oracle.query(database, "INSERT INTO move (item_code, seq) VALUES ('a', 3) RETURNING id") == [
            ("42",)
        ]


def test_a_revision_that_cannot_be_rendered_says_what_to_do(
    sqlite_file: Make, database: str, tmp_path: Path
) -> None:
    reading = project.ITEMS.replace(
        "    op.create_table(", "    op.get_bind().execute(sa.text('SELECT 1')).scalar()\n    op.create_table("
    )
    options = project.make(tmp_path / "project", project.MODELS, reading, project.MOVES)
    source = sqlite_file(project.SOURCE)
    with pytest.raises(ConfigurationError, match="cannot be rendered as SQL") as refusal:
        run(source, database, Options(models=options))
    assert "alembic upgrade head" in refusal.value.hint
    project.upgrade(options, database)
    assert run(source, database, Options(models=options)).verified
