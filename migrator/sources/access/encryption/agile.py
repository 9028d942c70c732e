"""Agile encryption, of Office 2010 and later: AES in chains, described by XML in the file.

[MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.13 describe it. The XML is searched for its two elements, not parsed: a hostile
file must not be able to expand it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping

from migrator.sources.access.damage import Cursor
from migrator.sources.access.encryption.aes import decrypt
from migrator.sources.access.encryption.errors import unsupported
from migrator.sources.access.encryption.jet import page_key
from migrator.sources.access.pages import Decoder

_VERIFIER_INPUT = bytes.fromhex("fea7d2763b4b9e79")
_VERIFIER_HASH = bytes.fromhex("d7aa0f6d3061344e")
_KEY_VALUE = bytes.fromhex("146e0be7abacd0d6")

_FILL = b"\x36"
_BLOCK = 16
_MOST_SPINS = 1_000_000
"""Access writes 100,000. More would let a hostile file keep the reader busy for long."""

_HASHES = {"SHA1": "sha1", "SHA-1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512"}

_Attributes = Mapping[str, str]


def decoder(info: Cursor, key: bytes, secret: bytes) -> Decoder | None:
    """Decrypts pages; None for a wrong password.

    Raises:
        SourceError: The XML lacks what is needed, or names another cipher, chaining or hash than is supported.
    """
    info.skip(4)  # reserved
    xml = info.take(info.left).decode("utf-8", "replace")
    data, password = _element(xml, "keyData"), _element(xml, "encryptedKey")
    try:
        _check(data, info)
        _check(password, info)
        page_secret = _secret(password, secret, info)
        salt = base64.b64decode(data["saltValue"])
    except (KeyError, ValueError, binascii.Error) as error:
        raise unsupported(info.place, "its description is not complete") from error
    if page_secret is None:
        return None
    algorithm = _HASHES[data["hashAlgorithm"]]
    found = page_secret

    def decode(page: int, stored: bytes) -> bytes:
        iv = _sized(hashlib.new(algorithm, salt + page_key(key, page)).digest(), _BLOCK)
        return decrypt(found, stored, iv)

    return decode


def _element(xml: str, name: str) -> _Attributes:
    found = re.search(rf"<(?:\w+:)?{name}\s([^>]*)>", xml)
    return dict(re.findall(r'(\w+)\s*=\s*"([^"]*)"', found[1])) if found else {}


def _check(element: _Attributes, info: Cursor) -> None:
    cipher = element["cipherAlgorithm"], element["cipherChaining"], element["blockSize"]
    if cipher != ("AES", "ChainingModeCBC", str(_BLOCK)) or element["hashAlgorithm"] not in _HASHES:
        raise unsupported(info.place, f"{' '.join(cipher)} with {element['hashAlgorithm']}")
    if element["keyBits"] not in {"128", "192", "256"}:
        raise unsupported(info.place, f"a key of {element['keyBits']} bits")


def _secret(password: _Attributes, secret: bytes, info: Cursor) -> bytes | None:
    """The key of the pages, or None if the password does not open the verifier."""
    algorithm = _HASHES[password["hashAlgorithm"]]
    salt, spins = base64.b64decode(password["saltValue"]), int(password["spinCount"])
    if not 0 <= spins <= _MOST_SPINS or len(salt) != _BLOCK:
        raise unsupported(info.place, f"{spins} repetitions, a salt of {len(salt)} bytes")
    base = hashlib.new(algorithm, salt + secret).digest()
    for spin in range(spins):
        base = hashlib.new(algorithm, spin.to_bytes(4, "little") + base).digest()

    def opened(block: bytes, name: str) -> bytes:
        key = _sized(hashlib.new(algorithm, base + block).digest(), int(password["keyBits"]) // 8)
        return decrypt(key, base64.b64decode(password[name]), salt)

    verifier = opened(_VERIFIER_INPUT, "encryptedVerifierHashInput")
    digest = hashlib.new(algorithm, verifier).digest()
    if opened(_VERIFIER_HASH, "encryptedVerifierHashValue")[: len(digest)] != digest:
        return None
    return opened(_KEY_VALUE, "encryptedKeyValue")


def _sized(data: bytes, size: int) -> bytes:
    return data[:size].ljust(size, _FILL)
