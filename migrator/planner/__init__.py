"""From (schema, profile, target facts, options) to a plan: steps with do and undo, and findings.

Pure: no connection, no file, no clock. The same input gives the same plan, so it can be tested with tables of
(input, expected DDL) and reviewed as data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from migrator.errors import ConfigurationError
from migrator.model.findings import Finding, Resolution, finding
from migrator.model.given import Given
from migrator.model.options import Options
from migrator.model.plan import PLAN_VERSION, Estimate, Plan, SourcePlan, TablePlan, ViewPlan
from migrator.model.profile import Demands, TableProfile
from migrator.model.rules import Staged, TableRules
from migrator.model.schema import Remark, Schema, Table, Unmoved, View
from migrator.model.types import LogicalType
from migrator.order import parents_first
from migrator.planner import cascades, collations
from migrator.planner.given import Assigned, GivenPlanner, Request, assign, fixed_types, request, with_secrets
from migrator.planner.lengths import fit_lengths
from migrator.planner.mentions import refuse_unknown
from migrator.planner.naming import name_relations
from migrator.planner.rules import rule_findings
from migrator.planner.selection import selected, selection_findings, skipped_columns
from migrator.planner.tables import Context, Refused, TablePlanner
from migrator.planner.types import choose_types
from migrator.targets import Dialect, Relation, Scope, Untranslatable

ROWS_PER_SECOND = 150_000
"""For the estimate only: profile, load and verification together on two cores; see `benchmarks/`."""


@dataclass(frozen=True, slots=True)
class SourceInput:
    """One inspected source, its `schema` as the rules leave it. `profiles` has an entry for every table that
    moves. `fingerprint` is of the schema before any rule, that of `schema` when there is none; `grammar` is what
    sqlglot calls the source's SQL."""

    name: str
    url: str
    schema: Schema
    profiles: Mapping[str, TableProfile]
    fingerprint: str | None = None
    rules: tuple[TableRules, ...] = ()
    staged: tuple[Staged, ...] = ()
    grammar: str = "sqlite"


@dataclass(frozen=True, slots=True)
class PlanInput:
    """Everything a plan is made from. `refused` holds what a rehearsal on the server refused."""

    sources: tuple[SourceInput, ...]
    target: str
    dialect: Dialect
    options: Options
    tool: str
    created: str
    refused: Refused = field(default_factory=lambda: MappingProxyType({}))
    rehearsed: bool = False
    given: Given | None = None
    notes: tuple[str, ...] = ()
    """About the connection to the target."""


def fingerprint(schema: Schema) -> str:
    """A hash of everything a plan depends on in a source's schema: not of its rows, nor of counters."""
    tables = tuple(
        replace(
            table,
            columns=tuple(
                replace(column, identity=replace(column.identity, counter=None)) if column.identity else column
                for column in table.columns
            ),
        )
        for table in schema.tables
    )
    return hashlib.sha256(repr((tables, schema.views, schema.unmoved)).encode("utf-8", "replace")).hexdigest()


def moved_tables(source: str, schema: Schema, options: Options) -> tuple[Table, ...]:
    """The tables that move, without the columns that do not, parents first."""
    kept = {table.name: table for table in selected(source, schema, options)}
    parents = {name: [key.parent_table for key in table.foreign_keys] for name, table in kept.items()}
    return tuple(kept[name] for name in parents_first(parents))


def requests(
    source: str, schema: Schema, grammar: str, options: Options, given: Given | None, dialect: Dialect
) -> tuple[Request, ...]:
    """What to ask the source's profile about each table that moves.

    Raises:
        ConfigurationError: See `assign`.
    """
    tables = moved_tables(source, schema, options)
    if given is None:
        return tuple(
            Request(
                table,
                Demands(_asked_types(source, table, options), collations.demands(source, table, options, dialect)),
            )
            for table in tables
        )
    assignment = assign(source, tables, given, options)
    return tuple(request(assigned, assignment, dialect, grammar) for assigned in assignment.tables)


def _asked_types(source: str, table: Table, options: Options) -> dict[str, LogicalType]:
    types = {column.name: options.column(source, table.name, column.name).type for column in table.columns}
    return {column: type for column, type in types.items() if type is not None}


_Index = tuple[str, str, str]
"""A database, a table and an index of it."""


@dataclass(slots=True)
class _Made:
    """What has been planned so far."""

    tables: list[TablePlan] = field(default_factory=list)
    views: list[ViewPlan] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    left: set[_Index] = field(default_factory=set)


