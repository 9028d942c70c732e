"""What applications need afterwards: values from templates, and the `.env` file they are written to."""

from __future__ import annotations

from pathlib import Path

import pytest
from dotenv import dotenv_values

from migrator.environment import Settings
from migrator.errors import ConfigurationError, EnvironmentFailure

URL = "postgresql+psycopg://app:s%40cret@db.example:5433/routing?sslmode=require&sslpassword=hidden"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{url}", "postgresql+psycopg://app@db.example:5433/routing?sslmode=require"),
        ("{host}:{port}/{database}", "db.example:5433/routing"),
        ("{dialect} {user} {schema}", "postgresql app moved"),
        ("plain {{braces}}", "plain {braces}"),
    ],
)
def test_a_template_is_filled_without_secrets(template: str, expected: str) -> None:
    assert Settings({"X": template}).values(URL, "moved") == {"X": expected}


def test_without_templates_the_url_is_told() -> None:
    assert set(Settings().values(URL, "public")) == {"DATABASE_URL"}


def test_the_embedded_server_has_nothing_to_tell() -> None:
    assert Settings({"X": "{url}"}).values("embedded", "public") == {}


@pytest.mark.parametrize("template", ["{password}", "{url", "{0}"])
def test_a_template_that_cannot_be_filled_is_named(template: str) -> None:
    with pytest.raises(ConfigurationError, match="template of X cannot be filled") as refusal:
        Settings({"X": template}).values(URL, "public")
    assert refusal.value.path == ("environment", "X")
    assert "{database}" in refusal.value.hint


def test_writing_keeps_the_other_lines(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# who we are\nNAME='a b'\nURL=old\n", encoding="utf-8")
    Settings(file=file).write({"URL": "postgresql://h/d?x=1#2", "NEW": "체크"})
    assert dotenv_values(file) == {"NAME": "a b", "URL": "postgresql://h/d?x=1#2", "NEW": "체크"}
    assert file.read_text(encoding="utf-8").startswith("# who we are\n")


def test_nothing_to_tell_writes_no_file(tmp_path: Path) -> None:
    Settings(file=tmp_path / ".env").write({})
    assert not (tmp_path / ".env").exists()


def test_a_file_that_cannot_be_written_says_that_the_run_is_done(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure, match="cannot be written") as failure:
        Settings(file=tmp_path / "missing" / ".env").write({"X": "1"})
    assert "done and proven" in failure.value.hint
