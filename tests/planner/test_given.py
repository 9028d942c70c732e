"""What a given table asks of the source's keys, and which rows it leaves out."""

from __future__ import annotations

import pytest

from migrator.model.comparison import EXACT, TextComparison
from migrator.model.findings import Resolution
from migrator.model.given import GivenColumn, GivenTable
from migrator.model.options import Options
from migrator.model.plan import Exclusion, IndexPartPlan, IndexPlan, KeyPlan, Reason
from migrator.model.profile import ColumnProfile, Fit, KeyDemand, TableProfile, Violations
from migrator.model.schema import Column, Table
from migrator.model.types import text
from migrator.planner.given.assignment import Assigned, Assignment
from migrator.planner.given.demands import request
from migrator.planner.given.tables import GivenPlanner
from migrator.planner.types import Choice
from migrator.targets import Dialect
from migrator.targets.mssql.dialect import SQLServer
from migrator.targets.postgresql.dialect import PostgreSQL

CODE = text(9)
TABLE = Table("t", (Column("code", "TEXT"),))
GIVEN = GivenTable("s", "t", (GivenColumn("code", CODE),), uniques=(KeyPlan("uq_t_code", ("code",)),))
ASSIGNED = Assigned(TABLE, GIVEN, {"code": "code"})
ASSIGNMENT = Assignment((ASSIGNED,), ())


CASELESS = TextComparison(case=False, padded=True, binary=False)


class Caseless(PostgreSQL):
    """A target whose databases compare text without case."""

    def comparison(self, collation: str | None) -> TextComparison:
        """See `Dialect.comparison`."""
        assert collation is None
        return CASELESS


@pytest.mark.parametrize(("dialect", "comparison"), [(PostgreSQL(), EXACT), (Caseless(), CASELESS)])
def test_keys_are_asked_and_left_out_as_the_target_compares_them(
    dialect: Dialect, comparison: TextComparison
) -> None:
    asked = request(ASSIGNED, ASSIGNMENT, dialect, "sqlite").demands
    assert asked.keys == (KeyDemand(("code",), comparison),)
    fit = Fit(CODE, "text", 3)
    profile = TableProfile(
        "t", 3, (ColumnProfile("code", 0, (("text", 3),), (fit,)),), duplicates=(Violations(1),)
    )
    planner = GivenPlanner(
        "app",
        ASSIGNED,
        ASSIGNMENT,
        profile,
        {("t", "code"): Choice(CODE, "text", None, "", Resolution.STOP, False, 0, False, (), ())},
        Options(on_duplicates=Resolution.SKIP),
        dialect,
        "sqlite",
    )
    assert planner.plan().exclusions == (
        Exclusion(("code",), "", (), Resolution.SKIP, Reason.DUPLICATE, comparison=comparison),
    )
    assert [each.code for each in planner.findings] == ["duplicate-key"]


@pytest.mark.parametrize(
    ("dialect", "where", "asked"),
    [
        (PostgreSQL(), None, True),
        (PostgreSQL(), "code > 'a'", False),
        (SQLServer(), "code IS NOT NULL", True),
        (SQLServer(), "([code] IS NOT NULL)", True),
        (SQLServer(), "code IS NOT NULL AND [kind] IS NOT NULL", True),
        (SQLServer(), "kind IS NOT NULL", False),  # several rows without a code would be refused
        (SQLServer(), "code IS NOT NULL AND other IS NOT NULL", False),
        (SQLServer(), "code IS NOT NULL OR kind IS NOT NULL", False),
        (SQLServer(), "code IS NULL", False),
        (SQLServer(), "code IS NOT NULL AND kind > 'a'", False),
        (SQLServer(), "code <=>!", False),
    ],
)
def test_unique_indexes_that_leave_out_no_rows_but_those_with_null_are_asked(
    dialect: Dialect, where: str | None, asked: bool
) -> None:
    columns = (GivenColumn("code", CODE), GivenColumn("kind", CODE, nullable=False), GivenColumn("other", CODE))
    index = IndexPlan("ix", (IndexPartPlan("code"), IndexPartPlan("kind")), True, where)
    given = GivenTable("s", "t", columns, indexes=(index,))
    table = Table("t", tuple(Column(column.name, "TEXT") for column in columns))
    assigned = Assigned(table, given, {column.name: column.name for column in columns})
    demands = request(assigned, Assignment((assigned,), ()), dialect, "sqlite").demands
    assert [key.columns for key in demands.keys] == [("code", "kind")] * asked
