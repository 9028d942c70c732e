"""The ways to connect to SQL Server from here: `mssql-python` with the driver it brings, and pyodbc with installed
ones.

It looks and names; what is enough for whom is decided by others.
"""

from __future__ import annotations

import importlib
import platform
import struct
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

from sqlalchemy.engine import make_url

from migrator.errors import ConfigurationError
from migrator.model.health import Driver
from migrator.targets.mssql.connecting import MSSQL_PYTHON, way
from migrator.targets.mssql.health import odbc
from migrator.targets.mssql.health.machine import architecture

BUNDLED = "ODBC Driver 18 for SQL Server"
_MICROSOFT = ("ODBC Driver 17 for SQL Server", "ODBC Driver 18 for SQL Server")
"""The drivers this tool supports through pyodbc:
https://learn.microsoft.com/sql/connect/odbc/microsoft-odbc-driver-for-sql-server"""
_MANAGER = {
    "linux": "Install the driver manager: `apt install unixodbc`, `dnf install unixODBC` or `apk add unixodbc`.",
    "darwin": "Install the driver manager: `brew install unixodbc`.",
}
_INSTALL = "https://learn.microsoft.com/sql/connect/odbc/download-odbc-driver-for-sql-server"


def drivers() -> tuple[Driver, ...]:
    """Every way to connect, the one that needs nothing else first."""
    return (*_mssql_python(), _pyodbc(), *_installed(), _bare())


def _bare() -> Driver:
    """What a URL takes that names no driver."""
    try:
        taken = way(make_url("mssql://localhost/master"))
    except ConfigurationError as error:
        return Driver("mssql://", "url", False, remark=error.what.rstrip("."), fix=error.hint, needed=True)
    if taken.drivername == MSSQL_PYTHON:
        return Driver("mssql://", "url", True, remark="takes mssql-python, which needs nothing of the system")
    return Driver("mssql://", "url", True, remark=f"takes pyodbc with {taken.odbc}: mssql-python cannot be used")


