"""Plans, results, run lists and errors for people: on a terminal, or as plain lines where piped.

Each `*_blocks` function says what is shown and in which order, without a console; `render_*` paints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from shlex import quote

from rich.console import Console

from migrator.errors import MigratorError
from migrator.model.findings import RESOLUTION_MEANING, Finding, Severity
from migrator.model.phases import SixPhase, numbered, six
from migrator.model.plan import Plan, TablePlan
from migrator.model.result import Mismatch, RunResult, RunStatus, Status, TableResult
from migrator.model.schema import Unmoved
from migrator.report import words
from migrator.report.layout import Block, Column, Entry, Facts, Grid, Heading, Line, is_rich, paint

CAP = 10
"""Findings of one severity, and mismatches, that are shown before `… and 12 more`."""
TABLE_CAP = 60
"""Tables of a result that a terminal shows; what is not proven is always among them."""
WIDE = 120
"""Columns of a terminal that hold a run of `status` in one line."""
DIGEST = 8
"""Hexadecimal digits of a digest that a terminal shows; the report has all."""

_TITLE = {Severity.DECISION: "Decided", Severity.WARNING: "Warnings", Severity.INFO: "Worth knowing"}
_STYLE = {Severity.DECISION: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}

_PROOF = {
    "proven": ("✓ proven", "green"),
    "differs": ("✗ differs", "bold red"),
    "not checked": ("– not checked", "yellow"),
}
_STATUS: dict[str, tuple[str, str]] = {
    Status.SUCCEEDED: ("✓ succeeded", "green"),
    Status.FAILED: ("✗ failed", "bold red"),
    Status.INTERRUPTED: ("! interrupted", "yellow"),
}


def render_plan(plan: Plan, console: Console, *, verbose: bool = False) -> None:
    """Show what a run would do and what must be decided first. With `verbose`, every column and finding."""
    paint(plan_blocks(plan, verbose), console)


def render_result(
    result: RunResult, console: Console, *, verbose: bool = False, commands: Sequence[str] | None = None
) -> None:
    """Show how a run came out, verdict first. `commands` are what the user can do next, when the caller
    knows them better than `next_commands`."""
    cap = TABLE_CAP if is_rich(console) and not verbose else len(result.tables)
    paint(result_blocks(result, verbose, cap, commands), console)


def render_status(runs: Sequence[RunStatus], console: Console) -> None:
    """Show the runs a journal knows."""
    paint(status_blocks(runs, one_line=not is_rich(console) or console.width >= WIDE), console)


def render_error(error: MigratorError, console: Console) -> None:
    """Show what is wrong, where, and what to do."""
    details = [("where", error.where), ("to do", error.hint)]
    blocks = [Line(line, "bold red", "error") for line in _lines(error.what)] + [
        Line(f"  {label}: {line}", kind="") for label, text in details for line in _lines(text)
    ]
    paint(blocks, console)


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def plan_blocks(plan: Plan, verbose: bool) -> list[Block]:
    """A plan from its sources to whether it would go."""
    shared = words.shared_names((table.database, table.source) for table in plan.tables)
    cap = len(plan.findings) if verbose else CAP
    return [
        Facts(_plan_facts(plan)),
        *_plan_tables(plan),
        *(block for table in plan.tables if verbose for block in _columns(table)),
        *_unmoved(plan.unmoved),
        *_findings(plan.findings, cap, "--verbose"),
        *_decisions(plan.open_decisions, shared),
        Heading(""),
        Line(_work(plan), kind="steps"),
        Line(words.plan_verdict(plan), "bold red" if plan.open_decisions else "bold green", "verdict"),
    ]


def _plan_facts(plan: Plan) -> tuple[tuple[str, str], ...]:
    sources = [
        ("source", "  ".join([source.name, source.url, *(f"{name} {value}" for name, value in source.details)]))
        for source in plan.sources
    ]
    return (*sources, ("target", f"{plan.target}  {plan.dialect}  schema {plan.schema}"))


def _plan_tables(plan: Plan) -> list[Block]:
    columns = (
        Column("Source"),
        Column("Target", plain="-> {}"),
        Column("Rows", right=True, plain="{} rows"),
        Column("Size", right=True),
        Column("Columns"),
    )
    tables = tuple(
        (
            words.place(table.database, table.source, None),
            table.name,
            words.number(table.rows),
            words.octets(table.octets),
            words.type_summary(table),
        )
        for table in plan.tables
    )
    views = tuple((words.place(v.database, v.source, None), f"{v.schema}.{v.target}") for v in plan.views)
    blocks: list[Block] = [Heading("Tables"), Grid("table", columns, tables)]
    return [*blocks, Heading("Views"), Grid("view", columns[:2], views)] if views else blocks


def _columns(table: TablePlan) -> list[Block]:
    columns = (
        Column("Column"),
        Column("Target", plain="-> {}"),
        Column("Expected", plain="expected {}"),
        Column("Chosen", plain="chosen {}"),
        Column("Why", plain="because {}"),
    )
    prefix = words.place(table.database, table.source, None)
    rows = tuple(
        (c.source, c.target, str(c.expected) if c.expected else "", str(c.type), c.why) for c in table.columns
    )
    return [Heading(prefix), Grid(f"column  {prefix}", columns, rows)]


def _unmoved(unmoved: Sequence[Unmoved]) -> list[Block]:
    if not unmoved:
        return []
    columns = (Column("Kind"), Column("Name"), Column("On", plain="on {}"), Column("Why"))
    rows = tuple((item.kind, item.name, item.table or "", item.reason) for item in unmoved)
    return [Heading("Not moved"), Grid("not-moved", columns, rows)]


def _findings(findings: Iterable[Finding], cap: int, see: str) -> list[Block]:
    """Every finding that needs no decision any more, most severe first, at most `cap` of each severity."""
    order = list(Severity)
    settled = sorted((f for f in findings if not f.open), key=lambda f: order.index(f.severity))
    blocks: list[Block] = []
    for severity, group in groupby(settled, key=lambda f: f.severity):
        members = list(group)
        blocks.append(Heading(f"{_TITLE[severity]} ({words.number(len(members))})"))
        blocks += [_entry(finding) for finding in members[:cap]]
        blocks += _more(len(members) - cap, see, str(severity))
    return blocks


def _more(count: int, see: str, kind: str) -> list[Block]:
    return [Line(f"… and {words.number(count)} more, see {see}", "dim", kind)] if count > 0 else []


def _entry(finding: Finding) -> Entry:
    decided = finding.severity is Severity.DECISION
    kind, style = ("decided", "") if decided else (str(finding.severity), _STYLE[finding.severity])
    return _finding(kind, finding, [("chosen", str(finding.resolution))] if decided else [], style)


def _finding(kind: str, finding: Finding, details: list[tuple[str, str]], style: str) -> Entry:
    """What was found, which rows for example, and the details."""
    count = words.number(finding.count)
    told = finding.count == 0 or count in finding.message
    message = finding.message if told else f"{count}: {finding.message}"
    rows = ", ".join(words.sample(sample.key, sample.value) for sample in finding.samples)
    more = ", …" if finding.count > len(finding.samples) else ""
    examples = [("rows", rows + more)] if rows else []
    title = words.place(finding.database, finding.table, finding.column)
    return Entry(kind, title, finding.code, message, (*examples, *details), style)


def _decisions(findings: Sequence[Finding], shared: frozenset[str]) -> list[Block]:
    """Every open decision with how to give it; never capped, because each one stops the run."""
    if not findings:
        return []
    return [
        Heading(f"Decide first ({words.number(len(findings))})"),
        *(_decision(finding, shared) for finding in findings),
        Heading("What the choices mean"),
        Facts(tuple((str(choice), RESOLUTION_MEANING[choice]) for choice in words.offered(findings)), "choice"),
    ]


def _decision(finding: Finding, shared: frozenset[str]) -> Entry:
    details = []
    flag = words.decide_by_flag(finding.code, finding.resolutions)
    if flag is not None:
        details.append(("choose", flag))
    if finding.table is not None and finding.resolutions:
        header, line = words.decide_by_file(
            finding.code, finding.resolutions[0], finding.database, finding.table, finding.column, shared
        )
        details.append(("or" if flag else "choose", f"in migrator.toml: {header} {line}"))
    return _finding("decision", finding, details, _STYLE[Severity.DECISION])


def _work(plan: Plan) -> str:
    estimate = plan.estimate
    return (
        f"{words.counted(len(plan.steps), 'step')}, each with its undo; {words.counted(estimate.rows, 'row')}, "
        f"{words.octets(estimate.octets)}, about {words.duration(estimate.seconds)}"
    )


def result_blocks(
    result: RunResult, verbose: bool, tables: int, commands: Sequence[str] | None = None
) -> list[Block]:
    """A result from its verdict to what can be done next, with at most `tables` tables where all others are
    proven."""
    good = result.verified and result.status is Status.SUCCEEDED
    shared = words.shared_names((table.database, table.source) for table in result.tables)
    cap = len(result.findings) + len(result.mismatches) if verbose else CAP
    return [
        Line(words.run_verdict(result), "bold green" if good else "bold red"),
        Facts(_result_facts(result)),
        *_result_tables(result.tables, tables),
        *_mismatches(result.mismatches, cap),
        *_unmoved(result.unmoved if verbose else ()),
        *_findings(result.findings, cap, "--report"),
        *_decisions([finding for finding in result.findings if finding.open], shared),
        *_phases(result),
        *_configuration(result),
        Heading(""),
        *(Line(command, kind="next") for command in (next_commands(result) if commands is None else commands)),
    ]


def _result_facts(result: RunResult) -> tuple[tuple[str, str], ...]:
    facts = [("run", result.run_id), *(("source", source) for source in result.sources), ("target", result.target)]
    if result.error:
        # The verdict has the first line; the others begin with `where:` and `to do:`.
        facts += [
            (label, text) for label, _, text in (e.strip().partition(": ") for e in _lines(result.error)[1:])
        ]
    if result.unmoved:
        facts.append(("not-moved", f"{words.counted(len(result.unmoved), 'object')}, with SQL in the report"))
    return tuple(fact for fact in facts if fact[1])


def _result_tables(tables: Sequence[TableResult], limit: int) -> list[Block]:
    if not tables:
        return []
    room = max(limit - sum(not table.verified for table in tables), 0)
    proven = [table for table in tables if table.verified][:room]
    shown = [table for table in tables if not table.verified or table in proven]
    columns = (
        Column("Source"),
        Column("Target", plain="-> {}"),
        Column("Rows", right=True, plain="{} rows"),
        Column("Digest", plain="digest {}", style="dim", whole=True),
        Column("Proof", whole=True, painted=_PROOF),
        Column("Time", right=True),
    )
    blocks: list[Block] = [Heading("Tables"), Grid("table", columns, tuple(_result_row(t) for t in shown))]
    more = len(tables) - len(shown)
    text = f"… and {words.number(more)} more, all proven, see --report"
    return [*blocks, *([Line(text, "dim", "table")] if more else []), *_aside(tables)]


def _aside(tables: Sequence[TableResult]) -> list[Block]:
    """What the user's decisions kept out of the tables, or changed in them."""
    rows = []
    for table in tables:
        counts = (
            ("row", "quarantined", table.quarantined),
            ("row", "skipped", table.skipped),
            ("row", "left out", table.left_out),
            ("value", "changed", table.nulled),
        )
        told = ", ".join(f"{words.counted(count, noun)} {what}" for noun, what, count in counts if count)
        if table.transformed:
            told = f"{told}, proven through a transform" if told else "proven through a transform"
        rows += [(words.place(table.database, table.source, None), told)] if told else []
    return (
        [Heading("By your decision"), Grid("aside", (Column("Table"), Column("What")), tuple(rows))]
        if rows
        else []
    )


