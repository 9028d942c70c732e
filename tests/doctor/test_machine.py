"""For which processor a file is made, from headers as linkers write them."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from migrator.targets.mssql.health.machine import HEADER, architecture, architectures, file_version
from migrator.targets.mssql.health.ways import own_architecture


def elf(machine: int, *, big: bool = False) -> bytes:
    order = ">" if big else "<"
    return (
        b"\x7fELF" + bytes([2, 2 if big else 1, 1]) + bytes(9) + struct.pack(f"{order}HH", 3, machine) + bytes(40)
    )


def portable(machine: int, start: int = 0x80) -> bytes:
    head = bytearray(b"MZ" + bytes(start + 22))
    struct.pack_into("<I", head, 0x3C, start)
    head[start : start + 6] = b"PE\0\0" + struct.pack("<H", machine)
    return bytes(head)


def universal(*kinds: int, magic: bytes = b"\xca\xfe\xba\xbe", entry: int = 20) -> bytes:
    slices = b"".join(struct.pack(">I", kind) + bytes(entry - 4) for kind in kinds)
    return magic + struct.pack(">I", len(kinds)) + slices


HEADERS = [
    ("a Linux library for x64", elf(62), ("x64",)),
    ("a Linux library for x86", elf(3), ("x86",)),
    ("a Linux library for arm64", elf(183), ("arm64",)),
    ("a big-endian one", elf(22, big=True), ("s390x",)),
    ("one of a processor without a name here", elf(0x1234), ("machine 0x1234",)),
    ("a Windows library for x64", portable(0x8664), ("x64",)),
    ("a Windows library for x86", portable(0x014C), ("x86",)),
    ("a Windows library for arm64", portable(0xAA64, 0x100), ("arm64",)),
    ("a Mac library for arm64", b"\xcf\xfa\xed\xfe" + struct.pack("<I", 0x0100000C), ("arm64",)),
    ("a Mac library for x64", b"\xcf\xfa\xed\xfe" + struct.pack("<I", 0x01000007), ("x64",)),
    ("a universal Mac library", universal(0x01000007, 0x0100000C), ("x64", "arm64")),
    ("one with 64-bit offsets", universal(0x0100000C, magic=b"\xca\xfe\xba\xbf", entry=32), ("arm64",)),
    ("a Java class", b"\xca\xfe\xba\xbe" + struct.pack(">HH", 0, 61) + bytes(200), ()),
    ("a universal file that is cut", universal(0x01000007, 0x0100000C)[:12], ("x64",)),
    ("text", b"INPUT(libx.so)\n", ()),
    ("a DOS program", b"MZ" + bytes(100), ()),
    ("an ELF file that is cut", elf(62)[:12], ()),
    ("nothing", b"", ()),
]


@pytest.mark.parametrize(("head", "expected"), [h[1:] for h in HEADERS], ids=[h[0] for h in HEADERS])
def test_a_header_names_its_processors(head: bytes, expected: tuple[str, ...]) -> None:
    assert architectures(head) == expected


@pytest.mark.skipif(sys.platform == "darwin", reason="Python may be universal, and run as one of its halves")
def test_this_python_is_made_for_the_processor_it_says() -> None:
    program = Path(sys.executable).resolve().read_bytes()[:HEADER]
    assert architectures(program) == (own_architecture(),)


MACHINES = [
    ("x86_64", 64, "x64"),
    ("AMD64", 64, "x64"),
    ("win-amd64", 64, "x64"),
    ("win32", 32, "x86"),
    ("x86_64", 32, "x86"),
    ("aarch64", 64, "arm64"),
    ("aarch64", 32, "arm"),
    ("i686", 32, "x86"),
    ("ppc64le", 64, "ppc64le"),
]


@pytest.mark.parametrize(("word", "bits", "expected"), MACHINES)
def test_a_32_bit_program_on_a_64_bit_system_is_one_of_32_bit(word: str, bits: int, expected: str) -> None:
    assert architecture(word, bits) == expected


def test_the_version_of_a_windows_library_is_in_its_resources() -> None:
    numbers = struct.pack("<IIII", 0xFEEF04BD, 0x10000, (17 << 16) | 10, (6 << 16) | 1)
    assert file_version(b"MZ" + bytes(500) + numbers + bytes(100)) == "17.10.6.1"
    assert file_version(b"MZ" + bytes(500)) == ""
    assert file_version(numbers[:12]) == ""
