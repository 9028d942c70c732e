"""Encrypted files of ACE: the schemes of [MS-OFFCRYPTO] that Access 2007 and later use, page by page.

The header's page says which scheme it is, with a verifier that tells the right password from others. Where
[MS-OFFCRYPTO] numbers blocks, Access takes the page's number combined with the header's key (Jackcess Encrypt).
"""

from __future__ import annotations

from migrator.sources.access.damage import Cursor, Place
from migrator.sources.access.encryption import agile, standard
from migrator.sources.access.encryption.errors import unsupported, wrong
from migrator.sources.access.pages import Decoder

_INFO = 0x299
"""Where the first page tells its length of the encryption information; that follows."""

_CRYPTO_API, _AES = 0x04, 0x20
"""Flags of an EncryptionHeader ([MS-OFFCRYPTO] 2.3.1)."""


def decoder(first: bytes, key: bytes, password: str | None, place: Place) -> Decoder:
    """Decrypts pages of a file by its first page, the key in its header, and its password.

    Raises:
        SourceError: The password is missing or wrong, or the scheme is not supported.
        EnvironmentFailure: AES is needed and the package for it is not installed.
    """
    at = Cursor(first, place.of("encryption information")).seek(_INFO)
    info = Cursor(at.take(at.u16()), at.place)
    major, minor = info.u16(), info.u16()
    if password is None:
        raise wrong(place, given=False)
    secret = password[:255].encode("utf-16-le", "surrogatepass")
    found: Decoder | None
    if (major, minor) == (4, 4):
        found = agile.decoder(info, key, secret)
    elif (major, minor) == (1, 1):
        found = standard.rc4_of_97(info, key, secret)
    elif minor == 2 and major in {2, 3, 4}:
        flags = info.u32()
        if not flags & _CRYPTO_API:
            raise unsupported(place, f"flags {flags:#x}")
        found = standard.aes(info, key, secret) if flags & _AES else standard.rc4(info, key, secret)
    else:
        raise unsupported(place, f"version {major}.{minor} of the encryption information")
    if found is None:
        raise wrong(place, given=True)
    return found
