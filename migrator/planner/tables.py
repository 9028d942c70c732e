"""One source table into one target table: columns, keys, checks, indexes, foreign keys, and what is found.

Pure. Whatever has no equal in the target becomes a finding; nothing is left out without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from migrator.model.comparison import CASELESS, EXACT, TextComparison
from migrator.model.findings import Finding, Resolution, finding
from migrator.model.options import Options
from migrator.model.plan import (
    CheckPlan,
    ColumnPlan,
    Exclusion,
    ForeignKeyPlan,
    IndexPartPlan,
    IndexPlan,
    KeyPlan,
    Phase,
    Reason,
    TablePlan,
)
from migrator.model.profile import Sample, TableProfile, Violations
from migrator.model.schema import Column, Expression, ForeignKey, Index, IndexPart, Key, Schema, Table
from migrator.model.types import Kind, LogicalType
from migrator.planner.collations import Collations, Unique, comparison
from migrator.planner.groups import Place
from migrator.planner.keys import clustered, has_exact_key, key_problem, length_problem
from migrator.planner.lengths import BOUNDABLE
from migrator.planner.naming import Names
from migrator.planner.nulls import filtered, held, may_be_null, several_nulls_problem
from migrator.planner.orphans import cased_apart, mismatch, orphan_resolution
from migrator.planner.types import Choice, masked_samples, secret_columns
from migrator.targets import Dialect, Scope, Untranslatable

Refused = Mapping[tuple[str, str], tuple[str, ...]]
"""(phase, object) of steps that the server refused in rehearsal → its messages, one per attempt."""


@dataclass(frozen=True, slots=True)
class Context:
    """What planning one source's tables needs to know."""

    database: str
    source: Schema
    moved: Mapping[str, Table]
    profiles: Mapping[str, TableProfile]
    choices: Mapping[Place, Choice]
    collations: Collations
    names: Names
    options: Options
    dialect: Dialect
    schema: str
    refused: Refused

    def pointed_to(self, table: str, columns: tuple[str, ...]) -> bool:
        """Whether a foreign key of a table that moves points to these columns."""
        return any(
            key.parent_table == table and set(key.parent_columns) == set(columns)
            for other in self.moved.values()
            for key in other.foreign_keys
        )


