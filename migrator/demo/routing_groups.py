"""The rows of `routing_groups.db`: groups of routings, and of processes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import pairwise

from migrator.demo import values
from migrator.demo.values import Row, later, maybe_text, moment, plain, stored, stored_or_none

_PROCESS_GROUP = "INSERT INTO process_groups VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ROUTING_GROUP = "INSERT INTO routing_groups VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def tables(rng: random.Random, scale: float) -> Iterator[tuple[str, Iterable[Row]]]:
    """An INSERT statement and its rows for each table."""
    yield _PROCESS_GROUP, _process_groups(rng, values.count(400, scale))
    yield _ROUTING_GROUP, _routing_groups(rng, values.count(4_000, scale))


def _process_groups(rng: random.Random, rows: int) -> Iterator[Row]:
    for number in range(1, rows + 1):
        created = moment(rng)
        deleted = stored_or_none(rng, 0.1, created)
        columns = [{"key": f"c{i}", "label": rng.choice(values.PROCESSES), "visible": i < 3} for i in range(4)]
        yield (
            values.guid(rng),
            f"{rng.choice(values.PROCESSES)} 그룹 {number}",
            # The application's limit is 512 characters, which SQLite does not enforce: one is longer.
            _too_long() if number == 7 else maybe_text(rng),
            rng.choice(("machining", "post-process")),
            f"{rng.choice(('kim', 'lee', 'qa'))}{number % 40:03}",
            plain(columns),
            plain({"설비": rng.choice(("CNC-01", "MCT-7")), "lot": rng.randint(1, 50), "note": None}),
            int(deleted is None),
            rng.randint(1, 12),
            stored(created),
            stored(later(rng, created)),
            deleted,
        )


def _too_long() -> str:
    return "후처리 공정 표준서에서 그대로 붙여 넣은 설명. " * 20


def _routing_groups(rng: random.Random, rows: int) -> Iterator[Row]:
    for number in range(1, rows + 1):
        created = moment(rng)
        steps = [
            {
                "id": f"n{index}",
                "process": rng.choice(values.PROCESSES),
                "position": {"x": round(rng.uniform(-500, 500), 2), "y": rng.randint(0, 900)},
                "times": {"setup": rng.randint(0, 60), "run": round(rng.uniform(0.5, 90), 4)},
            }
            for index in range(rng.randint(1, 6))
        ]
        connections = [[one["id"], other["id"]] for one, other in pairwise(steps)]
        metadata = {"tags": values.some(rng, values.TAGS, 3), "비고": rng.choice(values.SENTENCES)}
        yield (
            values.guid(rng),
            f"라우팅-{number:05}",
            f"{rng.choice(('kim', 'lee', 'qa'))}{number % 40:03}",
            plain([f"SU-{rng.randint(1, 60_000):07}" for _ in range(rng.randint(1, 5))]),
            plain(steps),
            plain(connections),
            int(rng.random() < 0.4),
            rng.choice((plain(metadata), plain(metadata), "{}", None)),
            rng.randint(1, 30),
            stored(created),
            stored(later(rng, created)),
            stored_or_none(rng, 0.08, created),
        )
