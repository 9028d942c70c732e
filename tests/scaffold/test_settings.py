"""The written `migrator.toml`, read again as every `migrator.toml` is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migrator import ColumnOptions, Options, TableOptions, config
from migrator.model.findings import Resolution, finding
from migrator.model.plan import ColumnPlan, Plan, TablePlan
from migrator.model.schema import Unmoved
from migrator.model.types import INT64
from migrator.scaffold import write
from migrator.scaffold.settings import settings
from tests.scaffold.conftest import Made
from tests.scaffold.folders import files_of

OPTIONS = Options(
    on_invalid=Resolution.QUARANTINE,
    on_orphans=Resolution.SKIP,
    on_check=Resolution.UNENFORCED,
    on_duplicates=Resolution.SKIP,
    tables={
        "people": TableOptions(
            where="id > 100 AND name <> 'it\"s\\'",
            trim=True,
            empty_to_null=True,
            on_invalid=Resolution.STOP,
            columns={
                "boss": ColumnOptions(on_orphans=Resolution.NULL, target="ignored, the plan knows better"),
                "name": ColumnOptions(map={"Y": True, "two words": 2.5, "": "x"}, trim=False, secret=True),
                "new": ColumnOptions(value=False),
                "other": ColumnOptions(compute="upper(name)"),
                "gone": ColumnOptions(skip=True),
            },
        ),
        "left out": TableOptions(skip=True),
    },
)


def read(folder: Path, text: str) -> config.Configuration:
    """The file beside models and revisions."""
    write(folder, ())
    for name in ("models.py", "alembic.ini"):
        (folder / name).touch()
    (folder / "migrator.toml").write_text(text, "utf-8")
    return config.read(folder / "migrator.toml")


def test_decisions_are_written_down_again(projects: dict[str, Made], tmp_path: Path) -> None:
    plan = projects["relations"].plan
    read_again = read(tmp_path, settings(plan, [("source", "data/my sales.db")], OPTIONS))
    written = read_again.options
    assert read_again.sources[0].name == "source" and read_again.sources[0].given.endswith("data/my sales.db")
    assert (read_again.target, written.models.base) == ("embedded", "Base")
    for name in ("on_invalid", "on_orphans", "on_check", "on_duplicates"):
        assert getattr(written, name) == getattr(OPTIONS, name)
    wanted, found = OPTIONS.tables["people"], written.tables["people"]
    for name in ("where", "trim", "empty_to_null", "on_invalid", "on_orphans"):
        assert getattr(found, name) == getattr(wanted, name)
    assert written.tables["left out"].skip
    assert found.columns["boss"].on_orphans is Resolution.NULL and found.columns["boss"].target is None
    assert dict(found.columns["name"].map) == {"Y": True, "two words": 2.5, "": "x"}
    assert found.columns["new"].value is False
    assert found.columns["other"].compute == "upper(name)"
    assert found.columns["gone"].skip


def test_every_project_has_a_file_that_can_be_read(projects: dict[str, Made]) -> None:
    for made in projects.values():
        for source in made.plan.sources:
            (made.folder / f"{source.name}.db").touch()
        assert config.read(made.folder / "migrator.toml").options.models.base == "Base"


def _renamed(plan: Plan, database: str, source: str, target: str) -> TablePlan:
    columns = (ColumnPlan("Größe ✓", "groesse", INT64, "integer"), ColumnPlan("id", "id", INT64, "integer"))
    return replace(plan.tables[0], database=database, source=source, target=target, columns=columns)


def test_names_that_changed_and_tables_left_out_are_settings(projects: dict[str, Made], tmp_path: Path) -> None:
    base = projects["relations"].plan
    plan = replace(
        base,
        tables=(
            _renamed(base, "one", "t", "first"),
            _renamed(base, "two.x", "t", "t"),
            _renamed(base, "one", "a.b", "c"),
        ),
        findings=(finding("row-too-wide", "too wide", database="one", table="wide"),),
        unmoved=(Unmoved("trigger", "tidy\nup", "no equal"),),
    )
    text = settings(plan, [("one", "one.db"), ("two.x", "b/two.x.db")], Options(schema="My Schema"))
    tables = read(tmp_path, text).options.tables
    assert read(tmp_path, text).options.schema == "My Schema"
    assert (tables["one.t"].target, tables["a.b"].target, tables["wide"].skip) == ("first", "c", True)
    assert {
        name: table.columns["Größe ✓"].target for name, table in tables.items() if table.columns
    } == dict.fromkeys(("one.t", "two_x.t", "a.b"), "groesse")
    assert [source.name for source in read(tmp_path, text).sources] == ["one", "two_x"]
    assert "#   trigger tidy\n" in text


def test_tables_without_a_setting_are_comments(projects: dict[str, Made]) -> None:
    text = files_of(projects["kept case"].plan)[0].text
    assert "# [tables.Album]\n# [tables.Track]\n" in text
    assert "\n[tables" not in text


@pytest.mark.parametrize("text", ['x\x7f\x01"\\\n\t고', "it's"])
def test_text_is_quoted_as_toml_wants_it(text: str, projects: dict[str, Made], tmp_path: Path) -> None:
    options = Options(tables={"people": TableOptions(where=text)})
    made = settings(projects["relations"].plan, [("source", "source.db")], options)
    assert read(tmp_path, made).options.tables["people"].where == text
