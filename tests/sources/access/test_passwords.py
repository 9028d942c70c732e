"""Databases with passwords and encrypted ones: read with the right password, refused with any other.

The files are fixtures encrypted here, after [MS-OFFCRYPTO] and mdbtools' HACKING.md, by code of its own.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.errors import EnvironmentFailure, SourceError
from migrator.sources import access
from migrator.sources.access.encryption.rc4 import crypt
from migrator.sources.access.formats import JET3, JET4
from migrator.sources.access.types import Type
from tests.sources.access.building import Builder, Made
from tests.sources.access.expected import FIXTURES

PLAIN = FIXTURES / "shop.accdb"
KEY = bytes.fromhex("0badcafe")
PASSWORD = "Geheim-비밀 1"
SALT = bytes(range(16))
INFO = 0x299


def sha1(*parts: bytes) -> bytes:
    return hashlib.sha1(b"".join(parts)).digest()


def xored(data: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(data, other, strict=True))


def encrypted(path: Path, info: bytes, page: Callable[[bytes, bytes], bytes]) -> Path:
    """The fixture with every page after the first encrypted by its block's key."""
    data = PLAIN.read_bytes()
    first = bytearray(data[:4096])
    for at, byte in enumerate(KEY):
        first[0x3E + at] ^= byte
    first[INFO : INFO + 2 + len(info)] = struct.pack("<H", len(info)) + info
    pages = [data[at : at + 4096] for at in range(4096, len(data), 4096)]
    blocks = [xored(KEY, struct.pack("<I", number + 1)) for number in range(len(pages))]
    path.write_bytes(bytes(first) + b"".join(page(block, one) for block, one in zip(blocks, pages, strict=True)))
    return path


def header(flags: int, algorithm: int, bits: int, verifier: bytes) -> bytes:
    fields = struct.pack("<8I", flags, 0, algorithm, 0x8004, bits, 1, 0, 0) + "Provider\0".encode("utf-16-le")
    return struct.pack("<HHII", 3, 2, flags, len(fields)) + fields + struct.pack("<I", 16) + SALT + verifier


def with_rc4(path: Path) -> Path:
    base = sha1(SALT, PASSWORD.encode("utf-16-le"))
    proof = bytes(range(50, 66))
    opened = crypt(sha1(base, bytes(4))[:16], proof + sha1(proof))
    info = header(0x04, 0x6801, 128, opened[:16] + struct.pack("<I", 20) + opened[16:])
    return encrypted(path, info, lambda block, page: crypt(sha1(base, block)[:16], page))


def with_aes_of_2007(path: Path, algorithm: int = 0x660E, size: int = 16) -> Path:
    base = sha1(SALT, PASSWORD.encode("utf-16-le"))
    for spin in range(50_000):
        base = sha1(struct.pack("<I", spin), base)

    def key(block: bytes) -> bytes:
        final = sha1(base, block) + bytes(44)
        return (sha1(xored(final, b"\x36" * 64)) + sha1(xored(final, b"\x5c" * 64)))[:size]

    proof = bytes(range(50, 66))
    opened = aes(key(bytes(4)), proof + (sha1(proof) + bytes(12)))
    info = header(0x24, algorithm, size * 8, opened[:16] + struct.pack("<I", 20) + opened[16:])
    return encrypted(path, info, lambda block, page: aes(key(block), page))


def with_aes_256_of_2007(path: Path) -> Path:
    return with_aes_of_2007(path, 0x6610, 32)


def with_agile_aes(path: Path) -> Path:
    def sha(*parts: bytes) -> bytes:
        return hashlib.sha512(b"".join(parts)).digest()

    base = sha(SALT, PASSWORD.encode("utf-16-le"))
    for spin in range(1000):
        base = sha(struct.pack("<I", spin), base)

    def sealed(block: str, value: bytes) -> str:
        return base64.b64encode(aes(sha(base, bytes.fromhex(block))[:32], value, SALT)).decode()

    secret, proof, salt = bytes(range(32)), bytes(range(16)), bytes(range(90, 106))
    facts = 'blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC"'
    text = (
        f'<encryption xmlns="urn:x"><keyData saltSize="16" {facts} hashAlgorithm="SHA512" '
        f'saltValue="{base64.b64encode(salt).decode()}"/><keyEncryptors><keyEncryptor uri="x">'
        f'<p:encryptedKey spinCount="1000" saltSize="16" {facts} hashAlgorithm="SHA512" '
        f'saltValue="{base64.b64encode(SALT).decode()}" '
        f'encryptedVerifierHashInput="{sealed("fea7d2763b4b9e79", proof)}" '
        f'encryptedVerifierHashValue="{sealed("d7aa0f6d3061344e", sha(proof))}" '
        f'encryptedKeyValue="{sealed("146e0be7abacd0d6", secret)}"/></keyEncryptor></keyEncryptors></encryption>'
    )
    info = struct.pack("<HHI", 4, 4, 0x40) + text.encode()
    return encrypted(path, info, lambda block, page: aes(secret, page, sha(salt, block)[:16]))


