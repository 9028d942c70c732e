"""SELECT and UNION from tokens.

https://learn.microsoft.com/office/client-developer/access/desktop-database-reference/select-statement-microsoft-access-sql
"""

from __future__ import annotations

from typing import Final

from migrator.sources.access.sql.parsing import Parser
from migrator.sources.access.sql.refusal import Refused
from migrator.sources.access.sql.tokens import Sort
from migrator.sources.access.sql.tree import Item, Join, Node, Query, Select, Source, Star, Term, Tree, Union

_CLAUSES: Final = frozenset({"WHERE", "GROUP", "HAVING", "ORDER", "UNION", "WITH", "IN", "INTO", "ON", "AS"})
_JOINS: Final = frozenset({"INNER", "LEFT", "RIGHT", "JOIN"})


def parsed_query(sql: str) -> Query:
    """A whole statement.

    Raises:
        Refused: It is no SELECT or UNION, or cannot be read.
    """
    parser = Parser(sql)
    if parser.here.word() == "PARAMETERS":
        raise Refused("It asks for parameters.")
    query = _union(parser)
    if parser.skip("WITH", "OWNERACCESS", "OPTION"):
        raise Refused("It reads with the rights of its owner.")
    parser.skip(";")
    parser.end()
    return query


def _union(parser: Parser) -> Query:
    query: Query = _operand(parser)
    while parser.skip("UNION"):
        if isinstance(query, Select) and query.order:
            raise Refused("It orders a part of a UNION.")
        everything = parser.skip("ALL")
        right = _operand(parser)
        order = right.order
        bare = Select(
            right.word, right.top, right.items, right.sources, right.where, right.group, right.having, ()
        )
        if isinstance(query, Union) and query.order:
            raise Refused("It orders a part of a UNION.")
        query = Union(query, bare, everything, order)
    return query


def _operand(parser: Parser) -> Select:
    if parser.skip("TABLE"):
        name = parser.name()
        return Select("", None, (Item(Star(), None),), (Source(name, name),), None, (), None, ())
    if parser.here.word() == "(":
        raise Refused("It holds a query in brackets.")
    return _select(parser)


def _select(parser: Parser) -> Select:
    parser.expect("SELECT")
    word, top = "", None
    while parser.here.word() in {"ALL", "DISTINCT", "DISTINCTROW", "TOP"}:
        found = parser.take().word()
        if found == "TOP":
            top = _top(parser)
        elif found != "ALL":
            word = found
    items = [_item(parser)]
    while parser.skip(","):
        items.append(_item(parser))
    if parser.here.word() == "INTO":
        raise Refused("It makes a table.")
    sources = _from(parser) if parser.skip("FROM") else ()
    where = parser.expression() if parser.skip("WHERE") else None
    group = _listed(parser) if parser.skip("GROUP", "BY") else ()
    having = parser.expression() if parser.skip("HAVING") else None
    order = _order(parser) if parser.skip("ORDER", "BY") else ()
    return Select(word, top, tuple(items), sources, where, group, having, order)


def _top(parser: Parser) -> int:
    token = parser.take()
    if token.sort is not Sort.NUMBER or not token.text.isdigit():
        raise Refused("The number after TOP is no constant.")
    if parser.skip("PERCENT"):
        raise Refused("TOP … PERCENT depends on how many rows there are.")
    return int(token.text)


def _item(parser: Parser) -> Item:
    value = Star() if parser.skip("*") else parser.expression()
    return Item(value, parser.name() if parser.skip("AS") else None)


def _listed(parser: Parser) -> tuple[Node, ...]:
    found = [parser.expression()]
    while parser.skip(","):
        found.append(parser.expression())
    return tuple(found)


def _order(parser: Parser) -> tuple[Term, ...]:
    found: list[Term] = []
    while not found or parser.skip(","):
        value = parser.expression()
        descending = parser.skip("DESC")
        if not descending:
            parser.skip("ASC")
        found.append(Term(value, descending))
    return tuple(found)


def _from(parser: Parser) -> tuple[Tree, ...]:
    found = [_tree(parser)]
    while parser.skip(","):
        found.append(_tree(parser))
    if parser.here.word() == "IN":
        raise Refused("It reads another database.")
    return tuple(found)


def _tree(parser: Parser) -> Tree:
    left = _source(parser)
    while parser.here.word() in _JOINS:
        kind = parser.take().word()
        if kind != "JOIN":
            parser.skip("OUTER")
            parser.expect("JOIN")
        right = _source(parser)
        parser.expect("ON")
        left = Join("INNER" if kind == "JOIN" else kind, left, right, parser.expression())
    return left


def _source(parser: Parser) -> Tree:
    if parser.skip("("):
        if parser.here.word() == "SELECT":
            raise Refused("It reads from a query in brackets.")
        inner = _tree(parser)
        parser.expect(")")
        return inner
    if parser.here.sort is Sort.NAME and parser.here.text.lstrip().upper().startswith("SELECT "):
        raise Refused("It reads from a query in brackets.")
    name = parser.name()
    if parser.here.word() in {".", "!"}:
        raise Refused("It reads another database.")
    aliased = parser.skip("AS")
    plain = parser.here.sort is Sort.NAME or (
        parser.here.sort is Sort.WORD and parser.here.word() not in _CLAUSES | _JOINS
    )
    return Source(name, parser.name() if aliased or plain else name)
