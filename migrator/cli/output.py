"""How a command speaks, and with which code it exits: the only place that knows exit codes."""

from __future__ import annotations

import json
import logging
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from rich.console import Console

from migrator import config
from migrator.errors import (
    ConfigurationError,
    DataError,
    EnvironmentFailure,
    Interrupted,
    MigratorError,
    RunFailedError,
    SourceDamagedError,
    UndecidedError,
)
from migrator.model.plan import Plan
from migrator.model.result import RunResult
from migrator.report.html import render_html
from migrator.report.serialize import dumps, to_data
from migrator.report.terminal import next_commands, render_error, render_plan, render_result
from migrator.workspace import DEFAULT

DONE, DATA, USAGE, ENVIRONMENT, INTERRUPTED = 0, 1, 2, 3, 130

F = TypeVar("F", bound=Callable[..., Any])


def exit_code(error: MigratorError) -> int:
    """1 the data says no, 2 wrong usage or configuration, 3 the environment says no, 130 interrupted."""
    if isinstance(error, RunFailedError):
        return exit_code(error.cause)
    for kinds, code in (
        ((DataError, SourceDamagedError), DATA),
        ((ConfigurationError,), USAGE),
        ((EnvironmentFailure,), ENVIRONMENT),
        ((Interrupted,), INTERRUPTED),
    ):
        if isinstance(error, kinds):
            return code
    return ENVIRONMENT


@dataclass(frozen=True, slots=True)
class Output:
    """How a command speaks: one JSON document on stdout, or for people."""

    json: bool
    quiet: bool
    verbose: bool
    report: Path | None
    work: Path
    out: Console
    err: Console

    def result(self, result: RunResult) -> None:
        """Show a result, and write the report if one is asked for."""
        written = self._write_report(result)
        if self.json:
            click.echo(dumps(result), nl=False)
        elif not self.quiet:
            elsewhere = "" if self.work == DEFAULT else f" --work {shlex.quote(str(self.work))}"
            commands = [f"{command}{elsewhere}" for command in next_commands(result)]
            render_result(result, self.out, commands=commands)
        if written is not None and not self.json and not self.quiet:
            self.out.print(f"Report: {written}", highlight=False, soft_wrap=True)

    def _write_report(self, result: RunResult) -> Path | None:
        if self.report is None:
            return None
        try:
            self.report.write_text(render_html(to_data(result)), encoding="utf-8")
        except OSError as error:
            raise EnvironmentFailure(
                "The report cannot be written.", where=f"{self.report} ({error.strerror})"
            ) from error
        return self.report

    def plan(self, plan: Plan) -> None:
        """Show a plan."""
        if self.json:
            click.echo(dumps(plan), nl=False)
        elif not self.quiet:
            render_plan(plan, self.out, verbose=self.verbose)

    def files(self, written: Sequence[Path]) -> None:
        """Show which files a new project has, and what to do with them."""
        if self.json:
            click.echo(json.dumps({"files": [str(path) for path in written]}, ensure_ascii=True, indent=2))
        elif not self.quiet:
            for path in written:
                self.out.print(f"wrote  {path}", highlight=False, soft_wrap=True)
            self.out.print("next  read models.py and migrator.toml, then `migrator plan` and `migrator run`.")

    def failure(self, error: MigratorError) -> None:
        """Show what went wrong: a result if there is one, the plan's findings if they are what stops it."""
        if isinstance(error, RunFailedError):
            self._failed_run(error)
            return
        if isinstance(error, UndecidedError) and not self.json:
            render_plan(error.plan, self.out, verbose=self.verbose)
        if self.json:
            click.echo(_error_document(error), nl=False)
        render_error(error, self.err)

    def _failed_run(self, error: RunFailedError) -> None:
        """The result tells everything, so for people it goes to stderr in place of the bare error."""
        if self.quiet or self.json:
            self.result(error.result)
            render_error(error, self.err)
        else:
            replace(self, out=self.err).result(error.result)


def _error_document(error: MigratorError) -> str:
    document = {"status": "failed", **to_data(error)}
    if isinstance(error, UndecidedError):
        document["findings"] = to_data(error.plan)["findings"]
    return json.dumps(document, ensure_ascii=True, indent=2) + "\n"


def _output(values: dict[str, Any]) -> Output:
    as_json, quiet = values.pop("as_json", False), values.pop("quiet", False)
    return Output(
        json=as_json,
        quiet=quiet,
        verbose=values.pop("verbose", False),
        report=values.pop("report", None),
        work=values.get("work", DEFAULT),
        out=Console(highlight=False),
        err=Console(stderr=True, highlight=False),
    )


def command(function: F) -> F:
    """Give a command its output, and turn what it raises into messages and exit codes."""

    @wraps(function)
    def wrapper(**values: Any) -> NoReturn:
        traceback = values.pop("traceback")
        output = _output(values)
        logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
        # Of a connection that broke, the pool shows a traceback when it is closed; the command says what it means.
        logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        file = values.get("config_file") or (config.FILE if config.FILE.exists() else None)
        try:
            code = function(output, **values)
        except ConfigurationError as error:
            output.failure(config.located(error, file))
            code = exit_code(error)
        except MigratorError as error:
            output.failure(error)
            code = exit_code(error)
        except KeyboardInterrupt:
            output.failure(Interrupted("Interrupted before anything was written."))
            code = INTERRUPTED
        except Exception as error:  # the boundary: a user is told, not shown a traceback
            if traceback:
                raise
            output.failure(_fault(error))
            code = ENVIRONMENT
        sys.exit(code or DONE)

    return wrapper  # type: ignore[return-value]


def _fault(error: Exception) -> MigratorError:
    """A fault of this program. Its own words may hold a value, so only its kind is shown."""
    return MigratorError(
        f"The program itself failed ({type(error).__name__}).",
        hint="`migrator status` says what the target holds now. Please report what --traceback shows.",
    )
