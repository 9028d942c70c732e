"""The command line: parse, call the API, render. The only place that knows exit codes."""

from __future__ import annotations

import json
import logging
import shlex
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from rich.console import Console
from sqlalchemy.engine import URL

from migrator import config, demo, history, migration
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
from migrator.model.findings import Resolution
from migrator.model.options import Naming, Options
from migrator.model.plan import Plan
from migrator.model.result import RunResult
from migrator.preparation import tool
from migrator.report.html import render_html
from migrator.report.progress import make_progress
from migrator.report.serialize import dumps, loads_plan, to_data
from migrator.report.terminal import (
    next_commands,
    render_error,
    render_plan,
    render_result,
    render_status,
)
from migrator.workspace import DEFAULT, Workspace

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


def _command(function: F) -> F:
    """Give a command its output, and turn what it raises into messages and exit codes."""

    @wraps(function)
    def wrapper(**values: Any) -> NoReturn:
        traceback = values.pop("traceback")
        output = _output(values)
        logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            code = function(output, **values)
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


def _options(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def _choice(resolutions: tuple[Any, ...]) -> click.Choice[str]:
    return click.Choice([resolution.value for resolution in resolutions])


_sources = click.argument("sources", nargs=-1, metavar="[SOURCE]...")
_target = click.option(
    "-t",
    "--target",
    metavar="T",
    help="A SQLAlchemy URL, `postgresql` (from PG_* in the environment or .env), or `embedded`.",
)
_work = click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT,
    show_default=True,
    help="Folder for snapshots, history and the embedded server.",
)
_speech = _options(
    click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON document on stdout."),
    click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors."),
    click.option("--traceback", is_flag=True, help="Show where the program itself failed, if it does."),
)
_report = click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write a self-contained HTML report."
)
_choices = _options(
    click.option(
        "-c",
        "--config",
        "config_file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Configuration file.  [default: migrator.toml, if there is one]",
    ),
    click.option("--schema", help="Schema in the target.  [default: the target's own]"),
    click.option("--names", type=click.Choice([naming.value for naming in Naming]), help="What becomes of names."),
    click.option(
        "--on-invalid",
        type=_choice(config.VALUE_RESOLUTIONS),
        help="What to do with values that the target cannot hold.",
    ),
    click.option(
        "--on-orphans", type=_choice(config.ORPHAN_RESOLUTIONS), help="What to do with rows without a parent."
    ),
    click.option(
        "--on-check", type=_choice(config.CHECK_RESOLUTIONS), help="What to do with rows that break a CHECK."
    ),
)
_verbose = click.option("-v", "--verbose", is_flag=True, help="Show every column and why it has its type.")


@dataclass(frozen=True, slots=True)
class _Given:
    """What command line and configuration file say together; the command line wins."""

    sources: tuple[str, ...]
    target: str | URL
    options: Options


def _given(
    sources: tuple[str, ...], target: str | None, work: Path, config_file: Path | None, **choices: str | None
) -> _Given:
    read = config.read(config_file)
    chosen = {key: value for key, value in choices.items() if value is not None}
    kinds: dict[str, Callable[[str], Any]] = {"names": Naming, "schema": str}
    options = replace(read.options, **{key: kinds.get(key, Resolution)(value) for key, value in chosen.items()})
    return _Given(sources or read.sources, _target_of(target or read.target, work), options)


def _target_of(target: str | None, work: Path) -> str | URL:
    """The target given, else that of the last run in the working folder."""
    wanted = target or Workspace(work).last_target()
    if wanted is None:
        raise ConfigurationError(
            "No target is given.",
            where="--target",
            hint="Give a URL, `postgresql`, or `embedded` for a private PostgreSQL in this folder.",
        )
    return config.target_from_environment(wanted)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(message=tool(), package_name="migrator")
def main() -> None:
    """Move SQLite databases to PostgreSQL, prove that what arrived is what left, and take it back.

    \b
    Exit codes: 0 done and proven, 1 the data or the verification says no (the target is as it was),
    2 wrong usage or configuration, 3 the environment says no, 130 interrupted.
    """


@main.command("plan")
@_sources
@_target
@_choices
@click.option(
    "-o", "--output", "save", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan as JSON."
)
@_work
@_speech
@_verbose
@_command
def plan_command(output: Output, save: Path | None, work: Path, **given: Any) -> int:
    """Show what a run would do, and what must be decided first. Writes nothing to the target."""
    chosen = _given(work=work, **given)
    progress = make_progress(output.err, output.quiet or output.json)
    made = migration.plan(chosen.sources, chosen.target, options=chosen.options, work=work, progress=progress)
    progress.finish()
    if save is not None:
        _save(save, made)
    output.plan(made)
    return DATA if made.open_decisions else DONE


