"""Rows left out by the user's decision: each for its reason, the first of equal keys stays, children follow their
parents, and no row is lost: what the chunks hold and what they reject is the source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.findings import Resolution
from migrator.model.plan import Exclusion, ForeignKeyPlan, Reason, TablePlan
from migrator.model.types import INT64, TEXT, TIMESTAMP, UUID, LogicalType, decimal
from migrator.sources import Chunk
from migrator.sources.sqlite.source import SqliteSource
from migrator.sources.sqlite.values import SqliteValue
from tests.sources.sqlite.stored import broken, deciding, opened, planned, read, values_of

A = "0f8fad5b-d9cb-469f-a165-70867728950e"
Q, S, N = Resolution.QUARANTINE, Resolution.SKIP, Resolution.NULL


def missing(column: str, resolution: Resolution = Q) -> Exclusion:
    return Exclusion((column,), "", (), resolution, Reason.MISSING)


def check(condition: str, resolution: Resolution = Q) -> Exclusion:
    return Exclusion((), "", (), resolution, Reason.CHECK, condition)


def duplicate(*columns: str, resolution: Resolution = Q) -> Exclusion:
    return Exclusion(columns, "", (), resolution, Reason.DUPLICATE)


def orphan(column: str, parent: str, above: str, resolution: Resolution = Q) -> Exclusion:
    return Exclusion((column,), parent, (above,), resolution)


def rejected(chunks: Iterable[Chunk]) -> list[tuple[Any, str, bool]]:
    """Key, reason and whether it is skipped, of every row set aside."""
    return [(each.key[0], each.reason, each.skip) for chunk in chunks for each in chunk.rejected]


def altered(chunks: Iterable[Chunk]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for chunk in chunks:
        for column, count in chunk.altered:
            counts[column] = counts.get(column, 0) + count
    return counts


def one_table(ddl: str, rows: Sequence[Sequence[SqliteValue]], *exclusions: Exclusion, **more: Any) -> list[Chunk]:
    """The chunks of `t` without those rows."""
    with opened(ddl, rows=rows) as source:
        plan = planned(source, exclusions=exclusions, **more)
        source.prepare((plan,))
        return read(source, plan, max_rows=2)


ITEMS = "CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT, n)"


def test_each_reason_is_told_in_words() -> None:
    rows = [(1, "a", 1), (2, None, 1), (3, "b", -1), (4, "a", 2), (5, None, -1), (6, "c", None)]
    chunks = one_table(ITEMS, rows, duplicate("code", resolution=S), check("n > 0"), missing("code"))
    assert values_of(chunks) == [(1, "a", 1), (6, "c", None)]
    assert rejected(chunks) == [
        (2, "code: no value, but one is required", False),
        (3, "breaks the check n > 0", False),
        (4, "code: the same as an earlier row", True),
        (5, "code: no value, but one is required", False),
    ]
    assert chunks[0].rejected[0].values == {"id": "2", "code": None, "n": "1"}


def test_checks_may_name_the_table_and_end_in_a_comment() -> None:
    chunks = one_table(ITEMS, [(1, "a", 1), (2, "b", 2)], check("t.n < 2 OR code IN ('x') -- why"))
    assert [key for key, _, _ in rejected(chunks)] == [2]


def test_only_rows_that_are_still_there_make_a_later_one_a_duplicate() -> None:
    rows = [(1, "a", -1), (2, "a", 1), (3, "a", 1), (4, "b", None)]
    chunks = one_table(ITEMS, rows, duplicate("code"), check("n > 0"))
    assert values_of(chunks) == [(2, "a", 1), (4, "b", None)]
    assert [reason for _, reason, _ in rejected(chunks)] == [
        "breaks the check n > 0",
        "code: the same as an earlier row",
    ]


def test_the_first_in_reading_order_stays() -> None:
    ddl = "CREATE TABLE t (k TEXT PRIMARY KEY, code, UNIQUE (code, k)) WITHOUT ROWID"
    chunks = one_table(ddl, [("c", "x"), ("a", "x"), ("b", "x"), ("d", "y")], duplicate("code"))
    assert values_of(chunks) == [("a", "x"), ("d", "y")]
    shadowed = "CREATE TABLE t (rowid, oid, _rowid_)"
    chunks = one_table(shadowed, [(3, 1, 1), (2, 1, 2), (1, 2, 3)], duplicate("oid"))
    assert values_of(chunks) == [(3, 1, 1), (1, 2, 3)]


def test_every_key_of_a_table_counts() -> None:
    rows = [(1, "a", 1), (2, "b", 1), (3, "a", 2), (4, "b", 3)]
    chunks = one_table(ITEMS, rows, duplicate("code"), duplicate("n"))
    assert values_of(chunks) == [(1, "a", 1)]
    assert rejected(chunks) == [
        (2, "n: the same as an earlier row", False),
        (3, "code: the same as an earlier row", False),
        (4, "code: the same as an earlier row", False),
    ]


@pytest.mark.parametrize(
    ("values", "type", "encoding", "stay"),
    [
        (["a", "A", "a"], TEXT, "text", [0, 1]),
        ([A, A.upper(), "{" + A + "}", None, None], UUID, "braces:hex", [0, 3, 4]),
        (["2024-01-31 10:00", "2024-01-31T10:00:00", "2024-01-31"], TIMESTAMP, "day:YYYY-MM-DD", [0, 2]),
        (["1", 1, 1.0, "2"], INT64, "digits", [0, 3]),
        ([1, 1.0, 2], INT64, "whole", [0, 2]),
        ([1, 1.0, "1"], TEXT, "any", [0, 1]),
        (["1.5", 1.5, "1.50", "1.51"], decimal(5, 2), "digits", [0, 3]),
        ([1, 1.0, 1.5], decimal(5, 2), "number", [0, 2]),
    ],
)
def test_keys_compare_as_the_planned_type_does(
    values: list[SqliteValue], type: LogicalType, encoding: str, stay: list[int]
) -> None:
    with opened("CREATE TABLE t (id INTEGER PRIMARY KEY, v)", rows=enumerate(values)) as source:
        plan = planned(source, exclusions=(duplicate("v"),))
        column = replace(plan.columns[1], type=type, encoding=encoding)
        plan = replace(plan, columns=(plan.columns[0], column))
        source.prepare((plan,))
        assert [row[0] for row in values_of(read(source, plan))] == stay


def test_text_compares_as_it_is_repaired() -> None:
    rows = [(1, "a\ufffd"), (2, "a\0"), (3, broken(b"a\xff")), (4, "b\0")]
    with opened("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)", rows=rows) as source:
        plan = planned(source, change=deciding(Resolution.REPLACE), exclusions=(duplicate("v"),))
        source.prepare((plan,))
        assert values_of(read(source, plan)) == [(1, "a\ufffd"), (4, "b\ufffd")]


def test_values_that_become_null_are_missing_and_no_duplicates() -> None:
    rows = [(1, "a", "x"), (2, "a", "y"), (3, "b", 5), (4, "b", 5), (5, "c", None)]
    change = deciding(N, n=(INT64, "integer"))
    kept = one_table(ITEMS, rows, duplicate("code", "n"), change=change)
    assert values_of(kept) == [(1, "a", None), (2, "a", None), (3, "b", 5), (5, "c", None)]
    assert altered(kept) == {"n": 2}
    assert rejected(kept) == [(4, "code, n: the same as an earlier row", False)]
    strict = one_table(ITEMS, rows, missing("n", S), change=change)
    assert values_of(strict) == [(3, "b", 5), (4, "b", 5)]
    assert rejected(strict) == [(key, "n: no value, but one is required", True) for key in (1, 2, 5)]


def test_values_that_do_not_fit_are_the_first_reason() -> None:
    rows = [(1, "a", "x"), (2, None, "x"), (3, None, 1)]
    chunks = one_table(ITEMS, rows, missing("code"), change=deciding(S, n=(INT64, "integer")))
    assert rejected(chunks) == [
        (1, "n: not an integer", True),
        (2, "n: not an integer", True),
        (3, "code: no value, but one is required", False),
    ]


# Several tables.

FAMILY = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER, n INTEGER)",
    "CREATE TABLE g (id INTEGER PRIMARY KEY, t INTEGER)",
    "INSERT INTO p VALUES (1, 'a'), (2, 'a'), (3, NULL), (4, 'b')",
    "INSERT INTO t VALUES (10, 1, 1), (11, 2, 1), (12, 3, 2), (13, 99, 3), (14, 4, -1), (15, NULL, 4)",
    "INSERT INTO g VALUES (20, 10), (21, 11), (22, 12), (23, 13), (24, 14), (25, 15)",
)


def key(name: str, column: str, parent: str, above: str = "id") -> ForeignKeyPlan:
    return ForeignKeyPlan(name, (column,), "public", parent, (above,))


def test_children_of_duplicates_and_of_broken_rows_follow_them() -> None:
    with opened(*FAMILY) as source:
        plans = (
            planned(source, "g", foreign_keys=(key("g_t_fkey", "t", "t"),)),
            planned(source, "t", foreign_keys=(key("t_p_fkey", "p", "p"),), exclusions=(check("n > 0", S),)),
            planned(source, "p", exclusions=(duplicate("code", resolution=S), missing("code", S))),
        )
        source.prepare(plans)
        g, t, p = (read(source, plan) for plan in plans)
    assert values_of(p) == [(1, "a"), (4, "b")]
    assert values_of(t) == [(10, 1, 1), (15, None, 4)]
    assert values_of(g) == [(20, 10), (25, 15)]
    assert rejected(t) == [
        (11, "p: no row of p to refer to", True),
        (12, "p: no row of p to refer to", True),
        (13, "p: no row of p to refer to", True),
        (14, "breaks the check n > 0", True),
    ]
    assert {skip for _, _, skip in rejected(g)} == {True}


def test_orphans_may_lose_the_reference_and_stay() -> None:
    with opened(*FAMILY) as source:
        plans = (
            planned(source, "p", exclusions=(duplicate("code"),)),
            planned(source, "t", exclusions=(orphan("p", "p", "id", N),)),
            planned(source, "g", foreign_keys=(key("g_t_fkey", "t", "t"),)),
        )
        source.prepare(plans)
        t = read(source, plans[1], max_rows=4)
        figures = source.figures(plans[1], distinct=True)
        g = read(source, plans[2])
    assert [row[1] for row in values_of(t)] == [1, None, 3, None, 4, None]
    assert (altered(t), rejected(t), [chunk.read for chunk in t]) == ({"p": 2}, [], [4, 2])
    assert figures["p"] == {}
    assert figures["n"]["sum"] == 10
    assert len(values_of(g)) == 6


def test_columns_that_are_emptied_where_they_must_not_be_are_missing() -> None:
    with opened(*FAMILY) as source:
        plans = (
            planned(source, "p"),
            planned(source, "t", exclusions=(orphan("p", "p", "id", N), missing("p", S))),
            planned(source, "g", foreign_keys=(key("g_t_fkey", "t", "t"),)),
        )
        source.prepare(plans)
        t, g = (read(source, plan) for plan in plans[1:])
        assert source.figures(plans[1], distinct=False)["n"]["values"] == 4
    assert rejected(t) == [(at, "p: no value, but one is required", True) for at in (13, 15)]
    assert t[0].rejected[0].values["p"] == "99"
    assert (altered(t), [row[0] for row in values_of(g)]) == ({}, [20, 21, 22, 24])


def test_a_key_with_an_emptied_column_is_no_duplicate() -> None:
    ddl = (
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER, n INTEGER)",
        "INSERT INTO p VALUES (1)",
        "INSERT INTO t VALUES (1, 9, 1), (2, 9, 1), (3, 1, 1), (4, 1, 1)",
    )
    with opened(*ddl) as source:
        plans = (
            planned(source, "p"),
            planned(source, exclusions=(duplicate("p", "n"), orphan("p", "p", "id", N))),
        )
        source.prepare(plans)
        chunks = read(source, plans[1])
    assert values_of(chunks) == [(1, None, 1), (2, None, 1), (3, 1, 1)]
    assert altered(chunks) == {"p": 2}


def test_emptied_columns_refer_to_nothing_and_nothing_refers_to_them() -> None:
    """Two references share a column; a third table refers to a column that is emptied."""
    ddl = (
        "CREATE TABLE p (a INTEGER, b INTEGER, PRIMARY KEY (a, b))",
        "CREATE TABLE q (a INTEGER PRIMARY KEY)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER)",
        "CREATE TABLE g (id INTEGER PRIMARY KEY, a INTEGER)",
        "INSERT INTO p VALUES (1, 1)",
        "INSERT INTO q VALUES (1)",
        "INSERT INTO t VALUES (1, 1, 1), (2, 7, 7)",
        "INSERT INTO g VALUES (1, 1), (2, 7), (3, NULL)",
    )
    with opened(*ddl) as source:
        both = (Exclusion(("a", "b"), "p", ("a", "b"), N), orphan("a", "q", "a", S))
        plans = (
            *(planned(source, "p"), planned(source, "q"), planned(source, "t", exclusions=both)),
            planned(source, "g", foreign_keys=(key("g_a_fkey", "a", "t", "a"),)),
        )
        source.prepare(plans)
        t, g = (read(source, plan) for plan in plans[2:])
    assert values_of(t) == [(1, 1, 1), (2, None, None)]
    assert altered(t) == {"a": 1, "b": 1}
    assert values_of(g) == [(1, 1), (3, None)]


def test_values_that_become_null_need_no_parent_and_are_none() -> None:
    ddl = (
        "CREATE TABLE p (id, n)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, p)",
        "INSERT INTO p VALUES (1, 1), ('x', 2)",
        "INSERT INTO t VALUES (1, 1), (2, 'gone'), (3, 5)",
        "CREATE TABLE g (id INTEGER PRIMARY KEY, p)",
        "INSERT INTO g VALUES (1, 'x'), (2, 1)",
    )
    with opened(*ddl) as source:
        null = deciding(N, id=(INT64, "integer"), p=(INT64, "integer"))
        plans = (
            planned(source, "p", null),
            planned(source, "t", null, exclusions=(orphan("p", "p", "id"),)),
            planned(source, "g", exclusions=(orphan("p", "p", "id", S),)),
        )
        source.prepare(plans)
        p, t, g = (read(source, plan) for plan in plans)
    assert values_of(p) == [(1, 1), (None, 2)]
    assert values_of(t) == [(1, 1), (2, None)]
    assert rejected(t) == [(3, "p: no row of p to refer to", False)]
    assert [row[0] for row in values_of(g)] == [2]


def test_a_row_that_goes_with_its_parent_takes_no_others_place() -> None:
    """Also where the parent goes for being a duplicate, and the child's table is planned first."""
    ddl = (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER, code TEXT)",
        "INSERT INTO p VALUES (1, 'a'), (2, 'a')",
        "INSERT INTO t VALUES (1, 2, 'x'), (2, 1, 'x')",
    )
    with opened(*ddl) as source:
        plans = (
            planned(source, "t", exclusions=(duplicate("code"),), foreign_keys=(key("t_p_fkey", "p", "p"),)),
            planned(source, "p", exclusions=(duplicate("code", resolution=S),)),
        )
        source.prepare(plans)
        chunks = read(source, plans[0])
    assert values_of(chunks) == [(2, 1, "x")]
    assert rejected(chunks) == [(1, "p: no row of p to refer to", True)]


