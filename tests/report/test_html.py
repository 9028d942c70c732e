"""The report page: parses, has its parts, escapes what it shows, and stays small."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model.plan import ColumnPlan
from migrator.model.profile import Sample
from migrator.model.result import FigureComparison, Mismatch, RunResult, Status, TableResult
from migrator.model.schema import Unmoved
from migrator.model.types import TEXT
from migrator.report.html import LONGEST, render_html
from migrator.report.serialize import dumps, to_data
from tests.report.examples import MISMATCHED, PLAN, RESULT, large

SECTIONS = ["proof", "tables", "findings", "types", "unmoved", "figures", "time", "environment"]
_VOID = {"meta", "br", "input", "rect"}
_OPTIONAL = {"td", "th", "tr", "li", "tbody", "thead"}
"""End tags that HTML allows to leave out."""


class Page(HTMLParser):
    """What a page is made of; asserts that elements nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self.headers_without_scope = 0
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags[tag] += 1
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given[name] or "" for name in ("href", "src") if name in given]
        self.headers_without_scope += tag == "th" and "scope" not in given
        assert not [name for name in given if name.startswith("on")]
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open[-1] != tag:
            assert self._open.pop() in _OPTIONAL, f"</{tag}> closes {self._open[-1]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _page(result: RunResult) -> str:
    return render_html(to_data(result))


UNDECIDED = replace(
    RESULT, status=Status.ROLLED_BACK, tables=(), findings=PLAN.findings, error="Decide.\n  where: x", seconds={}
)
BARE = RunResult("r", Status.FAILED, "embedded", (), (), {})


@pytest.mark.parametrize("result", [RESULT, MISMATCHED, UNDECIDED, BARE, large(25, 3)])
def test_the_page_nests_has_every_section_and_loads_nothing(result: RunResult) -> None:
    html = _page(result)
    page = Page(html)
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert [name for name in page.ids if name in SECTIONS] == SECTIONS
    assert len(page.ids) == len(set(page.ids))
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert not re.search(r"url\(|@import|https?://", html)
    assert {tag: page.tags[tag] for tag in ("h1", "main", "header", "nav", "footer")} == dict.fromkeys(
        ("h1", "main", "header", "nav", "footer"), 1
    )
    assert page.headers_without_scope == 0


def test_the_verdict_is_the_first_heading() -> None:
    assert re.search(r"<h1>(.*)</h1>", _page(RESULT))[1] == to_data(RESULT)["verdict"]  # type: ignore[index]


def test_the_page_is_made_of_the_json_alone() -> None:
    assert render_html(json.loads(dumps(MISMATCHED))) == _page(MISMATCHED)


@pytest.mark.parametrize(
    "shown",
    [
        "auth.users",
        "243,100",
        "12 quarantined",
        "3fa9c1d2e4b50718aa",
        "decimal(10,2)",
        "2 values need 4 digits.",
        "Text holds a NUL character",
        "12 rows have no parent in users.",
        "CREATE TRIGGER users_touch",
        "720,600",
        "가람",
        "2.5 s",
        "74 %",
        "18.1",
    ],
)
def test_the_page_shows(shown: str) -> None:
    assert shown in "".join(Page(_page(RESULT)).text)


def test_mismatches_and_unequal_figures_come_before_equal_ones() -> None:
    html = _page(MISMATCHED)
    assert "2023-11-14 22:13:20.123456+00" in html
    figures = html[html.index('id="figures"') :]
    assert figures.index("1 of 5 figures unequal") < figures.index("<details")
    assert "1,700,000,000,123,456" in figures[: figures.index("<details")]


def test_the_table_with_unequal_figures_comes_first() -> None:
    html = _page(replace(MISMATCHED, tables=MISMATCHED.tables[::-1]))
    figures = html[html.index('id="figures"') :]
    summaries = re.findall(r"<summary><strong class=\"wrap\">(.*?)</strong>", figures)
    assert summaries == ["auth.users", "routing.order items"]


def test_a_run_that_was_not_verified_claims_nothing() -> None:
    text = " ".join("".join(Page(_page(UNDECIDED)).text).split())
    assert text.count("– not checked") == 5
    assert "✓" not in text
    assert "needs a decision" in text
    assert '[tables."order items"] on_orphans = "unenforced"' in text


