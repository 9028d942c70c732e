"""What `migrator.toml` may say, and what is said about mistakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migrator import config
from migrator.config.description import SECTIONS, keys_of
from migrator.config.secrets import holds_password
from migrator.errors import ConfigurationError
from migrator.model import types as t
from migrator.model.findings import Resolution
from migrator.model.options import (
    ColumnOptions,
    ModelOptions,
    NamedSource,
    Naming,
    Options,
    TableOptions,
    TransformOptions,
)
from tests.config.cases import EVERYTHING, MISTAKES, VALID, Mistake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the texts name."""
    for name in ("models.py", "alembic.ini", "transforms.py", "driver-policy.toml"):
        (tmp_path / name).touch()
    return tmp_path


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "migrator.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def mistaken(folder: Path, text: str | bytes) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        config.read(written(folder, text))
    return caught.value


def test_everything_that_can_be_said(folder: Path) -> None:
    file = written(folder, EVERYTHING)
    users = TableOptions(
        target="people",
        where="deleted_at IS NULL",
        trim=True,
        empty_to_null=True,
        transform=TransformOptions(folder / "transforms.py", "clean_users"),
        on_invalid=Resolution.REPLACE,
        on_orphans=Resolution.QUARANTINE,
        on_check=Resolution.QUARANTINE,
        on_duplicates=Resolution.SKIP,
        columns={
            "is_active": ColumnOptions(
                type=t.BOOL,
                target="active",
                on_invalid=Resolution.QUARANTINE,
                on_orphans=Resolution.NULL,
                secret=True,
                collation="Latin1_General_100_BIN2",
                trim=False,
                empty_to_null=False,
                map={"Y": True, "N": False, "?": "maybe", "zero": 0, "half": 0.5},
            ),
            "tenant": ColumnOptions(value=7),
            "normalized": ColumnOptions(compute="lower(trim(username))"),
        },
    )
    assert config.read(file) == config.Configuration(
        file=file,
        sources=(
            NamedSource("rsl", str(folder / "rsl_store.db")),
            NamedSource("groups", f"sqlite:///{folder}/routing_groups.db"),
        ),
        target="production",
        targets={
            "production": "postgresql://${PG_USER}:${PG_PASSWORD}@${PG_HOST}:${PG_PORT}/${PG_DATABASE}",
            "copy": "${DATABASE_URL}",
        },
        environment={
            "RSL_DATABASE_URL": "{url}",
            "APP_HOST": "{host}:{port}/{database} {user} {dialect} {schema} {{x}}",
        },
        policy=folder / "driver-policy.toml",
        options=Options(
            schema="app",
            collation="Korean_100_CS_AS",
            names=Naming.SNAKE,
            on_invalid=Resolution.NULL,
            on_orphans=Resolution.SKIP,
            on_check=Resolution.UNENFORCED,
            on_duplicates=Resolution.QUARANTINE,
            tables={"users": users, "rsl.log": TableOptions(skip=True)},
            models=ModelOptions(folder / "models.py", "Model", folder / "alembic.ini"),
        ),
    )


def test_the_example_that_says_everything_has_every_key() -> None:
    missing = [key for _, section in SECTIONS for key in keys_of(section) if key not in EVERYTHING]
    assert missing == ["module"]  # beside file it cannot be


@pytest.mark.parametrize("text", VALID.values(), ids=VALID)
def test_what_is_right_is_accepted(text: str, folder: Path) -> None:
    config.read(written(folder, text))


def test_an_empty_file_leaves_every_default(folder: Path) -> None:
    file = written(folder, "")
    assert config.read(file) == config.Configuration(file=file)


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ("a.db", "{folder}/a.db"),
        ("data/a.db", "{folder}/data/a.db"),
        ("/data/a.db", "/data/a.db"),
        ("sqlite:///a.db", "sqlite:///{folder}/a.db"),
        ("sqlite:////data/a.db", "sqlite:////data/a.db"),
        ("sqlite:///C:/data/a.db", "sqlite:///C:/data/a.db"),
        ("access:///a.accdb", "access:///{folder}/a.accdb"),
    ],
)
def test_sources_are_relative_to_the_file(given: str, means: str, folder: Path) -> None:
    read = config.read(written(folder, f"sources = ['{given}']"))
    assert read.sources == (NamedSource(None, means.format(folder=folder)),)


