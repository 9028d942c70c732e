"""The auth and routing project through its models and revisions: what real data gets wrong, and the ways out."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dotenv import dotenv_values
from sqlalchemy.engine import make_url

from migrator.cli import main
from migrator.demo import configuration, generate
from tests.conformance import oracle
from tests.conformance.servers import Target

ROOT = Path(__file__).parents[2]
Make = Callable[..., Path]

FILE = """
[sources]
app = "source.db"

[models]
module = "migrator.models"
alembic = '{alembic}'

{more}
"""
MOMENT = "2024-01-02 03:04:05"
USER = "INSERT INTO users (id, username, password_hash, created_at, updated_at) VALUES"
SOURCES = {
    "users": "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT, created_at TEXT,"
    f" updated_at TEXT); {USER} (1, 'Kim', 'h1', '{MOMENT}', '{MOMENT}'),"
    f" (2, ' KÍM ', 'h2', '{MOMENT}', '{MOMENT}'),"
    f" (3, 'kim  ', 'h3', '{MOMENT}', '{MOMENT}');",
    "routings": "CREATE TABLE dbo_BI_ITEM_INFO_VIEW (ITEM_CD TEXT, PartNm TEXT); CREATE TABLE dbo_BI_ROUTING_VIEW"
    " (ITEM_CD TEXT, ROUT_NO TEXT, PROC_SEQ INT, RUN_TIME TEXT, VALID_FROM_DT TEXT);"
    "INSERT INTO dbo_BI_ITEM_INFO_VIEW VALUES ('A-1', '축'), ('B-2', '');"
    "INSERT INTO dbo_BI_ROUTING_VIEW VALUES ('A-1', 'R1', 10, '1.2500', '2024-01-31 00:00:00'),"
    " ('B-2', NULL, 20, '0', NULL), ('B-2', NULL, 20, NULL, NULL);",
    "groups": "CREATE TABLE routing_groups (id CHAR(36), group_name TEXT, owner TEXT, item_codes JSON, steps JSON,"
    " connections JSON, erp_required BOOLEAN, metadata JSON, version INT, created_at DATETIME,"
    " updated_at DATETIME); INSERT INTO routing_groups VALUES"
    " ('0b0e8a4a-7d5e-4a0e-9d57-1f2f3c4d5e6f', 'g', 'o', '[]', '[{\"s\": 1}]', '{}', 0,"
    f" NULL, 1, '{MOMENT}', '{MOMENT}.123456');",
}
USERS = """
[tables.users]
{decision}
[tables.users.columns.normalized_username]
compute = "lower(trim(username))"
"""
NAMES = """
[tables.dbo_BI_ITEM_INFO_VIEW]
target = "item_master"
[tables.dbo_BI_ROUTING_VIEW]
target = "routing_master"
{decision}
"""
GROUPS = """
[tables.routing_groups]
{decision}
"""
GROUP = (
    "INSERT INTO routing_groups VALUES ('{id}', '{name}', 'o', '{codes}', '[]', '{{}}', 1, '{metadata}', 1,"
    f" '{MOMENT}', '{MOMENT}');"
)
OTHER = "1b0e8a4a-7d5e-4a0e-9d57-1f2f3c4d5e6f"

CASES: dict[str, tuple[str, str, str, str, str, str]] = {
    # source, statements that break it, rules, finding, setting, what is quarantined
    "two users equal after normalisation": (
        "users",
        "",
        USERS,
        "duplicate-key",
        "on_duplicates",
        "username",
    ),
    "routings of unknown items": (
        "routings",
        "INSERT INTO dbo_BI_ROUTING_VIEW VALUES ('없는 품목', 'R9', 1, NULL, NULL);",
        NAMES,
        "orphan-rows",
        "on_orphans",
        "ITEM_CD",
    ),
    "duplicate triples": (
        "routings",
        "INSERT INTO dbo_BI_ROUTING_VIEW VALUES ('A-1', 'R1', 10, '9', NULL);",
        NAMES,
        "duplicate-key",
        "on_duplicates",
        "RUN_TIME",
    ),
    "invalid JSON": (
        "groups",
        GROUP.format(id=OTHER, name="x", codes="[1,", metadata="{}"),
        GROUPS,
        "value-misfit",
        "on_invalid",
        "item_codes",
    ),
    "a 37-character id": (
        "groups",
        GROUP.format(id=OTHER + "0", name="x", codes="[]", metadata="{}"),
        GROUPS,
        "value-misfit",
        "on_invalid",
        "id",
    ),
}


def write(folder: Path, more: str) -> Path:
    file = folder / "migrator.toml"
    file.write_text(FILE.format(alembic=ROOT / "alembic.ini", more=more), encoding="utf-8")
    return file


def invoke(folder: Path, database: str, command: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(
        main,
        [
            command,
            "-c",
            str(folder / "migrator.toml"),
            "--work",
            str(folder / "work"),
            "--json",
            "-t",
            database,
            *arguments,
        ],
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


@pytest.mark.parametrize("case", CASES)
def test_what_the_real_data_gets_wrong_stops_the_run_first(
    sqlite_file: Make, database: str, tmp_path: Path, case: str
) -> None:
    source, breaking, rules, code, _, _ = CASES[case]
    sqlite_file(SOURCES[source] + breaking)
    write(tmp_path, rules.format(decision=""))
    before = oracle.catalogue(database)
    exit_code, told = invoke(tmp_path, database, "run")
    assert exit_code == 1
    (found,) = [each for each in told["findings"] if each["severity"] == "decision"]
    assert found["code"] == code and found["count"] == 1 and found["samples"], found
    assert oracle.catalogue(database) == before


@pytest.mark.parametrize("case", CASES)
def test_what_the_real_data_gets_wrong_is_set_aside_and_counted(
    sqlite_file: Make, database: str, tmp_path: Path, case: str
) -> None:
    source, breaking, rules, _, setting, column = CASES[case]
    file = sqlite_file(SOURCES[source] + breaking)
    write(tmp_path, rules.format(decision=f'{setting} = "quarantine"'))
    before = oracle.catalogue(database)
    exit_code, told = invoke(tmp_path, database, "run")
    assert exit_code == 0, told
    for table in told["tables"]:
        assert table["source_rows"] == table["rows"] + table["quarantined"]
    assert sum(table["quarantined"] for table in told["tables"]) == 1
    ((kept_in, key, reason, kept),) = oracle.query(
        database, 'SELECT source_table, source_key, reason, "row" FROM migrator_quarantine'
    )
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        originals = [dict(row) for row in connection.execute(f"SELECT * FROM {kept_in}")]
    original = {name: None if value is None else str(value) for name, value in json.loads(kept or "").items()}
    texts = [{name: None if value is None else str(value) for name, value in row.items()} for row in originals]
    assert original in texts and original[column] is not None and reason and json.loads(key or "")
    assert invoke(tmp_path, database, "verify")[0] == 0
    assert invoke(tmp_path, database, "rollback")[0] == 0
    assert oracle.catalogue(database) == before


def test_null_is_a_way_out_where_the_model_allows_it(sqlite_file: Make, database: str, tmp_path: Path) -> None:
    sqlite_file(SOURCES["groups"] + GROUP.format(id=OTHER, name="x", codes="[]", metadata="{broken"))
    write(tmp_path, GROUPS.format(decision='on_invalid = "null"'))
    exit_code, told = invoke(tmp_path, database, "run")
    assert exit_code == 0 and told["tables"][0]["nulled"] == 1
    assert oracle.query(database, "SELECT metadata FROM routing_groups WHERE group_name = 'x'") == [(None,)]


def test_null_is_no_way_out_for_a_key(sqlite_file: Make, database: str, tmp_path: Path) -> None:
    sqlite_file(SOURCES["groups"] + GROUP.format(id=OTHER + "0", name="x", codes="[]", metadata="{}"))
    write(tmp_path, GROUPS.format(decision='on_invalid = "null"'))
    exit_code, told = invoke(tmp_path, database, "run")
    (found,) = [each for each in told["findings"] if each["severity"] == "decision"]
    assert exit_code == 1 and found["resolutions"] == ["quarantine", "skip"]


def test_routings_keep_their_numbers_dates_and_missing_values(
    sqlite_file: Make, database: str, tmp_path: Path
) -> None:
    """Two routings without a number are no duplicates: NULL differs from NULL."""
    sqlite_file(SOURCES["routings"])
    write(tmp_path, NAMES.format(decision=""))
    assert invoke(tmp_path, database, "run")[0] == 0
    assert oracle.query(
        database,
        "SELECT routing_id, item_cd, rout_no, proc_seq, run_time, valid_from_dt FROM routing_master ORDER BY 1",
    ) == [
        ("1", "A-1", "R1", "10", "1.2500", "2024-01-31"),
        ("2", "B-2", None, "20", "0.0000", None),
        ("3", "B-2", None, "20", None, None),
    ]
    assert oracle.query(database, "SELECT partnm FROM item_master ORDER BY item_cd") == [("축",), ("",)]


def test_the_example_moves_its_sources_and_tells_the_new_environment(
    target: Target, database: str, tmp_path: Path
) -> None:
    """What `migrator run` does in the example's folder, into a server named by the environment's names."""
    generate(tmp_path, scale=0.02)
    example = configuration()
    text = example.read_text(encoding="utf-8").replace("../../", f"{ROOT.as_posix()}/")
    (tmp_path / "migrator.toml").write_text(text, encoding="utf-8")
    (tmp_path / "transforms.py").write_bytes((example.parent / "transforms.py").read_bytes())
    exit_code, told = invoke(tmp_path, database, "run", "--write-env", str(tmp_path / "new.env"))
    assert exit_code == 0, told
    assert {table["target"] for table in told["tables"] if table["transformed"]} == {f"{target.schema}.rsl_group"}
    aside = {table["source"]: table["quarantined"] for table in told["tables"] if table["quarantined"]}
    # Twenty routings of unknown items and eight doubles, of which one is both.
    assert aside == {"process_groups": 1, "dbo_BI_ROUTING_VIEW": 27}
    assert oracle.query(database, "SELECT count(*) FROM item_master") == [("1500",)]
    assert oracle.query(database, "SELECT count(*), count(DISTINCT item_cd) FROM routing_master") == [
        ("5973", "1495")
    ]
    written = dotenv_values(tmp_path / "new.env")
    assert written == told["configuration"] and written["DB_TYPE"] == target.words["type"]
    assert written["PG_DATABASE"] == make_url(database).database
    assert (make_url(database).password or "no password") not in (tmp_path / "new.env").read_text("utf-8")
    assert oracle.query(database, "SELECT version_num FROM alembic_version") != []
    assert invoke(tmp_path, database, "verify")[0] == 0
