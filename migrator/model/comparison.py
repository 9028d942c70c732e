"""How a target compares text: what it ignores, and which texts it may therefore take for equal.

Neutral and pure. It errs on the side of equality: of two texts that are different here, no target of which the
comparison is true says that they are equal; two that are equal here may still be different there.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import groupby


@dataclass(frozen=True, slots=True)
class TextComparison:
    """What matters when a target compares texts, and what does not. SQL Server states it in a collation's name:
    https://learn.microsoft.com/sql/relational-databases/collations/collation-and-unicode-support

    A comparison that is not `binary`, or for which something does not matter, is linguistic: it goes by weights
    of characters, so that also the spellings of one character are equal, `ß` and `ss`, and texts that differ in
    characters without any weight."""

    case: bool = True
    accent: bool = True
    kana: bool = True
    """Hiragana and katakana."""
    width: bool = True
    """Full and half width, and other forms of compatibility."""
    supplementary: bool = True
    """Characters beyond U+FFFF. They have weights since version 100 of SQL Server's collations, and so do the many
    others that are not in the older tables:
    https://learn.microsoft.com/previous-versions/sql/sql-server-2008-r2/ms180942(v=sql.105)"""
    padded: bool = False
    """Blanks at the end are ignored, as SQL-92 pads the shorter text (8.2 <comparison predicate>, rule 3)."""
    binary: bool = True
    """By code points; linguistic equivalences do not apply."""

    @property
    def exact(self) -> bool:
        """Whether different texts are always different."""
        return not self.padded and not self._linguistic

    @property
    def _linguistic(self) -> bool:
        return not (self.binary and self.case and self.accent and self.kana and self.width and self.supplementary)

    def key(self, text: str) -> str:
        """A text that is equal for texts which the comparison may take for equal. The key of a key is itself."""
        if self._linguistic:
            folding = _folding(self.case, self.accent, self.kana, self.width, self.supplementary)
            text = folding.fold(text)
        return text.rstrip(" ") if self.padded else text


EXACT = TextComparison()
"""Nothing is ignored."""
CASELESS = TextComparison(case=False)
"""Case alone is ignored."""


_EXPANSIONS = {
    **{"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ß": "ss", "þ": "th", "Þ": "TH"},
    # As one character the marks of voiced kana have a blank before them in their decomposition.
    **{"\u309b": "\u3099", "\u309c": "\u309a"},
}
"""Characters with the weights of two, whatever the locale:
https://learn.microsoft.com/windows/win32/intl/handling-sorting-in-your-applications"""

_BASES = {"đ": "d", "ð": "d", "ı": "i", "ŋ": "n", "ɵ": "o", "ƶ": "z", "w": "v"}
"""Letters that are another one with an accent in some locale although their names do not say so. In Swedish and
Finnish `w` is `v` with a difference of the second level."""

_WIDE = frozenset({"<wide>", "<narrow>"})
_FORMS = frozenset({"<super>", "<sub>", "<circle>", "<square>", "<font>", "<fraction>", "<vertical>", "<small>"})
"""What Unicode calls the formats of compatibility characters (UAX #44, 5.7.3). Windows tells these by the same
level of weights as case and width: `²` is `2` unless the collation is sensitive to width. Other formats, such as
ligatures and positions in a word, are taken for equal always."""

_UNWEIGHED = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u034f\u0640\u115f\u1160\u180b-\u180d\u20d0-\u20ff\u3164\ue000-\uf8ff"
    "\ufe00-\ufe0f\uffa0\ufff9-\uffff\U000e0000-\U000e0fff\ud800-\udfff]"
)
"""Controls other than white space, joiners and fillers, variation selectors, tatweel, private use and halves of
surrogate pairs; and characters of the category Cf. Some have a weight in some version."""

