"""SQL in places where SQLAlchemy reads it as `text()`, which takes `:name` for a parameter. It is never parsed.

https://docs.sqlalchemy.org/en/21/core/sqlelement.html#sqlalchemy.sql.expression.text
"""

from __future__ import annotations

import re

from migrator.scaffold.code import Group, Text, call

_TAKEN_FOR_ESCAPED = re.compile(r"\\(?=:\w*(?![:\w]))")
"""A backslash that `text()` would remove, because a colon follows."""
_TAKEN_FOR_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w+(?![:\w]))")


def escaped(sql: str) -> str:
    """The SQL so that `text()` renders it as it was."""
    return _TAKEN_FOR_PARAMETER.sub(r"\\:", _TAKEN_FOR_ESCAPED.sub(r"\\\\", sql))


def raw(sql: str) -> Text:
    """A literal for an argument that SQLAlchemy makes a `text()` of."""
    return Text(escaped(sql))


def text(sql: str) -> Group:
    """`sa.text("…")`."""
    return call("sa.text", raw(sql))
