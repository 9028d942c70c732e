"""Anonymous blocks: several statements, or a condition around one, as one statement.

https://www.postgresql.org/docs/current/sql-do.html
"""

from __future__ import annotations


def block(*lines: str, exception: str = "") -> str:
    """A DO statement; `exception` is its EXCEPTION clause."""
    body = "\n".join(("BEGIN", *(f"    {line}" for line in lines), *([exception] if exception else ()), "END"))
    mark = "$$"
    while mark in body:
        mark = f"${mark[1:-1]}m$"
    return f"DO {mark}\n{body}\n{mark}"
