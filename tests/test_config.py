"""`migrator.toml` and the environment: what they may say, and what is said about mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from migrator import config
from migrator.errors import ConfigurationError
from migrator.model import types as t
from migrator.model.findings import Resolution
from migrator.model.options import Naming


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "migrator.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        sources = ["a.db", "sqlite:///b.db"]
        target = "embedded"
        schema = "app"
        names = "snake"
        on_invalid = "null"
        on_orphans = "skip"
        on_check = "unenforced"
        [tables.users]
        target = "people"
        on_orphans = "quarantine"
        [tables.users.columns.bio]
        type = "text(20)"
        on_invalid = "replace"
        secret = true
        [tables."one.log"]
        skip = true
        """,
    )
    read = config.read(path)
    assert read.sources == (str(tmp_path / "a.db"), "sqlite:///b.db")
    assert read.target == "embedded"
    options = read.options
    assert (options.schema, options.names, options.on_check) == ("app", Naming.SNAKE, Resolution.UNENFORCED)
    assert options.table("x", "users").target == "people"
    assert options.column("x", "users", "bio").type == t.text(20)
    assert options.invalid("x", "users", "bio") is Resolution.REPLACE
    assert options.invalid("x", "users", "name") is Resolution.NULL
    assert options.table("one", "log").skip
    assert not options.table("two", "log").skip


MISTAKES = [
    ('scource = ["a.db"]', "'scource' is not a setting here.", "Did you mean 'sources'?"),
    ("[tables.users]\nskipp = true", "'skipp' is not a setting here.", "Did you mean 'skip'?"),
    ("[tables.users.columns.bio]\ntyp = 'text'", "'typ' is not a setting here.", "Did you mean 'type'?"),
    ('on_invalid = "drop"', "'on_invalid' must be one of stop, widen, null, replace, quarantine, skip.", ""),
    ('on_orphans = "null"', "'on_orphans' must be one of stop, unenforced, quarantine, skip.", ""),
    ("target = 5", "'target' must be text.", ""),
    ("sources = [1]", "'sources' must be a list of paths or URLs.", ""),
    ("[tables.users]\nskip = 'yes'", "'skip' must be true or false.", ""),
    ("tables = 3", "'tables' must be a table.", ""),
    ("[tables]\nusers = 3", "tables.users must be a table.", ""),
    ("[tables.u.columns.c]\ntype = 'varchar'", "'varchar' is not a logical type", ""),
    ("[tables.u.columns.c]\ntype = 'decimal'", "'decimal' has the wrong parameters", ""),
    ("sources = [", "The configuration is not valid TOML", "See https://toml.io."),
]


@pytest.mark.parametrize(("text", "what", "hint"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_mistakes_are_named_with_their_place_and_the_nearest_valid_name(
    tmp_path: Path, text: str, what: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        config.read(written(tmp_path, text))
    assert what in caught.value.what
    assert hint in caught.value.hint
    assert str(tmp_path) in caught.value.where


def test_a_missing_file_is_an_error_only_when_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.read(None) == config.Configuration()
    with pytest.raises(ConfigurationError, match="does not exist"):
        config.read(tmp_path / "none.toml")


COMPLETE = {"PG_HOST": "db", "PG_DATABASE": "app", "PG_USER": "me", "PG_PASSWORD": "s3cret"}


def test_a_bare_postgresql_is_read_from_the_environment() -> None:
    url = config.target_from_environment("postgresql", {**COMPLETE, "PG_PORT": "5433"})
    assert isinstance(url, URL)
    assert url.render_as_string(hide_password=False) == "postgresql+psycopg://me:s3cret@db:5433/app"


def test_dotenv_fills_what_the_environment_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PG_HOST=fromfile\nPG_DATABASE=fromfile\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    url = config.target_from_environment("postgresql", {"PG_USER": "me", "PG_HOST": "db"})
    assert isinstance(url, URL)
    assert (url.host, url.database) == ("db", "fromfile")


@pytest.mark.parametrize("missing", ["PG_HOST", "PG_DATABASE", "PG_USER"])
def test_missing_names_are_listed(missing: str) -> None:
    given = {key: value for key, value in COMPLETE.items() if key != missing}
    with pytest.raises(ConfigurationError) as caught:
        config.target_from_environment("postgresql", given)
    assert missing in caught.value.where
    assert "s3cret" not in str(caught.value)


def test_other_targets_are_left_as_they_are() -> None:
    assert config.target_from_environment("embedded", {}) == "embedded"
