"""What cannot keep its meaning is refused with a reason, and nothing ever crashes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.schema import Expression
from migrator.sources.access.queries import Query
from migrator.sources.access.sql import Relation, calculated, translate_default, translate_rule, views
from migrator.sources.access.sql.parsing import parsed
from migrator.sources.access.sql.tree import Constant
from migrator.sources.access.types import Type
from migrator.targets.translation.nodes import literal
from migrator.targets.translation.nodes import parsed as neutral_tree
from tests.sources.access.sql.cases import TYPES

REFUSED = [
    ('[Name] > "m"', "order of text"),
    ('[Name] Between "a" And "b"', "order of text"),
    ("[Name] = [Other Name]", "no constants"),
    ('[Name] = "Straße"', "more than one letter"),
    ("[Name] = 5", "compares text with a whole number"),
    ("[Name] Like [Other Name]", "no constant"),
    ('[Name] Like "[a-z]*"', "letters with accents"),
    ('[Name] Like "[a"', "bracket"),
    ('[Due] Like "2020*"', "matches a date"),
    ('[Name] ALike "a%"', "ALIKE"),
    ("[Small] = 0.1", "rounds"),
    ("[Small] > [Ratio]", "rounds"),
    ("[Price] > [Ratio]", "rounds"),
    ("[Price] = 0.00001", "rounds"),
    ("[Price] * [Price] > 1", "rounds"),
    ("[Price] * 1.19 > 1", "rounds"),
    ("[Price] / 12 > 1", "digits"),
    ("[Small] + 1 > 1", "rounds"),
    ("[Ratio] Mod 2 = 0", "even"),
    ("[Ratio] \\ 2 = 0", "even"),
    ("Round([Ratio], 2) = 1", "even digit"),
    ("CLng([ID]) = 1", "Null"),
    ("CInt(Nz([Ratio], 0)) = 1", "rounds"),
    ("[Due] - #1/1/2020# > 5", "DateDiff"),
    ("[Due] + 0.5 > #1/1/2020#", "whole constant"),
    ("[Due] = #1/1/20#", "for certain"),
    ("[Due] = #13/13/2020#", "does not exist"),
    ('DatePart("ww", [Due]) = 1', "weeks"),
    ("[ID] And 1", "And works on a whole number"),
    ("[ID]", "The rule works on a whole number"),
    ("[ID] = Null", "never true"),
    ("[ID] Between [Price] And 5", "may be Null"),
    ('UCase([Name]) = "A"', "letters beyond A-Z"),
    ('StrComp([Name], "a", 0) = 0', "case"),
    ('Format([Due], "yyyy") = "2020"', "settings"),
    ('[Due] & "" = "x"', "settings"),
    ("Left([Name], [ID]) = 'a'", "may be Null"),
    ("Left([Name], Nz([ID], 0)) = 'a'", "below 0"),
    ("Choose([ID], 1, 2) = 1", "may be Null"),
    ('[Name] = "\u212a"', "not known"),
    ('[Name] Like "ς*"', "not known"),
    ("Mid([Name], 0) = 'a'", "below 1"),
    ("Nz([ID]) = 0", "where it stands"),
    ("MyFunction([ID]) = 1", "myfunction"),
    ('DLookup("x", "y") = 1', "another table"),
    ("[Forms]![Main]![ID] = 1", "no column of the table"),
    ("[Nothing] = 1", "no column of the table"),
    ("[ID] In (SELECT ID FROM t)", "query"),
    ("Exists (SELECT ID FROM t)", "query"),
    ("[ID] / 0 = 1", "zero"),
    ("[ID] =", "too early"),
    ("[ID] = 1)", "')'"),
    ('[Name] = "open', "cannot be read"),
    ("> 5", "cannot be read"),
    ("IIf([ID] = 1, 2)", "2 arguments"),
    ('IIf([ID] = 1, 2, "a") = 2', "in one place"),
    ("", "too early"),
]


@pytest.mark.parametrize(("rule", "reason"), REFUSED)
def test_rule_is_refused_with_its_reason(rule: str, reason: str) -> None:
    found = translate_rule(rule, TYPES, None)
    assert found.expression == Expression(rule, None)
    assert reason in found.reason, found.reason


@pytest.mark.parametrize(
    ("written", "type", "reason"),
    [
        ("abc", Type.SHORT_TEXT, "abc"),
        ("1.5", Type.LONG, "changed"),
        ("300", Type.BYTE, "changed"),
        ("0.00001", Type.CURRENCY, "changed"),
        ('"1,5"', Type.DOUBLE, "reads as a number"),
        ('"x"', Type.DATE_TIME, "changed"),
        ("1", Type.DATE_TIME, "changed"),
        ("GenGUID()", Type.GUID, "random"),
        ("Date()", Type.SHORT_TEXT, "changed"),
        ('"x"', Type.OLE_OBJECT, "changed"),
    ],
)
def test_default_is_refused_with_its_reason(written: str, type: Type, reason: str) -> None:
    found = translate_default(written, type)
    assert found is not None
    assert found.expression == Expression(written, None)
    assert reason in found.reason, found.reason


@pytest.mark.parametrize("written", ["", "  ", "=", "Null", "=Null"])
def test_default_of_nothing_is_none(written: str) -> None:
    assert translate_default(written, Type.LONG) is None


NAMES = ("[Name]", "[ID]", "[Due]", "[Active]", "Name", "Len(", "Left(", "IIf(", "DateAdd(", "..", "!", ".")
WORDS = ("Like", "Not", "In", "Between", "And", "Or", "Is", "Null", "Mod", "True", "(", ")", ",", ";", "&", "^")
SIGNS = ("=", "<>", "<", ">", "+", "-", "*", "/", "\\", '"', "[", "]", "#")
CONSTANTS = ('"a*"', '"Ü[!b]"', "#1/2/2020#", "#x#", "1", "2.5", "1e400", "İ", "ß", '"İß"')
PIECES = st.sampled_from(NAMES + WORDS + SIGNS + CONSTANTS)


HEADS = (
    "SELECT",
    "DISTINCT",
    "TOP 1",
    "*",
    "t.*",
    "t.ID",
    "AS x",
    "Count(",
    "Max(",
    "FROM t",
    "t",
    "INNER JOIN",
    "ON",
)
TAILS = ("LEFT JOIN", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "DESC", "UNION", "UNION ALL")
CLAUSES = st.sampled_from(HEADS + TAILS)


@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join)))
def test_any_text_is_translated_or_refused(text: str) -> None:
    for found in (
        translate_rule(text, TYPES, None),
        translate_rule(text, TYPES, "Name"),
        calculated(text, TYPES),
        translate_default(text, Type.SHORT_TEXT),
    ):
        assert found is None or (found.expression.neutral is None) == bool(found.reason)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.sampled_from("\"'"))
def test_any_text_literal_is_read_as_it_is(text: str, quote: str) -> None:
    doubled = text.replace(quote, quote * 2)
    assert parsed(f"{quote}{doubled}{quote}") == Constant(text)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_text_is_the_same_text_in_neutral_form(text: str) -> None:
    found = translate_default('"' + text.replace('"', '""') + '"', Type.SHORT_TEXT)
    assert found is not None
    assert literal(neutral_tree(str(found.expression.neutral))) == text


@given(st.one_of(st.text(), st.lists(PIECES | CLAUSES).map(lambda words: "SELECT " + " ".join(words))))
def test_any_query_is_a_view_or_unmoved(text: str) -> None:
    found, unmoved = views([Query("q", "select", text, (), False)], [Relation("t", TYPES, ("ID",))])
    assert len(found) + len(unmoved) == 1
    assert all(one.query.neutral for one in found)
    assert all(one.reason for one in unmoved)


@given(st.datetimes().map(lambda moment: moment.replace(microsecond=0)))
def test_any_date_literal_is_read_as_it_is(moment: object) -> None:
    iso = str(moment)
    year, month, day, clock = re.fullmatch(r"(\d+)-(\d+)-(\d+) (.*)", iso).groups()  # type: ignore[union-attr]
    assert parsed(f"#{iso}#") == Constant(moment)  # type: ignore[arg-type]
    if int(year) >= 1000:
        assert parsed(f"#{int(month)}/{int(day)}/{year} {clock}#") == Constant(moment)  # type: ignore[arg-type]


def test_deep_nesting_is_refused() -> None:
    for text in ("(" * 5000 + "1" + ")" * 5000, "Not " * 5000 + "True", " And ".join(["[ID] = 1"] * 5000)):
        found = translate_rule(text, TYPES, None)
        assert found.expression.neutral is None
        assert found.reason == "It is nested too deeply to be read."
