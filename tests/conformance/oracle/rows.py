"""What reading comes to."""

from __future__ import annotations

Rows = list[tuple[str | None, ...]]