def _save(path: Path, plan: Plan) -> None:
    try:
        path.write_text(dumps(plan), encoding="utf-8")
    except OSError as error:
        raise EnvironmentFailure("The plan cannot be saved.", where=f"{path} ({error.strerror})") from error


def _load(path: Path | None) -> Plan | None:
    if path is None:
        return None
    try:
        return loads_plan(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The plan cannot be read: {error}.", where=str(path)) from error


@main.command("run")
@_sources
@_target
@_choices
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Run a saved plan as it is; refused if the source's schema changed.",
)
@click.option("--dry-run", is_flag=True, help="Print the SQL of every step, and write nothing.")
@_report
@_work
@_speech
@_command
def run_command(output: Output, plan_file: Path | None, dry_run: bool, work: Path, **given: Any) -> int:
    """Plan, create the schema, load, verify. On failure the target is as it was."""
    chosen = _given(work=work, **given)
    progress = make_progress(output.err, output.quiet or output.json)
    saved = _load(plan_file)
    if dry_run:
        made = saved or migration.plan(
            chosen.sources, chosen.target, options=chosen.options, work=work, progress=progress
        )
        progress.finish()
        click.echo(_script(made))
        return DATA if made.open_decisions else DONE
    result = migration.run(
        chosen.sources, chosen.target, options=chosen.options, saved=saved, work=work, progress=progress
    )
    output.result(result)
    return DONE


def _script(plan: Plan) -> str:
    """The plan's SQL as a script that can be read and run; data steps as comments."""
    lines = []
    for step in plan.steps:
        lines.append(f"-- {step.id}. {step.phase.value}: {step.comment}".replace("\n", " "))
        lines.extend(f"{statement};" for statement in step.do)
        lines.append("")
    return "\n".join(lines)


@main.command("verify")
@_sources
@_target
@click.option("--run", "run_id", help="The run to prove.  [default: the newest finished one]")
@_report
@_work
@_speech
@_command
def verify_command(
    output: Output, sources: tuple[str, ...], target: str | None, run_id: str | None, work: Path
) -> int:
    """Prove a migrated target again, against its sources as they are now."""
    progress = make_progress(output.err, output.quiet or output.json)
    chosen = _target_of(target or config.read(None).target, work)
    output.result(history.verify(sources, target=chosen, run_id=run_id, work=work, progress=progress))
    return DONE


@main.command("resume")
@click.argument("run_id", required=False, metavar="[RUN]")
@_target
@_report
@_work
@_speech
@_command
def resume_command(output: Output, run_id: str | None, target: str | None, work: Path) -> int:
    """Finish a run that was interrupted, from where it stopped."""
    progress = make_progress(output.err, output.quiet or output.json)
    chosen = _target_of(target or config.read(None).target, work)
    output.result(migration.resume(run_id, target=chosen, work=work, progress=progress))
    return DONE


@main.command("rollback")
@click.argument("run_id", required=False, metavar="[RUN]")
@_target
@click.option("--force", is_flag=True, help="Also if rows changed since the run; they go.")
@_work
@_speech
@_command
def rollback_command(output: Output, run_id: str | None, target: str | None, force: bool, work: Path) -> int:
    """Take a run back: drop exactly what it made."""
    progress = make_progress(output.err, output.quiet or output.json)
    chosen = _target_of(target or config.read(None).target, work)
    output.result(history.rollback(run_id, target=chosen, force=force, work=work, progress=progress))
    return DONE


@main.command("status")
@_target
@_work
@_speech
@_command
def status_command(output: Output, target: str | None, work: Path) -> int:
    """Show the runs in the target's journal."""
    runs = history.status(target=_target_of(target or config.read(None).target, work), work=work)
    if output.json:
        click.echo(dumps(runs), nl=False)
    elif not output.quiet:
        render_status(runs, output.out)
    return DONE


@main.command("demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Where to put the demo sources, the report and the server.",
)
@click.option(
    "--scale", type=click.FloatRange(min=0, min_open=True), default=1.0, help="1.0 is about 200,000 rows."
)
@_speech
@_command
def demo_command(output: Output, folder: Path, scale: float) -> int:
    """Generate realistic sources and move them to the embedded PostgreSQL."""
    work = folder / DEFAULT
    output = replace(output, report=folder / "report.html", work=work)
    progress = make_progress(output.err, output.quiet or output.json)
    sources = [str(path) for path in demo.generate(folder, scale=scale)]
    if any(run.status.value != "rolled_back" for run in history.status(target="embedded", work=work)):
        history.rollback(target="embedded", force=True, work=work)
    output.result(migration.run(sources, "embedded", work=work, progress=progress))
    return DONE
