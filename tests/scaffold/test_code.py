"""Python source as the formatter leaves it, whatever is in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import given, settings

from migrator.scaffold.code import Group, Node, Text, assignment, call, listed, tupled

WORDS = st.text(st.sampled_from("abcde fghij\"'\\%:고객\t\n."), max_size=30)
_SQL_WORDS = ['"a b"', "<> 'x'", "AND", "SELECT", "FROM", "LEFT JOIN", "WHERE", "나다라", "x" * 120]
SQL = st.lists(st.sampled_from(_SQL_WORDS), max_size=30)
TEXTS = st.one_of(WORDS, SQL.map(" ".join)).map(Text)
NAMES = st.text(st.sampled_from("abcdefghij_"), min_size=1, max_size=30).map(lambda name: f"n{name}")
LEAVES: st.SearchStrategy[Node] = st.one_of(TEXTS, NAMES)


def _call(function: str, arguments: list[Node], named: dict[str, Node]) -> Node:
    return call(function, *arguments, **named)


NODES: st.SearchStrategy[Node] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(_call, NAMES, st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=3)),
        st.lists(inner, max_size=4).map(listed),
        st.lists(inner, min_size=1, max_size=4).map(tupled),
    ),
    max_leaves=12,
)
CALLS = st.builds(_call, NAMES, st.lists(NODES, max_size=4), st.dictionaries(NAMES, NODES, max_size=3))

ANNOTATIONS = st.sampled_from(["", "Mapped[int | None]", 'Mapped["Child"]'])


def formatted(source: str) -> str:
    """What `ruff format` makes of it."""
    made = subprocess.run(
        (Path(sys.executable).with_name("ruff"), "format", "--isolated", "--stdin-filename", "x.py", "-"),
        input=source.encode(),
        capture_output=True,
        check=True,
    )
    return made.stdout.decode()


@settings(max_examples=60)
@given(st.lists(st.tuples(NAMES, ANNOTATIONS, CALLS), min_size=8, max_size=8))
def test_the_formatter_leaves_any_tree_as_it_is(statements: list[tuple[str, str, Group]]) -> None:
    printed = [line for name, annotation, node in statements for line in assignment(name, annotation, node)]
    source = "\n".join(printed) + "\n"
    assert formatted(source) == source
