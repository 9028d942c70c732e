"""The schemes with binary encryption information: RC4, RC4 through the CryptoAPI, and AES of Office 2007.

[MS-OFFCRYPTO] 2.3.2 to 2.3.6 and 2.3.4.7 describe them. Each function gives None for a wrong password.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from migrator.sources.access.damage import Cursor
from migrator.sources.access.encryption.aes import decrypt
from migrator.sources.access.encryption.errors import unsupported
from migrator.sources.access.encryption.jet import page_key
from migrator.sources.access.encryption.rc4 import crypt
from migrator.sources.access.pages import Decoder

_RC4, _SHA1, _DEFAULT = 0x6801, 0x8004, 0
_AES_BITS = {0x660E: 128, 0x660F: 192, 0x6610: 256}
_SPINS = 50_000
_FIRST_BLOCK = bytes(4)


@dataclass(frozen=True, slots=True)
class _Information:
    """An EncryptionHeader and EncryptionVerifier."""

    algorithm: int
    key_bits: int
    salt: bytes
    verifier: bytes
    verifier_hash: bytes

    def proves(self, opened: bytes) -> bool:
        """Whether the verifier and its hash, decrypted together, belong to each other."""
        digest = _sha1(opened[:16])
        return opened[16 : 16 + len(digest)] == digest


def _sha1(*parts: bytes) -> bytes:
    return hashlib.sha1(b"".join(parts), usedforsecurity=False).digest()


def _information(info: Cursor) -> _Information:
    header = Cursor(info.take(info.u32()), info.place)
    header.skip(8)  # flags again, and a size that is always zero
    algorithm, hashing, bits = header.u32(), header.u32(), header.u32()
    if hashing not in {_SHA1, _DEFAULT}:
        raise unsupported(info.place, f"hash algorithm {hashing:#x}")
    salt = info.take(info.u32())
    verifier = info.take(16)
    info.skip(4)  # the size of the hash, 20
    return _Information(algorithm, bits, salt, verifier, info.take(min(info.left, 32)))


def rc4(info: Cursor, key: bytes, secret: bytes) -> Decoder | None:
    """RC4 through the CryptoAPI, and the scheme of a few files that say RC4 but use AES without repetitions
    (Jackcess Encrypt calls it non-standard)."""
    known = _information(info)
    if known.algorithm in _AES_BITS:
        return _block_cipher(known, key, secret, spins=0)
    if known.algorithm not in {_RC4, _DEFAULT}:
        raise unsupported(info.place, f"algorithm {known.algorithm:#x}")
    size = (known.key_bits or 40) // 8
    base = _sha1(known.salt, secret)

    def block_key(block: bytes) -> bytes:
        made = _sha1(base, block)[:size]
        return made.ljust(16, b"\0") if size == 5 else made

    if not known.proves(crypt(block_key(_FIRST_BLOCK), known.verifier + known.verifier_hash)):
        return None
    return lambda page, stored: crypt(block_key(page_key(key, page)), stored)


def aes(info: Cursor, key: bytes, secret: bytes) -> Decoder | None:
    """AES of Office 2007, each block of a page by itself."""
    known = _information(info)
    if known.algorithm not in _AES_BITS:
        raise unsupported(info.place, f"algorithm {known.algorithm:#x}")
    return _block_cipher(known, key, secret, _SPINS)


def _block_cipher(known: _Information, key: bytes, secret: bytes, spins: int) -> Decoder | None:
    size = _AES_BITS[known.algorithm] // 8
    base = _sha1(known.salt, secret)
    for spin in range(spins):
        base = _sha1(spin.to_bytes(4, "little"), base)

    def block_key(block: bytes) -> bytes:
        return _derived(_sha1(base, block), size)

    if not known.proves(decrypt(block_key(_FIRST_BLOCK), known.verifier + known.verifier_hash)):
        return None
    return lambda page, stored: decrypt(block_key(page_key(key, page)), stored)


def _derived(final: bytes, size: int) -> bytes:
    """A key from a hash, as the CryptoAPI derives it ([MS-OFFCRYPTO] 2.3.4.7)."""
    halves = (
        bytes(a ^ b for a, b in zip(final.ljust(64, b"\0"), bytes([code]) * 64, strict=True))
        for code in (0x36, 0x5C)
    )
    return b"".join(_sha1(half) for half in halves)[:size]


def rc4_of_97(info: Cursor, key: bytes, secret: bytes) -> Decoder | None:
    """RC4 with MD5, of 40 bits ([MS-OFFCRYPTO] 2.3.6)."""
    salt, verifier = info.take(16), info.take(32)
    first = _md5(secret)[:5]
    base = _md5((first + salt) * 16)[:5]

    def block_key(block: bytes) -> bytes:
        return _md5(base + block)

    opened = crypt(block_key(_FIRST_BLOCK), verifier)
    if opened[16:] != _md5(opened[:16]):
        return None
    return lambda page, stored: crypt(block_key(page_key(key, page)), stored)


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()
