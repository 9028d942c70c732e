"""`migrator init` as a user types it: a project in the folder, which then moves its source."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from migrator.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "sales"
FILES = {
    "migrator.toml",
    "models.py",
    "alembic.ini",
    "alembic/env.py",
    "alembic/script.py.mako",
    "alembic/versions/0001_sales.py",
}


def invoke(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def sales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example's folder, with its source."""
    folder = tmp_path / "sales"
    shutil.copytree(EXAMPLE, folder)
    subprocess.run((sys.executable, "make_source.py"), cwd=folder, check=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.usefixtures("sales")
def test_a_source_becomes_a_project_that_moves_it(database: str) -> None:
    made = invoke("init", "sales.db", "--json")
    assert made.exit_code == 0 and set(json.loads(made.stdout)["files"]) == FILES
    run = invoke("run", "--target", database, "--json")
    told = json.loads(run.stdout)
    assert run.exit_code == 0 and told["verified"] and told["rows"] > 9000
    assert invoke("verify", "--target", database, "--json").exit_code == 0
    assert invoke("rollback", "--target", database, "--json").exit_code == 0
    sys.modules.pop("models", None)


def test_a_project_that_is_there_is_left_alone(sales: Path) -> None:
    (sales / "models.py").write_text("# mine\n", encoding="utf-8")
    refused = invoke("init", "sales.db")
    assert refused.exit_code == 2 and "models.py" in refused.stderr and "--force" in refused.stderr
    assert (sales / "models.py").read_text(encoding="utf-8") == "# mine\n"
    assert not (sales / "migrator.toml").exists()
    assert invoke("init", "sales.db", "--force").exit_code == 0
    assert "class " in (sales / "models.py").read_text(encoding="utf-8")


@pytest.mark.usefixtures("sales")
def test_a_project_elsewhere_names_its_source_from_there(tmp_path: Path) -> None:
    assert invoke("init", "sales.db", "--folder", tmp_path / "new" / "project").exit_code == 0
    text = (tmp_path / "new" / "project" / "migrator.toml").read_text(encoding="utf-8")
    assert 'sales = "../../sales/sales.db"' in text


def test_without_a_source_it_says_what_is_missing() -> None:
    refused = invoke("init")
    assert refused.exit_code == 2 and "No source is given" in refused.stderr
