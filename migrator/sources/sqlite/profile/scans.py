"""What SQL cannot tell about values: functions and aggregates in Python, called by SQLite for rows in doubt.

Text comes as its stored bytes beside its storage class, because sqlite3 refuses to pass undecodable text to
Python. Aggregates answer in JSON.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import suppress
from functools import cache, partial

from migrator.model.figures import hash_head
from migrator.model.types import LogicalType
from migrator.sources.sqlite.encodings import Encoding, Misfit, encoding, fits
from migrator.sources.sqlite.encodings.documents import Document
from migrator.sources.sqlite.encodings.iso import read_moment
from migrator.sources.sqlite.encodings.numbers import as_decimal, fraction_digits
from migrator.sources.sqlite.encodings.texts import graded
from migrator.sources.sqlite.encodings.uuids import uuid_spelling
from migrator.sources.sqlite.profile.folding import Folded, comparison_of, key_of
from migrator.sources.sqlite.profile.keys import Comparable, comparable
from migrator.sources.sqlite.values import InvalidText, Reading, class_of, decode_text

Stored = int | float | bytes | None
"""A value as SQLite passes it here: text as its stored bytes."""


@cache
def _encoding(name: str, type: str) -> Encoding:
    return encoding(name, LogicalType.parse(type))


def _fits(reading: Reading, name: str, type: str, storage_class: str, stored: Stored) -> int | None:
    """`migrator_fits(encoding, type, class, value)`: NULL for NULL."""
    if stored is None:
        return None
    return fits(_encoding(name, type), reading.value(storage_class, stored))


def _objection(reading: Reading, name: str, type: str, storage_class: str, stored: Stored) -> str | None:
    """`migrator_objection(encoding, type, class, value)`: why a value cannot be moved as it is, NULL if it can."""
    if stored is None:
        return None
    try:
        _encoding(name, type).decode(reading.value(storage_class, stored))
    except Misfit as misfit:
        return str(misfit)
    return None


def _returns(reading: Reading, name: str, type: str, storage_class: str, stored: Stored) -> int | None:
    """`migrator_returns(encoding, type, class, value)`: whether a value fits and is written back as it was; NULL
    for NULL."""
    if stored is None:
        return None
    value, exact = reading.value(storage_class, stored), _encoding(name, type)
    try:
        back = exact.encode(exact.decode(value))
    except Misfit:
        return 0
    numeric = isinstance(value, int | float) and isinstance(back, int | float)
    return back == value and (numeric or class_of(back) == class_of(value))


def _comparable(
    reading: Reading,
    name: str,
    type: str,
    replacing: int,
    comparison: str,
    storage_class: str,
    stored: Stored,
) -> Comparable | None:
    """`migrator_comparable(encoding, type, replacing, comparison, class, value)`: see `comparable`."""
    return comparable(
        _encoding(name, type),
        reading.value(storage_class, stored),
        replacing=bool(replacing),
        comparison=comparison_of(comparison),
    )


def _key(reading: Reading, comparison: str, storage_class: str, stored: Stored) -> Folded:
    """`migrator_key(comparison, class, value)`: see `key_of`."""
    return key_of(comparison_of(comparison), reading.value(storage_class, stored))


def _bytes(reading: Reading, storage_class: str, stored: Stored) -> bytes | None:
    """`migrator_bytes(class, value)`: what a value is as bytes, NULL for NULL."""
    if stored is None:
        return None
    value = _encoding("any", "binary").decode(reading.value(storage_class, stored))
    assert isinstance(value, bytes)
    return value


def _hazard(reading: Reading, stored: bytes | None) -> str | None:
    """`migrator_hazard(bytes)`: the code of what is wrong with a text."""
    if stored is None:
        return None
    text = decode_text(stored, reading.codec)
    if isinstance(text, InvalidText):
        return "text-invalid"
    return "text-nul" if "\0" in text else None


class ForeignScan:
    """`migrator_foreign(bytes)`: 1 if any text has a byte that is not ASCII, else 0."""

    def __init__(self) -> None:
        self.found = 0

    def step(self, stored: bytes | None) -> None:
        """One text."""
        if stored is not None and not stored.isascii():
            self.found = 1

    def finalize(self) -> int:
        """0 or 1."""
        return self.found


class TextScan:
    """`migrator_text(bytes)`: texts with NUL, invalid texts, and the most characters and UTF-16 code units (as
    repaired)."""

    def __init__(self, reading: Reading) -> None:
        self.codec = reading.codec
        self.nul = self.invalid = self.longest = self.utf16 = 0

    def step(self, stored: bytes | None) -> None:
        """One text."""
        if stored is None:
            return
        text = decode_text(stored, self.codec)
        if isinstance(text, InvalidText):
            self.invalid += 1
            text = text.repaired()
        elif "\0" in text:
            self.nul += 1
        self.longest = max(self.longest, len(text))
        if 2 * len(text) > self.utf16:
            self.utf16 = max(self.utf16, len(text.encode("utf-16-le")) // 2)

    def finalize(self) -> str:
        """[NUL, invalid, characters, code units]."""
        return json.dumps([self.nul, self.invalid, self.longest, self.utf16])


class HashScan:
    """`migrator_text_hash(bytes)` and `migrator_hash(bytes)`: the figure `hash`, NULL where a text is none."""

    def __init__(self, codec: str | None) -> None:
        self.codec = codec
        self.sum: int | None = 0

    def step(self, stored: bytes | None) -> None:
        """One text or blob."""
        if stored is None or self.sum is None:
            return
        if self.codec is not None:
            text = decode_text(stored, self.codec)
            if isinstance(text, InvalidText):
                self.sum = None
                return
            stored = text.encode("utf-16-le")
        self.sum += hash_head(stored)

    def finalize(self) -> str | None:
        """The sum in digits: it may be more than SQLite's integers hold."""
        return None if self.sum is None else str(self.sum)


