"""On which line a key stands: tables of cases, and documents made at random with known places."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.config import line_of, located
from migrator.config.lines import line_of_syntax
from migrator.errors import ConfigurationError, SourceError

CASES = [
    ("a = 1", ("a",), 1),
    ("# why\n\na = 1", ("a",), 3),
    ("a = 1\n[t]\nb = 2", ("t", "b"), 3),
    ("[t.u]\n[t]\nb = 2", ("t",), 1),
    ("[t.u]\n[t]\nb = 2", ("t", "b"), 3),
    ("t.u.b = 2", ("t", "u"), 1),
    ("x = 0\nt = { u = { b = 2 } }", ("t", "u", "b"), 2),
    ('a = """\nb = 1\n"""\nb = 2', ("b",), 4),
    ("a = [\n 1, # b = 1\n]\nb = 2", ("b",), 4),
    ("a = [\n 1,\n 2,\n]", ("a", "1"), 1),
    ("[[l]]\nx = 1\n[[l]]\nx = 1", ("l", "1", "x"), 4),
    ('[tables."one.log"]\nskip = true', ("tables", "one.log", "skip"), 2),
    ("# \u2028\na = 1", ("a",), 2),
    ("a = 1\r\nb = 2\r\n", ("b",), 2),
    ("a = 1", ("b",), None),
    ("a = 1", ("a", "b"), None),
    ("a = [1]", ("a", "7"), None),
    ("", ("a",), None),
]


@pytest.mark.parametrize(("text", "path", "line"), CASES)
def test_a_key_is_found_where_its_statement_begins(text: str, path: tuple[str, ...], line: int | None) -> None:
    assert line_of(text, path) == line


TABLES = ("t1", "t 2", "t.3", "태", "")
VALUES = (
    "1",
    '"x = 1"',
    "'''\n[t1]\nk0 = 1\n'''",
    '"""\\\n  k1 = 2 # no comment\n\n"""',
    "[ # k2 = 3\n  1,\n  # [t1]\n  2 ]",
    "[\n{ k0 = 1 },\n]",
    "2024-01-01",
)
NOISE = ("", "# k0 = 1", "   ", "# [t1]", "# \u2028 k1 = 1")


@dataclass
class Document:
    """TOML with the line of the statement that first gave each path."""

    lines: list[str] = field(default_factory=list)
    places: dict[tuple[str, ...], int] = field(default_factory=dict)

    def add(self, statement: str, *paths: tuple[str, ...]) -> None:
        for path in paths:
            for length in range(1, len(path) + 1):
                self.places.setdefault(path[:length], len(self.lines) + 1)
        self.lines.extend(statement.split("\n"))


def quoted(path: tuple[str, ...]) -> str:
    return ".".join(f'"{part}"' for part in path)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    made = Document()
    header = st.lists(st.sampled_from(TABLES), min_size=1, max_size=3).map(tuple)
    headers = draw(st.lists(header, unique=True, max_size=3))
    entries = dict.fromkeys(("l1", "l2"), 0)
    sections: list[tuple[str, ...]] = [
        (),
        *headers,
        *draw(st.lists(st.sampled_from([("l1",), ("l2",)]), max_size=3)),
    ]
    for section in sections:
        inside = section
        if section and section[0] in entries:
            inside = (section[0], str(entries[section[0]]))
            entries[section[0]] += 1
            made.add(f"[[{section[0]}]]", inside)
        elif section:
            made.add(f"[{quoted(section)}] # {draw(st.sampled_from(VALUES[:2]))}", section)
        for number in range(draw(st.integers(0, 4))):
            for noise in draw(st.lists(st.sampled_from(NOISE), max_size=2)):
                made.add(noise)
            key, value = f"k{number}", draw(st.sampled_from(VALUES))
            form = draw(st.integers(0, 2))
            if form == 0:
                made.add(f"  {key} = {value}", (*inside, key))
            elif form == 1:
                made.add(f"{key} . 'd.e' = {value}", (*inside, key, "d.e"))
            else:
                inner = [(*inside, key, "i", "j"), (*inside, key, "m")]
                made.add(f"{key} = {{ i = {{ j = {value} }}, 'm' = 1 }}", *inner)
    return made


@given(documents(), st.sampled_from(["\n", "\r\n"]))
def test_every_key_of_any_document_is_found_on_its_line(document: Document, newline: str) -> None:
    text = newline.join(document.lines)
    tomllib.loads(text)
    assert {path: line_of(text, path) for path in document.places} == document.places
    assert line_of(text, ("nowhere",)) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("a = 1\na = 2", 2),
        ("a = 1\n\nb = [\n1,\n2\n", 3),
        ('# x\nb = """\ntext\n', 2),
        ("a", 1),
    ],
)
def test_a_syntax_error_is_told_with_the_line_where_it_begins(text: str, line: int) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text + "\n")
    assert line_of_syntax(text, caught.value) == line


def test_an_error_found_while_planning_gets_the_line_of_its_key(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text("\ufeffnames = 'keep'\n\n[tables.usres]\nskip = true\n", encoding="utf-8")
    error = ConfigurationError("No such table.", where="tables", hint="x", path=("tables", "usres"))
    found = located(error, file)
    assert (found.what, found.where, found.hint) == ("No such table.", f"{file}:3: tables.usres", "x")
    assert error.where == "tables"
    missing = located(ConfigurationError("No such column.", path=("tables", "usres", "columns", "a b")), file)
    assert missing.where == f'{file}:3: tables.usres.columns."a b"'


@pytest.mark.parametrize("path", [(), ("targets", "x")])
def test_an_error_about_something_else_stays_as_it_is(path: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text("names = 'keep'\n", encoding="utf-8")
    error = SourceError("Gone.", where="a.db", path=path)
    assert located(error, file) is error
    assert located(error, None) is error
    assert located(SourceError("Gone.", path=("names",)), tmp_path / "none.toml").where == ""


def test_the_kind_of_an_error_is_kept_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text("names = 'keep'\n", encoding="utf-8")
    assert isinstance(located(SourceError("Gone.", path=("names",)), file), SourceError)
