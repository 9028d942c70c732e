"""Stage: from a plan to a project of its own, with models, revisions and configuration that people go on with.

Making the files is pure; writing them is the only thing that touches the folder, and it never replaces a file
unless told to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from migrator.errors import ConfigurationError, EnvironmentFailure
from migrator.model.options import Options
from migrator.model.plan import Plan
from migrator.scaffold import environment
from migrator.scaffold.layout import lay_out
from migrator.scaffold.models import models
from migrator.scaffold.revision import REVISION, revision
from migrator.scaffold.settings import settings
from migrator.scaffold.words import Taken, identifier

VERSIONS = PurePosixPath("alembic", "versions")
"""Where the revisions are."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of the project. `path` is relative to its folder."""

    path: PurePosixPath
    text: str


def scaffold(
    plan: Plan, sources: Sequence[tuple[str, str]], *, options: Options | None = None
) -> tuple[File, ...]:
    """The files of a project whose models declare what the plan would create in its target.

    Args:
        plan: A plan without models, rehearsed on a server of its dialect, so that all SQL in it is accepted there.
        sources: Every source of the plan: its name in the plan, and its path or URL as it stands in the file.
        options: Those the plan was made with; decisions in them are written down again.
    """
    layout = lay_out(plan)
    of = ", ".join(PurePosixPath(path.replace("\\", "/")).name for _, path in sources)
    about = f"Tables of {of}." if of else "Tables."
    return (
        File(PurePosixPath("migrator.toml"), settings(plan, sources, options or Options())),
        File(PurePosixPath("models.py"), models(layout, about)),
        File(PurePosixPath("alembic.ini"), environment.ini()),
        File(PurePosixPath("alembic", "env.py"), environment.env(_version_table(plan))),
        File(PurePosixPath("alembic", "script.py.mako"), environment.template()),
        File(VERSIONS / f"{REVISION}_{_slug(sources)}.py", revision(layout, plan.views, about, plan.created)),
    )


def _slug(sources: Sequence[tuple[str, str]]) -> str:
    """What the first revision's file is called after its number; module names are best in ASCII."""
    words = [identifier(name, otherwise="tables") for name, _ in sources]
    return "_".join(words)[:40].rstrip("_") if words and all(map(str.isascii, words)) else "tables"


def _version_table(plan: Plan) -> str:
    """A source may bring a table of Alembic's own, which then belongs to the models."""
    relations = [table.target for table in plan.tables] + [view.target for view in plan.views]
    return Taken(relations).first(environment.VERSION_TABLE)


def write(folder: Path, files: Sequence[File], *, overwrite: bool = False) -> tuple[Path, ...]:
    """Write the files, and return their paths.

    Raises:
        ConfigurationError: A file is there already, or a revision of another project, and `overwrite` is not
            given. Nothing was written.
        EnvironmentFailure: A file cannot be written.
    """
    paths = {folder / file.path: file.text for file in files}
    if not overwrite:
        _refuse(folder, [path for path in paths if path.exists()])
    for path, text in paths.items():
        _write(path, text)
    return tuple(paths)


def _refuse(folder: Path, there: list[Path]) -> None:
    found = sorted({*there, *(folder / VERSIONS).glob("*.py")})
    if found:
        raise ConfigurationError(
            "The folder holds a project already; nothing was written.",
            where=", ".join(str(path) for path in found),
            hint="Use an empty folder, or give --force to replace the files.",
        )


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EnvironmentFailure("The file cannot be written.", where=f"{path} ({error.strerror})") from error
