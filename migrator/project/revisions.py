"""The Alembic revisions that a target lacks, rendered as SQL one by one with their undo.

Alembic's own offline mode renders them (https://alembic.sqlalchemy.org/en/latest/offline.html), through the
project's env.py, so that what a run applies is what `alembic upgrade head` would apply.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError

from migrator.errors import ConfigurationError
from migrator.model.given import Revision
from migrator.targets import Server

VERSION_TABLE = "version table"
"""What the step is called that creates Alembic's version table, where the target has none yet."""


def pending(ini: Path, server: Server) -> tuple[Revision, ...]:
    """The revisions from where the target is to the head, in order; () when it is there.

    Raises:
        ConfigurationError: The folder or a revision cannot be used, or the target stands at a revision that the
            folder does not know.
    """
    project = _Project(ini, server)
    # env.py files commonly rely on being run from their own folder.
    with contextlib.chdir(ini.resolve().parent):
        try:
            return project.pending()
        except CommandError as error:
            raise ConfigurationError(
                f"Alembic says: {str(error).rstrip('.')}.",
                where=str(ini),
                hint="`alembic history` and `alembic current` show the revisions and where the target is.",
            ) from error


@dataclass
class _Statements:
    """Takes what Alembic writes in offline mode: one call of `write` per statement."""

    written: list[str] = field(default_factory=list)

    def write(self, text: str) -> None:
        self.written.append(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def parts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The statements before Alembic says which revision it runs (they make its version table) and those
        after, without their terminator and without comments that stand alone."""
        texts = [text.strip() for text in self.written]
        at = next((at for at, text in enumerate(texts) if text.startswith("-- Running ")), 0)
        return _statements(texts[:at]), _statements(texts[at:])


def _statements(texts: list[str]) -> tuple[str, ...]:
    return tuple(text.removesuffix(";") for text in texts if text and not _is_comment(text))


def _is_comment(text: str) -> bool:
    return all(line.startswith("--") for line in text.splitlines())


class _Project:
    """The revisions of one folder, and one target."""

    def __init__(self, ini: Path, server: Server) -> None:
        self._ini = ini.resolve()
        if not self._ini.exists():
            raise ConfigurationError("The Alembic configuration does not exist.", where=str(ini))
        self._server = server
        self._config = Config(str(self._ini))
        url = server.engine.url._replace(password=None).set(query={}).render_as_string()
        self._config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))

    def pending(self) -> tuple[Revision, ...]:
        self._script = ScriptDirectory.from_config(self._config)
        table, schema = self._version_table()
        heads, exists = self._current(table, schema)
        missing = [step.revision for step in self._script._upgrade_revs("heads", heads)]  # type: ignore[arg-type]
        rendered = tuple(self._revision(script) for script in missing)
        if exists or not rendered:
            return rendered
        create = self._rendered(None, missing[0].revision, self._script._upgrade_revs)[0]
        drop = (f"DROP TABLE {self._qualified(table, schema)}",)
        return (Revision(VERSION_TABLE, "Alembic's version table", create, drop), *rendered)

    def _version_table(self) -> tuple[str, str | None]:
        """What env.py calls Alembic's version table, and its schema."""
        seen: list[MigrationContext] = []

        def nothing(_: Any, context: MigrationContext) -> Iterable[Any]:
            seen.append(context)
            return []

        self._run(nothing, _Statements())
        return seen[0].version_table, seen[0].version_table_schema

    def _current(self, table: str, schema: str | None) -> tuple[tuple[str, ...], bool]:
        """The revisions the target is at, and whether it has a version table."""
        with self._server.engine.connect() as connection:
            opts = {"version_table": table, "version_table_schema": schema}
            heads = MigrationContext.configure(connection, opts=opts).get_current_heads()
            return heads, sa.inspect(connection).has_table(table, schema=schema)

    def _qualified(self, table: str, schema: str | None) -> str:
        version = sa.Table(table, sa.MetaData(), schema=schema)
        return self._server.engine.dialect.identifier_preparer.format_table(version)

    def _revision(self, script: Script) -> Revision:
        below = script.down_revision
        return Revision(
            id=script.revision,
            message=script.doc or script.revision,
            do=self._rendered(below, script.revision, self._script._upgrade_revs)[1],
            undo=self._rendered(script.revision, below or "base", self._script._downgrade_revs)[1],
        )

    def _rendered(
        self, start: Any, end: Any, steps: Callable[[Any, Any], list[Any]]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The statements from one revision to its neighbour; those of the version table apart."""
        buffer = _Statements()
        self._run(lambda heads, _: steps(end, heads), buffer, starting_rev=start, destination_rev=end)
        return buffer.parts()

    def _run(self, fn: Callable[[Any, MigrationContext], Iterable[Any]], buffer: _Statements, **revs: Any) -> None:
        with EnvironmentContext(
            self._config,
            self._script,
            fn=fn,
            as_sql=True,
            output_buffer=buffer,
            transactional_ddl=False,
            **self._server.dialect.alembic,
            **revs,
        ):
            try:
                self._script.run_env()
            except CommandError:
                raise
            except Exception as error:
                raise ConfigurationError(
                    f"The revisions cannot be rendered as SQL: {type(error).__name__}: {error}.",
                    where=str(self._ini),
                    hint="`alembic upgrade head --sql` shows the same error. Or apply the revisions yourself with "
                    "`alembic upgrade head`, and run again: only what is missing is rendered.",
                ) from error
