"""Python source as a tree of calls and literals, printed as `ruff format` prints it: on one line where it fits,
else one item per line. It knows nothing of tables, and never decides what is written.

https://docs.astral.sh/ruff/formatter/black/ says where that style comes from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WIDTH = 88
"""Columns of a line: the formatter's default."""
_STEP = 4


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal, cut into several where it does not fit."""

    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Items between brackets: `open` is all before the first one (`sa.Column(`), `close` what ends it."""

    open: str
    items: tuple[Node, ...]
    close: str


@dataclass(frozen=True, slots=True)
class Named:
    """An item with what stands before it: `name=` or `"key": `."""

    prefix: str
    node: Node


Node = str | Text | Group | Named
"""A part of the source; a `str` is code as it stands."""


def call(function: str, *arguments: Node, **named: Node | None) -> Group:
    """A call. Named arguments that are None are left out."""
    given = (Named(f"{name}=", node) for name, node in named.items() if node is not None)
    return Group(f"{function}(", (*arguments, *given), ")")


def listed(items: Iterable[Node]) -> Group:
    """A list."""
    return Group("[", tuple(items), "]")


def tupled(items: Iterable[Node]) -> Group:
    """A tuple."""
    return Group("(", tuple(items), ")")


def mapping(items: Iterable[tuple[str, Node]]) -> Group:
    """A dictionary with text keys."""
    return Group("{", tuple(Named(f"{literal(key)}: ", node) for key, node in items), "}")


def texts(values: Iterable[str]) -> Group:
    """A list of string literals."""
    return listed(Text(value) for value in values)


def literal(value: str) -> str:
    """A string literal in the quotes the formatter prefers: double ones, unless single ones need fewer escapes."""
    quote = "'" if value.count('"') > value.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in value) + quote


def _escaped(character: str, quote: str) -> str:
    if character in (quote, "\\"):
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]


def width(line: str) -> int:
    """Columns that a line takes: East Asian wide characters two, combining ones none.
    https://www.unicode.org/reports/tr11/"""
    return sum(map(_columns, line))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def flat(node: Node) -> str:
    """The node on one line."""
    if isinstance(node, Text):
        return literal(node.value)
    if isinstance(node, Named):
        return node.prefix + flat(node.node)
    if isinstance(node, Group):
        only = "," if node.open == "(" and len(node.items) == 1 else ""
        return node.open + ", ".join(map(flat, node.items)) + only + node.close
    return node


def lines(node: Node, *, indent: int = 0, before: str = "", after: str = "") -> list[str]:
    """The node as lines of source, `before` in front of it and `after` behind it. `indent` is in columns."""
    whole = before + flat(node) + after
    if _fits(whole, indent):
        return [_at(indent, whole)]
    if isinstance(node, Named):
        return _named(node, indent, before, after)
    if isinstance(node, Group) and node.items:
        return _group(node, indent, before, after)
    if isinstance(node, Text):
        return _text(node, indent, before, after)
    return [_at(indent, whole)]


def docstring(words: str, *, indent: int = 0) -> list[str]:
    """A docstring of one line or more."""
    escaped = words.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    closed = escaped + ("\n" if "\n" in escaped else "")
    return [_at(indent, line).rstrip() for line in f'"""{closed}"""'.split("\n")]


def assignment(name: str, annotation: str, node: Node, *, indent: int = 0) -> list[str]:
    """`name: annotation = node`, or `name = node` when there is no annotation."""
    before = f"{name}: {annotation} = " if annotation else f"{name} = "
    opening = node.open if isinstance(node, Group) else flat(node)
    if _fits(before + flat(node), indent) or _fits(before + opening, indent):
        return lines(node, indent=indent, before=before)
    if _fits(f"{before}(", indent) or "[" not in annotation:
        inner = lines(node, indent=indent + _STEP)
        return [_at(indent, f"{before}("), *inner, _at(indent, ")")]
    outer, _, inside = annotation.partition("[")
    annotated = [_at(indent, f"{name}: {outer}["), _at(indent + _STEP, inside.removesuffix("]"))]
    return [*annotated, *lines(node, indent=indent, before="] = ")]


