"""The driver policy: read strictly, and held against the drivers that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.doctor import policy
from migrator.doctor.policy import Policy
from migrator.errors import ConfigurationError
from migrator.model.health import Driver, State

EIGHTEEN = "ODBC Driver 18 for SQL Server"


def written(folder: Path, text: str, name: str = "driver-policy.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


READ = [
    ("driver-policy.toml", '[odbc]\nminimum = "17.10"\narchitecture = "x64"\n', Policy("17.10", "x64")),
    ("driver-policy.toml", f'[odbc]\nnames = ["{EIGHTEEN}"]\n', Policy(names=(EIGHTEEN,))),
    ("driver-policy.toml", "[odbc]\n", Policy()),
    ("p.json", '{"odbc": {"minimum": "18", "architecture": "arm64"}}', Policy("18", "arm64")),
    ("P.JSON", '\ufeff{"odbc": {}}', Policy()),
]


@pytest.mark.parametrize(("name", "text", "expected"), READ)
def test_a_policy_is_read(tmp_path: Path, name: str, text: str, expected: Policy) -> None:
    assert policy.read(written(tmp_path, text, name)) == expected


MISTAKES = [
    (
        "a misspelt key",
        '[odbc]\nminimun = "17"\n',
        ":2: odbc.minimun",
        "'minimun' is not a setting here",
        "'minimum'",
    ),
    ("a misspelt table", '[odcb]\nminimum = "17"\n', ":1: odcb", "'odcb' is not a setting here", "'odbc'"),
    ("nothing", "", ":1", "'odbc' is missing", "[odbc]"),
    ("a number", "[odbc]\nminimum = 17.10\n", ":2", "17.10 and 17.1 are the same", '"17.10"'),
    ("words for a version", '[odbc]\nminimum = ">= 17"\n', ":2", "must be a version", '"17.10"'),
    ("true for a version", "[odbc]\nminimum = true\n", ":2", "must be a version", '"17.10"'),
    ("another word", '[odbc]\narchitecture = "amd64"\n', ":2", "must be one of x64, x86, arm64", "'x64'"),
    ("a misspelt word", '[odbc]\n\narchitecture = "x68"\n', ":3", "must be one of x64, x86, arm64", "'x86'"),
    ("a number for a word", "[odbc]\narchitecture = 64\n", ":2", "must be one of x64", ""),
    ("one name", '[odbc]\nnames = "ODBC"\n', ":2", "must be a list", "[" + f'"{EIGHTEEN}"'),
    ("no names", "[odbc]\nnames = []\n", ":2", "must be a list", ""),
    ("no table", 'odbc = "17"\n', ":1", "'odbc' must be a table", ""),
    ("broken TOML", '[odbc]\nminimum = "17\n', ":2", "not valid TOML", "toml.io"),
]


@pytest.mark.parametrize(
    ("text", "where", "what", "hint"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES]
)
def test_a_mistake_is_told_with_its_line_and_the_nearest_name(
    tmp_path: Path, text: str, where: str, what: str, hint: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        policy.read(path)
    assert what in caught.value.what
    assert f"{path}{where}" in caught.value.where
    assert hint in caught.value.hint


JSON_MISTAKES = [
    ('{"odbc": {"minimum": 17.10}}', "p.json: odbc.minimum", "17.10 and 17.1 are the same"),
    ('{"odbc": ', "p.json:1", "not valid JSON"),
    ("[]", "p.json", "not a JSON object"),
]


@pytest.mark.parametrize(("text", "where", "what"), JSON_MISTAKES)
def test_a_mistake_in_json_is_told_too(tmp_path: Path, text: str, where: str, what: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        policy.read(written(tmp_path, text, "p.json"))
    assert what in caught.value.what
    assert where in caught.value.where


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        policy.read(written(tmp_path, '[odbc]\nminimum = 17\nnames = []\narchitecture = "y"\n'))
    assert caught.value.hint.count("also wrong") == 2
    assert "in line 4: 'architecture' must be one of" in caught.value.hint


@pytest.mark.parametrize(("content", "what"), [(None, "cannot be read"), (b"\xff\xfe", "not UTF-8")])
def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path, content: bytes | None, what: str) -> None:
    path = tmp_path / "p.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=what):
        policy.read(path)


def test_the_policy_beside_the_configuration_is_found(tmp_path: Path) -> None:
    assert policy.find(tmp_path) is None
    path = written(tmp_path, "{}", "driver-policy.json")
    assert policy.find(tmp_path) == path


AGAINST = [
    ("everything fits", Policy("17.10", "x64", (EIGHTEEN,)), "18.3.2.1", ("x64",), []),
    ("ten is later than nine", Policy("17.9"), "17.10.6.1", ("x64",), []),
    ("the very version", Policy("17.10"), "17.10", ("x64",), []),
    ("nine is older than ten", Policy("17.10"), "17.9.1", ("x64",), ["version 17.9.1 is older than 17.10"]),
    ("no version", Policy("17.10"), "", ("x64",), ["its version is not known"]),
    ("another processor", Policy("", "x64"), "18", ("arm64",), ["it is made for arm64, not for x64"]),
    ("one of two processors", Policy("", "arm64"), "18", ("x64", "arm64"), []),
    ("an unknown processor", Policy("", "x64"), "18", (), ["what it is made for is not known"]),
    ("another name", Policy(names=("FreeTDS",)), "18", ("x64",), ["its name is none of those allowed"]),
    ("nothing is asked", Policy(), "", (), []),
]


@pytest.mark.parametrize(
    ("asked", "version", "made_for", "expected"), [a[1:] for a in AGAINST], ids=[a[0] for a in AGAINST]
)
def test_what_a_driver_has_against_a_policy(
    asked: Policy, version: str, made_for: tuple[str, ...], expected: list[str]
) -> None:
    driver = Driver(EIGHTEEN, "odbc", True, version, made_for)
    assert list(policy.against(asked, driver)) == expected


GOOD = Driver(EIGHTEEN, "odbc", True, "18.6", ("x64",))
OLD = Driver("ODBC Driver 17 for SQL Server", "odbc", True, "17.4", ("x64",))
UNUSABLE = Driver("ODBC Driver 17 for SQL Server", "odbc", False, "17.10", ("x64",))
PACKAGE = Driver("pyodbc", "python", True, "5.3")

JUDGED = [
    ("one is enough", (GOOD, PACKAGE), [State.OK]),
    ("another one may be older", (OLD, GOOD), [State.OK, State.WARNING]),
    ("none but an older one", (OLD, PACKAGE), [State.FAILED, State.FAILED]),
    ("none that can be used", (UNUSABLE, PACKAGE), [State.FAILED]),
    ("none at all", (), [State.FAILED]),
]


@pytest.mark.parametrize(("drivers", "states"), [j[1:] for j in JUDGED], ids=[j[0] for j in JUDGED])
def test_a_policy_needs_one_usable_driver(drivers: tuple[Driver, ...], states: list[State]) -> None:
    checks = list(policy.judge(Policy("17.10", "x64"), Path("p.toml"), drivers, "x64"))
    assert [check.state for check in checks] == states
    assert all(check.fix for check in checks if check.state is not State.OK)


def test_a_policy_for_another_processor_than_pythons_says_so() -> None:
    (check,) = policy.judge(Policy(architecture="x86"), Path("p.toml"), (), "x64")
    assert "This Python is made for x64" in check.fix
