"""What ruff and mypy say of the projects: nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scaffold.conftest import Made


def run(folder: Path, tool: str, *arguments: str) -> str:
    """What the tool says; "" when it has nothing to say against the files."""
    command = (str(Path(sys.executable).with_name(tool)), *arguments)
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return made.stdout + made.stderr if made.returncode else ""


@pytest.fixture(scope="session")
def root(projects: dict[str, Made]) -> Path:
    return next(iter(projects.values())).folder.parent


@pytest.fixture(scope="session")
def mypy(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], str]:
    """What mypy says of a folder; every process of the run has learnt the libraries' types when one has."""
    own = tmp_path_factory.getbasetemp()
    cache = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "mypy"
    return lambda folder: run(folder, "mypy", "--strict", f"--cache-dir={cache}", ".")


def test_the_formatter_changes_nothing(root: Path) -> None:
    assert run(root, "ruff", "format", "--isolated", "--diff", ".") == ""


def test_ruff_finds_nothing_from_outside_the_projects(root: Path) -> None:
    assert run(root, "ruff", "check", "--isolated", ".") == ""


@pytest.mark.parametrize("name", ["types", "relations", "other schema", "empty", "only a view"])
def test_ruff_finds_nothing_within_a_project(projects: dict[str, Made], name: str) -> None:
    """There, the folder `alembic` makes ruff take the library for the project's own."""
    assert run(projects[name].folder, "ruff", "check", "--isolated", ".") == ""


def test_ruff_finds_nothing_with_more_rules(root: Path) -> None:
    """A class named in a script without capitals cannot begin with one."""
    rules = "E,F,W,I,N,B,UP,RUF,SIM,C4,PT,RET,ARG,PTH,PIE,T20,TC"
    found = run(root, "ruff", "check", "--isolated", "--output-format", "concise", "--select", rules, ".")
    korean = [line for line in found.splitlines() if " N801 " in line and not line.isascii()]
    others = [line for line in found.splitlines() if line not in korean and not line.startswith("Found")]
    assert (len(korean), others) == (4, [])


def test_mypy_finds_nothing_in_models_and_revisions(
    mypy: Callable[[Path], str], root: Path, tmp_path: Path
) -> None:
    """All in one run: every project has a module `models`, so they are copied under other names."""
    for number, models in enumerate(sorted(root.glob("*/models.py"))):
        shutil.copy(models, tmp_path / f"models_{number}.py")
        (revision,) = models.parent.glob("alembic/versions/*.py")
        shutil.copy(revision, tmp_path / f"revision_{number}.py")
    assert mypy(tmp_path) == ""


@pytest.mark.parametrize("name", ["relations", "other schema"])
def test_mypy_finds_nothing_in_a_whole_project(
    mypy: Callable[[Path], str], projects: dict[str, Made], name: str
) -> None:
    assert mypy(projects[name].folder) == ""
