"""SQLite's SQL text as sqlglot trees, and what sqlglot does not keep: how an identifier was quoted.

Nothing here resolves or rewrites anything.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from sqlglot import exp, parse_one, tokenize
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token, TokenType

DIALECT: Final = "sqlite"

# What sqlglot warns about is refused here; without a handler its warnings would reach the user's terminal.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())

_PREFIX: Final = "SELECT "
"""An expression is parsed as a SELECT's only column: on its own sqlglot reads REPLACE(…) as a statement."""


@dataclass(frozen=True, slots=True)
class Quoting:
    """The text a tree was parsed from."""

    sql: str

    def double(self, identifier: exp.Identifier) -> bool:
        """Whether the identifier stands in "double quotes", the only ones that may also mean a string."""
        start = identifier.meta.get("start")
        return isinstance(start, int) and self.sql[start : start + 1] == '"'


@dataclass(frozen=True, slots=True)
class ViewText:
    """A parsed CREATE VIEW: its name, its column list (empty without one) and its SELECT."""

    name: str
    columns: tuple[str, ...]
    query: exp.Query
    quoting: Quoting


def parsed_expression(sql: str) -> tuple[exp.Expr, Quoting]:
    """One expression.

    Raises:
        SqlglotError: It is none.
    """
    text = f"{_PREFIX}{sql}\n"
    select = parse_one(text, read=DIALECT)
    given = {name for name, value in select.args.items() if value}
    if not isinstance(select, exp.Select) or given != {"expressions"} or len(select.expressions) != 1:
        raise ParseError(f"not one expression: {sql}")
    return select.expressions[0], Quoting(text)


def parsed_view(sql: str) -> ViewText:
    """A CREATE VIEW statement, https://sqlite.org/lang_createview.html.

    Raises:
        SqlglotError: It is none, or its SELECT cannot be parsed.
    """
    tokens = tokenize(sql, read=DIALECT)
    start = next((i for i, token in enumerate(tokens) if token.token_type is TokenType.ALIAS), len(tokens) - 1)
    head, body = tokens[:start], sql[tokens[start].end + 1 :] if tokens else ""
    query = parse_one(body, read=DIALECT)
    if isinstance(query, exp.Values):
        query = exp.Select(expressions=[exp.Star()], from_=exp.From(this=query))
    if not isinstance(query, exp.Query):
        raise ParseError(f"not a CREATE VIEW statement: {sql}")
    name, columns = _named(head)
    return ViewText(name, columns, query, Quoting(body))


def _named(head: list[Token]) -> tuple[str, tuple[str, ...]]:
    """The view's name and column list from the tokens before AS."""
    bracket = next((i for i, token in enumerate(head) if token.token_type is TokenType.L_PAREN), len(head))
    punctuation = (TokenType.L_PAREN, TokenType.R_PAREN, TokenType.COMMA)
    columns = tuple(token.text for token in head[bracket:] if token.token_type not in punctuation)
    return (head[bracket - 1].text if bracket else ""), columns
