"""Numbers, names and verdicts in the words every rendering shares.

Pure: text in, text out. It knows nothing of terminals or HTML, and must never cut a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from migrator.model.findings import Finding, Resolution
from migrator.model.phases import SixPhase
from migrator.model.plan import Plan, TablePlan
from migrator.model.result import RunResult, Status

_BIDI = frozenset("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that reorder or break the text around them, so that a name could pass for another one:
https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing"""
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_OPTION = {
    "orphan-rows": "on_orphans",
    "case-mismatch": "on_orphans",
    "check-violated": "on_check",
    "duplicate-key": "on_duplicates",
    "row-too-wide": "skip",
    "table-not-in-models": "skip",
    "column-not-in-models": "skip",
}
"""The option that decides a finding, where it is not `on_invalid`."""


def number(value: int) -> str:
    """`243112` as `243,112`."""
    return f"{value:,}"


def counted(count: int, noun: str) -> str:
    """`1 table`, `8 tables`, `2 matches`, `0 queries`."""
    if count == 1:
        return f"1 {noun}"
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{count:,} {noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{count:,} {noun[:-1]}ies"
    return f"{count:,} {noun}s"


def octets(value: int) -> str:
    """Bytes in decimal units: `812 B`, `12.4 MB`."""
    size, unit = float(value), 0
    while round(size, 1) >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{value} B" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def duration(seconds: float) -> str:
    """`0.04 s`, `3.4 s`, `2 min 05 s`, `1 h 03 min`."""
    if round(seconds, 2) < 1:
        return f"{seconds:.2f} s"
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min"


def moment(utc: str) -> str:
    """`2026-07-30T09:15:00+00:00` as `2026-07-30 09:15:00`; anything else as it is."""
    match = _MOMENT.fullmatch(utc)
    return f"{match[1]} {match[2]}" if match else utc


def visible(text: str, keep: str = "") -> str:
    """The text with every control, surrogate and direction-changing character spelt out (`\\x1b`), so that a
    name or value can neither steer a terminal nor disguise itself. Characters of `keep` stay as they are."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char in keep or _harmless(char) else _escape(char) for char in text)


def _harmless(char: str) -> bool:
    return char not in _BIDI and unicodedata.category(char) not in ("Cc", "Cs")


def _escape(char: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    return named or (f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}")


def place(database: str, table: str | None, column: str | None) -> str:
    """`auth.users.bio`, as far as the parts are known; `the migration` when none is."""
    return ".".join(part for part in (database, table, column) if part) or "the migration"


def sample(key: Sequence[object], value: str | None) -> str:
    """One offending row: `17`, `17 ("a\\x00b")`, `(3, x)`."""
    parts = ["NULL" if part is None else str(part) for part in key]
    name = parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
    return name if value is None else f"{name} ({value})"


def proof(verified: bool, digest: str | None) -> str:
    """How far a table is proven, in a word or two."""
    if verified:
        return "proven"
    return "not checked" if digest is None else "differs"


def type_summary(table: TablePlan) -> str:
    """The kinds of a table's columns, most frequent first: `5 text, 3 int64`."""
    kinds = Counter(column.type.kind.value for column in table.columns)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


def toml_string(text: str) -> str:
    """A basic string of TOML 1.0, https://toml.io/en/v1.0.0#string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() or c == " " else f"\\U{ord(c):08X}" for c in escaped) + '"'


def _toml_key(text: str) -> str:
    return text if _BARE_KEY.fullmatch(text) else toml_string(text)


def shared_names(tables: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Table names that more than one source has, from (database, table) pairs."""
    names = Counter(table for _, table in set(tables))
    return frozenset(name for name, count in names.items() if count > 1)


def option(code: str) -> str:
    """The name of the option that decides a finding of this code."""
    return _OPTION.get(code, "on_invalid")


def decide_by_flag(code: str, resolutions: Sequence[str]) -> str | None:
    """How to decide for the whole run on the command line, None where only a table can be decided."""
    name = option(code)
    return None if name == "skip" else f"--{name.replace('_', '-')} {'|'.join(resolutions)}"


def decide_by_file(
    code: str, resolution: str, database: str, table: str, column: str | None, shared: Collection[str]
) -> tuple[str, str]:
    """How to decide for this one place in `migrator.toml`: the header and the line under it."""
    key = _toml_key(f"{database}.{table}" if table in shared else table)
    name = option(code)
    if name == "skip":
        return f"[tables.{key}]", "skip = true"
    header = f"tables.{key}.columns.{_toml_key(column)}" if name == "on_invalid" and column else f"tables.{key}"
    return f"[{header}]", f"{name} = {toml_string(resolution)}"


def plan_verdict(plan: Plan) -> str:
    """Whether a run would go, or what stands in its way."""
    count = len(plan.open_decisions)
    if count == 0:
        return "Ready: a run would go, and lose nothing that is not listed here."
    return f"Not yet: {counted(count, 'finding')} must be decided before a run writes anything."


def run_verdict(result: RunResult) -> str:
    """The first sentence about a result: what happened, and in which state the target is."""
    match result.status:
        case Status.SUCCEEDED:
            return _succeeded(result)
        case Status.ROLLING_BACK:
            return f"Half taken back: `migrator rollback {result.run_id}` goes on with it."
        case Status.ROLLED_BACK if result.error is None and not result.mismatches:
            return f"Rolled back: the target is as it was before run {result.run_id}."
        case Status.ROLLED_BACK:
            return f"Failed: {_reason(result)}; the target is as it was."
        case Status.INTERRUPTED:
            return f"Interrupted: `migrator resume {result.run_id}` finishes the run, `rollback` undoes it."
        case Status.RUNNING:
            return f"Running: run {result.run_id} has not finished."
        case Status.FAILED if result.error:
            return f"Failed: {_reason(result)}; what the run made is still in the target."
        case Status.FAILED:
            return f"Failed: {_reason(result)}."


def _succeeded(result: RunResult) -> str:
    if not result.verified:
        return f"Not proven: {_reason(result)}."
    tables = f"{counted(len(result.tables), 'table')}, {counted(result.rows, 'row')}"
    return f"Done and proven: {tables} in {duration(total_seconds(result.seconds))}."


def _reason(result: RunResult) -> str:
    """One clause without its full stop."""
    if result.error:
        return result.error.strip().splitlines()[0].rstrip(".")
    if result.mismatches:
        tables = counted(len({mismatch.table for mismatch in result.mismatches}), "table")
        return f"what arrived is not what left, {counted(len(result.mismatches), 'mismatch')} in {tables}"
    unproven = sum(not table.verified for table in result.tables)
    return f"{counted(unproven, 'table')} could not be verified" if unproven else "the run did not finish"


def total_seconds(seconds: dict[str, float]) -> float:
    """The `total` of the seconds per phase, or their sum where it is missing."""
    return seconds["total"] if "total" in seconds else sum(seconds.values())


def offered(findings: Iterable[Finding]) -> list[Resolution]:
    """Every resolution the findings offer, each once, in the catalogue's order."""
    offers = {resolution for finding in findings for resolution in finding.resolutions}
    return [resolution for resolution in Resolution if resolution in offers]


def phase_outcome(phase: SixPhase, result: RunResult) -> str:
    """What one of the six phases came to, in a few words."""
    match phase:
        case SixPhase.PREPARE:
            server = result.environment.get("server", "")
            return ", ".join(filter(None, [f"{server} reached" if server else "", _profiled(result)]))
        case SixPhase.SCHEMA:
            return counted(len(result.plans), "table")
        case SixPhase.DATA:
            return f"{counted(result.rows, 'row')} and the constraints over them" if result.tables else ""
        case SixPhase.VERIFY:
            proven = sum(table.verified for table in result.tables)
            return f"{number(proven)} of {counted(len(result.tables), 'table')} proven" if result.tables else ""
        case SixPhase.OPTIMISE:
            return "statistics"
        case SixPhase.CONFIGURATION:
            return counted(len(result.configuration), "value") if result.configuration else "nothing to tell"


def _profiled(result: RunResult) -> str:
    return f"{counted(len(result.sources), 'source')} copied" + (
        " and profiled" if "profile" in result.seconds else ""
    )