def test_rows_in_a_circle_come_to_an_end() -> None:
    """The second row is a duplicate of the first, which refers to it by way of the third."""
    ddl = (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER, code TEXT)",
        "INSERT INTO t VALUES (1, 3, 'a'), (2, NULL, 'a'), (3, 2, 'b'), (4, NULL, 'a'), (5, 5, 'c')",
    )
    with opened(*ddl) as source:
        plan = planned(source, exclusions=(duplicate("code"), orphan("up", "t", "id")))
        source.prepare((plan,))
        chunks = read(source, plan)
    assert values_of(chunks) == [(5, 5, "c")]
    assert [at for at, _, _ in rejected(chunks)] == [1, 2, 3, 4]


def test_preparing_again_forgets_what_was_emptied() -> None:
    with opened(*FAMILY) as source:
        plans = (planned(source, "p"), planned(source, "t", exclusions=(orphan("p", "p", "id", N),)))
        source.prepare(plans)
        source.prepare(tuple(replace(plan, exclusions=()) for plan in plans))
        chunks = read(source, plans[1])
        assert values_of(chunks)[3] == (13, 99, 3) and altered(chunks) == {}
        assert source.figures(plans[1], distinct=False)["p"]["max"] == 99


def test_tables_without_violations_are_read_as_ever() -> None:
    with opened(*FAMILY) as source:
        plan = planned(
            source, "g", exclusions=(missing("t"), check("t > 0"), duplicate("t"), orphan("t", "t", "id", N))
        )
        others = (planned(source, "p"), planned(source, "t"))
        source.prepare((plan, *others))
        assert source._excluded == {}
        assert len(values_of(read(source, plan))) == 6


