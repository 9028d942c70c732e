"""Keys that a target would take for equal because of how it compares text: counted, named, and left out alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.comparison import EXACT, TextComparison
from migrator.model.findings import Resolution
from migrator.model.plan import Exclusion, Reason
from migrator.model.profile import Demands, KeyDemand, Violations
from migrator.model.types import BINARY, DATE, INT64, TEXT, UUID, LogicalType, text
from migrator.sources.sqlite.profile import scans
from migrator.sources.sqlite.profile.folding import comparison_of, folded, key_of, spelt
from migrator.sources.sqlite.values import InvalidText, SqliteValue, class_of
from tests.sources.sqlite.stored import broken, opened, planned, read, values_of

CI = TextComparison(case=False, kana=False, width=False, supplementary=False, padded=True, binary=False)
CI_AI = replace(CI, accent=False)
CS = replace(CI, case=True)
CS_AI = replace(CI_AI, case=True)
PADDED = TextComparison(padded=True)
A = "0f8fad5b-d9cb-469f-a165-70867728950e"


def colliding(
    columns: str,
    rows: Sequence[Sequence[SqliteValue]],
    key: KeyDemand,
    encoding: str = "UTF-8",
    **types: LogicalType,
) -> Violations | None:
    """The duplicates of one key of `t`."""
    with opened(f"CREATE TABLE t ({columns})", rows=rows, encoding=encoding) as source:
        (found,) = source.profile(source.schema().table("t"), Demands(types, (key,))).duplicates
    return found


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
@pytest.mark.parametrize(
    ("values", "comparison", "count"),
    [
        (["a", "A", "a ", "b", "B  "], CI, 3),
        (["a", "A", "a ", "b", "B  "], CS, 1),
        (["a", "A", "a ", "b", "B  "], PADDED, 1),
        (["a", "A", "a ", "b", "B  "], replace(CI, padded=False), 1),
        (["a", "A", "a ", "b", "B  "], EXACT, 0),
        (["é", "E\u0301", "e"], CI, 1),
        (["é", "E\u0301", "e"], CI_AI, 2),
        (["가 ", "가", "각"], PADDED, 1),
        (["straße", "STRASSE", "Strasse"], CI, 2),
        (["straße", "STRASSE", "Strasse"], PADDED, 0),
        (["w", "V", "v"], CI_AI, 2),
        (["w", "V", "v"], CI, 1),
        (["a\0", "A", "b"], CI, 1),
        (["a\0", "a", "b"], PADDED, 0),
        (["\t", "", " "], CI, 1),
        (["a\x7f", "A", "a\x1f"], CI, 2),
        (["W", "V", "w", "v"], CS_AI, 2),
        (["😀", "", "x"], CI, 1),
        (["😀", "😁"], replace(CI, supplementary=True), 0),
        ([None, None, "a", "A"], CI, 1),
    ],
)
def test_rows_that_would_collide_are_counted(
    values: list[SqliteValue], comparison: TextComparison, count: int, encoding: str
) -> None:
    for types in ({}, {"v": TEXT}, {"v": text(9)}):
        found = colliding(
            "v TEXT", [(value,) for value in values], KeyDemand(("v",), comparison), encoding, **types
        )
        assert found is not None and found.count == count


@pytest.mark.parametrize(
    ("values", "type", "count"),
    [
        ([1, "1 ", 2], None, 1),
        ([1, "1 ", 2], TEXT, 1),
        ([1.5, "1.5 "], TEXT, 1),
        ([1.5, "a\0", "A", broken(b"\xff"), "\ufffd"], TEXT, 2),
        ([1, 2, 1], None, 1),
        ([b"a", b"A", "a"], None, 0),
        ([b"a", b"A", "a"], BINARY, 1),  # the text arrives as its bytes, and bytes have no case
        ([A, A.upper(), A + " "], UUID, 1),
        (["2024-01-31", "2024-01-31 "], DATE, 0),
        (["7", "7 "], INT64, 0),
        ([broken(b"a\xff"), "A\ufffd", "a"], TEXT, 2),
    ],
)
def test_only_text_of_the_target_is_folded(
    values: list[SqliteValue], type: LogicalType | None, count: int
) -> None:
    types = {"v": type} if type else {}
    found = colliding("v", [(value,) for value in values], KeyDemand(("v",), CI), **types)
    assert found is not None and found.count == count


def test_samples_name_the_later_rows_as_they_are_stored() -> None:
    rows = [("b", "Ann", 1), ("c", "ANN ", 1), ("a", "ann", 2), ("d", "ann", 1)]
    columns = "k TEXT PRIMARY KEY, name TEXT, n"
    found = colliding(columns, rows, KeyDemand(("name", "n"), CI))
    assert found is not None
    assert [(each.key, each.value) for each in found.samples] == [(("c",), "ANN , 1"), (("d",), "ann, 1")]


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("live", 1),
        ("t.live = 0", 0),
        ("live IN (0, 1) -- all", 2),
        ("frobnicate(live)", None),
        ("live >", None),
        ("live = :limit", None),
    ],
)
def test_a_condition_limits_the_rows_that_must_differ(where: str, count: int | None) -> None:
    rows = [("a", 1), ("A", 1), ("a ", 0), ("b", None), ("B", None)]
    found = colliding("v, live", rows, KeyDemand(("v",), CI, where))
    assert (found and found.count) == count


VALUES = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.sampled_from([0.5, b"a", b"A", "\0", "a\0b", "1", " ", "W", broken(b"\xff"), broken(b"A\xff ")]),
    st.text(st.sampled_from("aAwW é́ßsſ1\t~😀가ｶカか\u200d"), max_size=4),
)
COMPARISONS = st.sampled_from(
    [CI, CI_AI, CS, CS_AI, PADDED, replace(CI, padded=False), TextComparison(binary=False)]
)


@given(st.lists(VALUES), COMPARISONS, st.sampled_from(["UTF-8", "UTF-16le"]))
def test_sql_folds_as_the_comparison_does(
    values: list[SqliteValue], comparison: TextComparison, encoding: str
) -> None:
    """Plain ASCII, which SQLite folds itself, as well as what is folded in Python."""
    with opened("CREATE TABLE t (v)", rows=[(value,) for value in values], encoding=encoding) as source:
        query = f"SELECT {source._reading.select(['v', folded('v', comparison)])} FROM t ORDER BY rowid"
        rows = [source._reading.values(row) for row in source._connection.execute(query)]
    for stored, found in rows:
        assert found == key_of(comparison, stored)
        if isinstance(stored, str):
            assert found == comparison.key(stored)
        if isinstance(stored, InvalidText):
            assert found == comparison.key(stored.repaired())
        assert class_of(found) == {"integer": "text", "real": "text"}.get(class_of(stored) or "", class_of(stored))


def test_plain_ascii_is_not_folded_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    for function in ("_key", "_comparable"):
        monkeypatch.setattr(scans, function, lambda *_: pytest.fail("folded a single value"))
    rows = [("Ann ~!",), ("ann ~! ",)]
    found = colliding("v TEXT", rows, KeyDemand(("v",), CI_AI))
    assert found is not None and found.count == 1


@pytest.mark.parametrize("comparison", [EXACT, CI, CI_AI, CS, PADDED])
def test_a_comparison_is_spelt_in_sql(comparison: TextComparison) -> None:
    assert comparison_of(spelt(comparison)) == comparison


# What is counted is what is left out.


@given(
    st.lists(st.tuples(VALUES, VALUES), max_size=8),
    st.sampled_from(["", "TEXT"]),
    COMPARISONS | st.just(EXACT),
    st.sampled_from([("a",), ("a", "b")]),
)
def test_rows_left_out_are_those_that_were_counted(
    rows: list[tuple[SqliteValue, SqliteValue]], declared: str, comparison: TextComparison, key: tuple[str, ...]
) -> None:
    with opened(f"CREATE TABLE t (a {declared}, b)", rows=rows) as source:
        plain = planned(source)
        types = {column.source: column.type for column in plain.columns}
        demands = Demands(types, (KeyDemand(key, comparison),))
        (found,) = source.profile(source.schema().table("t"), demands).duplicates
        out = Exclusion(key, "", (), Resolution.QUARANTINE, Reason.DUPLICATE, comparison=comparison)
        # No row is left out for a value, so every key that was counted is there.
        columns = tuple(replace(column, on_invalid=Resolution.STOP) for column in plain.columns)
        plan = replace(plain, columns=columns, exclusions=(out,))
        source.prepare((plan,))
        noted = source._excluded.get("t")
        keys = source._connection.execute(f"SELECT k0 FROM {noted.name}").fetchall() if noted else []
    assert found is not None and found.count == len(keys)
    assert {sample.key for sample in found.samples} <= set(keys)


def test_of_rows_that_collide_the_first_stays() -> None:
    rows = [(1, "Ann"), (2, "ANN"), (3, "Bob"), (4, "ann "), (5, None), (6, None)]
    with opened("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)", rows=rows) as source:
        out = Exclusion(("v",), "", (), Resolution.QUARANTINE, Reason.DUPLICATE, comparison=CI)
        plan = planned(source, exclusions=(out,))
        source.prepare((plan,))
        chunks = read(source, plan)
    assert values_of(chunks) == [(1, "Ann"), (3, "Bob"), (5, None), (6, None)]
    assert [each.values["v"] for chunk in chunks for each in chunk.rejected] == ["ANN", "ann "]


def test_replaced_text_collides_as_it_is_replaced() -> None:
    rows = [(1, "a\ufffd"), (2, "A\0"), (3, broken(b"a\xff")), (4, "b\0")]
    with opened("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)", rows=rows) as source:
        out = Exclusion(("v",), "", (), Resolution.QUARANTINE, Reason.DUPLICATE, comparison=CI)
        plan = planned(source, change=lambda each: replace(each, on_invalid=Resolution.REPLACE), exclusions=(out,))
        source.prepare((plan,))
        assert [row[0] for row in values_of(read(source, plan))] == [1, 4]
