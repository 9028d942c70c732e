"""What a collation's name says about comparing."""

from __future__ import annotations

import pytest

from migrator.model.comparison import TextComparison
from migrator.targets import Untranslatable
from migrator.targets.mssql import DIALECT
from migrator.targets.mssql.collations import EXACT, USUAL, comparison

BINARY = TextComparison(padded=True)


def said(said: str, *, supplementary: bool) -> TextComparison:
    """A comparison sensitive to what the words name."""
    words = said.split()
    sensitive = {word: word in words for word in ("case", "accent", "kana", "width")}
    return TextComparison(**sensitive, supplementary=supplementary, padded=True, binary=False)


COLLATIONS = [
    ("SQL_Latin1_General_CP1_CI_AS", said("accent", supplementary=False)),
    ("SQL_Latin1_General_CP1_CS_AS", said("case accent", supplementary=False)),
    ("SQL_Latin1_General_CP850_CI_AI", said("", supplementary=False)),
    ("SQL_Latin1_General_CP850_BIN2", BINARY),
    ("Latin1_General_BIN", BINARY),
    ("Latin1_General_100_BIN2", BINARY),
    ("Latin1_General_100_BIN2_UTF8", BINARY),
    ("Latin1_General_CI_AS", said("accent", supplementary=False)),
    ("Latin1_General_CI_AS_KS_WS", said("accent kana width", supplementary=False)),
    ("Latin1_General_100_CI_AS", said("accent", supplementary=True)),
    ("Latin1_General_100_CI_AI_SC_UTF8", said("", supplementary=True)),
    ("Latin1_General_100_CS_AS_WS_SC", said("case accent width", supplementary=True)),
    ("Chinese_PRC_90_CI_AS", said("accent", supplementary=False)),
    ("Korean_Wansung_CI_AS", said("accent", supplementary=False)),
    ("Korean_100_CS_AS_KS_WS", said("case accent kana width", supplementary=True)),
    ("Korean_Wansung_BIN", BINARY),
    ("Japanese_XJIS_140_CI_AS_VSS", said("accent", supplementary=True)),
    ("Japanese_Bushu_Kakusu_140_CS_AI_KS_VSS_UTF8", said("case kana", supplementary=True)),
    ("korean_100_cs_as_ks_ws", said("case accent kana width", supplementary=True)),
]


@pytest.mark.parametrize(("name", "expected"), COLLATIONS)
def test_the_name_says_what_matters(name: str, expected: TextComparison) -> None:
    assert comparison(name) == expected


@pytest.mark.parametrize(("one", "other"), [("a", "a  "), ("", " ")])
@pytest.mark.parametrize("name", [name for name, _ in COLLATIONS])
def test_blanks_at_the_end_never_matter(name: str, one: str, other: str) -> None:
    assert comparison(name).key(one) == comparison(name).key(other)
    assert not comparison(name).exact


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is no name of a collation."),
        ("Latin1_General_CI_AS; DROP TABLE t", "is no name of a collation."),
        ("Latin1]General_CI_AS", "is no name of a collation."),
        ("1Latin_CI_AS", "is no name of a collation."),
        ("한국어_CI_AS", "is no name of a collation."),
        ("Latin1_General_CI_AS\n", "is no name of a collation."),
        ("NOCASE", "does not say whether case matters, as names of collations do."),
        ("Latin1_General", "does not say whether case matters, as names of collations do."),
    ],
)
def test_what_is_no_collation_is_refused(name: str, words: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        comparison(name)
    assert str(caught.value) == f"{name!r} {words}"


def test_the_dialect_asks_the_database_unless_a_column_has_its_own() -> None:
    assert DIALECT.comparison(None) == comparison(USUAL)
    assert DIALECT.comparison(EXACT) == BINARY
    assert DIALECT.exact_collation == EXACT