def _fits(text: str, indent: int) -> bool:
    return indent + width(text) <= WIDTH


def _at(indent: int, text: str) -> str:
    return " " * indent + text


def _named(node: Named, indent: int, before: str, after: str) -> list[str]:
    if isinstance(node.node, Text):
        return _parenthesised(node.node, indent, before + node.prefix, after)
    return lines(node.node, indent=indent, before=before + node.prefix, after=after)


def _group(node: Group, indent: int, before: str, after: str) -> list[str]:
    inner = indent + _STEP
    opening, closing = _at(indent, before + node.open), _at(indent, node.close + after)
    is_call = node.open not in ("[", "(", "{")
    arguments = ", ".join(map(flat, node.items))
    if is_call and _fits(arguments, inner):
        return [opening, _at(inner, arguments), closing]
    if is_call and len(node.items) == 1 and isinstance(node.items[0], Text):
        return [opening, *lines(node.items[0], indent=inner), closing]
    return [opening, *(line for item in node.items for line in _item(item, inner, is_call)), closing]


def _item(item: Node, indent: int, in_call: bool) -> list[str]:
    """An item on lines of its own. A cut literal in a collection could be taken for several."""
    if isinstance(item, Text) and not in_call and not _fits(f"{flat(item)},", indent):
        return _parenthesised(item, indent, "", ",")
    return lines(item, indent=indent, after=",")


def _parenthesised(node: Text, indent: int, before: str, after: str) -> list[str]:
    """The parts of a cut literal, held together."""
    pieces = _pieces(node, WIDTH - indent - _STEP)
    if len(pieces) == 1:
        return [_at(indent, before + pieces[0] + after)]
    inner = [_at(indent + _STEP, piece) for piece in pieces]
    return [_at(indent, f"{before}("), *inner, _at(indent, f"){after}")]


def _text(node: Text, indent: int, before: str, after: str) -> list[str]:
    *most, last = _pieces(node, WIDTH - indent - len(after))
    return [*(_at(indent, piece) for piece in most), _at(indent, before + last + after)]


_CLAUSE = re.compile(
    r"(?<= )(?<!LEFT )(?<!RIGHT )(?<!FULL )(?<!CROSS )(?<!INNER )(?<!OUTER )"
    r"(?=(?:FROM|WHERE|GROUP BY|HAVING|ORDER BY|UNION|(?:LEFT |RIGHT |FULL |CROSS |INNER )?(?:OUTER )?JOIN) )"
)
"""Where a long statement is best cut. A cut changes nothing: Python joins the parts again."""
_WORD = re.compile(r"\s*\S*\s*")
_PART = re.compile(r"[^.]*\.*")


def _pieces(node: Text, room: int) -> list[str]:
    """Literals that together are the text: one if it fits into so many columns, else several, none wider."""
    whole = literal(node.value)
    if width(whole) <= room:
        return [whole]
    clauses = _CLAUSE.split(node.value)
    return [literal(piece) for clause in clauses for piece in _cut(clause, room)]


def _cut(clause: str, room: int) -> Iterator[str]:
    line = ""
    for word in _WORD.findall(clause):
        for part in _parts(word, room):
            if line and width(literal(line + part)) > room:
                yield line
                line = ""
            line += part
    if line:
        yield line


def _parts(word: str, room: int) -> Iterator[str]:
    """The word; where it is wider than a line, its parts between dots, or pieces that fit whatever they hold."""
    for part in [word] if width(literal(word)) <= room else _PART.findall(word):
        size = max(len(part) if width(literal(part)) <= room else room // 4, 1)
        yield from (part[start : start + size] for start in range(0, len(part), size))
