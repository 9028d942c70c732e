"""How `alembic revision --autogenerate` writes this package's types, checks and defaults into a new revision.

Left to itself, Alembic writes what they are on the database it looks at, and the other one gets something else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.sql.expression import False_, True_

from migrator.models import types

_CONSTANTS = {
    id(getattr(types, name)): name
    for name in ("LONG_TEXT", "ROW_ID", "BOOL", "INT", "BIGINT", "FLOAT", "DATE", "TIMESTAMP", "UUID", "JSON")
}

Rendered = str | Literal[False]
"""Python, or False for Alembic's own choice."""


def render_item(kind: str, item: Any, _context: Any) -> Rendered:
    """For `context.configure(render_item=…)`: see
    https://alembic.sqlalchemy.org/en/latest/autogenerate.html#affecting-the-rendering-of-types-themselves.
    """
    render = _RENDERERS.get(kind)
    return False if render is None else render(item)


def _type(item: Any) -> Rendered:
    name = _CONSTANTS.get(id(item))
    return f"types.{name}" if name else False


def _check(item: sa.CheckConstraint) -> Rendered:
    column = item.info.get(types.JSON_COLUMN)
    return f'types.json_check("{column}", name=op.f("{item.name}"))' if column else False


def _server_default(item: Any) -> Rendered:
    match getattr(item, "arg", None):
        case types.literal() as text:
            return f"types.literal({text.value!r})"
        case types.utc_now():
            return "types.utc_now()"
        case True_():
            return "sa.true()"
        case False_():
            return "sa.false()"
    return False


_RENDERERS: dict[str, Callable[[Any], Rendered]] = {
    "type": _type,
    "check": _check,
    "server_default": _server_default,
}
