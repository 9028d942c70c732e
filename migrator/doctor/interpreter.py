"""Python itself: its version, where its packages go, and what could stand before the libraries this tool
imports."""

from __future__ import annotations

import importlib.util
import platform
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet

from migrator.model.health import Check, State

SUBJECT = "python"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What is known about the Python that runs this. `required` is what the package asks for, '' when it is not
    installed; `isolated` whether its packages are its own."""

    version: str
    executable: str
    required: str
    isolated: bool


def look() -> Interpreter:
    """The Python that runs this."""
    return Interpreter(
        version=platform.python_version(),
        executable=sys.executable,
        required=_required(),
        isolated=sys.prefix != sys.base_prefix or Path(sys.prefix, "conda-meta").is_dir(),
    )


def _required() -> str:
    try:
        return metadata.metadata("migrator")["Requires-Python"] or ""
    except metadata.PackageNotFoundError:
        return ""


def checks(found: Interpreter) -> Iterator[Check]:
    """Whether it is a Python to work with."""
    if SpecifierSet(found.required).contains(found.version, prereleases=True):
        yield Check(SUBJECT, "version", State.OK, f"Python {found.version}, {found.executable}.")
    else:
        yield Check(
            SUBJECT,
            "version",
            State.FAILED,
            f"This is Python {found.version}, and {found.required} is needed.",
            "Make a virtual environment with a newer Python, and install migrator there.",
            found.executable,
        )
    if found.isolated:
        yield Check(SUBJECT, "environment", State.OK, "Its packages are its own (a virtual environment).")
    else:
        yield Check(
            SUBJECT,
            "environment",
            State.WARNING,
            "It is not a virtual environment: other programs may change its packages.",
            "python -m venv .venv, then install migrator with the pip in it. In a container this is fine.",
        )


# What shadows a library

LIBRARY = "alembic"
"""The library whose name is also that of the folder for its revisions."""


def shadowing(folders: Sequence[Path], imported: Path | None, installed: Path | None) -> Iterator[Check]:
    """Whether a folder of the project is, or could be, taken for the library: a folder is a package once it has an
    `__init__.py`.

    Args:
        folders: Where programs may be started, so that Python searches there first.
        imported: The file that `import alembic` loads.
        installed: The folder in which the package is installed.
    """
    fix = "Delete the __init__.py: Alembic needs none, and a folder without one shadows nothing."
    if imported is not None and installed is not None and not imported.is_relative_to(installed):
        yield Check(
            SUBJECT,
            LIBRARY,
            State.FAILED,
            f"Python takes {imported} for the library {LIBRARY}.",
            fix,
            str(installed),
        )
        return
    files = [folder / LIBRARY / "__init__.py" for folder in folders]
    found = [file for file in dict.fromkeys(files) if file.is_file() and file.parent.parent != installed]
    for file in found:
        yield Check(
            SUBJECT,
            LIBRARY,
            State.WARNING,
            f"Programs that are started in {file.parent.parent} take its folder {LIBRARY} for the library.",
            fix,
            str(file),
        )
    if not found:
        yield Check(SUBJECT, LIBRARY, State.OK, f"No folder of the project is taken for the library {LIBRARY}.")


def imported_library() -> Path | None:
    """The file that `import alembic` loads here."""
    spec = importlib.util.find_spec(LIBRARY)
    return Path(spec.origin).resolve() if spec is not None and spec.origin else None


def installed_library() -> Path | None:
    """The folder in which the package is installed."""
    try:
        return Path(str(metadata.distribution(LIBRARY).locate_file(""))).resolve()
    except metadata.PackageNotFoundError:
        return None


def package_folders() -> tuple[Path, ...]:
    """The folders in which packages are installed, in the order in which Python searches them."""
    own = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    searched = [
        entry for entry in sys.path if entry in own or Path(entry).name in ("site-packages", "dist-packages")
    ]
    return tuple(Path(entry) for entry in dict.fromkeys([*searched, *sorted(own)]) if Path(entry).is_dir())
