"""Properties that users give to databases, tables and columns: captions, descriptions, defaults, rules.

They lie in the catalogue as one binary value for an object and its columns (mdbtools HACKING.md, Properties).
Expressions among them are kept as Access wrote them.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np

from migrator.sources.access import dates
from migrator.sources.access.damage import Cursor, Place
from migrator.sources.access.text import Encoding
from migrator.sources.access.types import Type

_HEADS = (b"MR2\0", b"KKD\0")
_NAMES = 0x80

Value = bool | int | float | str | bytes | Decimal | datetime | uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Properties:
    """The properties of an object, and those of its parts (a table's columns) by name in lower case: Access does
    not tell names apart that differ in case only, and writes one column's under both."""

    own: Mapping[str, Value] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)

    def of(self, part: str) -> Mapping[str, Value]:
        """The properties of a part."""
        return self.parts.get(part.casefold(), {})


def read(stored: bytes | None, encoding: Encoding, place: Place) -> Properties:
    """The properties in a value of the catalogue's column `LvProp`.

    Raises:
        SourceDamagedError: Its parts contradict each other.
    """
    if not stored:
        return Properties()
    at = Cursor(stored, place)
    if at.take(4) not in _HEADS:
        place.damaged("The properties begin with unknown bytes.")
    names: list[str] = []
    own: dict[str, Value] = {}
    parts: dict[str, dict[str, Value]] = {}
    while at.left:
        size, kind = at.u32(), at.u16()
        chunk = Cursor(at.take(size - 6), place)
        if kind == _NAMES:
            names = _names(chunk, encoding)
        else:
            part = _part(chunk, encoding)
            (own if not part else parts.setdefault(part.casefold(), {})).update(_values(chunk, names, encoding))
    return Properties(own, parts)


def _names(chunk: Cursor, encoding: Encoding) -> list[str]:
    names = []
    while chunk.left:
        names.append(encoding.plain(chunk.take(chunk.u16())))
    return names


def _part(chunk: Cursor, encoding: Encoding) -> str:
    """What the properties of a chunk belong to: a part's name, or nothing for the object itself."""
    if not chunk.left:
        return ""
    head = Cursor(chunk.take(chunk.u32() - 4), chunk.place)
    return encoding.plain(head.take(head.u16())) if head.left > 2 else ""


def _values(chunk: Cursor, names: list[str], encoding: Encoding) -> dict[str, Value]:
    found: dict[str, Value] = {}
    while chunk.left:
        entry = Cursor(chunk.take(chunk.u16() - 2), chunk.place)
        entry.skip(1)  # whether DDL may change it
        code, name = entry.u8(), entry.u16()
        stored = entry.take(entry.u16())
        if name >= len(names):
            chunk.place.damaged(f"A property has the name number {name} of {len(names)}.")
        found[names[name]] = _value(code, names[name], stored, encoding)
    return found


def _value(code: int, name: str, stored: bytes, encoding: Encoding) -> Value:
    if code in _TEXTS:
        return encoding.value(stored)
    if code == Type.BINARY and len(stored) == 16 and name.upper() == "GUID":
        return uuid.UUID(bytes_le=stored)
    if code == Type.YES_NO:
        return any(stored)
    if code in _INTEGERS:
        # Access keeps some two-byte integers in four bytes.
        return int.from_bytes(stored, "little", signed=code != Type.BYTE)
    size, decode = _SCALARS.get(code, (-1, bytes))
    return decode(stored) if len(stored) == size else stored


def _unpack(form: str) -> Callable[[bytes], Any]:
    return lambda stored: struct.unpack(form, stored)[0]


def _date(stored: bytes) -> datetime | bytes:
    days = np.frombuffer(stored, "<f8")
    if not dates.acceptable(days).all():
        return stored
    moment: datetime = dates.microseconds(days).view("M8[us]")[0].item()
    return moment


_TEXTS = (Type.SHORT_TEXT, Type.LONG_TEXT)
_INTEGERS = (Type.BYTE, Type.INTEGER, Type.LONG, Type.LARGE_NUMBER)

_SCALARS: dict[int, tuple[int, Callable[[bytes], Any]]] = {
    Type.CURRENCY: (8, lambda stored: Decimal(int.from_bytes(stored, "little", signed=True)).scaleb(-4)),
    Type.SINGLE: (4, _unpack("<f")),
    Type.DOUBLE: (8, _unpack("<d")),
    Type.DATE_TIME: (8, _date),
    Type.GUID: (16, lambda stored: uuid.UUID(bytes_le=stored)),
}
"""How many bytes a value has and how it is decoded. What has another size or type is kept as bytes."""