_SINCE_3_2 = (
    "0221 0234-024F 02AE-02AF 02EF-02FF 0350-035F 037B-037D 03F7-03FF 04CF 04F6-04F7 04FA-04FF 0510-0513 05A2 "
    "05BA 05C5-05C7 060B 060D-0615 061E 0656-065E 06EE-06EF 06FF 072D-072F 074D-076D 07C0-07FA 0904 097B-097F "
    "09BD 09CE 0A01 0A03 0A8C 0AE1-0AE3 0AF1 0B35 0B71 0BB6 0BE6 0BF3-0BFA 0CBC-0CBD 0CE2-0CE3 0CF1-0CF2 "
    "0FD0-0FD1 10F9-10FA 10FC 1207 1247 1287 12AF 12CF 12EF 130F 131F 1347 135F-1360 1380-1399 17DD 17F0-17F9 "
    "1900-191C 1920-192B 1930-193B 1940 1944-196D 1970-1974 1980-19A9 19B0-19C9 19D0-19D9 19DE-1A1B 1A1E-1A1F "
    "1B00-1B4B 1B50-1B7C 1D00-1DCA 1DFE-1DFF 2053-2056 2058-205E 2090-2094 20B2-20B5 213B-213C 214C-214E 2184 "
    "23CF-23E7 24FF 2614-2615 2618 267E-267F 268A-269C 26A0-26B2 27C0-27CA 2B00-2B1A 2B20-2B23 2C00-2C2E "
    "2C30-2C5E 2C60-2C6C 2C74-2C77 2C80-2CEA 2CF9-2D25 2D30-2D65 2D6F 2D80-2D96 2DA0-2DA6 2DA8-2DAE 2DB0-2DB6 "
    "2DB8-2DBE 2DC0-2DC6 2DC8-2DCE 2DD0-2DD6 2DD8-2DDE 2E00-2E17 2E1C-2E1D 31C0-31CF 321D-321E 3250 327C-327E "
    "32CC-32CF 3377-337A 33DE-33DF 33FF 4DC0-4DFF 9FA6-9FBB A700-A71A A720-A721 A800-A82B A840-A877 FA70-FAD9 "
    "FDFD FE10-FE19 FE47-FE48"
)
"""What Unicode 4.0 to 5.0 added to 3.2 (https://www.unicode.org/Public/UCD/latest/ucd/DerivedAge.txt). Version 100
of the collations goes by 5.0; what is newer has no weight there either."""

_OLD_SCRIPTS = re.compile(
    "[\u0000-\u06ff\u0900-\u0d7f\u0e00-\u0eff\u10a0-\u11ff\u1e00-\u27bf\u3000-\u33ff\u4e00-\u9fff\uac00-\ud7a3"
    "\uf900-\uffff]"
)
"""The scripts that are certain to have weights in collations before version 100."""

_REPEATED = frozenset("ゝヽ々ー")
"""Marks that stand for the character before them or, the last one, for its vowel."""


class _Folding(dict[int, str]):
    """What each character becomes, worked out when it is first met; a table for `str.translate`.

    Every rule is about single characters and is applied until none applies, so that a rule which a looser
    comparison has more cannot undo what a stricter one does. What depends on neighbours comes after them."""

    def __init__(self, *, case: bool, accent: bool, kana: bool, width: bool, supplementary: bool) -> None:
        super().__init__()
        self._case, self._accent, self._kana = case, accent, kana
        self._old = not supplementary
        self._kept = (_WIDE if width else frozenset()) | (_FORMS if width and case else frozenset())

    def __missing__(self, code: int) -> str:
        character = chr(code)
        step = self._step(character)
        folded = character if step == character else "".join(self[ord(each)] for each in step)
        self[code] = folded
        return folded

    def fold(self, text: str) -> str:
        """The text with everything equal made the same."""
        text = text.translate(self)
        if text.isascii():
            return text
        if self._accent:
            return _RUNS.sub(self._ordered, text)
        return text if _REPEATED.isdisjoint(text) else _repeated(text)

    def _step(self, character: str) -> str:
        """The character after the first rule that is for it."""
        if _ignored(character, self._old):
            return ""
        if character in _EXPANSIONS:
            return _EXPANSIONS[character]
        decomposed = self._decomposed(character)
        return self._folded(character) if decomposed is None else decomposed

    def _decomposed(self, character: str) -> str | None:
        """What Unicode composes the character of; None when it does not, or when the form matters."""
        if "\uac00" <= character <= "\ud7a3":
            return unicodedata.normalize("NFD", character)
        tag, *codes = unicodedata.decomposition(character).split() or [""]
        if not tag or tag in self._kept:
            return None
        codes = codes if tag.startswith("<") else [tag, *codes]
        return "".join(chr(int(code, 16)) for code in codes)

    def _folded(self, character: str) -> str:
        """The character without case, accent or kana type, as far as they do not matter; digits of all scripts are
        one."""
        if unicodedata.category(character) == "Nd" and not _is_wide(character):
            return str(unicodedata.decimal(character))
        if not self._case and (other := _caseless(character)) != character:
            return other
        if not self._accent and (other := _accentless(character)) != character:
            return other
        return character if self._kana else _hiragana(character)

    def _ordered(self, match: re.Match[str]) -> str:
        """A letter and the marks behind it in one order: weights of marks are added up. Without case an `i` has
        no dot of its own (`İ`)."""
        dotless = not self._case and match[0][0] == "i"
        parts = [
            "".join(sorted(run) if mark else run)
            for mark, run in groupby(match[0], lambda each: unicodedata.category(each)[0] == "M")
        ]
        if dotless and len(parts) > 1 and parts[0] == "i":
            parts[1] = parts[1].replace("\u0307", "")
        return "".join(parts)


