"""The command line: parse, call the API, render."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from migrator import config, demo, history, initiation, migration
from migrator.cli import options
from migrator.cli.doctor import doctor_command
from migrator.cli.output import DATA, DONE, Output, command, exit_code
from migrator.connections import EMBEDDED
from migrator.environment import Settings
from migrator.errors import ConfigurationError, EnvironmentFailure
from migrator.model.options import NamedSource
from migrator.model.plan import Plan
from migrator.preparation import tool
from migrator.report.progress import make_progress
from migrator.report.script import render_script
from migrator.report.serialize import dumps, loads_plan
from migrator.report.terminal import render_status
from migrator.targets import dialects
from migrator.workspace import DEFAULT


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(message=tool(), package_name="migrator")
def main() -> None:
    """Move SQLite and Microsoft Access databases to PostgreSQL and SQL Server.

    Proves that what arrived is what left, and can take it all back.

    \b
    Exit codes: 0 done and proven, 1 the data or the verification says no (the target is as it was),
    2 wrong usage or configuration, 3 the environment says no, 130 interrupted.
    """


@main.command("plan")
@options.sources
@options.target
@options.choices
@click.option(
    "-o", "--output", "save", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan as JSON."
)
@options.work
@options.follow_links
@options.speech
@options.verbose
@command
def plan_command(output: Output, save: Path | None, work: Path, **given: Any) -> int:
    """Show what a run would do, and what must be decided first. Writes nothing to the target."""
    chosen = options.chosen(work=work, **given)
    progress = make_progress(output.err, output.quiet or output.json)
    made = migration.plan(
        chosen.sources,
        chosen.target,
        options=chosen.options,
        work=work,
        progress=progress,
        access=chosen.access,
    )
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
@options.sources
@options.target
@options.choices
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Run a saved plan as it is; refused if the source's schema changed.",
)
@click.option("--dry-run", is_flag=True, help="Print the SQL of every step, and write nothing.")
@options.write_env
@options.report
@options.work
@options.follow_links
@options.speech
@command
def run_command(
    output: Output, plan_file: Path | None, dry_run: bool, write_env: Path | None, work: Path, **given: Any
) -> int:
    """Plan, create the schema, load, verify. On failure the target is as it was."""
    chosen = options.chosen(work=work, **given)
    progress = make_progress(output.err, output.quiet or output.json)
    saved = _load(plan_file)
    if dry_run:
        made = saved or migration.plan(
            chosen.sources,
            chosen.target,
            options=chosen.options,
            work=work,
            progress=progress,
            access=chosen.access,
        )
        progress.finish()
        click.echo(render_script(made, dialects()[made.dialect].terminator))
        return DATA if made.open_decisions else DONE
    result = migration.run(
        chosen.sources,
        chosen.target,
        options=chosen.options,
        saved=saved,
        work=work,
        progress=progress,
        settings=Settings(chosen.environment, write_env),
        access=chosen.access,
    )
    output.result(result)
    return DONE


@main.command("verify")
@options.sources
@options.target
@options.config_file
@click.option("--run", "run_id", help="The run to prove.  [default: the newest finished one]")
@options.report
@options.work
@options.follow_links
@options.speech
@command
def verify_command(
    output: Output,
    sources: tuple[str, ...],
    target: str | None,
    config_file: Path | None,
    run_id: str | None,
    work: Path,
    follow_links: bool,
) -> int:
    """Prove a migrated target again, against its sources as they are now."""
    progress = make_progress(output.err, output.quiet or output.json)
    read = config.read(config_file)
    chosen, access = options.target_of(target, read, work), options.access(read, follow_links=follow_links)
    output.result(
        history.verify(sources, target=chosen, run_id=run_id, work=work, progress=progress, access=access)
    )
    return DONE


@main.command("resume")
@click.argument("run_id", required=False, metavar="[RUN]")
@options.target
@options.config_file
@options.write_env
@options.report
@options.work
@options.speech
@command
def resume_command(
    output: Output,
    run_id: str | None,
    target: str | None,
    config_file: Path | None,
    write_env: Path | None,
    work: Path,
) -> int:
    """Finish a run that was interrupted, from where it stopped."""
    progress = make_progress(output.err, output.quiet or output.json)
    read = config.read(config_file)
    chosen, settings = options.target_of(target, read, work), Settings(read.environment, write_env)
    output.result(migration.resume(run_id, target=chosen, work=work, progress=progress, settings=settings))
    return DONE


@main.command("rollback")
@click.argument("run_id", required=False, metavar="[RUN]")
@options.target
@options.config_file
@click.option("--force", is_flag=True, help="Also if rows changed since the run; they go.")
@options.work
@options.speech
@command
def rollback_command(
    output: Output, run_id: str | None, target: str | None, config_file: Path | None, force: bool, work: Path
) -> int:
    """Take a run back: drop exactly what it made."""
    progress = make_progress(output.err, output.quiet or output.json)
    chosen = options.target_of(target, config.read(config_file), work)
    output.result(history.rollback(run_id, target=chosen, force=force, work=work, progress=progress))
    return DONE


@main.command("status")
@options.target
@options.config_file
@options.work
@options.speech
@command
def status_command(output: Output, target: str | None, config_file: Path | None, work: Path) -> int:
    """Show the runs in the target's journal."""
    runs = history.status(target=options.target_of(target, config.read(config_file), work), work=work)
    if output.json:
        click.echo(dumps(runs), nl=False)
    elif not output.quiet:
        render_status(runs, output.out)
    return DONE


@main.command("init")
@options.sources
@options.config_file
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where to write the project.  [default: the current folder]",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@options.follow_links
@options.speech
@command
def init_command(
    output: Output,
    sources: tuple[str, ...],
    config_file: Path | None,
    folder: Path,
    force: bool,
    follow_links: bool,
) -> int:
    """Write migrator.toml, models.py and a first Alembic revision for a source."""
    read = config.read(config_file) if config_file is not None else config.Configuration()
    progress = make_progress(output.err, output.quiet or output.json)
    written = initiation.init(
        sources or read.sources,
        folder,
        options=read.options,
        overwrite=force,
        progress=progress,
        access=options.access(read, follow_links=follow_links),
    )
    output.files(written)
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
@click.option(
    "-t",
    "--target",
    metavar="T",
    default=EMBEDDED,
    show_default=True,
    help="Another target, as for `run`: an empty database, or one that does not exist yet.",
)
@options.speech
@command
def demo_command(output: Output, folder: Path, scale: float, target: str) -> int:
    """Generate realistic sources and move them to the embedded PostgreSQL, through models and revisions."""
    work = folder / DEFAULT
    output = replace(output, report=folder / "report.html", work=work)
    progress = make_progress(output.err, output.quiet or output.json)
    sources = [NamedSource(path.stem, str(path)) for path in demo.generate(folder, scale=scale)]
    wanted = config.resolve_target(target, config.Configuration())
    if wanted == EMBEDDED and any(
        run.status.value != "rolled_back" for run in history.status(target=wanted, work=work)
    ):
        history.rollback(target=wanted, force=True, work=work)
    chosen = config.read(demo.configuration()).options
    output.result(migration.run(sources, wanted, options=chosen, work=work, progress=progress))
    return DONE


main.add_command(doctor_command)

__all__ = ["exit_code", "main"]