def _result_row(table: TableResult) -> tuple[str, ...]:
    return (
        words.place(table.database, table.source, None),
        table.target,
        words.number(table.rows),
        (table.digest or "")[:DIGEST],
        words.proof(table.verified, table.digest),
        words.duration(table.seconds),
    )


def _mismatches(mismatches: Sequence[Mismatch], cap: int) -> list[Block]:
    if not mismatches:
        return []
    shown = [_mismatch(mismatch) for mismatch in mismatches[:cap]]
    more = _more(len(mismatches) - cap, "--report", "mismatch")
    return [Heading(f"Mismatches ({words.number(len(mismatches))})"), *shown, *more]


def _mismatch(mismatch: Mismatch) -> Entry:
    details = [] if mismatch.key is None else [("row", words.sample(mismatch.key, None))]
    if mismatch.source is not None or mismatch.target is not None:
        sides = (("source", mismatch.source), ("target", mismatch.target))
        details += [(side, "NULL" if value is None else value) for side, value in sides]
    title = words.place("", mismatch.table, mismatch.column)
    return Entry("mismatch", title, mismatch.part, mismatch.message, tuple(details), "bold red")


def _phases(result: RunResult) -> list[Block]:
    """The six phases with their time and what each came to; what is outside them (a rollback) in one line."""
    seconds = result.seconds
    rows = tuple(
        (f"{list(SixPhase).index(phase) + 1} {phase}", words.duration(spent), words.phase_outcome(phase, result))
        for phase, spent in six(seconds).items()
    )
    outside = {name: spent for name, spent in seconds.items() if numbered(name) == name}
    text = ", ".join(f"{name} {words.duration(spent)}" for name, spent in outside.items())
    columns = (Column("Phase"), Column("Time", right=True), Column("What"))
    blocks: list[Block] = [Heading("Phases"), Grid("phase", columns, rows)] if rows else [Heading("")]
    return [*blocks, *([Line(text, "dim", "seconds")] if text else [])]


