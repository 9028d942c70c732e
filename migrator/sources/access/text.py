"""Text of Access files: UTF-16 with Unicode compression since Jet 4, the file's code page in Jet 3.

Every stored byte comes back as a character or as a lone surrogate, never as a replacement character: what is
no valid text can still be told apart and counted. Nothing here knows where text is stored.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Protocol

from migrator.errors import SourceError
from migrator.sources.access.formats import Format

COMPRESSED = b"\xff\xfe"
"""What compressed text begins with (mdbtools HACKING.md, Text Data Type)."""

_DEFAULT_CODE_PAGE = 1252
_CODE_PAGE_OFFSET = 0x3C
_MACINTOSH = {
    10000: "mac_roman",
    10006: "mac_greek",
    10007: "mac_cyrillic",
    10029: "mac_latin2",
    10081: "mac_turkish",
}


class Encoding(Protocol):
    """How a file stores text."""

    @property
    def name(self) -> str:
        """Python's name of the encoding."""

    def plain(self, stored: bytes) -> str:
        """Text that is never compressed, such as names."""

    def value(self, stored: bytes) -> str:
        """Text of a column, which may be compressed."""


@dataclass(frozen=True, slots=True)
class Utf16:
    """Text since Jet 4."""

    name: str = "utf-16-le"

    def plain(self, stored: bytes) -> str:
        """UTF-16, little-endian. A lone last byte makes a lone surrogate."""
        try:
            return stored.decode("utf-16-le")
        except UnicodeDecodeError:
            whole = len(stored) // 2 * 2
            return stored[:whole].decode("utf-16-le", "surrogatepass") + _escaped(stored[whole:])

    def value(self, stored: bytes) -> str:
        """UTF-16, compressed if it begins with the mark of compressed text."""
        if stored[:2] != COMPRESSED:
            return self.plain(stored)
        if 0 not in stored:
            return stored[2:].decode("latin-1")
        return self.plain(_expanded(stored[2:]))


def _expanded(body: bytes) -> bytes:
    """The UTF-16 of compressed text. It begins with one byte for a character below U+0100; a zero byte in the
    place of a character changes to two bytes for a character, and back."""
    parts, at = [], 0
    while at < len(body):
        stop = body.find(0, at)
        stop = len(body) if stop < 0 else stop
        parts.append(body[at:stop].decode("latin-1").encode("utf-16-le"))
        at = stop + 1
        stop = _switch(body, at)
        parts.append(body[at:stop])
        at = stop + 1
    return b"".join(parts)


def _switch(body: bytes, start: int) -> int:
    """Where the two-byte characters that begin at `start` end: at a zero where a character would begin."""
    at = body.find(0, start)
    while at >= 0 and (at - start) % 2:
        at = body.find(0, at + 1)
    return at if at >= 0 else len(body)


@dataclass(frozen=True, slots=True)
class CodePage:
    """Text of Jet 3, in a code page of Windows."""

    name: str

    def plain(self, stored: bytes) -> str:
        """Text in the code page. What it does not define is kept: as Windows does, bytes 0x80 to 0x9F stand
        for the control characters of the same number, others for lone surrogates."""
        try:
            return stored.decode(self.name)
        except UnicodeDecodeError:
            return stored.decode(self.name, "migrator-access")

    value = plain


def _kept(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(chr(b) if 0x80 <= b < 0xA0 else _escaped(bytes([b])) for b in wrong), error.end


def _escaped(wrong: bytes) -> str:
    """Bytes that are no text as lone surrogates, the way Python's `surrogateescape` does, for any byte."""
    return "".join(chr(0xDC00 + byte) for byte in wrong)


codecs.register_error("migrator-access", _kept)


def encoding(form: Format, header: bytes, file: str) -> Encoding:
    """How a file of a format stores text, by its first page without the mask.

    Raises:
        SourceError: It is in a code page that is not known here.
    """
    if form.unit == 2:
        return Utf16()
    number = int.from_bytes(header[_CODE_PAGE_OFFSET : _CODE_PAGE_OFFSET + 2], "little") or _DEFAULT_CODE_PAGE
    name = _MACINTOSH.get(number, f"cp{number}")
    try:
        return CodePage(codecs.lookup(name).name)
    except LookupError as error:
        raise SourceError(
            f"The file's text is in code page {number}, which is not known.",
            where=file,
            hint="Is the file damaged? If not, convert it with Access to the format of Access 2000 or later.",
        ) from error


def is_text(text: str) -> bool:
    """Whether a text is Unicode, without lone surrogates."""
    return not any(0xD800 <= ord(character) < 0xE000 for character in text)