@dataclass(slots=True)
class TablePlanner:
    """Builds the plan of one table, step by step, collecting findings."""

    context: Context
    table: Table
    findings: list[Finding] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    left: frozenset[str] = frozenset()
    """Indexes that the target will not have."""

    @property
    def _profile(self) -> TableProfile:
        return self.context.profiles[self.table.name]

    @property
    def _target(self) -> str:
        return self.context.names.tables[(self.context.database, self.table.name)]

    @property
    def _columns(self) -> dict[str, str]:
        return self.context.names.columns[(self.context.database, self.table.name)]

    @property
    def _secrets(self) -> frozenset[str]:
        return secret_columns(self.context.database, self.table, self.context.options)

    @property
    def scope(self) -> Scope:
        """What the table's identifiers mean in the target."""
        return Scope(
            {name: (target, self._choice(name).type) for name, target in self._columns.items()},
            frozenset(filter(self._exact, self._columns)),
        )

    def _exact(self, column: str) -> bool:
        return comparison(self.context.dialect, self._collation(column)).binary

    def _collation(self, column: str) -> str | None:
        return self.context.collations.columns.get((self.table.name, column))

    def plan(self) -> TablePlan:
        """The table's plan; `findings` and `left` are complete afterwards."""
        primary_key, demoted = self._primary_key()
        keys = (*demoted, *(key for key in self.table.uniques if self._possible(key)))
        with_nulls = [key for key in keys if self._lets_nulls(key.columns, primary_key)]
        uniques = tuple(self._key("uq", key) for key in keys if key not in with_nulls)
        without_nulls = [self._filtered(key, primary_key) for key in with_nulls]
        indexes = {index.name: self._index(index, primary_key) for index in self.table.indexes}
        self.left = frozenset(name for name, plan in indexes.items() if plan is None)
        checks = (*self._checks(), *self._type_checks())
        foreign_keys = self._foreign_keys()
        self._find_width()
        return TablePlan(
            database=self.context.database,
            source=self.table.name,
            schema=self.context.schema,
            target=self._target,
            columns=tuple(self._column(column, primary_key) for column in self.table.columns),
            key=self._row_key(),
            primary_key=primary_key,
            uniques=uniques,
            checks=checks,
            indexes=(*without_nulls, *filter(None, indexes.values())),
            foreign_keys=foreign_keys,
            exclusions=tuple(self.exclusions),
            rows=self._profile.rows,
            octets=self._profile.octets,
            comment=self.table.comment,
        )

    def _find_width(self) -> None:
        """Columns of fixed width cannot leave a row that is too wide, as others can."""
        limits, most = self.context.dialect.index_limits, self.context.dialect.max_row_octets
        if limits is None or most is None:
            return
        types = [self._choice(column).type for column in self._columns]
        octets = sum(limits.octets(type) or 0 for type in types if type.kind not in BOUNDABLE)
        if octets > most:
            self._find(
                "row-too-wide", f"Numbers and moments take {octets:,} bytes a row; the target has {most:,}."
            )

    def _choice(self, column: str) -> Choice:
        return self.context.choices[(self.table.name, column)]

    def _find(
        self,
        code: str,
        message: str,
        *,
        column: str | None = None,
        count: int = 0,
        samples: tuple[Sample, ...] = (),
        shown: tuple[str, ...] = (),
        resolution: Resolution | None = None,
    ) -> None:
        self.findings.append(
            finding(
                code,
                message,
                database=self.context.database,
                table=self.table.name,
                column=column,
                count=count,
                samples=masked_samples(self.table, samples, self._secrets, shown),
                resolution=resolution,
            )
        )

    def _refusals(self, phase: Phase, name: str) -> tuple[str, ...]:
        return self.context.refused.get((phase.value, name), ())

    # Columns

    def _nulls(self, column: str) -> int:
        return self._profile.column(column).nulls + self._choice(column).lost

    def _column(self, column: Column, primary_key: KeyPlan | None) -> ColumnPlan:
        choice = self._choice(column.name)
        self.findings.extend(choice.findings)
        target = self._columns[column.name]
        nulls = self._nulls(column.name)
        if not column.nullable and nulls:
            self._find(
                "not-null-violated",
                f"Declared NOT NULL, but {nulls:,} rows have no value.",
                column=column.name,
                count=nulls,
            )
        exactly = self.scope.exact
        if column.collation not in (None, "BINARY") and choice.type.kind is Kind.TEXT and column.name in exactly:
            self._find(
                "case-insensitive",
                f"Declared COLLATE {column.collation}; the target compares this text exactly.",
                column=column.name,
            )
        generated = self._generated(column, choice.type)
        return ColumnPlan(
            source=column.name,
            target=target,
            type=choice.type,
            encoding=choice.encoding,
            nullable=self._nullable(column, primary_key),
            expected=choice.expected,
            why=choice.why,
            on_invalid=choice.on_invalid,
            hazards=choice.hazards,
            default=None if generated or column.identity else self._default(column, choice.type),
            generated=generated,
            next_identity=self._next_identity(column, choice.type),
            secret=choice.secret,
            comment=column.comment,
            collation=self._collation(column.name),
        )

    def _nullable(self, column: Column, primary_key: KeyPlan | None) -> bool:
        in_key = primary_key is not None and self._columns[column.name] in primary_key.columns
        return not in_key and (column.nullable or self._nulls(column.name) > 0)

    def _next_identity(self, column: Column, type: LogicalType) -> int | None:
        if column.identity is None or type.kind not in (Kind.INT16, Kind.INT32, Kind.INT64):
            return None
        highest = self._profile.column(column.name).highest
        return max(highest or 0, column.identity.counter or 0, 0) + 1

    def _translated(
        self, code: str, what: str, expression: Expression, render: Callable[[str], str], column: str | None
    ) -> str | None:
        """The expression in the target's SQL, or None and a finding."""
        reason = "it uses something that only the source has"
        if expression.neutral is not None:
            try:
                return render(expression.neutral)
            except Untranslatable as error:
                reason = error.what.rstrip(".")
        self._find(code, f"{what} {expression.sql!r} is not moved: {reason}.", column=column)
        return None

    def _refused_table(self, attempts: int) -> str | None:
        """The server's latest objection to the table, if it objected to it at least `attempts` times."""
        messages = self._refusals(Phase.TABLES, f"{self.context.schema}.{self._target}")
        return messages[-1] if len(messages) >= attempts else None

    def _default(self, column: Column, type: LogicalType) -> str | None:
        if column.default is None:
            return None
        sql = self._translated(
            "default-not-moved",
            "The default",
            column.default,
            lambda neutral: self.context.dialect.default(neutral, type),
            column.name,
        )
        if sql is None or sql.upper() == "NULL":
            return None
        refused = self._refused_table(1)
        if refused is not None:
            message = f"The default {column.default.sql!r} is not moved: the server says {refused!r}."
            self._find("default-not-moved", message, column=column.name)
            return None
        return sql

    def _generated(self, column: Column, type: LogicalType) -> str | None:
        if column.generated is None:
            return None
        expression = column.generated.expression
        sql = self._translated(
            "generated-as-data",
            "The expression",
            expression,
            lambda neutral: self.context.dialect.expression(neutral, self.scope, type),
            column.name,
        )
        refused = self._refused_table(2)
        if sql is not None and refused is not None:
            message = f"The expression {expression.sql!r} is not moved: the server says {refused!r}."
            self._find("generated-as-data", message, column=column.name)
            return None
        return sql

    # Keys

    def _targets(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._columns[column] for column in columns)

    def _key(self, prefix: str, key: Key) -> KeyPlan:
        columns = self._targets(key.columns)
        generated = "_".join((prefix, self._target, *(columns if prefix != "pk" else ())))
        name = self.context.names.constraint(self.context.database, self.table.name, key.name, generated)
        types = (self._choice(column).type for column in key.columns)
        return KeyPlan(name, columns, clustered=prefix != "pk" or clustered(types, self.context.dialect))

    def _key_problem(self, columns: tuple[str, ...], where: str | None = None) -> str | None:
        merged = self.context.collations.problem(self.table.name, Unique(columns, where))
        return merged or key_problem(columns, self._profile, self.context.choices, self.context.dialect)

    def _possible(self, key: Key) -> bool:
        """Whether the target can have the key; a finding when it cannot."""
        problem = self._key_problem(key.columns)
        if problem is not None:
            kind = "The primary key" if key is self.table.primary_key else "The unique constraint"
            merged = self.context.collations.merged.get((self.table.name, Unique(key.columns)), Violations(0))
            self._find(
                "key-not-moved",
                f"{kind} ({', '.join(key.columns)}) is not moved: {problem}.",
                count=merged.count,
                samples=merged.samples,
                shown=key.columns,
            )
        return problem is None

    def _nullables(self, columns: Iterable[str], primary_key: KeyPlan | None) -> list[str]:
        """Those of the columns that may hold NULL in the target, by their target names."""
        return [self._columns[each] for each in columns if self._nullable(self.table.column(each), primary_key)]

    def _lets_nulls(self, columns: tuple[str, ...], primary_key: KeyPlan | None) -> bool:
        """Whether what is unique has to leave out the rows with NULL, so that there may be several. A foreign key
        points to what is unique over all rows only, so what is pointed to stays so where that is possible."""
        nullable = self._nullables(columns, primary_key)
        if not nullable or self.context.dialect.several_nulls:
            return False
        nulls = held(columns, self._profile, self.context.choices)
        if nulls > 1 or not self.context.pointed_to(self.table.name, columns):
            return True
        text = f"({', '.join(columns)}) is unique, and a foreign key points to it: one row may have NULL there."
        self._find("unique-null", text)
        return False

    def _filtered(self, key: Key, primary_key: KeyPlan | None) -> IndexPlan:
        plan = self._key("uq", key)
        where = filtered(self._nullables(key.columns, primary_key), None, self.context.dialect)
        return IndexPlan(plan.name, tuple(IndexPartPlan(column) for column in plan.columns), True, where)

    def _primary_key(self) -> tuple[KeyPlan | None, tuple[Key, ...]]:
        """The primary key, or the unique key it becomes when a NULL is in it."""
        key = self.table.primary_key
        if key is None or not self._possible(key):
            return None, ()
        nulls = sum(self._nulls(column) for column in key.columns)
        if not nulls:
            return self._key("pk", key), ()
        self._find(
            "primary-key-null",
            f"The primary key ({', '.join(key.columns)}) holds {nulls:,} NULLs; it becomes a unique constraint.",
            count=nulls,
        )
        return None, (key,)

    def _row_key(self) -> tuple[str, ...]:
        """Columns whose values identify a row on both sides: a key without NULLs."""
        keys = [*([self.table.primary_key] if self.table.primary_key else []), *self.table.uniques]
        for key in keys:
            if not any(self._nulls(column) for column in key.columns) and not self._key_problem(key.columns):
                return key.columns
        return ()

    # Checks and indexes

    def _checks(self) -> tuple[CheckPlan, ...]:
        violations = self._profile.check_violations or (None,) * len(self.table.checks)
        plans: list[CheckPlan] = []
        for check, violation in zip(self.table.checks, violations, strict=True):
            sql = self._translated(
                "check-not-moved",
                "CHECK",
                check.expression,
                lambda neutral: self.context.dialect.condition(neutral, self.scope),
                None,
            )
            if sql is None:
                continue
            name = self.context.names.constraint(
                self.context.database, self.table.name, check.name, f"ck_{self._target}_{len(plans) + 1}"
            )
            refused = self._refusals(Phase.KEYS, name)
            if refused:
                text = f"CHECK {check.expression.sql!r} is not moved: the server says {refused[-1]!r}."
                self._find("check-not-moved", text)
                continue
            plans.append(CheckPlan(name, sql, validated=self._check_holds(check.expression.sql, violation)))
        return tuple(plans)

    def _type_checks(self) -> Iterator[CheckPlan]:
        """What the target has to be told so that its types hold nothing else."""
        for source, target in self._columns.items():
            sql = self.context.dialect.type_check(target, self._choice(source).type)
            if sql is not None:
                generated = f"ck_{self._target}_{target}"
                name = self.context.names.constraint(self.context.database, self.table.name, None, generated)
                yield CheckPlan(name, sql, typed=True)

    def _check_holds(self, sql: str, violation: Violations | None) -> bool:
        if violation is None or not violation.count:
            return True
        own = self.context.options.table(self.context.database, self.table.name).on_check
        resolution = own or self.context.options.on_check
        self._find(
            "check-violated",
            f"{violation.count:,} rows break CHECK {sql!r}.",
            count=violation.count,
            samples=violation.samples,
            shown=tuple(self._columns),
            resolution=resolution,
        )
        if resolution in (Resolution.QUARANTINE, Resolution.SKIP):
            self.exclusions.append(Exclusion((), "", (), resolution, Reason.CHECK, sql))
        return resolution is not Resolution.UNENFORCED

    def _index_problem(self, index: Index) -> str | None:
        columns = tuple(part.column for part in index.parts if part.column is not None)
        if index.unique:
            return self._key_problem(columns, index.where.sql if index.where else None)
        return length_problem(columns, self._profile, self.context.choices, self.context.dialect)

    def _index(self, index: Index, primary_key: KeyPlan | None) -> IndexPlan | None:
        problem = self._index_problem(index)
        if problem is not None:
            self._find("index-not-moved", f"Index {index.name!r} is not moved: {problem}.")
            return None
        parts = tuple(self._index_part(index, part) for part in index.parts)
        where: str | None = None
        if index.where is not None:
            predicate = partial(self.context.dialect.predicate, unique=index.unique)
            where = self._index_sql(index, index.where, predicate)
        if any(part is None for part in parts) or (index.where is not None and where is None):
            return None
        name = self.context.names.constraint(self.context.database, self.table.name, index.name, index.name)
        refused = self._refusals(Phase.INDEXES, name)
        if refused:
            self._find("index-not-moved", f"Index {index.name!r}: the server says {refused[-1]!r}.")
            return None
        if index.unique and not self._stays_whole(index, primary_key):
            where = filtered(self._nullables(may_be_null(index), primary_key), where, self.context.dialect)
        plan = IndexPlan(name, tuple(part for part in parts if part is not None), index.unique, where)
        added = self.context.dialect.index_columns(plan)
        if added:
            text = f"Index {index.name!r} is over an expression, for which the table gets {', '.join(added)}."
            self._find("index-column-added", text)
        return plan

    def _stays_whole(self, index: Index, primary_key: KeyPlan | None) -> bool:
        """Whether a unique index is over all rows, with NULL or without."""
        columns = tuple(part.column for part in index.parts if part.column is not None)
        plain = index.where is None and len(columns) == len(index.parts)
        return self.context.dialect.several_nulls or (plain and not self._lets_nulls(columns, primary_key))

    def _index_sql(self, index: Index, expression: Expression, render: Callable[[str, Scope], str]) -> str | None:
        return self._translated(
            "index-not-moved",
            f"Index {index.name!r} over",
            expression,
            lambda neutral: render(neutral, self.scope),
            None,
        )

    def _index_part(self, index: Index, part: IndexPart) -> IndexPartPlan | None:
        if part.expression is not None:
            sql = self._index_sql(
                index,
                part.expression,
                lambda neutral, scope: self.context.dialect.expression(neutral, scope, None),
            )
            return IndexPartPlan(expression=sql, descending=part.descending) if sql is not None else None
        assert part.column is not None
        target = self._columns[part.column]
        textual = self._choice(part.column).type.kind is Kind.TEXT
        if textual and part.collation == "NOCASE":
            return IndexPartPlan(expression=self.context.dialect.fold_case(target), descending=part.descending)
        return IndexPartPlan(column=target, descending=part.descending)

    # Foreign keys

    def _foreign_keys(self) -> tuple[ForeignKeyPlan, ...]:
        nothing = (None,) * len(self.table.foreign_keys)
        orphans, cased = self._profile.orphans or nothing, self._profile.respelt or nothing
        plans = []
        for key, orphan, spelt in zip(self.table.foreign_keys, orphans, cased, strict=True):
            problem = self._foreign_key_problem(key)
            if problem is not None:
                columns = ", ".join(key.columns)
                self._find("foreign-key-not-moved", f"({columns}) → {key.parent_table}: {problem}.")
                continue
            matching = self._matching(key)
            missing, respelt = cased_apart(orphan or Violations(0), spelt)
            resolution = self._orphan_resolution(key, missing, respelt if matching is EXACT else Violations(0))
            if resolution in (Resolution.QUARANTINE, Resolution.SKIP, Resolution.NULL):
                parent = key.parent_table, key.parent_columns
                self.exclusions.append(Exclusion(key.columns, *parent, resolution, comparison=matching))
            validated = resolution is not Resolution.UNENFORCED
            plans.append(self._foreign_key(key, matching, validated=validated))
        return tuple(plans)

    def _matching(self, key: ForeignKey) -> TextComparison:
        """How the target finds a row's parent, as far as it matters: without case where the source does so too."""
        dialect, collations = self.context.dialect, self.context.collations.columns
        textual = [column for column in key.columns if self._choice(column).type.kind is Kind.TEXT]
        found = [comparison(dialect, collations.get((self.table.name, column))) for column in textual]
        caseless = key.caseless and bool(found) and not any(each.case for each in found)
        return CASELESS if caseless else EXACT

    def _foreign_key(self, key: ForeignKey, matching: TextComparison, *, validated: bool) -> ForeignKeyPlan:
        names = self.context.names
        columns = self._targets(key.columns)
        generated = "_".join(("fk", self._target, *columns))
        parent = (self.context.database, key.parent_table)
        return ForeignKeyPlan(
            name=names.constraint(self.context.database, self.table.name, key.name, generated),
            columns=columns,
            parent_schema=self.context.schema,
            parent=names.tables[parent],
            parent_columns=tuple(names.columns[parent][column] for column in key.parent_columns),
            on_delete=key.on_delete,
            on_update=key.on_update,
            deferrable=key.deferrable,
            initially_deferred=key.initially_deferred,
            validated=validated,
            comparison=matching,
        )

    def _foreign_key_problem(self, key: ForeignKey) -> str | None:
        if key.problem is not None:
            return key.problem.rstrip(".")
        parent = self.context.moved.get(key.parent_table)
        if parent is None:
            return "its parent table is not moved"
        if not has_exact_key(parent, key.parent_columns):
            return "the parent columns are unique only without regard to case, or only for some rows"
        profile = self.context.profiles[parent.name]
        problem = key_problem(
            key.parent_columns, profile, self.context.choices, self.context.dialect
        ) or self.context.collations.problem(parent.name, Unique(key.parent_columns))
        if problem is not None:
            return f"the parent's key is not moved, because {problem}"
        if several_nulls_problem(parent, key.parent_columns, profile, self.context.choices, self.context.dialect):
            return (
                "several rows of the parent have NULL in its key, which no foreign key of the target can point to"
            )
        for child, other in zip(key.columns, key.parent_columns, strict=True):
            mine, theirs = self._choice(child).type, self.context.choices[(parent.name, other)].type
            if mine.kind is not theirs.kind:
                return f"{child} is {mine} but {parent.name}.{other} is {theirs}"
            places = self.context.collations.columns
            if places.get((self.table.name, child)) != places.get((parent.name, other)):
                return f"{child} and {parent.name}.{other} have different collations"
        return None

    def _orphan_resolution(self, key: ForeignKey, missing: Violations, respelt: Violations) -> Resolution | None:
        if not missing.count and not respelt.count:
            return None
        wanted = orphan_resolution(self.context.options, self.context.database, self.table.name, key)
        possible = wanted is not Resolution.NULL or self._may_be_null(key.columns)
        resolution = wanted if possible else Resolution.STOP
        required = "" if possible else " NULL is no way out: the columns are NOT NULL."
        columns = ", ".join(key.columns)
        alone = f"{missing.count:,} rows in ({columns}) have no parent in {key.parent_table}."
        for code, rows, text in (
            ("orphan-rows", missing, alone),
            ("case-mismatch", respelt, mismatch(self.table.name, key, respelt.count)),
        ):
            if rows.count:
                self._find(
                    code,
                    text + required,
                    column=key.columns[0] if len(key.columns) == 1 else None,
                    count=rows.count,
                    samples=rows.samples,
                    shown=key.columns,
                    resolution=resolution,
                )
        return resolution

    def _may_be_null(self, columns: tuple[str, ...]) -> bool:
        key = self.table.primary_key
        in_key = key is not None and not set(key.columns).isdisjoint(columns)
        return not in_key and all(self.table.column(column).nullable for column in columns)