def make_plan(given: PlanInput) -> Plan:
    """The plan for moving `given.sources` to the target.

    Raises:
        ConfigurationError: The options contradict the sources or each other.
    """
    options, dialect = given.options, given.dialect
    schema = options.schema or dialect.default_schema
    refuse_unknown(options, {source.name: source.schema for source in given.sources})
    made = _into_models(given, given.given) if given.given else _into_own_tables(given, schema)
    for source in given.sources:
        made.findings.extend(rule_findings(source.name, source.staged, source.rules))
        for table in source.schema.tables:
            gone = skipped_columns(source.name, table, options)
            made.findings.extend(selection_findings(source.name, table, gone))
        made.findings.extend(_not_moved(source.name, source.schema.unmoved))
        made.findings.extend(_remarks(source.name, source.schema.remarks))
    made.findings.extend(finding("connection-note", note) for note in given.notes)
    if not given.rehearsed:
        made.findings.append(finding("not-rehearsed", "The generated SQL was not tried on the target server."))
    tables = tuple(_with_rules(table, given.sources) for table in made.tables)
    quarantine = any(f.resolution is Resolution.QUARANTINE for f in made.findings)
    return Plan(
        version=PLAN_VERSION,
        tool=given.tool,
        created=given.created,
        sources=tuple(
            SourcePlan(s.name, s.url, s.fingerprint or fingerprint(s.schema), s.schema.details)
            for s in given.sources
        ),
        target=given.target,
        dialect=dialect.name,
        schema=schema,
        tables=tables,
        views=tuple(made.views),
        steps=dialect.steps(
            schema,
            tables,
            tuple(made.views),
            quarantine=quarantine,
            revisions=given.given.revisions if given.given else (),
        ),
        findings=_ordered(made.findings),
        unmoved=_all_unmoved(given.sources, made.findings),
        estimate=_estimate(made.tables),
    )


def _with_rules(table: TablePlan, sources: tuple[SourceInput, ...]) -> TablePlan:
    """The plan of a table with the rules that were carried out on it."""
    source = next(source for source in sources if source.name == table.database)
    rules = next((each for each in source.rules if each.table == table.source), None)
    staged = next((each for each in source.staged if each.table == table.source), None)
    return replace(table, rules=rules, left_out=staged.left_out if staged else 0)


def _into_models(given: PlanInput, models: Given) -> _Made:
    """Plans for the tables that models own; views are the models' own business."""
    made = _Made()
    owners: dict[str, str] = {}
    for source in given.sources:
        tables = moved_tables(source.name, source.schema, given.options)
        assignment = assign(source.name, tables, models, given.options)
        options = with_secrets(given.options, source.name, assignment)
        made.findings.extend(assignment.findings)
        fixed = {place: type for each in assignment.tables for place, type in fixed_types(each).items()}
        asked = {
            each.table.name: request(each, assignment, given.dialect, source.grammar).table
            for each in assignment.tables
        }
        choices = choose_types(
            source.name,
            replace(source.schema, tables=tuple(asked.values())),
            asked.values(),
            source.profiles,
            options,
            given.dialect,
            fixed,
        )
        for assigned in assignment.tables:
            _refuse_shared(owners, source.name, assigned)
            profile = source.profiles[assigned.table.name]
            planner = GivenPlanner(
                source.name,
                assigned,
                assignment,
                profile,
                choices,
                options,
                given.dialect,
                source.grammar,
            )
            made.tables.append(planner.plan())
            made.findings.extend(planner.findings)
        made.findings.extend(_views_of_models(source))
    return made


def _refuse_shared(owners: dict[str, str], database: str, assigned: Assigned) -> None:
    owner = owners.setdefault(assigned.given.name, database)
    if owner != database:
        raise ConfigurationError(
            f"Two sources have a table for {assigned.given.name!r}.",
            where=f"{owner} and {database}",
            hint=f'Leave one out in migrator.toml: [tables."{database}.{assigned.table.name}"] skip = true.',
        )


def _views_of_models(source: SourceInput) -> Iterator[Finding]:
    for view in source.schema.views:
        text = f"View {view.name!r} is left to the models' revisions."
        yield finding("view-left-to-models", text, database=source.name, table=view.name)


def _into_own_tables(given: PlanInput, schema: str) -> _Made:
    """Plans for tables that the run creates; an index that the target will not have limits no length."""
    left = frozenset[_Index]()
    while True:
        made = _planned(given, schema, left)
        if given.dialect.index_limits is None or made.left <= left:
            return made
        left |= made.left


def _planned(given: PlanInput, schema: str, left: frozenset[_Index]) -> _Made:
    """Plans in which no column is shorter for the sake of the indexes that are `left`."""
    options, dialect = given.options, given.dialect
    made = _Made()
    moved: list[tuple[str, Schema, tuple[Table, ...]]] = []
    for source in given.sources:
        tables = moved_tables(source.name, source.schema, options)
        fitting, too_wide = _within_limits(source.name, tables, dialect)
        moved.append((source.name, source.schema, fitting))
        made.findings.extend(too_wide)
    names = name_relations(tuple(moved), options, dialect)
    for source, (_, _, tables) in zip(given.sources, moved, strict=True):
        place = (source.name, source.schema, tables)
        chosen = choose_types(*place, source.profiles, options, dialect)
        collated = collations.choose_collations(*place, source.profiles, chosen, options, dialect)
        without = {(table, index) for database, table, index in left if database == source.name}
        choices, shortened = fit_lengths(*place, source.profiles, chosen, collated, dialect, without)
        made.findings.extend((*shortened, *collated.findings))
        context = Context(
            database=source.name,
            source=source.schema,
            moved={table.name: table for table in tables},
            profiles=source.profiles,
            choices=choices,
            collations=collated,
            names=names,
            options=options,
            dialect=dialect,
            schema=schema,
            refused=given.refused,
        )
        planners = [TablePlanner(context, table) for table in tables]
        made.tables.extend(planner.plan() for planner in planners)
        for planner in planners:
            made.findings.extend(planner.findings)
            made.left |= {(source.name, planner.table.name, index) for index in planner.left}
        views, unmoved = _views(context, {planner.table.name: planner.scope for planner in planners})
        made.views.extend(views)
        made.findings.extend(unmoved)
    made.tables, changed = cascades.allowed(made.tables, dialect)
    made.findings.extend((*changed, *names.findings))
    return made


