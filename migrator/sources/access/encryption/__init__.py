"""Passwords and encrypted files: which of them a file has, and pages decrypted with the right password.

Jet keeps a database password in the header, and may encode pages with a key that lies there too; ACE encrypts
pages with a key that only the password gives. A password never reaches a message.
"""

from __future__ import annotations

import struct

from migrator.sources.access.encryption import jet, office
from migrator.sources.access.encryption.errors import wrong
from migrator.sources.access.formats import Format
from migrator.sources.access.pages import Pages

_PASSWORD_OFFSET = 0x42
_KEY_OFFSET = 0x3E
_KEY_SIZE = 4


def unlock(pages: Pages, password: str | None) -> None:
    """Check the password, and let pages come decrypted.

    Raises:
        SourceError: The file needs a password and none or another one was given, or it is encrypted in a way
            that is not supported.
        EnvironmentFailure: Decrypting needs a package that is not installed.
    """
    key = pages.header[_KEY_OFFSET : _KEY_OFFSET + _KEY_SIZE]
    if pages.form.accdb and any(key):
        pages.decode_with(office.decoder(pages.raw(0), key, password, pages.place))
        return
    stored = stored_password(pages.header, pages.form)
    if stored and stored != _encoded(password or "", pages.form):
        raise wrong(pages.place, given=password is not None)
    if any(key):
        pages.decode_with(jet.decoder(key))


def stored_password(header: bytes, form: Format) -> bytes:
    """The password in a header without its mask, encoded, without the zeros behind it. Since Jet 4 it has a mask
    of its own, made of the day on which the file was created (mdbtools HACKING.md)."""
    stored = header[_PASSWORD_OFFSET : _PASSWORD_OFFSET + form.password_size]
    if form.date_offset >= 0:
        (day,) = struct.unpack_from("<d", header, form.date_offset)
        mask = struct.pack("<I", int(day) & 0xFFFFFFFF) if abs(day) < 1e9 else bytes(4)
        stored = bytes(byte ^ mask[at % 4] for at, byte in enumerate(stored))
    return _trimmed(stored, form)


def _trimmed(stored: bytes, form: Format) -> bytes:
    end = next(
        (at for at in range(0, len(stored), form.unit) if not any(stored[at : at + form.unit])), len(stored)
    )
    return stored[:end]


def _encoded(password: str, form: Format) -> bytes:
    """A given password as a header would hold it; Jet takes as much of it as there is room for."""
    if form.unit == 2:
        return password.encode("utf-16-le", "surrogatepass")[: form.password_size]
    return password.encode("cp1252", "replace")[: form.password_size]
