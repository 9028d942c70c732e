"""Keys and indexes that the target cannot hold are known while planning."""

from __future__ import annotations

import pytest

from migrator.model import types as t
from migrator.model.findings import Resolution
from migrator.model.profile import ColumnProfile, TableProfile
from migrator.model.schema import Column, Index, IndexPart, Key, Table
from migrator.model.types import LogicalType
from migrator.planner.keys import has_exact_key, key_problem, length_problem
from migrator.planner.types import Choice
from migrator.targets.postgresql import DIALECT


def choice(type: LogicalType, *, merging: bool = False) -> Choice:
    return Choice(type, "any", None, "", Resolution.STOP, False, 0, merging, (), ())


def profile(**longest: int) -> TableProfile:
    columns = (ColumnProfile(name, 0, (), (), longest=octets) for name, octets in longest.items())
    return TableProfile("t", 2, tuple(columns))


@pytest.mark.parametrize(
    ("longest", "types", "possible"),
    [
        ({"a": 2600}, {"a": t.TEXT}, True),
        ({"a": 2700}, {"a": t.TEXT}, False),
        ({"a": 2700}, {"a": t.BINARY}, False),
        ({"a": 2700}, {"a": t.INT64}, True),
        ({"a": 1500, "b": 1500}, {"a": t.TEXT, "b": t.BINARY}, False),
        ({"a": 1500, "b": 1500}, {"a": t.TEXT, "b": t.UUID}, True),
    ],
)
def test_what_an_index_holds(longest: dict[str, int], types: dict[str, LogicalType], possible: bool) -> None:
    choices = {("t", name): choice(type) for name, type in types.items()}
    assert (length_problem(longest, profile(**longest), choices, DIALECT) is None) == possible
    assert (key_problem(longest, profile(**longest), choices, DIALECT) is None) == possible


def test_values_that_become_equal_cannot_be_a_key_but_be_indexed() -> None:
    choices = {("t", "a"): choice(t.TEXT), ("t", "b"): choice(t.TEXT, merging=True)}
    found = key_problem(("a", "b"), profile(a=1, b=1), choices, DIALECT)
    assert found == "different values of b become equal in the target"
    assert length_problem(("a", "b"), profile(a=1, b=1), choices, DIALECT) is None


@pytest.mark.parametrize(
    ("columns", "exact"), [(("a",), True), (("b", "c"), True), (("c", "b"), True), (("d",), True), (("b",), False)]
)
def test_a_parent_key_is_exact(columns: tuple[str, ...], exact: bool) -> None:
    table = Table(
        "t",
        tuple(Column(name, "TEXT") for name in "abcdef"),
        primary_key=Key(("a",)),
        uniques=(Key(("b", "c")),),
        indexes=(
            Index("i", (IndexPart("d"),), unique=True),
            Index("j", (IndexPart("e", collation="NOCASE"),), unique=True),
            Index("k", (IndexPart("f"),)),
        ),
    )
    assert has_exact_key(table, columns) == exact
    assert not has_exact_key(table, ("e",)) and not has_exact_key(table, ("f",))
