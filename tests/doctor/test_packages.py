"""Installed packages, in folders made as pip leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from migrator.doctor import interpreter, packages
from migrator.doctor.interpreter import Interpreter
from migrator.model.health import Check, State


def install(
    folder: Path, name: str, version: str, requires: Sequence[str] = (), *, metadata: bool = True, prefix: str = ""
) -> Path:
    """The metadata folder of a package, as a wheel leaves it."""
    place = folder / f"{prefix}{name}-{version}.dist-info"
    place.mkdir(parents=True)
    if metadata:
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {each}" for each in requires]
        (place / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place


def found(*folders: Path) -> dict[str, Check]:
    return {check.name: check for check in packages.checks(packages.look(folders))}


def test_everything_in_order_is_one_line(tmp_path: Path) -> None:
    install(tmp_path, "migrator", "1", ["click<9,>=8", "alembic>=1", 'pyodbc>=5; extra == "odbc"'])
    install(tmp_path, "click", "8.2.1")
    install(tmp_path, "alembic", "1.17.0", ["Mako", 'tomli; python_version < "3.8"'])
    install(tmp_path, "mako", "1.3")
    (check,) = packages.checks(packages.look([tmp_path]))
    assert (check.state, check.what) == (State.OK, "All 3 are there, in versions that go together.")


def test_a_missing_package_and_a_wrong_version_fail_with_the_command_that_mends_it(tmp_path: Path) -> None:
    install(tmp_path, "migrator", "1", ["click<9,>=8.2", "psycopg[binary]>=3"])
    install(tmp_path, "click", "8.1.7")
    install(tmp_path, "psycopg", "3.3", ['psycopg-binary==3.3; extra == "binary"'])
    checks = found(tmp_path)
    assert checks.keys() == {"click", "psycopg-binary"}
    assert checks["click"].state is State.FAILED
    assert checks["click"].what == "click 8.1.7 is installed; migrator needs <9,>=8.2."
    assert checks["click"].fix == 'pip install "click<9,>=8.2"'
    assert checks["psycopg-binary"].what == "psycopg-binary is missing; psycopg needs it."


def test_a_conflict_between_two_packages_that_are_needed_is_found(tmp_path: Path) -> None:
    install(tmp_path, "migrator", "1", ["pandas", "numpy>=2"])
    install(tmp_path, "pandas", "2.2", ["numpy<2"])
    install(tmp_path, "numpy", "2.1")
    checks = found(tmp_path)
    assert checks["numpy"].what == "numpy 2.1 is installed; pandas needs <2."


def test_packages_that_others_use_are_no_concern(tmp_path: Path) -> None:
    install(tmp_path, "migrator", "1", ["click"])
    install(tmp_path, "click", "8")
    install(tmp_path, "other", "1", ["missing>=3", "click<1"])
    assert found(tmp_path)["versions"].state is State.OK


def test_an_extra_counts_only_where_it_is_installed(tmp_path: Path) -> None:
    wanted = ['pyodbc<6,>=5.2; extra == "odbc"', 'pytest>=9; extra == "dev"']
    install(tmp_path, "migrator", "1", wanted)
    assert found(tmp_path)["versions"].state is State.OK
    install(tmp_path, "pyodbc", "4.0")
    install(tmp_path, "pytest", "7.0")
    checks = found(tmp_path)
    assert checks.keys() == {"pyodbc"}
    assert checks["pyodbc"].state is State.WARNING


def test_names_are_compared_as_pip_compares_them(tmp_path: Path) -> None:
    install(tmp_path, "migrator", "1", ["Typing_Extensions>=4"])
    install(tmp_path, "typing-extensions", "4.12")
    assert found(tmp_path)["versions"].state is State.OK


def test_what_pip_set_aside_is_named_with_its_path(tmp_path: Path) -> None:
    install(tmp_path, "migrator", "1")
    install(tmp_path, "umpy", "1.26", prefix="~")
    (tmp_path / "~ip").mkdir()
    checks = packages.checks(packages.look([tmp_path]))
    assert [check.state for check in checks] == [State.WARNING, State.WARNING]
    assert "~ip is left of a package" in checks[0].what
    assert str(tmp_path / "~ip") in checks[0].fix


def test_a_package_without_metadata_fails(tmp_path: Path) -> None:
    install(tmp_path, "migrator", "1", ["click"])
    install(tmp_path, "click", "8.2", metadata=False)
    checks = found(tmp_path)
    assert checks["metadata"].what.startswith("click 8.2 lost its metadata")
    assert "pip install --force-reinstall click" in checks["metadata"].fix


def test_a_package_twice_in_one_folder_is_a_warning_and_in_two_a_note(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    install(first, "migrator", "1", ["click", "rich"])
    install(first, "click", "8.1")
    install(first, "click", "8.2")
    install(first, "rich", "14")
    install(second, "rich", "13")
    checks = found(first, second)
    assert (checks["click"].state, checks["rich"].state) == (State.WARNING, State.NOTE)
    assert f"14 in {first} and 13 in {second}" in checks["rich"].what


def test_the_folder_that_is_searched_first_decides(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    install(first, "migrator", "1", ["click>=8"])
    install(first, "click", "7")
    install(second, "click", "8")
    assert "click 7 is installed" in [check.what for check in packages.checks(packages.look([first, second]))][1]


@pytest.mark.parametrize("text", ["click >>> 8", "not a requirement at all"])
def test_a_requirement_that_cannot_be_read_is_a_warning(tmp_path: Path, text: str) -> None:
    install(tmp_path, "migrator", "1", ["click"])
    install(tmp_path, "click", "8", [text])
    assert found(tmp_path)["click"].state is State.WARNING


def test_a_version_that_is_none_does_not_fit(tmp_path: Path) -> None:
    install(tmp_path, "migrator", "1", ["click>=8"])
    install(tmp_path, "click", "unknown")
    assert "click unknown is installed" in found(tmp_path)["click"].what


def test_a_program_that_is_not_installed_says_so(tmp_path: Path) -> None:
    assert found(tmp_path)["migrator"].state is State.NOTE


def test_the_packages_of_this_python_are_found() -> None:
    looked = packages.look(interpreter.package_folders())
    assert {"sqlalchemy", "click", "alembic"} <= {package.name for package in looked.packages}


# Python itself

PYTHONS = [
    (Interpreter("3.12.1", "/usr/bin/python", ">=3.11", True), [State.OK, State.OK]),
    (Interpreter("3.14.0rc1", "/usr/bin/python", ">=3.11", True), [State.OK, State.OK]),
    (Interpreter("3.10.4", "/usr/bin/python", ">=3.11", True), [State.FAILED, State.OK]),
    (Interpreter("3.12.1", "/usr/bin/python", "", False), [State.OK, State.WARNING]),
]


@pytest.mark.parametrize(("python", "states"), PYTHONS)
def test_python_must_be_new_enough_and_should_be_a_virtual_environment(
    python: Interpreter, states: list[State]
) -> None:
    checks = list(interpreter.checks(python))
    assert [check.state for check in checks] == states
    assert all(check.fix for check in checks if check.state is not State.OK)


def test_this_python_is_as_the_package_asks() -> None:
    assert next(interpreter.checks(interpreter.look())).state is State.OK


def test_a_folder_alembic_that_is_a_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "alembic").mkdir()
    library = Path(str(interpreter.imported_library()))
    folders = [tmp_path, tmp_path]
    (check,) = interpreter.shadowing(folders, library, interpreter.installed_library())
    assert check.state is State.OK
    file = tmp_path / "alembic" / "__init__.py"
    file.touch()
    (check,) = interpreter.shadowing(folders, library, interpreter.installed_library())
    assert (check.state, check.where) == (State.WARNING, str(file))
    (check,) = interpreter.shadowing(folders, file, interpreter.installed_library())
    assert check.state is State.FAILED
    assert f"Python takes {file} for the library" in check.what
