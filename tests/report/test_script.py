"""The script of a plan, for the client of each target."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from migrator.model.plan import Phase, Step
from migrator.report.script import render_script
from migrator.targets import dialects
from tests.report.examples import PLAN

TABLE, VIEW = "CREATE TABLE t (v INT)", "CREATE VIEW w AS SELECT v FROM t"
STEPS = (
    Step(1, Phase.TABLES, "t", (TABLE,), ("DROP TABLE t",), "Create table t,\n1 column"),
    Step(2, Phase.DATA, "t", (), ("DELETE FROM t",), "Copy 3 rows into t"),
    Step(3, Phase.VIEWS, "w", (VIEW,), ("DROP VIEW w",), "Create view w"),
)
COMMENTS = [
    "-- 1. tables: Create table t, 1 column",
    "-- 2. data: Copy 3 rows into t",
    "-- 3. views: Create view w",
]


@pytest.mark.parametrize(("dialect", "end"), [("postgresql", ";"), ("mssql", ";\nGO")])
def test_a_script_is_for_the_targets_own_client(dialect: str, end: str) -> None:
    script = render_script(replace(PLAN, steps=STEPS), dialects()[dialect].terminator)
    assert re.findall("^-- .*", script, re.MULTILINE) == COMMENTS
    assert [f"\n{each}{end}\n" in script for each in (TABLE, VIEW)] == [True, True]