def _within_limits(
    database: str, tables: tuple[Table, ...], dialect: Dialect
) -> tuple[tuple[Table, ...], list[Finding]]:
    """The tables that are not wider than the target allows, and a decision for each that is."""
    fitting = tuple(table for table in tables if len(table.columns) <= dialect.max_columns)
    findings = [
        finding(
            "row-too-wide",
            f"{len(table.columns):,} columns; the target allows {dialect.max_columns:,}.",
            database=database,
            table=table.name,
        )
        for table in tables
        if table not in fitting
    ]
    return fitting, findings


def _views(context: Context, scopes: Mapping[str, Scope]) -> tuple[list[ViewPlan], list[Finding]]:
    """The views in dependency order, and a finding for each that is not moved."""
    names = context.names
    relations = {
        name: Relation(context.schema, names.tables[(context.database, name)], scope)
        for name, scope in scopes.items()
    }
    views = {view.name: view for view in context.source.views}
    plans: list[ViewPlan] = []
    findings: list[Finding] = []
    for name in parents_first({view.name: view.reads for view in views.values()}):
        view, target = views[name], names.views[(context.database, name)]
        sql, problem = _view_sql(context, view, target, relations)
        if sql is None:
            text = f"View {name!r} is not moved: {problem}."
            findings.append(finding("view-not-moved", text, database=context.database, table=name))
            continue
        assert view.query.neutral is not None  # else there would be no SQL
        types = context.dialect.query_columns(view.query.neutral, relations)
        scope = Scope({column: (column, type) for column, type in types.items()})
        relations[name] = Relation(context.schema, target, scope)
        plans.append(ViewPlan(context.database, name, context.schema, target, sql))
    return plans, findings


def _view_sql(
    context: Context, view: View, target: str, relations: Mapping[str, Relation]
) -> tuple[str | None, str]:
    """The view's SELECT in the target's SQL, or None and why there is none."""
    refused = context.refused.get(("views", f"{context.schema}.{target}"))
    if refused:
        return None, f"the server says {refused[-1]!r}"
    missing = [name for name in view.reads if name not in relations]
    if missing:
        return None, f"it reads {', '.join(missing)}, which is not moved"
    if view.query.neutral is None:
        return None, "it uses something that only the source has"
    try:
        return context.dialect.query(view.query.neutral, relations), ""
    except Untranslatable as error:
        return None, error.what.rstrip(".")


def _remarks(database: str, remarks: tuple[Remark, ...]) -> Iterator[Finding]:
    for each in remarks:
        yield finding(
            "source-remark",
            each.message,
            database=database,
            table=each.table,
            column=each.column,
            count=each.count,
        )


def _not_moved(database: str, unmoved: tuple[Unmoved, ...]) -> list[Finding]:
    """A finding per object of its own; what merely belongs to another (a shadow table) is in the report."""
    return [
        finding(
            "not-moved",
            f"{item.kind.capitalize()} {item.name!r} is not moved: {item.reason.rstrip('.')}.",
            database=database,
            table=item.table or item.name,
        )
        for item in unmoved
        if item.kind != "shadow table"
    ]


def _all_unmoved(sources: tuple[SourceInput, ...], findings: list[Finding]) -> tuple[Unmoved, ...]:
    """Everything not moved with its SQL: what the sources say, and the views left out."""
    left_out = {(f.database, f.table): f.message for f in findings if f.code == "view-not-moved"}
    result: list[Unmoved] = []
    for source in sources:
        result.extend(source.schema.unmoved)
        result.extend(
            Unmoved("view", view.name, left_out[(source.name, view.name)], view.sql)
            for view in source.schema.views
            if (source.name, view.name) in left_out
        )
    return tuple(result)


def _ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """Decisions first, then warnings, then the rest; each in the order of the tables."""
    rank = {"decision": 0, "warning": 1, "info": 2}
    return tuple(sorted(findings, key=lambda f: rank[f.severity.value]))


def _estimate(tables: list[TablePlan]) -> Estimate:
    rows = sum(table.rows for table in tables)
    return Estimate(rows, sum(table.octets for table in tables), round(rows / ROWS_PER_SECOND + 0.5, 1))
