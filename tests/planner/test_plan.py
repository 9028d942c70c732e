"""From schema and profile to types, constraints and findings, without any server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest

from migrator.errors import ConfigurationError
from migrator.model import types as t
from migrator.model.findings import Resolution
from migrator.model.options import ColumnOptions, Options, TableOptions
from migrator.model.plan import Phase, Plan, TablePlan
from migrator.model.profile import ColumnProfile, Fit, Hazard, Sample, TableProfile, Violations
from migrator.model.schema import (
    Check,
    Column,
    Expression,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Key,
    Schema,
    Table,
    Unmoved,
    View,
)
from migrator.model.types import LogicalType
from migrator.planner import PlanInput, SourceInput, fingerprint, make_plan
from migrator.targets.postgresql import DIALECT

INT = Fit(t.INT64, "integer", 2)
TEXT_ANY = Fit(t.TEXT, "any", 2)
BYTES_ANY = Fit(t.BINARY, "any", 2)


def profile(
    name: str,
    *fits: Fit,
    nulls: int = 0,
    classes: str = "integer",
    expected: LogicalType | None = None,
    **more: object,
) -> ColumnProfile:
    """A column of two values, integers unless said otherwise."""
    offered = fits or (INT,)
    widest = [fit for fit in (TEXT_ANY, BYTES_ANY) if fit.type.kind not in {f.type.kind for f in offered}]
    return ColumnProfile(
        name, nulls, ((classes, 2),), (*offered, *widest), expected or offered[0].type, highest=2, **more
    )  # type: ignore[arg-type]


def planned(
    *tables: tuple[Table, tuple[ColumnProfile, ...]],
    options: Options | None = None,
    orphans: Mapping[str, tuple[Violations | None, ...]] = MappingProxyType({}),
    checks: Mapping[str, tuple[Violations | None, ...]] = MappingProxyType({}),
    refused: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType({}),
    views: tuple[View, ...] = (),
    unmoved: tuple[Unmoved, ...] = (),
) -> Plan:
    profiles = {
        table.name: TableProfile(table.name, 2, columns, orphans.get(table.name, ()), checks.get(table.name, ()))
        for table, columns in tables
    }
    schema = Schema(tuple(table for table, _ in tables), views, unmoved)
    source = SourceInput("app", "app.db", schema, profiles)
    given = PlanInput((source,), "x", DIALECT, options or Options(), "migrator", "now", refused, rehearsed=True)
    return make_plan(given)


def one(column: Column, evidence: ColumnProfile, **table: object) -> tuple[Table, tuple[ColumnProfile, ...]]:
    return Table("t", (column,), **table), (evidence,)  # type: ignore[arg-type]


def codes(plan: Plan) -> list[str]:
    return [finding.code for finding in plan.findings]


def only(plan: Plan) -> TablePlan:
    (table,) = plan.tables
    return table


TYPES = [
    ("the first fit that holds every value", (INT,), t.INT64, []),
    (
        "a narrower promise that one value breaks",
        (replace(INT, count=1, misfits=(Sample((7,), "abc"),)), Fit(t.TEXT, "any", 2)),
        t.TEXT,
        ["type-widened"],
    ),
    ("a decimal wider than declared", (Fit(t.decimal(20, 8), "real", 2),), t.decimal(20, 8), ["type-widened"]),
    ("text that outgrew its length", (Fit(t.TEXT, "text", 2),), t.TEXT, ["type-widened"]),
    (
        "several spellings outside keys",
        (Fit(t.TIMESTAMP, "iso", 2, spellings=2),),
        t.TIMESTAMP,
        ["spelling-mixed"],
    ),
]
EXPECTED = {t.decimal(20, 8): t.decimal(10, 2), t.TEXT: t.text(3)}


@pytest.mark.parametrize(("fits", "chosen", "found"), [c[1:] for c in TYPES], ids=[c[0] for c in TYPES])
def test_types(fits: tuple[Fit, ...], chosen: LogicalType, found: list[str]) -> None:
    expected = EXPECTED.get(fits[0].type, fits[0].type)
    plan = planned(one(Column("c", "X"), profile("c", *fits, expected=expected)))
    assert only(plan).columns[0].type == chosen
    assert codes(plan) == found


def test_a_widened_column_names_count_and_rows() -> None:
    fits = (replace(INT, count=1, misfits=(Sample((7,), "abc"),)),)
    (finding,) = planned(one(Column("c", "INTEGER"), profile("c", *fits))).findings
    assert (finding.table, finding.column, finding.count, finding.samples) == ("t", "c", 1, (Sample((7,), "abc"),))


def test_key_columns_never_merge_spellings() -> None:
    fits = (Fit(t.UUID, "text", 2, spellings=2), Fit(t.text(36), "text", 2))
    plan = planned(one(Column("c", "UUID"), profile("c", *fits), uniques=(Key(("c",)),)))
    assert only(plan).columns[0].type == t.text(36)


def test_secret_values_are_masked_in_findings() -> None:
    fits = (replace(INT, count=1, misfits=(Sample(("k", 7), "hunter2"),)),)
    table, evidence = one(
        Column("password", "INTEGER"), profile("password", *fits), primary_key=Key(("token", "id"))
    )
    (finding,) = [
        f for f in planned((table_with(table, "token", "id"), (*evidence, *ids()))).findings if f.samples
    ]
    assert finding.samples == (Sample(("•••", 7), "•••"),)


def test_a_key_that_the_options_call_secret_is_masked_in_findings() -> None:
    fits = (replace(INT, count=1, misfits=(Sample((7,), "abc"),)),)
    table, evidence = one(Column("c", "INTEGER"), profile("c", *fits), primary_key=Key(("id",)))
    options = Options(tables={"t": TableOptions(columns={"id": ColumnOptions(secret=True)})})
    plan = planned((table_with(table, "id"), (*evidence, profile("id"))), options=options)
    assert [f.samples for f in plan.findings] == [(Sample(("•••",), "abc"),)]


def table_with(table: Table, *columns: str) -> Table:
    return replace(table, columns=(*table.columns, *(Column(name, "INTEGER") for name in columns)))


def ids() -> tuple[ColumnProfile, ...]:
    return profile("token"), profile("id")


NUL = Hazard("text-nul", 1, (Sample((1,), "a\\0b"),))
TEXTS = (Fit(t.TEXT, "text", 2),)


@pytest.mark.parametrize(
    ("resolution", "open_", "type", "nullable"),
    [
        (Resolution.STOP, True, t.TEXT, False),
        (Resolution.WIDEN, False, t.BINARY, False),
        (Resolution.REPLACE, False, t.TEXT, False),
        (Resolution.NULL, False, t.TEXT, True),
        (Resolution.QUARANTINE, False, t.TEXT, False),
    ],
)
def test_a_value_no_text_type_holds_needs_a_decision(
    resolution: Resolution, open_: bool, type: LogicalType, nullable: bool
) -> None:
    evidence = profile("c", *TEXTS, classes="text", hazards=(NUL,))
    plan = planned(one(Column("c", "TEXT", nullable=False), evidence), options=Options(on_invalid=resolution))
    assert bool(plan.open_decisions) is open_
    assert (only(plan).columns[0].type, only(plan).columns[0].nullable) == (type, nullable)
    assert any(step.object.endswith("migrator_quarantine") for step in plan.steps) is (
        resolution is Resolution.QUARANTINE
    )


def test_the_closest_choice_wins() -> None:
    column = {"c": ColumnOptions(on_invalid=Resolution.NULL)}
    options = Options(
        on_invalid=Resolution.STOP, tables={"t": TableOptions(on_invalid=Resolution.SKIP, columns=column)}
    )
    evidence = profile("c", *TEXTS, classes="text", hazards=(NUL,))
    assert (
        only(planned(one(Column("c", "TEXT"), evidence), options=options)).columns[0].on_invalid is Resolution.NULL
    )


def test_a_chosen_type_that_the_values_are_not_is_refused() -> None:
    options = Options(tables={"t": TableOptions(columns={"c": ColumnOptions(type=t.UUID)})})
    with pytest.raises(ConfigurationError, match="cannot be read as uuid"):
        planned(one(Column("c", "TEXT"), profile("c", *TEXTS)), options=options)


def test_a_chosen_type_that_some_values_are_not_needs_a_decision() -> None:
    options = Options(tables={"t": TableOptions(columns={"c": ColumnOptions(type=t.INT64)})})
    plan = planned(one(Column("c", "TEXT"), profile("c", TEXT_ANY, replace(INT, count=1))), options=options)
    assert [f.code for f in plan.open_decisions] == ["value-misfit"]


@pytest.mark.parametrize(("asked", "chosen", "undecided"), [(t.TEXT, t.TEXT, 0), (t.text(3), t.text(3), 1)])
def test_a_chosen_length_is_kept_and_no_length_holds_everything(
    asked: LogicalType, chosen: LogicalType, undecided: int
) -> None:
    options = Options(tables={"t": TableOptions(columns={"c": ColumnOptions(type=asked)})})
    fits = (Fit(t.text(3), "text", 1), Fit(t.TEXT, "text", 2))
    plan = planned(one(Column("c", "VARCHAR(3)"), profile("c", *fits, classes="text")), options=options)
    assert (only(plan).columns[0].type, len(plan.open_decisions)) == (chosen, undecided)


def test_a_primary_key_with_null_becomes_unique() -> None:
    plan = planned(one(Column("c", "TEXT"), profile("c", nulls=1), primary_key=Key(("c",))))
    table = only(plan)
    assert (table.primary_key, [key.columns for key in table.uniques], table.key) == (None, [("c",)], ())
    assert "primary-key-null" in codes(plan)


@pytest.mark.parametrize(
    ("counter", "highest", "next_"),
    [(None, None, 1), (None, 5, 6), (9, 5, 10), (2, 5, 6), (None, -3, 1), (None, 2**63 - 1, 2**63)],
)
def test_the_next_identity_is_above_rows_and_counter(counter: int | None, highest: int | None, next_: int) -> None:
    column = Column("id", "INTEGER", identity=Identity(counter))
    plan = planned(one(column, replace(profile("id"), highest=highest), primary_key=Key(("id",))))
    assert only(plan).columns[0].next_identity == next_


def family(
    child: ColumnProfile, parent: ColumnProfile, key: ForeignKey | None = None
) -> tuple[tuple[Table, tuple[ColumnProfile, ...]], ...]:
    reference = key or ForeignKey(("p",), "parent", ("id",))
    return (
        (Table("child", (Column("p", "X"),), foreign_keys=(reference,)), (child,)),
        (Table("parent", (Column("id", "X"),), primary_key=Key(("id",))), (parent,)),
    )


def test_columns_joined_by_a_foreign_key_agree() -> None:
    text_parent = profile("id", Fit(t.text(9), "text", 2), classes="text")
    plan = planned(*family(profile("p"), text_parent))
    assert {table.columns[0].type.kind for table in plan.tables} == {t.TEXT.kind}
    assert plan.tables[0].target == "parent"
    assert [step.phase for step in plan.steps].count(Phase.FOREIGN_KEYS) == 1


def test_an_empty_child_follows_its_parent() -> None:
    empty = replace(profile("p", Fit(t.TEXT, "text", 0)), classes=(), fits=(Fit(t.TEXT, "text", 0),))
    plan = planned(*family(empty, profile("id")))
    assert {table.columns[0].type for table in plan.tables} == {t.INT64}


@pytest.mark.parametrize(
    ("resolution", "open_", "validated", "exclusions"),
    [
        (Resolution.STOP, True, True, 0),
        (Resolution.UNENFORCED, False, False, 0),
        (Resolution.QUARANTINE, False, True, 1),
        (Resolution.SKIP, False, True, 1),
    ],
)
def test_orphans_need_a_decision(resolution: Resolution, open_: bool, validated: bool, exclusions: int) -> None:
    orphans = {"child": (Violations(3, (Sample((1,), "9"),)),)}
    plan = planned(*family(profile("p"), profile("id")), orphans=orphans, options=Options(on_orphans=resolution))
    child = plan.tables[1]
    assert (bool(plan.open_decisions), child.foreign_keys[0].validated, len(child.exclusions)) == (
        open_,
        validated,
        exclusions,
    )


@pytest.mark.parametrize("problem", ["its parent table does not exist", None])
def test_a_foreign_key_that_cannot_exist_is_a_finding(problem: str | None) -> None:
    key = ForeignKey(("p",), "parent" if problem else "gone", ("id",), problem=problem)
    plan = planned(*family(profile("p"), profile("id"), key))
    assert "foreign-key-not-moved" in codes(plan)
    assert not plan.tables[0].foreign_keys


def test_broken_checks_need_a_decision_and_can_stay_unvalidated() -> None:
    check = Check(Expression("c > 0", '"c" > 0'))
    case = one(Column("c", "INTEGER"), profile("c"), checks=(check,))
    broken = {"t": (Violations(1),)}
    assert [f.code for f in planned(case, checks=broken).open_decisions] == ["check-violated"]
    plan = planned(case, checks=broken, options=Options(on_check=Resolution.UNENFORCED))
    assert (plan.open_decisions, only(plan).checks[0].validated) == ((), False)


def test_what_the_server_refused_is_left_out_with_its_words() -> None:
    index = Index("ix", (IndexPart(column="c"),))
    case = one(Column("c", "INTEGER"), profile("c"), indexes=(index,))
    plan = planned(
        case,
        refused={
            ("indexes", "public.ix"): ("no such operator class",),
            ("indexes", "ix"): ("no such operator class",),
        },
    )
    (finding,) = plan.findings
    assert (finding.code, only(plan).indexes) == ("index-not-moved", ())
    assert "no such operator class" in finding.message


def test_case_insensitive_unique_indexes_fold_case() -> None:
    index = Index("ix", (IndexPart(column="c", collation="NOCASE"),), unique=True)
    case = one(Column("c", "TEXT", collation="NOCASE"), profile("c", *TEXTS, classes="text"), indexes=(index,))
    plan = planned(case)
    assert only(plan).indexes[0].parts[0].expression == 'lower("c" COLLATE "C")'
    assert codes(plan) == ["case-insensitive"]


def test_objects_that_do_not_move_are_findings_and_keep_their_sql() -> None:
    trigger = Unmoved("trigger", "tr", "triggers are not moved", "CREATE TRIGGER tr …", "t")
    plan = planned(one(Column("c", "INTEGER"), profile("c")), unmoved=(trigger,))
    assert codes(plan) == ["not-moved"]
    assert plan.unmoved == (trigger,)


def test_views_come_after_what_they_read_or_are_reported() -> None:
    def view(name: str, neutral: str | None, *reads: str) -> View:
        return View(name, Expression("SELECT …", neutral), ("c",), reads, f"CREATE VIEW {name} …")

    views = (
        view("b", 'SELECT "c" AS "c" FROM "a"', "a"),
        view("a", 'SELECT "c" AS "c" FROM "t"', "t"),
        view("broken", None, "t"),
        view("above", 'SELECT "c" AS "c" FROM "broken"', "broken"),
    )
    plan = planned(one(Column("c", "INTEGER"), profile("c")), views=views)
    assert [each.target for each in plan.views] == ["a", "b"]
    assert codes(plan) == ["view-not-moved", "view-not-moved"]
    assert [item.name for item in plan.unmoved] == ["broken", "above"]


def test_tables_wider_than_the_target_need_a_decision() -> None:
    columns = tuple(Column(f"c{i}", "INTEGER") for i in range(1601))
    plan = planned((Table("t", columns), tuple(profile(c.name) for c in columns)))
    assert [f.code for f in plan.open_decisions] == ["row-too-wide"]


def test_two_sources_with_one_table_name_are_refused() -> None:
    schema = Schema((Table("t", (Column("c", ""),)),))
    sources = tuple(
        SourceInput(name, name, schema, {"t": TableProfile("t", 2, (profile("c"),))}) for name in ("one", "two")
    )
    with pytest.raises(ConfigurationError, match="'t'"):
        make_plan(PlanInput(sources, "x", DIALECT, Options(), "migrator", "now"))


def test_the_fingerprint_ignores_counters_and_nothing_else() -> None:
    def schema(counter: int, declared: str = "INTEGER") -> Schema:
        return Schema((Table("t", (Column("id", declared, identity=Identity(counter)),)),))

    assert fingerprint(schema(1)) == fingerprint(schema(2))
    assert fingerprint(schema(1)) != fingerprint(schema(1, "INT"))
