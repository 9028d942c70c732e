"""The plan of one given table, and what of the source's rows stands in its way.

Pure. Types are fixed by the models, so nothing widens: what does not fit is a decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import sqlglot
from sqlglot import exp

from migrator.model.findings import Finding, Resolution, finding
from migrator.model.given import GivenColumn, GivenTable
from migrator.model.options import Options
from migrator.model.plan import ColumnPlan, Exclusion, KeyPlan, Reason, TablePlan
from migrator.model.profile import TableProfile, Violations
from migrator.model.types import Kind
from migrator.planner.given.assignment import Assigned, Assignment
from migrator.planner.given.demands import conditions, keys_of, references, required
from migrator.planner.groups import Place
from migrator.planner.orphans import mismatch, orphan_resolution
from migrator.planner.types import Choice, masked_samples, secret_columns
from migrator.targets import Dialect

_INTEGERS = frozenset({Kind.INT16, Kind.INT32, Kind.INT64})
_PLAIN = frozenset({"text", "integer", "real", "number"})
"""Encodings whose stored values mean to SQL what they mean to the target, so that a CHECK can be tried."""


@dataclass(slots=True)
class GivenPlanner:
    """Builds the plan of one given table, collecting findings."""

    database: str
    assigned: Assigned
    assignment: Assignment
    profile: TableProfile
    choices: Mapping[Place, Choice]
    options: Options
    dialect: Dialect
    grammar: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def _given(self) -> GivenTable:
        return self.assigned.given

    def plan(self) -> TablePlan:
        """The table's plan; `findings` is complete afterwards."""
        columns = tuple(self._column(source, target) for source, target in self.assigned.columns.items())
        exclusions = (*self._missing(), *self._checks(), *self._duplicates(), *self._orphans())
        self._find_lengths()
        return TablePlan(
            database=self.database,
            source=self.assigned.table.name,
            schema=self._given.schema,
            target=self._given.name,
            columns=columns,
            key=self._row_key(),
            primary_key=self._given.primary_key,
            uniques=self._given.uniques,
            checks=self._given.checks,
            indexes=self._given.indexes,
            foreign_keys=self._given.foreign_keys,
            exclusions=exclusions,
            given=True,
            rows=self.profile.rows,
            octets=self.profile.octets,
            comment=self._given.comment,
        )

    def _find(
        self,
        code: str,
        message: str,
        allowed: tuple[Resolution, ...] = (),
        *,
        columns: tuple[str, ...] = (),
        violations: Violations | None = None,
        resolution: Resolution | None = None,
    ) -> Resolution | None:
        """Note a finding, and return the decision, if it is one of those allowed."""
        taken = resolution if resolution in allowed else None
        secrets = secret_columns(self.database, self.assigned.table, self.options)
        made = finding(
            code,
            message,
            database=self.database,
            table=self.assigned.table.name,
            column=columns[0] if len(columns) == 1 else None,
            count=violations.count if violations else 0,
            samples=masked_samples(
                self.assigned.table, violations.samples if violations else (), secrets, columns
            ),
            resolution=taken,
        )
        self.findings.append(replace(made, resolutions=allowed or made.resolutions))
        return taken

    # Columns

    def _column(self, source: str, target: str) -> ColumnPlan:
        given, choice = self._given.column(target), self.choices[(self.assigned.table.name, source)]
        self.findings.extend(_fitting(each, given) for each in choice.findings)
        return ColumnPlan(
            source=source,
            target=target,
            type=given.type if given.generated is None else choice.type,
            encoding=choice.encoding,
            nullable=given.nullable,
            expected=choice.expected,
            why=f"the model says {given.type}; {choice.why}",
            on_invalid=choice.on_invalid,
            hazards=choice.hazards,
            generated=given.generated,
            next_identity=self._next_identity(source, given),
            secret=choice.secret,
        )

    def _next_identity(self, source: str, given: GivenColumn) -> int | None:
        if not given.identity or given.type.kind not in _INTEGERS:
            return None
        identity = self.assigned.table.column(source).identity
        counter = (identity.counter or 0) if identity else 0
        return max(self.profile.column(source).highest or 0, counter, 0) + 1

    def _row_key(self) -> tuple[str, ...]:
        """Columns that the target keeps unique and filled, and that come from the source."""
        for key in keys_of(self._given, self.dialect):
            columns = self.assigned.in_source(key.columns)
            if columns is not None and not any(self._holds_null(key, column) for column in columns):
                return columns
        return ()

    def _holds_null(self, key: KeyPlan, source: str) -> bool:
        given = self._given.column(self.assigned.columns[source])
        if key is self._given.primary_key or not given.nullable:
            return False
        choice = self.choices[(self.assigned.table.name, source)]
        return self.profile.column(source).nulls + choice.lost > 0

    # Lengths

    def _find_lengths(self) -> None:
        """Text that takes more of the target's units than characters, and keys that may be too long."""
        for source, target in self.assigned.columns.items():
            type, profile = self._given.column(target).type, self.profile.column(source)
            fits = bool(profile.fits) and profile.fits[0].count == profile.values  # else it is a finding already
            if type.kind is Kind.TEXT and type.length is not None and fits:
                needed = self.dialect.text_length(0, profile.utf16)
                if needed > type.length:
                    text = f"A value takes {needed:,} units (characters beyond the BMP take two); it is {type}."
                    self._find("value-misfit", text, (Resolution.STOP,), columns=(source,))
        limits = self.dialect.index_limits
        if limits is None:
            return
        for key in keys_of(self._given, self.dialect):
            most = limits.primary if key is self._given.primary_key else limits.other
            octets = [limits.octets(self._given.column(column).type) for column in key.columns]
            if None in octets or sum(each or 0 for each in octets) > most:
                columns = ", ".join(key.columns)
                total = "without bound" if None in octets else f"of {sum(each or 0 for each in octets):,} bytes"
                self._find("key-too-long", f"The key ({columns}) is {total}; an index holds {most:,}.")

    # Rules that the target enforces

    def _missing(self) -> Iterator[Exclusion]:
        """NULL where a value is required, as it is in the source; what becomes NULL by decision has no such
        choice."""
        names = [source for source, _ in required(self.assigned, self.grammar)]
        found = self.profile.check_violations[-len(names) :] if names else ()
        rows = dict(zip(names, found, strict=False))
        for source, target in self.assigned.columns.items():
            given, nulls = self._given.column(target), self.profile.column(source).nulls
            if given.nullable or given.generated or not nulls:
                continue
            decided = self._find(
                "value-missing",
                f"{self._given.name}.{target} requires a value; NULL in {_rows(nulls)}.",
                (Resolution.QUARANTINE, Resolution.SKIP),
                columns=(source,),
                violations=rows.get(source) or Violations(nulls),
                resolution=self.options.invalid(self.database, self.assigned.table.name, source),
            )
            if decided is not None:
                yield Exclusion((source,), "", (), decided, Reason.MISSING)

    def _checks(self) -> Iterator[Exclusion]:
        sqls = {
            name: check.expression.sql for name, check in conditions(self.assigned, self.dialect, self.grammar)
        }
        # Behind them stand the checks of columns that require a value.
        found = self.profile.check_violations[: len(sqls)] or (None,) * len(sqls)
        tried = dict(zip(sqls, found, strict=True))
        for check in (each for each in self._given.checks if not each.typed):
            violations = tried.get(check.name)
            if violations is None or not self._plain(sqls[check.name]):
                self._find("rule-unchecked", f"CHECK {check.sql} could not be tried on the source's rows.")
            elif violations.count:
                own = self.options.table(self.database, self.assigned.table.name).on_check
                decided = self._find(
                    "check-violated",
                    f"CHECK {check.sql} is broken by {_rows(violations.count)}.",
                    (Resolution.QUARANTINE, Resolution.SKIP),
                    violations=violations,
                    resolution=own or self.options.on_check,
                )
                if decided is not None:
                    yield Exclusion((), "", (), decided, Reason.CHECK, sqls[check.name])

    def _plain(self, sql: str) -> bool:
        """Whether the columns in the source's condition are stored as the target understands them."""
        columns = {column.name for column in sqlglot.parse_one(sql, read=self.grammar).find_all(exp.Column)}
        name = self.assigned.table.name
        return all(self.choices[(name, column)].encoding in _PLAIN for column in columns)

    def _duplicates(self) -> Iterator[Exclusion]:
        keys = [self.assigned.in_source(key.columns) for key in keys_of(self._given, self.dialect)]
        asked = [key for key in keys if key is not None]
        found = self.profile.duplicates or (None,) * len(asked)
        for columns, violations in zip(asked, found, strict=True):
            if violations is None:
                self._find("rule-unchecked", f"Whether ({', '.join(columns)}) is unique could not be tried.")
            elif violations.count:
                own = self.options.table(self.database, self.assigned.table.name).on_duplicates
                decided = self._find(
                    "duplicate-key",
                    f"The same ({', '.join(columns)}) as in an earlier row: {_rows(violations.count)}.",
                    (Resolution.QUARANTINE, Resolution.SKIP),
                    columns=columns,
                    violations=violations,
                    resolution=own or self.options.on_duplicates,
                )
                if decided is not None:
                    how = self.dialect.comparison(None)
                    yield Exclusion(columns, "", (), decided, Reason.DUPLICATE, comparison=how)

    def _orphans(self) -> Iterator[Exclusion]:
        keys = list(references(self.assigned, self.assignment))
        nothing = (None,) * len(keys)
        found, respelt = self.profile.orphans or nothing, self.profile.respelt or nothing
        for (_, key), violations, spelt in zip(keys, found, respelt, strict=True):
            if violations is None or not violations.count:
                continue
            found_otherwise = spelt.count if spelt else 0
            why = f" {mismatch(self.assigned.table.name, key, found_otherwise)}" if found_otherwise else ""
            optional = all(self._given.column(self.assigned.columns[column]).nullable for column in key.columns)
            decided = self._find(
                "orphan-rows",
                f"({', '.join(key.columns)}) has no parent in {key.parent_table}: {_rows(violations.count)}.{why}",
                (*((Resolution.NULL,) if optional else ()), Resolution.QUARANTINE, Resolution.SKIP),
                columns=key.columns,
                violations=violations,
                resolution=orphan_resolution(self.options, self.database, self.assigned.table.name, key),
            )
            if decided is not None:
                yield Exclusion(key.columns, key.parent_table, key.parent_columns, decided)
        tried = {plan.name for plan, _ in keys}
        for plan in self._given.foreign_keys:
            if plan.name not in tried and self.assigned.in_source(plan.columns) is not None:
                text = f"({', '.join(plan.columns)}) → {plan.parent}: the parent's rows come from elsewhere."
                self._find("rule-unchecked", text)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _fitting(found: Finding, given: GivenColumn) -> Finding:
    """A finding about values with the resolutions that a fixed type leaves."""
    if not found.resolutions:
        return found
    gone = {Resolution.WIDEN, Resolution.UNENFORCED} | (set() if given.nullable else {Resolution.NULL})
    kept = tuple(each for each in found.resolutions if each not in gone)
    return replace(found, resolutions=kept, resolution=found.resolution if found.resolution in kept else None)
