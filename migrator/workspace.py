"""The folder `.migrator/`: snapshots of sources while a run needs them, and the history of runs.

It holds no password and no row value of a secret column but what the private snapshots hold; they are
readable by their owner only and go when the run is finished or taken back.
"""

from __future__ import annotations

import json
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path

from migrator.errors import EnvironmentFailure
from migrator.model.result import RunResult
from migrator.report.serialize import dumps

DEFAULT = Path(".migrator")


def new_run_id() -> str:
    """A name for a run: its start in UTC and four random digits, such as `20260131T093000_3f2a`."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}_{secrets.token_hex(2)}"


class Workspace:
    """One working folder."""

    def __init__(self, folder: Path = DEFAULT) -> None:
        self.folder = folder

    def snapshots(self, run_id: str) -> Path:
        """The folder for a run's snapshots, created if needed.

        Raises:
            EnvironmentFailure: It cannot be created.
        """
        return self._made(self.folder / "snapshots" / run_id)

    def drop_snapshots(self, run_id: str) -> None:
        """Remove a run's snapshots."""
        shutil.rmtree(self.folder / "snapshots" / run_id, ignore_errors=True)

    def save(self, result: RunResult) -> Path:
        """Keep a result in the history."""
        path = self._made(self.folder / "runs") / f"{result.run_id}.json"
        path.write_text(dumps(result), encoding="utf-8")
        return path

    def last_target(self) -> str | None:
        """What the user called the target of the newest run in the history, None without one."""
        runs = sorted((self.folder / "runs").glob("*.json"), reverse=True)
        for path in runs:
            given: str = json.loads(path.read_text(encoding="utf-8"))["target"]
            return given
        return None

    def _made(self, folder: Path) -> Path:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o755)
            folder.chmod(0o700)
            ignore = self.folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise EnvironmentFailure(
                "The working folder cannot be written.",
                where=f"{folder} ({error.strerror})",
                hint="Run from a folder you may write to, or name another one with --work.",
            ) from error
        return folder
