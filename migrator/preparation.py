"""Stage: sources → snapshots → profiles → plan, rehearsed on the target where there is one.

It writes nothing to the target: a rehearsal happens in a transaction that is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from migrator.errors import ConfigurationError
from migrator.journal import Snapshot
from migrator.model.options import Options
from migrator.model.plan import Plan, SourcePlan
from migrator.planner import PlanInput, SourceInput, fingerprint, make_plan, moved_tables
from migrator.report.progress import Progress
from migrator.sources import Location, Source, locate
from migrator.targets import Refusal, Server

MAX_REHEARSALS = 5
"""A refused object is left out and the plan made again; each round leaves out what the last one met."""


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A source opened on its snapshot."""

    source: Source
    snapshot: Snapshot


def by_name(opened: Sequence[OpenSource]) -> dict[str, Source]:
    """The sources by the names their plan knows them by."""
    return {each.snapshot.name: each.source for each in opened}


def tool() -> str:
    """This program and its version."""
    return f"migrator {version('migrator')}"


@contextmanager
def opened_sources(given: Sequence[str], into: Path) -> Iterator[tuple[OpenSource, ...]]:
    """Snapshot every source into the folder and open the copies.

    Raises:
        SourceError, SourceDamagedError, EnvironmentFailure: See `SourceDriver.snapshot`.
        ConfigurationError: The same one is given twice.
    """
    with ExitStack() as stack:
        opened: list[OpenSource] = []
        for each in given:
            driver, location = locate(each, _free_name(Path(each).stem, opened))
            if any(other.snapshot.original == str(location.path) for other in opened):
                raise ConfigurationError("The same source is given twice.", where=str(location.path))
            copy = driver.snapshot(location, into)
            source = driver.open(copy, location)
            stack.callback(source.close)
            opened.append(OpenSource(source, Snapshot(location.name, each, str(location.path), str(copy))))
        yield tuple(opened)


def require_sources(given: Sequence[str]) -> None:
    """Refuse an empty list before anything is opened.

    Raises:
        ConfigurationError: There is no source.
    """
    if not given:
        raise ConfigurationError(
            "No source is given.", where="SOURCE", hint="Name a database file, for example app.db."
        )


def _free_name(stem: str, opened: Sequence[OpenSource]) -> str:
    """The file's stem, numbered when another source has it already."""
    taken = {other.snapshot.name for other in opened}
    return next(name for name in (stem, *(f"{stem}_{n}" for n in range(2, 1000))) if name not in taken)


@contextmanager
def reopened_sources(snapshots: Sequence[Snapshot]) -> Iterator[tuple[OpenSource, ...]]:
    """Open snapshots that an earlier process made.

    Raises:
        ConfigurationError: A snapshot is gone.
    """
    with ExitStack() as stack:
        opened: list[OpenSource] = []
        for snapshot in snapshots:
            copy = Path(snapshot.path)
            if not copy.exists():
                raise ConfigurationError(
                    f"The snapshot of {snapshot.name!r} is gone, so the run cannot go on with the same rows.",
                    where=snapshot.path,
                    hint="Take the run back with `migrator rollback` and run again.",
                )
            driver, _ = locate(snapshot.path)
            location = Location(snapshot.given, Path(snapshot.original), snapshot.name)
            source = driver.open(copy, location)
            stack.callback(source.close)
            opened.append(OpenSource(source, snapshot))
        yield tuple(opened)


def inspect(sources: Sequence[OpenSource], options: Options, progress: Progress) -> tuple[SourceInput, ...]:
    """Schema and profile of every source."""
    inputs = []
    for opened in sources:
        schema = opened.source.schema()
        profiles = {}
        for table in moved_tables(opened.source.name, schema, options):
            profiles[table.name] = profile = opened.source.profile(table)
            progress.profiled(table.name, profile.rows)
        inputs.append(SourceInput(opened.source.name, opened.source.url, schema, profiles))
    return tuple(inputs)


def prepare(
    sources: Sequence[OpenSource], target: str, server: Server, options: Options, progress: Progress
) -> Plan:
    """The plan for these sources, rehearsed until the server refuses nothing more. `target` is what the user
    calls the target, without password.

    Raises:
        ConfigurationError: The options contradict the sources; or the server refuses something that cannot be
            left out.
        TargetNotEmptyError, EnvironmentFailure: See `Server.check`.
    """
    given = PlanInput(
        sources=inspect(sources, options, progress),
        target=target,
        dialect=server.dialect,
        options=options,
        tool=tool(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        rehearsed=True,
    )
    refused: dict[tuple[str, str], tuple[str, ...]] = {}
    for _ in range(MAX_REHEARSALS):
        plan = make_plan(replace(given, refused=dict(refused)))
        if not refused:
            server.check(plan)
        refusals = server.rehearse(plan.steps)
        if not refusals:
            return plan
        for refusal in refusals:
            key = (refusal.step.phase.value, refusal.step.object)
            refused[key] = (*refused.get(key, ()), refusal.message)
    raise _cannot_be_left_out(refusals)


def _cannot_be_left_out(refusals: Sequence[Refusal]) -> ConfigurationError:
    first = refusals[0]
    return ConfigurationError(
        f"The target refuses a part of the plan: {first.message}",
        where=f"{first.step.phase.value}: {first.step.object}: {first.step.do[0] if first.step.do else ''}",
        hint="Leave the table out with `skip = true` in migrator.toml, or change it in the source.",
    )


def check_fingerprints(plan: Plan, sources: Sequence[OpenSource]) -> None:
    """Refuse a plan whose sources are not those given, or have another schema now.

    Raises:
        ConfigurationError: They differ.
    """
    planned: dict[str, SourcePlan] = {source.name: source for source in plan.sources}
    given = {opened.source.name: opened for opened in sources}
    if planned.keys() != given.keys():
        raise ConfigurationError(
            f"The plan is for {', '.join(sorted(planned))}, not for {', '.join(sorted(given))}.",
            where="SOURCE",
            hint="Give the sources that the plan was made for, or make a new plan.",
        )
    for name, opened in given.items():
        if fingerprint(opened.source.schema()) != planned[name].fingerprint:
            raise ConfigurationError(
                "The source's schema changed since the plan was made.",
                where=opened.source.url,
                hint="Make the plan again with `migrator plan … -o FILE` and review what changed.",
            )
