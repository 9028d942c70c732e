"""The report: one self-contained HTML page made from a result's data alone, the same that `--json` prints.

Python decides what is shown and in which order, the template beside this file how. The page loads nothing,
reads without scripts, and shows every value as text: nothing in a database can become markup.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from migrator.model.findings import CATALOGUE, RESOLUTION_MEANING, Resolution, Severity
from migrator.model.phases import numbered
from migrator.model.result import Status
from migrator.report import words

LONGEST = 120
"""Characters of one figure or value that the page shows; of a longer one, the part where the sides differ."""
FILTER_FROM = 20
"""Tables from which on the page offers a filter."""
OPEN_FINDINGS = 10
"""Findings of one code up to which they are shown without a click."""
SLOWEST = 10

_PARTS = (
    ("count", "Row counts", "Rows of every table, counted on both sides."),
    ("digest", "Digests", "Every value of every row, read again from both sides."),
    ("figures", "Reconciliation", "Sums, extremes and lengths, computed by each engine itself."),
    ("schema", "Schema", "Columns, keys, constraints, indexes and next identity values."),
    ("quarantine", "Quarantine", "Rows set aside are all there."),
)
_HEADINGS = {
    Severity.DECISION: "Decisions",
    Severity.WARNING: "Warnings",
    Severity.INFO: "Worth knowing",
}

Data = dict[str, Any]


def render_html(data: Data) -> str:
    """The page for `to_data(result)`, or for that document read back from JSON."""
    return _template().render(
        data=data,
        tone=_tone(data),
        title=data["verdict"].partition(":")[0],
        total=words.total_seconds(data["seconds"]),
        proof=_proof(data),
        findings=_findings(data),
        types=_types(data),
        figures=_figures(data),
        phases=_phases(data["seconds"]),
        slowest=_slowest(data["tables"]),
        filter_from=FILTER_FROM,
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_spelt_out
    )
    environment.filters.update(
        number=words.number,
        counted=words.counted,
        duration=words.duration,
        moment=words.moment,
        place=lambda item: words.place(item["database"], item["table"], item["column"]),
        table=lambda item: words.place(item["database"], item["source"], None),
        proof=lambda table: words.proof(table["verified"], table["digest"]),
        key=lambda key: words.sample(key, None),
    )
    return environment.from_string(files(__package__).joinpath("report.html").read_text(encoding="utf-8"))


def _spelt_out(value: object) -> object:
    """Control characters are not allowed in HTML (https://html.spec.whatwg.org/#text-content): spell them."""
    return words.visible(value, keep="\n\t") if isinstance(value, str) and not isinstance(value, Markup) else value


def _tone(data: Data) -> str:
    """`good`, `bad` or `neutral`; the page says it in words and by a mark, and only then by colour."""
    if data["status"] == Status.SUCCEEDED:
        return "good" if data["verified"] else "bad"
    taken_back = data["status"] == Status.ROLLED_BACK and data["error"] is None and not data["mismatches"]
    return "neutral" if taken_back or data["status"] == Status.RUNNING else "bad"


@dataclass(frozen=True, slots=True)
class ProofPart:
    """One of the five verifications: what it covers and how it came out."""

    title: str
    meaning: str
    state: str
    """`equal`, `differs` or `not checked`."""
    detail: str


def _proof(data: Data) -> list[ProofPart]:
    differences = Counter(mismatch["part"] for mismatch in data["mismatches"])
    return [_part(data, part, title, meaning, differences[part]) for part, title, meaning in _PARTS]


def _part(data: Data, part: str, title: str, meaning: str, differences: int) -> ProofPart:
    if differences:
        return ProofPart(title, meaning, "differs", words.counted(differences, "difference"))
    proven = [table for table in data["tables"] if table["verified"]]
    if not proven:
        return ProofPart(title, meaning, "not checked", "")
    return ProofPart(title, meaning, "equal", _extent(part, proven))


def _extent(part: str, tables: list[Data]) -> str:
    """How much was compared, as far as the result says."""
    match part:
        case "count":
            return words.counted(sum(table["rows"] for table in tables), "row")
        case "digest":
            return words.counted(len(tables), "table")
        case "figures":
            return words.counted(sum(len(table["figures"]) for table in tables), "figure")
        case "quarantine":
            return words.counted(sum(table["quarantined"] for table in tables), "row")
    return words.counted(len(tables), "table")


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one code, with what it means. `items` are findings with `how`, the way to decide."""

    code: str
    title: str
    explanation: str
    items: list[Data]
    open: bool


@dataclass(frozen=True, slots=True)
class FindingSection:
    """The findings of one severity."""

    title: str
    severity: str
    count: int
    groups: list[FindingGroup]
    choices: list[tuple[str, str]]
    """Every resolution that an undecided finding offers, with its meaning."""


def _findings(data: Data) -> list[FindingSection]:
    order = [severity.value for severity in Severity]
    shared = words.shared_names((table["database"], table["source"]) for table in data["tables"])
    items = [{**finding, **_decision(finding, shared)} for finding in data["findings"]]
    items.sort(key=lambda item: (order.index(item["severity"]), item["decided"], item["code"]))
    return [_section(Severity(s), list(group)) for s, group in groupby(items, key=lambda item: item["severity"])]


def _section(severity: Severity, items: list[Data]) -> FindingSection:
    groups = [_group(code, list(group)) for code, group in groupby(items, key=lambda item: item["code"])]
    undecided = {name for item in items if not item["decided"] for name in item["resolutions"]}
    choices = [(str(r), RESOLUTION_MEANING[r]) for r in Resolution if r.value in undecided]
    return FindingSection(_HEADINGS[severity], severity.value, len(items), groups, choices)


def _group(code: str, items: list[Data]) -> FindingGroup:
    kind = CATALOGUE.get(code)
    title, explanation = (kind.title, kind.explanation) if kind else (code, "")
    return FindingGroup(code, title, explanation, items, len(items) <= OPEN_FINDINGS)


def _decision(finding: Data, shared: frozenset[str]) -> Data:
    """Whether the finding still needs a decision, and how to give it."""
    needs = finding["severity"] == Severity.DECISION and finding["resolution"] in (None, Resolution.STOP)
    if not needs or not finding["resolutions"] or finding["table"] is None:
        return {"decided": not needs, "flag": None, "file": None}
    place = (finding["database"], finding["table"], finding["column"])
    lines = words.decide_by_file(finding["code"], finding["resolutions"][0], *place, shared)
    return {
        "decided": False,
        "flag": words.decide_by_flag(finding["code"], finding["resolutions"]),
        "file": "\n".join(lines),
    }


def _types(data: Data) -> list[Data]:
    """Every table with its columns, those first of which a column differs from what was expected."""
    tables = []
    for table in data["types"]:
        columns = [
            {**column, "differs": column["expected"] not in (None, column["chosen"])}
            for column in table["columns"]
        ]
        tables.append({**table, "columns": columns, "changed": sum(column["differs"] for column in columns)})
    return sorted(tables, key=lambda table: not table["changed"])


def _figures(data: Data) -> list[Data]:
    """Every table with its figures by column, those first that are not equal."""
    tables = []
    for table in data["tables"]:
        rows = [_shown(figure) for figure in table["figures"]]
        unequal = [figure for figure in rows if not figure["equal"]]
        columns = [(name, list(group)) for name, group in groupby(rows, key=lambda figure: figure["column"])]
        if rows:
            tables.append({**table, "columns": columns, "unequal": unequal, "count": len(rows)})
    return sorted(tables, key=lambda table: not table["unequal"])


def _shown(figure: Data) -> Data:
    source, target = _value(figure["source"]), _value(figure["target"])
    if not isinstance(figure["source"], int) and not isinstance(figure["target"], int):  # numbers are never cut
        source, target = _shortened(source, target)
    return {**figure, "source": source, "target": target}


def _value(value: int | str | None) -> str:
    if value is None:
        return "none"
    return words.number(value) if isinstance(value, int) else value


def _shortened(source: str, target: str) -> tuple[str, str]:
    """Both values, cut to the stretch in which they differ where they are too long for a page."""
    if max(len(source), len(target)) <= LONGEST:
        return source, target
    pairs = enumerate(zip(source, target, strict=False))
    same = 0 if source == target else next((i for i, (a, b) in pairs if a != b), min(len(source), len(target)))
    start = max(same - LONGEST // 2, 0)
    return _cut(source, start), _cut(target, start)


def _cut(value: str, start: int) -> str:
    part = value[start : start + LONGEST]
    if len(part) == len(value):
        return value
    before, after = "…" if start else "", "…" if start + LONGEST < len(value) else ""
    return f"{before}{part}{after} ({words.counted(len(value), 'character')})"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its length and its part of the whole, both in percent."""

    label: str
    seconds: float
    length: float
    part: float


def _bars(seconds: list[tuple[str, float]], whole: float) -> list[Bar]:
    longest = max((value for _, value in seconds), default=0.0)
    return [
        Bar(label, value, 100 * value / longest if longest else 0.0, 100 * value / whole if whole else 0.0)
        for label, value in seconds
    ]


def _phases(seconds: dict[str, float]) -> list[Bar]:
    parts = [(numbered(name), value) for name, value in seconds.items() if name != "total"]
    return _bars(parts, words.total_seconds(seconds))


def _slowest(tables: list[Data]) -> list[Bar]:
    """The tables that took longest, where there are enough of them to wonder."""
    whole = sum(table["seconds"] for table in tables)
    ordered = sorted(tables, key=lambda table: -table["seconds"])[:SLOWEST]
    return _bars([(words.place(t["database"], t["source"], None), t["seconds"]) for t in ordered], whole)