def test_state_is_said_in_words_beside_colour() -> None:
    html = _page(MISMATCHED)
    for row in re.findall(r'<tr[^>]*class="unequal"[^>]*>.*', html[html.index('id="tables"') :]):
        assert "differs" in row


_EVIL = "<script>alert(1)</script>\"'&\x00\u202e"
EVERYWHERE = replace(
    RESULT,
    run_id=_EVIL,
    target=_EVIL,
    sources=(_EVIL,),
    error=_EVIL,
    started=_EVIL,
    status=Status.FAILED,
    tables=tuple(
        TableResult(
            _EVIL, _EVIL, 1, _EVIL, False, _EVIL, 2, figures=(FigureComparison(_EVIL, _EVIL, _EVIL, "x", False),)
        )
        for _ in range(25)
    ),
    findings=tuple(
        replace(f, message=_EVIL, table=_EVIL, column=_EVIL, database=_EVIL, samples=(Sample((_EVIL,), _EVIL),))
        for f in PLAN.findings
    ),
    mismatches=(Mismatch(_EVIL, "digest", _EVIL, _EVIL, (_EVIL,), _EVIL, _EVIL),),
    unmoved=(Unmoved(_EVIL, _EVIL, _EVIL, _EVIL, _EVIL),),
    plans=(
        replace(RESULT.plans[0], source=_EVIL, columns=(ColumnPlan(_EVIL, "x" + _EVIL, TEXT, "", why=_EVIL),)),
    ),
    environment={_EVIL: _EVIL},
    seconds={_EVIL: 1.0},
)


def test_nothing_from_a_database_becomes_markup() -> None:
    html = _page(EVERYWHERE)
    assert Page(html).tags["script"] == 1, "the filter, and nothing else"
    assert "alert(1)</" not in html
    assert "\x00" not in html
    assert "\u202e" not in html
    assert "\\u202e" in html


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec=None), max_size=30))
def test_any_name_leaves_the_page_whole_and_encodable(name: str) -> None:
    result = replace(RESULT, tables=(replace(RESULT.tables[0], source=name, target=name),))
    html = _page(result)
    html.encode()
    assert Page(html).tags == Page(_page(replace(RESULT, tables=RESULT.tables[:1]))).tags


@pytest.mark.parametrize(
    ("source", "target", "shown"),
    [
        pytest.param("a" * 400, "a" * 400, ("a" * LONGEST + "… (400 characters)",) * 2, id="equal and long"),
        pytest.param(
            "a" * 300 + "b",
            "a" * 300 + "c",
            ("…" + "a" * 60 + "b (301 characters)", "…" + "a" * 60 + "c (301 characters)"),
            id="differing late",
        ),
        pytest.param("x" * LONGEST, "", ("x" * LONGEST, ""), id="just short enough"),
    ],
)
def test_a_long_figure_is_cut_to_where_the_sides_differ(source: str, target: str, shown: tuple[str, str]) -> None:
    figure = FigureComparison("bio", "max", source, target, source == target)
    html = _page(replace(RESULT, tables=(replace(RESULT.tables[0], figures=(figure,)),)))
    assert f"<td>{shown[0]}<td>{shown[1]}<td>" in html


def test_an_exact_sum_is_never_cut() -> None:
    figure = FigureComparison("n", "sum", 10**150, 10**150, True)
    html = _page(replace(RESULT, tables=(replace(RESULT.tables[0], figures=(figure,)),)))
    assert f"<td>{10**150:,}<td>" in html


def test_three_hundred_tables_stay_small_and_can_be_filtered() -> None:
    html = _page(large(300, 20))
    assert len(html.encode()) < 5_000_000
    assert Page(html).tags["script"] == 1
    assert 'all-on-paper"' not in html.split("<body")[1][:40]


def test_a_small_report_is_printed_in_full_and_needs_no_script() -> None:
    page = _page(RESULT)
    assert Page(page).tags["script"] == 0
    assert '<body class="all-on-paper">' in page


def _luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
@pytest.mark.parametrize("ink", ["ink", "soft", "accent", "ok", "no", "wait"])
@pytest.mark.parametrize("paper", ["paper", "raised", "no-wash"])
def test_text_stands_out_from_its_background(scheme: int, ink: str, paper: str) -> None:
    block = re.findall(r":root \{(.*?)\}", _page(RESULT), re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    light, dark = sorted((_luminance(colours[ink]), _luminance(colours[paper])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5, "https://www.w3.org/TR/WCAG22/#contrast-minimum"
