"""Stage: sources → snapshots → profiles → plan, rehearsed on the target where there is one.

It writes nothing to the target: a rehearsal happens in a transaction that is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

from migrator.errors import ConfigurationError
from migrator.journal import Snapshot
from migrator.model import given as models
from migrator.model.options import ANY_SOURCE, NamedSource, Options, SourceAccess
from migrator.model.plan import Phase, Plan, SourcePlan
from migrator.model.result import Mismatch
from migrator.model.rules import Staged, TableRules
from migrator.planner import PlanInput, SourceInput, fingerprint, make_plan, requests
from migrator.planner.mentions import refuse_unknown
from migrator.planner.rules import table_rules
from migrator.project import read_given
from migrator.report.progress import Progress
from migrator.sources import Location, Source, locate
from migrator.targets import Dialect, Refusal, Server
from migrator.transforms import describe, load

MAX_REHEARSALS = 5
"""A refused object is left out and the plan made again; each round leaves out what the last one met."""


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A source opened on its snapshot. `fingerprint` is of its schema before any rule."""

    source: Source
    snapshot: Snapshot
    fingerprint: str


def by_name(opened: Sequence[OpenSource]) -> dict[str, Source]:
    """The sources by the names their plan knows them by."""
    return {each.snapshot.name: each.source for each in opened}


def tool() -> str:
    """This program and its version."""
    return f"migrator {version('migrator')}"


AnySource: TypeAlias = str | NamedSource
"""A source as the user gives it: a path or URL, perhaps with a name."""


@contextmanager
def opened_sources(
    given: Sequence[AnySource], into: Path, access: SourceAccess = ANY_SOURCE
) -> Iterator[tuple[OpenSource, ...]]:
    """Snapshot every source into the folder and open the copies.

    Raises:
        SourceError, SourceDamagedError, EnvironmentFailure: See `SourceDriver.snapshot`.
        ConfigurationError: The same one is given twice.
    """
    with ExitStack() as stack:
        opened: list[OpenSource] = []
        for each in given:
            named = each if isinstance(each, NamedSource) else NamedSource(None, each)
            name = named.name or _free_name(Path(named.given).stem, opened)
            driver, location = locate(named.given, name)
            if any(other.snapshot.original == str(location.path) for other in opened):
                raise ConfigurationError("The same source is given twice.", where=str(location.path))
            copy = driver.snapshot(_with_access(location, access), into)
            source = driver.open(copy, location)
            stack.callback(source.close)
            snapshot = Snapshot(location.name, named.given, str(location.path), str(copy))
            opened.append(OpenSource(source, snapshot, fingerprint(source.schema())))
        yield tuple(opened)


def _with_access(location: Location, access: SourceAccess) -> Location:
    ask = access.password
    password = (lambda: ask(location.name)) if ask is not None else None
    return replace(location, password=password, follow_links=access.follow_links)


def require_sources(given: Sequence[AnySource]) -> None:
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
            opened.append(OpenSource(source, snapshot, fingerprint(source.schema())))
        yield tuple(opened)


def inspect(
    sources: Sequence[OpenSource],
    options: Options,
    given: models.Given | None,
    dialect: Dialect,
    progress: Progress,
) -> tuple[SourceInput, ...]:
    """Schema and profile of every source, its rules carried out first."""
    refuse_unknown(options, {opened.source.name: opened.source.schema() for opened in sources})
    return tuple(_inspect(opened, options, given, dialect, progress) for opened in sources)


def _inspect(
    opened: OpenSource, options: Options, given: models.Given | None, dialect: Dialect, progress: Progress
) -> SourceInput:
    source = opened.source
    rules = _rules(source, options)
    staged = stage(source, rules)
    schema = source.schema()
    profiles = {}
    for asked in requests(source.name, schema, source.grammar, options, given, dialect):
        profiles[asked.table.name] = profile = source.profile(asked.table, asked.demands)
        progress.profiled(asked.table.name, profile.rows)
    return SourceInput(
        name=source.name,
        url=source.url,
        schema=schema,
        profiles=profiles,
        fingerprint=opened.fingerprint,
        rules=rules,
        staged=staged,
        grammar=source.grammar,
    )


def _rules(source: Source, options: Options) -> tuple[TableRules, ...]:
    schema = source.schema()
    wanted = {table.name: options.table(source.name, table.name).transform for table in schema.tables}
    transforms = {name: describe(each.file, each.function) for name, each in wanted.items() if each is not None}
    return table_rules(source.name, schema, options, transforms)


def stage(source: Source, rules: tuple[TableRules, ...]) -> tuple[Staged, ...]:
    """Carry out the rules on a source's snapshot, if there are any.

    Raises:
        ConfigurationError: A rule cannot be evaluated, or a transform's file changed since it was planned.
        TransformError: A transform failed.
    """
    if not rules:
        return ()
    return source.stage(rules, {each.table: load(each.transform) for each in rules if each.transform is not None})


def stage_as_planned(sources: Mapping[str, Source], plan: Plan) -> None:
    """Carry out the rules of a plan that was made earlier."""
    for name, source in sources.items():
        tables = (table for table in plan.tables if table.database == name)
        stage(source, tuple(table.rules for table in tables if table.rules is not None))


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
    schema = options.schema or server.dialect.default_schema
    owned = read_given(options.models, server, schema) if options.models else None
    given = PlanInput(
        sources=inspect(sources, options, owned, server.dialect, progress),
        target=target,
        dialect=server.dialect,
        options=options,
        tool=tool(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        rehearsed=True,
        given=owned,
        notes=server.notes,
    )
    refused: dict[tuple[str, str], tuple[str, ...]] = {}
    for _ in range(MAX_REHEARSALS):
        plan = make_plan(replace(given, refused=dict(refused)))
        if not refused:
            server.check(plan)
        rehearsal = server.rehearse(plan.steps, tuple(table for table in plan.tables if table.given))
        if rehearsal.differences:
            raise _models_differ(rehearsal.differences)
        if not rehearsal.refusals:
            return plan
        for refusal in rehearsal.refusals:
            if refusal.step.phase in _OWNED:
                raise _revision_refused(refusal)
            key = (refusal.step.phase.value, refusal.step.object)
            refused[key] = (*refused.get(key, ()), refusal.message)
    raise _cannot_be_left_out(rehearsal.refusals)


_OWNED = frozenset({Phase.REVISIONS, Phase.RELEASE})
"""Phases of which nothing can be left out: the schema is the models'."""


def _revision_refused(refusal: Refusal) -> ConfigurationError:
    return ConfigurationError(
        f"The target refuses {refusal.step.comment[0].lower()}{refusal.step.comment[1:]}: {refusal.message}",
        where=refusal.step.object,
        hint="Correct the revision, or see with `alembic current` whether the target stands where you think.",
    )


_SHOWN = 5
"""Differences that one message names."""


def _models_differ(differences: Sequence[Mismatch]) -> ConfigurationError:
    more = f" … and {len(differences) - _SHOWN} more." if len(differences) > _SHOWN else ""
    return ConfigurationError(
        "The tables that the revisions make are not those that the models declare: "
        + " ".join(each.message for each in differences[:_SHOWN])
        + more,
        where=", ".join(dict.fromkeys(each.table for each in differences)),
        hint="`alembic revision --autogenerate` writes the revision that is missing.",
    )


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
        if opened.fingerprint != planned[name].fingerprint:
            raise ConfigurationError(
                "The source's schema changed since the plan was made.",
                where=opened.source.url,
                hint="Make the plan again with `migrator plan … -o FILE` and review what changed.",
            )
