"""`migrator doctor`: whether this machine, its drivers, the sources and the targets are ready for a run."""

from __future__ import annotations

from pathlib import Path

import click

from migrator.cli import options
from migrator.cli.output import DONE, USAGE, Output, command
from migrator.model.health import Health, State
from migrator.report.health import dumps_health, render_faults, render_health

MISSING = 1
"""Something is missing or does not work; `USAGE` stands for a wrong configuration."""


def code(health: Health) -> int:
    """0 all well, perhaps with warnings; 1 something is missing or fails; 2 the configuration is wrong, whatever
    else is: as long as it is, nobody can tell what is missing."""
    return {State.MISCONFIGURED: USAGE, State.FAILED: MISSING}.get(health.state, DONE)


@click.command("doctor")
@options.sources
@options.target
@options.config_file
@click.option(
    "--policy",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What is asked of ODBC drivers.  [default: driver-policy.toml beside the configuration, if there is one]",
)
@options.work
@options.speech
@command
def doctor_command(
    output: Output,
    sources: tuple[str, ...],
    target: str | None,
    config_file: Path | None,
    policy: Path | None,
    work: Path,
) -> int:
    """Check Python, packages, drivers, sources and targets, and say how to fix each thing. Changes nothing.

    Without arguments it looks at the configuration's sources, at every target it names, and at those that PG_*,
    MSSQL_* or DB_TYPE in the environment mean.

    Exit codes: 0 all well (there may be warnings), 1 something is missing or does not work, 2 the configuration is
    wrong.
    """
    from migrator import doctor  # other commands need none of what it imports

    health = doctor.examine(doctor.Asked(sources, target, config_file, policy, work))
    if output.json:
        click.echo(dumps_health(health), nl=False)
    elif output.quiet:
        render_faults(health, output.err)
    else:
        render_health(health, output.out)
    return code(health)
