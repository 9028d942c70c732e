"""JSON of plans, results, run lists and errors, and plans back from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.errors import ConfigurationError, SourceError
from migrator.model.plan import PLAN_VERSION, Plan
from migrator.model.types import Kind, LogicalType, decimal, text
from migrator.report.serialize import dumps, loads_plan, to_data
from tests.report.examples import MISMATCHED, PLAN, RESULT, STATUSES

_PLAIN_KINDS = [kind for kind in Kind if kind not in (Kind.DECIMAL, Kind.TEXT)]
_TYPES = st.one_of(
    st.sampled_from(_PLAIN_KINDS).map(LogicalType),
    st.integers(1, 38).flatmap(lambda p: st.integers(0, p).map(lambda s: decimal(p, s))),
    st.none() | st.integers(1, 10**9),
).map(lambda drawn: drawn if isinstance(drawn, LogicalType) else text(drawn))
st.register_type_strategy(LogicalType, _TYPES)
st.register_type_strategy(float, st.floats(allow_nan=False))
_PLANS = st.builds(Plan, version=st.just(PLAN_VERSION))


@settings(suppress_health_check=list(HealthCheck))
@given(_PLANS)
def test_any_plan_comes_back_equal(plan: Plan) -> None:
    loaded = loads_plan(dumps(plan))
    assert loaded == plan
    assert repr(loaded) == repr(plan), "equal, but of other types, such as str for an enumeration"


def test_the_example_plan_comes_back_equal_and_spells_its_types() -> None:
    assert loads_plan(dumps(PLAN)) == PLAN
    assert to_data(PLAN)["tables"][1]["columns"][2]["type"] == "decimal(18,4)"


def test_a_plan_saved_before_targets_compared_text_is_read_with_the_defaults() -> None:
    data = json.loads(dumps(PLAN))
    for table in data["tables"]:
        for part, added in (("columns", "collation"), ("uniques", "clustered"), ("exclusions", "comparison")):
            assert all(each.pop(added, "") != "" for each in table[part])
        if table["primary_key"]:
            del table["primary_key"]["clustered"]
    assert loads_plan(json.dumps(data)) == PLAN


Edit = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("edit", "path", "words"),
    [
        pytest.param(lambda d: d.update(version=99), "$.version", "is of version 99", id="newer version"),
        pytest.param(
            lambda d: d.update(version=True), "$.version", "is of version True", id="version of another type"
        ),
        pytest.param(lambda d: d.pop("version"), "$.version", "has no version", id="no version"),
        pytest.param(lambda d: d.pop("views"), "$", "lacks the key 'views'", id="missing key"),
        pytest.param(
            lambda d: d["tables"][0].pop("comment"),
            "$.tables[0]",
            "lacks the key 'comment'",
            id="missing key that has a default",
        ),
        pytest.param(
            lambda d: d["tables"][1]["columns"][2].update(typo=1),
            "$.tables[1].columns[2]",
            "has the unknown key 'typo'",
            id="unknown key",
        ),
        pytest.param(
            lambda d: d["tables"][0]["columns"][1].update(type="varchar"),
            "$.tables[0].columns[1].type",
            "'varchar' is not a logical type",
            id="unknown type",
        ),
        pytest.param(
            lambda d: d["tables"][0].update(rows="5"),
            "$.tables[0].rows",
            "expected an integer, found a string",
            id="number as text",
        ),
        pytest.param(
            lambda d: d["tables"][0].update(rows=True),
            "$.tables[0].rows",
            "found true or false",
            id="bool as number",
        ),
        pytest.param(
            lambda d: d["tables"][0].update(key="id"),
            "$.tables[0].key",
            "expected a list, found a string",
            id="text as list",
        ),
        pytest.param(
            lambda d: d["tables"].append(None), "$.tables[2]", "expected an object, found null", id="null table"
        ),
        pytest.param(
            lambda d: d["findings"][0].update(severity="fatal"),
            "$.findings[0].severity",
            "expected one of 'decision', 'warning', 'info'",
            id="unknown severity",
        ),
        pytest.param(
            lambda d: d["tables"][1]["foreign_keys"][0].update(on_delete="EXPLODE"),
            "$.tables[1].foreign_keys[0].on_delete",
            "expected one of 'NO ACTION'",
            id="unknown action",
        ),
        pytest.param(
            lambda d: d["findings"][0]["samples"][0].update(key=[True]),
            "$.findings[0].samples[0].key[0]",
            "expected a number",
            id="bool in a row key",
        ),
        pytest.param(
            lambda d: d["tables"][1]["exclusions"][0]["comparison"].pop("padded"),
            "$.tables[1].exclusions[0].comparison",
            "lacks the key 'padded'",
            id="part of a comparison",
        ),
        pytest.param(
            lambda d: d["estimate"].update(seconds="3"),
            "$.estimate.seconds",
            "expected a number",
            id="seconds as text",
        ),
    ],
)
def test_a_wrong_plan_is_refused_by_its_json_path(edit: Edit, path: str, words: str) -> None:
    data = json.loads(dumps(PLAN))
    edit(data)
    with pytest.raises(ConfigurationError) as caught:
        loads_plan(json.dumps(data), "plan.json")
    assert caught.value.where == f"plan.json, {path}"
    assert words in caught.value.what
    assert "migrator plan" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "not valid JSON", id="empty"),
        pytest.param("{", "not valid JSON", id="cut off"),
        pytest.param("[]", "not a JSON object", id="a list"),
        pytest.param('{"version": NaN}', "NaN is not JSON", id="NaN"),
        pytest.param('{"version": 1, "version": 2}', "'version' stands twice", id="duplicate key"),
        pytest.param("[" * 100_000, "not valid JSON", id="nested too deeply"),
    ],
)
def test_what_is_no_plan_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        loads_plan(text)


def test_many_faults_are_named_up_to_five() -> None:
    data = json.loads(dumps(PLAN))
    for column in data["tables"][0]["columns"]:
        column["nullable"] = "yes"
    with pytest.raises(ConfigurationError, match="… and 1 more"):
        loads_plan(json.dumps(data))


def test_result_has_the_documented_keys() -> None:
    data = to_data(RESULT)
    assert list(data)[:5] == ["run_id", "status", "verdict", "verified", "rows"]
    assert {"run_id", "status", "target", "tables", "findings", "seconds"} <= data.keys()
    assert {"source", "target", "rows", "digest", "verified"} <= data["tables"][0].keys()
    assert {"code", "severity", "table", "column", "count", "message", "resolutions"} <= data["findings"][0].keys()
    assert "plans" not in data
    assert list(data["seconds"])[-1] == "total"


def test_result_says_the_type_chosen_for_every_column_and_why() -> None:
    assert to_data(RESULT)["types"][1]["columns"][2] == {
        "column": "amount",
        "source": "amount",
        "expected": "decimal(10,2)",
        "chosen": "decimal(18,4)",
        "nullable": True,
        "why": "2 values need 4 digits.",
    }


@pytest.mark.parametrize("obj", [PLAN, RESULT, MISMATCHED, STATUSES, SourceError("x", where="y")])
def test_one_document_that_says_what_to_data_says(obj: Any) -> None:
    text = dumps(obj)
    assert json.loads(text) == to_data(obj)
    assert text == dumps(obj)
    assert text.endswith("\n")


def test_an_error_keeps_what_where_and_hint() -> None:
    error = SourceError("It is missing.", where="a.db", hint="Check the path.")
    assert to_data(error) == {
        "error": "It is missing.",
        "kind": "SourceError",
        "where": "a.db",
        "hint": "Check the path.",
    }


def test_a_lone_surrogate_does_not_break_the_encoding() -> None:
    text = dumps(SourceError("half \ud800 pair 가"))
    assert "가" in text
    assert json.loads(text.encode())["error"] == "half \ud800 pair 가"
