"""SQLite's tokens: the exact rules by which SQLite cuts SQL text, and a reader that walks over them.

It knows quotes, comments and parentheses, and no statement; it never changes a token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


class NotUnderstood(ValueError):
    """The text is no statement of the expected kind."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token of SQL. `kind` is `word`, `quoted` (an identifier in quotes), `string`, `blob`, `number`,
    `variable` or `symbol`; `text` is as written, at `start` of the statement."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the token ends in the statement."""
        return self.start + len(self.text)

    @property
    def keyword(self) -> str:
        """The word in upper case, '' for anything that is not an unquoted word."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def name(self) -> str:
        """What the token means as a name. SQLite also takes 'strings' as names."""
        if self.kind == "word" or not self.text:
            return self.text
        if self.text[0] == "[":
            return self.text[1:-1]
        return self.text[1:-1].replace(self.text[0] * 2, self.text[0])


# SQLite's rules: https://sqlite.org/src/file/src/tokenize.c. Every character from U+0080 on may stand in an
# identifier; a byte order mark between tokens is white space; an unclosed comment runs to the end.
_ID = r"A-Za-z0-9_$\x80-\U0010ffff"
_TOKEN = re.compile(
    rf"""
      (?P<skip> [ \t\n\f\r\ufeff]+ | --[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<blob> [xX]'[0-9A-Fa-f]*' )
    | (?P<string> '[^']*(?:''[^']*)*' )
    | (?P<quoted> "[^"]*(?:""[^"]*)*" | `[^`]*(?:``[^`]*)*` | \[[^\]]*\] )
    | (?P<number> 0[xX][0-9A-Fa-f_]+ | (?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)? )
    | (?P<word> [A-Za-z_\x80-\U0010ffff][{_ID}]* )
    | (?P<variable> \?[0-9]* | [@:$\#][{_ID}]+ )
    | (?P<symbol> [^'"`\[] )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(sql: str) -> Iterator[Token]:
    """The tokens of a statement, without white space and comments.

    Raises:
        NotUnderstood: A quote is never closed.
    """
    position = 0
    while position < len(sql):
        match = _TOKEN.match(sql, position)
        if match is None:
            raise NotUnderstood(f"a quote at character {position + 1} is never closed")
        assert match.lastgroup is not None
        if match.lastgroup != "skip":
            yield Token(match.lastgroup, match.group(), position)
        position = match.end()


class Reader:
    """A run of a statement's tokens (all of them, unless given), read from left to right.

    Raises:
        NotUnderstood: A quote is never closed; and from every method that does not find what it must.
    """

    def __init__(self, sql: str, run: list[Token] | None = None) -> None:
        self._sql = sql
        self._tokens = list(tokens(sql)) if run is None else run
        self._next = 0

    @property
    def peek(self) -> Token | None:
        """The next token, None at the end."""
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    @property
    def text(self) -> str:
        """What is left to read, as written."""
        rest = self._tokens[self._next :]
        return self._sql[rest[0].start : rest[-1].end] if rest else ""

    def take(self) -> Token:
        """Pass over the next token."""
        token = self.peek
        if token is None:
            raise NotUnderstood("the text ends too early")
        self._next += 1
        return token

    def accept(self, *words: str) -> bool:
        """Pass over these words, all of them or none."""
        ahead = self._tokens[self._next : self._next + len(words)]
        if tuple(token.keyword for token in ahead) != words:
            return False
        self._next += len(words)
        return True

    def accept_any(self, *words: str) -> bool:
        """Pass over one of these words."""
        return any(self.accept(word) for word in words)

    def accept_symbol(self, symbol: str) -> bool:
        """Pass over this symbol."""
        if self.peek is None or self.peek.kind != "symbol" or self.peek.text != symbol:
            return False
        self._next += 1
        return True

    def expect(self, *words: str) -> None:
        """Pass over these words, which must be there."""
        if not self.accept(*words):
            raise NotUnderstood(f"{' '.join(words)} is missing")

    def name(self) -> str:
        """Pass over a name and return what it means."""
        token = self.take()
        if token.kind not in ("word", "quoted", "string"):
            raise NotUnderstood(f"{token.text!r} stands where a name should")
        return token.name

    def at_group(self) -> bool:
        """Whether a parenthesis opens here."""
        return self.peek is not None and self.peek.text == "("

    def group(self) -> Reader:
        """The tokens between this parenthesis and the one that closes it."""
        if not self.accept_symbol("("):
            raise NotUnderstood("a parenthesis is missing")
        start, depth = self._next, 1
        while depth:
            depth += {"(": 1, ")": -1}.get(self.take().text, 0)
        return Reader(self._sql, self._tokens[start : self._next - 1])

    def parts(self) -> Iterator[Reader]:
        """What is left to read, cut at the commas outside of parentheses."""
        part: list[Token] = []
        depth = 0
        while self.peek is not None:
            token = self.take()
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if token.text == "," and depth == 0:
                yield Reader(self._sql, part)
                part = []
            else:
                part.append(token)
        yield Reader(self._sql, part)

    def drop_end(self, count: int, *words: str) -> bool:
        """Leave out the last `count` tokens if they begin with one of these words and others precede them."""
        if len(self._tokens) - self._next <= count or self._tokens[-count].keyword not in words:
            return False
        del self._tokens[-count:]
        return True
