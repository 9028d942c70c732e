"""Parents come before children, as far as cycles allow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from migrator.order import parents_first

names = st.sampled_from("abcdefgh")
graphs = st.dictionaries(names, st.lists(names, max_size=4), max_size=8)


def reaches(parents: dict[str, list[str]], start: str, goal: str) -> bool:
    """Whether `goal` is among the ancestors of `start`."""
    seen: set[str] = set()
    todo = [p for p in parents.get(start, []) if p in parents]
    while todo:
        each = todo.pop()
        if each == goal:
            return True
        if each not in seen:
            seen.add(each)
            todo.extend(p for p in parents[each] if p in parents)
    return False


@given(graphs)
def test_every_table_comes_once_and_after_each_parent_it_is_in_no_cycle_with(
    parents: dict[str, list[str]],
) -> None:
    order = parents_first(parents)
    assert sorted(order) == sorted(parents)
    for child, above in parents.items():
        for parent in above:
            if parent in parents and parent != child and not reaches(parents, parent, child):
                assert order.index(parent) < order.index(child)


def test_unrelated_tables_keep_their_order() -> None:
    assert parents_first({"c": [], "a": [], "b": ["a"]}) == ("c", "a", "b")


def test_cycles_and_self_references_are_cut() -> None:
    assert parents_first({"a": ["b"], "b": ["a"], "c": ["c", "missing"]}) == ("b", "a", "c")