def own_architecture() -> str:
    """The processor this Python is made for. On Windows the machine's own name is another one where Python is
    emulated."""
    word = sysconfig.get_platform() if sys.platform == "win32" else platform.machine()
    return architecture(word, struct.calcsize("P") * 8)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _fault(module: str) -> str:
    """Why a module cannot be imported, '' when it can. Both packages raise ImportError where a library is missing;
    `mssql-python` raises OSError and RuntimeError too where it has no build for the machine."""
    try:
        importlib.import_module(module)
    except (ImportError, OSError, RuntimeError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""


# mssql-python


def _mssql_python() -> tuple[Driver, ...]:
    version, fault = _version("mssql-python"), _fault("mssql_python")
    if fault:
        remark, fix = _not_imported("mssql-python", version, fault)
        return (Driver("mssql-python", "python", False, version, remark=remark, fix=fix, needed=True),)
    bundled = _bundled()
    remark = "schema, queries and bulk load" if bundled.usable else "its ODBC driver cannot be used"
    return (
        Driver("mssql-python", "python", bundled.usable, version, remark=remark, fix=bundled.fix, needed=True),
        bundled,
    )


def _not_imported(package: str, version: str, fault: str) -> tuple[str, str]:
    if not version:
        return "not installed", f"pip install {package}"
    return f"cannot be imported: {fault}", f"pip install --force-reinstall {package}"


def _bundled() -> Driver:
    """The driver in the wheel `mssql-python-odbc`, at the place where `mssql-python` itself looks for it."""
    come = f"comes with mssql-python, in mssql-python-odbc {_version('mssql-python-odbc')}".rstrip()
    path = _bundled_path()
    if path is None:
        return Driver(
            BUNDLED,
            "odbc",
            False,
            remark="mssql-python-odbc, which brings it, is not installed",
            fix="pip install --force-reinstall mssql-python",
            needed=True,
        )
    found = odbc.library(path)
    version = found.version or _version("mssql-python-odbc")
    if found.fault:
        return Driver(
            BUNDLED,
            "odbc",
            False,
            version,
            found.architectures,
            path,
            remark=f"{come}, and cannot be loaded: {found.fault}",
            fix=_missing_library(found.fault) or "pip install --force-reinstall mssql-python-odbc",
            needed=True,
        )
    return Driver(BUNDLED, "odbc", True, version, found.architectures, path, remark=come, needed=True)


def _bundled_path() -> str | None:
    try:
        bindings = importlib.import_module("mssql_python.ddbc_bindings")
        package = importlib.import_module("mssql_python_odbc")
    except ImportError:
        return None
    return str(bindings.GetDriverPathCpp(str(Path(str(package.__file__)).parent)))


_PACKAGES = {
    "krb5": "`apt install libkrb5-3 libgssapi-krb5-2`, `dnf install krb5-libs` or `apk add krb5-libs`",
    "ltdl": "`apt install libltdl7`, `dnf install libtool-ltdl` or `apk add libltdl`",
    "libodbcinst": "`apt install libodbcinst2`, `dnf install unixODBC` or `apk add unixodbc`",
    "libodbc": "`apt install unixodbc`, `dnf install unixODBC` or `apk add unixodbc`",
    "libssl": "`apt install libssl3`, `dnf install openssl-libs` or `apk add openssl`",
    "libcrypto": "`apt install libssl3`, `dnf install openssl-libs` or `apk add openssl`",
}
"""The packages of the system in which the libraries are that Microsoft's driver links to."""


def _missing_library(fault: str) -> str:
    """What to install where the loader names a library that it does not find."""
    if "No such file" not in fault and "not found" not in fault and "not loaded" not in fault:
        return ""
    return next((f"Install what it needs: {how}." for word, how in _PACKAGES.items() if word in fault), "")


# pyodbc and the drivers behind it


def _pyodbc() -> Driver:
    version, fault = _version("pyodbc"), _fault("pyodbc")
    if not version:
        return Driver(
            "pyodbc",
            "python",
            False,
            remark="not installed; only mssql+pyodbc:// needs it",
            fix="pip install pyodbc",
        )
    if fault:
        fix = _MANAGER.get(sys.platform, "pip install --force-reinstall pyodbc")
        return Driver(
            "pyodbc", "python", False, version, remark=f"only mssql+pyodbc:// needs it; it says: {fault}", fix=fix
        )
    return Driver("pyodbc", "python", True, version, remark="for mssql+pyodbc://")


def _installed() -> tuple[Driver, ...]:
    """The drivers for SQL Server that are registered here; those for other servers are no concern of ours."""
    own = own_architecture()
    return tuple(
        _described(name, odbc.library(path), own) for name, path in odbc.installed() if _speaks_tds(name, path)
    )


def _speaks_tds(name: str, path: str) -> bool:
    words = f"{name} {path}".lower()
    return any(word in words for word in ("sql server", "sqlsrv", "sqlncli", "msodbcsql", "tdsodbc", "freetds"))


def _described(name: str, found: odbc.Library, own: str) -> Driver:
    made_for = found.architectures
    if made_for and own not in made_for:
        return Driver(
            name,
            "odbc",
            False,
            found.version,
            made_for,
            found.path,
            remark=f"made for {' and '.join(made_for)}, and this Python is {own}",
            fix=f"Install its {own} build ({_INSTALL}), or use mssql-python, which brings its own.",
        )
    if found.fault:
        return Driver(
            name,
            "odbc",
            False,
            found.version,
            made_for,
            found.path,
            remark=f"cannot be loaded: {found.fault}",
            fix=_missing_library(found.fault)
            or f"Install it again ({_INSTALL}), or take its entry out of the driver manager.",
        )
    return _loadable(name, found)


def _loadable(name: str, found: odbc.Library) -> Driver:
    supported = name in _MICROSOFT or "msodbcsql" in found.path.lower()
    if supported:
        return Driver(
            name, "odbc", True, found.version, found.architectures, found.path, remark="for mssql+pyodbc://"
        )
    return Driver(
        name,
        "odbc",
        True,
        found.version,
        found.architectures,
        found.path,
        remark=_OLD if _is_old(name) else "for mssql+pyodbc://, and not Microsoft's: slower, and other in places",
        fix=f"Use mssql-python, or install {BUNDLED} ({_INSTALL}).",
        advised=False,
    )


_OLD = "too old: it knows neither TLS 1.2 by default nor the types since SQL Server 2012"


def _is_old(name: str) -> bool:
    """The drivers that come with Windows and with SQL Server up to 2014:
    https://learn.microsoft.com/sql/connect/odbc/windows/system-requirements-installation-and-driver-files"""
    return name == "SQL Server" or name.startswith(("SQL Server Native Client", "SQL Native Client"))
