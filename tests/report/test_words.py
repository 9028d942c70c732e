"""Numbers, names and lists in words."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.report import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.00 s"),
        (0.994, "0.99 s"),
        (0.996, "1.0 s"),
        (3.44, "3.4 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (3780, "1 h 03 min"),
        (90_000, "25 h 00 min"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (812, "812 B"), (999, "999 B"), (1000, "1.0 kB"), (12_400_000, "12.4 MB"), (999_960, "1.0 MB")],
)
def test_octets(size: int, text: str) -> None:
    assert words.octets(size) == text


@pytest.mark.parametrize(
    ("count", "noun", "text"),
    [
        (1, "table", "1 table"),
        (0, "row", "0 rows"),
        (2, "mismatch", "2 mismatches"),
        (3, "query", "3 queries"),
        (2, "key", "2 keys"),
    ],
)
def test_counted(count: int, noun: str, text: str) -> None:
    assert words.counted(count, noun) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("이름 é 🎉", "이름 é 🎉"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("a\u202eb", "a\\u202eb"),
        ("\x85\ud800", "\\x85\\ud800"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert words.visible(text) == shown


def test_visible_keeps_what_it_is_told_to() -> None:
    assert words.visible("a\nb\x00", keep="\n") == "a\nb\\x00"


@pytest.mark.parametrize(
    ("utc", "text"),
    [
        ("2026-07-30T09:15:00+00:00", "2026-07-30 09:15:00"),
        ("2026-07-30T09:15:00.123456Z", "2026-07-30 09:15:00"),
        ("2026-07-30T09:15:00+09:00", "2026-07-30T09:15:00+09:00"),
        ("", ""),
    ],
)
def test_moment(utc: str, text: str) -> None:
    assert words.moment(utc) == text


_NAMES = st.text(min_size=1, max_size=20)


@given(_NAMES, _NAMES)
def test_what_to_write_in_the_file_is_toml_that_means_the_place(table: str, column: str) -> None:
    lines = words.decide_by_file("text-nul", "null", "auth", table, column, frozenset())
    assert tomllib.loads("\n".join(lines)) == {"tables": {table: {"columns": {column: {"on_invalid": "null"}}}}}


@given(_NAMES)
def test_a_shared_table_name_is_written_with_its_source(table: str) -> None:
    lines = words.decide_by_file("orphan-rows", "skip", "auth", table, "x", frozenset({table}))
    assert tomllib.loads("\n".join(lines)) == {"tables": {f"auth.{table}": {"on_orphans": "skip"}}}
