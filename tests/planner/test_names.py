"""Target names are kept where possible, and short, distinct and stable where not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.options import Naming
from migrator.planner.names import Namespace, styled


def namespace(naming: Naming = Naming.KEEP, reserved: frozenset[str] = frozenset()) -> Namespace:
    return Namespace(63, lambda name: len(name.encode()), naming, reserved)


@given(st.lists(st.text(min_size=1, max_size=80).filter(lambda s: s.isprintable()), unique=True, max_size=20))
def test_names_are_distinct_and_within_the_limit_and_alike_in_every_run(names: list[str]) -> None:
    first, second = namespace(), namespace()
    taken = [first.take(name) for name in names]
    assert taken == [second.take(name) for name in names]
    assert len(set(taken)) == len(names)
    for old, new in zip(names, taken, strict=True):
        assert len(new.encode()) <= 63
        assert new == old or len(old.encode()) > 63 or old in taken


def test_names_equal_up_to_the_limit_stay_apart() -> None:
    space = namespace()
    one, other = space.take("x" * 63 + "a"), space.take("x" * 63 + "b")
    assert one != other
    assert one.startswith("x" * 50)


def test_korean_names_are_cut_between_characters() -> None:
    assert namespace().take("체크" * 20).encode().decode().startswith("체크체크")


def test_reserved_names_are_changed() -> None:
    assert namespace(reserved=frozenset({"ctid"})).take("ctid") != "ctid"


@pytest.mark.parametrize(
    ("name", "naming", "expected"),
    [
        ("UserName", Naming.KEEP, "UserName"),
        ("UserName", Naming.LOWER, "username"),
        ("UserName", Naming.SNAKE, "user_name"),
        ("HTTPServer", Naming.SNAKE, "http_server"),
        ("unit price ($)", Naming.SNAKE, "unit_price"),
        ("체크 항목", Naming.SNAKE, "체크_항목"),
        ("$$$", Naming.SNAKE, "$$$"),
    ],
)
def test_styles(name: str, naming: Naming, expected: str) -> None:
    assert styled(name, naming) == expected


def test_names_that_become_equal_in_a_style_stay_apart() -> None:
    space = namespace(Naming.LOWER)
    assert space.take("Users") == "users"
    assert space.take("USERS").startswith("users_")
