"""The servers of the integration tests: the compose file, the CI workflow and `make test-containers` agree.

No container is started here. The recipe runs with a `docker` and a test run that write down how they were called.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
COMPOSE = ROOT / "docker-compose.test.yml"
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
MAKEFILE = ROOT / "Makefile"

SUPPORTED = {
    "postgresql": ["14", "15", "16", "17", "18"],
    "mssql": ["2017", "2019", "2022", "2025"],
    "python": ["3.11", "3.12", "3.13", "3.14"],
}
"""What CI runs, each with every version; the server's name is the compose file's name of its service."""

VARIABLES = {"postgresql": "POSTGRESQL_VERSION", "mssql": "MSSQL_VERSION"}
"""How CI tells the compose file the version of a server."""


class _Strict(yaml.SafeLoader):
    """YAML 1.2's rule that a mapping has no key twice, which PyYAML does not enforce."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a repeated key."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"repeated keys: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


def parsed(path: Path) -> dict[str, Any]:
    """The file's document; YAML 1.1 reads the workflow's key `on` as a truth value."""
    document = yaml.load(path.read_text("utf-8"), _Strict)
    return {"on" if key is True else key: value for key, value in document.items()}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return parsed(COMPOSE)["services"]


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:
    return parsed(WORKFLOW)["jobs"]


def test_a_repeated_key_does_not_parse(tmp_path: Path) -> None:
    file = tmp_path / "file.yml"
    file.write_text("a:\n  b: 1\n  b: 2\n")
    with pytest.raises(yaml.YAMLError, match=r"repeated keys: \{'b'\}"):
        parsed(file)


def image(service: dict[str, Any]) -> tuple[str, str, str]:
    """An image's name, the variable of its version, and the version without it."""
    found = re.fullmatch(r"([a-z./]+):\$\{([A-Z_]+):-([0-9]+)\}(?:-latest)?", service["image"])
    assert found, service["image"]
    return found.group(1), found.group(2), found.group(3)


def test_each_server_has_an_image_a_version_and_a_health_check(services: dict[str, Any]) -> None:
    assert {name: image(service)[1] for name, service in services.items()} == VARIABLES
    for name, service in services.items():
        assert image(service)[2] in SUPPORTED[name]
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
        assert service["healthcheck"]["retries"] > 1


def test_servers_listen_on_free_ports_of_this_machine_alone(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service["ports"]]
    assert ports == ["127.0.0.1::5432", "127.0.0.1::1433"]


def test_each_image_is_named_once(services: dict[str, Any]) -> None:
    for service in services.values():
        name = re.compile(rf"(?<![\w/]){re.escape(image(service)[0])}:(?=[\w$])")
        named = {path: len(name.findall(path.read_text("utf-8"))) for path in (COMPOSE, WORKFLOW, MAKEFILE)}
        assert named == {COMPOSE: 1, WORKFLOW: 0, MAKEFILE: 0}


@pytest.mark.parametrize("what", SUPPORTED)
def test_ci_runs_every_supported_version_named_once(what: str, jobs: dict[str, Any]) -> None:
    rows = [row for row in jobs["servers"]["strategy"]["matrix"]["include"] if what in row]
    assert sorted({str(row[what]) for row in rows}) == SUPPORTED[what]
    for version in SUPPORTED[what]:
        assert len(re.findall(rf"(?<![\w.]){re.escape(version)}(?=[\s\",}}])", workflow_without_comments())) == 1


def workflow_without_comments() -> str:
    return re.sub(r"(?m)(^|\s)#.*$", "", WORKFLOW.read_text("utf-8"))


def test_ci_tells_the_compose_file_its_versions(jobs: dict[str, Any]) -> None:
    (step,) = [step for step in jobs["servers"]["steps"] if step.get("run") == "make test-containers"]
    assert step["env"] == {variable: f"${{{{ matrix.{name} }}}}" for name, variable in VARIABLES.items()}


def test_ci_runs_without_servers_on_every_system_and_python(jobs: dict[str, Any]) -> None:
    matrix = jobs["no-server"]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "windows-latest", "macos-latest"]
    assert matrix["python"] == SUPPORTED["python"]
    assert [step["run"] for step in jobs["no-server"]["steps"] if "run" in step] == ["make test"]


def test_the_oldest_python_is_the_one_that_the_package_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == f">={SUPPORTED['python'][0]}"


def test_actions_are_pinned_to_one_major_version(jobs: dict[str, Any]) -> None:
    used = {step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step}
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", action) for action in used)
    assert len({action.split("@")[0] for action in used}) == len(used)


def test_ci_calls_targets_that_the_makefile_has(jobs: dict[str, Any]) -> None:
    runs = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    called = {target for run in runs for target in re.findall(r"^make ([\w-]+)$", run)}
    assert called == {"test", "test-containers"}
    assert called <= set(re.findall(r"^([\w-]+):", MAKEFILE.read_text("utf-8"), re.MULTILINE))