class MomentScan:
    """`migrator_moments(bytes)`: how many texts are which kind of ISO date or time, and how they are spelt."""

    def __init__(self, reading: Reading) -> None:
        self.codec = reading.codec
        self.counts: Counter[tuple[str, int | None]] = Counter()
        self.spellings: dict[tuple[str, int | None], set[tuple[str, bool]]] = {}

    def step(self, stored: bytes | None) -> None:
        """One text."""
        text = None if stored is None else decode_text(stored, self.codec)
        moment = read_moment(text) if isinstance(text, str) else None
        if moment is not None:
            group = (moment.kind.value, moment.offset)
            self.counts[group] += 1
            self.spellings.setdefault(group, set()).add((moment.spelling, moment.blank))

    def finalize(self) -> str:
        """[[kind, offset, count, [[spelling, blank], …]], …]."""
        return json.dumps(
            [[*group, count, sorted(self.spellings[group])] for group, count in self.counts.most_common()]
        )


class DecimalScan:
    """`migrator_decimals(number)`: the most digits before and after the point among numbers of up to 38."""

    def __init__(self) -> None:
        self.whole = self.scale = 0

    def step(self, stored: Stored) -> None:
        """One number."""
        try:
            number = as_decimal(None if isinstance(stored, bytes) else stored)
        except Misfit:
            return
        whole, scale = max(number.adjusted() + 1, 0), fraction_digits(number)
        if whole + scale <= 38:
            self.whole, self.scale = max(self.whole, whole), max(self.scale, scale)

    def finalize(self) -> str:
        """[before, after]."""
        return json.dumps([self.whole, self.scale])


class UuidScan:
    """`migrator_uuids(bytes)`: how many texts are UUIDs, and how they are spelt."""

    def __init__(self, reading: Reading) -> None:
        self.codec = reading.codec
        self.spellings: Counter[tuple[str, ...]] = Counter()

    def step(self, stored: bytes | None) -> None:
        """One text."""
        text = None if stored is None else decode_text(stored, self.codec)
        if isinstance(text, str) and (spelling := uuid_spelling(text)):
            self.spellings[spelling] += 1

    def finalize(self) -> str:
        """[count, [[possible spelling, …], …]]."""
        return json.dumps([self.spellings.total(), list(self.spellings)])


class JsonScan:
    """`migrator_json(class, value)`: how many values are documents a parsed form holds, and how many others."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.counts: Counter[Document] = Counter()

    def step(self, storage_class: str, stored: Stored) -> None:
        """One value; blobs and NULL are none."""
        with suppress(Misfit):
            self.counts[graded(self.reading.value(storage_class, stored))[1]] += 1

    def finalize(self) -> str:
        """[plain, textual]."""
        return json.dumps([self.counts[Document.PLAIN], self.counts[Document.TEXTUAL]])


def install(connection: sqlite3.Connection, reading: Reading) -> None:
    """Make the functions known to a connection."""
    connection.create_function("migrator_fits", 4, partial(_fits, reading), deterministic=True)
    connection.create_function("migrator_objection", 4, partial(_objection, reading), deterministic=True)
    connection.create_function("migrator_returns", 4, partial(_returns, reading), deterministic=True)
    connection.create_function("migrator_comparable", 6, partial(_comparable, reading), deterministic=True)
    connection.create_function("migrator_key", 3, partial(_key, reading), deterministic=True)
    connection.create_function("migrator_bytes", 2, partial(_bytes, reading), deterministic=True)
    connection.create_function("migrator_hazard", 1, partial(_hazard, reading), deterministic=True)
    for name, arguments, scan in (
        ("migrator_text", 1, TextScan),
        ("migrator_moments", 1, MomentScan),
        ("migrator_uuids", 1, UuidScan),
        ("migrator_json", 2, JsonScan),
    ):
        connection.create_aggregate(name, arguments, partial(scan, reading))  # type: ignore[arg-type]
    for name, codec in (("migrator_text_hash", reading.codec), ("migrator_hash", None)):
        connection.create_aggregate(name, 1, partial(HashScan, codec))  # type: ignore[arg-type]
    connection.create_aggregate("migrator_foreign", 1, ForeignScan)  # type: ignore[arg-type]
    connection.create_aggregate("migrator_decimals", 1, DecimalScan)  # type: ignore[arg-type]
