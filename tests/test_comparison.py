"""How targets compare text: what is merged, and that a looser comparison merges whatever a stricter one does."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.comparison import EXACT, TextComparison

STRICT = TextComparison(binary=False)
"""Latin1_General_100_CS_AS_KS_WS_SC without what ignores blanks."""
CI = replace(STRICT, case=False)
AI = replace(STRICT, accent=False)
KI = replace(STRICT, kana=False)
WI = replace(STRICT, width=False)
OLD = replace(STRICT, supplementary=False)
DEFAULT = TextComparison(case=False, kana=False, width=False, supplementary=False, padded=True, binary=False)
"""SQL_Latin1_General_CP1_CI_AS, what most servers are set up with."""
LOOSEST = replace(DEFAULT, accent=False)
BINARY = TextComparison(padded=True)
"""Latin1_General_100_BIN2."""

FLAGS = ("case", "accent", "kana", "width")
COMPARISONS = [
    TextComparison(*flags, supplementary, padded, binary=False)
    for flags in product((True, False), repeat=len(FLAGS))
    for supplementary, padded in product((True, False), repeat=2)
]


@pytest.mark.parametrize(
    ("one", "other", "merges"),
    [
        # Case.
        ("abc", "ABC", CI),
        ("σ", "Σ", CI),
        ("ς", "σ", CI),
        ("\u212a", "k", CI),
        ("I", "ı", CI),
        ("İ", "i", CI),
        ("İ", "I", AI),
        ("д", "Д", CI),
        ("\u1d28", "π", CI),  # a small capital
        ("っ", "つ", CI),
        ("ᾳ", "ᾼ", CI),
        # Accents.
        ("é", "e", AI),
        ("ø", "o", AI),
        ("Đ", "D", AI),
        ("ё", "е", AI),
        ("が", "か", AI),
        ("ِك", "ك", AI),
        ("w", "v", AI),
        ("カー", "カア", AI),
        ("人々", "人人", AI),
        # Kana.
        ("あ", "ア", KI),
        ("ゞ", "ヾ", KI),
        ("ゔ", "ヴ", KI),
        # Width and other forms.
        ("ａ", "a", WI),
        ("ｶﾞ", "ガ", WI),
        ("１", "1", WI),
        ("ﾡ", "ㄱ", WI),
        ("²", "2", WI),
        ("²", "2", CI),
        ("①", "1", WI),
        ("㌔", "キロ", WI),
        # What has two spellings or no weight is equal in every linguistic comparison.
        ("é", "e\u0301", STRICT),
        ("ạ\u0302", "a\u0302\u0323", STRICT),
        ("한", "\u1112\u1161\u11ab", STRICT),
        ("ガ", "カ\u3099", STRICT),
        ("\u212b", "Å", STRICT),
        ("ß", "ss", STRICT),
        ("\u017f", "s", STRICT),
        ("æ", "ae", STRICT),
        ("ǽ", "a\u0301e", AI),
        ("Œ", "OE", STRICT),
        ("þ", "th", STRICT),
        ("ﬁ", "fi", STRICT),
        ("ﷲ", "الله", STRICT),
        ("٣", "3", STRICT),
        ("a\u200db", "ab", STRICT),
        ("co\u00adop", "coop", STRICT),
        ("a\0b\x01", "ab", STRICT),
        ("\ufeffa", "a", STRICT),
        ("葛\ufe00", "葛", STRICT),
        ("\u27b0", "", STRICT),  # newer than the tables of version 100
        ("STRA\u1e9eE", "STRAE", STRICT),
        ("\ufffd", "", STRICT),
        ("😀", "😁", OLD),
        ("😀", "", OLD),
        ("ក", "ខ", OLD),
        ("\u1d28", "", OLD),  # newer than the older tables
        # Blanks at the end, once everything else is folded.
        ("a ", "a", BINARY),
        ("a \u200b", "a", replace(STRICT, padded=True)),
        ("a\u00a0", "a", replace(STRICT, padded=True)),
        ("a\u3000", "a", replace(WI, padded=True)),
        ("Straße ", "STRASSE", DEFAULT),
    ],
)
def test_texts_that_may_be_equal(one: str, other: str, merges: TextComparison) -> None:
    assert merges.key(one) == merges.key(other)
    assert BINARY.key(one) != BINARY.key(other) or one.rstrip(" ") == other.rstrip(" ")
    if merges not in (STRICT, BINARY) and not merges.padded:
        assert STRICT.key(one) != STRICT.key(other), "not for the reason that is said"


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("a", "b", LOOSEST),
        ("가", "나", LOOSEST),
        ("ㄱ", "ㄴ", LOOSEST),
        ("漢", "字", LOOSEST),
        ("a-b", "ab", LOOSEST),
        ("a b", "ab", LOOSEST),
        ("a\tb", "ab", LOOSEST),
        (" a", "a", LOOSEST),
        ("1", "2", LOOSEST),
        ("a", "A", replace(LOOSEST, case=True)),
        ("e", "é", replace(LOOSEST, accent=True)),
        ("z", "ż", CI),
        ("v", "w", DEFAULT),
        ("あ", "ア", replace(LOOSEST, kana=True)),
        ("a", "ａ", replace(LOOSEST, width=True)),
        ("1", "１", replace(LOOSEST, width=True)),
        ("ﾊ", "ハ", replace(LOOSEST, width=True)),
        ("😀", "😁", replace(LOOSEST, supplementary=True)),
        ("😀", "", replace(LOOSEST, supplementary=True)),
        ("²", "2", STRICT),
        ("a ", "a", replace(LOOSEST, padded=False)),
        ("a", "a ", STRICT),
        ("é", "e\u0301", BINARY),
        ("a\0", "a", BINARY),
        ("ß", "ss", BINARY),
        ("a\u00a0", "a", BINARY),
        ("a\t", "a", BINARY),
    ],
)
def test_texts_that_stay_apart(one: str, other: str, apart: TextComparison) -> None:
    assert apart.key(one) != apart.key(other)


@pytest.mark.parametrize(
    ("comparison", "exact"),
    [
        (EXACT, True),
        (BINARY, False),
        (STRICT, False),
        *((replace(EXACT, **{flag: False}), False) for flag in (*FLAGS, "supplementary")),
    ],
)
def test_exact_is_what_ignores_nothing(comparison: TextComparison, exact: bool) -> None:
    assert comparison.exact is exact


TEXTS = st.text(
    st.sampled_from(
        "aAbBeEiIsSwv1 \t\0-\u200dßıİſæÆﬁøØéẸ́́̈̇²①ａＡ１ｶカかﾞ゛がガっッゝヽーｰ々人㌔한ㅎᄒﾡ٣ς\u0345\u27b0\u1d28ក"
    )
    | st.characters(exclude_categories=["Cs"]),
    max_size=8,
)


@given(TEXTS)
def test_nothing_is_changed_where_nothing_is_ignored(text: str) -> None:
    assert EXACT.key(text) == text
    assert BINARY.key(text) == text.rstrip(" ")


@given(TEXTS, st.sampled_from(COMPARISONS))
def test_the_key_of_a_key_is_itself(text: str, comparison: TextComparison) -> None:
    assert comparison.key(comparison.key(text)) == comparison.key(text)


def looser(comparison: TextComparison) -> Iterator[TextComparison]:
    """The comparisons that ignore one thing more, apart from supplementary characters."""
    for flag in FLAGS:
        if getattr(comparison, flag):
            yield replace(comparison, **{flag: False})
    if not comparison.padded:
        yield replace(comparison, padded=True)


@given(TEXTS, st.sampled_from([*COMPARISONS, BINARY, EXACT]))
def test_a_looser_comparison_merges_what_a_stricter_one_merges(text: str, strict: TextComparison) -> None:
    """Every text is equal to its key, so what has one key in the stricter one has one in the looser."""
    further = [replace(strict, binary=False)] if strict.binary else []
    for loose in (*looser(strict), *further):
        assert loose.key(strict.key(text)) == loose.key(text)


@given(TEXTS.filter(lambda text: OLD.key(text) == STRICT.key(text)), st.sampled_from(COMPARISONS))
def test_older_tables_merge_as_newer_ones_do_what_both_have(text: str, strict: TextComparison) -> None:
    """A character that only the newer ones have may be equal to another there, and to nothing in the older."""
    loose = replace(strict, supplementary=False)
    assert loose.key(strict.key(text)) == loose.key(text)


@given(TEXTS, st.sampled_from(COMPARISONS))
def test_spellings_that_unicode_takes_for_equal_are_equal(text: str, comparison: TextComparison) -> None:
    """Of characters that have a weight at all."""
    known = "".join(each for each in text if STRICT.key(each) == OLD.key(each) != "")
    keys = {comparison.key(unicodedata.normalize(form, known)) for form in ("NFC", "NFD")}
    assert keys == {comparison.key(known)}


@cache
def folded_characters() -> tuple[str, ...]:
    """Every character that some comparison changes, and a few of the many Hangul syllables."""
    characters = (chr(code) for code in range(0x20000) if not 0xD800 <= code < 0xE000)
    changed = (each for each in characters if LOOSEST.key(each) != each)
    return tuple(each for each in changed if LOOSEST.key(each) and not "갑" < each < "힣")


@pytest.mark.parametrize("flags", list(product((True, False), repeat=len(FLAGS))))
def test_every_character_keeps_to_the_order_of_comparisons(flags: tuple[bool, ...]) -> None:
    strict = TextComparison(*flags, binary=False)
    wrong = [
        (each, loose)
        for loose in looser(strict)
        for each in folded_characters()
        if loose.key(strict.key(each)) != loose.key(each)
    ]
    assert wrong == []