def test_the_current_folder_adds_nothing_to_a_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(folder, "sources = ['a.db', 'sqlite:///a.db']")
    monkeypatch.chdir(folder)
    assert [source.given for source in config.read(None).sources] == ["a.db", "sqlite:///a.db"]


def test_a_module_of_models_is_a_name_and_no_path(folder: Path) -> None:
    read = config.read(written(folder, "[models]\nmodule = 'shop.models'"))
    assert read.options.models == ModelOptions("shop.models")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.text)
def test_mistakes_are_told_with_their_line_and_the_nearest_valid_name(mistake: Mistake, folder: Path) -> None:
    error = mistaken(folder, mistake.text)
    assert mistake.what in error.what
    assert mistake.hint in error.hint
    assert error.where.startswith(f"{folder / 'migrator.toml'}:{mistake.line}: ")
    assert "also wrong" not in error.hint
    assert "s3cret" not in str(error)


def test_the_place_names_the_whole_key(folder: Path) -> None:
    error = mistaken(folder, "[tables.'a.b'.columns.c]\ntyp = 1")
    assert error.where == f'{folder / "migrator.toml"}:2: tables."a.b".columns.c.typ'
    assert error.path == ("tables", "a.b", "columns", "c", "typ")


def test_all_mistakes_of_a_file_are_told_at_once(folder: Path) -> None:
    text = "names = 'x'\n[tables.users]\nskipp = true\n[targets.p]\nurl = 'postgresql://u:s3cret@h/d'\n"
    assert str(mistaken(folder, text)).splitlines() == [
        "'names' must be one of keep, lower, snake.",
        f"  where: {folder / 'migrator.toml'}:1: names",
        "  to do: also wrong, in line 3: 'skipp' is not a setting here. Did you mean 'skip'?",
        "also wrong, in line 5: 'url' holds a password, which belongs into no file that is committed. "
        "Write ${NAME} in its place, in the url of a [targets.*], and set NAME in the environment or in .env.",
    ]


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("a = 1\nsources = [", "not valid TOML", 2),
        ("a =", "not valid TOML", 1),
        ("[tables.t]\n\n[tables.t]", "not valid TOML", 3),
        ("sources = ['a.db']\n[sources]\na = 'a.db'", "not valid TOML", 2),
        ("a = 1\nb = 2\nb = 3", "not valid TOML", 3),
        (b"a = 1\n# \xff", "not UTF-8", 2),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(text: str | bytes, what: str, line: int, folder: Path) -> None:
    error = mistaken(folder, text)
    assert what in error.what
    assert error.where == f"{folder / 'migrator.toml'}:{line}"


def test_a_byte_order_mark_is_no_mistake(folder: Path) -> None:
    assert config.read(written(folder, "\ufeffnames = 'snake'")).options.names is Naming.SNAKE


def test_a_missing_file_is_an_error_only_when_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.read(None) == config.Configuration()
    with pytest.raises(ConfigurationError, match="does not exist"):
        config.read(tmp_path / "none.toml")


def test_a_folder_in_place_of_the_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        config.read(tmp_path)


def test_the_description_is_not_even_loaded_without_a_file(tmp_path: Path) -> None:
    code = "import sys; from migrator import config; config.read(None); print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("postgresql://u:p@h/d", True),
        ("postgresql://u:$x@h/d", True),
        ("postgresql://:p@h/d", True),
        ("postgresql://u:p%40@h:5432/d", True),
        ("postgresql://h/d?sslpassword=p", True),
        ("mssql://h/d?Pwd=p", True),
        ("mssql:///?odbc_connect=Server%3Dh%3BPwd%3D%7Bp%7D", True),
        ("access:///a.accdb?password=p", True),
        ("postgresql://u@h/d", False),
        ("postgresql://u:@h/d", False),
        ("postgresql://h:5432/d", False),
        ("postgresql://u:${P}@h:${PORT}/d", False),
        ("postgresql://h/d?password=${P}&sslmode=require", False),
        ("postgresql://h/d?password=&user=x", False),
        ("mssql:///?odbc_connect=Server%3Dh%3BPwd%3D%24%7BP%7D", False),
        ("a.db", False),
    ],
)
def test_a_password_that_is_written_out_is_seen(url: str, holds: bool) -> None:
    assert holds_password(url) is holds