def _configuration(result: RunResult) -> list[Block]:
    if not result.configuration:
        return []
    lines = [Line(f"{name}={value}", kind="environment") for name, value in result.configuration.items()]
    return [Heading("For the environment of your applications (the password apart)"), *lines]


def next_commands(result: RunResult) -> list[str]:
    """What the user can do now, as commands."""
    undo = f"migrator rollback {result.run_id}"
    match result.status:
        case Status.SUCCEEDED:
            # A masked password cannot be pasted back.
            target = "…" if "***" in result.target else quote(result.target)
            return [" ".join(["migrator verify", *map(quote, result.sources), "--target", target]), undo]
        case Status.INTERRUPTED:
            return [f"migrator resume {result.run_id}", undo]
        case Status.FAILED | Status.ROLLING_BACK:
            return [undo]
    return []


def status_blocks(runs: Sequence[RunStatus], one_line: bool) -> list[Block]:
    """The runs of a journal in the order given, each as one line or as an entry."""
    if not runs:
        return [Line("No runs: the journal of this target is empty.")]
    if one_line:
        return [Grid("run", _RUN_COLUMNS, tuple(_status_row(run) for run in runs))]
    return [_status_entry(run) for run in runs]


_RUN_COLUMNS = (
    Column("Run", whole=True),
    Column("Status", whole=True, painted=_STATUS),
    Column("Started (UTC)", plain="started {}"),
    Column("Finished (UTC)", plain="finished {}"),
    Column("Sources", plain="from {}"),
    Column("Tables", right=True, plain="{} tables"),
    Column("Rows", right=True, plain="{} rows"),
    Column("Next", plain="next: {}"),
)


def _status_row(run: RunStatus) -> tuple[str, ...]:
    return (
        run.run_id,
        str(run.status),
        words.moment(run.started),
        words.moment(run.finished or ""),
        ", ".join(run.sources),
        f"{words.number(run.tables_loaded)}/{words.number(run.tables)}",
        f"{words.number(run.rows)}/{words.number(run.rows_planned)}",
        run.next,
    )


def _status_entry(run: RunStatus) -> Entry:
    _, status, started, finished, sources, tables, rows, following = _status_row(run)
    text, style = _STATUS.get(status, (status, ""))
    details = (("started", f"{started} UTC"), ("finished", finished and f"{finished} UTC"), ("next", following))
    message = f"{tables} tables, {rows} rows from {sources}"
    return Entry(
        "run", run.run_id, text, message, tuple(detail for detail in details if detail[1]), style or "bold"
    )
