"""Write invented `rsl_store.db` and `routing_groups.db` beside `routing.accdb`: the same rows in every run."""

from __future__ import annotations

from pathlib import Path

from migrator.demo import generate

if __name__ == "__main__":
    generate(Path(__file__).parent)
