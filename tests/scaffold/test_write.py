"""Writing a project: all of it or nothing, and never over somebody's work."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from migrator.errors import ConfigurationError, EnvironmentFailure
from migrator.scaffold import File, write
from tests.scaffold.conftest import Made
from tests.scaffold.folders import files_of

FILES = (
    File(PurePosixPath("models.py"), "x = 1\n"),
    File(PurePosixPath("alembic", "versions", "0001_a.py"), "고객\n"),
)


def test_a_project_has_these_files(projects: dict[str, Made]) -> None:
    assert [str(file.path) for file in files_of(projects["views"].plan)] == [
        "migrator.toml",
        "models.py",
        "alembic.ini",
        "alembic/env.py",
        "alembic/script.py.mako",
        "alembic/versions/0001_source.py",
    ]


def test_the_first_revision_is_named_after_its_sources(projects: dict[str, Made]) -> None:
    assert str(files_of(projects["several sources"].plan)[-1].path) == "alembic/versions/0001_one_two.py"


def test_the_same_plan_gives_the_same_files(projects: dict[str, Made]) -> None:
    assert all(files_of(made.plan) == files_of(made.plan) for made in projects.values())


def test_no_file_names_a_password_or_a_place_of_this_machine(projects: dict[str, Made], tmp_path: Path) -> None:
    for made in projects.values():
        for file in files_of(made.plan):
            assert str(tmp_path.parent) not in file.text and "localhost" not in file.text


def test_files_are_written_into_folders_that_are_made(tmp_path: Path) -> None:
    written = write(tmp_path / "new", FILES)
    assert [path.read_bytes() for path in written] == [b"x = 1\n", "고객\n".encode()]


def test_files_that_are_there_are_all_named_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("mine")
    other = tmp_path / "alembic" / "versions" / "f00d_other.py"
    other.parent.mkdir(parents=True)
    other.write_text("mine")
    with pytest.raises(ConfigurationError) as caught:
        write(tmp_path, FILES)
    assert caught.value.what == "The folder holds a project already; nothing was written."
    assert caught.value.where == f"{other}, {tmp_path / 'models.py'}"
    assert caught.value.hint == "Use an empty folder, or give --force to replace the files."
    assert sorted(path.name for path in tmp_path.rglob("*.py")) == ["f00d_other.py", "models.py"]
    assert (tmp_path / "models.py").read_text() == "mine"


def test_overwriting_replaces_the_files_and_leaves_others(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("mine")
    (tmp_path / "other.txt").write_text("mine")
    write(tmp_path, FILES, overwrite=True)
    assert (tmp_path / "models.py").read_text() == "x = 1\n"
    assert (tmp_path / "other.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_the_environments_fault(tmp_path: Path) -> None:
    (tmp_path / "alembic").write_text("a file")
    with pytest.raises(EnvironmentFailure, match="cannot be written"):
        write(tmp_path, FILES[1:])
