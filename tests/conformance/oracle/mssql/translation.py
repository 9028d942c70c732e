"""From the PostgreSQL of the tests to T-SQL: the few forms that are the same but for their spelling.

What needs more is written in T-SQL where it stands, which comes through unchanged.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""(?P<hex>'\\x(?:[0-9a-fA-F]{2})*')
      | (?P<text>(?<![NnXx])'(?:[^']|'')*')
      | (?P<kept>[Nn]'(?:[^']|'')*' | "(?:[^"]|"")*" | \[(?:[^\]]|\]\])*\] | --[^\n]*)
      | (?P<word>\b(?:true|false|public)\b)
    """,
    re.VERBOSE,
)
_WORDS = {"true": "1", "false": "0", "public": "dbo"}
_RETURNING = re.compile(
    r"^(?P<into>\s*INSERT\s+INTO\s+(?:\[(?:[^\]]|\]\])*\]|\"(?:[^\"]|\"\")*\"|\w+)(?:\s*\((?:[^'])*?\))?)\s+"
    r"(?P<what>(?:DEFAULT\s+)?VALUES.*)\s+RETURNING\s+(?P<names>.+)$",
    re.DOTALL,
)
_NAME = re.compile(r'"(?:[^"]|"")*"|\w+')
_GO = re.compile(r"^\s*GO\s*;?\s*$", re.MULTILINE | re.IGNORECASE)


def translated(statement: str) -> str:
    """The same in T-SQL: Unicode constants, bytes, truth values, the default schema, RETURNING."""
    return _TOKEN.sub(_token, _returning(statement))


def _token(match: re.Match[str]) -> str:
    found = match[0]
    if match["hex"]:
        return "0x" + found[3:-1]
    if match["text"]:
        return f"N{found}"
    return _WORDS[found] if match["word"] else found


def _returning(statement: str) -> str:
    match = _RETURNING.match(statement)
    if match is None:
        return statement
    names = ", ".join(f"inserted.{name}" for name in _NAME.findall(match["names"]))
    return f"{match['into']} OUTPUT {names} {match['what']}"


def batches(script: str) -> list[str]:
    """What `sqlcmd` would send one by one: https://learn.microsoft.com/sql/t-sql/language-elements/sql-server-utilities-statements-go"""
    return [batch for batch in _GO.split(script) if batch.strip()]
