"""From a target's name to its URL, with values of the environment that would break a URL of text."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.engine import URL, make_url

from migrator import config
from migrator.config import templates
from migrator.errors import ConfigurationError

NOTHING = config.Configuration()
PG = {"PG_HOST": "db", "PG_DATABASE": "app", "PG_USER": "me", "PG_PASSWORD": "s3cret"}
MS = {"MSSQL_SERVER": "db", "MSSQL_DATABASE": "app", "MSSQL_USER": "me", "MSSQL_PASSWORD": "s3cret"}
TEMPLATE = "postgresql://${PG_USER}:${PG_PASSWORD}@${PG_HOST}:${PG_PORT}/${PG_DATABASE}"

HOSTILE = [
    "p@ss:w/o?r#d",
    "100%",
    "%41",
    "a b",
    " ",
    "+",
    "91000",
    "${PG_HOST}",
    "{x}",
    "\\",
    '"',
    "비밀",
    "é\u0301",
    "$",
]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, without a `.env` of its own."""
    folder = tmp_path / "current"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def named(template: str, file: Path | None = None) -> config.Configuration:
    return config.Configuration(file=file, targets={"production": template})


def resolved(name: str, environ: dict[str, str], configuration: config.Configuration = NOTHING) -> URL:
    url = config.resolve_target(name, configuration, environ)
    assert isinstance(url, URL)
    return url


def refused(
    name: str, environ: dict[str, str], configuration: config.Configuration = NOTHING
) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        config.resolve_target(name, configuration, environ)
    assert not [value for value in environ.values() if len(value) > 2 and value in str(caught.value)]
    return caught.value


def shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)


# Named targets

TEMPLATES = [
    (TEMPLATE, {**PG, "PG_PORT": "5433"}, "postgresql://me:s3cret@db:5433/app"),
    (TEMPLATE, {**PG, "PG_PORT": ""}, "postgresql://me:s3cret@db/app"),
    (TEMPLATE, {**PG, "PG_PORT": "1", "PG_PASSWORD": ""}, "postgresql://me@db:1/app"),
    (TEMPLATE, {**PG, "PG_PORT": "1", "PG_HOST": "::1"}, "postgresql://me:s3cret@[::1]:1/app"),
    ("${DATABASE_URL}", {"DATABASE_URL": "postgresql://u:p%40@h/d"}, "postgresql://u:p%40@h/d"),
    ("postgresql://u@h/d", {}, "postgresql://u@h/d"),
    ("postgresql://u@h/d_${STAGE}", {"STAGE": "test"}, "postgresql://u@h/d_test"),
    ("postgresql://u:${A}${B}@h/d", {"A": "1", "B": "2"}, "postgresql://u:12@h/d"),
    ("postgresql://u:${A}@h91000-901000:91/d", {"A": "x"}, "postgresql://u:x@h91000-901000:91/d"),
    ("${KIND}://u@h/d?sslmode=${MODE}", {"KIND": "mssql", "MODE": "a&b=c"}, "mssql://u@h/d?sslmode=a%26b%3Dc"),
    ("postgresql://u@h/d?host=a&host=${B}", {"B": "b"}, "postgresql://u@h/d?host=a&host=b"),
]


@pytest.mark.parametrize(("template", "environ", "url"), TEMPLATES, ids=[f"{t} {e}" for t, e, _ in TEMPLATES])
def test_names_in_a_url_are_filled_in(template: str, environ: dict[str, str], url: str) -> None:
    assert shown(resolved("production", environ, named(template))) == url


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
@example(*HOSTILE[:3])
def test_any_value_arrives_as_it_is(user: str, password: str, database: str) -> None:
    values = {"PG_USER": user, "PG_PASSWORD": password, "PG_DATABASE": database, "PG_HOST": "h", "PG_PORT": "1"}
    url = templates.fill(TEMPLATE, values)
    assert (url.username, url.password, url.database) == (user, password, database)
    assert (url.host, url.port, url.drivername, dict(url.query)) == ("h", 1, "postgresql", {})


