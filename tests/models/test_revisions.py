"""The revisions over a real server: there, back, there again, and no difference from the models."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from migrator.connections import open_target
from migrator.model.options import ModelOptions
from migrator.models import Base, types
from migrator.project import read_given
from tests.conformance import oracle
from tests.models import offline
from tests.models.catalogue import catalogue, without_versions

VARIABLE = "MIGRATOR_DATABASE_URL"
REVISIONS = tuple(
    script.revision for script in reversed(list(ScriptDirectory.from_config(offline.config("")).walk_revisions()))
)


def upgrade(database: str, revision: str = "head") -> None:
    command.upgrade(offline.config(database), revision)


def downgrade(database: str, revision: str = "base") -> None:
    command.downgrade(offline.config(database), revision)


@contextlib.contextmanager
def connected(database: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(database, poolclass=sa.NullPool)
    with engine.begin() as connection:
        yield connection


def test_one_line_of_one_revision_per_area() -> None:
    assert REVISIONS == ("0001", "0002", "0003", "0004", "0005")
    names = [path.stem for path in sorted((offline.ROOT / "alembic" / "versions").glob("*.py"))]
    assert names == [
        "0001_auth",
        "0002_rules",
        "0003_routing_groups",
        "0004_master_data",
        "0005_operations",
    ]


def test_down_to_base_leaves_no_trace_and_up_again_gives_the_same(database: str) -> None:
    empty = catalogue(database)
    upgrade(database)
    full = catalogue(database)
    downgrade(database)
    assert without_versions(catalogue(database)) == without_versions(empty) != without_versions(full)
    assert oracle.table_rows(database, "public", "alembic_version") == []
    upgrade(database)
    assert catalogue(database) == full


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_downgrade_undoes_exactly_its_upgrade(database: str, revision: str) -> None:
    below = REVISIONS[: REVISIONS.index(revision)]
    if below:
        upgrade(database, below[-1])
    before = without_versions(catalogue(database))
    upgrade(database, "+1")
    assert without_versions(catalogue(database)) != before
    downgrade(database, "-1")
    assert without_versions(catalogue(database)) == before


def test_the_revisions_build_what_the_models_create(database: str) -> None:
    upgrade(database)
    built = without_versions(catalogue(database))
    downgrade(database)
    with connected(database) as connection:
        Base.metadata.create_all(connection)
    assert without_versions(catalogue(database)) == built


# Autogenerate


def differences(database: str, metadata: sa.MetaData) -> list[object]:
    with connected(database) as connection:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_autogenerate_finds_no_difference(database: str) -> None:
    upgrade(database)
    assert differences(database, Base.metadata) == []
    command.check(offline.config(database))


def test_autogenerate_leaves_alone_what_belongs_to_a_run(database: str) -> None:
    upgrade(database)
    with connected(database) as connection:
        connection.execute(sa.text("CREATE TABLE migrator_quarantine (id bigint)"))
        connection.execute(sa.text("CREATE SCHEMA migrator CREATE TABLE runs (id bigint)"))
    command.check(offline.config(database))
    assert len(differences(database, Base.metadata)) == 1


def _column(metadata: sa.MetaData, name: str) -> sa.Column[object]:
    table, column = name.split(".")
    return metadata.tables[table].c[column]


def _narrower(metadata: sa.MetaData) -> None:
    _column(metadata, "users.email").type = types.text(250)


def _other_type(metadata: sa.MetaData) -> None:
    _column(metadata, "routing_groups.steps").type = types.LONG_TEXT


def _nullable(metadata: sa.MetaData) -> None:
    _column(metadata, "rsl_step.config").nullable = True


def _other_text_default(metadata: sa.MetaData) -> None:
    _column(metadata, "view_configs.checklist_column_name").server_default = sa.DefaultClause(
        types.literal("확인")
    )


def _other_document_default(metadata: sa.MetaData) -> None:
    _column(metadata, "rsl_group.tags").server_default = sa.DefaultClause(types.literal("{}"))


def _other_bool_default(metadata: sa.MetaData) -> None:
    _column(metadata, "items.is_active").server_default = sa.DefaultClause(sa.false())


def _no_time_default(metadata: sa.MetaData) -> None:
    _column(metadata, "audit_events.created_at").server_default = None


def _new_column(metadata: sa.MetaData) -> None:
    metadata.tables["items"].append_column(sa.Column("colour", types.text(50)))


def _no_index(metadata: sa.MetaData) -> None:
    table = metadata.tables["view_checklists"]
    table.indexes.remove(next(index for index in table.indexes if index.name == "ix_view_checklists_username"))


def _new_unique(metadata: sa.MetaData) -> None:
    metadata.tables["items"].append_constraint(sa.UniqueConstraint("drawing_number"))


def _no_table(metadata: sa.MetaData) -> None:
    metadata.remove(metadata.tables["concept_drift_log"])


@pytest.mark.parametrize(
    "change",
    [
        _narrower,
        _other_type,
        _nullable,
        _other_text_default,
        _other_document_default,
        _other_bool_default,
        _no_time_default,
        _new_column,
        _no_index,
        _new_unique,
        _no_table,
    ],
    ids=lambda change: change.__name__,
)
def test_autogenerate_finds_a_change_of_the_models(database: str, change: Callable[[sa.MetaData], None]) -> None:
    changed = sa.MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.sorted_tables:
        table.to_metadata(changed)
    upgrade(database)
    assert differences(database, changed) == []
    change(changed)
    assert differences(database, changed) != []


# env.py and the command


def alembic(*arguments: str, folder: Path = offline.ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=folder,
        env=own | environment | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_command_works_by_itself(database: str) -> None:
    done = alembic("upgrade", "head", MIGRATOR_DATABASE_URL=database)
    assert done.returncode == 0, done.stderr
    assert oracle.table_rows(database, "public", "alembic_version") == [("0005",)]


def test_the_command_says_what_is_missing() -> None:
    done = alembic("upgrade", "head")
    assert done.returncode != 0
    assert "No database is named. Set MIGRATOR_DATABASE_URL, or write `alembic -x url=… upgrade head`." in (
        done.stdout + done.stderr
    )
    assert "Traceback" not in done.stderr


def test_an_argument_goes_before_the_environment() -> None:
    done = alembic("-x", "url=mssql://", "upgrade", "head", "--sql", MIGRATOR_DATABASE_URL="postgresql://")
    assert "NVARCHAR" in done.stdout


def test_what_a_program_set_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "mssql://")
    assert "NVARCHAR" not in offline.upgrade("postgresql")


def test_a_connection_goes_before_any_url(database: str) -> None:
    config = offline.config("postgresql+psycopg://nobody@nowhere.invalid/nothing")
    with connected(database) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert sa.inspect(connection).has_table("users")


def _again(database: str, folder: Path) -> Config:
    """A copy of the project in which Alembic wrote what 0005 does once more, as 0006."""
    shutil.copytree(offline.ROOT / "alembic", folder / "alembic", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(offline.ROOT / "alembic.ini", folder)
    config = Config(str(folder / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", database.replace("%", "%%"))
    upgrade(database, "0004")
    with connected(database) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0005'"))
    command.revision(config, "Operations again", autogenerate=True, rev_id="0006")
    return config


def test_a_new_revision_has_a_readable_name_and_works(database: str, tmp_path: Path) -> None:
    config = _again(database, tmp_path)
    assert (tmp_path / "alembic" / "versions" / "0006_operations_again.py").exists()
    command.upgrade(config, "head")
    assert differences(database, Base.metadata) == []
    command.downgrade(config, "-1")
    assert not oracle.table_types(database, "public", "audit_events")


def test_a_new_revision_made_over_postgresql_is_right_for_sql_server(database: str, tmp_path: Path) -> None:
    config = _again(database, tmp_path)
    again = Config(str(config.config_file_name), output_buffer=io.StringIO())
    again.set_main_option("sqlalchemy.url", offline.URLS["mssql"])
    command.upgrade(again, "0005:0006", sql=True)
    ours = offline.unordered(offline.upgrade("mssql", "0004:0005"))
    assert offline.unordered(offline.printed(again)) == ours


# What a run makes of them


def test_a_run_applies_what_the_command_would(database: str, tmp_path: Path) -> None:
    options = ModelOptions("migrator.models", alembic=offline.ROOT / "alembic.ini")
    empty = catalogue(database)
    with open_target(database, tmp_path) as server:
        revisions = read_given(options, server, "public").revisions
    assert [revision.id for revision in revisions[1:]] == list(REVISIONS)
    with oracle.target(database) as connection:
        for statement in (statement for revision in revisions for statement in revision.do):
            connection.execute(statement.encode())
    done = catalogue(database)
    with oracle.target(database) as connection:
        for statement in (statement for revision in reversed(revisions) for statement in revision.undo):
            connection.execute(statement.encode())
    assert catalogue(database) == empty
    upgrade(database)
    assert catalogue(database) == done
