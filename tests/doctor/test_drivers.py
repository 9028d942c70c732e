"""Drivers as they are on this machine, and as they are registered with a real driver manager."""

from __future__ import annotations

import ctypes.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.doctor.drivers import checks, state_of
from migrator.model.health import Driver, State
from migrator.targets.mssql.health import odbc
from migrator.targets.mssql.health import ways as mssql
from migrator.targets.postgresql import health as postgresql
from tests.doctor.test_machine import elf

NAMES = [
    ("/opt/microsoft/msodbcsql17/lib64/libmsodbcsql-17.10.so.6.1", "17.10.6.1"),
    ("/opt/microsoft/msodbcsql18/lib64/libmsodbcsql-18.3.so.2.1", "18.3.2.1"),
    ("/opt/homebrew/Cellar/msodbcsql18/18.3.2.1/lib/libmsodbcsql.18.dylib", "18.3.2.1"),
    ("/usr/lib/libmsodbcsql-18.6.so", "18.6"),
    ("/usr/lib/x86_64-linux-gnu/odbc/libtdsodbc.so", ""),
    (r"C:\Windows\system32\msodbcsql18.dll", ""),
    ("", ""),
]


@pytest.mark.parametrize(("path", "version"), NAMES)
def test_the_path_of_a_driver_tells_its_version(path: str, version: str) -> None:
    assert odbc.version_in_name(path) == version


def test_the_driver_that_comes_with_the_package_loads_and_is_for_this_python() -> None:
    found = {driver.name: driver for driver in mssql.drivers()}
    assert found["mssql-python"].usable and found["mssql-python"].version
    bundled = found[mssql.BUNDLED]
    assert bundled.usable and bundled.version.startswith("18.")
    assert bundled.architectures == (mssql.own_architecture(),)
    assert Path(bundled.path).is_file()
    assert found["mssql://"].usable and "takes mssql-python" in found["mssql://"].remark


def test_the_packages_for_postgresql_are_named_with_libpq() -> None:
    found = {driver.name: driver for driver in postgresql.drivers()}
    assert all(driver.usable and driver.version for driver in found.values())
    assert "libpq 1" in found["psycopg"].remark


def test_what_is_no_library_has_its_fault_in_the_loaders_words(tmp_path: Path) -> None:
    path = tmp_path / "libmsodbcsql-17.4.so.1.1"
    path.write_bytes(elf(183))
    found = odbc.library(str(path))
    assert (found.version, found.architectures) == ("17.4.1.1", ("arm64",))
    assert found.fault
    missing = odbc.library(str(tmp_path / "libgone.so"))
    assert "No such file" in missing.fault


REGISTERED = """
[ODBC Driver 17 for SQL Server]
Description = Microsoft's, for another processor
Driver = {other}

[ODBC Driver 18 for SQL Server]
Driver = {gone}

[FreeTDS]
Driver = {works}

[PostgreSQL Unicode]
Driver = psqlodbcw.so
"""

ASK = """
import dataclasses, json
from migrator.targets.mssql.health import ways
print(json.dumps([dataclasses.asdict(driver) for driver in ways._installed()]))
"""


@pytest.mark.skipif(
    sys.platform != "linux" or ctypes.util.find_library("odbcinst") is None,
    reason="no unixODBC here; install it (apt install unixodbc) to run this",
)
def test_drivers_registered_with_the_driver_manager_are_found_with_what_is_the_matter(tmp_path: Path) -> None:
    other, gone = tmp_path / "libmsodbcsql-17.10.so.6.1", tmp_path / "libmsodbcsql-18.3.so.2.1"
    other.write_bytes(elf(3))
    works = next(driver.path for driver in mssql.drivers() if driver.name == mssql.BUNDLED)
    (tmp_path / "libtdsodbc.so").symlink_to(works)
    listed = REGISTERED.format(other=other, gone=gone, works=tmp_path / "libtdsodbc.so")
    (tmp_path / "odbcinst.ini").write_text(listed, encoding="utf-8")
    # A process of its own: unixODBC reads the environment once.
    environment = {**os.environ, "ODBCSYSINI": str(tmp_path), "HOME": str(tmp_path)}
    environment.pop("ODBCINSTINI", None)
    done = subprocess.run((sys.executable, "-c", ASK), env=environment, capture_output=True, check=True)
    found = {each["name"]: each for each in json.loads(done.stdout)}
    assert list(found) == ["ODBC Driver 17 for SQL Server", "ODBC Driver 18 for SQL Server", "FreeTDS"]
    old = found["ODBC Driver 17 for SQL Server"]
    assert (old["usable"], old["version"], old["architectures"]) == (False, "17.10.6.1", ["x86"])
    assert "made for x86, and this Python is" in old["remark"]
    broken = found["ODBC Driver 18 for SQL Server"]
    assert not broken["usable"] and "No such file" in broken["remark"] and broken["fix"]
    free = found["FreeTDS"]
    assert free["usable"] and not free["advised"] and "mssql-python" in free["fix"]


MISSING = [
    ("libgssapi_krb5.so.2: cannot open shared object file: No such file or directory", "libgssapi-krb5-2"),
    ("libltdl.so.7: cannot open shared object file: No such file or directory", "libltdl7"),
    ("libodbcinst.so.2: cannot open shared object file: No such file or directory", "libodbcinst2"),
    ("/x.so: invalid ELF header", ""),
]


@pytest.mark.parametrize(("fault", "package"), MISSING)
def test_the_package_of_a_library_that_is_missing_is_named(fault: str, package: str) -> None:
    said = mssql._missing_library(fault)
    assert package in said if package else said == ""


STATES = [
    ("works", Driver("d", "odbc", True), True, State.OK),
    ("works, and there is better", Driver("d", "odbc", True, advised=False), True, State.WARNING),
    ("needed and missing", Driver("d", "python", False, needed=True), True, State.FAILED),
    ("missing, for a server nobody wants", Driver("d", "python", False, needed=True), False, State.WARNING),
    ("a choice that was not made", Driver("d", "python", False), True, State.NOTE),
    ("there and broken", Driver("d", "odbc", False, path="/x.so"), False, State.WARNING),
]


@pytest.mark.parametrize(("driver", "wanted", "state"), [s[1:] for s in STATES], ids=[s[0] for s in STATES])
def test_a_driver_is_missing_only_to_who_needs_it(driver: Driver, wanted: bool, state: State) -> None:
    assert state_of(driver, wanted=wanted) is state


def test_a_driver_is_one_line() -> None:
    driver = Driver("ODBC Driver 17", "odbc", True, "17.10", ("x64",), "/lib/x.so", "for pyodbc", "Update it.")
    (check,) = checks("SQL Server", [driver], wanted=True)
    assert (check.subject, check.name) == ("drivers for SQL Server", "ODBC Driver 17")
    assert check.what == "17.10, x64, /lib/x.so; for pyodbc."
    assert check.fix == "Update it."