# Any rows and any decisions, against a plain simulation.


@dataclass(frozen=True)
class World:
    """Rows of a parent and a child, and what is to become of those that violate a rule."""

    p: list[tuple[int, str | None]]
    t: list[tuple[int, int | None, str | None, int | str | None]]
    g: list[tuple[int, int | None]]
    dup_p: Resolution
    dup_t: Resolution
    required: Resolution
    checked: Resolution
    orphaned: Resolution
    misfit: Resolution
    anchored: bool
    """Whether the reference must not be NULL either."""


LEAVING = st.sampled_from([Q, S])


def numbered(*columns: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    rows = st.lists(st.tuples(*columns), max_size=8)
    return rows.map(lambda found: [(at, *row) for at, row in enumerate(found)])


WORLDS = st.builds(
    World,
    numbered(st.none() | st.sampled_from("ab")),
    numbered(
        st.none() | st.integers(0, 5), st.none() | st.sampled_from("ab"), st.sampled_from([None, -1, 1, 2, "x"])
    ),
    numbered(st.none() | st.integers(0, 9)),
    *[LEAVING] * 4,
    st.sampled_from([Q, S, N]),
    st.sampled_from([Q, S, N]),
    st.booleans(),
)
Fate = dict[int, tuple[str, bool]]


def simulated(world: World) -> tuple[Fate, Fate, Fate, set[int], dict[int, tuple[Any, ...]]]:
    """Why rows of each table are left out, which children lose their reference, and what is left of them."""
    p, t, g = Fate(), Fate(), Fate()
    emptied: set[int] = set()
    for at, code in world.p:
        if code is not None and any(code == other for earlier, other in world.p if earlier < at):
            p[at] = ("code: the same as an earlier row", world.dup_p is S)
    parents = {at for at, _ in world.p if at not in p}
    for at, up, code, n in world.t:
        if n == "x" and world.misfit is not N:
            t[at] = ("n: not an integer", world.misfit is S)
        elif code is None:
            t[at] = ("code: no value, but one is required", world.required is S)
        elif up is None and world.anchored:
            t[at] = ("p: no value, but one is required", world.required is S)
        elif n == -1:
            t[at] = ("breaks the check n > 0", world.checked is S)
        elif up is not None and up not in parents and world.orphaned is not N:
            t[at] = ("p: no row of p to refer to", world.orphaned is S)
        elif up is not None and up not in parents:
            emptied.add(at)
            if world.anchored:
                t[at] = ("p: no value, but one is required", world.required is S)
    seen = set()
    left = {}
    for at, up, code, n in world.t:
        if at in t:
            continue
        row = (None if at in emptied else up, code, None if n == "x" else n)
        if None not in row and row in seen:
            t[at] = ("p, code, n: the same as an earlier row", world.dup_t is S)
        else:
            left[at] = (at, *row)
            seen.add(row)
    for at, up in world.g:
        if t and up is not None and up not in left:
            g[at] = ("t: no row of t to refer to", all(skip for _, skip in t.values()))
    return p, t, g, emptied, left


def world_plans(source: SqliteSource, world: World) -> tuple[TablePlan, ...]:
    exclusions = (
        duplicate("p", "code", "n", resolution=world.dup_t),
        orphan("p", "p", "id", world.orphaned),
        missing("code", world.required),
        *([missing("p", world.required)] if world.anchored else []),
        check("n > 0", world.checked),
    )
    change = deciding(world.misfit, n=(INT64, "integer"))
    return (
        planned(source, "g", foreign_keys=(key("g_t_fkey", "t", "t"),)),
        planned(source, "t", change, exclusions=exclusions),
        planned(source, "p", exclusions=(duplicate("code", resolution=world.dup_p),)),
    )


@given(WORLDS, st.integers(1, 4))
def test_every_row_arrives_or_is_left_out_for_its_reason(world: World, size: int) -> None:
    ddl = (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER, code TEXT, n)",
        "CREATE TABLE g (id INTEGER PRIMARY KEY, t INTEGER)",
    )
    with opened(*ddl, *inserts("p", world.p), *inserts("t", world.t), *inserts("g", world.g)) as source:
        plans = world_plans(source, world)
        source.prepare(plans)
        g, t, p = (read(source, plan, max_rows=size) for plan in plans)
        figures = source.figures(plans[1], distinct=False)
    for_p, for_t, for_g, emptied, left = simulated(world)
    assert {at: (why, skip) for at, why, skip in rejected(p)} == for_p
    assert {at: (why, skip) for at, why, skip in rejected(t)} == for_t
    assert {at: (why, skip) for at, why, skip in rejected(g)} == for_g
    assert values_of(t) == list(left.values())
    for rows, chunks in ((world.p, p), (world.t, t), (world.g, g)):
        assert len(values_of(chunks)) + len(rejected(chunks)) == sum(chunk.read for chunk in chunks) == len(rows)
    nulled = {at for at, _, _, n in world.t if n == "x"}
    counts = {"p": len(emptied & left.keys()), "n": len(nulled & left.keys()) if world.misfit is N else 0}
    assert altered(t) == {column: count for column, count in counts.items() if count}
    assert figures["id"]["values"] == len(left)
    assert figures["p"] in ({}, {"values": 0, "nulls": len(left)}) or figures["p"]["nulls"] == sum(
        row[1] is None for row in left.values()
    )


def inserts(table: str, rows: Iterable[Sequence[object]]) -> list[str]:
    """Statements, with the few kinds of values that occur here."""
    return [f"INSERT INTO {table} VALUES ({', '.join(map(literal, row))})" for row in rows]


def literal(value: object) -> str:
    return "NULL" if value is None else repr(value)
