"""For which processor a library or program is made: the header of its file says.

Pure: bytes in, names out. The names are those of the processors as drivers' makers call them.
"""

from __future__ import annotations

import struct

HEADER = 4096
"""Bytes at the start of a file in which every header ends that is read here."""

_ELF = {3: "x86", 21: "ppc64le", 22: "s390x", 40: "arm", 62: "x64", 183: "arm64", 243: "riscv64"}
"""`e_machine`: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html and the registry it names."""
_PE = {0x014C: "x86", 0x01C4: "arm", 0x8664: "x64", 0xAA64: "arm64"}
"""https://learn.microsoft.com/windows/win32/debug/pe-format#machine-types"""
_MACH = {0x7: "x86", 0xC: "arm", 0x01000007: "x64", 0x0100000C: "arm64"}
"""`cputype` of <mach/machine.h>, with the 64-bit flag 0x01000000."""

_THIN = {b"\xce\xfa\xed\xfe": "<", b"\xcf\xfa\xed\xfe": "<", b"\xfe\xed\xfa\xce": ">", b"\xfe\xed\xfa\xcf": ">"}
"""The magic of <mach-o/loader.h> as it lies in the file, and the byte order it tells."""
_FAT = {b"\xca\xfe\xba\xbe": 20, b"\xca\xfe\xba\xbf": 32}
"""The magic of <mach-o/fat.h>, always big-endian, and the bytes of one entry."""
_MOST_SLICES = 30
"""Java's class files have the same magic, and a version of at least 45 where a fat file has its count."""


def architectures(head: bytes) -> tuple[str, ...]:
    """The processors that a file's first `HEADER` bytes name: one, several for a universal file of macOS, none
    where it is no program, or one that ends too early. A processor without a name here is given by its number."""
    if head.startswith(b"\x7fELF"):
        order = {1: "<", 2: ">"}.get(head[5] if len(head) > 5 else 0)
        return _named(head, 18, f"{order}H", _ELF) if order else ()
    if head.startswith(b"MZ"):
        return _portable_executable(head)
    if head[:4] in _THIN:
        return _named(head, 4, f"{_THIN[head[:4]]}I", _MACH)
    if head[:4] in _FAT:
        return _universal(head, _FAT[head[:4]])
    return ()


def _portable_executable(head: bytes) -> tuple[str, ...]:
    """The offset of the PE header stands at 0x3c; the machine follows its signature."""
    if len(head) < 0x40:
        return ()
    (start,) = struct.unpack_from("<I", head, 0x3C)
    return _named(head, start + 4, "<H", _PE) if head[start : start + 4] == b"PE\0\0" else ()


def _universal(head: bytes, entry: int) -> tuple[str, ...]:
    if len(head) < 8:
        return ()
    (count,) = struct.unpack_from(">I", head, 4)
    if count > _MOST_SLICES:
        return ()
    return tuple(name for index in range(count) for name in _named(head, 8 + index * entry, ">I", _MACH))


def _named(head: bytes, offset: int, layout: str, names: dict[int, str]) -> tuple[str, ...]:
    if len(head) < offset + struct.calcsize(layout):
        return ()
    (number,) = struct.unpack_from(layout, head, offset)
    return (names.get(number, f"machine {number:#x}"),)


_WORDS = {
    "amd64": "x64",
    "x86_64": "x64",
    "x64": "x64",
    "win-amd64": "x64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "win-arm64": "arm64",
    "i386": "x86",
    "i686": "x86",
    "x86": "x86",
    "win32": "x86",
}


def architecture(word: str, bits: int) -> str:
    """The processor of a running program: what its system calls the machine, and the bits of its pointers. A
    32-bit program runs on a 64-bit system, whose name alone would mislead."""
    known = _WORDS.get(word.lower(), word.lower())
    narrower = {"x64": "x86", "arm64": "arm"}
    return narrower.get(known, known) if bits == 32 else known


_FIXED_FILE_INFO = struct.pack("<I", 0xFEEF04BD)
"""The signature of VS_FIXEDFILEINFO, whose version lies 8 bytes behind it:
https://learn.microsoft.com/windows/win32/api/verrsrc/ns-verrsrc-vs_fixedfileinfo"""


def file_version(content: bytes) -> str:
    """The version in the resources of a Windows library, '' where it has none."""
    start = content.find(_FIXED_FILE_INFO)
    if start < 0 or len(content) < start + 16:
        return ""
    high, low = struct.unpack_from("<II", content, start + 8)
    return ".".join(str(part) for part in (high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF))
