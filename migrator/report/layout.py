"""What a page of terminal output is made of, and the two ways to paint it.

Blocks say what is shown; `paint` shows them on a terminal with alignment and colour, or elsewhere as one
line per fact that `grep` and `cut` can work with: no box drawing, no escape sequences, nothing cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from migrator.report.words import visible

NARROWEST = 72
"""Columns of a terminal below which tables are harder to read than lines."""
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. `kind` begins the line where it is piped."""

    text: str
    style: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title over what follows; nothing where piped, since every line says its kind."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled facts, one a line, which begins with `kind` where piped."""

    rows: tuple[tuple[str, str], ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid. `plain` says what a cell means where there is no header, as `{} rows`; `painted`
    gives a terminal another text, with its style, for some cells. A `whole` cell never wraps, as numbers."""

    header: str
    right: bool = False
    plain: str = "{}"
    style: str = ""
    whole: bool = False
    painted: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; where piped, one line a row that begins with `kind`. Empty cells say nothing."""

    kind: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing: where, its code, what is the matter, and labelled details. Where piped, every line begins
    with the kind, the title and the code."""

    kind: str
    title: str
    code: str
    message: str
    details: tuple[tuple[str, str], ...]
    style: str = ""


Block = Line | Heading | Facts | Grid | Entry


def is_rich(console: Console) -> bool:
    """Whether there is a terminal with room for tables."""
    return console.is_terminal and not console.is_dumb_terminal and console.width >= NARROWEST


def paint(blocks: Sequence[Block], console: Console) -> None:
    """Show the blocks in order."""
    if is_rich(console):
        for block in blocks:
            _paint_rich(block, console)
        return
    for block in blocks:
        for line in plain_lines(block):
            say(console, line)


def say(console: Console, line: str, style: str = "") -> None:
    """Print one line as it is: never wrapped, cut or read as markup. What the stream's encoding lacks is
    spelt as `\\uXXXX` instead of failing."""
    encoding = console.encoding or "utf-8"
    safe = visible(line).encode(encoding, "backslashreplace").decode(encoding)
    console.print(Text(safe, style), soft_wrap=True, highlight=False)


def plain_lines(block: Block) -> list[str]:
    """The lines of a block where it is piped."""
    match block:
        case Heading():
            return []
        case Line(text, _, kind):
            return [_joined(kind, text)]
        case Facts(rows, kind):
            return [_joined(kind, label, value) for label, value in rows]
        case Grid(kind, columns, rows):
            return [_plain_row(kind, columns, row) for row in rows]
        case Entry(kind, title, code, message, details):
            return [_joined(kind, title, code, label, value) for label, value in (("", message), *details)]


def _joined(*parts: str) -> str:
    return _GAP.join(part for part in parts if part)


def _plain_row(kind: str, columns: tuple[Column, ...], row: tuple[str, ...]) -> str:
    cells = [column.plain.format(cell) for column, cell in zip(columns, row, strict=True) if cell]
    return _GAP.join([kind, *cells])


def _paint_rich(block: Block, console: Console) -> None:
    match block:
        case Heading(text):
            console.print(Text("\n" + visible(text) if text else "", "bold"))
        case Line(text, style):
            console.print(_text(text, style))
        case Facts(rows, _):
            console.print(_labelled(rows))
        case Grid(_, columns, rows):
            console.print(_table(columns, rows))
        case Entry(_, title, code, message, details, style):
            heading = Text.assemble(
                (visible(title), style or "bold"), ("  " + visible(code), "dim"), overflow="fold"
            )
            console.print(Padding(heading, (0, 0, 0, 2)))
            console.print(Padding(_text(message), (0, 0, 0, 4)))
            console.print(Padding(_labelled(details), (0, 0, 0, 4)))


def _text(text: str, style: str = "") -> Text:
    """Safe text that folds where it does not fit, so that no digit is lost."""
    return Text(visible(text), style, overflow="fold")


def _labelled(rows: tuple[tuple[str, str], ...]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(_text(label), _text(value))
    return grid


def _table(columns: tuple[Column, ...], rows: tuple[tuple[str, ...], ...]) -> Table:
    """Numbers never wrap, names fold, and a column with nothing in it is left out."""
    used = [index for index in range(len(columns)) if any(row[index] for row in rows)]
    table = Table(box=SIMPLE_HEAD, header_style="dim", pad_edge=False, show_edge=False)
    for column in (columns[index] for index in used):
        table.add_column(
            column.header,
            justify="right" if column.right else "left",
            overflow="fold",
            no_wrap=column.right or column.whole,
            style=column.style,
        )
    for row in rows:
        table.add_row(*(_text(*columns[index].painted.get(row[index], (row[index], ""))) for index in used))
    return table
