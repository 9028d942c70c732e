"""Encoded files of Jet: every page after the first under RC4, with a key from the header and the page's number.

No password is needed to read them (mdbtools HACKING.md, Database Definition Page).
"""

from __future__ import annotations

from migrator.sources.access.encryption.rc4 import crypt
from migrator.sources.access.pages import Decoder


def page_key(key: bytes, page: int) -> bytes:
    """The key in a header changed by a page's number."""
    return bytes(a ^ b for a, b in zip(key, page.to_bytes(4, "little"), strict=True))


def decoder(key: bytes) -> Decoder:
    """Decodes pages of a file whose header has the key."""
    return lambda page, stored: crypt(page_key(key, page), stored)