def test_the_password_is_named_once() -> None:
    (password,) = re.findall(r"MIGRATOR_TEST_PASSWORD=(\w+)", MAKEFILE.read_text("utf-8"))
    assert sum(path.read_text("utf-8").count(password) for path in (COMPOSE, WORKFLOW, MAKEFILE)) == 1
    # SQL Server refuses weaker ones: https://learn.microsoft.com/sql/relational-databases/security/password-policy
    assert len(password) >= 8
    assert all(re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]"))


def has_compose() -> bool:
    """Whether Docker's client and its plugin are here; neither needs an engine to read a file."""
    command = ["docker", "compose", "version"]
    return shutil.which("docker") is not None and subprocess.run(command, capture_output=True).returncode == 0


@pytest.mark.skipif(not has_compose(), reason="`docker compose` is not installed")
@pytest.mark.parametrize("name", VARIABLES)
def test_compose_reads_its_file(name: str) -> None:
    for version in SUPPORTED[name]:
        done = subprocess.run(
            ["docker", "compose", "--file", COMPOSE, "config", "--images"],
            env={**os.environ, "MIGRATOR_TEST_PASSWORD": "x", VARIABLES[name]: version},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert f":{version}" in done.stdout


_DOCKER = """#!/bin/sh
echo "$4 $MIGRATOR_TEST_PASSWORD" >> "$CALLS"
case $4 in
    up) exit $UP ;;
    port) echo "127.0.0.1:4$6" ;;
esac
"""

_TESTS = """#!/bin/sh
echo "$* $MIGRATOR_TEST_POSTGRESQL_URL $MIGRATOR_TEST_MSSQL_URL" >> "$CALLS"
[ "$TESTS" = wait ] && exec sleep 60
exit $TESTS
"""


@pytest.mark.skipif(
    os.name == "nt" or shutil.which("make") is None, reason="a POSIX shell and make run the recipe"
)
class TestRecipe:
    """`make test-containers`, whose lint is taken for done."""

    @pytest.fixture
    def start(self, tmp_path: Path) -> Any:
        """Start the recipe; `up` and `tests` are the exit codes of Docker's `up` and of the tests."""
        for name, script in (("docker", _DOCKER), ("tests", _TESTS)):
            (tmp_path / name).write_text(script)
            (tmp_path / name).chmod(0o755)

        def start(*, up: str = "0", tests: str = "0") -> subprocess.Popen[str]:
            return subprocess.Popen(
                ["make", "--old-file=lint", f"PY={tmp_path / 'tests'}", "test-containers"],
                cwd=ROOT,
                env={
                    **{name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
                    "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
                    "CALLS": str(tmp_path / "calls"),
                    "UP": up,
                    "TESTS": tests,
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                preexec_fn=_listen,
            )

        return start

    @pytest.fixture
    def calls(self, tmp_path: Path) -> Any:
        """The first words of every call."""
        return lambda: [line.split()[0] for line in (tmp_path / "calls").read_text().splitlines()]

    def test_tests_know_both_servers(self, start: Any, calls: Any, tmp_path: Path) -> None:
        recipe = start()
        output, _ = recipe.communicate(timeout=60)
        assert (recipe.returncode, calls()) == (0, ["up", "port", "port", "-m", "down"]), output
        up, _, _, tests, down = (tmp_path / "calls").read_text().splitlines()
        password = up.split()[1]
        assert down.split()[1] == password  # without it Compose refuses to read its file
        assert tests.split()[-2:] == [
            f"postgresql://postgres:{password}@127.0.0.1:45432/postgres",
            f"mssql+mssqlpython://sa:{password}@127.0.0.1:41433/master?TrustServerCertificate=yes",
        ]

    def test_servers_go_when_tests_fail(self, start: Any, calls: Any) -> None:
        recipe = start(tests="3")
        output, _ = recipe.communicate(timeout=60)
        assert calls()[-2:] == ["-m", "down"]
        assert recipe.returncode != 0
        assert "Error 3" in output  # make's own code is 2 whatever the recipe's is

    def test_servers_that_do_not_start_are_logged_and_go(self, start: Any, calls: Any) -> None:
        recipe = start(up="1")
        recipe.communicate(timeout=60)
        assert (recipe.returncode != 0, calls()) == (True, ["up", "logs", "down"])

    def test_servers_go_when_the_tests_are_interrupted(self, start: Any, calls: Any, tmp_path: Path) -> None:
        recipe = start(tests="wait")
        until(lambda: (tmp_path / "calls").exists() and "-m" in calls())
        os.killpg(recipe.pid, signal.SIGINT)  # as a terminal does for Ctrl-C
        recipe.communicate(timeout=30)
        assert (recipe.returncode != 0, calls()[-1]) == (True, "down")


def _listen() -> None:
    """Do not ignore Ctrl-C, as a job in the background inherits it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def until(happened: Any) -> None:
    """Wait until it happened."""
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)
