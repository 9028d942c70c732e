"""Names for Python."""

from __future__ import annotations

import keyword

import hypothesis.strategies as st
import pytest
from hypothesis import given

from migrator.scaffold.words import Taken, class_name, identifier, plural, singular


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("id", "id"),
        ("ArtistId", "artist_id"),
        ("HTTPCode", "http_code"),
        ("ITEM_CD", "item_cd"),
        ("two words", "two_words"),
        (" edge ", "edge"),
        ("a.b-c", "a_b_c"),
        ("__table__", "table"),
        ("2024", "column_2024"),
        ("😀", "column"),
        ("", "column"),
        ("고객 정보", "고객_정보"),
        ("ﬁ", "fi"),
        ("x²", "x2"),
        ("naïve café", "naïve_café"),
    ],
)
def test_identifiers(name: str, expected: str) -> None:
    assert identifier(name, otherwise="column") == expected


@given(st.text())
def test_any_name_gives_an_identifier_that_python_leaves_as_it_is(name: str) -> None:
    made = identifier(name, otherwise="column")
    assert made.isidentifier()
    assert list(compile(f"{made if not keyword.iskeyword(made) else 'x'} = 1", "", "exec").co_names) == (
        [made] if not keyword.iskeyword(made) else ["x"]
    )


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("artists", "Artist"),
        ("order_items", "OrderItem"),
        ("OrderItem", "OrderItem"),
        ("TRACK", "Track"),
        ("people", "Person"),
        ("2024", "Table2024"),
        ("고객 정보", "고객정보"),
        ("status", "Status"),
    ],
)
def test_class_names(table: str, expected: str) -> None:
    assert class_name(table) == expected


NUMBERS = [
    ("album", "albums"),
    ("category", "categories"),
    ("day", "days"),
    ("address", "addresses"),
    ("status", "statuses"),
    ("box", "boxes"),
    ("branch", "branches"),
    ("dish", "dishes"),
    ("invoice_line", "invoice_lines"),
    ("movie", "movies"),
    ("price", "prices"),
    ("house", "houses"),
    ("person", "people"),
    ("grand_child", "grand_children"),
    ("series", "series"),
    ("news", "news"),
    ("고객", "고객"),
    ("table2", "table2"),
]


@pytest.mark.parametrize(("one", "many"), NUMBERS)
def test_singular_and_plural(one: str, many: str) -> None:
    assert (singular(one), singular(many), plural(one), plural(many)) == (one, one, many, many)


def test_taken_names_get_the_next_wish_then_a_number() -> None:
    taken = Taken(["id", "user"])
    wishes = [("user", "owner"), ("user", "owner"), ("class",), ("t2",), ("t2",)]
    assert [taken.first(*each) for each in wishes] == ["owner", "owner2", "class2", "t2", "t2_2"]
