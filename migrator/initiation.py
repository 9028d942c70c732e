"""The public verb that begins a project: `init`, from a source to configuration, models and a first revision.

It plans on a private server of its own, which is gone afterwards, so that every expression in the models is one
that the target accepted. It never changes a source or a target.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from migrator.connections import EMBEDDED, open_target
from migrator.model.options import ANY_SOURCE, Options, SourceAccess
from migrator.preparation import AnySource, opened_sources, prepare, require_sources
from migrator.report.progress import Progress, Silent
from migrator.scaffold import scaffold, write
from migrator.scaffold.settle import settled


def init(
    sources: Sequence[AnySource],
    folder: Path = Path(),
    *,
    options: Options | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    access: SourceAccess = ANY_SOURCE,
) -> tuple[Path, ...]:
    """Write a project for the sources into the folder: `migrator.toml`, `models.py`, an `alembic` folder with a
    first revision. Returns the files' paths.

    Args:
        sources: Paths or URLs, each perhaps with a name.
        folder: Where to write; it is made if it is missing.
        options: The user's choices; models in them are left aside.
        overwrite: Replace files that are there.
        progress: Told what happens.
        access: The passwords of sources, and whether links are followed.

    Raises:
        ConfigurationError: A file is there already, and `overwrite` is not given.
        MigratorError: See `migrator.plan`.
    """
    require_sources(sources)
    chosen = replace(options or Options(), models=None)
    shown = progress or Silent()
    with tempfile.TemporaryDirectory(prefix="migrator-init-") as scratch:
        work = Path(scratch)
        with open_target(EMBEDDED, work) as server, opened_sources(sources, work / "snapshots", access) as opened:
            shown.phase("profile")
            with server.errors("planning"):
                plan = prepare(opened, EMBEDDED, server, chosen, shown)
                named = [(each.source.name, _from(folder, Path(each.snapshot.original))) for each in opened]
                files = scaffold(settled(plan, server), named, options=chosen)
    shown.finish()
    return write(folder, files, overwrite=overwrite)


def _from(folder: Path, source: Path) -> str:
    """The source as seen from the folder, so that both can be moved together; with `/` on every system."""
    try:
        return Path(os.path.relpath(source, folder.resolve())).as_posix()
    except ValueError:  # another drive
        return source.as_posix()
