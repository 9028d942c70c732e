"""What a given table asks of the source's keys, and which rows it leaves out."""

from __future__ import annotations

import pytest

from migrator.model.comparison import EXACT, TextComparison
from migrator.model.findings import Resolution
from migrator.model.given import GivenColumn, GivenTable
from migrator.model.options import Options
from migrator.model.plan import Exclusion, KeyPlan, Reason
from migrator.model.profile import ColumnProfile, Fit, KeyDemand, TableProfile, Violations
from migrator.model.schema import Column, Table
from migrator.model.types import text
from migrator.planner.given.assignment import Assigned, Assignment
from migrator.planner.given.demands import request
from migrator.planner.given.tables import GivenPlanner
from migrator.planner.types import Choice
from migrator.targets import Dialect
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