@pytest.mark.parametrize("password", HOSTILE)
def test_a_hostile_password_survives_as_text_too(password: str) -> None:
    url = resolved("production", {**PG, "PG_PORT": "1", "PG_PASSWORD": password}, named(TEMPLATE))
    bare = resolved("postgresql", {**PG, "PG_PASSWORD": password})
    mssql = resolved("mssql", {**MS, "MSSQL_PASSWORD": password})
    assert [make_url(shown(each)).password for each in (url, bare, mssql)] == [password] * 3


def test_all_missing_names_are_told_with_line_and_place_to_set_them(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text(f"[targets.production]\n\nurl = '{TEMPLATE}'\n", encoding="utf-8")
    error = refused("production", {"PG_USER": "some user", "PG_PORT": ""}, config.read(file))
    assert error.what == (
        "The environment does not say what target 'production' is: PG_PASSWORD, PG_HOST, PG_DATABASE missing."
    )
    assert error.where == f"{file}:3: targets.production.url"
    assert error.hint == f"Set them in the environment or in {tmp_path / '.env'}."


@pytest.mark.parametrize(
    ("template", "environ", "what"),
    [
        ("${A}", {"A": "not a url: s3cret"}, "Target 'production' is not a URL, with the values"),
        ("${A}", {"A": ""}, "A missing"),
        (TEMPLATE, {**PG, "PG_PORT": "s3cret"}, "has a port that is no number up to 65535"),
        (TEMPLATE, {**PG, "PG_PORT": "65536"}, "has a port that is no number up to 65535"),
    ],
)
def test_values_that_cannot_be_used_are_told_without_them(
    template: str, environ: dict[str, str], what: str
) -> None:
    error = refused("production", environ, named(template))
    assert what in error.what
    assert "s3cret" not in str(error)


# `.env`


def test_dotenv_beside_the_file_comes_before_that_of_the_current_folder(
    tmp_path: Path, empty_folder: Path
) -> None:
    file = tmp_path / "migrator.toml"
    (empty_folder / ".env").write_text("A=current\n", encoding="utf-8")
    configuration = named("postgresql://${A}@h/d", file)
    assert resolved("production", {}, configuration).username == "current"
    (tmp_path / ".env").write_text("\ufeffA=beside\n", encoding="utf-8")
    assert resolved("production", {}, configuration).username == "beside"
    assert resolved("production", {"A": "given"}, configuration).username == "given"


def test_dotenv_fills_what_the_environment_lacks(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("PG_HOST=fromfile\nPG_DATABASE='from file'\n", encoding="utf-8")
    url = resolved("postgresql", {"PG_USER": "me", "PG_HOST": "db"})
    assert (url.host, url.database) == ("db", "from file")


def test_the_environment_of_the_process_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCTION_URL", "postgresql://me@db/app")
    assert config.resolve_target("production", named("${PRODUCTION_URL}")) == make_url("postgresql://me@db/app")


def test_a_dotenv_that_is_no_text_is_explained(empty_folder: Path) -> None:
    (empty_folder / ".env").write_bytes(b"A=\xff\n")
    assert "cannot be read: it is not UTF-8" in refused("postgresql", {}).what


# Bare names

BARE = [
    ("postgresql", {**PG, "PG_PORT": "5433"}, "postgresql+psycopg://me:s3cret@db:5433/app"),
    ("postgresql", {**PG, "PG_PASSWORD": ""}, "postgresql+psycopg://me@db:5432/app"),
    ("mssql", MS, "mssql://me:s3cret@db/app"),
    ("mssql", {**MS, "MSSQL_SERVER": "db,1433"}, "mssql://me:s3cret@db:1433/app"),
    ("mssql", {**MS, "MSSQL_SERVER": "tcp:db.example, 1433 "}, "mssql://me:s3cret@db.example:1433/app"),
    ("mssql", {**MS, "MSSQL_SERVER": "db\\SQLEXPRESS"}, "mssql://me:s3cret@db\\SQLEXPRESS/app"),
    ("mssql", {**MS, "MSSQL_SERVER": "::1,1433"}, "mssql://me:s3cret@[::1]:1433/app"),
    ("mssql", {"MSSQL_SERVER": "db", "MSSQL_DATABASE": "app"}, "mssql://db/app"),
    ("mssql", {**MS, "MSSQL_ENCRYPT": "True"}, "mssql://me:s3cret@db/app?Encrypt=yes"),
    (
        "mssql",
        {**MS, "MSSQL_ENCRYPT": "0", "MSSQL_TRUST_CERTIFICATE": "yes"},
        "mssql://me:s3cret@db/app?Encrypt=no&TrustServerCertificate=yes",
    ),
]


@pytest.mark.parametrize(("name", "environ", "url"), BARE, ids=[url for _, _, url in BARE])
def test_a_bare_name_is_read_from_the_environment(name: str, environ: dict[str, str], url: str) -> None:
    found = resolved(name, environ)
    assert shown(found) == url
    assert make_url(url) == found


BARE_MISTAKES = [
    ("postgresql", {}, "missing: PG_HOST, PG_DATABASE, PG_USER"),
    ("postgresql", {**PG, "PG_HOST": ""}, "missing: PG_HOST"),
    ("postgresql", {**PG, "PG_PORT": "5432x"}, "PG_PORT is not a number."),
    ("postgresql", {**PG, "PG_PORT": "0"}, "PG_PORT is not a number."),
    ("mssql", {}, "missing: MSSQL_SERVER, MSSQL_DATABASE"),
    ("mssql", {"MSSQL_USER": "me"}, "missing: MSSQL_SERVER, MSSQL_DATABASE, MSSQL_PASSWORD"),
    ("mssql", {**MS, "MSSQL_USER": ""}, "missing: MSSQL_USER"),
    ("mssql", {**MS, "MSSQL_SERVER": "db:1433"}, "a port follows a comma"),
    ("mssql", {**MS, "MSSQL_SERVER": "db,"}, "The port in MSSQL_SERVER is not a number."),
    ("mssql", {**MS, "MSSQL_SERVER": "db,1433,1"}, "MSSQL_SERVER is not a server's address."),
    ("mssql", {**MS, "MSSQL_SERVER": "d b"}, "MSSQL_SERVER is not a server's address."),
    ("mssql", {**MS, "MSSQL_ENCRYPT": "maybe"}, "MSSQL_ENCRYPT is neither yes nor no."),
    ("mssql", {**MS, "MSSQL_TRUST_CERTIFICATE": "2"}, "MSSQL_TRUST_CERTIFICATE is neither yes nor no."),
]


@pytest.mark.parametrize(("name", "environ", "says"), BARE_MISTAKES, ids=[f"{s} {e}" for _, e, s in BARE_MISTAKES])
def test_what_a_bare_name_lacks_is_told(name: str, environ: dict[str, str], says: str) -> None:
    assert says in str(refused(name, environ))


# Other names


@pytest.mark.parametrize(
    "name", ["embedded", "postgresql://me@db/app", "somewhere", "postgresql+psycopg://h/produktion"]
)
def test_other_targets_are_left_as_they_are(name: str) -> None:
    assert config.resolve_target(name, named("${A}"), {}) == name


@pytest.mark.parametrize(
    ("name", "near"), [("produktion", "production"), ("postgres", "postgresql"), ("msql", "mssql")]
)
def test_a_target_that_is_almost_known_is_refused(name: str, near: str) -> None:
    error = refused(name, {}, named("${A}"))
    assert (error.what, error.hint) == (f"There is no target {name!r}.", f"Did you mean {near!r}?")


@pytest.mark.parametrize(
    ("word", "target"),
    [("postgresql", "postgresql"), ("mssql", "mssql"), ("sqlite", None), ("", None), (None, None)],
)
def test_db_type_names_a_bare_target(word: str | None, target: str | None) -> None:
    environ = {} if word is None else {"DB_TYPE": word}
    assert config.target_of_environment(NOTHING, environ) == target


def test_a_configuration_cannot_be_changed(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text("[targets.a]\nurl = '${A}'\n[environment]\nA = '{url}'\n", encoding="utf-8")
    read = config.read(file)
    assert {type(read.targets), type(read.environment), type(read.options.tables)} == {MappingProxyType}