_RUNS = re.compile(r"i\W+|\W{2,}")
"""Marks are no word characters to Python."""


@cache
def _folding(case: bool, accent: bool, kana: bool, width: bool, supplementary: bool) -> _Folding:
    return _Folding(case=case, accent=accent, kana=kana, width=width, supplementary=supplementary)


@cache
def _added() -> frozenset[int]:
    """The code points of `_SINCE_3_2`."""
    bounds = (part.partition("-") for part in _SINCE_3_2.split())
    return frozenset(
        code for first, _, last in bounds for code in range(int(first, 16), int(last or first, 16) + 1)
    )


def _ignored(character: str, old: bool) -> bool:
    """Whether a character has no weight, in old tables or also in newer ones."""
    if _UNWEIGHED.match(character) or unicodedata.category(character) == "Cf":
        return True
    if character > "\uffff":
        return old
    if unicodedata.ucd_3_2_0.category(character) == "Cn":
        return old or ord(character) not in _added()
    return old and not _OLD_SCRIPTS.match(character)


def _is_wide(character: str) -> bool:
    return unicodedata.decomposition(character).startswith("<wide>")


def _caseless(character: str) -> str:
    """One spelling for all cases; small kana and small capitals are a matter of case."""
    if character == "\u0345":
        # Its capital is a letter, but it stays an accent of the letter before it.
        return character
    if character == "ı":
        return "i"
    name = unicodedata.name(character, "")
    for small, plain in (("LETTER SMALL CAPITAL", "SMALL LETTER"), ("ANA LETTER SMALL", "ANA LETTER")):
        if small in name and (other := _named(name.replace(small, plain))):
            return other
    return character.casefold()


def _accentless(character: str) -> str:
    """A letter without what its name says it comes with, and nothing for a mark of its own."""
    if unicodedata.category(character)[0] == "M":
        return ""
    lower = character.lower()
    base = _BASES.get(lower) or _base(lower)
    if base is None:
        return character
    return base if lower == character else base.upper()


def _base(letter: str) -> str | None:
    name, separator, _ = unicodedata.name(letter, "").partition(" WITH ")
    # Not the modifier letters: some are made of letters that have accents.
    return _named(name) if separator and unicodedata.category(letter) in ("Ll", "Lo") else None


def _named(name: str) -> str | None:
    try:
        return unicodedata.lookup(name)
    except KeyError:
        return None


def _hiragana(character: str) -> str:
    """The hiragana of a katakana; the two blocks run parallel."""
    return (
        chr(ord(character) - 0x60)
        if "\u30a1" <= character <= "\u30f6" or character in "\u30fd\u30fe"
        else character
    )


def _repeated(text: str) -> str:
    """The text with repeated characters and prolonged vowels written out."""
    found: list[str] = []
    for character in text:
        if found and character in _REPEATED:
            character = (_vowel(found[-1]) or character) if character == "ー" else found[-1]
        found.append(character)
    return "".join(found)


def _vowel(kana: str) -> str | None:
    """The kana of the vowel in which a kana ends."""
    script, _, sound = unicodedata.name(kana, "").partition(" LETTER ")
    plain = script in ("HIRAGANA", "KATAKANA") and sound[-1] in "AIUEO"
    return _named(f"{script} LETTER {sound[-1]}") if plain else None
