"""The ODBC drivers that this machine has installed, asked of the driver manager's own installer library.

Microsoft's `odbccp32.dll` and unixODBC's `libodbcinst` have the same two functions. They know every place where
drivers are registered, for the machine and for the user, and what the environment says about it. Nothing here
loads a driver into this process: it may be made for another processor, or broken.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from migrator.targets.mssql.health.machine import HEADER, architectures, file_version

_BUFFER = 32_000
"""Bytes for all names: the length is a signed WORD in places."""
_HOMEBREW = ("/opt/homebrew/lib/libodbcinst.dylib", "/usr/local/lib/libodbcinst.dylib")
"""Where Homebrew puts unixODBC, which macOS does not search: https://docs.brew.sh/Installation."""

LOAD_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Library:
    """A driver's library on the disk. `fault` says why it cannot be loaded, '' when it can."""

    path: str
    version: str
    architectures: tuple[str, ...]
    fault: str


def installed() -> tuple[tuple[str, str], ...]:
    """Name and library of every driver that is registered; none where there is no driver manager."""
    manager = _manager()
    return () if manager is None else tuple((name, _library(manager, name)) for name in _names(manager))


def _manager() -> ctypes.CDLL | None:
    for candidate in _candidates():
        try:
            return _opened(candidate)
        except OSError:
            continue
    return None


def _opened(library: str) -> ctypes.CDLL:
    if sys.platform == "win32":
        return ctypes.WinDLL(library)
    return ctypes.CDLL(library)


def _candidates() -> Iterator[str]:
    if sys.platform == "win32":
        yield "odbccp32"
        return
    found = ctypes.util.find_library("odbcinst")
    if found:
        yield found
    yield from ("libodbcinst.so.2", *_HOMEBREW)


def _names(manager: ctypes.CDLL) -> list[str]:
    """https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetinstalleddrivers-function: names that each end
    with a zero byte."""
    buffer, length = ctypes.create_string_buffer(_BUFFER), ctypes.c_ushort()
    if not manager.SQLGetInstalledDrivers(buffer, _BUFFER, ctypes.byref(length)):
        return []
    return [_text(name) for name in buffer.raw[: length.value].split(b"\0") if name]


def _library(manager: ctypes.CDLL, name: str) -> str:
    """https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetprivateprofilestring-function"""
    buffer = ctypes.create_string_buffer(4096)
    section = name.encode(_ENCODING, "replace")
    manager.SQLGetPrivateProfileString(section, b"Driver", b"", buffer, 4096, b"odbcinst.ini")
    return _text(buffer.value)


_ENCODING = "mbcs" if sys.platform == "win32" else "utf-8"


def _text(raw: bytes) -> str:
    return raw.decode(_ENCODING, "replace")


def library(path: str) -> Library:
    """What is to be known about a driver's library without loading it into this process. A name without a folder
    is one that the system's loader searches for."""
    file = Path(path)
    if file.name == path:
        return Library(path, version_in_name(path), (), loading_fault(path))
    try:
        content = file.read_bytes()
    except OSError as error:
        return Library(path, version_in_name(path), (), error.strerror or str(error))
    real = str(file.resolve())
    version = version_in_name(real) or version_in_name(path) or file_version(content)
    return Library(path, version, architectures(content[:HEADER]), loading_fault(path))


_IN_NAME = re.compile(r"msodbcsql\d*[-/](\d+(?:\.\d+)+?)(?:\.so((?:\.\d+)*)|[/\\]|$)")
"""`libmsodbcsql-17.10.so.6.1` is 17.10.6.1; Homebrew keeps `msodbcsql18/18.3.2.1/lib/libmsodbcsql.18.dylib`."""


def version_in_name(path: str) -> str:
    """The version that the path of a driver of Microsoft's tells, '' where it tells none."""
    found = _IN_NAME.search(path)
    return "" if found is None else found[1] + (found[2] or "")


def loading_fault(path: str) -> str:
    """Why the system's loader refuses a library, in its own words; '' when it loads. Tried in a process of its
    own: a driver may take its process down with it."""
    script = "import ctypes, sys\ntry:\n ctypes.CDLL(sys.argv[1])\nexcept OSError as error:\n sys.exit(str(error))"
    try:
        done = subprocess.run(  # noqa: S603 - this Python, with a path as its argument
            (sys.executable, "-I", "-c", script, path),
            capture_output=True,
            timeout=LOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"loading it did not end within {LOAD_SECONDS} seconds"
    if done.returncode == 0:
        return ""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return said[-1] if said else f"loading it ends the process with code {done.returncode}"