def aes(key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
    ciphers = pytest.importorskip("cryptography.hazmat.primitives.ciphers")
    mode = ciphers.modes.ECB() if iv is None else ciphers.modes.CBC(iv)
    work = ciphers.Cipher(ciphers.algorithms.AES(key), mode).encryptor()
    return bytes(work.update(data) + work.finalize())


SCHEMES = pytest.mark.parametrize(
    "scheme", [with_rc4, with_aes_of_2007, with_aes_256_of_2007, with_agile_aes], ids=lambda s: s.__name__
)


def rows(path: Path, password: str | None = None) -> dict[str, list[tuple[object, ...]]]:
    with access.open(path, password) as database:
        return {table.name: list(table.rows()) for table in database.tables}


@SCHEMES
def test_encrypted_files_read_as_the_plain_one(tmp_path: Path, scheme: Callable[[Path], Path]) -> None:
    assert rows(scheme(tmp_path / "secret.accdb"), PASSWORD) == rows(PLAIN)


@SCHEMES
@pytest.mark.parametrize(
    ("password", "message"),
    [(None, "The database has a password."), ("geheim", "The password is not the database's.")],
)
def test_other_passwords_are_refused(
    tmp_path: Path, scheme: Callable[[Path], Path], password: str | None, message: str
) -> None:
    path = scheme(tmp_path / "secret.accdb")
    with pytest.raises(SourceError) as caught:
        access.open(path, password)
    assert caught.value.what == message
    assert "Geheim" not in str(caught.value) and "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("info", "message"),
    [
        (struct.pack("<HHI", 3, 3, 0), "version 3.3 of the encryption information"),
        (struct.pack("<HHI", 4, 4, 0) + b"<keyData/>", "its description is not complete"),
        (struct.pack("<HHI", 3, 2, 0), "flags 0x0"),
    ],
)
def test_unknown_schemes_are_named(tmp_path: Path, info: bytes, message: str) -> None:
    path = encrypted(tmp_path / "secret.accdb", info, lambda _, page: page)
    with pytest.raises(SourceError, match="encrypted in a way that is not supported") as caught:
        access.open(path, PASSWORD)
    assert message in caught.value.what


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = with_agile_aes(tmp_path / "secret.accdb")
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers", None)
    with pytest.raises(EnvironmentFailure) as caught:
        access.open(path, PASSWORD)
    assert caught.value.hint == "Install it: pip install 'migrator[encrypted]'"


@pytest.mark.parametrize("form", [JET3, JET4], ids=lambda form: form.name)
def test_database_password_of_jet(tmp_path: Path, form: object) -> None:
    assert isinstance(form, type(JET4))
    builder, column = Builder(form), Made("id", Type.LONG)
    builder.table("t", [column], [builder.row([column], [struct.pack("<i", 5)])])
    password = builder.text("Tür1").ljust(form.password_size, b"\0")
    day = struct.pack("<I", 36526)
    if form.date_offset >= 0:
        builder.put_header(form.date_offset, struct.pack("<d", 36526.75))
        password = bytes(byte ^ day[at % 4] for at, byte in enumerate(password))
    builder.put_header(0x42, password)
    path = builder.write(tmp_path / "made.mdb")
    assert rows(path, "Tür1") == {"t": [(5,)]}
    for other in (None, "tür1", "Tür", ""):
        with pytest.raises(SourceError, match="password"):
            access.open(path, other)


@pytest.mark.parametrize("form", [JET3, JET4], ids=lambda form: form.name)
def test_encoded_pages_of_jet_need_no_password(tmp_path: Path, form: object) -> None:
    assert isinstance(form, type(JET4))
    builder, column = Builder(form), Made("id", Type.LONG)
    builder.table("t", [column], [builder.row([column], [struct.pack("<i", number)]) for number in range(500)])
    builder.put_header(0x3E, KEY)
    builder.catalogue()
    for number, page in enumerate(builder.pages[1:], 1):
        builder.pages[number] = bytearray(crypt(xored(KEY, struct.pack("<I", number)), bytes(page)))
    path = tmp_path / "made.mdb"
    path.write_bytes(b"".join(builder.pages))
    assert rows(path) == {"t": [(number,) for number in range(500)]}


def test_rc4_against_the_vectors_of_rfc_6229() -> None:
    assert crypt(bytes.fromhex("0102030405"), bytes(16)).hex() == "b2396305f03dc027ccc3524a0a1118a8"
    assert (
        crypt(bytes.fromhex("0102030405060708090a0b0c0d0e0f10"), bytes(16)).hex()
        == "9ac7cc9a609d1ef7b2932899cde41b97"
    )
