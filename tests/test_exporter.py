"""Reading ahead keeps order, hands errors over, and ends with its consumer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from migrator.exporter import read_ahead


def test_items_come_in_order() -> None:
    assert list(read_ahead(iter(range(100)))) == list(range(100))


def test_the_next_item_is_read_while_the_last_is_worked_on() -> None:
    started = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        started.set()
        yield 2

    with closing(read_ahead(items())) as ahead:
        assert next(ahead) == 1
        assert started.wait(5)


def test_what_reading_raises_reaches_the_consumer_after_what_came_before() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    seen = []
    with pytest.raises(OSError, match="gone"):
        seen.extend(read_ahead(items()))
    ahead = read_ahead(items())
    assert next(ahead) == 1
    with pytest.raises(OSError, match="gone"):
        next(ahead)


def test_a_consumer_that_stops_early_leaves_no_thread() -> None:
    before = threading.active_count()
    with closing(read_ahead(iter(range(1000)))) as ahead:
        assert next(ahead) == 0
    assert threading.active_count() == before
