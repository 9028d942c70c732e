"""Expressions from tokens, by Access's operator precedence.

https://learn.microsoft.com/office/vba/language/reference/user-interface-help/operator-precedence
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.tokens import Sort, Token, moment, tokens
from migrator.sources.access.sql.tree import (
    Between,
    Binary,
    Call,
    Constant,
    In,
    IsNull,
    Name,
    Node,
    Star,
    Subject,
    Unary,
)

_BINARY: Final[tuple[frozenset[str], ...]] = tuple(
    map(frozenset, (["IMP"], ["EQV"], ["XOR"], ["OR"], ["AND"], ["NOT"], ["=", "<>", "<", ">", "<=", ">="], ["&"]))
) + tuple(map(frozenset, (["+", "-"], ["MOD"], ["\\"], ["*", "/"])))
"""Operators from the weakest to the strongest; unary minus and `^` come after them."""

_NOT: Final = 5
_COMPARISON: Final = 6
_CONCATENATION: Final = 7

_CONSTANTS: Final = {
    "TRUE": True,
    "YES": True,
    "ON": True,
    "FALSE": False,
    "NO": False,
    "OFF": False,
    "NULL": None,
}
_OPERATORS: Final = frozenset(
    {"AND", "OR", "NOT", "XOR", "EQV", "IMP", "MOD", "LIKE", "ALIKE", "IN", "IS", "BETWEEN"}
)
_CLAUSES: Final = frozenset(
    {"SELECT", "EXISTS", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "BY", "UNION", "AS", "WITH"}
)
_WORDS: Final = _OPERATORS | _CLAUSES | {"ON", "INNER", "LEFT", "RIGHT", "JOIN"}
"""Words that are no name without brackets. LEFT and RIGHT are functions where a bracket follows."""
_PREDICATES: Final = frozenset({"LIKE", "ALIKE", "IN", "BETWEEN", "IS"})


class Parser:
    """Reads tokens from left to right. With a `subject`, an operator may stand without its left operand."""

    def __init__(self, sql: str, *, subject: bool = False) -> None:
        self._tokens = tokens(sql)
        self._at = 0
        self._subject = subject

    @property
    def here(self) -> Token:
        """The next token."""
        return self._tokens[self._at]

    def ahead(self, count: int = 1) -> Token:
        """A token after the next."""
        return self._tokens[min(self._at + count, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next token, passed over."""
        token = self.here
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def skip(self, *words: str) -> bool:
        """Pass over these words, if they come next."""
        if all(self.ahead(i).word() == word for i, word in enumerate(words)):
            self._at += len(words)
            return True
        return False

    def expect(self, *words: str) -> None:
        """Pass over these words. Raises Refused when others come."""
        if not self.skip(*words):
            raise self.unexpected()

    def unexpected(self) -> Refused:
        """That the next token should not be there."""
        return Refused(f"It cannot be read at {self.here.text!r}." if self.here.text else "It ends too early.")

    def end(self) -> None:
        """Raises Refused unless everything is read."""
        if self.here.sort is not Sort.END:
            raise self.unexpected()

    def expression(self, level: int = 0) -> Node:
        """An expression of operators at least as strong as a level. Raises Refused."""
        if level == len(_BINARY):
            return self._signed()
        if level == _NOT:
            return self._negated()
        left = self.expression(level + 1) if level != _COMPARISON else self._left()
        while True:
            if level == _COMPARISON and self._predicate_next():
                left = self._predicate(left)
            elif self.here.word() in _BINARY[level]:
                operator = self.take().word()
                left = Binary(operator, left, self.expression(level + 1))
            else:
                return left

    def _left(self) -> Node:
        """The left operand of a comparison, which a validation rule may leave out."""
        if self._subject and (self.here.word() in _BINARY[_COMPARISON] or self._predicate_next()):
            return Subject()
        return self.expression(_CONCATENATION)

    def _negated(self) -> Node:
        if self.here.word() == "NOT" and not (self._subject and self._predicate_next()):
            self.take()
            return Unary("NOT", self.expression(_NOT))
        return self.expression(_COMPARISON)

    def _predicate_next(self) -> bool:
        word = self.here.word()
        return (self.ahead().word() if word == "NOT" else word) in _PREDICATES

    def _predicate(self, value: Node) -> Node:
        negated = self.skip("NOT")
        word = self.take().word()
        if word == "IS":
            negated = self.skip("NOT") or negated
            self.expect("NULL")
            node: Node = IsNull(value)
        elif word == "IN":
            node = In(value, self._listed())
        elif word == "BETWEEN":
            low = self.expression(_CONCATENATION)
            self.expect("AND")
            node = Between(value, low, self.expression(_CONCATENATION))
        else:
            node = Binary(word, value, self.expression(_CONCATENATION))
        return Unary("NOT", node) if negated else node

    def _signed(self) -> Node:
        """A sign binds more weakly than `^`."""
        if self.here.word() in {"-", "+"}:
            return Unary(self.take().word(), self._signed())
        left = self._primary()
        while self.skip("^"):
            sign = self.take().word() if self.here.word() in {"-", "+"} else ""
            right = self._primary()
            left = Binary("^", left, Unary(sign, right) if sign else right)
        return left

    def _primary(self) -> Node:
        token = self.here
        if token.sort in {Sort.TEXT, Sort.NUMBER, Sort.DATE}:
            return _constant(self.take())
        if self.skip("("):
            inner = self.expression()
            self.expect(")")
            return inner
        if token.sort is Sort.WORD and self.ahead().word() == "(":
            return self._call()
        if token.sort is Sort.NAME or (token.sort is Sort.WORD and token.word() not in _WORDS):
            return self._name()
        if token.word() in {"SELECT", "EXISTS"}:
            raise Refused("It holds a query inside an expression.")
        raise self.unexpected()

    def _call(self) -> Node:
        if self.here.word() in _WORDS - {"LEFT", "RIGHT"}:
            raise Refused("It holds a query inside an expression.") if self.skip("EXISTS") else self.unexpected()
        name = self.take().text.lower().removesuffix("$")
        return Call(name, self._listed())

    def _listed(self) -> tuple[Node, ...]:
        """Expressions in brackets."""
        self.expect("(")
        if self.here.word() == "SELECT":
            raise Refused("It holds a query inside an expression.")
        items: list[Node] = []
        while not self.skip(")"):
            if items:
                self.expect(",")
            items.append(Star() if self.skip("*") else self.expression())
        return tuple(items)

    def _name(self) -> Node:
        first = self.take()
        if first.sort is Sort.WORD and first.word() in _CONSTANTS and self.here.word() not in {".", "!"}:
            return Constant(_CONSTANTS[first.word()])
        parts, bang = [first.text], False
        while self.here.word() in {".", "!"}:
            bang = self.take().word() == "!" or bang
            if self.skip("*"):
                return Star(".".join(parts))
            parts.append(self.name())
        return Name(tuple(parts), bang)

    def name(self) -> str:
        """A name of one part. Raises Refused."""
        if self.here.sort not in {Sort.NAME, Sort.WORD}:
            raise self.unexpected()
        return self.take().text


def _constant(token: Token) -> Constant:
    if token.sort is Sort.TEXT:
        return Constant(token.text)
    if token.sort is Sort.DATE:
        return Constant(moment(token.text))
    return Constant(int(token.text) if token.text.isdigit() and len(token.text) < 16 else _decimal(token.text))


def _decimal(text: str) -> Decimal:
    value = Decimal(text)
    if not -300 < value.adjusted() < 300:
        raise Refused(f"The number {text[:20]} is beyond what Access calculates with.")
    return value


def parsed(sql: str, *, subject: bool = False) -> Node:
    """A whole expression; with a `subject`, a validation rule that may leave out its column.

    Raises:
        Refused: It cannot be read.
    """
    parser = Parser(sql, subject=subject)
    node = parser.expression()
    parser.end()
    return node
